"""Sessions are points of a Poisson process of the person: seen through the moments at which posts are read."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from diffusion.graphs import star_graph
from diffusion.simulation import simulate
from laws.bounds import (
    FALSE_ALARM,
    count_bounds,
    distance,
    distance_allowed,
    exponential,
    mean_allowed,
    miss_at_distance,
    miss_of_count,
)
from laws.harness import Finding, Law, Scorecard, sizes
from laws.scenes import hours, platform, scenario

Times = NDArray[np.float64]
START = 24 + 12 + 17 / 60 + 31 / 3600
"""Operational hours on the flat clock at tick 0: no whole number, so that no post stands where a cell begins."""
POSTS, EVERY = 24, 1.0
"""One author's posts, one an hour, seen at once in the follower's next session."""


def read_at(followers: int, rate: float, seed: int, waits: str = "sessions") -> Times:
    """Hours at which each follower meets each post, (posts, followers)."""
    post = {"kind": "citizen_post", "authors": [0], "appeal": 0}
    posted = {f"post {k:02d}": post | {"at": f"{k * EVERY} h"} for k in range(POSTS)}
    world = scenario(
        platforms={"net": platform(sessions=f"{rate}/h", waits=waits)},
        stories=posted,
        horizon="200 h",
        start="2016-11-08T12:17:31",
    )
    outcome = simulate(world, graphs={"net": star_graph(followers + 1)}, seed=seed)
    return hours(outcome.column("first_tick"))[:, 1:]


def one_per_cell(followers: int, rate: float, seed: int) -> Times:
    """The same moments if every cell of mean 1 held exactly one session, at a uniform position.

    A plausible mistake in drawing a process cell by cell; no setting of the simulator has it.
    """
    cells = 3 * POSTS
    points = np.arange(cells) + np.random.default_rng(seed).random((followers, cells))
    start = START * rate
    posted = start + rate * EVERY * np.arange(POSTS)
    points += math.floor(start)
    return np.stack([points[np.arange(followers), np.argmax(points > x, axis=1)] - start for x in posted]) / rate


def hours_with_session(read: Times) -> NDArray[np.int64]:
    """In how many hours between posts each follower had a session: the post was read before the next one appeared."""
    posted = EVERY * np.arange(POSTS)[:, None]
    return np.asarray(np.sum(read <= posted + EVERY, axis=0))


@pytest.mark.parametrize("n", sizes(4_000, 80_000))
@pytest.mark.parametrize("rate", [0.7, 2.3])
def test_a_post_waits_exponentially_for_the_next_session(rate: float, n: int, scorecard: Scorecard) -> None:
    """From a moment that knows nothing of the sessions the next one is Exp(rate) away: 4,000 followers, alarm .001.

    Control: one session per cell. How far its waits lie from the law is computed below from the post's place in its
    cell (.20 at .7 per hour, .22 at 2.3): missed with a chance below 1e-102.
    """

    def judge(read: Times) -> Finding:
        waits = read[0]
        return Finding(distance(waits, exponential(1 / rate)) <= distance_allowed(n), 1 / rate, float(waits.mean()))

    cells = np.linspace(0, 3, 3_001)
    apart = float(np.abs(waits_of_one_per_cell(cells, (START * rate) % 1) - exponential(1.0)(cells)).max())
    law = Law(
        f"a post waits Exp(rate) for a session (rate {rate:g}/h, n = {n})", "mean hours", "one session per cell",
        FALSE_ALARM, miss_at_distance(n, apart),
    )  # fmt: skip
    scorecard.check_law(law, judge, read_at(n, rate, 51), one_per_cell(n, rate, 51))


def waits_of_one_per_cell(wait: Times, place: float) -> Times:
    """Distribution function of the wait, in cells, from a place in a cell to the next of one uniform point per cell."""
    none_here = 1 - np.clip(wait, 0, 1 - place)
    none_next = 1 - np.clip(wait - (1 - place), 0, 1)
    return 1 - none_here * none_next


@pytest.mark.parametrize("n", sizes(4_000, 80_000))
@pytest.mark.parametrize("rate", [0.7, 2.3])
def test_hours_with_a_session_are_independent(rate: float, n: int, scorecard: Scorecard) -> None:
    """Each of 24 hours holds a session with chance 1 - exp(-rate), independently of the others and of other persons.

    Judged by the total over 4,000 followers (exact binomial bounds, alarm .0005) and by the variance between followers,
    which is 24 c (1 - c) (alarm .0005, from the fourth moment of the binomial law). Control: one session per cell: the
    average hour is empty with chance .36 instead of .50 at .7 per hour, and never instead of .10 at 2.3 per hour
    (missed with chance 0 in floating point).
    """
    chance = -math.expm1(-rate * EVERY)
    low, high = count_bounds(n * POSTS, chance, FALSE_ALARM / 2)
    variance = POSTS * chance * (1 - chance)
    fourth = variance * (1 + 3 * (POSTS - 2) * chance * (1 - chance))
    spread = mean_allowed(math.sqrt(fourth - variance**2), n, FALSE_ALARM / 2)

    def judge(read: Times) -> Finding:
        counts = hours_with_session(read)
        independent = abs(float(np.var(counts - POSTS * chance)) - variance) <= spread
        return Finding(low <= int(counts.sum()) <= high and independent, POSTS * chance, float(counts.mean()))

    law = Law(
        f"hours with a session are independent (rate {rate:g}/h, n = {n})", "of 24 hours", "one session per cell",
        FALSE_ALARM, miss_of_count(n * POSTS, chance, 0.64 if rate < 1 else 1.0, FALSE_ALARM / 2),
    )  # fmt: skip
    scorecard.check_law(law, judge, read_at(n, rate, 54), one_per_cell(n, rate, 54))


@pytest.mark.parametrize("n", sizes(2_000, 40_000))
def test_posts_that_wait_for_one_session_are_read_together(n: int, scorecard: Scorecard) -> None:
    """A post still unread when the next one appears is read in the same session: exact, false alarm 0.

    Control: waits drawn per link and story. At .7 sessions an hour half of the posts are still unread after an hour;
    that all of them are read with their successor by chance is out of the question (miss 0).
    """

    def judge(read: Times) -> Finding:
        unread = read[:-1] > EVERY * np.arange(1, POSTS)[:, None]
        assert unread.any(), "no post had to wait"
        apart = int(np.sum(unread & (read[:-1] != read[1:])))
        return Finding(apart == 0, 0, apart)

    law = Law(
        f"posts that wait for one session are read together (n = {n})", "read apart", "waits drawn per link", 0.0, 0.0
    )
    scorecard.check_law(law, judge, read_at(n, 0.7, 53), read_at(n, 0.7, 53, waits="edge"))
