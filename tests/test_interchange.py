"""Graphs go to other libraries and come back with their direction, their weights and their lonely persons."""

from typing import Any

import networkx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array, csr_array, csr_matrix

from diffusion.errors import InputError
from diffusion.graphs import MEANINGS, FollowerGraph, complete_graph, from_graph, path_graph, to_networkx, to_scipy

THREE = [(0, 1), (0, 2), (1, 2)]
DIRECTED = [meaning for meaning in MEANINGS if meaning != "mutual"]


def links_of(graph: FollowerGraph) -> set[tuple[object, object]]:
    followed = graph.labels_of(np.repeat(np.arange(graph.n_persons), graph.n_followers)).tolist()
    return set(zip(followed, graph.labels_of(graph.followers).tolist(), strict=True))


def expected(meaning: str) -> set[tuple[int, int]]:
    forward, backward = set(THREE), {(b, a) for a, b in THREE}
    return {"follower,followed": backward, "mutual": forward | backward}.get(meaning, forward)


class Igraph:
    """The part of igraph's Graph that is used."""

    def __init__(self, names: list[Any] | None = None, directed: bool = True) -> None:
        self.vs = Table({} if names is None else {"name": names})
        self.es = Table({"tie": [0.5, 0.25, 2.0], "begun": [5, None, 0], "word": ["a", "b", "c"]})
        self.directed = directed

    def get_edgelist(self) -> list[tuple[int, int]]:
        return THREE

    def is_directed(self) -> bool:
        return self.directed

    def vcount(self) -> int:
        return 3


class Table:
    """igraph's vertex and edge sequences: columns by name."""

    def __init__(self, columns: dict[str, list[Any]]) -> None:
        self.columns = columns

    def attributes(self) -> list[str]:
        return list(self.columns)

    def __getitem__(self, name: str) -> list[Any]:
        return self.columns[name]


class Networkit:
    """The part of networkit's Graph that is used."""

    def iterEdges(self) -> Any:
        return iter(THREE)

    def iterNodes(self) -> Any:
        return iter(range(3))

    def isDirected(self) -> bool:
        return True

    def isWeighted(self) -> bool:
        return True

    def weight(self, u: int, v: int) -> float:
        return float(u + v)


def as_matrix(kind: type) -> Any:
    return kind(coo_array((np.ones(3), ([0, 0, 1], [1, 2, 2])), shape=(3, 3)))


SOURCES = {
    "networkx": lambda: networkx.DiGraph(THREE),
    "networkx multigraph": lambda: networkx.MultiDiGraph([*THREE, (0, 1)]),
    "scipy array": lambda: as_matrix(csr_array),
    "scipy matrix": lambda: as_matrix(csr_matrix),
    "scipy coo": lambda: as_matrix(coo_array),
    "igraph": Igraph,
    "networkit": Networkit,
}


@pytest.mark.parametrize("meaning", MEANINGS)
@pytest.mark.parametrize("source", SOURCES)
def test_three_links_have_the_stated_direction_from_every_library(source, meaning) -> None:
    graph = from_graph(SOURCES[source](), meaning=meaning)
    assert links_of(graph) == expected(meaning)
    assert graph.weights is None


@pytest.mark.parametrize("meaning", MEANINGS)
def test_the_constructors_have_the_stated_direction(meaning) -> None:
    assert links_of(FollowerGraph.from_scipy(as_matrix(csr_array), meaning=meaning)) == expected(meaning)
    assert links_of(FollowerGraph.from_networkx(networkx.DiGraph(THREE), meaning=meaning)) == expected(meaning)


@pytest.mark.parametrize("meaning", DIRECTED)
def test_the_ways_out_have_the_stated_direction(meaning) -> None:
    graph = FollowerGraph.from_links([a for a, _ in THREE], [b for _, b in THREE])
    wanted = {(b, a) for a, b in THREE} if meaning == "follower,followed" else set(THREE)
    assert set(to_networkx(graph, meaning=meaning).edges()) == wanted
    rows, columns = to_scipy(graph, meaning=meaning).nonzero()
    assert set(zip(rows.tolist(), columns.tolist(), strict=True)) == wanted


@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=40),
    st.sampled_from(DIRECTED),
    st.booleans(),
)
def test_there_and_back_again(links, meaning, weighted) -> None:
    arrays = np.array(links, np.int64).reshape(-1, 2)
    weights = np.arange(2, len(links) + 2, dtype=float) if weighted else None
    graph = FollowerGraph.from_links(arrays[:, 0], arrays[:, 1], weights=weights, n_persons=9)
    name = "weight" if weighted else None
    assert FollowerGraph.from_networkx(to_networkx(graph, meaning=meaning), meaning=meaning, weight=name) == graph
    if graph.n_links or not weighted:
        assert FollowerGraph.from_scipy(to_scipy(graph, meaning=meaning), meaning=meaning) == graph


def test_mutual_graphs_go_out_undirected_and_others_do_not() -> None:
    other = to_networkx(complete_graph(4), meaning="mutual")
    assert not other.is_directed()
    assert other.number_of_edges() == 6
    assert FollowerGraph.from_networkx(other, meaning="mutual") == complete_graph(4)
    for way_out in (to_networkx, to_scipy):
        with pytest.raises(InputError, match="not every link of this graph has its reverse"):
            way_out(path_graph(3), meaning="mutual")
        with pytest.raises(InputError, match="a link and its reverse differ in weights"):
            way_out(FollowerGraph.from_links([0, 1], [1, 0], weights=[1, 2]), meaning="mutual")


