"""When there are replicates enough: rounds of replicates, and the interval that is watched after each."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from diffusion.errors import InputError, suggestion
from diffusion.scenario import Experiment
from diffusion.study.summary import Arm, Floats, Interval, median_interval, paired_ratio, short
from diffusion.units import HOUR, seconds

_TIME = re.compile(r"T\d+(\.\d+)?")


def rounds(first: int, most: int) -> tuple[int, ...]:
    """Return after how many replicates the interval is looked at: the first ones, twice as many, and so on to the most.

    Fixed rounds make the number of replicates a function of the experiment, not of who finished first. Looking only
    when their number has doubled also keeps small the chance of stopping on an interval that is narrow by luck.
    """
    ends = [first]
    while ends[-1] < most:
        ends.append(min(2 * ends[-1], most))
    return tuple(ends)


def until_quantile(experiment: Experiment) -> float | None:
    """Return the q whose T_q is watched, if it is one."""
    if experiment.until is None:
        return None
    measure = _measure(experiment)[1].removesuffix("_h")
    return round(float(measure[1:]) / 100, 12) if _TIME.fullmatch(measure) else None


def _measure(experiment: Experiment) -> tuple[str, str]:
    """Return the story and the measure that are watched."""
    assert experiment.until is not None
    written, stories = experiment.until.measure, sorted(experiment.scenario.stories)
    story, dot, measure = written.partition(".")
    if not dot or story not in stories:
        measure, one = written, experiment.measures.story
        if one is None and len(stories) > 1:
            raise InputError(
                f'until.measure = "{written}": of which story? write "{stories[0]}.{written}", or set measures.story'
            )
        story = one or stories[0]
    return story, f"{measure}_h" if _TIME.fullmatch(measure) else measure


@dataclass(frozen=True)
class Watch:
    """The interval that must be narrow.

    Attributes
    ----------
    column : str
        The measure, as in the table of runs.
    wanted : float
        Half the width at which there are replicates enough.
    of : (str, str), optional
        Two variants that are compared; without them every variant is looked at, and the widest interval counts.
    ratio : bool
        Whether their ratio is watched and not their difference.
    seed : int
        Of the resampling.
    """

    column: str
    wanted: float
    of: tuple[str, str] | None = None
    ratio: bool = False
    seed: int = 1

    @classmethod
    def over(cls, experiment: Experiment) -> Watch | None:
        """Return what an experiment wants watched, or None.

        Raises
        ------
        InputError
            If it cannot be told which measure that is, or its half width is none of such a measure.
        """
        until = experiment.until
        if until is None:
            return None
        story, measure = _measure(experiment)
        for name in until.of or ():
            if name not in experiment.variants:
                raise InputError(f'until.of: there is no variant "{name}"{suggestion(name, experiment.variants)}')
        wanted = until.half_width
        ratio = until.of is not None and until.compare == "ratio"
        if isinstance(wanted, str):
            if ratio or not measure.endswith("_h"):
                raise InputError(f'until.half_width = "{wanted}": {until.measure} is no time; give a number')
            wanted = seconds(wanted) / HOUR
        return cls(f"{story}.{measure}", float(wanted), until.of, ratio, experiment.scenario.run.seed)

    def told(self, half_width: float) -> dict[str, Any]:
        """Return how an interval is told: half its width (None: there is none), what is wanted, and both in words."""
        known = half_width if math.isfinite(half_width) else None
        compared = "" if self.of is None else f" {self.of[0]} {'/' if self.ratio else '−'} {self.of[1]}"
        name = self.column.partition(".")[2].removesuffix("_h")
        width = "no interval yet" if known is None else f"± {self._text(known)}"
        return {
            "half_width": known,
            "wanted": self.wanted,
            "precise": half_width <= self.wanted,
            "text": f"{name}{compared} {width}, wanted ± {self._text(self.wanted)}",
        }

    def _text(self, width: float) -> str:
        if self.ratio or not self.column.endswith("_h"):
            return short(width)
        return f"{short(60 * width)} min" if width < 1 else f"{short(width)} h"

    def check(self, row: Mapping[str, float]) -> None:
        """Raise InputError if a run's row lacks what is watched."""
        if self.column not in row:
            raise InputError(f'until.measure: there is no measure "{self.column}"{suggestion(self.column, row)}')

    def half_width(self, values: Mapping[tuple[str, int], float]) -> float:
        """Return half the width of the interval, in units of the measure.

        Parameters
        ----------
        values : mapping
            (variant, replicate) -> what was measured.

        Returns
        -------
        float
            Infinite where there is no interval, or one without an end.
        """
        by_variant: dict[str, dict[int, float]] = {}
        for (variant, replicate), value in values.items():
            by_variant.setdefault(variant, {})[replicate] = value
        if self.of is None:
            every = [np.array(list(found.values())) for found in by_variant.values()]
            return max((_half(median_interval(one, seed=self.seed)) for one in every), default=math.inf)
        first, second = (by_variant.get(name, {}) for name in self.of)
        both = sorted(first.keys() & second.keys())
        if not both:
            return math.inf
        pair = [np.array([found[k] for k in both], dtype=np.float64) for found in (first, second)]
        return _half(self._ratio(*pair) if self.ratio else self._difference(*pair))

    def _ratio(self, first: Floats, second: Floats) -> Interval:
        nothing = np.zeros(first.size)
        a, b = self.of or ("", "")
        return paired_ratio(Arm(a, first, nothing), Arm(b, second, nothing), seed=self.seed).ratio

    def _difference(self, first: Floats, second: Floats) -> Interval:
        with np.errstate(invalid="ignore"):
            found = np.where(first == second, 0.0, first - second)
        return median_interval(found, seed=self.seed)


def _half(found: Interval) -> float:
    """Return half an interval's width; one that says "never" at both ends is known as well as can be."""
    if not found.exists or math.isnan(found.low) or math.isnan(found.high):
        return math.inf
    return 0.0 if found.low == found.high else (found.high - found.low) / 2
