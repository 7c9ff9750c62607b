"""To and from graphs of other libraries: networkx, scipy, and whatever looks like igraph or networkit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError
from diffusion.graphs.follower_graph import FollowerGraph
from diffusion.graphs.labels import explicit
from diffusion.graphs.links import seal
from diffusion.graphs.meaning import orient


def from_scipy(matrix: Any, *, meaning: str) -> FollowerGraph:
    """Build a follower graph from a square sparse matrix (or array).

    Parameters
    ----------
    matrix : scipy sparse array or matrix, (n, n)
        A stored non-zero at [i, j] is a link between i and j; equal places are summed, as scipy does. Values other
        than 1 are weights; a matrix of ones (or booleans) has none.
    meaning : str
        What (row, column) is: one of `MEANINGS`.

    Raises
    ------
    InputError
        If the matrix is not square and sparse, or a value is negative or not finite.
    """
    if not hasattr(matrix, "tocsr"):
        raise InputError(f"{type(matrix).__name__} is not a sparse matrix; wrap it with scipy.sparse.csr_array")
    if len(matrix.shape) != 2 or matrix.shape[0] != matrix.shape[1]:
        raise InputError(f"a matrix of shape {matrix.shape} is not a graph; give (n, n)")
    rows = matrix.tocsr(copy=True)
    rows.sum_duplicates()
    rows.eliminate_zeros()
    links = rows.tocoo()
    weights = None if links.dtype == np.bool_ or np.all(links.data == 1) else links.data
    followed, follower, mutual = orient(links.row, links.col, meaning)
    return FollowerGraph.from_links(
        followed,
        follower,
        weights=weights,
        n_persons=matrix.shape[0],
        mutual=mutual,
        origin=(f"from a sparse matrix as {meaning}",),
    )


def to_scipy(graph: FollowerGraph, *, meaning: str) -> Any:
    """Return the links as a scipy.sparse.csr_array (n, n) of weights (ones without).

    Parameters
    ----------
    graph : FollowerGraph
        The graph.
    meaning : str
        What (row, column) shall be: one of `MEANINGS`; "mutual" for a mutual graph only.
    """
    from scipy.sparse import csr_array

    values = np.ones(graph.n_links, np.float32) if graph.weights is None else graph.weights
    shape = (graph.n_persons, graph.n_persons)
    matrix = csr_array((values, graph.followers.astype(np.int64), graph.offsets), shape=shape)
    row, _, _ = _outgoing(graph, meaning)
    return matrix if row == "followed" else matrix.T.tocsr()


def _outgoing(graph: FollowerGraph, meaning: str) -> tuple[str, str, bool]:
    """Return which end comes first in the wanted direction."""
    followed, _, mutual = orient("first", "second", meaning)
    if mutual and not graph.is_mutual:
        raise InputError('meaning = "mutual", but not every link of this graph has its reverse; name a direction')
    return ("followed", "follower", mutual) if followed == "first" else ("follower", "followed", mutual)


def from_networkx(graph: Any, *, meaning: str, weight: str | None = None) -> FollowerGraph:
    """Build a follower graph from a networkx graph; nodes are labels (all integers or all texts).

    Parameters
    ----------
    graph : networkx.Graph, DiGraph or their multigraphs
        An undirected graph must be "mutual".
    meaning : str
        What an edge (u, v) is: one of `MEANINGS`.
    weight : str, optional
        Edge attribute that holds the weights; every edge must have it.

    Raises
    ------
    InputError
        For other kinds of nodes, an undirected graph with a direction, or a missing weight.
    """
    _check_direction(bool(graph.is_directed()), meaning)
    edges = list(graph.edges(data=weight) if weight is not None else graph.edges())
    weights = None
    if weight is not None:
        missing = next((edge for edge in edges if edge[2] is None), None)
        if missing is not None:
            raise InputError(
                f"edge {missing[0]!r}–{missing[1]!r} has no attribute {weight!r}; give every edge a weight"
            )
        weights = [edge[2] for edge in edges]
    pairs = [(edge[0], edge[1]) for edge in edges]
    return _from_pairs(pairs, list(graph.nodes()), meaning, weights, "networkx")


def _check_direction(directed: bool, meaning: str) -> None:
    mutual = orient(None, None, meaning)[2]
    if not directed and not mutual:
        raise InputError(f'the graph is undirected, so meaning = {meaning!r} says nothing; give meaning="mutual"')


def _from_pairs(
    pairs: list[tuple[Any, Any]], nodes: list[Any], meaning: str, weights: list[float] | None, source: str
) -> FollowerGraph:
    odd = next((node for node in nodes if isinstance(node, bool) or not isinstance(node, int | str | np.integer)), None)
    if odd is not None:
        raise InputError(
            f"node {odd!r} is a {type(odd).__name__}; labels are integers or texts: relabel the nodes first"
        )
    if len({isinstance(node, str) for node in nodes}) > 1:
        raise InputError("the nodes are integers and texts at once; relabel them to one kind")
    first = np.array([pair[0] for pair in pairs]) if pairs else np.array(nodes[:0])
    second = np.array([pair[1] for pair in pairs]) if pairs else first
    followed, follower, mutual = orient(first, second, meaning)
    origin = (f"from {source} as {meaning}",)
    return FollowerGraph.from_links(
        followed, follower, weights=weights, labels=np.array(nodes), mutual=mutual, origin=origin
    )


def to_networkx(graph: FollowerGraph, *, meaning: str) -> Any:
    """Return a networkx.DiGraph (a networkx.Graph for "mutual") whose nodes are the labels.

    Parameters
    ----------
    graph : FollowerGraph
        The graph; weights become the edge attribute "weight".
    meaning : str
        What an edge (u, v) shall be: one of `MEANINGS`; "mutual" for a mutual graph only.
    """
    import networkx

    head, _, mutual = _outgoing(graph, meaning)
    labels = explicit(graph.labels, graph.n_persons)
    other = networkx.Graph() if mutual else networkx.DiGraph()
    other.add_nodes_from(labels.tolist())
    followed = labels[_rows(graph)].tolist()
    follower = labels[graph.followers].tolist()
    ends: Iterable[Any] = zip(followed, follower, strict=True)
    if head == "follower":
        ends = zip(follower, followed, strict=True)
    if graph.weights is None:
        other.add_edges_from(ends)
    else:
        weighted = zip(ends, graph.weights.tolist(), strict=True)
        other.add_weighted_edges_from((u, v, value) for (u, v), value in weighted)
    return other


def _rows(graph: FollowerGraph) -> NDArray[np.int64]:
    """Return the (n_links,) followed person of every link."""
    return seal(np.repeat(np.arange(graph.n_persons), np.diff(graph.offsets)))


def from_graph(graph: Any, *, meaning: str, weight: str | None = None) -> FollowerGraph:
    """Build a follower graph from a graph of another library, recognised by its methods.

    networkx (`nodes`, `edges`), igraph (`get_edgelist`, vertex attribute "name" as label), networkit (`iterEdges`,
    nodes 0..n-1), scipy (`tocsr`).

    Parameters
    ----------
    graph : any
        The graph.
    meaning : str
        What an edge (u, v) or a place [u, v] is: one of `MEANINGS`.
    weight : str, optional
        Edge attribute that holds the weights (networkx and igraph); networkit's own weights are read if this is
        "weight".

    Raises
    ------
    InputError
        If the object is none of these, or is not what the arguments say.
    """
    if isinstance(graph, FollowerGraph):
        raise InputError("this is a FollowerGraph already")
    if hasattr(graph, "tocsr"):
        if weight is not None:
            raise InputError(f"weight = {weight!r}: a sparse matrix holds its weights as values; leave weight out")
        return from_scipy(graph, meaning=meaning)
    if hasattr(graph, "get_edgelist"):
        _check_direction(bool(graph.is_directed()), meaning)
        names = list(graph.vs["name"]) if "name" in graph.vs.attributes() else list(range(graph.vcount()))
        pairs = [(names[u], names[v]) for u, v in graph.get_edgelist()]
        weights = None if weight is None else list(graph.es[weight])
        return _from_pairs(pairs, names, meaning, weights, "igraph")
    if hasattr(graph, "iterEdges"):
        _check_direction(bool(graph.isDirected()), meaning)
        pairs = list(graph.iterEdges())
        weights = None if weight is None else [graph.weight(u, v) for u, v in pairs]
        return _from_pairs(pairs, list(graph.iterNodes()), meaning, weights, "networkit")
    if hasattr(graph, "edges") and hasattr(graph, "nodes"):
        return from_networkx(graph, meaning=meaning, weight=weight)
    raise InputError(f"{type(graph).__name__} is not a graph known here; give networkx, igraph, networkit or scipy")
