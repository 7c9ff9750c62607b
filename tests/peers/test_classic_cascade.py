"""The independent cascade beside NDlib, CyNetDiff (also person by person, with the same luck) and PyNetIM."""

import os
from array import array
from collections.abc import Callable
from functools import cache
from pathlib import Path

import ndlib.models.ModelConfig as ndlib_config
import networkx as nx
import numpy as np
import pytest
from cynetdiff.models import IndependentCascadeModel
from ndlib.models.epidemics import IndependentCascadesModel
from numpy.typing import NDArray
from pynetim.diffusion_model.independent_cascade_model import IndependentCascadeModel as IndependentCascadeOfPyNetIM
from pynetim.graph.graph import IMGraph

from diffusion.classic import independent_cascade
from diffusion.graphs import FollowerGraph, generate_followers, read_graph
from diffusion.randomness import start_key
from diffusion.vocabulary import Purpose
from peers.harness import Peer, PeerCard
from reference.classic_cascade import cascade

pytestmark = pytest.mark.peers
Found = NDArray[np.float64]


def even(n: int = 200, mean: float = 8, seed: int = 3) -> FollowerGraph:
    """Directed G(n, mean/n), nearly; weights from 0 to .4."""
    rng = np.random.default_rng(seed)
    links = rng.integers(n, size=(2, round(n * mean)))
    return FollowerGraph.from_links(*links, weights=0.4 * rng.random(links.shape[1]), n_persons=n)


@cache
def real() -> FollowerGraph:
    """Accounts around a bank's: 13,688 persons, 68,328 links; where DIFFUSION_DATA is."""
    folder = os.environ.get("DIFFUSION_DATA")
    if folder is None:
        pytest.skip("DIFFUSION_DATA is not set")
    return read_graph(Path(folder) / "graphs" / "twitter-bofa.csv.gz", meaning="follower,followed")


# name -> graph, p
SCENES: dict[str, tuple[Callable[[], FollowerGraph], float]] = {
    "even degrees": (even, 0.15),
    "heavy-tailed": (lambda: generate_followers(200, mean_followers=8, seed=4), 0.15),
    "a real graph": (real, 0.05),
}


def first(graph: FollowerGraph) -> list[int]:
    """Four seeds: those with most followers."""
    return [int(k) for k in np.argsort(-graph.n_followers.astype(np.int64), kind="stable")[:4]]


def chances(graph: FollowerGraph, p: float | str) -> NDArray[np.float32]:
    by_follower = 1 / np.maximum(graph.n_followed, 1)[graph.followers].astype(np.float64)
    known = {"weighted": by_follower, "weights": graph.weights}
    return np.asarray(known[p] if isinstance(p, str) else np.full(graph.n_links, p), dtype=np.float32)


def columns(active: Found) -> Found:
    """How many and, of the first two hundred persons, who: (R, 201)."""
    return np.column_stack([active.sum(axis=1), active[:, :200]])


def ours(graph: FollowerGraph, p: float | str, runs: int, seed: int = 0) -> Found:
    """Who became active: (R, n) of 0 and 1."""
    labels = graph.labels_of(np.array(first(graph)))
    found = independent_cascade(graph, p=p, seeds=labels, replicates=runs, seed=seed, record="times")
    return np.isfinite(found.column("times")).astype(np.float64)


def links_of(graph: FollowerGraph) -> list[tuple[int, int]]:
    senders = np.repeat(np.arange(graph.n_persons), graph.n_followers).tolist()
    return list(zip(senders, graph.followers.tolist(), strict=True))


def of_ndlib(graph: FollowerGraph, p: float | str, runs: int) -> Found:
    network = nx.DiGraph(links_of(graph))
    network.add_nodes_from(range(graph.n_persons))
    config = ndlib_config.Configuration()
    config.add_model_initial_configuration("Infected", first(graph))
    for link, chance in zip(links_of(graph), chances(graph, p).tolist(), strict=True):
        config.add_edge_configuration("threshold", link, chance)
    peer = IndependentCascadesModel(network, seed=7)
    peer.set_initial_status(config)
    found = np.zeros((runs, graph.n_persons))
    for k in range(runs):
        peer.reset(first(graph))
        while peer.iteration(node_status=False)["node_count"][1]:
            pass
        found[k] = [peer.status[person] != 0 for person in range(graph.n_persons)]
    return found


