"""Kernels of graphs with communities and clustering: persons on a ring, paired with those within range.

A person is a position 0..n-1 in the order of the ring. The pull of i to j is wants[i] * draws[j]; of two persons the
one with the larger pull to the other is the pair's chooser, so that a pair is found once, by its chooser.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import inline_kernel, kernel
from diffusion.graphs._generate import _rounded, _sort_row
from diffusion.randomness import draw, draw2, uniform

_PAIR, _FAR, _RETURN = np.uint64(3), np.uint64(4), np.uint64(5)
_LOW20 = np.uint64((1 << 20) - 1)
_S20, _S40 = np.uint64(20), np.uint64(40)
_UNIT20, _UNIT24 = 2.0**-20, 2.0**-24
_TRIES = 32
PLACE, WANTS, DRAWS, LEAN = 0, 1, 2, 3
BIN = 1.0 / 32.0
"""Width of the bins of the logarithm of a pair's balance."""
N_BINS = 1024


class Ring(NamedTuple):
    """Persons in the order of the ring.

    person : (n,) uint32, who it is.
    traits : (n, 4) float64, side by side for they are read together: the place on the ring of `around` steps (one
        person a step, some empty steps between communities), accounts that a person tends to follow (wants), followers
        that they tend to have (draws), and the logarithm of wants / draws (lean).
    community : (n,) int32, ascending; community c holds positions bounds[c] … bounds[c + 1] - 1.
    layers : (n,) uint32 positions by layer, ascending in each; layer l begins at layer_at[l] and draws at most
        layer_top[l], within a factor of two.
    far : (n + 1,) float64 cumulative draws; a search for a value begins at far_guide[value's share of all, in n-ths].
    """

    person: NDArray[np.uint32]
    traits: NDArray[np.float64]
    around: float
    community: NDArray[np.int32]
    bounds: NDArray[np.int64]
    layers: NDArray[np.uint32]
    layer_at: NDArray[np.int64]
    layer_top: NDArray[np.float64]
    far: NDArray[np.float64]
    far_guide: NDArray[np.uint32]


class Rule(NamedTuple):
    """How pairs are made.

    scale : float64, steps of range per unit of pull.
    kept : float64, share of the pairs within range that stays.
    far : float64, pairs without regard to distance per account wanted.
    leave : float64, chance that such a pair leaves the community; below 0 it is drawn among everybody.
    """

    scale: float
    kept: float
    far: float
    leave: float


@inline_kernel
def _near(ring, key, i, j, steps, scale):
    """Whether i is the chooser of j and j is within range, the last step by chance: the pair's hash, or 0."""
    pull = ring.traits[i, WANTS] * ring.traits[j, DRAWS]
    reach = scale * pull
    if steps >= reach + 1.0:
        return np.uint64(0)
    other = ring.traits[j, WANTS] * ring.traits[i, DRAWS]
    if other > pull or (other == pull and j < i):
        return np.uint64(0)
    a, b = np.uint64(ring.person[i]), np.uint64(ring.person[j])
    bits = draw2(key, min(a, b), max(a, b))
    if steps - np.float64(bits >> _S40) * _UNIT24 >= reach:
        return np.uint64(0)
    return bits | np.uint64(1)


@inline_kernel
def _within_range(ring, key, i, j, scale):
    """Whether the two are a pair by range, whoever is the chooser."""
    steps = abs(ring.traits[i, PLACE] - ring.traits[j, PLACE])
    steps = min(steps, ring.around - steps)
    return _near(ring, key, i, j, steps, scale) != 0 or _near(ring, key, j, i, steps, scale) != 0


@inline_kernel
def _pairs_in_layer(ring, key, i, layer, at, rule, targets, total, across):
    """Find the pairs of which i is the chooser in one layer, walking away from i on both sides.

    `at` is the first member not before i. Writes the targets while there is room; returns (total, across) with those
    of this layer.
    """
    first = ring.layer_at[layer]
    size = ring.layer_at[layer + 1] - first
    reach = rule.scale * ring.traits[i, WANTS] * ring.layer_top[layer] + 1.0
    limit = np.uint64(rule.kept * (1 << 20))
    for side in range(2):
        way = 1 - 2 * side
        # somebody straight opposite is met on the first side only
        farthest = min(reach, math.floor((ring.around - side) / 2.0) + 0.5)
        k = at - first - side
        for _ in range(size):
            k = 0 if k == size else size - 1 if k < 0 else k
            j = np.int64(ring.layers[first + k])
            k += way
            steps = (ring.traits[j, PLACE] - ring.traits[i, PLACE]) * way
            if steps < 0:
                steps += ring.around
            if steps >= farthest:
                break
            if j == i:
                continue
            bits = _near(ring, key, i, j, steps, rule.scale)
            if bits == 0 or ((bits >> _S20) & _LOW20) >= limit:
                continue
            if total < len(targets):
                targets[total] = j
            total += 1
            across += ring.community[i] != ring.community[j]
    return total, across


@inline_kernel
def _drawn_by_popularity(ring, first, end, u):
    """Return the position in first..end-1 at share u of their draws."""
    value = ring.far[first] + u * (ring.far[end] - ring.far[first])
    n = len(ring.person)
    at = max(first, np.int64(ring.far_guide[min(n - 1, np.int64(value / ring.far[n] * n))]))
    while at < end - 1 and ring.far[at + 1] <= value:
        at += 1
    return at


