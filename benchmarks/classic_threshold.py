"""Linear threshold beside other libraries: replicates per second through each one's own interface.

    python benchmarks/run.py --only linear_threshold

Directed random graphs of mean degree 10, weights 1 / (followed accounts), one person in a hundred a seed, one thread.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np
from measurement import Row, Samples, Side, absent_peer, missing, ratio_of, side_by_side

from diffusion.classic import linear_threshold
from diffusion.graphs import FollowerGraph

DEGREE = 10
LEAST = {"PyNetIM": 5.0, "CyNetDiff": 20.0}
PACKAGES = {"PyNetIM": "pynetim", "CyNetDiff": "cynetdiff"}


def random_graph(persons: int) -> FollowerGraph:
    rng = np.random.default_rng(1)
    m = persons * DEGREE
    return FollowerGraph.from_links(rng.integers(persons, size=m), rng.integers(persons, size=m), n_persons=persons)


def of_pynetim(graph: FollowerGraph, seeds: list[int]) -> Side:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it misses torch, which nothing here uses
        from pynetim.diffusion_model.linear_threshold_model import LinearThresholdModel
        from pynetim.graph.graph import IMGraph

    senders = np.repeat(np.arange(graph.n_persons), graph.n_followers).tolist()
    weights = (1 / graph.n_followed[graph.followers]).tolist()
    links = IMGraph(list(zip(senders, graph.followers.tolist(), strict=True)), weights, directed=True, renumber=False)
    model, number = LinearThresholdModel(links, set(seeds)), iter(range(10**9))

    def run() -> float:
        model.run_monte_carlo_diffusion(4, next(number))
        return 4.0

    return Side(run)


def of_cynetdiff(graph: FollowerGraph, seeds: list[int]) -> Side:
    from cynetdiff.models import LinearThresholdModel

    model = LinearThresholdModel(array("I", graph.offsets[:-1].tolist()), array("I", graph.followers.tolist()), rng=1)
    model.set_seeds(seeds)

    def run() -> float:
        model.reset_model()
        model.advance_until_completion()
        return 1.0

    return Side(run)


def of_ours(graph: FollowerGraph, seeds: list[int], record: str = "sizes", replicates: int = 16) -> Side:
    number = iter(range(10**9))

    def run() -> float:
        linear_threshold(graph, seeds=seeds, replicates=replicates, seed=next(number), threads=1, record=record)
        return float(replicates)

    return Side(run)


PEERS: dict[str, Callable[[FollowerGraph, list[int]], Side]] = {"PyNetIM": of_pynetim, "CyNetDiff": of_cynetdiff}


def beside_others(sizes: Mapping[str, Any]) -> list[Row]:
    """Linear threshold beside PyNetIM and CyNetDiff, and what keeping times and parents costs."""
    return [row for persons in sizes["linear_threshold"] for row in _at(persons, sizes["rounds"])]


def _at(persons: int, rounds: int) -> list[Row]:
    graph = random_graph(persons)
    seeds = np.random.default_rng(2).choice(persons, persons // 100, replace=False).tolist()
    there = [name for name in PEERS if find_spec(PACKAGES[name]) is not None]
    sides = {"ours": of_ours(graph, seeds), "with parents": of_ours(graph, seeds, "parents")}
    found = side_by_side({**sides, **{name: PEERS[name](graph, seeds) for name in there}}, rounds)
    reached = linear_threshold(graph, seeds=seeds, replicates=4, record="times").column("times")
    links = float((np.isfinite(reached) @ graph.n_followers).mean())
    what = f"linear threshold, {persons:,} persons"
    rows = [_ratio(f"{what}: replicates per second over {name}'s", found, name, LEAST[name]) for name in there]
    rows += [missing(f"{what}: over {name}'s", absent_peer(PACKAGES[name])) for name in PEERS if name not in there]
    kept = ratio_of(found["with parents"].rates, found["ours"].rates).median
    beside = {
        "links followed per second [M]": links * found["ours"].rate / 1e6,
        "share reached": np.isfinite(reached).mean(),
    }
    return [*rows, Row(f"{what}: speed with times and parents over that without", kept, "×", least=0.6, beside=beside)]


def _ratio(what: str, found: Mapping[str, Samples], name: str, least: float) -> Row:
    beside = {"ours [replicates/s]": found["ours"].rate, f"{name} [replicates/s]": found[name].rate}
    return Row(what, ratio_of(found["ours"].rates, found[name].rates).median, "×", least=least, beside=beside)


ITEMS: dict[str, Callable[[Mapping[str, Any]], list[Row]]] = {"linear_threshold": beside_others}
