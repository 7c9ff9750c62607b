"""SimSoM: feeds of bounded length, into which bots bring posts without quality (Truong, Lou, Flammini & Menczer 2024).

In every step each account posts once: something new with chance mu, else one of the posts in its feed, chosen by
appeal, shares and recency. A feed holds alpha posts and forgets the oldest. Persons' posts have a quality that their
appeal knows nothing about; those of bots have none, and as much appeal as they want.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Unpack

import numpy as np
from numpy.typing import NDArray

from diffusion.arguments import SEEDS, whole_number
from diffusion.classic import _feeds
from diffusion.classic._feeds import Feeds, Polluted, Posts, Rows, Rule
from diffusion.classic.runs import Model, Run, checked_call, run_model
from diffusion.classic.shared import Replicated, shares
from diffusion.classic.spread import Spread
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph
from diffusion.randomness import draw_key, start_key
from diffusion.units import NEVER
from diffusion.vocabulary import Purpose

STATES = ("clean", "polluted")
APPEAL, QUALITY = 5.0, 10.0
"""Density of appeal 5 (1 - a)**4, and of quality proportional to exp(10 q), both on 0 to 1: the paper's."""
MEMORY, TOLERANCE = 0.8, 1e-4
"""Weight of the past in the running mean of quality, and the relative change below which it has settled."""
_LINKS, _CHANCE = 3, 0.5
_MOST_LINKS = 2**31
"""Followers that all bots may have together."""


@shares(Replicated)
def simsom(
    graph: Any,
    *,
    mu: float = 0.5,
    alpha: int = 15,
    beta: float = 0.0,
    gamma: float = 0.0,
    phi: float = 0.0,
    theta: int = 1,
    most_steps: int = 1_000,
    **shared: Unpack[Replicated],
) -> Spread:
    """Run SimSoM until the mean quality of feeds has settled.

    Source: Truong, Lou, Flammini & Menczer (2024), PNAS Nexus 3(7) pgae258. There are no seeds: everybody posts.

    Parameters
    ----------
    graph : FollowerGraph
        Who of the persons follows whom; bots are added to it.
    mu : float
        Chance that an account posts something new, 0 to 1.
    alpha : int
        Posts that a feed holds, 1 to 1,000.
    beta : float
        Bots per person, 0 to 1.
    gamma : float
        Infiltration: chance that a person follows a given bot, 0 to 1.
    phi : float
        Deception: chance that a bot's post has the highest appeal, 0 to 1.
    theta : int
        Flooding: shares that a bot's posting of something counts for.
    most_steps : int
        When to end if quality has not settled.
    replicates, seed, threads, record, progress
        As for all models; see `diffusion.classic`.

    Returns
    -------
    Spread
        States clean and polluted (a bot's post is in the feed); `reached` counts the persons in whose feed one ever
        was, a time is the step in which the first one came, a parent the person who brought it (none for a bot). In
        `extra`, (R,) each: "quality" (running mean at the end, the paper's measure), "bot_share" of the posts in
        persons' feeds, "diversity" (entropy of which posts these are, in nats), "settled"; with ``record = "curves"``
        also "quality_of_steps", (R, most_steps + 1), NaN after the end.

    Raises
    ------
    InputError
        If a chance is none, or a number is out of its range.
    """
    call = checked_call(graph, shared, seeded=False)
    if not isinstance(graph, FollowerGraph):
        raise InputError(f"SimSoM needs a stored graph, not a {type(graph).__name__}")
    for name, value in (("mu", mu), ("beta", beta), ("gamma", gamma), ("phi", phi)):
        if isinstance(value, str | bool) or not 0 <= value <= 1:
            raise InputError(f"{name} = {value!r}: give a number from 0 to 1")
    if whole_number("alpha", alpha, least=1) > 1_000:
        raise InputError(f"alpha = {alpha!r}: a feed holds at most 1,000 posts")
    copies = whole_number("theta", theta, least=1, below=2**16)
    steps = whole_number("most_steps", most_steps, least=1, below=2**16)
    rule = Rule(float(mu), int(alpha), float(phi), copies, APPEAL, QUALITY)
    n, bots = graph.n_persons, _number_of_bots(graph.n_persons, beta, gamma, phi, copies)
    recency = np.exp(-0.4 * np.arange(steps + 2) ** 0.4)
    rows = Rows(graph.offsets, graph.followers)

    def one(key: np.uint64, chosen: NDArray[np.uint32]) -> Run:
        """Run one replicate."""
        work = call.own(lambda: Workspace(_empty_feeds(n + bots, rule.length), _posts(n + bots)))
        _clear(work)
        polluted = Polluted(np.full(n, np.inf, np.float32), np.full(n, NEVER, np.uint32))
        ours = _bot_rows(n, bots, gamma, int(key))
        found = _until_settled(rule, work, (rows, ours), polluted, (key, recency))
        ever = np.isfinite(polluted.step)
        now = int(found.polluted[-1])
        extra = found.extra | {"diversity": _entropy(work.feeds, n, rule.length)}
        if call.keeps("curves"):
            extra["quality_of_steps"] = np.pad(found.means, (0, steps + 1 - found.means.size), constant_values=np.nan)
        return Run(
            reached=int(ever.sum()),
            counts=(n - now, now),
            lasted=found.means.size - 1,
            curve=np.stack([n - found.polluted, found.polluted]) if call.keeps("curves") else None,
            times=polluted.step if call.keeps("times") else None,
            parents=polluted.parent if call.keeps("parents") else None,
            extra=extra,
        )

    asked = {"mu": mu, "alpha": alpha, "beta": beta, "gamma": gamma, "phi": phi, "theta": theta}
    return run_model(call, Model("SimSoM", STATES, asked | {"most_steps": most_steps}), one)


