"""Delays add up along links: exactly where they are constant, as exponential waits of the stated rate where drawn."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from diffusion.graphs import FollowerGraph, path_graph, star_graph
from diffusion.outcome import Outcome
from diffusion.simulation import simulate
from diffusion.units import NEVER
from laws.bounds import FALSE_ALARM, distance, distance_allowed, exponential, miss_at_distance
from laws.harness import Finding, Law, Scorecard, sizes
from laws.scenes import hours, operational_hours, platform, scenario

LATENCY, SCROLL, REACTION = 1_500, 90_000, 20_250  # ms
HORIZON = "100 h"


class Tree(NamedTuple):
    """Each person's only account followed (-1: none), the author, and everybody's hops from the author."""

    name: str
    parents: NDArray[np.int64]
    author: int
    hops: NDArray[np.float64]


def path(n: int) -> Tree:
    """A path of 2 n + 1 persons, its author in the middle."""
    return Tree(f"path of {2 * n + 1}", np.arange(-1, 2 * n), n, np.array([np.inf] * n + list(range(n + 1))))


def star(n: int) -> Tree:
    """A star of stars: person 0 with n followers, each with n followers."""
    parents = np.concatenate([[-1], np.zeros(n, np.int64), np.repeat(np.arange(1, n + 1), n)])
    return Tree(f"star of {n} stars", parents, 0, np.repeat([0.0, 1.0, 2.0], [1, n, n * n]))


def pass_on(tree: Tree, *, reversed_links: bool) -> Outcome:
    """Everybody shares: a person follows one account, so that the threshold rule is met by the first exposure.

    Someone with 60 sessions an hour, each an hour long, is on the platform but for a chance of exp(-60).
    """
    child = np.flatnonzero(tree.parents >= 0)
    parent = tree.parents[child]
    followed, follower = (child, parent) if reversed_links else (parent, child)
    delays = {"latency": f"{LATENCY} ms", "scroll": f"{SCROLL} ms", "reaction": f"{REACTION} ms"}
    lawful = scenario(
        platforms={"net": platform(sessions="60/h", session_length="1 h", **delays)},
        people={"share_rule": "threshold"},
        story={"kind": "citizen_post", "authors": [tree.author]},
        horizon=HORIZON,
    )
    return simulate(lawful, graphs={"net": FollowerGraph.from_links(followed, follower, n_persons=tree.hops.size)})


@pytest.mark.parametrize("tree", sizes(path(20), path(1_000)) + sizes(star(9), star(300)), ids=lambda tree: tree.name)
def test_constant_delays_add_up_hop_by_hop(tree: Tree, scorecard: Scorecard) -> None:
    """False alarm 0: nothing is drawn. Miss 0: with links reversed other persons hear, whatever the seed."""
    reached = np.isfinite(tree.hops)
    expected = np.full(tree.hops.size, NEVER, dtype=np.uint64)
    # h hops are h times the platform's delays, and a reaction before each but the first.
    reactions = np.maximum(tree.hops[reached] - 1, 0)
    expected[reached] = tree.hops[reached] * (LATENCY + SCROLL) + reactions * REACTION

    def judge(outcome: Outcome) -> Finding:
        wrong = int(np.sum(outcome.column("first_tick")[0] != expected))
        return Finding(wrong == 0, 0, wrong)

    law = Law(f"constant delays add up ({tree.name})", "persons at another tick", "links reversed", 0.0, 0.0)
    scorecard.check_law(law, judge, pass_on(tree, reversed_links=False), pass_on(tree, reversed_links=True))


@pytest.mark.parametrize("n", sizes(3_000, 20_000))
def test_a_hop_waits_exponentially(n: int, scorecard: Scorecard) -> None:
    """3,000 hops of a path wait Exp(rate): distance at most .0356 (false alarm .001, for every sample size).

    Control: the rate doubled, whose distribution lies 1/4 away; it slips through with a chance below
    2 exp(-2 n (.25 - .0356)^2) = 3e-120.
    """
    rate = 30.0  # per hour

    def hop_waits(sessions: float) -> Outcome:
        world = scenario(
            platforms={"net": platform(waits="edge", sessions=f"{sessions}/h")},
            people={"share_rule": "threshold"},
            story={"kind": "citizen_post", "authors": [0]},
            horizon="1000 h",
        )
        return simulate(world, graphs={"net": path_graph(n + 1)}, seed=11)

    def judge(outcome: Outcome) -> Finding:
        waits = np.diff(hours(outcome.column("first_tick")[0]))
        assert np.isfinite(waits).all(), "the horizon cuts the path"
        near = distance(waits, exponential(1 / rate)) <= distance_allowed(n)
        return Finding(near, 60 / rate, 60 * float(waits.mean()))

    law = Law(
        f"a hop waits Exp(rate) (n = {n})", "mean minutes", "rate doubled", FALSE_ALARM, miss_at_distance(n, 0.25)
    )
    scorecard.check_law(law, judge, hop_waits(rate), hop_waits(2 * rate))


@pytest.mark.parametrize("n", sizes(4_000, 200_000))
def test_waits_are_exponential_in_the_clock_s_own_time(n: int, scorecard: Scorecard) -> None:
    """4,000 followers of one author, from 22:00 into the night: waits are Exp(rate) in operational time.

    False alarm .001 as above. Control: a platform that ignores its clock; how far its waits lie from the law is
    computed below from the clock alone (.080), so that it slips through with a chance below 6e-9.
    """
    rate, start = 0.4, 22.0
    cdf = exponential(1 / rate)

    def night(clock: str) -> Outcome:
        world = scenario(
            platforms={"net": platform(waits="edge", sessions=f"{rate}/h", clock=clock)},
            story={"kind": "citizen_post", "authors": [0], "appeal": 0},
            horizon="300 h",
            start="2016-11-08T22:00:00",
        )
        return simulate(world, graphs={"net": star_graph(n + 1)}, seed=12)

    def judge(outcome: Outcome) -> Finding:
        waits = hours(outcome.column("first_tick")[0, 1:])
        assert np.isfinite(waits).all(), "the horizon cuts the waits"
        near = distance(operational_hours(waits, start, "weibo"), cdf) <= distance_allowed(n)
        return Finding(
            near, float(cdf(operational_hours(np.array([8.0]), start, "weibo"))[0]), float(np.mean(waits <= 8))
        )

    wall = np.linspace(0, 60, 6_001)
    apart = np.abs(cdf(wall) - cdf(operational_hours(wall, start, "weibo"))).max()
    law = Law(
        f"waits are Exp(rate) in operational time (n = {n})", "aware after a night of 8 h", "clock ignored",
        FALSE_ALARM, miss_at_distance(n, float(apart)),
    )  # fmt: skip
    scorecard.check_law(law, judge, night("weibo"), night("flat"))
