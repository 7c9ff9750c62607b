"""When links begin and end: seconds and wall-clock times, as graphs keep them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError, suggestion
from diffusion.graphs.links import CLOCKS
from diffusion.units import NEVER

Cite = Callable[[str, int], str]
"""Says in a message where a column's row stands."""

_DECADE = 10 * 365.25 * 86400
"""Seconds after the start of a run beyond which a number is taken for a date that was meant: 10 years, chosen."""

_WOULD_DO = "give seconds >= 0, or local dates and times such as 2016-11-08T18:00:00"


class Moments(NamedTuple):
    """When links begin and end: (m,) uint32 seconds or None, what they count from, and what was assumed."""

    since: NDArray[np.uint32] | None = None
    until: NDArray[np.uint32] | None = None
    clock: str = "run"
    remarks: tuple[str, ...] = ()


def read_moments(since: Any, until: Any, clock: str | None, where: Cite) -> Moments:
    """Turn two columns of times into seconds.

    Parameters
    ----------
    since, until : (m,) float64, datetime64 or text, or None
        Seconds, or local wall-clock times in ISO 8601; NaN, NaT and the empty text stand for "always".
    clock : {"run", "wall"} or None
        What numbers count from: the start of a run (None too), or 1970-01-01T00:00. Wall-clock times know.
    where : callable
        Turns the name of the column and a row from 0 into the beginning of a message.

    Raises
    ------
    InputError
        For what is no time, a time with a zone, a time before 1970 or after 2106, columns of different clocks, a link
        that ends before it begins, and numbers that look like dates while no clock is named.
    """
    if clock is not None and clock not in CLOCKS:
        raise InputError(f'clock = {clock!r} is neither "run" nor "wall"{suggestion(str(clock), CLOCKS)}')
    given = {name: values for name, values in (("since", since), ("until", until)) if values is not None}
    if not given:
        if clock is not None:
            raise InputError(f"clock = {clock!r} says what since and until count from; name one of these columns")
        return Moments()
    found = {name: _seconds(name, values, clock, where) for name, values in given.items()}
    clocks = {name: kind for name, (_, kind) in found.items() if kind is not None}
    if len(set(clocks.values())) > 1:
        raise InputError(
            f"{where('since', 0)}: since is on the {clocks['since']} clock and until on the {clocks['until']} clock; "
            "give both as seconds or both as dates"
        )
    kind = next(iter(clocks.values()), clock or "run")
    begins, ends = (found[name][0] if name in found else None for name in ("since", "until"))
    first = begins if begins is not None else np.zeros(0 if ends is None else ends.size, np.uint32)
    if ends is not None and np.any(ends <= first):
        row = int(np.argmax(ends <= first))
        raise InputError(f"{where('until', row)}: the link ends at second {ends[row]}, not after second {first[row]}")
    meant = {"run": "seconds after the start of a run", "wall": "local wall-clock times"}[kind]
    return Moments(begins, ends, kind, (f"{' and '.join(given)}: {meant}",))


def _seconds(name: str, values: NDArray[Any], clock: str | None, where: Cite) -> tuple[NDArray[np.uint32], str | None]:
    """Return one column as seconds, and the clock that it is on (None if it is empty throughout)."""
    if values.dtype.kind == "U":
        values = _dates(name, values, where)
    if values.dtype.kind == "M":
        if clock == "run":
            raise InputError(f'{where(name, 0)}: {name} holds dates, which are on the wall clock, not clock = "run"')
        always, kind = np.isnat(values), "wall"
        numbers = values.astype("datetime64[s]").astype(np.int64).astype(np.float64)
    else:
        numbers = values.astype(np.float64)
        always, kind = np.isnan(numbers), clock or "run"
    bad = ~always & ~((numbers >= 0) & (numbers < NEVER))
    if bad.any():
        row = int(np.argmax(bad))
        shown = f"{values[row]} lies before 1970 or after 2106" if kind == "wall" else f"{values[row]} is out of range"
        raise InputError(f"{where(name, row)}: {name} = {shown}; {_WOULD_DO}")
    late = ~always & (numbers > _DECADE)
    if clock is None and kind == "run" and late.any():
        row = int(np.argmax(late))
        raise InputError(
            f'{where(name, row)}: {name} = {numbers[row]:.0f} looks like seconds since 1970; say clock="wall" if so, '
            'clock="run" if these are seconds after the start of a run'
        )
    empty = NEVER if name == "until" else 0
    whole = np.where(always, empty, np.floor(np.where(always, 0, numbers))).astype(np.uint32)
    return whole, None if always.all() else kind


def _dates(name: str, texts: NDArray[np.str_], where: Cite) -> NDArray[np.datetime64]:
    """Read texts as local dates and times; each different text once."""
    kinds, at = np.unique(texts, return_inverse=True)
    read = np.empty(kinds.size, "datetime64[s]")
    for k, text in enumerate(kinds.tolist()):
        try:
            moment = datetime.fromisoformat(text) if text else None
        except ValueError:
            row = int(np.argmax(at == k))
            raise InputError(f'{where(name, row)}: {name} = "{text}" is no time; {_WOULD_DO}') from None
        if moment is not None and moment.tzinfo is not None:
            row = int(np.argmax(at == k))
            raise InputError(f'{where(name, row)}: {name} = "{text}" has a time zone; give local times without one')
        read[k] = np.datetime64("NaT") if moment is None else np.datetime64(moment.replace(microsecond=0))
    dates: NDArray[np.datetime64] = read[at]
    return dates


def as_dates(seconds: NDArray[np.uint32], empty: int) -> NDArray[np.datetime64]:
    """Return seconds since 1970 as dates, NaT where they stand for always."""
    return np.where(seconds == empty, np.datetime64("NaT"), seconds.astype(np.int64).astype("datetime64[s]"))
