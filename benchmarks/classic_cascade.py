"""The independent cascade beside other libraries, numpy and C, and the shapes of trees beside networkx.

    python benchmarks/run.py --only cascade_sizes cascade_records cascade_chances cascade_threads cascade_ndlib trees

One thread, from ten random persons, on directed random graphs of mean degree 10 at p = .2 (80 % are reached) and on
heavy-tailed ones at p = .15. Rates count traversed links: followers of everybody who became active. Peers are timed on
cascades alone, with graphs in their own form already; ours through the public function.
"""

from __future__ import annotations

import os
import time
from array import array
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib.util import find_spec
from itertools import count
from typing import Any

import numpy as np
from cascade_c import in_c
from measurement import Row, Samples, Side, absent_peer, missing, ratio_of, resident_mib, side_by_side
from numpy.typing import NDArray

from diffusion.classic import independent_cascade
from diffusion.graphs import FollowerGraph, generate_followers

SEEDS = 10
MEAN = 10
Sizes = Mapping[str, Any]


def even(n: int, weighted: bool = False) -> FollowerGraph:
    """Directed random graph; weights of mean .2."""
    rng = np.random.default_rng(1)
    followed, follower = rng.integers(n, size=(2, MEAN * n), dtype=np.uint32)
    weights = 0.4 * rng.random(MEAN * n) if weighted else None
    return FollowerGraph.from_links(followed, follower, weights=weights, n_persons=n)


GRAPHS: dict[str, tuple[Callable[[int], FollowerGraph], float]] = {
    "even": (even, 0.2),
    "heavy-tailed": (lambda n: generate_followers(n, mean_followers=MEAN, seed=1), 0.15),
}


def ours(graph: FollowerGraph, replicates: int, **asked: Any) -> Side:
    """Return an ensemble of ours, from other persons each time; its amount of work is persons reached."""
    seeds = count()

    def run() -> float:
        found = independent_cascade(
            graph, seeds=f"random:{SEEDS}", replicates=replicates, seed=next(seeds), **({"threads": 1} | asked)
        )
        return float(found.reached.sum())

    return Side(run)


def links_per_person(graph: FollowerGraph, p: float) -> float:
    """Followers of a person who became active, in the mean."""
    found = independent_cascade(graph, p=p, seeds=f"random:{SEEDS}", replicates=2, record="times")
    active = np.isfinite(found.column("times"))
    return float((active @ graph.n_followers.astype(np.float64)).sum() / active.sum())


# --- others ----------------------------------------------------------------------------------------------------------


def drawn_seeds(n: int) -> Iterator[NDArray[np.int64]]:
    """Ten persons, others each time."""
    rng = np.random.default_rng(2)
    while True:
        yield rng.choice(n, SEEDS, replace=False)


def numpy_levels(graph: FollowerGraph, p: float) -> Side:
    """Level by level: all links of those who became active, one draw each, and who is new."""
    offsets, followers, rng = graph.offsets, graph.followers, np.random.default_rng(3)
    degrees, seeds = np.diff(offsets), drawn_seeds(graph.n_persons)

    def run() -> float:
        active = np.zeros(graph.n_persons, bool)
        front = next(seeds)
        active[front] = True
        while front.size:
            widths = degrees[front]
            ends = np.cumsum(widths)
            tried = np.flatnonzero(rng.random(ends[-1], dtype=np.float32) < p)
            row = np.searchsorted(ends, tried, side="right")
            hit = followers[tried - (ends - widths)[row] + offsets[front[row]]]
            front = np.unique(hit[~active[hit]])
            active[front] = True
        return float(active.sum())

    return Side(run)


def cynetdiff(graph: FollowerGraph, p: float) -> Side | None:
    """CyNetDiff's model on the same rows."""
    if find_spec("cynetdiff") is None:
        return None
    from cynetdiff.models import IndependentCascadeModel

    starts = array("I", graph.offsets[:-1].astype(np.uint32).tobytes())
    edges = array("I", graph.followers.tobytes())
    model, seeds = IndependentCascadeModel(starts, edges, activation_prob=p, rng=1), drawn_seeds(graph.n_persons)

    def run() -> float:
        model.set_seeds(next(seeds).tolist())
        model.advance_until_completion()
        return float(model.get_num_activated_nodes())

    return Side(run)


