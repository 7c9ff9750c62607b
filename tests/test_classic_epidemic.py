"""SI, SIR and SEIR on graphs that can be counted by hand, and event for event against a heap."""

import math
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from diffusion.classic import seir, si, sir, sirs, sis
from diffusion.classic.delays import ABSENT, ENDLESS, delay_of
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph, generate_followers, path_graph
from diffusion.randomness import start_key
from diffusion.vocabulary import Purpose
from reference.classic_epidemic import epidemic

PATH = path_graph(4)
LARGER = generate_followers(2_000, mean_followers=10, seed=1)


def random_graph(n: int, links: int, seed: int, weighted: bool = False) -> FollowerGraph:
    rng = np.random.default_rng(seed)
    weights = rng.choice([0, 0.5, 1, 3], size=links) if weighted else None
    return FollowerGraph.from_links(
        rng.integers(n, size=links), rng.integers(n, size=links), n_persons=n, weights=weights
    )


def test_constant_delays_along_a_path() -> None:
    found = seir(PATH, transmission="constant 2", latency="constant 3", recovery="constant 2.5", seeds=[0],
                 horizon=20, record="parents")  # fmt: skip
    assert found.column("times").tolist() == [[0, 2, 7, 12]]
    assert found.column("parents").astype(np.int32).tolist() == [[-1, 0, 1, 2]]
    assert found.counts.tolist() == [[0, 0, 0, 4]] and found.lasted.tolist() == [17.5]
    at = dict(zip(found.column("curve_times").tolist(), found.column("curves")[0].T.tolist(), strict=True))
    assert at[0] == [3, 0, 1, 0] and at[2] == [2, 1, 1, 0] and at[3] == [2, 1, 0, 1] and at[20] == [0, 0, 0, 4]


def test_a_contact_in_the_moment_of_recovery_counts() -> None:
    times = sir(PATH, transmission="constant 2", recovery="constant 2", seeds=[0], record="times").column("times")
    assert times.tolist() == [[0, 2, 4, 6]]
    assert sir(PATH, transmission="constant 2", recovery="constant 1.9", seeds=[0]).reached.tolist() == [1]


def test_certain_steps_along_a_path() -> None:
    found = sir(PATH, transmission=1, recovery=1, time="steps", seeds=[0], record="parents")
    assert found.column("times").tolist() == [[0, 1, 2, 3]]
    assert found.column("curves")[0].tolist() == [[3, 2, 1, 0, 0], [1, 1, 1, 1, 0], [0, 1, 2, 3, 4]]
    assert found.lasted.tolist() == [4]


def test_the_horizon_cuts() -> None:
    found = si(PATH, transmission=1, time="steps", seeds=[0], horizon=2, record="times")
    assert found.reached.tolist() == [3] and found.counts.tolist() == [[1, 3]]
    assert found.column("curves")[0].tolist() == [[3, 2, 1], [1, 2, 3]]


def test_who_never_recovers_infects_all_and_who_makes_no_contact_nobody() -> None:
    assert sir(LARGER, transmission=0.5, recovery=0).reached == si(LARGER, transmission=0.5).reached
    assert sir(LARGER, transmission=0, recovery=1, replicates=3).reached.tolist() == [1, 1, 1]


LAWS: list[dict[str, Any]] = [
    {"transmission": 0.3, "recovery": 1.0},
    {"transmission": "lognormal 2 0.5", "recovery": "gamma 3 3"},
    {"transmission": "power 1 1.5", "recovery": "weibull 20 0.5"},
    {"transmission": "uniform 1 2", "recovery": "exponential 1.5"},
    {"transmission": "constant 1", "recovery": "uniform 0.5 1.5"},
    {"transmission": "gamma 1 0.05", "recovery": "power 0.1 3"},
    {"transmission": 0.3, "recovery": 0.5, "time": "steps"},
    {"transmission": 0.02, "recovery": 0.01, "time": "steps"},
]


