"""First passage: when an infection that nobody has twice first comes to everybody.

The time of a person is the least over the persons before it of (their time + the delay of the link), where links that
would pass it on too late do not count. Every delay is a hash of (key, persons), so a link may be followed twice and
gives the same delay; persons wait in buckets of time (delta-stepping: Meyer & Sanders 2003) in which their order does
not matter. The times are bit for bit those of a heap.

Most contacts come too late: their hashes are screened without a delay. What is left of a batch of persons is drawn,
chosen and looked up together, so that requests for memory overlap.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_inline, hot_kernel
from diffusion.classic.delays import Delay, bound_of, delay, may_be_within
from diffusion.classic.waiting import BATCH, BUCKETS, FEW, PLACES, Waiting, come, refill, wait, waiting_room
from diffusion.engine.prefetch import prefetch
from diffusion.randomness import draw, draw2, mix
from diffusion.units import NEVER

_CONTACT, _LATENCY, _RECOVERY, _IMMUNITY = np.uint64(0), np.uint64(1), np.uint64(2), np.uint64(3)

_ROW, _DRAWN = 64, 256
"""Links of a person that are drawn at a time, and the places of a tray."""
_ROUNDED = 1.0 + 1e-12
"""More than what is lost by rounding where a weight divides a delay."""


class Links(NamedTuple):
    """Rows of followers, and the rate multipliers of the links or nothing."""

    offsets: NDArray[np.int64]
    followers: NDArray[np.uint32]
    weights: NDArray[np.float32]


class Course(NamedTuple):
    """Laws of an infection: from person to person, until infectious, until recovered, until susceptible again."""

    contact: Delay
    latency: Delay
    recovery: Delay
    immunity: Delay


class Tray(NamedTuple):
    """Contacts that are being drawn: with whom, a hash, by whom in the batch, when, the weight of the link.

    And of the persons of the batch when they begin to be infectious and how long they are.
    """

    follower: NDArray[np.uint32]
    luck: NDArray[np.uint64]
    by: NDArray[np.uint32]
    moment: NDArray[np.float64]
    weight: NDArray[np.float64]
    begin: NDArray[np.float64]
    infectious: NDArray[np.float64]


class Crowd(NamedTuple):
    """Memory of a thread."""

    room: Waiting
    tray: Tray


def crowd_of(n: int) -> Crowd:
    """Return memory for n persons, none of whom is met."""
    tray = Tray(
        np.empty(_DRAWN, np.uint32), np.empty(_DRAWN, np.uint64), np.empty(_DRAWN, np.uint32), np.empty(_DRAWN),
        np.empty(_DRAWN), np.empty(BATCH), np.empty(BATCH),
    )  # fmt: skip
    return Crowd(waiting_room(n), tray)


def links_of(graph: Any, is_weighted: bool) -> Links:
    """Return the rows of a graph for kernels."""
    return Links(graph.offsets, graph.followers, graph.weights if is_weighted else np.zeros(0, np.float32))


@hot_inline
def spell(course, key, person, occurrence, is_seed):
    """Return how long an infection of a person is latent, infectious and immune."""
    latent = delay(course.latency, draw2(draw(key, _LATENCY), person, occurrence), 1.0)
    infectious = delay(course.recovery, draw2(draw(key, _RECOVERY), person, occurrence), 1.0)
    immune = delay(course.immunity, draw2(draw(key, _IMMUNITY), person, occurrence), 1.0)
    return 0.0 if is_seed else latent, infectious, immune


@hot_inline
def contact_key(key, person, occurrence):
    """Return the key of all contacts that a person makes during one infection."""
    return draw2(draw(key, _CONTACT), person, occurrence)


@hot_inline
def _is_luckier(key, person, rival, follower):
    """Whether of two contacts at the same moment the first person's counts (the lower of two further hashes)."""
    mine, other = draw(contact_key(key, person, 0), follower), draw(contact_key(key, rival, 0), follower)
    return mix(mine) < mix(other)


