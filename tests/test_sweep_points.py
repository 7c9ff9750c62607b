"""The points of a sweep: orders worked out by hand, rows of values, laws, samples."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from diffusion import InputError, Sample, Sweep
from diffusion.design import linspace, logspace
from diffusion.design.laws import Choice, Integers, LogNormal, LogUniform, Normal, Uniform
from diffusion.study.sweeps import points

UNIT = {"law": "uniform", "low": 0.0, "high": 1.0}


def test_the_last_key_of_a_grid_moves_fastest() -> None:
    found = points(Sweep(grid={"a": [1, 2], "b": ["x", "y"]}), seed=1)
    assert found == ({"a": 1, "b": "x"}, {"a": 1, "b": "y"}, {"a": 2, "b": "x"}, {"a": 2, "b": "y"})


def test_zipped_lists_go_side_by_side_outside_of_the_grid() -> None:
    found = points(Sweep(grid={"a": [1, 2]}, zip={"b": [5, 6], "c": [7, 8]}), seed=1)
    assert [list(point.items()) for point in found] == [
        [("b", 5), ("c", 7), ("a", 1)],
        [("b", 5), ("c", 7), ("a", 2)],
        [("b", 6), ("c", 8), ("a", 1)],
        [("b", 6), ("c", 8), ("a", 2)],
    ]


def test_the_sample_is_outermost() -> None:
    found = points(Sweep(grid={"a": [1, 2]}, sample={"size": 3, "of": {"u": UNIT}}), seed=1)
    drawn = [point["u"] for point in found]
    assert [point["a"] for point in found] == [1, 2] * 3
    assert drawn[::2] == drawn[1::2]
    assert len(set(drawn)) == 3


LISTS = st.lists(st.integers(), min_size=1, max_size=4, unique=True)


@given(st.dictionaries(st.sampled_from("abc"), LISTS, min_size=1), st.lists(LISTS, max_size=1))
def test_a_sweep_has_the_product_of_its_lengths_and_no_point_twice(
    grid: dict[str, list[int]], zipped: list[list[int]]
) -> None:
    sweep = Sweep(grid=grid, zip={"z": zipped[0]} if zipped else {})
    found = points(sweep, seed=1)
    assert len(found) == sweep.n_points == math.prod(map(len, [*grid.values(), *zipped]))
    assert len({tuple(point.items()) for point in found}) == len(found)
    assert all(tuple(point) == sweep.keys for point in found)


@pytest.mark.parametrize(
    ("made", "values"),
    [
        (linspace(0, 1, 3), [0.0, 0.5, 1.0]),
        (linspace(0, 10, 3), [0, 5, 10]),
        (linspace(0.1, 0.3, 3), [0.1, 0.2, 0.3]),
        (linspace("0 min", "1 h", 4), ["0 min", "20 min", "40 min", "60 min"]),
        (linspace("1/h", "3/h", 2), ["1/h", "3/h"]),
        (logspace(1, 100, 3), [1.0, 10.0, 100.0]),
        (logspace("1 s", "1 h", 3), ["1 s", "60 s", "3600 s"]),
    ],
)
def test_rows_of_values(made: list[object], values: list[object]) -> None:
    assert made == values
    assert [type(v) for v in made] == [type(v) for v in values]


QUARTERS = np.array([0.0, 0.25, 0.5, 0.75, np.nextafter(1, 0)])


@pytest.mark.parametrize(
    ("law", "values"),
    [
        (Uniform(law="uniform", low=2, high=4), [2.0, 2.5, 3.0, 3.5, 4.0]),
        (Uniform(law="uniform", low="0 min", high="1 h"), ["0 min", "15 min", "30 min", "45 min", "60 min"]),
        (LogUniform(law="loguniform", low=1, high=16), [1.0, 2.0, 4.0, 8.0, 16.0]),
        (Integers(law="integers", low=3, high=6), [3, 4, 5, 6, 6]),
        (Choice(law="choice", values=["a", "b"]), ["a", "a", "b", "b", "b"]),
        (Choice(law="choice", values=["a", "b", "c"], weights=[3, 1, 0]), ["a", "a", "a", "b", "b"]),
    ],
)
def test_quantiles_of_laws(law: Uniform, values: list[object]) -> None:
    assert law.at(QUARTERS) == [v if isinstance(v, str) else pytest.approx(v, rel=1e-9) for v in values]


def test_quantiles_of_normal_laws_are_those_of_scipy() -> None:
    u = np.linspace(0.001, 0.999, 99)
    cut = stats.truncnorm(-1, 2, loc=0.5, scale=0.25)
    assert Normal(law="normal", mean=0.5, sd=0.25).at(u) == pytest.approx(stats.norm(0.5, 0.25).ppf(u))
    assert Normal(law="normal", mean=0.5, sd=0.25, low=0.25, high=1).at(u) == pytest.approx(cut.ppf(u))
    assert LogNormal(law="lognormal", median=3, sd=0.5).at(u) == pytest.approx(stats.lognorm(0.5, scale=3).ppf(u))
    assert LogNormal(law="lognormal", median="2 h", sd=0.5).at(np.array([0.5])) == ["2 h"]


def column(method: str, size: int, seed: int = 1, **of: object) -> list[float]:
    sweep = Sweep(sample={"method": method, "size": size, "of": of or {"u": UNIT}})
    return [point["u"] for point in points(sweep, seed)]


@pytest.mark.parametrize("method", ["random", "latin", "sobol"])
def test_a_sample_is_a_function_of_the_seed(method: str) -> None:
    assert column(method, 8) == column(method, 8)
    assert column(method, 8) != column(method, 8, seed=2)


@pytest.mark.parametrize("method", ["random", "sobol"])
def test_a_larger_sample_keeps_its_points(method: str) -> None:
    assert column(method, 21)[:8] == column(method, 8)


def test_another_key_changes_no_random_draw() -> None:
    assert column("random", 8, u=UNIT, v=UNIT) == column("random", 8)


def strata(values: list[float]) -> int:
    """How many of as many equal ranges as there are values hold one."""
    return len({int(v * len(values)) for v in values})


def test_latin_and_sobol_points_fill_every_stratum() -> None:
    assert strata(column("latin", 50)) == 50
    assert strata(column("sobol", 64)) == 64
    assert strata(column("random", 64)) < 64  # the control: 64! / 64^64 = 1e-27


WRONG = [
    ({}, "a sweep needs values"),
    ({"grid": {"a": []}}, "grid.a: the list is empty"),
    ({"grid": {"a": 3}}, "grid.a: 3 is not a list of values"),
    ({"grid": {"a": [1, 2, 1]}}, 'grid: "a": 1 is given twice'),
    ({"grid": {"a": [1]}, "zip": {"a": [2]}}, '"a" stands in two of grid, zip and sample'),
    ({"zip": {"a": [1, 2], "b": [1, 2, 3]}}, "zip: lists of one length are read side by side, but a has 2, b has 3"),
    ({"grid": {"a": {"linspace": [0, 1]}}}, "grid.a: linspace = [0, 1]: give [first, last, how many]"),
    ({"grid": {"a": {"linspace": [0, 1, 1]}}}, "1 values; give 2 to"),
    ({"grid": {"a": {"linspace": [0, "1 h", 3]}}}, "all of one kind"),
    ({"grid": {"a": {"linspace": ["1 min", "1/h", 3]}}}, '"1/h" is not a duration'),
    ({"grid": {"a": {"logspace": [0, 1, 3]}}}, "both ends must be above 0"),
    ({"grid": {"a": {"linspac": [0, 1, 3]}}}, "is not a list of values"),
    ({"grid": {"a": list(range(1001)), "b": list(range(1001))}}, "1002001 points; a sweep has at most 1000000"),
    ({"sample": {"size": 0, "of": {"a": UNIT}}}, "sample.size"),
    ({"sample": {"size": 4, "of": {}}}, "sample.of"),
    ({"sample": {"size": 4, "of": {"a": {"law": "unifrom"}}}}, "sample.of.a.law"),
    ({"sample": {"size": 4, "of": {"a": {"law": "uniform", "low": 1, "high": 0}}}}, "high = 0 is not above low = 1"),
    ({"sample": {"size": 4, "of": {"a": {"law": "loguniform", "low": 0, "high": 1}}}}, "low = 0: must be above 0"),
    ({"sample": {"size": 4, "of": {"a": {"law": "normal", "mean": 0, "sd": 1, "low": 90, "high": 91}}}}, "no value"),
    ({"sample": {"size": 4, "of": {"a": {"law": "integers", "low": 1, "high": 0}}}}, "high = 0 is below low = 1"),
    ({"sample": {"size": 4, "of": {"a": {"law": "choice", "values": [1, 2], "weights": [1]}}}}, "1 for 2 values"),
    ({"sample": {"method": "halton", "size": 4, "of": {"a": UNIT}}}, "sample.method"),
]


@pytest.mark.parametrize(("table", "line"), WRONG)
def test_what_is_no_sweep_is_refused_in_one_line(table: dict[str, object], line: str) -> None:
    with pytest.raises(InputError) as raised:
        Sweep(**table)
    assert line in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_sweep_survives_json() -> None:
    sweep = Sweep(
        grid={"a": {"linspace": [0, 1, 3]}, "b": [{"generator": "popularity"}, {"generator": "communities"}]},
        sample=Sample(size=4, of={"u": UNIT, "v": {"law": "choice", "values": ["1 h", "2 h"]}}),
    )
    again = Sweep.model_validate_json(sweep.model_dump_json())
    assert again == sweep
    assert points(again, 1) == points(sweep, 1)
