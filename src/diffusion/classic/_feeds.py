"""Kernels of SimSoM: accounts that reshare from feeds of bounded length, and the bots that people follow.

Persons are accounts 0 to n - 1, bots those from n on. A post is known by its number, step * accounts + author.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_function, hot_inline, hot_kernel, kernel
from diffusion.randomness import draw, draw2, uniform
from diffusion.units import NEVER as _NEVER_CODE

NEVER = np.uint32(_NEVER_CODE)


class Rule(NamedTuple):
    """Share of new posts, length of feeds, deception, copies of a bot's post, shape of appeal and of quality."""

    new: float
    length: int
    deception: float
    copies: int
    appeal: float
    quality: float


class Feeds(NamedTuple):
    """Feeds of all accounts: the newest first in the first `length` places, what comes in meanwhile in as many more."""

    posts: NDArray[np.int64]
    shares: NDArray[np.uint32]
    arrived: NDArray[np.int32]
    appeal: NDArray[np.float64]
    quality: NDArray[np.float64]
    held: NDArray[np.int32]
    coming: NDArray[np.int32]


class Posts(NamedTuple):
    """What each account posts in a step, and the order in which the accounts do."""

    posts: NDArray[np.int64]
    appeal: NDArray[np.float64]
    quality: NDArray[np.float64]
    order: NDArray[np.uint32]


class Rows(NamedTuple):
    """Followers of each person, or of each bot, among all accounts."""

    offsets: NDArray[np.int64]
    followers: NDArray[np.uint32]


class Polluted(NamedTuple):
    """When a bot's post first came to each person, and through whom."""

    step: NDArray[np.float32]
    parent: NDArray[np.uint32]


