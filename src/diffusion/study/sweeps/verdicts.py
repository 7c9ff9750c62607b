"""What a sweep says about its experiment's claim: a verdict at every point."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np

from diffusion.errors import InputError
from diffusion.measures.row import quantile_name
from diffusion.study.claims import Verdict, Word, judge
from diffusion.study.results import Results, Run
from diffusion.study.summary import short
from diffusion.study.sweeps.cube import cube
from diffusion.study.sweeps.results import SweepResults
from diffusion.study.sweeps.summaries import POINT, REPLICATE, RUN, VARIANT

WORDS: tuple[Word, ...] = ("supported", "undecided", "refuted")


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


def point_verdicts(found: SweepResults) -> dict[int, Verdict]:
    """Return the verdict on the experiment's claim by the number of the point; nothing if it makes no claim."""
    if found.experiment.claim is None:
        return {}
    table = found.table(_columns(found))
    verdicts = {}
    numbers = np.asarray(table[POINT].to_numpy(), dtype=np.int64)
    apart = {POINT, VARIANT, REPLICATE, RUN, *found.keys}
    for point in np.unique(numbers):
        rows = table.filter(numbers == point).to_pylist()
        runs = [
            Run(row[VARIANT], row[REPLICATE], {k: v for k, v in row.items() if k not in apart and v is not None})
            for row in rows
        ]
        verdict = judge(Results(found.experiment, tuple(runs), {}, {}))
        if verdict is not None:
            verdicts[int(point)] = verdict
    return verdicts


def _columns(found: SweepResults) -> list[str]:
    """Return the measures that a verdict may need."""
    claim = found.experiment.claim
    if claim is None or claim.measure == "known_distance":
        return list(found.measures)
    needed = (
        {f"{quantile_name(claim.quantile)}_h", "restricted_mean_h"}
        if claim.is_of_times
        else {*claim.columns, "reached"}
    )
    return [name for name in found.measures if name.partition(".")[2] in needed]


def verdict_lines(found: SweepResults) -> list[str]:
    """Say at how many points the claim is supported, undecided and refuted, and along each key where."""
    verdicts = point_verdicts(found)
    claim = found.experiment.claim
    if claim is None or not verdicts:
        return []
    counts = Counter(verdict.word for verdict in verdicts.values())
    told = ", ".join(f"{word} at {counts[word]}" for word in WORDS)
    lines = [f"claim: {claim.text}", f"  {told} of {len(verdicts)} points"]
    whole = cube(found.table([]))
    held = np.array([verdicts[int(point)].word == "supported" for point in whole.points])
    for key in whole.keys:
        axis = whole.axis(key)
        if 1 < len(axis.values) <= 20:
            shares = [100 * float(held[axis.of_point == k].mean()) for k in range(len(axis.values))]
            told = ", ".join(f"{axis.with_unit(k)}: {short(share)} %" for k, share in enumerate(shares))
            lines.append(f"  supported along {axis.key}: {told}")
    return lines
