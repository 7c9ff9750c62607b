"""A sensitivity analysis: which keys vary by which laws, and which measure is asked how much it hangs on each."""

from __future__ import annotations

from math import inf, log
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from diffusion.design.laws import Choice, Integers, LogNormal, LogUniform, Normal, Uniform, Uniforms
from diffusion.errors import InputError
from diffusion.world.types import Frozen

JOINED = " + "
"""Between keys that move together."""


class Factor(Frozen):
    """A factor on what the experiment says, every order of magnitude alike.

    It reaches what no single value does: the audiences of five outlets, say, each of its own size.

    Attributes
    ----------
    law : "factor"
        The law's name.
    low, high : number
        The ends, above 0; 0.5 and 2 halve and double.
    most : number, optional
        No number becomes larger: 1 for shares.
    """

    law: Literal["factor"]
    low: Annotated[float, Field(gt=0)]
    high: Annotated[float, Field(gt=0)]
    most: float | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Factor:
        if not self.high > self.low:
            raise InputError(f"high = {self.high:g} is not above low = {self.low:g}")
        return self

    @property
    def largest(self) -> float:
        """The largest number that a product may be."""
        return inf if self.most is None else self.most

    def at(self, u: Uniforms) -> list[Any]:
        """Return the quantiles at probabilities: factors."""
        return np.exp(log(self.low) + u * (log(self.high) - log(self.low))).tolist()


Variation = Annotated[
    Uniform | LogUniform | Normal | LogNormal | Integers | Choice | Factor, Field(discriminator="law")
]
"""A law by which a key varies."""


class Sensitivity(Frozen):
    """What `diffusion sensitivity` asks.

    Attributes
    ----------
    of : tables by key
        The law of each key, as those of a sample, or "factor" (`low`, `high`, and `most` if wanted), which multiplies
        what the experiment says. Keys that move together stand in one name: "platforms.a.tell + platforms.b.tell".
    method : {"sobol", "morris"}
        Sobol indices: shares of the variance, alone and with interactions; or Morris effects: by how much the measure
        moves across a key's range, for far fewer runs. Chosen: the former.
    size : int, optional
        Base points of a Sobol design, a power of two (64: chosen), which has so many times keys + 2 points;
        trajectories of a Morris design (16: chosen), which has so many times keys + 1 points.
    measure : str
        "T50" (chosen), or any measure of a story.
    ratio : (variant, variant), optional
        The logarithm of the ratio of two variants, paired by replicate.
    variant : str, optional
        Whose measure; without it and without a ratio that of the only variant.
    """

    of: dict[str, Variation] = {}
    method: Literal["sobol", "morris"] = "sobol"
    size: Annotated[int, Field(ge=2)] | None = None
    measure: Annotated[str, Field(min_length=1)] = "T50"
    ratio: tuple[str, str] | None = None
    variant: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Sensitivity:
        if self.ratio is not None and self.variant is not None:
            raise InputError("give a ratio of two variants, or one variant, not both")
        seen: dict[str, str] = {}
        for name in self.of:
            for key in name.split(JOINED):
                if key in seen:
                    raise InputError(f'of: "{key}" varies twice; give it once')
                seen[key] = name
        return self

    @property
    def number(self) -> int:
        """The size, 64 base points or 16 trajectories unless it is given."""
        return self.size if self.size is not None else {"sobol": 64, "morris": 16}[self.method]
