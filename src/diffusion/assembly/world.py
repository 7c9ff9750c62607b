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
from diffusion.assembly.layers import Layer, aligned_layer, generated_layer
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
from diffusion.graphs import FollowerGraph, read_graph
from diffusion.scenario import Scenario
from diffusion.world import (
    ContactPlatform,
    FollowPlatform,
    GeneratedNetworkx,
    GraphFile,
    Persons,
    Platform,
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
        Platform -> `FollowerGraph` over all persons.
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
    trust: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass
class Assembler:
    """Builds worlds and keeps their parts, so that what variants share is built once.

    Parameters
    ----------
    graphs : mapping
        Platform -> `FollowerGraph`, in place of what the scenario says about that platform's graph.
    """

    graphs: Mapping[str, FollowerGraph] = field(default_factory=dict)
    _files: dict[tuple[str, ...], FollowerGraph] = field(default_factory=dict)
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
        }
        graphs = {name: layer.graph for name, layer in layers.items()}
        members = {name: layer.members for name, layer in layers.items()}
        rules, of_whom = scenario.people, people.mark
        follow = {k: p for k, p in sorted(scenario.platforms.items()) if isinstance(p, FollowPlatform)}
        attended = {
            name: self._attention(name, p, (graphs[name], members[name]), people, where) for name, p in follow.items()
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
            communities={name: x.community for name, x in layers.items() if x.community is not None},
            people=self._persons(scenario, people, layers, where),
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

    def _given(self, name: str, platform: Platform) -> FollowerGraph | None:
        if name in self.graphs:
            graph = self.graphs[name]
        elif isinstance(platform.graph, GraphFile):
            source = platform.graph
            key = (source.file, str(source.meaning), str(source.weight))
            if key not in self._files:
                self._files[key] = read_graph(source.file, meaning=source.meaning, weight=source.weight)
            graph = self._files[key]
        else:
            return None
        if isinstance(platform, ContactPlatform) and not graph.is_mutual:
            raise InputError(f"platforms.{name}.graph: contacts are mutual, but this graph has one-way links")
        return graph

    def _population(self, scenario: Scenario, given: dict[str, FollowerGraph | None], where: Where) -> Population:
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
        given: FollowerGraph | None,
        people: Population,
        where: Where,
    ) -> Layer:
        if given is not None:
            at = ("given", name, id(given), people.mark, where)
            return self._kept(at, partial(aligned_layer, name, given, people))
        source = platform.graph
        share = platform.members if isinstance(platform, FollowPlatform) else 1.0
        key = ("graph", name, source.model_dump_json(), share, people.mark_of(share), where)
        layer = self._kept(key, partial(generated_layer, name, source, share, people, where))
        if (
            isinstance(platform, ContactPlatform)
            and isinstance(source, GeneratedNetworkx)
            and not layer.graph.is_mutual
        ):
            raise InputError(f"platforms.{name}.graph: contacts are mutual, but {source.function} makes one-way links")
        return layer

    def _attention(
        self,
        name: str,
        p: FollowPlatform,
        layer: tuple[FollowerGraph, NDArray[np.bool_]],
        people: Population,
        where: Where,
    ) -> tuple[NDArray[np.float32], float]:
        law = (p.sessions, p.visibility, p.visibility_sd, p.followed_elsewhere)
        key = ("attention", name, id(layer[0]), law, people.mark, where)
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
