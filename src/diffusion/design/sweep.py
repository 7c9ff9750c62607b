"""A sweep: the points at which an experiment is run, and when there are replicates enough at each."""

from __future__ import annotations

import json
from math import prod
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from diffusion.design.laws import Distribution
from diffusion.design.values import MOST_POINTS, Values, scale
from diffusion.errors import InputError
from diffusion.world.messages import value_text
from diffusion.world.types import Frozen

Method = Literal["random", "latin", "sobol"]


class Sample(Frozen):
    """Points drawn from laws.

    Attributes
    ----------
    method : {"random", "latin", "sobol"}
        Independent draws; a Latin hypercube (each of `size` equally likely ranges of a law holds one point); or a
        scrambled Sobol sequence, which fills space most evenly where `size` is a power of two. With "random" and
        "sobol" a larger `size` keeps the points that were there. The default is chosen.
    size : int
        How many points.
    of : tables by key
        The law of each key: "uniform", "loguniform" (`low`, `high`), "normal" (`mean`, `sd`, and bounds if wanted),
        "lognormal" (`median`, `sd`), "integers" (`low`, `high`), "choice" (`values`, and `weights` if wanted).
    """

    method: Method = "latin"
    size: Annotated[int, Field(ge=1, le=MOST_POINTS)]
    of: Annotated[dict[str, Distribution], Field(min_length=1)]


class Sweep(Frozen):
    """The points of a sweep: every point of the sample, with every row of `zip`, with every combination of `grid`.

    Attributes
    ----------
    grid : lists by key
        Every combination of values is a point; the last key moves fastest.
    zip : lists by key
        Lists of one length, read side by side: the first values together, then the second ones.
    sample : table
        Points drawn from laws.
    """

    grid: dict[str, Values] = {}
    zip: dict[str, Values] = {}
    sample: Sample | None = None

    @model_validator(mode="after")
    def _sound(self) -> Sweep:
        if not self.keys:
            raise InputError('a sweep needs values: [sweep.grid] and below it "platforms.twitter.members" = [0.2, 0.6]')
        for key in self.keys:
            if self.keys.count(key) > 1:
                raise InputError(f'"{key}" stands in two of grid, zip and sample; give it once')
        for key, values in self.grid.items():
            _check_distinct(key, values)
        lengths = {key: len(values) for key, values in self.zip.items()}
        if len(set(lengths.values())) > 1:
            told = ", ".join(f"{key} has {n}" for key, n in lengths.items())
            raise InputError(f"zip: lists of one length are read side by side, but {told}")
        if self.n_points > MOST_POINTS:
            raise InputError(f"{self.n_points} points; a sweep has at most {MOST_POINTS}")
        return self

    @property
    def keys(self) -> tuple[str, ...]:
        """The swept keys, in the order in which a point lists them: of the sample, of `zip`, of `grid`."""
        return (*(self.sample.of if self.sample else ()), *self.zip, *self.grid)

    @property
    def n_points(self) -> int:
        """How many points there are."""
        zipped = len(next(iter(self.zip.values()))) if self.zip else 1
        return (self.sample.size if self.sample else 1) * zipped * prod(map(len, self.grid.values()))


def _check_distinct(key: str, values: tuple[Any, ...]) -> None:
    seen = set()
    for value in values:
        text = json.dumps(value, sort_keys=True, default=str)
        if text in seen:
            raise InputError(f'grid: "{key}": {value_text(value)} is given twice')
        seen.add(text)


def _half_width(value: Any) -> Any:
    if scale((value,)).numbers[0] <= 0:
        raise InputError(f"{value_text(value)} is not above 0")
    return value


HalfWidth = Annotated[
    float | str,
    BeforeValidator(_half_width),
    WithJsonSchema({"description": 'a number above 0, or a duration such as "2 min"'}),
]


class Until(Frozen):
    """When there are replicates enough: as soon as an interval is narrow.

    `run.replicates` are run first, of every variant, then twice as many, and so on, until the interval is as narrow as
    asked for, or there are `most`; in a sweep at every point by itself.

    Attributes
    ----------
    measure : str
        "T50", or any measure of a story, such as "reached" or "first.twitter"; of `measures.story` (or the only story),
        unless the name begins with another story's, as in "explosion.reached".
    half_width : float or duration
        Half the width of the 95 % interval of the median; a duration for measures in hours.
    of : (variant, variant), optional
        How two variants compare, replicate by replicate, must be that well known; without it every variant's own
        median.
    compare : {"difference", "ratio"}
        What of the two: the first minus the second, or the first over the second. Chosen: the difference.
    most : int
        No more replicates than this. Chosen.
    """

    measure: Annotated[str, Field(min_length=1)]
    half_width: HalfWidth
    of: tuple[str, str] | None = None
    compare: Literal["difference", "ratio"] = "difference"
    most: Annotated[int, Field(ge=2)] = 1000
