"""Threshold models push by push: everybody keeps the list of who pushed, and looks at the whole list each time."""

from collections.abc import Callable, Sequence

import numpy as np

from reference.draws import draw, quantile, uniform

Rows = Sequence[Sequence[int]]
GivesWay = Callable[[int, list[int]], bool]
"""Whether a person gives way to these pushers, in the order in which they pushed."""


def spread(rows: Rows, seeds: Sequence[int], gives_way: GivesWay) -> tuple[list[float], list[int]]:
    """Return the step in which each person became active (infinite: never) and from whom (-1: nobody)."""
    times, parents = [float("inf")] * len(rows), [-1] * len(rows)
    pushers: list[list[int]] = [[] for _ in rows]
    for person in seeds:
        times[person] = 0
    step, newly = 0, list(seeds)
    while newly:
        step, before, newly = step + 1, newly, []
        for person in before:
            for follower in rows[person]:
                pushers[follower].append(person)
                if times[follower] == float("inf") and gives_way(follower, pushers[follower]):
                    times[follower], parents[follower] = step, person
                    newly.append(follower)
    return times, parents


def kempe(key: int, followed: Sequence[int]) -> GivesWay:
    """Each followed account weighs 1 / (accounts followed); the threshold has 32 bits."""
    return lambda person, pushers: (draw(key, person) >> 32) * followed[person] < len(pushers) << 32


def weighted(key: int, weight: dict[tuple[int, int], float]) -> GivesWay:
    """Weights and threshold are whole multiples of 2**-40."""

    def gives_way(person: int, pushers: list[int]) -> bool:
        return sum(int(float(np.float32(weight[u, person])) * 2**40) for u in pushers) > draw(key, person) >> 24

    return gives_way


def share(key: int, followed: Sequence[int], table: Sequence[float]) -> GivesWay:
    """At least one, and at least the share that the law with this quantile table gives the person."""

    def gives_way(person: int, pushers: list[int]) -> bool:
        return len(pushers) / followed[person] >= quantile(table, draw(key, person))

    return gives_way


def exposures(key: int, chances: Sequence[float]) -> GivesWay:
    """Each push has its own chance, the last one listed all later ones; one uniform number serves them all."""

    def gives_way(person: int, pushers: list[int]) -> bool:
        refused = 1.0
        for k in range(len(pushers)):
            refused *= 1 - chances[min(k, len(chances) - 1)]
        return 1 - refused > uniform(draw(key, person))

    return gives_way
