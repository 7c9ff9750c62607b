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
from diffusion.classic.delays import PARAMETERS, delay_of
from diffusion.errors import InputError, suggestion
from diffusion.laws import KNOTS, OCTAVES, quantile
from diffusion.randomness import uniform

SEISMIC = (300.0, 0.242)
"""Seconds of the flat part, and the exponent of its tail (Zhao et al. 2015, table of fitted values)."""


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


def read_amount(name: str, text: Any) -> Amount:
    """Read a law such as ``"exponential 60"``, ``"power 1 2.5"`` or ``"seismic"``.

    Parameters
    ----------
    name : str
        Name of the argument, for messages.
    text : str
        The laws of `delays.PARAMETERS`, and "seismic" with or without FLAT and TAIL.

    Raises
    ------
    InputError
        For an unknown law, a wrong number of parameters and parameters that make no law.
    """
    words = text.split() if isinstance(text, str) else []
    if not words or words[0] not in (*PARAMETERS, "seismic"):
        near = suggestion(words[0], (*PARAMETERS, "seismic")) if words else ""
        raise InputError(f'{name} = {text!r}: give a law as text, such as "exponential 60"{near}')
    if words[0] == "seismic":
        return _seismic(*(_numbers(name, text, words[1:]) if words[1:] else SEISMIC))
    table = delay_of(name, text, False).table
    if words[0] == "power":
        return Amount(_NO_TABLE, 0.0, float(words[1]), float(words[2]) - 1)
    return Amount(table, 0.0, 0.0, 0.0)


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


def _numbers(name: str, text: str, words: list[str]) -> list[float]:
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        numbers = []
    if len(numbers) != 2 or not all(0 < x < math.inf for x in numbers):
        raise InputError(f'{name} = "{text}": give "seismic" or "seismic flat tail", numbers > 0')
    return numbers
