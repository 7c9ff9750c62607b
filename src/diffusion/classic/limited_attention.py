"""Memes that compete for limited attention (Weng, Flammini, Vespignani & Menczer 2012).

At every step one person acts: posts about a new meme, or reads the screen, on which the posts of those followed stay
for a time window. Each post that draws attention makes the person post: about its meme, or about one remembered from
own posts of the window. No meme is better than another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Unpack

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_function, hot_inline, hot_kernel
from diffusion.arguments import whole_number
from diffusion.classic.runs import Model, Run, checked_call, run_model
from diffusion.classic.shared import Replicated, shares
from diffusion.classic.spread import Spread
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph
from diffusion.randomness import draw, uniform
from diffusion.units import NEVER

STATES = ("without", "with")
_POINTS = 101
"""Points of curves, from 0 to the horizon."""
_MOST_STEPS = 2**31


@shares(Replicated)
def limited_attention(
    graph: Any,
    *,
    horizon: float,
    p_new: float = 0.45,
    p_read: float = 0.016,
    p_memory: float = 0.4,
    window: float = 1.0,
    most: int = 50_000_000,
    **shared: Unpack[Replicated],
) -> Spread:
    """Run the competition of memes for limited attention.

    Source: Weng, Flammini, Vespignani & Menczer (2012), Scientific Reports 2, 335. One unit of time is as many steps as
    there are persons, so that everybody acts once per unit in the mean. There are no seeds: memes keep coming.

    Parameters
    ----------
    graph : FollowerGraph
    horizon : float
        How long to run, in units of time.
    p_new : float
        Chance that who acts posts about a new meme in place of reading, 0 to 1.
    p_read : float
        Chance that a post on the screen draws the reader's attention, 0 to 1.
    p_memory : float
        Chance that attention makes the reader post about a meme remembered from own posts, 0 to 1.
    window : float
        How long posts stay on screens and in memories, in units of time.
    most : int
        Posts that a replicate may have; more are refused, because every post then brings forth more than one.
    replicates, seed, threads, record, progress
        As for all models; see `diffusion.classic`.

    Returns
    -------
    Spread
        That of the meme with most posts in each replicate (of equal ones the first): states without and with it, times
        and parents of persons' first posts about it. In `extra`, (R,) each: "memes", "posts", "largest" (posts about
        that meme), "mean_lifetime" of memes (from the first post to the last one). With ``record = "curves"`` or more
        also "popularity" and "lifetime", (R, steps): posts about the meme that was born in each step, and its
        lifetime; 0 and NaN where none was.

    Raises
    ------
    InputError
        If a chance is none, a time is not positive, or there are more than `most` posts.
    """
    call = checked_call(graph, shared, seeded=False)
    rule = _rule(graph, p_new, p_read, p_memory, (horizon, window))
    limit = whole_number("most", most, least=1, below=2**31)
    n = graph.n_persons
    grid = np.linspace(0.0, horizon, _POINTS)
    followed = _followed(graph)

    def one(key: np.uint64, chosen: NDArray[np.uint32]) -> Run:
        """Run one replicate."""
        work = call.own(lambda: Workspace(_posts(2**12), np.empty(n, np.int64)))
        work.newest[:] = -1
        step, size = 0, 0
        while True:
            step, size = _run(rule, followed, key, (step, size), work.posts, work.newest)
            if step == rule.steps:
                break
            if work.posts.author.size >= limit:
                raise InputError(
                    f"more than {limit:,} posts: p_read is too high for this graph and window; or raise most"
                )
            work.posts = _grown(work.posts, min(4 * work.posts.author.size, limit), size)
        return _of_one(call, rule, work.posts, size, grid)

    asked = {"horizon": horizon, "p_new": p_new, "p_read": p_read, "p_memory": p_memory, "window": window, "most": most}
    return run_model(call, Model("limited attention", STATES, asked, is_discrete=False, curve_times=grid), one)


class Rule(NamedTuple):
    """The chances, for how many steps posts stay, how many steps there are, how many persons."""

    new: float
    read: float
    memory: float
    window: int
    steps: int
    persons: int


class Followed(NamedTuple):
    """Whom each person follows: the rows of the graph, turned."""

    offsets: NDArray[np.int64]
    persons: NDArray[np.uint32]


class Posts(NamedTuple):
    """All posts in the order of time; a meme is known by the step in which it was born."""

    author: NDArray[np.uint32]
    meme: NDArray[np.int64]
    step: NDArray[np.int64]
    source: NDArray[np.uint32]
    before: NDArray[np.int64]


@dataclass
class Workspace:
    """Memory of a thread: the posts, which grow, and everybody's newest one."""

    posts: Posts
    newest: NDArray[np.int64]


def _rule(graph: Any, new: float, read: float, memory: float, times: tuple[float, float]) -> Rule:
    if not isinstance(graph, FollowerGraph):
        raise InputError(f"limited attention needs a stored graph, not a {type(graph).__name__}")
    for name, value in (("p_new", new), ("p_read", read), ("p_memory", memory)):
        if isinstance(value, str | bool) or not 0 <= value <= 1:
            raise InputError(f"{name} = {value!r}: give a probability, 0 <= {name} <= 1")
    for name, value in zip(("horizon", "window"), times, strict=True):
        if isinstance(value, str | bool) or not 0 < value < np.inf:
            raise InputError(f"{name} = {value!r}: give a time > 0")
    n = graph.n_persons
    steps, window = (round(time * n) for time in times)
    if not 1 <= steps < _MOST_STEPS:
        raise InputError(
            f"horizon = {times[0]!r}: {steps:,} steps for {n:,} persons; there must be 1 to {_MOST_STEPS:,}"
        )
    if window < 1:
        raise InputError(
            f"window = {times[1]!r}: less than one step of {n:,} in a unit of time; nobody would read anything"
        )
    return Rule(float(new), float(read), float(memory), min(window, steps), steps, n)


