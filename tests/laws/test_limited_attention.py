"""Memes that compete for attention: their mean number of posts, windows that lengthen lives, hubs that widen ranks.

Source: Weng, Flammini, Vespignani & Menczer (2012), Scientific Reports 2, 335.
Without memory every post is seen by k followers for one window w, in which each acts w times in the mean, reads with
chance 1 - p_new and is drawn with chance p_read: it brings forth m = k w (1 - p_new) p_read posts, and a meme has
1 / (1 - m) in the mean (a branching process).
"""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from diffusion.classic import limited_attention
from diffusion.graphs import FollowerGraph, generate_followers
from laws.bounds import FALSE_ALARM, mean_allowed, miss_of_mean
from laws.harness import Finding, Law, Scorecard, sizes

Numbers = NDArray[np.float64]
N, FOLLOWERS, NEW = 200, 20, 0.45
_U = np.repeat(np.arange(N), FOLLOWERS)
RING = FollowerGraph.from_links(_U, (_U + np.tile(np.arange(1, FOLLOWERS + 1), N)) % N, n_persons=N)
"""Everybody has the next 20 as followers."""
HEAVY = generate_followers(N, mean_followers=FOLLOWERS, seed=4)


def reading(m: float) -> float:
    return m / (FOLLOWERS * (1 - NEW))


@pytest.mark.parametrize("runs", sizes(40, 200))
@pytest.mark.parametrize("m", [0.3, 0.6, 0.9])
def test_a_meme_has_one_over_one_minus_m_posts(m: float, runs: int, scorecard: Scorecard) -> None:
    """Memes of the first half of a run of 120 units; what is alive after 60 more is less than 1e-5 at m = .9.

    The deviation is that of the runs' means. Control: posts stay a fifth shorter.
    """
    expected, other = 1 / (1 - m), 1 / (1 - 0.8 * m)

    def judge(means: Numbers) -> Finding:
        allowed = mean_allowed(float(means.std()), means.size)
        return Finding(abs(float(means.mean()) - expected) <= allowed, expected, float(means.mean()), allowed)

    def means(window: float) -> Numbers:
        asked: dict[str, Any] = {"horizon": 120, "p_new": NEW, "p_read": reading(m), "p_memory": 0, "seed": 2}
        found = limited_attention(RING, **asked, window=window, replicates=runs, record="curves")
        early = found.extra["popularity"][:, : 60 * N]
        return np.asarray(early.sum(axis=1) / (early > 0).sum(axis=1))

    right, control = means(1.0), means(0.8)
    spread = float(control.std())
    law = Law(
        f"limited attention: a meme has 1 / (1 - m) posts (m = {m:g}, {runs} runs)", "posts", "posts that stay shorter",
        FALSE_ALARM, miss_of_mean(expected - other, mean_allowed(spread, runs), spread, runs),
    )  # fmt: skip
    scorecard.check_law(law, judge, right, control)


def judge_of_rise(before: Numbers, after: Numbers) -> Finding:
    """Welch's test of a rise from the first sample to the second one (normal law)."""
    limit = float(stats.norm.isf(FALSE_ALARM / 2))
    deviation = math.sqrt(before.var(ddof=1) / before.size + after.var(ddof=1) / after.size)
    rise = float(after.mean() - before.mean()) / deviation
    return Finding(rise > limit, limit, rise)


@pytest.mark.parametrize("runs", sizes(30, 400))
@pytest.mark.parametrize(("short", "long"), [(0.1, 0.5), (0.5, 1.0), (1.0, 2.0)])
def test_memes_live_longer_where_posts_stay_longer(short: float, long: float, runs: int, scorecard: Scorecard) -> None:
    """Mean lifetime of memes, with memory. Control: the shorter window twice, as if windows did nothing."""

    def lives(window: float, seed: int) -> Numbers:
        asked: dict[str, Any] = {"horizon": 40, "p_read": reading(0.35), "window": window}
        return np.asarray(limited_attention(HEAVY, **asked, replicates=runs, seed=seed).extra["mean_lifetime"])

    first = lives(short, 1)
    law = Law(
        f"limited attention: memes live longer with a window of {long:g} than of {short:g} ({runs} runs)",
        "deviations, more than", "windows that do nothing", FALSE_ALARM, FALSE_ALARM / 2,
    )  # fmt: skip
    scorecard.check_law(law, lambda pair: judge_of_rise(*pair), (first, lives(long, 2)), (first, lives(short, 2)))


@pytest.mark.parametrize("runs", sizes(120, 400))
@pytest.mark.parametrize("m", [0.3, 0.45, 0.6])
def test_hubs_make_the_largest_meme_larger(m: float, runs: int, scorecard: Scorecard) -> None:
    """The largest meme of a run, on a heavy-tailed graph beside a regular one with as many links (the paper's network
    beside its random one). Control: the regular graph twice."""

    def largest(graph: FollowerGraph, seed: int) -> Numbers:
        found = limited_attention(graph, horizon=30, p_read=reading(m), replicates=runs, seed=seed)
        return np.asarray(found.extra["largest"], dtype=np.float64)

    first = largest(RING, 1)
    law = Law(
        f"limited attention: hubs make the largest meme larger (m = {m:g}, {runs} runs)", "deviations, more than",
        "a graph without hubs", FALSE_ALARM, FALSE_ALARM / 2,
    )  # fmt: skip
    scorecard.check_law(law, lambda pair: judge_of_rise(*pair), (first, largest(HEAVY, 2)), (first, largest(RING, 2)))