def pynetim(graph: FollowerGraph, p: float) -> Side | None:
    """PyNetIM's model; above 12 million links its graph, made of Python tuples, takes too much memory."""
    if find_spec("pynetim") is None or graph.n_links > 12_000_000:
        return None
    from pynetim.diffusion_model.independent_cascade_model import IndependentCascadeModel
    from pynetim.graph.graph import IMGraph

    senders = np.repeat(np.arange(graph.n_persons), graph.n_followers).tolist()
    network = IMGraph(list(zip(senders, graph.followers.tolist(), strict=True)), p, directed=True, renumber=False)
    seeds, numbers = drawn_seeds(graph.n_persons), count()
    model = IndependentCascadeModel(network, set(next(seeds).tolist()))

    def run() -> float:
        model.set_seeds(set(next(seeds).tolist()))
        return float(model.run_single_simulation(next(numbers)))

    return Side(run)


OTHERS = {"numpy, by levels": numpy_levels, "CyNetDiff": cynetdiff, "PyNetIM": pynetim}


# --- items -----------------------------------------------------------------------------------------------------------


def rates(found: Mapping[str, Samples], links: float) -> dict[str, Any]:
    """Return traversed links of each side, in millions per second, with the memory of the process and the load."""
    shown: dict[str, Any] = {f"{side} [M links/s]": samples.rate * links / 1e6 for side, samples in found.items()}
    return shown | {"memory with all sides [MiB]": resident_mib("VmRSS"), "load": os.getloadavg()[0]}


def per_person(samples: Samples) -> list[float]:
    """Seconds per person reached, round by round."""
    return [1 / rate for rate in samples.rates]


def cascade_sizes(sizes: Sizes) -> list[Row]:
    """Sizes of cascades beside the fastest other library, numpy and C."""
    rows = []
    for n, replicates, least, least_c in sizes["cascade_sizes"]:
        for name, (make, p) in GRAPHS.items():
            if n > 1_000_000 and name != "even":
                continue
            graph = make(n)
            sides = {"ours": ours(graph, replicates, p=p)}
            sides |= {peer: side for peer, build in OTHERS.items() if (side := build(graph, p)) is not None}
            compiled = in_c(graph, p, drawn_seeds(n))
            sides |= {} if compiled is None else {"C": compiled}
            found = side_by_side(sides, sizes["rounds"] if n <= 1_000_000 else 2)
            beside = rates(found, links_per_person(graph, p))
            fastest = max((peer for peer in sides if peer not in ("ours", "C")), key=lambda peer: found[peer].rate)
            what = f"{n:,} persons, {name}, p = {p}"
            ratio = ratio_of(per_person(found[fastest]), per_person(found["ours"]))
            wanted = least if name == "even" else None
            over = f"cascades over {fastest}, the fastest other, {what}"
            rows.append(Row(over, ratio.median, "×", wanted, beside=beside))
            if compiled is None:
                rows.append(missing(f"cascades over C, {what}", "no C compiler (gcc or cc) is there"))
                continue
            ratio = ratio_of(per_person(found["C"]), per_person(found["ours"]))
            rows.append(Row(f"cascades over C, {what}", ratio.median, "×", least_c if name == "even" else None))
    return rows


def compared(graph: FollowerGraph, sides: Mapping[str, Side], sizes: Sizes, what: str, **least: float) -> list[Row]:
    """Return a row for each side but the first: its rate over the first one's."""
    found = side_by_side(sides, sizes["rounds"])
    first, *others = found
    beside = rates(found, links_per_person(graph, 0.2))
    return [
        Row(
            f"{side} over {first}, {what}", ratio_of(per_person(found[first]), per_person(found[side])).median, "×",
            least.get("least"), beside=beside,
        )
        for side in others
    ]  # fmt: skip


def cascade_records(sizes: Sizes) -> list[Row]:
    """What it costs to keep when everybody became active, and from whom."""
    rows = []
    for n, replicates in sizes["cascade_records"]:
        graph = even(n)
        sides = {record: ours(graph, replicates, p=0.2, record=record) for record in ("sizes", "times", "parents")}
        rows += compared(graph, sides, sizes, f"{n:,} persons", least=0.6)
    return rows


def cascade_chances(sizes: Sizes) -> list[Row]:
    """What it costs that every link has a chance of its own."""
    rows = []
    for (n, replicates), least in zip(sizes["cascade_records"], (0.38, 0.35), strict=False):
        graph = even(n, weighted=True)
        asked = {"one chance": 0.2, "weights of links": "weights", "trivalency": "trivalency 0.4 0.15 0.05"}
        sides = {name: ours(graph, replicates, p=p) for name, p in asked.items()}
        rows += compared(graph, sides, sizes, f"{n:,} persons", least=least)
    return rows


