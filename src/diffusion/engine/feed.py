"""How a post meets a follower: sessions, burial, close and notified ties, and meetings (docs/model.md §4)."""

from __future__ import annotations

import math

import numpy as np

from diffusion._jit import hot_function, hot_inline
from diffusion.engine.arrays import FOLLOWER, LANES, LISTED, LIVE, OFFERS, POINT, RATE, REACH, TIE
from diffusion.engine.clock import next_awake, operational, wall
from diffusion.engine.schedule import expect, schedule
from diffusion.engine.spans import ALWAYS, count_closed, has_spans, is_open, list_open
from diffusion.laws import POISSON_THRESHOLDS, first_point, points_in_cell, quantile
from diffusion.randomness import draw, draw2, uniform
from diffusion.vocabulary import EventKind, Purpose

_SCROLL = int(Purpose.SCROLL)
_NOTICE = int(Purpose.NOTICE)
_SESSION = int(Purpose.SESSION)
_WAIT = int(Purpose.WAIT)
_MEETING = int(Purpose.MEETING)
_GROUP = int(Purpose.GROUP)
_EXPOSURE = np.uint32(int(EventKind.EXPOSURE) << 29)
_LOW32 = np.uint64(0xFFFFFFFF)
_S32 = np.uint64(32)
_UNIT32 = 2.0**-32
UNKNOWN = -2.0
NO_POINT = np.inf
_ONE_POINT, _TWO_POINTS, _THREE_POINTS, _FOUR_POINTS = (np.uint64(t) for t in POISSON_THRESHOLDS[:4])
FARTHEST = 64
"""Cells ahead in which a next session is searched."""
VECTOR = 8
"""Lanes that go through a straight loop at a time."""


@hot_function
def row_bounds(layer, accounts, n_persons, author):
    """Return where an author's followers begin and end."""
    if author < n_persons:
        return layer.offsets[author], layer.offsets[author + 1]
    account = author - n_persons
    return accounts.offsets[account], accounts.offsets[account + 1]


@hot_function
def _holds(row, low, high, person):
    """Whether an ascending stretch of a row holds a person."""
    end = high
    while low < high:
        middle = (low + high) >> 1
        if row[middle] < person:
            low = middle + 1
        else:
            high = middle
    return low < end and row[low] == person


@hot_function
def posting_groups(world, luck, platform, author, story):
    """Return the groups in which a post appears: an array and where they begin and end in it."""
    layer = world.layers[platform]
    if world.platforms.carrier[platform] >= 0:
        at = story * world.frame.n_platforms + platform
        return luck.tags, luck.tag_offsets[at], luck.tag_offsets[at + 1]
    low, high = layer.group_offsets[author], layer.group_offsets[author + 1]
    if world.platforms.one_group[platform] and high > low:
        h = draw(draw(luck.platform[_GROUP, platform], luck.story_name[story]), author)
        low += np.int64(h % np.uint64(high - low))
        high = low + 1
    return layer.groups, low, high


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
def _first_three(h, cell, x, low, best):
    """Return (is a session running, first point after x) from the first three points of a cell.

    There is no branch: a mispredicted one costs more than the hashes.
    """
    u = h >> _S32
    a = _point(cell, first_point(h), u >= _ONE_POINT)
    b = _point(cell, uniform(draw(h, 1)), u >= _TWO_POINTS)
    c = _point(cell, uniform(draw(h, 2)), u >= _THREE_POINTS)
    running = ((a > low) & (a <= x)) | ((b > low) & (b <= x)) | ((c > low) & (c <= x))
    return running, _after(c, x, _after(b, x, _after(a, x, best)))


@hot_inline
def scan_cell(h, cell, x, length, best):
    """Return the first point after `x` among `best` and a cell's points, or -1 if one is in (x - length, x]."""
    low = x - length
    running, best = _first_three(h, cell, x, low, best)
    if (h >> _S32) >= _FOUR_POINTS:
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


@hot_inline
def whole(length):
    """Return a length at which vectors of lanes have no slow rest; what lies behind the last lane does not matter."""
    return (length + VECTOR - 1) & -VECTOR


@hot_function
def _look_at_sessions(lanes, followers, tau, session_hours, key, length):
    """Find where each lane's follower meets a post; a straight loop, which LLVM turns into vectors.

    Writes into `lanes[POINT]` the follower's place on their own clock if a session is running, else the next session's
    start if it is near, else NO_POINT; or UNKNOWN where the first three points of two cells cannot tell.
    """
    rates, reaches, points = lanes[RATE], lanes[REACH], lanes[POINT]
    for lane in range(length):
        rate = rates[lane]
        x = tau * rate
        low = x - session_hours * rate
        cell = np.int64(math.floor(low))
        first = draw2(key, followers[lane], cell)
        second = draw2(key, followers[lane], cell + 1)
        early, best = _first_three(first, cell, x, low, NO_POINT)
        late, best = _first_three(second, cell + 1, x, low, best)
        full = ((first >> _S32) >= _FOUR_POINTS) | ((second >> _S32) >= _FOUR_POINTS)
        reach = reaches[lane] if reaches[lane] < FARTHEST else FARTHEST
        wide = np.int64(math.floor(x + reach)) > cell + 1
        point = x if early | late else best
        points[lane] = UNKNOWN if full | wide else point


