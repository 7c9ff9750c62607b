"""How a post meets a follower: sessions, burial, close and notified ties, and meetings (docs/model.md §4)."""

from __future__ import annotations

import math

import numpy as np

from diffusion._jit import hot_function
from diffusion.engine.arrays import OFFERS
from diffusion.engine.clock import next_awake, operational, wall
from diffusion.engine.prefetch import prefetch
from diffusion.engine.schedule import schedule
from diffusion.laws import first_point, points_in_cell, quantile
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


@hot_function
def next_point(key, a, x, limit):
    """Return the first point after `x` of the unit-rate process (key, a), or -1 if none lies before cell floor(limit) + 1."""
    cell = np.int64(math.floor(x))
    last = np.int64(math.floor(limit))
    best = -1.0
    while cell <= last:
        h = draw2(key, a, cell)
        count = points_in_cell(h)
        for k in range(count):
            p = cell + (first_point(h) if k == 0 else uniform(draw(h, k)))
            if p > x and (best < 0.0 or p < best):
                best = p
        if best >= 0.0:
            return best
        cell += 1
    return -1.0


@hot_function
def session_point(key, person, x, length, limit):
    """Return `x` if a session is running at x, else the next session's start before cell floor(limit) + 1, else -1.

    `x`, `length` and the result are in units of the person's sessions.
    """
    here = np.int64(math.floor(x))
    last = np.int64(math.floor(limit))
    cell = np.int64(math.floor(x - length))
    best = -1.0
    while cell <= last:
        h = draw2(key, person, cell)
        count = points_in_cell(h)
        for k in range(count):
            p = cell + (first_point(h) if k == 0 else uniform(draw(h, k)))
            if p > x:
                if best < 0.0 or p < best:
                    best = p
            elif p > x - length:
                return x
        if best >= 0.0 and cell >= here:
            return best
        cell += 1
    return -1.0


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
        viewed = point >= 0.0 and point - x < reach
        told = False
        if not viewed or notified > 0.0:
            tie = draw2(tie_key, who, follower)
            told = np.float64(tie & _LOW32) * _UNIT32 < notified
            if not viewed and np.float64(tie >> _S32) * _UNIT32 < close:
                if point < 0.0:
                    point = next_point(session_key, follower, x, math.floor(x) + FARTHEST)
                viewed = point >= 0.0
            if not viewed and not told:
                continue
        when = np.int64(frame.horizon) + 1
        if viewed:
            base = np.int64(tick) if point == x else np.int64(wall(frame, clock, point / rate))
            when = base + latency + np.int64(quantile(scroll, draw2(scroll_key, who, follower)) / frame.tick)
        if told:
            noticed = wake + latency + np.int64(quantile(notice, draw2(notice_key, who, follower)) / frame.tick)
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
    key = luck.platform[_MEETING, platform]
    word = _EXPOSURE | np.uint32(post)
    for at in range(layer.offsets[teller], layer.offsets[teller + 1]):
        contact = layer.followers[at]
        pair = draw2(key, min(contact, teller), max(contact, teller))
        point = _next_meeting(pair, x, x + window)
        if point >= 0.0 and point - x <= window:
            when = np.int64(wall(frame, clock, point / rate))
            schedule(frame, state, max(when, np.int64(tick) + 1), contact, word)


@hot_function
def _next_meeting(pair, x, limit):
    cell = np.int64(math.floor(x))
    last = np.int64(math.floor(limit))
    best = -1.0
    while cell <= last and best < 0.0:
        h = draw(pair, cell)
        count = points_in_cell(h)
        for k in range(count):
            p = cell + (first_point(h) if k == 0 else uniform(draw(h, k)))
            if p > x and (best < 0.0 or p < best):
                best = p
        cell += 1
    return best


