"""Memory: of the graph, of a run's state, of waiting events, and the peak of whole processes.

    python benchmarks/run.py --only memory

Each step runs in a process of its own (`python benchmarks/memory.py STEP PERSONS`), whose peak is thus its own.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from measurement import Row, absent_peer, missing, resident_mib

Sizes = Mapping[str, Any]
Figures = dict[str, float]
MEAN_FOLLOWERS = 20
MIB = 2.0**20


def _step_import(_persons: int) -> Figures:
    importlib.import_module("diffusion.simulation")
    return {}


def _step_graph(persons: int) -> Figures:
    from diffusion.graphs import generate_followers

    generate_followers(1000, mean_followers=MEAN_FOLLOWERS, seed=1)
    before = resident_mib("VmRSS")
    graph = generate_followers(persons, mean_followers=MEAN_FOLLOWERS, seed=1)
    by_person = graph.offsets.nbytes
    own = (graph.followers.nbytes + by_person) / MIB
    return {
        "links": graph.n_links,
        "per link": graph.followers.nbytes / graph.n_links,
        "per person": by_person / persons,
        "graph [MiB]": own,
        "beyond result": (resident_mib() - before - own) * MIB / graph.n_links,
    }


def _step_engine(persons: int) -> Figures:
    from engine import Feed

    from diffusion.engine import arrays

    feed = Feed(persons)
    state = feed.workspace.run(feed.rules, feed.luck, feed.origins)
    offers = int(state.tally[0, arrays.OFFERS])
    held = {name: getattr(state, name).nbytes for name in arrays.State.FIELDS if name != "record_float"}
    return {
        "per person and story": state.record.nbytes / persons,
        "pool [MiB]": held["pool"] / MIB,
        "used pool [MiB]": state.registers[arrays.MOST_CHUNKS] * 4 * arrays.CHUNK_WORDS / MIB,
        "posts [MiB]": held["posts"] / MIB,
        "state [MiB]": sum(held.values()) / MIB,
        "state per person": sum(held.values()) / persons,
        "state per offer": sum(held.values()) / offers,
    }


def _step_waiting(persons: int) -> Figures:
    """Make everybody a witness who posts nothing: as many events wait as there are persons, and none is born."""
    from engine import Feed

    from diffusion.engine import arrays
    from diffusion.vocabulary import EventKind

    feed = Feed(persons)
    ticks = np.random.default_rng(1).integers(0, feed.rules.frame.horizon, persons)
    word = np.uint32(int(EventKind.OWN_EYES) << int(arrays.KIND_SHIFT))
    origins = (ticks.astype(np.int64), np.arange(persons, dtype=np.uint32), np.full(persons, word))
    silent = feed.luck.replaced(report=_sealed(feed.luck.report * 0), appeal=_sealed(feed.luck.appeal * 0))
    state = feed.workspace.run(feed.rules, silent, origins)
    if int(state.tally[0, arrays.REACHED]) != persons or int(state.tally[0, arrays.SHARES]):
        raise RuntimeError("the witnesses were meant to hear, all of them, and to post nothing")
    used = int(state.registers[arrays.MOST_CHUNKS]) * 4 * arrays.CHUNK_WORDS
    return {"per waiting event": used / persons, "least possible": 4 * arrays.CHUNK_WORDS / arrays.CHUNK_EVENTS}


def _sealed(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values


def _step_outcome(persons: int) -> Figures:
    from engine import feed_scenario

    from diffusion.simulation import simulate

    outcome = simulate(feed_scenario(persons))
    return {"reached": outcome.tallies[0].reached / persons}


def _step_networkx(persons: int) -> Figures:
    from diffusion.graphs import generate_followers
    from diffusion.graphs.interchange import to_networkx

    graph = generate_followers(persons, mean_followers=MEAN_FOLLOWERS, seed=1)
    before = resident_mib("VmRSS")
    other = to_networkx(graph, meaning="source,target")
    return {"per link": (resident_mib("VmRSS") - before) * MIB / other.number_of_edges()}


def _step_networkit(persons: int) -> Figures:
    import networkit

    from diffusion.graphs import generate_followers

    graph = generate_followers(persons, mean_followers=MEAN_FOLLOWERS, seed=1)
    rows = np.repeat(np.arange(persons, dtype=np.int64), graph.n_followers)
    ends = (rows, graph.followers.astype(np.int64))
    before = resident_mib("VmRSS")
    other = networkit.GraphFromCoo(ends, n=persons, directed=True)
    return {"per link": (resident_mib("VmRSS") - before) * MIB / other.numberOfEdges()}


STEPS: dict[str, Callable[[int], Figures]] = {
    "import": _step_import,
    "graph": _step_graph,
    "engine": _step_engine,
    "waiting": _step_waiting,
    "outcome": _step_outcome,
    "networkx": _step_networkx,
    "networkit": _step_networkit,
}


def in_a_process(step: str, persons: int) -> Figures:
    """Run one step in a fresh process and return its figures, with the process's peak in MiB."""
    command = [sys.executable, str(Path(__file__)), step, str(persons)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"memory step {step}: {done.stderr.strip().splitlines()[-1]}")
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


