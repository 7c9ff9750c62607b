"""The loop: take the next event in the total order, let it happen, settle at the end of each interval."""

from __future__ import annotations

import numpy as np

from diffusion._jit import hot_function, hot_inline, hot_kernel
from diffusion.engine.arrays import (
    AHEAD,
    BATCH_AT,
    BATCH_LENGTH,
    BUCKET,
    CHUNK_EVENTS,
    CHUNK_NEXT,
    CHUNKS,
    DIRTY_END,
    DIRTY_SHIFT,
    DONE,
    FREE_CHUNKS,
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
    PLANNED,
    PLANNED_TICK,
    POST_AUTHOR,
    POST_STORY,
    SHARES,
    VIEWS,
)
from diffusion.engine.belief import expose
from diffusion.engine.counts import record_of, seen_before
from diffusion.engine.feed import ask_for_people, ask_for_row, is_buried, posting_groups, row_bounds, tell
from diffusion.engine.newsroom import learn, notice_statement, publish, settle
from diffusion.engine.offers import offer
from diffusion.engine.plans import note_share, offer_planned
from diffusion.engine.posts import add_post, add_row, place_of
from diffusion.engine.prefetch import prefetch
from diffusion.engine.schedule import (
    born_first,
    first_bucket,
    key_person,
    key_tick,
    open_bucket,
    remove_next,
    schedule,
)
from diffusion.vocabulary import EventKind

_OWN_EYES = np.uint32(EventKind.OWN_EYES)
_LEARNS = np.uint32(EventKind.OUTLET_LEARNS)
_PUBLICATION = np.uint32(EventKind.PUBLICATION)
_EXPOSURE = np.uint32(EventKind.EXPOSURE)
_SHARE_KIND = np.uint32(EventKind.SHARE)
_BYTE = np.uint32(255)
_S8 = np.uint32(8)
_FAR = 12
_NEAR = 6
_SOON = 3
"""Places of the batch at which the memory of its persons is asked for, then that of their followers."""
GO_ON = -1


@hot_function
def _children(world, luck, person, word):
    """Return how many events this one may schedule at most; it makes no more posts."""
    kind = word >> KIND_SHIFT
    if kind == _PUBLICATION:
        audience = world.outlets.audience_offsets[person + 1] - world.outlets.audience_offsets[person]
        return audience + world.frame.n_outlets + world.frame.n_platforms + 1
    if kind == _LEARNS:
        return np.int64(1)
    platform = np.int64(word & _BYTE)
    layer = world.layers[platform]
    if not world.platforms.group[platform]:
        low, high = row_bounds(layer, world.accounts, world.frame.n_persons, person)
        return high - low + world.frame.n_outlets
    groups, first, beyond = posting_groups(world, luck, platform, person, np.int64((word & PAYLOAD) >> _S8))
    offered = np.int64(0)
    for at in range(first, beyond):
        offered += layer.offsets[groups[at] + 1] - layer.offsets[groups[at]]
    return offered + beyond - first + world.frame.n_outlets


