"""Draws (docs/model.md §2) on Python integers: hashes of addresses, quantiles, points of Poisson processes."""

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from diffusion.laws import KNOTS, MOST_POINTS, OCTAVES, POISSON_THRESHOLDS, SIGMA_TABLE
from diffusion.randomness import WORLD, name_key
from diffusion.vocabulary import Purpose

MASK = 2**64 - 1
TOP = 2**63
STEP = 0x9E3779B97F4A7C15
STEP2 = 0xD1B54A32D192ED03
FIRST_LUCK = 20
"""Purposes below this one draw the world."""
CELLS_SEARCHED = 64

_THRESHOLDS = [int(x) for x in POISSON_THRESHOLDS]
_SIGMA = [float(x) for x in SIGMA_TABLE]


def f32(x: float) -> float:
    """Round to a 32-bit float; everything else is computed with 64 bits."""
    return float(np.float32(x))


def clip(x: float) -> float:
    return min(4.0, max(-4.0, x))


def mix(x: int) -> int:
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def draw(key: int, a: int) -> int:
    return mix((key + (a + 1) * STEP) & MASK)


def draw2(key: int, a: int, b: int) -> int:
    return mix((key + (a + 1) * STEP + (b + 1) * STEP2) & MASK)


def uniform(h: int) -> float:
    return (h >> 11) * 2.0**-53


def quantile(table: Sequence[float] | NDArray[np.float64], h: int) -> float:
    """The top bit of h chooses the tail, the zeros behind it the octave, four bits the knot, the rest its fraction."""
    side = h >> 63
    x = (h << 1) & MASK
    octave = 0
    while octave < OCTAVES - 1 and x < TOP:
        x = (x << 1) & MASK
        octave += 1
    x = (x << 1) & MASK
    knot = x >> 60
    fraction = (((x << 4) & MASK) >> 11) * 2.0**-53
    at = (side * OCTAVES + octave) * (KNOTS + 1) + knot
    low, high = float(table[at]), float(table[at + 1])
    return low + fraction * (high - low)


def sigma(x: float) -> float:
    at = (x + 4.0) * 64
    step = int(at)
    return _SIGMA[step] + (at - step) * (_SIGMA[step + 1] - _SIGMA[step])


def power(rho: float, m: int) -> float:
    """rho to the m-th by repeated multiplication."""
    result = 1.0
    for _ in range(m):
        result *= rho
    return result


# --- Poisson processes of rate 1: a cell [c, c + 1) is known by its hash ----------------------------------------------


def points_in_cell(h: int) -> int:
    count = 0
    while count < MOST_POINTS and (h >> 32) >= _THRESHOLDS[count]:
        count += 1
    return count


def first_point(h: int) -> float:
    return (h & 0xFFFFFFFF) * 2.0**-32


def points(cell: int, h: int) -> Iterator[float]:
    """The points of one cell, in no particular order."""
    for k in range(points_in_cell(h)):
        yield cell + (first_point(h) if k == 0 else uniform(draw(h, k)))


def next_point(x: float, hash_of: Callable[[int], int]) -> float | None:
    """The first point after x, or None if there is none in the cells floor(x) … floor(x) + 64."""
    first = math.floor(x)
    for cell in range(first, first + CELLS_SEARCHED + 1):
        later = [p for p in points(cell, hash_of(cell)) if p > x]
        if later:
            return min(later)
    return None


def some_point(after: float, until: float, hash_of: Callable[[int], int]) -> bool:
    """Whether a point p has after < p ≤ until."""
    cells = range(math.floor(after), math.floor(until) + 1)
    return any(after < p <= until for cell in cells for p in points(cell, hash_of(cell)))


class Draws:
    """The addresses of one run."""

    def __init__(self, seed: int, replicate: int, redraw: str) -> None:
        self.luck = draw(seed, replicate)
        self.world = self.luck if redraw == "world" else draw(seed, WORLD)

    def key(self, purpose: Purpose, *words: int | str) -> int:
        """draw(draw(draw(K(purpose), first word), second word), …), where a text x stands for N(x)."""
        key = draw(self.luck if purpose >= FIRST_LUCK else self.world, int(purpose))
        for word in words:
            key = draw(key, _number(word))
        return key

    def pair_key(self, purpose: Purpose, words: tuple[int | str, ...], a: int | str, b: int) -> int:
        """draw2(key(purpose, words), a, b), where a text a stands for N(a)."""
        return draw2(self.key(purpose, *words), _number(a), b)

    def chance(self, purpose: Purpose, *words: int | str) -> float:
        """The uniform number at an address."""
        return uniform(self.key(purpose, *words))


def _number(word: int | str) -> int:
    return name_key(word) if isinstance(word, str) else word
