"""A hoax and its fact-checking: believers and fact-checkers compete (Tambuscio, Ruffo, Flammini & Menczer 2015).

All persons change at the same time, step by step, by what those whom they follow were in the step before. Everybody's
numbers of believers and fact-checkers among them are kept up to date, so that a step costs a look at each person whom
the hoax ever came near, and the followers of whoever changed. A person has one draw in a step.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Unpack

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_function, hot_inline, hot_kernel
from diffusion.classic.clocks import below
from diffusion.classic.numbers import checked_chance, whole_number
from diffusion.classic.runs import Model, Run, checked_call, run_model
from diffusion.classic.seeds import Seeding
from diffusion.classic.shared import Shared, shares
from diffusion.classic.spread import Spread
from diffusion.errors import InputError
from diffusion.graphs.links import seal
from diffusion.randomness import draw, draw2, draw_key, uniform
from diffusion.units import NEVER

STATES = ("susceptible", "believer", "fact-checker")
SUSCEPTIBLE, BELIEVER, CHECKER = range(3)

_HALF = np.int64(32)
"""A person's count holds believers among those whom it follows in its lower half, fact-checkers from this bit on."""
_LOWER = np.int64(2**32 - 1)
_NEAR = np.int64(2**62)
"""Bit of a person's count that says that the person is in `near`."""
_MOST_STEPS = 10_000_000


@shares(Shared)
def hoax(
    graph: Any,
    *,
    spreading: float,
    credibility: float,
    verifying: float,
    forgetting: float,
    horizon: int,
    checkers: int = 0,
    **shared: Unpack[Shared],
) -> Spread:
    """Run the hoax model of Tambuscio, Ruffo, Flammini and Menczer.

    In every step a susceptible person who follows b believers and c fact-checkers becomes a believer with chance
    beta b (1 + alpha) / (b (1 + alpha) + c (1 - alpha)) and a fact-checker with chance
    beta c (1 - alpha) / (b (1 + alpha) + c (1 - alpha)); if it follows neither, nothing happens. Believers and
    fact-checkers forget and are susceptible again; a believer who does not forget verifies, and is a fact-checker then.

    Parameters
    ----------
    graph : FollowerGraph
    spreading : float
        beta: chance in a step to take over either view, where somebody whom one follows has one, 0 to 1.
    credibility : float
        alpha: how much more convincing the hoax is than its fact-checking, 0 (equally) to 1 (nobody heeds checkers).
    verifying : float
        Chance in a step that a believer who has not forgotten finds out by itself, 0 to 1.
    forgetting : float
        Chance in a step that a believer or fact-checker becomes susceptible, 0 to 1.
    horizon : int
        Number of steps; a run in which nobody has a view any more ends there.
    checkers : int
        Fact-checkers at the start, drawn for each replicate among all who do not believe.
    seeds : labels of persons, or str
        Who believes at first; "random:10" draws ten persons for each replicate.
    replicates, seed, threads, record, progress
        As for all models; see `diffusion.classic`.

    Returns
    -------
    Spread
        States susceptible, believer and fact-checker; a time is the number of the step. Reached are all who ever
        believed, times tell when first, and parents one of the believers whom the person then followed, drawn evenly.

    Raises
    ------
    InputError
        If a number is out of its range, or an argument that all models share is wrong.

    References
    ----------
    M. Tambuscio et al., Fact-checking effect on viral hoaxes, WWW '15 Companion, 2015.
    """
    call = checked_call(graph, shared)
    rule = Rule(
        checked_chance("spreading", spreading),
        checked_chance("credibility", credibility),
        checked_chance("verifying", verifying),
        checked_chance("forgetting", forgetting),
        whole_number("horizon", horizon, least=0, below=_MOST_STEPS + 1),
    )
    n, first = graph.n_persons, whole_number("checkers", checkers)
    if first + call.seeding.size > n:
        raise InputError(f"checkers = {first}: with {call.seeding.size} seeds they are more than {n:,} persons")
    chances = Seeding("", n, first + call.seeding.size)
    # Whom a person follows is asked for once in its life, when a parent is chosen.
    links = Links(graph.offsets, graph.followers, *(_followed(graph) if call.keeps("parents") else _NO_ROWS))

    def one(key: np.uint64, chosen: NDArray[np.uint32]) -> Run:
        """Run one replicate."""
        work = call.own(lambda: _workspace(n))
        keys = Keys(*(np.uint64(draw_key(int(key), k)) for k in range(2)))
        # Drawn as seeds are, under a seed of their own (below 2**63).
        others = chances.draw(draw_key(int(key), 2) >> 1, 0) if first else chosen[:0]
        others = others[~np.isin(others, chosen)][:first]
        curve = np.empty((3, rule.horizon + 1 if call.keeps("curves") else 0), dtype=np.int64)
        times = np.full(n if call.keeps("times") else 0, np.inf, dtype=np.float32)
        parents = np.full(n if call.keeps("parents") else 0, NEVER, dtype=np.uint32)
        (believers, checking), reached, lasted = _run(
            links, rule, keys, (chosen, others), (work, curve, times, parents)
        )
        return Run(
            reached=reached,
            counts=(n - believers - checking, believers, checking),
            lasted=lasted,
            curve=curve if call.keeps("curves") else None,
            times=times if call.keeps("times") else None,
            parents=parents if call.keeps("parents") else None,
        )

    return run_model(call, Model("hoax", STATES, {**rule._asdict(), "checkers": first}), one)


