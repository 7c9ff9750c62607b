"""SIR and SEIR: chances of single links exactly, final sizes on random graphs, and the course of time.

With X the delay of a contact and D the infectious period, a link passes the infection on with the chance
T = P(X <= D) (its transmissibility). A person of a directed graph with Poisson numbers (mean c) of accounts followed
escapes with exp(-c T r) if the share r has had it (Kermack & McKendrick 1927); in a mutual graph with given degrees the
final size is that of bond percolation with T (Newman, Phys. Rev. E 66, 016128, 2002), whatever the law of D.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import brentq

from diffusion.classic import seir, sir
from diffusion.classic.delays import delay_of
from diffusion.graphs import FollowerGraph
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

FOLLOWED = 10.0
"""Mean number of accounts followed, in directed graphs."""


def directed(n: int, seed: int) -> FollowerGraph:
    """Links between persons drawn with replacement: Poisson degrees of mean FOLLOWED but for O(1/n)."""
    rng = np.random.default_rng(seed)
    links = rng.poisson(FOLLOWED * n)
    return FollowerGraph.from_links(rng.integers(n, size=links), rng.integers(n, size=links), n_persons=n)


def configured(degrees: tuple[int, ...], n: int, seed: int) -> FollowerGraph:
    """Configuration model: each of the degrees has the same share of persons; loops and repeated links are dropped."""
    rng = np.random.default_rng(seed)
    ends = rng.permutation(np.repeat(np.arange(n), np.resize(degrees, n)))
    half = ends.size // 2
    return FollowerGraph.from_links(ends[:half], ends[half : 2 * half], n_persons=n, mutual=True)


# --- single links ----------------------------------------------------------------------------------------------------


class Link(NamedTuple):
    """A link with its laws, its exact transmissibility, and that of the mistake."""

    asked: dict[str, Any]
    chance: float
    mistaken: float
    mistake: str


def _gamma_before_exponential(mean: float, shape: float, rate: float) -> float:
    """P(X <= D) = E exp(-rate X), the Laplace transform of a gamma law."""
    return (1 + rate * mean / shape) ** -shape


LINKS = {
    "rates": Link({"transmission": 0.5, "recovery": 1.5}, 0.25, -math.expm1(-1 / 3), "the mean for the law of D"),
    "gamma": Link(
        {"transmission": "gamma 2 4", "recovery": 0.5}, _gamma_before_exponential(2, 4, 0.5), 0.5,
        "exponential contacts of the same mean",
    ),
    "fixed": Link(
        {"transmission": 0.25, "recovery": "constant 4"}, -math.expm1(-1), 0.5, "exponential periods of the same mean"
    ),
    "weibull": Link(
        {"transmission": "weibull 1 2", "recovery": "uniform 0 2"},
        1 - math.sqrt(math.pi) / 4 * math.erf(2), -math.expm1(-1), "the mean for the law of D",
    ),
    "power": Link({"transmission": "power 1 2", "recovery": "constant 1.25"}, 0.2, 0.36, "the exponent one too high"),
    "steps": Link(
        {"transmission": 0.2, "recovery": 0.5, "time": "steps"}, 0.2 / (1 - 0.5 * 0.8), 0.5 * 0.2 / (1 - 0.5 * 0.8),
        "recovery before infection in a step",
    ),
    "rare": Link(
        {"transmission": 0.02, "recovery": 0.1, "time": "steps"}, 0.02 / (1 - 0.9 * 0.98),
        0.9 * 0.02 / (1 - 0.9 * 0.98), "recovery before infection in a step",
    ),
}  # fmt: skip


@pytest.mark.parametrize("pairs", sizes(20_000, 1_000_000), ids=["quick", "full"])
@pytest.mark.parametrize("name", LINKS)
def test_a_link_passes_it_on_with_its_transmissibility(name: str, pairs: int, scorecard: Scorecard) -> None:
    """Persons 2k infect 2k + 1 or not: a binomial count with T, exactly but for tables (2.5e-4, laws.py).

    Bounds are those of the two ends of that interval.
    """
    asked, chance, mistaken, mistake = LINKS[name]
    even = np.arange(0, 2 * pairs, 2)
    graph = FollowerGraph.from_links(even, even + 1, n_persons=2 * pairs)
    tables = 0.0 if asked.get("time") == "steps" else 2.5e-4
    low, high = count_bounds(pairs, chance - tables)[0], count_bounds(pairs, chance + tables)[1]

    def judge(count: int) -> Finding:
        return Finding(low <= count <= high, chance, count / pairs)

    found = int(sir(graph, **asked, seeds=even, seed=1).reached[0]) - pairs
    control = int(np.random.default_rng(1).binomial(pairs, mistaken))
    miss = max(miss_of_count(pairs, chance + shift, mistaken) for shift in (-tables, tables))
    law = Law(f"a link passes it on with P(X <= D) ({name}, n = {pairs:,})", "share", mistake, FALSE_ALARM, miss)
    scorecard.check_law(law, judge, found, control)


@pytest.mark.parametrize("chains", sizes(20_000, 200_000), ids=["quick", "full"])
@pytest.mark.parametrize(("contact", "latency", "recovery"), [(0.5, 1.0, 0.7), (2.0, 1.5, 1.0), (1.0, 3.0, 3.0)])
def test_generations_are_latency_and_the_earlier_of_two(
    contact: float, latency: float, recovery: float, chains: int, scorecard: Scorecard
) -> None:
    """Along 0 -> 1 -> 2, given that it comes to 2: the time after 1 is Exp(latency) + Exp(contact + recovery).

    (Contacts that come in time are early ones.) Control: contacts as if nobody recovered, Exp(contact).
    """
    first = np.arange(0, 3 * chains, 3)
    graph = FollowerGraph.from_links(np.r_[first, first + 1], np.r_[first + 1, first + 2], n_persons=3 * chains)
    found = seir(
        graph, transmission=contact, latency=latency, recovery=recovery, seeds=first, seed=2, record="times"
    ).column("times")[0].reshape(-1, 3)  # fmt: skip
    found = found[np.isfinite(found[:, 2])]
    waits = found[:, 2] - found[:, 1]
    a, b = latency, contact + recovery

    def cdf(x: NDArray[np.float64], b: float = b) -> NDArray[np.float64]:
        return np.asarray(1 - (b * np.exp(-a * x) - a * np.exp(-b * x)) / (b - a))

    def judge(sample: NDArray[np.float64]) -> Finding:
        near = distance(sample, cdf) <= distance_allowed(sample.size) + 5e-4
        return Finding(near, 1 / a + 1 / b, float(sample.mean()))

    grid = np.linspace(0, 30, 100_000)
    late = contact + 1e-6 if contact == latency else contact
    apart = float(np.abs(cdf(grid) - cdf(grid, late)).max()) - 5e-4
    rng = np.random.default_rng(3)
    control = rng.exponential(1 / latency, waits.size) + rng.exponential(1 / contact, waits.size)
    law = Law(
        f"a generation of SEIR (rates {contact:g}, {latency:g}, {recovery:g}; n = {waits.size:,})", "mean time",
        "contacts as if nobody recovered", FALSE_ALARM, miss_at_distance(waits.size, apart),
    )  # fmt: skip
    scorecard.check_law(law, judge, waits, control)


# --- final sizes -----------------------------------------------------------------------------------------------------


def final_share(reproduction: float, seeds: float) -> float:
    """Return the root of r = 1 - (1 - seeds) exp(-R r)."""
    return float(brentq(lambda r: 1 - (1 - seeds) * math.exp(-reproduction * r) - r, 1e-12, 1))


@pytest.mark.parametrize("size", sizes((10_000, 16), (50_000, 50)), ids=["quick", "full"])
@pytest.mark.parametrize("reproduction", [1.2, 2.0, 3.0])
def test_final_size_on_directed_graphs(reproduction: float, size: tuple[int, int], scorecard: Scorecard) -> None:
    """r = 1 - (1 - s) exp(-R r) with R = c T; s is the share of seeds, .004, so that no epidemic dies at once.

    The deviation is sqrt(r (1 - r) + c^2 Var(T(D)) r (1 - r)^2) / (1 - R (1 - r)) / sqrt(n) (the central limit of
    epidemics with varying periods: Martin-Lof 1986), and the bias of the limit is below 4 / n / (1 - R (1 - r))^2.
    Control: T with the mean period instead of its law, 1 - exp(-contact / recovery).
    """
    n, runs = size
    seeds = n // 250
    chance = reproduction / FOLLOWED
    contact = chance / (1 - chance)
    share = final_share(reproduction, seeds / n)
    slope = 1 - reproduction * (1 - share)
    spread = 1 - 2 / (1 + contact) + 1 / (1 + 2 * contact) - chance**2
    deviation = math.sqrt(share * (1 - share) + FOLLOWED**2 * spread * share * (1 - share) ** 2) / slope / math.sqrt(n)
    bias = 4 / n / slope**2
    allowed = mean_allowed(deviation, runs) + bias
    mistaken = final_share(-FOLLOWED * math.expm1(-contact), seeds / n)

    def judge(recovery: float | str) -> Finding:
        found = [
            sir(directed(n, k), transmission=contact, recovery=recovery, seeds=f"random:{seeds}", seed=k).reached[0]
            for k in range(runs)
        ]
        return Finding(abs(float(np.mean(found)) / n - share) <= allowed, share, float(np.mean(found)) / n)

    law = Law(
        f"final size of SIR on directed graphs (R = {reproduction:g}, n = {n:,})", "share", "the mean for the law of D",
        FALSE_ALARM, miss_of_mean(mistaken - share, allowed + bias, deviation, runs),
    )  # fmt: skip
    scorecard.check_law(law, judge, 1.0, "constant 1")


DEGREES = (1, 2, 3, 10)


def percolated(transmissibility: float, seeds: float) -> float:
    """Newman (2002), with a share of seeds: u = 1 - T (1 - (1 - s) G1(u)), size 1 - (1 - s) G0(u)."""
    mean = sum(DEGREES) / len(DEGREES)
    u = 0.0
    for _ in range(20_000):
        excess = sum(k * u ** (k - 1) for k in DEGREES) / len(DEGREES) / mean
        u = 1 - transmissibility * (1 - (1 - seeds) * excess)
    return 1 - (1 - seeds) * sum(u**k for k in DEGREES) / len(DEGREES)


THRESHOLD = sum(DEGREES) / sum(k * (k - 1) for k in DEGREES)


@pytest.mark.parametrize("size", sizes((10_000, 20), (40_000, 80)), ids=["quick", "full"])
@pytest.mark.parametrize("above", [0.8, 1.2, 1.8, 3.0])
def test_final_size_and_threshold_on_given_degrees(above: float, size: tuple[int, int], scorecard: Scorecard) -> None:
    """Final size with T = `above` T_c, T_c = <k> / <k (k - 1)> = 16 / 98, for lognormal periods and two per cent seeds.

    T = E(1 - exp(-contact D)) by quadrature. The size has an unknown deviation: it is taken from the runs (Student's
    law; three times as large for the power). What loops and repeated links change is below 3e-4 + 30 / n.
    Control: exponential periods of the same mean.
    """
    n, runs = size
    seeds = n // 50
    median, sd = 1.0, 1.8
    nodes, weights = np.polynomial.hermite_e.hermegauss(150)
    periods, weights = median * np.exp(sd * nodes), weights / weights.sum()
    wanted = above * THRESHOLD
    contact = float(brentq(lambda c: float(weights @ -np.expm1(-c * periods)) - wanted, 1e-6, 50))
    mean = median * math.exp(sd * sd / 2)
    share, mistaken = percolated(wanted, seeds / n), percolated(contact * mean / (1 + contact * mean), seeds / n)
    bias = 3e-4 + 30 / n

    def judge(recovery: str) -> Finding:
        found = np.array([
            sir(configured(DEGREES, n, k), transmission=contact, recovery=recovery, seeds=f"random:{seeds}",
                seed=k).reached[0] / n
            for k in range(runs)
        ])  # fmt: skip
        error = float(found.std(ddof=1)) / math.sqrt(runs)
        allowed = float(stats.t.isf(FALSE_ALARM / 2, runs - 1)) * error + bias
        deviations.append(float(found.std(ddof=1)))
        return Finding(abs(float(found.mean()) - share) <= allowed, share, float(found.mean()))

    deviations: list[float] = []
    judge(f"lognormal {median} {sd}")
    deviation = 3 * deviations[0]
    allowed = float(stats.t.isf(FALSE_ALARM / 2, runs - 1)) * deviation / math.sqrt(runs) + bias
    law = Law(
        f"final size of SIR on given degrees (T = {above:g} T_c, n = {n:,})", "share",
        "exponential periods of the same mean", FALSE_ALARM,
        miss_of_mean(mistaken - share, allowed, deviation, runs),
    )  # fmt: skip
    scorecard.check_law(law, judge, f"lognormal {median} {sd}", f"exponential {mean}")


# --- the course of time ----------------------------------------------------------------------------------------------


def renewal(contact: Any, recovery: Any, seeds: float, grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ever infected over time on the directed graph: a(t) = 1 - (1 - s) exp(-c (s F(t) + integral of F(t - x) da(x))).

    F(x) = P(X <= D, X <= x) is the chance that a link has passed it on x after its source was infected, here with
    both laws as distribution functions of scipy. The integral is a trapezoid over the grid, from which a(t) follows
    without iteration because F(0) = 0.
    """
    middles = (grid[1:] + grid[:-1]) / 2
    passed = np.concatenate([[0.0], np.cumsum(np.diff(contact.cdf(grid)) * recovery.sf(middles))])
    ever = np.empty(grid.size)
    ever[0] = seeds
    for k in range(1, grid.size):
        steps = np.diff(ever[:k])
        lags = (passed[k : k - steps.size : -1] + passed[k - 1 : k - steps.size - 1 : -1]) / 2 if steps.size else []
        ever[k] = 1 - (1 - seeds) * math.exp(-FOLLOWED * (seeds * passed[k] + float(np.dot(lags, steps))))
    return ever


