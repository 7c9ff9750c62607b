"""The loop: take the next event in the total order, let it happen, settle at the end of each interval."""

from __future__ import annotations

import numpy as np

from diffusion._jit import hot_function, hot_kernel
from diffusion.engine.arrays import (
    BATCH_AT,
    BATCH_LENGTH,
    BUCKET,
    DONE,
    EVENT_PERSON,
    EVENT_TICK,
    EVENT_WORD,
    GROW_BATCH,
    GROW_HEAP,
    GROW_LOG,
    GROW_POOL,
    GROW_POSTS,
    HEAP_LENGTH,
    KIND_SHIFT,
    N_DIRTY,
    N_LOG,
    N_POSTS,
    NEEDED,
    NONE,
    PAYLOAD,
    POST_AUTHOR,
    POST_STORY,
    SHARE_TICK,
    SHARES,
    VIEWS,
    WAITING,
)
from diffusion.engine.belief import expose, exposure_channel, seen_before
from diffusion.engine.feed import offer, row_bounds, tell
from diffusion.engine.newsroom import learn, notice_statement, publish, settle
from diffusion.engine.posts import add_post, add_row
from diffusion.engine.schedule import first_bucket, from_heap, open_bucket, release, schedule, take
from diffusion.vocabulary import EventKind

_OWN_EYES = np.uint32(EventKind.OWN_EYES)
_LEARNS = np.uint32(EventKind.OUTLET_LEARNS)
_PUBLICATION = np.uint32(EventKind.PUBLICATION)
_EXPOSURE = np.uint32(EventKind.EXPOSURE)
_BYTE = np.uint32(255)
_S8 = np.uint32(8)


@hot_function
def _children(world, state, event):
    """Return how many events this one may schedule at most."""
    word = state.pool[event, EVENT_WORD]
    kind = word >> KIND_SHIFT
    person = np.int64(state.pool[event, EVENT_PERSON])
    if kind == _EXPOSURE or kind == _OWN_EYES:
        return 2 * world.frame.n_platforms
    if kind == _PUBLICATION:
        audience = world.outlets.audience_offsets[person + 1] - world.outlets.audience_offsets[person]
        return audience + world.frame.n_outlets + world.frame.n_platforms + 1
    if kind == _LEARNS:
        return np.int64(1)
    layer = world.layers[np.int64(word & _BYTE)]
    low, high = row_bounds(layer, world.accounts, world.frame.n_persons, person)
    return high - low + world.frame.n_outlets


@hot_function
def _missing_room(world, state, event):
    """Return what must grow before the event may happen, or DONE; how much is left in the registers."""
    registers = state.registers
    children = _children(world, state, event)
    registers[NEEDED] = children + 1
    if state.pool.shape[0] - registers[WAITING] < children:
        return GROW_POOL
    if state.heap_key.size - registers[HEAP_LENGTH] < children:
        return GROW_HEAP
    if state.posts.shape[0] <= registers[N_POSTS]:
        return GROW_POSTS
    if world.frame.keep_log and state.log.shape[0] <= registers[N_LOG]:
        return GROW_LOG
    return DONE


@hot_function
def _count_sharer(world, state, person, story, platform, tick):
    """Record a person's share on a follow platform; its counters settle at the end of the interval."""
    at = np.int64(story) * world.frame.n_persons + np.int64(person)
    state.tally[story, SHARES] += 1
    if state.record[at, SHARE_TICK] == 0:
        state.record[at, SHARE_TICK] = np.uint32(tick + 1)
    if state.sharers[story, platform, 1] == 0:
        state.dirty[state.registers[N_DIRTY]] = story * world.frame.n_platforms + platform
        state.registers[N_DIRTY] += 1
    state.sharers[story, platform, 1] += 1
    if seen_before(state, at, 0) > 0:
        state.witnesses[story, platform, 1] += 1


