"""Followers to whom a post is offered, side by side in lanes, and the passes over them (docs/model.md §4).

Every pass is a straight loop where it can be: a mispredicted branch costs more than what it would skip.
"""

from __future__ import annotations

import math

import numpy as np

from diffusion._jit import hot_function, hot_inline
from diffusion.engine.arrays import (
    AGAIN,
    AGAIN_FROM,
    AGAIN_NOW,
    AGAIN_POINT,
    ALERT,
    AUTHOR,
    FOLLOWER,
    LISTED,
    LIVE,
    NOW,
    POINT,
    RATE,
    REACH,
    ROW,
    ROW_AUTHOR,
    ROW_TICK,
    TIE,
    VECTOR,
)
from diffusion.engine.clock import wall, wall_nearby
from diffusion.engine.points import NO_POINT, next_point, session_point, two_cells, two_full_cells
from diffusion.laws import quantile
from diffusion.randomness import draw2

_LOW32 = np.uint64(0xFFFFFFFF)
_S32 = np.uint64(32)
_UNIT32 = 2.0**-32
_ONE = np.uint64(1)
_UNKNOWN = -2.0
FARTHEST = 64
"""Cells ahead in which a next session is searched."""


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


@hot_function
def copy_row(state, followers, stretch, row, post):
    """Copy a stretch of a row into the lanes: (place of its first follower, first lane, length).

    `post` is (operational hours at which it was made, share of the followers who are notified).
    """
    low, first, length = np.uint64(stretch[0]), np.uint64(stretch[1]), np.uint64(stretch[2])
    persons, authors, rows = state.words[FOLLOWER], state.words[AUTHOR], state.words[ROW]
    nows, alerts = state.lanes[NOW], state.lanes[ALERT]
    author = state.rows[ROW_AUTHOR, row]
    lane = np.uint64(0)
    while lane < length:
        persons[first + lane] = np.uint64(followers[low + lane])
        lane += _ONE
    # What is alike for the whole row is written in whole vectors; the next row overwrites what lies behind this one.
    lane = np.uint64(0)
    beyond = np.uint64(whole(stretch[2]))
    while lane < beyond:
        authors[first + lane] = author
        rows[first + lane] = np.uint64(row)
        nows[first + lane] = post[0]
        alerts[first + lane] = post[1]
        lane += _ONE


@hot_function
def look_up(state, layer, length, scale):
    """Look up the followers' attention, and what is now on their own clocks; ranking scales the reach of feeds."""
    attention, persons = layer.attention, state.words[FOLLOWER]
    rates, reaches, nows = state.lanes[RATE], state.lanes[REACH], state.lanes[NOW]
    for lane in range(length):
        follower = persons[lane]
        rate = np.float64(attention[follower, 0])
        rates[lane] = rate
        nows[lane] *= rate
        reaches[lane] = np.float64(attention[follower, 1]) * scale


@hot_inline
def _is_beyond(x, reach, cell, best):
    """Whether the next session may be further away than in two cells and still be near enough."""
    return (np.int64(math.floor(x + (reach if reach < FARTHEST else FARTHEST))) > cell + 1) & (best == NO_POINT)


@hot_function
def look_at_sessions(lanes, followers, session_hours, key, length):
    """Find where each lane's follower meets a post; a straight loop, which LLVM turns into vectors.

    Writes into `lanes[POINT]` the follower's place on their own clock if a session is running, else the next session's
    start if it is near, else NO_POINT; or _UNKNOWN where the first three points of two cells cannot tell.
    """
    rates, reaches, points, nows = lanes[RATE], lanes[REACH], lanes[POINT], lanes[NOW]
    for lane in range(length):
        x = nows[lane]
        low = x - session_hours * rates[lane]
        cell = np.int64(math.floor(low))
        hashes = (draw2(key, followers[lane], cell), draw2(key, followers[lane], cell + 1))
        running, best, known = two_cells(hashes, cell, x, low)
        point = _UNKNOWN if (not known) | _is_beyond(x, reaches[lane], cell, best) else best
        points[lane] = x if running else point


@hot_function
def look_at_edges(lanes, words, exponential, key, length):
    """Draw each lane's wait, for `waits = "edge"`, and write where it ends into `lanes[POINT]`."""
    for lane in range(length):
        lanes[POINT, lane] = lanes[NOW, lane] + quantile(
            exponential, draw2(key, words[AUTHOR, lane], words[FOLLOWER, lane])
        )


@hot_function
def look_at_ties(lanes, words, tie, length):
    """Find close and notified ties, and list the lanes that may view the post; return how many there are."""
    key, close = tie
    followers, authors, ties, live, listed = words[FOLLOWER], words[AUTHOR], words[TIE], words[LIVE], words[LISTED]
    nows, reaches, points, alerts = lanes[NOW], lanes[REACH], lanes[POINT], lanes[ALERT]
    for lane in range(whole(length)):
        h = draw2(key, authors[lane], followers[lane])
        viewed = points[lane] - nows[lane] < reaches[lane]
        ties[lane] = h
        may = viewed | _is_close(h, close) | is_notified(h, alerts[lane])
        live[lane] = np.uint64(may & (followers[lane] != authors[lane]))
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
def _take_out(lanes, words, session_hours, count):
    """Copy the lanes in `words[LIVE]` side by side, to be looked at again."""
    some, followers, again = words[LIVE], words[FOLLOWER], words[AGAIN]
    nows, rates, x, low = lanes[NOW], lanes[RATE], lanes[AGAIN_NOW], lanes[AGAIN_FROM]
    for place in range(count):
        lane = some[place]
        again[place] = followers[lane]
        x[place] = nows[lane]
        low[place] = nows[lane] - session_hours * rates[lane]