@pytest.mark.parametrize("links", [900, 20_000])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("laws", LAWS, ids=str)
@pytest.mark.parametrize("model", ["si", "sir", "seir"])
def test_times_are_those_of_a_heap(model: str, laws: dict[str, Any], weighted: bool, links: int) -> None:
    """The larger graph has rows longer than what is drawn at a time."""
    graph = random_graph(200, links, seed=3, weighted=weighted)
    asked: dict[str, Any] = {**laws, "weighted": weighted, "seeds": [3, 5, 7], "record": "parents", "seed": 4}
    discrete = laws.get("time") == "steps"
    course = [delay_of("t", laws["transmission"], discrete), ABSENT, ENDLESS, ENDLESS]
    if model == "si":
        del asked["recovery"]
    else:
        course[2] = delay_of("r", laws["recovery"], discrete)
    if model == "seir":
        asked["latency"] = 0.2 if discrete else "lognormal 0.5 1"
        course[1] = delay_of("l", asked["latency"], discrete)
    horizon = 30 if model == "seir" else None
    found = {"si": si, "sir": sir, "seir": seir}[model](graph, horizon=horizon, replicates=3, **asked)
    rows = np.split(graph.followers, graph.offsets[1:-1])
    weights = None if graph.weights is None else np.split(graph.weights, graph.offsets[1:-1])
    for k in range(3):
        key = int(start_key(4, k, Purpose.CONTAGION))
        heap = epidemic(rows, weights, course, key, [3, 5, 7], math.inf if horizon is None else horizon)
        assert found.column("times")[k].tolist() == heap.times
        assert found.column("parents")[k].astype(np.int32).tolist() == heap.parents


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("laws", LAWS, ids=str)
@pytest.mark.parametrize("model", ["sis", "sirs"])
def test_infections_that_come_again_are_those_of_a_heap(model: str, laws: dict[str, Any], weighted: bool) -> None:
    graph = random_graph(60, 200, seed=3, weighted=weighted)
    asked: dict[str, Any] = {**laws, "weighted": weighted, "seeds": [3, 5, 7], "record": "parents", "seed": 4}
    discrete = laws.get("time") == "steps"
    course = [delay_of("t", laws["transmission"], discrete), ABSENT, delay_of("r", laws["recovery"], discrete), ABSENT]
    if model == "sirs":
        asked["immunity"] = 0.2 if discrete else "lognormal 0.5 1"
        course[3] = delay_of("i", asked["immunity"], discrete)
    found = {"sis": sis, "sirs": sirs}[model](graph, horizon=30, replicates=3, **asked)
    rows = np.split(graph.followers, graph.offsets[1:-1])
    weights = None if graph.weights is None else np.split(graph.weights, graph.offsets[1:-1])
    for k in range(3):
        heap = epidemic(rows, weights, course, int(start_key(4, k, Purpose.CONTAGION)), [3, 5, 7], 30)
        assert found.column("times")[k].tolist() == heap.times
        assert found.column("parents")[k].astype(np.int32).tolist() == heap.parents
        assert found.extra["infections"][k] == len(heap.infections)


@pytest.mark.parametrize("time", ["continuous", "steps"])
def test_an_endemic_infection_depends_on_neither_threads_nor_record(time: str) -> None:
    asked: dict[str, Any] = {"transmission": 0.1, "recovery": 0.5, "immunity": 0.5, "time": time, "seeds": "random:3"}
    one = sirs(LARGER, **asked, horizon=20, replicates=20, threads=1)
    for record in ("curves", "parents"):
        two = sirs(LARGER, **asked, horizon=20, replicates=20, threads=3, record=record)
        assert np.array_equal(one.reached, two.reached) and np.array_equal(one.lasted, two.lasted)
        assert np.array_equal(one.counts, two.counts)
        assert (two.column("curves").sum(axis=1) == 2_000).all() and two.column("curves").min() >= 0
        assert np.array_equal(two.column("curves")[:, :, -1], two.counts)
    assert np.unique(one.reached).size > 5 and (one.extra["infections"] >= one.reached).all()


def test_an_infection_goes_to_and_fro_between_two() -> None:
    pair = path_graph(2, mutual=True)
    found = sis(pair, transmission="constant 1", recovery="constant 1.5", seeds=[0], horizon=4.2, record="parents")
    # 0 has it from 0 to 1.5, 1 from 1 to 2.5, 0 again from 2 to 3.5, 1 from 3 to 4.5, 0 from 4 on.
    assert found.extra["infections"].tolist() == [5] and found.column("times").tolist() == [[0, 1]]
    assert found.lasted.tolist() == [4] and found.counts.tolist() == [[0, 2]]


