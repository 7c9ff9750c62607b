"""Hawkes processes on a follower graph: every event of a person excites the followers to events of their own.

The rate at which person v acts is base + excitation * (sum of phi(t - t_i) over the events t_i of those whom v
follows), phi being the memory kernel, of area 1 (Hawkes 1971; on networks: Zhou, Zha & Song 2013). Events are drawn as
what they are, a branching process (Hawkes & Oakes 1974): every event brings forth Poisson(excitation) children at each
follower, each after a delay of its own. That is exact, and costs what happens, not time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Unpack

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_function, hot_inline, hot_kernel
from diffusion.arguments import whole_number
from diffusion.classic.amounts import Amount, amount, read_amount
from diffusion.classic.poisson import poisson
from diffusion.classic.runs import Model, Run, checked_call, run_model
from diffusion.classic.shared import Shared, shares
from diffusion.classic.spread import Spread
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph
from diffusion.randomness import draw, draw2, uniform
from diffusion.units import NEVER

STATES = ("silent", "active")
_POINTS = 101
"""Points of curves, from 0 to the horizon."""


@shares(Shared)
def hawkes(
    graph: Any,
    *,
    excitation: float,
    horizon: float,
    memory: str = "exponential 1",
    base: float = 0.0,
    most: int = 10_000_000,
    **shared: Unpack[Shared],
) -> Spread:
    """Run Hawkes processes on a follower graph.

    Parameters
    ----------
    graph : FollowerGraph
    excitation : float
        Mean number of events that an event brings forth at each follower, >= 0. Events die out on their own where it is
        less than 1 / (largest eigenvalue of the graph).
    horizon : float
        When to end, in the unit of `memory`.
    memory : str
        Law of the delay from an event to one that it brings forth: "exponential MEAN", "power SMALLEST EXPONENT",
        "seismic", "lognormal MEDIAN SD", "gamma MEAN SHAPE", "weibull SCALE SHAPE", "uniform LOW HIGH" or
        "constant VALUE".
    base : float
        Events per unit of time that a person makes unprompted, >= 0.
    most : int
        Events that a replicate may have; more are refused, because excitation is then too strong for the horizon.
    seeds : labels of persons, or str
        Who has an event at time 0; "random:10" draws ten persons for each replicate.
    replicates, seed, threads, record, progress
        As for all models; see `diffusion.classic`.

    Returns
    -------
    Spread
        States silent and active (had an event); a time is that of a person's first event, a parent the author of the
        event that brought it forth. ``extra["events"]`` counts all events, (R,), and from ``record = "times"`` on
        ``extra["events_of"]`` those of each person, (R, n).

    Raises
    ------
    InputError
        If a rate is negative, the horizon is none, a law is unknown, or there are more than `most` events.
    """
    call = checked_call(graph, shared)
    rates = _rates(graph, excitation, base, horizon, memory)
    limit = whole_number("most", most, least=1, below=2**31)
    grid = np.linspace(0.0, rates.horizon, _POINTS)
    n, keeps_times, keeps_parents = graph.n_persons, call.keeps("times"), call.keeps("parents")
    too_many = InputError(
        f"excitation = {excitation!r}: more than {limit:,} events before the horizon; lower one of both, or raise most"
    )

    def one(key: np.uint64, chosen: NDArray[np.uint32]) -> Run:
        """Run one replicate."""
        work = call.own(lambda: Workspace(_persons(n), _events(2**12)))
        people = work.people
        size = _run(rates, key, chosen, people, work.events)
        while size < 0:
            if work.events.keys.size >= limit:
                raise too_many
            work.events = _events(min(4 * work.events.keys.size, limit))
            size = _run(rates, key, chosen, people, work.events)
        reached, lasted = _first_events(people, work.events, size)
        firsts = np.sort(people.first[people.order[:reached]]) if call.keeps("curves") else grid[:0]
        active = np.searchsorted(firsts, grid, side="right")
        run = Run(
            reached=reached,
            counts=(n - reached, reached),
            lasted=lasted,
            curve=np.stack([n - active, active]) if call.keeps("curves") else None,
            times=people.first.copy() if keeps_times else None,
            parents=people.parent.copy() if keeps_parents else None,
            extra={"events": size, **({"events_of": people.events.copy()} if keeps_times else {})},
        )
        _clear(people, reached)
        return run

    asked = {"excitation": excitation, "horizon": horizon, "memory": memory, "base": base, "most": most}
    return run_model(call, Model("Hawkes process", STATES, asked, is_discrete=False, curve_times=grid), one)


class Rates(NamedTuple):
    """The graph, how strongly events excite, how delays are drawn, unprompted events, when to end."""

    offsets: NDArray[np.int64]
    followers: NDArray[np.uint32]
    excitation: float
    memory: Amount
    base: float
    horizon: float


class Persons(NamedTuple):
    """Memory of a thread, reused: first events, whose they came from, numbers of events, who had any."""

    first: NDArray[np.float64]
    parent: NDArray[np.uint32]
    events: NDArray[np.uint32]
    order: NDArray[np.uint32]


class Events(NamedTuple):
    """Events in the order in which they came forth: keys, times, persons, authors of the events before them."""

    keys: NDArray[np.uint64]
    times: NDArray[np.float64]
    persons: NDArray[np.uint32]
    parents: NDArray[np.uint32]


@dataclass
class Workspace:
    """What a thread owns; the store of events grows."""

    people: Persons
    events: Events


def _rates(graph: Any, excitation: float, base: float, horizon: float, memory: str) -> Rates:
    if not isinstance(graph, FollowerGraph):
        raise InputError(f"a Hawkes process needs a stored graph, not a {type(graph).__name__}")
    for name, value in (("excitation", excitation), ("base", base)):
        if isinstance(value, str | bool) or not 0 <= value < np.inf:
            raise InputError(f"{name} = {value!r}: give a number >= 0")
    if isinstance(horizon, str | bool) or not 0 < horizon < np.inf:
        raise InputError(f"horizon = {horizon!r}: give a time > 0")
    delays = read_amount("memory", memory)
    return Rates(graph.offsets, graph.followers, float(excitation), delays, float(base), float(horizon))


def _persons(n: int) -> Persons:
    return Persons(np.full(n, np.inf), np.full(n, NEVER, np.uint32), np.zeros(n, np.uint32), np.empty(n, np.uint32))


def _events(size: int) -> Events:
    return Events(np.empty(size, np.uint64), np.empty(size), np.empty(size, np.uint32), np.empty(size, np.uint32))


@hot_inline
def _below(h, n):
    """Return a number below n (of up to 32 bits) from the upper half of a hash."""
    return np.uint32(((h >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32))


@hot_function
def _children(rates, head, end, events):
    """Append the children of an event; return the new end, or -1 if there is no room."""
    keys, times, persons, parents = events
    person = persons[head]
    begin = rates.offsets[person]
    degree = rates.offsets[person + 1] - begin
    count = poisson(draw(keys[head], np.uint64(1)), rates.excitation * degree, keys.size + 1)
    for c in range(count):
        child = draw(keys[head], np.uint64(3 + c))
        time = times[head] + amount(rates.memory, draw(child, np.uint64(2)))
        if time > rates.horizon:
            continue
        if end == keys.size:
            return -1
        keys[end], times[end], parents[end] = child, time, person
        persons[end] = rates.followers[begin + np.int64(_below(draw(child, np.uint64(0)), degree))]
        end += 1
    return end


@hot_kernel
def _run(rates, key, seeds, people, events):
    """Draw all events of a replicate; return how many they are, or -1 if there is no room for them.

    The key of an event that another brought forth is that of the other and of its number among the children; under
    an event's key lie the follower who acts (0), the number of its children (1), its delay (2), the keys of its
    children (from 3 on).
    """
    keys, times, persons, parents = events
    n = people.first.size
    alone = poisson(draw(key, np.uint64(1)), rates.base * rates.horizon * n, keys.size + 1)
    if seeds.size + alone > keys.size:
        return -1
    end = seeds.size + alone
    for k in range(end):
        parents[k] = NEVER
        if k < seeds.size:
            keys[k], persons[k], times[k] = draw2(draw(key, np.uint64(0)), seeds[k], 0), seeds[k], 0.0
            continue
        own = draw(draw(key, np.uint64(2)), np.uint64(k - seeds.size))
        keys[k], persons[k] = own, _below(draw(own, np.uint64(0)), n)
        times[k] = uniform(draw(own, np.uint64(2))) * rates.horizon
    head = 0
    while head < end:
        end = _children(rates, head, end, events)
        if end < 0:
            return -1
        head += 1
    return end


@hot_kernel
def _first_events(people, events, size):
    """Find everybody's first event (of equal ones the one that came forth first); return how many, and the last."""
    first, parent, counts, order = people
    reached, lasted = 0, 0.0
    for k in range(size):
        person = events.persons[k]
        if counts[person] == 0:
            order[reached] = person
            reached += 1
        counts[person] += np.uint32(1)
        if events.times[k] < first[person]:
            first[person], parent[person] = events.times[k], events.parents[k]
    for k in range(reached):
        lasted = max(lasted, first[order[k]])
    return reached, lasted


@hot_kernel
def _clear(people, reached):
    for k in range(reached):
        person = people.order[k]
        people.first[person] = np.inf
        people.parent[person] = NEVER
        people.events[person] = 0
