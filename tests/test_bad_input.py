"""What a user gets wrong is one line on standard error and exit code 2: no traceback, nothing half-written."""

import gzip
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from diffusion import FollowerGraph, cli, write_graph
from diffusion.config import read_experiment
from diffusion.errors import InputError

GOOD = """
[run]
replicates = 2
horizon = "6 h"
[people]
count = 100
[platforms.twitter]
kind = "follow"
graph = { generator = "popularity", mean_followers = 5 }
[outlets.evening]
medium = "television"
watches = { twitter = 0.01 }
[stories.quake]
kind = "news"
witnesses = 2
[variants.base]
"""

Run = Callable[..., str]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working folder with a sound experiment; it is as before when the test is over."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.toml").write_text(GOOD, encoding="utf-8")
    write_graph(FollowerGraph.from_links([1, 2], [2, 3], n_persons=4), tmp_path / "stored.npz")
    yield tmp_path
    assert not (tmp_path / "results").exists(), "a refused run left something behind"


@pytest.fixture
def refused(place: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line, expect a refusal, and return its line."""

    def run(*arguments: str) -> str:
        before = sorted(place.rglob("*"))
        assert cli._guarded(list(arguments)) == 2
        assert sorted(place.rglob("*")) == before
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "Traceback" not in printed.err
        errors = [line for line in printed.err.splitlines() if line.startswith("error: ")]
        assert len(errors) == 1
        assert printed.err.endswith(errors[0] + "\n"), "the error is the last line"
        return errors[0].removeprefix("error: ")

    return run


# --- values in an experiment -----------------------------------------------------------------------------------------

CHANGED = {
    # what in GOOD: (instead, the line)
    "misspelt key": ('witnesses = 2', 'witneses = 2', 'stories.quake.witneses: unknown key; did you mean "witnesses"?'),
    "misspelt section": ("[outlets.", "[outlet.", 'outlet: unknown key; did you mean "outlets"?'),
    "wrong unit": ('"6 h"', '"6 lightyears"', 'run.horizon: "6 lightyears": unknown unit "lightyears"'),
    "number without a unit": ('"6 h"', "6", 'run.horizon: 6 is not a duration; write a number and a unit'),
    "negative delay": ("watches", 'verify = "-3 min"\nwatches', 'evening.verify: "-3 min" is not a duration >= 0'),
    "time 25:00": ("watches", 'bulletins = ["06:00", "25:00"]\nwatches', 'evening.bulletins[1]: "25:00" is not a time'),
    "share above 1": ("watches", "audience = 1.5\nwatches", "outlets.evening.audience: 1.5 is not a share"),
    "share NaN": ("watches", "audience = nan\nwatches", "outlets.evening.audience: nan is not a share"),
    "watch share above 1": ("0.01", "2", "outlets.evening.watches.twitter.share: 2 is not a number above 0 and <= 1"),
    "unknown platform watched": ("{ twitter =", "{ twiter =", 'evening.watches: "twiter": there is no such'),
    "horizon of 0": ('"6 h"', '"0 h"', 'run.horizon: "0 h": must be longer than 0'),
    "no replicates": ("replicates = 2", "replicates = 0", "run.replicates: 0 is not a whole number >= 1"),
    "half a replicate": ("replicates = 2", "replicates = 2.5", "run.replicates: 2.5 is not a whole number >= 1"),
    "nobody": ("count = 100", "count = 0", "people.count: 0 is not a whole number >= 1"),
    "too few": ("count = 100", "count = 3", "twitter.graph.mean_followers = 5: 3 persons are too few"),
    "too few in a household": ("[outlets.", "[platforms.home]\nkind = 'contact'\ngraph = { generator = 'households',"
                               " size = 101 }\n[outlets.", "platforms.home.graph.size = 101: 100 persons are too few"),
    "invisible story": ('"news"\nwitnesses = 2', '"citizen_post"', "stories.quake: nobody can see this story"),
    "story after the end": ("witnesses", 'at = "7 h"\nwitnesses', 'stories.quake.at = "7 h": the story begins'),
    "no story": ("[stories.quake]", "[stories]\n[measures.quake]", "stories: a scenario needs at least one story"),
    "unknown variant key": ("[variants.base]", '[variants.a]\n"people.cuont" = 5', 'people.cuont: unknown key'),
    "unknown name": ("[variants.base]", '[variants.a]\n"stories.quke.at" = "1 h"', 'there is no "quke" under'),
    "one name for two things": ("outlets.evening", "outlets.twitter", '"twitter" names two channels'),
    "one table twice": ("[variants.base]", "[people]\ncount = 5", "line 16, column 8: Cannot declare"),
    "one key twice": ("count = 100", "count = 100\ncount = 5", "line 7, column 10: Cannot overwrite a value"),
    "unknown kind": ('"follow"', '"folow"', 'platforms.twitter.kind: "folow" is not known; did you mean "follow"?'),
    "unknown medium": ('"television"', '"telly"', 'outlets.evening.medium = "telly" is not known'),
    "a table for a number": ("count = 100", "count = {}", "people.count: {} is not a whole number >= 1"),
    "a number for a table": ("watches = { twitter = 0.01 }", "watches = 3", "evening.watches: 3 is not a table"),
    "not TOML": ("count = 100", "count = = 100", "line 6, column 9: Invalid value in 'count = = 100'"),
    "no such home": ("count = 100", 'count = 100\nhome = ["twiter"]',
                     'people.home: "twiter": there is no such platform of posts without a carrier; did you mean'),
    "a home twice": ("count = 100", 'count = 100\nhome = ["twitter", "twitter"]', '"twitter" stands there twice'),
    "a home that is no list": ("count = 100", 'count = 100\nhome = "twitter"', "people.home"),
    "a missing graph": ("generator = \"popularity\", mean_followers = 5", 'file = "no.csv", meaning = "mutual"',
                        'platforms.twitter.graph.file: "no.csv": no such file'),
    "a stored graph with a meaning": ("generator = \"popularity\", mean_followers = 5",
                                      'file = "stored.npz", meaning = "mutual"',
                                      'twitter.graph.meaning = "mutual": "'),
    "a stored graph with a column": ("generator = \"popularity\", mean_followers = 5",
                                     'file = "stored.npz", weight = 2', "stored graph, which knows its directions"),
    "a graph without a meaning": ("generator = \"popularity\", mean_followers = 5", 'file = "good.toml"',
                                  'platforms.twitter.graph.meaning: is missing; give one of "follower,followed"'),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "line"), CHANGED.values(), ids=CHANGED.keys())
def test_one_wrong_value_is_one_line_with_its_place(
    place: Path, refused: Run, before: str, after: str, line: str
) -> None:
    assert GOOD.count(before) >= 1
    (place / "bad.toml").write_text(GOOD.replace(before, after, 1), encoding="utf-8")
    message = refused("run", "bad.toml")
    assert message.startswith("bad.toml: ")
    assert line in message


# --- files that are none ---------------------------------------------------------------------------------------------

FILES: dict[str, tuple[bytes | None, str]] = {
    "missing": (None, "bad.toml: no such file"),
    "empty": (b"", "bad.toml: the file is empty"),
    "blank": (b" \n\n", "bad.toml: the file is empty"),
    "binary": (bytes(range(128, 256)), "bad.toml: line 1: byte 0x80 is not UTF-8 text"),
    "control characters": (b"a = \x00\x01", "bad.toml: line 1, column 5: "),
    "packed": (gzip.compress(GOOD.encode()), "bad.toml: line 1: byte 0x8b is not UTF-8 text"),
    "cut inside a text": (GOOD.encode()[: GOOD.index("6 h") + 2], "bad.toml: at its end (line 4): "),
    "cut between tables": (GOOD.encode()[: GOOD.index("[stories")], "bad.toml: stories: is missing"),
    "a long number": (b"a = " + b"1" * 10_000, "bad.toml: "),
    "deeply nested": (b"a = " + b"[" * 100_000, "bad.toml: "),
}


@pytest.mark.parametrize(("content", "line"), FILES.values(), ids=FILES.keys())
def test_a_file_that_is_no_experiment_is_one_line(place: Path, refused: Run, content: bytes | None, line: str) -> None:
    if content is not None:
        (place / "bad.toml").write_bytes(content)
    assert refused("run", "bad.toml").startswith(line)


def test_a_folder_is_no_experiment(place: Path, refused: Run) -> None:
    (place / "folder.toml").mkdir()
    assert refused("run", "folder.toml").startswith("folder.toml: is a folder")


def test_a_misspelt_file_name_is_corrected(refused: Run) -> None:
    assert refused("run", "godo.toml") == 'godo.toml: no such file; did you mean "good.toml"?'


LINKS = "".join(f"{n},{n * n % 97},0.{n % 10}\n" for n in range(1, 60)).encode()
GRAPHS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "only comments": (b"# a\n# b\n", ""),
    "binary": (bytes(range(256)) * 4, ""),
    "truncated": (gzip.compress(LINKS)[:60], "cut short"),
    "text where a weight belongs": (b"1,2,0.5\n2,3,strong\n", '"strong"'),
    "negative weight": (b"1,2,0.5\n2,3,-0.5\n", "-0.5"),
    "NaN weight": (b"1,2,0.5\n2,3,nan\n", "nan"),
    "a row too short": (LINKS + b"2\n" + LINKS, "line 60"),
    "no links": (b"1,1,1\n", ""),
}


@pytest.mark.parametrize(("content", "line"), GRAPHS.values(), ids=GRAPHS.keys())
def test_a_file_that_is_no_graph_is_one_line(place: Path, refused: Run, content: bytes, line: str) -> None:
    (place / "bad.csv").write_bytes(content)
    message = refused("graph", "describe", "bad.csv", "--meaning", "follower,followed", "--weight", "2")
    assert "bad.csv" in message
    assert line in message


@pytest.mark.parametrize(("content", "line"), GRAPHS.values(), ids=GRAPHS.keys())
def test_a_run_on_a_file_that_is_no_graph_writes_nothing(place: Path, refused: Run, content: bytes, line: str) -> None:
    (place / "bad.csv").write_bytes(content)
    file = 'file = "bad.csv", meaning = "mutual", weight = 2'
    text = GOOD.replace('generator = "popularity", mean_followers = 5', file)
    (place / "bad.toml").write_text(text, encoding="utf-8")
    message = refused("run", "bad.toml")
    assert "bad.csv" in message
    assert line in message


def test_a_folder_and_a_missing_file_are_no_graphs(place: Path, refused: Run) -> None:
    (place / "folder").mkdir()
    for name in ("folder", "missing.csv"):
        assert name in refused("graph", "describe", name, "--meaning", "mutual")


# --- options ---------------------------------------------------------------------------------------------------------

OPTIONS = {
    "no file": (("run",), "Missing argument"),
    "unknown option": (("run", "good.toml", "--sead", "3"), "No such option: --sead"),
    "a word for a number": (("run", "good.toml", "--seed", "abc"), '--seed "abc": Input should be a valid integer'),
    "a word behind =": (("run", "good.toml", "--threads=two"), '--threads "two": Input should be a valid integer'),
    "where help is": (("run", "good.toml", "--seed", "abc"), "integer. See: diffusion run --help"),
    "unknown command": (("rnu", "good.toml"), "No such command 'rnu'"),
    "seed of letters": (("run", "good.toml", "--seed", "x"), "--seed"),
    "negative seed": (("run", "good.toml", "--seed", "-1"), "--seed: run.seed: -1 is not a whole number >= 0"),
    "no replicates": (("run", "good.toml", "--replicates", "0"), "--replicates: run.replicates: 0 is not"),
    "no threads": (("run", "good.toml", "--threads", "0"), "--threads 0: give a whole number >= 1"),
    "unknown key": (
        ("run", "good.toml", "--set", "people.cuont=3"),
        '--set people.cuont: unknown key; did you mean "count"?',
    ),
    "no value": (("run", "good.toml", "--set", "people.count"), "write key=value"),
    "graph of nothing": (("run", "good.toml", "--graph", "twiter=good.toml"), 'there is no platform "twiter"'),
    "graph not there": (("run", "good.toml", "--graph", "twitter=no.csv"), '"no.csv": no such file'),
    "out is a file": (("run", "good.toml", "--out", "good.toml"), '"good.toml": "'),
    "out below a file": (("run", "good.toml", "--out", "good.toml/x/y"), "is not a folder"),
    "no meaning": (("graph", "describe", "good.toml"), "(--meaning) what a row means"),
    "wrong meaning": (("graph", "describe", "good.toml", "--meaning", "sideways"), "sideways"),
}


@pytest.mark.parametrize(("arguments", "line"), OPTIONS.values(), ids=OPTIONS.keys())
def test_a_wrong_option_is_one_line(refused: Run, arguments: tuple[str, ...], line: str) -> None:
    assert line in refused(*arguments)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_to_is_refused_before_the_run(place: Path, refused: Run) -> None:
    (place / "locked").mkdir(mode=0o500)
    assert "cannot be written to" in refused("run", "good.toml", "--out", "locked")


def test_a_folder_without_permission_is_refused_before_the_run(refused: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    # What os.access says of a read-only disk, also to root.
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    assert "cannot be written to; give another folder" in refused("run", "good.toml", "--out", "locked/below")


# --- the program as a whole, and everything else ---------------------------------------------------------------------


def test_the_program_exits_with_2_and_says_one_line(place: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "from diffusion.cli import main; main()",
        "run",
        "good.toml",
        "--set",
        "people.cuont=3",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == 'error: --set people.cuont: unknown key; did you mean "count"?\n'


PLACES = [
    ("run",), ("run", "horizon"), ("run", "start"), ("run", "tick"), ("run", "settle"), ("people",),
    ("people", "count"),
    ("platforms",), ("platforms", "t"), ("platforms", "t", "kind"), ("platforms", "t", "graph"),
    ("platforms", "t", "graph", "generator"), ("platforms", "t", "scroll"), ("platforms", "t", "scroll", "law"),
    ("platforms", "t", "sessions"), ("platforms", "t", "clock"), ("platforms", "t", "close"), ("outlets",),
    ("outlets", "o"),
    ("outlets", "o", "medium"), ("outlets", "o", "bulletins"), ("outlets", "o", "every"), ("outlets", "o", "watches"),
    ("outlets", "o", "watches", "t"), ("outlets", "o", "follows"), ("outlets", "o", "gather"),
    ("outlets", "o", "tune_in"),
    ("officials", "q"), ("stories",), ("stories", "s"), ("stories", "s", "authors"), ("stories", "s", "witnesses"),
    ("measures",), ("measures", "quantiles"), ("measures", "pairs"), ("claim",), ("claim", "of"), ("variants",),
    ("variants", "base"), ("name",), ("title",),
]  # fmt: skip
JUNK: list[Any] = [
    "", "x", "[]", "{}", "[[]]", "{ x = 1 }", "{ law = [] }", '{ law = "empirical", quantiles = 3 }', "nan", "-inf",
    "1e999", "true", "-1", "0", "1.5", '"\\u0000"', '"1e308 s"', '"0/h"', '"25:00"', "1" + "0" * 400, "0x10",
    "2016-11-08", "07:32:00", '{ file = "" }', '{ file = "\\u0000", meaning = "mutual" }', '["06:00", 3]', "[nan]",
    f"[{'1,' * 24}]",
    '{ law = "lognormal", median = "1 min", sd = 1e300 }', '{ law = "gamma", mean = "1 s", shape = 1e-300 }',
]  # fmt: skip
SOUND = """
people.count = 9
platforms.t = { kind = "follow", graph = { generator = "popularity" } }
outlets.o.medium = "radio"
stories.s = { kind = "news", witnesses = 1 }
variants.a = {}
"""


@pytest.mark.parametrize("key", PLACES, ids=".".join)
def test_any_junk_anywhere_is_read_or_refused_in_one_line(tmp_path: Path, key: tuple[str, ...]) -> None:
    path = tmp_path / "junk.toml"
    path.write_text(SOUND, encoding="utf-8")
    refusals = 0
    for junk in JUNK:
        try:
            read_experiment(path, overrides=[f"{'.'.join(key)}={junk}"])
        except InputError as error:
            refusals += 1
            assert "\n" not in str(error)
            assert len(str(error)) < 600
    assert refusals >= (5 if key != ("title",) else 0)
