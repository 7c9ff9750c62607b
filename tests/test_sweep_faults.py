"""Nothing that was finished is lost, nothing wrong is served: what can befall a store, one fault at a time.

A hash of 128 bits overlooks a changed byte once in 2**128 changes; the tests here are otherwise certain.
"""

import fcntl
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from diffusion import InputError, Results
from diffusion.study.sweeps import SweepResults, SweepStore, shelf
from diffusion.study.sweeps.parts import DamagedPart, Part, part_paths, read_part
from sweep_stores import bytes_of, index, key, opened, row, rows

HERE = Path(__file__).parent
TABLES = ("runs.parquet", "summary.csv")


def hit(*arguments: object) -> str:
    command = [sys.executable, str(HERE / "sweep_faults.py"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def made(folder: Path) -> SweepStore:
    store = opened(folder)
    for chunk in (range(0, 9), range(9, 24)):
        store.add(rows(*chunk))
    store.finish(index(3, 4))
    return store


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("undisturbed") / "made"
    made(folder)
    return bytes_of(folder)


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ (1 << place % 8)]) + data[place + 1 :]


# --- parts -----------------------------------------------------------------------------------------------------------


def test_a_part_cut_short_or_changed_anywhere_is_detected(tmp_path: Path) -> None:
    opened(tmp_path / "made").add(rows(1, 2))
    (path,) = part_paths(tmp_path / "made" / "parts")
    data = path.read_bytes()
    for place in range(len(data)):
        for broken in (data[:place], flipped(data, place)):
            path.write_bytes(broken)
            with pytest.raises(DamagedPart):
                read_part(path)
    path.write_bytes(data)
    assert read_part(path).rows.num_rows == 2


@pytest.mark.parametrize("cut", [0, 4, 700, -1])
def test_a_damaged_part_is_set_aside_and_only_its_runs_run_again(
    tmp_path: Path, cut: int, undisturbed: dict[str, bytes]
) -> None:
    made(tmp_path / "made")
    path = next(p for p in part_paths(tmp_path / "made" / "parts") if read_part(p).rows.num_rows == 9)
    path.write_bytes(path.read_bytes()[:cut])
    store = opened(tmp_path / "made")
    assert store.finished() == {key(n) for n in range(9, 24)}
    assert store.damaged == 1
    assert not path.exists() and len(list((tmp_path / "made" / "damaged").iterdir())) == 1
    assert "1 damaged part was moved to" in store.notes[0]
    store.add(rows(*range(9)))
    store.finish(index(3, 4))
    assert bytes_of(tmp_path / "made") == undisturbed
    assert opened(tmp_path / "made").damaged == 0


def test_a_sound_file_that_is_no_part_is_set_aside(tmp_path: Path) -> None:
    from diffusion.study.sweeps.durable import digest

    store = opened(tmp_path / "made")
    for data in (b"", b"PAR1 but no table"):
        (tmp_path / "made" / "parts" / f"{digest(data)}.parquet").write_bytes(data)
    pa.parquet.write_table(pa.table({"a": [1]}), tmp_path / "other")
    data = (tmp_path / "other").read_bytes()
    (tmp_path / "made" / "parts" / f"{digest(data)}.parquet").write_bytes(data)
    assert store.finished() == set()
    assert store.damaged == 3


# --- the same run twice ----------------------------------------------------------------------------------------------


