"""Hawkes processes in plain Python: the same keyed draws, one event after another."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from diffusion.randomness import draw_key, start_key
from diffusion.units import NEVER
from diffusion.vocabulary import Purpose
from reference.classic_branching import poisson, unit

_STEP, _STEP2, _ALL = 0x9E3779B97F4A7C15, 0xD1B54A32D192ED03, 2**64 - 1


class Action(NamedTuple):
    time: float
    person: int
    parent: int


def hawkes_events(
    rows: Sequence[Sequence[int]],
    where: tuple[int, int, Sequence[int]],
    rates: tuple[float, float, float],
    memory: Callable[[int], float],
) -> list[Action]:
    """Events in the order in which they come forth; `where` is (seed, replicate, who begins)."""
    seed, replicate, seeds = where
    excitation, base, horizon = rates
    start = start_key(seed, replicate, Purpose.CONTAGION)
    keys, events = [], []
    for person in seeds:
        # draw2(key, person, 0) is draw(key, person) one second step further.
        keys.append(draw_key((draw_key(start, 0) + _STEP2) & _ALL, person))
        events.append(Action(0.0, person, NEVER))
    for k in range(poisson(draw_key(start, 1), base * horizon * len(rows), 10**9)):
        own = draw_key(draw_key(start, 2), k)
        keys.append(own)
        events.append(Action(unit(draw_key(own, 2)) * horizon, (draw_key(own, 0) >> 32) * len(rows) >> 32, NEVER))
    for head, event in enumerate(events):  # grows while it is read
        key = keys[head]
        row = rows[event.person]
        for c in range(poisson(draw_key(key, 1), excitation * len(row), 10**9)):
            child = draw_key(key, 3 + c)
            time = event.time + memory(draw_key(child, 2))
            if time <= horizon:
                keys.append(child)
                events.append(Action(time, row[(draw_key(child, 0) >> 32) * len(row) >> 32], event.person))
    return events
