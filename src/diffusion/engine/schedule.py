"""The event queue: a calendar of buckets, and the total order inside the current one.

Waiting events lie in chunks of one cache line, listed by bucket (a power of two of ticks); a bitmap with summaries
finds the next bucket that holds any, so that empty time costs nothing. The current bucket is copied out and sorted;
what is born inside it goes to a heap. The width of a bucket decides about speed only: the order of events is total.
"""

from __future__ import annotations

import numpy as np

from diffusion._jit import hot_function, hot_inline
from diffusion.engine.arrays import (
    BATCH_AT,
    BATCH_LENGTH,
    BUCKET,
    CHUNK_EVENTS,
    CHUNK_NEXT,
    CHUNKS,
    FREE,
    FREE_CHUNKS,
    HEAP_LENGTH,
    KIND_SHIFT,
    MOST_CHUNKS,
    PAYLOAD,
    POST_AUTHOR,
    POST_STORY,
    POST_WHERE,
    SLICE_BITS,
)
from diffusion.engine.prefetch import prefetch
from diffusion.vocabulary import EventKind

_EXPOSURE = np.uint32(EventKind.EXPOSURE)
_OWN_EYES = np.uint32(EventKind.OWN_EYES)
_ONE = np.uint64(1)
_ZERO = np.uint64(0)
_S32 = np.uint64(32)
_S35 = np.uint64(35)
_LOW32 = np.uint64(0xFFFFFFFF)
_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
_S58 = np.uint64(58)
_POSITION = np.zeros(64, dtype=np.int64)
for _i in range(64):
    _POSITION[((0x03F79D71B4CB0A89 << _i) & (2**64 - 1)) >> 58] = _i
_SMALL = 24
_FEWEST_BITS = 4


@hot_inline
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
    """Return the first bucket that holds events, or -1.

    Buckets before the current one are always empty.
    """
    top = state.bit_levels.size - 2
    if state.bits[state.bit_levels[top]] == _ZERO:
        return np.int64(-1)
    at = np.int64(0)
    for level in range(top, -1, -1):
        at = (at << 6) + lowest_bit(state.bits[state.bit_levels[level] + at])
    return at


@hot_inline
def order_key(offset, person, word):
    """Return the sortable part of an event's place in its bucket: tick, kind, person."""
    kind = np.uint64(word >> KIND_SHIFT)
    return (np.uint64(offset) << _S35) | (kind << _S32) | np.uint64(person)


@hot_inline
def key_tick(frame, state, key):
    """Return the tick of an event of the current bucket."""
    return (state.registers[BUCKET] << frame.bucket_shift) + np.int64(key >> _S35)


@hot_inline
def key_person(key):
    """Return the person (or outlet, or account) of an event."""
    return np.uint32(key & _LOW32)


@hot_function
def _tied_later(state, word_a, word_b):
    """Whether a comes after b, both at one tick, of one kind and person: by channel, source, story, occurrence."""
    kind = word_a >> KIND_SHIFT
    if kind == _EXPOSURE:
        a = state.posts[word_a & PAYLOAD]
        b = state.posts[word_b & PAYLOAD]
        channel_a = (a[POST_WHERE] >> np.uint32(8)) & np.uint32(255)
        channel_b = (b[POST_WHERE] >> np.uint32(8)) & np.uint32(255)
        if channel_a != channel_b:
            return channel_a > channel_b
        if a[POST_AUTHOR] != b[POST_AUTHOR]:
            return a[POST_AUTHOR] > b[POST_AUTHOR]
        if a[POST_STORY] != b[POST_STORY]:
            return a[POST_STORY] > b[POST_STORY]
        return word_a > word_b
    if kind != _OWN_EYES:
        channel_a = word_a & np.uint32(255)
        channel_b = word_b & np.uint32(255)
        if channel_a != channel_b:
            return channel_a > channel_b
    return word_a > word_b


