"""One flat row per run: what the tables, intervals and verdicts are made of."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from diffusion.measures.beliefs import believing, believing_hours, believing_hours_bounds
from diffusion.measures.cascades import cascades, share_forest
from diffusion.measures.delays import delays, hearing_order
from diffusion.measures.handoff import coverage_order, handoff, peaks
from diffusion.measures.inequality import exposures_caused, gini, top_share
from diffusion.measures.sources import attribution, heard_from, post_sources, shares_of_sources
from diffusion.measures.speed import first_sources, reach, restricted_mean_time, time_to_reach
from diffusion.outcome import Outcome, check_outcome
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
        What its record level did not keep is left out of the row; ``"parents"`` has all but what is marked below.
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
        network.aware, .sharers         share of the aware, and of the sharers, who heard first from persons
        network.exposures               share of all exposures that came from persons (events)
        handoff.to_outlets              share of the aware on whose path an outlet learned from a platform
        handoff.to_platforms            … on whose path somebody posted what had come through an outlet
        handoff.both, .sharers          … both; share of the sharers who heard first from an outlet
        lag.peak_h, .median_h           first exposures through persons on platforms after those through
                                        outlets: peaks, medians; NaN where one kind is missing
        coverage.outlets                outlets that published it
        coverage.from_platforms         those of them that had it from a platform, directly or by other outlets
        coverage.first_h                hours until the first of them published it; infinity if never
        delay.<component>_h             mean over the aware, hours; NaN: nobody is aware
        cascades                        trees of shares
        cascade.size, .depth, …         of the largest of them; NaN where it has no such thing
        caused.gini, .top1              inequality of the persons reached first by each sharer: Gini
                                        coefficient, share of the top 1 %; NaN where none were
        caused.gini_all, .top1_all      of all exposures caused (events)
        believing                       share of the population that believes it at the horizon (all)
        believing_person_h              person-hours of belief (events)
        believing_person_h.least, …     its bounds, least and most (all)
        ==============================  ==================================================================

    `docs/measures.md` has the definitions and their sources.

    Raises
    ------
    InputError
        For an outcome of a classical model: its time is not in hours.
    """
    check_outcome(outcome)
    outcome.rules()
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
        row |= _path_row(outcome, story)
        caused = exposures_caused(outcome, story)
        row |= {"caused.gini": gini(caused), "caused.top1": top_share(caused)}
    if outcome.record >= Record.ALL:
        bounds = believing_hours_bounds(outcome, story)
        row["believing"] = believing(outcome, story)
        row |= {"believing_person_h.least": bounds.low, "believing_person_h.most": bounds.high}
    if outcome.record >= Record.EVENTS:
        row["believing_person_h"] = believing_hours(outcome, story)
        row["network.exposures"] = attribution(outcome, story, of="exposures").network
        caused = exposures_caused(outcome, story, count="all")
        row |= {"caused.gini_all": gini(caused), "caused.top1_all": top_share(caused)}
    return row


def _path_row(outcome: Outcome, story: str) -> dict[str, float]:
    """Measure the paths by which a story came to people."""
    s = outcome.story(story)
    order = hearing_order(outcome, s)
    heard = heard_from(outcome, s, post_sources(outcome))
    lags = peaks(outcome, story, heard=heard)
    covered = coverage_order(outcome, story)
    grown = share_forest(outcome, story)
    row: dict[str, float] = {
        "network.aware": shares_of_sources(heard).network,
        "network.sharers": shares_of_sources(heard[outcome.column("share_tick")[s] != NEVER]).network,
        "lag.peak_h": lags.lag / HOUR,
        "lag.median_h": lags.median_lag / HOUR,
        "coverage.outlets": len(covered),
        "coverage.from_platforms": sum(c.from_platform for c in covered),
        "coverage.first_h": covered[0].published / HOUR if covered else math.inf,
        "cascades": grown.n_trees,
    }
    row |= {f"handoff.{name}": share for name, share in handoff(outcome, story, order=order)._asdict().items()}
    row |= {f"delay.{name}_h": value / HOUR for name, value in delays(outcome, story, order=order).means().items()}
    return row | {f"cascade.{name}": value for name, value in cascades(grown).largest().items()}
