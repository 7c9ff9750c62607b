"""Computed graphs: numbers of followers are a truncated power law with a given mean, those followed nearly Poisson."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from diffusion.graphs import ImplicitGraph
from laws.bounds import FALSE_ALARM, distance_allowed, miss_at_distance
from laws.harness import Finding, Law, Scorecard, sizes

MEAN = 10.0
INTERPOLATION = 5e-4
"""Between two of the sixteen knots of an octave the quantile is a chord; no chance is further from the curve's."""
MOST = 4_000
"""Numbers of followers beyond it are judged together."""


def chance_of_at_least(k: NDArray[np.float64], n: int, exponent: float) -> NDArray[np.float64]:
    """P(floor(X + w) >= k) with X = s max(r, 1/n)^-a, a = 1/(exponent - 1); r and w uniform in (0, 1).

    The mean of X is s (n^(a - 1) + (1 - n^(a - 1)) / (1 - a)). P(X >= x) is min(1, (s / x)^(exponent - 1)) up to
    s n^a, and is averaged over w in closed form between the two bounds.
    """
    a = 1 / (exponent - 1)
    scale = MEAN / (n ** (a - 1) + (1 - n ** (a - 1)) / (1 - a))
    most = scale * n**a

    def area(x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Integral of P(X >= t) over t from 0 to x."""
        at = np.clip(x, scale, most)
        return np.asarray(
            np.minimum(x, scale) + scale / (2 - exponent) * ((at / scale) ** (2 - exponent) - 1), dtype=np.float64
        )

    return area(k) - area(k - 1)


@pytest.mark.parametrize("exponent", [2.1, 2.3, 2.7])
@pytest.mark.parametrize("n", sizes(200_000, 5_000_000))
def test_numbers_of_followers_are_a_truncated_power_law(n: int, exponent: float, scorecard: Scorecard) -> None:
    """Kolmogorov's distance of n numbers (exceeded by chance: .001), and .0005 for chords in place of the curve.

    Control: an exponent .05 higher at the same mean, of which the distance in law is computed.
    """
    k = np.arange(1.0, MOST)
    lawful, wrong = (chance_of_at_least(k, n, each) for each in (exponent, exponent + 0.05))

    def judge(graph: ImplicitGraph) -> Finding:
        counts = np.bincount(np.minimum(graph.n_followers, MOST), minlength=MOST + 1)
        found = counts[::-1].cumsum()[::-1][1:MOST] / n
        at = int(np.abs(found - lawful).argmax())
        return Finding(
            abs(found - lawful).max() <= distance_allowed(n) + INTERPOLATION, float(lawful[at]), float(found[at])
        )

    apart = float(np.abs(wrong - lawful).max()) - 2 * INTERPOLATION
    law = Law(
        f"followers of {n} computed persons have a tail k^-{exponent:g}", "share with so many at least",
        "an exponent .05 higher", FALSE_ALARM, miss_at_distance(n, apart),
    )  # fmt: skip
    right, control = ImplicitGraph(n, MEAN, exponent, 1), ImplicitGraph(n, MEAN, exponent + 0.05, 1)
    scorecard.check_law(law, judge, right, control)


@pytest.mark.parametrize("exponent", [2.1, 2.3, 2.7])
@pytest.mark.parametrize("n", sizes(100_000, 1_000_000))
def test_numbers_of_accounts_followed_are_poisson(n: int, exponent: float, scorecard: Scorecard) -> None:
    """Given the rows, everybody follows u with chance D(u) / (n - 1), independently for all u.

    The sum is Poisson but for at most sum (D / (n - 1))^2 / mean (Barbour & Hall 1984), which is computed. One row's
    followers exclude each other within its sections, which only narrows the counts (negative association). Control:
    links turned round, so that the numbers followed are the power law.
    """
    graph = ImplicitGraph(n, MEAN, exponent, 2)
    twin = graph.stored()
    mean = twin.n_links / (n - 1)
    near = float(((twin.n_followers / (n - 1)) ** 2).sum()) / mean
    lawful = stats.poisson(mean)

    def judge(counts: NDArray[np.uint32]) -> Finding:
        found = np.bincount(np.minimum(counts, 200), minlength=201).cumsum()[:200] / n
        gap = np.abs(found - lawful.cdf(np.arange(200)))
        at = int(gap.argmax())
        return Finding(gap.max() <= distance_allowed(n) + near, float(lawful.cdf(at)), float(found[at]))

    turned = 1 - chance_of_at_least(np.arange(1.0, 201.0), n, exponent)
    apart = float(np.abs(turned - lawful.cdf(np.arange(200))).max()) - near
    law = Law(
        f"persons follow Poisson numbers of accounts (tail {exponent:g}, n = {n})", "share with so many at most",
        "links turned round", FALSE_ALARM, miss_at_distance(n, apart),
    )  # fmt: skip
    scorecard.check_law(law, judge, twin.n_followed, graph.n_followers)
