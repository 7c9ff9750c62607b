"""Running sweeps: the same bytes whoever does which run and when, nothing twice, nothing lost, failures told."""

import json
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from diffusion import InputError
from diffusion.scenario import Experiment, Scenario
from diffusion.simulation import Runner, simulate
from diffusion.study.sweeps import SweepResults, work
from diffusion.study.sweeps import run as sweeping
from diffusion.study.sweeps.agenda import Shard
from diffusion.study.sweeps.crews import thread_crew as crew_of_threads
from diffusion.study.sweeps.run import run_sweep
from diffusion.study.sweeps.workshop import digest
from small_sweeps import FILE, SWEEP, read

RUNS = 4 * 2 * 3
"""Points, variants, replicates."""


def tables(folder: Path) -> tuple[bytes, ...]:
    return tuple((folder / "small" / name).read_bytes() for name in ("runs.parquet", "summary.csv"))


def swept(experiment: Experiment, out: Path, **keys: Any) -> SweepResults:
    found = run_sweep(experiment, out=out, **keys)
    assert found is not None
    return found


@pytest.fixture
def small(tmp_path: Path) -> Experiment:
    return read(tmp_path, FILE + SWEEP)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bytes, int]]:
    """Every run of a kernel: what is run, and which replicate."""
    found: list[tuple[bytes, int]] = []
    run = Runner.run

    def noted(runner: Runner, replicate: int) -> Any:
        found.append((digest(runner.scenario), replicate))
        return run(runner, replicate)

    monkeypatch.setattr(Runner, "run", noted)
    return found


# --- the same bytes --------------------------------------------------------------------------------------------------


def test_rows_are_those_of_single_runs(small: Experiment, tmp_path: Path) -> None:
    found = swept(small, tmp_path)
    assert (found.n_runs, found.complete) == (RUNS, True)
    assert found.keys == ("platforms.chirp.members", "stories.quake.appeal")
    row = found.table().to_pylist()[10]  # three replicates a variant, two variants a point
    assert (row["point"], row["variant"], row["replicate"]) == (1, "quiet", 1)
    point = {"platforms.chirp.members": 0.5, "stories.quake.appeal": 0.2}
    assert {key: row[key] for key in point} == point
    alone = simulate(small.at(point).variants["quiet"], replicate=1)
    assert row["quake.reached"] == alone.tallies[0].reached / alone.n_persons
    assert row["quake.views"] == alone.tallies[0].views


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_threads_and_chunks_leave_no_trace(
    small: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    swept(small, tmp_path / "one", threads=1)
    monkeypatch.setattr(sweeping._Pace, "size", lambda *_: size)
    swept(small, tmp_path / "two", threads=2)
    assert tables(tmp_path / "one") == tables(tmp_path / "two")


@pytest.mark.parametrize("order", [("1/3", "2/3", "3/3"), ("3/3", "1/3", "2/3")])
def test_shards_fill_one_store_and_the_last_one_writes_the_tables(
    small: Experiment, tmp_path: Path, counted: list[Any], order: tuple[str, ...]
) -> None:
    found = [run_sweep(small, out=tmp_path / "shards", shard=shard, threads=1) for shard in order]
    assert [one is None for one in found] == [True, True, False]
    assert len(counted) == len(set(counted)) == RUNS
    swept(small, tmp_path / "whole")
    assert tables(tmp_path / "shards") == tables(tmp_path / "whole")


def test_worlds_of_replicates_are_the_same_in_any_thread(tmp_path: Path) -> None:
    small = read(tmp_path, FILE + SWEEP, overrides=['run.redraw="world"'], replicates=5)
    swept(small, tmp_path / "one", threads=1)
    swept(small, tmp_path / "many", threads=6)
    assert tables(tmp_path / "one") == tables(tmp_path / "many")
    row = swept(small, tmp_path / "one").table().to_pylist()[4]
    first = small.at({"platforms.chirp.members": 0.5, "stories.quake.appeal": 0.1})
    alone = simulate(first.variants["all"], replicate=4)
    assert row["quake.views"] == alone.tallies[0].views


def test_equal_runs_at_several_points_are_run_once(tmp_path: Path, counted: list[Any]) -> None:
    # With the outlets off in the base, the variants "all" and "quiet" are alike.
    trust = '[sweep.grid]\n"outlets.tv.trust" = [0.5, 0.6, 0.7]\n'
    small = read(tmp_path, FILE + trust, overrides=["outlets.tv.active=false"])
    assert swept(small, tmp_path).n_runs == 3 * 2 * 3
    assert len(counted) == 3 * 3


# --- nothing twice, nothing lost -------------------------------------------------------------------------------------


class Interrupting:
    """Listens, and interrupts a sweep after so many chunks."""

    def __init__(self, after: int, error: BaseException) -> None:
        self.after, self.error, self.done = after, error, 0

    def __call__(self, event: dict[str, Any]) -> None:
        if event["event"] == "runs":
            self.after -= 1
            self.done = event["done"]
            if self.after == 0:
                raise self.error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(143), RuntimeError("no more paper")])
