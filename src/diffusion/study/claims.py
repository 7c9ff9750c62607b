"""Verdicts: whether the whole interval lies on the side that a claim needs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from diffusion.errors import InputError, suggestion
from diffusion.measures.row import quantile_name
from diffusion.question import Claim
from diffusion.scenario import Experiment
from diffusion.study.known import known_story, largest_distances
from diffusion.study.results import Folder, Results, opened
from diffusion.study.summary import FEWEST, Arm, Floats, Interval, median_interval, paired_ratio, short

Word = Literal["supported", "refuted", "undecided"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the numbers say about a claim.

    Attributes
    ----------
    word : {"supported", "refuted", "undecided"}
    claim, phrase : str
        The claim, and the phrase of its source.
    numbers : str
        What was compared, and with which result.
    reason : str
        Why the verdict is what it is.
    """

    word: Word
    claim: str
    phrase: str
    numbers: str
    reason: str

    def text(self) -> str:
        """Write the verdict in one line."""
        return f"verdict: {self.word}"

    def lines(self) -> list[str]:
        """Write the verdict, the claim and its numbers."""
        source = f" ({self.phrase})" if self.phrase else ""
        return [self.text(), f"  claim: {self.claim}{source}", f"  {self.numbers}", f"  {self.reason}"]


def side(interval: Interval, claim: Claim) -> Word:
    """Return on which side of a claim's bound the whole interval lies; "undecided" if on both, or without interval."""
    if not interval.exists or math.isnan(interval.value):
        return "undecided"
    if claim.above is not None:
        return "supported" if interval.low > claim.above else "refuted" if interval.high < claim.above else "undecided"
    bound = math.inf if claim.below is None else claim.below
    return "supported" if interval.high < bound else "refuted" if interval.low > bound else "undecided"


def claimed_variant(experiment: Experiment, claim: Claim) -> str:
    """Return the variant in which a claim compares two stories."""
    if claim.variant is not None:
        return claim.variant
    if len(experiment.variants) > 1:
        raise InputError(f"claim.variant is missing; set it to one of {', '.join(experiment.variants)}")
    return next(iter(experiment.variants))


def check_claim(experiment: Experiment) -> None:
    """Raise InputError, before anything is run, for a claim that could not be judged."""
    claim = experiment.claim
    if claim is None:
        return
    if claim.measure == "story_speed_ratio":
        claimed_variant(experiment, claim)
    else:
        known_story(experiment)
    if claim.measure == "known_distance" and not any(one.variant in claim.of for one in experiment.known):
        raise InputError(f"claim: nothing is known of {' and '.join(claim.of)}; write [[known]]")
    if claim.is_of_times and claim.quantile <= 0:
        raise InputError(f"claim.quantile = {claim.quantile}: T_q needs a share above 0")


def check_columns(experiment: Experiment, variant: str, row: dict[str, float]) -> None:
    """Raise InputError if a run's row lacks a measure that the claim or a known number asks of its variant."""
    known = [(f"known[{n}]", one) for n, one in enumerate(experiment.known) if one.variant == variant]
    wanted = [(where, name) for where, one in known for name in one.columns]
    claim = experiment.claim
    if claim is not None and claim.column is not None:
        wanted += [("claim", name) for of, name in zip(claim.of, claim.columns, strict=True) if of == variant]
    for where, column in wanted:
        start = f"{known_story(experiment)}."
        if start + column not in row:
            names = [name.removeprefix(start) for name in row if name.startswith(start)]
            raise InputError(f'{where}.column: there is no measure "{column}"{suggestion(column, names)}')