def cynetdiff(graph: FollowerGraph, **luck: array) -> IndependentCascadeModel:
    starts, edges = array("I", graph.offsets[:-1].tolist()), array("I", graph.followers.tolist())
    return IndependentCascadeModel(starts, edges, rng=5, **luck)


def of_cynetdiff(graph: FollowerGraph, p: float | str, runs: int) -> Found:
    peer = cynetdiff(graph, activation_probs=array("f", chances(graph, p).tolist()))
    peer.set_seeds(first(graph))
    found = np.zeros((runs, graph.n_persons))
    for k in range(runs):
        peer.reset_model()
        peer.advance_until_completion()
        found[k, list(peer.get_activated_nodes())] = 1
    return found


def of_pynetim(graph: FollowerGraph, p: float | str, runs: int) -> Found:
    network = IMGraph(links_of(graph), chances(graph, p).tolist(), directed=True, renumber=False)
    found = np.zeros((runs, graph.n_persons))
    for k in range(runs):
        # A model adds up the persons of all its runs.
        peer = IndependentCascadeOfPyNetIM(network, set(first(graph)), record_activated=True)
        peer.run_single_simulation(k)
        found[k, list(peer.get_activated_nodes())] = 1
    return found


PEERS = {"NDlib": (of_ndlib, 300), "CyNetDiff": (of_cynetdiff, 2_000), "PyNetIM": (of_pynetim, 2_000)}


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("library", PEERS)
def test_who_becomes_active_and_how_many(scene: str, library: str, peer_card: PeerCard) -> None:
    make, p = SCENES[scene]
    graph, (theirs, runs) = make(), PEERS[library]
    runs = runs if graph.n_persons < 1_000 else max(60, runs // 10)
    peer = Peer(f"independent cascade, {scene}", library, "sizes and everybody's chance", "links reversed")
    seeds = graph.labels_of(np.array(first(graph)))
    wrong = independent_cascade(graph.reversed(), p=p, seeds=seeds, replicates=runs, record="times").column("times")
    peer_card.agree(
        peer, columns(ours(graph, p, runs)), columns(theirs(graph, p, runs)), columns(np.isfinite(wrong) * 1.0)
    )


def by_senders(graph: FollowerGraph, p: float | str) -> FollowerGraph:
    """The mistake: a link's chance is one over the number of the sender's followers, or that of the link before it."""
    shares = np.repeat(1 / np.maximum(graph.n_followers, 1), graph.n_followers)
    wrong = shares if p == "weighted" else np.roll(chances(graph, p), 1)
    return FollowerGraph(graph.offsets, graph.followers, wrong.astype(np.float32))


@pytest.mark.parametrize("p", ["weights", "weighted"])
@pytest.mark.parametrize("library", PEERS)
def test_chances_that_differ(p: str, library: str, peer_card: PeerCard) -> None:
    graph, (theirs, runs) = even(seed=5), PEERS[library]
    mistake = {"weights": "the weights of neighbouring links", "weighted": "one over the sender's followers"}[p]
    peer = Peer(f'independent cascade, p = "{p}"', library, "sizes and everybody's chance", mistake)
    wrong = ours(by_senders(graph, p), "weights", runs)
    peer_card.agree(peer, columns(ours(graph, p, runs)), columns(theirs(graph, p, runs)), columns(wrong))


@pytest.mark.parametrize("scene", ["even degrees", "heavy-tailed"])
def test_with_the_same_luck_the_same_persons_become_active(scene: str) -> None:
    """CyNetDiff is told which links succeed: those that our draws make succeed, by the plain-Python twin."""
    make, p = SCENES[scene]
    graph = make()
    found = ours(graph, p, runs=60, seed=9)
    rows = [graph.row(k).tolist() for k in range(graph.n_persons)]
    for k in range(60):
        lucky = cascade(rows, first(graph), start_key(9, k, Purpose.CONTAGION), p).links
        luck = [p / 2 if link in lucky else (1 + p) / 2 for link in range(graph.n_links)]
        peer = cynetdiff(graph, activation_prob=p, _edge_probabilities=array("f", luck))
        peer.set_seeds(first(graph))
        peer.advance_until_completion()
        assert sorted(peer.get_activated_nodes()) == np.flatnonzero(found[k]).tolist()