def memory(sizes: Sizes) -> list[Row]:
    """Bytes per link, person, story and waiting event, and the peaks of whole processes."""
    persons, fewer = sizes["memory_persons"], sizes["memory_peer_persons"]
    for step in ("graph", "engine", "outcome"):
        in_a_process(step, 1000)  # compiles what is not yet, which takes memory too
    base = in_a_process("import", persons)["peak [MiB]"]
    graph = in_a_process("graph", persons)
    engine = in_a_process("engine", persons)
    waiting = in_a_process("waiting", persons)
    outcome = in_a_process("outcome", persons)
    size = {"persons": persons, "links": graph["links"]}
    kept = ("pool [MiB]", "used pool [MiB]", "posts [MiB]", "state [MiB]", "state per person", "state per offer")
    state = {name: engine[name] for name in kept}
    full = {"where every chunk is full": waiting["least possible"]}
    return [
        Row("graph, bytes per link", graph["per link"], "B", beside={**size, "graph [MiB]": graph["graph [MiB]"]}),
        Row("graph, bytes per person beside its links", graph["per person"], "B"),
        Row("generating, peak beyond the graph per link", graph["beyond result"], "B", beside=size),
        *_peer_rows(fewer),
        Row("state, bytes per person and story", engine["per person and story"], "B", beside={**size, **state}),
        Row("bytes per waiting event", waiting["per waiting event"], "B", beside=full),
        Row("peak of a process that imports `diffusion.simulation`", base, "MiB"),
        Row("peak of generating the graph", graph["peak [MiB]"], "MiB", beside=size),
        Row("peak of the engine's run, world included", engine["peak [MiB]"], "MiB", beside=size),
        Row('peak of `simulate` with record="all"', outcome["peak [MiB]"], "MiB", beside=size),
    ]


def _peer_rows(persons: int) -> list[Row]:
    rows = []
    for name in ("networkx", "networkit"):
        what = f"{name}'s graph, bytes per link"
        if importlib.util.find_spec(name) is None:
            rows.append(missing(what, absent_peer(name)))
        else:
            rows.append(Row(what, in_a_process(name, persons)["per link"], "B", beside={"persons": persons}))
    return rows


ITEMS: dict[str, Callable[[Sizes], list[Row]]] = {"memory": memory}


def main() -> None:
    """Run one step and print its figures as JSON."""
    step, persons = sys.argv[1], int(sys.argv[2])
    found = STEPS[step](persons)
    print(json.dumps({**{k: float(v) for k, v in found.items()}, "peak [MiB]": resident_mib()}))


if __name__ == "__main__":
    main()
