"""Whom a post reaches: rows of followers, groups, feeds, links' weights, and meetings (docs/model.md §4)."""

from __future__ import annotations

import math

import numpy as np

from diffusion._jit import hot_function, hot_inline
from diffusion.engine.arrays import LANES, OFFERS
from diffusion.engine.clock import operational, wall
from diffusion.engine.counts import expose_later, record_of
from diffusion.engine.points import next_meeting
from diffusion.engine.prefetch import prefetch
from diffusion.engine.spans import count_closed, is_open
from diffusion.randomness import draw, draw2
from diffusion.vocabulary import Purpose

_MEETING = int(Purpose.MEETING)
_GROUP = int(Purpose.GROUP)
_ONE = np.uint64(1)
_LINE = 16
"""Followers in a line of memory."""


@hot_function
def row_bounds(layer, accounts, n_persons, author):
    """Return where an author's followers begin and end."""
    if author < n_persons:
        return layer.offsets[author], layer.offsets[author + 1]
    account = author - n_persons
    return accounts.offsets[account], accounts.offsets[account + 1]


@hot_inline
def ask_for_row(layer, author):
    """Ask for an author's first followers."""
    low = np.int64(layer.offsets[author])
    prefetch(layer.followers, low)
    prefetch(layer.followers, low + _LINE)


@hot_function
def ask_for_people(layer, followers, low, high):
    """Ask for the attention of the first followers in a stretch of a row."""
    at = np.uint64(low)
    end = min(np.uint64(high), at + np.uint64(LANES)) if layer.attention.size > 0 else at
    while at < end:
        prefetch(layer.attention, np.int64(followers[at]))
        at += _ONE


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
def ranking(world, luck, state, platform, author, story):
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
def arrive(world, state, platform, row, post):
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
def count_offers(state, layer, story, row, group):
    """Count to how many a post is offered: followers whose links are open, or the other members of a group."""
    followers, low, high, author, moment = row
    count = high - low - count_closed(layer, low, high, moment)
    if group >= 0:
        count -= np.int64(_holds(followers, low, high, author))
    state.tally[story, OFFERS] += count


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
