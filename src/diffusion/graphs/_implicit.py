"""Kernels that reach followers through two small functions, which a stored and a computed graph both provide.

`row_of(rows, person)` says how many followers there are and where they start; `follower_of(rows, person, start, k)` is
the k-th of them. Which of the two graphs is meant is seen from the type of `rows` when a kernel is compiled.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba.extending import overload
from numpy.typing import NDArray

from diffusion._jit import hot_inline, hot_kernel, leading_zeros
from diffusion.randomness import draw, draw2, uniform

OCTAVES = 32
"""Halvings of the rank of popularity that the quantile table tells apart: enough for all persons that labels allow."""
KNOTS = 16
"""Knots in each octave; between them a number of followers is linear in the rank."""

_LAST = np.int64(OCTAVES - 1)
_KNOTS = np.int64(KNOTS)
_KNOT_SHIFT = np.uint64(60)
_KNOT_BITS = np.uint64(4)
_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_HALF = np.uint64(32)


class HashedRows(NamedTuple):
    """A graph of which nothing is stored.

    Attributes
    ----------
    n_persons : int64
    degree_key, link_key : uint64
        Keys of the numbers of followers and of the links.
    quantiles : (OCTAVES * KNOTS + 1,) float64
        Numbers of followers at ranks 2**-(i // KNOTS) * (1 - i % KNOTS / (2 * KNOTS)), ascending.
    widths : (k,) uint64
        `width_of` the sections of rows with fewer than k followers: a division less.
    """

    n_persons: np.int64
    degree_key: np.uint64
    link_key: np.uint64
    quantiles: NDArray[np.float64]
    widths: NDArray[np.uint64]


class StoredRows(NamedTuple):
    """The arrays of a `FollowerGraph`."""

    offsets: NDArray[np.int64]
    followers: NDArray[np.uint32]


@hot_inline
def hashed_degree(rows, person):
    """Return the number of followers: the quantile of a hashed rank, rounded so that its mean is kept."""
    h = draw(rows.degree_key, np.uint64(person))
    octave = min(leading_zeros(h | _ONE), _LAST)
    rest = h << np.uint64(octave + 1)
    at = octave * _KNOTS + np.int64(rest >> _KNOT_SHIFT)
    low, high = rows.quantiles[at], rows.quantiles[at + 1]
    value = low + uniform(rest << _KNOT_BITS) * (high - low)
    return min(np.int64(value + uniform(draw(h, _ZERO))), np.int64(rows.n_persons - 1))


@hot_inline
def width_of(n_persons, size):
    """Return the width of the sections from which `size` followers come, in units of 2**-32 persons, rounded up."""
    if size == 0:
        return _ZERO
    others = np.uint64(n_persons - 1) << _HALF
    return (others + np.uint64(size) - _ONE) // np.uint64(size)


@hot_inline
def hashed_start(rows, size):
    """Return the width of the sections of a row."""
    return rows.widths[size] if size < rows.widths.size else width_of(rows.n_persons, size)


@hot_kernel
def fill_widths(n_persons, widths):
    """Write the widths for 0, 1, … followers."""
    for size in range(widths.size):
        widths[size] = width_of(n_persons, size)


@hot_inline
def hashed_follower(rows, person, start, k):
    """Return the k-th follower: one person of the k-th of equal sections of all others, so that rows ascend."""
    low = (np.uint64(k) * start) >> _HALF
    high = ((np.uint64(k) + _ONE) * start) >> _HALF
    h = draw2(rows.link_key, np.uint64(person), np.uint64(k)) >> _HALF
    found = low + ((h * (high - low)) >> _HALF)
    return np.uint32(found + np.uint64(found >= np.uint64(person)))


@hot_inline
def _hashed_row(rows, person):
    size = hashed_degree(rows, person)
    return size, hashed_start(rows, size)


@hot_inline
def _stored_row(rows, person):
    begin = rows.offsets[person]
    return rows.offsets[person + 1] - begin, np.uint64(begin)


@hot_inline
def _stored_follower(rows, person, start, k):
    return rows.followers[np.int64(start) + np.int64(k)]


def row_of(rows: Any, person: Any) -> Any:
    """Return the number of followers of a person, and where they start."""
    return _hashed_row(rows, person) if isinstance(rows, HashedRows) else _stored_row(rows, person)


def follower_of(rows: Any, person: Any, start: Any, k: Any) -> Any:
    """Return the k-th follower of a person whose row starts there."""
    found = hashed_follower if isinstance(rows, HashedRows) else _stored_follower
    return found(rows, person, start, k)


INLINE = {"nogil": True, "forceinline": True, "_nrt": False}


@overload(row_of, jit_options=INLINE)
def _row_of(rows, person):
    if rows.instance_class is HashedRows:
        return lambda rows, person: _hashed_row(rows, person)
    return lambda rows, person: _stored_row(rows, person)


@overload(follower_of, jit_options=INLINE)
def _follower_of(rows, person, start, k):
    if rows.instance_class is HashedRows:
        return lambda rows, person, start, k: hashed_follower(rows, person, start, k)
    return lambda rows, person, start, k: _stored_follower(rows, person, start, k)


@hot_kernel
def fill_degrees(rows, begin, end, degrees):
    """Write the numbers of followers of persons begin to end; return their sum."""
    total = np.int64(0)
    for person in range(begin, end):
        size = hashed_degree(rows, person)
        degrees[person - begin] = size
        total += size
    return total


@hot_kernel
def sum_degrees(rows, begin, end):
    """Return the number of links from persons begin to end."""
    total = np.int64(0)
    for person in range(begin, end):
        total += hashed_degree(rows, person)
    return total


@hot_kernel
def fill_rows(rows, begin, end, offsets, followers):
    """Write the followers of persons begin to end to their places in a stored graph."""
    for person in range(begin, end):
        first = offsets[person]
        size = offsets[person + 1] - first
        start = hashed_start(rows, size)
        for k in range(size):
            followers[first + k] = hashed_follower(rows, person, start, k)


@hot_kernel
def fill_row(rows, person, followers):
    """Write the followers of one person, of whom there are as many as places."""
    start = hashed_start(rows, followers.size)
    for k in range(followers.size):
        followers[k] = hashed_follower(rows, person, start, k)


@hot_kernel
def count_followed(rows, begin, end, n_followed):
    """Count the accounts that each person follows among persons begin to end."""
    for person in range(begin, end):
        size, start = row_of(rows, person)
        for k in range(size):
            n_followed[follower_of(rows, person, start, k)] += np.uint32(1)
