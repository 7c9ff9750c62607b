"""What an infection makes of a person over time: latent, infectious, immune, and how many are in which state when."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_inline, hot_kernel
from diffusion.classic.passage import spell


class Ledger(NamedTuple):
    """Changes of the numbers of persons in each state.

    Attributes
    ----------
    states : (4,) int64
        Codes of the states susceptible, latent, infectious, immune; stages that a model lacks last no time.
    horizon : float
    grid : (k,) float64
        Times at which persons are counted, or nothing.
    ends : (S,) int64
        Changes until the horizon.
    curve : (S, k) int64
        Changes until each time of the grid since the one before.
    last : (1,) float64
        Time of the last change until the horizon.
    """

    states: NDArray[np.int64]
    horizon: float
    grid: NDArray[np.float64]
    ends: NDArray[np.int64]
    curve: NDArray[np.int64]
    last: NDArray[np.float64]


def ledger(states: NDArray[np.int64], horizon: float, grid: NDArray[np.float64]) -> Ledger:
    """Return an empty ledger."""
    size = int(states.max()) + 1
    return Ledger(states, horizon, grid, np.zeros(size, np.int64), np.zeros((size, grid.size), np.int64), np.zeros(1))


@hot_inline
def _change(book, time, leaves, enters):
    """Book that a person goes from one state to another."""
    if time > book.horizon or time == np.inf or leaves == enters:
        return
    book.last[0] = max(book.last[0], time)
    book.ends[leaves] -= 1
    book.ends[enters] += 1
    if book.grid.size and time <= book.grid[-1]:
        at = np.searchsorted(book.grid, time)
        book.curve[leaves, at] -= 1
        book.curve[enters, at] += 1


@hot_inline
def enter(book, time, times):
    """Book the whole course of an infection; `times` are those of the stages. Return when it is over."""
    susceptible, latent, infectious, immune = book.states[0], book.states[1], book.states[2], book.states[3]
    begin = time + times[0]
    recovered = begin + times[1]
    over = recovered + times[2]
    if times[0] > 0.0:
        _change(book, time, susceptible, latent)
        _change(book, begin, latent, infectious)
    else:
        _change(book, time, susceptible, infectious)
    if times[2] > 0.0:
        _change(book, recovered, infectious, immune)
        _change(book, over, immune, susceptible)
    else:
        _change(book, recovered, infectious, susceptible)
    return over


@hot_kernel
def settle(course, key, room, size, book):
    """Book everybody whom a first passage came to."""
    is_most = _is_most(room, size)
    for k in range(room.met.size if is_most else size):
        person = np.uint32(k) if is_most else room.met[k]
        time = abs(room.time[person])
        if time < np.inf:
            enter(book, time, spell(course, key, person, 0, time == 0.0))


@hot_kernel
def clear(room, size, times):
    """Write down the times of all who were met, if asked, and forget them."""
    is_most = _is_most(room, size)
    for k in range(room.met.size if is_most else size):
        person = np.uint32(k) if is_most else room.met[k]
        if times.size:
            times[person] = abs(room.time[person])
        room.time[person] = np.inf


@hot_inline
def _is_most(room, size):
    """Whether so many were met that going through all persons in order is faster than from one met to the next."""
    return 4 * size > room.met.size