@hot_inline
def _missing_room(world, luck, state, person, word):
    """Return what must grow before the event may happen, or DONE; how much is left in the registers."""
    registers = state.registers
    kind = word >> KIND_SHIFT
    children = 2 * world.frame.n_platforms
    if kind != _EXPOSURE and kind != _OWN_EYES:
        children = _children(world, luck, np.int64(person), word)
    chunks = min(children, children // CHUNK_EVENTS + state.heads.size + 1)
    registers[NEEDED] = children + 1
    if state.pool.shape[0] - registers[CHUNKS] + registers[FREE_CHUNKS] < chunks:
        registers[NEEDED] = chunks
        return GROW_POOL
    if state.heap_key.size - registers[HEAP_LENGTH] < children:
        return GROW_HEAP
    in_groups = kind == _SHARE_KIND and world.platforms.group[np.int64(word & _BYTE)]
    if state.posts.shape[0] - registers[N_POSTS] < (children if in_groups else 1):
        return GROW_POSTS
    if world.frame.keep_log and state.log.shape[0] <= registers[N_LOG]:
        return GROW_LOG
    return DONE


@hot_function
def _count_sharer(world, luck, state, person, story, platform, tick):
    """Record a person's share on a follow platform; its counters settle at the end of the interval."""
    at = record_of(world, person, story)
    state.tally[story, SHARES] += 1
    note_share(state, at, tick)
    if state.registers[N_DIRTY] == 0:
        state.registers[DIRTY_END] = (np.int64(tick) // world.frame.settle + 1) * world.frame.settle
    if state.sharers[story, platform, 1] == 0:
        state.dirty[state.registers[N_DIRTY]] = (story << DIRTY_SHIFT) | platform
        state.registers[N_DIRTY] += 1
    state.sharers[story, platform, 1] += 1
    if luck.truth[story] and seen_before(state.record[at], 0) > 0:
        state.witnesses[story, platform, 1] += 1


@hot_function
def _share(world, luck, state, author, story, platform, tick):
    """Publish a post on a platform."""
    frame = world.frame
    channel = 1 + frame.n_outlets + platform
    if world.platforms.contact[platform]:
        post = add_post(state, np.uint32(author), story, tick, channel, channel, 0)
        tell(world, luck, state, platform, author, story, tick, post)
        return
    through = channel
    if author < frame.n_persons:
        _count_sharer(world, luck, state, author, story, platform, tick)
    else:
        account = np.int64(author) - frame.n_persons
        through = world.accounts.channel[account]
        if world.accounts.official[account]:
            notice_statement(world, luck, state, through, story, tick)
    if world.platforms.group[platform]:
        groups, first, beyond = posting_groups(world, luck, platform, author, story)
        for at in range(first, beyond):
            post = add_post(state, np.uint32(author), story, tick, channel, through, 0)
            offer(world, luck, state, platform, author, story, tick, post, np.int64(groups[at]))
        return
    post = add_post(state, np.uint32(author), story, tick, channel, through, 0)
    offer(world, luck, state, platform, author, story, tick, post, np.int64(-1))


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
        story, channel, on = place_of(world, state, post)
        if world.frame.keep_log:
            source = state.posts[post, POST_AUTHOR]
        if on >= 0 and world.platforms.feed_length[on] > 0 and is_buried(state, world.platforms, on, person, post):
            return
        value = expose(world, luck, state, person, story, channel, tick, post, False)
        if on >= 0 and not world.platforms.contact[on]:
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


@hot_inline
def _credit(world, state):
    """Return how many exposures may happen before room must be looked at again."""
    registers = state.registers
    room = state.pool.shape[0] - registers[CHUNKS] + registers[FREE_CHUNKS]
    room = min(room, state.heap_key.size - registers[HEAP_LENGTH]) // (2 * world.frame.n_platforms + 1)
    return min(room, state.log.shape[0] - registers[N_LOG]) if world.frame.keep_log else room


@hot_inline
def _offers(world, kind, person, word):
    """Whether an event is a person's share whose post is offered to a row of followers then."""
    is_share = kind > _EXPOSURE and person < world.frame.n_persons
    return is_share and not world.platforms.group[np.int64(word & _BYTE)]


@hot_inline
def _ask_for_born(world, state):
    """Ask for the followers of whoever shares next among those who decided in this very bucket."""
    if state.registers[HEAP_LENGTH] > 0:
        word = state.heap_word[0]
        person = np.int64(key_person(state.heap_key[0]))
        if _offers(world, word >> KIND_SHIFT, person, word):
            ask_for_row(world.layers[np.int64(word & _BYTE)], np.uint64(person))


@hot_inline
def _ask_for(world, state, at):
    """Ask for the memory that an event of the batch will need."""
    word = state.batch_word[at]
    person = np.int64(key_person(state.batch_key[at]))
    kind = word >> KIND_SHIFT
    if kind == _EXPOSURE:
        prefetch(world.traits, person)
        if world.frame.n_stories == 1:
            prefetch(state.record, person)
        if not world.frame.single:
            prefetch(state.posts, np.int64(word & PAYLOAD))
    elif _offers(world, kind, person, word):
        prefetch(world.layers[np.int64(word & _BYTE)].offsets, person)
        prefetch(state.record, np.int64((word & PAYLOAD) >> _S8) * world.frame.n_persons + person)


@hot_function
def _look_ahead(world, state):
    """Ask for the memory that events further down the batch will need, and for the next bucket's."""
    at = state.registers[BATCH_AT]
    length = state.registers[BATCH_LENGTH]
    ahead = state.registers[AHEAD]
    # Five events lie in a chunk.
    if ahead >= 0 and at & 3 == 0:
        ahead = np.int64(state.pool[ahead, CHUNK_NEXT]) - 1
        state.registers[AHEAD] = ahead
        prefetch(state.pool, ahead)
    if at + _FAR < length:
        _ask_for(world, state, at + _FAR)
    if world.frame.all_ahead and world.frame.n_stories == 1:
        return
    soon = at + _SOON
    if soon < length:
        word = state.batch_word[soon]
        person = np.int64(key_person(state.batch_key[soon]))
        if _offers(world, word >> KIND_SHIFT, person, word):
            layer = world.layers[np.int64(word & _BYTE)]
            ask_for_people(layer, layer.followers, layer.offsets[person], layer.offsets[person + 1])
    near = at + _NEAR
    if near < length:
        word = state.batch_word[near]
        person = np.int64(key_person(state.batch_key[near]))
        kind = word >> KIND_SHIFT
        if kind == _EXPOSURE:
            if world.frame.n_stories > 1:
                story = np.int64(state.posts[word & PAYLOAD, POST_STORY])
                prefetch(state.record, story * world.frame.n_persons + person)
        elif _offers(world, kind, person, word):
            ask_for_row(world.layers[np.int64(word & _BYTE)], np.uint64(person))


@hot_function
def _settle(world, state):
    """Settle pending counts; return DONE, or what must grow for the newsrooms that may learn from them."""
    registers = state.registers
    most = registers[N_DIRTY] * world.frame.n_outlets
    registers[NEEDED] = most
    if state.pool.shape[0] - registers[CHUNKS] + registers[FREE_CHUNKS] < most:
        return GROW_POOL
    if state.heap_key.size - registers[HEAP_LENGTH] < most:
        return GROW_HEAP
    settle(world, state, registers[DIRTY_END])
    return DONE


@hot_function
def _next_bucket(world, luck, state):
    """Open the next bucket, or do what comes before it; return what must grow, or GO_ON, or DONE at the end."""
    registers = state.registers
    registers[BUCKET] = -1
    following = first_bucket(state)
    end = (following + 1) << world.frame.bucket_shift
    if registers[PLANNED] > 0 and (following < 0 or end > registers[PLANNED_TICK]):
        code = offer_planned(world, luck, state)
        return GO_ON if code == DONE else code
    if following < 0 and registers[N_DIRTY] == 0:
        return DONE
    if registers[N_DIRTY] > 0 and (following < 0 or (following << world.frame.bucket_shift) >= registers[DIRTY_END]):
        code = _settle(world, state)
        return GO_ON if code == DONE else code
    length = open_bucket(world.frame, state, following)
    if length < 0:
        registers[NEEDED] = -length
        return GROW_BATCH
    for at in range(min(length, _FAR + 1)):
        _ask_for(world, state, at)
    following = first_bucket(state)
    ahead = np.int64(state.heads[following] >> np.uint32(3)) - 1 if following >= 0 else -1
    registers[AHEAD] = ahead
    prefetch(state.pool, ahead)
    return GO_ON


@hot_kernel
def run_events(world, luck, state):
    """Run until nothing waits (DONE), or until a container must grow (GROW_...; call again when it has)."""
    registers = state.registers
    credit = np.int64(0)
    while True:
        if registers[BATCH_AT] >= registers[BATCH_LENGTH] and registers[HEAP_LENGTH] == 0:
            code = _next_bucket(world, luck, state)
            credit = np.int64(0)
            if code != GO_ON:
                return code
            continue
        born = born_first(state)
        at = registers[BATCH_AT]
        key = state.heap_key[0] if born else state.batch_key[at]
        word = state.heap_word[0] if born else state.batch_word[at]
        tick = key_tick(world.frame, state, key)
        if tick >= registers[PLANNED_TICK]:
            code = offer_planned(world, luck, state)
            if code != DONE:
                return code
            credit = np.int64(0)
            continue
        if tick >= registers[DIRTY_END]:
            code = _settle(world, state)
            if code != DONE:
                return code
            continue
        person = key_person(key)
        if credit > 0 and (word >> KIND_SHIFT) == _EXPOSURE:
            credit -= 1
        else:
            code = _missing_room(world, luck, state, person, word)
            if code != DONE:
                return code
            credit = _credit(world, state) - 1 if (word >> KIND_SHIFT) == _EXPOSURE else np.int64(0)
        remove_next(state, born)
        if born:
            _ask_for_born(world, state)
        else:
            _look_ahead(world, state)
        _happen(world, luck, state, tick, person, word)


@hot_kernel
def seed_events(frame, state, ticks, persons, words):
    """Schedule the origins of a run; the pool has room for them."""
    for i in range(ticks.size):
        schedule(frame, state, ticks[i], persons[i], words[i])
