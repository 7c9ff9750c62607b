"""Bass's model spreads as a simple contagion of EoN in which people also adopt by themselves."""

from __future__ import annotations

import EoN
import networkx as nx
import numpy as np
import pytest
from numpy.typing import NDArray

from diffusion.classic import Spread, bass
from diffusion.graphs import from_graph
from peers.harness import Peer, PeerCard

CONTACTS, PERSONS, RUNS = 6, 200, 200
P, Q = 0.02, 0.5
PEER = Peer("Bass's model", "EoN.Gillespie_simple_contagion", "times of 10, 50, 90 and 100 %", "q counts for each")
PLACES = [PERSONS // 10 - 1, PERSONS // 2 - 1, 9 * PERSONS // 10 - 1, PERSONS - 1]


@pytest.mark.peers
def test_adoption_takes_as_long_as_with_eon(peer_card: PeerCard) -> None:
    """On a random regular graph each person who has adopted convinces each neighbour at rate q / 6."""
    graph = nx.random_regular_graph(CONTACTS, PERSONS, seed=4)
    alone, induced = nx.DiGraph(), nx.DiGraph()
    alone.add_edge("S", "I", rate=P)
    induced.add_edge(("I", "S"), ("I", "I"), rate=Q / CONTACTS)
    first, rng = dict.fromkeys(graph, "S") | {0: "I"}, np.random.default_rng(1)
    theirs = np.empty((RUNS, len(PLACES)))
    for k in range(RUNS):
        times, _ = EoN.Gillespie_simple_contagion(
            graph, alone, induced, first, return_statuses=("I",), tmax=1e6, rng=rng
        )[:2]
        # The first adopter is there at time 0, and every further time is that of one more.
        theirs[k] = np.asarray(times)[PLACES]

    def ours(found: Spread) -> NDArray[np.float64]:
        return np.asarray(np.sort(found.column("times"), axis=1)[:, PLACES])

    same = from_graph(graph, meaning="mutual")
    run = {"p": P, "seeds": [0], "replicates": 10 * RUNS, "seed": 2, "threads": 1, "record": "times"}
    control = bass(same, q=Q / 5, influence="each", **run)
    peer_card.agree(PEER, ours(bass(same, q=Q, **run)), theirs, ours(control))
