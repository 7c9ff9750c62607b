"""From lists of links to compressed rows: ranks of labels, two stable sorts, one pass over repeated links."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diffusion.errors import InputError
from diffusion.graphs import _csr
from diffusion.graphs.labels import MOST_PERSONS, Labels, as_labels, check_universe, number_links, ranks
from diffusion.units import NEVER

CLOCKS = ("run", "wall")
"""What the seconds of `since` and `until` count from: the start of a run, or 1970-01-01T00:00 local time."""


class Carried(NamedTuple):
    """What links carry, one value each (or None): a weight, the seconds from which and until which they exist."""

    weights: Any = None
    since: Any = None
    until: Any = None

    def at(self, places: Any) -> Carried:
        """Return the same at some places of the list."""
        return Carried(*(None if values is None else seal(values[places]) for values in self))


class Rows(NamedTuple):
    """Compressed rows of followers (read-only), and how many rows of the list were left out."""

    offsets: NDArray[np.int64]
    followers: NDArray[np.uint32]
    carried: Carried
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
    carried: Carried,
    mutual: bool,
) -> Rows:
    """Build compressed rows from (m,) ranks: two stable counting sorts, then repeated neighbours are dropped."""
    given = check_carried(carried, followed.size)
    values = _passengers(given, followed.size)
    starts, columns, values, loops = _csr.group_by_follower(followed, follower, values, mutual, n_persons)
    offsets, followers, values = _csr.transpose(starts, columns, values)
    del starts, columns
    repeated = int(_csr.drop_duplicates(offsets, followers, values))
    if repeated:
        followers = followers[: followers.size - repeated].copy()
        values = values[: followers.size].copy()
    kept = arrived(given, values)
    return Rows(seal(offsets), seal(followers), kept, loops, repeated // 2 if mutual else repeated)


def _passengers(carried: Carried, n_links: int) -> NDArray[Any]:
    """Return what the sorts carry along: nothing, the weights alone, or the links' numbers, which stand for all."""
    if carried.since is None and carried.until is None:
        return np.zeros(0, np.float32) if carried.weights is None else carried.weights
    return np.arange(n_links, dtype=np.uint32 if n_links < 2**32 else np.int64)


def arrived(carried: Carried, values: NDArray[Any]) -> Carried:
    """Return what links carry in their new order, from what the sorts have carried along."""
    if carried.since is None and carried.until is None:
        return Carried(None if carried.weights is None else seal(values))
    return carried.at(values)


def turn(offsets: NDArray[np.int64], followers: NDArray[np.uint32], carried: Carried) -> Rows:
    """Turn every link round."""
    rows = _csr.transpose(offsets, followers, _passengers(carried, followers.size))
    return Rows(seal(rows[0]), seal(rows[1]), arrived(carried, rows[2]), 0, 0)


def check_carried(carried: Carried, n_links: int) -> Carried:
    """Return weights as float32, seconds as uint32.

    Raises
    ------
    InputError
        Unless there is one value per link; weights are finite and >= 0; seconds are whole, and a link begins before it
        ends.
    """
    weights = None
    if carried.weights is not None:
        given = np.asarray(carried.weights)
        given = given if given.dtype == np.float32 else given.astype(np.float64)
        _check_size(given, n_links, "weights")
        check_weights(given)
        weights = given.astype(np.float32, copy=False)
    since, until = (_seconds(values, n_links, name) for name, values in zip(("since", "until"), carried[1:]))
    return Carried(weights, *check_spans(since, until))


def check_spans(
    since: NDArray[np.uint32] | None, until: NDArray[np.uint32] | None
) -> tuple[NDArray[np.uint32] | None, NDArray[np.uint32] | None]:
    """Return the seconds, None where all links exist from the beginning, or for ever.

    Raises
    ------
    InputError
        If a link ends before it begins.
    """
    if since is not None and until is not None and np.any(until <= since):
        at = int(np.argmax(until <= since))
        raise InputError(f"link {at} exists since {since[at]} s until {until[at]} s; links begin before they end")
    if until is not None and until.size and not until.min():
        raise InputError(f"link {int(np.argmin(until))} exists until 0 s, that is never; leave it out")
    since = since if since is not None and np.any(since) else None
    until = until if until is not None and np.any(until != NEVER) else None
    return since, until


def _seconds(values: Any, n_links: int, name: str) -> NDArray[np.uint32] | None:
    if values is None:
        return None
    given = np.asarray(values)
    if given.size and given.dtype.kind not in "iu":
        raise InputError(f"{name} of kind {given.dtype}: give whole seconds ({NEVER} for never)")
    _check_size(given, n_links, name)
    if given.size and (int(given.min()) < 0 or int(given.max()) > NEVER):
        at = int(np.argmax((given < 0) | (given > NEVER)))
        raise InputError(f"{name}: second {given[at]} of link {at} is outside 0 … {NEVER}")
    return given.astype(np.uint32, copy=False)


def _check_size(values: NDArray[Any], n_links: int, name: str) -> None:
    if values.shape != (n_links,):
        raise InputError(f"{values.size} {name} for {n_links} links; give one per link")


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
