"""Kernels of the independent cascade: from success to success along the queue.

The queue holds persons in the order in which they became active; their followers, row after row, are one long row of
trials, and only its successes are looked at. Successes are collected by the hundred before anybody becomes active, so
that their followers have arrived from memory when it is their turn. Where chances differ, the successes are those of
the highest one, and each is then accepted with the ratio of its own to the highest (thinning: Lewis & Shedler 1979).
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_inline, hot_kernel
from diffusion.classic._gaps import STORED, Gaps, draw_gaps
from diffusion.engine.prefetch import prefetch
from diffusion.randomness import draw, draw2, uniform

AHEAD = 32
"""Places of the queue whose rows are asked for before their turn."""
COLLECTED = 512
"""Successes that are collected before anybody becomes active."""

_ONE = np.uint64(1)
_ZERO = np.uint64(0)
_S6 = np.uint64(6)
_LOW6 = np.uint64(63)
_AHEAD = np.uint64(AHEAD)
_COLLECTED = np.uint64(COLLECTED)
_STORED = np.uint64(STORED)
_S32 = np.uint64(32)


class Rows(NamedTuple):
    """Who follows whom: see `FollowerGraph`."""

    offsets: NDArray[np.int64]
    followers: NDArray[np.uint32]


class Kind(IntEnum):
    """What the chance of a link depends on."""

    EVEN = 0
    LINK = 1
    FOLLOWER = 2
    CLASS = 3


_EVEN, _LINK, _FOLLOWER, _CLASS = (int(kind) for kind in Kind)


class Chances(NamedTuple):
    """Chances of the links.

    Attributes
    ----------
    kind : Kind
    values : float32
        Nothing; one per link; one per follower; or one per class, a link's class being a hash of its two ends.
    highest : float
        The chance at which gaps are drawn, not below any value.
    key : uint64
        Under which links are put into classes.
    """

    kind: int
    values: NDArray[np.float32]
    highest: float
    key: np.uint64


class Workspace(NamedTuple):
    """Memory of a thread, reused from replicate to replicate.

    Attributes
    ----------
    active : (n / 64,) uint64
        One bit per person; zero between replicates.
    order, sources : (n + 64,) uint32
        Who became active, in order, and from whom. What lies behind are persons of earlier replicates.
    ends : (n + 1,) int64
        Length of `order` at the end of each step.
    gaps : (256,) uint64
        Gaps that were drawn ahead.
    places, givers : (512,) uint64 and uint32
        Links that succeeded, or their followers; whose they are.
    own, draws : (512,) float32 and uint64
        Where chances differ: those of the links, and the draws that decide.
    """

    active: NDArray[np.uint64]
    order: NDArray[np.uint32]
    sources: NDArray[np.uint32]
    ends: NDArray[np.int64]
    gaps: NDArray[np.uint64]
    places: NDArray[np.uint64]
    givers: NDArray[np.uint32]
    own: NDArray[np.float32]
    draws: NDArray[np.uint64]


class Trials(NamedTuple):
    """How links succeed: gaps between successes at the highest chance, and the chances."""

    gaps: Gaps
    chances: Chances


class Asked(NamedTuple):
    """Columns to fill, of everybody or empty where nobody asks: when each person became active, and from whom."""

    times: NDArray[np.float32]
    parents: NDArray[np.uint32]


def workspace(n_persons: int) -> Workspace:
    """Return memory for one thread."""
    return Workspace(
        np.zeros(n_persons // 64 + 1, np.uint64),
        np.zeros(n_persons + 2 * AHEAD, np.uint32),
        np.zeros(n_persons + 2 * AHEAD, np.uint32),
        np.zeros(n_persons + 1, np.int64),
        np.zeros(STORED, np.uint64),
        np.zeros(COLLECTED, np.uint64),
        np.zeros(COLLECTED, np.uint32),
        np.zeros(COLLECTED, np.float32),
        np.zeros(COLLECTED, np.uint64),
    )


@hot_inline
def offer(work, follower, size):
    """Put a follower at the end of the queue, which counts only if they were not active; return its length."""
    at = np.uint64(follower)
    word = work.active[at >> _S6]
    bit = at & _LOW6
    work.active[at >> _S6] = word | (_ONE << bit)
    work.order[size] = np.uint32(follower)
    return size + (((word >> bit) & _ONE) ^ _ONE)


@hot_inline
def look_up(rows, chances, work, collected):
    """Put the followers of links in the place of the links, and each link's own chance beside them."""
    kind, values, _, key = chances
    places, givers, own = work.places, work.givers, work.own
    if kind == _LINK:
        for k in range(collected):
            own[k] = values[places[k]]
    for k in range(collected):
        follower = np.uint64(rows.followers[places[k]])
        places[k] = follower
        prefetch(work.active, follower >> _S6)
        if kind == _FOLLOWER:
            prefetch(values, follower)
    if kind == _FOLLOWER:
        for k in range(collected):
            own[k] = values[places[k]]
    if kind == _CLASS:
        for k in range(collected):
            which = draw2(key, givers[k], places[k]) >> _S32
            own[k] = values[(which * np.uint64(values.size)) >> _S32]


