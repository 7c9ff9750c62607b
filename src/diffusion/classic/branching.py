"""Branching cascades: every event brings forth others, at once many or few by its mark, later or sooner by a memory.

This is the cluster of a marked Hawkes process that grows from one event (Hawkes & Oakes 1974), and the model behind
SEISMIC (Zhao, Erdogdu, He, Rajaraman & Leskovec 2015): an event of mark m has Poisson(branching m / mean mark)
children, each after a delay of its own from the memory kernel. There is no graph: everybody is always new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, Unpack

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_function, hot_kernel
from diffusion.arguments import whole_number
from diffusion.classic.amounts import Amount, amount, mean_of, read_amount
from diffusion.classic.poisson import poisson
from diffusion.classic.shared import Replicated, checked, shares
from diffusion.classic.spread import Spread
from diffusion.errors import InputError
from diffusion.randomness import draw
from diffusion.threads import in_threads
from diffusion.vocabulary import Purpose, Record

LEVELS = ("sizes", "times", "parents")
"""What `record` may be here; there are no curves, because there is nobody who could be in a state."""

_MOST_EVENTS = 2**31
"""Events that may be kept in all; more is a mistake."""


@dataclass(frozen=True, eq=False, repr=False)
class Branching(Spread):
    """Branching cascades, one in each replicate. There is no graph, and `reached` counts events.

    Attributes
    ----------
    first : (R + 1,) int64, optional
        Events first[k] to first[k + 1] are those of replicate k, in the order of time (level `times`).
    times : (E,) float64, optional
        When each event was, from the first one of its cascade on, in the unit of the memory kernel (level `times`).
    parents : (E,) int64, optional
        Place in these columns of the event that brought it forth, -1 for first ones (level `parents`).
    marks : (E,) float64, optional
        Their marks (level `parents`).
    extra : dict
        "generations": below the first event, (R,); "cut": whether the cascade was ended at `most`, (R,).
    """

    first: NDArray[np.int64] | None = None
    marks: NDArray[np.float64] | None = None

    @property
    def n_persons(self) -> int:
        """Number of events of the largest cascade: an event is a person of its own."""
        return int(self.reached.max())

    def __repr__(self) -> str:
        """Return one line: how large the cascades are."""
        low, middle, high = np.percentile(self.reached, (5, 50, 95))
        return (
            f"<Spread: {self.model}, {self.replicates:,} replicates, seed {self.seed}; "
            f"events {middle:,.0f} ({low:,.0f} to {high:,.0f}), mean {self.reached.mean():,.4g}>"
        )

    def column(self, name: str) -> NDArray[Any]:
        """Return a column, or say which record level would have kept it."""
        if name in ("first", "times") and getattr(self, name) is None:
            raise InputError(f'"{name}" was not kept with record = "sizes"; record = "times" keeps it')
        if name == "marks" and self.marks is None:
            raise InputError('"marks" were not kept; record = "parents" keeps them')
        return super().column(name)

    def time_to_reach(self, share: float = 0.5) -> NDArray[np.float64]:
        """Return when that share of its events had happened in each cascade, (R,). Needs ``record = "times"``."""
        if not 0 < share <= 1:
            raise InputError(f"share = {share!r}: give a share of the events, 0 < share <= 1")
        at = self.column("first")[:-1] + np.ceil(share * self.reached).astype(np.int64) - 1
        return self.column("times")[at].astype(np.float64)

    def outcome(self, replicate: int = 0) -> Any:
        """Refuse: there are no persons; `measures.forest(found.parents)` is what measures of cascades take."""
        raise InputError(
            f"{self.model} has no graph and no persons; measures.cascades(measures.forest(found.parents)) takes it"
        )


class Laws(NamedTuple):
    """What decides how a cascade grows: children per unit of mark, delays, marks, the last moment, the most events."""

    children: float
    memory: Amount
    marks: Amount
    horizon: float
    most: int


class Store(NamedTuple):
    """Events as they come forth: their keys, times, parents (places), marks."""

    keys: NDArray[np.uint64]
    times: NDArray[np.float64]
    parents: NDArray[np.int64]
    marks: NDArray[np.float64]


class Totals(NamedTuple):
    """What a batch found in each of its replicates."""

    sizes: NDArray[np.int64]
    generations: NDArray[np.int64]
    lasted: NDArray[np.float64]
    cut: NDArray[np.bool_]


@shares(Replicated)
def branching_cascade(
    *,
    branching: float,
    memory: str = "seismic",
    marks: str = "constant 1",
    horizon: float | None = None,
    most: int = 1_000_000,
    **shared: Unpack[Replicated],
) -> Branching:
    """Run cascades in which every event brings forth others, without a graph.

    An event of mark m has Poisson(branching m / mean mark) children, so that `branching` is the mean number of children
    of an event; below 1 a cascade has 1 / (1 - branching) events in the mean. Source: Hawkes & Oakes (1974), Zhao,
    Erdogdu, He, Rajaraman & Leskovec (2015).

    Parameters
    ----------
    branching : float
        Mean children of an event, >= 0.
    memory : str
        Law of the delay from an event to its child: "seismic" (seconds: constant for 300, then falling as
        s**-1.242), "seismic FLAT TAIL", "exponential MEAN", "power SMALLEST EXPONENT", "lognormal MEDIAN SD",
        "gamma MEAN SHAPE", "weibull SCALE SHAPE", "uniform LOW HIGH" or "constant VALUE".
    marks : str
        Law of an event's mark, such as its author's followers, in the same words; its mean must be finite.
    horizon : float, optional
        Events later than this do not happen; in the unit of `memory`.
    most : int
        A cascade ends when it has so many events, generation by generation, and is then marked in ``extra["cut"]``.
    replicates, seed, threads, progress
        As for all models; see `diffusion.classic`.
    record : str
        "sizes", "times" (of all events) or "parents" (also who brought forth whom, and marks).

    Returns
    -------
    Branching
        State event; `reached` counts events, `lasted` is the time of the last one.

    Raises
    ------
    InputError
        If an argument is wrong, the mean mark is infinite, or the events kept would be too many.
    """
    asked = checked(shared, seeded=False, levels=LEVELS)
    laws, count = _laws(branching, memory, marks, horizon, most), asked.replicates
    size = max(1, min(4096, count // (8 * asked.threads)))
    batches = [(at, min(at + size, count)) for at in range(0, count, size)]
    jobs = [partial(_batch, asked.seed, batch, laws, asked.record) for batch in batches]
    found = in_threads(jobs, asked.threads, lambda number: asked.tell(number * size))
    parameters = {"branching": branching, "memory": memory, "marks": marks, "horizon": horizon, "most": most}
    return _gathered(found, parameters, asked.seed, asked.record)


def _laws(branching: float, memory: str, marks: str, horizon: float | None, most: int) -> Laws:
    if isinstance(branching, str | bool) or not 0 <= branching < np.inf:
        raise InputError(f"branching = {branching!r}: give the mean number of children, a number >= 0")
    if horizon is not None and (isinstance(horizon, str | bool) or not 0 < horizon < np.inf):
        raise InputError(f"horizon = {horizon!r}: give a time > 0, or none")
    largest = whole_number("most", most, least=1, below=2**31)
    weights = read_amount("marks", marks)
    mean = mean_of(weights)
    if not np.isfinite(mean):
        raise InputError(f'marks = "{marks}" have no finite mean; an exponent above 2 gives one')
    delays = read_amount("memory", memory)
    return Laws(float(branching) / mean, delays, weights, np.inf if horizon is None else float(horizon), largest)


class _Found(NamedTuple):
    totals: Totals
    store: Store | None


def _batch(seed: int, batch: tuple[int, int], laws: Laws, level: Record) -> _Found:
    first, last = batch
    keeps = level > Record.SIZES
    count = last - first
    totals = Totals(np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count), np.zeros(count, np.bool_))
    capacity = 2**14
    store = _store(capacity)
    kept: list[Store] = []
    at = first
    while at < last:
        until, used = _grow_all(np.uint64(seed), (at, last, first), laws, keeps, store, totals)
        if keeps and used:
            kept.append(_beginning(store, used))
        if until == at:
            if capacity >= _MOST_EVENTS:
                raise InputError(f"more than {_MOST_EVENTS:,} events; set a smaller most")
            capacity *= 4
            store = _store(capacity)
        at = until
    return _Found(totals, _joined(kept) if keeps else None)


def _store(size: int) -> Store:
    return Store(np.empty(size, np.uint64), np.empty(size), np.empty(size, np.int64), np.empty(size))


def _beginning(store: Store, used: int) -> Store:
    keys, times, parents, marks = store
    return Store(keys[:used].copy(), times[:used].copy(), parents[:used].copy(), marks[:used].copy())


def _joined(kept: Sequence[Store]) -> Store:
    """Put stores one behind another; parents are places in what comes out."""
    moved, before = [], 0
    for store in kept:
        moved.append(store._replace(parents=np.where(store.parents < 0, -1, store.parents + before)))
        before += store.keys.size
    keys, times, parents, marks = zip(*moved, strict=True)
    return Store(np.concatenate(keys), np.concatenate(times), np.concatenate(parents), np.concatenate(marks))


def _gathered(found: Sequence[_Found], parameters: dict[str, Any], seed: int, level: Record) -> Branching:
    sizes, generations, lasted, cut = (np.concatenate(c) for c in zip(*(f.totals for f in found), strict=True))
    columns: dict[str, Any] = {}
    if level > Record.SIZES:
        events = _joined([f.store for f in found if f.store is not None])
        # In the order of time within each cascade; a parent stays before its children of the same moment.
        order = np.lexsort((events.times, np.repeat(np.arange(sizes.size), sizes)))
        columns = {"first": np.concatenate([[0], np.cumsum(sizes)]), "times": events.times[order]}
        if level >= Record.PARENTS:
            place = np.empty_like(order)
            place[order] = np.arange(order.size)
            above = events.parents[order]
            columns |= {"parents": np.where(above < 0, -1, place[above]), "marks": events.marks[order]}
    return Branching(
        model="branching cascade",
        parameters=parameters,
        graph=None,
        states=("event",),
        seed=seed,
        record=level,
        is_discrete=False,
        reached=sizes,
        counts=sizes[:, None],
        lasted=lasted,
        extra={"generations": generations, "cut": cut},
        **columns,
    )


@hot_function
def _grow(key, begin, laws, store):
    """Grow one cascade from place `begin` on; return where it ends (-1: no room), its generations, its last moment.

    An event's key is that of its parent and of its number among the children; under it lie its mark (0), the number of
    its children (1), its delay (2) and the keys of its children (from 3 on).
    """
    keys, times, parents, marks = store
    if begin >= keys.size:
        return -1, 0, 0.0
    keys[begin], times[begin], parents[begin] = key, 0.0, -1
    marks[begin] = amount(laws.marks, draw(key, np.uint64(0)))
    end, level_end, generations, lasted = begin + 1, begin + 1, 0, 0.0
    head = begin
    while head < end and end - begin < laws.most:
        if head == level_end:
            level_end = end
        key = keys[head]
        children = poisson(draw(key, np.uint64(1)), laws.children * marks[head], laws.most)
        for c in range(children):
            child = draw(key, np.uint64(3 + c))
            time = times[head] + amount(laws.memory, draw(child, np.uint64(2)))
            if time > laws.horizon or end - begin >= laws.most:
                continue
            if end == keys.size:
                return -1, 0, 0.0
            if end == level_end:
                generations += 1
            keys[end], times[end], parents[end] = child, time, head
            marks[end] = amount(laws.marks, draw(child, np.uint64(0)))
            lasted = max(lasted, time)
            end += 1
        head += 1
    return end, generations, lasted


@hot_kernel
def _grow_all(seed, replicates, laws, keeps, store, totals):
    """Grow cascades until the store is full; return the first replicate that is not done, and the places used."""
    first, last, zero = replicates
    begin = 0
    for replicate in range(first, last):
        key = draw(draw(seed, np.uint64(replicate)), np.uint64(Purpose.CONTAGION))
        end, generations, lasted = _grow(draw(key, np.uint64(0)), begin, laws, store)
        if end < 0:
            return replicate, begin
        at = replicate - zero
        totals.sizes[at] = end - begin
        totals.generations[at] = generations
        totals.lasted[at] = lasted
        totals.cut[at] = end - begin >= laws.most
        if keeps:
            begin = end
    return last, begin
