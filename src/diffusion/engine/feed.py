"""How a post meets a follower: sessions, burial, close and notified ties, and meetings (docs/model.md §4)."""

from __future__ import annotations

import math

import numpy as np

from diffusion._jit import hot_function, hot_inline
from diffusion.engine.arrays import OFFERS
from diffusion.engine.clock import hour_of, next_awake, operational, wall
from diffusion.engine.prefetch import prefetch
from diffusion.engine.schedule import schedule
from diffusion.laws import POISSON_THRESHOLDS, first_point, points_in_cell, quantile
from diffusion.randomness import draw, draw2, uniform
from diffusion.vocabulary import EventKind, Purpose

_SCROLL = int(Purpose.SCROLL)
_NOTICE = int(Purpose.NOTICE)
_SESSION = int(Purpose.SESSION)
_WAIT = int(Purpose.WAIT)
_MEETING = int(Purpose.MEETING)
_EXPOSURE = np.uint32(int(EventKind.EXPOSURE) << 29)
_LOW32 = np.uint64(0xFFFFFFFF)
_S32 = np.uint64(32)
_UNIT32 = 2.0**-32
_AHEAD = 12
NO_POINT = np.inf
_ONE_POINT, _TWO_POINTS, _THREE_POINTS, _FOUR_POINTS = (np.uint64(t) for t in POISSON_THRESHOLDS[:4])
FARTHEST = 64
"""Cells ahead in which a next session is searched."""


@hot_function
def row_bounds(layer, accounts, n_persons, author):
    """Return where an author's followers begin and end."""
    if author < n_persons:
        return layer.offsets[author], layer.offsets[author + 1]
    account = author - n_persons
    return accounts.offsets[account], accounts.offsets[account + 1]


@hot_function
def link_weight(layer, author, follower):
    """Return the weight of a link, found by bisection of the author's row."""
    low = layer.offsets[author]
    high = layer.offsets[author + 1]
    while low < high:
        middle = (low + high) >> 1
        if layer.followers[middle] < follower:
            low = middle + 1
        else:
            high = middle
    return np.float64(layer.weights[low])


@hot_inline
def _point(cell, position, exists):
    return cell + position if exists else NO_POINT


@hot_inline
def _after(point, x, best):
    return point if (point > x) & (point < best) else best


@hot_inline
def scan_cell(h, cell, x, length, best):
    """Return the first point after `x` among `best` and those of a cell with hash `h`.

    The answer is -1 if a point lies in (x - length, x]. The first three points are looked at without a branch (a
    mispredicted one costs more than the hashes).
    """
    u = h >> _S32
    a = _point(cell, first_point(h), u >= _ONE_POINT)
    b = _point(cell, uniform(draw(h, 1)), u >= _TWO_POINTS)
    c = _point(cell, uniform(draw(h, 2)), u >= _THREE_POINTS)
    low = x - length
    running = ((a > low) & (a <= x)) | ((b > low) & (b <= x)) | ((c > low) & (c <= x))
    best = _after(c, x, _after(b, x, _after(a, x, best)))
    if u >= _FOUR_POINTS:
        for k in range(3, points_in_cell(h)):
            p = cell + uniform(draw(h, k))
            running |= (p > low) & (p <= x)
            best = _after(p, x, best)
    return -1.0 if running else best


@hot_function
def next_point(key, a, x, limit):
    """Return the first point after `x` of the unit-rate process (key, a).

    The answer is NO_POINT if there is none before cell floor(limit) + 1.
    """
    cell = np.int64(math.floor(x))
    last = np.int64(math.floor(limit))
    best = NO_POINT
    while cell <= last and best == NO_POINT:
        best = scan_cell(draw2(key, a, cell), cell, x, 0.0, best)
        cell += 1
    return best


@hot_inline
def session_point(key, person, x, length, limit):
    """Return `x` if a session is running at x, else the start of the next session.

    The answer is NO_POINT if none starts before cell floor(limit) + 1. `x`, `length` and the result are in units of the
    person's sessions.
    """
    cell = np.int64(math.floor(x - length))
    last = np.int64(math.floor(limit))
    best = scan_cell(draw2(key, person, cell), cell, x, length, NO_POINT)
    while cell < last and (best == NO_POINT or cell <= x - 1.0) and best >= 0.0:
        cell += 1
        best = scan_cell(draw2(key, person, cell), cell, x, length, best)
    return x if best < 0.0 else best


