"""Laws of delays and traits as quantile tables, and the response of belief to evidence.

Kernels draw from every law in the same way: `quantile(table, h)` turns a 64-bit hash into a value by linear
interpolation between knots. Knots lie geometrically closer towards both tails (`OCTAVES` halvings of the tail
probability, `KNOTS` intervals in each), so that log-normal and exponential tails are kept to 2**-24. A table is
(2 * OCTAVES * (KNOTS + 1),) float64: the lower half of the distribution first, then the upper.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_inline, leading_zeros

OCTAVES = 24
KNOTS = 16
TABLE_LENGTH = 2 * OCTAVES * (KNOTS + 1)

LawName = Literal["constant", "lognormal", "exponential", "uniform", "gamma", "weibull", "empirical"]
Quantiles = Callable[[NDArray[np.float64]], NDArray[np.floating]]
"""Probabilities -> quantiles of a law, of the same shape."""

_ONE = np.uint64(1)
_S4 = np.uint64(4)
_S60 = np.uint64(60)
_S63 = np.uint64(63)
_S11 = np.uint64(11)
_UNIT32 = 2.0**-32
_UNIT53 = 2.0**-53
_LOW32 = np.uint64(0xFFFFFFFF)
_S32 = np.uint64(32)


@hot_inline
def quantile(table, h):
    """Return the value of a tabulated law at the probability that the hash `h` (uint64) stands for."""
    side = np.int64(h >> _S63)
    x = h << _ONE
    octave = min(leading_zeros(x | _ONE), OCTAVES - 1)
    x = (x << np.uint64(octave)) << _ONE
    # The four bits behind the leading one choose the interval, the rest its fraction.
    interval = np.int64(x >> _S60)
    fraction = np.float64((x << _S4) >> _S11) * _UNIT53
    at = (side * OCTAVES + octave) * (KNOTS + 1) + interval
    low = table[at]
    return low + fraction * (table[at + 1] - low)


def _probabilities() -> NDArray[np.float64]:
    """Return the tail probability at each knot of one half: (OCTAVES, KNOTS + 1)."""
    octave = np.arange(OCTAVES)[:, None]
    return np.asarray(2.0 ** -(octave + 2.0) * (1.0 + np.arange(KNOTS + 1)[None, :] / KNOTS), dtype=np.float64)


def tabulate(lower: Quantiles, upper: Quantiles) -> NDArray[np.float64]:
    """Tabulate a law from its quantile function.

    Parameters
    ----------
    lower, upper : callable
        The quantile at probability q, and at probability 1 - q, for q in (0, 1/2].
    """
    tail = _probabilities().ravel()
    table = np.concatenate([lower(tail), upper(tail)]).astype(np.float64)
    table.setflags(write=False)
    return table


def knots(table: NDArray[np.float64]) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
    """Return ranks of hashes in ascending order, and for each the least value of hashes of this rank or a higher one.

    The rank of a hash is the hash itself in the lower half of a law; in the upper half, where larger hashes stand for
    smaller values, all bits but the first are turned round.

    Returns
    -------
    ranks, values : (table.size,) uint64, float64
    """
    tail = (_probabilities() * 2.0**64).astype(np.uint64)
    lower, upper = tail[::-1].copy(), ~tail[:, ::-1]
    # Beyond the outermost octave its values come again.
    lower[0] = lower[0, -1]
    upper[-1, 1:] = ~np.uint64(0)
    halves = table.reshape(2, OCTAVES, KNOTS + 1)
    values = np.concatenate([halves[0, ::-1].ravel(), halves[1, :, ::-1].ravel()])
    return np.concatenate([lower.ravel(), upper.ravel()]), np.minimum.accumulate(values[::-1])[::-1]


@cache
def standard_normal() -> NDArray[np.float64]:
    """Return the table of N(0, 1)."""
    from scipy.special import ndtri

    return tabulate(lambda q: ndtri(q), lambda q: -ndtri(q))


@cache
def standard_exponential() -> NDArray[np.float64]:
    """Return the table of Exp(1), mean 1."""
    return tabulate(lambda q: -np.log1p(-q), lambda q: -np.log(q))


@dataclass(frozen=True, slots=True)
class Law:
    """A law of a non-negative quantity (a delay in seconds, a rate, a factor).

    Attributes
    ----------
    name : str
        Which family.
    parameters : tuple of float
        constant (value,); lognormal (median, standard deviation of the logarithm); exponential (mean,); uniform (low,
        high); gamma (mean, shape); weibull (scale, shape); empirical (quantiles at equally spaced probabilities from 0
        to 1).
    """

    name: LawName
    parameters: tuple[float, ...]

    @property
    def is_zero(self) -> bool:
        """Whether the quantity is always 0."""
        return self.name == "constant" and self.parameters[0] == 0.0

    def table(self) -> NDArray[np.float64]:
        """Return the law's quantile table, in the units of its parameters."""
        return _law_table(self.name, self.parameters)

    def median(self) -> float:
        """Return the median."""
        return float(self.table()[KNOTS])


