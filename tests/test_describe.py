"""The numbers that describe a graph: by hand, against networkx, and against laws whose exponent is known."""

import math

import networkx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import zeta

from diffusion.graphs import FollowerGraph, complete_graph, describe, generate_followers, read_graph, to_networkx
from diffusion.graphs.clustering import measure_clustering, project
from diffusion.graphs.tail import NO_TAIL, fit_tail

LINKS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=60)
NEAR = {"abs": 1e-12, "nan_ok": True}


def graph_of(links: list[tuple[int, int]], n_persons: int = 13) -> FollowerGraph:
    arrays = np.array(links, np.int64).reshape(-1, 2)
    return FollowerGraph.from_links(arrays[:, 0], arrays[:, 1], n_persons=n_persons)


def test_description_of_a_hand_counted_graph() -> None:
    # 0 and 1 follow each other, 2 follows 0; 3 and 4 are strangers to all
    graph = FollowerGraph.from_links([0, 1, 0], [1, 0, 2], n_persons=5, weights=[1, 2, 6])
    found = describe(graph)
    assert (found.persons, found.links, found.most_followers, found.most_followed) == (5, 3, 2, 1)
    assert found.reciprocity == pytest.approx(2 / 3)
    assert found.mean_followers == pytest.approx(0.6)
    assert found.following_nobody == 2
    assert found.without_followers == 3
    assert (found.weak_components, found.largest_weak) == (3, pytest.approx(0.6))
    assert (found.strong_components, found.largest_strong) == (4, pytest.approx(0.4))
    assert found.weights == (1.0, 3.0, 6.0)
    assert (found.clustering.local, found.clustering.transitivity) == (0, 0)
    # neighbours: 0 has two, 1 and 2 one each, so every link joins a 2 and a 1
    assert found.assortativity == pytest.approx(-1)
    assert found.degrees.followers.tolist() == [[0, 1.0], [1, 0.4], [2, 0.2]]
    assert found.followers_tail is NO_TAIL
    assert "exponent of followers" in "\n".join(found.lines())


def test_a_triangle_with_a_tail_has_the_clustering_of_the_textbook() -> None:
    # 0, 1, 2 are a triangle, 3 hangs on 0: persons 0, 1/3 and 1; wedges 3 + 1 + 1, of which 3 are closed
    found = describe(graph_of([(0, 1), (1, 2), (2, 0), (0, 3)], 4)).clustering
    assert found.local == pytest.approx((1 / 3 + 1 + 1 + 0) / 4)
    assert found.transitivity == pytest.approx(3 / 5)
    assert found.degrees.tolist() == [2, 3]
    assert found.by_degree.tolist() == pytest.approx([1, 1 / 3])
    assert found.exact


@given(LINKS)
def test_numbers_equal_those_of_networkx(links) -> None:
    graph = graph_of(links)
    found, other = describe(graph), to_networkx(graph, meaning="source,target")
    plain = other.to_undirected()
    assert found.reciprocity == pytest.approx(networkx.reciprocity(other) if graph.n_links else math.nan, **NEAR)
    assert found.clustering.local == pytest.approx(networkx.average_clustering(plain), **NEAR)
    if not math.isnan(found.clustering.transitivity):
        assert found.clustering.transitivity == pytest.approx(networkx.transitivity(plain), **NEAR)
    for components, number, largest in (
        (networkx.weakly_connected_components(other), found.weak_components, found.largest_weak),
        (networkx.strongly_connected_components(other), found.strong_components, found.largest_strong),
    ):
        sizes = [len(part) for part in components]
        assert (number, largest) == (len(sizes), pytest.approx(max(sizes) / 13))


@pytest.mark.parametrize("seed", range(5))
def test_assortativity_equals_that_of_networkx(seed) -> None:
    graph = generate_followers(300, mean_followers=6, seed=seed)
    found, other = describe(graph), to_networkx(graph, meaning="source,target")
    assert found.assortativity == pytest.approx(
        networkx.degree_pearson_correlation_coefficient(other.to_undirected()), abs=1e-9
    )
    # an edge of `other` leads from the followed to the follower, so followers are the degree out
    assert found.popularity_assortativity == pytest.approx(
        networkx.degree_pearson_correlation_coefficient(other, x="out", y="out"), abs=1e-9
    )


def test_a_long_path_and_a_long_ring_need_no_recursion() -> None:
    n = 300_000
    path = FollowerGraph.from_links(np.arange(n - 1), np.arange(1, n))
    ring = FollowerGraph.from_links(np.arange(n), np.roll(np.arange(n), 1))
    assert (describe(path).strong_components, describe(ring).strong_components) == (n, 1)
    assert math.isnan(describe(complete_graph(4)).assortativity)


def agrees(found: float, wanted: float, error: float) -> bool:
    """Within five standard errors: a correct sampler fails once in 1.7 million fresh draws."""
    return abs(found - wanted) < 5 * error


