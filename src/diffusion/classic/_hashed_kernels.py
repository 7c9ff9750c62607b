"""Kernels of the independent cascade whose draws belong to persons: the gaps in a row are a hash of its person.

What happens does not depend on the order in which persons are looked at. A level may thus be a list or a bit per
person, and rows may be stored or computed. The list has room for few; from the first level that does not fit on, levels
are bits: three bits per person and no queue.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba.extending import overload
from numpy.typing import NDArray

from diffusion._jit import hot_function, hot_inline, hot_kernel, leading_zeros
from diffusion.classic._gaps import Gaps
from diffusion.engine.prefetch import prefetch
from diffusion.graphs._implicit import INLINE, HashedRows, follower_of, row_of
from diffusion.randomness import draw

LISTED = 32
"""One of so many persons has room in the list."""
_LEAST_LISTED = 1024
_FIRST_ENDS = 1024

SIZE, BEGIN, END, STEP, WIDE, SIDE, RUNG = range(7)
"""Registers: persons reached; those before the newest level; those before the coming one; its number; whether levels
are bits; which of the two maps of bits holds the newest level; successes that went into the ring."""

_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_S6 = np.uint64(6)
_LOW6 = np.uint64(63)
_S11 = np.uint64(11)
_S_GUIDE = np.uint64(55)
_HALF = np.uint64(32)
_PERSON = np.uint64(0xFFFFFFFF)
_RING = 64
_AHEAD = 8
_LAST = np.int64(_RING - 1)


class Workspace(NamedTuple):
    """Memory of a thread, reused from replicate to replicate.

    Attributes
    ----------
    active : (n / 64,) uint64
        One bit per person; zero between replicates.
    levels : (2 n / 64,) uint64
        Two maps, the newest level and the coming one, where they do not fit into the list; zero between replicates.
    order : (n / 32,) uint32
        Who became active, level after level, as long as there is room.
    ring : (64,) uint64
        Successes that wait for the memory of their followers: 2**32 * person + follower.
    registers : (7,) int64
    """

    active: NDArray[np.uint64]
    levels: NDArray[np.uint64]
    order: NDArray[np.uint32]
    ring: NDArray[np.uint64]
    registers: NDArray[np.int64]


class Kept(NamedTuple):
    """What is written down: persons reached at the end of each step; when and from whom, or empty arrays."""

    ends: NDArray[np.int64]
    times: NDArray[np.float32]
    parents: NDArray[np.uint32]


class Chances(NamedTuple):
    """What decides: the distribution of gaps between successes, and the key of the replicate."""

    gaps: Gaps
    key: np.uint64


class Memory:
    """The workspace of a thread, and its steps, for which room is made as they come."""

    def __init__(self, n_persons: int) -> None:
        words = n_persons // 64 + 1
        self.work = Workspace(
            np.zeros(words, np.uint64),
            np.zeros(2 * words, np.uint64),
            np.zeros(max(_LEAST_LISTED, n_persons // LISTED), np.uint32),
            np.zeros(_RING, np.uint64),
            np.zeros(RUNG + 1, np.int64),
        )
        self.ends = np.zeros(_FIRST_ENDS, np.int64)

    def grow(self) -> None:
        """Make room for twice as many steps."""
        self.ends = np.concatenate((self.ends, np.zeros_like(self.ends)))


@hot_inline
def _gap_within(gaps, key, count, room):
    """Return the failures before the next success, or some number >= `room`, and how many draws have been made."""
    gap = _ZERO
    while True:
        h = draw(key, count)
        count += _ONE
        k = np.uint64(gaps.guide[h >> _S_GUIDE])
        while (h >> _S11) >= gaps.chances[k]:
            k += _ONE
        gap += k
        if k != gaps.bounds[0] or gap >= room:
            return gap, count


@hot_inline
def _coming(work, person):
    """Return the place of a person's word in the map of the coming level."""
    return (1 - work.registers[SIDE]) * work.active.size + np.int64(person >> _S6)


@hot_function
def _spill(work, size):
    """Go over from the list to bits: those of the coming level."""
    at = work.registers
    at[WIDE] = 1
    for k in range(at[END], size):
        person = np.uint64(work.order[k])
        work.levels[_coming(work, person)] |= _ONE << (person & _LOW6)


@hot_inline
def _join(work, person, fresh, size):
    """Put a person into the coming level if `fresh` is 1 and not 0, without a branch; return how many are active."""
    at = work.registers
    if at[WIDE] == 0 and size == work.order.size:
        _spill(work, size)
    if at[WIDE]:
        work.levels[_coming(work, person)] |= fresh << (person & _LOW6)
    else:
        work.order[size] = np.uint32(person)
    return size + np.int64(fresh)


@hot_inline
def _arrive(work, kept, waited, size):
    """Let a success out of the ring: its follower becomes active, or had been; return how many are active now.

    Of several persons who succeed in the same step the one with the lowest number counts as the one from whom.
    """
    follower, person = waited & _PERSON, np.uint32(waited >> _HALF)
    word, place = work.active[follower >> _S6], follower & _LOW6
    fresh = (~word >> place) & _ONE
    work.active[follower >> _S6] = word | (_ONE << place)
    if kept.times.size:
        step = work.registers[STEP]
        if fresh:
            kept.times[follower] = step
        if kept.parents.size and kept.times[follower] == step and person < kept.parents[follower]:
            kept.parents[follower] = person
    return _join(work, follower, fresh, size)


