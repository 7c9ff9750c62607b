"""`diffusion classic`: options from signatures, what is printed, the folder of results, what is refused."""

import inspect
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from ctrl_c import hear_ctrl_c
from diffusion import classic, cli
from diffusion.classic.runs import Model, Run, checked_call, run_model
from diffusion.classic.seeds import WAYS
from diffusion.cli.classic import Shared, documented, kernels_of, own_options
from diffusion.errors import InputError
from diffusion.figures.spreads import spread_figure
from diffusion.graphs import FollowerGraph, write_graph
from diffusion.study.spreads import columns_of, figures_of, spread_lines, write_spread
from diffusion.study.summary import FEWEST

Printed = pytest.CaptureFixture[str]
# 0 is followed by 1 and 2, these by 3; 4 by nobody and follows nobody.
LINKS = "followed,follower\n0,1\n0,2\n1,3\n2,3\n4,0\n"
MEANING = ["--meaning", "followed,follower"]
SURE = ["independent-cascade", "links.csv", *MEANING, "--p", "1", "--seeds", "0"]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "links.csv").write_text(LINKS)
    return tmp_path


def run(*arguments: str) -> int:
    return cli._guarded(["classic", *arguments])


def small() -> FollowerGraph:
    return FollowerGraph.from_links([0, 0, 1, 2, 4], [1, 2, 3, 3, 0], n_persons=5)


# --- options ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(classic.MODELS))
def test_every_parameter_of_every_model_is_an_option_with_its_meaning(name: str, capsys: Printed) -> None:
    function = classic.model(name)
    assert run(name, "--help") == 0
    shown = capsys.readouterr().out
    for parameter in set(inspect.signature(function).parameters) - {"graph", "progress"}:
        assert f"--{parameter.strip('_').replace('_', '-')}" in shown
    told = documented(function)
    assert [p.name for p in own_options(function) if not told.get(p.name)] == []
    reading = {"columns", "weight", "label", "meaning", "out"}
    assert not reading & {p.name for p in own_options(function)}
    assert "..." not in shown.splitlines()[2]
    assert kernels_of(function)


def model(
    graph: Any,
    *,
    rate: float | str,
    often: int = 2,
    wide: float | None = None,
    is_mutual: bool = False,
    named_so: str | None = None,
    seeds: str = "random:1",
    progress: Any = None,
) -> None:
    """Do nothing.

    At length.

    Parameters
    ----------
    rate : float or str
        How fast: a number
        or text.
    often, wide : int
        How often,

        how wide.
    is_mutual, named_so : bool
        Whether.

    Returns
    -------
    rate : None
        Not this.
    """  # fmt: skip


def test_a_docstring_says_what_options_mean() -> None:
    assert documented(model) == {
        "rate": "How fast: a number or text.",
        "often": "How often, how wide.",
        "wide": "How often, how wide.",
        "is_mutual": "Whether.",
        "named_so": "Whether.",
    }


