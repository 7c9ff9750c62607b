"""The cascade on computed graphs beside CyNetDiff on their stored twins: in law, and person by person with one luck."""

from array import array

import numpy as np
import pytest
from cynetdiff.models import IndependentCascadeModel
from numpy.typing import NDArray

from diffusion.classic import hashed_cascade
from diffusion.graphs import FollowerGraph, ImplicitGraph
from diffusion.randomness import start_key
from diffusion.vocabulary import Purpose
from peers.harness import Peer, PeerCard
from reference.classic_implicit import gaps
from reference.draws import draw

pytestmark = pytest.mark.peers
Found = NDArray[np.float64]
SEEDS = [0, 1, 2, 3]
GRAPH = ImplicitGraph(200, 8, 2.3, 4)
TWIN = GRAPH.stored()


def columns(active: Found) -> Found:
    """How many, and who: (R, 201)."""
    return np.column_stack([active.sum(axis=1), active])


def ours(graph: ImplicitGraph | FollowerGraph, p: float, runs: int, seed: int = 0) -> Found:
    """Who became active: (R, n) of 0 and 1."""
    found = hashed_cascade(graph, p=p, seeds=SEEDS, replicates=runs, seed=seed, record="times")
    return np.isfinite(found.column("times")).astype(np.float64)


def theirs(p: float, runs: int, **luck: array) -> Found:
    starts, edges = array("I", TWIN.offsets[:-1].tolist()), array("I", TWIN.followers.tolist())
    peer = IndependentCascadeModel(starts, edges, activation_prob=p, rng=5, **luck)
    peer.set_seeds(SEEDS)
    found = np.zeros((runs, TWIN.n_persons))
    for k in range(runs):
        peer.reset_model()
        peer.advance_until_completion()
        found[k, list(peer.get_activated_nodes())] = 1
    return found


@pytest.mark.parametrize("p", [0.06, 0.125, 0.3])
def test_who_becomes_active_and_how_many(p: float, peer_card: PeerCard) -> None:
    peer = Peer(
        f"cascade on a computed graph, p = {p:g}", "CyNetDiff", "sizes and everybody's chance", "links reversed"
    )
    wrong = columns(ours(TWIN.reversed(), p, 2_000))
    peer_card.agree(peer, columns(ours(GRAPH, p, 2_000)), columns(theirs(p, 2_000)), wrong)


@pytest.mark.parametrize("p", [0.06, 0.125, 0.3])
def test_with_the_same_luck_the_same_persons_become_active(p: float) -> None:
    """CyNetDiff is told which links succeed: those at the ends of the gaps that belong to their persons."""
    found = ours(GRAPH, p, runs=40, seed=9)
    for k in range(40):
        key, luck = start_key(9, k, Purpose.CONTAGION), np.full(TWIN.n_links, (1 + p) / 2)
        for person in range(TWIN.n_persons):
            places = gaps(p, draw(key, person), int(TWIN.n_followers[person]))
            luck[TWIN.offsets[person] + np.array(places, dtype=np.int64)] = p / 2
        told = theirs(p, 1, _edge_probabilities=array("f", luck.tolist()))
        assert np.array_equal(told[0], found[k])
    assert found.sum(axis=1).max() > 8
