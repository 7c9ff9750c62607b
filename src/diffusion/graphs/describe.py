"""A description of a follower graph in the numbers that decide how news travels on it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import expected
from diffusion.graphs import _csr, _summary
from diffusion.graphs.clustering import Clustering, measure_clustering, project
from diffusion.graphs.follower_graph import FollowerGraph
from diffusion.graphs.tail import Tail, fit_tail

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
"""Levels at which the numbers of followers and of accounts followed are given."""


class DegreeTable(NamedTuple):
    """What the figure of a graph draws.

    Attributes
    ----------
    followers, followed : (k, 2) float64
        Counts that occur and the share of persons who have at least so many.
    """

    followers: NDArray[np.float64]
    followed: NDArray[np.float64]


@dataclass(frozen=True)
class GraphDescription:
    """What `describe` found.

    Parameters
    ----------
    persons, links : int
        Their numbers; a mutual link counts twice.
    reciprocity : float
        Share of links whose reverse exists; NaN without links.
    mean_followers : float
        Links per person.
    most_followers, most_followed : int
        Largest number of followers of a person, of accounts that a person follows.
    followers_quantiles, followed_quantiles : tuple of float
        Over persons, at the levels `QUANTILES`.
    followers_tail, followed_tail : Tail
        Power laws fitted to the tails of the two distributions (`diffusion.graphs.tail.fit_tail`).
    clustering : Clustering
        Of the undirected projection (`diffusion.graphs.clustering`).
    assortativity : float
        Correlation of the numbers of neighbours at the two ends of a link of the undirected projection (Newman 2002).
    popularity_assortativity : float
        Correlation, over links, of the number of followers of the followed and that of the follower.
    weak_components, strong_components : int
        Their numbers.
    largest_weak, largest_strong : float
        Shares of persons in the largest ones.
    following_nobody, without_followers : int
        Persons whom no post can reach, and persons whose posts nobody sees.
    weights : tuple of float or None
        Least, mean and largest weight.
    content_hash : str
        The graph's hash.
    notes : tuple of str
        The graph's notes.
    degrees : DegreeTable
        The two distributions.
    """

    persons: int
    links: int
    reciprocity: float
    mean_followers: float
    most_followers: int
    most_followed: int
    followers_quantiles: tuple[float, ...]
    followed_quantiles: tuple[float, ...]
    followers_tail: Tail
    followed_tail: Tail
    clustering: Clustering
    assortativity: float
    popularity_assortativity: float
    weak_components: int
    strong_components: int
    largest_weak: float
    largest_strong: float
    following_nobody: int
    without_followers: int
    weights: tuple[float, float, float] | None
    content_hash: str
    notes: tuple[str, ...]
    degrees: DegreeTable = field(repr=False, compare=False)

    def lines(self) -> list[str]:
        """Return the description as lines of text, ready to be printed."""
        levels = " ".join(f"{level:g}" for level in QUANTILES)
        weights = "none" if self.weights is None else "least {:g}, mean {:g}, largest {:g}".format(*self.weights)
        pairs = [
            ("persons", f"{self.persons:,}"),
            ("links", f"{self.links:,}"),
            ("mean followers", f"{self.mean_followers:.2f}"),
            ("reciprocity", _number(self.reciprocity)),
            (f"followers at {levels}", " ".join(f"{value:g}" for value in self.followers_quantiles)),
            ("most followers", f"{self.most_followers:,}"),
            (f"follows at {levels}", " ".join(f"{value:g}" for value in self.followed_quantiles)),
            ("follows at most", f"{self.most_followed:,}"),
            ("exponent of followers", _tail_text(self.followers_tail, "followers")),
            ("exponent of follows", _tail_text(self.followed_tail, "accounts followed")),
            ("local clustering", _number(self.clustering.local, self.clustering.local_error)),
            ("transitivity", _number(self.clustering.transitivity, self.clustering.transitivity_error)),
            ("degree assortativity", _number(self.assortativity)),
            ("popularity assortativity", _number(self.popularity_assortativity)),
            ("weak components", _components(self.weak_components, self.largest_weak)),
            ("strong components", _components(self.strong_components, self.largest_strong)),
            ("follow nobody", f"{self.following_nobody:,}"),
            ("without followers", f"{self.without_followers:,}"),
            ("weights", weights),
            ("hash", self.content_hash),
        ]
        width = max(len(name) for name, _ in pairs)
        return [f"{name:<{width}}  {value}" for name, value in pairs] + [f"note: {note}" for note in self.notes]


def _number(value: float, error: float = 0.0) -> str:
    if math.isnan(value):
        return "not defined"
    return f"{value:.3f} (sampled, standard error {error:.4f})" if error else f"{value:.3f}"


def _components(number: int, largest: float) -> str:
    return f"{number:,}, the largest has {largest:.1%} of persons"


def _tail_text(tail: Tail, what: str) -> str:
    if math.isnan(tail.exponent):
        return "not estimated: no tail"
    return (
        f"{tail.exponent:.2f} ± {tail.error:.2f} ({tail.persons:,} persons with >= {tail.start:,} {what}, "
        f"Kolmogorov-Smirnov distance {tail.distance:.3f})"
    )


def _reached_by(counts: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Return (k, 2): every count that occurs, and the share of persons who have at least so many."""
    values, repeats = np.unique(counts, return_counts=True)
    return np.stack((values, repeats[::-1].cumsum()[::-1] / counts.size), axis=1).astype(np.float64)