@hot_kernel
def first_passage(links, course, run, crowd, parents):
    """Let an infection run to its end, or to the horizon; return how many it came to.

    `run` holds (key, seeds, horizon, width of buckets, screen of contacts).
    """
    room, _ = crowd
    key, seeds, horizon, width, screen = run
    per_time, base, size, since = 1.0 / width, 0.0, 0, 0
    for k in range(seeds.size):
        size = wait(room, (seeds[k], 0.0, base, per_time), size)
    while room.registers[PLACES]:
        for slot in range(BUCKETS):
            while room.ends[slot]:
                clock = (key, horizon, base, per_time)
                size = _pass_on(links, (course, screen), clock, crowd, (come(room, slot), size), parents)
            if room.registers[PLACES] == 0:
                break
        if room.registers[PLACES]:
            # Wider buckets soon, so that those who come much later are not put into buckets too often.
            if size - since < max(FEW, size // 16):
                per_time *= 0.25
            since = size
            base = refill(room, per_time)
    return size


@hot_inline
def _pass_on(links, laws, clock, crowd, counts, parents):
    """Let a batch of persons make contact along all their links; return how many were ever met."""
    (course, screen), (key, _, _, _) = laws, clock
    room, tray = crowd
    come_now, size = counts
    for k in range(come_now):
        row, last = links.offsets[room.batch[k]], links.offsets[room.batch[k] + 1]
        prefetch(links.followers, row)
        if last > row + 1:
            prefetch(links.followers, last - 1)
    drawn = 0
    for k in range(come_now):
        person = room.batch[k]
        now = abs(room.time[person])
        latent, infectious, _ = spell(course, key, person, 0, now == 0.0)
        tray.begin[k], tray.infectious[k] = now + latent, infectious
        own = contact_key(key, person, 0)
        last = links.offsets[person + 1]
        for start in range(links.offsets[person], last, _ROW):
            if drawn > _DRAWN - _ROW:
                size = _meet(course, links.weights.size > 0, clock, crowd, (drawn, size), parents)
                drawn = 0
            drawn = _screened(links, screen, tray, (own, infectious, start, min(start + _ROW, last), k), drawn)
    return _meet(course, links.weights.size > 0, clock, crowd, (drawn, size), parents)


@hot_inline
def _screened(links, screen, tray, at_links, drawn):
    """Put the links of a person into the tray along which contact may be made in time; return how many it holds."""
    own, infectious, start, stop, by = at_links
    bound = bound_of(screen, infectious)
    for at in range(start, stop):
        follower = links.followers[at]
        h = draw(own, follower)
        if links.weights.size:
            weight = np.float64(links.weights[at])
            bound = bound_of(screen, infectious * weight * _ROUNDED)
            tray.weight[drawn] = weight
        tray.follower[drawn], tray.luck[drawn], tray.by[drawn] = follower, h, by
        drawn += np.int64(may_be_within(bound, h))
    return drawn


@hot_inline
def _meet(course, is_weighted, clock, crowd, counts, parents):
    """Let all contacts in the tray happen that are made in time; return how many persons were ever met.

    Delays first, then the choice without branches, then the requests for memory: none waits for another.
    """
    (key, horizon, base, per_time), (room, tray), (drawn, size) = clock, crowd, counts
    count = 0
    for k in range(drawn):
        follower, by = tray.follower[k], tray.by[k]
        waited = delay(course.contact, tray.luck[k], tray.weight[k] if is_weighted else 1.0)
        moment = tray.begin[by] + waited
        tray.follower[count], tray.by[count], tray.moment[count] = follower, by, moment
        count += np.int64(waited <= tray.infectious[by]) & np.int64(moment <= horizon)
        prefetch(room.time, np.int64(follower))
    for k in range(count):
        follower, moment = tray.follower[k], tray.moment[k]
        before = abs(room.time[follower])
        if moment < before:
            size = wait(room, (follower, moment, base, per_time), size)
            if parents.size:
                parents[follower] = room.batch[tray.by[k]]
        elif parents.size and moment == before:
            person, rival = room.batch[tray.by[k]], parents[follower]
            if abs(room.time[person]) < moment and rival != NEVER and _is_luckier(key, person, rival, follower):
                parents[follower] = person
    return size
