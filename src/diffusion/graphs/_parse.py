"""Kernels that read link lists from bytes: a fast path for plain integers, a general path for everything else.

`buf` is (n,) uint8 and ends with a line feed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import inline_kernel, kernel


class Dialect(NamedTuple):
    """How rows are written: the delimiter's byte (0 for runs of blanks), what columns hold, comments.

    `fields` is (columns,) int64: 0 and 1 for the two ids, 2 for the weight, 3 and 4 for the times, -1 for a column that
    is not read; columns after the last one that is read do not stand there. `comments` is (k, width) uint8, one prefix
    per row, padded with zeros.
    """

    delimiter: int
    fields: NDArray[np.int64]
    comments: NDArray[np.uint8]


PARSE_OK = 0
PARSE_TOO_FEW = 1
PARSE_BAD_QUOTE = 2
PARSE_EMPTY_ID = 3

WEIGHT, SINCE, UNTIL = 2, 3, 4
"""Numbers of the fields after the two ids."""

_LINE = 10
_QUOTE = 34
_MOST_DIGITS = 18


@inline_kernel
def _is_blank(c, delimiter):
    return (c == 32 or c == 9 or c == 13) and c != delimiter


@inline_kernel
def _is_comment(buf, pos, comments):
    for i in range(comments.shape[0]):
        j = 0
        while j < comments.shape[1] and comments[i, j] != 0 and buf[pos + j] == comments[i, j]:
            j += 1
        if j == comments.shape[1] or comments[i, j] == 0:
            return True
    return False


@inline_kernel
def _next_line(buf, pos):
    while buf[pos] != _LINE:
        pos += 1
    return pos + 1


@kernel
def next_row(buf, pos, delimiter, comments):
    """Return where the next row with content starts (its first non-blank byte), or len(buf)."""
    while pos < len(buf):
        if _is_blank(buf[pos], delimiter) or buf[pos] == _LINE:
            pos += 1
        elif _is_comment(buf, pos, comments):
            pos = _next_line(buf, pos)
        else:
            return pos
    return pos


@inline_kernel
def _integer(buf, pos):
    """Read an integer of at most 18 digits; return (value, position after it), the latter -1 if there is none."""
    negative = buf[pos] == 45
    if negative or buf[pos] == 43:
        pos += 1
    begin = pos
    value = np.int64(0)
    digit = np.int64(buf[pos]) - 48
    while 0 <= digit <= 9:
        value = value * 10 + digit
        pos += 1
        digit = np.int64(buf[pos]) - 48
    if pos == begin or pos - begin > _MOST_DIGITS:
        return np.int64(0), -1
    return (-value if negative else value), pos


@kernel
def plain_integers(buf, pos, dialect, first, second):
    """Read two integer columns into `first` and `second`; return the number of rows, or -1 at anything unusual."""
    delimiter, comments = dialect.delimiter, dialect.comments
    rows = 0
    while True:
        pos = next_row(buf, pos, delimiter, comments)
        if pos >= len(buf):
            return rows
        value, pos = _integer(buf, pos)
        if pos < 0:
            return -1
        first[rows] = value
        after = pos
        while _is_blank(buf[pos], delimiter):
            pos += 1
        if delimiter != 0:
            if buf[pos] != delimiter:
                return -1
            pos += 1
            while _is_blank(buf[pos], delimiter):
                pos += 1
        elif pos == after:
            return -1
        value, pos = _integer(buf, pos)
        if pos < 0:
            return -1
        second[rows] = value
        rows += 1
        after = pos
        while _is_blank(buf[pos], delimiter):
            pos += 1
        if buf[pos] != _LINE and (buf[pos] != delimiter if delimiter != 0 else pos == after):
            return -1
        pos = _next_line(buf, pos)


@inline_kernel
def _quoted(buf, pos):
    """Read a quoted field and take its doubled quotes apart in place; return (start, end, position after it)."""
    start = pos + 1
    end = start
    pos = start
    while True:
        c = buf[pos]
        if c == _LINE:
            return start, -1, pos
        if c == _QUOTE:
            pos += 1
            if buf[pos] != _QUOTE:
                return start, end, pos
        buf[end] = c
        end += 1
        pos += 1


@inline_kernel
def _field(buf, pos, delimiter):
    """Read one field; return (start, end, position of the next field or of the line's end).

    `end` is -1 for a broken quotation. After the last field the position is that of the line feed.
    """
    while _is_blank(buf[pos], delimiter):
        pos += 1
    if buf[pos] == _QUOTE:
        start, end, pos = _quoted(buf, pos)
    else:
        start = pos
        while buf[pos] != _LINE and buf[pos] != delimiter and (delimiter != 0 or not _is_blank(buf[pos], 0)):
            pos += 1
        end = pos
        while end > start and _is_blank(buf[end - 1], delimiter):
            end -= 1
    after = pos
    while _is_blank(buf[pos], delimiter):
        pos += 1
    if delimiter != 0 and buf[pos] == delimiter:
        pos += 1
    elif buf[pos] != _LINE and (delimiter != 0 or pos == after):
        end = -1
    return start, end, pos


@inline_kernel
def _decimal(buf, start, end):
    """Read a decimal number >= 0; return -1.0 if it is none (NaN, infinity and words included)."""
    pos = start
    if pos < end and buf[pos] == 43:
        pos += 1
    mantissa, power, digits = 0.0, 0, 0
    pointed = False
    while pos < end and (48 <= buf[pos] <= 57 or (buf[pos] == 46 and not pointed)):
        if buf[pos] == 46:
            pointed = True
        else:
            mantissa = mantissa * 10.0 + (np.int64(buf[pos]) - 48)
            digits += 1
            power -= 1 if pointed else 0
        pos += 1
    if digits == 0:
        return -1.0
    if pos < end and (buf[pos] == 101 or buf[pos] == 69):
        pos += 1
        falling = pos < end and buf[pos] == 45
        if pos < end and (buf[pos] == 45 or buf[pos] == 43):
            pos += 1
        begin, exponent = pos, 0
        while pos < end and 48 <= buf[pos] <= 57 and exponent < 10000:
            exponent = exponent * 10 + (np.int64(buf[pos]) - 48)
            pos += 1
        if pos == begin:
            return -1.0
        power += -exponent if falling else exponent
    if pos < end:
        return -1.0
    # dividing by an exact power of ten rounds once; multiplying by an inexact inverse would round twice
    return mantissa / 10.0**-power if power < 0 else mantissa * 10.0**power


@kernel
def find_fields(buf, pos, dialect, spans):
    """Find the fields of every row that are read.

    Fills spans (rows, 2 * (largest field + 1)) int64 [start, end, start, end, …].
    Returns (status, rows, start, column): where the breach is, if there is one.
    """
    delimiter, fields, comments = dialect.delimiter, dialect.fields, dialect.comments
    rows = 0
    while True:
        pos = next_row(buf, pos, delimiter, comments)
        if pos >= len(buf):
            return PARSE_OK, rows, 0, 0
        row_start = pos
        ended = False
        for column in range(len(fields)):
            field = fields[column]
            if buf[pos] == _LINE:
                # only a time may be left out, after a delimiter that announces it
                if ended or field < SINCE or buf[pos - 1] != delimiter:
                    return PARSE_TOO_FEW, rows, row_start, column
                ended = True
                start, end = pos, pos
            else:
                start, end, pos = _field(buf, pos, delimiter)
            if end < 0:
                return PARSE_BAD_QUOTE, rows, row_start, column
            if 0 <= field < WEIGHT and end == start:
                return PARSE_EMPTY_ID, rows, row_start, column
            if field >= 0:
                spans[rows, 2 * field] = start
                spans[rows, 2 * field + 1] = end
        rows += 1
        pos = _next_line(buf, pos)


@kernel
def decimals_of(buf, spans, values, empty, largest):
    """Read spans (rows, 2) as numbers in 0 … largest, an empty one as `empty`; return the first bad row, or -1."""
    for row in range(len(spans)):
        start, end = spans[row, 0], spans[row, 1]
        values[row] = empty if start == end else _decimal(buf, start, end)
        if values[row] < 0.0 or values[row] > largest:
            return row
    return -1


@inline_kernel
def _whole(buf, start, end):
    """Return (kind, value) of a field: kind 0 is a text, 1 an int64, 2 an integer that does not fit."""
    negative = buf[start] == 45
    if negative or buf[start] == 43:
        start += 1
    if start == end:
        return 0, np.int64(0)
    value = np.uint64(0)
    large = False
    limit = np.uint64(9223372036854775807) + np.uint64(1 if negative else 0)
    for pos in range(start, end):
        if not 48 <= buf[pos] <= 57:
            return 0, np.int64(0)
        digit = np.uint64(buf[pos]) - np.uint64(48)
        large = large or value > (limit - digit) // np.uint64(10)
        value = value * np.uint64(10) + digit
    if large:
        return 2, np.int64(0)
    return 1, -np.int64(value) if negative else np.int64(value)


@kernel
def integers_of(buf, spans, values):
    """Read the first two fields as integers into values (rows, 2) int64.

    Returns (first field that is a text, first field that does not fit in 64 bits): 2 * row + column, or -1.
    """
    too_large = -1
    for row in range(len(spans)):
        for side in range(2):
            kind, value = _whole(buf, spans[row, 2 * side], spans[row, 2 * side + 1])
            values[row, side] = value
            if kind == 0:
                return 2 * row + side, too_large
            if kind == 2 and too_large < 0:
                too_large = 2 * row + side
    return -1, too_large


@inline_kernel
def _hash_bytes(buf, start, end):
    """Return the 64-bit FNV-1a hash of some bytes (Fowler, Noll & Vo), folded for the use of its lower bits."""
    h = np.uint64(14695981039346656037)
    for pos in range(start, end):
        h = (h ^ np.uint64(buf[pos])) * np.uint64(1099511628211)
    return h ^ (h >> np.uint64(32))


@inline_kernel
def _same_bytes(buf, a, b, length):
    same = 0
    while same < length and buf[a + same] == buf[b + same]:
        same += 1
    return same == length


@kernel
def intern_texts(buf, spans, codes):
    """Number equal fields by first appearance: fills codes (rows, 2) uint32, returns (k, 2) spans of the labels.

    An open-addressing table of (label number + 1), at most half full; equal hashes are verified byte by byte.
    """
    size = 1 << 12
    table = np.zeros(size, np.uint32)
    labels = np.empty((size // 2, 2), np.int64)
    hashes = np.empty(size // 2, np.uint64)
    n = 0
    for row in range(len(spans)):
        for side in range(2):
            start, end = spans[row, 2 * side], spans[row, 2 * side + 1]
            h = _hash_bytes(buf, start, end)
            slot = np.int64(h & np.uint64(size - 1))
            while table[slot] != 0:
                k = np.int64(table[slot]) - 1
                same = hashes[k] == h and labels[k, 1] - labels[k, 0] == end - start
                if same and _same_bytes(buf, labels[k, 0], start, end - start):
                    break
                slot = (slot + 1) & (size - 1)
            if table[slot] == 0:
                labels[n, 0], labels[n, 1] = start, end
                hashes[n] = h
                n += 1
                table[slot] = n
            codes[row, side] = table[slot] - 1
            if n == len(labels):
                size *= 4
                labels = np.concatenate((labels, np.empty((size // 2 - n, 2), np.int64)))
                hashes = np.concatenate((hashes, np.empty(size // 2 - n, np.uint64)))
                table = _grown(hashes, n, size)
    return labels[:n].copy()


@inline_kernel
def _grown(hashes, n, size):
    table = np.zeros(size, np.uint32)
    for k in range(n):
        slot = np.int64(hashes[k] & np.uint64(size - 1))
        while table[slot] != 0:
            slot = (slot + 1) & (size - 1)
        table[slot] = k + 1
    return table


@kernel
def copy_fields(buf, labels, out):
    """Copy fields into the rows of out (k, width) uint8, padded with zeros."""
    for k in range(len(labels)):
        for i in range(labels[k, 1] - labels[k, 0]):
            out[k, i] = buf[labels[k, 0] + i]