@hot_function
def offer(world, luck, state, platform, author, story, tick, post):
    """Offer a post to every follower of its author: schedule the exposures of those who will view it."""
    frame = world.frame
    rules = world.platforms
    layer = world.layers[platform]
    accounts = world.accounts
    low, high = row_bounds(layer, accounts, frame.n_persons, author)
    followers = layer.followers if author < frame.n_persons else accounts.followers
    attention = layer.attention
    who = np.uint64(author) if author < frame.n_persons else accounts.key[author - frame.n_persons]
    clock = world.clocks[rules.clock[platform]]
    tau = operational(frame, clock, tick)
    hour = hour_of(frame, tick)
    name = luck.story_name[story]
    session_key = luck.platform[_SESSION, platform]
    scroll_key = draw(draw(luck.platform[_SCROLL, platform], name), 0)
    notice_key = draw(draw(luck.platform[_NOTICE, platform], name), 0)
    wait_key = draw(luck.platform[_WAIT, platform], name)
    tie_key = luck.tie[platform]
    edge_waits = rules.edge_waits[platform]
    session_hours = rules.session_hours[platform]
    close = rules.close[platform]
    notified = rules.notified[platform] if high - low < rules.notified_below[platform] else 0.0
    latency = rules.latency[platform]
    scroll = world.laws[rules.scroll[platform]]
    notice = world.laws[rules.notice[platform]]
    wake = next_awake(frame, clock, tick, rules.awake_level[platform])
    exponential = world.laws[0]
    word = _EXPOSURE | np.uint32(post)
    beyond = frame.horizon + 1
    tick_length = frame.tick
    state.tally[story, OFFERS] += high - low
    for at in range(low, high):
        follower = followers[at]
        prefetch(attention, np.int64(followers[min(at + _AHEAD, high - 1)]))
        rate = np.float64(attention[follower, 0])
        reach = np.float64(attention[follower, 1])
        x = tau * rate
        if edge_waits:
            point = x + quantile(exponential, draw2(wait_key, who, follower))
        else:
            point = session_point(session_key, follower, x, session_hours * rate, x + min(reach, FARTHEST))
        viewed = point - x < reach
        told = False
        if not viewed or notified > 0.0:
            tie = draw2(tie_key, who, follower)
            told = np.float64(tie & _LOW32) * _UNIT32 < notified
            if not viewed and np.float64(tie >> _S32) * _UNIT32 < close:
                if point == NO_POINT:
                    point = next_point(session_key, follower, x, math.floor(x) + FARTHEST)
                viewed = point != NO_POINT
            if not viewed and not told:
                continue
        when = beyond
        if viewed:
            base = np.int64(tick) if point == x else np.int64(wall(frame, clock, point / rate, hour))
            when = base + latency + np.int64(quantile(scroll, draw2(scroll_key, who, follower)) / tick_length)
        if told:
            noticed = wake + latency + np.int64(quantile(notice, draw2(notice_key, who, follower)) / tick_length)
            when = min(when, noticed)
        schedule(frame, state, max(when, np.int64(tick) + 1), follower, word)


@hot_function
def tell(world, luck, state, platform, teller, tick, post):
    """Tell every contact at the pair's next meeting inside the telling window."""
    frame = world.frame
    layer = world.layers[platform]
    clock = world.clocks[world.platforms.clock[platform]]
    rate = world.platforms.meetings[platform]
    window = world.platforms.window[platform]
    x = operational(frame, clock, tick) * rate
    hour = hour_of(frame, tick)
    key = luck.platform[_MEETING, platform]
    word = _EXPOSURE | np.uint32(post)
    for at in range(layer.offsets[teller], layer.offsets[teller + 1]):
        contact = layer.followers[at]
        pair = draw2(key, min(contact, teller), max(contact, teller))
        point = _next_meeting(pair, x, x + window)
        if point - x <= window:
            when = np.int64(wall(frame, clock, point / rate, hour))
            schedule(frame, state, max(when, np.int64(tick) + 1), contact, word)


@hot_function
def _next_meeting(pair, x, limit):
    cell = np.int64(math.floor(x))
    last = np.int64(math.floor(limit))
    best = NO_POINT
    while cell <= last and best == NO_POINT:
        best = scan_cell(draw(pair, cell), cell, x, 0.0, best)
        cell += 1
    return best
