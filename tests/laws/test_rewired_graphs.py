"""A rewired graph is a uniform draw among the graphs with its degrees (Maslov & Sneppen 2002; Milo et al. 2003).

On six persons with two friends each there are 60 hexagons and 10 pairs of triangles: pairs of triangles have a share of
1/7. On four persons who follow one and are followed by one there are 6 rings and 3 pairs of mutual links: 1/3.
"""

import numpy as np
import pytest

from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph, generate_communities, generate_followers, generate_friends
from diffusion.graphs.clustering import measure_clustering, project

DRAWS = 4000
HEXAGON = FollowerGraph.from_links(np.arange(6), (np.arange(6) + 1) % 6, n_persons=6, mutual=True)
RING = FollowerGraph.from_links(np.arange(4), (np.arange(4) + 1) % 4, n_persons=4)


def agrees(hits: int, share: float) -> bool:
    """A binomial count within 4.5 standard deviations: a correct program fails once in 100,000 seeds."""
    return bool(abs(hits - DRAWS * share) < 4.5 * np.sqrt(DRAWS * share * (1 - share)))


def has_triangles(graph: FollowerGraph) -> bool:
    """Whether the two friends of person 0 are friends."""
    first, second = graph.row(0).tolist()
    return second in graph.row(first)


def triangles(swaps: float) -> int:
    return sum(has_triangles(HEXAGON.rewired(seed=s, swaps_per_link=swaps)) for s in range(DRAWS))


def mutual_pairs(swaps: float) -> int:
    return sum(RING.rewired(seed=s, swaps_per_link=swaps).is_mutual for s in range(DRAWS))


def test_mutual_graphs_are_drawn_uniformly() -> None:
    assert agrees(triangles(20), 1 / 7)


def test_directed_graphs_are_drawn_uniformly() -> None:
    assert agrees(mutual_pairs(20), 1 / 3)


def test_too_few_swaps_are_rejected() -> None:
    assert not agrees(triangles(0.2), 1 / 7)
    assert not agrees(mutual_pairs(0.3), 1 / 3)


# --- large graphs -----------------------------------------------------------------------------------------------------


def clustering(graph: FollowerGraph) -> float:
    return measure_clustering(project(graph)).local


@pytest.fixture(scope="module")
def crowd() -> FollowerGraph:
    return generate_communities(5000, mean_followers=12, exponent=2.7, seed=1).graph


@pytest.fixture(scope="module")
def friends() -> FollowerGraph:
    return generate_friends(5000, mean_friends=15, friends_sd=0.5, seed=1).graph


@pytest.mark.parametrize("kind", ["crowd", "friends"])
def test_degrees_are_kept_and_clustering_falls_to_the_random_level(kind: str, request: pytest.FixtureRequest) -> None:
    graph = request.getfixturevalue(kind)
    rewired = graph.rewired(seed=3)
    assert np.array_equal(rewired.n_followers, graph.n_followers)
    assert np.array_equal(rewired.n_followed, graph.n_followed)
    assert rewired.is_mutual == graph.is_mutual
    level = clustering(graph.rewired(seed=4, swaps_per_link=100))
    # two random graphs with these degrees differ by .001
    assert clustering(rewired) == pytest.approx(level, abs=0.004)
    assert clustering(graph) > 0.35 > 8 * level
    assert clustering(graph.rewired(seed=3, swaps_per_link=0.3)) > level + 0.05


def test_reciprocity_falls_to_the_random_level(crowd: FollowerGraph) -> None:
    rewired = crowd.rewired(seed=5)
    reverse = rewired.reversed()
    mutual = sum(np.intersect1d(rewired.row(i), reverse.row(i)).size for i in range(5000))
    # a link a-b stands with chance out_a in_b / L: mutual links number (sum of in·out)² / L² where no hub fills up
    products = float(np.dot(crowd.n_followers.astype(float), crowd.n_followed.astype(float)))
    assert mutual == pytest.approx((products / crowd.n_links) ** 2, rel=0.25)
    assert mutual < 0.03 * crowd.n_links


def test_rewiring_depends_on_the_seed_alone(crowd: FollowerGraph) -> None:
    assert crowd.rewired(seed=6) == crowd.rewired(seed=6)
    assert crowd.rewired(seed=6) != crowd.rewired(seed=7)
    assert crowd.rewired(seed=6, swaps_per_link=0) == crowd


def test_labels_stay_and_weights_are_refused() -> None:
    named = FollowerGraph.from_links(["a", "b", "c", "d"], ["b", "c", "d", "a"])
    assert named.rewired(seed=1).labels.tolist() == ["a", "b", "c", "d"]
    with pytest.raises(InputError, match="weights cannot be rewired"):
        FollowerGraph.from_links([0, 1], [1, 0], weights=[1, 2]).rewired(seed=1)
    with pytest.raises(InputError, match="swaps_per_link = -1 is outside"):
        generate_followers(9, mean_followers=2, seed=1).rewired(seed=1, swaps_per_link=-1)
