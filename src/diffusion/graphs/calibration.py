"""Which share of a graph's pairs keeps no distance: solved for the clustering asked for, on one fixed graph."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from diffusion.errors import InputError
from diffusion.graphs import _communities
from diffusion.graphs.clustering import measure_clustering, project
from diffusion.graphs.follower_graph import FollowerGraph
from diffusion.graphs.ring import Wish, make_ring, make_rows, make_rule
from diffusion.randomness import WORLD, name_key, start_key
from diffusion.vocabulary import Purpose

_PILOT, _PILOT_PER_LINK = 10_000, 120
_NEAR_ENOUGH, _TOLERATED = 0.003, 0.01
_ROUNDS = 8


@lru_cache(maxsize=1)
def _pilot(wish: Wish, n: int) -> tuple[_communities.Ring, int]:
    """Return the fixed ring on which a wish is calibrated, and its key."""
    key = start_key(0, WORLD, Purpose.GRAPH) ^ name_key("calibration of clustering")
    return make_ring(np.arange(n, dtype=np.int64), key, wish), key


def _clustering_with(wish: Wish, n: int, far: float) -> float:
    """Return the mean local clustering of the pilot with a share `far` of pairs without regard to distance."""
    ring, key = _pilot(wish, n)
    rule = make_rule(ring, np.uint64(key), wish, far)[0]
    offsets, followers = make_rows(ring, np.uint64(key), wish, rule, n)
    graph = FollowerGraph(offsets, followers)
    return measure_clustering(project(graph), most_counted=graph.n_links).local


def share_without_distance(wish: Wish, n_members: int) -> float:
    """Return the share of pairs without regard to distance that gives the clustering asked for.

    Raises
    ------
    InputError
        If no share gives it.
    """
    return _solved(wish, min(n_members, max(_PILOT, int(_PILOT_PER_LINK * wish.mean))))


@lru_cache(maxsize=256)
def _solved(wish: Wish, n: int) -> float:
    """Solve for the share on n persons.

    Clustering is nearly linear in the cube of the share that keeps to distance (all three pairs of a triangle keep to
    it), so a few secant steps do.
    """
    y, slope = min(1.0, wish.clustering / 0.7), 0.68
    before: tuple[float, float] | None = None
    found = 0.0
    for _ in range(_ROUNDS):
        found = _clustering_with(wish, n, 1.0 - y ** (1.0 / 3.0))
        if abs(found - wish.clustering) < _NEAR_ENOUGH:
            break
        if before is not None and abs(y - before[0]) > 1e-6:
            slope = max(0.1, (found - before[1]) / (y - before[0]))
        before = (y, found)
        y = min(1.0, max(0.0, y + (wish.clustering - found) / slope))
        if y == before[0]:
            break
    if abs(found - wish.clustering) >= _TOLERATED:
        side = "at most" if found < wish.clustering else "at least"
        would = "ask for less" if found < wish.clustering else "ask for more, or for fewer links per person"
        raise InputError(
            f"clustering = {wish.clustering:g} cannot be had with these numbers of links: "
            f"it is {side} {found:.2f}; {would}"
        )
    return 1.0 - float(y ** (1.0 / 3.0))
