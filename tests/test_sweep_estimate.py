"""What a sweep will take is said before it is run, and nothing is written for that."""

from pathlib import Path

import pytest

from diffusion.cli import _guarded
from diffusion.study.sweeps import Row, SweepStore
from diffusion.study.sweeps.agenda import Shard
from diffusion.study.sweeps.estimate import Estimate, Probe, estimate, spread
from diffusion.versions import MODEL_VERSION
from small_sweeps import FILE, SWEEP, plan


def test_points_are_timed_from_the_first_to_the_last() -> None:
    assert [spread(n) for n in (0, 1, 4, 5, 100)] == [[], [0], [0, 1, 2, 3], [0, 1, 3, 4], [0, 33, 66, 99]]


def test_runs_are_counted_once_and_stored_ones_are_left_out(tmp_path: Path) -> None:
    made = plan(tmp_path, FILE + '[sweep.grid]\n"outlets.tv.active" = [true, false]\n')
    folder = tmp_path / "results" / "small"
    first = estimate(made, folder)
    # Of 2 points x 2 variants x 3 replicates, three of the four scenarios are the same world without television.
    assert (first.jobs, first.runs, first.stored, first.left, first.scenarios) == (12, 6, 0, 6, 2)
    assert len(first.probes) == 2
    assert not folder.exists()
    store = SweepStore.open_or_create(folder, {"name": "small", "experiment": {}, "model_version": MODEL_VERSION})
    store.add([Row(job.run, {"x": 1.0}, 0.1) for job in list(made.jobs())[:4]])
    before = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*"))
    second = estimate(made, folder)
    assert (second.stored, second.left, second.scenarios) == (4, 2, 1)
    assert sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*")) == before


def test_nothing_is_timed_where_nothing_is_left(tmp_path: Path) -> None:
    made = plan(tmp_path)
    folder = tmp_path / "results"
    store = SweepStore.open_or_create(folder, {"name": "small", "experiment": {}, "model_version": MODEL_VERSION})
    store.add([Row(job.run, {"x": 1.0}, 0.1) for job in made.jobs()])
    found = estimate(made, folder)
    assert (found.left, found.probes, found.seconds) == (0, (), 0.0)
    assert found.lines()[-1] == "already stored: 24; to run: 0"


def test_the_time_is_that_of_all_worlds_and_runs_shared_among_threads(tmp_path: Path) -> None:
    made = plan(tmp_path)
    probes = (Probe(5.0, 0.1, 160), Probe(1.0, 0.3, 800))
    found = Estimate(made, jobs=24, runs=20, scenarios=9, stored=10, at_once=2, probes=probes, peak=3 * 2**20)
    assert found.seconds == pytest.approx(5 + (10 * 0.2 + 8 * 1.0) / 2)
    assert found.disk == 2 * 24 * (800 + 2 * 8 + 40)
    assert found.lines() == [
        "small: 4 points × 2 variants, 24 runs",
        "swept: platforms.chirp.members: 0.5, 1.0",
        "swept: stories.quake.appeal: 0.1, 0.2",
        "the same at several points or variants, and run once: 4",
        "already stored: 10; to run: 10",
        "time: about 10 s, 2 at a time (a run 100 ms to 300 ms, the first world 5 s, another one 1 s)",
        "memory: about 3 MiB, held by 2 timed points",
        "disk: at most 0.1 MiB",
    ]


def test_shards_share_the_runs(tmp_path: Path) -> None:
    made = plan(tmp_path)
    shares = [estimate(made, tmp_path / "results", shard=Shard(i, 3)).left for i in (1, 2, 3)]
    assert sum(shares) == 24
    assert all(shares)


def test_an_experiment_without_a_sweep_is_estimated_too(tmp_path: Path) -> None:
    found = estimate(plan(tmp_path, FILE), tmp_path / "results")
    lines = found.lines()
    assert lines[0] == "small: 2 variants, 6 runs"
    assert [line.partition(":")[0] for line in lines[1:]] == ["time", "memory", "disk"]


def test_a_dry_run_prints_what_a_sweep_takes_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("small.toml").write_text(FILE + SWEEP, encoding="utf-8")
    assert _guarded(["run", "small.toml", "--dry-run", "--set", "stories.quake.appeal=0.1,0.2,0.3"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "small: 6 points × 2 variants, 36 runs"
    assert "already stored: 0; to run: 36" in told
    assert [path.name for path in tmp_path.iterdir()] == ["small.toml"]


def test_a_dry_run_refuses_a_wrong_point_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("small.toml").write_text(FILE, encoding="utf-8")
    assert _guarded(["run", "small.toml", "--dry-run", "--set", "platforms.chirp.members=0.5,1.4"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error: sweep point 1 (platforms.chirp.members = 1.4): platforms.chirp.members: ")
    assert shown.err.count("\n") == 1
