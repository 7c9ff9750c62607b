"""Complex contagions: waves on rings, weak long ties (Centola & Macy 2007), and the mean field of exposure curves."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from diffusion.classic import absolute_threshold, complex_contagion
from diffusion.graphs import FollowerGraph
from laws.bounds import FALSE_ALARM, mean_allowed, miss_of_mean
from laws.harness import Finding, Law, Scorecard, sizes


def ring(n: int, reach: int) -> FollowerGraph:
    """Everybody is friends with the `reach` next persons on both sides."""
    person, step = np.arange(n), np.arange(1, reach + 1)
    return FollowerGraph.from_links(
        np.repeat(person, reach), ((person[:, None] + step) % n).ravel(), n_persons=n, mutual=True
    )


@pytest.mark.parametrize("n", sizes(2_000, 200_000))
@pytest.mark.parametrize(("reach", "threshold"), [(2, 2), (3, 2), (3, 3), (5, 3), (8, 2)])
def test_a_wave_advances_by_what_the_threshold_leaves(reach: int, threshold: int, n: int, scorecard: Scorecard) -> None:
    """On a ring of 2 r friends with r neighbours active, the front advances r - a + 1 persons a step; none if a > r.

    The d-th person before the front hears r - d + 1 active friends. So person d becomes active at step
    ceil(d / (r - a + 1)), exactly: no correct program fails, and no mistake of one friend passes. Those among whom both
    fronts meet hear both, and are left out. Control: threshold a + 1 (which never leaves the seeds where a = r).
    """
    seeds = np.arange(reach)
    away = np.minimum(np.arange(n) - reach + 1, n - np.arange(n)).clip(0)
    lawful = np.ceil(away / (reach - threshold + 1))
    lawful[seeds] = 0

    alone = away < n // 2 - 3 * reach

    def judge(times: NDArray[np.floating]) -> Finding:
        equal = np.array_equal(times[alone], lawful[alone]) and np.isfinite(times).all()
        return Finding(bool(equal), float(lawful[alone].max()), float(times[alone].max()))

    right, control = (
        absolute_threshold(ring(n, reach), k=a, seeds=seeds, record="times").column("times")[0]
        for a in (threshold, threshold + 1)
    )
    law = Law(
        f"a complex contagion is a wave on a ring (r = {reach}, a = {threshold}, n = {n:,})", "steps round it",
        "one friend more needed", 0, 0,
    )  # fmt: skip
    scorecard.check_law(law, judge, right, control)
    stuck = absolute_threshold(ring(n, reach), k=reach + 1, seeds=seeds)
    assert stuck.reached.tolist() == [reach]


@pytest.mark.parametrize("n", sizes(2_000, 100_000))
@pytest.mark.parametrize("reach", [2, 3, 4])
def test_long_ties_are_weak(reach: int, n: int, scorecard: Scorecard) -> None:
    """A contagion of threshold 2 goes from a person and all friends round a ring, and dies on r random rings instead.

    Somebody has two or more of the s = 2 r + 1 seeds among 2 r friends with chance (2 r s / n)^2 / 2 at most, so that
    (2 r s)^2 / 2 n persons are expected to join (1.3 for r = 4 and n = 2,000), and their friends at that rate again:
    5 % of all persons are far out of reach. Control: threshold 1, which long ties only hasten, as the graph hangs
    together.
    """
    graph, rng = ring(n, reach), np.random.default_rng(reach)
    circles = [rng.permutation(n) for _ in range(reach)]
    ends = [np.concatenate(each) for each in (circles, [np.roll(circle, 1) for circle in circles])]
    random = FollowerGraph.from_links(*ends, n_persons=n, mutual=True)

    def judge(threshold: int) -> Finding:
        whole = absolute_threshold(graph, k=threshold, seeds=np.arange(2 * reach + 1)).reached[0] == n
        found = absolute_threshold(random, k=threshold, seeds=[0, *random.row(0)]).reached[0] / n
        return Finding(bool(whole and found <= 0.05), 0, float(found))

    law = Law(
        f"long ties are weak where two friends are needed (r = {reach}, n = {n:,})", "share reached on random rings",
        "a simple contagion", FALSE_ALARM, 0,
    )  # fmt: skip
    scorecard.check_law(law, judge, 2, 1)


# --- exposure curves -------------------------------------------------------------------------------------------------

MEAN = 8.0
"""Followed accounts of a person."""


class Curve(NamedTuple):
    """Chances by exposure as the model takes them, and the share of persons who are seeds."""

    chances: str
    seeds: float


def mean_field(curve: Curve) -> float:
    """Return the smallest z with z = s + (1 - s) sum_k Poisson(k; c z) (1 - S(k)), S(k) = prod (1 - p_j), j <= k.

    On a directed random graph those whom a person follows are independent of each other and of the person.
    """
    from scipy.stats import poisson

    listed = [float(word) for word in curve.chances.split()]
    count = np.arange(80)
    hazards = np.array([listed[min(k, len(listed) - 1)] for k in count])
    adopted = 1 - np.concatenate([[1.0], np.cumprod(1 - hazards)])[: count.size]
    z, before = curve.seeds, 0.0
    while z - before > 1e-12:
        z, before = curve.seeds + (1 - curve.seeds) * float(poisson.pmf(count, MEAN * z) @ adopted), z
    return z


def shares(curve: Curve, n: int, graphs: int) -> NDArray[np.float64]:
    found = []
    for seed in range(graphs):
        rng = np.random.default_rng(seed)
        m = rng.poisson(-math.log1p(-MEAN / n) * n * n)
        graph = FollowerGraph.from_links(rng.integers(n, size=m), rng.integers(n, size=m), n_persons=n)
        spread = complex_contagion(graph, chances=curve.chances, seeds=f"random:{round(curve.seeds * n)}", seed=seed)
        found.append(spread.reached[0] / n)
    return np.array(found)


@pytest.mark.parametrize("size", sizes((20_000, 24), (100_000, 60)))
@pytest.mark.parametrize(
    ("curve", "control", "deviation"),
    [
        (Curve("0.02 0.3 0.5", 0.01), Curve("0.3 0.5", 0.01), 0.4),
        (Curve("0.05 0.2 0.1", 0.02), Curve("0.2 0.1", 0.02), 1.5),
        (Curve("0.12 0.02", 0.02), Curve("0.02", 0.02), 0.9),
        (Curve("0 1", 0.007), Curve("0 0 1", 0.007), 0.15),
        (Curve("0 1", 0.012), Curve("0 0 1", 0.012), 0.15),
    ],
    ids=["reinforcing", "peaked", "saturating", "below the tipping point", "above the tipping point"],
)
def test_exposure_curves_give_the_mean_field(
    curve: Curve, control: Curve, deviation: float, size: tuple[int, int], scorecard: Scorecard
) -> None:
    """The mean share over graphs may be off by 3.29 standard errors (alarm .001) and 10 / n (the limit's bias).

    `deviation` is that of a graph's share times sqrt(n), above the ones measured, the control's among them. Control: an
    exposure too many or too few is counted. With "0 1" the smallest solution leaps from .017 to .997 at .87 % seeds.
    """
    n, graphs = size
    lawful, wrong = mean_field(curve), mean_field(control)
    allowed = mean_allowed(deviation / math.sqrt(n), graphs) + 10 / n

    def judge(found: NDArray[np.float64]) -> Finding:
        mean = float(found.mean())
        return Finding(abs(mean - lawful) <= allowed, lawful, mean, allowed)

    law = Law(
        f"exposure curve {curve.chances} gives the mean field ({curve.seeds:.1%} seeds, n = {n:,})", "share",
        "exposures miscounted by one", FALSE_ALARM,
        miss_of_mean(wrong - lawful, allowed, deviation / math.sqrt(n), graphs),
    )  # fmt: skip
    right = shares(curve, n, graphs)
    scorecard.check_law(law, judge, right, shares(control, n, graphs))
