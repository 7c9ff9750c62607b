"""Clocks of persons: whose rings next, in a heap with four children to a node, and exponential waits from hashes."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_inline
from diffusion.randomness import uniform


class Clocks(NamedTuple):
    """A heap of clocks: when each rings, whose it is, and how often it has rung."""

    time: NDArray[np.float64]
    person: NDArray[np.uint32]
    rung: NDArray[np.uint32]


def clocks(most: int) -> Clocks:
    """Return room for so many clocks."""
    return Clocks(np.empty(most), np.empty(most, np.uint32), np.empty(most, np.uint32))


@hot_inline
def exponential(h):
    """Turn a hash into a wait of mean 1."""
    return -math.log1p(-uniform(h))


@hot_inline
def below(h, count):
    """Turn a hash into a whole number below `count`, from its upper 32 bits."""
    return np.int64(((h >> np.uint64(32)) * np.uint64(count)) >> np.uint64(32))


@hot_inline
def push(heap, size, time, person):
    """Set a new clock, the one after `size` others."""
    at = size
    while at > 0:
        above = (at - 1) >> 2
        if heap.time[above] <= time:
            break
        heap.time[at] = heap.time[above]
        heap.person[at] = heap.person[above]
        heap.rung[at] = heap.rung[above]
        at = above
    heap.time[at] = time
    heap.person[at] = person
    heap.rung[at] = 0


@hot_inline
def settle(heap, size, time, person, rung):
    """Put a clock in the place of the first of `size` ones and let it sink."""
    at = 0
    while True:
        child = 4 * at + 1
        if child >= size:
            break
        least = child
        for other in range(child + 1, min(child + 4, size)):
            if heap.time[other] < heap.time[least]:
                least = other
        if heap.time[least] >= time:
            break
        heap.time[at] = heap.time[least]
        heap.person[at] = heap.person[least]
        heap.rung[at] = heap.rung[least]
        at = least
    heap.time[at] = time
    heap.person[at] = person
    heap.rung[at] = rung


@hot_inline
def drop(heap, size):
    """Take away the first of `size` clocks."""
    last = size - 1
    if last > 0:
        settle(heap, last, heap.time[last], heap.person[last], heap.rung[last])
