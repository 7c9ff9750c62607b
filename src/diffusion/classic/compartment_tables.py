"""A compartment model and its people as the arrays that the kernel works on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.classic.compartment_queue import Queue
from diffusion.engine.memory import at_lines

MOST_RULES = 64
"""Transitions of one model."""
MANY = 24
"""Contacts on a tray that are looked up at the latest."""
HITS, ROWS = 0, 1
"""Places of `Tray.sizes`."""
STATE, VISITS, BY, EVER = 0, 1, 2, 3
"""Columns of `People.who`."""
TOUCHED, REACHED, POINT = 0, 1, 2
"""Places of `Found.tally`: persons who had a visit, persons reached, the next point of the curve."""


class Links(NamedTuple):
    """Rows of followers; weights have length 0 where there are none, and `heaviest` is the largest of them."""

    offsets: NDArray[np.int64]
    followers: NDArray[np.uint32]
    weights: NDArray[np.float32]
    heaviest: float


class Rules(NamedTuple):
    """A model as tables; K transitions, S states.

    Attributes
    ----------
    leaves : (K,) int64
        The state that is left.
    rates, tables : (K,) and (K, T) float64
        Rate, in steps -log(1 - chance); where it is 0, the table of the law of the wait.
    weighted : (K,) uint8
    leads : (K, S) float64
        Sums of the chances to lead into the states, in their order.
    leads_only_to : (K,) int64
        The state that the transition always leads to; -1 where a draw decides.
    own, own_at, by, by_at : (K,) and (S + 1,) int64
        Transitions that happen by themselves by the state they leave, and contacts by the state of who causes them.
    may_be : (S, K) uint8
        Whether who is in that state can ever be in the one that the transition leaves.
    is_left_once : (K,) uint8
        Whether nobody ever comes back to the state that the transition leaves.
    is_sure : (K,) uint8
        Whether a contact that is planned changes whoever is then in that state: it lasts, and always leads somewhere.
    lasts : (K,) uint8
        Whether nothing but the end of its visit stops who causes a contact.
    is_quiet : (K,) uint8
        Whether a transition by itself, once planned, needs no event: nobody can be changed by contact before it or
        after it, and it always leads to one state, which nobody leaves and in which nobody makes contacts.
    spreads : (K,) uint8
        Whether the transition may lead to a state in which one makes contacts.
    reached : (S,) uint8
    """

    leaves: NDArray[np.int64]
    rates: NDArray[np.float64]
    tables: NDArray[np.float64]
    weighted: NDArray[np.uint8]
    leads: NDArray[np.float64]
    leads_only_to: NDArray[np.int64]
    own: NDArray[np.int64]
    own_at: NDArray[np.int64]
    by: NDArray[np.int64]
    by_at: NDArray[np.int64]
    may_be: NDArray[np.uint8]
    is_left_once: NDArray[np.uint8]
    is_sure: NDArray[np.uint8]
    lasts: NDArray[np.uint8]
    is_quiet: NDArray[np.uint8]
    spreads: NDArray[np.uint8]
    reached: NDArray[np.uint8]


class Setting(NamedTuple):
    """Key of the replicate, end of time, whether time runs in steps, buckets per unit of time."""

    key: np.uint64
    horizon: float
    in_steps: bool
    per_time: float


class People(NamedTuple):
    """Everybody; what a contact looks at lies together in memory.

    Attributes
    ----------
    who : (n, 8) uint32
        State, number of visits, from whom, whether reached; then the bytes of `due` and `since`.
    due, since : (n,) float64
        When the visit ends at the latest, as far as that is known; when it began.
    touched : (n,) uint32
        Those who have had a visit.
    """

    who: NDArray[np.uint32]
    due: NDArray[np.float64]
    since: NDArray[np.float64]
    touched: NDArray[np.uint32]


def new_people(n_persons: int) -> People:
    """Return everybody before their first visit."""
    who = at_lines((n_persons, 8), np.uint32)
    who[:] = 0
    times = who.view(np.float64)
    times[:, 2] = np.inf
    return People(who, times[:, 2], times[:, 3], np.zeros(n_persons, np.uint32))


class Tray(NamedTuple):
    """First contacts of visits until it is looked up whom they may change, so that requests for memory overlap.

    Attributes
    ----------
    hits : (m,) int64
        Links along which contact may be made in time.
    visits : (m, 4) int64
        By whom, by which transition, in which visit; behind which place of `hits` the next one's begin.
    sizes : (2,) int64
        Of both.
    least : (1,) float64
        None of the contacts comes earlier.
    """

    hits: NDArray[np.int64]
    visits: NDArray[np.int64]
    sizes: NDArray[np.int64]
    least: NDArray[np.float64]


def new_tray(most_contacts: int) -> Tray:
    """Return a tray that is never full where one visit makes so many first contacts at most."""
    room = MANY + most_contacts
    return Tray(np.empty(room, np.int64), np.empty((room, 4), np.int64), np.zeros(2, np.int64), np.full(1, np.inf))


class Found(NamedTuple):
    """What is kept of a replicate; columns that are not asked for have length 0.

    `later` (S, G + 1) is what quiet transitions add to everybody's states from each point of the grid on, the last
    column what they add behind it; `finish` adds it to `counts` and `curve`.
    """

    counts: NDArray[np.int64]
    entries: NDArray[np.int64]
    lasted: NDArray[np.float64]
    grid: NDArray[np.float64]
    curve: NDArray[np.int64]
    later: NDArray[np.int64]
    times: NDArray[np.float64]
    parents: NDArray[np.uint32]
    tally: NDArray[np.int64]


class World(NamedTuple):
    """All that a kernel works on."""

    links: Links
    rules: Rules
    people: People
    tray: Tray
    queue: Queue
    found: Found
