"""Sizes and delays of branching cascades follow their theory.

With Poisson(n) children the number of events is Borel's: P(S = s) = exp(-n s) (n s)**(s - 1) / s! (Borel 1942, Otter
1949, Tanner 1961); its mean is 1 / (1 - n), and at n = 1 its tail falls as s**-1/2.
"""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.special import gammaln

from diffusion.classic import branching_cascade
from laws.bounds import (
    FALSE_ALARM,
    count_bounds,
    distance,
    distance_allowed,
    mean_allowed,
    miss_at_distance,
    miss_of_count,
    miss_of_mean,
)
from laws.harness import Finding, Law, Scorecard, sizes

Numbers = NDArray[np.float64]


def borel(n: float, most: int) -> Numbers:
    """P(S = s) for s = 1 … most."""
    s = np.arange(1, most + 1, dtype=np.float64)
    chances: Numbers = np.exp(-n * s + (s - 1) * np.log(n * s) - gammaln(s + 1))
    return chances


def beyond(n: float, s: int) -> float:
    """P(S > s)."""
    return 1 - float(borel(n, s).sum())


# --- the whole distribution -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("runs", sizes(40_000, 400_000))
@pytest.mark.parametrize("n", [0.3, 0.7, 0.95, 1.0])
def test_sizes_follow_borels_law(n: float, runs: int, scorecard: Scorecard) -> None:
    """Chi-square over doubling bins. Control: geometric numbers of children of the same mean, as marks drawn from an
    exponential law give them (a Poisson number whose mean is exponential)."""
    edges = np.concatenate([[1, 2, 3, 4], 2 ** np.arange(3, 12)])
    edges = edges[: 2 + int(np.searchsorted(np.cumsum(borel(n, 2048))[edges[1:] - 1], 1 - 20 / runs))]
    chances = bins(borel(n, 2048), edges)
    control_chances = bins(otter_geometric(n, 2048), edges)
    limit = float(stats.chi2.isf(FALSE_ALARM, chances.size - 1))

    def judge(found: NDArray[np.int64]) -> Finding:
        counted = np.histogram(found, [*edges, np.inf])[0]
        statistic = float(((counted - runs * chances) ** 2 / (runs * chances)).sum())
        return Finding(statistic <= limit, limit, statistic)

    shift = runs * float(((control_chances - chances) ** 2 / chances).sum())
    law = Law(
        f"sizes of branching cascades follow Borel's law (n = {n:g}, {runs:,} cascades)", "chi-square below",
        "geometric children", FALSE_ALARM, float(stats.ncx2.cdf(limit, chances.size - 1, shift)),
    )  # fmt: skip
    asked: dict[str, Any] = {"branching": n, "most": 2**12, "replicates": runs, "seed": 7}
    right = branching_cascade(**asked).reached
    scorecard.check_law(law, judge, right, branching_cascade(**asked, marks="exponential 1").reached)


def bins(chances: Numbers, edges: NDArray[np.int64]) -> Numbers:
    """Chances of the bins [edge, next edge), the last one without an end."""
    below = np.concatenate([[0.0], np.cumsum(chances)])[edges - 1]
    return np.diff(np.concatenate([below, [1.0]]))


def otter_geometric(n: float, most: int) -> Numbers:
    """P(S = s) for geometric numbers of children: P(S = s) = P(s of them sum to s - 1) / s (Otter 1949)."""
    s = np.arange(1, most + 1, dtype=np.float64)
    chances: Numbers = np.asarray(stats.nbinom.pmf(s - 1, s, 1 / (1 + n))) / s
    return chances


# --- the mean, with marks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("runs", sizes(20_000, 400_000))
@pytest.mark.parametrize("n", [0.3, 0.6, 0.9])
def test_the_mean_size_is_one_over_one_minus_n(n: float, runs: int, scorecard: Scorecard) -> None:
    """Marks log-normal with s = .5. Var S = Var(children) / (1 - n)**3, Var(children) = n + n**2 (exp(s**2) - 1).

    Control: children per mark counted by the mean square of marks in place of the squared mean, which makes n
    smaller by exp(s**2) = 1.284.
    """
    more = math.exp(0.25)

    def deviation(of: float) -> float:
        return math.sqrt((of + of**2 * (more - 1)) / (1 - of) ** 3)

    expected, allowed = 1 / (1 - n), mean_allowed(deviation(n), runs)
    wrong = n / more

    def judge(found: NDArray[np.int64]) -> Finding:
        return Finding(abs(float(found.mean()) - expected) <= allowed, expected, float(found.mean()), allowed)

    law = Law(
        f"the mean branching cascade has 1 / (1 - n) events (n = {n:g}, marks log-normal)", "events",
        "marks normalised by their mean square", FALSE_ALARM,
        miss_of_mean(expected - 1 / (1 - wrong), allowed, deviation(wrong), runs),
    )  # fmt: skip
    asked: dict[str, Any] = {"marks": "lognormal 1 0.5", "replicates": runs, "seed": 11}
    right, control = (branching_cascade(branching=b, **asked).reached for b in (n, wrong))
    scorecard.check_law(law, judge, right, control)


