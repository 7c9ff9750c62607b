"""Seeds chosen by their place in the graph: worked out by hand, and equal to networkx's on random graphs."""

from collections.abc import Callable
from typing import Any

import networkx as nx
import numpy as np
import pytest

from diffusion.classic import independent_cascade
from diffusion.classic.central import core_numbers, degree_discounted, page_ranks
from diffusion.classic.seeds import degree_discount, highest_degree, k_core, page_rank, seeding
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph, ImplicitGraph, generate_followers

NAMES = FollowerGraph.from_links(["a", "b", "c", "a", "d"], ["b", "c", "a", "d", "e"])
"""A circle a, b, c; d follows a, and e follows d."""


def random_graph(seed: int, mutual: bool, n: int = 60, links: int = 200) -> FollowerGraph:
    rng = np.random.default_rng(seed)
    return FollowerGraph.from_links(
        rng.integers(n, size=links), rng.integers(n, size=links), n_persons=n, mutual=mutual
    )


def as_networkx(graph: FollowerGraph) -> nx.DiGraph:
    """Links from followed to follower, as rows have them; persons without links too."""
    found = nx.DiGraph()
    found.add_nodes_from(range(graph.n_persons))
    senders = np.repeat(np.arange(graph.n_persons), graph.n_followers)
    found.add_edges_from(zip(senders.tolist(), graph.followers.tolist(), strict=True))
    return found


@pytest.mark.parametrize("mutual", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_core_numbers_are_those_of_networkx(seed: int, mutual: bool) -> None:
    graph = random_graph(seed, mutual)
    theirs = nx.core_number(as_networkx(graph).to_undirected())
    assert core_numbers(graph).tolist() == [theirs[person] for person in range(60)]


@pytest.mark.parametrize("damping", [0.0, 0.5, 0.85])
@pytest.mark.parametrize("seed", range(4))
def test_page_ranks_are_those_of_networkx(seed: int, damping: float) -> None:
    """A link of networkx's lends esteem to its end: from the follower to the followed."""
    graph = random_graph(seed, mutual=False, links=150)
    theirs = nx.pagerank(as_networkx(graph).reverse(), alpha=damping, tol=1e-12, max_iter=1_000)
    assert page_ranks(graph, damping) == pytest.approx([theirs[person] for person in range(60)], abs=1e-9)
    assert np.unique(graph.n_followed).min() == 0, "somebody who follows nobody belongs into the test"


def published(graph: nx.Graph, count: int, p: float) -> list[int]:
    """Algorithm 4 of Chen, Wang & Yang (2009), line by line; of equals the first."""
    discounted, near, chosen = dict(graph.degree()), dict.fromkeys(graph, 0), []
    for _ in range(count):
        u = max((v for v in graph if v not in chosen), key=lambda v: (discounted[v], -v))
        chosen.append(u)
        for v in set(graph[u]) - set(chosen):
            near[v] += 1
            discounted[v] = graph.degree(v) - 2 * near[v] - (graph.degree(v) - near[v]) * near[v] * p
    return chosen


@pytest.mark.parametrize("p", [0.01, 0.125, 0.5])
@pytest.mark.parametrize("seed", range(6))
def test_on_mutual_graphs_degree_discount_is_the_published_algorithm(seed: int, p: float) -> None:
    graph = random_graph(seed, mutual=True)
    assert degree_discounted(graph, 60, p).tolist() == published(as_networkx(graph).to_undirected(), 60, p)


def test_on_directed_graphs_degree_discount_is_the_gain_to_first_order() -> None:
    """0 is followed by 1, 2 and 3; 1 by 0 and 4; 5 by 6 and 7; 6 by 4. The score is d - s - t - (d - s) t p.

    After 0: 1 has 2 - 1 - 1 - .1, 5 has 2. After 5: 6 has 1 - 0 - 1 - .1, 7 has -1, and 4, whom nobody follows, has 0.
    After 4 all have -1, 1 (2 - 2 - 1) and 6 (1 - 1 - 1) among them: the first of equals.
    """
    graph = FollowerGraph.from_links([0, 0, 0, 1, 1, 5, 5, 6], [1, 2, 3, 0, 4, 6, 7, 4], n_persons=8)
    assert degree_discounted(graph, 8, 0.1).tolist() == [0, 5, 4, 1, 2, 3, 6, 7]


@pytest.mark.parametrize(
    ("choose", "expected"),
    [
        (lambda graph: highest_degree(graph, 2), ["a", "b"]),
        (lambda graph: k_core(graph, 4), ["a", "b", "c", "d"]),
        (lambda graph: page_rank(graph, 3), ["a", "c", "b"]),
        (lambda graph: degree_discount(graph, 3, p=0.1), ["a", "c", "e"]),
    ],
)
def test_labels_of_the_chosen(choose: Callable[[FollowerGraph], Any], expected: list[str]) -> None:
    """a has followers b and d. Its esteem comes from d, which has that of e, too, and from b, whom c follows.

    With a chosen, discounted degrees are -.1 (b, d), 1 - 1 (c, whom a follows) and 0 (e).
    """
    assert choose(NAMES).tolist() == expected


def test_a_text_chooses_the_same_persons_as_the_function() -> None:
    graph = generate_followers(500, mean_followers=6, seed=2)
    for text, chosen in (
        ("highest-degree:7", highest_degree(graph, 7)),
        ("k-core:7", k_core(graph, 7)),
        ("page-rank:7", page_rank(graph, 7)),
        ("degree-discount:7:0.05", degree_discount(graph, 7, p=0.05)),
    ):
        assert seeding(graph, text).draw(1, 0).tolist() == chosen.tolist() == seeding(graph, text).draw(1, 9).tolist()
        found = independent_cascade(graph, p=0.05, seeds=text, replicates=3)
        assert np.array_equal(found.reached, independent_cascade(graph, p=0.05, seeds=chosen, replicates=3).reached)
        assert found.parameters["seeds"] == text


BAD = [
    ("k-core", 'say how many, such as "k-core:10"'),
    ("k-core:2:3", 'say how many, such as "k-core:10"'),
    ("degree-discount", 'say how many, such as "degree-discount:10:0.05"'),
    ("degree-discount:3", 'degree-discount with p = "": give the cascade\'s chance'),
    ("degree-discount:3:2", 'degree-discount with p = "2": give the cascade\'s chance'),
    ("degree-discount:3:x", 'degree-discount with p = "x": give the cascade\'s chance'),
    ("page-rank:9", "the graph has 5 persons"),
    ("pagerank:3", 'did you mean "page-rank"'),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_a_wrong_text_is_one_line(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        seeding(NAMES, text)
    assert "\n" not in str(refused.value)


def test_wrong_numbers_are_one_line() -> None:
    for wrong, message in (
        (lambda: page_rank(NAMES, 0), "count = 0 is not a whole number >= 1"),
        (lambda: page_rank(NAMES, 6), "count = 6: the graph has 5 persons"),
        (lambda: page_rank(NAMES, 1, damping=1), "damping = 1: give a number"),
        (lambda: degree_discount(NAMES, 1, p=-1), "degree-discount with p = -1: give"),
    ):
        with pytest.raises(InputError, match=message):
            wrong()


@pytest.mark.parametrize("text", ["k-core:3", "page-rank:3", "degree-discount:3:0.1"])
def test_a_computed_graph_is_refused_where_rows_are_needed(text: str) -> None:
    with pytest.raises(InputError, match="need links that are stored"):
        seeding(ImplicitGraph(100, mean_followers=5, seed=1), text)
