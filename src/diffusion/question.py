"""What is asked of an experiment: what is measured, what is known, and what is claimed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from diffusion.errors import InputError
from diffusion.world.types import Duration, Frozen, Share


class Measures(Frozen):
    """What is measured.

    Attributes
    ----------
    quantiles : tuple of float
        The q of T_q: shares of the population. Chosen.
    curve_points : int
        Points of the reach curves over the horizon. Chosen: one per 5 minutes of 48 hours.
    pairs : list of (variant, variant)
        Pairs whose speed ratio is reported (first over second); by default every variant against the first.
    story : str, optional
        The story that the pairs are compared on; by default every story.
    cascades : bool
        Whether every cascade and every share in it is stored (``cascades.parquet``, ``shares.parquet``); a table of all
        shares can be large, so by default it is not (chosen).
    """

    quantiles: tuple[Annotated[float, Field(gt=0, le=1)], ...] = (0.1, 0.5, 0.9)
    curve_points: Annotated[int, Field(ge=2, le=100_000)] = 577
    pairs: tuple[tuple[str, str], ...] = ()
    story: str | None = None
    cascades: bool = False


ClaimMeasure = Literal[
    "speed_ratio", "story_speed_ratio", "reach_difference", "column_ratio", "column_difference", "known_distance"
]


class Known(Frozen):
    """A number known from outside, against which a variant is held; nothing in the program moves towards it.

    Attributes
    ----------
    variant : str
        The variant that stands for what happened.
    at : duration, optional
        So long after the story began `share` of the population knew it.
    column : str or list of str, optional
        The measure of which `share` is known, such as ``"first.television"``, or several that are added up.
    share : float
        What is known.
    source : str
        Who found it.
    """

    variant: str
    at: Duration | None = None
    column: str | Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    share: Share
    source: str

    @model_validator(mode="after")
    def _of_one_thing(self) -> Known:
        if (self.at is None) == (self.column is None):
            raise InputError("give either at = … (a time after the story began) or column = … (a measure)")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The measures whose sum is known; none where a time is."""
        return () if self.column is None else (self.column,) if isinstance(self.column, str) else self.column


class Claim(Frozen):
    """A claim and the condition under which the numbers support it.

    Attributes
    ----------
    text, phrase : str
        The claim, and the phrase of its source.
    measure : str
        ``"speed_ratio"`` (of T_q, first variant over second), ``"story_speed_ratio"``, ``"reach_difference"``,
        ``"column_ratio"`` and ``"column_difference"`` (of any measure), or ``"known_distance"`` (largest distance from
        what is known of the two variants). By default the first, chosen.
    of : (str, str)
        The two variants (or the two stories of one variant) that are compared.
    column : str or (str, str)
        The measure that a column claim compares, such as ``"first.twitter"`` or ``"coverage.first_h"``; two names: the
        first one's in the first variant with the second one's in the second.
    quantile : float
        The q of T_q. Chosen.
    above, below : float
        The claim holds if the whole interval lies above (below) this. Never a default: whoever claims chooses it.
    variant : str, optional
        The variant in which two stories are compared.
    story : str, optional
        The story on which two variants are compared; by default `measures.story`, or the only one.
    """

    text: str
    phrase: str = ""
    measure: ClaimMeasure = "speed_ratio"
    of: tuple[str, str]
    column: str | tuple[str, str] | None = None
    quantile: Share = 0.5
    above: float | None = None
    below: float | None = None
    variant: str | None = None
    story: str | None = None

    @model_validator(mode="after")
    def _one_side(self) -> Claim:
        if (self.above is None) == (self.below is None):
            raise InputError("claim: give either above = … or below = …")
        if self.measure.startswith("column_") != (self.column is not None):
            does = "needs" if self.column is None else "takes no"
            raise InputError(f'claim: measure = "{self.measure}" {does} column = …')
        return self

    @property
    def is_of_times(self) -> bool:
        """Whether it compares times T_q."""
        return self.measure in ("speed_ratio", "story_speed_ratio")

    @property
    def columns(self) -> tuple[str, str]:
        """The measures that a column claim compares, of the first variant and of the second."""
        column = self.column or ""
        return (column, column) if isinstance(column, str) else column


__all__ = ["Claim", "ClaimMeasure", "Known", "Measures"]