@hot_inline
def _later(state, key_a, word_a, key_b, word_b):
    if key_a != key_b:
        return key_a > key_b
    return _tied_later(state, word_a, word_b)


@hot_function
def _heap_push(state, key, word):
    keys = state.heap_key
    words = state.heap_word
    at = state.registers[HEAP_LENGTH]
    state.registers[HEAP_LENGTH] = at + 1
    while at > 0:
        parent = (at - 1) >> 1
        if not _later(state, keys[parent], words[parent], key, word):
            break
        keys[at] = keys[parent]
        words[at] = words[parent]
        at = parent
    keys[at] = key
    words[at] = word


@hot_function
def _heap_pop(state):
    keys = state.heap_key
    words = state.heap_word
    length = state.registers[HEAP_LENGTH] - 1
    state.registers[HEAP_LENGTH] = length
    key = keys[length]
    word = words[length]
    at = 0
    while True:
        child = 2 * at + 1
        if child >= length:
            break
        right = child + 1
        if right < length and _later(state, keys[child], words[child], keys[right], words[right]):
            child = right
        if not _later(state, key, word, keys[child], words[child]):
            break
        keys[at] = keys[child]
        words[at] = words[child]
        at = child
    keys[at] = key
    words[at] = word


@hot_inline
def _new_chunk(state, following):
    """Return a chunk whose successor is `following` (a number + 1, or 0). There is one (the loop has seen to it)."""
    registers = state.registers
    chunk = registers[FREE]
    if chunk >= 0:
        registers[FREE] = np.int64(state.pool[chunk, CHUNK_NEXT]) - 1
        registers[FREE_CHUNKS] -= 1
    else:
        chunk = registers[CHUNKS]
        registers[CHUNKS] = chunk + 1
    registers[MOST_CHUNKS] = max(registers[MOST_CHUNKS], registers[CHUNKS] - registers[FREE_CHUNKS])
    state.pool[chunk, CHUNK_NEXT] = following
    return chunk


@hot_inline
def expect(frame, state, tick):
    """Ask for the memory that an event scheduled soon will need."""
    if tick <= frame.horizon:
        prefetch(state.pool, np.int64(state.heads[tick >> frame.bucket_shift] >> np.uint32(3)) - 1)


@hot_function
def schedule(frame, state, tick, person, word):
    """Schedule an event; what lies beyond the horizon never happens. There is room (the loop has seen to it)."""
    if tick > frame.horizon:
        return
    bucket = np.int64(tick) >> frame.bucket_shift
    if bucket == state.registers[BUCKET]:
        _heap_push(state, order_key(tick - (bucket << frame.bucket_shift), person, word), word)
        return
    head = np.int64(state.heads[bucket])
    count = head & 7
    chunk = (head >> 3) - 1
    if head == 0:
        mark(state, bucket)
        chunk = _new_chunk(state, np.uint32(0))
    elif count == CHUNK_EVENTS:
        chunk = _new_chunk(state, np.uint32(chunk + 1))
        count = 0
    state.pool[chunk, 3 * count] = np.uint32(tick)
    state.pool[chunk, 3 * count + 1] = person
    state.pool[chunk, 3 * count + 2] = word
    state.heads[bucket] = np.uint32(((chunk + 1) << 3) + count + 1)


@hot_function
def _order_runs(state, length):
    """Bring an almost sorted batch into the full order by insertion."""
    keys = state.batch_key
    words = state.batch_word
    for i in range(1, length):
        key = keys[i]
        word = words[i]
        if not _later(state, keys[i - 1], words[i - 1], key, word):
            continue
        j = i
        while j > 0 and _later(state, keys[j - 1], words[j - 1], key, word):
            keys[j] = keys[j - 1]
            words[j] = words[j - 1]
            j -= 1
        keys[j] = key
        words[j] = word


@hot_function
def _sort_keys(keys, words, stack, first, beyond):
    """Sort a stretch by key with quicksort, down to short runs."""
    lows = stack[0]
    highs = stack[1]
    depth = 0
    low = first
    high = beyond - 1
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
                    words[i], words[j] = words[j], words[i]
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


