"""How long things take: the law of a delay as a number or a text, and its draws in kernels.

A number is a rate per unit of time (an exponential delay of mean 1 / rate), or a chance per step (a geometric number of
steps, at least one). A text names a law and its parameters, in the model's unit of time: ``"lognormal 2 0.5"``.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_inline
from diffusion.errors import InputError, suggestion
from diffusion.laws import KNOTS, Law, quantile, tabulate
from diffusion.randomness import uniform

NEVER_ENDS, NONE, TABLE, GEOMETRIC = 0, 1, 2, 3
"""Kinds of delays: infinite, zero, drawn from a quantile table, a geometric number of steps."""

_LEAST = 1e-300
"""Below the least delay of any table, so that nothing takes no time at all."""
_LEAST_SHARE = 1024

PARAMETERS = {
    "constant": ("value",),
    "exponential": ("mean",),
    "gamma": ("mean", "shape"),
    "lognormal": ("median", "sd"),
    "power": ("least", "exponent"),
    "uniform": ("low", "high"),
    "weibull": ("scale", "shape"),
}
"""Law -> its parameters: sd is that of the logarithm; power has the density x ** -exponent from `least` on."""


class Delay(NamedTuple):
    """A law of delays as kernels take it: its kind, log(1 - chance per step) or 0, its quantile table or nothing."""

    kind: int
    log_stay: float
    table: NDArray[np.float64]


_NO_TABLE = np.zeros(0)
_NO_TABLE.setflags(write=False)
ENDLESS = Delay(NEVER_ENDS, 0.0, _NO_TABLE)
ABSENT = Delay(NONE, 0.0, _NO_TABLE)


def delay_of(name: str, value: float | str, is_discrete: bool) -> Delay:
    """Read the law of a delay.

    Parameters
    ----------
    name : str
        Of the model's parameter, for messages.
    value : float or str
        A rate or a chance per step, or a law such as ``"gamma 2 3"``; PARAMETERS names them all.
    is_discrete : bool
        Whether time runs in steps, where a number is a chance and laws of continuous time have no place.

    Raises
    ------
    InputError
    """
    number = _as_number(value)
    if number is None:
        if is_discrete:
            raise InputError(f"{name} = {value!r}: in steps give a chance per step, 0 to 1")
        return Delay(TABLE, 0.0, _table(name, str(value)))
    if is_discrete:
        if not 0 <= number <= 1:
            raise InputError(f"{name} = {value!r}: in steps give a chance per step, 0 to 1")
        return ENDLESS if number == 0 else Delay(GEOMETRIC, math.log1p(-number) if number < 1 else -math.inf, _NO_TABLE)
    if not 0 <= number < math.inf:
        raise InputError(f'{name} = {value!r}: give a rate >= 0, or the law of a delay such as "lognormal 2 0.5"')
    return ENDLESS if number == 0 else Delay(TABLE, 0.0, _floored(Law("exponential", (1 / number,)).table()))


def _as_number(value: float | str) -> float | None:
    if isinstance(value, bool):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _table(name: str, text: str) -> NDArray[np.float64]:
    law, *words = text.split()
    if law not in PARAMETERS:
        raise InputError(f'{name} = "{text}": there is no law "{law}"{suggestion(law, PARAMETERS)}')
    wanted = PARAMETERS[law]
    example = f"{law} {' '.join(wanted)}"
    try:
        numbers = tuple(float(word) for word in words)
    except ValueError:
        numbers = ()
    if len(numbers) != len(wanted) or not all(0 < x < math.inf for x in numbers[-1:]):
        raise InputError(f'{name} = "{text}": give "{example}", numbers > 0')
    if law == "uniform":
        if not 0 <= numbers[0] < numbers[1]:
            raise InputError(f'{name} = "{text}": give "{example}", 0 <= low < high')
    elif not 0 < numbers[0] < math.inf:
        raise InputError(f'{name} = "{text}": give "{example}", numbers > 0')
    if law == "power":
        return _floored(_power(name, text, *numbers))
    return _floored(Law(law, numbers).table())  # type: ignore[arg-type]


def _power(name: str, text: str, least: float, exponent: float) -> NDArray[np.float64]:
    """Pareto's law: a delay exceeds x >= least with the chance (x / least) ** (1 - exponent)."""
    if exponent <= 1:
        raise InputError(f'{name} = "{text}": give an exponent > 1; with 1 or less it is no law')
    return tabulate(lambda q: least * (1 - q) ** (1 / (1 - exponent)), lambda q: least * q ** (1 / (1 - exponent)))


def _floored(table: NDArray[np.float64]) -> NDArray[np.float64]:
    kept = np.maximum(table, _LEAST)
    kept.setflags(write=False)
    return kept


def early(law: Delay, chance: float) -> float:
    """Return about the time by which so small a share of the delays is over (for the width of buckets)."""
    if law.kind != TABLE:
        return 1.0
    # The last knot of octave k of the lower half is the quantile at 2 ** -(k + 1).
    quantiles = law.table[: law.table.size // 2].reshape(-1, KNOTS + 1)[:, -1]
    powers = -np.arange(1.0, quantiles.size + 1)
    found = float(np.interp(math.log2(chance), powers[::-1], quantiles[::-1]))
    return max(found, float(quantiles[0]) / _LEAST_SHARE)


@hot_inline
def delay(law, h, weight):
    """Return the delay that the hash `h` stands for; a weight multiplies the rate."""
    if law.kind == TABLE:
        return quantile(law.table, h) / weight if weight > 0.0 else np.inf
    if law.kind == GEOMETRIC:
        return np.floor(np.log(1.0 - uniform(h)) / (law.log_stay * weight)) + 1.0 if weight > 0.0 else np.inf
    return 0.0 if law.kind == NONE else np.inf
