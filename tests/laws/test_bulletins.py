"""One draw decides whether somebody is tuned in for a whole viewing block: more bulletins in it reach nobody else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from diffusion.outcome import Outcome
from diffusion.simulation import simulate
from diffusion.units import NEVER
from laws.bounds import FALSE_ALARM, count_bounds, miss_of_count
from laws.harness import Finding, Law, Scorecard, sizes
from laws.scenes import outlet, scenario

HABIT = 0.05
BLOCKS = 13
"""Hourly blocks that bulletins from 12:00 to 24:00, both included, fall into, whatever a person's phase.

The story breaks at 12:00 exactly, a slot of every grid, so that the first and the last bulletin stand at the same time
however fine the grid is; whoever's blocks begin at other minutes still meets the same 13 of them.
"""


def bulletins(every: str, block: str, n: int, seed: int) -> Outcome:
    """One broadcaster without breaking news; everybody belongs to its audience and nobody shares."""
    grid: dict[str, Any] = {
        "medium": "television", "schedule": "slots", "every": every, "block": block, "habit": HABIT,
        "tune_in": "always", "coverage": "12 h", "breaking": 2,
    }  # fmt: skip
    world = scenario(
        people={"count": n},
        outlets={"channel": outlet(**grid)},
        story={"kind": "news", "appeal": 0},
        horizon="30 h",
        start="2016-11-08T12:00:00",
    )
    return simulate(world, seed=seed)


def reached(outcome: Outcome) -> Any:
    return outcome.column("first_tick")[0] != NEVER


@pytest.mark.parametrize("n", sizes(5_000, 200_000))
def test_finer_bulletins_reach_nobody_else(n: int, scorecard: Scorecard) -> None:
    """Every 60, 15 or 5 minutes within blocks of an hour reach the very same persons: exact, false alarm 0.

    Control: blocks of 15 minutes, so that finer bulletins are further chances; of the 51 % that hourly ones miss each
    person is reached by 36 more draws with chance .84, so that no difference at all has a chance of .16^2,000.
    """

    def judge(block: str) -> Finding:
        hourly, quarterly, finest = (reached(bulletins(every, block, n, 41)) for every in ("60 min", "15 min", "5 min"))
        assert hourly.any(), "the bulletins reached nobody"
        others = int(np.sum(hourly != quarterly) + np.sum(hourly != finest))
        return Finding(others == 0, 0, others)

    law = Law(
        f"finer bulletins reach nobody else (n = {n})",
        "persons reached by one grid only",
        "a draw per bulletin",
        0.0,
        0.0,
    )
    scorecard.check_law(law, judge, "60 min", "15 min")


@pytest.mark.parametrize("n", sizes(5_000, 200_000))
def test_reach_of_bulletins_is_that_of_their_blocks(n: int, scorecard: Scorecard) -> None:
    """Blocks are independent: bulletins every 15 min reach Binomial(n, 1 - (1 - habit)^13) in 13 blocks; alarm .001.

    Control: a draw per bulletin, 49 of them: .92 against .49 (chance to miss 0 in floating point).
    """
    expected, finer = 1 - (1 - HABIT) ** BLOCKS, 1 - (1 - HABIT) ** (4 * (BLOCKS - 1) + 1)
    low, high = count_bounds(n, expected)

    def judge(outcome: Outcome) -> Finding:
        count = int(np.sum(reached(outcome)))
        return Finding(low <= count <= high, expected, count / n)

    law = Law(
        f"reach of bulletins is 1 - (1 - habit)^blocks (n = {n})", "reach in 13 blocks", "a draw per bulletin",
        FALSE_ALARM, miss_of_count(n, expected, finer),
    )  # fmt: skip
    scorecard.check_law(law, judge, bulletins("15 min", "60 min", n, 42), bulletins("15 min", "15 min", n, 42))
