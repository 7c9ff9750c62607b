"""Verdicts: whether the whole interval lies on the side that a claim needs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from diffusion.errors import InputError
from diffusion.measures.row import quantile_name
from diffusion.scenario import Claim, Experiment
from diffusion.study.results import Results
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


def claimed_story(experiment: Experiment) -> str:
    """Return the story that a claim about variants speaks of: `measures.story`, or the only one."""
    stories = sorted(experiment.scenario.stories)
    if experiment.measures.story is not None:
        return experiment.measures.story
    if len(stories) > 1:
        raise InputError(f"claim: it compares variants on one story; set measures.story to one of {', '.join(stories)}")
    return stories[0]


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
        claimed_story(experiment)
    if claim.measure != "reach_difference" and claim.quantile <= 0:
        raise InputError(f"claim.quantile = {claim.quantile}: T_q needs a share above 0")


def judge(results: Results) -> Verdict | None:
    """Return the verdict on an experiment's claim, or None if it makes none."""
    experiment = results.experiment
    claim = experiment.claim
    if claim is None:
        return None
    first, second = claim.of
    if claim.measure == "reach_difference":
        story = claimed_story(experiment)
        a, b = (results.values(variant, f"{story}.reached") for variant in claim.of)
        n = min(a.size, b.size)
        return judge_reach(claim, a[:n] - b[:n], seed=results.seed)
    if claim.measure == "speed_ratio":
        arms = results.arms(first, second, claimed_story(experiment), claim.quantile)
    else:
        arms = results.story_arms(claimed_variant(experiment, claim), first, second, claim.quantile)
    return judge_speed(claim, *arms, seed=results.seed)


def judge_reach(claim: Claim, differences: Floats, *, seed: int) -> Verdict:
    """Judge a claim about the difference in reach, in shares of the population, replicate by replicate."""
    found = median_interval(differences, seed=seed)
    numbers = f"reach {claim.of[0]} − {claim.of[1]}: {found.text('points', 100.0)}"
    word = side(found, claim)
    wanted = f"{short(100 * _bound(claim))} points"
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
