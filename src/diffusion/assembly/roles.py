"""Who has which role (docs/model.md §3)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.assembly._traits import key_of, person_uniforms, sealed
from diffusion.assembly.people import Population, Where
from diffusion.errors import InputError, suggestion
from diffusion.graphs import FollowerGraph
from diffusion.graphs.labels import ranks
from diffusion.scenario import Scenario
from diffusion.vocabulary import Purpose
from diffusion.world import LinkPlatform, Role


def roles_of(
    scenario: Scenario, people: Population, graphs: dict[str, FollowerGraph], where: Where
) -> dict[str, NDArray[np.bool_]]:
    """Return role -> (n,) bool, from the file's columns and from the rules.

    Raises
    ------
    InputError
        For a rule about persons or places that there are not.
    """
    found: dict[str, NDArray[np.bool_]] = {}
    for name in people.file.named("role") if people.file is not None else ():
        said = people.values(f"role:{name}")
        found[name] = sealed(said == 1)
    for name, role in sorted(scenario.roles.items()):
        found[name] = sealed(_chosen(name, role, scenario, people, graphs, where))
    return found


def _chosen(
    name: str, role: Role, scenario: Scenario, people: Population, graphs: dict[str, FollowerGraph], where: Where
) -> NDArray[np.bool_]:
    chosen = np.ones(people.n, dtype=np.bool_)
    if role.labels is not None:
        chosen = _labelled(f"roles.{name}.labels", role.labels, people)
    if role.place is not None:
        chosen &= _living_at(f"roles.{name}.place", role.place, people)
    if role.share is not None:
        seed, place, n = where
        chosen &= person_uniforms(key_of(Purpose.ROLE, seed, place, name), n) < role.share
    if role.most_followed is None:
        return chosen
    followers = np.zeros(people.n, dtype=np.int64)
    for platform, p in scenario.platforms.items():
        if isinstance(p, LinkPlatform):
            followers += graphs[platform].n_followers
    ranked = np.flatnonzero(chosen)
    ranked = ranked[np.argsort(-followers[ranked], kind="stable")][: role.most_followed]
    top = np.zeros(people.n, dtype=np.bool_)
    top[ranked] = True
    return top


def _labelled(where: str, labels: tuple[int | str, ...], people: Population) -> NDArray[np.bool_]:
    texts = people.labels is not None and people.labels.dtype.kind == "U"
    wanted: list[Any] = [str(label) for label in labels] if texts else list(labels)
    found = np.zeros(people.n, dtype=np.bool_)
    try:
        found[ranks(people.labels, people.n, wanted)] = True
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    return found


def _living_at(where: str, place: str, people: Population) -> NDArray[np.bool_]:
    if people.file is None or "place" not in people.file.columns:
        raise InputError(f'{where} = "{place}": places come from a column "place" of people.file')
    places = people.spread(people.file.columns["place"])
    found: NDArray[np.bool_] = places == place
    if not found.any():
        known = [text for text in np.unique(places).tolist() if text]
        raise InputError(f'{where} = "{place}": nobody is from there{suggestion(place, known)}')
    return found
