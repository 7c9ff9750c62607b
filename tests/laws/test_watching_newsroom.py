"""A newsroom that watches a platform learns when the sharers there first pass its threshold."""

from __future__ import annotations

import math

import numpy as np
import pytest

from diffusion.graphs import FollowerGraph
from diffusion.outcome import Outcome
from diffusion.simulation import simulate
from laws.bounds import FALSE_ALARM, mean_allowed, miss_of_mean
from laws.harness import Finding, Law, Scorecard, sizes
from laws.scenes import TICKS_PER_HOUR, outlet, platform, scenario
from laws.test_independent_cascade import WIDE, hub_factor

RATE, THRESHOLD, CHANCE = 0.125, 0.2, 0.5  # visits per hour, share of members, chance to share what was read
SURE = 0.95
"""The largest chance to share."""


def watched(n: int, chance: float, seed: int) -> Outcome:
    """Everybody reads a site at a rate and shares at once with one chance; nobody follows anybody."""
    alone = FollowerGraph.from_links([0], [1], n_persons=n)
    factor = float(hub_factor(np.zeros(1, dtype=np.int64), WIDE)[0])
    world = scenario(
        platforms={"net": platform(typical_followers=WIDE)},
        outlets={
            "site": outlet(visits=f"{RATE}/h"),
            "desk": outlet(gather="never", watches={"net": THRESHOLD}, audience=0),
        },
        people={"propensity_sd": 0},
        story={"kind": "news", "half_life": "1000000 day", "appeal": chance / factor},
        horizon="60 h",
        record="parents",
    )
    return simulate(world, graphs={"net": alone}, seed=seed)


def passage(chance: float) -> float:
    """Hours until `THRESHOLD` of all have shared: they have read with chance 1 - exp(-rate t)."""
    return -math.log(1 - THRESHOLD / chance) / RATE


def spread(n: int, chance: float) -> float:
    """Standard deviation of the passage: that of a binomial count over the rate at which it grows."""
    growth = chance * RATE * (1 - THRESHOLD / chance)
    return math.sqrt(THRESHOLD * (1 - THRESHOLD) / n) / growth


@pytest.mark.parametrize("n", sizes(20_000, 500_000))
def test_a_watching_newsroom_learns_at_the_first_passage(n: int, scorecard: Scorecard) -> None:
    """Sharers at t are Binomial(n, p (1 - exp(-rate t))); the passage of .2 n is normal about its limit. Alarm .001.

    A settle interval of 1 s is added to what is allowed. Control: everybody who reads it is counted, as if p were .95:
    1.9 h against 4.1 h, more than 20 deviations apart (chance to miss 0 in floating point).
    """
    expected = passage(CHANCE)
    allowed = mean_allowed(spread(n, CHANCE), 1) + 1 / 3600

    def judge(outcome: Outcome) -> Finding:
        (learned,) = (row.learned for row in outcome.column("coverage") if row.outlet == "desk")
        found = learned / TICKS_PER_HOUR
        return Finding(abs(found - expected) <= allowed, expected, found)

    law = Law(
        f"a newsroom learns when sharers pass its threshold (n = {n})", "hours", "readers counted", FALSE_ALARM,
        miss_of_mean(passage(SURE) - expected, allowed, spread(n, SURE), 1),
    )  # fmt: skip
    scorecard.check_law(law, judge, watched(n, CHANCE, 41), watched(n, SURE, 41))
