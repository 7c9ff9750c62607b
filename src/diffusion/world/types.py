"""Field types of the world's objects: durations, rates, shares, laws and daily profiles, as people write them."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, Self

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError, WithJsonSchema

from diffusion.errors import InputError, suggestion
from diffusion.laws import Law
from diffusion.units import per_second, seconds
from diffusion.world.messages import one_line

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)


class _OneLine(ModelMetaclass):
    """Classes whose call raises an `InputError` of one line.

    A constructor of their own would do that for objects inside of objects too, whose place would then be lost.
    """

    def __call__(cls, *values: Any, **keys: Any) -> Any:
        """Make an object."""
        try:
            return super().__call__(*values, **keys)
        except ValidationError as error:
            raise one_line(error, cls) from None
        except TypeError:
            if not values:
                raise
            raise InputError(f"{cls.__name__}: give keys by name, {cls.__name__}(key=...), or **table") from None


class Frozen(BaseModel, metaclass=_OneLine):
    """Base of everything a person writes: immutable, strict about its keys, finite numbers only.

    What does not fit is an `InputError` of one line, as in files: the place, the value, and what would do.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=True)

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """Make an object from a table; what does not fit is an `InputError` of one line."""
        try:
            return super().model_validate(obj, **options)
        except ValidationError as error:
            raise one_line(error, cls) from None

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """Make an object from JSON; what does not fit is an `InputError` of one line."""
        try:
            return super().model_validate_json(json_data, **options)
        except ValidationError as error:
            raise one_line(error, cls) from None

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        """Refuse: objects stay as they are."""
        raise InputError(
            f"{type(self).__name__}.{name} cannot be set, for objects stay as they are; "
            'scenario.changed({"dotted.key": value}) returns a changed copy'
        )


def _seconds(value: Any) -> float:
    if isinstance(value, timedelta):
        if value < timedelta(0):
            raise InputError(f"{value} is not a duration >= 0")
        return value.total_seconds()
    return seconds(value)


