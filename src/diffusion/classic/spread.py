"""What a classical model returns: for every replicate how far it went, when and from whom it reached each person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph, ImplicitGraph
from diffusion.notebook import html_table
from diffusion.outcome import NO_CHANNEL, Channel, Outcome, Posts, Tally, Timeline
from diffusion.units import NEVER
from diffusion.versions import MODEL_VERSION
from diffusion.vocabulary import ChannelKind, Record
from diffusion.world.persons import Persons

CHANNELS = (Channel("seed", ChannelKind.OWN_EYES), Channel("graph", ChannelKind.PLATFORM))
"""How a person comes into an active state: as a seed or by itself, or through a link."""

ANY_WAY = Channel("any way", ChannelKind.PLATFORM)
"""The one channel of an `Outcome` where parents were not kept."""

_POINTS = 201
"""Points of a curve in an `Outcome` over the whole time of a model in continuous time."""

_FINEST = 2**31
"""Ticks of an `Outcome` over the whole time of a model in continuous time."""


@dataclass(frozen=True, eq=False, repr=False)
class Spread:
    """Replicates of a classical model. Columns are None where `record` did not ask for them.

    Time counts from 0: in steps where `is_discrete`, else in the units in which the model's rates were given.

    Attributes
    ----------
    model : str
    parameters : dict
        What was asked for, beside the graph.
    graph : FollowerGraph or another graph of the package
    states : tuple of str
        Names of the states, in the order of their codes.
    seed : int
    record : Record
    is_discrete : bool
    reached : (R,) int64
        Persons who were ever active (adopted, infected, heard …), the seeds among them (level `sizes`).
    counts : (R, S) int64
        Persons in each state at the end (level `sizes`).
    lasted : (R,) float64
        Time of the last change of anybody's state.
    curve_times, curves : (k,) float64, (R, S, k) int64
        Persons in each state over time (level `curves`).
    times : (R, n) float32 (whole steps) or float64
        When each person first became active; infinite where never (level `times`).
    parents : (R, n) uint32
        Index of the person from whom; NEVER for seeds and where never (level `parents`).
    extra : dict
        Further columns that a model explains in its own docstring; the first axis is the replicate.
    """

    model: str
    parameters: Mapping[str, Any]
    graph: Any
    states: tuple[str, ...]
    seed: int
    record: Record
    is_discrete: bool
    reached: NDArray[np.int64]
    counts: NDArray[np.int64]
    lasted: NDArray[np.float64]
    curve_times: NDArray[np.float64] | None = None
    curves: NDArray[np.int64] | None = None
    times: NDArray[np.floating] | None = None
    parents: NDArray[np.uint32] | None = None
    extra: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def replicates(self) -> int:
        """Number of replicates."""
        return int(self.reached.size)

    @property
    def n_persons(self) -> int:
        """Number of persons."""
        return int(self.graph.n_persons)

    def __repr__(self) -> str:
        """Return one line: which model, on what, how far it came."""
        low, middle, high = np.percentile(self.reached, (5, 50, 95))
        return (
            f"<Spread: {self.model}, {self.n_persons:,} persons, {self.replicates:,} replicates, seed {self.seed}; "
            f"reached {middle:,.0f} ({low:,.0f} to {high:,.0f})>"
        )

    def _repr_html_(self) -> str:
        """Return a small table for notebooks: one row per state."""
        rows = [
            (name, f"{mean:,.1f}", f"{mean / self.n_persons:.2%}")
            for name, mean in zip(self.states, self.counts.mean(axis=0), strict=True)
        ]
        return html_table(repr(self)[1:-1], rows, head=("state at the end", "mean persons", "share"))

    def column(self, name: str) -> NDArray[Any]:
        """Return a column, or say which record level would have kept it."""
        value = getattr(self, name)
        if value is None:
            raise InputError(
                f'"{name}" was not kept with record = "{self.record.name.lower()}"; record = "{_LEVEL[name]}" keeps it'
            )
        return value

    def time_to_reach(self, share: float = 0.5) -> NDArray[np.float64]:
        """Return when that share of all persons had become active, (R,); infinite where it never was.

        Needs ``record = "times"`` or more.
        """
        if not 0 < share <= 1:
            raise InputError(f"share = {share!r}: give a share of the persons, 0 < share <= 1")
        wanted = int(np.ceil(share * self.n_persons)) - 1
        return np.partition(self.column("times"), wanted, axis=1)[:, wanted].astype(np.float64)

    def outcome(self, replicate: int = 0) -> Outcome:
        """Return one replicate as the engine's own type of result, for the measures and figures that take it.

        Becoming active is both the first exposure and the share. A tick is one step, or 2**-31 of the longest
        replicate's time where time is continuous. With parents, seeds and links are two channels; without them all
        came `ANY_WAY`. Measures that need platforms, outlets or beliefs refuse it.

        Parameters
        ----------
        replicate : int

        Raises
        ------
        InputError
            If there is no such replicate, or ``record`` was less than "times".
        """
        if not 0 <= replicate < self.replicates:
            raise InputError(f"replicate = {replicate}: there are {self.replicates}, counted from 0")
        times, unit = self.column("times")[replicate], self._tick()
        ever = np.isfinite(times)
        ticks = np.full(self.n_persons, NEVER, dtype=np.uint32)
        ticks[ever] = np.round(times[ever] / unit).astype(np.uint32)
        followers = _numbers_of_followers(self.graph)
        offers = int(followers[ever].sum(dtype=np.int64))
        reached = int(np.count_nonzero(ever))
        horizon = round(float(self.lasted.max()) / unit)
        kept: dict[str, Any] = {"first_tick": ticks[None], "share_tick": ticks[None], "channels": (ANY_WAY,)}
        if self.parents is not None:
            kept |= _as_posts(ticks, self.parents[replicate], followers) | {"channels": CHANNELS, "coverage": ()}
        at = np.arange(horizon + 1) if self.is_discrete else np.linspace(0, horizon, _POINTS).astype(np.int64)
        ways = kept.get("first_channel", np.zeros((1, self.n_persons), dtype=np.uint8))[0]
        kept |= {"curve_ticks": at, "curves": _growth(ticks, ways, len(kept["channels"]), at)}
        return Outcome(
            scenario=None,
            timeline=Timeline(unit, horizon, (0,)),
            seed=self.seed,
            replicate=replicate,
            record=self.record,
            n_persons=self.n_persons,
            labels=self.graph.labels,
            people=Persons(self.n_persons, self.graph.labels),
            stories=(self.model,),
            outlets=(),
            accounts=(),
            tallies=(Tally(offers, offers, offers, reached, reached),),
            provenance={"model_version": MODEL_VERSION, "model": self.model, "parameters": dict(self.parameters)},
            **kept,
        )

    def _tick(self) -> float:
        if self.is_discrete:
            return 1.0
        # A power of two, so that ticks of equal times are equal in all replicates.
        longest = max(float(self.lasted.max()), 1e-300)
        return float(2.0 ** np.ceil(np.log2(longest / _FINEST)))


def _numbers_of_followers(graph: Any) -> NDArray[np.uint32]:
    found: NDArray[np.uint32] = graph.n_followers
    return found


def _as_posts(
    ticks: NDArray[np.uint32], parents: NDArray[np.uint32], followers: NDArray[np.uint32]
) -> dict[str, NDArray[Any] | Posts]:
    """Return posts in the order of time, one for everybody who became active, and who heard through which."""
    ever = np.flatnonzero(ticks != NEVER)
    authors = ever[np.argsort(ticks[ever], kind="stable")]
    place = np.full(ticks.size, NEVER, dtype=np.uint32)
    place[authors] = np.arange(authors.size, dtype=np.uint32)
    led = parents != NEVER
    first_post = np.full(ticks.size, NEVER, dtype=np.uint32)
    first_post[led] = place[parents[led]]
    channel = np.full(ticks.size, NO_CHANNEL, dtype=np.uint8)
    channel[ever] = 0
    channel[led] = 1
    posts = Posts(
        author=authors.astype(np.uint32),
        story=np.zeros(authors.size, dtype=np.int32),
        channel=np.ones(authors.size, dtype=np.uint8),
        tick=ticks[authors],
        occurrence=np.zeros(authors.size, dtype=np.uint32),
        followers=followers[authors],
    )
    return {"first_channel": channel[None], "first_post": first_post[None], "posts": posts}


def _growth(
    ticks: NDArray[np.uint32], ways: NDArray[np.uint8], n_ways: int, at: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return how many had become active by each tick, by the way in which they did, (1, ways, k)."""
    by_way = [np.sort(ticks[(ways == way) & (ticks != NEVER)]) for way in range(n_ways)]
    return np.stack([np.searchsorted(when, at, side="right") for when in by_way])[None].astype(np.int64)


def check_graph(graph: Any, implicit: bool = False) -> None:
    """Raise InputError unless a model was given a graph of this package, computed only where it takes such."""
    # The type is asked for numbers of followers, which a computed graph would compute for everybody.
    if not hasattr(graph, "n_persons") or not hasattr(type(graph), "n_followers"):
        how = "read_graph reads a file" if isinstance(graph, str) else "FollowerGraph.from_networkx makes one"
        raise InputError(f"graph is a {type(graph).__name__}, not a {FollowerGraph.__name__}; {how}")
    if isinstance(graph, ImplicitGraph) and not implicit:
        raise InputError(
            "graph is an ImplicitGraph, and this model needs links that are stored; graph.stored() has them"
        )


_LEVEL = {"curve_times": "curves", "curves": "curves", "times": "times", "parents": "parents"}