def test_options_have_the_types_of_parameters(monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    asked: dict[str, Any] = {}
    result = classic.independent_cascade(small(), p=1.0)

    def function(graph: Any, **given: Any) -> Any:
        asked.update(given)
        return result

    function.__signature__ = inspect.signature(model)  # type: ignore[attr-defined]
    function.__annotations__ = model.__annotations__
    function.__doc__ = model.__doc__
    monkeypatch.setattr(classic, "model", lambda name: function)
    assert run("independent-cascade", "links.csv", *MEANING, "--rate", "lognormal 2 0.5", "--is-mutual") == 0
    assert {k: v for k, v in asked.items() if k != "progress"} == {
        "rate": "lognormal 2 0.5", "often": 2, "wide": None, "is_mutual": True, "named_so": None, "seeds": "random:1",
    }  # fmt: skip
    assert run("independent-cascade", "links.csv", *MEANING, "--rate", "1e-3", "--wide", "2", "--named-so", "7") == 0
    assert (asked["rate"], asked["wide"], asked["named_so"], asked["is_mutual"]) == (1e-3, 2.0, "7", False)


def test_the_shared_options_are_those_of_all_models() -> None:
    shared = {parameter for parameter in inspect.signature(classic.independent_cascade).parameters} - {"graph", "p"}
    assert set(Shared.__dataclass_fields__) == shared - {"progress"}


def test_every_way_to_choose_seeds_is_named(capsys: Printed) -> None:
    assert run("sir", "--help") == 0
    shown = "".join(capsys.readouterr().out.split())
    assert [way for way in WAYS if f"{way}:10" not in shown] == []


def test_help_of_the_program_loads_no_model() -> None:
    code = "from diffusion import cli; cli._guarded(['--help']); import sys; assert 'numba' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "classic" in done.stdout


# --- what is printed -------------------------------------------------------------------------------------------------


def test_a_table_is_printed(capsys: Printed) -> None:
    assert run(*SURE, "--replicates", "3", "--record", "times") == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "independent cascade: 5 persons, 5 links, 3 replicates",
        "p = 1.0, seeds = 0; seed 0",
        "",
        "                       mean [95 % interval]   median   5 to 95 %",
        "persons reached                           4        4           4",
        "last step                                 2        2           2",
        "T10                                       0        0           0",
        "T50                                       1        1           1",
        "T90                                       –    never       never",
        "at the end: inactive                      1        1           1",
        "at the end: active                        4        4           4",
        "",
        "0 % of the replicates reached less than 1 % of the persons",
        "T90: never in 100 % of the replicates",
        f"no intervals: 3 of at least {FEWEST} replicates",
    ]
    assert "3 replicates" in printed.err and "3 of 3 runs" in printed.err


def test_figures_over_replicates_are_those_of_their_definitions() -> None:
    found = figures_of(np.arange(1.0, 21.0))
    assert (found.mean, found.median, found.q05, found.q95, found.never) == (10.5, 10, 1, 19, 0)
    # t(19) at .975 is 2.093024; the standard error is sqrt(35 / 20).
    assert found.high - found.mean == pytest.approx(2.093024 * np.sqrt(35 / 20), rel=1e-6)
    late = figures_of([1.0, 2.0, np.inf])
    assert np.isnan(late.mean) and late.median == 2 and late.q95 == np.inf and late.never == 1


def test_seeds_are_labels_of_the_graph_or_a_way_to_choose_them(place: Path, capsys: Printed) -> None:
    (place / "names.csv").write_text("followed,follower\nanna,bert\nbert,carl\n")
    names = ["independent-cascade", "names.csv", *MEANING, "--p", "1", "--replicates", "1"]
    assert run(*names, "--seeds", "bert, carl") == 0
    assert "persons reached                           2" in capsys.readouterr().out
    assert run(*names, "--seeds", "dora") == 2
    assert "error: no person has the label 'dora'" in capsys.readouterr().err
    assert run(*SURE, "--seeds", "highest-degree:1") == 0


# --- the folder ------------------------------------------------------------------------------------------------------


