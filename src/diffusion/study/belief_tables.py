"""Who believes a story over time, as a stored table; and the table of the belief ribbon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from diffusion.errors import InputError
from diffusion.measures import belief_curve
from diffusion.outcome import Outcome
from diffusion.study.results import STORED_BY, Folder, Results, opened
from diffusion.study.tables import BAND, Floats, begins_hour
from diffusion.units import HOUR

BELIEFS = "beliefs"
_SHARES = ("aware", "believing", "disbelieving")
Table = Any
"""A pyarrow.Table: pyarrow is imported only where tables are made or read."""


def belief_rows(outcome: Outcome, variant: str, points: int) -> Table:
    """Return who is aware, believes and disbelieves at each point of time, story by story (docs/data.md).

    Parameters
    ----------
    outcome : Outcome
        With ``record = "events"``.
    variant : str
        What stands in the column of that name.
    points : int
        Of the curve over the run.
    """
    import pyarrow as pa

    tables = []
    for story in outcome.stories:
        curve = belief_curve(outcome, story, points=points)
        rows = curve.seconds.size
        columns: dict[str, Any] = {
            "variant": pa.array([variant] * rows, pa.string()),
            "replicate": np.full(rows, outcome.replicate, dtype=np.int64),
            "story": pa.array([story] * rows, pa.string()),
            "seconds": curve.seconds,
        }
        tables.append(pa.table(columns | {name: getattr(curve, name) for name in _SHARES}))
    return pa.concat_tables(tables)


@dataclass(frozen=True)
class BeliefTable:
    """Beliefs over time of one story in one variant, shares of the population.

    Attributes
    ----------
    variant, story : str
    is_true : bool
        Whether the story is.
    hours : (k,) float64
        After the story begins.
    aware, believing, disbelieving : (3, k) float64
        The 10 % quantile, the median and the 90 % quantile over replicates.
    begins : float
        Hour of the day at which the story begins.
    """

    variant: str
    story: str
    is_true: bool
    hours: Floats
    aware: Floats
    believing: Floats
    disbelieving: Floats
    begins: float


def belief_tables(results: Results | Folder, variants: tuple[str, ...], story: str) -> list[BeliefTable]:
    """Return the beliefs of all variants that kept their events.

    Raises
    ------
    InputError
        If none of them did.
    """
    results = opened(results)
    import pyarrow.compute as pc

    stored = results.table(BELIEFS)
    tables = []
    for variant in variants:
        own = stored.filter((pc.field("variant") == variant) & (pc.field("story") == story))
        if own.num_rows:
            tables.append(_belief_table(results, variant, story, own))
    if not tables:
        raise InputError(f'no beliefs of "{story}" were stored in {", ".join(variants)}; {STORED_BY[BELIEFS]}')
    return tables


def _belief_table(results: Results, variant: str, story: str, own: Table) -> BeliefTable:
    replicates = np.unique(own["replicate"].to_numpy()).size
    shares = {name: own[name].to_numpy().reshape(replicates, -1) for name in _SHARES}
    spread = {name: np.quantile(values, (BAND[0], 0.5, BAND[1]), axis=0) for name, values in shares.items()}
    return BeliefTable(
        variant,
        story,
        results.experiment.variants[variant].stories[story].is_true,
        own["seconds"].to_numpy()[: spread["aware"].shape[1]] / HOUR,
        begins=begins_hour(results, variant, story),
        **spread,
    )