def is_number(value: Any) -> bool:
    """Whether a value as written is a finite number (true and false are not)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond every float
        return False


def _positive_seconds(value: Any) -> float:
    read = _seconds(value)
    if read <= 0:
        raise InputError(f'"{value}": must be longer than 0')
    return read


def _positive_rate(value: Any) -> float:
    read = per_second(value)
    if read <= 0:
        raise InputError(f'"{value}": must be a rate above 0')
    return read


_write_seconds = PlainSerializer(lambda v: f"{v!r} s", return_type=str)
_write_rate = PlainSerializer(lambda v: f"{v!r}/s", return_type=str)

_NUMBER = r"[+]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
_DURATION = {
    "type": "string",
    "pattern": rf"^\s*{_NUMBER}\s*[A-Za-z]+\s*$",
    "description": 'a duration such as "20 min"',
}
_RATE = {
    "type": "string",
    "pattern": rf"^\s*{_NUMBER}\s*/\s*[A-Za-z]+\s*$",
    "description": 'a rate such as "3/day"',
}

Duration = Annotated[float, BeforeValidator(_seconds), _write_seconds, WithJsonSchema(_DURATION)]
"""Seconds, written ``"20 min"``."""

PositiveDuration = Annotated[float, BeforeValidator(_positive_seconds), _write_seconds, WithJsonSchema(_DURATION)]
"""Seconds above 0."""

Rate = Annotated[float, BeforeValidator(_positive_rate), _write_rate, WithJsonSchema(_RATE)]
"""Per second, written ``"3/day"``."""


def _share(value: Any) -> float:
    if not is_number(value) or not 0.0 <= value <= 1.0:
        raise InputError(f"{value!r} is not a share between 0 and 1")
    return float(value)


Share = Annotated[
    float,
    BeforeValidator(_share),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1, "description": "a share between 0 and 1"}),
]
"""A share or probability in [0, 1]."""


def _trust(value: Any) -> float:
    if not is_number(value) or not 0.01 <= value <= 0.99:
        raise InputError(f"{value!r} is not a trust between .01 and .99")
    return float(value)


Trust = Annotated[
    float,
    BeforeValidator(_trust),
    WithJsonSchema({"type": "number", "minimum": 0.01, "maximum": 0.99, "description": "a trust between .01 and .99"}),
]
"""Trust in a channel, in [.01, .99]; its evidence weight is logit(trust)."""

NonNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]

_FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "constant": (("value",), ()),
    "lognormal": (("median",), ("sd",)),
    "exponential": (("mean",), ()),
    "uniform": (("low", "high"), ()),
    "gamma": (("mean",), ("shape",)),
    "weibull": (("scale",), ("shape",)),
    "empirical": (("quantiles",), ()),
}


LONGEST = 1e12
"""No delay is longer than this many seconds: its ticks still fit into a 64-bit integer."""


def _number(table: dict[str, Any], key: str, law: str) -> float:
    value = table[key]
    if not is_number(value) or value < 0:
        raise InputError(f"{law}: {key} = {value!r} is not a number >= 0")
    if key == "shape" and value <= 0:
        raise InputError(f"{law}: {key} = {value!r} must be above 0")
    return float(value)


def _parse_law(value: Any, read: Callable[[Any], float]) -> Law:
    """Read a law and check that no draw of it leaves the range in which time is counted."""
    law = value if isinstance(value, Law) else _law_of(value, read)
    with np.errstate(all="ignore"):
        most = float(law.table().max())
    if not most <= LONGEST:
        raise InputError(f"{law.name}: rare draws reach {most:.3g} s, beyond {LONGEST:g} s; choose a smaller spread")
    return law


def _law_of(value: Any, read: Callable[[Any], float]) -> Law:
    if not isinstance(value, dict):
        return Law("constant", (read(value),))
    table = dict(value)
    name = table.pop("law", None)
    if not isinstance(name, str) or name not in _FIELDS:
        raise InputError(f"law = {name!r} is not known{suggestion(str(name), _FIELDS)}")
    sized, plain = _FIELDS[name]
    for key in table:
        if key not in sized + plain:
            raise InputError(f'{name} has no "{key}"{suggestion(key, sized + plain)}')
    missing = [key for key in sized + plain if key not in table]
    if missing:
        raise InputError(f'{name} needs "{missing[0]}"')
    if name == "empirical":
        return Law("empirical", _quantiles_of(table["quantiles"], read))
    if name == "uniform" and read(table["high"]) < read(table["low"]):
        raise InputError("uniform: high is below low")
    return Law(name, tuple(read(table[k]) for k in sized) + tuple(_number(table, k, name) for k in plain))  # type: ignore[arg-type]


def _quantiles_of(value: Any, read: Callable[[Any], float]) -> tuple[float, ...]:
    points = tuple(read(v) for v in value) if isinstance(value, list | tuple) else ()
    if len(points) < 2 or any(b < a for a, b in pairwise(points)):
        raise InputError("empirical: quantiles must be at least two values in ascending order")
    return points


def _parse_rate_law(value: Any) -> Law:
    law = _parse_law(value, per_second)
    if not law.table().min() > 0:
        raise InputError(f"{law.name}: every rate must be above 0")
    return law


def _write_law(law: Law, unit: str) -> Any:
    def text(v: float) -> str:
        return f"{v!r}{unit}"

    sized, plain = _FIELDS[law.name]
    if law.name == "constant":
        return text(law.parameters[0])
    if law.name == "empirical":
        return {"law": law.name, "quantiles": [text(v) for v in law.parameters]}
    values = [text(v) for v in law.parameters[: len(sized)]] + list(law.parameters[len(sized) :])
    return {"law": law.name, **dict(zip(sized + plain, values, strict=True))}


def _law_schema(quantity: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of a law: one quantity, or a table with the law's name and parameters."""
    number = {"type": "number", "minimum": 0}
    choices: list[dict[str, Any]] = [quantity]
    for law, (sized, plain) in _FIELDS.items():
        several = {"type": "array", "items": quantity, "minItems": 2}
        properties = {key: several if law == "empirical" else quantity for key in sized} | dict.fromkeys(plain, number)
        choices.append(
            {
                "type": "object",
                "properties": {"law": {"const": law}, **properties},
                "required": ["law", *sized, *plain],
                "additionalProperties": False,
            }
        )
    what = quantity["description"]
    return {"anyOf": choices, "description": f'{what}, or a law such as {{ law = "lognormal", median = …, sd = 0.6 }}'}


DelayLaw = Annotated[
    Law,
    BeforeValidator(lambda v: _parse_law(v, _seconds)),
    PlainSerializer(lambda v: _write_law(v, " s")),
    WithJsonSchema(_law_schema(_DURATION)),
]
"""A law of delays in seconds: ``"20 min"`` or ``{ law = "lognormal", median = "20 min", sd = 0.6 }``."""

RateLaw = Annotated[
    Law,
    BeforeValidator(_parse_rate_law),
    PlainSerializer(lambda v: _write_law(v, "/s")),
    WithJsonSchema(_law_schema(_RATE)),
]
"""A law of rates per second: ``"3.4/day"`` or ``{ law = "lognormal", median = "3.4/day", sd = 1.23 }``."""

_NEVER = {"anyOf": [*_law_schema(_DURATION)["anyOf"], {"const": "never"}]}

