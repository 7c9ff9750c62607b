"""The persons of a world: who they are, what a file says of them, their ages (docs/model.md §3)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.assembly._traits import key_of, person_uniforms, sealed
from diffusion.assembly.people_file import LABEL, PeopleFile
from diffusion.errors import InputError, suggestion
from diffusion.graphs import FollowerGraph, Memberships
from diffusion.graphs.labels import compact, explicit
from diffusion.scenario import Scenario
from diffusion.vocabulary import Purpose
from diffusion.world import GroupPlatform, LinkPlatform, SocialPlatform, is_file
from diffusion.world.ages import AGES, Shares, bands_at, bands_of

Where = tuple[int, int, int]
"""Seed, replicate of the world, number of persons."""

_LISTED = 3
"""How many labels a note lists."""


@dataclass(frozen=True)
class Population:
    """Who exists.

    Attributes
    ----------
    n : int
    labels : (n,) array, optional
        None where they are 0 … n-1.
    file : PeopleFile, optional
    rows : (n,) int64, optional
        Row of each person in the file, -1 for those who are not in it.
    notes : tuple of str
        Who is in the file or in the graphs only.
    bands : (n,) int8, optional
        Everybody's band of age; None where ages play no part.
    """

    n: int
    labels: NDArray[Any] | None
    file: PeopleFile | None = None
    rows: NDArray[np.int64] | None = None
    notes: tuple[str, ...] = ()
    bands: NDArray[np.int8] | None = None

    @property
    def mark(self) -> tuple[int, ...]:
        """What tells parts drawn for this population from those of another one of its size; () without a file."""
        return () if self.file is None else (id(self.file), id(self.rows))

    def mark_of(self, share: float | Shares) -> tuple[int, ...]:
        """What tells parts drawn with a share from others: also the bands of age, where the share differs by age."""
        return (*self.mark, id(self.bands)) if isinstance(share, tuple) else self.mark

    def own_trust(self) -> dict[str, NDArray[np.float64]]:
        """Return channel -> (n,) everybody's own trust in it, NaN where it is not known."""
        return {
            name: sealed(self.values(f"trust:{name}"))
            for name in (self.file.named("trust") if self.file is not None else ())
        }

    def values(self, column: str) -> NDArray[np.float64] | None:
        """Return a column of numbers of all persons, (n,) with NaN where it is not known; None if there is none."""
        if self.file is None or column not in self.file.columns:
            return None
        found: NDArray[np.float64] = self.spread(self.file.columns[column]).astype(np.float64)
        return found

    def spread(self, column: NDArray[Any]) -> NDArray[Any]:
        """Return a column of the file over all persons; who is not in the file has NaN or ""."""
        assert self.rows is not None
        if (self.rows >= 0).all():
            return column[self.rows]
        gap = np.zeros(1, column.dtype) if column.dtype.kind == "U" else np.full(1, np.nan)
        return np.concatenate([column, gap])[self.rows]

    def known(self, column: str, drawn: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a column of numbers, with what was drawn for those whose number is not known."""
        found = self.values(column)
        return drawn if found is None else np.where(np.isnan(found), drawn, found)


# --- who exists -------------------------------------------------------------------------------------------------------


def population(graphs: list[FollowerGraph | Memberships], file: PeopleFile | None, count: int | None) -> Population:
    """Return who exists: the persons of the graph files and of the file of persons, else `count` persons.

    Parameters
    ----------
    graphs : list of FollowerGraph or Memberships
        Those read from files or given.
    file : PeopleFile, optional
    count : int, optional
        Used where there is neither.

    Raises
    ------
    InputError
        If labels of several kinds would have to be joined, or the file knows nobody of the graphs.
    """
    if file is None and not graphs:
        if count is None:
            raise InputError("people.count is needed where no platform reads a graph file (or people.file)")
        return Population(count, None)
    if file is None and all(g.labels is None for g in graphs):
        return Population(max(g.n_persons for g in graphs), None)
    together = _union([explicit(g.labels, g.n_persons) for g in graphs]) if graphs else None
    if file is None:
        assert together is not None
        return Population(together.size, compact(together))
    own = file.labels
    if together is None:
        labels = np.sort(own)
        notes: tuple[str, ...] = ()
    else:
        own = _of_one_kind(file, together)
        notes = _strangers(file, own, together)
        labels = np.union1d(together, own)
    rows = np.full(labels.size, -1, dtype=np.int64)
    rows[np.searchsorted(labels, own)] = np.arange(own.size)
    return Population(labels.size, compact(labels), file, rows, notes)


def _union(columns: list[NDArray[Any]]) -> NDArray[Any]:
    if len({c.dtype.kind for c in columns}) > 1:
        raise InputError("the graph files mix numeric and text labels; one kind is needed to join them")
    return columns[0] if len(columns) == 1 else np.unique(np.concatenate(columns))


def _of_one_kind(file: PeopleFile, together: NDArray[Any]) -> NDArray[Any]:
    """Return the file's labels as the graphs write theirs."""
    if together.dtype.kind == file.labels.dtype.kind:
        return file.labels
    if together.dtype.kind == "U":
        return file.spelled
    at = next((at for at, label in enumerate(file.labels.tolist()) if not label.lstrip("-").isdigit()), 0)
    raise InputError(
        f"{file.where}: {file.row(at)}: the label is a text, but those of the graph files are whole numbers"
    )


def _strangers(file: PeopleFile, own: NDArray[Any], together: NDArray[Any]) -> tuple[str, ...]:
    """Say who is in only one of the two; refuse a file that knows nobody of the graphs."""
    alone, unknown = own[~np.isin(own, together)], together[~np.isin(together, own)]
    if alone.size == own.size:
        examples = f'"{own[0]}" there, "{together[0]}" in the graph files'
        raise InputError(f"{file.where}: none of its {own.size} labels is in a graph file ({examples})")
    notes = []
    if alone.size:
        said = "they belong to the world, but to no platform that reads a file unless a column member: says so"
        notes.append(f"people.file: {_some(alone)} of {own.size} persons are in no graph file: {said}")
    if unknown.size:
        said = "what it says of others is drawn for them"
        notes.append(
            f"people.file: {_some(unknown)} of {together.size} persons of the graph files are not there: {said}"
        )
    return tuple(notes)


def _some(labels: NDArray[Any]) -> str:
    shown = ", ".join(str(label) for label in labels[:_LISTED])
    return f"{labels.size} ({shown}{', …' if labels.size > _LISTED else ''})"


# --- what the file says of whom ---------------------------------------------------------------------------------------


def check_columns(file: PeopleFile, scenario: Scenario) -> None:
    """Raise InputError for a column about a platform, outlet, official or role that the scenario does not have."""
    joined = [
        name
        for name, p in scenario.platforms.items()
        if isinstance(p, LinkPlatform) or (isinstance(p, GroupPlatform) and not is_file(p.graph))
    ]
    channels = [*scenario.platforms, *scenario.outlets, *scenario.officials]
    known: dict[str, tuple[Iterable[str], str]] = {
        "trust": (channels, "platform, outlet or official"),
        "member": (joined, "platform of followers or friends, or of generated groups"),
        "diet": (scenario.outlets, "outlet"),
    }
    for prefix, (names, what) in known.items():
        for name in file.named(prefix):
            if name not in names:
                raise InputError(
                    f'{file.where}: column "{prefix}:{name}": there is no such {what}{suggestion(name, names)}'
                )
    for name in file.named("role"):
        if name in scenario.roles:
            raise InputError(f'{file.where}: column "role:{name}": [roles.{name}] is a role of that name already')


def person_columns(people: Population) -> dict[str, NDArray[Any]]:
    """Return the columns that measures may use: everything but labels and `prefix:name`."""
    if people.file is None:
        return {}
    kept = {name: column for name, column in people.file.columns.items() if ":" not in name and name != LABEL}
    return {name: sealed(people.spread(column)) for name, column in kept.items()}


def members_of(name: str, people: Population, graph: FollowerGraph, in_file: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return who has an account on a platform that reads a graph file: who is in it, if no column says otherwise."""
    said = people.values(f"member:{name}")
    if said is None:
        return in_file
    linked = (graph.n_followers > 0) | (graph.n_followed > 0)
    wrong = np.flatnonzero((said == 0) & linked)
    if wrong.size:
        assert people.file is not None and people.rows is not None
        row = people.file.row(int(people.rows[wrong[0]]))
        raise InputError(f"{people.file.where}: {row}: member:{name} = 0, but its graph file has links of this person")
    members: NDArray[np.bool_] = sealed(np.where(np.isnan(said), in_file, said == 1))
    return members


def chances(share: float | Shares, people: Population, column: str) -> NDArray[np.float64]:
    """Return everybody's chance to belong to something, (n,): 0 or 1 where a column says so, else the share.

    Parameters
    ----------
    share : float or one per band of age
    people : Population
    column : str
        Says 0 (does not belong) or more.
    """
    if isinstance(share, tuple):
        assert people.bands is not None
        chance = np.array(share)[people.bands]
    else:
        chance = np.full(people.n, share)
    said = people.values(column)
    return chance if said is None else np.where(np.isnan(said), chance, said > 0)


def logits(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ln(p / (1 - p)), -inf at 0, inf at 1 and NaN at NaN.

    Number by number, because a vectorised logarithm may differ in its last bit from machine to machine.
    """
    values, at = np.unique(shares, return_inverse=True)
    return np.array([_logit(float(v)) for v in values])[at]


def _logit(share: float) -> float:
    if math.isnan(share):
        return share
    if share in (0.0, 1.0):
        return math.copysign(math.inf, share - 0.5)
    return math.log(share / (1.0 - share))


# --- ages -------------------------------------------------------------------------------------------------------------


def needs_ages(scenario: Scenario, people: Population) -> bool:
    """Return whether ages play a part: they are known, their shares are written, or something differs by age."""
    shares: list[Any] = [o.audience_shares for o in scenario.outlets.values()]
    shares += [p.members for p in scenario.platforms.values() if isinstance(p, SocialPlatform)]
    given = scenario.people.ages is not None or people.values("age") is not None
    return given or any(isinstance(share, tuple) for share in shares)


def with_bands(people: Population, ages: Shares | None, where: Where) -> Population:
    """Return the population with everybody's band of age: by the column `age`, else drawn."""
    seed, place, _ = where
    bands = bands_at(ages or AGES, person_uniforms(key_of(Purpose.AGE, seed, place), people.n))
    said = people.values("age")
    if said is not None:
        known = bands_of(said)
        bands = np.where(known < 0, bands, known)
    return replace(people, bands=sealed(bands.astype(np.int8)))
