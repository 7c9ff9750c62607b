"""Kernels of the independent cascade at one chance for all links: from success to success along the queue.

The queue holds persons in the order in which they became active; their followers, row after row, are one long row of
trials, and only its successes are looked at. The far kernel asks for memory before it is needed; both find the same.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_inline, hot_kernel
from diffusion.classic._gaps import next_gap
from diffusion.engine.prefetch import prefetch

AHEAD = 32
"""Places of the queue whose rows are asked for before their turn."""
RING = 64
"""Successes that wait for their memory, in each of two rings."""

_ONE = np.uint64(1)
_ZERO = np.uint64(0)
_S6 = np.uint64(6)
_LOW6 = np.uint64(63)
_AHEAD = np.uint64(AHEAD)
_HALF = np.uint64(AHEAD // 2)
_RING = np.uint64(RING)
_LAST = np.uint64(RING - 1)


class Rows(NamedTuple):
    """Who follows whom: see `FollowerGraph`."""

    offsets: NDArray[np.int64]
    followers: NDArray[np.uint32]


class Workspace(NamedTuple):
    """Memory of a thread, reused from replicate to replicate.

    Attributes
    ----------
    active : (n / 64,) uint64
        One bit per person; zero between replicates.
    order : (n + 64,) uint32
        Who became active, in order. What lies behind it are persons of earlier replicates.
    sources : (n + 1,) uint32, or empty
        From whom, beside `order`; empty where nobody asks.
    ends : (n + 1,) int64
        Length of `order` at the end of each step.
    slots, heads : (64,) uint64
        Rings of the far kernel: places of links that succeeded, or their followers; and whose links they are.
    """

    active: NDArray[np.uint64]
    order: NDArray[np.uint32]
    sources: NDArray[np.uint32]
    ends: NDArray[np.int64]
    slots: NDArray[np.uint64]
    heads: NDArray[np.uint64]
    waiting: NDArray[np.uint64]
    sent: NDArray[np.uint64]


def workspace(n_persons: int, keeps_parents: bool) -> Workspace:
    """Return memory for one thread."""
    return Workspace(
        np.zeros(n_persons // 64 + 1, np.uint64),
        np.zeros(n_persons + 2 * AHEAD, np.uint32),
        np.zeros(n_persons + 1 if keeps_parents else 0, np.uint32),
        np.zeros(n_persons + 1, np.int64),
        *(np.zeros(RING, np.uint64) for _ in range(4)),
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
def offer_from(work, follower, person, size):
    """Do the same, and note from whom."""
    if work.sources.size:
        work.sources[size] = np.uint32(person)
    return offer(work, follower, size)


@hot_inline
def begin(work, seeds):
    """Make the seeds active; return their number."""
    size = _ZERO
    for k in range(seeds.size):
        size = offer_from(work, seeds[k], seeds[k], size)
    work.ends[0] = size
    return size


@hot_inline
def ask_ahead(rows, work, head):
    """Ask for the rows of persons who come later in the queue."""
    prefetch(rows.offsets, work.order[head + _AHEAD])
    later = np.uint64(work.order[head + _HALF])
    prefetch(rows.followers, rows.offsets[later])


@hot_kernel
def cascade_near(rows, gaps, key, seeds, work):
    """Run one cascade on a graph that the processor's cache holds; return the last step and how many became active."""
    offsets, followers = rows
    size = begin(work, seeds)
    first, step = _ZERO, 0
    gap, count = next_gap(gaps, key, _ZERO)
    while first < size:
        end = size
        for head in range(first, end):
            ask_ahead(rows, work, head)
            person = np.uint64(work.order[head])
            at = np.uint64(offsets[person]) + gap
            last = np.uint64(offsets[person + _ONE])
            while at < last:
                size = offer_from(work, followers[at], person, size)
                gap, count = next_gap(gaps, key, count)
                at += gap + _ONE
            gap = at - last
        first = end
        if size > end:
            step += 1
            work.ends[step] = size
    return step, size


@hot_inline
def through_rings(rows, work, rung, size):
    """Let what has waited longest out of both rings: read the follower, and make active who was read before."""
    slots, heads, waiting, sent = work.slots, work.heads, work.waiting, work.sent
    place = rung & _LAST
    if rung >= _RING + _RING:
        size = offer_from(work, waiting[place], sent[place], size)
    if rung >= _RING:
        follower = np.uint64(rows.followers[slots[place]])
        prefetch(work.active, follower >> _S6)
        waiting[place], sent[place] = follower, heads[place]
    return size


@hot_kernel
def cascade_far(rows, gaps, key, seeds, work):
    """Run one cascade on a graph that only memory holds: every success waits in two rings until its data are there."""
    offsets, followers = rows
    size = begin(work, seeds)
    first, step = _ZERO, 0
    gap, count = next_gap(gaps, key, _ZERO)
    while first < size:
        end = size
        rung = _ZERO
        for head in range(first, end):
            prefetch(offsets, work.order[head + _AHEAD])
            person = np.uint64(work.order[head])
            at = np.uint64(offsets[person]) + gap
            last = np.uint64(offsets[person + _ONE])
            while at < last:
                size = through_rings(rows, work, rung, size)
                prefetch(followers, at)
                work.slots[rung & _LAST], work.heads[rung & _LAST] = at, person
                rung += _ONE
                gap, count = next_gap(gaps, key, count)
                at += gap + _ONE
            gap = at - last
        size = emptied(rows, work, rung, size)
        first = end
        if size > end:
            step += 1
            work.ends[step] = size
    return step, size


@hot_inline
def emptied(rows, work, rung, size):
    """Let everything out of both rings, in order."""
    slots, heads, waiting, sent = work.slots, work.heads, work.waiting, work.sent
    read = rung - min(rung, _RING)
    for k in range(read - min(read, _RING), read):
        size = offer_from(work, waiting[k & _LAST], sent[k & _LAST], size)
    for k in range(read, rung):
        size = offer_from(work, rows.followers[slots[k & _LAST]], heads[k & _LAST], size)
    return size


@hot_kernel
def clear(work, size):
    """Make nobody active, at the cost of those who are."""
    if size > np.uint64(work.active.size):
        for word in range(work.active.size):
            work.active[word] = _ZERO
    else:
        for k in range(size):
            work.active[np.uint64(work.order[k]) >> _S6] = _ZERO


@hot_kernel
def write_times(work, steps, times):
    """Write when each person became active."""
    first = _ZERO
    for step in range(steps + 1):
        last = np.uint64(work.ends[step])
        for k in range(first, last):
            times[work.order[k]] = step
        first = last


@hot_kernel
def write_parents(work, n_seeds, size, parents):
    """Write from whom each person became active, the seeds excepted."""
    for k in range(np.uint64(n_seeds), size):
        parents[work.order[k]] = work.sources[k]