# --- the critical tail ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("runs", sizes(60_000, 400_000))
@pytest.mark.parametrize(("low", "high"), [(10, 1_000), (30, 3_000), (100, 10_000)])
def test_the_critical_tail_falls_as_the_square_root(low: int, high: int, runs: int, scorecard: Scorecard) -> None:
    """At n = 1, P(S > s) -> s**-1/2 sqrt(2 / pi): of those beyond `low`, a tenth is beyond 100 `low`, and the exponent
    between the two is -1/2. What is tested is the exact share, within binomial bounds. Control: n = .95."""
    chance = beyond(1.0, high) / beyond(1.0, low)
    assert math.log10(chance) / 2 == pytest.approx(-0.5, abs=0.01)

    def judge(found: NDArray[np.int64]) -> Finding:
        large = int((found > low).sum())
        bottom, top = count_bounds(large, chance)
        reached = int((found > high).sum())
        return Finding(bottom <= reached <= top, -0.5, math.log(max(reached, 1) / large) / math.log(high / low))

    fewest = int(runs * beyond(0.95, low) * 0.8)
    law = Law(
        f"the critical tail falls as s**-1/2 ({low} to {high:,}, {runs:,} cascades)", "exponent", "n = .95",
        FALSE_ALARM, miss_of_count(fewest, chance, beyond(0.95, high) / beyond(0.95, low)),
    )  # fmt: skip
    asked: dict[str, Any] = {"most": high + 1, "replicates": runs, "seed": 5}
    right, control = (branching_cascade(branching=n, **asked).reached for n in (1.0, 0.95))
    assert (control > low).sum() >= fewest
    scorecard.check_law(law, judge, right, control)


# --- delays -----------------------------------------------------------------------------------------------------------


def seismic(s: Numbers) -> Numbers:
    """Distribution function of SEISMIC's memory kernel: constant up to 300 s, then falling as s**-1.242."""
    flat = 0.242 / 1.242
    tail = 1 - (1 - flat) * np.maximum(np.asarray(s) / 300, 1) ** -0.242
    return np.where(np.asarray(s) < 300, flat * np.asarray(s) / 300, tail)


DELAYS = [
    ("seismic", seismic),
    ("exponential 60", lambda s: -np.expm1(-np.asarray(s) / 60)),
    ("power 5 2.2", lambda s: 1 - (np.maximum(np.asarray(s), 5) / 5) ** -1.2),
]


@pytest.mark.parametrize("runs", sizes(10_000, 300_000))
@pytest.mark.parametrize(("memory", "cdf"), DELAYS, ids=[memory for memory, _ in DELAYS])
def test_delays_follow_the_memory(memory: str, cdf: Any, runs: int, scorecard: Scorecard) -> None:
    """One event of each cascade that has more than one, chosen by lot. Control: the delay is counted from the first
    event, not from the parent; where a share g has a grandparent, both delays must be short, so that the distribution
    lies lower by g F (1 - F) or more: g / 4 at the median."""
    found = branching_cascade(branching=0.95, memory=memory, replicates=runs, seed=9, record="parents", most=10_000)
    first, times, parents = (found.column(name) for name in ("first", "times", "parents"))
    grown = np.flatnonzero(found.reached > 1)
    lot = np.random.default_rng(1).random(grown.size)
    chosen = first[grown] + 1 + (lot * (found.reached[grown] - 1)).astype(np.int64)
    apart = float((parents[chosen] != first[grown]).mean()) / 4
    allowed = distance_allowed(chosen.size)

    def judge(delays: Numbers) -> Finding:
        far = distance(delays, cdf)
        return Finding(far <= allowed, 0.0, far, allowed)

    law = Law(
        f"delays follow the memory kernel ({memory}, {runs:,} cascades)", "distance", "counted from the first event",
        FALSE_ALARM, miss_at_distance(chosen.size, apart),
    )  # fmt: skip
    scorecard.check_law(law, judge, times[chosen] - times[parents[chosen]], times[chosen])
