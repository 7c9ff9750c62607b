"""Scale without storage: a billion links generated, stored and run through, and 600 million persons who are computed.

    python benchmarks/run.py --only scale_stored scale_implicit

Each step runs in a process of its own (`python benchmarks/classic_scale.py STEP PERSONS MEAN`), whose peak is thus its
own. Kernels are compiled on small graphs, and as much memory as the graph takes is touched and given back, before
anything is timed: the first touch of memory that a host took back is up to 25 times slower. Links run through are the
followers of everybody reached; they are counted as persons reached times mean followers, of which they are independent.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
from measurement import Row, resident_mib

Figures = dict[str, float]
P = 0.2
"""Chance of the cascade: at ten followers it reaches four of five persons."""
GATHERS = 50_000_000


@numba.njit(nogil=True)
def gather(array, count):
    """Read words at independent random places; return their sum."""
    state, total, size = np.uint64(88172645463325252), np.uint64(0), np.uint64(array.size)
    for _ in range(count):
        state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
        total += np.uint64(array[((state >> np.uint64(32)) * size) >> np.uint64(32)])
    return total


def gathers_per_s(array: np.ndarray) -> float:
    """Return the machine's own limit on one thread."""
    gather(array[:1], 1)
    start = time.perf_counter()
    gather(array, GATHERS)
    return GATHERS / (time.perf_counter() - start)


class Timed(NamedTuple):
    """Seconds and processor seconds (of all threads) of some work, and what came out."""

    seconds: float
    processor: float
    found: Any


def timed(work: Callable[[], Any]) -> Timed:
    start, started = time.perf_counter(), time.process_time()
    found = work()
    return Timed(time.perf_counter() - start, time.process_time() - started, found)


def compiled() -> Any:
    """Compile what is timed, on a small graph; return the two cascades."""
    from diffusion.classic import hashed_cascade, independent_cascade
    from diffusion.graphs import ImplicitGraph, generate_hashed

    graph = generate_hashed(2_000, mean_followers=10, seed=1)
    independent_cascade(graph, p=0.01)
    for one in (graph, ImplicitGraph(2_000, 10, seed=1)):
        hashed_cascade(one, p=P)
    return independent_cascade, hashed_cascade


def _step_stored(persons: int, mean: float) -> Figures:
    from diffusion.graphs import ImplicitGraph, generate_hashed

    independent_cascade, hashed_cascade = compiled()
    np.ones(int((8 + 3.9 * mean) * persons), np.uint8).sum()
    made = timed(lambda: generate_hashed(persons, mean_followers=mean, seed=1))
    graph = made.found
    ran = timed(lambda: independent_cascade(graph, p=P, seeds="random:100", seed=1))
    peak = resident_mib() / 1024
    stored, computed = (
        timed(lambda g=one: hashed_cascade(g, p=P, seeds="random:100", seed=1))
        for one in (graph, ImplicitGraph(persons, mean, seed=1))
    )
    if stored.found.reached[0] != computed.found.reached[0] or stored.found.lasted[0] != computed.found.lasted[0]:
        raise RuntimeError("the computed graph and its stored twin were meant to give one cascade")
    run_through = int(ran.found.reached[0]) * graph.n_links / persons
    return {
        "peak [GiB]": peak,
        "links": graph.n_links,
        "generating [s]": made.seconds,
        "generating [processor s]": made.processor,
        "links generated [M/s]": graph.n_links / made.seconds / 1e6,
        "cascade [s]": ran.seconds,
        "cascade [processor s]": ran.processor,
        "links run through [M/s]": run_through / ran.seconds / 1e6,
        "draws by person [processor s]": stored.processor,
        "the same, computed [processor s]": computed.processor,
        "gathers on one thread [M/s]": gathers_per_s(graph.followers) / 1e6,
        "reached": ran.found.reached[0] / persons,
    }


def _step_implicit(persons: int, mean: float) -> Figures:
    from diffusion.graphs import ImplicitGraph

    _, hashed_cascade = compiled()
    before = resident_mib("VmRSS")
    np.ones(persons // 2, np.uint8).sum()
    graph = ImplicitGraph(persons, mean, seed=1)
    ran = timed(lambda: hashed_cascade(graph, p=P, seeds="random:100", seed=1))
    peak = resident_mib()
    reached = int(ran.found.reached[0])
    return {
        "peak [GiB]": peak / 1024,
        "bytes per person": (peak - before) * 2**20 / persons,
        "cascade [s]": ran.seconds,
        "cascade [processor s]": ran.processor,
        "links run through [M]": reached * mean / 1e6,
        "links run through [M/s]": reached * mean / ran.seconds / 1e6,
        "gathers from a bit per person [M/s]": gathers_per_s(np.ones(persons // 64, np.uint64)) / 1e6,
        "reached": reached / persons,
        "steps": float(ran.found.lasted[0]),
    }


STEPS: dict[str, Callable[[int, float], Figures]] = {"stored": _step_stored, "implicit": _step_implicit}


def in_a_process(step: str, persons: int, mean: float) -> Figures:
    """Run one step in a fresh process and return its figures."""
    command = [sys.executable, str(Path(__file__)), step, str(persons), str(mean)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"step {step}: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


def scale_stored(sizes: Mapping[str, Any]) -> list[Row]:
    """Generate links row by row, run one cascade over them, and say what it takes."""
    persons, mean = sizes["scale_stored"]
    found = in_a_process("stored", persons, mean)
    what = f"{persons:,} persons with {found['links']:,.0f} links"
    gathers = found["gathers on one thread [M/s]"]
    making = ("generating [s]", "generating [processor s]", "links generated [M/s]", "gathers on one thread [M/s]")
    running = ("cascade [s]", "cascade [processor s]", "links run through [M/s]", "reached",
               "draws by person [processor s]", "the same, computed [processor s]")  # fmt: skip
    made, ran = ({name: found[name] for name in names} for names in (making, running))
    return [
        Row(f"peak memory of generating {what}, and one cascade", found["peak [GiB]"], "GiB", most=6),
        Row(f"links generated on all cores over gathers, {what}", found["links generated [M/s]"] / gathers, "×",
            least=1, beside=made),
        Row(f"links run through over gathers, {what}", found["links run through [M/s]"] / gathers, "×", beside=ran),
    ]  # fmt: skip


def scale_implicit(sizes: Mapping[str, Any]) -> list[Row]:
    """Run one cascade on a graph of which nothing is stored."""
    persons, mean = sizes["scale_implicit"]
    found = in_a_process("implicit", persons, mean)
    what = f"one cascade among {persons:,} computed persons"
    gathers = found["gathers from a bit per person [M/s]"]
    return [
        Row(f"peak memory of {what}", found["peak [GiB]"], "GiB", most=2.5,
            beside={"bytes per person": found["bytes per person"]}),
        Row(f"links run through over gathers, {what}", found["links run through [M/s]"] / gathers, "×",
            beside={k: v for k, v in found.items() if k not in ("peak [GiB]", "bytes per person")}),
    ]  # fmt: skip


ITEMS: dict[str, Callable[[Mapping[str, Any]], list[Row]]] = {
    "scale_stored": scale_stored,
    "scale_implicit": scale_implicit,
}


if __name__ == "__main__":
    print(json.dumps(STEPS[sys.argv[1]](int(sys.argv[2]), float(sys.argv[3]))))
