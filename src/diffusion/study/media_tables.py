"""What outlets and officials published when, and why, as a stored table; and the table of the hand-off figure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError
from diffusion.outcome import Outcome, Posts
from diffusion.study.results import Folder, Results, opened
from diffusion.study.tables import BAND, Floats, begins_hour, times_to_reach
from diffusion.units import HOUR
from diffusion.vocabulary import ChannelKind
from diffusion.world import SocialPlatform

PUBLICATIONS = "publications"
OWN = "own newsgathering"
Table = Any
"""A pyarrow.Table: pyarrow is imported only where tables are made or read."""


def publication_table(outcome: Outcome, variant: str) -> Table:
    """Return everything that outlets and officials published in a run, by story and time (docs/data.md).

    Parameters
    ----------
    outcome : Outcome
        With ``record = "parents"`` or more.
    variant : str
        What stands in the column of that name.
    """
    import pyarrow as pa

    posts: Posts = outcome.column("posts")  # type: ignore[assignment]
    kinds = np.array([channel.kind for channel in outcome.channels])
    by_outlet = kinds[posts.channel] == ChannelKind.OUTLET
    official = np.array([name not in outcome.outlets for name in outcome.accounts], dtype=bool)
    account = np.where(by_outlet, -1, posts.author.astype(np.int64) - outcome.n_persons)
    by_official = account >= 0
    by_official[by_official] = official[account[by_official]]
    rows = np.flatnonzero(by_outlet | by_official)
    rows = rows[np.lexsort((posts.tick[rows], posts.story[rows]))]
    begins = np.array([outcome.story_tick(s) for s in range(len(outcome.stories))])
    first = _first_publications(outcome)
    columns: dict[str, list[Any]] = {name: [] for name in ("outlet", "learned_s", "verified_s", "reason")}
    for row in rows:
        outlet = outcome.outlets[posts.author[row]] if by_outlet[row] else outcome.accounts[account[row]]
        known = first.get((outcome.stories[posts.story[row]], outlet)) if posts.occurrence[row] == 0 else None
        columns["outlet"].append(outlet)
        for name in ("learned_s", "verified_s", "reason"):
            columns[name].append(None if known is None else known[name])
    seconds = (posts.tick[rows].astype(np.int64) - begins[posts.story[rows]]) * outcome.tick
    return pa.table(
        {
            "variant": pa.array([variant] * rows.size, pa.string()),
            "replicate": np.full(rows.size, outcome.replicate, dtype=np.int64),
            "story": pa.array([outcome.stories[s] for s in posts.story[rows]], pa.string()),
            "outlet": pa.array(columns["outlet"], pa.string()),
            "kind": pa.array(["outlet" if outlet else "official" for outlet in by_outlet[rows]], pa.string()),
            "occurrence": posts.occurrence[rows].astype(np.int64),
            "seconds": pa.array(seconds, pa.float64()),
            "learned_s": pa.array(columns["learned_s"], pa.float64()),
            "verified_s": pa.array(columns["verified_s"], pa.float64()),
            "reason": pa.array(columns["reason"], pa.string()),
        }
    )


def _first_publications(outcome: Outcome) -> dict[tuple[str, str], dict[str, Any]]:
    """Return when each outlet had learned and verified each story that it covers, and from where it had it."""
    found = {}
    for covered in outcome.column("coverage"):
        begin = outcome.story_tick(outcome.story(covered.story))
        found[covered.story, covered.outlet] = {
            "learned_s": (covered.learned - begin) * outcome.tick,
            "verified_s": (covered.verified - begin) * outcome.tick,
            "reason": outcome.channels[covered.reason].name if covered.reason else OWN,
        }
    return found


class Spread(NamedTuple):
    """Hours: the median over the replicates in which it happened, and the quantiles between which the band lies."""

    low: float
    median: float
    high: float


@dataclass(frozen=True)
class OutletRow:
    """One outlet (or official) in the hand-off figure.

    Attributes
    ----------
    outlet, kind : str
    first : Spread
        Its first publication, hours after the story begins.
    learned : float
        Median hour at which it learned of the story, of the replicates in which it published; NaN for an official.
    published : float
        Share of the replicates in which it published.
    reasons : dict of float
        From where it had the story -> share of the replicates in which it published, the most frequent first.
    bulletins : (m,) float64
        Hours of all its publications in the typical replicate.
    """

    outlet: str
    kind: str
    first: Spread
    learned: float
    published: float
    reasons: dict[str, float]
    bulletins: Floats


@dataclass(frozen=True)
class HandoffTable:
    """Who told a story first, media or networks, in one variant.

    Attributes
    ----------
    variant, story : str
    hours : (k,) float64
        After the story begins.
    kinds : tuple of str
        Kinds of channels through which anybody heard first.
    median, low, high : (K, k) float64
        Share of the population that heard first through a kind, over replicates.
    outlets : tuple of OutletRow
        Who published, the earliest first.
    typical : int
        The replicate whose bulletins are listed: the one with the middle time to reach, of those in which anything was
        published (-1 if there is none).
    begins : float
        Hour of the day at which the story begins.
    """

    variant: str
    story: str
    hours: Floats
    kinds: tuple[str, ...]
    median: Floats
    low: Floats
    high: Floats
    outlets: tuple[OutletRow, ...]
    typical: int
    begins: float


KINDS = ("media", "officials", "social platforms", "word of mouth", "own eyes")


def handoff_table(results: Results | Folder, variant: str, story: str) -> HandoffTable:
    """Return who published when, and how people heard, in one variant of a story.

    Raises
    ------
    InputError
        If the publications were not stored.
    """
    results = opened(results)
    import pyarrow.compute as pc

    stored = results.table(PUBLICATIONS)
    own = stored.filter((pc.field("variant") == variant) & (pc.field("story") == story))
    rows = own.to_pylist()
    times = times_to_reach(results, variant, story)
    told = np.unique([row["replicate"] for row in rows]).astype(np.int64)
    typical = int(told[np.argsort(times[told], kind="stable")[(told.size - 1) // 2]]) if told.size else -1
    outlets = [_outlet_row(name, rows, typical, times.size) for name in dict.fromkeys(row["outlet"] for row in rows)]
    curves = results.curves[variant, story]
    kind_of = np.array([KINDS.index(_kind(results, variant, channel)) for channel in curves.channels])
    present = np.unique(kind_of)
    shares = np.stack([curves.aware[:, kind_of == kind].sum(axis=1) for kind in present], axis=1)
    low, median, high = np.quantile(shares, (BAND[0], 0.5, BAND[1]), axis=0)
    return HandoffTable(
        variant,
        story,
        curves.seconds / HOUR,
        tuple(KINDS[kind] for kind in present),
        median,
        low,
        high,
        tuple(sorted(outlets, key=lambda row: (row.first.median, row.outlet))),
        typical,
        begins_hour(results, variant, story),
    )


def _kind(results: Results, variant: str, channel: str) -> str:
    scenario = results.experiment.variants[variant]
    if channel in scenario.outlets:
        return "media"
    if channel in scenario.officials:
        return "officials"
    if channel in scenario.platforms:
        return "social platforms" if isinstance(scenario.platforms[channel], SocialPlatform) else "word of mouth"
    return "own eyes"


def _outlet_row(outlet: str, rows: list[dict[str, Any]], typical: int, replicates: int) -> OutletRow:
    own = [row for row in rows if row["outlet"] == outlet]
    first = [row for row in own if row["occurrence"] == 0]
    hours: NDArray[np.float64] = np.full(replicates, np.inf)
    for row in first:
        hours[row["replicate"]] = min(hours[row["replicate"]], row["seconds"] / HOUR)
    learned = [row["learned_s"] / HOUR for row in first if row["learned_s"] is not None]
    happened = hours[np.isfinite(hours)]
    low, median, high = np.quantile(happened, (BAND[0], 0.5, BAND[1])) if happened.size else np.full(3, np.inf)
    reasons = Counter(row["reason"] for row in first if row["reason"] is not None)
    return OutletRow(
        outlet,
        own[0]["kind"],
        Spread(float(low), float(median), float(high)),
        float(np.median(learned)) if learned else float("nan"),
        happened.size / replicates,
        {reason: count / reasons.total() for reason, count in reasons.most_common()},
        np.unique([row["seconds"] / HOUR for row in own if row["replicate"] == typical]),
    )


def handoff_tables(results: Results | Folder, variants: tuple[str, ...], story: str) -> list[HandoffTable]:
    """Return the tables of all variants in which anything was published.

    Raises
    ------
    InputError
        If nothing was published in any of them, or the publications were not stored.
    """
    results = opened(results)
    tables = [handoff_table(results, variant, story) for variant in variants]
    told = [table for table in tables if table.outlets]
    if not told:
        raise InputError(f'no outlet and no official published "{story}" in {", ".join(variants)}')
    return told
