"""Persons who wait for their moment in buckets of time, in which their order does not matter.

Delta-stepping (Meyer & Sanders 2003): a bucket is a chain of chunks of persons. Who is given an earlier moment gets a
place in the bucket of that too; the former place is stale, which is seen when its turn comes. Stale places are swept
away where they become many, so memory grows with persons and not with links.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_function, hot_inline

BUCKETS = 4096
LATER, ASIDE = BUCKETS, BUCKETS + 1
"""Two more chains: of those whose moment is in no bucket yet, and one that is being put elsewhere."""
FEW = BUCKETS // 8
"""Where so few persons were met in all buckets together, the next buckets are wider."""

CHUNK = 16
"""Places of a chunk, one line of memory: the number of the chunk before it in the chain, and persons."""
BATCH = CHUNK - 1
_BITS = 4

FREE, MADE, PLACES = range(3)
"""Registers: the first free chunk (0: none), chunks ever in use, and places in use, stale ones too."""


class Waiting(NamedTuple):
    """Memory of a thread.

    Attributes
    ----------
    time : (n,) float64
        When each person's moment is; negative once it has come, infinite where the person is not met.
    met : (n,) uint32
        Who was met.
    chunks : (CHUNK * k,) uint32
        Chunk 0 is in no chain.
    ends : (BUCKETS + 2,) int64
        Behind the last place of each chain, or 0.
    batch, moved : (BATCH,) uint32
        Persons whose moment has come, and others who change places.
    registers : (3,) int64
    """

    time: NDArray[np.float64]
    met: NDArray[np.uint32]
    chunks: NDArray[np.uint32]
    ends: NDArray[np.int64]
    batch: NDArray[np.uint32]
    moved: NDArray[np.uint32]
    registers: NDArray[np.int64]


def waiting_room(n: int) -> Waiting:
    """Return memory for n persons, none of whom is met."""
    # All places fill so many chunks; in each chain one more may be half empty.
    count = _most_places(n) // BATCH + BUCKETS + 4
    return Waiting(
        np.full(n, np.inf),
        np.empty(n, np.uint32),
        np.empty(count * CHUNK, np.uint32),
        np.zeros(BUCKETS + 2, np.int64),
        np.empty(BATCH, np.uint32),
        np.empty(BATCH, np.uint32),
        np.array([0, 1, 0], np.int64),
    )


@hot_inline
def slot_of(time, base, per_time):
    """Return the bucket of a moment."""
    place = (time - base) * per_time
    return np.int64(place) if place < BUCKETS else LATER


@hot_inline
def put(room, person, slot):
    """Give a person a place in a chain."""
    end = room.ends[slot]
    if end & (CHUNK - 1) == 0:
        chunk = room.registers[FREE]
        if chunk:
            room.registers[FREE] = room.chunks[chunk << _BITS]
        else:
            chunk = room.registers[MADE]
            room.registers[MADE] = chunk + 1
        room.chunks[chunk << _BITS] = max(0, (end >> _BITS) - 1)
        end = (chunk << _BITS) + 1
    room.chunks[end] = person
    room.ends[slot] = end + 1
    room.registers[PLACES] += 1


@hot_inline
def _take(room, slot, into):
    """Take the last chunk out of a chain; return how many persons it held."""
    end = room.ends[slot]
    first = ((end - 1) >> _BITS) << _BITS
    count = end - first - 1
    for k in range(count):
        into[k] = room.chunks[first + 1 + k]
    before = np.int64(room.chunks[first])
    room.ends[slot] = (before + 1) << _BITS if before else 0
    room.chunks[first] = room.registers[FREE]
    room.registers[FREE] = first >> _BITS
    room.registers[PLACES] -= count
    return count


@hot_inline
def come(room, slot):
    """Let the moment of a batch of persons in a bucket come; return how many they are.

    Whoever is met earlier while among them waits again and comes twice, to the same effect.
    """
    count = 0
    for k in range(_take(room, slot, room.batch)):
        person = room.batch[k]
        time = room.time[person]
        room.time[person] = -abs(time)
        room.batch[count] = person
        count += np.int64(time >= 0.0)
    return count


@hot_inline
def wait(room, moment_of, size):
    """Let a person wait for an earlier moment; return how many were ever met."""
    person, moment, base, per_time = moment_of
    before, slot = room.time[person], slot_of(moment, base, per_time)
    room.time[person] = moment
    if before == np.inf:
        room.met[size] = person
        size += 1
    elif before >= 0.0 and slot_of(before, base, per_time) == slot:
        return size
    if room.registers[PLACES] == _most_places(room.time.size):
        _sweep(room, base, per_time)
    put(room, person, slot)
    return size


@hot_inline
def _most_places(n):
    return 2 * n + BUCKETS


@hot_function
def _sweep(room, base, per_time):
    """Give up all stale places."""
    for slot in range(BUCKETS + 1):
        room.ends[ASIDE], room.ends[slot] = room.ends[slot], 0
        while room.ends[ASIDE]:
            for k in range(_take(room, ASIDE, room.moved)):
                person = room.moved[k]
                time = room.time[person]
                if time >= 0.0 and slot_of(time, base, per_time) == slot:
                    put(room, person, slot)


@hot_function
def refill(room, per_time):
    """Put those whose moment is later into buckets from the first of them on; return when these begin."""
    base, end = np.inf, room.ends[LATER]
    while end:
        first = ((end - 1) >> _BITS) << _BITS
        for at in range(first + 1, end):
            time = room.time[room.chunks[at]]
            if time >= 0.0:
                base = min(base, time)
        before = np.int64(room.chunks[first])
        end = (before + 1) << _BITS if before else 0
    room.ends[ASIDE], room.ends[LATER] = room.ends[LATER], 0
    while room.ends[ASIDE]:
        for k in range(_take(room, ASIDE, room.moved)):
            person = room.moved[k]
            time = room.time[person]
            if time >= 0.0:
                put(room, person, slot_of(time, base, per_time))
    return base
