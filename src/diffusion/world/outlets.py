"""Traditional media: one thing, an outlet, of which the five mediums are presets."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from diffusion.errors import InputError, suggestion
from diffusion.laws import Law
from diffusion.units import DAY, HOUR, MINUTE, SECOND, duration_text, time_of_day
from diffusion.world.ages import DIETS, AudienceShare, Shares
from diffusion.world.types import (
    TUNE_IN,
    Clock,
    DelayLaw,
    Duration,
    Frozen,
    NonNegative,
    OptionalDelayLaw,
    PositiveDuration,
    Rate,
    Share,
    Trust,
    TuneIn,
    clock,
)


def _write_times(times: tuple[int, ...]) -> list[str]:
    return [f"{t // 3600:02d}:{t // 60 % 60:02d}:{t % 60:02d}" for t in times]


def _times(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise InputError('give a list of times of day, such as ["06:30", "20:00"]')
    times = tuple(_time_at(n, v) for n, v in enumerate(value))
    if any(b <= a for a, b in pairwise(times)):
        raise InputError("times of day must ascend")
    return times


def _time_at(position: int, value: Any) -> int:
    try:
        return time_of_day(value)
    except InputError as error:
        raise InputError(f"[{position}]: {error}") from None


_TIMES = {
    "type": "array",
    "items": {"type": "string", "pattern": r"^\d{1,2}:\d{2}(:\d{2})?$"},
    "minItems": 1,
    "description": 'a list of times of day such as ["06:30", "20:00"]',
}

Bulletins = Annotated[tuple[int, ...], BeforeValidator(_times), PlainSerializer(_write_times), WithJsonSchema(_TIMES)]
"""Times of day in seconds after midnight, ascending, written ``["06:30", "20:00"]``."""


class Watch(Frozen):
    """What a newsroom looks for on a platform: a share of its members sharing the story, or independent witnesses.

    Attributes
    ----------
    share : float, optional
        Share of the platform's members that have posted the story.
    witnesses : int, optional
        Number of persons who saw it with their own eyes and have posted it.
    """

    share: Annotated[float, Field(gt=0, le=1)] | None = None
    witnesses: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _something(self) -> Watch:
        if self.share is None and self.witnesses is None:
            raise InputError("give share = … (of the platform's members) or witnesses = … (independent posts)")
        return self


def _watch(value: Any) -> Any:
    return {"share": value} if isinstance(value, int | float) and not isinstance(value, bool) else value


Watched = Annotated[Watch, BeforeValidator(_watch, json_schema_input_type=float | Watch)]
"""What is looked for: a share of the platform's members, or a table with `share` and `witnesses`."""