def test_sampled_clustering_agrees_with_the_count_and_knows_its_error() -> None:
    rng = np.random.default_rng(7)
    # 400 groups of 5 to 40 who all know one another, and as many links at random: hubs, triangles, open wedges
    groups = [np.arange(start, start + size) for start, size in zip(range(0, 16_000, 40), rng.integers(5, 41, 400))]
    pairs = np.concatenate([np.stack(np.triu_indices(group.size, 1), 1) + group[0] for group in groups])
    others = np.stack((rng.integers(0, 16_000, pairs.shape[0]), rng.integers(0, 200, pairs.shape[0])), 1)
    links = np.concatenate((pairs, others))
    projection = project(FollowerGraph.from_links(links[:, 0], links[:, 1], n_persons=16_000))
    counted, sampled = measure_clustering(projection), measure_clustering(projection, most_counted=0)
    assert (counted.exact, sampled.exact) == (True, False)
    assert 0 < sampled.local_error < 0.001
    assert 0 < sampled.transitivity_error < 0.001
    assert agrees(sampled.local, counted.local, sampled.local_error)
    assert agrees(sampled.transitivity, counted.transitivity, sampled.transitivity_error)
    assert not agrees(sampled.local, 1.01 * counted.local, sampled.local_error), "the judge sees 1 %"
    assert np.array_equal(sampled.degrees, counted.degrees)
    outside = (counted.by_degree < sampled.spread[:, 0]) | (counted.by_degree > sampled.spread[:, 1])
    # 5 % are expected outside of 95 % intervals: six or more of these 15 bins once in 20,000 fresh draws
    assert outside.sum() < 6


def power_law(exponent: float, start: int, n: int, seed: int) -> np.ndarray:
    """Draws from x^-exponent / ζ(exponent, start), x >= start, by its distribution function."""
    values = np.arange(start, 200_000)
    below = 1 - zeta(exponent, values + 1) / zeta(exponent, start)
    return values[np.searchsorted(below, np.random.default_rng(seed).random(n)).clip(0, values.size - 1)]


@pytest.mark.parametrize("exponent", [1.8, 2.5, 3.5])
def test_the_exponent_of_a_drawn_law_is_found_within_its_error(exponent) -> None:
    """Clauset, Shalizi & Newman (2009): p(x) = x^-a / ζ(a, start); five errors fail once in 1.7 million seeds."""
    found = fit_tail(power_law(exponent, 6, 20_000, seed=5), start=6)
    assert (found.start, found.persons) == (6, 20_000)
    assert found.error == pytest.approx((exponent - 1) / math.sqrt(20_000), rel=0.25)
    assert abs(found.exponent - exponent) < 5 * found.error
    assert abs(found.exponent - exponent - 0.2) > 5 * found.error, "an exponent off by .2 is rejected"
    # the continuous formula without the half, the nearest mistake, is off by far more
    hill = 1 + 20_000 / np.log(power_law(exponent, 6, 20_000, seed=5) / 6).sum()
    assert abs(hill - exponent) > 5 * found.error
    # Kolmogorov's law: sqrt(n) D exceeds 2.3 once in 20,000 seeds (less often for counts)
    assert math.sqrt(20_000) * found.distance < 2.3
    other = fit_tail(np.random.default_rng(1).poisson(30, 20_000), start=6)
    assert math.sqrt(20_000) * other.distance > 2.3, "a Poisson law is no power law"


def test_the_start_of_the_tail_is_found_below_a_body_of_another_law() -> None:
    tail = power_law(2.5, 40, 10_000, seed=11)
    body = np.random.default_rng(12).integers(1, 40, 40_000)
    found = fit_tail(np.concatenate((body, tail)))
    # a start above 40 costs only precision; one at half of it would bring thousands of the body into the tail
    assert 36 <= found.start <= 120
    assert abs(found.exponent - 2.5) < 5 * found.error


@pytest.mark.parametrize("counts", [np.zeros(100, int), np.full(1000, 7), np.arange(1, 40), np.zeros(0, int)])
def test_there_is_no_tail_in_few_or_equal_counts(counts) -> None:
    assert fit_tail(counts) is NO_TAIL


REAL = {  # published: mean clustering .6055 and .5653 (SNAP, ego-Facebook and ego-Twitter), one component each
    "ego-facebook.txt.gz": ("mutual", 0.6055, 1.0),
    "ego-twitter-undirected.csv.gz": ("mutual", 0.5653, 1.0),
}


@pytest.mark.parametrize("name", REAL)
def test_real_graphs_have_their_published_clustering(real_data, name) -> None:
    meaning, clustering, share = REAL[name]
    found = describe(read_graph(real_data / "graphs" / name, meaning=meaning))
    assert found.clustering.local == pytest.approx(clustering, abs=5e-5)
    assert found.largest_weak == share
