"""Rumours: small graphs worked out by hand, errors, and a plain-Python twin that agrees event for event."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from diffusion.classic import Spread, daley_kendall, maki_thompson
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph, complete_graph, generate_contacts, generate_followers, path_graph
from diffusion.units import NEVER
from reference.classic_rumour import STIFLER, Rule, rumour

MODELS = [maki_thompson, daley_kendall]
CONTACTS = generate_contacts(300, mean_contacts=6, seed=3)
Model = Callable[..., Spread]


@pytest.mark.parametrize("model", MODELS)
def test_a_rumour_walks_along_a_pair_and_ends(model: Model) -> None:
    """0 tells 1; then each contact of one with the other is futile: with k = 1 the first stops one (or both)."""
    found = model(path_graph(2, mutual=True), seeds=[0], replicates=200, record="parents")
    assert (found.reached == 2).all()
    # Of two spreaders who know only each other one stops for good, and the other's next contact is with a stifler.
    assert np.array_equal(found.counts, np.tile([0, 0, 2], (200, 1)))
    assert (found.column("parents")[:, 1] == 0).all() and (found.column("parents")[:, 0] == NEVER).all()
    assert (found.column("times")[:, 0] == 0).all() and (found.lasted > found.column("times")[:, 1]).all()


def test_who_has_nobody_to_tell_stays_a_spreader_unless_it_forgets() -> None:
    found = maki_thompson(path_graph(3), seeds=[0], record="curves")
    # 0 tells 1 and then 1 what it knows; 1 tells 2 and then 2 what it knows; 2 has no followers.
    assert found.counts.tolist() == [[0, 1, 2]]
    assert found.column("curves")[0, :, 0].tolist() == [2, 1, 0] and found.column("curves")[0, :, -1].tolist() == [
        0,
        1,
        2,
    ]
    assert maki_thompson(path_graph(3), seeds=[0], forgetting=0.1).counts[0, 1] == 0


def test_a_rumour_that_is_never_stifled_ends_by_forgetting() -> None:
    found = maki_thompson(complete_graph(50), seeds="random:5", stifling=0.0, forgetting=0.5, replicates=50)
    assert (found.counts[:, 1] == 0).all() and np.unique(found.reached).size > 5


RULES = [
    Rule(),
    Rule(both_stop=True),
    Rule(futile=3, spreading=0.6),
    Rule(both_stop=True, futile=2, spreading=0.7, stifling=0.4, forgetting=0.2),
    Rule(spreading=0.5, stifling=0.0, forgetting=0.3),
]


def run(rule: Rule, graph: FollowerGraph, **how: Any) -> Spread:
    parts = {"futile": rule.futile, "spreading": rule.spreading, "stifling": rule.stifling}
    return MODELS[rule.both_stop](graph, **parts, forgetting=rule.forgetting, **how)


@pytest.mark.parametrize("rule", RULES, ids=range(len(RULES)))
def test_the_plain_twin_agrees_event_for_event(rule: Rule) -> None:
    graph = CONTACTS if rule.both_stop else generate_followers(300, mean_followers=5, seed=3)
    rows = [graph.row(k).tolist() for k in range(graph.n_persons)]
    found = run(rule, graph, seeds=[5, 17, 60], replicates=6, seed=8, record="parents", curve_step=0.5)
    for replicate in range(6):
        people = rumour(rows, rule, [5, 17, 60], 8, replicate)
        times, parents = found.column("times")[replicate], found.column("parents")[replicate].astype(np.int32)
        # math.log1p of Python and of the compiler may differ in the last bit.
        assert times == pytest.approx([person.heard for person in people], rel=1e-12)
        assert parents.tolist() == [-1 if person.parent is None else person.parent for person in people]
        states = np.bincount([person.state for person in people], minlength=3)
        assert found.counts[replicate].tolist() == states.tolist()
        stopped = np.array([person.stopped for person in people if person.state == STIFLER])
        heard = times[np.isfinite(times)]
        assert found.lasted[replicate] == pytest.approx(max(heard.max(), stopped.max()), rel=1e-12)
        for k, at in enumerate(found.column("curve_times")):
            known, gone = (heard <= at).sum(), (stopped <= at).sum()
            assert found.column("curves")[replicate, :, k].tolist() == [300 - known, known - gone, gone]
    assert found.reached.max() > 20


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("record", ["sizes", "curves", "times", "parents"])
def test_results_depend_on_neither_threads_nor_record(model: Model, record: str) -> None:
    one = model(CONTACTS, replicates=40, seed=5, threads=1)
    two = model(CONTACTS, replicates=40, seed=5, threads=3, record=record)
    assert np.array_equal(one.counts, two.counts) and np.array_equal(one.lasted, two.lasted)
    assert np.unique(one.reached).size > 5


PLAIN = """
from diffusion.classic import daley_kendall
from diffusion.graphs import complete_graph
found = daley_kendall(complete_graph(40), futile=2, spreading=.8, forgetting=.1, replicates=3, seed=4, threads=1)
print(found.counts.tolist())
"""


def test_kernels_that_are_not_compiled_find_the_same() -> None:
    def printed(**more: str) -> str:
        done = subprocess.run([sys.executable, "-c", PLAIN], env=os.environ | more, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert printed(NUMBA_DISABLE_JIT="1") == printed()


BAD: list[tuple[dict[str, Any], str]] = [
    ({"futile": 0}, "futile = 0 is not a whole number >= 1"),
    ({"futile": 65_534}, "futile = 65534 is not a whole number"),
    ({"spreading": 0}, "spreading = 0: give a probability, 0 < spreading <= 1"),
    ({"spreading": "much"}, "spreading = 'much': give a probability"),
    ({"stifling": 1.2}, r"stifling = 1\.2: give a probability"),
    ({"stifling": 0}, "nobody would ever stop"),
    ({"forgetting": -1}, "forgetting = -1: give a finite number >= 0"),
    ({"forgetting": float("inf")}, "forgetting = inf: give a finite number >= 0"),
    ({"curve_step": 0}, "curve_step = 0: give a finite number > 0"),
    ({"curve_step": 1e-9, "record": "curves"}, "give a larger step"),
]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("wrong", "message"), BAD)
def test_a_wrong_argument_is_one_line(model: Model, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        model(complete_graph(20), **wrong)
    assert "\n" not in str(refused.value)


def test_meetings_need_mutual_links() -> None:
    with pytest.raises(InputError, match="need every link in both directions; maki-thompson does not"):
        daley_kendall(path_graph(3))
