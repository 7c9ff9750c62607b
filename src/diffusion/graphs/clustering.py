"""How often neighbours of a person are neighbours of one another, counted or, in large graphs, sampled."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.graphs import _csr, _triangles
from diffusion.graphs.follower_graph import FollowerGraph
from diffusion.randomness import draw_key, name_key

MOST_COUNTED = 4_000_000
"""Pairs of neighbours up to which triangles are counted; beyond it wedges are sampled (chosen: some seconds)."""

WEDGES = 400_000
"""Wedges that are drawn (chosen): a standard error of at most .0008 for transitivity."""

_LEAST_WEDGES = 2_000
_BIN_FACTOR = 1.5
_KEY = name_key("clustering of a graph")
Floats = NDArray[np.float64]


class Projection(NamedTuple):
    """The undirected graph: persons are neighbours if either follows the other."""

    offsets: NDArray[np.int64]
    neighbours: NDArray[np.uint32]

    @property
    def degrees(self) -> NDArray[np.int64]:
        """(n,) numbers of neighbours."""
        return np.diff(self.offsets)


class Clustering(NamedTuple):
    """Clustering of the undirected projection.

    Attributes
    ----------
    local : float
        Mean over persons of the share of pairs of neighbours who are neighbours (Watts & Strogatz 1998); 0 for persons
        with fewer than two neighbours, as networkx counts.
    transitivity : float
        Share of closed wedges: 3 triangles / pairs of links that share a person; NaN if there is no such pair.
    local_error, transitivity_error : float
        Standard errors of the sampling; 0 where triangles were counted.
    degrees, by_degree : (b,) float64
        Mean number of neighbours and mean local clustering of persons in bins of similar numbers of neighbours.
    spread : (b, 2) float64
        Quartiles of local clustering over the persons of a bin; if sampled, the mean's 95 % interval.
    exact : bool
        Whether triangles were counted.
    """

    local: float
    transitivity: float
    local_error: float
    transitivity_error: float
    degrees: Floats
    by_degree: Floats
    spread: Floats
    exact: bool


def project(graph: FollowerGraph) -> Projection:
    """Return the undirected projection; it takes 4 bytes per pair of neighbours and direction."""
    back_offsets, back, _ = _csr.transpose(graph.offsets, graph.followers, np.zeros(0, np.float32))
    return Projection(*_triangles.project(graph.offsets, graph.followers, back_offsets, back))


def measure_clustering(projection: Projection, *, most_counted: int = MOST_COUNTED) -> Clustering:
    """Measure clustering: exactly up to `most_counted` pairs of neighbours, else from drawn wedges.

    A wedge is a person with two neighbours. Wedges are drawn in bins of similar degree for the local mean, and in
    proportion to their number for transitivity (Seshadhri, Pinar & Kolda 2013); the draws are the same in every call.
    """
    degrees = projection.degrees
    if projection.neighbours.size // 2 <= most_counted:
        return _count(projection, degrees)
    return _sample(projection, degrees)


def _bins(degrees: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the persons with at least two neighbours, in bins of degrees that differ by less than a half."""
    order = np.argsort(degrees, kind="stable")
    ordered = degrees[order]
    edges = [2]
    while edges[-1] <= ordered[-1]:
        edges.append(max(edges[-1] + 1, round(edges[-1] * _BIN_FACTOR)))
    places = np.searchsorted(ordered, edges)
    return [order[low:high] for low, high in pairwise(places.tolist()) if high > low]


def _count(projection: Projection, degrees: NDArray[np.int64]) -> Clustering:
    triangles = _triangles.count_triangles(projection.offsets, projection.neighbours)
    pairs = degrees * (degrees - 1) / 2
    local = np.divide(triangles, pairs, out=np.zeros(degrees.size), where=pairs > 0)
    bins = _bins(degrees)
    return Clustering(
        local=float(local.mean()),
        transitivity=float(triangles.sum() / pairs.sum()) if pairs.any() else math.nan,
        local_error=0.0,
        transitivity_error=0.0,
        degrees=np.array([degrees[persons].mean() for persons in bins]),
        by_degree=np.array([local[persons].mean() for persons in bins]),
        spread=np.array([np.quantile(local[persons], (0.25, 0.75)) for persons in bins]).reshape(-1, 2),
        exact=True,
    )


def _sample(projection: Projection, degrees: NDArray[np.int64]) -> Clustering:
    bins = _bins(degrees)
    means, errors = np.zeros(len(bins)), np.zeros(len(bins))
    for b, persons in enumerate(bins):
        n = max(_LEAST_WEDGES, WEDGES * persons.size // degrees.size)
        key = draw_key(_KEY, b)
        drawn = _uniforms(draw_key(key, 0), n)
        means[b], errors[b] = _share_closed(projection, persons[(drawn * persons.size).astype(np.int64)], key)
    shares = np.array([persons.size for persons in bins]) / degrees.size
    key = draw_key(_KEY, len(bins))
    wedges = np.cumsum(degrees * (degrees - 1) / 2)
    centres = np.searchsorted(wedges, _uniforms(draw_key(key, 0), WEDGES) * wedges[-1], side="right")
    transitivity, error = _share_closed(projection, centres, key)
    return Clustering(
        local=float(shares @ means),
        transitivity=transitivity,
        local_error=float(np.sqrt(np.sum((shares * errors) ** 2))),
        transitivity_error=error,
        degrees=np.array([degrees[persons].mean() for persons in bins]),
        by_degree=means,
        spread=np.clip(np.stack((means - 1.96 * errors, means + 1.96 * errors), axis=1), 0, 1),
        exact=False,
    )


def _share_closed(projection: Projection, centres: NDArray[np.int64], key: int) -> tuple[float, float]:
    """Return the share of closed wedges, and its standard error (Agresti & Coull 1998: also where none is closed)."""
    closed = _triangles.closed_wedges(*projection, centres, np.uint64(draw_key(key, 1)))
    k, n = int(closed.sum()), closed.size
    middle = (k + 2) / (n + 4)
    return k / n, math.sqrt(middle * (1 - middle) / (n + 4))


def _uniforms(key: int, n: int) -> Floats:
    return np.random.default_rng(key).random(n)
