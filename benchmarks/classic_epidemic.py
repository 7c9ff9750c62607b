"""Epidemics beside other libraries: runs per second through each one's own interface, with the times of all persons.

    python benchmarks/run.py --only epidemics epidemic_threads

Directed random graphs of mean degree 10, rates with which most persons are infected, ten persons infectious at first,
one thread. EoN and FastGEMF return all events; ours keeps when each person was first infected.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np
from measurement import Row, Samples, Side, absent_peer, missing, ratio_of, side_by_side

from diffusion.classic import sir, sis
from diffusion.graphs import FollowerGraph, to_networkx, to_scipy

DEGREE, CONTACT, RECOVERY, SEEDS = 10, 0.3, 1.0, 10
HORIZON = 4.0
"""Of SIS, in mean periods: about half of everybody is infectious from 3 on."""
LEAST = {"EoN": 200.0, "FastGEMF": 700.0}
PACKAGES = {"EoN": "EoN", "FastGEMF": "fastgemf"}


def random_graph(persons: int) -> FollowerGraph:
    rng = np.random.default_rng(1)
    m = persons * DEGREE
    return FollowerGraph.from_links(rng.integers(persons, size=m), rng.integers(persons, size=m), n_persons=persons)


def of_eon(graph: FollowerGraph) -> Side:
    import EoN

    links, rng = to_networkx(graph, meaning="followed,follower"), np.random.default_rng(1)

    def run() -> float:
        EoN.fast_SIR(links, CONTACT, RECOVERY, initial_infecteds=list(range(SEEDS)), rng=rng)
        return 1.0

    return Side(run)


def of_fastgemf(graph: FollowerGraph) -> Side:
    import fastgemf

    schema = fastgemf.ModelSchema("SIR").define_compartment(["S", "I", "R"]).add_network_layer("links")
    schema = schema.add_node_transition(name="recovery", from_state="I", to_state="R", rate="recovery")
    schema = schema.add_edge_interaction(
        name="infection", from_state="S", to_state="I", inducer="I", network_layer="links", rate="contact"
    )
    model = fastgemf.ModelConfiguration(schema).add_parameter(contact=CONTACT, recovery=RECOVERY)
    model = model.get_networks(links=to_scipy(graph, meaning="followed,follower").astype(float))
    first = np.zeros(graph.n_persons, dtype=int)
    first[:SEEDS] = 1

    def run() -> float:
        asked = {"initial_condition": {"exact": first}, "stop_condition": {"time": 1e6}, "nsim": 1}
        simulation = fastgemf.Simulation(model, **asked)
        simulation.run()
        return 1.0

    return Side(run)


def of_ours(graph: FollowerGraph, replicates: int = 8, threads: int = 1, **asked: Any) -> Side:
    number = iter(range(10**9))
    seeds, most = list(range(SEEDS)), {"transmission": CONTACT, "recovery": RECOVERY, "record": "times", **asked}
    model = sis if "horizon" in asked else sir

    def run() -> float:
        model(graph, seeds=seeds, replicates=replicates, seed=next(number), threads=threads, **most)
        return float(replicates)

    return Side(run)


PEERS: dict[str, Callable[[FollowerGraph], Side]] = {"EoN": of_eon, "FastGEMF": of_fastgemf}


def beside_others(sizes: Mapping[str, Any]) -> list[Row]:
    """SIR with rates beside EoN and FastGEMF; laws that are no exponentials, and SIS, beside SIR with rates."""
    persons, rounds = sizes["epidemics"]
    graph = random_graph(persons)
    there = [name for name in PEERS if find_spec(PACKAGES[name]) is not None]
    laws = {"transmission": "lognormal 2 0.5", "recovery": "gamma 2 3"}
    sides = {"ours": of_ours(graph), "laws": of_ours(graph, **laws), "SIS": of_ours(graph, 2, horizon=HORIZON)}
    found = side_by_side({**sides, **{name: PEERS[name](graph) for name in there}}, rounds)
    times = sir(graph, transmission=CONTACT, recovery=RECOVERY, seeds=list(range(SEEDS)), record="times").column(
        "times"
    )
    links = float((np.isfinite(times) @ graph.n_followers).mean())
    what = f"SIR, {persons:,} persons"
    rows = [_ratio(f"{what}: runs per second over {name}'s", found, name, LEAST[name]) for name in there]
    rows += [missing(f"{what}: over {name}'s", absent_peer(PACKAGES[name])) for name in PEERS if name not in there]
    beside = {
        "share infected": np.isfinite(times).mean(),
        "log-normal contacts, gamma periods [runs/s]": found["laws"].rate,
        f"SIS until {HORIZON:g} periods [runs/s]": found["SIS"].rate,
    }
    return [*rows, Row(f"{what}: links followed per second", links * found["ours"].rate / 1e6, "M", beside=beside)]


def _ratio(what: str, found: Mapping[str, Samples], name: str, least: float) -> Row:
    beside = {"ours [runs/s]": found["ours"].rate, f"{name} [runs/s]": found[name].rate}
    return Row(what, ratio_of(found["ours"].rates, found[name].rates).median, "×", least=least, beside=beside)


def on_two_threads(sizes: Mapping[str, Any]) -> list[Row]:
    """Sixteen replicates of SIR on two threads beside one, in five times as many rounds: they are short."""
    persons, rounds = sizes["epidemics"]
    graph, rounds = random_graph(persons), 5 * rounds
    sides = {"one": of_ours(graph, 16), "two": of_ours(graph, 16, threads=2)}
    found = side_by_side(sides, rounds)
    beside = {"one thread [runs/s]": found["one"].rate, "busy": found["two"].busy, "load": os.getloadavg()[0]}
    ratio = ratio_of(found["two"].rates, found["one"].rates).median
    return [Row(f"SIR, {persons:,} persons: two threads over one", ratio, "×", least=1.9, beside=beside)]


ITEMS: dict[str, Callable[[Mapping[str, Any]], list[Row]]] = {
    "epidemics": beside_others,
    "epidemic_threads": on_two_threads,
}
