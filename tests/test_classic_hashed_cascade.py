"""The cascade on computed graphs: its stored twin, a plain twin, levels as lists and as bits, errors."""

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from diffusion.classic import Spread, hashed_cascade, independent_cascade, linear_threshold
from diffusion.classic import _hashed_kernels as kernels
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph, ImplicitGraph, path_graph
from diffusion.randomness import start_key
from diffusion.vocabulary import Purpose
from reference.classic_implicit import cascade

LINE = FollowerGraph.from_links([0, 0, 1, 3], [1, 2, 3, 4], n_persons=6)
"""0 is followed by 1 and 2, 1 by 3, 3 by 4; nobody follows or is followed by 5."""
LARGER = ImplicitGraph(5_000, 8, 2.5, 1)


@pytest.fixture(params=["list", "bits"])
def levels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Levels fit into the list, or it has room for two persons."""
    if request.param == "bits":
        monkeypatch.setattr(kernels, "_LEAST_LISTED", 2)
        monkeypatch.setattr(kernels, "LISTED", 10**9)
    return str(request.param)


def same(one: Spread, two: Spread) -> None:
    for name in ("reached", "counts", "lasted", "curves", "times", "parents"):
        a, b = getattr(one, name), getattr(two, name)
        if a is not None and b is not None:
            assert np.array_equal(a, b), name


@pytest.mark.usefixtures("levels")
def test_a_certain_cascade_reaches_whoever_can_be_reached() -> None:
    found = hashed_cascade(LINE, p=1, seeds=[0], record="parents", replicates=2)
    assert found.reached.tolist() == [5, 5] and found.counts.tolist() == [[1, 5]] * 2
    assert found.lasted.tolist() == [3, 3] and found.states == ("inactive", "active")
    assert found.column("times").tolist() == [[0, 1, 1, 2, 3, np.inf]] * 2
    assert found.column("parents").astype(np.int32).tolist() == [[-1, 0, 0, 1, 3, -1]] * 2
    assert found.column("curves")[0].tolist() == [[5, 3, 2, 1], [1, 3, 4, 5]]
    assert hashed_cascade(LINE, p=0, seeds=[0, 3, 5], replicates=3).reached.tolist() == [3, 3, 3]


@pytest.mark.usefixtures("levels")
@pytest.mark.parametrize("p", [0.0, 0.0004, 0.07, 0.3, 0.9, 1.0])
@pytest.mark.parametrize("seed", range(6))
def test_it_agrees_with_its_stored_twin_and_with_a_plain_one(p: float, seed: int) -> None:
    graph = ImplicitGraph(40 + 17 * seed, 3 + seed, 2.2 + 0.2 * seed, seed)
    n, twin = graph.n_persons, graph.stored()
    ask: dict[str, Any] = {"p": p, "seeds": "random:3", "seed": seed, "replicates": 4, "record": "parents"}
    found = hashed_cascade(graph, **ask)
    same(found, hashed_cascade(twin, **ask))
    same(found, independent_cascade(graph, **ask))
    rows = [twin.row(u).tolist() for u in range(n)]
    for k in range(4):
        seeds = np.flatnonzero(found.column("times")[k] == 0).tolist()
        times, parents = cascade(rows, seeds, p, start_key(seed, k, Purpose.CONTAGION))
        assert found.column("times")[k].tolist() == times
        assert found.column("parents")[k].astype(np.int32).tolist() == parents


@pytest.mark.usefixtures("levels")
@pytest.mark.parametrize("p", [0.1, 0.13, 0.3])
def test_results_depend_on_neither_threads_nor_record(p: float) -> None:
    ask: dict[str, Any] = {"p": p, "seeds": "random:3", "seed": 5, "replicates": 24}
    one = hashed_cascade(LARGER, **ask, threads=1, record="parents")
    assert np.unique(one.reached).size > 5
    for record in ("sizes", "curves", "times"):
        same(one, hashed_cascade(LARGER, **ask, threads=3, record=record))
    assert np.array_equal(one.column("curves")[:, 1, -1], one.reached)
    assert (one.column("curves").sum(axis=1) == 5_000).all()
    assert np.array_equal(hashed_cascade(LARGER, **ask | {"replicates": 3}).reached, one.reached[:3])
    assert not np.array_equal(hashed_cascade(LARGER, **ask | {"seed": 6}).reached, one.reached)


def test_lists_and_bits_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    ask: dict[str, Any] = {"p": 0.2, "seeds": "random:40", "seed": 2, "replicates": 5, "record": "parents"}
    listed = hashed_cascade(LARGER, **ask)
    for room in (1, 39, 40, 41, 300, 2_000):
        monkeypatch.setattr(kernels, "_LEAST_LISTED", room)
        monkeypatch.setattr(kernels, "LISTED", 10**9)
        same(listed, hashed_cascade(LARGER, **ask))


def test_room_is_made_for_as_many_steps_as_there_are(levels: str) -> None:
    found = hashed_cascade(path_graph(5_000), p=1.0, seeds=[0], record="curves")
    assert found.lasted.tolist() == [4_999] and found.column("curves")[0, 1].tolist() == list(range(1, 5_001))


PROBE = """
import numpy as np; np.seterr(all="ignore")
from diffusion.classic import hashed_cascade
from diffusion.graphs import ImplicitGraph
graph = ImplicitGraph(60, 5, 2.3, 1)
for one in (graph, graph.stored()):
    found = hashed_cascade(one, p=.3, seeds="random:2", replicates=4, record="parents")
    print(found.column("times").tolist(), found.column("parents").tolist())
"""


def test_compiled_or_not_the_results_are_the_same() -> None:
    outputs = [
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", PROBE],
            env={**os.environ, "NUMBA_DISABLE_JIT": switch},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        ).stdout.splitlines()
        for switch in ("0", "1")
    ]
    assert outputs[0] == outputs[1] and outputs[0][0] == outputs[0][1] and "2.0" in outputs[0][0]


def test_600_million_persons_take_little_memory() -> None:
    """Three bits a person for a cascade that stays small are not even touched."""
    graph = ImplicitGraph(600_000_000, 10, 2.3, 1)
    found = hashed_cascade(graph, p=0.05, seeds=[599_999_999, 0], replicates=3)
    assert found.reached.min() >= 2 and found.n_persons == 600_000_000


BAD: list[tuple[dict[str, Any], str]] = [
    ({"p": 1.5}, r"p = 1\.5: give a probability"),
    ({"p": "weights"}, "p = 'weights': give a probability"),
    ({"p": float("nan")}, "p = nan: give a probability"),
    ({"seeds": [5_000]}, "no person has the label 5000"),
    ({"record": "parents", "replicates": 10**8}, "ask for fewer replicates at a time"),
]


@pytest.mark.parametrize(("wrong", "message"), BAD)
def test_a_wrong_argument_is_one_line(wrong: dict[str, Any], message: str) -> None:
    for run in (hashed_cascade, independent_cascade):
        with pytest.raises(InputError, match=message) as refused:
            run(LARGER, **({"p": 0.5} | wrong))
        assert "\n" not in str(refused.value)


def test_other_models_ask_for_a_stored_graph() -> None:
    with pytest.raises(
        InputError, match=r"graph is an ImplicitGraph, and this model needs .*; graph.stored\(\) has them"
    ):
        linear_threshold(LARGER)
    with pytest.raises(InputError, match="graph is a str, not a FollowerGraph"):
        hashed_cascade("follows.csv", p=0.1)
    assert hashed_cascade(LARGER, p=0.5, record="parents").outcome().n_persons == 5_000
