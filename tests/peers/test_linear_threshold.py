"""Linear threshold beside CyNetDiff (also person by person, with the same thresholds) and PyNetIM."""

from array import array
from collections.abc import Callable

import numpy as np
import pytest
from cynetdiff.models import LinearThresholdModel
from numpy.typing import NDArray
from pynetim.diffusion_model.linear_threshold_model import LinearThresholdModel as LinearThresholdOfPyNetIM
from pynetim.graph.graph import IMGraph

from diffusion.classic import linear_threshold
from diffusion.classic._countdown import Workspace, weigh_down
from diffusion.classic.pushes import STATES, run_pushes
from diffusion.classic.runs import Model, checked_call
from diffusion.graphs import FollowerGraph, generate_followers
from diffusion.randomness import draw_key, start_key
from diffusion.vocabulary import Purpose
from peers.harness import Peer, PeerCard

pytestmark = pytest.mark.peers
RUNS = 2_000
Active = NDArray[np.float64]


def directed(n: int, mean: float, seed: int) -> FollowerGraph:
    rng = np.random.default_rng(seed)
    m = round(n * mean)
    return FollowerGraph.from_links(rng.integers(n, size=m), rng.integers(n, size=m), n_persons=n)


def three_quarters(graph: FollowerGraph) -> FollowerGraph:
    """Weights of random ratios that sum to .75 for everybody."""
    raw = np.random.default_rng(1).exponential(size=graph.n_links)
    sums = np.bincount(graph.followers, raw, minlength=graph.n_persons)
    return FollowerGraph(graph.offsets, graph.followers, (0.75 * raw / sums[graph.followers]).astype(np.float32))


GRAPHS: dict[str, Callable[[], FollowerGraph]] = {
    "even degrees": lambda: directed(200, 6, seed=3),
    "heavy-tailed": lambda: generate_followers(200, mean_followers=6, seed=4),
    "weights of links": lambda: three_quarters(directed(200, 6, seed=5)),
}


def weights_of(graph: FollowerGraph) -> NDArray[np.float32]:
    kempe = 1 / graph.n_followed[graph.followers].astype(np.float64)
    return np.asarray(kempe if graph.weights is None else graph.weights, dtype=np.float32)


def ours(graph: FollowerGraph, seeds: list[int], seed: int = 0, runs: int = RUNS) -> Active:
    """Who became active: (R, n) of 0 and 1."""
    weights = "kempe" if graph.weights is None else "weights"
    found = linear_threshold(graph, weights=weights, seeds=seeds, replicates=runs, seed=seed, record="times")
    return np.isfinite(found.column("times")).astype(np.float64)


def by_senders(graph: FollowerGraph, seeds: list[int]) -> Active:
    """The mistake: a link weighs 1 / (followers of its sender)."""
    call = checked_call(graph, {"seeds": seeds, "replicates": RUNS, "record": "times"})
    wrong = np.repeat(1 / np.maximum(graph.n_followers, 1), graph.n_followers).astype(np.float32)

    def cascade(key: np.uint64, chosen: NDArray[np.uint32], work: Workspace) -> int:
        return weigh_down(graph.offsets, graph.followers, wrong, key, chosen, work)

    found = run_pushes(call, Model("control", STATES, {}), cascade, np.int64)
    return np.isfinite(found.column("times")).astype(np.float64)


def with_size(active: Active) -> Active:
    """Sizes beside the persons: (R, n + 1)."""
    return np.column_stack([active.sum(axis=1), active])


def cynetdiff(graph: FollowerGraph) -> LinearThresholdModel:
    starts = array("I", graph.offsets[:-1].tolist())
    edges, influence = array("I", graph.followers.tolist()), array("f", weights_of(graph).tolist())
    return LinearThresholdModel(starts, edges, influence=influence, rng=5)


def of_cynetdiff(graph: FollowerGraph, seeds: list[int]) -> Active:
    peer, found = cynetdiff(graph), np.zeros((RUNS, graph.n_persons))
    peer.set_seeds(seeds)
    for k in range(RUNS):
        peer.reset_model()
        peer.advance_until_completion()
        found[k, list(peer.get_activated_nodes())] = 1
    return found


def of_pynetim(graph: FollowerGraph, seeds: list[int]) -> Active:
    senders = np.repeat(np.arange(graph.n_persons), graph.n_followers).tolist()
    edges = list(zip(senders, graph.followers.tolist(), strict=True))
    peer_graph = IMGraph(edges, weights_of(graph).tolist(), directed=True, renumber=False)
    found = np.zeros((RUNS, graph.n_persons))
    for k in range(RUNS):
        # A model adds up the persons of all its runs.
        peer = LinearThresholdOfPyNetIM(peer_graph, set(seeds), record_activated=True)
        peer.run_single_simulation(k)
        found[k, list(peer.get_activated_nodes())] = 1
    return found


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize(("library", "theirs"), [("CyNetDiff", of_cynetdiff), ("PyNetIM", of_pynetim)])
def test_who_becomes_active_and_how_many(
    name: str, library: str, theirs: Callable[[FollowerGraph, list[int]], Active], peer_card: PeerCard
) -> None:
    graph, seeds = GRAPHS[name](), [0, 50, 100, 150]
    peer = Peer(
        f"linear threshold, {name}", library, "sizes and everybody's chance", "weights by the sender's followers"
    )
    right, wrong = (with_size(active) for active in (ours(graph, seeds), by_senders(graph, seeds)))
    peer_card.agree(peer, right, with_size(theirs(graph, seeds)), wrong)


@pytest.mark.parametrize("name", GRAPHS)
def test_with_the_same_thresholds_the_same_persons_become_active(name: str) -> None:
    """CyNetDiff is given thresholds that our draws stand for; its sums are 32-bit floats, hence the half below.

    With equal weights, K pushes are needed: any threshold between K - 1 and K of them. With weights of links, sums that
    come closer than 1e-5 to a threshold could tell the libraries apart; none does here.
    """
    graph, seeds = GRAPHS[name](), [0, 50, 100, 150]
    found, peer = ours(graph, seeds, seed=9, runs=200), cynetdiff(graph)
    peer.set_seeds(seeds)
    followed = graph.n_followed.astype(np.int64)
    for k in range(200):
        key = start_key(9, k, Purpose.CONTAGION)
        draws = np.array([draw_key(key, person) for person in range(graph.n_persons)], dtype=np.uint64)
        if graph.weights is None:
            needed = 1 + ((draws >> np.uint64(32)) * followed.astype(np.uint64) >> np.uint64(32)).astype(np.int64)
            thresholds = (needed - 0.5) / np.maximum(followed, 1)
        else:
            thresholds = (draws >> np.uint64(24)).astype(np.float64) / 2**40
        peer.reset_model()
        peer._assign_thresholds(array("f", thresholds.tolist()))
        peer.advance_until_completion()
        assert sorted(peer.get_activated_nodes()) == np.flatnonzero(found[k]).tolist()
    assert np.unique(found.sum(axis=1)).size > 10
