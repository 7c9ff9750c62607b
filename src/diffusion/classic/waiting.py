"""Persons who wait for their moment in buckets of time, in which their order does not matter.

Delta-stepping (Meyer & Sanders 2003): everybody who waits is in one doubly linked list, so memory does not grow with
links. Who is given an earlier moment changes place; who had left and is given one waits again.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_inline

BUCKETS = 4096
CHUNK = 64
BATCH = 16
NOBODY = np.uint32(2**32 - 1)
OUT = np.uint32(2**32 - 2)
NEXT, BEFORE = 2, 3
FEW = BUCKETS // 8
"""Where so few persons were met in all buckets together, the next buckets are wider."""


class Passage(NamedTuple):
    """Memory of a thread. The first eight bytes of `place[v]` hold the time of v (they are `time[v, 0]`).

    Attributes
    ----------
    place : (n, 4) uint32
        Next and previous of the list in columns 2 and 3.
    time : (n, 2) float64
        The same memory.
    heads : (BUCKETS + 1,) uint32
        First of each bucket; those who come later are in the last one.
    met : (n,) uint32
        Whom the infection came to.
    chosen, waits : (CHUNK,) uint32, float64
        Followers with whom a person makes contact in time, and after how long.
    batch : (BATCH,) uint32
        Persons of a bucket whose links are followed next.
    """

    place: NDArray[np.uint32]
    time: NDArray[np.float64]
    heads: NDArray[np.uint32]
    met: NDArray[np.uint32]
    chosen: NDArray[np.uint32]
    waits: NDArray[np.float64]
    batch: NDArray[np.uint32]


def workspace(n: int) -> Passage:
    """Return memory for n persons, none of whom is met."""
    place = np.empty((n, 4), np.uint32)
    time = place.view(np.float64)
    time[:, 0] = np.inf
    place[:, NEXT:] = OUT
    heads, met = np.full(BUCKETS + 1, NOBODY, np.uint32), np.empty(n, np.uint32)
    return Passage(place, time, heads, met, np.empty(CHUNK, np.uint32), np.empty(CHUNK), np.empty(BATCH, np.uint32))


@hot_inline
def slot_of(time, base, per_time):
    """Return the bucket of a moment; those who come later are in the last one."""
    place = (time - base) * per_time
    return np.int64(place) if place < BUCKETS else BUCKETS


@hot_inline
def link(work, person, slot):
    """Put a person into a bucket."""
    first = work.heads[slot]
    work.place[person, NEXT] = first
    work.place[person, BEFORE] = NOBODY
    if first != NOBODY:
        work.place[first, BEFORE] = person
    work.heads[slot] = person


@hot_inline
def unlink(work, person, slot):
    """Take a person out of a bucket."""
    after, before = work.place[person, NEXT], work.place[person, BEFORE]
    if before == NOBODY:
        work.heads[slot] = after
    else:
        work.place[before, NEXT] = after
    if after != NOBODY:
        work.place[after, BEFORE] = before
    work.place[person, NEXT] = OUT


@hot_inline
def wait(work, moment_of, size, more):
    """Let a person wait for an earlier moment; return how many were ever met, and how many more wait."""
    person, moment, base, per_time = moment_of
    before = work.time[person, 0]
    if before == np.inf:
        work.met[size] = person
        size += 1
        more += 1
    elif work.place[person, NEXT] == OUT:
        more += 1
    else:
        unlink(work, person, slot_of(before, base, per_time))
    work.time[person, 0] = moment
    link(work, person, slot_of(moment, base, per_time))
    return size, more


@hot_inline
def refill(work, per_time):
    """Put those who come later into buckets from the first of them on; return when these begin."""
    base = np.inf
    person = work.heads[BUCKETS]
    while person != NOBODY:
        base = min(base, work.time[person, 0])
        person = work.place[person, NEXT]
    person = work.heads[BUCKETS]
    work.heads[BUCKETS] = NOBODY
    while person != NOBODY:
        after = work.place[person, NEXT]
        link(work, person, slot_of(work.time[person, 0], base, per_time))
        person = after
    return base
