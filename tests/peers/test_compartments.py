"""A declared model of five states, two of which compete, ends as the simple contagion of EoN with its rates does."""

from __future__ import annotations

from typing import Any

import EoN
import networkx as nx
import numpy as np
import pytest
from numpy.typing import NDArray

from diffusion.classic import compartments
from diffusion.graphs import from_graph
from peers.harness import Peer, PeerCard

LINKS, PERSONS, RUNS, STATES = 6, 200, 300, ("S", "E", "I", "Z", "R")
PEER = Peer(
    "a declared model of five states",
    "EoN.Gillespie_simple_contagion",
    "never reached and time of the end",
    "rates exchanged",
)


def declared(infected: float, sceptic: float) -> dict[str, Any]:
    return {
        "states": STATES,
        "seeds": "I",
        "transitions": [
            {"from": "S", "by": "I", "to": {"E": 0.75, "I": 0.25}, "rate": infected},
            {"from": "S", "by": "Z", "to": "Z", "rate": sceptic},
            {"from": "E", "by": "Z", "to": "Z", "rate": 0.1},
            {"from": "E", "to": "I", "rate": 1.5},
            {"from": "I", "to": "R", "rate": 0.5},
            {"from": "Z", "to": "R", "rate": 1.0},
        ],
    }


def peers(graph: nx.Graph) -> NDArray[np.float64]:
    """Return persons in S at the end, and its time, (RUNS, 2)."""
    alone, induced = nx.DiGraph(), nx.DiGraph()
    for leaves, to, rate in (("E", "I", 1.5), ("I", "R", 0.5), ("Z", "R", 1.0)):
        alone.add_edge(leaves, to, rate=rate)
    for by, leaves, to, rate in (
        ("I", "S", "E", 0.3), ("I", "S", "I", 0.1), ("Z", "S", "Z", 0.3), ("Z", "E", "Z", 0.1),
    ):  # fmt: skip
        induced.add_edge((by, leaves), (by, to), rate=rate)
    first, rng = dict.fromkeys(graph, "S") | dict.fromkeys(range(5), "I") | {9: "Z"}, np.random.default_rng(1)
    ends = np.empty((RUNS, 2))
    for k in range(RUNS):
        times, susceptible, _ = EoN.Gillespie_simple_contagion(
            graph, alone, induced, first, return_statuses=("S", "R"), tmax=1e6, rng=rng
        )
        ends[k] = susceptible[-1], times[-1]
    return ends


@pytest.mark.peers
def test_a_declared_model_ends_as_that_of_eon(peer_card: PeerCard) -> None:
    graph = nx.random_regular_graph(LINKS, PERSONS, seed=4)
    same = from_graph(graph, meaning="mutual")

    def ends(infected: float, sceptic: float) -> NDArray[np.float64]:
        found = compartments(
            same, model=declared(infected, sceptic), seeds=list(range(5)), initial={"Z": [9]}, replicates=10 * RUNS,
            seed=2, threads=1,
        )  # fmt: skip
        return np.column_stack([found.counts[:, 0], found.lasted])

    peer_card.agree(PEER, ends(0.4, 0.3), peers(graph), ends(0.3, 0.4))
