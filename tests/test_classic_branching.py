"""Branching cascades: event for event as in plain Python, their records, their errors."""

import math
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from diffusion.classic import Branching, branching_cascade
from diffusion.classic.amounts import mean_of, read_amount
from diffusion.errors import InputError
from diffusion.measures import cascades, forest
from reference.classic_branching import cascade, power

SEISMIC = power(300.0, 0.242, 0.242 / 1.242)
FREE = (math.inf, 10**6)
TWINS: list[tuple[dict[str, Any], float, Any, tuple[float, int]]] = [
    ({"branching": 0.8}, 0.8, (SEISMIC, lambda key: 1.0), (math.inf, 10**6)),
    ({"branching": 1.5, "horizon": 2e4}, 1.5, (SEISMIC, lambda key: 1.0), (2e4, 10**6)),
    ({"branching": 0.9, "marks": "power 1 2.5", "memory": "power 2 1.7"}, 0.3, (power(2, 0.7), power(1, 1.5)), FREE),
    ({"branching": 2.0, "most": 50}, 2.0, (SEISMIC, lambda key: 1.0), (math.inf, 50)),
    ({"branching": 0.7, "memory": "constant 1"}, 0.7, (lambda key: 1.0, lambda key: 1.0), (math.inf, 10**6)),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "children", "laws", "limits"), TWINS)
def test_events_are_those_of_plain_python(asked: Any, children: float, laws: Any, limits: Any) -> None:
    found = branching_cascade(**asked, replicates=30, seed=3, record="parents")
    first, times, parents, marks = (found.column(name) for name in ("first", "times", "parents", "marks"))
    assert found.reached.max() > 8
    for k in range(30):
        events = cascade(3, k, children, laws, limits)
        rows = slice(first[k], first[k + 1])
        assert times[rows].tolist() == pytest.approx([event.time for event in events], rel=1e-12)
        assert np.where(parents[rows] < 0, -1, parents[rows] - first[k]).tolist() == [event.parent for event in events]
        assert marks[rows].tolist() == pytest.approx([event.mark for event in events], rel=1e-12)
        assert found.extra["generations"][k] == max(event.generation for event in events)
        assert found.extra["cut"][k] == (len(events) >= limits[1])
        assert found.lasted[k] == times[rows].max()


def test_results_depend_on_neither_threads_nor_record_nor_company() -> None:
    few = branching_cascade(branching=0.95, replicates=40, seed=2, threads=1)
    many = branching_cascade(branching=0.95, replicates=5_000, seed=2, threads=3, record="parents")
    one = branching_cascade(branching=0.95, replicates=5_000, seed=2, threads=1, record="times")
    assert np.array_equal(few.reached, many.reached[:40]) and np.array_equal(few.lasted, many.lasted[:40])
    assert np.array_equal(one.reached, many.reached) and np.array_equal(one.column("times"), many.column("times"))
    assert many.column("first")[-1] > 2**14, "the store of a batch was never full"


def test_measures_of_cascades_take_its_forest() -> None:
    found = branching_cascade(branching=0.9, replicates=200, seed=1, record="parents")
    shapes = cascades(forest(found.column("parents")))
    assert np.array_equal(shapes.size, found.reached) and np.array_equal(shapes.depth, found.extra["generations"])
    half = found.time_to_reach(0.5)
    times = found.column("times")[found.column("first")[0] : found.column("first")[1]]
    assert half[0] == times[math.ceil(times.size / 2) - 1]


def test_compiled_and_plain_kernels_agree() -> None:
    code = (
        "import numpy as np; np.seterr(over='ignore')\n"
        "from diffusion.classic import branching_cascade as b\n"
        "f = b(branching=.8, replicates=40, seed=5, marks='lognormal 1 1', threads=1, record='times')\n"
        "print(f.reached.tolist(), np.round(f.times, 3).tolist())"
    )
    said = [
        subprocess.run([sys.executable, "-c", code], env=os.environ | more, capture_output=True, text=True, check=True)
        for more in ({}, {"NUMBA_DISABLE_JIT": "1"})
    ]
    assert said[0].stdout == said[1].stdout != ""


def test_it_shows_itself_without_a_graph() -> None:
    found = branching_cascade(branching=0.5, replicates=100, seed=1)
    assert isinstance(found, Branching) and repr(found).startswith("<Spread: branching cascade, 100 replicates, seed 1")
    assert "event" in found._repr_html_() and found.n_persons == found.reached.max()
    for name in ("times", "first", "marks", "parents", "curves"):
        with pytest.raises(InputError, match=r"kept|keeps"):
            found.column(name)
    with pytest.raises(InputError, match="no graph and no persons"):
        found.outcome()


def test_means_are_those_of_what_is_drawn() -> None:
    for text, mean in (
        ("constant 3", 3.0),
        ("exponential 5", 5.0),
        ("lognormal 2 1", 2 * math.exp(0.5)),
        ("gamma 4 0.7", 4.0),
        ("weibull 2 0.8", 2 * math.gamma(1 + 1 / 0.8)),
        ("uniform 1 2", 1.5),
        ("power 2 3.5", 2 * 2.5 / 1.5),
    ):
        assert mean_of(read_amount("marks", text)) == pytest.approx(mean, rel=2e-3), text
    assert mean_of(read_amount("marks", "power 1 2")) == math.inf


BAD: list[tuple[dict[str, Any], str]] = [
    ({"branching": -1}, "branching = -1: give the mean number"),
    ({"branching": "x"}, "branching = 'x': give the mean number"),
    ({"branching": math.nan}, "branching = nan"),
    ({"memory": "sesmic"}, 'did you mean "seismic"'),
    ({"memory": "exponential"}, 'give "exponential mean"'),
    ({"memory": "exponential 0 1"}, 'give "exponential mean"'),
    ({"memory": "power 1 1"}, "give an exponent > 1"),
    ({"memory": "uniform 2 1"}, "0 <= low < high"),
    ({"memory": 3}, "memory = 3: give a law as text"),
    ({"memory": "3"}, "memory = '3': give a law as text"),
    ({"memory": "seismic 300"}, 'give "seismic" or "seismic flat tail"'),
    ({"memory": "gamma 1 x"}, 'give "gamma mean shape"'),
    ({"marks": "power 1 2"}, "marks = \"power 1 2\" have no finite mean"),
    ({"marks": "constant 0"}, "numbers > 0"),
    ({"horizon": 0}, "horizon = 0: give a time > 0"),
    ({"most": 0}, "most = 0 is not a whole number >= 1"),
    ({"record": "curves"}, "record = 'curves' is not known"),
    ({"replicates": 0}, "replicates = 0"),
    ({"seed": -1}, "seed = -1"),
    ({"threads": 0}, "threads = 0"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "message"), BAD)
def test_a_wrong_argument_is_one_line(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        branching_cascade(**({"branching": 0.5} | wrong))
    assert "\n" not in str(refused.value)
