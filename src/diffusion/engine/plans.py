"""Posts that are planned: who has decided to share will post after a while, and what comes of it can be found ahead.

Who views a post, and when, depends on when it is made, and on nothing that happens until then. So the posts of those
who have decided are noted, and offered many at a time before the first of them can be seen; there is no event at which
they are made. It takes a platform without popularity, buried posts, groups, or links that open and close, which no
newsroom watches; and a run in which nobody can see the order of events (`Frame.any_order`).
"""

from __future__ import annotations

import numpy as np

from diffusion._jit import hot_function, hot_inline
from diffusion.engine.arrays import (
    CHUNK_EVENTS,
    CHUNKS,
    DONE,
    EVER_PLANNED,
    FREE_CHUNKS,
    GROW_HEAP,
    GROW_POOL,
    GROW_POSTS,
    HEAP_LENGTH,
    MOST_PLANNED,
    N_POSTS,
    NEEDED,
    NEVER_ENDS,
    OFFERS,
    PAYLOAD,
    PLANNED,
    PLANNED_TICK,
    PLANNED_WORD,
    ROW_AUTHOR,
    ROW_HIGH,
    ROW_LOW,
    ROW_POST,
    ROW_TICK,
    SHARE_TICK,
    SHARES,
)
from diffusion.engine.counts import record_of
from diffusion.engine.feed import ask_for_row
from diffusion.engine.offers import offer_rows
from diffusion.engine.posts import add_post
from diffusion.engine.prefetch import prefetch
from diffusion.engine.schedule import schedule
from diffusion.engine.spans import ALWAYS

_S8 = np.uint32(8)
_BYTE = np.uint32(255)
_ROW_AFTER = 3
"""How many plans later a row is asked for, when its bounds are there."""


@hot_inline
def note_share(state, at, tick):
    """Write when somebody shared, if it is their first post, into their record."""
    row = state.record[at]
    if row[SHARE_TICK] == 0 or row[SHARE_TICK] > tick + 1:
        row[SHARE_TICK] = np.uint32(tick + 1)


@hot_function
def plan(world, state, tick, person, word):
    """Schedule a share; or note its post instead, to be offered together with others."""
    frame, registers = world.frame, state.registers
    platform = np.int64(word & _BYTE)
    layer = world.layers[platform]
    prefetch(layer.offsets, np.int64(person))
    planned = registers[PLANNED]
    fits = planned < MOST_PLANNED and (planned == 0 or registers[PLANNED_WORD] == np.int64(word))
    if not (frame.any_order and world.platforms.ahead[platform] and fits) or tick > frame.horizon:
        schedule(frame, state, tick, person, word)
        return
    state.rows[ROW_AUTHOR, planned] = np.uint64(person)
    state.rows[ROW_TICK, planned] = np.uint64(tick)
    registers[PLANNED] = planned + 1
    registers[EVER_PLANNED] = 1
    registers[PLANNED_WORD] = np.int64(word)
    registers[PLANNED_TICK] = min(registers[PLANNED_TICK], tick + 1) if planned + 1 < MOST_PLANNED else 0
    if planned >= _ROW_AFTER:
        ask_for_row(layer, np.uint64(state.rows[ROW_AUTHOR, planned - _ROW_AFTER]))
    story = np.int64((word & PAYLOAD) >> _S8)
    state.tally[story, SHARES] += 1
    note_share(state, record_of(world, person, story), tick)


@hot_function
def _bound_rows(state, layer, count):
    """Write where the rows of the planned posts begin and end; return how many followers are in them."""
    offered = np.int64(0)
    for row in range(count):
        author = np.uint64(state.rows[ROW_AUTHOR, row])
        low, high = layer.offsets[author], layer.offsets[author + np.uint64(1)]
        state.rows[ROW_LOW, row], state.rows[ROW_HIGH, row] = np.uint64(low), np.uint64(high)
        offered += high - low
    for row in range(max(count - _ROW_AFTER, 0), count):
        ask_for_row(layer, np.uint64(state.rows[ROW_AUTHOR, row]))
    return offered


@hot_function
def offer_planned(world, luck, state):
    """Offer the planned posts; return DONE, or what must grow before that."""
    registers = state.registers
    count = registers[PLANNED]
    platform = registers[PLANNED_WORD] & np.int64(_BYTE)
    story = np.int64((np.uint32(registers[PLANNED_WORD]) & PAYLOAD) >> _S8)
    layer = world.layers[platform]
    offered = _bound_rows(state, layer, count)
    chunks = min(offered, offered // CHUNK_EVENTS + state.heads.size + 1)
    registers[NEEDED] = offered + 1
    if state.pool.shape[0] - registers[CHUNKS] + registers[FREE_CHUNKS] < chunks:
        registers[NEEDED] = chunks
        return GROW_POOL
    if state.heap_key.size - registers[HEAP_LENGTH] < offered:
        return GROW_HEAP
    if state.posts.shape[0] - registers[N_POSTS] < count:
        return GROW_POSTS
    channel = 1 + world.frame.n_outlets + platform
    for row in range(count):
        author, tick = np.uint32(state.rows[ROW_AUTHOR, row]), np.int64(state.rows[ROW_TICK, row])
        state.rows[ROW_POST, row] = np.uint64(add_post(state, author, story, tick, channel, channel, 0))
    state.tally[story, OFFERS] += offered
    how = (luck.rank[story, platform], ALWAYS)
    offer_rows(world, luck, state, (platform, story, np.int64(0)), layer.followers, (0, count), how)
    registers[PLANNED] = 0
    registers[PLANNED_TICK] = NEVER_ENDS
    return DONE