def _followed(graph: FollowerGraph) -> Followed:
    """Turn the rows: sorted by follower, those whom they follow ascending."""
    n = graph.n_persons
    order = np.argsort(graph.followers, kind="stable")
    whom = np.repeat(np.arange(n, dtype=np.uint32), np.diff(graph.offsets))[order]
    return Followed(np.concatenate([[0], np.cumsum(np.bincount(graph.followers, minlength=n))]), whom)


def _posts(size: int) -> Posts:
    return Posts(
        np.empty(size, np.uint32),
        np.empty(size, np.int64),
        np.empty(size, np.int64),
        np.empty(size, np.uint32),
        np.empty(size, np.int64),
    )


def _grown(posts: Posts, size: int, used: int) -> Posts:
    more = _posts(size)
    for name in Posts._fields:
        column: NDArray[Any] = getattr(more, name)
        column[:used] = getattr(posts, name)[:used]
    return more


def _of_one(call: Any, rule: Rule, posts: Posts, size: int, grid: NDArray[np.float64]) -> Run:
    """Return what a replicate found: everything about its most popular meme, and how all of them fared."""
    n, meme, step = rule.persons, posts.meme[:size], posts.step[:size]
    popularity = np.bincount(meme, minlength=rule.steps)
    last = np.zeros(rule.steps, np.int64)
    last[meme] = step  # posts ascend in time: the last one stays
    born = np.flatnonzero(popularity)
    lifetimes = (last[born] - born) / n
    top = int(np.argmax(popularity))
    mine = np.flatnonzero(meme == top)
    persons, at = np.unique(posts.author[mine], return_index=True)
    times, parents = np.full(n, np.inf), np.full(n, NEVER, np.uint32)
    times[persons], parents[persons] = step[mine][at] / n, posts.source[mine][at]
    firsts = np.sort(times[persons])
    active = np.searchsorted(firsts, grid, side="right")
    extra: dict[str, Any] = {"memes": born.size, "posts": size, "largest": int(popularity[top])}
    extra["mean_lifetime"] = float(lifetimes.mean()) if born.size else np.nan
    if call.keeps("curves"):
        lifetime = np.full(rule.steps, np.nan)
        lifetime[born] = lifetimes
        extra |= {"popularity": popularity, "lifetime": lifetime}
    return Run(
        reached=persons.size,
        counts=(n - persons.size, persons.size),
        lasted=float(firsts[-1]) if firsts.size else 0.0,
        curve=np.stack([n - active, active]) if call.keeps("curves") else None,
        times=times if call.keeps("times") else None,
        parents=parents if call.keeps("parents") else None,
        extra=extra,
    )


@hot_inline
def _below(h, n):
    """Return a number below n (of up to 32 bits) from the upper half of a hash."""
    return np.int64(((h >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32))


@hot_function
def _remembered(posts, newest, own, since):
    """Return the meme of one of a person's own posts since that step, each as likely; -1 if there is none."""
    count, at = 0, newest
    while at >= 0 and posts.step[at] >= since:
        count += 1
        at = posts.before[at]
    if count == 0:
        return -1
    at = newest
    for _ in range(_below(own, count)):
        at = posts.before[at]
    return posts.meme[at]


@hot_function
def _read(rule, followed, way, posts, newest):
    """Read the screen; append what the reader posts, and return the new number of posts, or -1 if there is no room.

    The screen is gone through friend by friend, each one's newest post first; under the step's key lie whether the j-th
    post draws attention (4 j + 3), whether memory decides (4 j + 4) and which post of it (4 j + 5). Memory is that of
    before this step.
    """
    person, step, size, own = way
    since, end, j = step - rule.window, size, 0
    for k in range(followed.offsets[person], followed.offsets[person + 1]):
        friend = followed.persons[k]
        at = newest[friend]
        while at >= 0 and posts.step[at] >= since:
            if uniform(draw(own, np.uint64(4 * j + 3))) < rule.read:
                if end == posts.author.size:
                    return -1
                meme, source = posts.meme[at], friend
                if uniform(draw(own, np.uint64(4 * j + 4))) < rule.memory:
                    known = _remembered(posts, newest[person], draw(own, np.uint64(4 * j + 5)), since)
                    if known >= 0:
                        meme, source = known, np.uint32(person)
                posts.author[end], posts.meme[end], posts.step[end] = person, meme, step
                posts.source[end] = source
                end += 1
            j += 1
            at = posts.before[at]
    return end


@hot_kernel
def _run(rule, followed, key, state, posts, newest):
    """Act step by step until the end or until posts have no room; return the next step and the number of posts."""
    step, size = state
    while step < rule.steps:
        own = draw(key, np.uint64(step))
        person = _below(draw(own, np.uint64(0)), rule.persons)
        end = size
        if size == posts.author.size:
            return step, size
        if uniform(draw(own, np.uint64(1))) < rule.new:
            posts.author[end], posts.meme[end], posts.step[end] = person, step, step
            posts.source[end] = NEVER
            end += 1
        else:
            end = _read(rule, followed, (person, step, size, own), posts, newest)
            if end < 0:
                return step, size
        for at in range(size, end):
            posts.before[at] = newest[person]
            newest[person] = at
        size = end
        step += 1
    return step, size