@hot_function
def _look_at_edges(lanes, followers, tau, exponential, key, length):
    """Draw each lane's wait, for `waits = "edge"`, and write where it ends into `lanes[POINT]`."""
    for lane in range(length):
        x = tau * lanes[RATE, lane]
        lanes[POINT, lane] = x + quantile(exponential, draw2(key[0], key[1], followers[lane]))


@hot_function
def _look_at_ties(lanes, words, tau, tie, length):
    """Find close and notified ties, and list the lanes that may view the post; return how many there are."""
    key, who, close, notified = tie
    followers, ties, live, listed = words[FOLLOWER], words[TIE], words[LIVE], words[LISTED]
    rates, reaches, points = lanes[RATE], lanes[REACH], lanes[POINT]
    for lane in range(whole(length)):
        h = draw2(key, who, followers[lane])
        near = np.float64(h >> _S32) * _UNIT32 < close
        told = np.float64(h & _LOW32) * _UNIT32 < notified
        viewed = points[lane] - tau * rates[lane] < reaches[lane]
        ties[lane] = h
        live[lane] = np.uint64((viewed | near | told) & (followers[lane] != who))
    count = np.int64(0)
    for lane in range(length):
        listed[count] = np.uint64(lane)
        count += np.int64(live[lane])
    return count


@hot_function
def _fill_lanes(state, layer, followers, low, length, scale):
    """Copy followers and their attention into the lanes; the feed's ranking scales their reach."""
    attention = layer.attention
    for lane in range(length):
        follower = followers[low + lane]
        state.words[FOLLOWER, lane] = follower
        state.lanes[RATE, lane] = attention[follower, 0]
        state.lanes[REACH, lane] = np.float64(attention[follower, 1]) * scale


@hot_function
def _meets(lanes, lane, key, follower, x, session_hours, is_close):
    """Return where a follower views a post by way of their sessions, or NO_POINT."""
    point = lanes[POINT, lane]
    reach = lanes[REACH, lane]
    if point == UNKNOWN:
        point = session_point(key, follower, x, session_hours * lanes[RATE, lane], x + min(reach, FARTHEST))
    if point - x < reach:
        return point
    if not is_close:
        return NO_POINT
    return next_point(key, follower, x, math.floor(x) + FARTHEST) if point == NO_POINT else point


@hot_inline
def _ranking(world, luck, state, platform, author, story):
    """Return the factor of the feed's ranking on the visibility of a post."""
    scale = luck.rank[story, platform]
    if author >= world.frame.n_persons:
        scale *= world.accounts.boost[author - world.frame.n_persons]
    popularity = world.platforms.popularity[platform]
    if popularity > 0.0:
        scale *= math.pow(1.0 + state.sharers[story, platform, 0], popularity)
    return scale


@hot_inline
def _feed_of(rules, platform, person):
    """Return where a person's feed lies in `State.feeds`."""
    return rules.feed_start[platform] + np.int64(person) * (rules.feed_length[platform] + 1)


@hot_function
def _arrive(world, state, platform, row, post):
    """Let a post arrive in the feeds of all followers whose links are open."""
    rules = world.platforms
    followers, low, high, author, moment = row
    length = np.uint32(rules.feed_length[platform])
    for at in range(low, high):
        if followers[at] == author or not is_open(world.layers[platform], at, moment):
            continue
        feed = _feed_of(rules, platform, followers[at])
        arrived = state.feeds[feed]
        state.feeds[feed + 1 + np.int64(arrived % length)] = np.uint32(post + 1)
        state.feeds[feed] = arrived + np.uint32(1)


@hot_function
def is_buried(state, rules, platform, person, post):
    """Whether so many posts have arrived after this one that it has left a person's feed."""
    feed = _feed_of(rules, platform, person)
    found = False
    for k in range(1, rules.feed_length[platform] + 1):
        found |= state.feeds[feed + k] == np.uint32(post + 1)
    return not found


@hot_inline
def _count_offers(state, layer, story, row, group):
    """Count to how many a post is offered: followers whose links are open, or the other members of a group."""
    followers, low, high, author, moment = row
    count = high - low - count_closed(layer, low, high, moment)
    if group >= 0:
        count -= np.int64(_holds(followers, low, high, author))
    state.tally[story, OFFERS] += count


