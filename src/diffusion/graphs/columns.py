"""Columns of links: which ones are asked for, and what was read from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError, suggestion
from diffusion.graphs.follower_graph import FollowerGraph
from diffusion.graphs.labels import Labels, compact
from diffusion.graphs.links import Carried
from diffusion.graphs.meaning import orient
from diffusion.graphs.moments import Moments

_ALWAYS = Moments()


class Wanted(NamedTuple):
    """Which columns are read, by number from 0 or by name; None for those that are not, and for the usual ends.

    `clock` says what numbers in `since` and `until` count from.
    """

    ends: tuple[int | str, int | str] | None = None
    weight: int | str | None = None
    since: int | str | None = None
    until: int | str | None = None
    clock: str | None = None

    def named(self) -> bool:
        """Whether any column is asked for by its name."""
        return any(isinstance(column, str) for column in (*(self.ends or ()), self.weight, self.since, self.until))


class LinkColumns(NamedTuple):
    """Two columns of ranks, the labels behind them, what the links carry, and what was assumed."""

    labels: Labels
    first: NDArray[np.uint32]
    second: NDArray[np.uint32]
    weights: NDArray[np.float64] | None = None
    moments: Moments = _ALWAYS
    remarks: tuple[str, ...] = ()

    def graph(self, meaning: str, source: str) -> FollowerGraph:
        """Build the graph that these links mean; `source` says in its notes where it comes from."""
        followed, follower, mutual = orient(self.first, self.second, meaning)
        moments = self.moments
        return FollowerGraph.from_ranks(
            followed,
            follower,
            self.labels.size,
            carried=Carried(self.weights, moments.since, moments.until),
            clock=moments.clock,
            labels=compact(self.labels),
            mutual=mutual,
            origin=(f"{source} as {meaning}", *self.remarks, *moments.remarks),
        )


def fields_of(wanted: Wanted, names: Sequence[str] | None, where: str) -> NDArray[np.int64]:
    """Return for every column which field it holds (-1 for none), as `Dialect.fields`.

    Raises
    ------
    InputError
        If a column is not there, or is asked for twice.
    """
    ends = (0, 1) if wanted.ends is None else wanted.ends
    if isinstance(ends, str) or len(ends) != 2:
        raise InputError(f"columns = {ends!r}: give the two columns of ids, as names or as numbers from 0")
    others = [("weight", wanted.weight), ("since", wanted.since), ("until", wanted.until)]
    asked: list[tuple[str, int | str | None]] = [("columns", ends[0]), ("columns", ends[1]), *others]
    places = [None if column is None else _place(option, column, names, where) for option, column in asked]
    known = [place for place in places if place is not None]
    fields = np.full(max(known) + 1, -1, np.int64)
    for field, (option, column) in enumerate(asked):
        place = places[field]
        if place is None:
            continue
        if fields[place] >= 0:
            ids = f"columns {places[0]} and {places[1]} are the ids" if fields[place] < 2 else "it is read already"
            raise InputError(f"{where}: {option} = {column!r}: {ids}; name another column")
        fields[place] = field
    return fields


def _place(option: str, column: int | str, names: Sequence[str] | None, where: str) -> int:
    """Return the number of a column."""
    if isinstance(column, str):
        if names is None or column not in names:
            hint = suggestion(column, names) if names else " (the file has no header; give the column's number)"
            raise InputError(f'{where}: there is no column "{column}"{hint}')
        return list(names).index(column)
    if isinstance(column, bool) or not isinstance(column, int) or column < 0:
        raise InputError(f"{option} = {column!r} is neither a column's name nor its number from 0")
    return column
