"""The null model of a graph: the same degrees, otherwise random."""

from __future__ import annotations

import numpy as np

from diffusion.errors import InputError, check_numbers, check_whole, expected
from diffusion.graphs import _rewire
from diffusion.graphs._universe import check_people, graph_key
from diffusion.graphs.follower_graph import FollowerGraph

SWAPS_PER_LINK = 10.0
"""Attempts per link; at 10 a graph is as good as random (Milo et al. 2003, who tried 100)."""


def rewire(graph: FollowerGraph, *, seed: int, swaps_per_link: float = SWAPS_PER_LINK) -> FollowerGraph:
    """Return a random graph in which everybody has as many followers, and follows as many, as before.

    Two links chosen at random swap their ends, again and again (Maslov & Sneppen 2002); a swap that would link a person
    to themself or repeat a link is left out. A mutual graph stays mutual. Reciprocity, clustering and communities fall
    to what the degrees alone imply. Takes about 24 bytes per link, and some 0.1–0.4 µs per attempt.

    Parameters
    ----------
    graph : FollowerGraph
        The graph; without weights and times, for they would belong to links that no longer exist.
    seed : int
        0 <= seed < 2**63.
    swaps_per_link : float
        Attempted swaps per link (per pair in a mutual graph).

    Raises
    ------
    InputError
        For a graph with weights or times, or an argument out of range.
    """
    expected("graph", graph, FollowerGraph, "a FollowerGraph (read_graph reads one)")
    check_whole(seed=seed)
    check_numbers(swaps_per_link=swaps_per_link)
    check_people(graph.n_persons, seed)
    if graph.weights is not None:
        raise InputError("a graph with weights cannot be rewired: they belong to its links; read it without weights")
    if graph.has_times:
        raise InputError("a graph whose links begin or end cannot be rewired; read it without times")
    if not 0 <= swaps_per_link <= 1e6:
        raise InputError(f"swaps_per_link = {swaps_per_link} is outside 0 … 1e6")
    followed = np.repeat(np.arange(graph.n_persons, dtype=np.uint32), np.diff(graph.offsets))
    follower = graph.followers.copy()
    mutual = graph.is_mutual
    if mutual:
        once = followed < follower
        followed, follower = followed[once], follower[once]
    attempts = int(swaps_per_link * followed.size)
    made = int(_rewire.swap_ends(followed, follower, graph_key(seed, "rewired"), attempts, mutual))
    origin = (*graph.origin, f"rewired: {made} swaps of ends in {attempts} attempts, seed {seed}")
    return FollowerGraph.from_ranks(
        followed, follower, graph.n_persons, labels=graph.labels, mutual=mutual, origin=origin
    )
