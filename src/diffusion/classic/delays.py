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
from diffusion.laws import KNOTS, Law, knots, quantile, tabulate
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


# --- which delays may be short enough --------------------------------------------------------------------------------


class Screen(NamedTuple):
    """Tells from a hash, without a delay, that the delay is too long: most contacts come too late.

    Attributes
    ----------
    first : int
        The leading bits of the shortest duration that has a bound of its own.
    bounds : (k,) uint64
        By the leading bits of a duration: ranks of hashes above it stand for longer delays.
    """

    first: int
    bounds: NDArray[np.uint64]


_LEADING = np.uint64(48)
"""Behind the sign, the exponent and four bits of a float64."""
_MOST_BOUNDS = 8192
_FLIP = np.uint64(2**63 - 1)
_S63 = np.uint64(63)


def screen_of(law: Delay) -> Screen:
    """Return the screen of a law; it lets everything pass where there is no table."""
    everything = np.uint64(2**64 - 1)
    if law.kind != TABLE:
        return Screen(0, np.array([everything]))
    ranks, delays = knots(law.table)
    last = _leading(delays[-1]) + 1
    first = max(_leading(delays[0]), last - _MOST_BOUNDS)
    # Durations with the same leading bits are shorter than the next one that has others.
    beyond = (np.arange(first + 1, last + 1, dtype=np.uint64) << _LEADING).view(np.float64)
    at = np.searchsorted(delays, beyond, side="right")
    return Screen(first, np.append(np.append(ranks, everything)[at], everything))


def _leading(duration: float) -> int:
    return int(np.float64(duration).view(np.uint64) >> _LEADING)


@hot_inline
def bound_of(screen, duration):
    """Return the bound of a duration > 0."""
    leading = np.int64(np.float64(duration).view(np.uint64) >> _LEADING)
    return screen.bounds[min(max(leading - screen.first, 0), screen.bounds.size - 1)]


@hot_inline
def may_be_within(bound, h):
    """Whether the hash may stand for a delay within the duration that the bound is of."""
    # In the upper half of a law larger hashes are shorter delays.
    return h ^ ((h >> _S63) * _FLIP) <= bound