OptionalDelayLaw = Annotated[
    DelayLaw | None,
    BeforeValidator(lambda v: None if v == "never" else v),
    WithJsonSchema({**_NEVER, "description": f'{_law_schema(_DURATION)["description"]}, or "never"'}),
]
"""A law of delays, or ``"never"`` for what does not happen."""

# --- daily profiles --------------------------------------------------------------------------------------------------

_WEIBO = (3.8, 2.5, 1.7, 1.3, 1.1, 1.3, 2.4, 4.7, 6.9, 7.6, 7.0, 5.8,
          5.7, 5.5, 4.5, 3.9, 4.1, 3.8, 3.6, 3.8, 4.1, 4.7, 5.4, 4.9)  # fmt: skip
_HOUSEHOLD = (0.4, 0.2, 0.15, 0.15, 0.15, 0.3, 0.8, 1.2, 1.0, 0.7, 0.6, 0.7,
              0.9, 0.8, 0.7, 0.8, 1.1, 1.7, 2.4, 2.4, 2.4, 2.4, 1.6, 0.9)  # fmt: skip
_OTHERS = (0.1, 0.08, 0.08, 0.08, 0.08, 0.08, 0.3, 1.0, 2, 2, 2, 2,
           2, 2, 2, 2, 2, 1.2, 0.9, 0.7, 0.6, 0.4, 0.25, 0.15)  # fmt: skip
PROFILES: dict[str, tuple[float, ...]] = {
    "flat": (1.0,) * 24,
    "weibo": _WEIBO,
    "household": _HOUSEHOLD,
    "others": _OTHERS,
}
"""Hourly clocks by name: `weibo` is the hour-of-day profile of reposts (data); those of contacts are assumed shapes."""

TUNE_IN: dict[str, tuple[float, ...]] = {
    "television": (0.12, 0.06, 0.03, 0.03, 0.03, 0.04, 0.08, 0.12, 0.12, 0.10, 0.08, 0.08,
                   0.12, 0.13, 0.10, 0.09, 0.11, 0.18, 0.30, 0.36, 0.43, 0.42, 0.36, 0.22),
    "radio": (0.05, 0.05, 0.05, 0.05, 0.05, 0.10, 0.20, 0.28, 0.26, 0.20, 0.18, 0.18,
              0.18, 0.18, 0.17, 0.17, 0.20, 0.22, 0.17, 0.12, 0.09, 0.07, 0.06, 0.05),
    "always": (1.0,) * 24,
}  # fmt: skip
"""Chance by hour that a regular member of the audience is tuned in (assumed shapes)."""


def _profile(value: Any, known: dict[str, tuple[float, ...]], what: str) -> tuple[float, ...]:
    if isinstance(value, str):
        if value not in known:
            raise InputError(f'"{value}" is not a {what}{suggestion(value, known)}; or give 24 numbers')
        return known[value]
    if not isinstance(value, list | tuple) or len(value) != 24:
        raise InputError(f"{what}: give a name ({', '.join(known)}) or 24 numbers, one per hour")
    if not all(is_number(v) for v in value):
        raise InputError(f"{what}: every hour needs a finite number")
    return tuple(float(v) for v in value)


def _clock(value: Any) -> tuple[float, ...]:
    hours = _profile(value, PROFILES, "clock")
    if min(hours) <= 0:
        raise InputError("clock: every hour needs a number above 0 (time never stands still)")
    mean = sum(hours) / 24.0
    scaled = tuple(v / mean for v in hours)
    return hours if abs(mean - 1.0) < 1e-12 else scaled


def _tune_in(value: Any) -> tuple[float, ...]:
    hours = _profile(value, TUNE_IN, "tune-in profile")
    if min(hours) < 0 or max(hours) > 1:
        raise InputError("tune_in: every hour needs a share between 0 and 1")
    return hours


def _profile_schema(known: dict[str, tuple[float, ...]], what: str, **bounds: float) -> WithJsonSchema:
    hours = {"type": "array", "items": {"type": "number", **bounds}, "minItems": 24, "maxItems": 24}
    described = f"24 {what} or a name ({', '.join(known)})"
    return WithJsonSchema({"anyOf": [{"enum": list(known)}, hours], "description": described})


Clock = Annotated[
    tuple[float, ...], BeforeValidator(_clock), _profile_schema(PROFILES, "hourly numbers", exclusiveMinimum=0)
]
"""24 hourly intensities, scaled to mean 1: the clock of operational time."""

TuneIn = Annotated[
    tuple[float, ...], BeforeValidator(_tune_in), _profile_schema(TUNE_IN, "hourly shares", minimum=0, maximum=1)
]
"""24 hourly probabilities of being tuned in."""


def clock(name: str) -> tuple[float, ...]:
    """Return a named clock, scaled to mean 1."""
    return _clock(name)
