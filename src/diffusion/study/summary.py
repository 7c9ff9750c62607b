"""Medians over replicates with bootstrap intervals, where "never" is +infinity and is counted, never dropped."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.arguments import number_list
from diffusion.errors import InputError, expected
from diffusion.vocabulary import Purpose

LEVEL = 0.95
RESAMPLES = 2000
FEWEST = 6
"""With fewer replicates not even their whole range covers a median with probability .95 (1 - 2 * 2**-n)."""

SELDOM = 0.05
"""Share of replicates without an answer up to which a ratio is still given."""

_BLOCK = 2_000_000
"""Numbers that are resampled at once."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A median (or mean) over replicates and its percentile bootstrap interval.

    Attributes
    ----------
    value : float
        May be +inf (never) or -inf; NaN where there is nothing to summarise or the middle is torn between the two.
    low, high : float
        NaN with fewer than `FEWEST` replicates: there is no interval then.
    n : int
        Replicates with an answer, "never" included.
    never : int
        How many of them are +inf.
    undefined : int
        Replicates whose value is NaN (a share of nobody, say); they are left out.
    """

    value: float
    low: float
    high: float
    n: int
    never: int = 0
    undefined: int = 0

    @property
    def exists(self) -> bool:
        """Whether there are replicates enough for an interval."""
        return self.n >= FEWEST

    def mapped(self, function: Callable[[float], float]) -> Interval:
        """Return the interval under an increasing function."""
        value, low, high = (x if math.isnan(x) else function(x) for x in (self.value, self.low, self.high))
        return Interval(value, low, high, self.n, self.never, self.undefined)

    def text(self, unit: str = "", scale: float = 1.0, *, endless: str = "never") -> str:
        """Write value and interval: ``"3.2 h [2.9, 3.6]"``.

        Parameters
        ----------
        unit : str
            Written behind the value.
        scale : float
            Factor on the numbers.
        endless : str
            What infinity means.
        """
        if self.n == 0 or math.isnan(self.value):
            return "undetermined"
        value, low, high = (endless if x == math.inf else short(x * scale) for x in (self.value, self.low, self.high))
        number = value if value == endless or not unit else f"{value} {unit}"
        if not self.exists:
            return f"{number} (no interval: {self.n} of at least {FEWEST} replicates)"
        return number if low == value == high == endless else f"{number} [{low}, {high}]"

    def hours_text(self) -> str:
        """Write hours, or minutes where the value is less than one hour."""
        return self.text("min", 60.0) if abs(self.value) < 1 else self.text("h")


def short(value: float) -> str:
    """Write a number with three digits, without an exponent where it can be helped."""
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return {math.inf: "∞", -math.inf: "−∞"}.get(value, "undetermined")
    text = f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return text.replace("-", "−", 1) if text.startswith("-") else text


def median_interval(values: Floats, *, seed: int) -> Interval:
    """Return the median over replicates with its bootstrap interval, on the extended reals.

    Parameters
    ----------
    values : (n,) float64
        One per replicate; +inf means never, NaN is left out and counted.
    seed : int
        Of the resampling.

    Notes
    -----
    A resample whose two middle values are -inf and +inf has no median: it counts as -inf for the lower end of the
    interval and as +inf for the upper one.
    """
    return _interval(values, _middles, seed)


def mean_interval(values: Floats, *, seed: int) -> Interval:
    """Return the mean over replicates (finite values) with its bootstrap interval."""
    return _interval(values, lambda sample: (sample.mean(axis=1), sample.mean(axis=1)), seed)


def _middles(sample: Floats) -> tuple[Floats, Floats]:
    """Return the medians of rows, those without one as -inf and as +inf."""
    n = sample.shape[1]
    halves = np.partition(sample, [(n - 1) // 2, n // 2], axis=1)
    low, high = halves[:, (n - 1) // 2], halves[:, n // 2]
    torn = (low == -np.inf) & (high == np.inf)
    middle = np.add(0.5 * low, 0.5 * high, out=np.zeros(low.size), where=~torn)
    return np.where(torn, -np.inf, middle), np.where(torn, np.inf, middle)


def _interval(values: Floats, statistic: Callable[[Floats], tuple[Floats, Floats]], seed: int) -> Interval:
    values = number_list("values", values)
    kept = values[~np.isnan(values)]
    undefined = values.size - kept.size
    if not kept.size:
        return Interval(math.nan, math.nan, math.nan, 0, 0, undefined)
    below, above = (float(found[0]) for found in statistic(kept[np.newaxis, :]))
    value = below if below == above else math.nan
    never = int(np.count_nonzero(kept == np.inf))
    if kept.size < FEWEST:
        return Interval(value, math.nan, math.nan, kept.size, never, undefined)
    lows, highs = _resampled(kept, statistic, seed)
    low = _order_statistic(lows, (1 - LEVEL) / 2)
    high = _order_statistic(highs, (1 + LEVEL) / 2)
    return Interval(value, low, high, kept.size, never, undefined)


def _resampled(
    values: Floats, statistic: Callable[[Floats], tuple[Floats, Floats]], seed: int
) -> tuple[Floats, Floats]:
    rng = np.random.default_rng([seed, int(Purpose.BOOTSTRAP)])
    rows = max(1, _BLOCK // values.size)
    found = []
    for begin in range(0, RESAMPLES, rows):
        drawn = rng.integers(values.size, size=(min(rows, RESAMPLES - begin), values.size))
        found.append(statistic(values[drawn]))
    return np.concatenate([low for low, _ in found]), np.concatenate([high for _, high in found])


def _order_statistic(values: Floats, q: float) -> float:
    """Return a quantile without interpolating, so that infinities stay what they are."""
    at = math.ceil(round(q * values.size, 9)) - 1
    return float(np.sort(values)[at])


class Arm(NamedTuple):
    """One side of a comparison.

    Attributes
    ----------
    name : str
    times : (n,) float64
        T_q of every replicate in hours; infinity where it is not reached.
    restricted : (n,) float64
        Restricted mean times in hours.
    """

    name: str
    times: Floats
    restricted: Floats


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times longer one arm takes than another, over paired replicates.

    Attributes
    ----------
    first, second : str
    ratio : Interval
        Median over replicates of T(first) / T(second), never counting as +inf.
    never : (int, int)
        In how many replicates each arm does not reach the share.
    means : (float, float)
        Medians of the restricted mean times, hours.
    difference : Interval
        Of the restricted mean times, first minus second, hours.
    """

    first: str
    second: str
    ratio: Interval
    never: tuple[int, int]
    means: tuple[float, float]
    difference: Interval

    @property
    def is_number(self) -> bool:
        """Whether both arms reach the share in 95 % of the replicates or more: only then is the ratio a number."""
        return max(self.never) <= SELDOM * self.ratio.n

    @property
    def is_one_sided(self) -> bool:
        """Whether one arm (nearly) never reaches the share and the other (nearly) always does."""
        n = self.ratio.n
        return max(self.never) >= (1 - SELDOM) * n and min(self.never) <= SELDOM * n

    def text(self, measure: str = "T50") -> str:
        """Write the ratio, or why there is none and what stands instead."""
        head = f"{measure} {self.first} / {self.second}:"
        n, (k, m) = self.ratio.n, self.never
        if self.is_number:
            seldom = f" (not reached in {k} and {m} of {n})" if k or m else ""
            return f"{head} {self.ratio.text(endless='∞')}{seldom}"
        return (
            f"{head} no ratio; not reached in {k} of {n} ({self.first}) and {m} of {n} ({self.second}); "
            f"restricted mean time {short(self.means[0])} h against {short(self.means[1])} h, "
            f"difference {self.difference.text('h')}"
        )


