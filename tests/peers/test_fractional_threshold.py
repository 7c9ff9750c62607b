"""Fractional thresholds beside NDlib's threshold model, step by step."""

import ndlib.models.ModelConfig as mc
import networkx as nx
import numpy as np
import pytest
from ndlib.models.epidemics import ThresholdModel
from numpy.typing import NDArray

from diffusion.classic import fractional_threshold
from diffusion.graphs import FollowerGraph
from diffusion.laws import quantile
from diffusion.randomness import draw_key, start_key
from diffusion.vocabulary import Purpose
from peers.harness import Peer, PeerCard

pytestmark = pytest.mark.peers
N, STEPS = 120, 25


def graph_of(seed: int, mutual: bool) -> FollowerGraph:
    rng = np.random.default_rng(seed)
    m = 240 if mutual else 480
    return FollowerGraph.from_links(rng.integers(N, size=m), rng.integers(N, size=m), n_persons=N, mutual=mutual)


def of_ndlib(graph: FollowerGraph, seeds: list[int], thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """When each person became active: NDlib counts the active among a person's predecessors."""
    senders = np.repeat(np.arange(N), graph.n_followers).tolist()
    links = nx.DiGraph()
    links.add_nodes_from(range(N))
    links.add_edges_from(zip(senders, graph.followers.tolist(), strict=True))
    peer, config = ThresholdModel(links, seed=1), mc.Configuration()
    config.add_model_initial_configuration("Infected", seeds)
    for person, threshold in enumerate(thresholds.tolist()):
        config.add_node_configuration("threshold", person, threshold)
    peer.set_initial_status(config)
    times = np.full(N, np.inf)
    for step in range(STEPS):
        for person, state in peer.iteration()["status"].items():
            if state == 1:
                times[person] = min(times[person], step)
    return times


@pytest.mark.parametrize("mutual", [False, True])
@pytest.mark.parametrize("phi", [0.1, 0.18, 0.25, 1 / 3, 0.5])
def test_with_one_share_all_become_active_at_the_same_steps(phi: float, mutual: bool) -> None:
    """Nothing is left to chance: times are equal, person by person."""
    several = 0
    for seed in range(4):
        graph, seeds = graph_of(seed, mutual), np.random.default_rng(seed).choice(N, 12, replace=False).tolist()
        found = fractional_threshold(graph, phi=phi, seeds=seeds, record="times").column("times")[0]
        assert np.max(found[np.isfinite(found)]) < STEPS
        assert np.array_equal(found, of_ndlib(graph, seeds, np.full(N, phi)))
        several += np.isfinite(found).sum()
    assert several > 4 * 13


def test_with_the_thresholds_that_we_draw_the_same_persons_become_active() -> None:
    from diffusion.classic.threshold import SHARES

    table, graph, seeds = SHARES["uniform"][1](0.1, 0.5), graph_of(7, mutual=False), list(range(0, N, 10))
    found = fractional_threshold(graph, phi="uniform 0.1 0.5", seeds=seeds, seed=3, replicates=5, record="times")
    for k in range(5):
        key = start_key(3, k, Purpose.CONTAGION)
        drawn = [quantile(table, np.uint64(draw_key(key, person))) for person in range(N)]
        assert np.array_equal(found.column("times")[k], of_ndlib(graph, seeds, np.array(drawn)))


def test_shares_drawn_on_both_sides_reach_equally_many(peer_card: PeerCard) -> None:
    """Sizes of 200 replicates each; NDlib is given thresholds of numpy's. Control: thresholds of [.25, .75]."""
    graph, seeds, rng = graph_of(7, mutual=False), list(range(0, N, 10)), np.random.default_rng(5)
    theirs = [np.isfinite(of_ndlib(graph, seeds, rng.uniform(0.2, 0.7, N))).sum() for _ in range(200)]
    right, wrong = (
        fractional_threshold(graph, phi=phi, seeds=seeds, replicates=200).reached
        for phi in ("uniform 0.2 0.7", "uniform 0.25 0.75")
    )
    peer_card.agree(Peer("fractional threshold", "NDlib", "size", "thresholds higher by .05"), right, theirs, wrong)
