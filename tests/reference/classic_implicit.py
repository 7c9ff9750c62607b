"""Implicit graphs once more, in plain Python: numbers of followers and followers as the docstring of the type has them.

The quantiles are taken over as data; everything else is computed anew on Python integers.
"""

from collections.abc import Sequence

from diffusion.randomness import WORLD, draw_key, name_key, start_key
from diffusion.vocabulary import Purpose

from .draws import MASK, draw, draw2, uniform


def keys(seed: int) -> tuple[int, int]:
    """The keys of numbers of followers and of links."""
    key = start_key(seed, WORLD, Purpose.GRAPH) ^ name_key("implicit")
    return draw_key(key, 0), draw_key(key, 1)


def degree(n: int, quantiles: Sequence[float], key: int, person: int) -> int:
    """The zeros at the head of a hash choose the octave, four bits the knot, the rest the fraction of it."""
    h = draw(key, person)
    octave = min(64 - (h | 1).bit_length(), 31)
    rest = (h << (octave + 1)) & MASK
    at = octave * 16 + (rest >> 60)
    low, high = quantiles[at], quantiles[at + 1]
    value = low + uniform((rest << 4) & MASK) * (high - low)
    return min(int(value + uniform(draw(h, 0))), n - 1)


def row(n: int, quantiles: Sequence[float], seed: int, person: int) -> list[int]:
    """The followers: one of each section of the n - 1 others."""
    degrees, links = keys(seed)
    size = degree(n, quantiles, degrees, person)
    # sections are in units of 2**-32 persons, their width rounded up
    width = -(-((n - 1) << 32) // size) if size else 0
    found = []
    for k in range(size):
        low, high = k * width >> 32, (k + 1) * width >> 32
        other = low + ((draw2(links, person, k) >> 32) * (high - low) >> 32)
        found.append(other + (other >= person))
    return found