@hot_function
def _share(world, luck, state, author, story, platform, tick):
    """Publish a post on a platform."""
    frame = world.frame
    channel = 1 + frame.n_outlets + platform
    if world.platforms.contact[platform]:
        post = add_post(state, np.uint32(author), story, tick, channel, channel, 0)
        tell(world, luck, state, platform, author, tick, post)
        return
    through = channel
    if author < frame.n_persons:
        _count_sharer(world, state, author, story, platform, tick)
    else:
        account = np.int64(author) - frame.n_persons
        through = world.accounts.channel[account]
        if world.accounts.official[account]:
            notice_statement(world, luck, state, through, story, tick)
    post = add_post(state, np.uint32(author), story, tick, channel, through, 0)
    offer(world, luck, state, platform, author, story, tick, post)


@hot_function
def _happen(world, luck, state, tick, person, word):
    """Let one event happen, and log it."""
    kind = word >> KIND_SHIFT
    detail = np.int64(word & _BYTE)
    story = np.int64((word & PAYLOAD) >> _S8)
    channel = detail
    source = NONE
    value = np.int64(0)
    if kind == _EXPOSURE:
        post = word & PAYLOAD
        story = np.int64(state.posts[post, POST_STORY])
        source = state.posts[post, POST_AUTHOR]
        channel = exposure_channel(state, post)
        value = expose(world, luck, state, person, story, channel, tick, post, False)
        platform = channel - 1 - world.frame.n_outlets
        if platform >= world.frame.n_platforms or (platform >= 0 and not world.platforms.contact[platform]):
            state.tally[story, VIEWS] += 1
    elif kind == _OWN_EYES:
        channel = np.int64(0)
        value = detail
        expose(world, luck, state, person, story, 0, tick, NONE, detail == 1)
    elif kind == _LEARNS:
        value = learn(world, luck, state, np.int64(person), story, detail, tick)
    elif kind == _PUBLICATION:
        value = publish(world, luck, state, np.int64(person), story, detail, tick)
        if value < 0:
            return
    else:
        channel = 1 + world.frame.n_outlets + detail
        _share(world, luck, state, np.int64(person), story, detail, tick)
    if world.frame.keep_log:
        add_row(state, tick, kind, person, channel, source, story, value)


@hot_function
def _next_interval(world, state):
    """Settle the finished interval and open the next one; return DONE, GROW_BATCH, or -1 to go on."""
    frame = world.frame
    registers = state.registers
    bucket = registers[BUCKET]
    if bucket >= 0:
        registers[BUCKET] = -1
        if registers[N_DIRTY] > 0:
            settle(world, state, (bucket + 1) * frame.settle)
    following = first_bucket(state)
    if following < 0:
        return DONE
    length = open_bucket(frame, state, following)
    if length < 0:
        registers[NEEDED] = -length
        return GROW_BATCH
    return -1


@hot_kernel
def run_events(world, luck, state):
    """Run until nothing waits (DONE), or until a container must grow (GROW_...; call again when it has)."""
    registers = state.registers
    while True:
        if registers[BATCH_AT] >= registers[BATCH_LENGTH] and registers[HEAP_LENGTH] == 0:
            room = state.pool.shape[0] - registers[WAITING]
            if registers[N_DIRTY] * world.frame.n_outlets > room:
                registers[NEEDED] = registers[N_DIRTY] * world.frame.n_outlets
                return GROW_POOL
            code = _next_interval(world, state)
            if code >= 0:
                return code
        born = from_heap(state)
        event = np.int64(state.heap_event[0]) if born else np.int64(state.batch_event[registers[BATCH_AT]])
        code = _missing_room(world, state, event)
        if code != DONE:
            return code
        take(state, born)
        tick = np.int64(state.pool[event, EVENT_TICK])
        person = state.pool[event, EVENT_PERSON]
        word = state.pool[event, EVENT_WORD]
        release(state, event)
        _happen(world, luck, state, tick, person, word)


@hot_kernel
def seed_events(frame, state, ticks, persons, words):
    """Schedule the origins of a run; the pool has room for them."""
    for i in range(ticks.size):
        schedule(frame, state, ticks[i], persons[i], words[i])
