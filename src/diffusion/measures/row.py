"""One flat row per run: what the tables, intervals and verdicts are made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from diffusion.measures.beliefs import believing
from diffusion.measures.cascades import cascades, share_forest
from diffusion.measures.delays import delays
from diffusion.measures.speed import first_sources, reach, restricted_mean_time, time_to_reach
from diffusion.outcome import Outcome
from diffusion.scenario import Measures
from diffusion.units import HOUR, NEVER
from diffusion.vocabulary import Record


def quantile_name(q: float) -> str:
    """Return the name of T_q: ``"T50"`` for 0.5, ``"T2.5"`` for 0.025."""
    return f"T{round(100 * q, 10):g}"


def wide_row(outcome: Outcome, measures: Measures | None = None) -> dict[str, float]:
    """Measure every story of a run.

    Parameters
    ----------
    outcome : Outcome
        What its record level did not keep is left out of the row; ``"parents"`` has all but the beliefs.
    measures : Measures, optional
        Its `quantiles` are the q of T_q, shares of the population.

    Returns
    -------
    dict
        ``<story>.<measure>`` -> value:

        ==============================  ==================================================================
        T50_h, …                        hours until the share is aware; infinity if never
        reached                         share of the population aware at the horizon
        restricted_mean_h               mean time to awareness up to the horizon, hours
        heard                           persons who did not see it themselves, and heard of it
        sharers                         persons who posted it on a follow platform
        offers, views                   posts times followers to whom they were offered; platform posts seen
        first.<channel>                 share of the aware who heard through the channel first; NaN: nobody
        delay.<component>_h             mean over the aware, hours; NaN: nobody is aware
        cascade.size, .depth, …         of the largest tree of shares; NaN where it has no such thing
        believing                       share of the population that believes it at the horizon
        ==============================  ==================================================================
    """
    quantiles = (measures or Measures()).quantiles
    row: dict[str, float] = {}
    for name in outcome.stories:
        row |= {f"{name}.{key}": value for key, value in _story_row(outcome, name, quantiles).items()}
    return row


def _story_row(outcome: Outcome, story: str, quantiles: Sequence[float]) -> dict[str, float]:
    s = outcome.story(story)
    tally = outcome.tallies[s]
    row: dict[str, float] = {"reached": reach(outcome, story), "offers": tally.offers, "views": tally.views}
    if outcome.record >= Record.TIMES:
        row |= {f"{quantile_name(q)}_h": time_to_reach(outcome, q, story) / HOUR for q in quantiles}
        row["restricted_mean_h"] = restricted_mean_time(outcome, story) / HOUR
        row["sharers"] = int(np.count_nonzero(outcome.column("share_tick")[s] != NEVER))
    if outcome.record >= Record.PARENTS:
        row["heard"] = int(np.count_nonzero(outcome.column("first_post")[s] != NEVER))
        row |= {f"first.{channel}": share for channel, share in first_sources(outcome, story).items()}
        row |= {f"delay.{name}_h": value / HOUR for name, value in delays(outcome, story).means().items()}
        row |= {f"cascade.{name}": v for name, v in cascades(share_forest(outcome, story)).largest().items()}
    if outcome.record >= Record.ALL:
        row["believing"] = believing(outcome, story)
    return row
