"""Who is in which group: the memberships behind a platform of groups."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError, suggestion
from diffusion.graphs.files import check_exists, path_of
from diffusion.graphs.labels import Labels, as_labels, compact, ranks
from diffusion.graphs.links import seal


@dataclass(frozen=True, eq=False)
class Memberships:
    """Groups and their members.

    Attributes
    ----------
    n_persons : int
        Persons in the universe.
    offsets, members : (n_groups + 1,) int64, (m,) uint32
        Group g holds the persons ``members[offsets[g]:offsets[g + 1]]``, ascending.
    labels : (n_persons,) array, optional
        Labels of the persons, ascending; None where they are 0 … n-1.
    group_labels : (n_groups,) array, optional
        Labels of the groups, ascending; None where they are 0 … n_groups-1.
    dropped : int
        Rows that said again what another row says.
    """

    n_persons: int
    offsets: NDArray[np.int64]
    members: NDArray[np.uint32]
    labels: Labels | None = None
    group_labels: Labels | None = None
    dropped: int = 0

    @classmethod
    def from_rows(cls, persons: Any, groups: Any) -> Memberships:
        """Return the memberships that rows of (person, group) say, in any order; both are labels."""
        people, crowds = as_labels(persons, "persons"), as_labels(groups, "groups")
        if people.size != crowds.size:
            raise InputError(f"{people.size} persons and {crowds.size} groups; a row needs one of each")
        if not people.size:
            raise InputError("there are no memberships; give a row per person and group")
        own, i = np.unique(people, return_inverse=True)
        names, g = np.unique(crowds, return_inverse=True)
        pairs = np.unique(g.astype(np.int64) * own.size + i)
        offsets = np.searchsorted(pairs, np.arange(names.size + 1, dtype=np.int64) * own.size)
        members = (pairs % own.size).astype(np.uint32)
        return cls(own.size, seal(offsets), seal(members), compact(own), compact(names), int(people.size - pairs.size))

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return self.offsets.size - 1

    @property
    def sizes(self) -> NDArray[np.int64]:
        """(n_groups,) int64 numbers of members."""
        return np.diff(self.offsets)

    def by_person(self) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        """Return the groups of every person, ascending: offsets (n_persons + 1,) and groups (m,)."""
        groups = np.repeat(np.arange(self.n_groups, dtype=np.uint32), self.sizes)
        order = np.argsort(self.members, kind="stable")
        counts = np.bincount(self.members, minlength=self.n_persons)
        return seal(np.concatenate(([0], np.cumsum(counts))).astype(np.int64)), seal(groups[order])

    def others(self) -> NDArray[np.int64]:
        """Return how many other members each person has in all their groups, (n_persons,) int64."""
        total = np.bincount(self.members, weights=np.repeat(self.sizes - 1.0, self.sizes), minlength=self.n_persons)
        return total.astype(np.int64)

    def indices_of(self, labels: Any) -> NDArray[np.int64]:
        """Return the numbers of groups by their labels.

        Raises
        ------
        InputError
            If there is no such group.
        """
        known = np.arange(self.n_groups) if self.group_labels is None else self.group_labels
        found = []
        for label in labels:
            at = np.flatnonzero(known == (str(label) if known.dtype.kind == "U" else label))
            if not at.size:
                near = suggestion(str(label), [str(name) for name in known[:10_000]])
                raise InputError(f"there is no group {label!r}{near}")
            found.append(int(at[0]))
        return np.array(found, dtype=np.int64)

    def aligned(self, labels: Labels | None, n_persons: int) -> Memberships:
        """Return the same groups over a larger population, given by its labels (None: 0 … n-1)."""
        own = np.arange(self.n_persons) if self.labels is None else self.labels
        place = ranks(labels, n_persons, own)
        return Memberships(
            n_persons,
            self.offsets,
            seal(place[self.members].astype(np.uint32)),
            labels,
            self.group_labels,
            self.dropped,
        )

    @property
    def content_hash(self) -> str:
        """A hash of all that it holds."""
        digest = hashlib.blake2b(digest_size=16)
        for column in (self.offsets, self.members, self.labels, self.group_labels):
            digest.update(b"none" if column is None else np.ascontiguousarray(column).tobytes())
        return digest.hexdigest()


def read_memberships(path: str | os.PathLike[str], *, person: str = "person", group: str = "group") -> Memberships:
    """Read memberships from a table: CSV (packed or not) or Parquet, a row per person and group.

    Parameters
    ----------
    path : str or path
    person, group : str
        Names of the two columns.

    Raises
    ------
    InputError
        If the file is missing or broken, or has no such columns.
    """
    place = path_of("path", path)
    where = f'memberships "{path}"'
    check_exists(place, "memberships")
    table = _table(place, where)
    columns = []
    for name in (person, group):
        if name not in table.column_names:
            raise InputError(f'{where} has no column "{name}"{suggestion(name, table.column_names)}')
        values = table[name].to_pylist()
        if None in values or "" in values:
            row = next(k for k, value in enumerate(values) if value in (None, ""))
            raise InputError(f'{where}: row {row + 1} has no "{name}"; every row needs a person and a group')
        columns.append(values)
    try:
        return Memberships.from_rows(*columns)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _table(place: Path, where: str) -> Any:
    import pyarrow as pa

    try:
        if place.suffix == ".parquet":
            import pyarrow.parquet as pq

            return pq.read_table(place)
        from pyarrow import csv

        return csv.read_csv(place)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"{where} cannot be read as a table: {' '.join(str(error).split())}") from None
