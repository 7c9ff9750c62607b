"""To and from graphs of other libraries: networkx, scipy, and whatever looks like igraph or networkit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple, SupportsFloat

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError, expected, suggestion
from diffusion.graphs.columns import Wanted
from diffusion.graphs.follower_graph import FollowerGraph
from diffusion.graphs.labels import explicit
from diffusion.graphs.links import Carried, seal
from diffusion.graphs.meaning import orient
from diffusion.graphs.moments import read_moments
from diffusion.units import NEVER


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
    expected("graph", graph, FollowerGraph, "a FollowerGraph (read_graph reads one)")
    from scipy.sparse import csr_array

    values = np.ones(graph.n_links, np.float32) if graph.weights is None else graph.weights
    shape = (graph.n_persons, graph.n_persons)
    matrix = csr_array((values, graph.followers.astype(np.int64), graph.offsets), shape=shape)
    row, _, _ = outgoing(graph, meaning)
    return matrix if row == "followed" else matrix.T.tocsr()


def outgoing(graph: FollowerGraph, meaning: str) -> tuple[str, str, bool]:
    """Return which end comes first in the wanted direction, which second, and whether each pair is named once.

    Raises
    ------
    InputError
        If "mutual" is wanted of a graph whose links and their reverses differ.
    """
    followed, _, mutual = orient("first", "second", meaning)
    if mutual and not graph.is_mutual:
        raise InputError('meaning = "mutual", but not every link of this graph has its reverse; name a direction')
    if mutual:
        for name, here, there in zip(Carried._fields, graph.carried, graph.reversed().carried, strict=True):
            if here is not None and not np.array_equal(here, there):
                raise InputError(f'meaning = "mutual", but a link and its reverse differ in {name}; name a direction')
    return ("followed", "follower", mutual) if followed == "first" else ("follower", "followed", mutual)


def from_networkx(
    graph: Any,
    *,
    meaning: str,
    weight: str | None = None,
    since: str | None = None,
    until: str | None = None,
    clock: str | None = None,
    labels: Mapping[Any, Any] | None = None,
    source: str = "from networkx",
) -> FollowerGraph:
    """Build a follower graph from a networkx graph; nodes are labels (all integers or all texts).

    Parameters
    ----------
    graph : networkx.Graph, DiGraph or their multigraphs
        An undirected graph must be "mutual".
    meaning : str
        What an edge (u, v) is: one of `MEANINGS`.
    weight : str, optional
        Edge attribute that holds the weights; every edge must have it.
    since, until : str, optional
        Edge attributes that hold the times from which and until which a link exists, as `read_graph` takes them; an
        edge without one exists from the beginning, or for ever.
    clock : {"run", "wall"}, optional
        As `read_graph` takes it; by default the graph's own attribute "clock" if it has one.
    labels : mapping, optional
        Label of every node; by default the nodes themselves.
    source : str
        Where the graph comes from, for its notes.

    Raises
    ------
    InputError
        For other kinds of nodes, an undirected graph with a direction, a missing weight, or what is no time.
    """
    _check_direction(bool(graph.is_directed()), meaning)
    rows = list(graph.edges(data=True))
    asked = [name for name in (weight, since, until) if name is not None]
    attributes = {name: [row[2].get(name) for row in rows] for name in asked}
    known = {key for row in rows for key in row[2]} if attributes else set()
    for name in attributes:
        if name not in known and rows:
            raise InputError(f"no edge has the attribute {name!r}{suggestion(name, known)}")
    if clock is None and (since is not None or until is not None):
        clock = graph.graph.get("clock")
    names = {node: node for node in graph} if labels is None else labels
    pairs = [(names[row[0]], names[row[1]]) for row in rows]
    wanted = Wanted(None, weight, since, until, clock)
    return _from_pairs(pairs, list(names.values()), meaning, _Edges(source, wanted, attributes))


class _Edges(NamedTuple):
    """Where edges come from, which attributes are asked for, and their values."""

    source: str
    wanted: Wanted
    attributes: dict[str, list[Any]]

    def column(self, name: str | int | None) -> list[Any] | None:
        """Return the values of an attribute."""
        return None if name is None else self.attributes[str(name)]


def _check_direction(directed: bool, meaning: str) -> None:
    mutual = orient(None, None, meaning)[2]
    if not directed and not mutual:
        raise InputError(f'the graph is undirected, so meaning = {meaning!r} says nothing; give meaning="mutual"')


def _from_pairs(pairs: list[tuple[Any, Any]], nodes: list[Any], meaning: str, edges: _Edges) -> FollowerGraph:
    odd = next((node for node in nodes if isinstance(node, bool) or not isinstance(node, int | str | np.integer)), None)
    if odd is not None:
        raise InputError(
            f"node {odd!r} is a {type(odd).__name__}; labels are integers or texts: relabel the nodes first"
        )
    if len({isinstance(node, str) for node in nodes}) > 1:
        raise InputError("the nodes are integers and texts at once; relabel them to one kind")
    first = np.array([pair[0] for pair in pairs]) if pairs else np.array(nodes[:0])
    second = np.array([pair[1] for pair in pairs]) if pairs else first

    def cite(_name: str, row: int) -> str:
        return f"edge {pairs[row][0]!r}–{pairs[row][1]!r}"

    wanted = edges.wanted
    weights = _weights(edges.column(wanted.weight), wanted.weight, cite)
    since, until = (_times(edges.column(name), cite) for name in (wanted.since, wanted.until))
    moments = read_moments(since, until, wanted.clock, cite)
    followed, follower, mutual = orient(first, second, meaning)
    return FollowerGraph.from_links(
        followed,
        follower,
        weights=weights,
        since=moments.since,
        until=moments.until,
        clock=moments.clock,
        labels=np.array(nodes),
        mutual=mutual,
        origin=(f"{edges.source} as {meaning}", *moments.remarks),
    )


def _weights(
    values: list[Any] | None, name: str | int | None, cite: Callable[[str, int], str]
) -> NDArray[np.float64] | None:
    if values is None:
        return None
    for row, value in enumerate(values):
        if value is None:
            raise InputError(f"{cite('weight', row)} has no attribute {name!r}; give every edge a weight")
        if isinstance(value, bool | str) or not isinstance(value, SupportsFloat):
            raise InputError(f"{cite('weight', row)}: {name} = {value!r} is not a weight (a finite number >= 0)")
    return np.array([float(value) for value in values])


def _times(values: list[Any] | None, cite: Callable[[str, int], str]) -> NDArray[Any] | None:
    """Return an attribute of edges as numbers (NaN where missing), or as texts if any is none."""
    if values is None:
        return None
    if any(isinstance(value, str | date) for value in values):
        texts = ["" if value is None else value for value in values]
        return np.array([text.isoformat() if isinstance(text, date) else str(text) for text in texts], np.str_)
    odd = next((row for row, v in enumerate(values) if v is not None and not isinstance(v, SupportsFloat)), None)
    if odd is not None:
        raise InputError(f"{cite('since', odd)}: {values[odd]!r} is no time; give seconds, or dates and times")
    return np.array([math.nan if value is None else float(value) for value in values])


def to_networkx(graph: FollowerGraph, *, meaning: str) -> Any:
    """Return a networkx.DiGraph (a networkx.Graph for "mutual") whose nodes are the labels.

    Parameters
    ----------
    graph : FollowerGraph
        The graph; weights become the edge attribute "weight".
    meaning : str
        What an edge (u, v) shall be: one of `MEANINGS`; "mutual" for a mutual graph only.
    """
    expected("graph", graph, FollowerGraph, "a FollowerGraph (read_graph reads one)")
    import networkx

    head, _, mutual = outgoing(graph, meaning)
    labels = explicit(graph.labels, graph.n_persons)
    other = networkx.Graph() if mutual else networkx.DiGraph()
    other.add_nodes_from(labels.tolist())
    followed = labels[followed_of(graph)].tolist()
    follower = labels[graph.followers].tolist()
    ends: Iterable[Any] = zip(followed, follower, strict=True)
    if head == "follower":
        ends = zip(follower, followed, strict=True)
    if graph.has_times:
        other.graph["clock"] = graph.clock
    if all(values is None for values in graph.carried):
        other.add_edges_from(ends)
    else:
        names = ("weight", "since", "until")
        columns = (_named(*named, graph.n_links) for named in zip(names, graph.carried, strict=True))
        other.add_edges_from((u, v, {**w, **s, **e}) for (u, v), w, s, e in zip(ends, *columns, strict=True))
    return other


def _named(name: str, values: NDArray[Any] | None, n_links: int) -> list[dict[str, Any]]:
    """Return one attribute of every edge; never is no attribute."""
    if values is None:
        return [{}] * n_links
    return [{} if name == "until" and value == NEVER else {name: value} for value in values.tolist()]


def followed_of(graph: FollowerGraph) -> NDArray[np.int64]:
    """Return the (n_links,) followed person of every link."""
    return seal(np.repeat(np.arange(graph.n_persons), np.diff(graph.offsets)))


def from_graph(
    graph: Any,
    *,
    meaning: str,
    weight: str | None = None,
    since: str | None = None,
    until: str | None = None,
    clock: str | None = None,
) -> FollowerGraph:
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
    since, until, clock : str, optional
        Edge attributes that hold times (networkx and igraph), and their clock; see `from_networkx`.

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
        if (since, until, clock) != (None, None, None):
            raise InputError("a sparse matrix carries no times; leave since, until and clock out")
        return from_scipy(graph, meaning=meaning)
    if hasattr(graph, "get_edgelist"):
        return _from_igraph(graph, meaning, Wanted(None, weight, since, until, clock))
    if hasattr(graph, "iterEdges"):
        if (since, until) != (None, None):
            raise InputError("networkit's edges carry no times; leave since and until out")
        return _from_networkit(graph, meaning, Wanted(None, weight, None, None, clock))
    if hasattr(graph, "edges") and hasattr(graph, "nodes"):
        return from_networkx(graph, meaning=meaning, weight=weight, since=since, until=until, clock=clock)
    raise InputError(f"{type(graph).__name__} is not a graph known here; give networkx, igraph, networkit or scipy")


def _from_igraph(graph: Any, meaning: str, wanted: Wanted) -> FollowerGraph:
    _check_direction(bool(graph.is_directed()), meaning)
    names = list(graph.vs["name"]) if "name" in graph.vs.attributes() else list(range(graph.vcount()))
    pairs = [(names[u], names[v]) for u, v in graph.get_edgelist()]
    known = graph.es.attributes()
    attributes: dict[str, list[Any]] = {}
    for name in (wanted.weight, wanted.since, wanted.until):
        if name is not None and name not in known:
            raise InputError(f"no edge has the attribute {name!r}{suggestion(str(name), known)}")
        if name is not None:
            attributes[str(name)] = list(graph.es[name])
    return _from_pairs(pairs, names, meaning, _Edges("from igraph", wanted, attributes))


def _from_networkit(graph: Any, meaning: str, wanted: Wanted) -> FollowerGraph:
    _check_direction(bool(graph.isDirected()), meaning)
    pairs = list(graph.iterEdges())
    attributes: dict[str, list[Any]] = {}
    if wanted.weight is not None:
        if wanted.weight != "weight" or not graph.isWeighted():
            raise InputError(f'weight = {wanted.weight!r}: only a weighted graph of networkit has one, named "weight"')
        attributes["weight"] = [graph.weight(u, v) for u, v in pairs]
    return _from_pairs(pairs, list(graph.iterNodes()), meaning, _Edges("from networkit", wanted, attributes))
