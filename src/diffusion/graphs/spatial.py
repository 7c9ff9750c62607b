"""Contacts in space: most ties are short, some are long (a small world)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError, check_numbers, check_whole
from diffusion.graphs import _spatial
from diffusion.graphs._universe import check_people, graph_key, uniforms
from diffusion.graphs.follower_graph import FollowerGraph

DISC = 1.0 - 3.0 * math.sqrt(3.0) / (4.0 * math.pi)
"""Chance that two persons within reach of a third are within reach of each other (Dall & Christensen 2002)."""


def generate_spatial(
    n_persons: int,
    *,
    mean_contacts: float,
    clustering: float = 0.3,
    long_ties: float = 0.1,
    decay: float = 2.0,
    seed: int,
    name: str = "",
) -> FollowerGraph:
    """Draw a mutual graph of contacts between persons who live at random places.

    Persons are spread evenly over a square without edges (a torus). Everybody within reach is a contact with one chance
    p, and a share of ties is longer; the reach follows from the mean number of contacts, and p from the clustering:
    C = 0.5865 p (1 - long_ties)², for all three ties of nearly every triangle are short. Numbers of contacts are nearly
    Poisson. Clustering is reached within .03 with 1,000 persons
    and more; long ties that are hardly longer than the reach (a `decay` above 2) add up to .05.

    Parameters
    ----------
    n_persons : int
        Persons.
    mean_contacts : float
        Contacts per person.
    clustering : float
        Mean local clustering, above 0, at most 0.5865 (1 - long_ties)² (chosen).
    long_ties : float
        Share of ties beyond the reach (chosen; Watts & Strogatz 1998: a few make a small world).
    decay : float
        Density of long ties with distance x falls as x ** -decay; 0 is no preference. 2 makes a small world in which
        ways can be found (Kleinberg 2000), and fits telephone calls (Lambiotte et al. 2008).
    seed, name : int, str
        As in `generate_followers`.

    Raises
    ------
    InputError
        If an argument is out of range; of clustering and contacts it names what can be had.
    """
    check_whole(n_persons=n_persons, seed=seed)
    check_numbers(mean_contacts=mean_contacts, clustering=clustering, long_ties=long_ties, decay=decay)
    check_people(n_persons, seed)
    chance = _checked_chance(n_persons, mean_contacts, clustering, long_ties)
    if not 0 <= decay <= 10:
        raise InputError(f"decay = {decay} is outside 0 … 10")
    key = graph_key(seed, f"spatial {name}")
    everybody = np.arange(n_persons, dtype=np.int64)
    place = np.column_stack([uniforms(everybody, int(key), axis) for axis in (11, 12)])
    radius = math.sqrt(mean_contacts * (1.0 - long_ties) / (math.pi * chance * (n_persons - 1)))
    cells = _cells(place, radius)
    near = _pairs(_spatial.near_ties, place, *cells, radius, chance, key)
    far = _pairs(_spatial.long_ties, place, *cells, radius, (0.5 * mean_contacts * long_ties, decay), key)
    first, second = np.concatenate((near, far)).T.copy()
    origin = f"generated in space: mean contacts {mean_contacts:g}, clustering {clustering:g}, seed {seed}"
    return FollowerGraph.from_ranks(first, second, n_persons, mutual=True, origin=(origin,))


def _checked_chance(n_persons: int, mean_contacts: float, clustering: float, long_ties: float) -> float:
    """Return the chance that persons within reach know each other, or refuse what cannot be had."""
    if not 0 <= long_ties < 1:
        raise InputError(f"long_ties = {long_ties} is outside 0 … 1 (1 excluded)")
    most = DISC * (1.0 - long_ties) ** 2
    if not 0 < clustering <= most:
        raise InputError(
            f"clustering = {clustering:g} cannot be had with long_ties = {long_ties:g}: it is above 0 and at most "
            f"{math.floor(1000 * most) / 1000:g}; fewer long ties allow more"
        )
    chance = clustering / most
    # beyond a reach of 1/2 the disc would meet itself on the other side
    limit = 0.25 * math.pi * chance * (n_persons - 1) / (1.0 - long_ties)
    if not 0 < mean_contacts <= limit:
        raise InputError(
            f"mean_contacts = {mean_contacts:g} is outside 0 … {limit:.4g}, the most with {n_persons} persons at "
            f"clustering {clustering:g}"
        )
    return chance


def _cells(place: NDArray[np.float64], radius: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sort persons into the cells of a square grid, none narrower than the radius: (order, starts)."""
    side = min(int(1.0 / radius), int(math.sqrt(len(place))) + 1)
    side = side if side >= 3 else 1
    cells = np.minimum(side - 1, (place * side).astype(np.int64)) @ np.array([1, side])
    starts = np.concatenate(([0], np.cumsum(np.bincount(cells, minlength=side * side))))
    return np.argsort(cells, kind="stable"), starts


def _pairs(ties: Callable[..., int], *arguments: Any) -> NDArray[np.uint32]:
    """Count the ties, then write them: (k, 2)."""
    pairs = np.empty((ties(*arguments, np.empty((0, 2), np.uint32)), 2), np.uint32)
    ties(*arguments, pairs)
    return pairs