@hot_inline
def _slice(frame, tick, bits):
    """Return in which of a bucket's slices of equal length a tick lies."""
    return np.int64((tick & ((1 << frame.bucket_shift) - 1)) >> max(frame.bucket_shift - bits, 0))


@hot_function
def _length_of(state, bucket):
    """Return how many events wait in a bucket."""
    head = np.int64(state.heads[bucket])
    length = head & 7
    chunk = np.int64(state.pool[(head >> 3) - 1, CHUNK_NEXT]) - 1
    while chunk >= 0:
        chunk = np.int64(state.pool[chunk, CHUNK_NEXT]) - 1
        length += CHUNK_EVENTS
    return length


@hot_function
def _count_slices(frame, state, bucket, bits):
    """Count a bucket's events by slice."""
    counts = state.slices
    counts[: 1 << bits] = 0
    head = np.int64(state.heads[bucket])
    count = head & 7
    chunk = (head >> 3) - 1
    while chunk >= 0:
        cell = state.pool[chunk]
        for i in range(count):
            counts[_slice(frame, np.int64(cell[3 * i]), bits)] += 1
        chunk = np.int64(cell[CHUNK_NEXT]) - 1
        count = np.int64(CHUNK_EVENTS)


@hot_function
def open_bucket(frame, state, bucket):
    """Copy a bucket's events into the batch, sorted, and free its chunks.

    Return their number, or minus the room needed if it is missing.
    """
    length = _length_of(state, bucket)
    if length > state.batch_key.size:
        return -length
    # About two slices an event.
    bits = np.int64(_FEWEST_BITS)
    while bits < SLICE_BITS and (1 << bits) < 2 * length:
        bits += 1
    _count_slices(frame, state, bucket, bits)
    ends = state.slices
    total = np.int64(0)
    longest = np.int64(0)
    for i in range(1 << bits):
        longest = max(longest, ends[i])
        total += ends[i]
        ends[i] = total - ends[i]
    registers = state.registers
    head = np.int64(state.heads[bucket])
    count = head & 7
    chunk = (head >> 3) - 1
    start = bucket << frame.bucket_shift
    while chunk >= 0:
        cell = state.pool[chunk]
        following = np.int64(cell[CHUNK_NEXT]) - 1
        for i in range(count):
            tick = np.int64(cell[3 * i])
            word = cell[3 * i + 2]
            at = ends[_slice(frame, tick, bits)]
            ends[_slice(frame, tick, bits)] = at + 1
            state.batch_key[at] = order_key(tick - start, cell[3 * i + 1], word)
            state.batch_word[at] = word
        cell[CHUNK_NEXT] = np.uint32(registers[FREE] + 1)
        registers[FREE] = chunk
        registers[FREE_CHUNKS] += 1
        chunk = following
        count = np.int64(CHUNK_EVENTS)
    state.heads[bucket] = 0
    unmark(state, bucket)
    if longest > _SMALL:
        for i in range(1 << bits):
            first = ends[i - 1] if i > 0 else np.int64(0)
            if ends[i] - first > _SMALL:
                _sort_keys(state.batch_key, state.batch_word, state.stack, first, ends[i])
    _order_runs(state, length)
    registers[BUCKET] = bucket
    registers[BATCH_AT] = 0
    registers[BATCH_LENGTH] = length
    return length


@hot_inline
def born_first(state):
    """Whether the next event of the bucket is one that was born in it."""
    if state.registers[HEAP_LENGTH] == 0:
        return False
    at = state.registers[BATCH_AT]
    if at >= state.registers[BATCH_LENGTH]:
        return True
    return _later(state, state.batch_key[at], state.batch_word[at], state.heap_key[0], state.heap_word[0])


@hot_inline
def remove_next(state, born):
    """Remove the bucket's next event."""
    if born:
        _heap_pop(state)
    else:
        state.registers[BATCH_AT] += 1