@pytest.mark.parametrize("time", ["continuous", "steps"])
def test_results_depend_on_neither_threads_nor_record(time: str) -> None:
    asked: dict[str, Any] = {"transmission": 0.1, "recovery": 0.5, "time": time, "seeds": "random:3", "seed": 5}
    one = sir(LARGER, **asked, replicates=40, threads=1)
    for record in ("sizes", "curves", "times", "parents"):
        two = sir(LARGER, **asked, replicates=40, threads=3, record=record, horizon=400)
        assert np.array_equal(one.reached, two.reached) and np.array_equal(one.lasted, two.lasted)
        assert np.array_equal(one.counts, two.counts)
        if two.curves is not None:
            assert (two.curves.sum(axis=1) == 2_000).all() and np.array_equal(two.curves[:, :, -1], two.counts)
        if two.times is not None:
            assert np.array_equal(np.isfinite(two.times).sum(axis=1), one.reached)
    assert np.unique(one.reached).size > 5


def test_curves_in_steps_need_no_horizon() -> None:
    found = sir(LARGER, transmission=0.1, recovery=0.5, time="steps", record="curves", replicates=5, seed=3)
    assert found.column("curves").shape[2] == found.lasted.max() + 1
    assert np.array_equal(found.column("curves")[:, :, -1], found.counts)


PLAIN = """
import numpy as np
np.seterr(over="ignore")
from diffusion.classic import seir, sirs
from diffusion.graphs import generate_followers
graph = generate_followers(60, mean_followers=4, seed=1)
found = seir(graph, transmission="gamma 1 2", latency=1.0, recovery=0.5, seeds="random:2", record="parents", horizon=9)
steps = seir(graph, transmission=0.3, latency=0.5, recovery=0.2, time="steps", record="curves")
again = sirs(graph, transmission=0.4, recovery=0.5, immunity=1.0, horizon=9, record="parents")
print(again.counts.tolist(), again.column("times").tolist(), again.extra)
print(found.column("times").tolist(), found.counts.tolist(), steps.column("curves").tolist())
"""


def test_compiled_or_not_is_the_same() -> None:
    def printed(**more: str) -> str:
        done = subprocess.run([sys.executable, "-c", PLAIN], env={**os.environ, **more}, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert printed(NUMBA_DISABLE_JIT="1") == printed()


BAD: list[tuple[dict[str, Any], str]] = [
    ({"transmission": -1}, r"transmission = -1: give a rate >= 0, or the law"),
    ({"transmission": float("nan")}, "transmission = nan: give a rate"),
    ({"transmission": True}, "transmission = True: give a rate"),
    ({"transmission": "lognorml 1 2"}, 'there is no law "lognorml"; did you mean "lognormal"'),
    ({"transmission": "gamma 1"}, 'transmission = "gamma 1": give "gamma mean shape"'),
    ({"transmission": "gamma 0 1"}, 'give "gamma mean shape", numbers > 0'),
    ({"transmission": "gamma x 1"}, 'give "gamma mean shape"'),
    ({"transmission": "constant 0"}, 'give "constant value", numbers > 0'),
    ({"transmission": "uniform 2 1"}, 'give "uniform low high", 0 <= low < high'),
    ({"transmission": "power 1 1"}, "give an exponent > 1"),
    ({"recovery": "power 0 2"}, 'recovery = "power 0 2": give "power least exponent"'),
    ({"time": "step"}, 'time = "step" is not known; did you mean "steps"'),
    ({"time": "steps", "transmission": 1.5}, "transmission = 1.5: in steps give a chance per step, 0 to 1"),
    ({"time": "steps", "recovery": "gamma 1 2"}, "in steps give a chance per step"),
    ({"time": "steps", "horizon": 2.5}, r"horizon = 2\.5: give a whole number of steps > 0"),
    ({"horizon": 0}, "horizon = 0: give a time > 0"),
    ({"record": "curves"}, "horizon is missing"),
    ({"weighted": True}, "the graph has no weights"),
]


@pytest.mark.parametrize(("wrong", "message"), BAD)
def test_a_wrong_argument_is_one_line(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        sir(PATH, **({"transmission": 0.5, "recovery": 1.0} | wrong))
    assert "\n" not in str(refused.value)


def test_without_a_horizon_there_would_be_no_end() -> None:
    with pytest.raises(InputError, match="horizon is missing: SIS may go on for ever"):
        sis(PATH, transmission=1.0, recovery=1.0, horizon=None)  # type: ignore[arg-type]
