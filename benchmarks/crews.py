"""Who does the runs of a sweep: what a run costs beyond its kernel, and how threads and processes share the work.

    python benchmarks/run.py --only sweep_overhead sweep_scaling

Stores lie in a temporary folder, kernels are compiled and Dask's workers warm before anything is timed.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from measurement import Row, Samples, Side, missing, ratio_of, side_by_side

FILE = """
name = "bench"
[run]
replicates = {replicates}
horizon = "24 h"
[people]
count = {persons}
[platforms.chirp]
kind = "follow"
graph = {graph}
[outlets.tv]
medium = "television"
[stories.quake]
kind = "news"
witnesses = 5
[sweep.grid]
"stories.quake.appeal" = {points}
"""
GENERATED = '{ generator = "popularity", mean_followers = 20 }'


def experiment(folder: Path, persons: int, points: int, replicates: int, graph: str = GENERATED) -> Any:
    """Read a sweep over a story's appeal: one world for all of its runs."""
    from diffusion import read_experiment

    values = [round(x, 6) for x in np.linspace(0.05, 0.25, points).tolist()]
    text = FILE.format(persons=persons, points=values, replicates=replicates, graph=graph)
    (folder / "bench.toml").write_text(text)
    return read_experiment(folder / "bench.toml")


@contextmanager
def kernel_clock() -> Iterator[list[float]]:
    """Add up the seconds that kernels of runs take in this process: wall, and processor of their threads."""
    from diffusion.engine.workspace import Workspace

    own, spent = Workspace.run, [0.0, 0.0]

    def clocked(self: Any, *args: Any) -> Any:
        start, processor = time.perf_counter(), time.thread_time()
        try:
            return own(self, *args)
        finally:
            spent[0] += time.perf_counter() - start
            spent[1] += time.thread_time() - processor

    Workspace.run = clocked  # type: ignore[method-assign]
    try:
        yield spent
    finally:
        Workspace.run = own  # type: ignore[method-assign]


def sweep_overhead(sizes: Mapping[str, Any]) -> list[Row]:
    """What a run of a sweep costs beyond its kernel, from the plan to the tables."""
    from diffusion import run_sweep

    persons, points, replicates = sizes["sweep_overhead"]
    runs = points * replicates
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_sweep(experiment(folder, persons, 2, 2), out=folder / "warm", threads=1)
        asked = experiment(folder, persons, points, replicates)
        with kernel_clock() as kernel:
            start, processor = time.perf_counter(), time.process_time()
            run_sweep(asked, out=folder / "once", threads=1)
            wall, busy = time.perf_counter() - start, time.process_time() - processor
        start = time.perf_counter()
        run_sweep(asked, out=folder / "once", threads=1)
        again = time.perf_counter() - start
        parts = len(list((folder / "once" / "bench" / "parts").glob("*.parquet")))
    beside = {
        "kernel [ms]": 1e3 * kernel[0] / runs,
        "in all [ms]": 1e3 * wall / runs,
        "processor beyond the kernel [ms]": 1e3 * (busy - kernel[1]) / runs,
        "finished sweep called again [s]": again,
        "parts": parts,
    }
    what = f"a run beyond its kernel, {persons:,} persons, {runs:,} runs"
    return [Row(what, 1e3 * (wall - kernel[0]) / runs, "ms", most=3, beside=beside)]


def sweep_scaling(sizes: Mapping[str, Any]) -> list[Row]:
    """Two threads and two processes beside one thread, and the memory of a graph in both processes."""
    if find_spec("distributed") is None:
        return [missing("sweeps on two processes", "Dask is not installed: pip install -e '.[dask]'")]
    import distributed

    from diffusion.graphs import generate_followers, write_graph
    from diffusion.study.sweeps.cluster import _processes

    persons, points, replicates, rounds = sizes["sweep_scaling"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        graph = write_graph(generate_followers(persons, mean_followers=20, seed=1), folder / "graph")
        asked = experiment(folder, persons, points, replicates, f'{{ file = "{graph}" }}')
        one = {"one thread": _sweeping(asked, folder / "one", threads=1)}
        # Dask's idle workers take processor time: there are none while threads are timed.
        alone = side_by_side({**one, "two threads": _sweeping(asked, folder / "two", threads=2)}, rounds)
        with _processes(distributed, 2) as cluster:
            dask = _sweeping(asked, folder / "dask", scheduler=cluster.scheduler_address)
            beside = side_by_side({**one, "two processes": dask}, rounds)
            with distributed.Client(cluster) as client:
                shared = list(client.run(_mapped_mib, str(graph)).values())
        size = sum(path.stat().st_size for path in graph.glob("*.npy")) / 2**20
    what = f"{persons:,} persons, {points * replicates} runs"
    resident, proportional = (sum(worker[k] for worker in shared) for k in (0, 1))
    memory = {"resident in both [MiB]": resident, "proportional in both [MiB]": proportional, "its arrays [MiB]": size}
    return [
        _speedup(f"two threads over one, {what}", alone, 1.8),
        _speedup(f"two processes (Dask) over one thread, {what}", beside, 1.6),
        Row("a graph file's memory in two processes, in graphs", proportional / size, "×", most=1.1, beside=memory),
    ]


def _speedup(what: str, found: Mapping[str, Samples], least: float) -> Row:
    """Return a row of how much sooner the second side is done than the first."""
    one, two = found.values()
    beside = {f"{side} [s a run]": 1 / samples.rate for side, samples in found.items()}
    beside |= {"processors busy with one thread": one.busy, "load": os.getloadavg()[0]}
    ratio = ratio_of(one.seconds, two.seconds)
    return Row(what, ratio.median, "×", least=least, beside=beside)


def _sweeping(asked: Any, folder: Path, **crew: Any) -> Side:
    """Run a sweep into a new store each time."""
    from diffusion import run_sweep

    number = iter(range(10**6))

    def run() -> float:
        found = run_sweep(asked, out=folder / str(next(number)), **crew)
        return float(found.n_runs)

    return Side(run)


def _mapped_mib(folder: str) -> tuple[float, float]:
    """Return what this process has of a folder's files in memory: resident and proportional, in MiB."""
    sums = {"Rss:": 0.0, "Pss:": 0.0}
    inside = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        words = line.split()
        if "-" in words[0] and not words[0].endswith(":"):
            inside = folder in line
        elif inside and words[0] in sums:
            sums[words[0]] += int(words[1]) / 1024
    return sums["Rss:"], sums["Pss:"]


ITEMS: dict[str, Callable[[Mapping[str, Any]], list[Row]]] = {
    "sweep_overhead": sweep_overhead,
    "sweep_scaling": sweep_scaling,
}
