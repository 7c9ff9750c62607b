"""People who post on two platforms join two random graphs into one: percolation of both layers together."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from diffusion.simulation import simulate
from diffusion.units import NEVER
from laws.bounds import FALSE_ALARM, mean_allowed, miss_of_mean
from laws.harness import Finding, Law, Scorecard
from laws.scenes import platform, scenario
from laws.test_independent_cascade import FOLLOWERS, WIDE, hub_factor, percolation, random_graph

TOGETHER, REACH_TOGETHER, REACH_ALONE = 3.0, 0.94048, 0.58281
"""Reproduction number of both layers together; its reach; the reach of one layer alone (R = 1.5)."""


def shares_of_sharers(n: int, runs: int, crosspost: str) -> NDArray[np.float64]:
    """Sharers as a share of the population in the cascades that took off, each on its own two graphs."""
    found = []
    for seed in range(runs):
        graphs = {"left": random_graph(n, 2 * seed), "right": random_graph(n, 2 * seed + 1)}
        factor = hub_factor(np.asarray(graphs["left"].n_followers, dtype=np.int64), WIDE)
        layer = platform(waits="edge", sessions="60/h", typical_followers=WIDE)
        world = scenario(
            platforms={"left": layer, "right": layer},
            people={"propensity_sd": 0, "crosspost": crosspost},
            story={
                "kind": "citizen_post", "authors": 1, "half_life": "1000000 day",
                "appeal": TOGETHER / 2 / FOLLOWERS / float(factor.mean()),
            },
            horizon="48 h",
        )  # fmt: skip
        outcome = simulate(world, graphs=graphs, seed=seed)
        found.append(np.mean(outcome.column("share_tick")[0] != NEVER))
    sizes = np.array(found)
    return sizes[sizes > 0.1]


@pytest.mark.parametrize(("n", "runs"), [(10_000, 24), pytest.param(50_000, 60, marks=pytest.mark.verify)])
def test_crossposting_joins_two_layers(n: int, runs: int, scorecard: Scorecard) -> None:
    """Independent cascade on two directed G(n, 10/n), chance .15 in each: percolation at R = 3, given take-off.

    The union of the two is G(n, 20/n) but for links in both. Deviation and allowance as in the law of one layer.
    Control: everybody posts where they met the story, so that layers stay apart: R = 1.5, reach .583 against .940, more
    than 50 deviations away (chance to miss 0 in floating point, its deviation taken five times as large).
    """
    assert percolation(TOGETHER) == pytest.approx(REACH_TOGETHER, abs=5e-6)
    deviation = math.sqrt(REACH_TOGETHER * (1 - REACH_TOGETHER) / n) / (1 - TOGETHER * (1 - REACH_TOGETHER))

    def judge(sizes: NDArray[np.float64]) -> Finding:
        mean = float(sizes.mean())
        return Finding(abs(mean - REACH_TOGETHER) <= mean_allowed(deviation, sizes.size) + 2 / n, REACH_TOGETHER, mean)

    right, control = (shares_of_sharers(n, runs, rule) for rule in ("all", "same"))
    assert min(right.size, control.size) >= runs / 4, "too few cascades took off"
    allowed = mean_allowed(deviation, control.size) + 2 / n
    law = Law(
        f"cross-posting joins two layers (R = 1.5 + 1.5, n = {n})", "reach", "layers stay apart", FALSE_ALARM,
        miss_of_mean(REACH_ALONE - REACH_TOGETHER, allowed, 5 * deviation, control.size),
    )  # fmt: skip
    scorecard.check_law(law, judge, right, control)
