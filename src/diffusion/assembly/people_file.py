"""Reading `people.file`: CSV or Parquet, a row per person, with errors that name the file, the row and the column."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from difflib import get_close_matches
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError, suggestion
from diffusion.graphs.files import read_unpacked
from diffusion.world.persons import AGE_BAND

LABEL = "label"


class Bounds(NamedTuple):
    """What the numbers of a column may be."""

    low: float
    high: float
    text: str


_SHARE = Bounds(0.0, 1.0, "a number from 0 to 1")
_TRUST = Bounds(0.01, 0.99, "a trust between .01 and .99")
_YES_NO = Bounds(0.0, 1.0, "0 or 1")
NUMBERS: dict[str, Bounds] = {
    "age": Bounds(0.0, 130.0, "an age in years, from 0 to 130"),
    "activity": Bounds(1e-6, 1e6, "a factor from 1e-6 to 1e6"),
    "propensity": Bounds(0.0, 1e6, "a number from 0 to 1e6"),
    "credulity": Bounds(0.0, 1.0, "a probability from 0 to 1"),
}
"""Columns of numbers that the model reads."""

TEXTS = ("place",)
"""Columns that are texts, also where they look like numbers."""

PREFIXES: dict[str, Bounds] = {"trust": _TRUST, "member": _YES_NO, "diet": _SHARE, "role": _YES_NO}
"""Columns `prefix:name`."""

KNOWN = (LABEL, *NUMBERS, *TEXTS, "leaning", "community")
_LIKENESS = 0.8
"""From how alike a column's name counts as a misspelt one of `KNOWN`."""


@dataclass(frozen=True)
class PeopleFile:
    """The rows of a file of persons.

    Attributes
    ----------
    where : str
        The file, for messages.
    labels : (r,) int64 or texts
        Each once; whole numbers if all of them are.
    spelled : (r,) texts
        The labels as they stand in the file.
    columns : dict of (r,) arrays
        Numbers (NaN where a cell is empty), whole numbers, or texts ("" where a cell is empty).
    """

    where: str
    labels: NDArray[Any]
    spelled: NDArray[np.str_]
    columns: dict[str, NDArray[Any]] = field(default_factory=dict)

    def row(self, at: int) -> str:
        """Cite a row, counted from 1 below the names of the columns."""
        return f"row {at + 1} ({_quoted(self.labels[at].item())})"

    def named(self, prefix: str) -> list[str]:
        """Return the names behind a prefix, in the order of the columns."""
        return [name.removeprefix(f"{prefix}:") for name in self.columns if name.startswith(f"{prefix}:")]


def _quoted(label: Any) -> str:
    return f'"{label}"' if isinstance(label, str) else str(label)


def read_people(path: str) -> PeopleFile:
    """Read a file of persons.

    Parameters
    ----------
    path : str
        CSV (comma, semicolon or tab; plain or packed) with the names of the columns in its first row, or Parquet.

    Raises
    ------
    InputError
        For a file that is missing, broken or none of these, without a column `label`, with two rows of one label, an
        unknown `prefix:`, a misspelt known column, or a cell that is no fitting number; the message names the row.
    """
    where = f'people "{path}"'
    content = read_unpacked(Path(path), "people")
    table = _parquet(content, where) if content.startswith(b"PAR1") else _csv(content, where)
    _check_names(table.column_names, where)
    if not table.num_rows:
        raise InputError(f"{where} has no rows below the names of its columns")
    people = PeopleFile(where, *_labels(table.column(LABEL), where))
    for name in table.column_names:
        if name != LABEL:
            people.columns[name] = _column(people, name, table.column(name))
    return people


# --- from bytes to a table --------------------------------------------------------------------------------------------


def _parquet(content: bytes, where: str) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(BytesIO(content)).read(use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{where} is damaged: {_one_line(error)}") from None


def _csv(content: bytes, where: str) -> Any:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    try:
        head = content.partition(b"\n")[0].decode("utf-8-sig")
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{where}: line {line}: byte {content[error.start]:#04x} is not UTF-8 text") from None
    delimiter = max(",;\t", key=head.count)
    names = next(csv.reader([head], delimiter=delimiter), [])
    _check_names(names, where)
    broken: list[str] = []

    def note(row: Any) -> str:
        broken.append(
            f"row {row.number - 1} has {row.actual_columns} cells, but there are {row.expected_columns} columns"
        )
        return "skip"

    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(content),
            read_options=arrow_csv.ReadOptions(use_threads=False),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, invalid_row_handler=note),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowException as error:
        raise InputError(f"{where}: {_one_line(error)}") from None
    if broken:
        raise InputError(f"{where}: {broken[0]}")
    return table


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]


