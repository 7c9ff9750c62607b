"""Newsrooms: learning, verifying, publishing, and who is tuned in (docs/model.md §6)."""

from __future__ import annotations

import math

import numpy as np

from diffusion._jit import hot_function, hot_inline
from diffusion.engine.arrays import DIRTY_END, DIRTY_SHIFT, MAX_PLATFORMS, N_DIRTY, NEVER_ENDS, NONE, POST_STORY
from diffusion.engine.clock import hour_of, operational, wall
from diffusion.engine.counts import expose_later, record_of
from diffusion.engine.points import NO_POINT, next_point
from diffusion.engine.posts import add_post
from diffusion.engine.prefetch import prefetch
from diffusion.engine.schedule import schedule
from diffusion.laws import quantile
from diffusion.randomness import draw, draw2, uniform
from diffusion.vocabulary import EventKind, Purpose

_GATHER = int(Purpose.GATHER)
_VERIFY = int(Purpose.VERIFY)
_ACCEPT = int(Purpose.ACCEPT)
_TUNED = int(Purpose.TUNED)
_READING = int(Purpose.READING)
_SITE_VISIT = int(Purpose.SITE_VISIT)
_LEARN = np.uint32(int(EventKind.OUTLET_LEARNS) << 29)
_PUBLISH = np.uint32(int(EventKind.PUBLICATION) << 29)
_SHARE_EVENT = np.uint32(int(EventKind.SHARE) << 29)
REJECTED, ACCEPTED, COVERED = 0, 1, 2
_AHEAD = 16
"""Members of an audience by which their records are asked for before they are needed. Chosen."""


@hot_function
def word_of(kind, story, detail):
    """Pack an event's word."""
    return kind | np.uint32(story << 8) | np.uint32(detail)


@hot_function
def next_slot(frame, rules, outlet, tick):
    """Return the first slot of an outlet's daily grid at or after a tick."""
    at = frame.origin + np.int64(tick)
    day = at // frame.day
    rest = at - day * frame.day
    low = rules.slot_offsets[outlet]
    high = rules.slot_offsets[outlet + 1]
    for slot in range(low, high):
        if rules.slots[slot] >= rest:
            return day * frame.day + rules.slots[slot] - frame.origin
    return (day + 1) * frame.day + rules.slots[low] - frame.origin


@hot_function
def learn(world, luck, state, outlet, story, source, tick):
    """Let an outlet learn of a story through a source; return REJECTED, ACCEPTED or COVERED."""
    rules = world.outlets
    if state.covered[outlet, story, 0] > 0:
        return COVERED
    key = draw(draw(luck.outlet[_ACCEPT, outlet], luck.story_name[story]), world.names[source])
    wanted = rules.accept_true[outlet] if luck.truth[story] else rules.accept_false[outlet]
    if uniform(key) >= wanted:
        return REJECTED
    witnesses = 0
    for platform in range(world.frame.n_platforms):
        if rules.watch_sharers[outlet, platform] > 0 or rules.watch_witnesses[outlet, platform] > 0:
            witnesses += state.witnesses[story, platform, 0]
    h = draw(luck.outlet[_VERIFY, outlet], luck.story_name[story])
    delay = quantile(world.laws[rules.verify[outlet]], h) / world.frame.tick
    verified = np.int64(tick) + np.int64(delay / (1.0 + rules.witness_speed[outlet] * witnesses))
    state.attempts[outlet, story, source, 0] = np.uint32(tick)
    state.attempts[outlet, story, source, 1] = np.uint32(min(verified, np.int64(NONE)))
    when = verified
    if luck.newsworthiness[story] < rules.breaking[outlet] and not rules.continuous[outlet]:
        when = next_slot(world.frame, rules, outlet, verified)
    schedule(world.frame, state, when, np.uint32(outlet), word_of(_PUBLISH, story, source))
    return ACCEPTED


@hot_function
def notice(world, luck, state, outlet, story, source, law, tick):
    """Let an outlet notice an official's post or another outlet's publication, after its delay."""
    h = draw(draw(luck.outlet[_GATHER, outlet], luck.story_name[story]), world.names[source])
    delay = np.int64(quantile(world.laws[law], h) / world.frame.tick)
    when = max(np.int64(tick) + 1, np.int64(tick) + delay)
    schedule(world.frame, state, when, np.uint32(outlet), word_of(_LEARN, story, source))


@hot_function
def notice_statement(world, luck, state, official_channel, story, tick):
    """Let newsrooms notice an official's post."""
    rules = world.outlets
    for outlet in range(world.frame.n_outlets):
        if rules.active[outlet] and rules.statements[outlet] >= 0:
            notice(world, luck, state, outlet, story, official_channel, rules.statements[outlet], tick)


@hot_function
def _begin_coverage(world, luck, state, outlet, story, tick):
    """Pass a first publication on to outlets that follow, and to the outlet's own accounts."""
    rules = world.outlets
    for other in range(world.frame.n_outlets):
        if rules.active[other] and rules.follows[other, outlet]:
            notice(world, luck, state, other, story, 1 + outlet, rules.follow_delay[other], tick)
    for platform in range(world.frame.n_platforms):
        account = rules.account[outlet, platform]
        if account >= 0 and world.platforms.active[platform]:
            author = np.uint32(world.frame.n_persons + account)
            schedule(world.frame, state, tick, author, word_of(_SHARE_EVENT, story, platform))


