"""How posts meet followers: sessions, close and notified ties (docs/model.md §4).

Posts are offered in rows: one post and the stretch of its author's followers each. Followers of several rows go through
the lanes side by side, so that each pass is long.
"""

from __future__ import annotations

import numpy as np

from diffusion._jit import hot_function, hot_inline
from diffusion.engine.arrays import (
    ALERT,
    AUTHOR,
    FOLLOWER,
    LANES,
    LISTED,
    LIVE,
    MOST_PLANNED,
    ROW,
    ROW_AUTHOR,
    ROW_HIGH,
    ROW_LOW,
    ROW_POST,
    ROW_TICK,
    TIE,
)
from diffusion.engine.clock import next_awake, operational
from diffusion.engine.counts import ask_for_records, count_settled
from diffusion.engine.feed import arrive, ask_for_people, count_offers, ranking, row_bounds
from diffusion.engine.lanes import (
    copy_row,
    find_ticks,
    is_notified,
    look_at_edges,
    look_at_sessions,
    look_at_ties,
    look_up,
    settle_points,
    whole,
)
from diffusion.engine.posts import exposure_channel
from diffusion.engine.schedule import expect, schedule
from diffusion.engine.spans import ALWAYS, has_spans, list_open
from diffusion.laws import quantile
from diffusion.randomness import draw, draw2
from diffusion.vocabulary import EventKind, Purpose

_SCROLL = int(Purpose.SCROLL)
_NOTICE = int(Purpose.NOTICE)
_SESSION = int(Purpose.SESSION)
_WAIT = int(Purpose.WAIT)
_EXPOSURE = np.uint32(int(EventKind.EXPOSURE) << 29)
ROWS_AHEAD = 10
"""How many rows ahead of their turn in the lanes people are asked for."""
_ALONE = MOST_PLANNED
"""The row of a post that is offered by itself; those before it belong to planned posts."""


@hot_function
def offer(world, luck, state, platform, author, story, tick, post, group):
    """Offer a post to every follower of its author, or to every other member of a group (-1 for none)."""
    frame = world.frame
    layer = world.layers[platform]
    low, high = row_bounds(layer, world.accounts, frame.n_persons, author if group < 0 else group)
    followers = layer.followers if author < frame.n_persons else world.accounts.followers
    who = np.uint64(author) if author < frame.n_persons else world.accounts.key[author - frame.n_persons]
    moment = np.int64(tick) if has_spans(layer) and author < frame.n_persons else ALWAYS
    count_offers(state, layer, story, (followers, low, high, author, moment), group)
    scale = ranking(world, luck, state, platform, author, story)
    if group >= 0:
        scale *= layer.traffic[group]
    if world.platforms.feed_length[platform] > 0:
        arrive(world, state, platform, (followers, low, high, author, moment), post)
    rows = state.rows
    rows[ROW_AUTHOR, _ALONE] = who
    rows[ROW_TICK, _ALONE] = np.uint64(tick)
    rows[ROW_POST, _ALONE] = np.uint64(post)
    rows[ROW_LOW, _ALONE] = np.uint64(low)
    rows[ROW_HIGH, _ALONE] = np.uint64(high)
    offer_rows(
        world, luck, state, (platform, story, max(group, np.int64(0))), followers, (_ALONE, _ALONE + 1), (scale, moment)
    )


@hot_function
def offer_rows(world, luck, state, where, followers, rows, how):
    """Offer the posts of some rows to followers; the exposures of those who will view them are scheduled.

    `where` is (platform, story, occurrence), `rows` (the first one, the one behind the last), `how` (factor on the
    reach of feeds, tick at which links must be open, or ALWAYS; only a single row may have one).
    """
    platform, story, _ = where
    row, beyond = rows
    frame = world.frame
    rules = world.platforms
    layer = world.layers[platform]
    clock = world.clocks[rules.clock[platform]]
    session_hours, session_key = rules.session_hours[platform], luck.platform[_SESSION, platform]
    wait_key = draw(luck.platform[_WAIT, platform], luck.story_name[story])
    close = rules.close[platform]
    lanes, words = state.lanes, state.words
    channel = exposure_channel(state, np.int64(state.rows[ROW_POST, row]))
    last = np.int64(0)
    for at in range(row, beyond):
        last = max(last, np.int64(state.rows[ROW_TICK, at]))
    at_once = frame.any_order and last <= rules.surely[platform]
    safe = operational(frame, clock, rules.surely[platform]) if at_once else 0.0
    start = np.int64(state.rows[ROW_LOW, row])
    for at in range(row, min(row + ROWS_AHEAD, beyond) if beyond > row + 1 else row):
        _ask_for(state, layer, followers, at)
    while row < beyond:
        first = start
        row, start, length = _fill(world, state, platform, followers, (row, start, beyond))
        look_up(state, layer, length, how[0])
        if row < beyond and start > np.int64(state.rows[ROW_LOW, row]):
            ask_for_people(layer, followers, start, np.int64(state.rows[ROW_HIGH, row]))
        if rules.edge_waits[platform]:
            look_at_edges(lanes, words, world.laws[0], wait_key, length)
        else:
            look_at_sessions(lanes, words[FOLLOWER], session_hours, session_key, whole(length))
        count = look_at_ties(lanes, words, (luck.tie[platform], close), length)
        if how[1] != ALWAYS:
            count = list_open(layer, words[LISTED], count, (first, how[1]))
        if at_once:
            ask_for_records(world, state, story, count)
        settle_points(state, session_hours, session_key, close, count)
        if at_once:
            count = count_settled(world, state, story, channel, safe, count)
        _let_view(world, luck, state, where, count)


