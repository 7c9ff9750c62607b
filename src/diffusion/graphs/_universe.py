"""What all generators share: checks of people, keys, the rank law of popularity."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diffusion.errors import InputError
from diffusion.graphs import _csr, _generate
from diffusion.graphs.labels import MOST_PERSONS
from diffusion.randomness import WORLD, draw_key, name_key, start_key
from diffusion.vocabulary import Purpose


class PopularityLaw(NamedTuple):
    """Density (x + shift) ** -power of links over the rank of popularity x in (0, 1); rest = 1 - power = 1/inverse."""

    power: float
    shift: float
    rest: float
    inverse: float


def popularity_law(exponent: float, n_members: int, chosen_mean: float) -> PopularityLaw:
    """Return the rank law whose numbers of followers have a tail of the given exponent (a Zipf–Pareto pair).

    The shift is the rank of the most followed person's own middle; it grows where that person would otherwise be
    followed by more than a third of the members.
    """
    power = 1.0 / (exponent - 1.0)
    rest = 1.0 - power
    shift = 0.5 / n_members

    def top_share(by: float) -> float:
        return float(((by + 1.0 / n_members) ** rest - by**rest) / ((1.0 + by) ** rest - by**rest))

    while chosen_mean * top_share(shift) > 1.0 / 3.0 and shift < 1.0:
        shift *= 1.25
    return PopularityLaw(power, shift, rest, 1.0 / rest)


def check_people(n_persons: int, seed: int) -> None:
    """Raise InputError unless a graph can have so many persons and such a seed."""
    if not 1 <= n_persons <= MOST_PERSONS:
        raise InputError(f"n_persons = {n_persons} is outside 1 … {MOST_PERSONS}")
    if not 0 <= seed < 2**63:
        raise InputError(f"seed = {seed} is outside 0 … 2**63 - 1")


def graph_key(seed: int, name: str) -> np.uint64:
    """Return the key of a graph: another name under the same seed is another graph."""
    with np.errstate(over="ignore"):
        return np.uint64(start_key(seed, WORLD, Purpose.GRAPH) ^ name_key(name))


def members_of(members: ArrayLike | None, n_persons: int) -> NDArray[np.int64]:
    """Return the sorted indices of those on the platform."""
    if members is None:
        return np.arange(n_persons, dtype=np.int64)
    array = np.array(members)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise InputError(f"members: an array of {array.dtype} with shape {array.shape}; give sorted indices of persons")
    indices = array.astype(np.int64)
    if indices.size and (indices[0] < 0 or indices[-1] >= n_persons or np.any(indices[1:] <= indices[:-1])):
        raise InputError(f"members must be ascending, different indices in 0 … {n_persons - 1}")
    return indices


def without_repeats(offsets: NDArray[np.int64], followers: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Drop links that were drawn twice (chosen by one side and returned by the other): offsets change in place."""
    repeated = _csr.drop_duplicates(offsets, followers, np.zeros(0, np.float32))
    return followers[: followers.size - repeated].copy() if repeated else followers


def uniforms(people: NDArray[np.int64], key: int, purpose: int) -> NDArray[np.float64]:
    """Return (k,) uniform numbers in [0, 1), one per person."""
    hashes = _generate.hash_persons(people, np.uint64(draw_key(key, purpose)))
    return (hashes >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normals(people: NDArray[np.int64], key: int, purpose: int) -> NDArray[np.float64]:
    """Return (k,) standard normal numbers, one per person (Box & Muller 1958)."""
    radius = np.sqrt(-2.0 * np.log1p(-uniforms(people, key, purpose)))
    return np.asarray(radius * np.cos(2.0 * np.pi * uniforms(people, key, purpose + 16)))
