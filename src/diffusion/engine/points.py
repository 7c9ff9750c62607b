"""Points of Poisson processes of unit rate, found by hashing cells: sessions, visits, meetings (docs/model.md §4)."""

from __future__ import annotations

import math

import numpy as np

from diffusion._jit import hot_function, hot_inline
from diffusion.laws import POISSON_THRESHOLDS, first_point, points_in_cell
from diffusion.randomness import draw, draw2, uniform

_S32 = np.uint64(32)
NO_POINT = np.inf
FOUR_POINTS = np.uint64(POISSON_THRESHOLDS[3])
"""A cell of this hash or a higher one, in the upper half of its bits, holds four points or more."""
_ONE_POINT, _TWO_POINTS, _THREE_POINTS = (np.uint64(t) for t in POISSON_THRESHOLDS[:3])
_FIVE_POINTS, _SIX_POINTS, _SEVEN_POINTS = (np.uint64(t) for t in POISSON_THRESHOLDS[4:7])


@hot_inline
def _point(cell, position, exists):
    return cell + position if exists else NO_POINT


@hot_inline
def _after(point, x, best):
    return point if (point > x) & (point < best) else best


@hot_inline
def first_three(h, cell, x, low, best):
    """Return (is there one in (low, x], first point after x) from the first three points of a cell.

    There is no branch: a mispredicted one costs more than the hashes.
    """
    u = h >> _S32
    a = _point(cell, first_point(h), u >= _ONE_POINT)
    b = _point(cell, uniform(draw(h, 1)), u >= _TWO_POINTS)
    c = _point(cell, uniform(draw(h, 2)), u >= _THREE_POINTS)
    running = ((a > low) & (a <= x)) | ((b > low) & (b <= x)) | ((c > low) & (c <= x))
    return running, _after(c, x, _after(b, x, _after(a, x, best)))


@hot_inline
def two_cells(hashes, cell, x, low):
    """Return (is there one in (low, x], first point after x, all points seen) for two cells, by their first three."""
    first, second = hashes
    early, best = first_three(first, cell, x, low, NO_POINT)
    late, best = first_three(second, cell + 1, x, low, best)
    return early | late, best, max(first >> _S32, second >> _S32) < FOUR_POINTS


@hot_inline
def _next_three(h, cell, x, low, best):
    """Do for points 3 to 5 of a cell what `first_three` does for the first ones."""
    u = h >> _S32
    a = _point(cell, uniform(draw(h, 3)), u >= FOUR_POINTS)
    b = _point(cell, uniform(draw(h, 4)), u >= _FIVE_POINTS)
    c = _point(cell, uniform(draw(h, 5)), u >= _SIX_POINTS)
    running = ((a > low) & (a <= x)) | ((b > low) & (b <= x)) | ((c > low) & (c <= x))
    return running, _after(c, x, _after(b, x, _after(a, x, best)))


@hot_inline
def two_full_cells(hashes, cell, x, low):
    """Do as `two_cells` by the first six points of each."""
    first, second = hashes
    running, best, _ = two_cells(hashes, cell, x, low)
    early, best = _next_three(first, cell, x, low, best)
    late, best = _next_three(second, cell + 1, x, low, best)
    return running | early | late, best, max(first >> _S32, second >> _S32) < _SEVEN_POINTS


@hot_inline
def _scan_cell(h, cell, x, length, best):
    """Return the first point after `x` among `best` and a cell's points, or -1 if one is in (x - length, x]."""
    low = x - length
    running, best = first_three(h, cell, x, low, best)
    if (h >> _S32) >= FOUR_POINTS:
        for k in range(3, points_in_cell(h)):
            p = cell + uniform(draw(h, k))
            running |= (p > low) & (p <= x)
            best = _after(p, x, best)
    return -1.0 if running else best


@hot_function
def next_point(key, a, x, cells):
    """Return the first point after `x` of the process (key, a) in the cells from the first to the last, or NO_POINT."""
    cell, last = cells
    best = NO_POINT
    while cell <= last and best == NO_POINT:
        best = _scan_cell(draw2(key, a, cell), cell, x, 0.0, best)
        cell += 1
    return best


@hot_function
def next_meeting(pair, x, limit):
    """Return the first point after `x` of a pair's process; NO_POINT if there is none before cell floor(limit) + 1."""
    cell = np.int64(math.floor(x))
    last = np.int64(math.floor(limit))
    best = NO_POINT
    while cell <= last and best == NO_POINT:
        best = _scan_cell(draw(pair, cell), cell, x, 0.0, best)
        cell += 1
    return best


@hot_inline
def session_point(key, person, x, length, limit):
    """Return `x` if a session is running at x, else the start of the next session.

    The answer is NO_POINT if none starts before cell floor(limit) + 1. `x`, `length` and the result are in units of the
    person's sessions.
    """
    cell = np.int64(math.floor(x - length))
    last = np.int64(math.floor(limit))
    best = _scan_cell(draw2(key, person, cell), cell, x, length, NO_POINT)
    while cell < last and (best == NO_POINT or cell <= x - 1.0) and best >= 0.0:
        cell += 1
        best = _scan_cell(draw2(key, person, cell), cell, x, length, best)
    return x if best < 0.0 else best
