"""The classical independent cascade is percolation: how far it goes, how often it dies out, how it ends below R = 1.

Kempe, Kleinberg & Tardos (2003) show that the persons reached are those whom successful links join to the seeds. On
directed G(n, 10/n) with the chance p = R/10 these are the out-components of G(n, R/n): their sizes are known.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special, stats

from diffusion.classic import independent_cascade
from diffusion.graphs import FollowerGraph
from laws.bounds import (
    FALSE_ALARM,
    count_bounds,
    distance_allowed,
    mean_allowed,
    miss_at_distance,
    miss_of_count,
    miss_of_mean,
)
from laws.harness import Finding, Law, Scorecard, sizes

FOLLOWERS = 10.0
Sizes = NDArray[np.int64]


def reach(reproduction: float, seeded: float = 0.0) -> float:
    """Return the positive root of z = 1 - (1 - s) exp(-R z), where a share s is active at first (Karp 1990)."""
    z = 0.9
    for _ in range(2_000):
        z = 1 - (1 - seeded) * math.exp(-reproduction * z)
    return z


@lru_cache(maxsize=2)
def random_graph(n: int, seed: int) -> FollowerGraph:
    """Directed G(n, 10/n), exactly: each link appears Poisson(-ln(1 - 10/n)) often, and repetitions are dropped."""
    rng = np.random.default_rng(seed)
    links = rng.poisson(-math.log1p(-FOLLOWERS / n) * n * n)
    return FollowerGraph.from_links(rng.integers(n, size=links), rng.integers(n, size=links), n_persons=n)


def after_success(p: float) -> float:
    """Chance per link if the one after a success were never tried: a gap that is one link too long."""
    return p / (1 + p)


def shares(n: int, graphs: int, p: float, seeds: int) -> NDArray[np.float64]:
    """Share of the persons who are reached, each time on another graph."""
    runs = (independent_cascade(random_graph(n, k), p=p, seeds=f"random:{seeds}", seed=k) for k in range(graphs))
    return np.array([run.reached[0] / n for run in runs])


@pytest.mark.parametrize(("reproduction", "known"), [(1.1, None), (1.5, 0.58281), (2.0, 0.79681), (3.0, 0.94048)])
@pytest.mark.parametrize("size", sizes((20_000, 10), (100_000, 40)))
def test_cascades_reach_the_giant_component(
    reproduction: float, known: float | None, size: tuple[int, int], scorecard: Scorecard
) -> None:
    """With a share s of seeds the share z = 1 - (1 - s) exp(-R z) is reached.

    Deviation sqrt(z (1 - z) / n) / (1 - R (1 - z)) (Martin-Lof 1986); the mean of the runs may be off by 3.29 standard
    errors (alarm .001) and by 2/n. Seeds: 1 % near R = 1, so that the limit holds at these n; else .2 %, which die out
    all of them with chance .42**40. Control: the link after a success is never tried, so that the chance per link is
    p / (1 + p); its deviation is taken twice as large.
    """
    n, graphs = size
    assert known is None or reach(reproduction) == pytest.approx(known, abs=5e-6)
    p, seeds = reproduction / FOLLOWERS, n // 100 if reproduction < 1.3 else n // 500
    z = reach(reproduction, seeds / n)
    deviation = math.sqrt(z * (1 - z) / n) / (1 - reproduction * (1 - z))
    allowed = mean_allowed(deviation, graphs) + 2 / n

    def judge(found: NDArray[np.float64]) -> Finding:
        return Finding(abs(float(found.mean()) - z) <= allowed, z, float(found.mean()))

    shift = reach(after_success(p) * FOLLOWERS, seeds / n) - z
    law = Law(
        f"cascades reach the giant component (R = {reproduction:g}, n = {n})", "reach", "no link after a success tried",
        FALSE_ALARM, miss_of_mean(shift, allowed, 2 * deviation, graphs),
    )  # fmt: skip
    scorecard.check_law(law, judge, shares(n, graphs, p, seeds), shares(n, graphs, after_success(p), seeds))


@pytest.mark.parametrize("reproduction", [1.2, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("size", sizes((20_000, 1_000), (50_000, 3_000)))
def test_one_seed_dies_out_as_a_branching_process(
    reproduction: float, size: tuple[int, int], scorecard: Scorecard
) -> None:
    """From one person a cascade dies out early with the chance q = exp(-R (1 - q)) of Galton and Watson.

    Early is: below half the giant component. Bounds: exact binomial (alarm .001). Control: all replicates reuse the
    draws of the first, from the same person, so that all of them die out or none does; the binomial bounds exclude
    both, whichever it is. The graph is drawn once, which moves the chance by O(n**-.5) of its own deviation.
    """
    n, runs = size
    graph, p, q = random_graph(n, 1), reproduction / FOLLOWERS, 1 - reach(reproduction)
    low, high = count_bounds(runs, q)
    assert 0 < low <= high < runs

    def judge(found: Sizes) -> Finding:
        died = int(np.count_nonzero(found < 0.5 * (1 - q) * n))
        return Finding(low <= died <= high, q, died / runs)

    right = independent_cascade(graph, p=p, replicates=runs, seed=3).reached
    control = np.repeat(independent_cascade(graph, p=p, replicates=1, seed=3).reached, runs)
    law = Law(
        f"one seed dies out as in a branching process (R = {reproduction:g}, n = {n})", "chance",
        "draws used again in every replicate", FALSE_ALARM, 0.0,
    )  # fmt: skip
    scorecard.check_law(law, judge, right, control)


def borel(reproduction: float) -> NDArray[np.float64]:
    """Return the distribution function of the total progeny: P(k) = exp(-R k) (R k)**(k - 1) / k!, from k = 1 on."""
    k = np.arange(1, 20_000)
    return np.asarray(
        np.cumsum(np.exp(-reproduction * k + (k - 1) * np.log(reproduction * k) - special.gammaln(k + 1)))
    )


@pytest.mark.parametrize("reproduction", [0.7, 0.8, 0.9])
@pytest.mark.parametrize("size", sizes((100_000, 25_000), (1_000_000, 80_000)))
def test_small_cascades_follow_the_borel_distribution(
    reproduction: float, size: tuple[int, int], scorecard: Scorecard
) -> None:
    """Below R = 1 sizes follow Borel (1942); Otter (1949). Distance bound: Dvoretzky, Kiefer & Wolfowitz (alarm .001).

    Two links of a cascade lead to the same person with chance E[size**2] / n or less, which is added. Control: the link
    after a success is never tried, so that the reproduction number falls to R / (1 + p).
    """
    n, runs = size
    graph, p = random_graph(n, 2), reproduction / FOLLOWERS
    wanted = borel(reproduction)
    twice = (1 / (1 - reproduction) ** 3) / n
    allowed = distance_allowed(runs) + twice

    def judge(found: Sizes) -> Finding:
        counted = np.cumsum(np.bincount(found, minlength=2)[1:]) / runs
        apart = np.abs(counted - wanted[: counted.size]).max()
        return Finding(bool(apart <= allowed), wanted[0], counted[0])

    apart = float(np.abs(borel(after_success(p) * FOLLOWERS) - wanted).max()) - twice
    law = Law(
        f"small cascades follow the Borel distribution (R = {reproduction:g}, n = {n})", "chance to stay alone",
        "no link after a success tried", FALSE_ALARM, miss_at_distance(runs, apart - twice),
    )  # fmt: skip
    right, control = (independent_cascade(graph, p=x, replicates=runs, seed=5).reached for x in (p, after_success(p)))
    scorecard.check_law(law, judge, right, control)


# --- the direction of links ------------------------------------------------------------------------------------------

MANY = 40
"""Followers of every fourth person; nobody follows the others. Everybody follows ten accounts on average."""


def few_are_followed(n: int, seed: int) -> FollowerGraph:
    """A quarter of the persons have 40 followers each, drawn from all; numbers of accounts followed are Poisson."""
    followed = np.repeat(np.arange(0, n, 4), MANY)
    return FollowerGraph.from_links(followed, np.random.default_rng(seed).integers(n, size=followed.size), n_persons=n)


def chance_to_last(p: float) -> float:
    """1 - q, where q = 3/4 + (1 - p + p q)**40 / 4: one person's chance to start a large cascade."""
    q = 0.0
    for _ in range(2_000):
        q = 0.75 + 0.25 * (1 - p + p * q) ** MANY
    return 1 - q


