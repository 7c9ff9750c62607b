"""Kernels that summarise a follower graph: components, correlation of degrees along links."""

from __future__ import annotations

import numpy as np

from diffusion._jit import inline_kernel, kernel


@inline_kernel
def _root(parent, i):
    """Find the root of a tree and halve the path on the way (Tarjan & van Leeuwen 1984)."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = np.int64(parent[i])
    return i


@kernel
def weak_components(offsets, followers):
    """Return (number of weakly connected components, persons in the largest), by union-find."""
    n = len(offsets) - 1
    parent = np.arange(n).astype(np.uint32)
    for u in range(n):
        root = _root(parent, u)
        for k in range(offsets[u], offsets[u + 1]):
            other = _root(parent, np.int64(followers[k]))
            # the smaller index becomes the root: no ranks to store, and path halving keeps the trees flat
            if other < root:
                parent[root] = other
                root = other
            elif root < other:
                parent[other] = root
    sizes = np.zeros(n, np.uint32)
    largest, number = 0, 0
    for i in range(n):
        root = _root(parent, i)
        number += root == i
        sizes[root] += 1
        largest = max(largest, np.int64(sizes[root]))
    return number, largest


@kernel
def strong_components(offsets, followers):
    """Return (number of strongly connected components, persons in the largest), by Tarjan's algorithm (1972).

    A stack of persons under way takes the place of recursion; `low` is 0 for a person not met yet and `done` for one
    whose component is known.
    """
    n = len(offsets) - 1
    done = np.uint32(4294967295)
    low = np.zeros(n, np.uint32)
    met = np.zeros(n, np.uint32)
    cursor = offsets[:-1].copy()
    path = np.empty(n, np.uint32)
    waiting = np.empty(n, np.uint32)
    clock, number, largest, n_waiting = 0, 0, 0, 0
    for start in range(n):
        if low[start] != 0:
            continue
        depth = 1
        path[0] = start
        while depth > 0:
            u = path[depth - 1]
            if low[u] == 0:
                clock += 1
                met[u] = clock
                low[u] = clock
                waiting[n_waiting] = u
                n_waiting += 1
            deeper = False
            while cursor[u] < offsets[u + 1] and not deeper:
                v = followers[cursor[u]]
                if low[v] == 0:
                    path[depth] = v
                    depth += 1
                    deeper = True
                else:
                    if low[v] != done:
                        low[u] = min(low[u], low[v])
                    cursor[u] += 1
            if deeper:
                continue
            depth -= 1
            if low[u] == met[u]:
                size = 0
                while True:
                    n_waiting -= 1
                    v = waiting[n_waiting]
                    low[v] = done
                    size += 1
                    if v == u:
                        break
                number += 1
                largest = max(largest, size)
    return number, largest


@kernel
def correlation_along_links(offsets, followers, first, second):
    """Return Pearson's correlation, over links u → v, of first[u] and second[v]; NaN if either does not vary."""
    m = len(followers)
    if m == 0:
        return np.nan
    mean_first, mean_second = 0.0, 0.0
    for u in range(len(offsets) - 1):
        mean_first += np.float64(first[u]) * (offsets[u + 1] - offsets[u])
        for k in range(offsets[u], offsets[u + 1]):
            mean_second += second[followers[k]]
    mean_first /= m
    mean_second /= m
    xx, yy, xy = 0.0, 0.0, 0.0
    for u in range(len(offsets) - 1):
        x = first[u] - mean_first
        xx += x * x * (offsets[u + 1] - offsets[u])
        for k in range(offsets[u], offsets[u + 1]):
            y = second[followers[k]] - mean_second
            yy += y * y
            xy += x * y
    if xx <= 0.0 or yy <= 0.0:
        return np.nan
    return xy / np.sqrt(xx * yy)
