"""The measures that walk along who-heard-from-whom, in linear time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import kernel
from diffusion.engine.prefetch import prefetch
from diffusion.laws import EVIDENCE_LIMIT
from diffusion.units import NEVER

_NEVER = np.uint32(NEVER)
_AHEAD = 16
"""Nodes by which the memory of their parents is asked for before it is needed. Chosen."""
SPOKEN, TO_OUTLET, TO_PLATFORM = np.uint8(1), np.uint8(2), np.uint8(4)
"""What happened on a path: an outlet spoke; it went from a platform to an outlet; from an outlet to a platform."""


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
    sources : (m, K) int64
        Components up to the publication, of outlets and accounts.
    """

    author: NDArray[np.int64]
    source: NDArray[np.int64]
    tick: NDArray[np.int64]
    latency: NDArray[np.int64]
    waiting: NDArray[np.int64]
    sources: NDArray[np.int64]


class Heard(NamedTuple):
    """Who heard when and through which post.

    Attributes
    ----------
    order : (k,) int64
        The aware persons by ascending first tick, so that authors come before their readers.
    first_tick, first_post : (n,) uint32
        Columns of the outcome.
    """

    order: NDArray[np.int64]
    first_tick: NDArray[np.uint32]
    first_post: NDArray[np.uint32]


class Steps(NamedTuple):
    """What hearing through a post adds to a path, by number of the post.

    Attributes
    ----------
    author : (p,) int64
        The person who posted it, or -1 for outlets and accounts.
    path : (p,) uint8
        Where `author` is -1: what happened on the way to the outlet or account that posted it.
    posted : (p,) bool
        Whether a person posted it on a follow platform.
    """

    author: NDArray[np.int64]
    path: NDArray[np.uint8]
    posted: NDArray[np.bool_]


class Exposed(NamedTuple):
    """Exposures to one story in the order in which they happened: who, through which channel, the how-many-th.

    Attributes
    ----------
    person, channel, repeat : (k,) int64
        `repeat` is the number of earlier exposures through the channel, at most 3.
    counts : (k,) bool
        Whether it is evidence (to the author of a false story, having made it is not).
    """

    person: NDArray[np.int64]
    channel: NDArray[np.int64]
    repeat: NDArray[np.int64]
    counts: NDArray[np.bool_]


class Trees(NamedTuple):
    """Nodes that come after their parents: parent (-1 for roots), number of the tree, generation; each (m,) int64."""

    parent: NDArray[np.int64]
    tree: NDArray[np.int64]
    depth: NDArray[np.int64]


class Shapes(NamedTuple):
    """One entry per tree: nodes, generations below the root, largest generation, sum of distances over pairs."""

    size: NDArray[np.int64]
    depth: NDArray[np.int64]
    breadth: NDArray[np.int64]
    distances: NDArray[np.float64]


@kernel
def decompose_delays(heard, legs, latency, hesitation, components):
    """Fill (n, K) `components` of all who heard; rows of persons who saw the story themselves stay as they are.

    `latency` and `hesitation` are the numbers of these two components.
    """
    first_tick = heard.first_tick
    for at in range(heard.order.size):
        person = heard.order[at]
        post = heard.first_post[person]
        if post == _NEVER:
            continue
        author = legs.author[post]
        if author >= 0:
            for k in range(components.shape[1]):
                components[person, k] = components[author, k]
            components[person, hesitation] += legs.tick[post] - np.int64(first_tick[author])
        else:
            source = legs.source[post]
            for k in range(components.shape[1]):
                components[person, k] = legs.sources[source, k]
        gap = np.int64(first_tick[person]) - legs.tick[post]
        visible = min(gap, legs.latency[post])
        components[person, latency] += visible
        components[person, legs.waiting[post]] += gap - visible


@kernel
def follow_paths(heard, steps, path):
    """Fill (n,) `path`: what happened on the way of the story to each who heard (zero before)."""
    for at in range(heard.order.size):
        person = heard.order[at]
        post = heard.first_post[person]
        if post == _NEVER:
            continue
        author = steps.author[post]
        if author < 0:
            path[person] = steps.path[post]
            continue
        found = path[author]
        if steps.posted[post] and found & SPOKEN:
            found |= TO_PLATFORM
        path[person] = found


@kernel
def replay_evidence(exposed, credence, before, after):
    """Fill the evidence of the exposed persons `before` (NaN: this was their first) and `after` each exposure, (k,).

    The rule is that of docs/model.md §5, in the same order of roundings as in the engine.
    """
    prior, weights, repetition = credence
    evidence = np.full(prior.size, np.nan, dtype=np.float32)
    for at in range(exposed.person.size):
        person = exposed.person[at]
        before[at] = evidence[person]
        held = prior[person] if np.isnan(before[at]) else before[at]
        if exposed.counts[at]:
            weight = weights[exposed.channel[at], person if weights.shape[1] > 1 else 0]
            gained = np.float64(held) + weight * repetition[exposed.repeat[at]]
            held = np.float32(min(EVIDENCE_LIMIT, max(-EVIDENCE_LIMIT, gained)))
        evidence[person] = held
        after[at] = held


@kernel
def grow_trees(trees):
    """Fill `tree` (numbered in the order of the roots) and `depth`, and return the number of trees.

    If a node's parent is neither -1 nor an earlier node, the answer is -1 - the node.
    """
    count = 0
    for node in range(trees.parent.size):
        if node + _AHEAD < trees.parent.size:
            above = trees.parent[node + _AHEAD]
            prefetch(trees.tree, above)
            prefetch(trees.depth, above)
        above = trees.parent[node]
        if above >= node or above < -1:
            return -1 - node
        if above < 0:
            trees.tree[node] = count
            trees.depth[node] = 0
            count += 1
        else:
            trees.tree[node] = trees.tree[above]
            trees.depth[node] = trees.depth[above] + 1
    return count


@kernel
def measure_trees(trees, below, counts, shapes):
    """Fill the shapes of all trees.

    An edge with s nodes below it lies on the paths of s (N - s) pairs. `below` and `counts` are zeroed scratch of one
    entry per node: a tree has no more generations than nodes, so the generations of all trees fit side by side.
    """
    parent, tree, depth = trees.parent, trees.tree, trees.depth
    for node in range(parent.size):
        shapes.size[tree[node]] += 1
        shapes.depth[tree[node]] = max(shapes.depth[tree[node]], depth[node])
    for node in range(parent.size - 1, -1, -1):
        if node >= _AHEAD:
            prefetch(below, parent[node - _AHEAD])
        below[node] += 1
        if parent[node] >= 0:
            below[parent[node]] += below[node]
            pairs = float(below[node]) * float(shapes.size[tree[node]] - below[node])
            shapes.distances[tree[node]] += pairs
    # While generations are counted, `size` holds where each tree's generations begin.
    start = 0
    for t in range(shapes.size.size):
        size = shapes.size[t]
        shapes.size[t] = start
        start += size
    for node in range(parent.size):
        t = tree[node]
        generation = shapes.size[t] + depth[node]
        counts[generation] += 1
        shapes.breadth[t] = max(shapes.breadth[t], counts[generation])
    for t in range(shapes.size.size):
        following = shapes.size[t + 1] if t + 1 < shapes.size.size else parent.size
        shapes.size[t] = following - shapes.size[t]