@pytest.mark.parametrize("p", [0.12, 0.15, 0.25])
@pytest.mark.parametrize("size", sizes((20_000, 1_000), (50_000, 3_000)))
def test_influence_flows_to_followers(p: float, size: tuple[int, int], scorecard: Scorecard) -> None:
    """Where numbers of followers vary and those of followed accounts do not, few start what reaches many.

    A cascade lasts with the chance 1 - q of the numbers of followers, while it reaches the share of those of followed
    accounts, 1 - exp(-10 p z): Newman, Strogatz & Watts (2001). Control: links reversed, which swaps the two. Exact
    binomial bounds (alarm .001).
    """
    n, runs = size
    graph, lasting, reached = few_are_followed(n, 4), chance_to_last(p), reach(FOLLOWERS * p)
    low, high = count_bounds(runs, lasting)

    def judge(found: Sizes) -> Finding:
        lasted = int(np.count_nonzero(found > 0.5 * min(lasting, reached) * n))
        return Finding(low <= lasted <= high, lasting, lasted / runs)

    right, control = (
        independent_cascade(one, p=p, replicates=runs, seed=6).reached for one in (graph, graph.reversed())
    )
    law = Law(
        f"influence flows to followers (p = {p:g}, n = {n})", "chance to last", "links reversed",
        FALSE_ALARM, miss_of_count(runs, lasting, reached),
    )  # fmt: skip
    scorecard.check_law(law, judge, right, control)
    large = right[right > 0.5 * reached * n] / n
    deviation = math.sqrt(reached * (1 - reached) / n) / (1 - FOLLOWERS * p * (1 - reached))
    # All on one graph, so that one deviation is allowed in all and not one per root of the runs.
    assert abs(large.mean() - reached) < stats.norm.isf(5e-4) * 2 * deviation


