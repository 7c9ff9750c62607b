"""A run says what it replaces, and is not stopped by what a killed program left in the folder of results."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from diffusion import cli
from diffusion.errors import InputError
from diffusion.study import replaces
from diffusion.study.store import check_replaceable, remove_old_leftovers
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
    (folder / ".comparison-ab_d0fgh").mkdir()
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


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM")
def test_a_program_that_is_asked_to_end_leaves_nothing_under_way(place: Path) -> None:
    code = "from diffusion.cli import main; main()"
    big = ["run", "small.toml", "--set", "people.count=2000", "--replicates", "100000"]
    with subprocess.Popen([sys.executable, "-c", code, *big], stderr=subprocess.PIPE, text=True) as program:
        assert program.stderr is not None
        while "of 200000 runs" not in program.stderr.readline():
            assert program.poll() is None
        assert [path.name[:7] for path in (place / "results").iterdir()] == [".small-"]
        program.terminate()
        assert program.stderr.read().splitlines()[-1] == "terminated: what was under way has been removed"
        assert program.wait() == 143
    assert not (place / "results").exists()
