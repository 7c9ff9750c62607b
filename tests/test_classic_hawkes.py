"""Hawkes processes on a graph: event for event as in plain Python, their records, their errors."""

import math
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from diffusion.classic import hawkes
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph, generate_followers
from diffusion.measures import cascades, share_forest
from diffusion.units import NEVER
from reference.classic_branching import power
from reference.classic_hawkes import hawkes_events

GRAPH = FollowerGraph.from_links([0, 0, 1, 3], [1, 2, 3, 4], n_persons=6)
LARGER = generate_followers(300, mean_followers=6, seed=1)


@pytest.mark.parametrize(("excitation", "base"), [(0.1, 0.0), (0.25, 0.02), (0.0, 0.05)])
def test_events_are_those_of_plain_python(excitation: float, base: float) -> None:
    seeds = [5, 17, 200]
    found = hawkes(
        LARGER, excitation=excitation, base=base, horizon=8, memory="power 0.5 2", seeds=seeds, replicates=8, seed=4,
        record="parents",
    )  # fmt: skip
    rows = [LARGER.row(u).tolist() for u in range(300)]
    for k in range(8):
        events = hawkes_events(rows, (4, k, seeds), (excitation, base, 8.0), power(0.5, 1.0))
        assert found.extra["events"][k] == len(events)
        counted = np.bincount([event.person for event in events], minlength=300)
        assert found.extra["events_of"][k].tolist() == counted.tolist()
        first: dict[int, Any] = {}
        for event in events:
            if event.person not in first or event.time < first[event.person].time:
                first[event.person] = event
        times = [first[u].time if u in first else math.inf for u in range(300)]
        assert found.column("times")[k].tolist() == pytest.approx(times, rel=1e-12)
        assert found.column("parents")[k].tolist() == [first[u].parent if u in first else NEVER for u in range(300)]
        assert found.reached[k] == len(first) and found.lasted[k] == pytest.approx(max(e.time for e in first.values()))


def test_certain_delays_can_be_counted_by_hand() -> None:
    found = hawkes(GRAPH, excitation=40, memory="constant 1", horizon=2, seeds=[0], record="parents")
    assert found.column("times").tolist() == [[0, 1, 1, 2, np.inf, np.inf]]
    assert found.column("parents").astype(np.int32).tolist() == [[-1, 0, 0, 1, -1, -1]]
    assert found.counts.tolist() == [[2, 4]] and found.lasted.tolist() == [2]
    curves = found.column("curves")[0]
    assert curves[:, [0, 49, 50, 100]].tolist() == [[5, 5, 3, 2], [1, 1, 3, 4]]
    assert found.column("curve_times")[[0, 50, 100]].tolist() == [0, 1, 2]
    shapes = cascades(share_forest(found.outcome()))
    assert (shapes.size.tolist(), shapes.depth.tolist()) == ([4], [2])


@pytest.mark.parametrize("record", ["sizes", "curves", "times", "parents"])
def test_results_depend_on_neither_threads_nor_record(record: str) -> None:
    asked: dict[str, Any] = {"excitation": 0.12, "base": 0.01, "horizon": 5, "replicates": 30, "seed": 5}
    one, two = hawkes(LARGER, **asked, threads=1), hawkes(LARGER, **asked, threads=3, record=record)
    assert np.array_equal(one.extra["events"], two.extra["events"]) and np.array_equal(one.lasted, two.lasted)
    assert np.array_equal(one.reached, two.reached) and np.unique(one.reached).size > 5
    if two.curves is not None:
        assert np.array_equal(two.curves[:, 1, -1], one.reached)


def test_compiled_and_plain_kernels_agree() -> None:
    code = (
        "import numpy as np; np.seterr(over='ignore')\n"
        "from diffusion.classic import hawkes\n"
        "from diffusion.graphs import FollowerGraph\n"
        "g = FollowerGraph.from_links([0, 0, 1, 3, 4], [1, 2, 3, 4, 0], n_persons=6)\n"
        "f = hawkes(g, excitation=.8, base=.1, horizon=5, replicates=20, seed=5, record='times', threads=1)\n"
        "print(f.extra['events'].tolist(), np.round(f.times, 6).tolist())"
    )
    said = [
        subprocess.run([sys.executable, "-c", code], env=os.environ | more, capture_output=True, text=True, check=True)
        for more in ({}, {"NUMBA_DISABLE_JIT": "1"})
    ]
    assert said[0].stdout == said[1].stdout != ""


BAD: list[tuple[dict[str, Any], str]] = [
    ({"excitation": -0.1}, "excitation = -0.1: give a number >= 0"),
    ({"excitation": "x"}, "excitation = 'x'"),
    ({"base": math.inf}, "base = inf: give a number >= 0"),
    ({"horizon": 0}, "horizon = 0: give a time > 0"),
    ({"memory": "exponental 1"}, 'did you mean "exponential"'),
    ({"most": 0}, "most = 0 is not a whole number >= 1"),
    ({"excitation": 5, "most": 1000, "base": 1, "horizon": 1000}, "more than 1,000 events before the horizon"),
    ({"seeds": "random:7"}, "the graph has 6 persons"),
]


@pytest.mark.parametrize(("wrong", "message"), BAD)
def test_a_wrong_argument_is_one_line(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        hawkes(GRAPH, **({"excitation": 0.5, "horizon": 1} | wrong))
    assert "\n" not in str(refused.value)
