"""Declared compartment models: reading them, small cases by hand, and their twin in plain Python."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from diffusion.classic import CompartmentModel, Transition, compartments, seiz
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph, ImplicitGraph, generate_followers
from diffusion.laws import Law
from diffusion.randomness import start_key
from diffusion.vocabulary import Purpose
from reference.classic_compartments import NOBODY, Twin

CHAIN = FollowerGraph.from_links([0, 1, 2, 3], [1, 2, 3, 4], n_persons=6)
LARGER = generate_followers(2_000, mean_followers=10, seed=1)
SIR: dict[str, Any] = {
    "name": "sir",
    "states": ["S", "I", "R"],
    "seeds": "I",
    "transitions": [
        {"from": "S", "by": "I", "to": "I", "rate": 0.3},
        {"from": "I", "to": "R", "rate": 1.0},
    ],
}
CERTAIN: dict[str, Any] = {
    "states": ["S", "E", "I", "R"],
    "seeds": "I",
    "reached": ["I", "R"],
    "transitions": [
        {"from": "S", "by": "I", "to": "E", "delay": "constant 2"},
        {"from": "E", "to": "I", "delay": "constant 1"},
        {"from": "I", "to": "R", "delay": "constant 5"},
    ],
}


def changed(model: dict[str, Any], **keys: Any) -> dict[str, Any]:
    return model | keys


def rule(**keys: Any) -> dict[str, Any]:
    """A model of one transition, which begins as a sound one."""
    table = {"from": "S", "by": "I", "to": "I", "rate": 1.0} | {key.rstrip("_"): value for key, value in keys.items()}
    return SIR | {"transitions": [{key: value for key, value in table.items() if value is not None}]}


# --- by hand ---------------------------------------------------------------------------------------------------------


def test_constant_delays_along_a_chain_are_worked_out_by_hand() -> None:
    found = compartments(CHAIN, model=CERTAIN, seeds=[0], record="parents", horizon=20, points=21)
    assert found.column("times").tolist() == [[0, 3, 6, 9, 12, np.inf]]
    assert found.column("parents").astype(np.int32).tolist() == [[-1, 0, 1, 2, 3, -1]]
    assert found.reached.tolist() == [5] and found.counts.tolist() == [[1, 0, 0, 5]]
    assert found.lasted.tolist() == [17] and found.extra["entries"].tolist() == [[0, 4, 4, 5]]
    assert found.extra["state"].tolist() == [[3, 3, 3, 3, 3, 0]]
    curves = found.column("curves")[0]
    assert (curves.sum(axis=0) == 6).all() and not found.is_discrete
    # Person 1 is exposed from 2 to 3, person 0 recovers at 5, person 2 is exposed from 5 to 6.
    assert curves[:, [0, 1, 2, 3, 5, 17]].T.tolist() == [
        [5, 0, 1, 0], [5, 0, 1, 0], [4, 1, 1, 0], [4, 0, 2, 0], [3, 1, 1, 1], [1, 0, 0, 5],
    ]  # fmt: skip


def test_a_contact_comes_too_late_for_a_source_that_has_gone_on() -> None:
    late = changed(SIR, transitions=[
        {"from": "S", "by": "I", "to": "I", "delay": "constant 2"},
        {"from": "I", "to": "R", "delay": "constant 2"},
    ])  # fmt: skip
    assert compartments(CHAIN, model=late, seeds=[0]).reached.tolist() == [1]


def test_who_begins_elsewhere_stays_there() -> None:
    model = changed(SIR, states=["S", "I", "R", "immune"], reached=["I"])
    for initial in ({"immune": [2]}, "immune=2", "immune = 2 ; R=5"):
        found = compartments(CHAIN, model=model, seeds=[0], initial=initial, replicates=50)
        assert found.counts[:, 3].tolist() == [1] * 50 and found.reached.max() == 2
    drawn = compartments(LARGER, model=model, seeds="random:5", initial="immune=random:1500;R=3", replicates=3)
    assert drawn.counts[:, 3].tolist() == [1500] * 3 and (drawn.counts[:, 2] >= 6).all()


def test_weights_multiply_rates() -> None:
    weighted = FollowerGraph.from_links([0, 0], [1, 2], weights=[0.0, 3.0], n_persons=3)
    model = changed(SIR, transitions=[{**SIR["transitions"][0], "weighted": True}])
    found = compartments(weighted, model=model, seeds=[0], record="times", replicates=4_000)
    times = found.column("times")
    # Exponential of rate 0.9: the mean of 4,000 is off by six standard errors once in 5e8 programs.
    assert np.isinf(times[:, 1]).all() and abs(times[:, 2].mean() * 0.9 - 1) < 6 / np.sqrt(4_000)


def test_several_outcomes_have_their_chances() -> None:
    model = changed(SIR, states=["S", "I", "Z", "R"], transitions=[
        {"from": "S", "by": "I", "to": {"Z": 0.2, "I": 0.3}, "delay": "constant 1"},
        {"from": "I", "to": {"R": 0.25, "Z": 0.75}, "delay": "constant 3"},
    ])  # fmt: skip
    star = FollowerGraph.from_links([0] * 20_000, range(1, 20_001), n_persons=20_001)
    found = compartments(star, model=model, seeds=[0])
    wanted = 20_000 * np.array([0.5, 0.0, 0.2 + 0.3 * 0.75, 0.3 * 0.25])
    # Binomial: six standard errors are below 6 * sqrt(20,000 / 4).
    assert np.abs(found.counts[0] - wanted).max() < 430


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_model_is_the_same_from_a_file_a_table_and_objects(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text(
        'states = ["S", "E", "I", "R"]\nseeds = "I"\nreached = ["I", "R"]\n'
        '[[transitions]]\nfrom = "S"\nby = "I"\nto = "E"\ndelay = "constant 2"\n'
        '[[transitions]]\nfrom = "E"\nto = "I"\ndelay = "constant 1"\n'
        '[[transitions]]\nfrom = "I"\nto = { R = 1.0 }\ndelay = "constant 5"\n'
    )
    objects = CompartmentModel(
        ("S", "E", "I", "R"),
        "I",
        (
            Transition("S", "E", by="I", delay="constant 2"),
            Transition("E", "I", delay=Law("constant", (1.0,))),
            Transition("I", "R", delay="constant 5"),
        ),
        reached=("I", "R"),
    )
    for model in (str(path), path, CERTAIN, objects):
        found = compartments(CHAIN, model=model, seeds=[0])
        assert found.reached.tolist() == [5] and found.lasted.tolist() == [17]
    path.write_text('states = ["S", "I"]\nseeds = "J"\ntransitions = []\n')
    with pytest.raises(InputError, match=r"model\.toml: transitions: 0 are given"):
        compartments(CHAIN, model=path)


def test_what_was_asked_for_is_kept_as_text() -> None:
    model = changed(CERTAIN, transitions=[
        {"from": "S", "by": "I", "to": {"E": 0.75, "R": 0.25}, "rate": 2},
        {"from": "E", "to": "I", "delay": Law("constant", (1.0,))},
        {"from": "I", "to": "R", "delay": "gamma 2 3"},
    ])  # fmt: skip
    assert compartments(CHAIN, model=model, seeds=[0], initial="R=4", horizon=3).parameters == {
        "model": "S + I -> E 0.75 | R 0.25: rate 2; E -> I: constant 1.0; I -> R: gamma 2 3",
        "initial": "R=4",
        "horizon": 3,
        "seeds": "0",
    }
    rates = {"beta": 0.3, "b": 0.2, "rho": 0.1, "p": 0.2, "l": 1.0, "epsilon": 0.5}
    found = seiz(CHAIN, **rates, seeds=[0], sceptics=[3])
    assert found.parameters == {**rates, "initial": "sceptic=3", "seeds": "0"}
    with pytest.raises(InputError, match="l = 2: give a probability, 0 <= l <= 1"):
        seiz(CHAIN, **(rates | {"l": 2}), seeds=[0])


def test_notes_name_what_never_happens() -> None:
    model = CompartmentModel.read(changed(SIR, states=["S", "I", "R", "Z"], transitions=[
        *SIR["transitions"], {"from": "Z", "to": "R", "rate": 0},
    ]))  # fmt: skip
    assert model.notes == (
        "transition 3 never happens: its rate or chance is 0",
        'nobody comes to "Z" but who begins there',
    )


BAD: list[tuple[Any, dict[str, Any], str]] = [
    ("nosuch.toml", {}, r"nosuch\.toml: no such file"),
    (7, {}, "model = 7: give a CompartmentModel, a table or the path"),
    (changed(SIR, state=1), {}, 'model: there is no key "state"; did you mean "states"'),
    ({"states": ["S", "I"], "transitions": []}, {}, '"seeds" is missing'),
    (changed(SIR, seeds="J"), {}, 'seeds: there is no state "J"'),
    (changed(SIR, seeds="S"), {}, 'everybody begins in "S" already'),
    (changed(SIR, states=["S", "S", "I"]), {}, "states: give 2 to 64 different names"),
    (changed(SIR, reached=["S"]), {}, 'reached: name states, but not "S"'),
    (changed(SIR, steps="yes"), {}, 'steps = "yes": give true or false'),
    (rule(by="infected"), {}, 'transition 1, by: there is no state "infected"'),
    (rule(to="S"), {}, 'transition 1: from "S" to itself'),
    (rule(rate=-1), {}, "transition 1, rate = -1: give a number >= 0"),
    (rule(rate="fast"), {}, 'transition 1, rate = "fast": give a number >= 0'),
    (rule(rate=None), {}, "transition 1: give either rate or delay"),
    (rule(delay="gamma 2 3"), {}, "transition 1: give either rate or delay"),
    (rule(rate=None, delay="gama 2 3"), {}, 'there is no law "gama"; did you mean "gamma"'),
    (rule(rate=None, delay="gamma 2"), {}, 'transition 1, delay = "gamma 2": give "gamma mean shape"'),
    (rule(rate=None, delay="2"), {}, 'delay = "2": give a law such as'),
    (rule(rate=None, delay=2), {}, "transition 1, delay = 2: give a law such as"),
    (rule(rate=None, delay=Law("constant", (0.0,))), {}, "a delay that is always 0 is none"),
    (rule(rate=None, chance=0.5), {}, 'transition 1, chance: with steps = false it is "rate"'),
    (changed(rule(rate=None, chance=1.5), steps=True), {}, "give a probability, 0 <= chance <= 1"),
    (rule(to={"I": 0.7, "R": 0.7}), {}, "the chances add up to 1.4, not to 1"),
    (rule(by=None, to={"I": 0.7}), {}, "the chances add up to 0.7, not to 1"),
    (rule(to={"I": 0}), {}, 'transition 1, to: "I" = 0: give a chance'),
    (rule(weighted=True, by=None), {}, "only contacts go along links"),
    (rule(weighted=True), {}, "its links have no weights"),
    (rule(speed=2), {}, 'transition 1: there is no key "speed"'),
    (changed(SIR, transitions=[*SIR["transitions"], {"from": "R", "to": "S", "rate": 1}]), {}, "horizon is needed"),
    (SIR, {"horizon": 0}, "horizon = 0: give a time > 0"),
    (SIR, {"initial": {"Q": [1]}}, 'initial: there is no state "Q"'),
    (SIR, {"initial": {"I": [1]}}, 'initial: the seeds begin in "I"'),
    (SIR, {"initial": "R"}, 'initial = "R": write'),
    (SIR, {"initial": {"R": [0]}, "seeds": [0]}, "initial: 0 is to begin in two states"),
    (SIR, {"initial": {"R": "random:6"}}, "initial: 7 persons are asked for; the graph has 6"),
    (SIR, {"points": 1}, "points = 1 is not a whole number >= 2"),
]


@pytest.mark.parametrize(("model", "arguments", "message"), BAD)
def test_a_wrong_model_or_argument_is_one_line(model: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        compartments(CHAIN, model=model, **arguments)
    assert "\n" not in str(refused.value)


def test_a_graph_without_links_or_with_times_is_refused() -> None:
    timed = FollowerGraph.from_links([0], [1], since=[5], n_persons=2)
    with pytest.raises(InputError, match="links that begin and end are not followed here"):
        compartments(timed, model=SIR)
    with pytest.raises(InputError, match="graph is an ImplicitGraph, and this model needs links that are stored"):
        compartments(ImplicitGraph(1_000, mean_followers=5, seed=1), model=SIR)


def test_a_run_that_may_wait_for_ever_needs_a_horizon() -> None:
    waiting = changed(SIR, states=["S", "I", "X", "Z"], transitions=[
        {"from": "S", "by": "Z", "to": "X", "rate": 1.0},
        {"from": "X", "by": "I", "to": "Z", "rate": 1.0},
    ])  # fmt: skip
    with pytest.raises(InputError, match='horizon is needed: "I" need not end, nor "S" before it'):
        compartments(CHAIN, model=waiting)
    assert compartments(CHAIN, model=waiting, horizon=50).reached.tolist() == [1]


# --- purity ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("record", ["sizes", "curves", "times", "parents"])
def test_results_depend_on_neither_threads_nor_record(record: str) -> None:
    one = compartments(LARGER, model=SIR, seeds="random:3", replicates=20, seed=5, threads=1)
    two = compartments(LARGER, model=SIR, seeds="random:3", replicates=20, seed=5, threads=2, record=record)
    assert np.array_equal(one.reached, two.reached) and np.array_equal(one.lasted, two.lasted)
    assert np.array_equal(one.counts, two.counts) and np.unique(one.reached).size > 5
    if two.curves is not None:
        assert np.array_equal(two.curves[:, :, -1], one.counts)


SCRIPT = """
from diffusion.classic import compartments
from diffusion.graphs import generate_followers
from test_classic_compartments import SIR
graph = generate_followers(60, mean_followers=5, seed=1)
found = compartments(graph, model=SIR, seeds="random:2", replicates=3, record="times", threads=1)
print(found.reached.tolist(), found.lasted.tolist(), found.times.sum(where=found.times < 1e9))
"""


def test_uncompiled_kernels_find_the_same() -> None:
    def printed(**more: str) -> str:
        path = f"{Path(__file__).parent}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
        command = [sys.executable, "-W", "ignore", "-c", SCRIPT]
        return subprocess.run(
            command, env={**os.environ, "PYTHONPATH": path, **more}, check=True, capture_output=True, text=True
        ).stdout

    assert printed(NUMBA_DISABLE_JIT="1") == printed()


# --- the twin --------------------------------------------------------------------------------------------------------

STATES = ["A", "B", "C", "D"]
LAST = 2
"""The replicate that is compared: the memory of its thread was used by two others before."""
DELAYS = ["constant 0.5", "lognormal 0.7 0.5", "exponential 0.6", "gamma 0.5 2", "weibull 0.6 1.5", "uniform 0.2 1"]


@st.composite
def models(draw: st.DrawFn) -> dict[str, Any]:
    steps = draw(st.booleans())
    return {
        "states": STATES[: draw(st.integers(2, 4))],
        "seeds": "B",
        "steps": steps,
        "transitions": [],
    }


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, Any], FollowerGraph, dict[int, str], int]:
    model = draw(models())
    states = model["states"]
    for _ in range(draw(st.integers(1, 6))):
        leaves = draw(st.sampled_from(states))
        others = [state for state in states if state != leaves]
        table: dict[str, Any] = {"from": leaves, "to": draw(st.sampled_from(others))}
        if draw(st.integers(0, 2)):
            table["by"] = draw(st.sampled_from(states))
        if len(others) > 1 and draw(st.booleans()):
            part = draw(st.sampled_from([0.25, 0.5, 0.9]))
            table["to"] = {others[0]: part, others[1]: (1 - part) * (0.8 if "by" in table else 1.0)}
        if draw(st.integers(0, 2)):
            table["chance" if model["steps"] else "rate"] = draw(st.sampled_from([0.1, 0.4, 1.0, 0.0]))
        else:
            table["delay"] = draw(st.sampled_from(DELAYS))
        table["weighted"] = "by" in table and draw(st.booleans())
        model["transitions"].append(table)
    n = draw(st.integers(2, 7))
    links = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), min_size=1, max_size=18))
    weights = draw(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=len(links), max_size=len(links)))
    graph = FollowerGraph.from_links(*zip(*links, strict=True), weights=weights, n_persons=n)
    placed = {0: "B"} | ({1: states[-1]} if len(states) > 2 and draw(st.booleans()) else {})
    return model, graph, placed, draw(st.integers(0, 1000))


def twin_log(model: dict[str, Any], graph: FollowerGraph, placed: dict[int, str], seed: int, horizon: float) -> Any:
    transitions = [dict(each) for each in model["transitions"]]
    for each in transitions:
        if "delay" in each:
            name, *numbers = each["delay"].split()
            each["table"] = Law(name, tuple(map(float, numbers))).table()
    weights = graph.weights if graph.weights is not None else np.ones(graph.n_links)
    rows = [
        [(int(graph.followers[at]), float(weights[at])) for at in range(graph.offsets[k], graph.offsets[k + 1])]
        for k in range(graph.n_persons)
    ]
    key = start_key(seed, LAST, Purpose.CONTAGION)
    return Twin({**model, "transitions": transitions}, rows, key, horizon).run(placed)


STEPS = changed(SIR, states=["A", "B", "C"], seeds="B", steps=True, transitions=[
    {"from": "A", "by": "B", "to": "B", "chance": 0.3},
    {"from": "B", "to": {"A": 0.5, "C": 0.5}, "chance": 0.8},
])  # fmt: skip
# Who is at rest needs no event; not so where a contact may come before (the first), nor where one wakes them (last).
VACCINATED, AT_REST, WOKEN = (
    changed(SIR, states=["A", "B", "C", "D"], seeds="B", transitions=[
        {"from": "A", "by": "B", "to": "B", "rate": 0.4}, {"from": "B", "to": "C", "delay": "constant 0.5"}, *more,
    ])
    for more in (
        [{"from": "A", "to": "D", "rate": 0.4}],
        [{"from": "C", "to": "D", "rate": 0.4}],
        [{"from": "C", "to": "D", "rate": 0.4}, {"from": "D", "by": "B", "to": "A", "rate": 0.4}],
    )
)  # fmt: skip
DENSE = FollowerGraph.from_links(np.repeat(np.arange(8), 8), np.tile(np.arange(8), 8), n_persons=8)


@example((STEPS, DENSE, {0: "B"}, 1))
@example((STEPS, DENSE, {0: "B"}, 2))
@example((STEPS, DENSE, {0: "B"}, 3))
@example((VACCINATED, DENSE, {0: "B"}, 1))
@example((VACCINATED, DENSE, {0: "B"}, 2))
@example((AT_REST, DENSE, {0: "B"}, 1))
@example((WOKEN, DENSE, {0: "B"}, 1))
@example((WOKEN, DENSE, {0: "B"}, 2))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_the_twin_agrees_event_for_event(world: Any) -> None:
    model, graph, placed, seed = world
    log = twin_log(model, graph, placed, seed, 6.0)
    initial = {state: [k] for k, state in placed.items() if k} or None
    moments = sorted({time for time, *_ in log if time > 0})
    states = [placed.get(k, "A") for k in range(graph.n_persons)]
    for moment in [*moments[:4], 6.0]:
        found = compartments(
            graph,
            model=model,
            seeds=[0],
            initial=initial,
            seed=seed,
            horizon=moment,
            record="parents",
            threads=1,
            replicates=LAST + 1,
        )
        now = dict(enumerate(states)) | {k: state for time, k, state, _ in log if time <= moment}
        assert [model["states"][code] for code in found.extra["state"][LAST]] == [
            now[k] for k in range(graph.n_persons)
        ]
    first: dict[int, tuple[float, int]] = {}
    for time, k, state, parent in log:
        if state != "A":
            first.setdefault(k, (time, parent))
    times, parents = found.column("times")[LAST], found.column("parents")[LAST]
    assert {k: (times[k], parents[k]) for k in range(graph.n_persons) if np.isfinite(times[k])} == first
    assert set(parents[np.isinf(times)]) <= {NOBODY}
    assert found.lasted[LAST] == max(time for time, *_ in log)
    entered = [state for time, _, state, _ in log if time > 0]
    assert found.extra["entries"][LAST].tolist() == [entered.count(state) for state in model["states"]]
    for point, at in enumerate(found.curve_times):
        then = dict(enumerate(states)) | {k: state for time, k, state, _ in log if time <= at}
        counted = [list(then.values()).count(state) for state in model["states"]]
        assert found.curves[LAST, :, point].tolist() == counted
