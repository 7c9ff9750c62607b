"""Persons who wait in buckets of time, and hashes that are seen to be too late without a delay."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from diffusion._jit import kernel
from diffusion.classic.delays import ABSENT, bound_of, delay, delay_of, may_be_within, screen_of
from diffusion.classic.waiting import BUCKETS, PLACES, Waiting, come, refill, wait, waiting_room

LAWS = (0.3, 7.0, "lognormal 2 0.5", "gamma 2 3", "weibull 3 0.4", "power 1 1.2", "uniform 1 3", "constant 2")
WIDTH = 0.01


@kernel
def all_delays(law, hashes):
    """Return the delay that each hash stands for."""
    found = np.empty(hashes.size)
    for k in range(hashes.size):
        found[k] = delay(law, hashes[k], 1.0)
    return found


@kernel
def let_pass(screen, duration, hashes, flip):
    """Return which hashes the screen lets pass; `flip` changes them before."""
    found = np.empty(hashes.size, np.bool_)
    bound = bound_of(screen, duration)
    for k in range(hashes.size):
        found[k] = may_be_within(bound, hashes[k] ^ flip)
    return found


@kernel
def let_wait(room, person, moment, size):
    """Let a person wait."""
    return wait(room, (np.uint32(person), moment, 0.0, 1.0 / WIDTH), size)


@kernel
def in_turn(room, per_time, order):
    """Empty all buckets; return how many came."""
    count = 0
    while room.registers[PLACES]:
        for slot in range(BUCKETS):
            while room.ends[slot]:
                for k in range(come(room, slot)):
                    order[count] = room.batch[k]
                    count += 1
        if room.registers[PLACES]:
            refill(room, per_time)
    return count


def many_hashes() -> NDArray[np.uint64]:
    """Return random hashes, and those at the ends of octaves and of both halves."""
    ends = [2**k + step for k in range(1, 64) for step in (-1, 0, 1)]
    all_ends = [0, *ends, *(2**64 - 1 - end for end in ends), 2**64 - 1]
    drawn = np.random.default_rng(5).integers(2**64, size=200_000, dtype=np.uint64)
    return np.concatenate([np.array(all_ends, np.uint64), drawn])


@pytest.mark.parametrize("text", LAWS)
def test_screen_stops_none_that_is_in_time_and_most_that_are_late(text: float | str) -> None:
    law, hashes = delay_of("transmission", text, is_discrete=False), many_hashes()
    delays, screen, wrong = all_delays(law, hashes), screen_of(law), 0
    for duration in (1e-9, *np.quantile(delays, [0, 1e-5, 0.01, 0.2, 0.5, 0.77, 0.99, 0.99999, 1]), 1e9, np.inf):
        passed = let_pass(screen, duration, hashes, np.uint64(0))
        assert passed[delays <= duration].all()
        # Durations are told apart to a sixteenth, so are chances, and those below all delays not at all.
        assert passed.mean() <= (delays <= max(duration, delays.min()) * 1.07).mean() * 1.07 + 0.001
        wrong += int((~let_pass(screen, duration, hashes, np.uint64(2**63 - 1)))[delays <= duration].sum())
    assert wrong > 0 or text == "constant 2", "a screen with its halves turned round must be seen"


def test_screen_of_a_law_without_table_lets_all_pass() -> None:
    for law in (ABSENT, delay_of("recovery", 0.5, is_discrete=True), delay_of("recovery", 0, is_discrete=False)):
        assert let_pass(screen_of(law), 1.0, many_hashes(), np.uint64(0)).all()


@pytest.mark.parametrize(("n", "rounds"), [(1, 3), (40, 60_000), (3000, 30_000)])
def test_all_come_once_and_in_the_order_of_their_last_moment(n: int, rounds: int) -> None:
    """So many earlier moments that stale places are swept away, and later ones than the buckets hold."""
    rng, room, size = np.random.default_rng(n), waiting_room(n), 0
    given = np.full(n, np.inf)
    for person, factor in zip(rng.integers(n, size=rounds), rng.uniform(0.9, 1, size=rounds), strict=True):
        moment = min(given[person], 200.0) * factor
        if moment < WIDTH:
            continue
        given[person] = moment
        size = let_wait(room, person, moment, size)
        assert room.registers[PLACES] <= 2 * n + BUCKETS
    met = np.flatnonzero(np.isfinite(given))
    assert size == met.size
    assert set(room.met[:size].tolist()) == set(met.tolist())
    order = np.empty(n, np.uint32)
    assert in_turn(room, 1.0 / WIDTH, order) == met.size
    came = order[: met.size]
    assert sorted(came.tolist()) == met.tolist()
    assert np.array_equal(-room.time[met], given[met])
    slots = np.floor(given[came] / WIDTH)
    near = slots < BUCKETS
    assert (np.diff(slots[near]) >= 0).all()
    assert_memory_is_free(room)


def assert_memory_is_free(room: Waiting) -> None:
    """Hold that every chunk that was ever in use is free again, once."""
    free, chunk = [], int(room.registers[0])
    while chunk:
        free.append(chunk)
        chunk = int(room.chunks[chunk * 16])
    assert sorted(free) == list(range(1, int(room.registers[1])))
    assert not room.ends.any()


def test_a_moment_in_the_bucket_whose_turn_it_is_comes_in_it() -> None:
    room, order = waiting_room(3), np.empty(3, np.uint32)
    size = 0
    for person, moment in ((2, 5.0), (0, 5.0), (1, 7.0), (1, 6.0), (1, 6.0 - WIDTH / 4)):
        size = let_wait(room, person, moment, size)
    assert size == 3
    assert in_turn(room, 1.0 / WIDTH, order) == 3
    assert order.tolist() == [2, 0, 1]
    assert sorted((-room.time).tolist()) == [5.0, 5.0, 6.0 - WIDTH / 4]
