"""``diffusion run`` on a file with a sweep: what is printed where, what a signal leaves, how it ends."""

import json
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from ctrl_c import hear_ctrl_c
from diffusion import cli
from diffusion.cli.live import Live
from small_sweeps import FILE, SWEEP, read

CLAIM = '[claim]\ntext = "Television is quicker"\nof = ["quiet", "all"]\nabove = 1.0\n'
PROGRAM = [sys.executable, "-c", "from diffusion.cli import main; main()"]
Printed = pytest.CaptureFixture[str]


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    read(tmp_path, FILE + SWEEP + CLAIM)
    return tmp_path


def events(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_sweep_is_run_and_its_table_printed(there: Path, capsys: Printed) -> None:
    assert cli._guarded(["run", "small.toml", "--threads", "2", "--replicates", "6"]) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0] == "small: 48 runs; swept: platforms.chirp.members, stories.quake.appeal"
    assert re.match(r"members = 0.5  appeal = 0.1  all +T50 .* reached \d", lines[1])
    assert re.match(r"verdict: (supported|refuted|undecided) at \d.* of 4 points$", lines[9])
    assert lines[-1] == f"results: {Path('results/small')}"
    assert "48 of 48 runs" in printed.err
    assert (there / "results" / "small" / "runs.parquet").exists()


def test_values_of_an_option_make_a_sweep(there: Path, capsys: Printed) -> None:
    read(there, FILE)
    assert cli._guarded(["run", "small.toml", "--set", "people.count=40,50", "--set", "stories.quake.appeal=0.2"]) == 0
    assert capsys.readouterr().out.startswith("small: 12 runs; swept: people.count\n")


def test_events_go_to_a_file_or_to_standard_output(there: Path, capsys: Printed) -> None:
    assert cli._guarded(["run", "small.toml", "--log-json", "log.jsonl"]) == 0
    told = events(there / "log.jsonl")
    assert [told[0]["event"], told[-1]["event"]] == ["begin", "end"]
    assert (told[0]["runs"], told[0]["done"], told[-1]["done"], told[-1]["tables"]) == (24, 0, 24, True)
    assert sum(event.get("new", 0) for event in told) == 24
    capsys.readouterr()
    assert cli._guarded(["run", "small.toml", "--log-json", "-"]) == 0
    printed = capsys.readouterr()
    streamed = [json.loads(line) for line in printed.out.splitlines()]
    assert [event["event"] for event in streamed] == ["begin", "end"]
    assert streamed[0]["done"] == 24
    assert "verdict:" in printed.err
    # A run without a sweep tells its events too.
    read(there, FILE + '[until]\nmeasure = "reached"\nhalf_width = 0.5\n')
    assert cli._guarded(["run", "small.toml", "--out", "plain", "--replicates", "6", "--log-json", "log.jsonl"]) == 0
    again = events(there / "log.jsonl")[len(told) :]
    assert [event["event"] for event in again] == ["begin", *["runs"] * 12, "round", "end"]
    assert "until: reached ± " in capsys.readouterr().out


def test_the_shard_that_is_last_prints_the_table(there: Path, capsys: Printed) -> None:
    assert cli._guarded(["run", "small.toml", "--shard", "2/2"]) == 0
    assert re.fullmatch(
        r"\d+ of \d+ runs of shard 2/2 are stored; the last shard to end writes the tables\n", capsys.readouterr().out
    )
    assert cli._guarded(["run", "small.toml", "--shard", "1/2"]) == 0
    assert "swept: platforms.chirp.members" in capsys.readouterr().out


