"""What an exposure does to a person: evidence, the decision to tell and the decision to share (docs/model.md §5)."""

from __future__ import annotations

import math

import numpy as np

from diffusion._jit import hot_function, hot_inline
from diffusion.engine.arrays import (
    CHANNEL_SHIFT,
    COUNTS_HIGH,
    EVIDENCE,
    EXPOSURES,
    FIRST_POST,
    FIRST_TICK,
    FOLLOWED,
    NEXT_TOUCHED,
    POST_AUTHOR,
    PRIOR,
    PROPENSITY,
    REACHED,
    SETTLED,
    SURVIVAL,
    TARGETS,
    TOUCHED,
)
from diffusion.engine.counts import add_evidence, count, record_of, seen_before
from diffusion.engine.feed import link_weight
from diffusion.engine.plans import plan
from diffusion.engine.posts import place_of
from diffusion.engine.schedule import schedule
from diffusion.laws import quantile, sigma
from diffusion.randomness import draw, uniform
from diffusion.vocabulary import EventKind, Purpose

_SHARE = int(Purpose.SHARE)
_TELL = int(Purpose.TELL)
_REACTION = int(Purpose.REACTION)
_SHARE_EVENT = np.uint32(int(EventKind.SHARE) << 29)
_LARGEST_CHANCE = 0.95


@hot_function
def _first_contact(world, luck, state, person, story, channel, tick, post):
    """Set the record of somebody who hears for the first time, and let them decide about telling."""
    at = record_of(world, person, story)
    record = state.record
    record[at, FIRST_TICK] = np.uint32(tick + 1)
    record[at, FIRST_POST] = post
    record[at, COUNTS_HIGH] = np.uint32(channel) << CHANNEL_SHIFT
    record[at, NEXT_TOUCHED] = np.uint32(state.registers[TOUCHED])
    state.registers[TOUCHED] = at + 1
    state.record_float[at, SURVIVAL] = np.float32(1.0)
    state.record_float[at, EVIDENCE] = world.traits[person, PRIOR]
    state.tally[story, REACHED] += 1
    threshold = -1.0
    for platform in range(world.frame.n_platforms):
        if not (world.platforms.contact[platform] and world.platforms.active[platform]):
            continue
        layer = world.layers[platform]
        if layer.offsets[person + 1] == layer.offsets[person]:
            continue
        if threshold < 0.0:
            threshold = uniform(draw(luck.story[_TELL, story], person))
        if threshold < world.platforms.tell[platform] * luck.newsworthiness[story]:
            schedule(world.frame, state, tick, person, _SHARE_EVENT | np.uint32(story << 8) | np.uint32(platform))


@hot_inline
def _chance(world, luck, state, person, story, channel, tick, post):
    """Return p, the share chance of an exposure through a medium, a platform or a contact."""
    at = record_of(world, person, story)
    fading = world.repetition[seen_before(state.record[at], channel)] if world.channel_repeats[channel] else 1.0
    novelty = math.exp(-(tick - np.int64(luck.tick[story])) * luck.decay[story])
    belief = 1.0
    if world.frame.belief_factor:
        now = sigma(np.float64(state.record_float[at, EVIDENCE]))
        belief = min(2.0, now / sigma(np.float64(world.traits[person, PRIOR])))
    weight = 1.0
    platform = channel - 1 - world.frame.n_outlets
    if platform >= 0 and platform < world.frame.n_platforms and world.platforms.weighted[platform]:
        author = state.posts[post, POST_AUTHOR]
        if author < world.frame.n_persons:
            weight = link_weight(world.layers[platform], author, person)
    p = luck.appeal[story] * np.float64(world.traits[person, PROPENSITY]) * fading * novelty * belief * weight
    return min(_LARGEST_CHANCE, p)


@hot_function
def _share(world, luck, state, person, story, targets, tick, at_once):
    """Schedule the posts of somebody who has decided to share."""
    state.record[record_of(world, person, story), COUNTS_HIGH] |= SETTLED
    for platform in range(world.frame.n_platforms):
        if not (targets >> np.uint8(platform)) & np.uint8(1):
            continue
        delay = np.int64(0)
        if not at_once:
            h = draw(draw(luck.platform[_REACTION, platform], luck.story_name[story]), person)
            delay = np.int64(quantile(world.laws[world.platforms.reaction[platform]], h) / world.frame.tick)
        word = _SHARE_EVENT | np.uint32(story << 8) | np.uint32(platform)
        plan(world, state, tick + delay, person, word)


@hot_inline
def _consider(world, luck, state, person, story, channel, tick, post, is_author):
    """Let somebody who has not yet decided weigh this exposure."""
    posts_on = np.int64(world.traits[person, TARGETS])
    targets = np.uint8(posts_on & 255)
    if world.frame.post_where_met and channel != 0:
        on = place_of(world, state, post)[2]
        if on >= 0 and world.platforms.carrier[on] >= 0:
            on = world.platforms.carrier[on]
        if on >= 0 and (posts_on >> (8 + on)) & 1:
            targets = world.platforms.posts_on[on]
    if channel != 0:
        targets &= np.uint8(world.frame.reshare_targets)
    targets &= luck.allowed[story]
    if targets == 0:
        if not world.frame.post_where_met:
            state.record[record_of(world, person, story), COUNTS_HIGH] |= SETTLED
        return
    if not is_author:
        if channel == 0:
            p = luck.report[story] if world.frame.threshold_rule else min(_LARGEST_CHANCE, luck.report[story])
        elif world.frame.threshold_rule:
            p = 1.0 / np.float64(world.traits[person, FOLLOWED])
        else:
            p = _chance(world, luck, state, person, story, channel, tick, post)
        at = record_of(world, person, story)
        left = np.float64(state.record_float[at, SURVIVAL])
        left = left - p if world.frame.threshold_rule else left * (1.0 - p)
        state.record_float[at, SURVIVAL] = np.float32(left)
        left = np.float64(state.record_float[at, SURVIVAL])
        if 1.0 - left < uniform(draw(luck.story[_SHARE, story], person)):
            return
    _share(world, luck, state, person, story, targets, tick, is_author)


@hot_function
def expose(world, luck, state, person, story, channel, tick, post, is_author):
    """Expose a person to a story; return m, the number of earlier exposures through the channel (at most 3).

    `post` is the post's number, or NONE for own eyes.
    """
    at = record_of(world, person, story)
    row = state.record[at]
    floats = state.record_float[at]
    state.tally[story, EXPOSURES] += 1
    if row[FIRST_TICK] == 0:
        _first_contact(world, luck, state, person, story, channel, tick, post)
    m = seen_before(row, channel)
    if not is_author or luck.truth[story]:
        add_evidence(world, floats, person, channel, m)
    if (row[COUNTS_HIGH] & SETTLED) == 0:
        _consider(world, luck, state, person, story, channel, tick, post, is_author)
    count(row, channel, m)
    return m
