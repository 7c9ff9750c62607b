"""Checks of the numbers that models are given: each wrong one is one line."""

from __future__ import annotations

import math
from typing import Any

from diffusion.arguments import whole_number
from diffusion.errors import InputError

__all__ = ["checked_chance", "checked_rate", "whole_number"]


def _number(value: Any) -> float:
    """Return a number as float; NaN, which no bound lets pass, for anything else."""
    try:
        return math.nan if isinstance(value, bool | str) else float(value)
    except (TypeError, ValueError):
        return math.nan


def checked_chance(name: str, value: Any, *, positive: bool = False) -> float:
    """Return a probability.

    Raises
    ------
    InputError
        If it is none, or 0 where it must be positive.
    """
    number = _number(value)
    if not (0 < number <= 1 if positive else 0 <= number <= 1):
        raise InputError(f"{name} = {value!r}: give a probability, 0 {'<' if positive else '<='} {name} <= 1")
    return number


def checked_rate(name: str, value: Any, *, positive: bool = False) -> float:
    """Return a finite number that is not negative, or positive where it must be.

    Raises
    ------
    InputError
        If it is neither.
    """
    number = _number(value)
    if not (math.isfinite(number) and (number > 0 if positive else number >= 0)):
        raise InputError(f"{name} = {value!r}: give a finite number {'>' if positive else '>='} 0")
    return number