def test_a_run_that_fails_makes_the_exit_code_1_and_a_file_that_says_which(there: Path, capsys: Printed) -> None:
    few = FILE.replace("6.0", "0.5") + '[sweep.grid]\n"platforms.chirp.members" = [0.03, 1.0]\n'
    read(there, few)
    assert cli._guarded(["run", "small.toml", "--set", "run.redraw=world", "--replicates", "4"]) == 1
    printed = capsys.readouterr()
    assert re.search(r"^failed: point 0, all, replicate \d: platforms\.chirp.* of 60", printed.err, re.MULTILINE)
    last = printed.err.splitlines()[-1]
    assert re.fullmatch(
        r"\d+ runs failed: see failures\*\.json in results.small; the same command tries them again", last
    )
    assert "missing; swept" in printed.out
    assert json.loads((there / "results/small/failures.json").read_text(encoding="utf-8"))["failures"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ["--threads", "2", "--workers", "2"],
            "--threads and --workers: give one of them, which says who does the runs",
        ),
        (["--scheduler", "tcp://a:1", "--scheduler-file", "f"], "--scheduler and --scheduler-file: give one of them"),
        (["--workers", "0"], "--workers 0: give a whole number >= 1"),
        (["--shard", "3/2"], 'shard "3/2": give I/N with I from 1 to N, such as 2/8'),
        (["--log-json", "no/where/log"], '--log-json "no/where/log": No such file or directory'),
    ],
)
def test_options_that_do_not_fit_are_refused_in_a_line(
    there: Path, capsys: Printed, options: list[str], said: str
) -> None:
    assert cli._guarded(["run", "small.toml", *options]) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.out == ""
    assert not (there / "results").exists()


@pytest.mark.parametrize("option", [["--workers", "2"], ["--shard", "1/2"], ["--scheduler-file", "f"]])
def test_without_a_sweep_there_are_threads(there: Path, capsys: Printed, option: list[str]) -> None:
    read(there, FILE)
    assert cli._guarded(["run", "small.toml", *option]) == 2
    assert "small.toml has no sweep; runs without one are done in --threads" in capsys.readouterr().err


# --- signals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_a_valid_store_and_says_how_to_go_on(there: Path, number: int, code: int) -> None:
    read(there, FILE + SWEEP)
    command = [*PROGRAM, "run", "small.toml", "--replicates", "10", "--set", "people.count=20000", "--threads", "2"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([*command, "--log-json", "log"], preexec_fn=hear_ctrl_c, **pipes) as program:
        assert program.stderr is not None
        assert program.stdout is not None
        heard = next(line for line in program.stderr if " of 80 runs" in line)
        program.send_signal(number)
        watchdog = threading.Timer(60, program.kill)  # a sweep that does not stop fails here instead of hanging
        watchdog.start()
        errors, printed = program.stderr.read(), program.stdout.read()
        watchdog.cancel()
    assert heard
    assert (program.returncode, printed) == (code, "")
    assert "Traceback" not in errors
    last = errors.splitlines()[-1]
    told = re.fullmatch(r"interrupted: (\d+) of 80 runs are stored in .*; the same command goes on from there", last)
    assert told is not None, errors
    stopped = events(there / "log")[-1]
    assert (stopped["event"], stopped["done"]) == ("stopped", int(told[1]))
    done = subprocess.run([*command, "--log-json", "again"], capture_output=True, text=True, timeout=300, check=True)
    assert done.stdout.startswith("small: 80 runs; swept")
    assert events(there / "again")[0]["done"] == int(told[1]) > 0
    subprocess.run([*command, "--out", "quiet"], capture_output=True, timeout=300, check=True)
    for name in ("runs.parquet", "summary.csv"):
        assert Path("results/small", name).read_bytes() == Path("quiet/small", name).read_bytes()


# --- the view --------------------------------------------------------------------------------------------------------


def test_lines_say_how_many_failed_and_how_wide_the_interval_is(capsys: Printed) -> None:
    view = Live(None)
    with view.stack:
        view({"event": "begin", "done": 4, "runs": 20})
        view({"event": "round", "text": "T50 ± 3 min, wanted ± 2 min"})
        view({"event": "runs", "done": 20, "runs": 20, "new": 16, "failed": 2})
    assert capsys.readouterr().err == "20 of 20 runs; 2 failed, T50 ± 3 min, wanted ± 2 min\n"


def test_a_terminal_shows_a_bar_with_what_is_watched(capsys: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "160")
    view = Live(None)
    with view.stack:
        view({"event": "begin", "done": 4, "runs": 20})
        view({"event": "runs", "done": 7, "runs": 24, "new": 3, "failed": 1})
        view({"event": "round", "text": "T50 ± 3 min"})
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capsys.readouterr().err)
    assert "7/24" in shown
    assert "1 failed, T50 ± 3 min" in shown
