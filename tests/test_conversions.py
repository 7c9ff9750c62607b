"""Tables of runs in other libraries, with our help and without."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import small_results
from diffusion import InputError
from diffusion.study.sweeps import SweepResults
from sweep_stores import VARIANTS, index, key, opened, row, rows

REACHED = np.array([1 / (1 + n) for n in range(24)]).reshape(3, 2, 4)


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> SweepResults:
    store = opened(tmp_path_factory.mktemp("conversions") / "made")
    store.add(rows(*range(23)))
    store.add([row(23, **{"fire.first.tv": math.nan})])
    store.finish(index(3, 4))
    return SweepResults.open(store.folder)


def small() -> object:
    return small_results.results({("slow", "fire"): [4.0, np.inf], ("quick", "fire"): [2.0, 3.0]})


@pytest.mark.peers
def test_pandas(sweep: SweepResults) -> None:
    import pandas as pd

    frame = sweep.to_pandas()
    pd.testing.assert_frame_equal(frame, pd.read_parquet(sweep.folder / "runs.parquet"))
    means = frame.groupby(["outlets.tv.delay", "variant"])["fire.reached"].mean()
    np.testing.assert_allclose(means, REACHED.mean(axis=2).ravel())
    summary = pd.read_csv(sweep.folder / "summary.csv")
    np.testing.assert_allclose(summary[summary.measure == "reached"]["mean"], REACHED.mean(axis=2).ravel())
    plain = small().to_pandas()  # type: ignore[attr-defined]
    assert plain["variant"].tolist() == ["slow"] * 2 + ["quick"] * 2
    assert plain["fire.T50_h"].tolist() == [4.0, np.inf, 2.0, 3.0]


@pytest.mark.peers
def test_polars(sweep: SweepResults) -> None:
    import polars as pl

    frame = sweep.to_polars(["fire.reached"])
    assert frame.equals(pl.read_parquet(sweep.folder / "runs.parquet").select(frame.columns))
    parts = pl.scan_parquet(sweep.folder / "parts" / "*.parquet", missing_columns="insert", extra_columns="ignore")
    assert set(parts.collect()["run"]) == {key(n) for n in range(24)}
    assert small().to_polars().height == 4  # type: ignore[attr-defined]


@pytest.mark.peers
def test_duckdb(sweep: SweepResults) -> None:
    import duckdb

    runs = f"'{sweep.folder}/runs.parquet'"
    found = duckdb.sql(f'select point, variant, avg("fire.reached") from {runs} group by all order by all').fetchall()
    assert [(p, v) for p, v, _ in found] == [(p, v) for p in range(3) for v in VARIANTS]
    np.testing.assert_allclose([mean for *_, mean in found], REACHED.mean(axis=2).ravel())
    parts = f"select count(*) from read_parquet('{sweep.folder}/parts/*.parquet', union_by_name = true)"
    assert duckdb.sql(parts).fetchall() == [(24,)]


@pytest.mark.peers
def test_xarray_over_a_grid(sweep: SweepResults) -> None:
    found = sweep.to_xarray()
    assert dict(found.sizes) == {"outlets.tv.delay": 3, "variant": 2, "replicate": 4}
    np.testing.assert_array_equal(found["fire.reached"], REACHED)
    assert float(found["fire.reached"].sel({"outlets.tv.delay": 20.0, "variant": "without", "replicate": 3})) == 1 / 24
    plain = small().to_xarray()  # type: ignore[attr-defined]
    assert plain["fire.T50_h"].sel(variant="slow").values.tolist() == [4.0, np.inf]


@pytest.mark.peers
def test_xarray_over_points_that_are_no_grid(tmp_path: Path) -> None:
    plan = index(3, 4)
    second = np.array([0, 1, 1])[plan.column("point").to_numpy()]
    store = opened(tmp_path / "made")
    store.add(rows(*range(23)))
    store.finish(plan.add_column(2, "people.count", [second]))
    found = SweepResults.open(tmp_path / "made").to_xarray(["fire.reached"])
    assert dict(found.sizes) == {"point": 3, "variant": 2, "replicate": 4}
    assert found["people.count"].values.tolist() == [0, 1, 1]
    expected = REACHED.copy()
    expected[2, 1, 3] = np.nan  # missing
    np.testing.assert_array_equal(found["fire.reached"], expected)


@pytest.mark.parametrize("library", ["pandas", "polars", "xarray"])
def test_what_is_not_installed_is_told_in_one_line(
    sweep: SweepResults, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    told = rf'needs {library}, which is not installed: pip install "diffusion\[tables\]"'
    with pytest.raises(InputError, match=told):
        getattr(sweep, f"to_{library}")()


def test_opening_a_sweep_loads_none_of_them(sweep: SweepResults) -> None:
    code = f"""
import sys
from diffusion import Results
Results.open({str(sweep.folder)!r}).summary()
assert not {{"polars", "xarray", "matplotlib", "networkx"}} & sys.modules.keys()  # pyarrow loads pandas itself
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
