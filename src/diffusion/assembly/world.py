"""A world: the people, graphs, attention and audiences that a seed stands for (docs/model.md §3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from diffusion.assembly._traits import world_replicate
from diffusion.assembly.habits import Audience, attention, audience, followers_of_account, prior, propensity
from diffusion.assembly.layers import Layer, aligned_layer, generated_groups, generated_layer, members_of_groups
from diffusion.assembly.people import (
    Population,
    Where,
    check_columns,
    needs_ages,
    person_columns,
    population,
    with_bands,
)
from diffusion.assembly.people_file import PeopleFile, read_people
from diffusion.assembly.roles import roles_of
from diffusion.errors import InputError, suggestion
from diffusion.graphs import FollowerGraph, Memberships, read_graph, read_memberships
from diffusion.scenario import Scenario
from diffusion.world import (
    GeneratedNetworkx,
    GraphFile,
    GroupFile,
    GroupPlatform,
    Persons,
    Platform,
    SocialPlatform,
)

T = TypeVar("T")


@dataclass(frozen=True)
class World:
    """People, graphs and audiences, drawn from a seed; shared by all variants that agree on them.

    Attributes
    ----------
    n_persons : int
    labels : (n,) array, optional
        None where they are 0 … n-1.
    graphs : dict
        Platform of links -> `FollowerGraph` over all persons.
    members : dict
        Platform -> (n,) bool.
    propensity, prior : (n,) float64, (n,) float32
        Readiness to share, and logit of credulity.
    attention : dict
        Follow platform -> (n, 2) float32: sessions per operational hour, feed reach in units of sessions.
    median_visibility : dict
        Follow platform -> median B over members, in seconds.
    audiences : dict
        Outlet -> `Audience`.
    accounts : dict
        (owner, platform) -> (k,) uint32 followers, for officials and outlets' own accounts.
    groups : dict
        Group platform -> `Memberships` over all persons.
    communities : dict
        Platform -> (n,) int32 number of each person's community (-1: not a member), where the graph was generated
        with communities.
    people : Persons
        Columns of `people.file`, bands of age, roles.
    trust : dict
        Channel -> (n,) float64: everybody's own trust in it, NaN where not known.
    notes : tuple of str
        Who is in the file of persons or in the graph files only.
    """

    n_persons: int
    labels: NDArray[Any] | None
    graphs: dict[str, FollowerGraph]
    members: dict[str, NDArray[np.bool_]]
    propensity: NDArray[np.float64]
    prior: NDArray[np.float32]
    attention: dict[str, NDArray[np.float32]]
    median_visibility: dict[str, float]
    audiences: dict[str, Audience]
    accounts: dict[tuple[str, str], NDArray[np.uint32]]
    communities: dict[str, NDArray[np.int32]]
    people: Persons
    groups: dict[str, Memberships] = field(default_factory=dict)
    trust: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def content_hashes(self) -> dict[str, str]:
        """Return the content hash of every platform's graph or groups."""
        found = {name: graph.content_hash for name, graph in self.graphs.items()}
        return found | {name: groups.content_hash for name, groups in self.groups.items()}

    def audience_sizes(self, platform: str) -> NDArray[np.int64]:
        """Return everybody's followers on a platform, or the others in their groups, (n,) int64."""
        if platform in self.groups:
            return self.groups[platform].others()
        return self.graphs[platform].n_followers.astype(np.int64)


