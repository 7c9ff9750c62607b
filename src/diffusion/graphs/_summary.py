"""Kernels that summarise a follower graph."""

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
def largest_component(offsets, followers):
    """Return the number of persons in the largest weakly connected component, by union-find."""
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
    largest = 0
    for i in range(n):
        root = _root(parent, i)
        sizes[root] += 1
        largest = max(largest, np.int64(sizes[root]))
    return largest
