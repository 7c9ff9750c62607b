"""From lists of links to compressed rows: ranks of labels, two stable sorts, one pass over repeated links."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diffusion.errors import InputError
from diffusion.graphs import _csr
from diffusion.graphs.labels import MOST_PERSONS, Labels, as_labels, check_universe, number_links, ranks


class Rows(NamedTuple):
    """Compressed rows of followers (read-only), and how many rows of the list were left out."""

    offsets: NDArray[np.int64]
    followers: NDArray[np.uint32]
    weights: NDArray[np.float32] | None
    self_loops: int
    duplicates: int


def seal(array: NDArray[Any]) -> NDArray[Any]:
    """Make a freshly built array read-only, so that a graph takes it over without a copy."""
    array.flags.writeable = False
    return array


def rank_links(
    followed: ArrayLike, follower: ArrayLike, n_persons: int | None, labels: ArrayLike | None
) -> tuple[Labels | None, NDArray[np.uint32], NDArray[np.uint32], int]:
    """Turn links between labels (or checked indices) into links between ranks.

    Returns (labels or None, followed, follower, number of persons); `FollowerGraph.from_links` says what the
    parameters mean and what is refused.
    """
    sources, targets = as_labels(followed, "followed"), as_labels(follower, "follower")
    if sources.size != targets.size:
        raise InputError(f"{sources.size} followed and {targets.size} followers; a link needs one of each")
    if n_persons is not None and labels is not None:
        raise InputError("give either n_persons (links are indices) or labels (links are labels), not both")
    if n_persons is not None:
        _check_indices(sources, targets, n_persons)
        return None, sources.astype(np.uint32), targets.astype(np.uint32), n_persons
    if labels is not None:
        universe = check_universe(labels)
        size = universe.size
        first, second = (ranks(universe, size, side).astype(np.uint32) for side in (sources, targets))
        return universe, first, second, size
    if not sources.size:
        raise InputError("no links and no persons; give n_persons or labels for a graph without links")
    universe, first, second = number_links(sources, targets)
    return universe, first, second, universe.size


def rows_of_links(
    followed: NDArray[np.uint32],
    follower: NDArray[np.uint32],
    n_persons: int,
    weights: ArrayLike | None,
    mutual: bool,
) -> Rows:
    """Build compressed rows from (m,) ranks: two stable counting sorts, then repeated neighbours are dropped."""
    values = np.zeros(0, np.float32)
    if weights is not None:
        given = np.array(weights, np.float64)
        if given.shape != followed.shape:
            raise InputError(f"{given.size} weights for {followed.size} links; give one weight per link")
        check_weights(given)
        values = given.astype(np.float32)
    starts, columns, values, loops = _csr.group_by_follower(followed, follower, values, mutual, n_persons)
    offsets, followers, values = _csr.transpose(starts, columns, values)
    del starts, columns
    repeated = int(_csr.drop_duplicates(offsets, followers, values))
    if repeated:
        followers = followers[: followers.size - repeated].copy()
        values = values[: followers.size].copy()
    kept = None if weights is None else seal(values)
    return Rows(seal(offsets), seal(followers), kept, loops, repeated // 2 if mutual else repeated)


def check_weights(weights: NDArray[Any]) -> None:
    """Raise InputError unless all weights are finite and >= 0 (as float32)."""
    with np.errstate(over="ignore"):
        good = np.isfinite(weights.astype(np.float32, copy=False)) & (weights >= 0)
    if not good.all():
        at = int(np.argmin(good))
        raise InputError(f"weight {at} is {weights[at]}; weights are finite numbers >= 0")


def _check_indices(followed: Labels, follower: Labels, n_persons: int) -> None:
    """Raise InputError unless all links are between indices in 0..n_persons-1."""
    if not 1 <= n_persons <= MOST_PERSONS:
        raise InputError(f"n_persons = {n_persons} is outside 1 … {MOST_PERSONS}")
    for name, side in (("followed", followed), ("follower", follower)):
        if side.dtype.kind != "i":
            raise InputError(f"{name} holds texts; with n_persons links are indices, without it they are labels")
        bad = np.flatnonzero((side < 0) | (side >= n_persons))
        if bad.size:
            raise InputError(f"{name}[{bad[0]}] = {side[bad[0]]} is not an index in 0 … {n_persons - 1}")
