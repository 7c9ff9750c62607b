"""What every exposure leaves in a person's record: evidence, and a count by channel (docs/model.md §5).

An exposure of somebody with nothing left to decide leaves nothing else. Where nobody can see its place in the order of
events, it needs no event: it is counted when it becomes known.
"""

from __future__ import annotations

import numpy as np

from diffusion._jit import hot_function, hot_inline
from diffusion.engine.arrays import (
    COUNTS_HIGH,
    COUNTS_LOW,
    EVIDENCE,
    EXPOSURES,
    FOLLOWER,
    LISTED,
    LIVE,
    POINT,
    POST_STORY,
    RATE,
    SETTLED,
    VIEWS,
)
from diffusion.engine.posts import exposure_channel
from diffusion.engine.prefetch import prefetch
from diffusion.engine.schedule import schedule
from diffusion.laws import EVIDENCE_LIMIT
from diffusion.vocabulary import EventKind

_EXPOSURE = np.uint32(int(EventKind.EXPOSURE) << 29)
_THREE = np.uint32(3)


@hot_inline
def record_of(world, person, story):
    """Return the number of a person's record of a story."""
    return np.int64(story) * world.frame.n_persons + np.int64(person)


@hot_inline
def seen_before(row, channel):
    """Return m: how often the person met the story through the channel, at most 3."""
    if channel < 16:
        return np.int64((row[COUNTS_LOW] >> np.uint32(2 * channel)) & _THREE)
    return np.int64((row[COUNTS_HIGH] >> np.uint32(2 * (channel - 16))) & _THREE)


@hot_inline
def count(row, channel, m):
    """Count an exposure through a channel; `m` is `seen_before`."""
    if m == 3:
        return
    if channel < 16:
        row[COUNTS_LOW] += np.uint32(1) << np.uint32(2 * channel)
    else:
        row[COUNTS_HIGH] += np.uint32(1) << np.uint32(2 * (channel - 16))


@hot_inline
def add_evidence(world, floats, person, channel, m):
    """Add an exposure's evidence; `m` is `seen_before`."""
    weight = world.channel_weight[channel]
    column = world.trust_column[channel]
    if column >= 0:
        weight = np.float64(world.personal_weight[person, column])
    gained = np.float64(floats[EVIDENCE]) + weight * world.repetition[m]
    floats[EVIDENCE] = np.float32(min(EVIDENCE_LIMIT, max(-EVIDENCE_LIMIT, gained)))


@hot_inline
def _leave(world, state, at, person, channel):
    """Leave what an exposure of somebody with nothing left to decide leaves in their record, if that is read."""
    if world.frame.keep_evidence:
        row = state.record[at]
        m = seen_before(row, channel)
        add_evidence(world, state.record_float[at], person, channel, m)
        count(row, channel, m)


@hot_function
def expose_later(world, state, tick, person, post):
    """Schedule an exposure by a post that is not offered to followers; or count it now, if that is the same."""
    frame = world.frame
    if frame.any_order:
        story = np.int64(state.posts[post, POST_STORY])
        at = record_of(world, person, story)
        if state.record[at, COUNTS_HIGH] & SETTLED:
            if tick <= frame.horizon:
                state.tally[story, EXPOSURES] += 1
                _leave(world, state, at, person, exposure_channel(state, post))
            return
    schedule(frame, state, tick, person, _EXPOSURE | np.uint32(post))


@hot_function
def ask_for_records(world, state, story, length):
    """Ask for the records of the listed lanes."""
    for listed in range(length):
        prefetch(state.record, record_of(world, state.words[FOLLOWER, np.int64(state.words[LISTED, listed])], story))


@hot_function
def count_settled(world, state, story, channel, until, length):
    """Count the exposures of those of the listed lanes who have nothing left to decide; return how many are left.

    Who views the post after `until`, in operational hours, is left on the list.
    """
    words, record = state.words, state.record
    listed, taken = words[LISTED], words[LIVE]
    points, rates = state.lanes[POINT], state.lanes[RATE]
    base = record_of(world, 0, story)
    kept = np.int64(0)
    counted = np.int64(0)
    for place in range(length):
        lane = listed[place]
        person = words[FOLLOWER, np.int64(lane)]
        settled = record[base + np.int64(person), COUNTS_HIGH] & SETTLED != 0
        now = settled & (points[np.int64(lane)] <= until * rates[np.int64(lane)])
        listed[kept] = lane
        taken[counted] = person
        kept += np.int64(not now)
        counted += np.int64(now)
    state.tally[story, VIEWS] += counted
    state.tally[story, EXPOSURES] += counted
    for place in range(counted if world.frame.keep_evidence else 0):
        person = np.int64(taken[place])
        _leave(world, state, base + person, person, channel)
    return kept
