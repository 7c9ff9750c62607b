"""The event queue: a calendar of settle intervals, and the total order inside the current one.

Waiting events lie in lists, one per settle interval; a bitmap with summaries finds the next interval that holds any, so
that empty time costs nothing. The current interval is copied out and sorted; what is born inside it goes to a heap.
"""

from __future__ import annotations

import numpy as np

from diffusion._jit import hot_function
from diffusion.engine.arrays import (
    BATCH_AT,
    BATCH_LENGTH,
    BUCKET,
    EVENT_NEXT,
    EVENT_PERSON,
    EVENT_TICK,
    EVENT_WORD,
    FREE,
    HEAP_LENGTH,
    KIND_SHIFT,
    MOST_WAITING,
    NONE,
    PAYLOAD,
    POOL_USED,
    POST_AUTHOR,
    POST_STORY,
    POST_WHERE,
    WAITING,
)
from diffusion.vocabulary import EventKind

_EXPOSURE = np.uint32(EventKind.EXPOSURE)
_OWN_EYES = np.uint32(EventKind.OWN_EYES)
_ONE = np.uint64(1)
_ZERO = np.uint64(0)
_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
_S58 = np.uint64(58)
_POSITION = np.zeros(64, dtype=np.int64)
for _i in range(64):
    _POSITION[((0x03F79D71B4CB0A89 << _i) & (2**64 - 1)) >> 58] = _i
_SMALL = 24


@hot_function
def lowest_bit(x):
    """Return the position of the lowest set bit of a non-zero word."""
    return _POSITION[((x & (~x + _ONE)) * _DE_BRUIJN) >> _S58]


@hot_function
def mark(state, bucket):
    """Note that a bucket holds events."""
    at = bucket
    for level in range(state.bit_levels.size - 1):
        word = state.bit_levels[level] + (at >> 6)
        before = state.bits[word]
        state.bits[word] = before | (_ONE << np.uint64(at & 63))
        if before != _ZERO:
            return
        at >>= 6


@hot_function
def unmark(state, bucket):
    """Note that a bucket is empty."""
    at = bucket
    for level in range(state.bit_levels.size - 1):
        word = state.bit_levels[level] + (at >> 6)
        state.bits[word] &= ~(_ONE << np.uint64(at & 63))
        if state.bits[word] != _ZERO:
            return
        at >>= 6


@hot_function
def first_bucket(state):
    """Return the first bucket that holds events, or -1. (Buckets before the current one are always empty.)"""
    top = state.bit_levels.size - 2
    if state.bits[state.bit_levels[top]] == _ZERO:
        return np.int64(-1)
    at = np.int64(0)
    for level in range(top, -1, -1):
        at = (at << 6) + lowest_bit(state.bits[state.bit_levels[level] + at])
    return at


@hot_function
def event_channel(state, word):
    """Return the channel field of an event's place in the total order."""
    kind = word >> KIND_SHIFT
    if kind == _EXPOSURE:
        return (state.posts[word & PAYLOAD, POST_WHERE] >> np.uint32(8)) & np.uint32(255)
    if kind == _OWN_EYES:
        return np.uint32(0)
    return word & np.uint32(255)


@hot_function
def order_key(state, start, tick, person, word):
    """Return the sortable part of an event's place: tick in the bucket, kind, person, channel."""
    kind = np.uint64(word >> KIND_SHIFT)
    offset = np.uint64(np.int64(tick) - start)
    channel = np.uint64(event_channel(state, word))
    return (offset << np.uint64(40)) | (kind << np.uint64(37)) | (np.uint64(person) << np.uint64(5)) | channel


@hot_function
def tie_break(state, event):
    """Return (source, story) of an event, for those that agree in everything before."""
    word = state.pool[event, EVENT_WORD]
    if (word >> KIND_SHIFT) == _EXPOSURE:
        post = word & PAYLOAD
        return (np.uint64(state.posts[post, POST_AUTHOR]) << np.uint64(32)) | np.uint64(state.posts[post, POST_STORY])
    return (np.uint64(NONE) << np.uint64(32)) | np.uint64((word & PAYLOAD) >> np.uint32(8))


@hot_function
def _later(state, key_a, event_a, key_b, event_b):
    if key_a != key_b:
        return key_a > key_b
    return tie_break(state, event_a) > tie_break(state, event_b)


@hot_function
def _heap_push(state, key, event):
    at = state.registers[HEAP_LENGTH]
    state.registers[HEAP_LENGTH] = at + 1
    while at > 0:
        parent = (at - 1) >> 1
        if not _later(state, state.heap_key[parent], state.heap_event[parent], key, event):
            break
        state.heap_key[at] = state.heap_key[parent]
        state.heap_event[at] = state.heap_event[parent]
        at = parent
    state.heap_key[at] = key
    state.heap_event[at] = event