def test_rows_that_are_stored_twice_are_served_once(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    store = made(tmp_path / "made")
    store.add([row(n, seconds=99.0) for n in range(20)])
    assert len(store.finished()) == store.table().num_rows == 24
    store.finish(index(3, 4))
    assert bytes_of(tmp_path / "made") == undisturbed
    assert store.conflicts == frozenset()


@pytest.mark.parametrize(
    "other",
    [
        {"fire.reached": math.nextafter(1 / 4, 1)},
        {"fire.reached": math.nan},
        {"fire.other": math.nan},
        {"fire.T50_h": -math.inf},
    ],
    ids=str,
)
def test_rows_that_contradict_each_other_are_set_aside_and_run_again(
    tmp_path: Path, other: dict[str, float], undisturbed: dict[str, bytes]
) -> None:
    made(tmp_path / "made").add([row(3, **other), row(50)])
    store = opened(tmp_path / "made")
    assert store.finished() == {key(n) for n in (*range(3), *range(4, 24), 50)}
    assert store.conflicts == {key(3)}
    assert "stored twice with different measures" in store.notes[0] and key(3) in store.notes[0]
    assert len(list((tmp_path / "made" / "damaged").iterdir())) == 2
    store.add(rows(3))
    store.finish(index(3, 4))
    assert bytes_of(tmp_path / "made") == undisturbed
    assert opened(tmp_path / "made").finished() == {key(n) for n in (*range(24), 50)}


def test_rows_that_agree_in_what_is_undefined_or_zero_do_not_contradict(tmp_path: Path) -> None:
    store = opened(tmp_path / "made")
    for _ in range(2):
        store.add([row(1, **{"fire.first.tv": math.nan, "fire.zero": 0.0})])
    assert store.finished() == {key(1)} and not store.conflicts
    store.add([row(1, **{"fire.first.tv": math.nan, "fire.zero": -0.0})])
    assert store.finished() == set() and store.conflicts == {key(1)}


def test_contradictions_survive_joining_until_they_are_read(tmp_path: Path) -> None:
    store = opened(tmp_path / "made")
    store.add(rows(1, 2))
    store.add([row(2, **{"fire.reached": 0.5})])
    store.compact()
    assert len(part_paths(tmp_path / "made" / "parts")) == 1
    assert store.finished() == {key(1)} and store.conflicts == {key(2)}


# --- tables and manifests --------------------------------------------------------------------------------------------


def test_a_table_of_runs_changed_somewhere_is_refused(tmp_path: Path) -> None:
    made(tmp_path / "made")
    path = tmp_path / "made" / "runs.parquet"
    data = path.read_bytes()
    for place in range(0, len(data), 7):
        for broken in (data[:place], flipped(data, place)):
            path.write_bytes(broken)
            with pytest.raises(InputError, match=r"damaged: it is not the table that was written; run the experiment"):
                SweepResults.open(tmp_path / "made")


def test_a_manifest_changed_anywhere_is_replaced_by_its_copy(tmp_path: Path) -> None:
    made(tmp_path / "made")
    path = tmp_path / "made" / "manifest.json"
    data = path.read_bytes()
    told = SweepResults.open(tmp_path / "made").manifest
    for place in range(len(data)):
        for broken in (data[:place], flipped(data, place)):
            path.write_bytes(broken)
            assert SweepResults.open(tmp_path / "made").manifest == told
    store = opened(tmp_path / "made")
    assert "manifest was damaged and has been written anew" in store.notes[0]
    assert path.read_bytes() == data
    assert opened(tmp_path / "made").notes == ()


def test_without_any_manifest_the_runs_are_still_there(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    made(tmp_path / "made")
    (tmp_path / "made" / "manifest.json").write_text("{")
    (tmp_path / "made" / "parts" / "manifest.json").unlink()
    with pytest.raises(InputError, match=r"no sound manifest\.json of a sweep; run the experiment again"):
        Results.open(tmp_path / "made")
    store = opened(tmp_path / "made")
    assert len(store.finished()) == 24
    store.finish(index(3, 4))
    assert bytes_of(tmp_path / "made") == undisturbed
    assert SweepResults.open(tmp_path / "made").complete


def test_two_interrupted_endings_in_a_row_leave_a_manifest_that_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(tmp_path / "made")
    store.add(rows(*range(24)))
    store.finish(index(1, 4))
    true_replace = os.replace
    for points, last, there in ((2, "manifest.json", 16), (3, "runs.parquet", 16)):

        def broken(source: object, target: Path, last: str = last) -> None:
            if target == tmp_path / "made" / last:
                raise OSError("killed")
            true_replace(source, target)  # type: ignore[arg-type]

        with monkeypatch.context() as patched, pytest.raises(InputError, match="killed"):
            patched.setattr(os, "replace", broken)
            # At the second ending the manifest is that of one point and the copy that of two, as are the runs.
            opened(tmp_path / "made").finish(index(points, 4))
        assert SweepResults.open(tmp_path / "made").n_runs == there


def test_rows_of_another_version_of_the_model_stay_and_are_not_served(tmp_path: Path) -> None:
    made(tmp_path / "made")
    newer = opened(tmp_path / "made", model_version=2)
    assert newer.finished() == set()
    assert newer.notes == ("24 stored runs of model version 1 stay, and are not used for version 2",)
    newer.add([row(1, **{"fire.reached": 0.9})])
    newer.add(rows(2))
    newer.compact()
    assert newer.finished() == {key(1), key(2)} and not newer.conflicts
    older = opened(tmp_path / "made")
    assert len(older.finished()) == 24 and not older.conflicts


# --- clocks and leftovers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("then", [0, 4_000_000_000])
def test_no_decision_hangs_on_a_clock(tmp_path: Path, then: int, undisturbed: dict[str, bytes]) -> None:
    store = made(tmp_path / "made")
    living = tmp_path / "made" / "parts" / f".under-way-{'a' * 32}"
    dead = tmp_path / "made" / "parts" / f".under-way-{'b' * 32}"
    foreign = [tmp_path / "made" / "parts" / name for name in (".under-way-mine", f"under-way-{'b' * 32}", "notes.txt")]
    for path in (living, dead, *foreign):
        path.write_bytes(b"")
    for path in (tmp_path / "made").rglob("*"):
        os.utime(path, (then, then))
    with living.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        store = opened(tmp_path / "made")
    assert living.exists() and not dead.exists() and all(path.exists() for path in foreign)
    assert len(store.finished()) == 24
    store.finish(index(3, 4))
    assert bytes_of(tmp_path / "made") == undisturbed


# --- other processes -------------------------------------------------------------------------------------------------


def survived(folder: Path, told: Path, undisturbed: dict[str, bytes]) -> None:
    """After a kill: all that was acknowledged is there, the tables can be read, and resuming gives the same bytes."""
    lines = [line.split() for line in told.read_text().splitlines()] if told.exists() else []
    acknowledged = {key(n) for word, *numbers in lines if word == "added" for n in range(*map(int, numbers))}
    points = [int(numbers[0]) for word, *numbers in lines if word == "finished"]
    if points:
        assert SweepResults.open(folder).n_runs in (8, 24) and SweepResults.open(folder).n_runs >= 8 * points[-1]
    store = opened(folder)
    there = store.finished()
    assert acknowledged <= there and store.damaged == 0 and store.notes == ()
    store.add([row(n) for n in range(24) if key(n) not in there])
    store.finish(index(3, 4))
    assert bytes_of(folder) == undisturbed
    assert SweepResults.open(folder).complete
    left = [path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".parquet"]
    assert sorted(left) == ["manifest.json", "manifest.json", "summary.csv"]


def test_killed_before_any_of_its_changes_a_sweep_goes_on_from_there(
    tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    hit("steps", tmp_path)
    told = sorted(tmp_path.glob("*.told"))
    assert len(told) > 50  # opening, six parts, two tables twice, manifests: each is written, synced, renamed
    for path in told:
        if path.with_suffix("").exists():
            survived(path.with_suffix(""), path, undisturbed)


def killed_at_moments(folder: Path, n: int, undisturbed: dict[str, bytes]) -> None:
    hit("moments", folder, n)
    for number in range(n):
        if (folder / str(number)).exists():
            survived(folder / str(number), folder / f"{number}.told", undisturbed)


def test_killed_at_any_moment_a_sweep_goes_on_from_there(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    killed_at_moments(tmp_path, 3, undisturbed)


@pytest.mark.verify
def test_killed_at_many_moments_a_sweep_goes_on_from_there(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    killed_at_moments(tmp_path, 200, undisturbed)


def test_programs_that_work_on_one_store_lose_and_double_nothing(tmp_path: Path) -> None:
    hit("together", tmp_path / "made")
    store = opened(tmp_path / "made")
    assert store.finished() == {key(n) for n in range(120)}
    assert store.table().num_rows == 120
    assert store.notes == ()


def test_parts_that_are_joined_while_they_are_read_are_found_in_what_they_became(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        opened(tmp_path / "made").add(rows(number))

    def read(path: Path, columns: Sequence[str] | None = None) -> Part:
        monkeypatch.undo()
        assert opened(tmp_path / "made").compact() == 1
        return read_part(path, columns)

    monkeypatch.setattr(shelf, "read_part", read)
    store = opened(tmp_path / "made")
    assert store.finished() == {key(n) for n in range(5)} and store.damaged == 0


@pytest.mark.parametrize("size", [100, 3000])
def test_a_full_disk_is_one_line_and_loses_nothing(tmp_path: Path, size: int, undisturbed: dict[str, bytes]) -> None:
    told = hit("full", tmp_path / "made", size).splitlines()
    assert len(told) == 1 and "the store cannot be written: File too large; what is stored stays" in told[0]
    assert not list((tmp_path / "made").rglob(".under-way-*"))
    assert bytes_of(tmp_path / "made") == undisturbed


def test_a_folder_that_cannot_be_written_is_read_and_anything_else_is_one_line() -> None:
    with tempfile.TemporaryDirectory() as outside:
        Path(outside).chmod(0o755)
        told = hit("readonly", Path(outside) / "made").splitlines()
        for path in (Path(outside) / "made", Path(outside) / "made" / "parts"):
            path.chmod(0o755)
    first, *refused, last = told
    assert first == "True 1" and last == "24"
    assert len(refused) == 3 and all("the store cannot be written: Permission denied" in line for line in refused)


def test_damage_is_told_in_one_line(tmp_path: Path) -> None:
    made(tmp_path / "made")
    breaks: list[Callable[[], object]] = [
        lambda: (tmp_path / "made" / "runs.parquet").unlink(),
        lambda: (tmp_path / "made" / "manifest.json").write_text("{}"),
        lambda: (tmp_path / "made" / "parts" / "manifest.json").write_text("{}"),
    ]
    for damage in breaks:
        damage()
        with pytest.raises(InputError) as refused:
            SweepResults.open(tmp_path / "made")
        assert "\n" not in str(refused.value) and "run the experiment again" in str(refused.value)