def walk_graph(n_persons: int, *, links: int = 3, chance: float = 0.5, seed: int = 0) -> FollowerGraph:
    """Return a network that grew by the directed random walk, as SimSoM's bots form one (Vázquez 2003).

    Parameters
    ----------
    n_persons : int
    links : int
        Accounts that a newcomer follows: one drawn evenly, the others among those that this one follows or anywhere.
    chance : float
        Chance of the former, for each of the others.
    seed : int
    """
    count = whole_number("n_persons", n_persons, least=2, below=2**31)
    if whole_number("links", links, least=1) > 62:
        raise InputError(f"links = {links!r}: at most 62")
    if isinstance(chance, str | bool) or not 0 <= chance <= 1:
        raise InputError(f"chance = {chance!r}: give a number from 0 to 1")
    key = start_key(whole_number("seed", seed, below=SEEDS), 0, Purpose.GRAPH)
    followed, counts = _feeds.walk_network(count, links, float(chance), np.uint64(key))
    who, whom = _pairs(followed, counts)
    return FollowerGraph.from_links(whom, who, n_persons=count, origin=("directed random walk",))


@dataclass
class Workspace:
    """Memory of a thread, reused from replicate to replicate."""

    feeds: Feeds
    posts: Posts


class _Found(NamedTuple):
    extra: dict[str, Any]
    means: NDArray[np.float64]
    polluted: NDArray[np.int64]


def _until_settled(
    rule: Rule, work: Workspace, rows: tuple[Rows, Rows], polluted: Polluted, draws: tuple[Any, NDArray[np.float64]]
) -> _Found:
    """Step until the running mean of quality changes by less than TOLERANCE, or steps are used up."""
    feeds, posts = work.feeds, work.posts
    key, recency = draws
    n = polluted.step.size
    means, counts, settled, share, step = [1.0], [0], False, 0.0, 0
    while not settled and step < recency.size - 2:
        step += 1
        _feeds.act(rule, (feeds, posts), (n, step), recency, key)
        _feeds.spread_posts(rule, (feeds, posts, polluted), rows[0], rows[1], step)
        mean, share, persons = _feeds.settle(rule.length, feeds, n)
        means.append(MEMORY * means[-1] + (1 - MEMORY) * mean)
        counts.append(persons)
        settled = abs(means[-1] - means[-2]) <= TOLERANCE * means[-2]
    extra = {"quality": means[-1], "bot_share": share, "settled": settled}
    return _Found(extra, np.array(means), np.array(counts))


def _number_of_bots(n: int, beta: float, gamma: float, phi: float, theta: int) -> int:
    """Return how many bots there are; what speaks of bots where there are none is refused."""
    bots = int(n * beta)
    if beta > 0 and not bots:
        raise InputError(
            f"beta = {beta!r}: that is less than one bot for {n:,} persons; give at least {1 / n:.2g}, or 0"
        )
    for name, value, none in (("gamma", gamma, 0), ("phi", phi, 0), ("theta", theta, 1)):
        if not bots and value != none:
            raise InputError(f"{name} = {value!r} is about bots, of which there are none; set beta above 0")
    if n * bots * gamma > _MOST_LINKS:
        raise InputError(
            f"gamma = {gamma!r}: bots would have {n * bots * gamma:,.0f} followers in all; lower it or beta"
        )
    return bots


def _bot_rows(n: int, bots: int, gamma: float, key: int) -> Rows:
    """Return who follows each bot: persons by infiltration, and other bots, whose network grew by the random walk."""
    reach, persons = _feeds.infiltrate(n, bots, gamma, np.uint64(draw_key(key, 2)))
    if bots < 2:
        return Rows(reach, persons)
    who, whom = _pairs(*_feeds.walk_network(bots, _LINKS, _CHANCE, np.uint64(draw_key(key, 3))))
    bot = np.concatenate([np.repeat(np.arange(bots), np.diff(reach)), whom.astype(np.int64)])
    follower = np.concatenate([persons, (who + n).astype(np.uint32)])
    order = np.lexsort((follower, bot))
    return Rows(np.searchsorted(bot[order], np.arange(bots + 1)), follower[order])


def _empty_feeds(accounts: int, length: int) -> Feeds:
    size = 2 * accounts * length
    return Feeds(
        np.empty(size, np.int64),
        np.empty(size, np.uint32),
        np.empty(size, np.int32),
        np.empty(size),
        np.empty(size),
        np.zeros(accounts, np.int32),
        np.zeros(accounts, np.int32),
    )


def _posts(accounts: int) -> Posts:
    return Posts(np.empty(accounts, np.int64), np.empty(accounts), np.empty(accounts), np.empty(accounts, np.uint32))


def _clear(work: Workspace) -> None:
    work.feeds.held[:] = 0
    work.feeds.coming[:] = 0
    work.posts.order[:] = np.arange(work.posts.order.size)


def _entropy(feeds: Feeds, n: int, length: int) -> float:
    """Return the entropy of which posts are in persons' feeds, in nats."""
    held = feeds.held[:n, None]
    posts = feeds.posts.reshape(-1, 2 * length)[:n, :length][np.arange(length) < held]
    share = np.unique(posts, return_counts=True)[1] / max(posts.size, 1)
    return float(-(share * np.log(share)).sum())


def _pairs(followed: NDArray[np.uint32], counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Return who follows, and whom, one row of a link."""
    who = np.repeat(np.arange(counts.size), counts)
    return who, followed[np.arange(followed.shape[1]) < counts[:, None]]
