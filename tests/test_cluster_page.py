"""docs/cluster.md: its options exist, its events are told, and a scheduler gives the bytes that threads give."""

import json
import re
from pathlib import Path

import pytest

from diffusion import cli
from small_sweeps import FILE, SWEEP

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "cluster.md").read_text(encoding="utf-8")
TABLES = ("runs.parquet", "summary.csv")


def tables(folder: Path) -> list[bytes]:
    return [(folder / "small" / name).read_bytes() for name in TABLES]


def written(folder: Path) -> str:
    (folder / "small.toml").write_text(FILE + SWEEP, encoding="utf-8")
    return str(folder / "small.toml")


def test_the_options_of_the_page_are_those_of_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("run", "plot"):
        lines = [line for line in PAGE.splitlines() if f"diffusion {command} " in line]
        assert lines
        assert cli._guarded([command, "--help"]) == 0
        known = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
        asked = {option for line in lines for option in re.findall(r"(?<!\S)--[a-z-]+", line)}
        assert asked - known == set()


def test_what_a_sweep_tells_stands_in_the_page(tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    assert cli._guarded(["run", written(tmp_path), "--out", str(tmp_path / "r"), "--log-json", str(log)]) == 0
    rows = {m[1]: set(re.findall(r"`(\w+)`", m[2])) for m in re.finditer(r"^\| `(\w+)` \|[^|]*\|(.*)\|$", PAGE, re.M)}
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert {"begin", "runs", "end"} <= {event["event"] for event in events} <= set(rows)
    for event in events:
        assert set(event) - {"event", "elapsed_s"} == rows[event["event"]]


def test_shards_one_after_another_make_the_tables_of_one_program(tmp_path: Path) -> None:
    file = written(tmp_path)
    assert cli._guarded(["run", file, "--out", str(tmp_path / "whole")]) == 0
    for number in (2, 1, 3):
        assert cli._guarded(["run", file, "--shard", f"{number}/3", "--out", str(tmp_path / "parts")]) == 0
    assert tables(tmp_path / "parts") == tables(tmp_path / "whole")


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_found_by_its_file_makes_the_tables_of_threads(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="Dask is not installed (extra `dask`)")
    file, scheduler = written(tmp_path), tmp_path / "scheduler.json"
    assert cli._guarded(["run", file, "--out", str(tmp_path / "threads")]) == 0
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, memory_limit=0, dashboard_address=None
    ) as cluster:
        scheduler.write_text(json.dumps(cluster.scheduler.identity()), encoding="utf-8")
        options = ["--scheduler-file", str(scheduler), "--out", str(tmp_path / "cluster")]
        assert cli._guarded(["run", file, *options]) == 0
    assert tables(tmp_path / "cluster") == tables(tmp_path / "threads")
