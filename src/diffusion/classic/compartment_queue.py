"""The queue of a compartment model: events in the order (time, person, transition, source), kept in buckets of time.

A bucket is a chain of chunks of events without order; the bucket of the present has a heap beside it. What lies beyond
the ring of buckets is in one more chain. How wide the buckets are changes the speed and nothing else.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_function, hot_inline
from diffusion.engine.memory import at_lines
from diffusion.engine.prefetch import prefetch

RING = 32768
"""Buckets ahead of the present one."""
_CHUNK, _BITS = 8, 3
"""Events of a chunk, four lines of memory."""
_SOON, _NEXT = 4, 1
"""So many buckets before its turn the memory of a bucket's last chunk is asked for, and that of its persons."""
_LINE = 15
"""Followers ahead whose memory may be the next line's."""
NOBODY = 2**32 - 1
"""Source of an event that nobody else caused."""

_LAST = 2.0**52
PERSON, RULE, SOURCE, VISIT, NUMBER, _BEFORE = 0, 1, 2, 3, 4, 5
_FREE, _MADE, _SPARE, HEAP, _BUCKET, _TURN, _NEAR, _FAR = 0, 1, 2, 3, 4, 5, 6, 7
"""Places of `Queue.at`: first free chunk (0: none), chunks ever in a chain, first slot of the present bucket whose
event has happened (0: none), size of the heap, the present bucket, the one at which what lies beyond the ring is looked
at again, slots in use in the ring, and beyond it."""


class Queue(NamedTuple):
    """Memory of a thread.

    Attributes
    ----------
    times : (8 k,) float64
        Times of the events, on the last two columns of `slots`.
    slots : (8 k, 8) uint32
        Events: person, transition, source, its visit, number of the contact, the chunk before this one in the chain
        (in the first slot of a chunk), time. Chunk 0 is in no chain.
    heap, heap_times : (room,) uint32 and float64
        Slots of the present bucket, and their times.
    ends : (RING + 1,) uint32
        Behind the last slot of each chain, or 0.
    at : (8,) int64
    """

    times: NDArray[np.float64]
    slots: NDArray[np.uint32]
    heap: NDArray[np.uint32]
    heap_times: NDArray[np.float64]
    ends: NDArray[np.uint32]
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
    at[_MADE], at[_TURN] = 1, RING
    return _queue(room, np.zeros(RING + 1, np.uint32), at)


def larger(queue: Queue, room: int) -> Queue:
    """Return the same queue with room for more events."""
    found = _queue(room, queue.ends, queue.at)
    found.slots[: queue.slots.shape[0]] = queue.slots
    found.heap[: queue.heap.size] = queue.heap
    found.heap_times[: queue.heap.size] = queue.heap_times
    return found


def _queue(room: int, *rest: Any) -> Queue:
    """Return a queue whose chunks begin where lines of memory do, and what an event needs lies together."""
    slots = at_lines((_CHUNK * _most_chunks(room), 8), np.uint32)
    return Queue(slots.view(np.float64)[:, 3], slots, np.empty(room, np.uint32), np.empty(room), *rest)


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
def first_event(queue):
    """Return the first event of a heap that is not empty."""
    slot = queue.heap[0]
    kept = queue.slots[slot]
    return Event(
        queue.times[slot],
        np.int64(kept[PERSON]),
        np.int64(kept[RULE]),
        np.int64(kept[SOURCE]),
        np.int64(kept[VISIT]),
        np.int64(kept[NUMBER]),
    )


@hot_inline
def out_of_heap(queue):
    """Take the first event out of a heap that is not empty."""
    heap, times, at = queue.heap, queue.heap_times, queue.at
    queue.slots[heap[0], PERSON] = at[_SPARE]
    at[_SPARE] = heap[0]
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


@hot_inline
def has_room(queue, events):
    """Whether so many more events have room."""
    return queue.heap.size - queue.at[_NEAR] - queue.at[_FAR] >= events


def _most_chunks(events: int) -> int:
    """Return how many chunks so many events need: the last one of each chain may not be full, two are in no chain."""
    return ((_CHUNK - 1) * min(events, RING + 1) + events) // _CHUNK + 3


@hot_inline
def put(queue, per_time, event):
    """Add an event; there must be room."""
    at, slots = queue.at, queue.slots
    slot, bucket = np.int64(at[_SPARE]), bucket_of(event.time, per_time)
    if bucket > at[_BUCKET] or slot == 0:
        slot = _new_slot(queue, bucket)
    else:
        at[_SPARE] = slots[slot, PERSON]
    queue.times[slot] = event.time
    slots[slot, PERSON] = event.person
    slots[slot, RULE] = event.rule
    slots[slot, SOURCE] = event.source
    slots[slot, VISIT] = event.visit
    slots[slot, NUMBER] = event.number
    if bucket <= at[_BUCKET]:
        into_heap(queue, slot)