@dataclass
class Assembler:
    """Builds worlds and keeps their parts, so that what variants share is built once.

    Parameters
    ----------
    graphs : mapping
        Platform -> `FollowerGraph` or `Memberships`, in place of what the scenario says about that platform's graph.
    """

    graphs: Mapping[str, FollowerGraph | Memberships] = field(default_factory=dict)
    _files: dict[tuple[str, ...], Any] = field(default_factory=dict)
    _people_files: dict[str, PeopleFile] = field(default_factory=dict)
    _parts: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def world(self, scenario: Scenario, *, seed: int, replicate: int = 0) -> World:
        """Return the world of a scenario under a seed (and the replicate, where `run.redraw` says so)."""
        place = world_replicate(scenario.run, replicate)
        self._forget_other_replicates(place, scenario.run.redraw)
        given = {name: self._given(name, p) for name, p in scenario.platforms.items()}
        people = self._population(scenario, given, (seed, place, 0))
        where = (seed, place, people.n)
        layers = {
            name: self._layer(name, platform, given[name], people, where)
            for name, platform in sorted(scenario.platforms.items())
            if not isinstance(platform, GroupPlatform)
        }
        graphs = {name: layer.graph for name, layer in layers.items()}
        members = {name: layer.members for name, layer in layers.items()}
        communities = {name: x.community for name, x in layers.items() if x.community is not None}
        groups = {
            name: self._groups(name, p, given[name], (people, communities), where)
            for name, p in sorted(scenario.platforms.items())
            if isinstance(p, GroupPlatform)
        }
        for name, x in groups.items():
            members[name] = self._kept(("in groups", name, id(x), where), partial(members_of_groups, x))
        rules, of_whom = scenario.people, people.mark
        posting = {k: p for k, p in sorted(scenario.platforms.items()) if isinstance(p, SocialPlatform)}
        attended = {
            name: self._attention(name, p, (graphs.get(name), members[name]), people, where)
            for name, p in posting.items()
        }
        return World(
            n_persons=people.n,
            labels=people.labels,
            graphs=graphs,
            members=members,
            propensity=self._kept(
                ("propensity", rules.propensity_sd, of_whom, where),
                partial(propensity, rules.propensity_sd, people, where),
            ),
            prior=self._kept(
                ("prior", rules.credulity_mean, rules.credulity_sd, of_whom, where),
                partial(prior, rules.credulity_mean, rules.credulity_sd, people, where),
            ),
            attention={name: found[0] for name, found in attended.items()},
            median_visibility={name: found[1] for name, found in attended.items()},
            audiences={
                name: self._kept(
                    ("audience", name, o.audience_shares, o.block >= 86400, people.mark_of(o.audience_shares), where),
                    partial(audience, name, o, people, where),
                )
                for name, o in sorted(scenario.outlets.items())
            },
            accounts=self._accounts(scenario, members, where),
            communities=communities,
            people=self._persons(scenario, people, layers, where),
            groups=groups,
            trust=self._kept(("trust", of_whom, where), people.own_trust),
            notes=people.notes,
        )

    def _kept(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        if key not in self._parts:
            self._parts[key] = make()
        return self._parts[key]

    def _forget_other_replicates(self, place: int, redraw: str) -> None:
        if redraw == "world":
            for key in [k for k in self._parts if k[-1][1] != place]:
                del self._parts[key]

    def _given(self, name: str, platform: Platform) -> FollowerGraph | Memberships | None:
        if name in self.graphs:
            graph = self.graphs[name]
            if isinstance(graph, Memberships) != isinstance(platform, GroupPlatform):
                raise InputError(f'graphs["{name}"]: a {platform.kind} platform has another kind of links')
        elif isinstance(platform.graph, GroupFile):
            table = platform.graph
            wanted = (table.file, table.person, table.group)
            if wanted not in self._files:
                self._files[wanted] = read_memberships(table.file, person=table.person, group=table.group)
            return self._files[wanted]
        elif isinstance(platform.graph, GraphFile):
            source = platform.graph
            said = source.model_dump(exclude={"file"})
            key = (source.file, *map(repr, said.values()))
            if key not in self._files:
                self._files[key] = read_graph(source.file, **said)
            graph = self._files[key]
        else:
            return None
        if isinstance(graph, FollowerGraph):
            _check_mutual(name, platform, graph, "this graph has")
        return graph

    def _population(
        self, scenario: Scenario, given: dict[str, FollowerGraph | Memberships | None], where: Where
    ) -> Population:
        unknown = set(self.graphs) - set(scenario.platforms)
        if unknown:
            name = min(unknown)
            raise InputError(f'graphs: there is no platform "{name}"{suggestion(name, scenario.platforms)}')
        found = [g for g in given.values() if g is not None]
        rules = scenario.people
        file = None
        if rules.file is not None:
            if rules.file not in self._people_files:
                self._people_files[rules.file] = read_people(rules.file)
            file = self._people_files[rules.file]
            check_columns(file, scenario)
        whose = (rules.file, tuple(id(g) for g in found), rules.count)
        people = self._kept(("population", whose, where), partial(population, found, file, rules.count))
        if not needs_ages(scenario, people):
            return people
        return self._kept(("ages", whose, rules.ages, where), partial(with_bands, people, rules.ages, where))

    def _persons(self, scenario: Scenario, people: Population, layers: dict[str, Layer], where: Where) -> Persons:
        columns = self._kept(("columns", people.mark, where), partial(person_columns, people))
        found = {f"community:{name}": layer.community for name, layer in layers.items() if layer.community is not None}
        graphs = {name: layer.graph for name, layer in layers.items()}
        roles = roles_of(scenario, people, graphs, where)
        return Persons(people.n, people.labels, columns | found, people.bands, roles)

    def _layer(
        self,
        name: str,
        platform: Platform,
        given: FollowerGraph | Memberships | None,
        people: Population,
        where: Where,
    ) -> Layer:
        if isinstance(given, FollowerGraph):
            at = ("given", name, id(given), people.mark, id(people.labels), where)
            return self._kept(at, partial(aligned_layer, name, given, people))
        source = platform.graph
        share = platform.members if isinstance(platform, SocialPlatform) else 1.0
        key = ("graph", name, source.model_dump_json(), share, people.mark_of(share), where)
        layer = self._kept(key, partial(generated_layer, name, source, share, people, where))
        if isinstance(source, GeneratedNetworkx):
            _check_mutual(name, platform, layer.graph, f"{source.function} makes")
        return layer

    def _groups(
        self,
        name: str,
        platform: GroupPlatform,
        given: FollowerGraph | Memberships | None,
        known: tuple[Population, dict[str, NDArray[np.int32]]],
        where: Where,
    ) -> Memberships:
        people, communities = known
        if isinstance(given, Memberships):
            at = ("groups", name, id(given), people.mark, id(people.labels), where)
            return self._kept(at, partial(given.aligned, people.labels, people.n))
        along = None
        if platform.along is not None:
            along = communities.get(platform.along)
            if along is None:
                raise InputError(
                    f'platforms.{name}.along = "{platform.along}": that graph has no communities; generate it with some'
                )
        share = platform.members
        key = ("groups", name, platform.graph.model_dump_json(), share, id(along), people.mark_of(share), where)
        return self._kept(key, partial(generated_groups, name, platform, along, people, where))

    def _attention(
        self,
        name: str,
        p: SocialPlatform,
        layer: tuple[FollowerGraph | None, NDArray[np.bool_]],
        people: Population,
        where: Where,
    ) -> tuple[NDArray[np.float32], float]:
        key = ("attention", name, id(layer[0]), p.model_dump_json(include=_ATTENTION), people.mark, where)
        return self._kept(key, partial(attention, name, p, layer, people, where))

    def _accounts(
        self, scenario: Scenario, members: dict[str, NDArray[np.bool_]], where: Where
    ) -> dict[tuple[str, str], NDArray[np.uint32]]:
        wanted = {(name, q.platform): q.followers for name, q in scenario.officials.items()}
        wanted |= {(name, p): share for name, o in scenario.outlets.items() for p, share in o.accounts.items()}
        return {
            (owner, p): self._kept(
                ("account", owner, p, share, id(members[p]), where),
                partial(followers_of_account, owner, p, share, members[p], where),
            )
            for (owner, p), share in sorted(wanted.items())
        }


_ATTENTION = {"sessions", "visibility", "visibility_sd", "followed_elsewhere"}
"""Keys of a platform that make its members' attention."""


def _check_mutual(name: str, platform: Platform, graph: FollowerGraph, who: str) -> None:
    words = {"contact": "contacts are", "friend": "friends are"}
    if platform.kind in words and not graph.is_mutual:
        raise InputError(f"platforms.{name}.graph: {words[platform.kind]} mutual, but {who} one-way links")
