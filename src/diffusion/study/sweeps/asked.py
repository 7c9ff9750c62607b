"""What a sweep's experiment asks: the measure and the variants that its figures show unless told otherwise."""

from __future__ import annotations

from typing import NamedTuple

from diffusion.errors import InputError
from diffusion.measures.row import quantile_name
from diffusion.study.results import Results
from diffusion.study.sweeps.results import SweepResults


class Asked(NamedTuple):
    """What an experiment asks: a measure, and the two variants that it compares in it."""

    column: str
    pair: tuple[str, str] | None


def asked(found: SweepResults) -> Asked:
    """Return what the figures of a sweep show unless told otherwise: what the claim compares, else the first pair.

    Raises
    ------
    InputError
        Where several stories could be meant.
    """
    told = Results(found.experiment, (), {}, {})
    claim = told.experiment.claim
    if len(told.stories) > 1:
        raise InputError(
            f"which story? The sweep has {', '.join(told.stories)}; name one with the measure, as --y STORY.T50"
        )
    measure = f"{quantile_name(told.quantile)}_h"
    pair = told.pairs[0] if told.pairs else None
    if claim is not None and claim.measure != "story_speed_ratio":
        pair = claim.of if claim.of[0] != claim.of[1] else pair
        measure = claim.columns[0] if claim.column is not None else measure
    return Asked(f"{told.stories[0]}.{measure}", pair)