@pytest.mark.parametrize("threads", [1, 2])
def test_an_interrupted_sweep_goes_on_where_it_was(
    small: Experiment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    counted: list[Any],
    error: BaseException,
    threads: int,
) -> None:
    monkeypatch.setattr(sweeping._Pace, "size", lambda *_: 1)
    with pytest.raises(type(error)):
        run_sweep(small, out=tmp_path / "cut", threads=threads, log=Interrupting(4, error))
    begun = len(counted)
    assert 0 < begun < RUNS
    again: list[dict[str, Any]] = []
    found = swept(small, tmp_path / "cut", threads=threads, log=again.append)
    assert again[0]["done"] == begun, "a run that was finished when the signal came has been lost"
    assert len(counted) == len(set(counted)) == RUNS
    assert (found.complete, again[-1]["done"], again[-1]["runs"]) == (True, RUNS, RUNS)
    swept(small, tmp_path / "whole")
    assert tables(tmp_path / "cut") == tables(tmp_path / "whole")


def test_a_finished_run_is_never_repeated_and_a_changed_key_runs_only_what_is_new(
    tmp_path: Path, counted: list[Any]
) -> None:
    swept(read(tmp_path, FILE + SWEEP), tmp_path)
    swept(read(tmp_path, FILE + SWEEP), tmp_path)
    assert len(counted) == RUNS
    swept(read(tmp_path, FILE + SWEEP, replicates=4), tmp_path)
    assert len(counted) == RUNS + 8
    swept(read(tmp_path, FILE + SWEEP.replace("[0.1, 0.2]", "[0.1, 0.3]")), tmp_path)
    assert len(counted) == RUNS + 8 + 12
    swept(read(tmp_path, FILE + SWEEP), tmp_path)
    assert len(counted) == RUNS + 8 + 12


def test_two_sweeps_fill_one_store_at_once(small: Experiment, tmp_path: Path) -> None:
    twins = [threading.Thread(target=run_sweep, args=(small,), kwargs={"out": tmp_path / "both"}) for _ in range(2)]
    for twin in twins:
        twin.start()
    for twin in twins:
        twin.join()
    swept(small, tmp_path / "one")
    assert tables(tmp_path / "both") == tables(tmp_path / "one")


def test_a_chunk_that_takes_too_long_hands_back_the_rest(
    small: Experiment, tmp_path: Path, counted: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "LONGEST_S", 0.0)
    monkeypatch.setattr(sweeping._Pace, "size", lambda *_: 1000)
    told: list[dict[str, Any]] = []
    assert swept(small, tmp_path, threads=1, log=told.append).complete
    assert [event["new"] for event in told if event["event"] == "runs"] == [1] * RUNS
    assert len(counted) == RUNS


# --- runs that raise -------------------------------------------------------------------------------------------------

RARE = FILE.replace("6.0", "0.5") + '[sweep.grid]\n"platforms.chirp.members" = [0.03, 1.0]\n'
"""Three per cent of sixty persons: in some replicates' worlds there are too few members for a graph."""


