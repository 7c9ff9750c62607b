"""kill -9 at any moment: what is finished stays, the rest is run again, and the tables are those of a quiet sweep."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from diffusion import MODEL_VERSION
from diffusion.study.sweeps import SweepStore
from diffusion.study.sweeps.run import run_sweep
from small_sweeps import FILE, read
from sweep_victim import PHASES

VICTIM = Path(__file__).with_name("sweep_victim.py")
CHUNK, THREADS = 3, 2
GRID = '[sweep.grid]\n"platforms.chirp.members" = [0.5, 0.6, 0.7, 0.8, 0.9, 1.0]\n"stories.quake.appeal" = [0.1, 0.2]\n'


class Life(NamedTuple):
    """One life of the program: the runs and the chunks that it began, and what it was doing when it was killed."""

    runs: list[str]
    chunks: list[list[str]]
    landed: list[str]
    ended: bool


def live(folder: Path, wait: int, phase: str) -> Life:
    """Start the program; after so many runs wait for a phase, and kill it in the middle of that."""
    diary = folder / "diary"
    lines = folder / "diary.runs"
    lines.unlink(missing_ok=True)
    diary.unlink(missing_ok=True)
    command = [sys.executable, str(VICTIM), str(folder / "small.toml"), str(folder / "out"), str(diary), str(THREADS)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as program:
        deadline = time.monotonic() + 120
        at = PHASES.index(phase)
        while program.poll() is None and time.monotonic() < deadline:
            begun = lines.read_text().count("run ") if lines.exists() else 0
            if begun >= wait and diary.read_bytes()[at]:
                program.kill()
                break
            time.sleep(0.0005)
        program.wait(60)
        told = program.stderr.read().decode() if program.stderr is not None else ""
    assert program.returncode in (0, -9), told
    diary_lines = [line.split() for line in lines.read_text().splitlines()] if lines.exists() else []
    landed = [name for name, count in zip(PHASES, diary.read_bytes(), strict=True) if count]
    return Life(
        [words[1] for words in diary_lines if words[0] == "run"],
        [words[1:] for words in diary_lines if words[0] == "chunk"],
        landed,
        program.returncode == 0,
    )


def survives(folder: Path, kills: int, seed: int) -> Counter[str]:
    """Kill a sweep again and again, let it end, and check everything; return where the kills landed."""
    choose = np.random.default_rng(seed)
    replicates = 2 * max(kills // 3, 1)
    small = read(folder, FILE + GRID.replace("replicates = 3", ""), replicates=replicates)
    (folder / "small.toml").write_text((FILE + GRID).replace("replicates = 3", f"replicates = {replicates}"))
    jobs = 12 * 2 * replicates
    landed: Counter[str] = Counter()
    stored: set[str] = set()
    began, lost_chunks, lost_runs = 0, 0, 0
    for kill in range(kills):
        life = live(folder, int(choose.integers(1, max(jobs // (2 * kills), 2))), PHASES[kill % 3])
        assert not life.ended, "the sweep ended before it was killed; make it longer"
        landed.update(life.landed)
        landed["nothing"] += not life.landed
        assert not stored & set(life.runs), "a stored run was run again"
        now = SweepStore.open_or_create(folder / "out" / "small", {"model_version": MODEL_VERSION}).finished()
        assert now >= stored, "a stored run is lost"
        assert now - stored <= set(life.runs)
        cut = [chunk for chunk in life.chunks if not now.issuperset(chunk)]
        # In flight are at most the chunks at work and those that wait to be stored.
        assert len(cut) <= 2 * THREADS
        assert all(now.isdisjoint(chunk) for chunk in cut), "half a chunk was stored"
        stored, began = now, began + len(life.runs)
        lost_chunks += len(cut)
        lost_runs += sum(len(chunk) for chunk in cut)
    last = live(folder, 10**9, "kernel")
    assert last.ended
    began += len(last.runs)
    assert began <= jobs + lost_runs <= jobs + kills * 2 * THREADS * CHUNK
    found = run_sweep(small, out=folder / "quiet")
    assert found is not None
    assert found.n_runs == jobs
    for name in ("runs.parquet", "summary.csv"):
        assert (folder / "out" / "small" / name).read_bytes() == (folder / "quiet" / "small" / name).read_bytes()
    left = {path.name for path in (folder / "out" / "small").rglob("*") if path.name.startswith(".")}
    assert left == set(), "something under way was left behind"
    return landed


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.verify)])
def test_a_killed_sweep_loses_nothing_finished_and_ends_as_a_quiet_one(
    tmp_path: Path, record_property: Callable[[str, object], None], kills: int
) -> None:
    landed = survives(tmp_path, kills, seed=kills)
    record_property("kills", kills)
    for phase in PHASES:
        record_property(f"kills {phase}", landed[phase])
        assert landed[phase], f"no kill landed in a {phase}: {landed}"
