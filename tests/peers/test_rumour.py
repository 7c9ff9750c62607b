"""Maki and Thompson's rumour ends as a simple contagion of EoN with the same rates does."""

from __future__ import annotations

import EoN
import networkx as nx
import numpy as np
import pytest
from numpy.typing import NDArray

from diffusion.classic import Spread, daley_kendall, maki_thompson
from diffusion.graphs import from_graph
from peers.harness import Peer, PeerCard

CONTACTS, PERSONS, RUNS = 6, 300, 300
PEER = Peer(
    "Maki and Thompson's rumour", "EoN.Gillespie_simple_contagion", "never heard and time of the end", "both stop"
)


def rumours(graph: nx.Graph) -> NDArray[np.float64]:
    """Return numbers of ignorants and times of the end, (RUNS, 2): each link carries contacts at rate 1/6 both ways.

    EoN names pairs (who induces, who changes): a spreader is stopped by each spreader and stifler whom it contacts.
    """
    alone, induced = nx.DiGraph(), nx.DiGraph()
    alone.add_nodes_from("ISR")
    for pair, then in ((("S", "I"), ("S", "S")), (("S", "S"), ("S", "R")), (("R", "S"), ("R", "R"))):
        induced.add_edge(pair, then, rate=1 / CONTACTS)
    first, rng = dict.fromkeys(graph, "I") | {0: "S"}, np.random.default_rng(1)
    ends = np.empty((RUNS, 2))
    for k in range(RUNS):
        times, ignorants, _ = EoN.Gillespie_simple_contagion(
            graph, alone, induced, first, return_statuses=("I", "S"), tmax=1e6, rng=rng
        )
        ends[k] = ignorants[-1], times[-1]
    return ends


@pytest.mark.peers
def test_rumours_end_as_those_of_eon(peer_card: PeerCard) -> None:
    graph = nx.random_regular_graph(CONTACTS, PERSONS, seed=4)
    same = from_graph(graph, meaning="mutual")

    def ends(found: Spread) -> NDArray[np.float64]:
        return np.column_stack([found.counts[:, 0], found.lasted])

    ours, control = (
        ends(model(same, seeds=[0], replicates=10 * RUNS, seed=2, threads=1))
        for model in (maki_thompson, daley_kendall)
    )
    peer_card.agree(PEER, ours, rumours(graph), control)