@lru_cache(maxsize=512)
def _law_table(name: LawName, p: tuple[float, ...]) -> NDArray[np.float64]:
    if name == "constant":
        return tabulate(lambda q: np.full(q.shape, p[0]), lambda q: np.full(q.shape, p[0]))
    if name == "lognormal":
        table = p[0] * np.exp(p[1] * standard_normal())
        table.setflags(write=False)
        return table
    if name == "exponential":
        return tabulate(lambda q: -p[0] * np.log1p(-q), lambda q: -p[0] * np.log(q))
    if name == "uniform":
        width = p[1] - p[0]
        return tabulate(lambda q: p[0] + width * q, lambda q: p[1] - width * q)
    if name == "weibull":
        return tabulate(lambda q: p[0] * (-np.log1p(-q)) ** (1 / p[1]), lambda q: p[0] * (-np.log(q)) ** (1 / p[1]))
    if name == "gamma":
        from scipy.special import gammainccinv, gammaincinv

        scale = p[0] / p[1]
        return tabulate(lambda q: scale * gammaincinv(p[1], q), lambda q: scale * gammainccinv(p[1], q))
    at = np.linspace(0.0, 1.0, len(p))
    return tabulate(lambda q: np.interp(q, at, p), lambda q: np.interp(1 - q, at, p))


# --- points of a unit-rate Poisson process, cell by cell -------------------------------------------------------------

MOST_POINTS = 9
"""More points than this in one cell of mean 1 have a chance below 2**-22; they are not drawn."""

_POISSON = tuple(
    min(math.floor(sum(math.exp(-1) / math.factorial(j) for j in range(k + 1)) * 2**32), 2**32 - 1)
    for k in range(MOST_POINTS)
)
POISSON_THRESHOLDS = np.array(_POISSON, dtype=np.uint64)


@hot_inline
def points_in_cell(h):
    """Return how many points of a unit-rate Poisson process fall into the cell with hash `h` (upper 32 bits decide)."""
    u = h >> _S32
    count = 0
    while count < MOST_POINTS and u >= POISSON_THRESHOLDS[count]:
        count += 1
    return count


@hot_inline
def first_point(h):
    """Return the position in [0, 1) of the cell's point number 0 (lower 32 bits; further ones are `draw(h, k)`)."""
    return np.float64(h & _LOW32) * _UNIT32


# --- belief ----------------------------------------------------------------------------------------------------------

EVIDENCE_LIMIT = 4.0
"""Evidence is clipped to this many logits (model: L clipped to +-4)."""

_SIGMA_STEPS = 64
SIGMA_TABLE = 1.0 / (1.0 + np.exp(-np.arange(-4 * _SIGMA_STEPS, 4 * _SIGMA_STEPS + 2) / _SIGMA_STEPS))
SIGMA_TABLE.setflags(write=False)


@hot_inline
def sigma(x):
    """Return the logistic function of evidence `x` in [-4, 4], from a table (linear between steps of 1/64)."""
    at = (x + EVIDENCE_LIMIT) * _SIGMA_STEPS
    step = np.int64(at)
    low = SIGMA_TABLE[step]
    return low + (at - step) * (SIGMA_TABLE[step + 1] - low)
