"""Rumours in plain Python: one spreader, one contact at a time, with the draws of the model; mistakes to be noticed."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

from diffusion.randomness import draw_key, start_key
from diffusion.vocabulary import Purpose
from reference.draws import draw, draw2, uniform

IGNORANT, SPREADER, STIFLER = range(3)


@dataclass(frozen=True)
class Rule:
    both_stop: bool = False
    futile: int = 1
    spreading: float = 1.0
    stifling: float = 1.0
    forgetting: float = 0.0
    mistake: str = ""
    """"twice": two spreaders meet as often as both contact each other; "refusals": who is not believed is futile."""


@dataclass
class Person:
    state: int = IGNORANT
    heard: float = math.inf
    stopped: float = math.inf
    parent: int | None = None
    futile: int = 0
    contacts: int = 0


def exponential(h: int) -> float:
    return -math.log1p(-uniform(h))


def rumour(rows: Sequence[Sequence[int]], rule: Rule, seeds: Sequence[int], seed: int, replicate: int) -> list[Person]:
    """Return what became of everybody; `rows` lists the followers of each person."""
    start = start_key(seed, replicate, Purpose.CONTAGION)
    wait, whom, lucks, forget = (draw_key(start, k) for k in range(4))
    people = [Person() for _ in rows]
    due: list[tuple[float, int, str]] = []

    def begin(who: int, now: float, parent: int | None) -> None:
        person = people[who]
        person.state, person.heard, person.parent = SPREADER, now, parent
        if rows[who]:
            heapq.heappush(due, (now + exponential(draw2(wait, who, 0)), who, "contact"))
        if rule.forgetting:
            heapq.heappush(due, (now + exponential(draw(forget, who)) / rule.forgetting, who, "forget"))

    def stop(who: int, now: float) -> None:
        people[who].state, people[who].stopped = STIFLER, now

    def tire(who: int, now: float) -> None:
        people[who].futile += 1
        if people[who].futile == rule.futile:
            stop(who, now)

    def contact(who: int, now: float) -> None:
        row, number = rows[who], people[who].contacts
        people[who].contacts += 1
        other = row[(draw2(whom, who, number) >> 32) * len(row) >> 32]
        luck = draw2(lucks, who, number)
        if people[other].state == IGNORANT and uniform(luck) < rule.spreading:
            begin(other, now, who)
            return
        if people[other].state == IGNORANT:
            if rule.mistake == "refusals":
                tire(who, now)
            return
        meets = rule.both_stop and people[other].state == SPREADER
        if meets and rule.mistake != "twice" and uniform(draw(luck, 0)) >= 0.5:
            return
        if uniform(luck) < rule.stifling:
            tire(who, now)
        if meets and uniform(draw(luck, 1)) < rule.stifling:
            tire(other, now)

    for who in seeds:
        begin(who, 0.0, None)
    while due:
        now, who, what = heapq.heappop(due)
        if people[who].state == STIFLER:
            continue
        if what == "forget":
            stop(who, now)
            continue
        contact(who, now)
        if people[who].state == SPREADER:
            again = now + exponential(draw2(wait, who, people[who].contacts))
            heapq.heappush(due, (again, who, "contact"))
    return people