class Links(NamedTuple):
    """Rows of followers and, where parents are kept, of those whom each person follows."""

    offsets: NDArray[np.int64]
    followers: NDArray[np.uint32]
    offsets_back: NDArray[np.int64]
    followed: NDArray[np.uint32]


class Rule(NamedTuple):
    """The chances of a step, and the number of steps."""

    spreading: float
    credibility: float
    verifying: float
    forgetting: float
    horizon: int


class Keys(NamedTuple):
    """Where draws start: of what a person does in a step, and of whom it has believed."""

    luck: np.uint64
    parent: np.uint64


class Workspace(NamedTuple):
    """Memory of a thread.

    Attributes
    ----------
    state : (n,) uint8
    believed : (n,) uint8
        Whether a person ever did.
    views : (n,) int64
        Believers and fact-checkers whom a person follows, and whether the person is in `near`.
    near : (n,) uint32
        Persons who ever had a view or followed somebody who had one.
    changed, to : (n,) uint32 and uint8
        Who changes in this step, and what they become.
    """

    state: NDArray[np.uint8]
    believed: NDArray[np.uint8]
    views: NDArray[np.int64]
    near: NDArray[np.uint32]
    changed: NDArray[np.uint32]
    to: NDArray[np.uint8]


_NO_ROWS = seal(np.empty(0, np.int64)), seal(np.empty(0, np.uint32))
"""In place of rows; read-only as those of a graph are, so that kernels are compiled once."""


def _followed(graph: Any) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    back = graph.reversed()
    return back.offsets, back.followers


def _workspace(n: int) -> Workspace:
    state, believed = np.zeros(n, np.uint8), np.zeros(n, np.uint8)
    lists = np.empty(n, np.uint32), np.empty(n, np.uint32)
    return Workspace(state, believed, np.zeros(n, np.int64), *lists, np.empty(n, np.uint8))


@hot_inline
def _after(state, count, rule, u):
    """Return what a person is after a step, given its draw."""
    if state == SUSCEPTIBLE:
        believers = (1 + rule.credibility) * np.float64(count & _LOWER)
        both = believers + (1 - rule.credibility) * np.float64(count >> _HALF)
        if both == 0 or u >= rule.spreading:
            return SUSCEPTIBLE
        return BELIEVER if u * both < rule.spreading * believers else CHECKER
    if u < rule.forgetting:
        return SUSCEPTIBLE
    if state == BELIEVER and u < rule.forgetting + (1 - rule.forgetting) * rule.verifying:
        return CHECKER
    return state