def paired_ratio(first: Arm, second: Arm, *, seed: int) -> Ratio:
    """Compare two arms replicate by replicate: the median of paired log ratios, as a ratio.

    Parameters
    ----------
    first, second : Arm
        Of equal length; entry k of both is replicate k.
    seed : int
        Of the resampling.

    Notes
    -----
    Never counts as +inf: a replicate in which only the first (second) arm never gets there is +inf (-inf). Both never,
    or both at once, is a tie: a ratio of 1.
    """
    for name, arm in (("first", first), ("second", second)):
        expected(name, arm, Arm, "an Arm, which results.arm(variant, story, q) returns")
    if first.times.shape != second.times.shape:
        raise InputError(
            f"{first.name} has {first.times.size} replicates and {second.name} {second.times.size}: "
            "only equally many can be paired"
        )
    logs = median_interval(log_ratios(first.times, second.times), seed=seed)
    return Ratio(
        first.name,
        second.name,
        logs.mapped(exponential),
        (int(np.count_nonzero(first.times == np.inf)), int(np.count_nonzero(second.times == np.inf))),
        (float(np.median(first.restricted)), float(np.median(second.restricted))),
        median_interval(first.restricted - second.restricted, seed=seed),
    )


def exponential(x: float) -> float:
    """Return e to the power of x, infinity where that is no float any more."""
    return math.exp(x) if x < 700 else math.inf


def log_ratios(a: Floats, b: Floats) -> Floats:
    """Return log(a / b) of values >= 0, never being +inf: one never is +inf or -inf, equal values (or both) are 0."""
    with np.errstate(divide="ignore"):
        above, below = np.log(a), np.log(b)
    return np.subtract(above, below, out=np.zeros(a.shape), where=a != b)
