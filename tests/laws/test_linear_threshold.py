"""Linear threshold is reachability over live links (Kempe, Kleinberg & Tardos 2003, theorem 4.6)."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from diffusion.classic import linear_threshold
from diffusion.classic._countdown import Workspace, weigh_down
from diffusion.classic.pushes import STATES, run_pushes
from diffusion.classic.runs import Model, checked_call
from diffusion.graphs import FollowerGraph, generate_followers
from laws.bounds import FALSE_ALARM, distance_allowed
from laws.harness import Finding, Law, Scorecard, sizes

Sizes = NDArray[np.float64]


def directed(n: int, mean: float, seed: int) -> FollowerGraph:
    rng = np.random.default_rng(seed)
    m = round(n * mean)
    return FollowerGraph.from_links(rng.integers(n, size=m), rng.integers(n, size=m), n_persons=n)


def weighing(graph: FollowerGraph, share: float) -> FollowerGraph:
    """Weights of random ratios that sum to `share` for everybody who follows anybody."""
    raw = np.random.default_rng(1).exponential(size=graph.n_links)
    sums = np.bincount(graph.followers, raw, minlength=graph.n_persons)
    return FollowerGraph(graph.offsets, graph.followers, (share * raw / sums[graph.followers]).astype(np.float32))


def kempe_weights(graph: FollowerGraph) -> NDArray[np.float64]:
    return 1 / graph.n_followed[graph.followers].astype(np.float64)


def live_links(graph: FollowerGraph, weights: NDArray[np.floating], seeds: int, runs: int) -> Sizes:
    """Everybody keeps one of their links or none, each with its weight; sizes of what random seeds then reach."""
    n, rng = graph.n_persons, np.random.default_rng(2)
    senders = np.repeat(np.arange(n), graph.n_followers)
    order = np.argsort(graph.followers, kind="stable")
    starts = np.concatenate([[0], np.cumsum(graph.n_followed)]).astype(np.int64)
    upto = np.concatenate([[0.0], np.cumsum(weights[order].astype(np.float64))])
    found = []
    for _ in range(runs):
        link = np.searchsorted(upto, upto[starts[:-1]] + rng.random(n), side="right") - 1
        kept = link < starts[1:]
        chosen = rng.choice(n, seeds, replace=False)
        source = np.where(kept, np.append(senders[order], 0)[np.where(kept, link, 0)], np.arange(n))
        source[chosen] = chosen
        for _ in range(max(1, math.ceil(math.log2(n)))):
            source = source[source]
        found.append(np.isin(source, chosen).sum())
    return np.array(found, dtype=np.float64)


def by_senders(graph: FollowerGraph, seeds: int, runs: int, seed: int) -> Sizes:
    """The mistake: a link weighs 1 / (followers of its sender)."""
    call = checked_call(graph, {"seeds": f"random:{seeds}", "replicates": runs, "seed": seed})
    wrong = np.repeat(1 / np.maximum(graph.n_followers, 1), graph.n_followers).astype(np.float32)

    def cascade(key: np.uint64, chosen: NDArray[np.uint32], work: Workspace) -> int:
        return weigh_down(graph.offsets, graph.followers, wrong, key, chosen, work)

    return run_pushes(call, Model("control", STATES, {}), cascade, np.int64).reached.astype(np.float64)


def apart(a: Sizes, b: Sizes) -> float:
    """Kolmogorov's distance between two samples."""
    at = np.union1d(a, b)
    return float(np.abs(np.searchsorted(np.sort(a), at, "right") / a.size
                        - np.searchsorted(np.sort(b), at, "right") / b.size).max())  # fmt: skip


GRAPHS: dict[str, tuple[Callable[[int], FollowerGraph], str]] = {
    "even degrees": (lambda n: directed(n, 6, seed=3), "kempe"),
    "heavy-tailed": (lambda n: generate_followers(n, mean_followers=6, seed=4), "kempe"),
    "half the weight": (lambda n: weighing(directed(n, 4, seed=5), 0.5), "weights"),
    "all the weight": (lambda n: weighing(directed(n, 4, seed=6), 1.0), "weights"),
}
"""Graph by its size, and whose weights. Everybody has as many live links as the weights sum to: where that is 1 the
model is critical, and with half the weight it is far below."""


@pytest.mark.parametrize("size", sizes((300, 4_500), (1_000, 20_000)))
@pytest.mark.parametrize("name", GRAPHS)
def test_sizes_are_those_of_reachability_over_live_links(
    name: str, size: tuple[int, int], scorecard: Scorecard
) -> None:
    """Two samples of sizes, of the model and of live links, each from n / 50 random seeds.

    Each sample is farther than distance_allowed(runs, alarm / 2) from its own distribution with chance alarm / 2, so a
    correct program's two are farther apart than twice that with chance .001 at most. Control: a link weighs 1 /
    (followers of its sender). A first sample of the control says how far apart the distributions are at least; its own
    and the test's samples are all closer to them than their share of the gap, but for the chance `miss`.
    """
    n, runs = size
    make, weights = GRAPHS[name]
    graph, seeds = make(n), n // 50
    values = kempe_weights(graph) if weights == "kempe" else np.asarray(graph.weights)
    lawful = live_links(graph, values, seeds, runs)
    allowed = 2 * distance_allowed(runs, FALSE_ALARM / 2)

    def judge(found: Sizes) -> Finding:
        distance = apart(found, lawful)
        return Finding(distance <= allowed, 0, distance, allowed)

    first = apart(by_senders(graph, seeds, runs, seed=9), lawful)
    # `first` and the judged distance differ by more than the gap only if one of two samples strays by half of it.
    miss = min(1.0, 4 * math.exp(-2 * runs * max(0.0, (first - allowed) / 2) ** 2))
    law = Law(
        f"linear threshold is reachability over live links ({name}, n = {n:,})",
        "distance of sizes", "weights by the sender's followers", FALSE_ALARM, miss,
    )  # fmt: skip
    right = linear_threshold(graph, weights=weights, seeds=f"random:{seeds}", replicates=runs, seed=7)
    scorecard.check_law(law, judge, right.reached.astype(np.float64), by_senders(graph, seeds, runs, seed=8))