@hot_function
def _look_closer(lanes, followers, key, length):
    """Do as `look_at_sessions` by the first six points of two cells."""
    nows, lows, points = lanes[AGAIN_NOW], lanes[AGAIN_FROM], lanes[AGAIN_POINT]
    for place in range(length):
        x, low = nows[place], lows[place]
        cell = np.int64(math.floor(low))
        hashes = (draw2(key, followers[place], cell), draw2(key, followers[place], cell + 1))
        running, best, known = two_full_cells(hashes, cell, x, low)
        point = best if known else _UNKNOWN
        points[place] = x if running else point


@hot_function
def _look_further(lanes, followers, key, length):
    """Do as `look_at_sessions` for the next session of those who have none in the first two cells, in two more."""
    nows, lows, points = lanes[AGAIN_NOW], lanes[AGAIN_FROM], lanes[AGAIN_POINT]
    for place in range(length):
        x = nows[place]
        cell = np.int64(math.floor(lows[place])) + 2
        hashes = (draw2(key, followers[place], cell), draw2(key, followers[place], cell + 1))
        _, best, known = two_cells(hashes, cell, x, x)
        points[place] = best if known else NO_POINT


@hot_function
def _settle_unknown(lanes, words, session_hours, key, close, count):
    """Find the points of the lanes in `words[LIVE]`, of which three points of two cells could not tell."""
    _take_out(lanes, words, session_hours, count)
    _look_closer(lanes, words[AGAIN], key, whole(count))
    for place in range(count):
        lane = words[LIVE, place]
        x, reach, point = lanes[NOW, lane], lanes[REACH, lane], lanes[AGAIN_POINT, place]
        near = _is_close(words[TIE, lane], close)
        cell = np.int64(math.floor(lanes[AGAIN_FROM, place]))
        if (point == _UNKNOWN) | _is_beyond(x, reach, cell, point):
            point = _find_point(lanes, lane, key, np.uint32(words[FOLLOWER, lane]), x, session_hours, near)
        lanes[POINT, lane] = point if near | (point - x < reach) else NO_POINT


@hot_function
def _settle_later(lanes, words, session_hours, key, count):
    """Find the next sessions of the close ties in `words[LIVE]`, who have none in the first two cells."""
    _take_out(lanes, words, session_hours, count)
    _look_further(lanes, words[AGAIN], key, whole(count))
    for place in range(count):
        lane, point = words[LIVE, place], lanes[AGAIN_POINT, place]
        if point == NO_POINT:
            x = lanes[NOW, lane]
            cell = np.int64(math.floor(x))
            point = next_point(key, np.uint32(words[FOLLOWER, lane]), x, (cell + 1, cell + FARTHEST))
        lanes[POINT, lane] = point


@hot_function
def settle_points(state, session_hours, key, close, count):
    """Find where those of the listed lanes view the post of whom the straight loops could not tell."""
    lanes, words = state.lanes, state.words
    reaches, points, nows = lanes[REACH], lanes[POINT], lanes[NOW]
    listed, some = words[LISTED], words[LIVE]
    unknown = np.int64(0)
    for place in range(count):
        lane = listed[place]
        point = points[lane]
        views = (point - nows[lane] < reaches[lane]) | _is_close(words[TIE, lane], close)
        some[unknown] = lane
        unknown += np.int64(point == _UNKNOWN)
        points[lane] = point if views else NO_POINT
    if unknown > 0:
        _settle_unknown(lanes, words, session_hours, key, close, unknown)
    later = np.int64(0)
    for place in range(count):
        lane = listed[place]
        some[later] = lane
        later += np.int64((points[lane] == NO_POINT) & _is_close(words[TIE, lane], close))
    if later > 0:
        _settle_later(lanes, words, session_hours, key, later)


@hot_function
def find_ticks(world, state, clock, delay, count):
    """Write into `words[LIVE]`, in the order of the list, when each of the listed lanes views the post.

    `delay` is (ticks that every view is late, law of scrolling, key of its draws). Who never views it gets a tick
    beyond the horizon.
    """
    frame = world.frame
    lanes, words = state.lanes, state.words
    late, scroll, key = delay
    rates, points, nows = lanes[RATE], lanes[POINT], lanes[NOW]
    followers, authors, listed, ticks, rows = words[FOLLOWER], words[AUTHOR], words[LISTED], words[LIVE], words[ROW]
    made = state.rows[ROW_TICK]
    missing = np.int64(0)
    for place in range(count):
        lane = np.int64(listed[place])
        x = nows[lane]
        point = points[lane]
        tick = np.int64(made[np.int64(rows[lane])])
        views = point != NO_POINT
        waits = views & (point != x)
        at, found = wall_nearby(frame, clock, (point if views else x) / rates[lane])
        missing += np.int64(waits & (not found))
        when = late + tick + np.int64(waits) * (np.int64(at) - tick)
        when += np.int64(quantile(scroll, draw2(key, authors[lane], followers[lane])) / frame.tick)
        when = max(when, tick + 1) if views else frame.horizon + 1
        ticks[place] = np.uint64(when)
    if missing > 0:
        for place in range(count):
            lane = np.int64(listed[place])
            point = points[lane]
            if point == NO_POINT or point == nows[lane]:
                continue
            when = late + np.int64(wall(frame, clock, point / rates[lane]))
            when += np.int64(quantile(scroll, draw2(key, authors[lane], followers[lane])) / frame.tick)
            ticks[place] = np.uint64(max(when, np.int64(made[np.int64(rows[lane])]) + 1))
