"""Units as people write them: "20 min", "3/day", "06:30", and the wall clock.

Inside, durations are float seconds, rates are float per second, times of day are integer seconds after midnight; the
engine's unit is the tick.
"""

from __future__ import annotations

import math
import re

from diffusion.errors import InputError, suggestion

SECOND, MINUTE, HOUR, DAY, WEEK = 1.0, 60.0, 3600.0, 86400.0, 604800.0

UNITS: dict[str, float] = {
    "ms": 0.001,
    "s": SECOND, "sec": SECOND, "second": SECOND, "seconds": SECOND,
    "min": MINUTE, "minute": MINUTE, "minutes": MINUTE,
    "h": HOUR, "hour": HOUR, "hours": HOUR,
    "d": DAY, "day": DAY, "days": DAY,
    "week": WEEK, "weeks": WEEK,
}  # fmt: skip

NEVER = 2**32 - 1
"""The tick that stands for never."""

_NUMBER = r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
_DURATION = re.compile(rf"^\s*{_NUMBER}\s*([A-Za-z]+)\s*$")
_RATE = re.compile(rf"^\s*{_NUMBER}\s*/\s*([A-Za-z]+)\s*$")
_TIME = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2}))?$")


def _unit(word: str, value: object) -> float:
    if word not in UNITS:
        raise InputError(f'"{value}": unknown unit "{word}"{suggestion(word, UNITS)}')
    return UNITS[word]


def seconds(value: object) -> float:
    """Read a duration such as ``"20 min"``, ``"1.5 h"``, ``"2 ms"`` and return seconds (>= 0, finite).

    Raises
    ------
    InputError
        For a number without a unit, an unknown unit, a negative or an infinite duration.
    """
    match = _DURATION.match(value) if isinstance(value, str) else None
    if match is None:
        raise InputError(f'{_shown(value)} is not a duration; write a number and a unit, such as "20 min"')
    number = float(match[1]) * _unit(match[2], value)
    if not math.isfinite(number) or number < 0:
        raise InputError(f'"{value}" is not a duration >= 0')
    return number


def per_second(value: object) -> float:
    """Read a rate such as ``"3/day"`` and return it per second (>= 0, finite)."""
    match = _RATE.match(value) if isinstance(value, str) else None
    if match is None:
        raise InputError(f'{_shown(value)} is not a rate; write a number, "/" and a unit, such as "3/day"')
    number = float(match[1]) / _unit(match[2], value)
    if not math.isfinite(number) or number < 0:
        raise InputError(f'"{value}" is not a rate >= 0')
    return number


def time_of_day(value: object) -> int:
    """Read ``"06:30"`` or ``"06:30:15"`` and return seconds after midnight."""
    match = _TIME.match(value) if isinstance(value, str) else None
    hour, minute, second = (int(match[1]), int(match[2]), int(match[3] or 0)) if match else (99, 99, 99)
    if hour > 23 or minute > 59 or second > 59:
        raise InputError(f"{_shown(value)} is not a time of day (HH:MM, 00:00 to 23:59)")
    return hour * 3600 + minute * 60 + second


def _shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


_SHORT = 4
"""A quotient of this many characters is easily read ("1.5", "22.8"); a longer one tries the next smaller unit."""


def duration_text(value: float) -> str:
    """Write seconds as people do, in the largest unit that divides them well: ``"20 min"``, ``"1.5 h"``, ``"50 h"``."""
    if value == 0:
        return "0 s"
    if not math.isfinite(value):
        return "never"
    units = (("day", DAY), ("h", HOUR), ("min", MINUTE), ("s", SECOND), ("ms", 0.001))
    texts = [(f"{value / size:.6g}", word) for word, size in units if value >= size * 0.9999]
    number, word = next((text for text in texts if len(text[0]) <= _SHORT), texts[0] if texts else ("", ""))
    return f"{number} {word}" if word else f"{value / 0.001:.6g} ms"


def rate_text(value: float) -> str:
    """Write a rate per second as people do: ``"3.4/day"``."""
    units = (("s", SECOND), ("min", MINUTE), ("h", HOUR), ("day", DAY))
    texts = [f"{value * size:.6g}/{word}" for word, size in units if value * size >= 0.01]
    short = (text for text in texts if text.index("/") <= _SHORT)
    return next(short, texts[-1] if texts else f"{value * DAY:.6g}/day")


def ticks(value: float, tick: float) -> int:
    """Turn seconds into ticks of `tick` seconds (rounded to the nearest)."""
    return round(value / tick)
