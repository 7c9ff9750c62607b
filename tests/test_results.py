"""An experiment run for real, its folder of results, and what is left when a run fails or is interrupted."""

import csv
import json
import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import small_results
from diffusion.assembly import Assembler
from diffusion.errors import InputError
from diffusion.scenario import Experiment, Scenario
from diffusion.simulation import Runner, simulate
from diffusion.study import Results, report_lines, run_experiment
from diffusion.study.experiment import SharedAssembler
from diffusion.study.report import percent, table_lines, visibility_lines, warning_lines
from diffusion.versions import MODEL_VERSION

BASE: dict[str, Any] = {
    "run": {"tick": "1 s", "horizon": "24 h", "replicates": 6, "seed": 3},
    "people": {"count": 80},
    "platforms": {
        "chirp": {"kind": "follow", "graph": {"generator": "popularity", "mean_followers": 12}},
        "home": {"kind": "contact", "graph": {"generator": "households", "size": 4}, "meetings": "1/h", "tell": 1.0},
    },
    "outlets": {"tv": {"medium": "television"}},
    "stories": {"fire": {"kind": "news", "witnesses": 3, "newsworthiness": 0.9}},
}


def experiment(**keys: Any) -> Experiment:
    base = Scenario.model_validate(BASE)
    run = keys.pop("run", {})
    base = base.changed({f"run.{key}": value for key, value in run.items()})
    made = {
        "name": "small",
        "scenario": base,
        "variants": {"without": base.changed({"outlets.tv.active": False}), "with": base},
        "measures": {"quantiles": (0.1, 0.5), "curve_points": 25},
        "claim": {"text": "Television is quicker", "of": ("without", "with"), "quantile": 0.3, "above": 1.0},
    }
    return Experiment.model_validate(made | keys)


@pytest.fixture(scope="module")
def found() -> Results:
    return run_experiment(experiment(), threads=1)


def same(a: Results, b: Results) -> bool:
    """Whether two results have the same rows and curves, NaN for NaN."""
    rows = [(run.variant, run.replicate, {k: repr(v) for k, v in run.row.items()}) for run in a.runs]
    others = [(run.variant, run.replicate, {k: repr(v) for k, v in run.row.items()}) for run in b.runs]
    curves = a.curves.keys() == b.curves.keys() and all(
        c.channels == d.channels and np.array_equal(c.aware, d.aware) and np.array_equal(c.seconds, d.seconds)
        for c, d in ((a.curves[key], b.curves[key]) for key in a.curves)
    )
    return rows == others and curves


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_every_variant_and_replicate_is_measured_as_a_single_run_is(found: Results) -> None:
    assert [(run.variant, run.replicate) for run in found.runs] == [
        (v, k) for v in ("without", "with") for k in range(6)
    ]
    alone = simulate(found.experiment.variants["with"], replicate=4)
    assert found.runs[10].row["fire.reached"] == alone.tallies[0].reached / 80
    assert "fire.T30_h" in found.runs[0].row, "the claim's quantile is measured too"
    curves = found.curves["with", "fire"]
    assert curves.aware[4, :, -1].sum() == pytest.approx(alone.tallies[0].reached / 80, rel=1e-12)


@pytest.mark.parametrize("redraw", ["luck", "world"])
def test_the_number_of_threads_changes_nothing(redraw: str) -> None:
    made = experiment(run={"redraw": redraw})
    assert same(run_experiment(made, threads=1), run_experiment(made, threads=4))


def test_worlds_are_built_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[int] = []
    most = []

    def world(*_: Any, **__: Any) -> Any:
        inside.append(1)
        time.sleep(0.005)
        most.append(len(inside))
        inside.pop()

    monkeypatch.setattr(Assembler, "world", world)
    shared = SharedAssembler()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda k: shared.world(experiment().scenario, seed=1, replicate=k), range(12)))
    assert most == [1] * 12


def test_a_redrawn_world_has_a_graph_per_replicate_and_the_intervals_say_so() -> None:
    drawn = run_experiment(experiment(run={"redraw": "world"}), threads=2)
    assert len(drawn.manifest["graphs"]["with"]["chirp"]) == 6
    assert drawn.covers == "luck and world of 6 replicates (seed 3)"


def test_results_can_be_read_back(found: Results, tmp_path: Path) -> None:
    written = run_experiment(experiment(), threads=2, out=tmp_path / "deep" / "er")
    assert written.folder == tmp_path / "deep" / "er" / "small"
    read = Results.open(written.folder)
    assert same(read, found)
    assert read.experiment == found.experiment
    assert report_lines(read) == report_lines(found)
    tables = {"runs.parquet", "curves.parquet", "publications.parquet"}
    assert names(written.folder) == tables | {"summary.csv", "manifest.json"}
    assert read.table("publications") == found.table("publications")
    assert names(tmp_path / "deep" / "er") == {"small"}


