"""Who visits an outlet at a rate learns of its story at that rate, in the outlet's operational time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from diffusion.outcome import Outcome
from diffusion.simulation import simulate
from laws.bounds import FALSE_ALARM, count_bounds, exponential, miss_of_count
from laws.harness import Finding, Law, Scorecard, sizes
from laws.scenes import hours, operational_hours, outlet, scenario

RATE, START = 0.125, 22.0  # visits per hour, hour of the day
WHEN = np.array([1.0, 4.0, 8.0, 24.0])
EACH = FALSE_ALARM / WHEN.size
SHOWN = 2
"""Which of the four times the scorecard shows: after 8 h."""


def visited(n: int, seed: int, **changes: object) -> Outcome:
    """One outlet, which publishes at once and for good; nobody shares or meets."""
    world = scenario(
        people={"count": n},
        outlets={"paper": outlet(**({"visits": f"{RATE}/h"} | changes))},
        story={"kind": "news", "appeal": 0},
        horizon="30 h",
        start="2016-11-08T22:00:00",
    )
    return simulate(world, seed=seed)


def judge_reach(n: int, expected: NDArray[np.float64]) -> Callable[[Outcome], Finding]:
    """Return the judge of the reach at four times: within exact binomial bounds, together exceeded with chance .001."""

    def judge(outcome: Outcome) -> Finding:
        heard = hours(outcome.column("first_tick")[0])
        found = [int(np.sum(heard <= t)) for t in WHEN]
        bounds = [count_bounds(n, chance, EACH) for chance in expected]
        inside = all(low <= count <= high for count, (low, high) in zip(found, bounds, strict=True))
        return Finding(inside, float(expected[SHOWN]), found[SHOWN] / n)

    return judge


def miss(n: int, expected: NDArray[np.float64], control: NDArray[np.float64]) -> float:
    """Chance bound that the control passes: it must pass at each time, so at the most telling one."""
    return min(miss_of_count(n, a, b, EACH) for a, b in zip(expected, control, strict=True))


@pytest.mark.parametrize("n", sizes(20_000, 1_000_000))
def test_reach_of_one_outlet_is_exponential(n: int, scorecard: Scorecard) -> None:
    """Persons visit independently: the reach is Binomial(n, 1 - exp(-rate t)) at each t; exact bounds, alarm .001.

    Control: visits spread evenly over the mean gap instead of a Poisson process (each reader gets to the story within a
    uniform 8 h), reach min(1, rate t); 1.00 against .63 after 8 h cannot be missed (chance 0 in floating point).
    """
    expected = exponential(1 / RATE)(WHEN)
    even = {"visits": "3600/h", "reading": {"law": "uniform", "low": "0 h", "high": f"{1 / RATE} h"}}
    law = Law(
        f"reach of one outlet is 1 - exp(-rate t) (n = {n})", "after 8 h", "visits spread evenly", FALSE_ALARM,
        miss(n, expected, np.minimum(1.0, RATE * WHEN)),
    )  # fmt: skip
    scorecard.check_law(law, judge_reach(n, expected), visited(n, 21), visited(n, 21, **even))


@pytest.mark.parametrize("n", sizes(20_000, 1_000_000))
def test_reach_of_one_outlet_follows_its_clock(n: int, scorecard: Scorecard) -> None:
    """As above with operational time for t: 1 - exp(-rate tau(t)), from 22:00 on. Alarm .001.

    Control: the clock ignored; .63 against .48 after 8 h (chance to miss 0 in floating point).
    """
    expected = exponential(1 / RATE)(operational_hours(WHEN, START, "weibo"))
    law = Law(
        f"reach of one outlet is 1 - exp(-rate tau(t)) (n = {n})", "after 8 h", "clock ignored", FALSE_ALARM,
        miss(n, expected, exponential(1 / RATE)(WHEN)),
    )  # fmt: skip
    scorecard.check_law(law, judge_reach(n, expected), visited(n, 22, clock="weibo"), visited(n, 22))
