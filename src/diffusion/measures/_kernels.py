"""The measures that walk along who-heard-from-whom, in linear time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import kernel


class Legs(NamedTuple):
    """How a post brings a story to those who hear of it through the post, by number of the post.

    Attributes
    ----------
    author : (p,) int64
        The person who posted it, or -1 for outlets and accounts.
    source : (p,) int64
        Row of the table of sources (outlets and accounts), or -1 for persons.
    tick : (p,) int64
        When it was posted; of an outlet's broadcast, when the outlet first published the story.
    latency : (p,) int64
        Ticks until it is visible, at most.
    waiting : (p,) int64
        The component to which the rest of the time until it is met belongs.
    """

    author: NDArray[np.int64]
    source: NDArray[np.int64]
    tick: NDArray[np.int64]
    latency: NDArray[np.int64]
    waiting: NDArray[np.int64]


@kernel
def decompose_delays(order, first_tick, first_post, legs, sources, latency, hesitation, never, components):
    """Fill (n, K) `components` of the persons in `order` (ascending first tick, so that authors come before readers).

    `sources` holds the components up to the publication of outlets and accounts, (m, K); `latency` and `hesitation` are
    the numbers of these two components. Rows of persons who saw the story themselves stay as they are.
    """
    for at in range(order.size):
        person = order[at]
        post = first_post[person]
        if post == never:
            continue
        author = legs.author[post]
        if author >= 0:
            for k in range(components.shape[1]):
                components[person, k] = components[author, k]
            components[person, hesitation] += legs.tick[post] - np.int64(first_tick[author])
        else:
            source = legs.source[post]
            for k in range(components.shape[1]):
                components[person, k] = sources[source, k]
        gap = np.int64(first_tick[person]) - legs.tick[post]
        visible = min(gap, legs.latency[post])
        components[person, latency] += visible
        components[person, legs.waiting[post]] += gap - visible


@kernel
def grow_trees(parent, tree, depth):
    """Fill `tree` (numbered in the order of the roots) and `depth`, and return the number of trees.

    Parents come before their children.
    """
    trees = 0
    for node in range(parent.size):
        above = parent[node]
        if above < 0:
            tree[node] = trees
            depth[node] = 0
            trees += 1
        else:
            tree[node] = tree[above]
            depth[node] = depth[above] + 1
    return trees


@kernel
def measure_trees(parent, tree, depth, below, counts, sizes, depths, breadths, distances):
    """Fill size, depth, maximum breadth and the sum of distances over pairs of nodes of every tree.

    An edge with s nodes below it lies on the paths of s (N - s) pairs. `below` and `counts` are zeroed scratch of one
    entry per node: a tree has no more generations than nodes.
    """
    for node in range(parent.size):
        sizes[tree[node]] += 1
        depths[tree[node]] = max(depths[tree[node]], depth[node])
    for node in range(parent.size - 1, -1, -1):
        below[node] += 1
        if parent[node] >= 0:
            below[parent[node]] += below[node]
            distances[tree[node]] += float(below[node]) * float(sizes[tree[node]] - below[node])
    start = 0
    for t in range(sizes.size):
        size = sizes[t]
        sizes[t] = start
        start += size
    for node in range(parent.size):
        t = tree[node]
        generation = sizes[t] + depth[node]
        counts[generation] += 1
        breadths[t] = max(breadths[t], counts[generation])
    for t in range(sizes.size):
        following = sizes[t + 1] if t + 1 < sizes.size else parent.size
        sizes[t] = following - sizes[t]
