"""Delays and marks that are written as text: memory kernels, and the numbers of followers of events.

The power laws are exact, because their tails decide; the other laws are tables (`diffusion.laws`). What is drawn has
its body linear below a scale and a power tail above it: the probability above s is (1 - body) (s / scale)**-tail.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_inline
from diffusion.errors import InputError, suggestion
from diffusion.laws import KNOTS, OCTAVES, Law, quantile
from diffusion.randomness import uniform

SEISMIC = (300.0, 0.242)
"""Seconds of the flat part, and the exponent of its tail (Zhao et al. 2015, table of fitted values)."""

FORMS = {
    "constant": ("VALUE", 1),
    "exponential": ("MEAN", 1),
    "lognormal": ("MEDIAN SD", 2),
    "gamma": ("MEAN SHAPE", 2),
    "weibull": ("SCALE SHAPE", 2),
    "uniform": ("LOW HIGH", 2),
    "power": ("SMALLEST EXPONENT", 2),
    "seismic": ("FLAT TAIL", 2),
}
"""Name of a law -> its parameters in words, and how many they are."""


class Amount(NamedTuple):
    """A law as kernels draw it: a table, or a linear body and a power tail where `tail` > 0."""

    table: NDArray[np.float64]
    body: float
    scale: float
    tail: float


@hot_inline
def amount(law, h):
    """Return the value of a law at the probability that the hash `h` stands for."""
    if law.tail == 0.0:
        return quantile(law.table, h)
    u = uniform(h)
    if u < law.body:
        return u / law.body * law.scale
    return law.scale * ((1.0 - u) / (1.0 - law.body)) ** (-1.0 / law.tail)


def read_amount(name: str, text: Any, *, positive: bool = True) -> Amount:
    """Read a law such as ``"exponential 60"``, ``"power 1 2.5"`` or ``"seismic"``.

    Parameters
    ----------
    name : str
        Name of the argument, for messages.
    text : str
    positive : bool
        Whether the law must not be constantly 0.

    Raises
    ------
    InputError
        For an unknown law, a wrong number of parameters and parameters that make no law.
    """
    words = text.split() if isinstance(text, str) else []
    if not words:
        raise InputError(f'{name} = {text!r}: give a law as text, such as "exponential 60"')
    kind = words[0]
    if kind not in FORMS:
        raise InputError(f'{name} = "{text}": there is no law "{kind}"{suggestion(kind, FORMS)}')
    if kind == "seismic" and len(words) == 1:
        return _seismic(*SEISMIC)
    form, count = FORMS[kind]
    numbers = _numbers(words[1:])
    if len(numbers) != count or not all(math.isfinite(x) and x >= 0 for x in numbers):
        raise InputError(f'{name} = "{text}": write "{kind} {form}", with numbers >= 0')
    if (positive and numbers[0] <= 0 and kind != "uniform") or (count == 2 and numbers[1] <= 0 and kind != "lognormal"):
        raise InputError(f'{name} = "{text}": write "{kind} {form}", with numbers > 0')
    if kind == "uniform" and numbers[1] <= numbers[0]:
        raise InputError(f'{name} = "{text}": LOW must be below HIGH')
    if kind == "power" and numbers[1] <= 1:
        raise InputError(f'{name} = "{text}": the exponent of the density must be above 1')
    if kind == "power":
        return Amount(_NO_TABLE, 0.0, numbers[0], numbers[1] - 1)
    if kind == "seismic":
        return _seismic(*numbers)
    return Amount(Law(kind, tuple(numbers)).table(), 0.0, 0.0, 0.0)  # type: ignore[arg-type]


def mean_of(law: Amount) -> float:
    """Return the mean of what is drawn; infinite where the tail is too heavy for one."""
    if law.tail > 0:
        above = law.scale * law.tail / (law.tail - 1) if law.tail > 1 else math.inf
        return law.body * law.scale / 2 + (1 - law.body) * above
    knots = law.table.reshape(2, OCTAVES, KNOTS + 1)
    octave = np.arange(OCTAVES)
    # The last octave also stands for all that lies further out.
    weight = 2.0 ** -(octave + 2.0) * np.where(octave == OCTAVES - 1, 2, 1)
    middles = (knots[:, :, 1:] + knots[:, :, :-1]) / 2
    return float((middles.mean(axis=2) * weight).sum())


_NO_TABLE = np.zeros(1)
_NO_TABLE.setflags(write=False)


def _seismic(flat: float, tail: float) -> Amount:
    """Return the kernel that is constant up to `flat` and falls as s**-(1 + tail) behind, with area 1."""
    return Amount(_NO_TABLE, tail / (1 + tail), flat, tail)


def _numbers(words: list[str]) -> list[float]:
    try:
        return [float(word) for word in words]
    except ValueError:
        return []
