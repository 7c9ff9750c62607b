"""A post in a group reaches its members, and the group's own traffic buries it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from diffusion.graphs import Memberships
from diffusion.outcome import Outcome
from diffusion.simulation import simulate
from laws.bounds import FALSE_ALARM, count_bounds, miss_of_count
from laws.harness import Finding, Law, Scorecard, sizes
from laws.scenes import scenario

RATE, VISIBLE = 0.25, 4.0  # sessions per hour, hours


def broadcast(n: int, others: int, seed: int) -> Outcome:
    """One author posts in a group of n; there are two more groups of another size."""
    ends = np.cumsum([n, others, others])
    groups = Memberships.from_rows(np.arange(ends[-1]), np.repeat([0, 1, 2], [n, others, others]))
    world = scenario(
        platforms={
            "forum": {
                "kind": "group",
                "graph": {"file": "given"},
                "sessions": f"{RATE}/h",
                "visibility": f"{VISIBLE} h",
                "visibility_sd": 0.0,
                "waits": "edge",
                "clock": "flat",
                "close": 0.0,
                "notified": 0.0,
            }
        },
        story={"kind": "citizen_post", "authors": [0], "appeal": 0},
        horizon="48 h",
    )
    return simulate(world, graphs={"forum": groups}, seed=seed)


@pytest.mark.parametrize("n", sizes(20_000, 500_000))
def test_a_post_in_a_group_is_buried_by_the_groups_traffic(n: int, scorecard: Scorecard) -> None:
    """Members see it independently with chance 1 - exp(-rate B median/size); exact binomial bounds, alarm .001.

    Here the group has twice the median size. Control: equal groups, as if traffic did not count; .39 against .63.
    """
    load = RATE * VISIBLE
    chance, control = -math.expm1(-load / 2), -math.expm1(-load)

    def judge(outcome: Outcome) -> Finding:
        seen = outcome.tallies[0].reached - 1
        low, high = count_bounds(n - 1, chance)
        return Finding(low <= seen <= high and outcome.tallies[0].offers == n - 1, chance, seen / (n - 1))

    law = Law(
        f"a post in a group is seen by 1 - exp(-rate B median/size) (n = {n})", "share", "traffic ignored", FALSE_ALARM,
        miss_of_count(n - 1, chance, control),
    )  # fmt: skip
    scorecard.check_law(law, judge, broadcast(n, n // 2, 31), broadcast(n, n, 31))
