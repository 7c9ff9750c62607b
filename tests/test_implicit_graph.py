"""Graphs that are computed: their rows, their stored twins, and what they refuse."""

import json
import os
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph, ImplicitGraph, _implicit, generate_hashed
from reference.classic_implicit import row

SIZES = [(2, 0.5, 2.3), (3, 1.0, 2.3), (17, 8.0, 2.1), (60, 5.0, 2.3), (500, 30.0, 2.7), (2_000, 0.3, 5.0)]


@pytest.mark.parametrize(("n", "mean", "exponent"), SIZES)
def test_rows_are_those_of_the_stored_twin_and_of_the_plain_reference(n: int, mean: float, exponent: float) -> None:
    for seed in range(4):
        graph = ImplicitGraph(n, mean, exponent, seed)
        twin, quantiles = graph.stored(), graph.rows.quantiles.tolist()
        for person in range(0, n, 1 + n // 100):
            assert graph.row(person).tolist() == twin.row(person).tolist() == row(n, quantiles, seed, person)
        assert graph.n_links == twin.n_links
        assert np.array_equal(graph.n_followers, twin.n_followers)
        assert np.array_equal(graph.n_followed, twin.n_followed)


def test_rows_reach_from_the_first_to_the_last_person() -> None:
    graph = ImplicitGraph(5, 2, 2.3, 1)
    counts = np.zeros((5, 5), np.int64)
    for seed in range(400):
        twin = ImplicitGraph(5, 2, 2.3, seed).stored()
        counts[np.repeat(np.arange(5), twin.n_followers), twin.followers] += 1
    assert (np.diag(counts) == 0).all() and graph.n_followers.max() <= 4
    # 200 of each pair are expected, with a standard deviation of 10.
    assert abs(counts[~np.eye(5, dtype=bool)] - 200).max() < 60


def test_kernels_take_either_graph() -> None:
    graph = ImplicitGraph(300, 4, 2.3, 9)
    twin = graph.stored()
    counts = [np.zeros(300, np.uint32) for _ in range(3)]
    stored = _implicit.StoredRows(twin.offsets, twin.followers)
    _implicit.count_followed(graph.rows, 0, 300, counts[0])
    _implicit.count_followed(stored, 0, 300, counts[1])
    _implicit.count_followed.py_func(stored, 0, 300, counts[2])
    assert all(np.array_equal(found, twin.n_followed) for found in counts)


def test_the_graph_depends_on_its_parameters_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diffusion.graphs.implicit._CHUNK", 1_000)
    graph = ImplicitGraph(10_000, 6, 2.5, 3)
    assert (
        graph.stored(threads=1)
        == graph.stored(threads=3)
        == graph.stored()
        == ImplicitGraph(10_000, 6, 2.5, 3).stored()
    )
    assert graph.n_links == graph.stored().n_links
    assert generate_hashed(10_000, mean_followers=6, exponent=2.5, seed=3) == graph.stored()
    assert np.array_equal(graph.n_followers_of(990, 2_010), graph.n_followers[990:2_010])
    assert graph == ImplicitGraph(10_000, 6.0, 2.5, 3) and pickle.loads(pickle.dumps(graph)) == graph
    others = [
        ImplicitGraph(*a) for a in ((9_999, 6, 2.5, 3), (10_000, 7, 2.5, 3), (10_000, 6, 2.6, 3), (10_000, 6, 2.5, 4))
    ]
    hashes = {graph.content_hash, *(other.content_hash for other in others)}
    assert len(hashes) == 5 and len({graph.stored().content_hash, *(o.stored().content_hash for o in others)}) == 5


PROBE = """
import json, sys
from diffusion.graphs import ImplicitGraph
sys.stdout.write(json.dumps([ImplicitGraph(40, 5, 2.3, seed).stored().content_hash for seed in range(3)]))
"""


def test_rows_are_the_same_without_compilation() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROBE],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert json.loads(done.stdout) == [ImplicitGraph(40, 5, 2.3, seed).stored().content_hash for seed in range(3)]


def test_a_graph_of_a_version_stays_as_it_is() -> None:
    assert ImplicitGraph(1_000, 10, 2.3, 1).stored().content_hash == "37e37049a2cb8d1d816a6f5cf704f7ab"
    assert ImplicitGraph(1_000, 10, 2.3, 1).content_hash == "4765035c0890647e8425619d288a0bd7"


def test_labels_are_numbers() -> None:
    graph = ImplicitGraph(100, 5, seed=1)
    assert graph.labels is None and graph.index_of(99) == 99 and graph.labels_of([3, 4]).tolist() == [3, 4]
    assert graph.followers_of(7).tolist() == graph.row(7).tolist() == graph.stored().followers_of(7).tolist()
    with pytest.raises(InputError, match=r"no person has the label 100 \(labels run from 0 to 99\)"):
        graph.row(100)
    assert repr(graph) == "<ImplicitGraph: persons 100, hashed rows, mean followers 5, exponent 2.3, seed 1>"
    assert "mean followers" in graph._repr_html_()
    assert graph.stored().origin == ("generated: hashed rows, mean followers 5, exponent 2.3, seed 1",)


def test_600_million_persons_take_no_memory() -> None:
    graph = ImplicitGraph(600_000_000, 11, 2.3, 1)
    last = graph.row(599_999_999)
    assert last.size == graph.n_followers_of(599_999_999, 600_000_000)[0] and (np.diff(last.astype(np.int64)) > 0).all()
    assert abs(graph.n_followers_of(0, 1_000_000).mean() - 11) < 0.6  # standard deviation .12, long to the right


BAD: list[tuple[dict[str, Any], str]] = [
    ({"n_persons": 1}, "n_persons = 1: nobody could follow anybody; give 2 or more"),
    ({"n_persons": 2**32}, f"n_persons = {2**32} is outside 1 … {2**32 - 1}"),
    ({"n_persons": 1.5}, r"n_persons = 1\.5 is not a whole number"),
    ({"mean_followers": 0}, "mean_followers = 0 is outside 0 … 49.5"),
    ({"mean_followers": 50}, "mean_followers = 50 is outside 0 … 49.5"),
    ({"mean_followers": float("nan")}, "mean_followers = nan is outside"),
    ({"mean_followers": "5"}, 'mean_followers = "5" is not a number'),
    ({"exponent": 2}, "exponent = 2 is outside 2 … 10"),
    ({"seed": -1}, r"seed = -1 is outside 0 … 2\*\*63 - 1"),
]


@pytest.mark.parametrize(("wrong", "message"), BAD)
def test_a_wrong_argument_is_one_line(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        ImplicitGraph(**({"n_persons": 100, "mean_followers": 5.0} | wrong))
    assert "\n" not in str(refused.value)
    with pytest.raises(InputError, match="persons 3 to 101"):
        ImplicitGraph(100, 5).n_followers_of(3, 101)
    for threads in (0, -1, 1.5):
        with pytest.raises(InputError, match=f"threads = {threads}"):
            generate_hashed(100, mean_followers=5, seed=1, threads=threads)  # type: ignore[arg-type]


def test_numbers_of_accounts_followed_are_counted() -> None:
    graph = FollowerGraph.from_links([0, 0, 1, 3], [1, 2, 2, 2], n_persons=5)
    assert graph.n_followed.tolist() == [0, 1, 3, 0, 0]
