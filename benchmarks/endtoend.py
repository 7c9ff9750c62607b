"""What a user waits for: an experiment from the command line, its first progress, help, import, first compilation.

python benchmarks/run.py --only experiment startup
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from measurement import Row

Sizes = Mapping[str, Any]
ROOT = Path(__file__).resolve().parent.parent
EXPERIMENT = ROOT / "experiments" / "media_race.toml"
SMALL = ("--replicates", "1", "--set", "people.count=2000")
NOT_AT_IMPORT = ("matplotlib", "networkx", "pandas", "pyarrow", "scipy.stats")
_FIRST_RUN = re.compile(r"^\d+ of (\d+) runs")


class Wait(NamedTuple):
    """Seconds from the start to the first line, to the first finished run, and to the end; and how many runs."""

    first_line: float
    first_run: float
    total: float
    runs: int


def _command(*arguments: str) -> list[str]:
    """Return a call of this interpreter's `diffusion`."""
    script = Path(sys.executable).parent / "diffusion"
    start = [str(script)] if script.is_file() else [sys.executable, "-c", "from diffusion.cli import main; main()"]
    return [*start, *arguments]


def run_experiment(*options: str, kernels: Path | None = None) -> Wait:
    """Run the experiment in a process of its own, reading its progress line by line.

    Parameters
    ----------
    options : str
        For the command line.
    kernels : path, optional
        Where compiled kernels are looked for, instead of the usual place.
    """
    environment = {**os.environ, **({} if kernels is None else {"NUMBA_CACHE_DIR": str(kernels)})}
    first_line = first_run = float("nan")
    runs, lines = 0, []
    with tempfile.TemporaryDirectory() as folder:
        command = _command("run", str(EXPERIMENT), "--out", folder, *options)
        start = time.perf_counter()
        with subprocess.Popen(
            command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment
        ) as running:
            assert running.stderr is not None
            for line in running.stderr:
                now = time.perf_counter() - start
                lines.append(line)
                found = _FIRST_RUN.match(line)
                if len(lines) == 1:
                    first_line = now
                if found and not runs:
                    first_run, runs = now, int(found[1])
        total = time.perf_counter() - start
    if running.returncode:
        raise RuntimeError(f"diffusion run: exit code {running.returncode}: {''.join(lines[-1:]).strip()}")
    return Wait(first_line, first_run, total, runs)


def experiment(sizes: Sizes) -> list[Row]:
    """Seconds of a warm `diffusion run` of the media race; and how many more the very first run takes.

    The very first one compiles its kernels into a folder of its own, once on a machine, and the warm ones use them.
    Where that is not asked for, kernels are those of the usual place.
    """
    replicates, rows = sizes["experiment_replicates"], []
    with tempfile.TemporaryDirectory() as folder:
        kernels = Path(folder) if sizes["compiling"] else None
        first_runs = [run_experiment(*SMALL, kernels=kernels) for _ in range(2 if kernels else 1)]
        if kernels:
            rows = [compiling(first_runs, kernels)]
        turns = range(sizes["experiment_rounds"])
        waits = [run_experiment("--replicates", str(replicates), kernels=kernels) for _ in turns]
    total = statistics.median(wait.total for wait in waits)
    beside = {
        "runs": waits[0].runs,
        "runs/s": waits[0].runs / total,
        "first line [s]": statistics.median(wait.first_line for wait in waits),
    }
    first = statistics.median(wait.first_run for wait in waits)
    what = f"`diffusion run experiments/media_race.toml --replicates {replicates}`, compiled before"
    rows.append(Row(what, total, "s", most=90.0, beside=beside))
    return [*rows, Row("from its start to its first finished run", first, "s")]


def compiling(first_runs: list[Wait], kernels: Path) -> Row:
    """Seconds by which the very first run is longer than the second one."""
    cold, warm = first_runs
    if len(list(kernels.glob("kernels-*"))) != 1:
        raise RuntimeError("the kernels' source changed between the first and the second run")
    beside = {"first run [s]": cold.total, "second run [s]": warm.total}
    return Row("compiling every kernel of the media race, once", cold.total - warm.total, "s", beside=beside)


def startup(sizes: Sizes) -> list[Row]:
    """Seconds of `--help`, and what an import loads."""
    python = [sys.executable, "-c"]
    turns = {"help": _command("--help"), "import": [*python, "import diffusion"], "bare": [*python, ""]}
    seconds: dict[str, list[float]] = {name: [] for name in turns}
    for turn in range(sizes["rounds"] + 1):
        for name, command in turns.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            if turn:
                seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    listing = "import json, sys, diffusion; print(json.dumps([*sys.modules]))"
    done = subprocess.run([*python, listing], check=True, capture_output=True, text=True)
    modules = json.loads(done.stdout)
    unwanted = [name for name in NOT_AT_IMPORT if name in modules]
    bare = {"bare interpreter [s]": medians["bare"]}
    loaded = {**bare, "modules in all": len(modules)}
    return [
        Row("`diffusion --help`", medians["help"], "s", most=0.4, beside=bare),
        Row("`import diffusion` in a fresh process", medians["import"], "s", beside=loaded),
        Row(
            "heavy modules that `import diffusion` loads",
            len(unwanted),
            "",
            most=0,
            beside={"looked for": ", ".join(NOT_AT_IMPORT), "found": ", ".join(unwanted) or "none"},
        ),
    ]


ITEMS: dict[str, Callable[[Sizes], list[Row]]] = {
    "startup": startup,
    "experiment": experiment,
}