@hot_inline
def _new_slot(queue, bucket):
    """Return a slot at the end of the chain of a bucket that has not passed."""
    at = queue.at
    is_far = bucket >= at[_BUCKET] + RING
    place = RING if is_far else max(bucket, at[_BUCKET]) & (RING - 1)
    slot = np.int64(queue.ends[place])
    if slot & (_CHUNK - 1) == 0:
        before = max(0, (slot >> _BITS) - 1)
        chunk = at[_FREE]
        if chunk:
            at[_FREE] = queue.slots[chunk << _BITS, _BEFORE]
        else:
            chunk = at[_MADE]
            at[_MADE] = chunk + 1
        slot = chunk << _BITS
        queue.slots[slot, _BEFORE] = before
    queue.ends[place] = slot + 1
    at[_FAR if is_far else _NEAR] += 1
    return slot


@hot_inline
def _last_chunk(queue, end):
    """Return where the last chunk of a chain begins, and where the chain ends without it."""
    first = ((end - 1) >> _BITS) << _BITS
    before = np.int64(queue.slots[first, _BEFORE])
    return first, (before + 1) << _BITS if before else 0


@hot_inline
def _give_back(queue, first):
    """Let a chunk be used again."""
    queue.slots[first, _BEFORE] = queue.at[_FREE]
    queue.at[_FREE] = first >> _BITS


@hot_inline
def _ask_for_events(queue, place):
    """Ask for the memory of the last chunk of a chain."""
    end = np.int64(queue.ends[place])
    if end:
        for slot in range(((end - 1) >> _BITS) << _BITS, end, 2):
            prefetch(queue.slots, slot)


@hot_inline
def _ask_for_persons(queue, place, needed):
    """Ask for the memory of all to whom the events of a chain may happen, and of where the rows they need begin."""
    links, rules, who = needed
    end = np.int64(queue.ends[place])
    while end:
        first, rest = _last_chunk(queue, end)
        for slot in range(first, end):
            person, rule = np.int64(queue.slots[slot, PERSON]), np.int64(queue.slots[slot, RULE])
            prefetch(who, person)
            if rules.spreads[rule]:
                prefetch(links.offsets, person)
            source = np.int64(queue.slots[slot, SOURCE])
            if source != NOBODY and not rules.lasts[rule]:
                prefetch(who, source)
        end = rest


@hot_inline
def _begin(queue, place, needed):
    """Put all events of a chain into the heap, and ask for the memory of the rows of followers that they need."""
    links, rules, _ = needed
    end = np.int64(queue.ends[place])
    while end:
        first, rest = _last_chunk(queue, end)
        for slot in range(first, end):
            if rules.spreads[np.int64(queue.slots[slot, RULE])]:
                row = links.offsets[np.int64(queue.slots[slot, PERSON])]
                prefetch(links.followers, row)
                prefetch(links.followers, row + _LINE)
            into_heap(queue, slot)
        end = rest


@hot_inline
def _end(queue, place):
    """Forget the events of the present bucket, all of which have happened."""
    end, queue.ends[place] = np.int64(queue.ends[place]), 0
    while end:
        first, rest = _last_chunk(queue, end)
        _give_back(queue, first)
        queue.at[_NEAR] -= end - first
        end = rest
    queue.at[_SPARE] = 0


@hot_function
def to_next(queue, per_time, needed):
    """Go on to the next bucket that holds an event; whether there is one.

    Memory is asked for some buckets ahead: `needed` holds links, rules and everybody.
    """
    at = queue.at
    while at[HEAP] == 0:
        _end(queue, at[_BUCKET] & (RING - 1))
        if at[_NEAR] == 0:
            if at[_FAR] == 0:
                return False
            at[_BUCKET] = _nearest(queue, per_time)
            _spread(queue, per_time)
        else:
            at[_BUCKET] += 1
            if at[_BUCKET] >= at[_TURN]:
                _spread(queue, per_time)
        _ask_for_events(queue, (at[_BUCKET] + _SOON) & (RING - 1))
        _ask_for_persons(queue, (at[_BUCKET] + _NEXT) & (RING - 1), needed)
        _begin(queue, at[_BUCKET] & (RING - 1), needed)
    return True


@hot_function
def _nearest(queue, per_time):
    """Return the first bucket beyond the ring that holds an event."""
    end = np.int64(queue.ends[RING])
    found = bucket_of(queue.times[end - 1], per_time)
    while end:
        first, rest = _last_chunk(queue, end)
        for slot in range(first, end):
            found = min(found, bucket_of(queue.times[slot], per_time))
        end = rest
    return found


@hot_inline
def _copy(slots, from_slot, to_slot):
    """Copy an event."""
    for column in range(8):
        if column != _BEFORE:
            slots[to_slot, column] = slots[from_slot, column]


@hot_function
def _spread(queue, per_time):
    """Sort what lies beyond the ring into it, as far as it reaches from the present bucket."""
    at, slots = queue.at, queue.slots
    at[_TURN] = at[_BUCKET] + RING
    end, queue.ends[RING] = np.int64(queue.ends[RING]), 0
    at[_FAR] = 0
    while end:
        first, rest = _last_chunk(queue, end)
        size = end - first
        for k in range(size):
            _copy(slots, first + k, k)
        _give_back(queue, first)
        for k in range(size):
            _copy(slots, k, _new_slot(queue, bucket_of(queue.times[k], per_time)))
        end = rest


@hot_function
def empty(queue):
    """Forget all events."""
    at = queue.at
    if at[_NEAR] or at[_FAR]:
        queue.ends[:] = 0
    at[:] = 0
    at[_MADE], at[_TURN] = 1, RING
