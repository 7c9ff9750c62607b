"""Kernels of models in which a person gives way to the k-th push: a count is drawn once and counted down.

Who became active pushes each follower once, in the order of becoming active, which is the order of the steps too. So a
queue says everything: when, and from whom the last push came (`after`), is read off it afterwards and costs the run
nothing. A person's count depends on the key and the person alone; no order can change who becomes active.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_inline, hot_kernel, kernel
from diffusion.engine.prefetch import prefetch
from diffusion.laws import quantile
from diffusion.randomness import draw, uniform

MOST_PUSHES = 2**30 - 3
"""Pushes that a count can hold."""
FEW_PUSHES = 2**14 - 3
"""Pushes that a count of 16 bits can hold; half the memory is up to 1.4 times as fast."""
UNIT = 2**40
"""Weights are taken as whole multiples of 1 / UNIT, rounded down, so that sums do not depend on their order."""
DONE_WEIGHT = 2**42

_FAR, _NEAR, _LINE = 32, 12, 12
"""Places ahead in the queue for which offsets and rows are asked for; and the middle of a row of usual length, as two
lines of memory hold it."""
_LAZY = 16
"""Counts are drawn one by one until there have been as many pushes as one in so many persons."""
_S24, _S32 = np.uint64(24), np.uint64(32)


class Kind(IntEnum):
    """How many pushes a person needs."""

    FIXED = 0  # `base` of the person
    EVEN = 1  # 1 to `base` of the person, all equally likely
    SHARE = 2  # a share of `base` that is drawn from the quantile `table`
    EXPOSURES = 3  # the first k at which the cumulative `table` exceeds a uniform number, if any does


class Rule(NamedTuple):
    """How many pushes a person needs: a `Kind`, a number per person, and a table."""

    kind: int
    base: NDArray[np.int32]
    table: NDArray[np.float64]


class Workspace(NamedTuple):
    """Memory of a thread: what is left of everybody's count, who became active in which order, how many by then.

    ``order[after[k - 1]:after[k]]`` became active by the push of ``order[k]``. Between replicates `left` is 0.
    """

    left: NDArray[np.signedinteger]
    order: NDArray[np.uint32]
    after: NDArray[np.uint32]


def workspace(n_persons: int, kind: type[np.signedinteger]) -> Workspace:
    """Return memory for a thread. What `order` holds behind the queue's end is read ahead: it must be persons."""
    empty = np.empty(n_persons, np.uint32)
    return Workspace(np.zeros(n_persons, kind), np.zeros(n_persons + 1, np.uint32), empty)


@hot_inline
def pushes_of_share(share, followed):
    """Return the least m >= 1 with m / followed >= share, the quotient rounded as a float."""
    if share > 1.0:
        return followed + 1
    m = max(np.int64(np.ceil(share * followed)), np.int64(1))
    while m > 1 and (m - 1) / followed >= share:
        m -= 1
    return m


@hot_inline
def pushes_needed(rule, key, person):
    """Return how many pushes a person needs: at least 1, and more than there can be if none will do."""
    base = np.int64(rule.base[person])
    if rule.kind == Kind.FIXED:
        return base
    h = draw(key, person)
    if rule.kind == Kind.EVEN:
        return np.int64(1) + np.int64(((h >> _S32) * np.uint64(base)) >> _S32)
    if rule.kind == Kind.SHARE:
        return pushes_of_share(quantile(rule.table, h), base)
    low, high = 0, rule.table.size
    while low < high:
        middle = (low + high) // 2
        if rule.table[middle] > uniform(h):
            high = middle
        else:
            low = middle + 1
    return np.int64(low + 1)


@kernel
def pushes_of_one_share(share, followed):
    """Return for everybody the pushes needed if all need the same share, (n,) int32."""
    found = np.empty(followed.size, np.int32)
    for person in range(followed.size):
        found[person] = pushes_of_share(share, np.int64(followed[person]))
    return found


