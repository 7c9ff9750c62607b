"""A run says what it replaces, and is not stopped by what a killed program left in the folder of results."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from diffusion import cli
from diffusion.errors import InputError
from diffusion.study import replaces
from diffusion.study.leftovers import is_running, remove_dead_runs, remove_old_leftovers, run_folder
from diffusion.study.store import check_replaceable
from small_results import experiment

Printed = pytest.CaptureFixture[str]

EXPERIMENT = """
name = "small"
[run]
replicates = 2
horizon = "2 h"
[people]
count = 50
[platforms.chirp]
kind = "follow"
graph = { generator = "popularity", mean_followers = 5 }
[stories.fire]
kind = "news"
witnesses = 2
[variants.shared]
[variants.mute]
"platforms.chirp.reshare" = false
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.toml").write_text(EXPERIMENT, encoding="utf-8")
    return tmp_path


def notes(capsys: Printed, *options: str) -> list[str]:
    """Run the experiment and return its notes on what it replaces."""
    capsys.readouterr()
    assert cli._guarded(["run", "small.toml", *options]) == 0
    return [line for line in capsys.readouterr().err.splitlines() if line.startswith("note: replaces")]


def test_a_run_names_what_it_replaces_only_if_that_differs(place: Path, capsys: Printed) -> None:
    start, end = 'note: replaces the results in "results/small", which had ', "; --out FOLDER keeps both"
    assert notes(capsys) == []
    assert notes(capsys) == []
    assert notes(capsys, "--seed", "4") == [f"{start}run.seed = 1{end}"]
    assert notes(capsys, "--seed", "4") == []
    assert notes(capsys, "--seed", "4", "--out", "elsewhere") == []
    assert notes(capsys, "--seed", "4", "--set", "people.count=60") == [f"{start}people.count = 50{end}"]
    (place / "small.toml").write_text(EXPERIMENT.replace('"platforms.chirp.reshare" = false', ""), encoding="utf-8")
    changed = f"{start}variants.mute.platforms.chirp.reshare = false{end}"
    assert notes(capsys, "--seed", "4", "--set", "people.count=60") == [changed]
    (place / "small.toml").write_text(EXPERIMENT.partition("[variants.mute]")[0], encoding="utf-8")
    assert notes(capsys) == [f"{start}variants shared, mute, run.seed = 4, people.count = 60{end}"]


def test_results_of_another_version_are_named_as_such(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    manifest = {"format": "diffusion results", "experiment": {"name": "small", "key_of_old": 1}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert "which another version stored" in str(replaces(tmp_path, experiment()))
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    assert replaces(tmp_path, experiment()) is None


def test_what_a_killed_program_left_is_replaced_with_the_rest(place: Path, capsys: Printed) -> None:
    notes(capsys)
    folder = place / "results" / "small"
    (folder / ".figures-ab_d0fgh").mkdir()
    (folder / ".figures-ab_d0fgh" / "race-fire.pdf").touch()
    (folder / ".manifest.json-0123abcd").touch()
    notes(capsys)
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(
    "name", [".figures-mine", ".figures", "figures-ab_d0fgh", ".manifest.json", ".figures-ab_d0fgh1"]
)
def test_what_somebody_else_left_there_is_not_lost(place: Path, capsys: Printed, name: str) -> None:
    notes(capsys)
    (place / "results" / "small" / name).touch()
    with pytest.raises(InputError, match="which would be lost"):
        check_replaceable(place / "results" / "small")


def test_only_old_leftovers_are_removed_by_who_draws_again(tmp_path: Path) -> None:
    for name, age in ((".figures-aaaaaaaa", 4000), (".figures-bbbbbbbb", 60), ("figures-cccccccc", 4000)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    remove_old_leftovers(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {".figures-bbbbbbbb", "figures-cccccccc"}


# --- runs that were killed -------------------------------------------------------------------------------------------

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")
BIG = ["run", "small.toml", "--set", "people.count=2000", "--replicates", "100000"]


@contextmanager
def big_run() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a long run; yield it, once it is under way, with the name of the folder in which it writes."""
    code = "from diffusion.cli import main; main()"
    with subprocess.Popen([sys.executable, "-c", code, *BIG], stderr=subprocess.PIPE, text=True) as program:
        assert program.stderr is not None
        while "of 200000 runs" not in program.stderr.readline():
            assert program.poll() is None
        (hidden,) = [path.name for path in Path("results").iterdir() if path.name.startswith(".small-")]
        try:
            yield program, hidden
        finally:
            program.kill()


@POSIX
def test_a_program_that_is_asked_to_end_leaves_nothing_under_way(place: Path) -> None:
    with big_run() as (program, _):
        program.terminate()
        assert program.stderr is not None
        assert program.stderr.read().splitlines()[-1] == "terminated: what was under way has been removed"
        assert program.wait() == 143
    assert not (place / "results").exists()


@POSIX
def test_the_next_run_removes_what_a_killed_one_left_and_nothing_of_a_living_one(place: Path, capsys: Printed) -> None:
    with big_run() as (killed, left):
        killed.kill()
        killed.wait()
    assert (place / "results" / left).is_dir()
    with big_run() as (_, living):
        notes(capsys)
        assert {path.name for path in (place / "results").iterdir()} == {"small", living}


def dead() -> int:
    """Return the number of a process that is no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as program:
        program.wait()
    return program.pid


def name_of(pid: int) -> str:
    """Return the name of a folder that a process of this number would have had under way."""
    start, _, sign = run_folder("small").rpartition("-")
    return f"{start.rpartition('-')[0]}-{pid}-{sign}"


@POSIX
def test_results_that_a_killed_run_had_moved_aside_come_back(tmp_path: Path) -> None:
    for free in (True, False):
        name = f"{name_of(dead())}.old"
        (tmp_path / name).mkdir()
        (tmp_path / name / "older").touch()
        if not free:
            (tmp_path / "small" / "older").rename(tmp_path / "small" / "newer")
        remove_dead_runs(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["small"]
        assert [path.name for path in (tmp_path / "small").iterdir()] == ["older" if free else "newer"]


@POSIX
def test_only_what_a_dead_process_of_this_machine_left_is_removed(tmp_path: Path) -> None:
    gone = dead()
    start, host, _, sign = name_of(gone).rsplit("-", 3)
    other = "0" * 8 if host != "0" * 8 else "1" * 8
    ours = f"{start}-{host}-{gone}-{sign}"
    kept = [run_folder("small"), f"{start}-{other}-{gone}-{sign}", f"{start}-{gone}-{sign}", f"{start}-{host}-1-{sign}"]
    kept += [f"x{ours}", f"{ours}x", f"{ours}.new", ".small"]
    for name in (*kept, name_of(gone), f".other name-{host}-{gone}-{sign}"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    (tmp_path / f".small-{host}-{gone}-{'0' * 8}").symlink_to(tmp_path / ".small")
    remove_dead_runs(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(kept)
    assert all((tmp_path / name / "file").exists() for name in kept)
    remove_dead_runs(tmp_path / "none")


@POSIX
def test_a_process_runs_until_it_has_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as program:
        assert is_running(program.pid)
        program.kill()
    assert not is_running(program.pid)
    assert is_running(os.getpid())
    assert is_running(1), "of somebody else, or this one"
    assert not is_running(10**30)
