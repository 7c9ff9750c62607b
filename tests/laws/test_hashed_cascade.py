"""The cascade on computed graphs is percolation on them: how far it goes, how often it dies out, and its stored rival.

Numbers of accounts followed are Poisson and those of followers a power law, independent of them: a cascade that lasts
reaches z = 1 - exp(-R z), and one person's dies out with the chance q = G(1 - p + p q), G generating the numbers of
followers (Newman, Strogatz & Watts 2001).
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from diffusion.classic import hashed_cascade, independent_cascade
from diffusion.graphs import FollowerGraph, ImplicitGraph
from laws.bounds import FALSE_ALARM, count_bounds, mean_allowed, miss_of_count, miss_of_mean
from laws.harness import Finding, Law, Scorecard, sizes

FOLLOWERS = 10.0
Sizes = NDArray[np.int64]


def reach(reproduction: float, seeded: float) -> float:
    """Return the positive root of z = 1 - (1 - s) exp(-R z), where a share s is active at first."""
    z = 0.9
    for _ in range(2_000):
        z = 1 - (1 - seeded) * math.exp(-reproduction * z)
    return z


def after_success(p: float) -> float:
    """Chance per link if the one after a success were never tried: a gap that is one link too long."""
    return p / (1 + p)


def deviation(z: float, p: float, graph: ImplicitGraph) -> float:
    """Standard deviation of the share: that of Martin-Lof (1986), with numbers of followers D that vary.

    Of the exposures of a person, p sum(D of the reached) / n, the reached vary in number and in their D:
    sqrt(z (1 - z) / n (1 + ((1 - z) p)^2 var D)) / (1 - R (1 - z)).
    """
    spread = 1 + ((1 - z) * p) ** 2 * float(graph.n_followers.var())
    mean = p * graph.n_links / graph.n_persons
    return math.sqrt(z * (1 - z) / graph.n_persons * spread) / (1 - mean * (1 - z))


@pytest.mark.parametrize(("reproduction", "exponent"), [(1.1, 3.0), (1.5, 2.5), (2.0, 2.3), (3.0, 2.3)])
@pytest.mark.parametrize("size", sizes((50_000, 10), (200_000, 20)))
def test_cascades_on_computed_graphs_reach_the_giant_component(
    reproduction: float, exponent: float, size: tuple[int, int], scorecard: Scorecard
) -> None:
    """Every replicate is on a graph of its own, whose own mean number of followers makes its R.

    Seeds: 1 % near R = 1, so that the limit holds at these n; else .2 %. The mean of the differences may be off by 3.29
    standard errors (alarm .001) and by 2/n. Control: the link after a success is never tried, so that the chance per
    link is p / (1 + p); its deviation is taken twice as large.
    """
    n, runs = size
    p, seeds = reproduction / FOLLOWERS, n // 100 if reproduction < 1.3 else n // 500
    graphs = [ImplicitGraph(n, FOLLOWERS, exponent, k) for k in range(runs)]
    lawful, slower = (
        np.array([reach(x * graph.n_links / n, seeds / n) for graph in graphs]) for x in (p, after_success(p))
    )
    wide = max(deviation(z, p, graph) for z, graph in zip(lawful, graphs, strict=True))
    allowed = mean_allowed(wide, runs) + 2 / n

    def shares(chance: float) -> NDArray[np.float64]:
        ran = (hashed_cascade(graph, p=chance, seeds=f"random:{seeds}", seed=k) for k, graph in enumerate(graphs))
        return np.array([run.reached[0] / n for run in ran])

    def judge(found: NDArray[np.float64]) -> Finding:
        return Finding(abs(float((found - lawful).mean())) <= allowed, float(lawful.mean()), float(found.mean()))

    shift = float((slower - lawful).mean())
    law = Law(
        f"cascades on computed graphs reach the giant component (R = {reproduction:g}, n = {n})", "reach",
        "no link after a success tried", FALSE_ALARM, miss_of_mean(shift, allowed, 2 * wide, runs),
    )  # fmt: skip
    scorecard.check_law(law, judge, shares(p), shares(after_success(p)))


@pytest.mark.parametrize(("reproduction", "exponent"), [(1.2, 2.7), (1.5, 2.5), (2.0, 2.3), (3.0, 2.3)])
@pytest.mark.parametrize("size", sizes((20_000, 300), (50_000, 600)))
def test_popular_persons_make_cascades_die_out(
    reproduction: float, exponent: float, size: tuple[int, int], scorecard: Scorecard
) -> None:
    """From one person a cascade dies out early with the chance q = G(1 - p + p q), G of this very graph.

    Early is: below a third of the giant component; cascades that last so far end earlier with a chance of no account.
    Bounds: exact binomial (alarm .001). Control: links turned round, with which q is that of Poisson numbers, 1 - z.
    """
    n, runs = size
    graph, p = ImplicitGraph(n, FOLLOWERS, exponent, 5), reproduction / FOLLOWERS
    followers, counts = np.unique(graph.n_followers, return_counts=True)
    q = 0.0
    for _ in range(3_000):
        q = float((1 - p + p * q) ** followers @ counts) / n
    z = reach(p * graph.n_links / n, 0.0)
    low, high = count_bounds(runs, q)

    def judge(found: Sizes) -> Finding:
        died = int(np.count_nonzero(found < z / 3 * n))
        return Finding(low <= died <= high, q, died / runs)

    right = hashed_cascade(graph, p=p, replicates=runs, seed=3).reached
    control = hashed_cascade(graph.stored().reversed(), p=p, replicates=runs, seed=3).reached
    law = Law(
        f"a cascade on a computed graph dies out as a branching process (R = {reproduction:g}, n = {n})", "chance",
        "links turned round", FALSE_ALARM, miss_of_count(runs, q, 1 - z),
    )  # fmt: skip
    scorecard.check_law(law, judge, right, control)


@pytest.mark.parametrize("reproduction", [0.8, 1.0, 1.5])
@pytest.mark.parametrize("size", sizes((400, 10_000), (4_000, 30_000)))
def test_both_cascades_have_one_law(reproduction: float, size: tuple[int, int], scorecard: Scorecard) -> None:
    """Sizes on one graph with draws by person and with draws along the queue: two samples of one distribution.

    Bound: Smirnov's limit of the distance of two samples, sqrt(ln(2 / alarm) / runs) (alarm .001, less for ties).
    Control: the last follower of a row is never tried. One person's chance to stay alone is then E (1 - p)^(D - 1) and
    not E (1 - p)^D, and the difference of two shares has a deviation of sqrt(1 / (2 runs)) or less.
    """
    n, runs = size
    graph, p = ImplicitGraph(n, FOLLOWERS, 2.3, 7), reproduction / FOLLOWERS
    allowed, twin = math.sqrt(math.log(2 / FALSE_ALARM) / runs), graph.stored()
    theirs = counted(independent_cascade(twin, p=p, replicates=runs, seed=1).reached, n)

    def judge(found: Sizes) -> Finding:
        ours = counted(found, n)
        at = int(np.abs(ours - theirs).argmax())
        return Finding(abs(ours[at] - theirs[at]) <= allowed, float(theirs[at]), float(ours[at]))

    alone = (1 - p) ** graph.n_followers.astype(np.float64)
    shift = float((alone / (1 - p) - alone).mean())
    law = Law(
        f"draws by person and along the queue have one law (R = {reproduction:g}, n = {n})", "share of small sizes",
        "the last follower never tried", FALSE_ALARM, miss_of_mean(shift, allowed, math.sqrt(0.5), runs),
    )  # fmt: skip
    right, control = (
        hashed_cascade(one, p=p, replicates=runs, seed=2).reached for one in (graph, without_the_last(twin))
    )
    scorecard.check_law(law, judge, right, control)


def counted(found: Sizes, n: int) -> NDArray[np.float64]:
    """Share of sizes up to each number."""
    return np.asarray(np.bincount(found, minlength=n + 1).cumsum() / found.size)


def without_the_last(graph: FollowerGraph) -> FollowerGraph:
    """Leave the last follower of every row out; everybody has some."""
    offsets = graph.offsets - np.arange(graph.n_persons + 1)
    return FollowerGraph(offsets, np.delete(graph.followers, graph.offsets[1:] - 1))
