"""A world: the people, graphs, attention and audiences that a seed stands for (docs/model.md §3)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from diffusion.assembly._traits import key_of, person_uniforms, person_values, sealed, world_replicate
from diffusion.assembly.layers import Layer, aligned_layer, generated_layer
from diffusion.errors import InputError, suggestion
from diffusion.graphs import FollowerGraph, read_graph
from diffusion.laws import Law, standard_normal
from diffusion.scenario import Scenario
from diffusion.units import HOUR
from diffusion.vocabulary import Purpose
from diffusion.world import (
    ContactPlatform,
    FollowPlatform,
    GeneratedNetworkx,
    GraphFile,
    Outlet,
    Platform,
)

T = TypeVar("T")


@dataclass(frozen=True)
class Audience:
    """Regular members of an outlet's audience.

    Attributes
    ----------
    persons : (k,) uint32
        Indices, ascending.
    phase : (k,) float64
        Where each one's viewing blocks begin, in blocks.
    """

    persons: NDArray[np.uint32]
    phase: NDArray[np.float64]


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
    _parts: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def world(self, scenario: Scenario, *, seed: int, replicate: int = 0) -> World:
        """Return the world of a scenario under a seed (and the replicate, where `run.redraw` says so)."""
        place = world_replicate(scenario.run, replicate)
        self._forget_other_replicates(place, scenario.run.redraw)
        given = {name: self._given(name, p) for name, p in scenario.platforms.items()}
        n, labels = self._population(scenario, given)
        where = (seed, place, n)
        layers = {
            name: self._layer(name, platform, given[name], labels, where)
            for name, platform in sorted(scenario.platforms.items())
        }
        graphs = {name: layer.graph for name, layer in layers.items()}
        members = {name: layer.members for name, layer in layers.items()}
        people = scenario.people
        follow = {k: p for k, p in sorted(scenario.platforms.items()) if isinstance(p, FollowPlatform)}
        attention = {name: self._attention(name, p, graphs[name], members[name], where) for name, p in follow.items()}
        return World(
            n_persons=n,
            labels=labels,
            graphs=graphs,
            members=members,
            propensity=self._kept(
                ("propensity", people.propensity_sd, where), partial(_propensity, people.propensity_sd, where)
            ),
            prior=self._kept(
                ("prior", people.credulity_mean, people.credulity_sd, where),
                partial(_prior, people.credulity_mean, people.credulity_sd, where),
            ),
            attention={name: found[0] for name, found in attention.items()},
            median_visibility={name: found[1] for name, found in attention.items()},
            audiences={
                name: self._kept(
                    ("audience", name, o.audience, o.block >= 86400, where),
                    partial(_audience, name, o, where),
                )
                for name, o in sorted(scenario.outlets.items())
            },
            accounts=self._accounts(scenario, members, where),
            communities={name: x.community for name, x in layers.items() if x.community is not None},
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
            key = (source.file, source.meaning, str(source.weight))
            if key not in self._files:
                self._files[key] = read_graph(source.file, meaning=source.meaning, weight=source.weight)
            graph = self._files[key]
        else:
            return None
        if isinstance(platform, ContactPlatform) and not graph.is_mutual:
            raise InputError(f"platforms.{name}.graph: contacts are mutual, but this graph has one-way links")
        return graph

    def _population(
        self, scenario: Scenario, given: dict[str, FollowerGraph | None]
    ) -> tuple[int, NDArray[Any] | None]:
        unknown = set(self.graphs) - set(scenario.platforms)
        if unknown:
            name = min(unknown)
            raise InputError(f'graphs: there is no platform "{name}"{suggestion(name, scenario.platforms)}')
        found = [g for g in given.values() if g is not None]
        if not found:
            if scenario.people.count is None:
                raise InputError("people.count is needed where no platform reads a graph file")
            return scenario.people.count, None
        if all(g.labels is None for g in found):
            return max(g.n_persons for g in found), None
        if len(found) == 1:
            return found[0].n_persons, found[0].labels
        columns = [np.arange(g.n_persons) if g.labels is None else g.labels for g in found]
        if len({c.dtype.kind for c in columns}) > 1:
            raise InputError("the graph files mix numeric and text labels; one kind is needed to join them")
        labels = np.unique(np.concatenate(columns))
        return labels.size, labels

    def _layer(
        self,
        name: str,
        platform: Platform,
        given: FollowerGraph | None,
        labels: NDArray[Any] | None,
        where: tuple[int, int, int],
    ) -> Layer:
        if given is not None:
            return self._kept(("given", name, id(given), where), partial(aligned_layer, given, labels, where[2]))
        source = platform.graph
        share = platform.members if isinstance(platform, FollowPlatform) else 1.0
        key = ("graph", name, source.model_dump_json(), share, where)
        layer = self._kept(key, partial(generated_layer, name, source, share, where))
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
        graph: FollowerGraph,
        members: NDArray[np.bool_],
        where: tuple[int, int, int],
    ) -> tuple[NDArray[np.float32], float]:
        key = ("attention", name, id(graph), p.sessions, p.visibility, p.visibility_sd, p.followed_elsewhere, where)
        return self._kept(key, partial(_attention, name, p, graph, members, where))

    def _accounts(
        self, scenario: Scenario, members: dict[str, NDArray[np.bool_]], where: tuple[int, int, int]
    ) -> dict[tuple[str, str], NDArray[np.uint32]]:
        wanted = {(name, q.platform): q.followers for name, q in scenario.officials.items()}
        wanted |= {(name, p): share for name, o in scenario.outlets.items() for p, share in o.accounts.items()}
        return {
            (owner, p): self._kept(
                ("account", owner, p, share, id(members[p]), where),
                partial(_followers_of_account, owner, p, share, members[p], where),
            )
            for (owner, p), share in sorted(wanted.items())
        }


def _propensity(sd: float, where: tuple[int, int, int]) -> NDArray[np.float64]:
    law = Law("lognormal", (math.exp(-sd * sd / 2), sd))
    values: NDArray[np.float64] = sealed(person_values(law, key_of(Purpose.PROPENSITY, *where[:2]), where[2]))
    return values


def _prior(mean: float, sd: float, where: tuple[int, int, int]) -> NDArray[np.float32]:
    z = person_values(standard_normal(), key_of(Purpose.CREDULITY, *where[:2]), where[2])
    values: NDArray[np.float32] = sealed(np.clip(mean + sd * z, -4.0, 4.0).astype(np.float32))
    return values


def _attention(
    name: str, p: FollowPlatform, graph: FollowerGraph, members: NDArray[np.bool_], where: tuple[int, int, int]
) -> tuple[NDArray[np.float32], float]:
    seed, place, n = where
    rates = (person_values(p.sessions, key_of(Purpose.ACTIVITY, seed, place, name), n) * HOUR).astype(np.float32)
    if not rates.min() > 0:
        raise InputError(f"platforms.{name}.sessions: every person needs a rate above 0")
    followed = graph.n_followed.astype(np.float64)
    k = np.maximum(followed + p.followed_elsewhere, 1.0)
    typical = float(np.median(k[followed >= 1])) if np.any(followed >= 1) else 1.0
    factor = person_values(Law("lognormal", (1.0, p.visibility_sd)), key_of(Purpose.VISIBILITY, seed, place, name), n)
    hours = p.visibility / HOUR * (typical / k) * factor
    attention = np.empty((n, 2), dtype=np.float32)
    attention[:, 0] = rates
    attention[:, 1] = rates.astype(np.float64) * hours
    median = float(np.median(hours[members])) * HOUR if members.any() else float("nan")
    return sealed(attention), median


def _audience(name: str, outlet: Outlet, where: tuple[int, int, int]) -> Audience:
    seed, place, n = where
    persons = np.flatnonzero(person_uniforms(key_of(Purpose.AUDIENCE, seed, place, name), n) < outlet.audience)
    if outlet.block >= 86400:
        phase = np.zeros(persons.size)
    else:
        phase = person_uniforms(key_of(Purpose.PHASE, seed, place, name), n)[persons]
    return Audience(sealed(persons.astype(np.uint32)), sealed(phase))


def _followers_of_account(
    owner: str, platform: str, share: float, members: NDArray[np.bool_], where: tuple[int, int, int]
) -> NDArray[np.uint32]:
    seed, place, n = where
    chosen = person_uniforms(key_of(Purpose.ACCOUNT, seed, place, owner, platform), n) < share
    found: NDArray[np.uint32] = sealed(np.flatnonzero(chosen & members).astype(np.uint32))
    return found
