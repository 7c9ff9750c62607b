"""Adoption by media and word of mouth in plain Python: the next clock that rings, with the draws of the model."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

from diffusion.randomness import draw_key, start_key
from diffusion.vocabulary import Purpose
from reference.draws import draw, draw2, uniform


@dataclass(frozen=True)
class Rule:
    p: float
    q: float
    influence: str = "share"
    media_from: float = 0.0
    media_until: float = math.inf
    horizon: float = math.inf


@dataclass
class Adopter:
    time: float
    parent: int | None = None
    by_media: bool = False


def exponential(h: int) -> float:
    return -math.log1p(-uniform(h))


def bass(rows: Sequence[Sequence[int]], rule: Rule, seeds: Sequence[int], start: tuple[int, int]) -> dict[int, Adopter]:
    """Return who adopted, when and why; `rows` lists the followers of each person, `start` is (seed, replicate)."""
    key = start_key(*start, Purpose.CONTAGION)
    media, mouth = draw_key(key, 0), draw_key(key, 1)
    followed = [0] * len(rows)
    for row in rows:
        for person in row:
            followed[person] += 1
    due: list[tuple[float, int, int | None, bool]] = [(0.0, person, None, False) for person in seeds]
    for person in range(len(rows)):
        if rule.p:
            time = rule.media_from + exponential(draw(media, person)) / rule.p
            if time < rule.media_until:
                due.append((time, person, None, True))
    heapq.heapify(due)
    adopted: dict[int, Adopter] = {}
    while due:
        time, person, parent, by_media = heapq.heappop(due)
        if person in adopted or time > rule.horizon:
            continue
        adopted[person] = Adopter(time, parent, by_media)
        for follower in rows[person]:
            rate = rule.q / followed[follower] if rule.influence == "share" else rule.q
            if rate and follower not in adopted:
                wait = exponential(draw2(mouth, person, follower)) / rate
                heapq.heappush(due, (time + wait, follower, person, False))
    return adopted
