"""Kernels of ties between persons on a plane that is closed like a torus, of side 1."""

from __future__ import annotations

import math

import numpy as np

from diffusion._jit import inline_kernel, kernel
from diffusion.graphs._generate import _rounded
from diffusion.randomness import draw, draw2, uniform

_NEAR, _LONG = np.uint64(1), np.uint64(2)
_TRIES = 32


@inline_kernel
def _distance(place, i, j):
    """Return the distance of two persons, the short way round."""
    dx = abs(place[i, 0] - place[j, 0])
    dy = abs(place[i, 1] - place[j, 1])
    return math.hypot(min(dx, 1.0 - dx), min(dy, 1.0 - dy))


@inline_kernel
def _write(pairs, total, i, j):
    """Write a pair while there is room; return the number of pairs."""
    if total < len(pairs):
        pairs[total, 0] = i
        pairs[total, 1] = j
    return total + 1


@kernel
def near_ties(place, order, starts, radius, chance, key, pairs):
    """Tie persons within a radius with one chance; return the number of pairs.

    `order` holds persons by cell of a square grid, cell c from starts[c] on; a cell is at least a radius wide, unless
    the grid has fewer than three columns, and then it is one cell.
    """
    side = np.int64(round(math.sqrt(len(starts) - 1)))
    near_key = draw(key, _NEAR)
    reach = 1 if side > 1 else 0
    total = 0
    for cell in range(len(starts) - 1):
        row, column = cell // side, cell % side
        for a in range(starts[cell], starts[cell + 1]):
            i = order[a]
            for step in range((2 * reach + 1) ** 2):
                down, right = step // (2 * reach + 1) - reach, step % (2 * reach + 1) - reach
                other = (row + down) % side * side + (column + right) % side
                for b in range(starts[other], starts[other + 1]):
                    j = order[b]
                    if i >= j or _distance(place, i, j) >= radius:
                        continue
                    if uniform(draw2(near_key, np.uint64(i), np.uint64(j))) < chance:
                        total = _write(pairs, total, i, j)
    return total


@inline_kernel
def _length(u, least, power):
    """Return a distance in least … 1/2 with a density x ** (power - 1)."""
    if abs(power) < 1e-9:
        return least * (0.5 / least) ** u
    low = least**power
    return (low + u * (0.5**power - low)) ** (1.0 / power)


@kernel
def long_ties(place, order, starts, radius, law, key, pairs):
    """Draw ties longer than the radius; return the number of pairs.

    `law` is (ties that each person draws on average, decay of the density of ties with distance). A tie goes to
    somebody in the cell where it ends.
    """
    mean, decay = law
    side = np.int64(round(math.sqrt(len(starts) - 1)))
    long_key = draw(key, _LONG)
    total = 0
    for i in range(len(place)):
        h = draw(long_key, np.uint64(i))
        for c in range(_rounded(mean, uniform(h))):
            for t in range(_TRIES):
                tie = draw2(h, np.uint64(c), np.uint64(t))
                length = _length(uniform(draw(tie, np.uint64(0))), radius, 2.0 - decay)
                angle = 2.0 * math.pi * uniform(draw(tie, np.uint64(1)))
                x = (place[i, 0] + length * math.cos(angle)) % 1.0
                y = (place[i, 1] + length * math.sin(angle)) % 1.0
                cell = min(side - 1, np.int64(y * side)) * side + min(side - 1, np.int64(x * side))
                size = starts[cell + 1] - starts[cell]
                if size == 0:
                    continue
                j = order[starts[cell] + np.int64(uniform(draw(tie, np.uint64(2))) * size)]
                if j != i and _distance(place, i, j) >= radius:
                    total = _write(pairs, total, i, j)
                    break
    return total
