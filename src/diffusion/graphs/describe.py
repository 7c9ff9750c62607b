"""A description of a follower graph in the numbers that decide how news travels on it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diffusion.graphs import _csr, _summary
from diffusion.graphs.follower_graph import FollowerGraph

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
"""Levels at which the numbers of followers and of accounts followed are given."""

_TAIL_SHARE = 0.01
_LEAST_TAIL = 50
_LEAST_XMIN = 6


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
    exponent : float
        Exponent of the density tail of the numbers of followers (`tail_exponent`); NaN if the tail is too short.
    tail_from, tail_persons : int
        The tail: persons with at least `tail_from` followers, and how many they are.
    following_nobody, without_followers : int
        Persons whom no post can reach, and persons whose posts nobody sees.
    largest_component : float
        Share of persons in the largest weakly connected component.
    weights : tuple of float or None
        Least, mean and largest weight.
    content_hash : str
        The graph's hash.
    notes : tuple of str
        The graph's notes.
    """

    persons: int
    links: int
    reciprocity: float
    mean_followers: float
    most_followers: int
    most_followed: int
    followers_quantiles: tuple[float, ...]
    followed_quantiles: tuple[float, ...]
    exponent: float
    tail_from: int
    tail_persons: int
    following_nobody: int
    without_followers: int
    largest_component: float
    weights: tuple[float, float, float] | None
    content_hash: str
    notes: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return the description as lines of text, ready to be printed."""
        levels = " ".join(f"{level:g}" for level in QUANTILES)
        tail = f"(fitted to {self.tail_persons:,} persons with >= {self.tail_from:,} followers)"
        exponent = "not estimated: no tail" if math.isnan(self.exponent) else f"{self.exponent:.2f} {tail}"
        pairs = [
            ("persons", f"{self.persons:,}"),
            ("links", f"{self.links:,}"),
            ("mean followers", f"{self.mean_followers:.2f}"),
            ("reciprocity", f"{self.reciprocity:.3f}"),
            (f"followers at {levels}", " ".join(f"{value:g}" for value in self.followers_quantiles)),
            ("most followers", f"{self.most_followers:,}"),
            (f"follows at {levels}", " ".join(f"{value:g}" for value in self.followed_quantiles)),
            ("follows at most", f"{self.most_followed:,}"),
            ("exponent of followers", exponent),
            ("follow nobody", f"{self.following_nobody:,}"),
            ("without followers", f"{self.without_followers:,}"),
            ("largest component", f"{self.largest_component:.1%} of persons"),
            (
                "weights",
                "none" if self.weights is None else "least {:g}, mean {:g}, largest {:g}".format(*self.weights),
            ),
            ("hash", self.content_hash),
        ]
        width = max(len(name) for name, _ in pairs)
        return [f"{name:<{width}}  {value}" for name, value in pairs] + [f"note: {note}" for note in self.notes]


def tail_exponent(counts: NDArray[np.uint32]) -> tuple[float, int, int]:
    """Estimate the exponent of a discrete power-law tail.

    The maximum-likelihood estimate 1 + k / Σ ln(x / (xmin - 1/2)) over the k counts >= xmin (Clauset, Shalizi & Newman
    2009, eq. 3.7), where xmin is the count that 1 % of the persons (at least 50) reach, and at least 6.

    Parameters
    ----------
    counts : (n,) uint32
        Numbers of followers.

    Returns
    -------
    exponent : float
        NaN if fewer than 50 persons reach xmin, or all of the tail has one value.
    xmin, k : int
        Where the tail starts, and how many are in it.
    """
    wanted = max(_LEAST_TAIL, int(counts.size * _TAIL_SHARE))
    if counts.size < wanted:
        return math.nan, 0, 0
    at = counts.size - wanted
    xmin = max(_LEAST_XMIN, int(np.partition(counts, at)[at]))
    tail = counts[counts >= xmin].astype(np.float64)
    if tail.size < _LEAST_TAIL or tail.max() == xmin:
        return math.nan, xmin, tail.size
    return float(1.0 + tail.size / np.log(tail / (xmin - 0.5)).sum()), xmin, tail.size


def describe(graph: FollowerGraph) -> GraphDescription:
    """Describe a follower graph: size, reciprocity, distributions, tail, reachability.

    Parameters
    ----------
    graph : FollowerGraph
        The graph.

    Returns
    -------
    GraphDescription
        The numbers; its `lines` print them.
    """
    followers, followed = graph.n_followers, graph.n_followed
    mutual = int(_csr.count_mutual(graph.offsets, graph.followers))
    exponent, tail_from, tail_persons = tail_exponent(followers)
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
        exponent=exponent,
        tail_from=tail_from,
        tail_persons=tail_persons,
        following_nobody=int(np.count_nonzero(followed == 0)),
        without_followers=int(np.count_nonzero(followers == 0)),
        largest_component=int(_summary.largest_component(graph.offsets, graph.followers)) / graph.n_persons,
        weights=spread,
        content_hash=graph.content_hash,
        notes=graph.notes,
    )
