"""Epidemics with a heap: every contact is an event; the draws are keyed as those of the package."""

import heapq
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from reference.draws import draw, draw2, mix, quantile, uniform

ENDLESS, NONE, TABLE, GEOMETRIC = 0, 1, 2, 3
CONTACT, LATENCY, RECOVERY, IMMUNITY = 0, 1, 2, 3


class Found(NamedTuple):
    """First times and parents (-1: none), and the time at which each infection began, in order."""

    times: list[float]
    parents: list[int]
    infections: list[tuple[float, int]]


def delay(law: Any, h: int, weight: float) -> float:
    """Draw from (kind, log of the chance to stay, quantile table); a weight multiplies the rate."""
    kind, log_stay, table = law
    if kind == NONE:
        return 0.0
    if kind == ENDLESS or weight == 0:
        return math.inf
    if kind == TABLE:
        return quantile(table, h) / weight
    return math.floor(math.log(1 - uniform(h)) / (log_stay * weight)) + 1.0


def gap(contact: Any, first: int, j: int, weight: float) -> float:
    """Time between contacts number j - 1 and j along a link; `first` is the hash of number 0."""
    return delay(contact, first if j == 0 else draw(first, j), weight)


def epidemic(rows: Sequence[Any], weights: Any, course: Any, key: int, seeds: Any, horizon: float) -> Found:
    """Run one replicate; `course` holds the laws of contact, latency, recovery and immunity."""
    contact, latency, recovery, immunity = course
    n = len(rows)
    over, occurrence = [-math.inf] * n, [0] * n
    found = Found([math.inf] * n, [-1] * n, [])
    heap: list[Any] = []

    def infect(person: int, now: float, parent: int) -> None:
        k = occurrence[person]
        occurrence[person] += 1
        begin = now + (0 if now == 0 else delay(latency, draw2(draw(key, LATENCY), person, k), 1))
        infectious = delay(recovery, draw2(draw(key, RECOVERY), person, k), 1)
        over[person] = begin + infectious + delay(immunity, draw2(draw(key, IMMUNITY), person, k), 1)
        found.infections.append((now, person))
        if k == 0:
            found.times[person], found.parents[person] = now, parent
        own = draw2(draw(key, CONTACT), person, k)
        for at, follower in enumerate(rows[person]):
            link = (person, int(follower), 1.0 if weights is None else float(weights[person][at]))
            plan(link, (begin, infectious), draw(own, int(follower)), (0, 0.0))

    def plan(link: Any, course: tuple[float, float], first: int, passed: tuple[int, float]) -> None:
        j, waited = passed
        waited += gap(contact, first, j, link[2])
        if waited < math.inf and waited <= course[1] and course[0] + waited <= horizon:
            h = first if j == 0 else draw(first, j)
            heapq.heappush(heap, (course[0] + waited, mix(h), link, course, first, (j + 1, waited)))

    for person in seeds:
        infect(int(person), 0.0, -1)
    while heap:
        now, _, link, spell, first, passed = heapq.heappop(heap)
        if now > over[link[1]]:
            infect(link[1], now, link[0])
        if immunity[0] != ENDLESS and recovery[0] != ENDLESS:
            plan(link, spell, first, passed)
    return found