@hot_inline
def _weight(state):
    """Return what a person in a state adds to its followers' counts."""
    if state == SUSCEPTIBLE:
        return np.int64(0)
    return np.int64(1) if state == BELIEVER else np.int64(1) << _HALF


@hot_inline
def _meet(work, person, size):
    """Put a person among those near the hoax; return how many these are."""
    if work.views[person] & _NEAR:
        return size
    work.views[person] |= _NEAR
    work.near[size] = person
    return size + 1


@hot_function
def _change(links, work, person, new, size):
    """Change a person's state and tell its followers; return how many persons are near the hoax."""
    delta = _weight(new) - _weight(work.state[person])
    work.state[person] = new
    size = _meet(work, person, size)
    for at in range(links.offsets[person], links.offsets[person + 1]):
        follower = links.followers[at]
        work.views[follower] += delta
        size = _meet(work, follower, size)
    return size


@hot_function
def _parent(links, work, key, person):
    """Return one of the believers whom a person follows."""
    left = below(draw(key, person), work.views[person] & _LOWER)
    at = links.offsets_back[person]
    while work.state[links.followed[at]] != BELIEVER or left > 0:
        left -= work.state[links.followed[at]] == BELIEVER
        at += 1
    return links.followed[at]


@hot_function
def _decide(work, rule, keys, step, size):
    """List who changes in a step, and into what; return how many."""
    changes = 0
    # Where most are near, persons in the order of their rows are read faster than in that of their coming.
    everybody = 4 * size > work.state.size
    for k in range(work.state.size if everybody else size):
        person = np.int64(k) if everybody else np.int64(work.near[k])
        state, views = work.state[person], work.views[person] & ~_NEAR
        if state == SUSCEPTIBLE and views == 0:
            continue
        new = _after(state, views, rule, uniform(draw2(keys.luck, person, step)))
        if new != state:
            work.changed[changes] = person
            work.to[changes] = new
            changes += 1
    return changes


@hot_inline
def _first_time(work, times, person, step):
    work.believed[person] = 1
    if times.size:
        times[person] = step


@hot_inline
def _fill(curve, step, people, having):
    if curve.size:
        curve[0, step] = people - having[BELIEVER] - having[CHECKER]
        curve[1, step] = having[BELIEVER]
        curve[2, step] = having[CHECKER]


@hot_kernel
def _run(links, rule, keys, first, memory):
    """Run one hoax; return the believers and checkers at the end, how many ever believed, and the last change."""
    work, curve, times, parents = memory
    believers, checkers = first
    having = (0, believers.size, checkers.size)
    size, reached, lasted = 0, believers.size, 0
    for person in believers:
        size = _change(links, work, person, BELIEVER, size)
        _first_time(work, times, person, 0)
    for person in checkers:
        size = _change(links, work, person, CHECKER, size)
    _fill(curve, 0, work.state.size, having)
    for step in range(1, rule.horizon + 1):
        if having[BELIEVER] + having[CHECKER] == 0:
            for rest in range(step, rule.horizon + 1):
                _fill(curve, rest, work.state.size, having)
            break
        changes = _decide(work, rule, keys, step, size)
        # Parents are chosen while everybody still is what they were.
        for k in range(changes):
            person = work.changed[k]
            if work.to[k] == BELIEVER and work.believed[person] == 0:
                _first_time(work, times, person, step)
                reached += 1
                if parents.size:
                    parents[person] = _parent(links, work, keys.parent, person)
        for k in range(changes):
            person, new = work.changed[k], work.to[k]
            old = work.state[person]
            now_b = having[BELIEVER] + (new == BELIEVER) - (old == BELIEVER)
            having = (0, now_b, having[CHECKER] + (new == CHECKER) - (old == CHECKER))
            size = _change(links, work, person, new, size)
        lasted = step if changes else lasted
        _fill(curve, step, work.state.size, having)
    for k in range(size):
        person = work.near[k]
        work.state[person], work.believed[person], work.views[person] = 0, 0, 0
    return (having[BELIEVER], having[CHECKER]), reached, lasted
