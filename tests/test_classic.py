"""What all classical models share: the arguments, the levels of the record, and results that measures take."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from diffusion.classic import MODELS, independent_cascade, model
from diffusion.classic.seeds import seeding
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph, generate_followers
from diffusion.measures import cascades, reach, share_forest, time_to_reach
from diffusion.vocabulary import ChannelKind

GRAPH = FollowerGraph.from_links([0, 0, 1, 3], [1, 2, 3, 4], n_persons=6)
"""0 is followed by 1 and 2, 1 by 3, 3 by 4; nobody follows or is followed by 5."""
LARGER = generate_followers(2_000, mean_followers=10, seed=1)


def test_a_certain_cascade_reaches_whoever_can_be_reached() -> None:
    found = independent_cascade(GRAPH, p=1.0, seeds=[0], record="parents")
    assert found.reached.tolist() == [5] and found.counts.tolist() == [[1, 5]] and found.lasted.tolist() == [3]
    assert found.column("times").tolist() == [[0, 1, 1, 2, 3, np.inf]]
    assert found.column("parents").astype(np.int32).tolist() == [[-1, 0, 0, 1, 3, -1]]
    assert found.column("curves").tolist() == [[[5, 3, 2, 1], [1, 3, 4, 5]]]
    assert found.column("curve_times").tolist() == [0, 1, 2, 3]


def test_nobody_else_is_reached_without_a_chance() -> None:
    found = independent_cascade(GRAPH, p=0.0, seeds=[0, 3], replicates=3)
    assert found.reached.tolist() == [2, 2, 2] and found.lasted.tolist() == [0, 0, 0]


def test_measures_of_the_engine_take_an_outcome_of_it() -> None:
    outcome = independent_cascade(GRAPH, p=1.0, seeds=[0], record="parents").outcome()
    assert reach(outcome) == pytest.approx(5 / 6) and time_to_reach(outcome, 0.5) == 1
    assert [kind for _, kind in outcome.channels] == [ChannelKind.OWN_EYES, ChannelKind.PLATFORM]
    shape = cascades(share_forest(outcome))
    assert (shape.size.tolist(), shape.depth.tolist(), shape.breadth.tolist()) == ([5], [3], [2])
    # Distances of the ten pairs of the tree 0-1, 0-2, 1-3, 3-4: 1 + 1 + 2 + 3, 2 + 1 + 2, 3 + 4, 1.
    assert shape.virality.tolist() == [pytest.approx(20 / 10)]
    assert outcome.first_source() == [None, 0, 0, 1, 3, None]


def test_an_outcome_without_a_scenario_says_so() -> None:
    with pytest.raises(InputError, match="an outcome of independent cascade has no scenario"):
        independent_cascade(GRAPH, p=1.0, seeds=[0], record="parents").outcome().rules()


def test_time_to_reach_is_infinite_where_it_never_was() -> None:
    found = independent_cascade(GRAPH, p=1.0, seeds=[0], record="times")
    assert found.time_to_reach(0.5).tolist() == [1] and found.time_to_reach(1).tolist() == [np.inf]


@pytest.mark.parametrize("record", ["sizes", "curves", "times", "parents"])
def test_results_depend_on_neither_threads_nor_record(record: str) -> None:
    one = independent_cascade(LARGER, p=0.12, seeds="random:3", replicates=40, seed=5, threads=1)
    two = independent_cascade(LARGER, p=0.12, seeds="random:3", replicates=40, seed=5, threads=3, record=record)
    assert np.array_equal(one.reached, two.reached) and np.array_equal(one.lasted, two.lasted)
    assert np.unique(one.reached).size > 5
    if two.curves is not None:
        assert np.array_equal(two.curves[:, 1, -1], one.reached) and (two.curves.sum(axis=1) == 2_000).all()
    if two.times is not None:
        assert np.array_equal(np.isfinite(two.times).sum(axis=1), one.reached)


def test_every_replicate_is_one_of_its_seed() -> None:
    few, many = (independent_cascade(LARGER, p=0.12, replicates=r, seed=5).reached for r in (3, 30))
    assert np.array_equal(few, many[:3])
    assert not np.array_equal(independent_cascade(LARGER, p=0.12, replicates=30, seed=6).reached, many)


def test_drawn_seeds_are_different_persons_and_evenly_drawn() -> None:
    chosen = seeding(GRAPH, "random:4")
    drawn = np.array([chosen.draw(1, k) for k in range(3_000)])
    assert all(np.unique(row).size == 4 for row in drawn)
    # 2,000 expected of each; standard deviation 26: five of them fail once in a million seeds.
    assert np.abs(np.bincount(drawn.ravel(), minlength=6) - 2_000).max() < 130
    assert sorted(seeding(GRAPH, "random:6").draw(2, 0).tolist()) == [0, 1, 2, 3, 4, 5]


def test_seeds_of_highest_degree_are_those_with_most_followers() -> None:
    assert seeding(GRAPH, "highest-degree:3").draw(1, 0).tolist() == [0, 1, 3]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"p": 1.5}, r"p = 1\.5: give a probability"),
    ({"p": float("nan")}, "p = nan: give a probability"),
    ({"seeds": []}, "seeds: give labels of at least one person"),
    ({"seeds": [7]}, "7"),
    ({"seeds": [1, 1]}, "seeds: 1 is named twice"),
    ({"seeds": "randm:3"}, 'did you mean "random"'),
    ({"seeds": "random"}, 'say how many, such as "random:10"'),
    ({"seeds": "random:7"}, "the graph has 6 persons"),
    ({"seeds": "random:0"}, "seeds = 0 is not a whole number >= 1"),
    ({"replicates": 0}, "replicates = 0 is not a whole number >= 1"),
    ({"seed": -1}, "seed = -1 is not a whole number"),
    ({"threads": 0}, "threads = 0 is not a whole number >= 1"),
    ({"replicate": 3}, 'there is no parameter "replicate"; did you mean "replicates"'),
    ({"seeds": None}, "seeds: give labels of at least one person"),
    ({"record": "all"}, "record = \"all\" is not known|record = 'all' is not known"),
    ({"record": "times", "replicates": 10**10}, "ask for fewer replicates at a time"),
]


@pytest.mark.parametrize(("wrong", "message"), BAD)
def test_a_wrong_argument_is_one_line(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        independent_cascade(GRAPH, **({"p": 0.5} | wrong))
    assert "\n" not in str(refused.value)


def test_a_graph_of_another_kind_is_refused() -> None:
    with pytest.raises(InputError, match="graph is a str, not a FollowerGraph; read_graph reads a file"):
        independent_cascade("follows.csv", p=0.5)


def test_every_model_is_found_by_its_name() -> None:
    for name in MODELS:
        found: Callable[..., Any] = model(name)
        assert found.__name__.replace("_", "-") == name