def cascade_threads(sizes: Sizes) -> list[Row]:
    """An ensemble on two threads over one."""
    n, replicates = sizes["cascade_threads"]
    graph = even(n)
    sides = {f"{threads} threads": ours(graph, replicates, p=0.2, threads=threads) for threads in (1, 2)}
    return compared(graph, sides, sizes, f"{n:,} persons, {replicates} replicates", least=1.9)


def cascade_ndlib(sizes: Sizes) -> list[Row]:
    """Ours over NDlib, one cascade of which is timed."""
    n = sizes["cascade_ndlib"]
    if find_spec("ndlib") is None:
        return [missing("cascades over NDlib", absent_peer("ndlib"))]
    import ndlib.models.ModelConfig as configuration
    import networkx as nx
    from ndlib.models.epidemics import IndependentCascadesModel

    graph, p = even(n), 0.2
    senders = np.repeat(np.arange(n), graph.n_followers).tolist()
    network = nx.DiGraph(list(zip(senders, graph.followers.tolist(), strict=True)))
    seeds, config = next(drawn_seeds(n)).tolist(), configuration.Configuration()
    config.add_model_initial_configuration("Infected", [person for person in seeds if person in network])
    for link in network.edges:
        config.add_edge_configuration("threshold", link, p)
    model = IndependentCascadesModel(network, seed=1)
    model.set_initial_status(config)
    start = time.perf_counter()
    while model.iteration(node_status=False)["node_count"][1]:
        pass
    seconds = time.perf_counter() - start
    reached = sum(status != 0 for status in model.status.values())
    rate = side_by_side({"ours": ours(graph, 20, p=p)}, sizes["rounds"])["ours"].rate
    beside = {"NDlib [s a cascade]": seconds, "reached there": reached, "memory [MiB]": resident_mib("VmRSS")}
    return [Row(f"cascades over NDlib, {n:,} persons", rate / (reached / seconds), "×", 1000, beside=beside)]


def trees(sizes: Sizes) -> list[Row]:
    """Size, depth, breadth and structural virality of trees over networkx's, and how their time grows."""
    import networkx as nx

    from diffusion.measures import cascades, forest

    large, small = sizes["trees"]

    def grown(n: int) -> NDArray[np.int64]:
        """Every node hangs on an earlier one: depths grow as the logarithm."""
        drawn = np.random.default_rng(1).random(n)
        return np.concatenate([[-1], (drawn[1:] * np.arange(1, n)).astype(np.int64)])

    def measured(parent: NDArray[np.int64]) -> float:
        cascades(forest(parent))
        return float(parent.size)

    def by_networkx(parent: NDArray[np.int64]) -> float:
        tree = nx.Graph(enumerate(parent[1:].tolist(), 1))
        nx.average_shortest_path_length(tree)
        depths = np.bincount(list(nx.single_source_shortest_path_length(tree, 0).values()))
        assert depths.max() <= parent.size
        return float(parent.size)

    parents = {n: grown(n) for n in (small, large // 10, large)}
    sides = {f"{n:,} nodes": Side(partial(measured, parent)) for n, parent in parents.items()}
    sides["networkx"] = Side(partial(by_networkx, parents[small]))
    found = side_by_side(sides, sizes["rounds"])
    beside = {f"{side} [M nodes/s]": samples.rate / 1e6 for side, samples in found.items()}
    beside["memory [MiB]"] = resident_mib("VmRSS")
    few, tenth, all_, _ = (per_person(samples) for samples in found.values())
    return [
        Row(f"shapes of trees over networkx, {small:,} nodes", ratio_of(per_person(found["networkx"]), few).median,
            "×", 50, beside=beside),
        Row(f"time per node, {large:,} over {large // 10:,} nodes", ratio_of(all_, tenth).median, "×", most=2.5),
    ]  # fmt: skip


ITEMS: dict[str, Callable[[Sizes], list[Row]]] = {
    "cascade_sizes": cascade_sizes,
    "cascade_records": cascade_records,
    "cascade_chances": cascade_chances,
    "cascade_threads": cascade_threads,
    "cascade_ndlib": cascade_ndlib,
    "trees": trees,
}
