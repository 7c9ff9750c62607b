"""The independent cascade in plain Python: a queue, a row of trials, and a look at every single link."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count, repeat
from typing import NamedTuple

from diffusion.randomness import WORLD, start_key
from diffusion.vocabulary import Purpose
from reference.draws import draw, draw2, uniform

WHOLE = 2**53
LONGEST = 1024
Chance = Callable[[int, int, int], float]
"""Of (link, person, follower)."""


class Found(NamedTuple):
    """When and from whom everybody became active; and the links that succeeded."""

    times: dict[int, int]
    parents: dict[int, int]
    links: set[int]


def gaps(p: float, key: int) -> Iterator[int]:
    """Failures before each success: the smallest k with a chance of at most k above the draw."""
    chances, left = [], 1.0
    for _ in range(LONGEST):
        left *= 1.0 - p
        chances.append(round((1.0 - left) * WHOLE))
    at = 0
    while True:
        gap, longer = 0, True
        while longer:
            x = draw(key, at) >> 11
            at += 1
            k = next((j for j, chance in enumerate(chances) if x < chance), LONGEST)
            longer = k == LONGEST
            gap += k
        yield gap


def successes(p: float, key: int) -> Iterator[bool]:
    """The row of trials, one by one."""
    if p in (0, 1):
        yield from repeat(p == 1)
    for gap in gaps(p, key):
        yield from [False] * gap
        yield True


def class_of(values: Sequence[float], seed: int) -> Chance:
    """The value of a link that is drawn from its two ends."""
    key = start_key(seed, WORLD, Purpose.CONTAGION)
    return lambda link, person, follower: values[(draw2(key, person, follower) >> 32) * len(values) >> 32]


def cascade(
    rows: Sequence[Sequence[int]], seeds: Sequence[int], key: int, chance: float | Chance, highest: float = 1.0
) -> Found:
    """Run a cascade; `chance` may depend on the link, and trials are then made at the highest one."""
    offsets = [sum(map(len, rows[:k])) for k in range(len(rows))]
    trials = successes(chance if isinstance(chance, float) else highest, draw(key, 0))
    luck, tried = draw(key, 1), count()
    times, parents, queue = dict.fromkeys(seeds, 0), {}, list(seeds)
    links: set[int] = set()
    for person in queue:
        for link, follower in enumerate(rows[person], offsets[person]):
            if not next(trials):
                continue
            if not isinstance(chance, float):
                accepted = uniform(draw(luck, next(tried))) * highest < chance(link, person, follower)
                if not accepted:
                    continue
            links.add(link)
            if follower not in times:
                times[follower], parents[follower] = times[person] + 1, person
                queue.append(follower)
    return Found(times, parents, links)