@hot_kernel
def count_down(offsets, followers, rule, key, seeds, work):
    """Run one replicate; return how many became active."""
    left, order, after = work
    n, size, at, pushes = left.size, seeds.size, 0, 0
    # A count that has run out. Further pushes only take it lower, never as low as 0, which says: not drawn yet.
    done = np.int64(1) << (8 * left.itemsize - 2)
    for k in range(size):
        order[k] = seeds[k]
        left[seeds[k]] = done
    # While few are touched, a count is drawn when it is first needed.
    while at < size and pushes <= n // _LAZY:
        person = order[at]
        for link in range(offsets[person], offsets[person + 1]):
            follower = followers[link]
            now = np.int64(left[follower])
            if now == 0:
                now = done + pushes_needed(rule, key, follower)
            left[follower] = now - 1
            order[size] = follower
            size += np.int64(now == done + 1)
        pushes += offsets[person + 1] - offsets[person]
        after[at] = size
        at += 1
    if at == size:
        _clean(offsets, followers, left, order, size)
        return size
    # All others at once: from here no link asks for a draw, and the processor has nothing to guess.
    for person in range(n):
        if left[person] == 0:
            left[person] = done + pushes_needed(rule, key, person)
    while at < size:
        person = order[at]
        prefetch(offsets, np.int64(order[min(at + _FAR, n)]))
        near = offsets[order[min(at + _NEAR, n)]]
        prefetch(followers, near)
        prefetch(followers, near + _LINE)
        for link in range(offsets[person], offsets[person + 1]):
            follower = followers[link]
            now = np.int64(left[follower])
            left[follower] = now - 1
            order[size] = follower
            size += np.int64(now == done + 1)
        after[at] = size
        at += 1
    left[:] = 0
    return size


@hot_kernel
def weigh_down(offsets, followers, weights, key, seeds, work):
    """Run one replicate in which a push counts as much as its link weighs; return how many became active."""
    left, order, after = work
    size, at = seeds.size, 0
    for k in range(size):
        order[k] = seeds[k]
        left[seeds[k]] = DONE_WEIGHT
    while at < size:
        person = order[at]
        for link in range(offsets[person], offsets[person + 1]):
            follower = followers[link]
            before = left[follower]
            if before == 0:
                before = DONE_WEIGHT + 1 + np.int64(draw(key, follower) >> _S24)
            now = before - np.int64(np.float64(weights[link]) * UNIT)
            left[follower] = now
            order[size] = follower
            size += np.int64(before > DONE_WEIGHT and now <= DONE_WEIGHT)
        after[at] = size
        at += 1
    _clean(offsets, followers, left, order, size)
    return size


@hot_inline
def _clean(offsets, followers, left, order, size):
    for k in range(size):
        person = order[k]
        left[person] = 0
        for link in range(offsets[person], offsets[person + 1]):
            left[followers[link]] = 0


@kernel
def ends_of_steps(after, n_seeds):
    """Return how many had become active by the end of each step from 0 on, (steps + 1,) int64."""
    steps, end = 0, n_seeds
    while after[end - 1] > end:
        end = np.int64(after[end - 1])
        steps += 1
    ends = np.empty(steps + 1, np.int64)
    ends[0] = n_seeds
    for step in range(steps):
        ends[step + 1] = after[ends[step] - 1]
    return ends


@hot_kernel
def write_down(work, ends, times, parents):
    """Fill the columns that were asked for (the others are empty) of those who became active."""
    order, after = work.order, work.after
    last = order.size - 1
    first = np.int64(0)
    for step in range(ends.size if times.size else 0):
        for k in range(first, ends[step]):
            prefetch(times, np.int64(order[min(k + _FAR, last)]))
            times[order[k]] = step
        first = ends[step]
    reached = ends[0]
    for by in range(ends[ends.size - 1] if parents.size else 0):
        for k in range(reached, np.int64(after[by])):
            prefetch(parents, np.int64(order[min(k + _FAR, last)]))
            parents[order[k]] = order[by]
        reached = np.int64(after[by])


@kernel
def over_weighted(offsets, followers, weights, most):
    """Return a person whose incoming weights sum to more than `most` with that sum, or -1 and the largest sum."""
    sums = np.zeros(offsets.size - 1, np.float64)
    for link in range(followers.size):
        sums[followers[link]] += weights[link]
    worst = np.argmax(sums)
    return (worst if sums[worst] > most else -1), sums[worst]
