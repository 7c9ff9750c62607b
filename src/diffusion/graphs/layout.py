"""Finding out how a link list is laid out: its delimiter, its header, the column of its weights."""

from __future__ import annotations

import csv
import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError
from diffusion.graphs._parse import Dialect, next_row
from diffusion.graphs.columns import Wanted, fields_of

HEADER_WORDS = frozenset(
    {
        "source",
        "target",
        "src",
        "dst",
        "from",
        "to",
        "follower",
        "followed",
        "followee",
        "following",
        "followers",
        "fromnodeid",
        "tonodeid",
        "from_id",
        "to_id",
        "from_node",
        "to_node",
        "source_id",
        "target_id",
        "follower_id",
        "followed_id",
        "followee_id",
        "user_id",
        "friend_id",
        "sender",
        "receiver",
        "ego",
        "nominee",
        "nominator",
        "alter",
    }
)
"""Words that name columns of ids: a first row of two of them is a header even if the ids are texts."""

_DELIMITERS = (",", "\t", ";")
_BLANK_FIELDS = re.compile(r'"(?:[^"]|"")*"|\S+')
_INTEGER = re.compile(r"[+-]?\d+\Z")
_SHOWN = 60


class Layout(NamedTuple):
    """Where the links start in a file, how they are written, and what is worth reporting."""

    start: int
    dialect: Dialect
    remarks: tuple[str, ...]


def prefixes(comments: tuple[str, ...]) -> NDArray[np.uint8]:
    """Return comment prefixes as rows of bytes, padded with zeros."""
    encoded = [prefix.encode() for prefix in comments]
    if any(not prefix.strip() or b"\n" in prefix for prefix in encoded):
        raise InputError(f"comments = {comments!r}: a prefix is a non-empty text in one line; () for no comments")
    table = np.zeros((len(encoded), max((len(p) for p in encoded), default=1)), np.uint8)
    for row, prefix in zip(table, encoded, strict=True):
        row[: len(prefix)] = np.frombuffer(prefix, np.uint8)
    return table


def line_at(buf: NDArray[np.uint8], position: int) -> int:
    """Return the number (from 1) of the line that holds a byte."""
    return int(np.count_nonzero(buf[:position] == 10)) + 1


def text_at(buf: NDArray[np.uint8], start: int, end: int | None = None) -> str:
    """Return some bytes as text for a message (to the end of the line by default), shortened."""
    if end is None:
        stop = np.flatnonzero(buf[start : start + 4 * _SHOWN] == 10)
        end = start + (int(stop[0]) if stop.size else 4 * _SHOWN)
    text = buf[start:end].tobytes().decode("utf-8", "replace").strip()
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def split_row(line: str, delimiter: str) -> list[str]:
    """Split one row into its fields, quotation marks taken off."""
    if delimiter:
        try:
            rows = list(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
        except csv.Error:  # a field beyond the module's limit: the kernel will say that the id is too long
            rows = [line.split(delimiter)]
        return [field.strip() for field in rows[0]] if rows else []
    return [field.strip('"') for field in _BLANK_FIELDS.findall(line)]


def find_layout(
    buf: NDArray[np.uint8],
    where: str,
    wanted: Wanted,
    *,
    header: bool | None,
    delimiter: str | None,
    comments: tuple[str, ...],
) -> Layout:
    """Look at the first two rows and decide.

    Parameters
    ----------
    buf : (n,) uint8
        The content, ending with a line feed.
    where : str
        The file, for messages.
    wanted : Wanted
        The columns that are asked for.
    header, delimiter, comments
        As `read_graph` takes them.

    Raises
    ------
    InputError
        If there is no row, or the first rows leave the header or the columns in doubt.
    """
    table = prefixes(comments)
    first = next_row(buf, 3 if buf[:3].tobytes() == b"\xef\xbb\xbf" else 0, 0, table)
    if first >= buf.size:
        raise InputError(f"{where} has no links: only blank lines and comments")
    lines = [_line(buf, first)]
    after = first + int(np.flatnonzero(buf[first:] == 10)[0]) + 1
    second = next_row(buf, after, 0, table)
    if second < buf.size:
        lines.append(_line(buf, second))
    sign = _check_delimiter(delimiter) if delimiter is not None else _guess_delimiter(lines)
    rows = [split_row(line, sign) for line in lines]
    names = rows[0] if _is_header(rows, where, line_at(buf, first), header, wanted) else None
    fields = fields_of(wanted, names, where)
    remarks = []
    if names is not None:
        remarks.append(f'line {line_at(buf, first)} is a header: "{text_at(buf, first)}"')
        if second >= buf.size:
            raise InputError(f"{where} has no links: only a header (header=False if that line is a link)")
    columns, read = len(rows[-1]), int(np.count_nonzero(fields >= 0))
    if wanted == Wanted() and columns > 2:
        remarks.append(f"only the first 2 of {columns} columns are read (a column of weights is named with weight=...)")
    elif columns > read:
        remarks.append(f"only {read} of {columns} columns are read")
    start = second if names is not None else first
    return Layout(start, Dialect(ord(sign) if sign else 0, fields, table), tuple(remarks))


def _line(buf: NDArray[np.uint8], start: int) -> str:
    end = start + int(np.flatnonzero(buf[start:] == 10)[0])
    return buf[start:end].tobytes().decode("utf-8", "replace").strip("\r\n ")


def _check_delimiter(delimiter: str) -> str:
    if delimiter.isspace() and delimiter != "\t":
        return ""
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\n\r' or delimiter.isalnum():
        raise InputError(f'delimiter = {delimiter!r} is not one sign such as ",", "\\t", ";" or " " (runs of blanks)')
    return delimiter


def _guess_delimiter(lines: list[str]) -> str:
    """Return the first of comma, tab and semicolon that stands in both rows, else "" for runs of blanks."""
    return next((sign for sign in _DELIMITERS if all(sign in line for line in lines)), "")


def _is_header(rows: list[list[str]], where: str, line: int, header: bool | None, wanted: Wanted) -> bool:
    """Decide whether the first row names the columns; say so where it cannot be decided."""
    if header is not None:
        return header
    first = rows[0]
    ends = [end for end in wanted.ends or (0, 1) if isinstance(end, int)]
    if wanted.named() or all(first[end].lower() in HEADER_WORDS for end in ends if end < len(first)):
        return len(first) >= 2
    if len(rows) < 2:
        return False
    second = rows[1]
    numeric = [[bool(_INTEGER.match(row[end])) for end in ends if end < len(row)] for row in rows]
    if all(numeric[1]) and not all(numeric[0]) and len(second) >= 2:
        return True
    if len(first) > len(second) >= 2:
        if all(numeric[1]) and not all(_INTEGER.match(field) for field in first):
            return True
        raise InputError(
            f"{where}: line {line} has {len(first)} columns, the next row {len(second)}: "
            "say header=True if it is a header (or a line of sizes), header=False if it is a link"
        )
    return False
