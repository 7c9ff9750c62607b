"""The hoax model in plain Python: everybody looks at everybody, step by step, with the draws of the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from diffusion.randomness import draw_key, start_key
from diffusion.vocabulary import Purpose
from reference.draws import draw, draw2, uniform

SUSCEPTIBLE, BELIEVER, CHECKER = range(3)


class Rule(NamedTuple):
    spreading: float
    credibility: float
    verifying: float
    forgetting: float


class Found(NamedTuple):
    states: list[list[int]]
    """States of everybody after each step."""
    believed: dict[int, int]
    """Step in which each person first believed."""
    parents: dict[int, int]


def after(state: int, believers: int, checkers: int, rule: Rule, u: float) -> int:
    """What a person who follows so many believers and fact-checkers is after a step with the draw u."""
    if state == SUSCEPTIBLE:
        hoax, check = believers * (1 + rule.credibility), checkers * (1 - rule.credibility)
        if hoax + check == 0:
            return SUSCEPTIBLE
        chance_hoax, chance_check = rule.spreading * hoax / (hoax + check), rule.spreading * check / (hoax + check)
        return BELIEVER if u < chance_hoax else CHECKER if u < chance_hoax + chance_check else SUSCEPTIBLE
    if u < rule.forgetting:
        return SUSCEPTIBLE
    if state == BELIEVER and u < rule.forgetting + (1 - rule.forgetting) * rule.verifying:
        return CHECKER
    return state


def hoax(
    followed: Sequence[Sequence[int]], rule: Rule, seeds: Sequence[int], steps: int, start: tuple[int, int]
) -> Found:
    """Run a hoax; `followed` lists whom each person follows, `start` is (seed, replicate)."""
    key = start_key(*start, Purpose.CONTAGION)
    luck, whom = draw_key(key, 0), draw_key(key, 1)
    now = [BELIEVER if person in seeds else SUSCEPTIBLE for person in range(len(followed))]
    found = Found([now], dict.fromkeys(seeds, 0), {})
    for step in range(1, steps + 1):
        then = []
        for person, row in enumerate(followed):
            believers = [other for other in row if now[other] == BELIEVER]
            checkers = sum(now[other] == CHECKER for other in row)
            new = after(now[person], len(believers), checkers, rule, uniform(draw2(luck, person, step)))
            if new == BELIEVER and person not in found.believed:
                found.believed[person] = step
                found.parents[person] = believers[(draw(whom, person) >> 32) * len(believers) >> 32]
            then.append(new)
        now = then
        found.states.append(now)
    return found
