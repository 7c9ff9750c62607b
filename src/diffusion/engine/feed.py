"""How a post meets a follower: sessions, burial, close and notified ties, and meetings (docs/model.md §4)."""

from __future__ import annotations

import math

import numpy as np

from diffusion._jit import hot_function, hot_inline
from diffusion.engine.arrays import FOLLOWER, LANES, LISTED, LIVE, OFFERS, TIE
from diffusion.engine.clock import next_awake, operational, wall
from diffusion.engine.counts import ask_for_records, count_settled, expose_later, record_of
from diffusion.engine.lanes import (
    ask_for_lanes,
    fill_lanes,
    find_ticks,
    is_notified,
    look_at_edges,
    look_at_sessions,
    look_at_ties,
    settle_points,
    whole,
)
from diffusion.engine.points import next_meeting
from diffusion.engine.posts import exposure_channel
from diffusion.engine.prefetch import prefetch
from diffusion.engine.schedule import expect, schedule
from diffusion.engine.spans import ALWAYS, count_closed, has_spans, is_open, list_open
from diffusion.laws import quantile
from diffusion.randomness import draw, draw2
from diffusion.vocabulary import EventKind, Purpose

_SCROLL = int(Purpose.SCROLL)
_NOTICE = int(Purpose.NOTICE)
_SESSION = int(Purpose.SESSION)
_WAIT = int(Purpose.WAIT)
_MEETING = int(Purpose.MEETING)
_GROUP = int(Purpose.GROUP)
_EXPOSURE = np.uint32(int(EventKind.EXPOSURE) << 29)


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
    delay = (rules.latency[platform], scroll, scroll_key, who)
    channel = exposure_channel(state, post)
    at_once = frame.any_order and tick <= rules.surely[platform]
    safe = operational(frame, clock, rules.surely[platform]) if at_once else 0.0
    for start in range(low, high, LANES):
        length = min(high - start, LANES)
        ask_for_lanes(layer, followers, start + LANES, min(start + 2 * LANES, high))
        fill_lanes(state, layer, followers, start, length, scale)
        if rules.edge_waits[platform]:
            look_at_edges(lanes, persons, tau, world.laws[0], (wait_key, who), length)
        else:
            look_at_sessions(lanes, persons, tau, session_hours, session_key, whole(length))
        count = look_at_ties(lanes, words, tau, tie, length)
        if moment != ALWAYS:
            count = list_open(layer, words[LISTED], count, (start, moment))
        if at_once:
            ask_for_records(world, state, story, count)
        settle_points(state, tau, session_hours, session_key, close, count)
        if at_once:
            count = count_settled(world, state, story, channel, safe, count)
        # Who is live is listed now; `words[LIVE]` takes the ticks, in the order of the list.
        find_ticks(world, state, clock, tau, tick, delay, count)
        if notified > 0.0:
            _hurry_notified(world, luck, state, platform, (name, tick, who, occurrence), notified, count)
        _schedule_listed(frame, state, count, post)


@hot_function
def _schedule_listed(frame, state, count, post):
    """Schedule the exposures of the listed lanes, all of whose places in the queue are asked for first."""
    words = state.words
    for listed in range(count):
        expect(frame, state, np.int64(words[LIVE, listed]))
    for listed in range(count):
        follower = np.uint32(words[FOLLOWER, np.int64(words[LISTED, listed])])
        schedule(frame, state, np.int64(words[LIVE, listed]), follower, _EXPOSURE | np.uint32(post))


@hot_function
def _hurry_notified(world, luck, state, platform, post, notified, count):
    """Let those of the listed lanes who are notified view the post when they notice, if that is earlier."""
    name, tick, who, occurrence = post
    words = state.words
    for listed in range(count):
        lane = np.int64(words[LISTED, listed])
        if is_notified(words[TIE, lane], notified):
            link = (who, np.uint32(words[FOLLOWER, lane]), occurrence)
            noticed = _noticed(world, luck, platform, name, tick, link)
            until = max(min(np.int64(words[LIVE, listed]), noticed), np.int64(tick) + 1)
            words[LIVE, listed] = np.uint64(until)


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
    low, high = layer.offsets[teller], layer.offsets[teller + 1]
    for at in range(low, high if frame.any_order else low):
        prefetch(state.record, record_of(world, layer.followers[at], story))
    for at in range(low, high):
        contact = layer.followers[at]
        pair = draw2(key, min(contact, teller), max(contact, teller))
        begin = max(x, operational(frame, clock, layer.since[at]) * rate) if layer.since.size > 0 else x
        point = next_meeting(pair, begin, x + window)
        if point - x <= window:
            when = max(np.int64(wall(frame, clock, point / rate)), np.int64(tick) + 1)
            if layer.until.size == 0 or when < np.int64(layer.until[at]):
                expose_later(world, state, when, contact, post)
