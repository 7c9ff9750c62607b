"""Stores of sweeps: a million runs opened and summarised, in a process of its own.

    python benchmarks/run.py --only sweeps

The store is made, not simulated: measures are draws of a generator, a third of them whole numbers.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from measurement import Row, resident_mib

PART = 1_000
"""Rows of a part: the most that a chunk of runs has."""


def make(folder: Path, points: int, replicates: int, measures: int) -> float:
    """Make and finish a store; return the seconds that the adding took."""
    import pyarrow as pa

    from diffusion.study.sweeps import Row as StoredRow
    from diffusion.study.sweeps import SweepStore

    store = SweepStore.open_or_create(folder, {"name": "made", "experiment": {}, "model_version": 1})
    rng = np.random.default_rng(1)
    names = [f"fire.m{number:02d}" for number in range(measures)]
    keys = [bytes(key).hex() for key in rng.integers(0, 256, (points * replicates, 16), dtype=np.uint8)]
    spent = 0.0
    for first in range(0, len(keys), PART):
        own = keys[first : first + PART]
        values = rng.normal(size=(len(own), measures))
        values[:, ::3] = np.round(1000 * values[:, ::3])
        rows = [StoredRow(key, dict(zip(names, row)), 0.01) for key, row in zip(own, values.tolist())]
        start = time.perf_counter()
        store.add(rows)
        spent += time.perf_counter() - start
    store.compact()
    at = np.repeat(np.arange(points), replicates)
    index = {"point": at, "people.count": 10 * at, "variant": ["base"] * len(keys)}
    store.finish(pa.table(index | {"replicate": np.tile(np.arange(replicates), points), "run": keys}))
    return spent


def read(folder: Path) -> dict[str, float]:
    """Open a store in this process, summarise all measures by point and variant, and say what that took."""
    start = time.perf_counter()
    from diffusion.study.sweeps import SweepResults

    imported = time.perf_counter()
    found = SweepResults.open(folder)
    opened = time.perf_counter()
    rows = found.summary().num_rows
    done = time.perf_counter()
    return {
        "import": imported - start,
        "open": opened - imported,
        "summary": done - opened,
        "processor": time.process_time(),
        "rows": rows,
        "runs": found.n_runs,
        "peak MiB": resident_mib(),
    }


def sweeps(sizes: Mapping[str, Any]) -> list[Row]:
    """Opening and summarising a large store; adding to it."""
    points, replicates, measures = sizes["sweep_store"]
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made"
        adding = make(made, points, replicates, measures)
        command = [sys.executable, str(Path(__file__)), str(made)]
        runs = [
            json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
            for _ in range(sizes["rounds"])
        ]
        stored = (made / "runs.parquet").stat().st_size / 2**20
    best = sorted(runs, key=lambda run: run["open"] + run["summary"])[len(runs) // 2]
    what = f"a store of {points * replicates:,.0f} runs"
    beside = {f"{name} [s]": best[name] for name in ("import", "open", "summary", "processor")}
    beside |= {"measures": measures, "rows of the summary": best["rows"], "table of runs [MiB]": stored}
    return [
        Row(f"{what} opened and summarised", best["open"] + best["summary"], "s", most=5, beside=beside),
        Row(f"peak memory of that process, {what}", max(run["peak MiB"] for run in runs), "MiB", most=1024),
        Row("adding a run to a store", 1e6 * adding / (points * replicates), "µs", beside={"rows of a part": PART}),
    ]


ITEMS: dict[str, Callable[[Mapping[str, Any]], list[Row]]] = {"sweeps": sweeps}


if __name__ == "__main__":
    print(json.dumps(read(Path(sys.argv[1]))))
