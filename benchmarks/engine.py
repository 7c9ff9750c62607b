"""The engine beside the machine's own limit and a continuous-time simulator: rates, growth, small stories, threads.

    python benchmarks/run.py --only rate growth stories threads

The world: one follow platform of mean 20 followers with a heavy tail, one story that most people hear of.
"""

from __future__ import annotations

import importlib.util
import time
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from measurement import Ratio, Row, Samples, Side, absent_peer, missing, ratio_of, side_by_side
from yardstick import register_loop, yardstick

from diffusion.assembly import draw_luck, draw_origins
from diffusion.engine import arrays
from diffusion.engine.workspace import Workspace
from diffusion.graphs import FollowerGraph
from diffusion.graphs.interchange import to_networkx
from diffusion.scenario import Scenario
from diffusion.simulation import Runner, cascades
from diffusion.threads import in_threads
from diffusion.world import Story

Sizes = Mapping[str, Any]
SEED = 1
LOOP_STEPS = 50_000_000
TAU, GAMMA = 1.0, 4.0
"""Rates of infection along a link and of recovery, for EoN: one link in five passes it on."""


def feed_scenario(persons: int, *, appeal: float = 3.0, record: str = "all") -> Scenario:
    """One follow platform, and a post by 50 accounts that grows with its appeal to most of the people."""
    follow = {
        "kind": "follow",
        "graph": {"generator": "popularity", "mean_followers": 20},
        "typical_followers": 20,
    }
    return Scenario.model_validate(
        {
            "run": {"seed": SEED, "record": record, "horizon": "96 h"},
            "people": {"count": persons},
            "platforms": {"feed": follow},
            "stories": {"story": {"kind": "citizen_post", "authors": 50, "author_weight": 1, "appeal": appeal}},
        }
    )


class Feed:
    """The world at one size, with memory of its own, so that sizes can take turns without giving memory back."""

    def __init__(self, persons: int) -> None:
        scenario = feed_scenario(persons)
        self.persons = persons
        self.runner = Runner(scenario)
        world, self.rules = self.runner.lowered(0)
        self.graph: FollowerGraph = world.graphs["feed"]
        self.luck = draw_luck(scenario, world, seed=SEED, replicate=0)
        self.origins = draw_origins(scenario, world, seed=SEED, replicate=0)
        self.workspace = Workspace()

    def engine(self) -> Side:
        """Return the engine's run alone; its amount of work is offers."""
        return Side(lambda: float(self.workspace.run(self.rules, self.luck, self.origins).tally[0, arrays.OFFERS]))

    def whole(self) -> Side:
        """Return a run with its luck, origins and all columns of the outcome; its amount of work is offers."""
        return Side(lambda: float(self.runner.run(0).tallies[0].offers))

    def figures(self) -> dict[str, Any]:
        """Return what the story did in the run that was made last."""
        offers, views, exposures, shares, reached = (int(v) for v in self.workspace.state.tally[0])
        return {
            "persons": self.persons,
            "links": self.graph.n_links,
            "offers": offers,
            "reached": reached / self.persons,
            "viewed": views / offers,
            "shared": shares / self.persons,
            "exposures": exposures,
        }


def _networkit_search(graph: FollowerGraph) -> Side | None:
    """Return networkit's breadth-first search from the same person, or None where networkit is absent."""
    if importlib.util.find_spec("networkit") is None:
        return None
    import networkit

    networkit.setNumberOfThreads(1)
    start = int(np.argmax(graph.n_followers))
    rows = np.repeat(np.arange(graph.n_persons, dtype=np.int64), graph.n_followers)
    ends = (rows, graph.followers.astype(np.int64))
    other = networkit.GraphFromCoo(ends, n=graph.n_persons, directed=True)
    search = networkit.distance.BFS(other, start, storePaths=False)
    search.run()
    distance = np.asarray(search.getDistances())
    reached = distance < graph.n_persons  # those who cannot be reached are farther than any path is long
    links = float(graph.n_followers[reached].sum())

    def run() -> float:
        search.run()
        return links

    return Side(run)


