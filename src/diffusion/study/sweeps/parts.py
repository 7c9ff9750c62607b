"""Parts of a sweep's store: a few hundred rows in a file that is named by the hash of its bytes.

The name is the check: a part that was cut short or changed anywhere does not hash to its name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.study.cascade_tables import Table
from diffusion.study.sweeps.durable import digest, write_durably

RUN, SECONDS = "run", "seconds"
PART = re.compile(r"[0-9a-f]{32}\.parquet")
_ABOUT = b"diffusion"


class Row(NamedTuple):
    """What is kept of one run.

    Attributes
    ----------
    run : str
        Its key: 32 hexadecimal digits.
    measures : dict of float by name
        See `diffusion.measures.wide_row`.
    seconds : float
        How long it took.
    """

    run: str
    measures: dict[str, float]
    seconds: float


class DamagedPart(Exception):
    """A part whose bytes are not those that were written."""


class Part(NamedTuple):
    """A part that has been read and found sound.

    Attributes
    ----------
    path : Path
    rows : Table
    about : dict
        ``model_version`` and ``writers``: who wrote it (see `diffusion.study.provenance`).
    """

    path: Path
    rows: Table
    about: dict[str, Any]


def rows_table(rows: Sequence[Row]) -> Table:
    """Return rows as a table: `run`, `seconds`, then the measures by name; what a row does not have is null."""
    import pyarrow as pa

    columns = {
        RUN: pa.array([row.run for row in rows], pa.string()),
        SECONDS: pa.array([row.seconds for row in rows], pa.float64()),
    }
    for name in sorted({name for row in rows for name in row.measures}):
        columns[name] = pa.array([row.measures.get(name) for row in rows], pa.float64())
    return pa.table(columns)


def write_part(folder: Path, rows: Table, about: dict[str, Any]) -> Path:
    """Write rows as a part and return where it lies.

    Raises
    ------
    OSError
        If it cannot be written; nothing is then left of it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    told = json.dumps(about, sort_keys=True, ensure_ascii=False).encode()
    stream = pa.BufferOutputStream()
    pq.write_table(rows.replace_schema_metadata({_ABOUT: told}), stream, compression="zstd")
    data = stream.getvalue().to_pybytes()
    place = folder / f"{digest(data)}.parquet"
    write_durably(place, data)
    return place


def read_part(path: Path, columns: Sequence[str] | None = None) -> Part:
    """Read a part, whole or some of its columns (those that it has; `run` is always among them).

    Raises
    ------
    DamagedPart
        If it does not hash to its name, or is no part.
    FileNotFoundError
        If it is gone: another program has put it into a larger one.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:  # the disk gives back nothing, or nobody may read it
        raise DamagedPart(str(error)) from None
    if f"{digest(data)}.parquet" != path.name:
        raise DamagedPart("its bytes do not hash to its name")
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        about = json.loads(file.schema_arrow.metadata[_ABOUT])
        names = file.schema_arrow.names
        wanted = [name for name in names if columns is None or name == RUN or name in columns]
        rows = file.read(wanted, use_threads=False)
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        raise DamagedPart(str(error)) from None
    if RUN not in names:
        raise DamagedPart(f'it has no column "{RUN}"')
    return Part(path, rows.replace_schema_metadata(None), about)


def part_paths(folder: Path) -> list[Path]:
    """Return the parts that lie in a folder, by name."""
    return sorted(path for path in folder.iterdir() if PART.fullmatch(path.name))


class Repeated(NamedTuple):
    """How rows of the same key agree.

    Attributes
    ----------
    kept : (k,) int64
        The first row of every key that all its rows agree on, in the order of the keys.
    conflicts : set of str
        Keys whose rows differ in a measure.
    """

    kept: NDArray[np.int64]
    conflicts: set[str]


def agreeing(rows: Table) -> Repeated:
    """Find the rows to be served: one of each key, and none of a key whose rows differ in any bit of a measure.

    Times of runs (`seconds`) are no measure.
    """
    runs = rows.column(RUN).to_numpy().astype("S32")
    order = np.argsort(runs, kind="stable")
    ordered = runs[order]
    first = np.r_[True, ordered[1:] != ordered[:-1]] if runs.size else np.zeros(0, dtype=bool)
    if first.all():
        return Repeated(order, set())
    group = np.cumsum(first) - 1
    starts = order[first]
    again, its_first = order[~first], starts[group[~first]]
    differs = np.zeros(again.size, dtype=bool)
    for name in rows.column_names:
        if name not in (RUN, SECONDS):
            bits, absent = _bits(rows.column(name))
            differs |= (bits[again] != bits[its_first]) | (absent[again] != absent[its_first])
    wrong = np.unique(group[~first][differs])
    kept = np.delete(starts, wrong)
    return Repeated(kept, {key.decode() for key in runs[starts[wrong]].tolist()})


def picked(rows: Table, places: Any) -> Table:
    """Return some rows, column by column: each column of `rows` may go as soon as it has been copied."""
    import pyarrow as pa

    columns = {}
    for name in rows.column_names:
        columns[name] = rows.column(name).combine_chunks().take(pa.array(places))
        rows = rows.drop_columns([name])
    return pa.table(columns)


def _bits(column: Any) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """Return values as they lie in memory (0 where there is none), and where there is none."""
    absent = column.is_null().to_numpy()
    return column.fill_null(0.0).to_numpy().view(np.uint64), absent