@hot_function
def _heap_pop(state):
    top = state.heap_event[0]
    length = state.registers[HEAP_LENGTH] - 1
    state.registers[HEAP_LENGTH] = length
    key = state.heap_key[length]
    event = state.heap_event[length]
    at = 0
    while True:
        child = 2 * at + 1
        if child >= length:
            break
        right = child + 1
        if right < length and _later(
            state, state.heap_key[child], state.heap_event[child], state.heap_key[right], state.heap_event[right]
        ):
            child = right
        if not _later(state, key, event, state.heap_key[child], state.heap_event[child]):
            break
        state.heap_key[at] = state.heap_key[child]
        state.heap_event[at] = state.heap_event[child]
        at = child
    if length > 0:
        state.heap_key[at] = key
        state.heap_event[at] = event
    return top


@hot_function
def schedule(frame, state, tick, person, word):
    """Schedule an event; what lies beyond the horizon never happens. The pool has room (the loop has seen to it)."""
    if tick > frame.horizon:
        return
    event = state.registers[FREE]
    if event >= 0:
        state.registers[FREE] = np.int64(state.pool[event, EVENT_NEXT]) - 1
    else:
        event = state.registers[POOL_USED]
        state.registers[POOL_USED] = event + 1
    state.pool[event, EVENT_TICK] = np.uint32(tick)
    state.pool[event, EVENT_PERSON] = person
    state.pool[event, EVENT_WORD] = word
    state.registers[WAITING] += 1
    bucket = np.int64(np.uint32(tick) // np.uint32(frame.settle))
    if bucket == state.registers[BUCKET]:
        _heap_push(state, order_key(state, bucket * frame.settle, tick, person, word), np.uint32(event))
        return
    head = state.heads[bucket]
    state.pool[event, EVENT_NEXT] = head
    state.heads[bucket] = np.uint32(event + 1)
    if head == 0:
        mark(state, bucket)


@hot_function
def release(state, event):
    """Return a finished event to the pool."""
    state.pool[event, EVENT_NEXT] = np.uint32(state.registers[FREE] + 1)
    state.registers[FREE] = np.int64(event)
    if state.registers[WAITING] > state.registers[MOST_WAITING]:
        state.registers[MOST_WAITING] = state.registers[WAITING]
    state.registers[WAITING] -= 1


@hot_function
def _insertion(state, low, high):
    keys = state.batch_key
    events = state.batch_event
    for i in range(low + 1, high):
        key = keys[i]
        event = events[i]
        j = i
        while j > low and _later(state, keys[j - 1], events[j - 1], key, event):
            keys[j] = keys[j - 1]
            events[j] = events[j - 1]
            j -= 1
        keys[j] = key
        events[j] = event


@hot_function
def _sort_batch(state, length):
    """Sort the batch: quicksort on the keys down to short runs, then one insertion pass in the full order."""
    keys = state.batch_key
    events = state.batch_event
    lows = state.stack[0]
    highs = state.stack[1]
    depth = 0
    low = 0
    high = length - 1
    while True:
        while high - low > _SMALL:
            middle = (low + high) >> 1
            a, b, c = keys[low], keys[middle], keys[high]
            pivot = max(min(a, b), min(max(a, b), c))
            i = low
            j = high
            while i <= j:
                while keys[i] < pivot:
                    i += 1
                while keys[j] > pivot:
                    j -= 1
                if i <= j:
                    keys[i], keys[j] = keys[j], keys[i]
                    events[i], events[j] = events[j], events[i]
                    i += 1
                    j -= 1
            if j - low > high - i:
                lows[depth], highs[depth] = low, j
                low = i
            else:
                lows[depth], highs[depth] = i, high
                high = j
            depth += 1
        if depth == 0:
            break
        depth -= 1
        low, high = lows[depth], highs[depth]
    _insertion(state, 0, length)


@hot_function
def open_bucket(frame, state, bucket):
    """Copy a bucket's events into the batch and sort them; return how many, or minus the room that would be needed."""
    start = bucket * frame.settle
    length = np.int64(0)
    at = state.heads[bucket]
    room = state.batch_key.size
    while at != 0:
        event = at - np.uint32(1)
        if length < room:
            tick = state.pool[event, EVENT_TICK]
            state.batch_key[length] = order_key(state, start, tick, state.pool[event, EVENT_PERSON], state.pool[event, EVENT_WORD])
            state.batch_event[length] = event
        length += 1
        at = state.pool[event, EVENT_NEXT]
    if length > room:
        return -length
    state.heads[bucket] = 0
    unmark(state, bucket)
    _sort_batch(state, length)
    state.registers[BUCKET] = bucket
    state.registers[BATCH_AT] = 0
    state.registers[BATCH_LENGTH] = length
    return length


@hot_function
def from_heap(state):
    """Whether the next event of the bucket is one that was born in it."""
    if state.registers[HEAP_LENGTH] == 0:
        return False
    at = state.registers[BATCH_AT]
    if at >= state.registers[BATCH_LENGTH]:
        return True
    return _later(state, state.batch_key[at], state.batch_event[at], state.heap_key[0], state.heap_event[0])


@hot_function
def take(state, born):
    """Remove and return the bucket's next event."""
    if born:
        return np.int64(_heap_pop(state))
    at = state.registers[BATCH_AT]
    state.registers[BATCH_AT] = at + 1
    return np.int64(state.batch_event[at])