def test_a_run_that_raises_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    small = read(tmp_path, RARE, overrides=['run.redraw="world"'], replicates=12)
    told: list[dict[str, Any]] = []
    found = swept(small, tmp_path, log=told.append)
    failed = [event for event in told if event["event"] == "failure"]
    assert 0 < len(failed) < 24
    assert {event["point"] for event in failed} == {0}
    assert all("of 60" in event["error"] for event in failed)
    assert (found.complete, found.missing, found.n_runs) == (False, len(failed), 48 - len(failed))
    stored = json.loads((tmp_path / "small" / "failures.json").read_text(encoding="utf-8"))
    assert [one["replicate"] for one in stored["failures"] if one["variant"] == "all"] == sorted(
        event["replicate"] for event in failed if event["variant"] == "all"
    )
    first = stored["failures"][0]
    scenario = Scenario.model_validate(stored["scenarios"][first["scenario"]])
    with pytest.raises(InputError, match="of 60"):
        simulate(scenario, replicate=first["replicate"])
    # Another attempt tries them again, and only them.
    begun: list[dict[str, Any]] = []
    swept(small, tmp_path, log=begun.append)
    assert begun[0]["done"] == 48 - len(failed)


def test_where_every_run_raises_the_tables_are_empty(tmp_path: Path) -> None:
    small = read(tmp_path, RARE.replace("[0.03, 1.0]", "[0.001, 0.002]"))
    found = swept(small, tmp_path)
    assert (found.n_runs, found.missing, found.summary().num_rows) == (0, 12, 0)


def test_failures_of_other_shards_do_not_keep_the_tables_waiting(tmp_path: Path) -> None:
    small = read(tmp_path, RARE, overrides=['run.redraw="world"'], replicates=12)
    assert run_sweep(small, out=tmp_path / "shards", shard="1/2") is None
    found = run_sweep(small, out=tmp_path / "shards", shard="2/2")
    assert found is not None
    assert found.missing == swept(small, tmp_path / "whole").missing > 0
    assert tables(tmp_path / "shards") == tables(tmp_path / "whole")


def test_a_chunk_whose_worker_is_lost_is_bisected_to_the_run_that_kills_it(
    small: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lethal: list[str] = []
    sizes: list[int] = []

    def fragile(chunk: work.Chunk, *rest: Any) -> work.Done:
        if not lethal and len(chunk.tasks) > 5:
            lethal.append(chunk.tasks[3].run)
        sizes.append(len(chunk.tasks))
        if lethal and any(task.run == lethal[0] for task in chunk.tasks):
            raise MemoryError("the worker is gone")
        return work.run_chunk(chunk, *rest)

    monkeypatch.setattr(sweeping._Pace, "size", lambda *_: 8)
    monkeypatch.setattr(sweeping, "thread_crew", lambda n: crew_of_threads(n, fragile))
    told: list[dict[str, Any]] = []
    found = swept(small, tmp_path, threads=2, log=told.append)
    assert [(event["run"], "MemoryError" in event["error"]) for event in told if event["event"] == "failure"] == [
        (lethal[0], True)
    ]
    assert Counter(sizes) == {8: 4, 4: 2, 2: 2, 1: 2}
    assert (found.n_runs, found.missing) == (RUNS - 1, 1)


def test_what_the_claim_needs_is_missed_at_once_and_what_was_stored_stays(tmp_path: Path, counted: list[Any]) -> None:
    claim = '[claim]\ntext = "?"\nof = ["all", "quiet"]\nmeasure = "column_ratio"\ncolumn = "first.tw"\nabove = 1.0\n'
    with pytest.raises(InputError, match=r'claim\.column: there is no measure "first\.tw"; did you mean "first\.tv"'):
        run_sweep(read(tmp_path, FILE + SWEEP + claim), out=tmp_path, threads=1)
    assert len(counted) < RUNS


# --- arguments -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "1/0", "a/b", "1/2/3", "-1/2", "1.5/2"])
def test_a_shard_is_a_part_of_a_whole(text: str) -> None:
    with pytest.raises(InputError, match="give I/N with I from 1 to N, such as 2/8"):
        Shard.read(text)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"threads": 0}, "threads = 0 is not a whole number >= 1"),
        ({"threads": 2, "workers": 2}, "threads and workers: give one of them"),
        ({"scheduler": "tcp://x:1", "workers": 2}, "scheduler and workers: give one of them"),
    ],
)
def test_one_kind_of_crew_is_asked_for(small: Experiment, tmp_path: Path, keys: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        run_sweep(small, out=tmp_path, **keys)
    assert not (tmp_path / "small").exists()
