"""Reading links from tables: Parquet files, and data frames that hand themselves over as Arrow (pandas, polars, …)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError
from diffusion.graphs.columns import LinkColumns, Wanted, fields_of
from diffusion.graphs.follower_graph import FollowerGraph
from diffusion.graphs.labels import as_labels, number_links
from diffusion.graphs.meaning import orient
from diffusion.graphs.moments import read_moments


def read_parquet(content: bytes, wanted: Wanted, where: str) -> LinkColumns:
    """Read the links of a Parquet file.

    Parameters
    ----------
    content : bytes
        The whole file.
    wanted : Wanted
        The columns that are asked for; the others are not read.
    where : str
        The file, for messages.

    Raises
    ------
    InputError
        For a broken file, columns that are not there or of another kind, missing ids.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        fields = _fields(wanted, file.schema_arrow.names, where)
        names = [file.schema_arrow.names[place] for place in np.flatnonzero(fields >= 0)]
        table = file.read(columns=names, use_threads=False)
    except (pa.ArrowException, OSError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{where} is a broken Parquet file: {reason}; write it again") from None
    return _read_table(table, fields[fields >= 0], wanted, where)


def from_table(
    table: Any,
    *,
    meaning: str,
    columns: tuple[int | str, int | str] | None = None,
    weight: int | str | None = None,
    since: int | str | None = None,
    until: int | str | None = None,
    clock: str | None = None,
) -> FollowerGraph:
    """Build a follower graph from a data frame with one link per row.

    Parameters
    ----------
    table : data frame
        pandas (2.2 or newer), polars, pyarrow, or anything else that hands itself over by the Arrow PyCapsule
        interface (``__arrow_c_stream__``).
    meaning, columns, weight, since, until, clock
        As `read_graph` takes them; `columns` are by default the first two.

    Raises
    ------
    InputError
        If the object is no such table, a column is missing or of another kind, or an id is missing.
    """
    import pyarrow as pa

    orient(None, None, meaning)
    kind = type(table).__name__
    if not hasattr(table, "__arrow_c_stream__"):
        raise InputError(
            f"{kind} is not a table known here; give a data frame of pandas (2.2 or newer), polars or pyarrow"
        )
    where = f"{kind} of links"
    try:
        arrow = pa.table(table)
    except (pa.ArrowException, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{where}: {reason}; a column holds values of one kind") from None
    wanted = Wanted(columns, weight, since, until, clock)
    fields = _fields(wanted, arrow.column_names, where)
    kept = np.flatnonzero(fields >= 0)
    links = _read_table(arrow.select(kept.tolist()), fields[kept], wanted, where)
    graph = links.graph(meaning, f"from a {kind}")
    if not graph.n_links:
        raise InputError(f"{where}: in all {graph.dropped.self_loops} rows somebody follows themself")
    return graph


def _fields(wanted: Wanted, names: list[str], where: str) -> NDArray[np.int64]:
    """Return which field every column holds, after checking that they are there."""
    fields = fields_of(wanted, names, where)
    if fields.size > len(names):
        raise InputError(f"{where} has {len(names)} columns ({', '.join(names)}) and {fields.size} are needed")
    return fields


def _read_table(table: Any, fields: NDArray[np.int64], wanted: Wanted, where: str) -> LinkColumns:
    """Read a table whose columns hold the given fields."""
    by_field = dict(zip(fields.tolist(), zip(table.column_names, table.columns)))
    if not table.num_rows:
        raise InputError(f"{where} has no links: it has no rows")
    labels, first, second = _ids(by_field[0], by_field[1], where)
    weights = _weights(by_field[2], where) if 2 in by_field else None
    times = {name: _times(by_field[field], where) for name, field in (("since", 3), ("until", 4)) if field in by_field}

    def cite(_name: str, row: int) -> str:
        return f"{where}: row {row}"

    moments = read_moments(times.get("since"), times.get("until"), wanted.clock, cite)
    return LinkColumns(labels, first, second, weights, moments)


def _ids(first: tuple[str, Any], second: tuple[str, Any], where: str) -> tuple[Any, Any, Any]:
    """Number the ids by rank."""
    import pyarrow as pa

    kinds = []
    for name, column in (first, second):
        if column.null_count:
            row = _first(column.is_null())
            raise InputError(f'{where}: row {row}: column "{name}" has no id; a link needs two ids')
        value = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        textual = pa.types.is_string(value) or pa.types.is_large_string(value) or pa.types.is_string_view(value)
        if not textual and not pa.types.is_integer(value):
            raise InputError(f'{where}: column "{name}" is of kind {column.type}; ids are integers or texts')
        kinds.append(pa.large_string() if textual else pa.uint64() if pa.types.is_uint64(value) else pa.int64())
    if kinds[0] != kinds[1] and pa.large_string() in kinds:
        raise InputError(f'{where}: of columns "{first[0]}" and "{second[0]}" one holds texts; use one kind of ids')
    columns = [column.cast(kind) for (_, column), kind in zip((first, second), kinds, strict=True)]
    if pa.large_string() not in kinds:
        names = f'{where}: column "{{}}"'
        ends = [as_labels(c.to_numpy(), names.format(n)) for c, (n, _) in zip(columns, (first, second), strict=True)]
        return number_links(*ends)
    coded = pa.chunked_array([*columns[0].chunks, *columns[1].chunks]).combine_chunks().dictionary_encode()
    labels = as_labels(coded.dictionary.to_numpy(zero_copy_only=False), f"{where}: ids")
    order = np.argsort(labels, kind="stable")
    rank = np.empty(order.size, np.uint32)
    rank[order] = np.arange(order.size, dtype=np.uint32)
    codes = rank[coded.indices.to_numpy()]
    return labels[order], codes[: len(columns[0])], codes[len(columns[0]) :]


def _weights(named: tuple[str, Any], where: str) -> NDArray[np.float64]:
    import pyarrow as pa

    name, column = named
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type) or pa.types.is_decimal(column.type)):
        raise InputError(f'{where}: column "{name}" is of kind {column.type}; weights are finite numbers >= 0')
    values: NDArray[np.float64] = column.cast(pa.float64(), safe=False).to_numpy()
    bad = ~(np.isfinite(values) & (values >= 0) & (values <= np.finfo(np.float32).max))
    if bad.any():
        row = int(np.argmax(bad))
        shown = "nothing" if column[row].as_py() is None else values[row]
        raise InputError(f'{where}: row {row}: column "{name}" has {shown}, not a weight (a finite number >= 0)')
    return values


def _times(named: tuple[str, Any], where: str) -> NDArray[Any]:
    """Return a column of times as numbers, dates or texts."""
    import pyarrow as pa

    name, column = named
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        raise InputError(f'{where}: column "{name}" has the time zone {kind.tz}; give local times without one')
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        seconds = column.cast(pa.timestamp("us"), safe=False).to_numpy()
        return seconds.astype("datetime64[s]")  # numpy rounds down
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return np.array([text or "" for text in column.to_pylist()], np.str_)
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        numbers: NDArray[np.float64] = column.cast(pa.float64(), safe=False).fill_null(math.nan).to_numpy()
        return numbers
    raise InputError(f'{where}: column "{name}" is of kind {column.type}; times are seconds, or dates and times')


def _first(mask: Any) -> int:
    return int(np.argmax(mask.to_numpy()))
