"""Memberships of groups: heavy-tailed sizes, several groups a person, more or less along communities."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diffusion.errors import InputError, check_numbers, check_whole
from diffusion.graphs import _groups
from diffusion.graphs._universe import check_people, graph_key, members_of, normals, popularity_law, uniforms
from diffusion.graphs.links import seal
from diffusion.randomness import draw_key

_COUNT, _ROUND, _HOME, _RANK, _CHOICE = 11, 12, 13, 14, 15


class GroupMemberships(NamedTuple):
    """Who is in which group.

    offsets : (n_groups + 1,) int64
        Group g holds ``members[offsets[g]:offsets[g + 1]]``.
    members : (m,) uint32
        Indices of persons, ascending within a group.
    community : (n_groups,) int32
        The community that a group belongs to; 0 where none were given.
    """

    offsets: NDArray[np.int64]
    members: NDArray[np.uint32]
    community: NDArray[np.int32]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """(n_groups,) int64 numbers of members."""
        return np.diff(self.offsets)


def generate_groups(
    n_persons: int,
    *,
    memberships: float,
    group_size: float,
    exponent: float = 2.5,
    memberships_sd: float = 1.0,
    alignment: float = 0.0,
    communities: NDArray[np.int32] | None = None,
    seed: int,
    members: ArrayLike | None = None,
    name: str = "",
) -> GroupMemberships:
    """Draw who is in which group.

    Parameters
    ----------
    n_persons : int
        Persons in the universe.
    memberships : float
        Groups per member of the platform, on average.
    group_size : float
        Members per group, on average, at least 2; it sets the number of groups.
    exponent : float
        Of the tail of group sizes, 2 < exponent <= 10 (assumed; no group holds more than a third of the members).
    memberships_sd : float
        Standard deviation of the logarithm of the number of groups of a person, which may be 0 (assumed).
    alignment : float
        Share of memberships in groups of the person's own community; the others are drawn from all groups.
    communities : (n,) int32, optional
        Everybody's community, from 0 (`CommunityGraph.community`); needed for an alignment above 0.
    seed : int
        0 <= seed < 2**63. Equal arguments give equal groups, whatever the number of threads.
    members : (k,) sorted indices, optional
        Only these persons join groups; by default everybody.
    name : str
        Names the groups: another name under the same seed gives independent ones.

    Raises
    ------
    InputError
        If an argument is out of range.
    """
    check_whole(n_persons=n_persons, seed=seed)
    check_numbers(memberships=memberships, group_size=group_size, exponent=exponent)
    check_numbers(memberships_sd=memberships_sd, alignment=alignment)
    check_people(n_persons, seed)
    people = members_of(members, n_persons)
    n_groups = _checked_count(people.size, memberships, group_size)
    if not 2 < exponent <= 10:
        raise InputError(f"exponent = {exponent} is outside 2 … 10: at 2 and below the mean size has no limit")
    if not 0 <= memberships_sd <= 3:
        raise InputError(f"memberships_sd = {memberships_sd} is outside 0 … 3")
    if not 0 <= alignment <= 1:
        raise InputError(f"alignment = {alignment} is not a share in 0 … 1")
    if communities is None and alignment > 0:
        raise InputError(f"alignment = {alignment:g} needs communities; give everybody's community")
    if communities is not None and communities.shape != (n_persons,):
        raise InputError(f"communities: {communities.size} for {n_persons} persons; give one each")
    own = np.zeros(people.size, np.int32) if communities is None else np.asarray(communities, np.int32)[people]
    key = int(graph_key(seed, f"groups {name}"))
    home, weights = _homes(own, n_groups, exponent, memberships, key)
    bounds = np.searchsorted(home, np.arange(int(own.max(initial=0)) + 2))
    spread = np.exp(memberships_sd * normals(people, key, _COUNT) - 0.5 * memberships_sd**2)
    counts = np.floor(memberships * spread + uniforms(people, key, _ROUND)).astype(np.int64)
    counts = np.minimum(counts, n_groups)
    choice = np.uint64(draw_key(key, _CHOICE))
    starts, groups = _groups.draw_memberships(people, counts, own, weights, bounds, alignment, choice)
    offsets, found = _groups.rows_of_members(people, starts, groups, n_groups)
    return GroupMemberships(seal(offsets), seal(found), seal(home))


def _checked_count(n: int, memberships: float, group_size: float) -> int:
    if n < 1:
        raise InputError("nobody can join a group: there are no members")
    if not 0 < memberships <= n:
        raise InputError(f"memberships = {memberships} is outside 0 … {n}")
    if not 2 <= group_size <= n:
        raise InputError(f"group_size = {group_size} is outside 2 … {n} (the number of members)")
    return max(1, round(n * memberships / group_size))


def _homes(
    own: NDArray[np.int32], n_groups: int, exponent: float, memberships: float, key: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return each group's community, ascending, and the cumulative weights of groups.

    A community has groups in proportion to its members, in places of a low-discrepancy sequence; a group's rank of
    popularity is hashed.
    """
    everywhere = np.arange(n_groups, dtype=np.int64)
    at = (uniforms(everywhere[:1], key, _HOME)[0] + np.arange(n_groups)) / n_groups
    known = np.sort(own[own >= 0]) if np.any(own >= 0) else np.zeros(1, np.int32)
    home = known[np.minimum(known.size - 1, (at * known.size).astype(np.int64))]
    law = popularity_law(exponent, n_groups, memberships)
    ranks = np.empty(n_groups)
    ranks[np.argsort(uniforms(everywhere, key, _RANK), kind="stable")] = (np.arange(n_groups) + 0.5) / n_groups
    weights = np.concatenate(([0.0], np.cumsum((ranks + law.shift) ** -law.power)))
    return home.astype(np.int32), weights
