"""Choices among few things, of which the small random worlds are made."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
Tables = dict[str, Any]

PROFILES = ("flat", "weibo", "household", "others")


class Choices:
    """Choices among few things, all made by `below(n)`, a whole number in 0 … n-1."""

    def __init__(self, below: Callable[[int], int]) -> None:
        self.below = below

    def one_of(self, *options: T) -> T:
        return options[self.below(len(options))]

    def often(self, percent: int) -> bool:
        return self.below(100) >= 100 - percent

    def between(self, low: int, high: int) -> int:
        return low + self.below(high - low + 1)

    def some(self, options: Sequence[T], least: int = 0, most: int | None = None) -> list[T]:
        """Some of the options, in any order."""
        left = list(options)
        count = self.between(least, min(len(left), len(left) if most is None else most))
        return [left.pop(self.below(len(left))) for _ in range(count)]

    def law(self, *seconds: float) -> Any:
        """A law of delays around one of the given lengths."""
        s = self.one_of(*seconds)
        t = f"{s} s"
        return self.one_of(
            t,
            t,
            {"law": "lognormal", "median": t, "sd": 0.8},
            {"law": "exponential", "mean": t},
            {"law": "uniform", "low": "0 s", "high": t},
            {"law": "gamma", "mean": t, "shape": 2.5},
            {"law": "weibull", "scale": t, "shape": 0.7},
            {"law": "empirical", "quantiles": ["0 s", t, f"{5 * s} s"]},
        )


def clock(choose: Choices) -> Any:
    if choose.often(70):
        return choose.one_of(*PROFILES)
    return [choose.one_of(0.1, 1.0, 2.0, 7.0) for _ in range(24)]
