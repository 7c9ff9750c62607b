"""How a scenario is run: seed, replicates, start, horizon, resolution of time, and how much is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from diffusion.errors import InputError
from diffusion.units import NEVER, duration_text, ticks
from diffusion.world.types import Frozen, PositiveDuration

RecordName = Literal["sizes", "curves", "times", "parents", "all", "events"]

_WALL_CLOCK = "a local date and time such as 2016-11-08T18:00:00"


def _wall_clock(value: Any) -> datetime:
    """Read a local date and time; anything else (a number of seconds since 1970, say) is refused."""
    try:
        start = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        start = None
    if not isinstance(start, datetime):
        raise InputError(f"{value!r} is not {_WALL_CLOCK}")
    if start.tzinfo is not None:
        raise InputError(f"{start.isoformat()} has a time zone; give {_WALL_CLOCK}")
    return start


WallClock = Annotated[
    datetime,
    BeforeValidator(_wall_clock),
    WithJsonSchema({"type": "string", "format": "date-time", "description": _WALL_CLOCK}),
]
"""A local date and time without a zone."""


class RunSettings(Frozen):
    """How a scenario is run.

    Attributes
    ----------
    seed : int
        Everything random is a function of it and the replicate. Chosen.
    replicates : int
        How many times luck is drawn anew. Chosen.
    start : local date and time
        The wall clock at tick 0. Chosen: a noon on which many had news in mind, the US election day of 2016.
    horizon : duration
        Where the run ends. Chosen.
    tick : duration
        Resolution of time (1 ms gives 49 days). Chosen.
    settle : duration
        Counters shared between persons settle at the end of each such interval. Chosen.
    redraw : {"luck", "world"}
        Whether a replicate redraws luck only, or people and generated graphs too (a graph file never).
        Chosen: luck, so that variants differ by nothing else.
    record : str
        How much is kept: sizes, curves, times, parents, all, events; each contains the ones before. Chosen.
    """

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    replicates: Annotated[int, Field(ge=1)] = 20
    start: WallClock = datetime(2016, 11, 8, 12, 0)
    horizon: PositiveDuration = 48 * 3600.0
    tick: PositiveDuration = 0.001
    settle: PositiveDuration = 1.0
    redraw: Literal["luck", "world"] = "luck"
    record: RecordName = "parents"

    @model_validator(mode="after")
    def _fits(self) -> RunSettings:
        if not 1e-6 <= self.tick <= 60 or abs(3600 / self.tick - round(3600 / self.tick)) > 1e-6:
            raise InputError(
                f'tick = "{duration_text(self.tick)}": must divide an hour, from 1 microsecond to a minute'
            )
        horizon = f'horizon = "{duration_text(self.horizon)}"'
        if self.horizon / self.tick >= NEVER:
            raise InputError(f"{horizon}: more than 2**32 - 2 ticks of {self.tick:g} s; choose a longer tick")
        if ticks(self.horizon, self.tick) < 1:
            raise InputError(f"{horizon}: shorter than a tick of {self.tick:g} s")
        if not 1 <= self.settle / self.tick < 2**24:
            raise InputError(f'settle = "{duration_text(self.settle)}": must be between 1 and 2**24 ticks')
        return self