@hot_inline
def _try_row(rows, chances, person, work, kept, size):
    """Send the successes of a person into the ring; return how many are active now."""
    length, start = row_of(rows, person)
    room = np.uint64(length)
    key = draw(chances.key, person)
    rung = work.registers[RUNG]
    at, count = _gap_within(chances.gaps, key, _ZERO, room)
    while at < room:
        place = rung & _LAST
        if rung >= _RING:
            size = _arrive(work, kept, work.ring[place], size)
        follower = np.uint64(follower_of(rows, person, start, at))
        prefetch(work.active, follower >> _S6)
        if work.registers[WIDE]:
            prefetch(work.levels, _coming(work, follower))
        work.ring[place] = (person << _HALF) | follower
        rung += 1
        gap, count = _gap_within(chances.gaps, key, count, room - at)
        at += gap + _ONE
    work.registers[RUNG] = rung
    return size


@hot_inline
def _try_word(rows, chances, base, bits, work, kept, size):
    """Do so for all persons who are bits of a word."""
    while bits:
        place = np.uint64(63 - leading_zeros(bits))
        bits ^= _ONE << place
        size = _try_row(rows, chances, base + place, work, kept, size)
    return size


def ask_for(rows: Any, person: Any) -> None:
    """Ask for the followers of a person whose turn comes soon, where they are stored."""


def ask_for_word(rows: Any, base: Any, bits: Any) -> None:
    """Do so for all persons who are bits of a word."""


@overload(ask_for, jit_options=INLINE)
def _ask_for(rows, person):
    if rows.instance_class is HashedRows:
        return lambda rows, person: None
    return lambda rows, person: prefetch(rows.followers, rows.offsets[person])


@overload(ask_for_word, jit_options=INLINE)
def _ask_for_word(rows, base, bits):
    if rows.instance_class is HashedRows:
        return lambda rows, base, bits: None

    def ask(rows, base, bits):
        while bits:
            place = np.uint64(63 - leading_zeros(bits))
            bits ^= _ONE << place
            prefetch(rows.followers, rows.offsets[base + place])
            prefetch(rows.followers, rows.offsets[base + place] + 15)

    return ask


@hot_inline
def _empty_ring(work, kept, size):
    rung = work.registers[RUNG]
    for k in range(max(0, rung - _RING), rung):
        size = _arrive(work, kept, work.ring[k & _LAST], size)
    work.registers[RUNG] = 0
    return size


@hot_function
def _begin(work, kept, seeds):
    """Make the seeds active, as level 0."""
    at = work.registers
    at[:] = 0
    size = 0
    for k in range(seeds.size):
        person = np.uint64(seeds[k])
        work.active[person >> _S6] |= _ONE << (person & _LOW6)
        if kept.times.size:
            kept.times[person] = 0
        size = _join(work, person, _ONE, size)
    at[SIZE] = size
    kept.ends[0] = size
    if at[WIDE]:
        at[SIDE] = 1


@hot_function
def _clear(work):
    """Make nobody active, at the cost of those who are."""
    if work.registers[WIDE]:
        for k in range(work.active.size):
            work.active[k] = _ZERO
    else:
        for k in range(work.registers[SIZE]):
            work.active[np.uint64(work.order[k]) >> _S6] = _ZERO


@hot_kernel
def run_levels(rows, chances, seeds, work, kept):
    """Run steps until nobody becomes active or `ends` is full; return whether the cascade has ended.

    It begins with the seeds, or goes on where it was if there are none; once ended, nobody is active any more.
    """
    at, words = work.registers, work.active.size
    if seeds.size:
        _begin(work, kept, seeds)
    while at[SIZE] > at[BEGIN]:
        if at[STEP] + 1 == kept.ends.size:
            return False
        first, size, side = at[BEGIN], at[SIZE], at[SIDE]
        at[END] = size
        at[STEP] += 1
        if at[WIDE]:
            newest = work.levels[side * words : (side + 1) * words]
            for k in range(words):
                bits = newest[k]
                if k + 1 < words:
                    ask_for_word(rows, np.uint64(k + 1) << _S6, newest[k + 1])
                if bits:
                    newest[k] = _ZERO
                    size = _try_word(rows, chances, np.uint64(k) << _S6, bits, work, kept, size)
        else:
            for k in range(first, at[END]):
                ask_for(rows, work.order[min(k + _AHEAD, at[END] - 1)])
                size = _try_row(rows, chances, np.uint64(work.order[k]), work, kept, size)
        at[SIZE] = _empty_ring(work, kept, size)
        at[BEGIN] = at[END]
        at[SIDE] = 1 - side if at[WIDE] else side
        kept.ends[at[STEP]] = at[SIZE]
    _clear(work)
    return True
