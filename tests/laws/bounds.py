"""What chance allows: bounds that a correct program passes but for `FALSE_ALARM`; how often a mistake stays inside."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import stats

FALSE_ALARM = 1e-3
"""Chance that a correct program fails one law that is a matter of chance."""

# --- samples against a distribution ----------------------------------------------------------------------------------


def distance_allowed(n: int, false_alarm: float = FALSE_ALARM) -> float:
    """Distance between n draws and their own distribution that is passed with at most this chance, for every n.

    Source: Dvoretzky, Kiefer & Wolfowitz (1956) with Massart's (1990) constant: P(D > e) <= 2 exp(-2 n e^2).
    """
    return math.sqrt(math.log(2 / false_alarm) / (2 * n))


def distance(sample: NDArray[np.float64], cdf: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> float:
    """Kolmogorov's distance between a sample and a continuous distribution."""
    at = cdf(np.sort(sample))
    n = sample.size
    return float(max((np.arange(1, n + 1) / n - at).max(), (at - np.arange(n) / n).max()))


def miss_at_distance(n: int, apart: float, false_alarm: float = FALSE_ALARM) -> float:
    """Bound on the chance that n draws from a distribution `apart` from the lawful one stay within what is allowed."""
    gap = apart - distance_allowed(n, false_alarm)
    return 1.0 if gap <= 0 else min(1.0, 2 * math.exp(-2 * n * gap * gap))


def exponential(mean: float) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return the distribution function of waits of the given mean."""
    return lambda x: -np.expm1(-np.asarray(x) / mean)


# --- counts and means ------------------------------------------------------------------------------------------------


def count_bounds(n: int, chance: float, false_alarm: float = FALSE_ALARM) -> tuple[int, int]:
    """Return the exact binomial bounds that a count of n stays between, both included, but for `false_alarm`."""
    law = stats.binom(n, chance)
    return int(law.ppf(false_alarm / 2)), int(law.ppf(1 - false_alarm / 2))


def miss_of_count(n: int, chance: float, control: float, false_alarm: float = FALSE_ALARM) -> float:
    """Chance that a count with the control's chance falls between the bounds of the lawful one."""
    low, high = count_bounds(n, chance, false_alarm)
    return float(stats.binom.cdf(high, n, control) - stats.binom.cdf(low - 1, n, control))


def mean_allowed(deviation: float, runs: int, false_alarm: float = FALSE_ALARM) -> float:
    """Return how far the mean of so many runs may lie from its expectation (normal law)."""
    return float(stats.norm.isf(false_alarm / 2)) * deviation / math.sqrt(runs)


def miss_of_mean(shift: float, allowed: float, deviation: float, runs: int) -> float:
    """Chance that a mean which is off by `shift` lies within what is allowed (normal law)."""
    return float(stats.norm.cdf((allowed - abs(shift)) * math.sqrt(runs) / deviation))
