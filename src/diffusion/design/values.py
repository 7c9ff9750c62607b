"""The values of a key: lists, rows by their ends, and quantities with units."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, time
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import BeforeValidator, WithJsonSchema

from diffusion.errors import InputError
from diffusion.units import per_second, seconds
from diffusion.world.messages import value_text
from diffusion.world.types import is_number

MOST_POINTS = 1_000_000
"""No sweep has more points (chosen: all of them are checked before anything runs)."""

DIGITS = 12
"""Significant digits of computed values (chosen): they read as somebody would have written them."""

_UNIT = re.compile(r"^\s*[+-]?[\d.]+(?:[eE][+-]?\d+)?\s*(/?)\s*([A-Za-z]+)\s*$")


class Scale(NamedTuple):
    """Quantities of one kind as numbers, and how a number is written as they are.

    Attributes
    ----------
    numbers : tuple of float
    write : callable
        From a number to a value of a key: a number again, or a text with the unit of the first quantity.
    """

    numbers: tuple[float, ...]
    write: Callable[[float], Any]


def scale(quantities: Sequence[Any]) -> Scale:
    """Read quantities of one kind: numbers, durations (``"20 min"``) or rates (``"3/day"``).

    Raises
    ------
    InputError
        For anything else, and for mixtures.
    """
    if all(is_number(q) for q in quantities):
        return Scale(tuple(float(q) for q in quantities), rounded)
    first = _UNIT.match(quantities[0]) if isinstance(quantities[0], str) else None
    if first is None or not all(isinstance(q, str) for q in quantities):
        raise InputError(f"{value_text(list(quantities))}: give numbers, or quantities with units, all of one kind")
    slash, unit = first.groups()
    read = per_second if slash else seconds
    one = read(f"1{slash or ' '}{unit}")
    return Scale(tuple(read(q) / one for q in quantities), lambda x: f"{x:.{DIGITS}g}{slash or ' '}{unit}")


def rounded(number: float) -> float:
    """Return a number to `DIGITS` significant digits."""
    return float(f"{number:.{DIGITS}g}")


def linspace(first: Any, last: Any, number: int) -> list[Any]:
    """Return evenly spaced values, both ends among them; whole numbers where the ends and all steps are."""
    ends = scale((first, last))
    made = np.linspace(ends.numbers[0], ends.numbers[1], number)
    if all(isinstance(end, int) for end in (first, last)) and all(float(v).is_integer() for v in map(rounded, made)):
        return [round(v) for v in made.tolist()]
    return [ends.write(v) for v in made.tolist()]


def logspace(first: Any, last: Any, number: int) -> list[Any]:
    """Return values whose logarithms are evenly spaced from one value (not exponent) to the other."""
    ends = scale((first, last))
    if min(ends.numbers) <= 0:
        raise InputError(f"logspace: {value_text([first, last])}: both ends must be above 0")
    return [ends.write(v) for v in np.geomspace(ends.numbers[0], ends.numbers[1], number).tolist()]


SPACINGS: dict[str, Callable[[Any, Any, int], list[Any]]] = {"linspace": linspace, "logspace": logspace}
"""Values in a row, by name."""


def _values(given: Any) -> tuple[Any, ...]:
    """Read what a key shall be: a list, or a row of values by its ends."""
    if isinstance(given, dict) and len(given) == 1 and set(given) <= set(SPACINGS):
        name, row = next(iter(given.items()))
        if (
            not isinstance(row, list | tuple)
            or len(row) != 3
            or isinstance(row[2], bool)
            or not isinstance(row[2], int)
        ):
            raise InputError(f"{name} = {value_text(row)}: give [first, last, how many]")
        if not 2 <= row[2] <= MOST_POINTS:
            raise InputError(f"{name} = {value_text(row)}: {row[2]} values; give 2 to {MOST_POINTS}")
        return tuple(SPACINGS[name](*row))
    if not isinstance(given, list | tuple):
        deeper = ", or the whole dotted key in quotes" if isinstance(given, dict) else ""
        raise InputError(
            f"{value_text(given)} is not a list of values; write [a, b], {{ linspace = [a, b, 5] }} or logspace{deeper}"
        )
    if not given:
        raise InputError("the list is empty; give at least one value")
    return tuple(_as_text(value) for value in given)


def _as_text(value: Any) -> Any:
    """Return a date or time of TOML as the text that stands for it in JSON, where a stored sweep has it."""
    return value.isoformat() if isinstance(value, date | time) else value


_ROW = {"type": "array", "minItems": 3, "maxItems": 3}
Values = Annotated[
    tuple[Any, ...],
    BeforeValidator(_values),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "minItems": 1},
                *(
                    {"type": "object", "properties": {n: _ROW}, "required": [n], "additionalProperties": False}
                    for n in SPACINGS
                ),
            ],
            "description": "a list of values, `{ linspace = [first, last, number] }` or `{ logspace = … }`",
        }
    ),
]
"""The values of a key, in their order."""

_QUANTITY = {"description": 'a number, a duration or a rate: 0.2, "20 min", "3/day"'}


def _quantity(value: Any) -> Any:
    scale((value,))
    return value


Quantity = Annotated[float | int | str, BeforeValidator(_quantity), WithJsonSchema(_QUANTITY)]
"""A number, or a text with a unit."""