def _check_names(names: list[str], where: str) -> None:
    """Refuse a table without labels, with two columns of one name, and what looks like a misspelt known column."""
    if LABEL not in names:
        raise InputError(f'{where} has no column "{LABEL}"{suggestion(LABEL, names)}')
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(f'{where} has two columns "{twice[0]}"')
    for name in names:
        prefix, colon, rest = name.partition(":")
        near = get_close_matches(name.lower(), KNOWN, n=1, cutoff=_LIKENESS)
        if not name.strip():
            raise InputError(f"{where} has a column without a name")
        if colon and (prefix not in PREFIXES or not rest):
            raise InputError(f'{where}: column "{name}": "{prefix}:" is not known{suggestion(prefix, PREFIXES)}')
        if name == AGE_BAND:
            raise InputError(f'{where}: column "{name}" is made from "age"; call yours otherwise')
        if not colon and name not in KNOWN and near:
            raise InputError(f'{where}: column "{name}": did you mean "{near[0]}"? If not, call it otherwise')


# --- from cells to values ---------------------------------------------------------------------------------------------


def _labels(column: Any, where: str) -> tuple[NDArray[Any], NDArray[np.str_]]:
    import pyarrow as pa

    cells = _texts(column, where, LABEL)
    empty = np.flatnonzero(cells == "")
    if empty.size:
        raise InputError(f"{where}: row {empty[0] + 1}: the label is empty; every row needs one")
    first: dict[Any, int] = {}
    spelled = cells.astype(np.str_)
    try:
        labels: NDArray[Any] = pa.array(cells).cast(pa.int64()).to_numpy()
    except pa.ArrowInvalid:
        labels = spelled
    if np.unique(labels).size < labels.size:
        for at, label in enumerate(labels.tolist()):
            if label in first:
                rows = f"rows {first[label] + 1} and {at + 1}"
                raise InputError(f"{where}: the label {_quoted(label)} stands in {rows}; one row per person")
            first[label] = at
    return labels, spelled


def _texts(column: Any, where: str, name: str) -> NDArray[Any]:
    """Return the cells as texts without blanks around them, (r,) objects; a missing one is ""."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or _is_number(kind) or pa.types.is_null(kind)):
        raise InputError(f'{where}: column "{name}" holds values of kind {column.type}; give numbers or texts')
    if pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    texts = pc.utf8_trim_whitespace(pc.fill_null(column.cast(pa.string()), ""))
    return np.array(texts.to_pylist(), dtype=object)


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    is_some = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_decimal)
    return any(test(kind) for test in is_some)


def _column(people: PeopleFile, name: str, column: Any) -> NDArray[Any]:
    prefix, colon, _ = name.partition(":")
    bounds = PREFIXES[prefix] if colon else NUMBERS.get(name)
    cells = _texts(column, people.where, name)
    if bounds is None:
        return cells.astype(np.str_) if name in TEXTS else _kept(people, name, cells)
    values = _floats(cells)
    wrong = (cells != "") & ~((values >= bounds.low) & (values <= bounds.high))
    if bounds is _YES_NO:
        wrong |= (cells != "") & (values != 0) & (values != 1)
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        empty = (
            "; leave the cell empty if it is not known" if cells[at].lower() in ("nan", "na", "null", "none") else ""
        )
        shown = cells[at][:60]
        raise InputError(f'{people.where}: {people.row(at)}: {name} = "{shown}" is not {bounds.text}{empty}')
    return values


def _kept(people: PeopleFile, name: str, cells: NDArray[Any]) -> NDArray[Any]:
    """Return a column that the model does not read: whole numbers, numbers (NaN where empty), or texts."""
    import pyarrow as pa

    if not (cells == "").any():
        try:
            return np.asarray(pa.array(cells).cast(pa.int64()).to_numpy())
        except pa.ArrowInvalid:
            pass
    values = _floats(cells)
    broken = np.isnan(values) & (cells != "")
    if not broken.any() and np.isfinite(values[cells != ""]).all() and (cells != "").any():
        return values
    odd = [at for at in np.flatnonzero(broken) if cells[at].lower() == "nan"]
    if odd and not (broken & (np.char.lower(cells.astype(np.str_)) != "nan")).any():
        text = f'{name} = "{cells[odd[0]]}" is not a number; leave the cell empty if it is not known'
        raise InputError(f"{people.where}: {people.row(int(odd[0]))}: {text}")
    return cells.astype(np.str_)


def _floats(cells: NDArray[Any]) -> NDArray[np.float64]:
    """Return the cells as numbers, NaN where one is empty or not a number."""
    try:
        return np.where(cells == "", "nan", cells).astype(np.float64)
    except ValueError:
        return np.array([_float(cell) for cell in cells])


def _float(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")
