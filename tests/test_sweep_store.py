"""The store of a sweep: what is added is there, once, and its tables do not depend on how it came there."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

from diffusion import InputError, Results
from diffusion.study.store import new_folder
from diffusion.study.sweeps import SweepResults
from sweep_stores import MANIFEST, bytes_of, index, key, opened, row, rows


def finished(folder: Path, *chunks: range, points: int = 3, replicates: int = 4) -> SweepResults:
    store = opened(folder)
    for chunk in chunks:
        store.add(rows(*chunk))
    store.finish(index(points, replicates))
    return SweepResults.open(folder)


def test_what_was_added_is_finished_for_others_too(tmp_path: Path) -> None:
    store = opened(tmp_path / "made")
    assert store.finished() == set()
    store.add(rows(1, 2))
    store.add([])
    store.add(rows(5))
    assert store.finished() == opened(tmp_path / "made").finished() == {key(1), key(2), key(5)}
    assert store.seconds() == dict.fromkeys([key(1), key(2), key(5)], 0.25)
    assert (store.damaged, store.conflicts, store.notes) == (0, frozenset(), ())


def test_tables_do_not_depend_on_order_chunks_repetition_or_strangers(tmp_path: Path) -> None:
    finished(tmp_path / "a", range(24))
    finished(tmp_path / "b", range(23, 11, -1), range(5, 20), range(12))
    store = opened(tmp_path / "c")
    for number in (*range(23, -1, -1), 100):
        store.add([row(number, seconds=number, **({"fire.other": 1.0} if number == 100 else {}))])
    store.compact()
    store.finish(index(3, 4))
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b") == bytes_of(tmp_path / "c")


def test_the_table_of_runs_is_the_plan_with_its_measures(tmp_path: Path) -> None:
    plan = index(3, 4)
    found = finished(tmp_path / "made", range(24))
    assert (found.keys, found.measures) == (("outlets.tv.delay",), ("fire.T50_h", "fire.reached"))
    assert (found.complete, found.missing, found.n_runs, found.name) == (True, 0, 24, "made")
    assert found.table([]).equals(plan)
    table = found.table(["fire.reached"])
    assert table.column_names == [*plan.column_names, "fire.reached"]
    assert table.column("fire.reached").to_pylist() == [1 / (1 + n) for n in range(24)]
    assert found.table().column("fire.T50_h").to_pylist() == [
        math.inf if n % 7 == 3 else 1 + 0.1 * n for n in range(24)
    ]
    assert isinstance(Results.open(tmp_path / "made"), SweepResults)


def test_a_run_that_stands_at_two_points_is_stored_once_and_told_twice(tmp_path: Path) -> None:
    plan = index(2, 1)
    plan = plan.set_column(plan.column_names.index("run"), "run", [[key(0), key(1), key(0), key(1)]])
    store = opened(tmp_path / "made")
    store.add(rows(0, 1))
    store.finish(plan)
    assert SweepResults.open(tmp_path / "made").table().column("fire.reached").to_pylist() == [1, 0.5, 1, 0.5]


def test_missing_runs_are_left_out_and_counted(tmp_path: Path) -> None:
    found = finished(tmp_path / "made", range(5), range(8, 24))
    assert (found.complete, found.missing, found.n_runs) == (False, 3, 21)
    assert "21 of 24 runs" in repr(found)
    assert found.table().column("run").to_pylist() == [key(n) for n in (*range(5), *range(8, 24))]


def test_what_a_run_does_not_have_is_missing_and_what_is_undefined_is_not_a_number(tmp_path: Path) -> None:
    store = opened(tmp_path / "made")
    store.add([row(0, **{"fire.first.tv": math.nan}), row(1)])
    store.finish(index(1, 1))
    column = SweepResults.open(tmp_path / "made").table(["fire.first.tv"]).column("fire.first.tv")
    assert column.null_count == 1 and math.isnan(column[0].as_py())


def test_the_summary_is_worked_out_by_hand(tmp_path: Path) -> None:
    values = [3.0, 1.0, math.inf, 2.0, math.nan, 10.0, 4.0, 5.0]
    store = opened(tmp_path / "made")
    store.add([row(n)._replace(measures={"fire.x": value}) for n, value in enumerate(values)])
    store.finish(index(1, 8))
    assert SweepResults.open(tmp_path / "made").summary().to_pylist() == [
        {
            "point": 0, "outlets.tv.delay": 0.0, "variant": "with", "story": "fire", "measure": "x", "replicates": 7,
            "mean": math.inf, "sd": None, "median": 4.0, "low": 1.0, "high": math.inf,
            "q05": 1.0, "q25": 2.0, "q75": 10.0, "q95": math.inf, "never": 1, "undefined": 1,
        }
    ]  # fmt: skip
    with (tmp_path / "made" / "summary.csv").open(newline="") as file:
        (told,) = csv.DictReader(file)
    assert (told["mean"], told["sd"], told["q25"]) == ("inf", "", "2.0")


def test_summaries_agree_with_numpy_in_any_grouping(tmp_path: Path) -> None:
    found = finished(tmp_path / "made", range(0, 17), range(18, 24))
    reached = np.array([math.nan if n == 17 else 1 / (1 + n) for n in range(24)]).reshape(3, 2, 4)
    told = found.summary(["fire.reached"])
    assert told.column("replicates").to_pylist() == [4, 4, 4, 4, 3, 4]
    np.testing.assert_allclose(told.column("mean"), np.nanmean(reached, axis=2).ravel())
    np.testing.assert_allclose(told.column("sd"), np.nanstd(reached, axis=2, ddof=1).ravel())
    np.testing.assert_allclose(told.column("median"), np.nanmedian(reached, axis=2).ravel())
    assert told.column("low").null_count == 6  # fewer than six runs
    by_variant = found.summary(["fire.reached"], by=["variant"])
    assert by_variant.column_names[:3] == ["variant", "story", "measure"]
    np.testing.assert_allclose(by_variant.column("median"), [np.nanmedian(reached[:, v]) for v in (0, 1)])
    smallest = np.sort(reached[~np.isnan(reached)])  # 23 runs: Binomial(23, 1/2) is <= 5 with probability 0.0053 …
    both = found.summary(["fire.reached"], by=[])
    assert both.column("low").to_pylist() == [smallest[6]]  # … and <= 6 with 0.0173, <= 7 with 0.0466
    assert both.column("high").to_pylist() == [smallest[-7]]


def test_tidy_has_a_row_for_every_run_and_measure(tmp_path: Path) -> None:
    tidy = finished(tmp_path / "made", range(24)).tidy()
    assert tidy.num_rows == 48
    last = ["point", "outlets.tv.delay", "variant", "replicate", "story", "measure", "value"]
    assert tidy.column_names == last
    assert list(tidy.slice(47).to_pylist()[0].values()) == [2, 20.0, "without", 3, "fire", "reached", 1 / 24]


def test_a_store_is_used_again_by_another_sweep_of_its_name(tmp_path: Path) -> None:
    finished(tmp_path / "made", range(8), points=1)
    store = opened(tmp_path / "made", experiment={"name": "made", "title": "larger"})
    assert len(store.finished()) == 8
    assert SweepResults.open(tmp_path / "made").manifest["experiment"] == {"name": "made"}  # until it is finished
    store.add(rows(*range(8, 24)))
    store.finish(index(3, 4))
    assert SweepResults.open(tmp_path / "made").manifest["experiment"]["title"] == "larger"


def test_the_manifest_says_where_the_numbers_come_from(tmp_path: Path) -> None:
    manifest = finished(tmp_path / "made", range(24)).manifest
    assert {"name", "experiment", "model_version", "seed", "begun", "finished", "files"} <= manifest.keys()
    (writer,) = manifest["writers"]
    assert {"python", "diffusion", "numpy", "numba"} <= writer["versions"].keys()
    assert writer["machine"]["processor"] and writer["machine"]["cores"] >= 1


def test_parts_are_joined_without_losing_or_doubling_a_run(tmp_path: Path) -> None:
    store = opened(tmp_path / "made")
    for n in range(30):
        store.add(rows(n, n + 1))
    assert store.compact(full=10) == 6
    assert store.compact() == 1
    assert store.finished() == {key(n) for n in range(31)}
    assert store.table().num_rows == 31
    assert store.compact() == 1


def test_folders_of_something_else_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("mine")
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "manifest.json").write_text(json.dumps({"format": "diffusion results"}))
    for name, told in (("file", "is a file"), ("thesis", "folder of something else"), ("plain", "without a sweep")):
        with pytest.raises(InputError, match=told) as refused:
            opened(tmp_path / name)
        assert "\n" not in str(refused.value)
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["chapter.txt"]


def test_an_experiment_without_a_sweep_does_not_replace_one(tmp_path: Path) -> None:
    finished(tmp_path / "made", range(24))
    with pytest.raises(InputError, match="runs of a sweep, which would be lost"), new_folder(tmp_path, "made"):
        raise AssertionError
    with pytest.raises(InputError, match="holds a sweep"):
        Results.read(tmp_path / "made")


def test_a_sweep_under_way_is_told_so(tmp_path: Path) -> None:
    opened(tmp_path / "made").add(rows(1))
    with pytest.raises(InputError, match="has not been finished; run the experiment again"):
        Results.open(tmp_path / "made")


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda r: r.table(["fire.reachd"]), 'no measure "fire.reachd"; did you mean "fire.reached"'),
        (lambda r: r.table("fire.reached"), "give a list of measures"),
        (lambda r: r.summary(by=["outlets.tv.dela"]), 'did you mean "outlets.tv.delay"'),
    ],
)
def test_misspelt_columns_are_refused(tmp_path: Path, ask: object, told: str) -> None:
    found = finished(tmp_path / "made", range(24))
    with pytest.raises(InputError, match=told):
        ask(found)  # type: ignore[operator]


def test_a_measure_named_like_a_swept_key_is_refused(tmp_path: Path) -> None:
    store = opened(tmp_path / "made")
    store.add([row(0)._replace(measures={"outlets.tv.delay": 1.0})])
    with pytest.raises(InputError, match="both a swept key and a measure"):
        store.finish(index(1, 1))


def test_the_manifest_of_the_caller_is_kept_whole(tmp_path: Path) -> None:
    found = finished(tmp_path / "made", range(24))
    assert MANIFEST.items() <= found.manifest.items()
