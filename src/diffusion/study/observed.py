"""Reading observed cascades: one row per post (docs/data.md)."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError, suggestion
from diffusion.graphs.files import path_of, read_unpacked
from diffusion.study.samples import UNKNOWN, CascadeSample, Floats, Positions, codes, generations, parent_rows

NEEDED = ("cascade", "user", "seconds")
OPTIONAL = ("parent", "followers")
Repeats = Literal["refuse", "first"]

LAYOUTS: dict[str, tuple[dict[str, str], Repeats]] = {
    "evently": ({"seconds": "time", "followers": "magnitude"}, "first"),
}
"""Layouts known by name: what the columns are called there, and what is done about users who share again.

``evently``: the cascades of the R package of that name (Kong, Ram & Rizoiu 2021), with columns of users and cascades.
"""

_PARQUET = b"PAR1"
_SIGNS = (",", "\t", ";")


def read_cascades(
    path: str | os.PathLike[str],
    *,
    layout: str | None = None,
    columns: Mapping[str, str] | None = None,
    repeats: Repeats | None = None,
) -> CascadeSample:
    """Read observed cascades from a text of columns (plain, .gz, .xz or .bz2) or a Parquet file.

    Parameters
    ----------
    path : path
        One row per post, with columns ``cascade``, ``user`` and ``seconds`` (after the cascade's source), and perhaps
        ``parent`` (the user of the same cascade whose post was shared; empty for the source) and ``followers``.
    layout : str, optional
        A layout known by name (`LAYOUTS`).
    columns : mapping, optional
        What a column is called in the file: ``{"seconds": "time"}``; after the layout's own.
    repeats : {"refuse", "first"}, optional
        What is done about a user who stands twice in a cascade: by default (unless the layout says otherwise) the file
        is refused; with "first" the earliest post counts.

    Returns
    -------
    CascadeSample
        Without a column of parents, `CascadeSample.parent` is None, and a cascade's source is its first row at 0
        seconds.

    Raises
    ------
    InputError
        In one line, with the row: for missing columns, empty names, numbers that are none, times before the source's
        or the parent's, users that stand twice, unknown parents, circles, and cascades without a source or with two.
    """
    place = path_of("path", path)
    where = f'cascades "{place}"'
    named, kept = _layout(layout, where)
    named = {**named, **_checked_columns(columns or {}, where)}
    table = _table(read_unpacked(place, "cascades"), where)
    reading = _Reading(where, table, {name: named.get(name, name) for name in (*NEEDED, *OPTIONAL)}, set(named))
    return reading.sample(repeats or kept)


def _layout(layout: str | None, where: str) -> tuple[dict[str, str], Repeats]:
    if layout is None:
        return {}, "refuse"
    if layout not in LAYOUTS:
        raise InputError(f'{where}: there is no layout "{layout}"{suggestion(layout, LAYOUTS)}')
    return LAYOUTS[layout]


def _checked_columns(columns: Mapping[str, str], where: str) -> dict[str, str]:
    known = (*NEEDED, *OPTIONAL)
    for name in columns:
        if name not in known:
            raise InputError(f'{where}: there is no column "{name}" to be named{suggestion(name, known)}')
    return dict(columns)


def _table(content: bytes, where: str) -> Any:
    """Return the file as a pyarrow.Table; the columns of a text stay texts."""
    import pyarrow as pa
    import pyarrow.csv as pacsv
    import pyarrow.parquet as pq

    try:
        if content.startswith(_PARQUET):
            return pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
        first = content[: content.find(b"\n")].decode("utf-8-sig")
        sign = max(_SIGNS, key=first.count)
        names = {name.strip().strip('"'): pa.string() for name in first.rstrip("\r").split(sign)}
        return pacsv.read_csv(
            io.BytesIO(content),
            read_options=pacsv.ReadOptions(use_threads=False),
            parse_options=pacsv.ParseOptions(delimiter=sign),
            convert_options=pacsv.ConvertOptions(column_types=names, strings_can_be_null=True, null_values=[""]),
        )
    except UnicodeDecodeError:
        raise InputError(f"{where} is neither a text in UTF-8 nor Parquet; give a CSV file, plain or packed") from None
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{where}: {' '.join(str(error).split())}") from None


class _Reading:
    """A file under way: its columns, and where a message says that something is wrong."""

    def __init__(self, where: str, table: Any, named: dict[str, str], asked: set[str]) -> None:
        self.where = where
        self.named = named
        if not table.num_rows:
            raise InputError(f"{where} has a header and no rows")
        self.table = table
        self.has = {name: self._is_there(name, name in asked or name in NEEDED) for name in named}
        self.row = np.arange(table.num_rows)
        """The row of the file, from 0 below the header, that each kept row was."""

    def _is_there(self, name: str, needed: bool) -> bool:
        column, known = self.named[name], self.table.column_names
        if column in known:
            return True
        if needed:
            what = f'no column "{column}"' + (f" (of {name})" if column != name else "")
            raise InputError(f"{self.where}: {what}{suggestion(column, known)}; name it with --columns {name}=COLUMN")
        return False

    def fault(self, at: int, text: str) -> InputError:
        """Return the error about a kept row."""
        return InputError(f"{self.where}: row {self.row[at] + 1} below the header: {text}")

    def value(self, name: str, at: int) -> Any:
        """Return what stands in the file in a column of a kept row."""
        return self.table[self.named[name]][int(self.row[at])].as_py()

    def sample(self, repeats: Repeats) -> CascadeSample:
        """Check everything and return the cascades."""
        texts = {}
        for name in (c for c in ("cascade", "user", "parent") if self.has[c]):
            texts[name] = _texts(self.table[self.named[name]])
            if name != "parent":
                self._check_present(name, texts[name])
        seconds = self._numbers("seconds")
        if self.has["followers"]:
            followers = self._numbers("followers")
        else:
            followers = np.full(seconds.size, np.nan)
        (tree,) = codes(texts["cascade"])
        user, *above = codes(*(texts[c] for c in ("user", "parent") if c in texts))
        kept, notes = self._without_repeats(tree, user, seconds, repeats)
        self.row = self.row[kept]
        tree, seconds = tree[kept], seconds[kept]
        parent = parent_rows(tree, user[kept], above[0][kept]) if above else None
        return self._ordered(tree, seconds, followers[kept], parent, notes)

    def _check_present(self, name: str, column: Any) -> None:
        if column.null_count:
            at = int(np.flatnonzero(column.is_null().to_numpy())[0])
            raise self.fault(at, f'"{self.named[name]}" is empty; every post has a {name}')

    def _numbers(self, name: str) -> Floats:
        """Return a column of numbers >= 0; empty followers are NaN (not known)."""
        import pyarrow as pa
        import pyarrow.compute as pc

        column = self.table[self.named[name]]
        try:
            values = pc.cast(column, pa.float64()).to_numpy()
        except pa.ArrowException:
            values = np.array([_number(cell) for cell in column.to_pylist()])
        missing = column.is_null(nan_is_null=pa.types.is_floating(column.type)).to_numpy()
        wrong = ~(np.isfinite(values) & (values >= 0)) & ~(missing if name == "followers" else False)
        if wrong.any():
            at = int(np.flatnonzero(wrong)[0])
            cell = self.value(name, at)
            shown = "is empty" if cell is None else f'= "{cell}"'
            unit = "seconds after the cascade's source" if name == "seconds" else "a number of followers"
            raise self.fault(at, f"{self.named[name]} {shown}: give {unit}, a number >= 0")
        return values

    def _without_repeats(
        self, tree: Positions, user: Positions, seconds: Floats, repeats: Repeats
    ) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
        """Return which rows count."""
        order = np.lexsort((seconds, user, tree))
        again = np.zeros(tree.size, dtype=np.bool_)
        again[order[1:]] = (np.diff(tree[order]) == 0) & (np.diff(user[order]) == 0)
        if repeats == "refuse" and again.any():
            at = int(np.flatnonzero(again)[0])
            text = f'user "{self.value("user", at)}" stands twice in cascade "{self.value("cascade", at)}"'
            raise self.fault(at, f"{text}; --repeats first keeps the earliest")
        left = int(np.count_nonzero(again))
        if not left:
            return ~again, ()
        return ~again, (f"{left} posts by users who had posted in the same cascade before were left out",)

    def _ordered(
        self,
        tree: Positions,
        seconds: Floats,
        followers: Floats,
        parent: Positions | None,
        notes: tuple[str, ...],
    ) -> CascadeSample:
        """Check sources, parents and times, and put the sources first."""
        source = self._sources(tree, seconds, parent)
        if parent is not None:
            self._check_parents(seconds, parent)
        order = np.lexsort((seconds, ~source, tree))
        if parent is not None:
            place = np.empty_like(order)
            place[order] = np.arange(order.size)
            parent = np.where(parent[order] < 0, -1, place[parent[order]])
        else:
            notes += ("no column of parents: parent delays, depth and virality are not compared",)
        n = int(tree.max()) + 1
        return CascadeSample(
            tree=tree[order],
            seconds=seconds[order],
            followers=followers[order],
            parent=parent,
            unit=np.arange(n),
            unit_name="cascades",
            follow_up=np.full(n, np.inf),
            source=self.where.removeprefix("cascades "),
            notes=notes,
        )

    def _sources(self, tree: Positions, seconds: Floats, parent: Positions | None) -> NDArray[np.bool_]:
        """Return which rows are sources: exactly one in each cascade."""
        may_be = seconds == 0 if parent is None else parent == -1
        rows = np.flatnonzero(may_be)
        found, first, times = np.unique(tree[rows], return_index=True, return_counts=True)
        without = np.setdiff1d(np.arange(tree.max() + 1), found)
        if without.size:
            at = int(np.flatnonzero(tree == without[0])[0])
            wanted = "a row at 0 seconds" if parent is None else "a row without a parent"
            raise self.fault(at, f'cascade "{self.value("cascade", at)}" has no source; give {wanted}')
        source = np.zeros(tree.size, dtype=np.bool_)
        source[rows[first]] = True
        if parent is not None and (times > 1).any():
            at = int(np.flatnonzero(may_be & ~source)[0])
            raise self.fault(at, f'cascade "{self.value("cascade", at)}" has a second row without a parent')
        late = np.flatnonzero(source & (seconds > 0))
        if late.size:
            at = int(late[0])
            raise self.fault(at, f"the source has seconds = {seconds[at]:g}; give seconds after the source, 0 for it")
        return source

    def _check_parents(self, seconds: Floats, parent: Positions) -> None:
        unknown = np.flatnonzero(parent == UNKNOWN)
        if unknown.size:
            at = int(unknown[0])
            above, cascade = self.value("parent", at), self.value("cascade", at)
            raise self.fault(at, f'parent "{above}" has no post in cascade "{cascade}"')
        circle = np.flatnonzero(generations(parent) < 0)
        if circle.size:
            raise self.fault(int(circle[0]), f'the parents of "{self.value("user", int(circle[0]))}" go in a circle')
        child = np.flatnonzero(parent >= 0)
        early = child[seconds[child] < seconds[parent[child]]]
        if early.size:
            at = int(early[0])
            above = seconds[parent[at]]
            text = f'shared at {seconds[at]:g} s, before its parent "{self.value("parent", at)}" ({above:g} s)'
            raise self.fault(at, f"{text}; a share comes after what it shares")


def _texts(column: Any) -> Any:
    """Return a column as texts; empty ones and NaN are missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    missing = column.is_null(nan_is_null=pa.types.is_floating(column.type))
    texts = column.cast(pa.string())
    return pc.if_else(pc.or_(missing, pc.equal(texts, "").fill_null(True)), pa.scalar(None, pa.string()), texts)


def _number(cell: Any) -> float:
    try:
        return float(cell)
    except (TypeError, ValueError):
        return float("nan")
