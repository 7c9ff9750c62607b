"""Labels of persons: their kinds, their order, and the numbering by rank.

A label is a 64-bit integer or a text. Persons are numbered by label order (numbers ascending, texts by code point), so
that a person's index is the rank of the label and does not depend on the order of a file.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError
from diffusion.graphs._csr import intern_integers

Labels = NDArray[Any]
"""(n,) labels: all int64, or all text (dtype kind "U")."""

MOST_PERSONS = 2**32 - 1
_NEARBY_SAMPLE = 100_000


def as_labels(values: Any, where: str) -> Labels:
    """Return an array of labels as int64 or text.

    Parameters
    ----------
    values : array_like
        Integers or strings, one dimension.
    where : str
        What the values are, for messages.

    Raises
    ------
    InputError
        For any other kind of value, integers outside int64, and texts with control characters that end lines.
    """
    array = np.asarray(values)
    if array.ndim != 1:
        raise InputError(f"{where} has shape {array.shape}; give one dimension")
    if array.size == 0:
        return np.zeros(0, np.int64)
    if array.dtype.kind in "iu":
        if array.dtype.kind == "u" and int(array.max()) > np.iinfo(np.int64).max:
            raise InputError(f"{where}: {int(array.max())} does not fit in a signed 64-bit integer; use text labels")
        return array.astype(np.int64, copy=False)
    if array.dtype.kind == "O":
        odd = next((v for v in array if not isinstance(v, str)), None)
        if odd is not None:
            raise InputError(f"{where}: {odd!r} is a {type(odd).__name__}; labels are all integers or all texts")
    elif array.dtype.kind not in "UT":
        raise InputError(f"{where}: labels of kind {array.dtype} are not supported; use integers or texts")
    mixed = array.dtype.kind == "U" and isinstance(values, list | tuple) and not all(isinstance(v, str) for v in values)
    if mixed:
        raise InputError(f"{where} mixes texts with other values; labels are all integers or all texts")
    texts: NDArray[np.str_] = array.astype(np.str_, copy=False)
    _check_texts(texts, where)
    return texts


def _check_texts(texts: NDArray[np.str_], where: str) -> None:
    """Raise InputError for a label that is empty or holds a line end or a NUL: neither survives a file."""
    width = texts.dtype.itemsize // 4
    signs = np.ascontiguousarray(texts).view(np.uint32).reshape(texts.size, max(width, 1))
    bad = (signs[:, 0] == 0) | ((signs == 10) | (signs == 13)).any(axis=1)
    bad |= ((signs[:, :-1] == 0) & (signs[:, 1:] != 0)).any(axis=1)
    if bad.any():
        raise InputError(f"{where}: {str(texts[bad][0])!r} is not a label (a non-empty text in one line)")


def compact(labels: Labels) -> Labels | None:
    """Return sorted unique labels, or None where they are just 0..n-1."""
    if labels.dtype.kind == "i" and labels.size and labels[0] == 0 and labels[-1] == labels.size - 1:
        return None
    return labels


def explicit(labels: Labels | None, n_persons: int) -> Labels:
    """Return the labels as an array, also where they are just 0..n-1."""
    return np.arange(n_persons, dtype=np.int64) if labels is None else labels


def check_universe(labels: Any) -> Labels:
    """Return a list of all persons' labels, sorted.

    Raises
    ------
    InputError
        If a label stands there twice, or none at all.
    """
    array = as_labels(labels, "labels")
    unique: Labels = np.unique(array)
    if unique.size != array.size:
        kept, counts = np.unique(array, return_counts=True)
        raise InputError(f"labels: {kept[counts > 1][0].item()!r} stands there {counts.max()} times; labels are unique")
    if not unique.size:
        raise InputError("labels is empty; a graph has at least one person")
    return unique


def number_links(first: Labels, second: Labels) -> tuple[Labels, NDArray[np.uint32], NDArray[np.uint32]]:
    """Number the labels of two columns by rank.

    Returns
    -------
    labels : (n,) sorted unique labels
    first, second : (m,) uint32
        Ranks.
    """
    if first.dtype.kind != second.dtype.kind:
        raise InputError("the two columns of links mix integer and text labels; use one kind")
    if first.dtype.kind == "U":
        labels, codes = np.unique(np.concatenate((first, second)), return_inverse=True)
        _check_count(labels.size)
        compressed: NDArray[np.uint32] = codes.astype(np.uint32)
        return labels, compressed[: first.size], compressed[first.size :]
    low = min(int(first.min(initial=0)), int(second.min(initial=0)))
    high = max(int(first.max(initial=0)), int(second.max(initial=0)))
    if high - low < max(4 * first.size, 1 << 16):
        return _number_dense(first, second, low, high)
    appeared, codes_first, codes_second = intern_integers(first, second)
    _check_count(appeared.size)
    order = np.argsort(appeared)
    rank = np.empty(order.size, np.uint32)
    rank[order] = np.arange(order.size, dtype=np.uint32)
    return appeared[order], rank[codes_first], rank[codes_second]


def _number_dense(
    first: NDArray[Any], second: NDArray[Any], low: int, high: int
) -> tuple[Labels, NDArray[np.uint32], NDArray[np.uint32]]:
    """Number integers from a narrow range by marking which of them occur."""
    seen = np.zeros(high - low + 1, np.bool_)
    seen[first - low] = True
    seen[second - low] = True
    labels = np.flatnonzero(seen).astype(np.int64)
    _check_count(labels.size)
    if labels.size == seen.size:
        return labels + low, (first - low).astype(np.uint32), (second - low).astype(np.uint32)
    rank = np.cumsum(seen, dtype=np.int64) - 1
    return labels + low, rank[first - low].astype(np.uint32), rank[second - low].astype(np.uint32)


def _check_count(n_persons: int) -> None:
    if n_persons > MOST_PERSONS:
        raise InputError(f"{n_persons} persons are too many: a graph holds at most {MOST_PERSONS}")


def ranks(universe: Labels | None, n_persons: int, wanted: Any) -> NDArray[np.int64]:
    """Return the indices of labels in a universe.

    Parameters
    ----------
    universe : (n,) sorted labels or None
        None means 0..n-1.
    n_persons : int
        n.
    wanted : array_like
        Labels to look up.

    Raises
    ------
    InputError
        If one of them is unknown; the message names the nearest known label.
    """
    given = np.atleast_1d(np.asarray(wanted))
    array = as_labels(given if given.size != 1 else given.ravel(), "label")
    if not array.size:
        return np.zeros(0, np.int64)
    kind = "i" if universe is None else universe.dtype.kind
    if array.dtype.kind != kind:
        words = {"i": "integers", "U": "texts"}
        near = nearby(universe, n_persons, array[0].item())
        raise InputError(f"person {array[0].item()!r}: labels of this graph are {words[kind]}{near}")
    if universe is None:
        at = array.astype(np.int64)
        missing = (at < 0) | (at >= n_persons)
    else:
        at = np.searchsorted(universe, array).astype(np.int64)
        missing = universe[np.minimum(at, n_persons - 1)] != array
    if missing.any():
        label = array[missing][0].item()
        raise InputError(f"no person has the label {label!r}{nearby(universe, n_persons, label)}")
    return at


def nearby(universe: Labels | None, n_persons: int, label: Any) -> str:
    """Return the end of a message about an unknown label: what would have done."""
    if universe is None:
        return f" (labels run from 0 to {n_persons - 1})"
    if universe.dtype.kind == "i":
        return f" (labels run from {universe[0]} to {universe[-1]})"
    at = int(np.searchsorted(universe, str(label)))
    around = universe[max(0, at - _NEARBY_SAMPLE // 2) : at + _NEARBY_SAMPLE // 2]
    near = get_close_matches(str(label), around.tolist(), n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else f' (labels run from "{universe[0]}" to "{universe[-1]}")'