@hot_inline
def accept(highest, luck, tried, work, collected):
    """Keep the followers whose own chance allows it, in order; return their number."""
    places, givers, own, draws = work.places, work.givers, work.own, work.draws
    # Draws first: they are made several at a time.
    for k in range(collected):
        draws[k] = draw(luck, tried + np.uint64(k))
    kept = _ZERO
    for k in range(collected):
        places[kept], givers[kept] = places[k], givers[k]
        if uniform(draws[k]) * highest < own[k]:
            kept += _ONE
    return kept


@hot_inline
def offer_collected(rows, chances, work, state, names):
    """Offer to the followers at the places that were collected; return the length of the queue."""
    luck, tried, collected, size = state
    places, givers = work.places, work.givers
    look_up(rows, chances, work, collected)
    if chances.kind != _EVEN:
        collected = accept(chances.highest, luck, tried, work, collected)
    if names:
        for k in range(collected):
            work.sources[size] = givers[k]
            size = offer(work, places[k], size)
    else:
        for k in range(collected):
            size = offer(work, places[k], size)
    return size


@hot_inline
def spread(rows, trials, key, work, size, names):
    """Go on from the first `size` persons of the queue; return the last step and the length of the queue."""
    gaps, chances = trials
    offsets, followers = rows
    order, stored, places, givers = work.order, work.gaps, work.places, work.givers
    luck, key = draw(key, _ONE), draw(key, _ZERO)
    count = draw_gaps(gaps, key, _ZERO, stored)
    gap, used, tried = stored[0], _ONE, _ZERO
    first, step = _ZERO, 0
    while first < size:
        end, head, collected = size, first, _ZERO
        at, last, person = _ZERO, _ZERO, _ZERO
        while True:
            if at >= last:
                if head == end:
                    break
                prefetch(offsets, order[head + _AHEAD])
                person = np.uint64(order[head])
                head += _ONE
                at = np.uint64(offsets[person]) + gap
                last = np.uint64(offsets[person + _ONE])
                gap = at - last
                continue
            prefetch(followers, at)
            if chances.kind == _LINK:
                prefetch(chances.values, at)
            places[collected] = at
            if names:
                givers[collected] = person
            collected += _ONE
            if used == _STORED:
                count, used = draw_gaps(gaps, key, count, stored), _ZERO
            at += stored[used] + _ONE
            used += _ONE
            gap = at - last
            if collected == _COLLECTED:
                size = offer_collected(rows, chances, work, (luck, tried, collected, size), names)
                tried, collected = tried + collected, _ZERO
        size = offer_collected(rows, chances, work, (luck, tried, collected, size), names)
        tried += collected
        first = end
        if size > end:
            step += 1
            work.ends[step] = size
    return step, size


@hot_kernel
def run_cascade(rows, trials, key, seeds, work, asked):
    """Run one cascade; return the last step and how many became active."""
    size = _ZERO
    for k in range(seeds.size):
        size = offer(work, seeds[k], size)
    work.ends[0] = size
    # Two copies, compiled for each answer.
    if asked.parents.size > 0 or trials.chances.kind == _CLASS:
        step, size = spread(rows, trials, key, work, size, True)
    else:
        step, size = spread(rows, trials, key, work, size, False)
    write_down(work, step, seeds.size, asked)
    clear(work, size)
    return step, np.int64(size)


@hot_inline
def write_down(work, steps, n_seeds, asked):
    """Fill the columns that were asked for."""
    times, parents = asked
    if times.size == 0:
        return
    first = _ZERO
    for step in range(steps + 1):
        last = np.uint64(work.ends[step])
        for k in range(first, last):
            prefetch(times, work.order[k + _AHEAD])
            times[np.uint64(work.order[k])] = step
        first = last
    if parents.size > 0:
        for k in range(np.uint64(n_seeds), first):
            prefetch(parents, work.order[k + _AHEAD])
            parents[np.uint64(work.order[k])] = work.sources[k]


@hot_inline
def clear(work, size):
    """Make nobody active, at the cost of those who are."""
    if size > np.uint64(work.active.size):
        for word in range(work.active.size):
            work.active[word] = _ZERO
    else:
        for k in range(size):
            work.active[np.uint64(work.order[k]) >> _S6] = _ZERO