def describe(graph: FollowerGraph) -> GraphDescription:
    """Describe a follower graph: size, reciprocity, distributions and their tails, clustering, components.

    Triangles are counted up to 4 million pairs of neighbours; beyond, clustering is sampled and has a standard error.
    It takes some 12 bytes per link and 50 per person while it works.

    Parameters
    ----------
    graph : FollowerGraph
        The graph.

    Returns
    -------
    GraphDescription
        The numbers; its `lines` print them.
    """
    expected("graph", graph, FollowerGraph, "a FollowerGraph (read_graph reads one)")
    followers, followed = graph.n_followers, graph.n_followed
    mutual = int(_csr.count_mutual(graph.offsets, graph.followers))
    weak, largest_weak = _summary.weak_components(graph.offsets, graph.followers)
    strong, largest_strong = _summary.strong_components(graph.offsets, graph.followers)
    projection = project(graph)
    neighbours = projection.degrees
    weights = graph.weights
    spread = None
    if weights is not None and weights.size:
        spread = (float(weights.min()), float(weights.mean(dtype=np.float64)), float(weights.max()))
    return GraphDescription(
        persons=graph.n_persons,
        links=graph.n_links,
        reciprocity=mutual / graph.n_links if graph.n_links else math.nan,
        mean_followers=graph.n_links / graph.n_persons,
        most_followers=int(followers.max()),
        most_followed=int(followed.max()),
        followers_quantiles=tuple(np.quantile(followers, QUANTILES).tolist()),
        followed_quantiles=tuple(np.quantile(followed, QUANTILES).tolist()),
        followers_tail=fit_tail(followers),
        followed_tail=fit_tail(followed),
        clustering=measure_clustering(projection),
        assortativity=float(_summary.correlation_along_links(*projection, neighbours, neighbours)),
        popularity_assortativity=float(
            _summary.correlation_along_links(graph.offsets, graph.followers, followers, followers)
        ),
        weak_components=int(weak),
        strong_components=int(strong),
        largest_weak=int(largest_weak) / graph.n_persons,
        largest_strong=int(largest_strong) / graph.n_persons,
        following_nobody=int(np.count_nonzero(followed == 0)),
        without_followers=int(np.count_nonzero(followers == 0)),
        weights=spread,
        content_hash=graph.content_hash,
        notes=graph.notes,
        degrees=DegreeTable(_reached_by(followers), _reached_by(followed)),
    )
