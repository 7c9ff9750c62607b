"""Followers to whom a post is offered, side by side in lanes, and the passes over them (docs/model.md §4).

Every pass is a straight loop where it can be: a mispredicted branch costs more than what it would skip.
"""

from __future__ import annotations

import math

import numpy as np

from diffusion._jit import hot_function, hot_inline
from diffusion.engine.arrays import FOLLOWER, LISTED, LIVE, POINT, RATE, REACH, TIE
from diffusion.engine.clock import wall, wall_nearby
from diffusion.engine.points import FOUR_POINTS, NO_POINT, first_three, next_point, session_point
from diffusion.engine.prefetch import prefetch
from diffusion.laws import quantile
from diffusion.randomness import draw2

_LOW32 = np.uint64(0xFFFFFFFF)
_S32 = np.uint64(32)
_UNIT32 = 2.0**-32
_UNKNOWN = -2.0
FARTHEST = 64
"""Cells ahead in which a next session is searched."""
VECTOR = 8
"""Lanes that go through a straight loop at a time."""


@hot_inline
def whole(length):
    """Return a length at which vectors of lanes have no slow rest; what lies behind the last lane does not matter."""
    return (length + VECTOR - 1) & -VECTOR


@hot_inline
def is_notified(tie, share):
    """Whether a tie (a hash) is one of the share that is notified."""
    return np.float64(tie & _LOW32) * _UNIT32 < share


@hot_inline
def _is_close(tie, share):
    return np.float64(tie >> _S32) * _UNIT32 < share


@hot_inline
def ask_for_lanes(layer, followers, low, high):
    """Ask for the attention of those who are in the lanes next."""
    if layer.attention.size > 0:
        for at in range(low, high):
            prefetch(layer.attention, np.int64(followers[at]))


@hot_function
def fill_lanes(state, layer, followers, low, length, scale):
    """Copy followers and their attention into the lanes; the feed's ranking scales their reach."""
    attention, persons = layer.attention, state.words[FOLLOWER]
    rates, reaches = state.lanes[RATE], state.lanes[REACH]
    for lane in range(length):
        follower = np.int64(followers[low + lane])
        persons[lane] = follower
        rates[lane] = attention[follower, 0]
        reaches[lane] = np.float64(attention[follower, 1]) * scale


@hot_function
def look_at_sessions(lanes, followers, tau, session_hours, key, length):
    """Find where each lane's follower meets a post; a straight loop, which LLVM turns into vectors.

    Writes into `lanes[POINT]` the follower's place on their own clock if a session is running, else the next session's
    start if it is near, else NO_POINT; or _UNKNOWN where the first three points of two cells cannot tell.
    """
    rates, reaches, points = lanes[RATE], lanes[REACH], lanes[POINT]
    for lane in range(length):
        rate = rates[lane]
        x = tau * rate
        low = x - session_hours * rate
        cell = np.int64(math.floor(low))
        first = draw2(key, followers[lane], cell)
        second = draw2(key, followers[lane], cell + 1)
        early, best = first_three(first, cell, x, low, NO_POINT)
        late, best = first_three(second, cell + 1, x, low, best)
        full = ((first >> _S32) >= FOUR_POINTS) | ((second >> _S32) >= FOUR_POINTS)
        reach = reaches[lane] if reaches[lane] < FARTHEST else FARTHEST
        beyond = (np.int64(math.floor(x + reach)) > cell + 1) & (best == NO_POINT)
        point = _UNKNOWN if full | beyond else best
        points[lane] = x if early | late else point


@hot_function
def look_at_edges(lanes, followers, tau, exponential, key, length):
    """Draw each lane's wait, for `waits = "edge"`, and write where it ends into `lanes[POINT]`."""
    for lane in range(length):
        x = tau * lanes[RATE, lane]
        lanes[POINT, lane] = x + quantile(exponential, draw2(key[0], key[1], followers[lane]))