# --- the weighted cascade --------------------------------------------------------------------------------------------

FEW, MORE = 5, 20
"""Accounts that every second person follows, and that the others do; whom they follow is drawn from all."""


def two_kinds(n: int, seed: int) -> FollowerGraph:
    """Half of the persons follow 5 accounts, half 20; numbers of followers are Poisson."""
    follower = np.repeat(np.arange(n), np.where(np.arange(n) % 2, MORE, FEW))
    return FollowerGraph.from_links(np.random.default_rng(seed).integers(n, size=follower.size), follower, n_persons=n)


def weighted_reach(seeded: float, chance: float | None = None) -> tuple[float, float]:
    """Return the root z of z = 1 - (1 - s) E[(1 - z / k)**k] and the slope of the right side there.

    With a `chance`, every link has this one instead of 1 / k.
    """

    def right(z: float) -> float:
        stays = [(1 - z * (1 / k if chance is None else chance)) ** k for k in (FEW, MORE)]
        return 1 - (1 - seeded) * float(np.mean(stays))

    z = 0.9
    for _ in range(5_000):
        z = right(z)
    return z, (right(z + 1e-6) - right(z - 1e-6)) / 2e-6


def shares_of_weighted(n: int, graphs: int, seeded: float, by_sender: bool) -> NDArray[np.float64]:
    """Share of the persons who are reached, each time on another graph; the mistake is 1 / (sender's followers)."""
    found = []
    for k in range(graphs):
        graph, p = two_kinds(n, k), "weighted"
        if by_sender:
            shares = np.repeat(1 / np.maximum(graph.n_followers, 1), graph.n_followers).astype(np.float32)
            graph, p = FollowerGraph(graph.offsets, graph.followers, shares), "weights"
        found.append(independent_cascade(graph, p=p, seeds=f"random:{round(seeded * n)}", seed=k).reached[0] / n)
    return np.array(found)


@pytest.mark.parametrize("seeded", [0.02, 0.05, 0.2])
@pytest.mark.parametrize("size", sizes((30_000, 20), (100_000, 40)))
def test_a_weighted_cascade_reaches_who_follows_few_and_many(
    seeded: float, size: tuple[int, int], scorecard: Scorecard
) -> None:
    """A link leads on with one over the number of accounts k that the follower follows; s are seeds.

    Somebody stays out with the chance (1 - z / k)**k, so that z = 1 - (1 - s) E[(1 - z / k)**k]; one link per person
    leads on in the mean: with few seeds this is close to the critical point. Deviation as in percolation,
    sqrt(z (1 - z) / n) / (1 - slope); 3.29 standard errors and 2/n (alarm .001). Control: one over the number of the
    sender's followers, which makes the links of those who follow many and of those who follow few alike.
    """
    n, graphs = size
    z, slope = weighted_reach(seeded)
    deviation = math.sqrt(z * (1 - z) / n) / (1 - slope)
    allowed = mean_allowed(deviation, graphs) + 2 / n

    def judge(found: NDArray[np.float64]) -> Finding:
        return Finding(abs(float(found.mean()) - z) <= allowed, z, float(found.mean()))

    shift = weighted_reach(seeded, 1 / ((FEW + MORE) / 2))[0] - z
    law = Law(
        f"a weighted cascade goes by whom the follower follows (s = {seeded:g}, n = {n})", "reach",
        "one over the sender's followers", FALSE_ALARM, miss_of_mean(shift, allowed, 2 * deviation, graphs),
    )  # fmt: skip
    scorecard.check_law(law, judge, *(shares_of_weighted(n, graphs, seeded, wrong) for wrong in (False, True)))
