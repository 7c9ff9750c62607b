"""First passage: when an infection that nobody has twice first comes to everybody.

The time of a person is the least over the persons before it of (their time + the delay of the link), where links that
would pass it on too late do not count. Every delay is a hash of (key, persons), so a link may be followed twice and
gives the same delay; persons wait in buckets of time (delta-stepping: Meyer & Sanders 2003) in which their order does
not matter. The times are bit for bit those of a heap. Everybody who waits is in one doubly linked list, so memory does
not grow with links.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_inline, hot_kernel
from diffusion.classic.delays import Delay, delay
from diffusion.classic.waiting import BATCH, BEFORE, BUCKETS, CHUNK, FEW, NEXT, NOBODY, OUT, link, refill, wait
from diffusion.engine.prefetch import prefetch
from diffusion.randomness import draw, draw2, mix
from diffusion.units import NEVER

_CONTACT, _LATENCY, _RECOVERY, _IMMUNITY = np.uint64(0), np.uint64(1), np.uint64(2), np.uint64(3)


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


@hot_inline
def _taken(links, work, slot):
    """Take persons out of a bucket, ask for the memory of their links, and return how many they are.

    Whoever is met earlier while among them waits again and is followed twice, to the same effect.
    """
    count, person = 0, work.heads[slot]
    while person != NOBODY and count < BATCH:
        work.batch[count] = person
        prefetch(links.offsets, np.int64(person))
        count += 1
        after = work.place[person, NEXT]
        work.place[person, NEXT] = OUT
        person = after
    work.heads[slot] = person
    if person != NOBODY:
        work.place[person, BEFORE] = NOBODY
    for k in range(count):
        prefetch(links.followers, links.offsets[work.batch[k]])
    return count


@hot_kernel
def first_passage(links, course, run, work, parents):
    """Let an infection run to its end, or to the horizon; return how many it came to.

    `run` holds (key, seeds, horizon, width of buckets).
    """
    key, seeds, horizon, width = run
    per_time, base, size, waiting, since = 1.0 / width, 0.0, 0, 0, 0
    for k in range(seeds.size):
        person = seeds[k]
        work.time[person, 0] = 0.0
        work.met[size] = person
        size += 1
        waiting += 1
        link(work, person, 0)
    while waiting:
        for slot in range(BUCKETS):
            while work.heads[slot] != NOBODY:
                for k in range(_taken(links, work, slot)):
                    at_person = (key, horizon, base, per_time, work.batch[k], size)
                    size, more = _follow(links, course, at_person, work, parents)
                    waiting += more - 1
            if waiting == 0:
                break
        if waiting:
            # Wider buckets soon, so that those who come much later are not put into buckets too often.
            if size - since < max(FEW, size // 16):
                per_time *= 0.25
            since = size
            base = refill(work, per_time)
    return size


@hot_inline
def _follow(links, course, at_person, work, parents):
    """Follow all links of a person; return how many were ever met, and how many more wait."""
    key, horizon, base, per_time, person, size = at_person
    now = work.time[person, 0]
    latent, infectious, _ = spell(course, key, person, 0, now == 0.0)
    begin = now + latent
    own = contact_key(key, person, 0)
    more = 0
    last = links.offsets[person + 1]
    for start in range(links.offsets[person], last, CHUNK):
        for k in range(_in_time(links, course, work, (own, infectious, start, min(start + CHUNK, last)))):
            follower = work.chosen[k]
            moment, before = begin + work.waits[k], work.time[follower, 0]
            if moment < before and moment <= horizon:
                size, more = wait(work, (follower, moment, base, per_time), size, more)
                if parents.size:
                    parents[follower] = person
            elif (
                parents.size
                and moment == before
                and now < moment
                and parents[follower] != NEVER
                and _is_luckier(key, person, parents[follower], follower)
            ):
                parents[follower] = person
    return size, more


@hot_inline
def _in_time(links, course, work, at_links):
    """Choose the links of a person along which contact is made in time; return how many.

    Delays first, then the choice without branches, then the requests for memory: none waits for another.
    """
    own, infectious, start, stop = at_links
    if links.weights.size:
        for k in range(stop - start):
            weight = np.float64(links.weights[start + k])
            work.waits[k] = delay(course.contact, draw(own, links.followers[start + k]), weight)
    else:
        for k in range(stop - start):
            work.waits[k] = delay(course.contact, draw(own, links.followers[start + k]), 1.0)
    count = 0
    for k in range(stop - start):
        wait = work.waits[k]
        work.chosen[count] = links.followers[start + k]
        work.waits[count] = wait
        count += np.int64(wait <= infectious)
    for k in range(count):
        prefetch(work.place, np.int64(work.chosen[k]))
    return count
