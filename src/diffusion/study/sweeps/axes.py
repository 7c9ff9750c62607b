"""The values of a swept key as an axis: numbers in one unit, evenly spaced or by factors, or names."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError
from diffusion.study.summary import Floats, short
from diffusion.units import DAY, HOUR, MINUTE, SECOND, per_second, seconds

WIDE = 4.0
"""Values that span less than this factor are drawn on a linear axis, however they are spaced (chosen)."""

_DURATIONS = (("days", 2 * DAY, DAY), ("h", 2 * HOUR, HOUR), ("min", 2 * MINUTE, MINUTE), ("s", SECOND, SECOND))
"""Unit, the largest value from which it is used, and its length in seconds."""

_LENGTHS = {unit: size for unit, _, size in _DURATIONS}
_RATES = (("per second", SECOND), ("per minute", MINUTE), ("per hour", HOUR), ("per day", DAY))


@dataclass(frozen=True)
class Axis:
    """The values of a key.

    Attributes
    ----------
    key : str
        Dotted; what varies inside a value that is a table (a law's median) is named behind it.
    values : tuple
        As written, ascending where they are numbers, else in the order of the sweep.
    numbers : (n,) float64
        In `unit`; 0, 1, 2 … for names.
    unit : str
        Such as ``"min"`` or ``"per day"``; empty for plain numbers and names.
    is_named : bool
        Whether the values are names (texts, true and false, tables) rather than numbers.
    is_log : bool
        Whether they are spaced by factors.
    of_point : (P,) int64
        Which of the values every point has.
    """

    key: str
    values: tuple[Any, ...]
    numbers: Floats
    unit: str
    is_named: bool
    is_log: bool
    of_point: NDArray[np.int64]

    @property
    def has_own_units(self) -> bool:
        """Whether every text has a unit of its own: durations so far apart that no one unit suits them all."""
        return self.is_log and self.unit in _LENGTHS

    @property
    def label(self) -> str:
        """The key, and the unit unless the texts have units of their own."""
        return f"{self.key}, {self.unit}" if self.unit and not self.has_own_units else self.key

    @property
    def texts(self) -> tuple[str, ...]:
        """The values as short texts."""
        if self.is_named:
            return tuple(_written(value) for value in self.values)
        if self.has_own_units:
            return tuple(_short_duration(number * _LENGTHS[self.unit]) for number in self.numbers)
        return tuple(short(number) for number in self.numbers)

    def with_unit(self, k: int) -> str:
        """Return the text of a value, with its unit."""
        return self.texts[k] if self.has_own_units else f"{self.texts[k]} {self.unit}".rstrip()


def axis_of(key: str, values: Sequence[Any]) -> Axis:
    """Return the axis of a key from its value at every point.

    Parameters
    ----------
    key : str
    values : sequence
        Numbers, durations, rates, other texts, true and false, or tables (also as JSON).
    """
    read = [_unpacked(value) for value in values]
    within, inner = _inner(read)
    numbers, unit = _numbers(inner)
    name = f"{key}.{within}" if within else key
    if numbers is None:
        texts = [_written(value) for value in read]
        known = list(dict.fromkeys(texts))
        of_point = np.array([known.index(text) for text in texts], dtype=np.int64)
        first = tuple(read[texts.index(text)] for text in known)
        return Axis(key, first, np.arange(len(known), dtype=np.float64), "", True, False, of_point)
    different, first_at, of_each = np.unique(numbers, return_index=True, return_inverse=True)
    shown = tuple(values[k] for k in first_at)
    return Axis(name, shown, different, unit, False, is_spaced_by_factors(different), of_each.astype(np.int64))


def is_spaced_by_factors(numbers: Floats) -> bool:
    """Whether ascending numbers are nearer to equal factors than to equal steps, and span enough to show it."""
    if numbers.size < 3 or numbers[0] <= 0 or numbers[-1] < WIDE * numbers[0]:
        return False
    steps, factors = np.diff(numbers), np.diff(np.log(numbers))
    return bool(np.std(factors) / np.mean(factors) < np.std(steps) / np.mean(steps))


def same_value(value: Any, wanted: str) -> bool:
    """Whether a swept value is what somebody wrote: the same text, the same number, the same duration or rate."""
    if wanted in (_written(_unpacked(value)), str(value)):
        return True
    one, other = _quantity(value), _quantity(wanted)
    return one is not None and other is not None and one[0] is other[0] and math.isclose(one[1], other[1])


def _quantity(value: Any) -> tuple[Callable[[Any], float], float] | None:
    """Return a number, a duration or a rate with what reads it; None for anything else."""
    if isinstance(value, bool):
        return None
    for read in (float, seconds, per_second):
        try:
            return read, read(value)
        except (ValueError, TypeError):
            continue
    return None


def _short_duration(value: float) -> str:
    """Write seconds with three digits in the largest unit of which there is a whole one."""
    unit, size = next(((u, size) for u, size in _LENGTHS.items() if value >= 0.9999 * size), ("s", SECOND))
    return f"{value / size:.3g} {unit if round(value / size, 3) != 1 or unit != 'days' else 'day'}"


def _unpacked(value: Any) -> Any:
    """Return a table that was stored as JSON."""
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, dict | list) else f"{value}"


def _inner(values: Sequence[Any]) -> tuple[str, Sequence[Any]]:
    """Return the name and the values of the one entry in which tables differ; values that are no tables as they are."""
    if not all(isinstance(value, dict) and value.keys() == values[0].keys() for value in values):
        return "", values
    differing = [name for name in values[0] if any(value[name] != values[0][name] for value in values)]
    return (differing[0], [value[differing[0]] for value in values]) if len(differing) == 1 else ("", values)


def _numbers(values: Sequence[Any]) -> tuple[Floats | None, str]:
    """Return values as numbers in a unit that suits them, or None for names."""
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return np.array(values, dtype=np.float64), ""
    if not all(isinstance(value, str) for value in values):
        return None, ""
    length = _all(values, seconds)
    if length is not None:
        largest = float(length.max())
        unit, _, size = next((u for u in _DURATIONS if largest >= u[1]), _DURATIONS[-1])
        return np.round(length / size, 12), unit
    rate = _all(values, per_second)
    if rate is not None:
        smallest = float(rate[rate > 0].min(initial=np.inf))
        unit, size = next((u for u in _RATES if smallest * u[1] >= 1), _RATES[-1])
        return np.round(rate * size, 12), unit
    return None, ""


def _all(values: Sequence[str], read: Callable[[str], float]) -> Floats | None:
    try:
        return np.array([read(value) for value in values], dtype=np.float64)
    except InputError:
        return None
