"""The queue of a compartment model: events in the order (time, person, transition, source), kept in buckets of time.

Only the bucket of the present is a heap; the buckets of a ring ahead of it are lists without order, and so is what lies
beyond the ring. How wide the buckets are changes the speed and nothing else.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_function, hot_inline
from diffusion.engine.prefetch import prefetch

RING = 32768
"""Buckets ahead of the present one."""
_AHEAD = 6
"""So many buckets before its turn the memory of a bucket's first event is asked for."""
NOBODY = 2**32 - 1
"""Source of an event that nobody else caused, and the end of a list."""

_LAST = 2.0**52
PERSON, RULE, SOURCE, VISIT, NUMBER, NEXT = 0, 1, 2, 3, 4, 5
FREE, HIGH, USED, HEAP, BUCKET, TURN, RINGED, FAR = 0, 1, 2, 3, 4, 5, 6, 7
"""Places of `Queue.at`: first free slot, slots ever used, slots in use, size of the heap, the present bucket, the one
at which what lies beyond the ring is looked at again, events in the ring, events beyond."""


class Queue(NamedTuple):
    """Slots of events (person, transition, source, its visit, number of the contact, next slot; time), their order."""

    times: NDArray[np.float64]
    slots: NDArray[np.uint32]
    heap: NDArray[np.uint32]
    heap_times: NDArray[np.float64]
    ring: NDArray[np.uint32]
    at: NDArray[np.int64]


class Event(NamedTuple):
    """What is to happen to a person, by which transition; a contact has a source, that source's visit and a number."""

    time: float
    person: int
    rule: int
    source: int
    visit: int
    number: int


def new_queue(room: int) -> Queue:
    """Return an empty queue with room for so many events."""
    at = np.zeros(8, np.int64)
    at[FREE], at[TURN] = NOBODY, RING
    ring = np.full(RING + 1, NOBODY, np.uint32)
    return _queue(np.empty((room, 8), np.uint32), np.empty(room, np.uint32), np.empty(room), ring, at)


def larger(queue: Queue, room: int) -> Queue:
    """Return the same queue with more room."""
    more = room - queue.times.size
    return _queue(
        np.concatenate([queue.slots, np.empty((more, 8), np.uint32)]),
        np.concatenate([queue.heap, np.empty(more, np.uint32)]),
        np.concatenate([queue.heap_times, np.empty(more)]),
        queue.ring,
        queue.at,
    )


def _queue(slots: NDArray[np.uint32], heap: NDArray[np.uint32], heap_times: NDArray[np.float64], *rest: Any) -> Queue:
    """Return a queue whose times are the last columns of its slots: what an event needs lies together in memory."""
    return Queue(slots.view(np.float64)[:, 3], slots, heap, heap_times, *rest)


@hot_inline
def bucket_of(time, per_time):
    """Return the number of the bucket of a time; the last one holds all the rest."""
    return np.int64(min(time * per_time, _LAST))


@hot_inline
def _comes_first(queue, one, other):
    """Whether the first of two slots whose events have the same time comes before the other."""
    for column in range(3):
        if queue.slots[one, column] != queue.slots[other, column]:
            return queue.slots[one, column] < queue.slots[other, column]
    return False


@hot_inline
def _is_before(queue, time, slot, place):
    """Whether the event in a slot comes before the one at a place of the heap."""
    other = queue.heap_times[place]
    return time < other or (time == other and _comes_first(queue, slot, queue.heap[place]))


@hot_inline
def into_heap(queue, slot):
    """Put a slot into the heap of the present bucket."""
    heap, times, at = queue.heap, queue.heap_times, queue.at
    time = queue.times[slot]
    place = at[HEAP]
    at[HEAP] += 1
    while place > 0:
        above = (place - 1) >> 2
        if not _is_before(queue, time, slot, above):
            break
        heap[place] = heap[above]
        times[place] = times[above]
        place = above
    heap[place] = slot
    times[place] = time


