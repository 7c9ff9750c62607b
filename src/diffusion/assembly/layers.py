"""A platform's links: read from a file and fitted to the population, or generated (docs/model.md §3)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.assembly._traits import key_of, person_uniforms, sealed
from diffusion.errors import InputError
from diffusion.graphs import (
    CommunityGraph,
    FollowerGraph,
    generate_communities,
    generate_contacts,
    generate_followers,
    generate_networkx,
    generate_spatial,
)
from diffusion.randomness import start_key
from diffusion.vocabulary import Purpose
from diffusion.world import (
    GeneratedCommunities,
    GeneratedContacts,
    GeneratedFollowers,
    GeneratedNetworkx,
    GeneratedSpatial,
    check_size,
)


class Layer(NamedTuple):
    """A platform's graph over all persons, who is a member, and everybody's community where it has some.

    graph : FollowerGraph
    members : (n,) bool
    community : (n,) int32 or None
    """

    graph: FollowerGraph
    members: NDArray[np.bool_]
    community: NDArray[np.int32] | None = None


def aligned_layer(graph: FollowerGraph, labels: NDArray[Any] | None, n: int) -> Layer:
    """Return a given graph over a population; those who are in the graph are members."""
    if graph.n_persons == n:
        return Layer(graph, sealed(np.ones(n, dtype=np.bool_)))
    universe = np.arange(n) if labels is None else labels
    own = np.arange(graph.n_persons) if graph.labels is None else graph.labels
    return Layer(graph.aligned(universe), sealed(np.isin(universe, own)))


def generated_layer(name: str, source: object, share: float, where: tuple[int, int, int]) -> Layer:
    """Return the generated graph of a platform.

    Parameters
    ----------
    name : str
        The platform's name, which also names the graph.
    source : object
        What the scenario says about the graph.
    share : float
        Of persons who are members; 1 for contacts.
    where : (seed, replicate of the world, number of persons)

    Raises
    ------
    InputError
        If there are too few members, or the generator refuses; the message names the platform.
    """
    seed, place, n = where
    check_size(name, source, n)
    members = person_uniforms(key_of(Purpose.MEMBER, seed, place, name), n) < share
    if np.count_nonzero(members) < 2 and share < 1:
        raise InputError(f"platforms.{name}.members = {share}: fewer than two of {n} persons are members")
    try:
        made = _made(source, n, members, start_key(seed, place, Purpose.GRAPH) >> 1, name)
    except InputError as error:
        of = "" if share >= 1 else f"; {np.count_nonzero(members)} of {n} are members"
        raise InputError(f"platforms.{name}.graph: {error}{of}") from None
    if isinstance(made, CommunityGraph):
        return Layer(made.graph, sealed(members), made.community)
    return Layer(made, sealed(members))


def _made(source: object, n: int, members: NDArray[np.bool_], seed: int, name: str) -> FollowerGraph | CommunityGraph:
    """Call the generator that a source names."""
    own = None if members.all() else np.flatnonzero(members)
    if isinstance(source, GeneratedContacts):
        household = None if source.size is None else source.size - 1
        return generate_contacts(n, mean_contacts=source.mean_contacts, household=household, seed=seed, name=name)
    if isinstance(source, GeneratedFollowers | GeneratedCommunities):
        arguments = source.model_dump(exclude={"generator"})
        generate = generate_followers if isinstance(source, GeneratedFollowers) else generate_communities
        return generate(n, **arguments, seed=seed, members=own, name=name)
    if isinstance(source, GeneratedSpatial):
        return generate_spatial(n, **source.model_dump(exclude={"generator"}), seed=seed, name=name)
    assert isinstance(source, GeneratedNetworkx)
    size = n if own is None else own.size
    graph = generate_networkx(size, function=source.function, arguments=source.arguments, seed=seed, name=name)
    if own is None:
        return graph
    rows = np.repeat(own, np.diff(graph.offsets))
    return FollowerGraph.from_links(rows, own[graph.followers], n_persons=n, origin=graph.origin)