def test_results_in_a_notebook_are_one_line(found: Results) -> None:
    assert repr(found).count("\n") == 0
    assert f"{len(found.runs)} runs of {', '.join(found.experiment.variants)}" in repr(found)


def test_the_manifest_says_where_the_numbers_come_from(found: Results) -> None:
    manifest = found.manifest
    assert manifest["complete"] is True
    assert set(manifest["versions"]) == {"python", "diffusion", "numpy", "numba", "llvmlite", "pyarrow"}
    assert manifest["machine"].keys() == {"processor", "cores", "system"}
    assert manifest["model_version"] == MODEL_VERSION
    assert manifest["seeds"] == {"without": 3, "with": 3}
    assert manifest["graphs"]["with"] == manifest["graphs"]["without"], "variants share one world"
    assert manifest["intervals"].startswith("95 %, luck of 6 replicates on one world (seed 3)")
    assert Experiment.model_validate(json.loads(json.dumps(manifest["experiment"]))) == found.experiment


def test_the_summary_counts_never_and_gives_no_number_for_it(tmp_path: Path) -> None:
    # Neither word of mouth, nor newsgathering, nor passing on: the witnesses' own posts do not reach half of them.
    silent = {"platforms.home.active": False, "platforms.chirp.reshare": False, "outlets.tv.gather": "never"}
    never = {"with": experiment().variants["with"].changed(silent)}
    made = experiment(variants=never, claim=None)
    with (run_experiment(made, out=tmp_path).folder or tmp_path).joinpath("summary.csv").open() as file:
        rows = {row["measure"]: row for row in csv.DictReader(file)}
    assert (rows["T50_h"]["median"], rows["T50_h"]["never"], rows["T50_h"]["replicates"]) == ("inf", "6", "6")
    assert float(rows["reached"]["median"]) < 0.5


# --- what is left when something goes wrong ---------------------------------------------------------------------------


def test_an_older_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    run_experiment(experiment(), out=tmp_path, draw=lambda _, folder: (folder / "old.png").write_bytes(b"x"))
    assert "old.png" in names(tmp_path / "small")
    run_experiment(experiment(run={"seed": 4}), out=tmp_path)
    assert "old.png" not in names(tmp_path / "small")
    assert Results.open(tmp_path / "small").seed == 4
    assert names(tmp_path) == {"small"}


def interrupt(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    run = Runner.run

    def interrupted(self: Runner, replicate: int) -> Any:
        if replicate == 3:
            raise error
        return run(self, replicate)

    monkeypatch.setattr(Runner, "run", interrupted)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError("full")])
def test_an_interrupted_run_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    run_experiment(experiment(), out=tmp_path)
    before = (tmp_path / "small" / "manifest.json").read_bytes()
    interrupt(monkeypatch, error)
    with pytest.raises(type(error)):
        run_experiment(experiment(), threads=2, out=tmp_path)
    assert (tmp_path / "small" / "manifest.json").read_bytes() == before
    assert names(tmp_path) == {"small"}
    with pytest.raises(type(error)):
        run_experiment(experiment(), out=tmp_path / "new" / "one")
    assert names(tmp_path) == {"small"}, "folders made on the way are gone too"


def test_figures_that_fail_leave_everything_as_it_was(tmp_path: Path) -> None:
    def draw(_: Results, folder: Path) -> None:
        (folder / "half.png").write_bytes(b"x")
        raise RuntimeError("no ink")

    with pytest.raises(RuntimeError, match="no ink"):
        run_experiment(experiment(), out=tmp_path, draw=draw)
    assert names(tmp_path) == set()


def test_a_folder_of_something_else_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="a folder of something else"):
        run_experiment(experiment(), out=tmp_path)
    assert names(tmp_path / "small") == {"thesis.tex"}


def test_files_added_to_the_results_are_not_lost(tmp_path: Path) -> None:
    run_experiment(experiment(), out=tmp_path)
    (tmp_path / "small" / "notes.txt").write_text("remember")
    with pytest.raises(InputError, match=r"notes\.txt.*would be lost"):
        run_experiment(experiment(), out=tmp_path)
    assert "notes.txt" in names(tmp_path / "small")


def test_files_added_while_the_experiment_runs_are_not_lost_either(tmp_path: Path) -> None:
    run_experiment(experiment(), out=tmp_path)
    notes = tmp_path / "small" / "notes.txt"
    with pytest.raises(InputError, match="would be lost"):
        run_experiment(experiment(), out=tmp_path, progress=lambda *_: notes.write_text("remember") and None)
    assert notes.read_text() == "remember"
    assert names(tmp_path) == {"small"}