@inline_kernel
def _far_target(ring, key, h, i, rule):
    """Draw one account without regard to distance; -1 if it is i or decided by range."""
    n = len(ring.person)
    own = ring.community[i]
    first, end = ring.bounds[own], ring.bounds[own + 1]
    u = uniform(draw(h, np.uint64(0)))
    if rule.leave < 0.0:
        j = _drawn_by_popularity(ring, 0, n, u)
    elif uniform(draw(h, np.uint64(1))) >= rule.leave:
        j = _drawn_by_popularity(ring, first, end, u)
    else:
        j = _drawn_by_popularity(ring, 0, n, u)
        if first <= j < end:
            return -1
    return -1 if j == i or _within_range(ring, key, i, j, rule.scale) else j


@inline_kernel
def _far_wanted(ring, h, i, rule):
    """Return how many accounts i chooses without regard to distance."""
    return _rounded(rule.far * ring.traits[i, WANTS], uniform(h))


@inline_kernel
def _far_pairs(ring, key, i, rule, stamp, begin, total, targets):
    """Draw the accounts that i chooses without regard to distance; who pairs with nobody else draws one at least.

    `stamp` (n,) says who chose a position last.
    """
    h = draw(draw(key, _FAR), np.uint64(ring.person[i]))
    wanted = _far_wanted(ring, h, i, rule)
    if wanted == 0 and total == begin:
        wanted = 1
    pair_key = draw(key, _PAIR)
    for c in range(wanted):
        for t in range(_TRIES):
            j = _far_target(ring, pair_key, draw2(h, np.uint64(c), np.uint64(t)), i, rule)
            if j >= 0 and stamp[j] != i:
                stamp[j] = i
                targets[total] = j
                total += 1
                break
    return total


@kernel
def count_near(ring, key, rule, stride):
    """Count the pairs within range whose chooser is at every stride-th position.

    Returns (pairs, of them across communities, choosers of nobody, accounts wanted by the choosers).
    """
    pair_key, far_key = draw(key, _PAIR), draw(key, _FAR)
    nothing = np.zeros(0, np.uint32)
    cursor = ring.layer_at[:-1].copy()
    total, across, alone, wanted = 0, 0, 0, 0.0
    for i in range(0, len(ring.person), stride):
        wanted += ring.traits[i, WANTS]
        begin = total
        for layer in range(len(cursor)):
            while cursor[layer] < ring.layer_at[layer + 1] and ring.layers[cursor[layer]] < i:
                cursor[layer] += 1
            total, across = _pairs_in_layer(ring, pair_key, i, layer, cursor[layer], rule, nothing, total, across)
        if total == begin:
            alone += _far_wanted(ring, draw(far_key, np.uint64(ring.person[i])), i, rule) == 0
    return total, across, alone, wanted


@kernel
def make_pairs(ring, key, rule, room):
    """Make all pairs, by chooser.

    Returns (starts, targets): (n + 1,) int64, (pairs,) uint32 positions. Where they outgrow `room`, starts[n] exceeds
    it, and targets are incomplete.
    """
    n = len(ring.person)
    pair_key = draw(key, _PAIR)
    starts = np.zeros(n + 1, np.int64)
    targets = np.empty(room, np.uint32)
    stamp = np.full(n, np.uint32(0xFFFFFFFF))
    cursor = ring.layer_at[:-1].copy()
    total = 0
    for i in range(n):
        begin = total
        for layer in range(len(cursor)):
            while cursor[layer] < ring.layer_at[layer + 1] and ring.layers[cursor[layer]] < i:
                cursor[layer] += 1
            total, _ = _pairs_in_layer(ring, pair_key, i, layer, cursor[layer], rule, targets, total, 0)
        if total + rule.far * ring.traits[i, WANTS] + 2.0 > room:
            starts[n] = max(total, room) + 1
            return starts, targets
        total = _far_pairs(ring, key, i, rule, stamp, begin, total, targets)
        starts[i + 1] = total
    return starts, targets[:total]


@inline_kernel
def _balance(ring, i, j):
    """Return the logarithm, at most 0, of the target's pull over the chooser's."""
    return min(0.0, ring.traits[j, LEAN] - ring.traits[i, LEAN])


@kernel
def count_balance(ring, starts, targets):
    """Count pairs by their balance, in bins of width BIN downwards from 0; the last one takes all that is lower."""
    counts = np.zeros(N_BINS, np.int64)
    for i in range(len(starts) - 1):
        for k in range(starts[i], starts[i + 1]):
            counts[min(N_BINS - 1, np.int64(-_balance(ring, i, targets[k]) / BIN))] += 1
    return counts


@kernel
def rows_of_pairs(ring, key, starts, targets, chances, n_persons):
    """Turn pairs into sorted rows of followers: the chooser follows the target, who follows back by chance.

    `chances` (N_BINS,) are chances of following back by balance. Returns (offsets, followers).
    """
    n = len(starts) - 1
    return_key = draw(key, _RETURN)
    offsets = np.zeros(n_persons + 1, np.int64)
    back = np.zeros(len(targets), np.bool_)
    for i in range(n):
        a = ring.person[i]
        for k in range(starts[i], starts[i + 1]):
            j = targets[k]
            b = ring.person[j]
            chance = chances[min(N_BINS - 1, np.int64(-_balance(ring, i, j) / BIN))]
            back[k] = uniform(draw2(return_key, np.uint64(a), np.uint64(b))) < chance
            offsets[b + 1] += 1
            offsets[a + 1] += back[k]
    for i in range(n_persons):
        offsets[i + 1] += offsets[i]
    cursor = offsets[:-1].copy()
    followers = np.empty(offsets[n_persons], np.uint32)
    for i in range(n):
        a = ring.person[i]
        for k in range(starts[i], starts[i + 1]):
            b = ring.person[targets[k]]
            followers[cursor[b]] = a
            cursor[b] += 1
            if back[k]:
                followers[cursor[a]] = b
                cursor[a] += 1
    for i in range(n_persons):
        _sort_row(followers[offsets[i] : offsets[i + 1]])
    return offsets, followers
