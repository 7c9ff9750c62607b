"""The command line: what it passes on, what it prints where, how it ends; and the schema that it prints."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ctrl_c import hear_ctrl_c
from diffusion import __version__, _jit, cli, config, figures, graphs, study
from diffusion.scenario import Experiment

EXPERIMENTS = sorted((Path(__file__).resolve().parents[1] / "experiments").glob("*.toml"))
SMALL = """
[run]
replicates = 3
[people]
count = 100
[stories.quake]
kind = "news"
witnesses = 2
[variants.a]
[variants.b]
"run.horizon" = "3 h"
"""
PROGRAM = [sys.executable, "-c", "from diffusion.cli import main; main()"]

Printed = pytest.CaptureFixture[str]


class Runs:
    """Stands in for the study: keeps what it was asked for, and tells progress as asked."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}
        self.progress = [(0, 6), (1, 6), (6, 6)]
        self.interrupted = False

    def run_experiment(
        self, experiment: Experiment, *, threads: int, out: Path, log: Callable[[dict[str, Any]], None], draw: Any
    ) -> Any:
        self.asked = {"experiment": experiment, "threads": threads, "out": out, "draw": draw}
        for done, total in self.progress:
            log({"event": "runs" if done else "begin", "done": done, "runs": total})
        if self.interrupted:
            raise KeyboardInterrupt
        return SimpleNamespace(folder=out / experiment.name)


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    stand_in = Runs()
    monkeypatch.setattr(study, "run_experiment", stand_in.run_experiment)
    monkeypatch.setattr(study, "report_lines", lambda results: ["a  T50 3 h", "verdict: supported"])
    monkeypatch.setattr(_jit, "kernels_are_cached", lambda: True)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.toml").write_text(SMALL, encoding="utf-8")
    return stand_in


# --- run -------------------------------------------------------------------------------------------------------------


def test_results_go_to_standard_output_and_all_else_beside_it(runs: Runs, capsys: Printed) -> None:
    assert cli._guarded(["run", "small.toml"]) == 0
    printed = capsys.readouterr()
    assert printed.out == f"a  T50 3 h\nverdict: supported\n\nresults: {Path('results/small')}\n"
    assert printed.err.startswith("small: 2 variants, 6 runs, ")
    assert "6 of 6 runs" in printed.err


def test_options_reach_the_experiment_and_the_study(runs: Runs) -> None:
    options = ["--set", "people.count=50", "--set", "run.horizon=2 h", "--seed", "9", "--replicates", "4"]
    assert cli._guarded(["run", "small.toml", *options, "--threads", "3", "--out", "there"]) == 0
    assert (runs.asked["threads"], runs.asked["out"]) == (3, Path("there"))
    assert runs.asked["draw"] is figures.draw_experiment
    scenarios = runs.asked["experiment"].variants
    assert {name: s.run.horizon for name, s in scenarios.items()} == {"a": 7200, "b": 10800}
    assert {(s.people.count, s.run.seed, s.run.replicates) for s in scenarios.values()} == {(50, 9, 4)}


def test_a_graph_file_reaches_the_experiment_and_what_was_assumed_is_printed(runs: Runs, capsys: Printed) -> None:
    Path("small.toml").write_text(
        SMALL + '[platforms.t]\nkind = "follow"\ngraph = { generator = "popularity" }\n', encoding="utf-8"
    )
    Path("links.csv").write_text("1,2\n", encoding="utf-8")
    assert cli._guarded(["run", "small.toml", "--graph", "t=links.csv"]) == 0
    assert 'note: t: links.csv is read as "follower,followed" (assumed' in capsys.readouterr().err
    assert Path(runs.asked["experiment"].scenario.platforms["t"].graph.file).name == "links.csv"


def test_by_default_there_are_as_many_threads_as_cores(runs: Runs) -> None:
    cli._guarded(["run", "small.toml"])
    assert runs.asked["threads"] == len(os.sched_getaffinity(0))