def test_a_file_where_a_folder_belongs_is_refused_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Runner, "run", None)
    (tmp_path / "small").write_text("x")
    (tmp_path / "file").write_text("x")
    for out, message in ((tmp_path, "is a file"), (tmp_path / "file", "cannot be written")):
        with pytest.raises(InputError, match=message):
            run_experiment(experiment(), out=out)


def test_incomplete_or_broken_results_are_not_opened(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no results"):
        Results.open(tmp_path)
    folder = run_experiment(experiment(), out=tmp_path).folder
    assert folder is not None
    (folder / "runs.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="cannot be read"):
        Results.open(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"complete": False}))
    with pytest.raises(InputError, match="not complete"):
        Results.open(folder)


# --- what is printed --------------------------------------------------------------------------------------------------


def test_progress_counts_every_run() -> None:
    told: list[tuple[int, int]] = []
    run_experiment(experiment(), threads=1, progress=lambda done, total: told.append((done, total)))
    assert (told[0], told[-1]) == ((0, 12), (12, 12))
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_the_report_has_table_ratio_intervals_and_verdict() -> None:
    sources = "tv 50 %, chirp 40 %, home 9.0 %, own eyes 1.0 %"
    steady = np.array([3.2, 3.1, 3.3, 3.2, 3.2, 3.2, 3.1, 3.3])
    made = small_results.experiment({"of": ("slow", "quick"), "above": 1.0}, measures={"story": "fire"})
    lines = report_lines(small_results.results({("slow", "fire"): steady, ("quick", "fire"): steady / 10}, made))
    assert lines == [
        f"slow   T50 3.2 h [3.1, 3.3]       reached 75 %  first heard from: {sources}",
        f"quick  T50 19.2 min [18.6, 19.8]  reached 75 %  first heard from: {sources}",
        "",
        "T50 slow / quick: 10 [10, 10]",
        "",
        "[low, high]: 95 % intervals of the median; they cover luck of 8 replicates on one world (seed 1)",
        "",
        "verdict: supported",
        "  claim: Quick is quicker than slow",
        "  T50 slow / quick: 10 [10, 10]",
        "  the whole interval lies above 1, as claimed",
    ]


def test_what_is_never_reached_is_told_in_the_table() -> None:
    made = small_results.results({("slow", "fire"): [math.inf] * 5 + [1.0] * 3, ("quick", "fire"): [1.0] * 8})
    assert "T50 never [1, never] (not reached in 5 of 8)" in table_lines(made)[0]


def test_a_run_in_which_nothing_happened_is_told_loudly() -> None:
    times = {("slow", "fire"): [1.0] * 8, ("quick", "fire"): [1.0] * 8}
    assert warning_lines(small_results.results(times)) == []
    quiet = warning_lines(small_results.results(times, slow_heard=[0.0] * 8, quick_heard=[0.0, 0, *([5.0] * 6)]))
    assert [line.startswith("WARNING: NOTHING HAPPENED") for line in quiet] == [True, True]
    assert 'variant "slow": in any replicate nobody heard of "fire"' in quiet[0]
    assert "2 of 8 replicates" in quiet[1]


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (1e-4, "< 0.1 %"), (0.05, "5.0 %"), (0.486, "49 %"), (0.998, "99.8 %"), (0.9999, "> 99.9 %"),
     (1, "100 %")],
)  # fmt: skip
def test_only_nobody_is_0_and_only_everybody_is_100_per_cent(share: float, text: str) -> None:
    assert percent(share) == text


def test_an_unknown_variant_or_measure_is_named_with_what_is_near(found: Results) -> None:
    with pytest.raises(InputError, match='did you mean "with"'):
        found.values("wiht", "fire.reached")
    with pytest.raises(InputError, match=r"did you mean .fire\.reached"):
        found.values("with", "fire.reachd")


def test_the_median_visibility_is_said_and_what_is_hard_to_believe_is_warned_about() -> None:
    times = {("slow", "fire"): np.arange(1.0, 9.0), ("quick", "fire"): np.arange(1.0, 9.0)}
    results = small_results.results(times)
    told = {"a": 20 * 60.0, "b": 599.0, "c": 86_401.0}
    lines = visibility_lines(replace(results, manifest={**results.manifest, "median_visibility": told}))
    assert lines[0] == "posts on a stay within reach of the median member for 20 min"
    assert ["WARNING" in line for line in lines] == [False, True, True]