def test_a_folder_of_results_holds_all_that_was_found(place: Path, capsys: Printed) -> None:
    assert run(*SURE, "--replicates", "7", "--record", "parents", "--out", "made/ic") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "results: made/ic"
    folder = place / "made" / "ic"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert sorted([*manifest["files"], "manifest.json"]) == sorted(path.name for path in folder.iterdir())
    assert {"curves.pdf", "curves.png", "curves.parquet", "events.parquet", "runs.parquet", "summary.csv"} <= set(
        manifest["files"]
    )
    assert manifest["graph"] == {
        "file": "links.csv", "meaning": "followed,follower", "persons": 5, "links": 5, "hash": small().content_hash
    }  # fmt: skip
    assert (manifest["model"], manifest["parameters"]) == ("independent cascade", {"p": 1.0, "seeds": "0"})
    assert (manifest["seed"], manifest["replicates"], manifest["record"]) == (0, 7, "parents")
    runs = pq.read_table(folder / "runs.parquet").to_pydict()
    assert runs["replicate"] == list(range(7)) and runs["reached"] == [4] * 7 and runs["T50"] == [1.0] * 7
    events = pq.read_table(folder / "events.parquet").slice(4, 4).to_pylist()
    assert [(e["replicate"], e["person"], e["time"]) for e in events] == [(1, 0, 0), (1, 1, 1), (1, 2, 1), (1, 3, 2)]
    assert [e["parent"] for e in events] == [None, 0, 0, 1]
    curves = pq.read_table(folder / "curves.parquet").to_pylist()
    assert [(c["time"], c["mean"], c["q95"]) for c in curves if c["state"] == "active"] == [
        (0, 1, 1), (1, 3, 3), (2, 4, 4),
    ]  # fmt: skip
    assert "reached,4.0,4.0,4.0,4.0,4.0,4.0,7,0" in (folder / "summary.csv").read_text()


def test_results_are_replaced_and_nothing_else_is(place: Path, capsys: Printed) -> None:
    assert run(*SURE, "--out", "made") == 0
    assert (place / "made" / "reached.pdf").exists()
    assert run(*SURE, "--out", "made", "--record", "curves") == 0
    assert not (place / "made" / "reached.pdf").exists() and (place / "made" / "curves.pdf").exists()
    (place / "made" / "mine.txt").write_text("mine")
    assert run(*SURE, "--out", "made") == 2
    assert cli._guarded(["plot", "made"]) == 2
    errors = capsys.readouterr().err
    assert "mine.txt" in errors and "holds a classical model" in errors


def test_a_cascade_without_a_graph_has_events(place: Path, capsys: Printed) -> None:
    asked = ["branching-cascade", "--branching", "0.8", "--memory", "exponential 2", "--replicates", "50"]
    assert run(*asked, "--record", "parents", "--out", "made") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "branching cascade: 50 replicates" and lines[4].startswith("events ")
    assert not any("persons" in line for line in lines)
    events = pq.read_table(place / "made" / "events.parquet").to_pylist()
    runs = pq.read_table(place / "made" / "runs.parquet").to_pydict()
    assert len(events) == sum(runs["reached"])
    firsts = [e for e in events if e["event"] == 0]
    assert len(firsts) == 50 and all(e["parent"] is None and e["time"] == 0 for e in firsts)
    assert all(e["parent"] < e["event"] for e in events if e["event"] > 0)


def test_labels_may_be_texts(place: Path) -> None:
    graph = FollowerGraph.from_links(["anna", "bert"], ["bert", "carl"])
    spread = classic.independent_cascade(graph, p=1.0, seeds=["anna"], replicates=2, record="parents")
    events = pq.read_table(write_spread(spread, place / "made") / "events.parquet").to_pylist()
    assert [(e["person"], e["parent"]) for e in events[:3]] == [("anna", None), ("bert", "anna"), ("carl", "bert")]