def _continuous_time(graph: FollowerGraph, authors: list[int]) -> tuple[Side, dict[str, float]] | None:
    """Return EoN's fast_SIR with one seed, and whom it reached, or None where EoN is absent."""
    if importlib.util.find_spec("EoN") is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import EoN
    other = to_networkx(graph, meaning="source,target")

    def simulated(full: bool) -> Any:
        luck = np.random.default_rng(SEED)
        return EoN.fast_SIR(other, TAU, GAMMA, initial_infecteds=authors, rng=luck, return_full_data=full)

    ends = simulated(True).get_statuses(time=np.inf)
    reached = np.array([person for person, status in ends.items() if status == "R"])
    links = float(graph.n_followers[reached].sum())

    def run() -> float:
        simulated(False)
        return links

    return Side(run), {"EoN reached": reached.size / graph.n_persons}


def _rates(name: str, samples: Samples, unit: str) -> dict[str, float]:
    return {f"{name} [M {unit}/s]": samples.rate / 1e6, f"{name}: cores busy": samples.busy}


def _spread(ratio: Ratio) -> dict[str, float]:
    return {"lowest": ratio.low, "highest": ratio.high}


def _rate_rows(feed: Feed, with_eon: bool, rounds: int) -> list[Row]:
    sides = {"yardstick": yardstick(feed.graph), "engine": feed.engine(), "run": feed.whole()}
    search = _networkit_search(feed.graph)
    if search is not None:
        sides["networkit"] = search
    eon = _continuous_time(feed.graph, [int(p) for p in feed.origins[1]]) if with_eon else None
    if eon is not None:
        sides["EoN"] = eon[0]
    found = side_by_side(sides, rounds)
    at = f"at {feed.persons:,} persons"
    limit, engine, run = found["yardstick"], found["engine"], found["run"]
    ratio, whole = ratio_of(engine.rates, limit.rates), ratio_of(run.rates, limit.rates)
    beside = {**_rates("engine", engine, "offers"), **_rates("yardstick", limit, "links"), **_spread(ratio)}
    rows = [
        Row(f"engine over yardstick, {at}", ratio.median, "×", least=0.10, beside={**beside, **feed.figures()}),
        Row(
            f'whole run with record="all" over yardstick, {at}',
            whole.median,
            "×",
            beside={**_rates("run", run, "offers"), **_spread(whole)},
        ),
    ]
    what = f"yardstick over networkit's search, {at}"
    if search is None:
        rows.append(missing(what, absent_peer("networkit")))
    else:
        ours = ratio_of(limit.rates, found["networkit"].rates)
        beside = {**_rates("networkit", found["networkit"], "links"), **_spread(ours)}
        rows.append(Row(what, ours.median, "×", least=1.0, beside=beside))
    if with_eon:
        rows.append(_eon_row(f"engine over EoN.fast_SIR, {at}", eon, found))
    return rows


def _eon_row(what: str, eon: tuple[Side, dict[str, float]] | None, found: Mapping[str, Samples]) -> Row:
    if eon is None:
        return missing(what, absent_peer("EoN"))
    ours = ratio_of(found["engine"].rates, found["EoN"].rates)
    return Row(
        what, ours.median, "×", least=40, beside={**_rates("EoN", found["EoN"], "links"), **_spread(ours), **eon[1]}
    )


def rate(sizes: Sizes) -> list[Row]:
    """Offers per second over the yardstick's links per second, and over EoN's at the smallest size; one thread."""
    rows: list[Row] = []
    for persons in sizes["rate_persons"]:
        with_eon = persons == min(sizes["rate_persons"])
        rows += _rate_rows(Feed(persons), with_eon, sizes["rounds"])
    return rows