@pytest.mark.parametrize("cached", [True, False])
def test_compiling_is_announced_where_it_will_happen(
    runs: Runs, capsys: Printed, monkeypatch: pytest.MonkeyPatch, cached: bool
) -> None:
    monkeypatch.setattr(_jit, "kernels_are_cached", lambda: cached)
    cli._guarded(["run", "small.toml"])
    assert ("compiling kernels (first run on this machine" in capsys.readouterr().err) is not cached


def test_ctrl_c_before_a_run_is_no_traceback_either(capsys: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(config, "schema", interrupted)
    assert cli._guarded(["schema"]) == 130
    assert capsys.readouterr().err.startswith("interrupted: ")


def test_an_interrupted_run_ends_with_130_and_says_what_was_kept(runs: Runs, capsys: Printed) -> None:
    runs.interrupted = True
    assert cli._guarded(["run", "small.toml"]) == 130
    printed = capsys.readouterr()
    assert printed.out == ""
    assert [line for line in printed.err.splitlines() if "interrupted" in line] == [
        "interrupted: no results were written; what lay in the results folder is unchanged"
    ]
    assert "Traceback" not in printed.err


# --- run, for real ---------------------------------------------------------------------------------------------------

CLAIM = """
[claim]
text = "b ends before a"
of = ["a", "b"]
above = 1.0
"""


def test_a_run_leaves_a_folder_of_results_and_prints_the_verdict(
    tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = SMALL.replace("replicates = 3", "replicates = 6") + '[outlets.evening]\nmedium = "television"\n' + CLAIM
    Path("small.toml").write_text(text, encoding="utf-8")
    assert cli._guarded(["run", "small.toml", "--threads", "1", "--out", "there/below"]) == 0
    printed = capsys.readouterr()
    assert re.search(r"^a +T50 ", printed.out, re.MULTILINE)
    assert re.search(r"^T50 a / b: ", printed.out, re.MULTILINE)
    assert re.search(r"^verdict: (supported|refuted|undecided)$", printed.out, re.MULTILINE)
    assert printed.out.endswith(f"results: {Path('there/below/small')}\n")
    manifest = json.loads(Path("there/below/small/manifest.json").read_text(encoding="utf-8"))
    assert manifest["complete"]


def test_a_run_in_which_nothing_happens_says_so_loudly(
    tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("small.toml").write_text(SMALL, encoding="utf-8")  # two witnesses, and nobody to tell
    assert cli._guarded(["run", "small.toml", "--threads", "1"]) == 0
    assert "WARNING: NOTHING HAPPENED" in capsys.readouterr().out


def test_ctrl_c_stops_a_run_and_leaves_nothing(tmp_path: Path) -> None:
    text = SMALL + '[outlets.evening]\nmedium = "television"\n'
    (tmp_path / "small.toml").write_text(text, encoding="utf-8")
    # Minutes of work, of which a second is done when the signal comes.
    command = [*PROGRAM, "run", "small.toml", "--replicates", "2000", "--set", "people.count=50000", "--threads", "1"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=tmp_path, preexec_fn=hear_ctrl_c, **pipes) as program:
        assert program.stderr is not None
        assert program.stdout is not None
        heard = next(line for line in program.stderr if " of 4000 runs" in line)
        program.send_signal(signal.SIGINT)
        watchdog = threading.Timer(60, program.kill)  # a run that does not stop fails here instead of hanging
        watchdog.start()
        errors, printed = program.stderr.read(), program.stdout.read()
        watchdog.cancel()
    assert heard
    assert program.returncode == 130
    assert printed == ""
    assert errors.splitlines()[-1].startswith("interrupted: no results were written")
    assert "Traceback" not in errors
    assert [path.name for path in tmp_path.iterdir()] == ["small.toml"]


# --- progress --------------------------------------------------------------------------------------------------------


def test_lines_of_progress_have_rate_and_time_left_and_do_not_flood(
    capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(cli.progress.time, "monotonic", lambda: now)
    progress = cli.progress._PlainProgress()
    progress(0, 80)
    for done in range(1, 81):
        now = 109.0 + done  # ten seconds until the first run is done, then a run a second
        progress(done, 80)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "1 of 80 runs"
    assert lines[1] == "6 of 80 runs, 1 per second, about 74 s left"
    assert lines[-1] == "80 of 80 runs, 1 per second"
    assert len(lines) == 17  # the first, one in five of the other 79, the last


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (99.4, "99 s"), (100.0, "1 min 40 s"), (3600, "60 min 00 s")]
)
def test_times_left_are_short(seconds: float, text: str) -> None:
    assert cli.progress._clock_text(seconds) == text


def test_on_a_terminal_there_is_a_bar(runs: Runs, capsys: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    assert cli._guarded(["run", "small.toml"]) == 0
    printed = capsys.readouterr()
    assert "6/6" in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", printed.err)
    assert printed.out.startswith("a  T50")


# --- the program -----------------------------------------------------------------------------------------------------


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom diffusion import cli\ncli._guarded(['run', '--help'])\n"
        "print([m for m in ('numpy', 'numba', 'scipy', 'rich', 'diffusion.scenario') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith("Usage: diffusion")
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_version_is_printed(capsys: Printed) -> None:
    assert cli._guarded(["--version"]) == 0
    assert capsys.readouterr().out == f"diffusion {__version__}\n"


def test_without_a_command_there_is_help_and_no_success(capsys: Printed) -> None:
    assert cli._guarded([]) == 2
    assert "Commands:" in capsys.readouterr().err


def test_a_closed_pipe_is_quiet() -> None:
    with subprocess.Popen([*PROGRAM, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        assert program.stderr.read() == b""


def test_a_graph_is_described(tmp_path: Path, capsys: Printed) -> None:
    path = tmp_path / "links.csv"
    path.write_text("follower,followed,w\n1,2,0.5\n3,2,0.5\n2,2,1\n", encoding="utf-8")
    assert cli._guarded(["graph", "describe", str(path), "--meaning", "follower,followed", "--weight", "w"]) == 0
    words = capsys.readouterr().out.split()
    assert words[words.index("persons") + 1] == "3"
    assert words[words.index("links") + 1] == "2"
    assert "self-loop" in " ".join(words)


def test_a_stored_graph_is_described_without_a_meaning_and_drawn(tmp_path: Path, capsys: Printed) -> None:
    graph = graphs.generate_followers(300, mean_followers=5, seed=1)
    path = graphs.write_graph(graph, tmp_path / "g.npz")
    figure = tmp_path / "g.svg"
    assert cli._guarded(["graph", "describe", str(path), "--plot", str(figure)]) == 0
    assert graph.content_hash in capsys.readouterr().out
    assert figure.read_text(encoding="utf-8").startswith("<?xml")
    assert cli._guarded(["graph", "describe", str(path), "--meaning", "mutual"]) == 2
    assert cli._guarded(["graph", "describe", str(path), "--plot", str(tmp_path / "g.jpg")]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2
    assert errors[1].endswith("give a name that ends with .pdf, .png, .svg")


def test_a_graph_is_converted_with_its_weights_and_times(tmp_path: Path, capsys: Printed) -> None:
    source, target = tmp_path / "links.csv", tmp_path / "g.parquet"
    source.write_text("id,from,to,w,begun\n1,a,b,0.5,2016-11-08\n2,c,b,1,\n3,b,b,1,\n", encoding="utf-8")
    options = ["--columns", "from,to", "--weight", "3", "--since", "begun"]
    asked = ["graph", "convert", str(source), str(target), "--meaning", "follower,followed", *options]
    assert cli._guarded([*asked, "--as", "source,target"]) == 0
    printed = capsys.readouterr()
    assert printed.out == f"{target}: 3 persons, 2 links\n"
    assert "note: dropped 1 self-loops" in printed.err
    graph = graphs.read_graph(target, meaning="source,target", weight="weight", since="since")
    assert graph.followers_of("b").tolist() == ["a", "c"]
    assert graph.weights is not None
    assert graph.weights.tolist() == [0.5, 1.0]
    assert graph.clock == "wall"
    before = target.read_bytes()
    assert cli._guarded(asked) == 2
    assert "is there already" in capsys.readouterr().err
    assert target.read_bytes() == before
    assert cli._guarded([*asked, "--replace"]) == 0
    assert cli._guarded([*asked[:-6], "--columns", "from"]) == 2
    assert capsys.readouterr().err.endswith('error: --columns "from": give two columns, such as from,to\n')


# --- the schema ------------------------------------------------------------------------------------------------------

TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool}
BOUNDS = {
    "minimum": lambda v, b: v >= b,
    "maximum": lambda v, b: v <= b,
    "exclusiveMinimum": lambda v, b: v > b,
    "exclusiveMaximum": lambda v, b: v < b,
}


def fits(value: Any, rule: dict[str, Any], root: dict[str, Any]) -> bool:
    """Whether a value fits the part of JSON Schema that ours uses."""
    if "$ref" in rule:
        return fits(value, root["$defs"][rule["$ref"].rpartition("/")[2]], root)
    choices = rule.get("anyOf", rule.get("oneOf", ()))
    if choices and not any(fits(value, choice, root) for choice in choices):
        return False
    if value not in rule.get("enum", [value]) or value != rule.get("const", value):
        return False
    kind = rule.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return False
    if isinstance(value, dict):
        known, others = rule.get("properties", {}), rule.get("additionalProperties", True)
        inside = all(
            fits(item, known.get(key, others), root) if key in known or isinstance(others, dict) else others
            for key, item in value.items()
        )
        return inside and all(key in value for key in rule.get("required", ()))
    if isinstance(value, list):
        return all(fits(item, rule.get("items", {}), root) for item in value)
    if isinstance(value, str) and "pattern" in rule:
        return re.search(rule["pattern"], value) is not None
    return all(
        not isinstance(value, int | float) or test(value, rule[key]) for key, test in BOUNDS.items() if key in rule
    )


def written(path: Path) -> dict[str, Any]:
    tree = tomllib.loads(path.read_text(encoding="utf-8"))
    return json.loads(json.dumps(tree, default=lambda moment: moment.isoformat()))


@pytest.fixture(scope="module")
def printed_schema() -> dict[str, Any]:
    done = subprocess.run([*PROGRAM, "schema"], capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def test_the_printed_schema_is_the_one_of_the_package(printed_schema: dict[str, Any]) -> None:
    assert printed_schema == json.loads(json.dumps(config.schema()))


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_every_experiment_fits_the_schema(printed_schema: dict[str, Any], path: Path) -> None:
    assert fits(written(path), printed_schema, printed_schema)


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [("run", "replicats", 3), ("run", "replicates", 0), ("run", "horizon", "48"), ("people", "repetition", 1.5),
     ("run", "record", "al"), ("measures", "quantiles", [0.5, 2]), ("claim", "above", "1")],
)  # fmt: skip
def test_a_wrong_key_or_value_does_not_fit(printed_schema: dict[str, Any], section: str, key: str, value: Any) -> None:
    tree = written(EXPERIMENTS[0])
    tree.setdefault(section, {})[key] = value
    assert not fits(tree, printed_schema, printed_schema)


def test_every_key_of_the_schema_is_described(printed_schema: dict[str, Any]) -> None:
    tables = {"": printed_schema, **printed_schema["$defs"]}
    bare = [f"{t}.{k}" for t, d in tables.items() for k, v in d["properties"].items() if not v.get("description")]
    assert bare == []


def test_defaults_stand_in_the_schema_as_in_a_file(printed_schema: dict[str, Any]) -> None:
    platform = printed_schema["$defs"]["FollowPlatform"]["properties"]
    assert platform["sessions"]["default"] == {"law": "lognormal", "median": "3.4/day", "sd": 1.23}
    assert platform["clock"]["default"] == "weibo"
    assert printed_schema["$defs"]["RunSettings"]["properties"]["horizon"]["default"] == "2 day"
    assert "null" not in json.dumps(printed_schema)