@hot_function
def offer(world, luck, state, platform, author, story, tick, post, group):
    """Offer a post to every follower of its author, or to every other member of a group (-1 for none).

    The exposures of those who will view it are scheduled.
    """
    frame = world.frame
    rules = world.platforms
    layer = world.layers[platform]
    low, high = row_bounds(layer, world.accounts, frame.n_persons, author if group < 0 else group)
    followers = layer.followers if author < frame.n_persons else world.accounts.followers
    who = np.uint64(author) if author < frame.n_persons else world.accounts.key[author - frame.n_persons]
    clock = world.clocks[rules.clock[platform]]
    tau = operational(frame, clock, tick)
    name = luck.story_name[story]
    session_key = luck.platform[_SESSION, platform]
    occurrence = max(group, np.int64(0))
    scroll_key = draw(draw(luck.platform[_SCROLL, platform], name), occurrence)
    wait_key = draw(luck.platform[_WAIT, platform], name)
    session_hours = rules.session_hours[platform]
    close = rules.close[platform]
    notified = rules.notified[platform] if high - low < rules.notified_below[platform] else 0.0
    scroll = world.laws[rules.scroll[platform]]
    base = np.int64(tick) + rules.latency[platform]
    lanes, words = state.lanes, state.words
    persons = words[FOLLOWER]
    tie = (luck.tie[platform], who, close, notified)
    moment = np.int64(tick) if has_spans(layer) and author < frame.n_persons else ALWAYS
    _count_offers(state, layer, story, (followers, low, high, author, moment), group)
    scale = _ranking(world, luck, state, platform, author, story)
    if group >= 0:
        scale *= layer.traffic[group]
    if rules.feed_length[platform] > 0:
        _arrive(world, state, platform, (followers, low, high, author, moment), post)
    for start in range(low, high, LANES):
        length = min(high - start, LANES)
        _fill_lanes(state, layer, followers, start, length, scale)
        if rules.edge_waits[platform]:
            _look_at_edges(lanes, persons, tau, world.laws[0], (wait_key, who), length)
        else:
            _look_at_sessions(lanes, persons, tau, session_hours, session_key, whole(length))
        count = _look_at_ties(lanes, words, tau, tie, length)
        if moment != ALWAYS:
            count = list_open(layer, words[LISTED], count, (start, moment))
        # Who is live is listed now; `words[LIVE]` takes the ticks, in the order of the list.
        for listed in range(count):
            lane = np.int64(words[LISTED, listed])
            follower = np.uint32(persons[lane])
            rate = lanes[RATE, lane]
            x = tau * rate
            is_close = np.float64(words[TIE, lane] >> _S32) * _UNIT32 < close
            point = _meets(lanes, lane, session_key, follower, x, session_hours, is_close)
            until = np.int64(wall(frame, clock, point / rate)) - np.int64(tick) if point != NO_POINT else 0
            when = base + (0 if point == x else until)
            when += np.int64(quantile(scroll, draw2(scroll_key, who, follower)) / frame.tick)
            when = when if point != NO_POINT else frame.horizon + 1
            if np.float64(words[TIE, lane] & _LOW32) * _UNIT32 < notified:
                when = min(when, _noticed(world, luck, platform, name, tick, (who, follower, occurrence)))
            words[LIVE, listed] = np.uint64(max(when, np.int64(tick) + 1))
        for listed in range(count):
            expect(frame, state, np.int64(words[LIVE, listed]))
        for listed in range(count):
            follower = np.uint32(persons[words[LISTED, listed]])
            schedule(frame, state, np.int64(words[LIVE, listed]), follower, _EXPOSURE | np.uint32(post))


@hot_function
def _noticed(world, luck, platform, name, tick, link):
    """Return when a notified follower sees a post."""
    frame = world.frame
    rules = world.platforms
    key = draw(draw(luck.platform[_NOTICE, platform], name), link[2])
    delay = quantile(world.laws[rules.notice[platform]], draw2(key, link[0], link[1])) / frame.tick
    clock = world.clocks[rules.clock[platform]]
    return next_awake(frame, clock, tick, rules.awake_level[platform]) + rules.latency[platform] + np.int64(delay)


@hot_function
def tell(world, luck, state, platform, teller, story, tick, post):
    """Tell every contact at the pair's next meeting inside the telling window, while their link is open."""
    frame = world.frame
    layer = world.layers[platform]
    clock = world.clocks[world.platforms.clock[platform]]
    rate = world.platforms.meetings[platform] * math.pow(world.platforms.alarm[platform], luck.newsworthiness[story])
    window = world.platforms.window[platform] * rate
    x = operational(frame, clock, tick) * rate
    key = luck.platform[_MEETING, platform]
    word = _EXPOSURE | np.uint32(post)
    for at in range(layer.offsets[teller], layer.offsets[teller + 1]):
        contact = layer.followers[at]
        pair = draw2(key, min(contact, teller), max(contact, teller))
        begin = max(x, operational(frame, clock, layer.since[at]) * rate) if layer.since.size > 0 else x
        point = _next_meeting(pair, begin, x + window)
        if point - x <= window:
            when = max(np.int64(wall(frame, clock, point / rate)), np.int64(tick) + 1)
            if layer.until.size == 0 or when < np.int64(layer.until[at]):
                schedule(frame, state, when, contact, word)


@hot_function
def _next_meeting(pair, x, limit):
    cell = np.int64(math.floor(x))
    last = np.int64(math.floor(limit))
    best = NO_POINT
    while cell <= last and best == NO_POINT:
        best = scan_cell(draw(pair, cell), cell, x, 0.0, best)
        cell += 1
    return best
