"""Branching cascades and Hawkes events in plain Python: the same keyed draws, one event after another."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from diffusion.randomness import draw_key, start_key
from diffusion.vocabulary import Purpose


class Event(NamedTuple):
    time: float
    parent: int
    mark: float
    generation: int


def unit(key: int) -> float:
    return (key >> 11) * 2.0**-53


def poisson(key: int, mean: float, most: int) -> int:
    total, part = 0, 0
    while mean > 0 and total < most:
        piece = min(mean, 64.0)
        mean -= piece
        chance = math.exp(-piece)
        left, count = unit(draw_key(key, part)) - chance, 0
        while left >= 0 and chance > 0:
            count += 1
            chance *= piece / count
            left -= chance
        total, part = total + count, part + 1
    return min(total, most)


def power(scale: float, tail: float, body: float = 0.0) -> Callable[[int], float]:
    """Body linear up to `scale`, tail a power law."""

    def drawn(key: int) -> float:
        u = unit(key)
        return u / body * scale if u < body else float(scale * ((1 - u) / (1 - body)) ** (-1 / tail))

    return drawn


def cascade(
    seed: int,
    replicate: int,
    children: float,
    laws: tuple[Callable[[int], float], Callable[[int], float]],
    limits: tuple[float, int],
) -> list[Event]:
    """Events in the order of time (of birth where times are equal), with the places of their parents in it."""
    memory, mark = laws
    horizon, most = limits
    root = draw_key(start_key(seed, replicate, Purpose.CONTAGION), 0)
    keys, events = [root], [Event(0.0, -1, mark(draw_key(root, 0)), 0)]
    for head, key in enumerate(keys):
        if len(keys) >= most:
            break
        above = events[head]
        for c in range(poisson(draw_key(key, 1), children * above.mark, most)):
            child = draw_key(key, 3 + c)
            time = above.time + memory(draw_key(child, 2))
            if time <= horizon and len(keys) < most:
                keys.append(child)
                events.append(Event(time, head, mark(draw_key(child, 0)), above.generation + 1))
    order = np.argsort([event.time for event in events], kind="stable").tolist()
    place = {old: new for new, old in enumerate(order)} | {-1: -1}
    return [events[old]._replace(parent=place[events[old].parent]) for old in order]