def growth(sizes: Sizes) -> list[Row]:
    """Growth of the time per offer with the number of persons, over that of the yardstick's time per link."""
    feeds = {persons: Feed(persons) for persons in sizes["growth_persons"]}
    sides = {}
    for persons, feed in feeds.items():
        sides[f"yardstick {persons}"] = yardstick(feed.graph)
        sides[f"engine {persons}"] = feed.engine()
    found = side_by_side(sides, sizes["rounds"])
    least = min(feeds)
    rows = []
    for persons, feed in feeds.items():
        engine, limit = found[f"engine {persons}"], found[f"yardstick {persons}"]
        ours = [a / b for a, b in zip(found[f"engine {least}"].rates, engine.rates, strict=True)]
        others = [a / b for a, b in zip(found[f"yardstick {least}"].rates, limit.rates, strict=True)]
        ratio = ratio_of(ours, others)
        beside = {"ns per offer": 1e9 / engine.rate, "yardstick's ns per link": 1e9 / limit.rate}
        what = f"growth of time per offer over the yardstick's, {least:,} to {persons:,} persons"
        if persons > least:
            rows.append(Row(what, ratio.median, "×", most=1.5, beside={**beside, **_spread(ratio), **feed.figures()}))
        else:
            rows.append(Row(f"time per offer at {persons:,} persons", 1e9 / engine.rate, "ns", beside=beside))
    return rows


def stories(sizes: Sizes) -> list[Row]:
    """Seconds for many small stories, one after another on one world: cost must follow what is touched."""
    persons, count = sizes["stories_persons"], sizes["stories"]
    scenario = feed_scenario(persons, record="sizes")
    authors = np.random.default_rng(SEED).integers(0, persons, count)
    told = {
        f"story {k:05d}": Story(kind="citizen_post", authors=(person,), appeal=0.05)
        for k, person in enumerate(authors.tolist())
    }
    few = dict(list(told.items())[:2])

    def seconds(some: Mapping[str, Story]) -> tuple[float, list[Any]]:
        start = time.perf_counter()
        outcomes = cascades(scenario, some, seed=SEED, record="sizes")
        return time.perf_counter() - start, outcomes

    seconds(few)
    rounds = [(seconds(told), seconds(few)[0]) for _ in range(sizes["stories_rounds"])]
    alone = [all_of_them - world for (all_of_them, _), world in rounds]
    shares = np.array([outcome.tallies[0].shares for outcome in rounds[0][0][1]])
    offers = int(sum(outcome.tallies[0].offers for outcome in rounds[0][0][1]))
    median = float(np.median(alone))
    beside = {
        "world made before [s]": float(np.median([world for _, world in rounds])),
        "µs per story": 1e6 * median / count,
        "offers": offers,
        "mean shares": float(shares.mean()),
        "most shares": int(shares.max()),
        "stories of more than 30 shares": int(np.count_nonzero(shares > 30)),
    }
    what = f"{count:,} stories of few shares on a world of {persons:,} persons"
    return [Row(what, median, "s", most=10.0, beside=beside)]


def threads(sizes: Sizes) -> list[Row]:
    """Replicates per second of two threads over one thread, on one shared world."""
    count = sizes["threads_replicates"]
    rows = []
    for record in ("sizes", "parents"):
        what = f'two threads over one, record="{record}"'
        if cores() < 2:
            rows.append(missing(what, "this process may use one core only"))
            continue
        scenario = feed_scenario(sizes["threads_persons"], record=record)
        runner = Runner(scenario)
        runs = [partial(runner.run, k) for k in range(count)]
        sides = {str(k): Side(_in_threads(runs, k)) for k in (1, 2)}
        loops = [partial(register_loop, LOOP_STEPS)] * 4
        sides |= {f"loop {k}": Side(_in_threads(loops, k)) for k in (1, 2)}
        found = side_by_side(sides, sizes["rounds"])
        ratio = ratio_of(found["2"].rates, found["1"].rates)
        loop = ratio_of(found["loop 2"].rates, found["loop 1"].rates)
        beside = {
            "replicates/s, two": found["2"].rate,
            "replicates/s, one": found["1"].rate,
            "cores busy, two": found["2"].busy,
            "cores busy, one": found["1"].busy,
            "two over one of a loop in registers (the machine's limit)": loop.median,
            "persons": sizes["threads_persons"],
            **_spread(ratio),
        }
        rows.append(Row(what, ratio.median, "×", least=1.8, beside=beside))
    return rows


def cores() -> int:
    """Return how many cores this process may use."""
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_threads(jobs: list[Callable[[], Any]], workers: int) -> Callable[[], float]:
    def run() -> float:
        return float(len(in_threads(jobs, workers)))

    return run


ITEMS: dict[str, Callable[[Sizes], list[Row]]] = {
    "rate": rate,
    "growth": growth,
    "stories": stories,
    "threads": threads,
}
