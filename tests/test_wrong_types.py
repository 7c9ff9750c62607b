"""A path, a number or nothing where an object belongs is one line that says what would do; all public functions."""

import importlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import six_persons
import small_results
from diffusion import figures, study
from diffusion.errors import InputError, check_numbers, check_whole, expected
from diffusion.graphs import path_graph

ROOMS = ("study", "graphs", "measures", "config", "simulation")
WRONG = (None, 3, 2.5, True, object(), b"bytes", [1, "one"], {"a": 1}, np.float64(1))
TAKES_IT = {
    ("graphs", "complete_graph", 3), ("graphs", "star_graph", 3), ("graphs", "path_graph", 3),
    ("graphs", "generate_groups", 3),
}  # fmt: skip
"""Wrong values that are right for these."""

NOT_CALLED = {"Meaning"}
"""A name for a type."""


def public_functions() -> Iterator[Any]:
    for room in ROOMS:
        module = importlib.import_module(f"diffusion.{room}")
        for name in module.__all__ if hasattr(module, "__all__") else ("simulate", "ensemble", "cascades"):
            function = getattr(module, name)
            if callable(function) and not inspect.isclass(function) and name not in NOT_CALLED and needed(function):
                yield pytest.param(room, function, id=f"{room}.{name}")


def needed(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return the parameters without a default."""
    others = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    parameters = inspect.signature(function).parameters.values()
    return [p for p in parameters if p.default is p.empty and p.kind not in others]


def refusal(function: Callable[..., Any], /, *values: Any, **keys: Any) -> str:
    with pytest.raises(InputError) as raised:
        function(*values, **keys)
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(("room", "function"), list(public_functions()))
def test_a_wrong_type_is_one_line(room: str, function: Callable[..., Any]) -> None:
    parameters = needed(function)
    for wrong in WRONG:
        if isinstance(wrong, int) and (room, function.__name__, wrong) in TAKES_IT:
            continue
        keys = {p.name: wrong for p in parameters if p.kind == p.KEYWORD_ONLY}
        refusal(function, *(wrong for p in parameters if p.kind != p.KEYWORD_ONLY), **keys)


def test_the_walk_sees_the_functions_that_people_call() -> None:
    seen = {param.values[1].__name__ for param in public_functions()}
    assert len(seen) > 70
    assert {"trace", "compare", "read_graph", "reach", "read_experiment", "simulate", "write_links"} <= seen


def test_the_line_names_the_argument_the_value_and_what_would_do() -> None:
    assert refusal(study.trace, None, 5) == "results = None: give Results, or the folder in which they lie"
    assert refusal(study.judge, [1]) == "results = a list: give Results, or the folder in which they lie"
    line = refusal(importlib.import_module("diffusion.graphs").describe, "links.csv")
    assert line == 'graph = "links.csv": give a FollowerGraph (read_graph reads one)'
    several = [six_persons.outcome(), six_persons.outcome()]
    line = refusal(importlib.import_module("diffusion.measures").reach, several)
    assert line == "outcome = a list: give one Outcome, which simulate returns (of ensemble's list, one at a time)"
    line = refusal(importlib.import_module("diffusion.graphs").generate_followers, "9", mean_followers=3, seed=1)
    assert line == 'n_persons = "9" is not a whole number'


def test_a_folder_of_results_does_where_results_do(tmp_path: Path) -> None:
    missing = tmp_path / "none"
    assert refusal(study.report_lines, missing) == f'results "{missing}": no such file'
    assert refusal(study.judge, str(tmp_path)).endswith("holds no results: there is no manifest.json of this program")
    stored = study.run_experiment(small_results.experiment(), out=tmp_path, threads=1)
    assert stored.folder is not None
    assert study.report_lines(stored.folder) == study.report_lines(str(stored.folder)) == study.report_lines(stored)
    assert study.judge(stored.folder) == study.judge(stored)
    with_path = study.reach_table(stored.folder, "quick", "fire")
    assert np.array_equal(with_path.median, study.reach_table(stored, "quick", "fire").median)


def test_figures_say_what_they_are_drawn_from(tmp_path: Path) -> None:
    line = refusal(figures.figure, 3, "race")
    assert line == "results = 3: give Results, or the folder in which they lie"
    assert refusal(figures.comparison_figure, path_graph(3)).startswith("comparison = a FollowerGraph: give what")
    assert refusal(figures.graph_figure, path_graph(3)) == "found = a FollowerGraph: give what describe(graph) returns"
    assert refusal(figures.draw_graph, path_graph(3), None) == "path = None: give the path of a file or folder"
    assert refusal(figures.save_comparison, None, tmp_path).startswith("comparison = None")
    assert not list(tmp_path.iterdir())


# --- the three checks -------------------------------------------------------------------------------------------------


def test_numbers_of_python_and_numpy_pass() -> None:
    check_whole(a=3, b=np.int32(3), c=np.uint64(3))
    check_numbers(a=3, b=2.5, c=np.float32(1), d=np.int8(1), optional={"e": None, "f": 1})
    assert expected("x", True, int, "a number") is True


@pytest.mark.parametrize(
    ("check", "value", "line"),
    [
        (check_whole, 2.0, "n = 2.0 is not a whole number"),
        (check_whole, True, "n = True is not a whole number"),
        (check_whole, None, "n = None is not a whole number"),
        (check_numbers, "2", 'n = "2" is not a number'),
        (check_numbers, None, "n = None is not a number"),
        (check_numbers, np.ones(2), "n = a ndarray is not a number"),
        (check_numbers, 2j, "n = a complex is not a number"),
        (check_whole, "x\ny" * 40, None),
    ],
)
def test_what_is_no_number_is_told(check: Callable[..., None], value: Any, line: str | None) -> None:
    told = refusal(check, n=value)
    assert told == line or (line is None and len(told) < 100)
