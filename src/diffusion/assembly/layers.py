"""A platform's links: read from a file and fitted to the population, or generated (docs/model.md §3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.assembly._traits import key_of, person_uniforms, sealed
from diffusion.assembly.people import Population, Where, chances, members_of
from diffusion.errors import InputError
from diffusion.graphs import (
    CommunityGraph,
    FollowerGraph,
    Memberships,
    generate_communities,
    generate_contacts,
    generate_followers,
    generate_friends,
    generate_groups,
    generate_networkx,
    generate_spatial,
)
from diffusion.graphs.labels import explicit
from diffusion.randomness import start_key
from diffusion.vocabulary import Purpose
from diffusion.world import (
    GeneratedCommunities,
    GeneratedContacts,
    GeneratedFollowers,
    GeneratedFriends,
    GeneratedGroups,
    GeneratedNetworkx,
    GeneratedSpatial,
    GroupPlatform,
    check_size,
)
from diffusion.world.ages import Shares

_GENERATORS: dict[type, Callable[..., FollowerGraph | CommunityGraph]] = {
    GeneratedFollowers: generate_followers,
    GeneratedCommunities: generate_communities,
    GeneratedFriends: generate_friends,
}


class Layer(NamedTuple):
    """A platform's graph over all persons, who is a member, and everybody's community where it has some.

    graph : FollowerGraph
    members : (n,) bool
    community : (n,) int32 or None
    """

    graph: FollowerGraph
    members: NDArray[np.bool_]
    community: NDArray[np.int32] | None = None


def aligned_layer(name: str, graph: FollowerGraph, people: Population) -> Layer:
    """Return a platform's given graph over a population; who is in the graph is a member, or as people.file says."""
    if graph.n_persons == people.n:
        here = np.ones(people.n, dtype=np.bool_)
    else:
        universe = explicit(people.labels, people.n)
        own = explicit(graph.labels, graph.n_persons)
        graph, here = graph.aligned(universe), np.isin(universe, own)
    return Layer(graph, sealed(members_of(name, people, graph, here)))


def generated_layer(name: str, source: object, share: float | Shares, people: Population, where: Where) -> Layer:
    """Return the generated graph of a platform.

    Parameters
    ----------
    name : str
        The platform's name, which also names the graph.
    source : object
        What the scenario says about the graph.
    share : float or one per band of age
        Of persons who are members; 1 for contacts.
    people : Population
    where : (seed, replicate of the world, number of persons)

    Raises
    ------
    InputError
        If there are too few members, or the generator refuses; the message names the platform.
    """
    seed, place, n = where
    check_size(name, source, n)
    chance = chances(share, people, f"member:{name}")
    members = person_uniforms(key_of(Purpose.MEMBER, seed, place, name), n) < chance
    if np.count_nonzero(members) < 2 and not members.all():
        raise InputError(f"platforms.{name}.members = {share}: fewer than two of {n} persons are members")
    try:
        return layer_of(source, where, name, members)
    except InputError as error:
        of = "" if members.all() else f"; {np.count_nonzero(members)} of {n} are members"
        raise InputError(f"platforms.{name}.graph: {error}{of}") from None


def layer_of(source: object, where: tuple[int, int, int], name: str, members: NDArray[np.bool_] | None = None) -> Layer:
    """Return the graph that a source asks for; `members` (n,) bool are everybody by default.

    Raises
    ------
    InputError
        If the generator refuses.
    """
    seed, place, n = where
    own = np.ones(n, dtype=np.bool_) if members is None else members
    made = _made(source, n, own, start_key(seed, place, Purpose.GRAPH) >> 1, name)
    if isinstance(made, CommunityGraph):
        return Layer(made.graph, sealed(own), made.community)
    return Layer(made, sealed(own))


def _made(source: object, n: int, members: NDArray[np.bool_], seed: int, name: str) -> FollowerGraph | CommunityGraph:
    """Call the generator that a source names."""
    own = None if members.all() else np.flatnonzero(members)
    if isinstance(source, GeneratedContacts):
        household = None if source.size is None else source.size - 1
        return generate_contacts(n, mean_contacts=source.mean_contacts, household=household, seed=seed, name=name)
    if isinstance(source, GeneratedFollowers | GeneratedCommunities | GeneratedFriends):
        arguments = source.model_dump(exclude={"generator"})
        return _GENERATORS[type(source)](n, **arguments, seed=seed, members=own, name=name)
    if isinstance(source, GeneratedSpatial):
        return generate_spatial(n, **source.model_dump(exclude={"generator"}), seed=seed, name=name)
    assert isinstance(source, GeneratedNetworkx)
    size = n if own is None else own.size
    graph = generate_networkx(size, function=source.function, arguments=source.arguments, seed=seed, name=name)
    if own is None:
        return graph
    rows = np.repeat(own, np.diff(graph.offsets))
    return FollowerGraph.from_links(rows, own[graph.followers], n_persons=n, origin=graph.origin)


def generated_groups(
    name: str, platform: GroupPlatform, along: NDArray[np.int32] | None, people: Population, where: Where
) -> Memberships:
    """Return the generated groups of a platform; `along` are the communities that they follow."""
    seed, place, n = where
    source = platform.graph
    assert isinstance(source, GeneratedGroups)
    check_size(name, source, n)
    chance = chances(platform.members, people, f"member:{name}")
    members = person_uniforms(key_of(Purpose.MEMBER, seed, place, name), n) < chance
    try:
        made = generate_groups(
            n,
            **source.model_dump(exclude={"generator"}),
            communities=along,
            seed=start_key(seed, place, Purpose.GRAPH) >> 1,
            members=None if members.all() else np.flatnonzero(members),
            name=name,
        )
    except InputError as error:
        raise InputError(f"platforms.{name}.graph: {error}; {np.count_nonzero(members)} of {n} are members") from None
    return Memberships(n, made.offsets, made.members)


def members_of_groups(groups: Memberships) -> NDArray[np.bool_]:
    """Return who is in any group, (n,) bool."""
    found = np.zeros(groups.n_persons, dtype=np.bool_)
    found[groups.members] = True
    return sealed(found)
