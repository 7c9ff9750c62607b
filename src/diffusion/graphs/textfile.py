"""Reading links from text (SNAP text, CSV, TSV, edge lists)."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError
from diffusion.graphs import _parse
from diffusion.graphs.columns import LinkColumns, Wanted
from diffusion.graphs.labels import number_links
from diffusion.graphs.layout import Layout, find_layout, line_at, text_at
from diffusion.graphs.moments import read_moments

_LONGEST_LABEL = 1000
_LONGEST_TIME = 60
_MATRIX_MARKET = b"%%MatrixMarket"
_FOREIGN = {b"PK\x03\x04": "a zip archive", b"\x89HDF": "an HDF5 file"}


class TextOptions(NamedTuple):
    """How a text is cut into columns, as `read_graph` takes it; None is found out."""

    header: bool | None = None
    delimiter: str | None = None
    comments: tuple[str, ...] = ("#", "%")


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


def read_links(content: bytes, wanted: Wanted, options: TextOptions, where: str) -> LinkColumns:
    """Read the links of a text: plain integer columns by the fast path, everything else by the general one.

    Raises
    ------
    InputError
        For what is no text of links; the message names the line and the value.
    """
    buf = _readable(content, where)
    layout = find_layout(buf, where, wanted, **options._asdict())
    most = int(np.count_nonzero(buf[layout.start :] == 10))
    if wanted == Wanted() and layout.dialect.fields.tolist() == [0, 1]:
        columns = np.empty((2, most), np.int64)
        first, second = columns
        rows = _parse.plain_integers(buf, layout.start, layout.dialect, first, second)
        if rows >= 0:
            return LinkColumns(*number_links(first[:rows], second[:rows]), remarks=layout.remarks)
        del columns, first, second
    spans = np.empty((most, 2 * (int(layout.dialect.fields.max()) + 1)), np.int64)
    status, rows, start, column = _parse.find_fields(buf, layout.start, layout.dialect, spans)
    if status != _parse.PARSE_OK:
        raise InputError(f"{where}: line {line_at(buf, start)}: {_breach(buf, status, start, column, layout)}")
    spans = spans[:rows]
    weights = _weights(buf, spans, where) if _parse.WEIGHT in layout.dialect.fields else None
    times = {
        name: _times(buf, _field(spans, field))
        for name, field in (("since", _parse.SINCE), ("until", _parse.UNTIL))
        if field in layout.dialect.fields
    }

    def cite(_name: str, row: int) -> str:
        return f"{where}: line {line_at(buf, int(spans[row, 0]))}"

    moments = read_moments(times.get("since"), times.get("until"), wanted.clock, cite)
    labels, first, second, remarks = _read_ids(buf, spans, where)
    return LinkColumns(labels, first, second, weights, moments, (*layout.remarks, *remarks))


def _field(spans: NDArray[np.int64], field: int) -> NDArray[np.int64]:
    """Return the (rows, 2) spans of one field (a view)."""
    return spans[:, 2 * field : 2 * field + 2]


def _weights(buf: NDArray[np.uint8], spans: NDArray[np.int64], where: str) -> NDArray[np.float64]:
    weights = np.empty(len(spans), np.float64)
    own = _field(spans, _parse.WEIGHT)
    bad = _parse.decimals_of(buf, own, weights, -1.0, float(np.finfo(np.float32).max))
    if bad >= 0:
        value, line = text_at(buf, *own[bad].tolist()), line_at(buf, int(own[bad, 0]))
        raise InputError(
            f'{where}: line {line}: "{value}" is not a weight (a finite number >= 0); '
            "name the weight column with weight=..."
        )
    return weights


def _times(buf: NDArray[np.uint8], spans: NDArray[np.int64]) -> NDArray[Any]:
    """Return a column of times as numbers (NaN where empty) if all are numbers, else as texts."""
    numbers = np.empty(len(spans), np.float64)
    if _parse.decimals_of(buf, spans, numbers, math.nan, math.inf) < 0:
        return numbers
    longest = min(_LONGEST_TIME, max(1, int((spans[:, 1] - spans[:, 0]).max())))
    packed = np.zeros((len(spans), longest), np.uint8)
    _parse.copy_fields(buf, spans.copy(), packed)
    # what is not ASCII is no time, and is shown as such
    packed[packed > 127] = ord("?")
    return packed.view(f"S{longest}").ravel().astype(np.str_)


def _read_ids(buf: NDArray[np.uint8], spans: NDArray[np.int64], where: str) -> tuple[Any, Any, Any, tuple[str, ...]]:
    """Number the ids by rank: as integers if all are, else as texts."""
    values = np.empty((len(spans), 2), np.int64)
    text_id, large_id = _parse.integers_of(buf, spans, values)
    if text_id < 0:
        if large_id >= 0:
            line, value = _cite(buf, spans, large_id)
            raise InputError(
                f'{where}: line {line}: the id "{value}" does not fit in 64 bits (signed); shorten such ids'
            )
        return *number_links(values[:, 0].copy(), values[:, 1].copy()), ()
    line, value = _cite(buf, spans, text_id)
    return *_number_texts(buf, spans, where), (f'ids are texts: "{value}" in line {line} is not an integer',)


def _cite(buf: NDArray[np.uint8], spans: NDArray[np.int64], field: int) -> tuple[int, str]:
    """Return the line and the text of a field given as 2 * row + column."""
    start, end = spans[field // 2, 2 * (field % 2) : 2 * (field % 2) + 2]
    return line_at(buf, int(start)), text_at(buf, int(start), int(end))


def _breach(buf: NDArray[np.uint8], status: int, start: int, column: int, layout: Layout) -> str:
    """Say what is wrong with a row."""
    row = f'"{text_at(buf, start)}"'
    if status == _parse.PARSE_TOO_FEW:
        wanted = layout.dialect.fields.size
        cut = "blanks" if layout.dialect.delimiter == 0 else repr(chr(layout.dialect.delimiter))
        return f"{row} has {column} columns and {wanted} are needed (cut at {cut}); see delimiter=... and header=..."
    if status == _parse.PARSE_EMPTY_ID:
        return f"{row} has an empty id in column {column}; a link needs two ids"
    return f"{row} has a broken quotation in column {column}; close it, and double the marks inside it"


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
