"""Laws from which the values of a key are drawn, each by its quantiles."""

from __future__ import annotations

from math import log
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from diffusion.design.values import Quantity, Values, rounded, scale
from diffusion.errors import InputError
from diffusion.world.messages import value_text
from diffusion.world.types import Frozen

Uniforms = NDArray[np.float64]
"""Probabilities, (n,)."""


class Uniform(Frozen):
    """Every value between two alike.

    Attributes
    ----------
    law : "uniform"
        The law's name.
    low, high : quantity
        The ends.
    """

    law: Literal["uniform"]
    low: Quantity
    high: Quantity

    @model_validator(mode="after")
    def _ordered(self) -> Uniform:
        _check_ends(self.low, self.high, positive=False)
        return self

    def at(self, u: Uniforms) -> list[Any]:
        """Return the quantiles at probabilities."""
        ends = scale((self.low, self.high))
        low, high = ends.numbers
        return [ends.write(v) for v in (low + u * (high - low)).tolist()]


class LogUniform(Frozen):
    """Every order of magnitude between two values alike.

    Attributes
    ----------
    law : "loguniform"
        The law's name.
    low, high : quantity
        The ends, above 0.
    """

    law: Literal["loguniform"]
    low: Quantity
    high: Quantity

    @model_validator(mode="after")
    def _ordered(self) -> LogUniform:
        _check_ends(self.low, self.high, positive=True)
        return self

    def at(self, u: Uniforms) -> list[Any]:
        """Return the quantiles at probabilities."""
        ends = scale((self.low, self.high))
        low, high = map(log, ends.numbers)
        return [ends.write(v) for v in np.exp(low + u * (high - low)).tolist()]


class Normal(Frozen):
    """The normal law, cut at bounds if there are any.

    Attributes
    ----------
    law : "normal"
        The law's name.
    mean, sd : number
        Of the law before it is cut.
    low, high : number, optional
        No value lies beyond them.
    """

    law: Literal["normal"]
    mean: float
    sd: Annotated[float, Field(gt=0)]
    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Normal:
        if self.low is not None and self.high is not None:
            _check_ends(self.low, self.high, positive=False)
        if not self._chances()[1] > self._chances()[0]:
            raise InputError(f"normal: no value lies between low = {self.low} and high = {self.high}")
        return self

    def _chances(self) -> tuple[float, float]:
        from scipy.special import ndtr

        low = 0.0 if self.low is None else float(ndtr((self.low - self.mean) / self.sd))
        high = 1.0 if self.high is None else float(ndtr((self.high - self.mean) / self.sd))
        return low, high

    def at(self, u: Uniforms) -> list[Any]:
        """Return the quantiles at probabilities."""
        from scipy.special import ndtri

        low, high = self._chances()
        drawn = self.mean + self.sd * ndtri(low + _inside(u) * (high - low))
        return [rounded(v) for v in np.clip(drawn, self.low, self.high).tolist()]


class LogNormal(Frozen):
    """A law whose logarithm is normal.

    Attributes
    ----------
    law : "lognormal"
        The law's name.
    median : quantity
        Half of the values lie below it.
    sd : number
        Standard deviation of the natural logarithm.
    """

    law: Literal["lognormal"]
    median: Quantity
    sd: Annotated[float, Field(gt=0)]

    @model_validator(mode="after")
    def _positive(self) -> LogNormal:
        if scale((self.median,)).numbers[0] <= 0:
            raise InputError(f"median = {value_text(self.median)}: must be above 0")
        return self

    def at(self, u: Uniforms) -> list[Any]:
        """Return the quantiles at probabilities."""
        from scipy.special import ndtri

        median = scale((self.median,))
        return [median.write(v) for v in (median.numbers[0] * np.exp(self.sd * ndtri(_inside(u)))).tolist()]


class Integers(Frozen):
    """Every whole number between two alike, both among them.

    Attributes
    ----------
    law : "integers"
        The law's name.
    low, high : whole number
        The ends.
    """

    law: Literal["integers"]
    low: int
    high: int

    @model_validator(mode="after")
    def _ordered(self) -> Integers:
        if self.high < self.low:
            raise InputError(f"high = {self.high} is below low = {self.low}")
        return self

    def at(self, u: Uniforms) -> list[Any]:
        """Return the quantiles at probabilities."""
        count = self.high - self.low + 1
        return [self.low + min(int(v), count - 1) for v in (u * count).tolist()]


class Choice(Frozen):
    """One of several values, of any kind.

    Attributes
    ----------
    law : "choice"
        The law's name.
    values : list
        What may be chosen: values of any kind.
    weights : list of numbers, optional
        How often each, relative to the others; by default all alike.
    """

    law: Literal["choice"]
    values: Values
    weights: tuple[Annotated[float, Field(ge=0)], ...] | None = None

    @model_validator(mode="after")
    def _weighted(self) -> Choice:
        if self.weights is not None and (len(self.weights) != len(self.values) or sum(self.weights) <= 0):
            raise InputError(f"weights: {len(self.weights)} for {len(self.values)} values; one each, not all 0")
        return self

    def at(self, u: Uniforms) -> list[Any]:
        """Return the quantiles at probabilities."""
        weights = np.asarray(self.weights or [1.0] * len(self.values))
        ends = np.cumsum(weights) / weights.sum()
        chosen = np.minimum(np.searchsorted(ends, u, side="right"), np.flatnonzero(weights)[-1])
        return [self.values[i] for i in chosen.tolist()]


Distribution = Annotated[Uniform | LogUniform | Normal | LogNormal | Integers | Choice, Field(discriminator="law")]
"""A law from which a key's values are drawn."""


def _check_ends(low: Any, high: Any, *, positive: bool) -> None:
    first, last = scale((low, high)).numbers
    if positive and first <= 0:
        raise InputError(f"low = {value_text(low)}: must be above 0")
    if not last > first:
        raise InputError(f"high = {value_text(high)} is not above low = {value_text(low)}")


def _inside(u: Uniforms) -> Uniforms:
    """Keep probabilities off 0 and 1, where a normal quantile is infinite."""
    return np.clip(u, 2.0**-53, 1 - 2.0**-53)
