"""The tail of a degree distribution: a discrete power law, fitted as Clauset, Shalizi & Newman (2009) do."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

LEAST_TAIL = 50
"""Persons that a tail needs: below it estimates are unreliable (Clauset, Shalizi & Newman 2009, §3.5)."""

_MOST_STARTS = 100
"""Values at which a tail may start that are tried (chosen), evenly over the different ones in their logarithms."""

_LOWEST, _HIGHEST = 1.01, 10.0
_STEP = 1e-3


class Tail(NamedTuple):
    """A power law fitted to the upper end of a distribution of counts.

    Attributes
    ----------
    exponent, error : float
        Of the density, and its standard error given `start`; NaN where there is no tail.
    start, persons : int
        The tail: persons with at least `start`, and how many they are.
    distance : float
        Kolmogorov-Smirnov distance between the tail and the law. A law is plausible if it is of the order of
        1 / sqrt(persons) or less.
    """

    exponent: float
    error: float
    start: int
    persons: int
    distance: float

    def at_least(self, counts: NDArray[Any]) -> NDArray[np.float64]:
        """Return the law's share of persons in the tail who have at least so many, (k,) float64."""
        from scipy.special import zeta

        shares: NDArray[np.float64] = zeta(self.exponent, counts) / zeta(self.exponent, self.start)
        return shares


NO_TAIL = Tail(math.nan, math.nan, 0, 0, math.nan)


def fit_tail(counts: NDArray[Any], *, start: int | None = None) -> Tail:
    """Fit p(x) = x^-exponent / ζ(exponent, start) to the counts x >= start.

    The exponent is the maximum-likelihood estimate, its error comes from the curvature of the likelihood (Clauset,
    Shalizi & Newman 2009, eqs. 3.5 and 3.6); `start` is where the distance between tail and law is least (§3.3), among
    at most 100 values that leave 50 persons in the tail.

    Parameters
    ----------
    counts : (n,) integers >= 0
        Numbers of followers, or of accounts followed.
    start : int, optional
        Where the tail starts, instead of the search.

    Returns
    -------
    Tail
        `NO_TAIL` where fewer than 50 persons or two different counts are left.
    """
    values, repeats = np.unique(counts[counts >= max(1, start or 1)], return_counts=True)
    above = repeats[::-1].cumsum()[::-1]
    n_starts = min(int(np.count_nonzero(above >= LEAST_TAIL)), values.size - 1)
    if n_starts < 1:
        return NO_TAIL
    starts = np.arange(n_starts if start is None else 1)
    if starts.size > _MOST_STARTS:
        marks = np.geomspace(values[0], values[n_starts - 1], _MOST_STARTS)
        starts = np.unique(np.clip(np.searchsorted(values, marks), 0, n_starts - 1))
    fits = [_fit(values[k:].astype(np.float64), repeats[k:]) for k in starts.tolist()]
    return min(fits, key=lambda fit: fit.distance)


def _fit(values: NDArray[np.float64], repeats: NDArray[np.int64]) -> Tail:
    """Fit the law to all of (values, how often each)."""
    from scipy.optimize import minimize_scalar
    from scipy.special import zeta

    start, n = float(values[0]), int(repeats.sum())
    mean_log = float(repeats @ np.log(values)) / n

    def cost(exponent: float) -> float:
        return float(np.log(zeta(exponent, start))) + exponent * mean_log

    exponent = float(minimize_scalar(cost, bounds=(_LOWEST, _HIGHEST), method="bounded", options={"xatol": 1e-6}).x)
    curvature = (cost(exponent + _STEP) - 2 * cost(exponent) + cost(exponent - _STEP)) / _STEP**2
    whole = zeta(exponent, start)
    reached = repeats[::-1].cumsum()[::-1] / n
    passed = np.append(reached[1:], 0.0)
    # between two counts that occur the law moves and the data do not: both ends of each step count
    before, after = zeta(exponent, values) / whole, zeta(exponent, values + 1) / whole
    distance = float(max(np.abs(reached - before).max(), np.abs(passed - after).max()))
    return Tail(exponent, 1 / math.sqrt(n * curvature) if curvature > 0 else math.nan, int(start), n, distance)