@hot_inline
def _ask_for(state, layer, followers, row):
    """Ask for the attention of a row's first followers."""
    ask_for_people(layer, followers, np.int64(state.rows[ROW_LOW, row]), np.int64(state.rows[ROW_HIGH, row]))


@hot_inline
def _fill(world, state, platform, followers, place):
    """Fill the lanes with followers from a place on: (row, place in it, row behind the last).

    Return the row and the place in it that come next, and how many lanes are filled.
    """
    row, start, beyond = place
    frame, rules = world.frame, world.platforms
    clock = world.clocks[rules.clock[platform]]
    length = np.int64(0)
    while row < beyond and length < LANES:
        low, high = np.int64(state.rows[ROW_LOW, row]), np.int64(state.rows[ROW_HIGH, row])
        if start == low and row + ROWS_AHEAD < beyond:
            _ask_for(state, world.layers[platform], followers, row + ROWS_AHEAD)
        take = min(high - start, LANES - length)
        tau = operational(frame, clock, np.int64(state.rows[ROW_TICK, row]))
        notified = rules.notified[platform] if high - low < rules.notified_below[platform] else 0.0
        copy_row(state, followers, (start, length, take), row, (tau, notified))
        length += take
        start += take
        if start == high:
            row += 1
            start = np.int64(state.rows[ROW_LOW, row]) if row < beyond else np.int64(0)
    return row, start, length


@hot_function
def _let_view(world, luck, state, where, count):
    """Schedule when those of the listed lanes who will view their post do so."""
    platform, story, occurrence = where
    rules = world.platforms
    name = luck.story_name[story]
    scroll_key = draw(draw(luck.platform[_SCROLL, platform], name), occurrence)
    delay = (rules.latency[platform], world.laws[rules.scroll[platform]], scroll_key)
    # Who is live is listed now; `words[LIVE]` takes the ticks, in the order of the list.
    find_ticks(world, state, world.clocks[rules.clock[platform]], delay, count)
    if rules.notified[platform] > 0.0:
        _hurry_notified(world, luck, state, platform, (name, occurrence), count)
    _schedule_listed(world.frame, state, count)


@hot_function
def _schedule_listed(frame, state, count):
    """Schedule the exposures of the listed lanes, all of whose places in the queue are asked for first."""
    words = state.words
    for listed in range(count):
        expect(frame, state, np.int64(words[LIVE, listed]))
    for listed in range(count):
        lane = np.int64(words[LISTED, listed])
        follower = np.uint32(words[FOLLOWER, lane])
        post = np.uint32(state.rows[ROW_POST, np.int64(words[ROW, lane])])
        schedule(frame, state, np.int64(words[LIVE, listed]), follower, _EXPOSURE | post)


@hot_function
def _hurry_notified(world, luck, state, platform, post, count):
    """Let those of the listed lanes who are notified view the post when they notice, if that is earlier."""
    name, occurrence = post
    words = state.words
    for listed in range(count):
        lane = np.int64(words[LISTED, listed])
        if is_notified(words[TIE, lane], state.lanes[ALERT, lane]):
            link = (words[AUTHOR, lane], np.uint32(words[FOLLOWER, lane]), occurrence)
            tick = np.int64(state.rows[ROW_TICK, np.int64(words[ROW, lane])])
            noticed = _noticed(world, luck, platform, name, tick, link)
            until = max(min(np.int64(words[LIVE, listed]), noticed), tick + 1)
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
