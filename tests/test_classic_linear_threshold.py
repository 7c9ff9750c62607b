"""Linear threshold: graphs worked out by hand, a plain twin on random graphs, errors."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from diffusion.classic import Spread, linear_threshold
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph, generate_followers
from diffusion.randomness import start_key
from diffusion.vocabulary import Purpose
from reference.classic_threshold import kempe, spread, weighted

LINE = FollowerGraph.from_links([0, 0, 1, 3], [1, 2, 3, 4], n_persons=6)
"""0 is followed by 1 and 2, 1 by 3, 3 by 4; nobody follows or is followed by 5."""
TRIANGLE = FollowerGraph.from_links([0, 0, 1], [1, 2, 2], n_persons=3, weights=[0.5, 0.25, 0.5])
LARGER = generate_followers(3_000, mean_followers=8, seed=1)


def random_graph(seed: int, n: int = 40, links: int = 160) -> FollowerGraph:
    """Weights sum to something between 0 and 1 for everybody."""
    rng = np.random.default_rng(seed)
    plain = FollowerGraph.from_links(rng.integers(n, size=links), rng.integers(n, size=links), n_persons=n)
    weights = rng.uniform(size=plain.n_links) / np.maximum(plain.n_followed, 1)[plain.followers]
    return FollowerGraph(plain.offsets, plain.followers, weights.astype(np.float32))


def test_whoever_follows_one_account_does_as_it_does() -> None:
    found = linear_threshold(LINE, seeds=[0], record="parents", replicates=2)
    assert found.states == ("inactive", "active")
    assert found.reached.tolist() == [5, 5] and found.counts.tolist() == [[1, 5]] * 2
    assert found.lasted.tolist() == [3, 3]
    assert found.column("times").tolist() == [[0, 1, 1, 2, 3, np.inf]] * 2
    assert found.column("parents").astype(np.int32).tolist() == [[-1, 0, 0, 1, 3, -1]] * 2
    assert found.column("curves")[0].tolist() == [[5, 3, 2, 1], [1, 3, 4, 5]]


@pytest.mark.parametrize("weights", ["kempe", "weights"])
@pytest.mark.parametrize("seed", range(20))
def test_it_agrees_with_a_plain_twin_event_for_event(weights: str, seed: int) -> None:
    graph = random_graph(seed)
    seeds = np.random.default_rng(seed).choice(40, 4, replace=False).tolist()
    found = linear_threshold(graph, weights=weights, seeds=seeds, seed=seed, replicates=6, record="parents")
    rows = [graph.row(u).tolist() for u in range(40)]
    links = np.repeat(np.arange(40), graph.n_followers).tolist()
    weight = dict(zip(zip(links, graph.followers.tolist(), strict=True), graph.weights.tolist(), strict=True))
    for k in range(6):
        key = start_key(seed, k, Purpose.CONTAGION)
        rule = kempe(key, graph.n_followed.tolist()) if weights == "kempe" else weighted(key, weight)
        times, parents = spread(rows, seeds, rule)
        assert found.column("times")[k].tolist() == times
        assert found.column("parents")[k].astype(np.int32).tolist() == parents
    assert found.reached.max() > 4


def test_weights_are_chances_one_by_one() -> None:
    """From 0: person 1 with chance 1/2; 2 with chance 3/4 if 1 is active, else 1/4 (its threshold is its own)."""
    found = linear_threshold(TRIANGLE, weights="weights", seeds=[0], replicates=20_000, seed=1, record="times")
    active = np.isfinite(found.column("times"))
    # 20,000 throws: standard deviation below .0036; five of them.
    assert active[:, 1].mean() == pytest.approx(0.5, abs=0.018)
    assert active[active[:, 1], 2].mean() == pytest.approx(0.75, abs=0.025)
    assert active[~active[:, 1], 2].mean() == pytest.approx(0.25, abs=0.025)


@pytest.mark.parametrize("seeds", ["random:2", "random:400"])
def test_results_depend_on_neither_threads_nor_record_nor_company(seeds: str) -> None:
    """Few seeds draw when they must, many let all draw at once: each replicate is the same whoever ran before it."""
    ask: dict[str, Any] = {"seeds": seeds, "replicates": 24, "seed": 5}
    one = linear_threshold(LARGER, **ask, threads=1, record="parents")
    assert np.unique(one.reached).size > 5
    for record in ("sizes", "curves", "times"):
        two = linear_threshold(LARGER, **ask, threads=3, record=record)
        assert np.array_equal(one.reached, two.reached) and np.array_equal(one.lasted, two.lasted)
        if two.times is not None:
            assert np.array_equal(one.column("times"), two.times)
        if two.curves is not None:
            assert np.array_equal(two.curves[:, 1, -1], one.reached) and (two.curves.sum(axis=1) == 3_000).all()


def test_a_count_drawn_late_is_one_drawn_at_once() -> None:
    """Where a replicate stays small, its counts are drawn link by link; padded with strangers, it always does."""
    strangers = FollowerGraph(np.append(LARGER.offsets, [LARGER.n_links] * 200_000), LARGER.followers)
    seeds = list(range(0, 3_000, 10))
    dense, sparse = (linear_threshold(g, seeds=seeds, replicates=8, record="parents") for g in (LARGER, strangers))
    assert np.array_equal(dense.column("times"), sparse.column("times")[:, :3_000])
    assert np.array_equal(dense.column("parents"), sparse.column("parents")[:, :3_000])


def test_compiled_or_not_the_results_are_the_same(tmp_path: Path) -> None:
    probe = (
        "import numpy as np; np.seterr(all='ignore')\n"
        "from diffusion.classic import linear_threshold\nfrom diffusion.graphs import FollowerGraph\n"
        "rng = np.random.default_rng(1)\n"
        "g = FollowerGraph.from_links(rng.integers(60, size=200), rng.integers(60, size=200), n_persons=60)\n"
        "g = FollowerGraph(g.offsets, g.followers, (1 / g.n_followed[g.followers]).astype(np.float32))\n"
        "for w in ('kempe', 'weights'):\n"
        "    found = linear_threshold(g, weights=w, seeds='random:5', replicates=4, record='parents')\n"
        "    print(found.column('times').tolist(), found.column('parents').tolist())\n"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", probe],
            env={**os.environ, "NUMBA_DISABLE_JIT": switch},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        ).stdout
        for switch in ("0", "1")
    ]
    assert outputs[0] == outputs[1] and "1.0" in outputs[0]


HEAVY = FollowerGraph.from_links(["a", "b"], ["c", "c"], weights=[0.75, 0.5])
BAD: list[tuple[Any, dict[str, Any], str]] = [
    (LINE, {"weights": "kemp"}, 'weights = "kemp" is not known; did you mean "kempe"'),
    (LINE, {"weights": 0.5}, "weights = 0.5 is not known"),
    (LINE, {"weights": "weights"}, "the graph's links carry no weights"),
    (HEAVY, {"weights": "weights"}, 'those of the accounts that person "c" follows sum to 1.25; at most 1 will do'),
    (LINE, {"seeds": "random:9"}, "the graph has 6 persons"),
]


@pytest.mark.parametrize(("graph", "wrong", "message"), BAD)
def test_a_wrong_argument_is_one_line(graph: FollowerGraph, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        linear_threshold(graph, **wrong)
    assert "\n" not in str(refused.value)


def test_weights_that_are_rounded_parts_of_one_will_do() -> None:
    graph = FollowerGraph.from_links(np.arange(1000), np.full(1000, 1000), weights=np.full(1000, 1 / 1000))
    found: Spread = linear_threshold(graph, weights="weights", seeds=range(1000), replicates=50)
    assert found.reached.min() >= 1000