def test_labels_lonely_nodes_and_weights_come_along() -> None:
    other = networkx.DiGraph()
    other.add_nodes_from(["ann", "bob", "eve"])
    other.add_edge("bob", "ann", tie=0.5)
    graph = FollowerGraph.from_networkx(other, meaning="follower,followed", weight="tie")
    assert links_of(graph) == {("ann", "bob")}
    assert graph.n_persons == 3
    assert graph.weights is not None
    assert graph.weights.tolist() == [0.5]
    named = from_graph(Igraph(["x", "y", "z"]), meaning="source,target", weight="tie")
    assert links_of(named) == {("x", "y"), ("x", "z"), ("y", "z")}
    assert named.weights is not None
    assert named.weights.tolist() == [0.5, 0.25, 2.0]
    assert from_graph(Igraph(), meaning="source,target", since="begun").since.tolist() == [5, 0, 0]
    weighted = from_graph(Networkit(), meaning="source,target", weight="weight")
    assert weighted.weights is not None
    assert weighted.weights.tolist() == [1.0, 2.0, 3.0]


def test_a_matrix_sums_equal_places_and_leaves_out_zeros() -> None:
    matrix = coo_array(([0.5, 0.25, 0.0], ([0, 0, 1], [1, 1, 2])), shape=(3, 3))
    graph = FollowerGraph.from_scipy(matrix, meaning="source,target")
    assert links_of(graph) == {(0, 1)}
    assert graph.weights is not None
    assert graph.weights.tolist() == [0.75]
    assert matrix.nnz == 3, "the caller's matrix must stay as it is"


def missing_weight() -> networkx.DiGraph:
    graph = networkx.DiGraph(THREE)
    graph.edges[0, 1]["tie"] = 1.0
    return graph


@pytest.mark.parametrize(
    ("source", "arguments", "message"),
    [
        (networkx.Graph(THREE), {"meaning": "source,target"}, "the graph is undirected"),
        (Igraph(directed=False), {"meaning": "source,target"}, "the graph is undirected"),
        (networkx.DiGraph([((0, 1), 2)]), {"meaning": "mutual"}, r"node \(0, 1\) is a tuple"),
        (networkx.DiGraph([(0, "a")]), {"meaning": "mutual"}, "integers and texts at once"),
        (missing_weight(), {"meaning": "mutual", "weight": "tie"}, "0–2 has no attribute 'tie'"),
        (missing_weight(), {"meaning": "mutual", "weight": "ti"}, "no edge has the attribute 'ti'; did you mean"),
        (Igraph(), {"meaning": "mutual", "weight": "ti"}, "no edge has the attribute 'ti'; did you mean \"tie\""),
        (Igraph(), {"meaning": "mutual", "weight": "word"}, "0–1: word = 'a' is not a weight"),
        (Igraph(), {"meaning": "mutual", "since": "word"}, '0–1: since = "a" is no time'),
        (Networkit(), {"meaning": "mutual", "weight": "tie"}, "only a weighted graph of networkit has one"),
        (Networkit(), {"meaning": "mutual", "since": "tie"}, "networkit's edges carry no times"),
        (as_matrix(csr_array), {"meaning": "mutual", "since": "x"}, "a sparse matrix carries no times"),
        (csr_array((2, 3)), {"meaning": "mutual"}, r"a matrix of shape \(2, 3\) is not a graph"),
        (as_matrix(csr_array), {"meaning": "mutual", "weight": "x"}, "leave weight out"),
        (as_matrix(csr_array) * -1, {"meaning": "mutual"}, "weights are finite numbers >= 0"),
        (networkx.DiGraph(THREE), {"meaning": "to,from"}, "does not say who follows whom"),
        ([THREE], {"meaning": "mutual"}, "list is not a graph known here"),
        (path_graph(2), {"meaning": "mutual"}, "this is a FollowerGraph already"),
    ],
)
def test_what_cannot_be_converted_is_refused(source, arguments, message) -> None:
    with pytest.raises(InputError, match=message):
        from_graph(source, **arguments)


def test_a_dense_matrix_is_not_taken_for_a_graph() -> None:
    with pytest.raises(InputError, match="ndarray is not a sparse matrix"):
        FollowerGraph.from_scipy(np.ones((2, 2)), meaning="mutual")


@pytest.mark.peers
@pytest.mark.parametrize("meaning", MEANINGS)
def test_the_real_networkit_has_the_stated_direction(meaning) -> None:
    import networkit

    other = networkit.Graph(4, weighted=True, directed=True)
    for a, b in [*THREE, (2, 2)]:
        other.addEdge(a, b, 0.5 + a + b)
    graph = from_graph(other, meaning=meaning, weight="weight")
    assert links_of(graph) == expected(meaning)
    assert (graph.n_persons, graph.dropped.self_loops) == (4, 1)
    assert sorted(set(graph.weights.tolist())) == [1.5, 2.5, 3.5]
    with pytest.raises(InputError, match="the graph is undirected"):
        from_graph(networkit.Graph(2), meaning="source,target")
    with pytest.raises(InputError, match="only a weighted graph"):
        from_graph(networkit.Graph(2, directed=True), meaning="mutual", weight="weight")
