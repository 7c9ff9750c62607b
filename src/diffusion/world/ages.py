"""Bands of age: how many persons are in each, and shares that differ between them (audiences, memberships)."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from diffusion.errors import InputError, suggestion
from diffusion.world.types import is_number

BANDS = ("18-29", "30-49", "50-64", "65+")
"""The bands of age of Pew's tables; whoever is younger counts with the first."""

BAND_BEGINS = (30.0, 50.0, 65.0)
"""Ages, in years, at which the second and later bands begin."""

Shares = tuple[float, float, float, float]
"""One share per band."""

AGES: Shares = (0.22, 0.33, 0.25, 0.20)
"""Shares of the bands where `people.ages` says nothing. Assumed: near those of US adults in 2016."""

DIETS: dict[str, dict[str, Shares]] = {
    "pew-2016": {
        "wire": (0.0, 0.0, 0.0, 0.0),
        "television": (0.27, 0.45, 0.72, 0.85),
        "radio": (0.14, 0.27, 0.29, 0.24),
        "newspaper": (0.05, 0.10, 0.23, 0.48),
        "news_site": (0.50, 0.49, 0.29, 0.20),
    }
}
"""Audiences by age under a name, for each medium.

`pew-2016`: US adults who often get news there (Mitchell et al., The Modern News Consumer, Pew Research Center, July
2016; news_site: online). Radio between 30 and 64 and print between 50 and 64 are from memory; with `AGES` they give the
totals of that report (57, 25, 20 and 38 %) within 2 points.
"""


def _shares(value: Any, what: str) -> Shares:
    if isinstance(value, tuple) and len(value) == len(BANDS):
        value = dict(zip(BANDS, value, strict=True))
    if not isinstance(value, dict):
        raise InputError(f"{value!r} is not {what}")
    for band, share in value.items():
        if band not in BANDS:
            raise InputError(f'"{band}" is not a band of age{suggestion(str(band), BANDS)}')
        if not is_number(share) or not 0.0 <= share <= 1.0:
            raise InputError(f'"{band}" = {share!r} is not a share between 0 and 1')
    missing = [band for band in BANDS if band not in value]
    if missing:
        raise InputError(f'"{missing[0]}" is missing; every band of age needs a share ({", ".join(BANDS)})')
    first, second, third, last = (float(value[band]) for band in BANDS)
    return first, second, third, last


def _ages(value: Any) -> Shares:
    shares = _shares(value, "a table of shares by age")
    if abs(sum(shares) - 1.0) > 1e-6:
        raise InputError(f"the shares of the bands add up to {sum(shares):g}, not to 1")
    return shares


def _share_by_age(value: Any) -> float | Shares:
    if isinstance(value, dict | tuple):
        return _shares(value, "a table of shares by age")
    if not is_number(value) or not 0.0 <= value <= 1.0:
        raise InputError(f"{value!r} is not a share between 0 and 1")
    return float(value)


def _audience(value: Any) -> float | Shares | str:
    if isinstance(value, str):
        if value not in DIETS:
            raise InputError(
                f'"{value}" is not a known diet{suggestion(value, DIETS)}; or give a share between 0 and 1'
            )
        return value
    return _share_by_age(value)


def _written(value: Any) -> Any:
    return dict(zip(BANDS, value, strict=True)) if isinstance(value, tuple) else value


_SHARE: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 1}
_TABLE: dict[str, Any] = {
    "type": "object",
    "properties": dict.fromkeys(BANDS, _SHARE),
    "required": list(BANDS),
    "additionalProperties": False,
}
_TEXT = '{ "18-29" = …, "30-49" = …, "50-64" = …, "65+" = … }'
_ONE_OR_TABLE = {"anyOf": [_SHARE, _TABLE], "description": f"a share between 0 and 1, or {_TEXT}"}
_OR_DIET = {
    "anyOf": [_SHARE, _TABLE, {"enum": list(DIETS)}],
    "description": f"a share between 0 and 1, {_TEXT}, or the name of a diet ({', '.join(DIETS)})",
}

Ages = Annotated[
    Shares,
    BeforeValidator(_ages),
    PlainSerializer(_written),
    WithJsonSchema({**_TABLE, "description": _TEXT}),
]
"""Shares of the bands of age, adding up to 1."""

ShareByAge = Annotated[
    float | Shares, BeforeValidator(_share_by_age), PlainSerializer(_written), WithJsonSchema(_ONE_OR_TABLE)
]
"""A share in [0, 1], or one for each band of age."""

AudienceShare = Annotated[
    float | Shares | str, BeforeValidator(_audience), PlainSerializer(_written), WithJsonSchema(_OR_DIET)
]
"""A share in [0, 1], one for each band of age, or the name of a diet."""


def bands_of(ages: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return the bands of ages in years, (n,) in 0 … 3, or -1 where an age is NaN."""
    found = np.searchsorted(np.array(BAND_BEGINS), ages, side="right").astype(np.int8)
    found[np.isnan(ages)] = -1
    return found


def bands_at(shares: Shares, points: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return the bands of uniform numbers, (n,): the first one whose running sum of shares exceeds the number."""
    found = np.zeros(points.size, dtype=np.int8)
    total = 0.0
    for share in shares[:-1]:
        total = total + share
        found += points >= total
    return found