@hot_inline
def out_of_heap(queue):
    """Take the first slot out of a heap that is not empty, and free it; what it holds stays until it is used again."""
    heap, times, at = queue.heap, queue.heap_times, queue.at
    first = heap[0]
    at[HEAP] -= 1
    size = at[HEAP]
    moved, time = heap[size], times[size]
    place = 0
    while True:
        child = 4 * place + 1
        if child >= size:
            break
        best = child
        for other in range(child + 1, min(child + 4, size)):
            if _is_before(queue, times[other], heap[other], best):
                best = other
        if _is_before(queue, time, moved, best):
            break
        heap[place] = heap[best]
        times[place] = times[best]
        place = best
    heap[place] = moved
    times[place] = time
    queue.slots[first, NEXT] = at[FREE]
    at[FREE] = first
    at[USED] -= 1
    return first


@hot_inline
def put(queue, per_time, event):
    """Add an event; there must be room."""
    at, slots = queue.at, queue.slots
    slot = at[FREE]
    if slot != NOBODY:
        at[FREE] = slots[slot, NEXT]
    else:
        slot = at[HIGH]
        at[HIGH] += 1
    at[USED] += 1
    queue.times[slot] = event.time
    slots[slot, PERSON] = event.person
    slots[slot, RULE] = event.rule
    slots[slot, SOURCE] = event.source
    slots[slot, VISIT] = event.visit
    slots[slot, NUMBER] = event.number
    bucket = bucket_of(event.time, per_time)
    if bucket <= at[BUCKET]:
        into_heap(queue, slot)
    elif bucket < at[BUCKET] + RING:
        _into_list(queue, slot, bucket & (RING - 1))
        at[RINGED] += 1
    else:
        _into_list(queue, slot, RING)
        at[FAR] += 1


@hot_inline
def _into_list(queue, slot, place):
    queue.slots[slot, NEXT] = queue.ring[place]
    queue.ring[place] = slot


@hot_inline
def _prefetch_list(queue, place):
    """Ask for the memory of the first event of a list."""
    slot = queue.ring[place]
    if slot != NOBODY:
        prefetch(queue.slots, np.int64(slot))


@hot_function
def to_next(queue, per_time, links, who):
    """Go on to the next bucket that holds an event; whether there is one. Memory of its persons is asked for."""
    at = queue.at
    while at[HEAP] == 0:
        if at[RINGED] == 0:
            if at[FAR] == 0:
                return False
            at[BUCKET] = _nearest(queue, per_time)
            _spread(queue, per_time)
        else:
            at[BUCKET] += 1
            if at[BUCKET] >= at[TURN]:
                _spread(queue, per_time)
        _prefetch_list(queue, (at[BUCKET] + _AHEAD) & (RING - 1))
        place = at[BUCKET] & (RING - 1)
        slot = queue.ring[place]
        queue.ring[place] = NOBODY
        while slot != NOBODY:
            following = queue.slots[slot, NEXT]
            prefetch(who, np.int64(queue.slots[slot, PERSON]))
            prefetch(links.offsets, np.int64(queue.slots[slot, PERSON]))
            if queue.slots[slot, SOURCE] != NOBODY:
                prefetch(who, np.int64(queue.slots[slot, SOURCE]))
            into_heap(queue, slot)
            at[RINGED] -= 1
            slot = following
    for place in range(at[HEAP]):
        prefetch(links.followers, links.offsets[np.int64(queue.slots[queue.heap[place], PERSON])])
    return True


@hot_function
def _nearest(queue, per_time):
    """Return the first bucket beyond the ring that holds an event."""
    slot = queue.ring[RING]
    found = bucket_of(queue.times[slot], per_time)
    while slot != NOBODY:
        found = min(found, bucket_of(queue.times[slot], per_time))
        slot = queue.slots[slot, NEXT]
    return found


@hot_function
def _spread(queue, per_time):
    """Sort what lies beyond the ring into it, as far as it reaches from the present bucket."""
    at = queue.at
    at[TURN] = at[BUCKET] + RING
    slot = queue.ring[RING]
    queue.ring[RING] = NOBODY
    while slot != NOBODY:
        following = queue.slots[slot, NEXT]
        bucket = bucket_of(queue.times[slot], per_time)
        if bucket < at[TURN]:
            _into_list(queue, slot, bucket & (RING - 1))
            at[FAR] -= 1
            at[RINGED] += 1
        else:
            _into_list(queue, slot, RING)
        slot = following


@hot_function
def empty(queue):
    """Forget all events."""
    at = queue.at
    if at[RINGED] or at[FAR]:
        for place in range(RING + 1):
            queue.ring[place] = NOBODY
    for place in range(at.size):
        at[place] = 0
    at[FREE] = NOBODY
    at[TURN] = RING
