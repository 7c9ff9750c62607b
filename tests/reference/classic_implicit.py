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


def gaps(p: float, key: int, room: int) -> list[int]:
    """The places of the successes among `room` trials: from each to the next a geometric number of failures.

    A gap is at most j with the chance 1 - (1 - p)^(j + 1), to a resolution of 2**-53; 1,024 failures are followed by
    another draw.
    """
    chances, left = [], 1.0
    for _ in range(1024):
        left *= 1.0 - p
        chances.append(round((1.0 - left) * 2**53))
    found, at, count = [], 0, 0
    while at < room:
        x = draw(key, count) >> 11
        count += 1
        gap = next((j for j, chance in enumerate(chances) if x < chance), 1024)
        at += gap
        if gap < 1024 and at < room:
            found.append(at)
            at += 1
    return found


def cascade(rows: Sequence[Sequence[int]], seeds: Sequence[int], p: float, key: int) -> tuple[list[float], list[int]]:
    """When each person became active, and from whom: of several in the same step from the first by number."""
    times, parents = [float("inf")] * len(rows), [-1] * len(rows)
    newest, step = sorted(seeds), 0
    for person in newest:
        times[person] = 0
    while newest:
        step += 1
        coming = []
        for person in newest:
            for place in gaps(p, draw(key, person), len(rows[person])):
                follower = rows[person][place]
                if times[follower] == float("inf"):
                    times[follower], parents[follower] = step, person
                    coming.append(follower)
        newest = sorted(coming)
    return times, parents
