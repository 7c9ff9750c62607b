"""The hoax model: small graphs worked out by hand, errors, and a plain-Python twin that agrees step for step."""

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from diffusion.classic import Spread, hoax
from diffusion.errors import InputError
from diffusion.graphs import complete_graph, generate_followers, path_graph
from diffusion.units import NEVER
from reference.classic_hoax import BELIEVER, CHECKER, SUSCEPTIBLE, Rule
from reference.classic_hoax import hoax as plain

GRAPH = generate_followers(200, mean_followers=6, seed=3)
USUAL: dict[str, Any] = {"spreading": 0.5, "credibility": 0.4, "verifying": 0.1, "forgetting": 0.2, "horizon": 30}


def run(graph: Any = GRAPH, **changed: Any) -> Spread:
    return hoax(graph, **(USUAL | changed))


def test_a_certain_hoax_walks_along_a_path_and_is_checked_behind() -> None:
    """0 believes; with all chances 1 but forgetting 0, who believed checks in the next step, and so do followers then.

    Person 1 believes in step 1 (0 was a believer), 2 in step 2 (1 was one), 3 in step 3.
    """
    found = run(path_graph(4), seeds=[0], spreading=1, verifying=1, forgetting=0, horizon=6, record="parents")
    assert found.column("times").tolist() == [[0, 1, 2, 3]]
    assert found.column("parents").astype(np.int32).tolist() == [[-1, 0, 1, 2]]
    assert found.column("curves")[0].tolist() == [[3, 2, 1, 0, 0, 0, 0], [1, 1, 1, 1, 0, 0, 0], [0, 1, 2, 3, 4, 4, 4]]
    assert found.lasted.tolist() == [4] and found.reached.tolist() == [4]


def test_everybody_forgets_and_the_run_ends() -> None:
    found = run(path_graph(3), seeds=[0], spreading=0, forgetting=1, record="curves")
    assert found.column("curves")[0].tolist() == [
        [2] + 30 * [3],
        [1] + 30 * [0],
        31 * [0],
    ] and found.lasted.tolist() == [1]


def test_no_steps_leave_the_seeds() -> None:
    assert run(seeds=[3, 5], horizon=0).counts.tolist() == [[198, 2, 0]]


def test_fully_credible_hoaxes_are_not_checked_by_neighbours() -> None:
    """alpha = 1: who follows only fact-checkers stays susceptible, and one believer outweighs them all."""
    graph = complete_graph(20)
    found = run(graph, seeds=[0], checkers=18, credibility=1, spreading=1, verifying=0, forgetting=0, horizon=1)
    assert found.counts.tolist() == [[0, 2, 18]]
    alone = run(path_graph(2), seeds=[1], checkers=1, credibility=1, spreading=1, verifying=0, forgetting=0, horizon=5)
    assert alone.counts.tolist() == [[0, 1, 1]]


def test_first_fact_checkers_are_others_than_the_seeds_and_evenly_drawn() -> None:
    found = run(complete_graph(6), seeds=[2], checkers=2, horizon=0, replicates=30)
    assert (found.counts == [3, 1, 2]).all()
    heeded = [
        run(path_graph(5), seeds=[4], checkers=1, spreading=0, verifying=0, forgetting=0, seed=k) for k in range(5)
    ]
    assert all(one.counts.tolist() == [[3, 1, 1]] for one in heeded)
    # 0 is a fact-checker in a quarter of the replicates: then 1 becomes one; deviation 19 of 500.
    many = run(
        path_graph(5), seeds=[4], checkers=1, spreading=1, verifying=0, forgetting=0, horizon=1, replicates=2_000
    )
    grew = np.count_nonzero(many.counts[:, 2] == 2)
    # A checker at 0, 1 or 2 has a follower who is susceptible; at 3 the follower is the seed.
    assert abs(grew - 1_500) < 100


@pytest.mark.parametrize("rule", [Rule(0.5, 0.4, 0.1, 0.2), Rule(0.9, 0.0, 0.3, 0.05), Rule(0.3, 0.9, 0.05, 0.5)])
def test_the_plain_twin_agrees_step_for_step(rule: Rule) -> None:
    back = GRAPH.reversed()
    followed = [back.row(k).tolist() for k in range(200)]
    found = hoax(GRAPH, **rule._asdict(), horizon=25, seeds=[5, 17, 60], replicates=4, seed=8, record="parents")
    assert found.reached.max() > 20
    for replicate in range(4):
        twin = plain(followed, rule, [5, 17, 60], 25, (8, replicate))
        times, parents = found.column("times")[replicate], found.column("parents")[replicate]
        assert times.tolist() == [twin.believed.get(k, np.inf) for k in range(200)]
        assert parents.tolist() == [twin.parents.get(k, NEVER) for k in range(200)]
        curves = found.column("curves")[replicate]
        for code in (SUSCEPTIBLE, BELIEVER, CHECKER):
            assert curves[code].tolist() == [row.count(code) for row in twin.states]
        assert found.counts[replicate].tolist() == [twin.states[-1].count(code) for code in range(3)]
        last = max(k for k in range(1, 26) if twin.states[k] != twin.states[k - 1])
        assert found.lasted[replicate] == last


@pytest.mark.parametrize("record", ["sizes", "curves", "times", "parents"])
def test_results_depend_on_neither_threads_nor_record(record: str) -> None:
    one = run(seeds="random:3", replicates=40, seed=5, threads=1, checkers=2)
    two = run(seeds="random:3", replicates=40, seed=5, threads=3, checkers=2, record=record)
    assert np.array_equal(one.counts, two.counts) and np.array_equal(one.reached, two.reached)
    assert np.array_equal(one.lasted, two.lasted) and np.unique(one.reached).size > 5


PLAIN = """
from diffusion.classic import hoax
from diffusion.graphs import complete_graph
found = hoax(complete_graph(30), spreading=.5, credibility=.3, verifying=.1, forgetting=.2, horizon=20, checkers=3,
             replicates=3, seed=4, threads=1, record="parents")
print(found.counts.tolist(), found.times.tolist(), found.parents.tolist())
"""


def test_kernels_that_are_not_compiled_find_the_same() -> None:
    def printed(**more: str) -> str:
        done = subprocess.run([sys.executable, "-c", PLAIN], env=os.environ | more, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert printed(NUMBA_DISABLE_JIT="1") == printed()


BAD: list[tuple[dict[str, Any], str]] = [
    ({"spreading": 1.5}, r"spreading = 1\.5: give a probability, 0 <= spreading <= 1"),
    ({"credibility": -0.1}, r"credibility = -0\.1: give a probability"),
    ({"verifying": float("nan")}, "verifying = nan: give a probability"),
    ({"forgetting": "soon"}, "forgetting = 'soon': give a probability"),
    ({"horizon": -1}, "horizon = -1 is not a whole number >= 0"),
    ({"horizon": 1e3}, "horizon = 1000.0 is not a whole number"),
    ({"checkers": -1}, "checkers = -1 is not a whole number"),
    ({"checkers": 200}, "checkers = 200: with 1 seeds they are more than 200 persons"),
]


@pytest.mark.parametrize(("wrong", "message"), BAD)
def test_a_wrong_argument_is_one_line(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        run(**wrong)
    assert "\n" not in str(refused.value)