def judge(results: Results | Folder) -> Verdict | None:
    """Return the verdict on an experiment's claim, or None if it makes none."""
    results = opened(results)
    experiment = results.experiment
    claim = experiment.claim
    if claim is None:
        return None
    first, second = claim.of
    if claim.measure == "speed_ratio":
        return judge_speed(
            claim, *results.arms(first, second, known_story(experiment), claim.quantile), seed=results.seed
        )
    if claim.measure == "story_speed_ratio":
        arms = results.story_arms(claimed_variant(experiment, claim), first, second, claim.quantile)
        return judge_speed(claim, *arms, seed=results.seed)
    if claim.measure == "known_distance":
        names = first if first == second else f"{first} and {second}"
        name = f"largest distance from what is known of {names}"
        return judge_values(claim, name, largest_distances(results, claim.of), seed=results.seed, points=True)
    columns = ("reached", "reached") if claim.measure == "reach_difference" else claim.columns
    story = known_story(experiment)
    a, b = (results.values(v, f"{story}.{c}") for v, c in zip(claim.of, columns, strict=True))
    n = min(a.size, b.size)
    return judge_columns(claim, a[:n], b[:n], seed=results.seed)


def judge_columns(claim: Claim, first: Floats, second: Floats, *, seed: int) -> Verdict:
    """Judge a claim about the difference or the ratio of a measure, first variant and second, replicate by replicate.

    Equal values (both never, say) are a ratio of 1 and a difference of 0; a replicate in which either is undefined is
    left out.
    """
    same = first == second
    if claim.measure == "reach_difference":
        difference = first - second
        return judge_values(claim, f"reach {claim.of[0]} − {claim.of[1]}", difference, seed=seed, points=True)
    sign = "/" if claim.measure == "column_ratio" else "−"
    (a, b), (x, y) = claim.of, claim.columns
    name = f"{x}, {a} {sign} {b}" if x == y else f"{x} {sign} {y} in {a}" if a == b else f"{x} in {a} {sign} {y} in {b}"
    with np.errstate(all="ignore"):
        found = first / second if sign == "/" else first - second
    return judge_values(claim, name, np.where(same, 1.0 if sign == "/" else 0.0, found), seed=seed)


def judge_values(claim: Claim, name: str, values: Floats, *, seed: int, points: bool = False) -> Verdict:
    """Judge a claim about the median of some values, one per replicate; shares are written in points."""
    found = median_interval(values, seed=seed)
    unit, scale = ("points", 100.0) if points else ("", 1.0)
    word = side(found, claim)
    wanted = f"{short(scale * _bound(claim))} {unit}".rstrip()
    numbers = f"{name}: {found.text(unit, scale, endless='∞')}"
    return Verdict(word, claim.text, claim.phrase, numbers, _reason(word, found, claim, wanted))


def judge_speed(claim: Claim, first: Arm, second: Arm, *, seed: int) -> Verdict:
    """Judge a claim about the ratio of two times, first over second.

    Where one arm never reaches the share and the other does (both in 95 % of the replicates or more) there is no
    number, but the direction is certain: never counts as longer than any time.
    """
    found = paired_ratio(first, second, seed=seed)
    measure = quantile_name(claim.quantile)
    numbers = found.text(measure)
    if not (found.is_number or found.is_one_sided):
        reason = f"not reached too often for a ratio: the claim needs {measure} in 95 % of the replicates"
        return Verdict("undecided", claim.text, claim.phrase, numbers, reason)
    word = side(found.ratio, claim)
    reason = _reason(word, found.ratio, claim, short(_bound(claim)))
    if not found.is_number and word != "undecided":
        slow, fast = (first, second) if found.never[0] > found.never[1] else (second, first)
        reason = f"{slow.name} does not get there and {fast.name} does: counted as slower than any ratio"
    return Verdict(word, claim.text, claim.phrase, numbers, reason)


def _bound(claim: Claim) -> float:
    return claim.above if claim.above is not None else claim.below or 0.0


def _reason(word: Word, found: Interval, claim: Claim, bound: str) -> str:
    asked = f"{'above' if claim.above is not None else 'below'} {bound}"
    if not found.exists:
        return f"{found.n} replicates: an interval needs at least {FEWEST}"
    if word == "supported":
        return f"the whole interval lies {asked}, as claimed"
    if word == "refuted":
        return f"the claim needs {asked}; the whole interval lies on the other side"
    return f"the claim needs {asked}; the interval lies on both sides"
