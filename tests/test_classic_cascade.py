"""The independent cascade and its chances: small graphs by hand, a twin in plain Python, one line for every mistake."""

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from diffusion.classic import independent_cascade
from diffusion.classic._gaps import draw_gaps, gaps_at
from diffusion.classic.chances import trials_of
from diffusion.classic.seeds import seeding
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph, generate_followers, path_graph, star_graph
from diffusion.randomness import start_key
from diffusion.vocabulary import Purpose
from reference.classic_cascade import cascade, class_of

STAR = star_graph(10_001)


def weighted_graph(n: int = 60, seed: int = 1, most: float = 0.4) -> FollowerGraph:
    rng = np.random.default_rng(seed)
    links = rng.integers(n, size=(2, 8 * n))
    return FollowerGraph.from_links(*links, weights=most * rng.random(8 * n), n_persons=n)


def rows_of(graph: FollowerGraph) -> list[list[int]]:
    return [graph.row(k).tolist() for k in range(graph.n_persons)]


# --- event for event -------------------------------------------------------------------------------------------------

CHANCES: list[float | str] = [0.0, 0.001, 0.02, 0.15, 0.3, 0.7, 1.0, "weights", "weighted", "trivalency",
                              "trivalency 0.4 0.3 0.05", "trivalency 0 0.9 1"]  # fmt: skip


@pytest.mark.parametrize("p", CHANCES)
def test_cascades_are_those_of_the_twin(p: float | str) -> None:
    graph, seed = weighted_graph(), 3
    found = independent_cascade(graph, p=p, seeds="random:4", replicates=6, seed=seed, record="parents", threads=1)
    trials = trials_of(graph, p, seed)
    values = trials.chances.values.tolist()
    chance: Any = {
        "weights": lambda link, person, follower: values[link],
        "weighted": lambda link, person, follower: values[follower],
        "trivalency": class_of(values, seed),
    }.get(str(p).partition(" ")[0], p)
    seeds = seeding(graph, "random:4")
    for k in range(6):
        key = start_key(seed, k, Purpose.CONTAGION)
        twin = cascade(rows_of(graph), seeds.draw(seed, k).tolist(), key, chance, trials.chances.highest)
        times, parents = found.column("times")[k], found.column("parents")[k].astype(np.int32)
        assert {i: t for i, t in enumerate(times.tolist()) if t < np.inf} == twin.times
        assert {i: source for i, source in enumerate(parents.tolist()) if source >= 0} == twin.parents


def test_gaps_are_the_same_without_compilation() -> None:
    for p in (0.003, 0.2, 1.0):
        gaps = gaps_at(p, 10_000)
        compiled, plain = (np.zeros(256, np.uint64) for _ in range(2))
        with np.errstate(over="ignore"):
            counts = (
                draw_gaps(gaps, np.uint64(7), np.uint64(5), compiled),
                draw_gaps.py_func(gaps, np.uint64(7), np.uint64(5), plain),
            )
        assert counts[0] == counts[1] and np.array_equal(compiled, plain)


WITHOUT_NUMBA = """
import numpy as np
np.seterr(over="ignore")
from diffusion.classic import independent_cascade
from diffusion.graphs import path_graph
for p in (0.9, "weighted", "trivalency 0.9 0.8 1"):
    found = independent_cascade(path_graph(60), p=p, seeds=[0], replicates=3, seed=2, record="parents", threads=1)
    print(found.reached.tolist(), found.lasted.tolist(), int(found.parents.sum()), found.times[:, :5].tolist())
"""


def test_cascades_are_the_same_without_compilation() -> None:
    command = [sys.executable, "-c", WITHOUT_NUMBA]
    compiled, plain = (
        subprocess.run(
            command, env={**os.environ, "NUMBA_DISABLE_JIT": off}, capture_output=True, text=True, check=True
        )
        for off in ("0", "1")
    )
    assert compiled.stdout == plain.stdout and compiled.stdout.count("\n") == 3


# --- chances ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [0.0004, 0.01, 0.2, 0.5, 0.9])
def test_gaps_have_the_mean_of_their_law(p: float) -> None:
    stored = np.zeros(256, np.uint64)
    gaps, count, drawn = gaps_at(p, 10**9), np.uint64(0), []
    for _ in range(400):
        count = draw_gaps(gaps, np.uint64(11), count, stored)
        drawn += stored.tolist()
    # Four standard errors: a correct program fails for 1 seed in 15,000.
    assert abs(np.mean(drawn) - (1 - p) / p) < 4 * np.sqrt(1 - p) / p / np.sqrt(len(drawn))
    alone = np.mean(np.array(drawn) == 0)
    assert abs(alone - p) < 4 * np.sqrt(p * (1 - p) / len(drawn))


@pytest.mark.parametrize("weights", [(0.1, 0.1), (0.1, 0.4), (0.3, 0.9), (0.0, 0.5)])
def test_each_link_succeeds_with_its_own_chance(weights: tuple[float, float]) -> None:
    given = np.tile(weights, 5_000)
    graph = FollowerGraph.from_links(np.zeros(10_000, int), np.arange(1, 10_001), weights=given, n_persons=10_001)
    found = independent_cascade(graph, p="weights", seeds=[0], replicates=20, seed=1, record="times")
    active = np.isfinite(found.column("times"))[:, 1:]
    for parity, weight in enumerate(weights):
        share = active[:, parity::2].mean()
        assert abs(share - weight) <= 4.5 * np.sqrt(weight * (1 - weight) / 1e5)


