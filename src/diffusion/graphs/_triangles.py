"""Kernels on the undirected projection of a follower graph: who is a neighbour of whom, triangles, wedges.

Rows of neighbours are sorted and hold no person twice: `offsets` is (n + 1,) int64, `neighbours` is (k,) uint32.
"""

from __future__ import annotations

import numpy as np

from diffusion._jit import inline_kernel, kernel
from diffusion.randomness import draw2, uniform


@inline_kernel
def _merge(a, b, out, at, write):
    """Merge two sorted rows; return where the merged row ends in `out`."""
    i, j = 0, 0
    while i < len(a) or j < len(b):
        if j == len(b) or (i < len(a) and a[i] <= b[j]):
            value = a[i]
            if j < len(b) and b[j] == value:
                j += 1
            i += 1
        else:
            value = b[j]
            j += 1
        if write:
            out[at] = value
        at += 1
    return at


@kernel
def project(offsets, followers, back_offsets, back):
    """Return rows of neighbours: followers of a person (`followers`) and those whom the person follows (`back`)."""
    n = len(offsets) - 1
    starts = np.zeros(n + 1, np.int64)
    none = np.empty(0, np.uint32)
    for u in range(n):
        row, other = followers[offsets[u] : offsets[u + 1]], back[back_offsets[u] : back_offsets[u + 1]]
        starts[u + 1] = _merge(row, other, none, starts[u], False)
    neighbours = np.empty(starts[n], np.uint32)
    for u in range(n):
        row, other = followers[offsets[u] : offsets[u + 1]], back[back_offsets[u] : back_offsets[u + 1]]
        _merge(row, other, neighbours, starts[u], True)
    return starts, neighbours


@kernel
def count_triangles(offsets, neighbours):
    """Return the (n,) int64 triangles at each person.

    Every link is looked at from its end of lower degree (Chiba & Nishizeki 1985; Schank & Wagner 2005), so that hubs
    cost little: O(links^1.5) at worst.
    """
    n = len(offsets) - 1
    starts = np.zeros(n + 1, np.int64)
    higher = np.empty(len(neighbours) // 2, np.uint32)
    at = 0
    for u in range(n):
        degree = offsets[u + 1] - offsets[u]
        for k in range(offsets[u], offsets[u + 1]):
            v = neighbours[k]
            other = offsets[v + 1] - offsets[v]
            if degree < other or (degree == other and u < v):
                higher[at] = v
                at += 1
        starts[u + 1] = at
    triangles = np.zeros(n, np.int64)
    mark = np.zeros(n, np.uint32)
    for u in range(n):
        for k in range(starts[u], starts[u + 1]):
            mark[higher[k]] = u + 1
        for k in range(starts[u], starts[u + 1]):
            v = higher[k]
            for j in range(starts[v], starts[v + 1]):
                w = higher[j]
                if mark[w] == u + 1:
                    triangles[u] += 1
                    triangles[v] += 1
                    triangles[w] += 1
    return triangles


@inline_kernel
def _are_neighbours(offsets, neighbours, u, v):
    if offsets[u + 1] - offsets[u] > offsets[v + 1] - offsets[v]:
        u, v = v, u
    low, high = offsets[u], offsets[u + 1]
    while low < high:
        middle = (low + high) // 2
        if neighbours[middle] < v:
            low = middle + 1
        else:
            high = middle
    return low < offsets[u + 1] and neighbours[low] == v


@kernel
def closed_wedges(offsets, neighbours, centres, key):
    """Draw two neighbours of each centre (a person with at least two); return (k,) whether they are neighbours."""
    closed = np.zeros(len(centres), np.bool_)
    for k in range(len(centres)):
        begin = offsets[centres[k]]
        degree = offsets[centres[k] + 1] - begin
        i = np.int64(uniform(draw2(key, k, 0)) * degree)
        j = np.int64(uniform(draw2(key, k, 1)) * (degree - 1))
        if j >= i:
            j += 1
        closed[k] = _are_neighbours(
            offsets, neighbours, np.int64(neighbours[begin + i]), np.int64(neighbours[begin + j])
        )
    return closed
