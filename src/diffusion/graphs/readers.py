"""Reading follower graphs from link lists (SNAP text, CSV, TSV; plain or packed) and from stored graphs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError
from diffusion.graphs import _parse, storage
from diffusion.graphs.files import check_exists, read_unpacked
from diffusion.graphs.follower_graph import FollowerGraph
from diffusion.graphs.labels import Labels, compact, number_links
from diffusion.graphs.layout import Layout, find_layout, line_at, text_at
from diffusion.graphs.meaning import MEANINGS, orient

_LONGEST_LABEL = 1000
_MATRIX_MARKET = b"%%MatrixMarket"
_FOREIGN = {b"PK\x03\x04": "a zip archive", b"PAR1": "a Parquet file", b"\x89HDF": "an HDF5 file"}


class _Links(NamedTuple):
    """Two columns of ranks, the labels behind them, and the weights."""

    labels: Labels
    first: NDArray[np.uint32]
    second: NDArray[np.uint32]
    weights: NDArray[np.float64] | None
    remarks: tuple[str, ...] = ()


def read_graph(
    path: str | os.PathLike[str],
    *,
    meaning: str | None = None,
    weight: int | str | None = None,
    header: bool | None = None,
    delimiter: str | None = None,
    comments: tuple[str, ...] = ("#", "%"),
) -> FollowerGraph:
    """Read a follower graph from a file.

    A link list has one link per row: two ids, then perhaps a weight. Ids are 64-bit integers or texts (UTF-8); if any
    id is not an integer, all are texts. gzip, xz and bzip2 are recognised by content. A graph stored by `write_graph`
    (an .npz file or a folder) is mapped into memory and not copied. What was dropped, and how the file was understood,
    stands in the graph's `notes`.

    Parameters
    ----------
    path : str or path
        The file, or the folder of a stored graph.
    meaning : str
        What the first two columns are: "follower,followed", "followed,follower", "source,target" (of information) or
        "mutual". Needed for link lists, left out for stored graphs.
    weight : int or str, optional
        Column of the weights: its number from 0, or its name in the header.
    header : bool, optional
        Whether the first row names the columns; by default found out. A first row counts as a header if it has texts
        (or more columns, not all integers) where the next row has integer ids, or if it has two usual names of columns.
    delimiter : str, optional
        "," or any other sign; " " for runs of blanks. By default comma, tab, semicolon or blanks, whichever is there.
    comments : tuple of str
        Rows that start so are left out.

    Raises
    ------
    InputError
        If the file is missing, broken, or not what the arguments say; the message names the line and the value.
    """
    place = Path(path)
    check_exists(place, "graph")
    where = f'graph "{path}"'
    if storage.is_stored(place):
        if (meaning, weight, header, delimiter) != (None, None, None, None):
            raise InputError(f"{where} is a stored graph, which knows its directions and weights; give only its path")
        return storage.load(place)
    if meaning is None:
        raise InputError(f"{where}: say with meaning=... what a row means: {', '.join(MEANINGS)}")
    orient(None, None, meaning)
    buf = _readable(read_unpacked(place, "graph"), where)
    layout = find_layout(buf, where, weight=weight, header=header, delimiter=delimiter, comments=comments)
    links = _read_links(buf, layout, where)
    followed, follower, mutual = orient(links.first, links.second, meaning)
    graph = FollowerGraph.from_ranks(
        followed,
        follower,
        links.labels.size,
        weights=links.weights,
        labels=compact(links.labels),
        mutual=mutual,
        origin=(f'read from "{place.name}" as {meaning}', *layout.remarks, *links.remarks),
    )
    if not graph.n_links:
        raise InputError(f"{where} has no links: in all {graph.dropped.self_loops} rows somebody follows themself")
    return graph


def _readable(content: bytes, where: str) -> NDArray[np.uint8]:
    """Return text as bytes that end with a line feed; raise InputError for what is no text."""
    for start, kind in _FOREIGN.items():
        if content.startswith(start):
            raise InputError(f"{where} is {kind}, not a text of links")
    if content.startswith(_MATRIX_MARKET):
        raise InputError(f"{where} is a Matrix Market file; use scipy.io.mmread and FollowerGraph.from_scipy")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{where} is text in UTF-16; save it as UTF-8")
    nul = content.find(b"\0")
    if nul >= 0:
        raise InputError(f"{where} is not a text: byte {nul} is NUL; give a text of links, packed or plain")
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    buf = np.empty(len(content) + 1, np.uint8)
    buf[:-1] = np.frombuffer(content, np.uint8)
    buf[-1] = 10
    return buf


def _read_links(buf: NDArray[np.uint8], layout: Layout, where: str) -> _Links:
    """Read all rows: plain integer columns by the fast path, everything else by the general one."""
    most = int(np.count_nonzero(buf[layout.start :] == 10))
    if layout.dialect.weight_column < 0:
        columns = np.empty((2, most), np.int64)
        first, second = columns
        rows = _parse.plain_integers(buf, layout.start, layout.dialect, first, second)
        if rows >= 0:
            return _Links(*number_links(first[:rows], second[:rows]), None)
        del columns, first, second
    spans = np.empty((most, 4), np.int64)
    weights = np.empty(most if layout.dialect.weight_column >= 0 else 0, np.float64)
    status, rows, start, end = _parse.find_fields(buf, layout.start, layout.dialect, spans, weights)
    if status != _parse.PARSE_OK:
        raise InputError(f"{where}: line {line_at(buf, start)}: {_breach(buf, status, start, end, layout)}")
    spans, kept = spans[:rows], weights[:rows] if layout.dialect.weight_column >= 0 else None
    values = np.empty((rows, 2), np.int64)
    text_id, large_id = _parse.integers_of(buf, spans, values)
    if text_id < 0:
        if large_id >= 0:
            line, value = _cite(buf, spans, large_id)
            raise InputError(
                f'{where}: line {line}: the id "{value}" does not fit in 64 bits (signed); shorten such ids'
            )
        return _Links(*number_links(values[:, 0].copy(), values[:, 1].copy()), kept)
    line, value = _cite(buf, spans, text_id)
    remark = f'ids are texts: "{value}" in line {line} is not an integer'
    return _Links(*_number_texts(buf, spans, where), kept, (remark,))


def _cite(buf: NDArray[np.uint8], spans: NDArray[np.int64], field: int) -> tuple[int, str]:
    """Return the line and the text of a field given as 2 * row + column."""
    start, end = spans[field // 2, 2 * (field % 2) : 2 * (field % 2) + 2]
    return line_at(buf, int(start)), text_at(buf, int(start), int(end))


def _breach(buf: NDArray[np.uint8], status: int, start: int, end: int, layout: Layout) -> str:
    """Say what is wrong with a row."""
    if status == _parse.PARSE_BAD_WEIGHT:
        value = text_at(buf, start, end)
        return f'"{value}" is not a weight (a finite number >= 0); name the weight column with weight=...'
    row = f'"{text_at(buf, start)}"'
    if status == _parse.PARSE_TOO_FEW:
        wanted = max(2, layout.dialect.weight_column + 1)
        cut = "blanks" if layout.dialect.delimiter == 0 else repr(chr(layout.dialect.delimiter))
        return f"{row} has {end} columns and {wanted} are needed (cut at {cut}); see delimiter=... and header=..."
    if status == _parse.PARSE_EMPTY_ID:
        return f"{row} has an empty id in column {end}; a link needs two ids"
    return f"{row} has a broken quotation in column {end}; close it, and double the marks inside it"


def _number_texts(buf: NDArray[np.uint8], spans: NDArray[np.int64], where: str) -> tuple[Any, Any, Any]:
    """Number text ids by rank; UTF-8 keeps the order of code points, so bytes are sorted before they are decoded."""
    codes = np.empty((len(spans), 2), np.uint32)
    appeared = _parse.intern_texts(buf, spans, codes)
    lengths = appeared[:, 1] - appeared[:, 0]
    longest = int(np.argmax(lengths))
    if lengths[longest] > _LONGEST_LABEL:
        line = line_at(buf, int(appeared[longest, 0]))
        raise InputError(f"{where}: line {line}: an id of {lengths[longest]} bytes; is the delimiter right?")
    packed = np.zeros((len(appeared), int(lengths[longest])), np.uint8)
    _parse.copy_fields(buf, appeared, packed)
    names = packed.view(f"S{packed.shape[1]}").ravel()
    order = np.argsort(names, kind="stable")
    rank = np.empty(order.size, np.uint32)
    rank[order] = np.arange(order.size, dtype=np.uint32)
    try:
        labels = names[order].astype(np.str_) if packed.max() < 128 else np.char.decode(names[order], "utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{where} is not UTF-8: an id holds the bytes {error.object[:20]!r}") from None
    return labels, rank[codes[:, 0]], rank[codes[:, 1]]