@hot_inline
def _below(h, n):
    """Return a number below n (of up to 32 bits) from the upper half of a hash."""
    return np.int64(((h >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32))


@kernel
def walk_network(n, links, chance, key):
    """Grow a network by the directed random walk: return whom each node follows, (n, links), and how many those are.

    A newcomer follows a node drawn evenly; each further link goes with that chance to another account that this node
    follows, else to any node. The first `links` nodes follow one another. Links drawn twice count once.
    """
    followed, count = np.zeros((n, links), np.uint32), np.zeros(n, np.int64)
    for node in range(min(n, links)):
        for other in range(min(n, links)):
            if other != node:
                followed[node, count[node]] = other
                count[node] += 1
    for node in range(links, n):
        own = draw(key, np.uint64(node))
        target = _below(draw(own, np.uint64(0)), node)
        followed[node, 0], count[node] = target, 1
        # Which accounts of the target's were taken: its links are few, so that bits of a number do.
        taken, left = 0, count[target]
        for k in range(1, links):
            dice = draw(own, np.uint64(k))
            if uniform(draw(dice, np.uint64(0))) < chance and left > 0:
                pick = _below(draw(dice, np.uint64(1)), left)
                at = 0
                while taken >> at & 1 or pick > 0:
                    if not taken >> at & 1:
                        pick -= 1
                    at += 1
                taken |= 1 << at
                left -= 1
                other = followed[target, at]
            else:
                other = np.uint32(_below(draw(dice, np.uint64(1)), node))
            is_new = True
            for at in range(count[node]):
                is_new = is_new and followed[node, at] != other
            if is_new:
                followed[node, count[node]] = other
                count[node] += 1
    return followed, count


@kernel
def infiltrate(n, bots, chance, key):
    """Draw who follows each bot: every person with that chance; return offsets and followers."""
    offsets = np.zeros(bots + 1, np.int64)
    found = np.empty(1024, np.uint32)
    size = 0
    for bot in range(bots if chance > 0.0 else 0):
        own, jump, person = draw(key, np.uint64(bot)), 0, -1
        while True:
            u = uniform(draw(own, np.uint64(jump)))
            jump += 1
            # The gap to the next follower is geometric.
            gap = math.log1p(-u) / math.log1p(-chance) if chance < 1.0 else 0.0
            if gap >= n - 1 - person:
                break
            person += 1 + int(gap)
            if size == found.size:
                more = np.empty(2 * size, np.uint32)
                more[:size] = found
                found = more
            found[size] = person
            size += 1
        offsets[bot + 1] = size
    return offsets, found[:size]


@hot_function
def _reshared(length, feeds, way, recency, u):
    """Return the place in an account's feed of the post that it shares: by appeal, shares and recency."""
    account, step = way
    first = account * 2 * length
    total = 0.0
    for at in range(first, first + feeds.held[account]):
        total += feeds.appeal[at] * feeds.shares[at] * recency[step - feeds.arrived[at]]
    left, last = u * total, first + feeds.held[account] - 1
    for at in range(first, last):
        left -= feeds.appeal[at] * feeds.shares[at] * recency[step - feeds.arrived[at]]
        if left < 0.0:
            return at
    return last


@hot_kernel
def act(rule, state, when, recency, key):
    """Let every account choose what it posts in this step, from its feed as it was before it."""
    feeds, posts = state
    n, step = when
    accounts = posts.posts.size
    for account in range(accounts):
        own = draw2(key, step, account)
        if feeds.held[account] > 0 and uniform(draw(own, np.uint64(0))) >= rule.new:
            at = _reshared(rule.length, feeds, (account, step), recency, uniform(draw(own, np.uint64(1))))
            posts.posts[account] = feeds.posts[at]
            posts.appeal[account], posts.quality[account] = feeds.appeal[at], feeds.quality[at]
            continue
        u = uniform(draw(own, np.uint64(2)))
        posts.posts[account] = step * accounts + account
        posts.appeal[account] = 1.0 - (1.0 - u) ** (1.0 / rule.appeal)
        if account >= n:
            posts.quality[account] = 0.0
            if uniform(draw(own, np.uint64(4))) < rule.deception:
                posts.appeal[account] = 1.0
        else:
            v = uniform(draw(own, np.uint64(3)))
            posts.quality[account] = math.log(1.0 - v + v * math.exp(rule.quality)) / rule.quality
    own = draw(draw(key, np.uint64(step)), np.uint64(1))
    for k in range(accounts - 1, 0, -1):
        other = _below(draw(own, np.uint64(k)), k + 1)
        posts.order[k], posts.order[other] = posts.order[other], posts.order[k]


@hot_function
def _receive(rule, feeds, posts, way):
    """Put a post into a follower's feed, once, with as many shares as came; say whether it came in anew."""
    account, author, copies, step = way
    post, first = posts.posts[author], account * 2 * rule.length
    for at in range(first, first + feeds.held[account]):
        if feeds.posts[at] == post:
            feeds.shares[at] += np.uint32(copies)
            return False
    fresh = first + rule.length
    for at in range(fresh, fresh + feeds.coming[account]):
        if feeds.posts[at] == post:
            feeds.shares[at] += np.uint32(copies)
            return False
    if feeds.coming[account] == rule.length:
        return False
    at = fresh + feeds.coming[account]
    feeds.posts[at], feeds.shares[at], feeds.arrived[at] = post, copies, step
    feeds.appeal[at], feeds.quality[at] = posts.appeal[author], posts.quality[author]
    feeds.coming[account] += 1
    return True


@hot_function
def _give(rule, state, rows, way):
    """Bring an account's post to its followers, and note whose feed had no bot's post before."""
    feeds, posts, polluted = state
    author, row, copies, step = way
    n = polluted.step.size
    bad = posts.quality[author] == 0.0
    for at in range(rows.offsets[row], rows.offsets[row + 1]):
        account = np.int64(rows.followers[at])
        came = _receive(rule, feeds, posts, (account, author, copies, step))
        if came and bad and account < n and polluted.step[account] == np.inf:
            polluted.step[account] = step
            polluted.parent[account] = NEVER if author >= n else np.uint32(author)


@hot_kernel
def spread_posts(rule, state, rows, bots, step):
    """Bring everybody's post to the followers, in the order of this step."""
    posts, n = state[1], rows.offsets.size - 1
    for k in range(posts.order.size):
        author = np.int64(posts.order[k])
        if author < n:
            _give(rule, state, rows, (author, author, 1, step))
        else:
            _give(rule, state, bots, (author, author - n, rule.copies, step))


@hot_inline
def _move(feeds, source, target):
    feeds.posts[target], feeds.shares[target] = feeds.posts[source], feeds.shares[source]
    feeds.arrived[target] = feeds.arrived[source]
    feeds.appeal[target], feeds.quality[target] = feeds.appeal[source], feeds.quality[source]


@hot_kernel
def settle(length, feeds, n):
    """Put what came in before what was there and cut feeds.

    Return the mean quality of posts in persons' feeds, the share that is of bots, and how many persons have one.
    """
    total, bad, count, polluted = 0.0, 0, 0, 0
    for account in range(feeds.held.size):
        first, new, old = account * 2 * length, feeds.coming[account], feeds.held[account]
        if new:
            keeps = min(old, length - new)
            for k in range(keeps - 1, -1, -1):
                _move(feeds, first + k, first + new + k)
            for k in range(new):
                _move(feeds, first + length + k, first + k)
            feeds.held[account], feeds.coming[account] = keeps + new, 0
        if account < n:
            before = bad
            for at in range(first, first + feeds.held[account]):
                total += feeds.quality[at]
                if feeds.quality[at] == 0.0:
                    bad += 1
            polluted += 1 if bad > before else 0
            count += feeds.held[account]
    return total / max(count, 1), bad / max(count, 1), polluted
