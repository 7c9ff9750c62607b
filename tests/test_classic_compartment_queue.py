"""The queue of compartment models gives the order of a plain heap, whatever lies ahead and with little room."""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from diffusion._jit import kernel
from diffusion.classic.compartment_queue import (
    HEAP,
    NOBODY,
    RING,
    Event,
    Queue,
    empty,
    first_event,
    has_room,
    larger,
    new_queue,
    out_of_heap,
    put,
    to_next,
)
from diffusion.classic.compartment_tables import Links

PERSONS = 50
LINKS = Links(np.arange(PERSONS + 1), np.zeros(PERSONS + 16, np.uint32), np.zeros(0, np.float32), 1.0)
WHO = np.zeros((PERSONS, 8), np.uint32)


class Asked(NamedTuple):
    """What a queue reads of a model: for which of five transitions it asks for rows, and for which not for sources."""

    spreads: NDArray[np.uint8]
    lasts: NDArray[np.uint8]


NEEDED = (LINKS, Asked(np.array([0, 1, 0, 1, 1], np.uint8), np.array([0, 0, 1, 1, 0], np.uint8)), WHO)


@kernel
def add(queue, per_time, event):
    """Put an event into the queue, if there is room."""
    if not has_room(queue, 1):
        return False
    put(queue, per_time, Event(event[0], event[1], event[2], event[3], event[4], event[5]))
    return True


@kernel
def take(queue, per_time, needed):
    """Take the first event out of the queue; its person is -1 where there is none."""
    if queue.at[HEAP] == 0 and not to_next(queue, per_time, needed):
        return Event(0.0, np.int64(-1), np.int64(0), np.int64(0), np.int64(0), np.int64(0))
    event = first_event(queue)
    out_of_heap(queue)
    return event


@kernel
def forget(queue):
    """Forget all events."""
    empty(queue)


def put_in(queue: Queue, per_time: float, event: tuple[float, int, int, int, int, int]) -> Queue:
    """Put an event into a queue, which is made larger where it has no room."""
    while not add(queue, per_time, event):
        queue = larger(queue, queue.heap.size + 3)
    return queue


def drawn(rng: np.random.Generator, now: float, per_time: float) -> tuple[float, int, int, int, int, int]:
    """Return an event at once, in the present bucket, in the ring or beyond it; many have the same time."""
    ahead = rng.choice([0.0, 0.3, 5.0, 400.0, 1.5 * RING, 40.0 * RING]) * rng.choice([0.5, 1.0, rng.random()])
    source = NOBODY if rng.random() < 0.5 else int(rng.integers(PERSONS))
    person, rule, visit, number = (int(rng.integers(most)) for most in (PERSONS, 5, 9, 9))
    return now + ahead / per_time, person, rule, source, visit, number


@pytest.mark.parametrize("per_time", [1.0, 700.0, 1e-6])
def test_events_come_in_the_order_of_a_heap(per_time: float) -> None:
    """Ever more events, then ever fewer, three times in the same memory."""
    rng, queue = np.random.default_rng(3), new_queue(2)
    for _ in range(3):
        expected: list[tuple[float, int, int, int, int, int]] = []
        now, planned = 0.0, 0
        while expected or planned < 1500:
            for _ in range(int(rng.integers(4)) if planned < 1500 else 0):
                event = drawn(rng, now, per_time)
                planned += 1
                heapq.heappush(expected, event)
                queue = put_in(queue, per_time, event)
            if expected:
                found = take(queue, per_time, NEEDED)
                # Where time, person, transition and source are the same, any order will do.
                assert tuple(found)[:4] == expected[0][:4]
                expected.remove(tuple(found))
                heapq.heapify(expected)
                now = found.time
        assert take(queue, per_time, NEEDED).person == -1
        forget(queue)


def test_what_happens_again_and_again_in_one_bucket_needs_no_more_room() -> None:
    queue = put_in(new_queue(4), 1.0, (0.0, 1, 0, NOBODY, 1, 0))
    for k in range(1, 1000):
        assert take(queue, 1.0, NEEDED).time == (k - 1) / 2000
        assert add(queue, 1.0, (k / 2000, 1, 0, NOBODY, 1, 0))


def test_a_queue_is_forgotten_half_way() -> None:
    queue = new_queue(600)
    rng = np.random.default_rng(4)
    for _ in range(500):
        assert add(queue, 8.0, drawn(rng, 0.0, 8.0))
    for _ in range(100):
        assert take(queue, 8.0, NEEDED).person >= 0
    forget(queue)
    assert take(queue, 8.0, NEEDED).person == -1
    assert add(queue, 8.0, (2.0, 7, 0, NOBODY, 1, 0))
    assert take(queue, 8.0, NEEDED).person == 7