def test_the_weighted_cascade_goes_by_whom_the_follower_follows() -> None:
    # 0 has 4,000 followers; the first half follow 1 and 2 as well.
    half, all_ = np.arange(3, 2_003), np.arange(3, 4_003)
    followed = np.concatenate([np.zeros(4_000, int), np.ones(2_000, int), np.full(2_000, 2)])
    graph = FollowerGraph.from_links(followed, np.concatenate([all_, half, half]), n_persons=4_003)
    found = independent_cascade(graph, p="weighted", seeds=[0], replicates=20, seed=1, record="times")
    active = np.isfinite(found.column("times"))
    assert active[:, 2_003:].all()
    assert abs(active[:, 3:2_003].mean() - 1 / 3) < 4.5 * np.sqrt(2 / 9 / 40_000)


def test_trivalency_is_drawn_once_for_all_replicates() -> None:
    found = independent_cascade(STAR, p="trivalency 0 0 1", seeds=[0], replicates=3, seed=1, record="times")
    active = np.isfinite(found.column("times"))
    assert (active == active[0]).all() and abs(active[0].mean() - 1 / 3) < 4.5 * np.sqrt(2 / 9 / 10_000)
    other = independent_cascade(STAR, p="trivalency 0 0 1", seeds=[0], seed=2, record="times")
    assert not np.array_equal(active[0], np.isfinite(other.column("times")[0]))
    usual = independent_cascade(STAR, p="trivalency", seeds=[0], replicates=30, seed=1).reached
    assert abs(usual.mean() / 10_000 - 0.037) < 4.5 * np.sqrt(0.037 * 0.963 / 10_000)
    assert np.unique(usual).size > 5


@pytest.mark.parametrize("p", [0.12, "weights", "weighted", "trivalency 0.3 0.2 0.1"])
def test_results_depend_on_neither_threads_nor_record(p: float | str) -> None:
    graph = weighted_graph(3_000, most=0.3)
    runs = [
        independent_cascade(graph, p=p, seeds="random:5", replicates=20, seed=5, threads=threads, record=record)
        for threads, record in ((1, "sizes"), (2, "curves"), (2, "times"), (2, "parents"))
    ]
    assert all(np.array_equal(runs[0].reached, run.reached) for run in runs)
    assert np.array_equal(runs[2].column("times"), runs[3].column("times"))
    parents, times = runs[3].column("parents"), runs[3].column("times")
    for k in range(20):
        led = np.flatnonzero((times[k] > 0) & np.isfinite(times[k]))
        sources: NDArray[np.uint32] = parents[k][led]
        assert (times[k][sources] == times[k][led] - 1).all()
        assert all(i in graph.row(int(source)) for i, source in zip(led[:50], sources[:50], strict=True))


def test_a_graph_without_links_ends_at_its_seeds() -> None:
    graph = FollowerGraph(np.zeros(6, np.int64), np.empty(0, np.uint32))
    for p in (0.0, 0.5, 1.0, "weighted", "trivalency"):
        found = independent_cascade(graph, p=p, seeds="random:2", replicates=3, record="parents")
        assert found.reached.tolist() == [2, 2, 2] and found.lasted.tolist() == [0, 0, 0]


def test_long_cascades_and_wide_ones_are_whole() -> None:
    chain = independent_cascade(path_graph(5_000), p=1.0, seeds=[0], record="times")
    assert chain.column("times")[0].tolist() == list(range(5_000))
    wide = independent_cascade(STAR, p=1.0, seeds=[0], record="parents")
    assert wide.lasted.tolist() == [1] and (wide.column("parents")[0, 1:] == 0).all()


def test_a_thread_starts_every_replicate_with_nobody_active() -> None:
    graph = generate_followers(3_000, mean_followers=10, seed=1)
    found = independent_cascade(graph, p=0.15, replicates=60, seed=4, threads=1).reached
    assert found.min() < 20 and found.max() > 300, "both ways of clearing are needed"
    again = independent_cascade(graph, p=0.15, replicates=60, seed=4, threads=2).reached
    assert np.array_equal(found, again)


HEAVY = FollowerGraph.from_links([0, 1], [1, 2], weights=[0.5, 1.5], n_persons=3)
BAD: list[tuple[FollowerGraph, Any, str]] = [
    (STAR, "weights", 'p = "weights": the graph has no weights'),
    (HEAVY, "weights", r"1 of 2 weights are above 1, such as .*1\.5"),
    (STAR, "weigthed", 'did you mean "weighted"'),
    (STAR, "", 'give a probability, 0 <= p <= 1, or "weights"'),
    (STAR, "weighted 0.1", '"weighted" takes no values'),
    (STAR, "trivalency 0.1 0.2", "give three probabilities"),
    (STAR, "trivalency 0.1 0.2 x", "give three probabilities"),
    (STAR, "trivalency 0.1 0.2 1.2", "give three probabilities"),
    (STAR, -0.1, r"p = -0\.1: give a probability"),
    (STAR, True, "p = True: give a probability"),
    (STAR, None, "p = None: give a probability"),
    (STAR, [0.1], "p = a list: give a probability"),
]


@pytest.mark.parametrize(("graph", "p", "message"), BAD)
def test_a_chance_that_is_none_is_one_line(graph: FollowerGraph, p: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        independent_cascade(graph, p=p)
    assert "\n" not in str(refused.value)
