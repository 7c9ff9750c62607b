"""Kernels that draw memberships of groups."""

from __future__ import annotations

import numpy as np

from diffusion._jit import inline_kernel, kernel
from diffusion.randomness import draw, draw2, uniform

_TRIES = 32


@inline_kernel
def _at_share(weights, first, end, u):
    """Return the group in first..end-1 at share u of their cumulative weights, by bisection."""
    value = weights[first] + u * (weights[end] - weights[first])
    low, high = first, end
    while high - low > 1:
        middle = (low + high) // 2
        if weights[middle] <= value:
            low = middle
        else:
            high = middle
    return low


@kernel
def draw_memberships(people, counts, community, weights, bounds, alignment, key):
    """Draw each person's groups, without repeats: (starts, groups).

    `weights` (g + 1,) are cumulative; groups bounds[c] … bounds[c + 1] - 1 belong to community c. With chance
    `alignment` a group is drawn from the person's own community, if that has any.
    """
    n = len(people)
    starts = np.zeros(n + 1, np.int64)
    groups = np.empty(counts.sum(), np.uint32)
    stamp = np.full(len(weights) - 1, -1, np.int64)
    total = 0
    for j in range(n):
        h = draw(key, np.uint64(people[j]))
        own = community[j]
        for c in range(counts[j]):
            for t in range(_TRIES):
                k = draw2(h, np.uint64(c), np.uint64(t))
                first, end = 0, len(weights) - 1
                if own >= 0 and bounds[own + 1] > bounds[own] and uniform(draw(k, np.uint64(0))) < alignment:
                    first, end = bounds[own], bounds[own + 1]
                group = _at_share(weights, first, end, uniform(draw(k, np.uint64(1))))
                if stamp[group] != j:
                    stamp[group] = j
                    groups[total] = group
                    total += 1
                    break
        starts[j + 1] = total
    return starts, groups[:total]


@kernel
def rows_of_members(people, starts, groups, n_groups):
    """Turn persons' groups into groups' members, ascending: (offsets, members)."""
    offsets = np.zeros(n_groups + 1, np.int64)
    for k in range(len(groups)):
        offsets[groups[k] + 1] += 1
    for g in range(n_groups):
        offsets[g + 1] += offsets[g]
    cursor = offsets[:-1].copy()
    members = np.empty(len(groups), np.uint32)
    for j in range(len(starts) - 1):
        for k in range(starts[j], starts[j + 1]):
            members[cursor[groups[k]]] = people[j]
            cursor[groups[k]] += 1
    return offsets, members