def test_figures_show_curves_or_sizes() -> None:
    sizes = classic.independent_cascade(small(), p=0.5, replicates=20)
    (axes,) = spread_figure(sizes).axes
    assert axes.get_xlabel() == "persons reached" and axes.get_xscale() == "log"
    curves = classic.independent_cascade(small(), p=0.5, replicates=20, record="curves")
    (axes,) = spread_figure(curves).axes
    assert [line.get_label() for line in axes.lines] == ["inactive", "active"]
    assert "reached" in columns_of(curves) and len(spread_lines(curves)) > 5


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["independant-cascade"], 'no model "independant-cascade"; did you mean "independent-cascade"?'),
        (["independent-cascade", "lost.csv", *MEANING, "--p", "1"], "lost.csv"),
        (["independent-cascade", "links.csv", "--p", "1"], "meaning"),
        (["independent-cascade", "links.csv", *MEANING], "--p"),
        (["independent-cascade", "links.csv", *MEANING, "--p", "2"], "p = 2.0: give a probability"),
        (["independent-cascade", "links.csv", *MEANING, "--q", "2"], "--q"),
        (["independent-cascade", "empty.csv", *MEANING, "--p", "1"], "empty.csv"),
        ([*SURE[:-2], "--seeds", "randon:3"], '"randon" to choose them; did you mean "random"?'),
        ([*SURE[:-2], "--seeds", "randm"], "randm"),
        ([*SURE[:-2], "--seeds", "random"], "say how many"),
        ([*SURE[:-2], "--seeds", "random:77"], "the graph has 5 persons"),
        ([*SURE[:-2], "--seeds", "9"], "9"),
        ([*SURE, "--threads", "0"], "--threads 0: give a whole number >= 1"),
        ([*SURE, "--replicates", "0"], "replicates"),
        ([*SURE, "--replicates", "few"], 'replicates "few"'),
        ([*SURE, "--record", "curve"], 'did you mean "curves"?'),
        ([*SURE, "--record", "parents"], "give --out FOLDER"),
        ([*SURE, "--out", "links.csv"], '"links.csv" is a file'),
        ([*SURE, "--out", "links.csv/made"], "is not a folder"),
        ([*SURE, "--out", "."], "a folder of its own"),
    ],
)
def test_what_cannot_be_had_is_one_line(arguments: list[str], said: str, place: Path, capsys: Printed) -> None:
    (place / "empty.csv").write_text("")
    (place / "mine.txt").write_text("mine")
    before = sorted(place.iterdir())
    assert run(*arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    last = printed.err.splitlines()[-1]
    assert last.startswith("error: ") and said in last, printed.err
    assert sum(line.startswith("error") for line in printed.err.splitlines()) == 1
    assert sorted(place.iterdir()) == before


def test_a_place_that_cannot_be_written_is_refused_before_the_run(
    place: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert run(*SURE, "--out", "made/ic") == 2
    assert "cannot be written to" in capsys.readouterr().err


def test_ctrl_c_ends_soon_and_leaves_nothing(place: Path) -> None:
    rng = np.random.default_rng(1)
    write_graph(FollowerGraph.from_links(*rng.integers(0, 20_000, (2, 100_000))), place / "large.npz")
    code = "from diffusion.cli import main; main()"
    asked = ["classic", "independent-cascade", "large.npz", "--p", ".2", "--replicates", "200000", "--out", "made"]
    told = (place / "told").open("w+")
    pipes: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": told, "preexec_fn": hear_ctrl_c}
    program = subprocess.Popen([sys.executable, "-c", code, *asked], **pipes)
    try:
        waited(lambda: "of 200000 runs" in (place / "told").read_text())
        program.send_signal(signal.SIGINT)
        began = time.monotonic()
        assert program.wait(30) == 130
    finally:
        program.kill()
        told.close()
    assert time.monotonic() - began < 5
    assert "interrupted: no results were written" in (place / "told").read_text()
    assert {path.name for path in place.iterdir()} == {"large.npz", "links.csv", "told"}


def test_ctrl_c_does_not_wait_for_the_end_of_a_batch() -> None:
    called = []

    def one(key: np.uint64, seeds: Any) -> Run:
        called.append(key)
        time.sleep(0.01)
        return Run(reached=1, counts=(4, 1), lasted=0)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    call = checked_call(small(), {"replicates": 800, "threads": 1, "progress": stop})
    with pytest.raises(KeyboardInterrupt):
        run_model(call, Model("slow", ("no", "yes"), {}), one)
    assert 100 <= len(called) < 150  # a batch has 100


def waited(until: Callable[[], bool]) -> None:
    for _ in range(1_200):
        if until():
            return
        time.sleep(0.05)
    raise AssertionError("waited for a minute")


def test_a_folder_needs_a_name() -> None:
    with pytest.raises(InputError, match="a folder of its own"):
        write_spread(classic.independent_cascade(small(), p=0.5), "/")