COURSES = {
    "gamma, lognormal": ("gamma 4 3", "lognormal 1.5 0.5", stats.gamma(3, scale=4 / 3), stats.lognorm(0.5, scale=1.5)),
    "weibull, weibull": (
        "weibull 6 1.5",
        "weibull 2 3",
        stats.weibull_min(1.5, scale=6),
        stats.weibull_min(3, scale=2),
    ),
    "rates, near criticality": ("exponential 7.5", "exponential 1", stats.expon(scale=7.5), stats.expon(scale=1)),
}


@pytest.mark.parametrize("size", sizes((10_000, 20), (50_000, 60)), ids=["quick", "full"])
@pytest.mark.parametrize("name", COURSES)
def test_the_course_of_time_follows_the_renewal_equation(
    name: str, size: tuple[int, int], scorecard: Scorecard
) -> None:
    """Share ever infected when the equation says half of the final one, mean of the runs; seeds are one per cent.

    The deviation is taken from the runs (Student's law; twice as large for the power); the grid's error and the finite
    graph's are below 2e-4 + 20 / n. Control: exponential delays of the same means (for the rates: contacts of half the
    spread, gamma with shape 4).
    """
    (n, runs), (contact, recovery, x, d) = size, COURSES[name]
    seeds = 0.01
    grid = np.linspace(0, 40, 2_001)
    ever = renewal(x, d, seeds, grid)
    at = int(np.searchsorted(ever, ever[-1] / 2))
    mistaken = ("gamma 7.5 4", recovery) if "rates" in name else (f"exponential {x.mean()}", f"exponential {d.mean()}")
    wrong_x = stats.gamma(4, scale=7.5 / 4) if "rates" in name else stats.expon(scale=x.mean())
    wrong = renewal(wrong_x, d if "rates" in name else stats.expon(scale=d.mean()), seeds, grid)[at]
    deviations = []
    bias = 2e-4 + 20 / n

    def judge(laws: tuple[str, str]) -> Finding:
        found = np.array([
            float(np.mean(sir(directed(n, k), transmission=laws[0], recovery=laws[1], seeds=f"random:{n // 100}",
                              seed=k, horizon=float(grid[at])).reached)) / n
            for k in range(runs)
        ])  # fmt: skip
        deviations.append(float(found.std(ddof=1)))
        allowed = float(stats.t.isf(FALSE_ALARM / 2, runs - 1)) * deviations[-1] / math.sqrt(runs) + bias
        return Finding(abs(float(found.mean()) - ever[at]) <= allowed, float(ever[at]), float(found.mean()))

    judge((contact, recovery))
    deviation = 2 * deviations[0]
    allowed = float(stats.t.isf(FALSE_ALARM / 2, runs - 1)) * deviation / math.sqrt(runs) + bias
    law = Law(
        f"renewal equation of SIR ({name}; n = {n:,})", f"share at {grid[at]:.2f}",
        "less varied contacts" if "rates" in name else "exponential delays", FALSE_ALARM,
        miss_of_mean(wrong - ever[at], allowed, deviation, runs),
    )  # fmt: skip
    scorecard.check_law(law, judge, (contact, recovery), mistaken)


@pytest.mark.parametrize("text", ["gamma 2 3", "weibull 2 0.7", "lognormal 2 0.5", "power 1 2.5", "uniform 1 3"])
def test_tables_are_their_laws(text: str) -> None:
    """Every knot of a table is the quantile of scipy's law."""
    name, first, second = text.split()
    a, b = float(first), float(second)
    laws = {
        "gamma": stats.gamma(b, scale=a / b), "weibull": stats.weibull_min(b, scale=a),
        "lognormal": stats.lognorm(b, scale=a), "power": stats.pareto(b - 1, scale=a),
        "uniform": stats.uniform(a, b - a),
    }  # fmt: skip
    table = delay_of("t", text, is_discrete=False).table.reshape(2, 24, 17)
    tail = 2.0 ** -(np.arange(24)[:, None] + 2) * (1 + np.arange(17) / 16)
    assert table[0] == pytest.approx(laws[name].ppf(tail), rel=1e-9)
    assert table[1] == pytest.approx(laws[name].isf(tail), rel=1e-9)