@hot_function
def look_at_ties(lanes, words, tau, tie, length):
    """Find close and notified ties, and list the lanes that may view the post; return how many there are."""
    key, who, close, notified = tie
    followers, ties, live, listed = words[FOLLOWER], words[TIE], words[LIVE], words[LISTED]
    rates, reaches, points = lanes[RATE], lanes[REACH], lanes[POINT]
    for lane in range(whole(length)):
        h = draw2(key, who, followers[lane])
        viewed = points[lane] - tau * rates[lane] < reaches[lane]
        ties[lane] = h
        live[lane] = np.uint64((viewed | _is_close(h, close) | is_notified(h, notified)) & (followers[lane] != who))
    count = np.int64(0)
    for lane in range(length):
        listed[count] = np.uint64(lane)
        count += np.int64(live[lane])
    return count


@hot_function
def _find_point(lanes, lane, key, follower, x, session_hours, close):
    """Return where a follower views a post by way of their sessions, or NO_POINT."""
    point = lanes[POINT, lane]
    reach = lanes[REACH, lane]
    if point == _UNKNOWN:
        point = session_point(key, follower, x, session_hours * lanes[RATE, lane], x + min(reach, FARTHEST))
    if point - x < reach:
        return point
    if not close:
        return NO_POINT
    if point != NO_POINT:
        return point
    cell = np.int64(math.floor(x))
    return next_point(key, follower, x, (cell + 1, cell + FARTHEST))


@hot_function
def settle_points(state, tau, session_hours, key, close, count):
    """Find where those of the listed lanes view the post of whom the straight loops could not tell."""
    lanes, words = state.lanes, state.words
    rates, reaches, points = lanes[RATE], lanes[REACH], lanes[POINT]
    for listed in range(count):
        lane = np.int64(words[LISTED, listed])
        x = tau * rates[lane]
        point = points[lane]
        near = _is_close(words[TIE, lane], close)
        views = (point - x < reaches[lane]) | near
        if (point == _UNKNOWN) | (point == NO_POINT) | (not views):
            follower = np.uint32(words[FOLLOWER, lane])
            points[lane] = _find_point(lanes, lane, key, follower, x, session_hours, near)


@hot_function
def find_ticks(world, state, clock, tau, tick, delay, count):
    """Write into `words[LIVE]`, in the order of the list, when each of the listed lanes views the post.

    `delay` is (ticks that every view is late, law of scrolling, key of its draws, author). Who never views it gets a
    tick beyond the horizon.
    """
    frame = world.frame
    lanes, words = state.lanes, state.words
    late, scroll, key, who = delay
    rates, points = lanes[RATE], lanes[POINT]
    followers, listed, ticks = words[FOLLOWER], words[LISTED], words[LIVE]
    base = np.int64(tick) + late
    missing = np.int64(0)
    for place in range(count):
        lane = np.int64(listed[place])
        rate = rates[lane]
        x = tau * rate
        point = points[lane]
        views = point != NO_POINT
        waits = views & (point != x)
        at, found = wall_nearby(frame, clock, (point if views else x) / rate)
        missing += np.int64(waits & (not found))
        until = np.int64(at) - np.int64(tick)
        when = base + (until if waits else 0)
        when += np.int64(quantile(scroll, draw2(key, who, np.uint32(followers[lane]))) / frame.tick)
        when = max(when, np.int64(tick) + 1) if views else frame.horizon + 1
        ticks[place] = np.uint64(when)
    if missing > 0:
        for place in range(count):
            lane = np.int64(listed[place])
            rate, point = rates[lane], points[lane]
            if point == NO_POINT or point == tau * rate:
                continue
            when = base + np.int64(wall(frame, clock, point / rate)) - np.int64(tick)
            when += np.int64(quantile(scroll, draw2(key, who, np.uint32(followers[lane]))) / frame.tick)
            ticks[place] = np.uint64(max(when, np.int64(tick) + 1))