class Outlet(Frozen):
    """A medium with a newsroom, a clock, an audience and accounts; defaults depend on `medium` (see `PRESETS`).

    Attributes
    ----------
    medium : {"wire", "television", "radio", "newspaper", "news_site"}
        Which preset it starts from.
    active : bool
        Whether it exists in this variant. Chosen: yes.
    audience : float, table by age or name of a diet
        Share of persons in its regular audience (a wire has none), perhaps one for each band of age; "pew-2016" is the
        medium's audience by age in the US. Source: adults who often get news there (Pew 2016).
    habit : float
        Factor on a regular member's chance of being tuned in, or of reading today's issue. Assumed.
    tune_in : 24 probabilities or a name
        Chance by hour of being tuned in. Assumed: the shape of the day, for television and radio.
    block : duration
        One tune-in draw holds for a viewing block of this length (a newspaper's is a day). Assumed.
    schedule : {"slots", "continuous"}
        Bulletins on an absolute grid, or an audience that visits whenever it does. Chosen, by
        what the medium is.
    bulletins, every : times of day, duration
        The grid of slots: either a list, or one at every such interval from midnight.
    visits : rate
        Visits per member of the audience (operational), for a continuous outlet. Assumed.
    clock : 24 numbers or a name
        Hours of visiting. Assumed to be those of reposts on Weibo.
    reading : law of delays
        From publication until a reader gets to it (0 for what is broadcast). Assumed.
    coverage : duration
        How long a story is repeated (or stays on the site) after its first publication. Assumed.
    breaking, breaking_every, breaking_for : float, duration, duration
        Newsworthiness from which a story is published at once, and the pace and length of breaking coverage.
        Assumed.
    gather : law of delays or "never"
        Own newsgathering of `news`; without it the outlet depends on what it watches and follows.
    verify, accept_true, accept_false : law of delays, float, float
        Verification, and the chance that a true or a false story passes it. Assumed.
    witness_speed : float
        Each independent witness on a watched platform shortens verification: delay / (1 + witness_speed * witnesses).
        Assumed.
    watches : table
        Platform -> share of members, or ``{ share = …, witnesses = … }``.
    follows, follow_delay : list of outlets, law of delays
        Outlets whose first publication it notices, and how long that takes. Assumed.
    statements : law of delays or "never"
        Delay in noticing official statements; without it they pass unnoticed. Assumed.
    accounts : table
        Platform -> share of its members who follow the outlet's own account there; it posts at first publication.
    trust : float
        Trust of its audience. Assumed.
    """

    medium: Literal["wire", "television", "radio", "newspaper", "news_site"]
    active: bool = True
    audience: AudienceShare = 0.0
    habit: Share = 1.0
    tune_in: TuneIn = TUNE_IN["always"]
    block: PositiveDuration = 60 * MINUTE
    schedule: Literal["slots", "continuous"] = "slots"
    bulletins: Bulletins | None = None
    every: PositiveDuration | None = None
    visits: Rate = 4 / DAY
    clock: Clock = clock("weibo")
    reading: DelayLaw = Law("constant", (0.0,))
    coverage: Duration = 12 * HOUR
    breaking: NonNegative = 0.5
    breaking_every: PositiveDuration = 15 * MINUTE
    breaking_for: Duration = 2 * HOUR
    gather: OptionalDelayLaw = None
    verify: DelayLaw = Law("lognormal", (0.25 * HOUR, 0.6))
    accept_true: Share = 1.0
    accept_false: Share = 0.1
    witness_speed: NonNegative = 0.25
    watches: dict[str, Watched] = {}
    follows: tuple[str, ...] = ()
    follow_delay: DelayLaw = Law("lognormal", (5 * MINUTE, 0.6))
    statements: OptionalDelayLaw = Law("lognormal", (5 * MINUTE, 0.6))
    accounts: dict[str, Share] = {}
    trust: Trust = 0.7

    @model_validator(mode="wrap")
    @classmethod
    def _fill_preset(cls, values: Any, make: ModelWrapValidatorHandler[Outlet]) -> Outlet:
        """Fill in the preset, and remember what was written: a later change of the medium replaces only the rest."""
        if not isinstance(values, dict):
            return make(values)
        medium = values.get("medium")
        if not isinstance(medium, str) or medium not in PRESETS:
            given = "is missing" if medium is None else f"= {_shown(medium)} is not known"
            raise InputError(f"medium {given}{suggestion(str(medium), PRESETS)}")
        filled = {**PRESETS[medium], **values}
        if "every" in values and "bulletins" not in values:
            filled["bulletins"] = None
        if "bulletins" in values and "every" not in values:
            filled["every"] = None
        made = make(filled)
        object.__setattr__(made, "__pydantic_fields_set__", set(values) & set(cls.model_fields))
        return made

    @model_validator(mode="after")
    def _one_grid(self) -> Outlet:
        if self.schedule == "continuous":
            return self
        if (self.bulletins is None) == (self.every is None):
            raise InputError('slots need either bulletins = ["06:30", …] or every = "1 h"')
        if self.every is not None and (self.every > DAY or abs(DAY / self.every - round(DAY / self.every)) > 1e-9):
            raise InputError(f'every = "{duration_text(self.every)}" does not divide a day')
        if self.every is not None and self.every < SECOND:
            raise InputError("every: slots nearer than a second are not supported")
        if self.breaking_every < SECOND:
            raise InputError("breaking_every: repeats nearer than a second are not supported")
        return self

    @property
    def audience_shares(self) -> float | Shares:
        """Share of persons in its audience, or one for each band of age."""
        return DIETS[self.audience][self.medium] if isinstance(self.audience, str) else self.audience

    @property
    def has_audience(self) -> bool:
        """Whether anybody can be in its audience."""
        shares = self.audience_shares
        return (max(shares) if isinstance(shares, tuple) else shares) > 0

    def slots(self) -> tuple[int, ...]:
        """Return the slots of one day, in seconds after midnight."""
        if self.bulletins is not None:
            return self.bulletins
        if self.every is None:
            return ()
        return tuple(round(n * self.every) for n in range(round(DAY / self.every)))


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _newsroom(gather: str, verify: str) -> dict[str, Any]:
    return {
        "gather": {"law": "lognormal", "median": gather, "sd": 0.6},
        "verify": {"law": "lognormal", "median": verify, "sd": 0.6},
    }


PRESETS: dict[str, dict[str, Any]] = {
    "wire": {
        **_newsroom("0.4 h", "0.2 h"), "audience": 0.0, "every": "1 min", "coverage": "1 h", "breaking": 0.0,
        "trust": 0.75,
    },
    "television": {
        **_newsroom("0.5 h", "0.25 h"), "audience": 0.57, "every": "1 h", "tune_in": "television",
        "block": "60 min", "trust": 0.75,
    },
    "radio": {
        **_newsroom("0.5 h", "0.2 h"), "audience": 0.25, "every": "30 min", "tune_in": "radio",
        "block": "30 min", "trust": 0.7,
    },
    "newspaper": {
        **_newsroom("1 h", "1 h"), "audience": 0.20, "bulletins": ["06:00"], "block": "1 day", "habit": 0.8,
        "reading": {"law": "lognormal", "median": "2 h", "sd": 0.8}, "breaking": 2.0, "coverage": "0 s", "trust": 0.75,
    },
    "news_site": {
        **_newsroom("0.6 h", "0.3 h"), "audience": 0.38, "schedule": "continuous", "coverage": "24 h", "trust": 0.65,
    },
}  # fmt: skip
"""What each medium starts from. Audiences: adults who often get news there (Pew 2016); delays, tune-in and coverage are
assumed (television broke in 21 min after the first tweet on 1 May 2011)."""