@hot_function
def publish(world, luck, state, outlet, story, reason, tick):
    """Broadcast a story; return the occurrence's number, or -1 where a first publication comes after another one."""
    rules = world.outlets
    frame = world.frame
    covered = state.covered
    repeated = reason == 1 + outlet
    if not repeated:
        if covered[outlet, story, 0] > 0:
            return np.int64(-1)
        covered[outlet, story, 0] = np.int64(tick) + 1
        covered[outlet, story, 2] = reason
        _begin_coverage(world, luck, state, outlet, story, tick)
    occurrence = covered[outlet, story, 1]
    covered[outlet, story, 1] = occurrence + 1
    post = add_post(state, np.uint32(outlet), story, tick, 1 + outlet, 1 + outlet, occurrence)
    if rules.continuous[outlet]:
        _expose_visitors(world, luck, state, outlet, tick, post)
        return occurrence
    _expose_tuned_in(world, luck, state, outlet, tick, post)
    begun = covered[outlet, story, 0] - 1
    following = next_slot(frame, rules, outlet, np.int64(tick) + 1)
    since = np.int64(tick) - begun
    is_breaking = luck.newsworthiness[story] >= rules.breaking[outlet]
    if is_breaking and since + rules.breaking_every[outlet] <= rules.breaking_for[outlet]:
        following = np.int64(tick) + rules.breaking_every[outlet]
    if following <= begun + rules.coverage[outlet]:
        schedule(frame, state, following, np.uint32(outlet), word_of(_PUBLISH, story, 1 + outlet))
    return occurrence


@hot_function
def _reading_delay(world, luck, outlet, person, tick):
    law = world.outlets.reading[outlet]
    if law < 0:
        return np.int64(0)
    day = (world.frame.origin + np.int64(tick)) // world.frame.day
    return np.int64(quantile(world.laws[law], draw2(luck.outlet[_READING, outlet], person, day)) / world.frame.tick)


@hot_inline
def _ask_for_record(world, state, member, beyond, post):
    """Ask for the record of somebody further down an audience, which says whether they have anything left to decide."""
    if world.frame.any_order and member + _AHEAD < beyond:
        at = record_of(world, world.outlets.audience[member + _AHEAD], state.posts[post, POST_STORY])
        prefetch(state.record, at)


@hot_function
def _expose_tuned_in(world, luck, state, outlet, tick, post):
    """Expose the members of the audience who are tuned in: one draw per person and viewing block."""
    rules = world.outlets
    frame = world.frame
    chance = rules.habit[outlet] * rules.tune_in[outlet, hour_of(frame, tick)]
    at = (frame.origin + np.int64(tick)) / rules.block[outlet]
    key = luck.outlet[_TUNED, outlet]
    personal = rules.regularity.size > 0
    beyond = rules.audience_offsets[outlet + 1]
    for member in range(rules.audience_offsets[outlet], beyond):
        _ask_for_record(world, state, member, beyond, post)
        person = rules.audience[member]
        block = np.int64(math.floor(at + rules.phase[member]))
        own = chance * rules.regularity[member] if personal else chance
        if uniform(draw2(key, person, block)) < own:
            delay = _reading_delay(world, luck, outlet, person, tick)
            expose_later(world, state, np.int64(tick) + delay, person, post)


@hot_function
def _expose_visitors(world, luck, state, outlet, tick, post):
    """Expose the audience of a continuous outlet at their next visits, while the story is up."""
    rules = world.outlets
    frame = world.frame
    clock = world.clocks[rules.clock[outlet]]
    now = operational(frame, clock, tick)
    # A visit during the last tick still counts, so the search goes on to that tick's end.
    end = min(np.int64(tick) + rules.coverage[outlet], frame.horizon) + 1
    until = operational(frame, clock, end)
    key = luck.outlet[_SITE_VISIT, outlet]
    personal = rules.regularity.size > 0
    beyond = rules.audience_offsets[outlet + 1]
    for member in range(rules.audience_offsets[outlet], beyond):
        _ask_for_record(world, state, member, beyond, post)
        person = rules.audience[member]
        rate = rules.visits[outlet] * rules.regularity[member] if personal else rules.visits[outlet]
        cells = (np.int64(math.floor(now * rate)), np.int64(math.floor(until * rate + 1.0)))
        point = next_point(key, person, now * rate, cells)
        if point == NO_POINT:
            continue
        when = max(np.int64(wall(frame, clock, point / rate)), np.int64(tick))
        if when <= np.int64(tick) + rules.coverage[outlet]:
            expose_later(world, state, when + _reading_delay(world, luck, outlet, person, tick), person, post)


@hot_function
def settle(world, state, tick):
    """Make pending counts visible, and let watching newsrooms learn what has passed their thresholds."""
    rules = world.outlets
    frame = world.frame
    for i in range(state.registers[N_DIRTY]):
        story = state.dirty[i] >> DIRTY_SHIFT
        platform = state.dirty[i] & (MAX_PLATFORMS - 1)
        for counts in (state.sharers, state.witnesses):
            counts[story, platform, 0] += counts[story, platform, 1]
            counts[story, platform, 1] = 0
        for outlet in range(frame.n_outlets):
            if not rules.active[outlet] or state.watched[outlet, story, platform]:
                continue
            many = rules.watch_sharers[outlet, platform]
            several = rules.watch_witnesses[outlet, platform]
            enough = many > 0 and state.sharers[story, platform, 0] >= many
            if enough or (several > 0 and state.witnesses[story, platform, 0] >= several):
                state.watched[outlet, story, platform] = 1
                source = 1 + frame.n_outlets + platform
                schedule(frame, state, tick, np.uint32(outlet), word_of(_LEARN, story, source))
    state.registers[N_DIRTY] = 0
    state.registers[DIRTY_END] = NEVER_ENDS
