"""Infections that may come again: contacts in the order of time, from a calendar with a heap in its present bucket.

A link has at most one contact in the calendar: the next one at which its follower may be susceptible again. When a
person recovers is known from the moment of infection on, so recoveries are no events, and contacts that come before
the follower's recovery are passed over at once. Every delay is a hash of (key, person, number of the infection) and,
along links, of the follower and the number of the contact.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_function, hot_inline, hot_kernel
from diffusion.classic.delays import delay
from diffusion.classic.passage import contact_key, spell
from diffusion.classic.stages import enter
from diffusion.randomness import draw, mix

SLOTS = 4096
_FEW = SLOTS // 8
_NO_LINK = -1
_IN_HEAP, _WAITING, _SLOT, _MET, _INFECTIONS = 0, 1, 2, 3, 4
_BASE, _PER_TIME = 0, 1


class Calendar(NamedTuple):
    """Contacts to come; most arrays have one place a link, and cost nothing where no infection comes.

    Attributes
    ----------
    moment, waited : (m,) float64
        When the contact is, and how long after the beginning of infectiousness.
    number : (m,) int32
        Contacts along the link in this infection, this one included.
    source : (m,) uint32
    after : (m,) int64
        The next link of the same bucket.
    heads : (SLOTS + 1,) int64
        First link of each bucket; those who come later are in the last one.
    heap_moment, heap_link : (m,) float64, int64
        The present bucket.
    tally, clock : (5,) int64, (2,) float64
        Links in the heap, links waiting, number of the present bucket, persons met, infections; when the first bucket
        begins, and buckets per time.
    """

    moment: NDArray[np.float64]
    waited: NDArray[np.float64]
    number: NDArray[np.int32]
    source: NDArray[np.uint32]
    after: NDArray[np.int64]
    heads: NDArray[np.int64]
    heap_moment: NDArray[np.float64]
    heap_link: NDArray[np.int64]
    tally: NDArray[np.int64]
    clock: NDArray[np.float64]


class Hosts(NamedTuple):
    """Persons: when infectiousness began, how long it lasts, when it and immunity are over, the first infection."""

    begin: NDArray[np.float64]
    infectious: NDArray[np.float64]
    over: NDArray[np.float64]
    occurrence: NDArray[np.uint32]
    first: NDArray[np.float64]
    luck: NDArray[np.uint64]
    met: NDArray[np.uint32]


class Room(NamedTuple):
    """Memory of a thread."""

    hosts: Hosts
    calendar: Calendar


def room(graph: Any) -> Room:
    """Return memory for a graph, where nobody was ever infected."""
    n, m = graph.n_persons, graph.n_links
    hosts = Hosts(
        np.empty(n), np.empty(n), np.full(n, -np.inf), np.zeros(n, np.uint32), np.full(n, np.inf),
        np.empty(n, np.uint64), np.empty(n, np.uint32),
    )  # fmt: skip
    calendar = Calendar(
        np.empty(m), np.empty(m), np.empty(m, np.int32), np.empty(m, np.uint32), np.empty(m, np.int64),
        np.full(SLOTS + 1, _NO_LINK, np.int64), np.empty(m), np.empty(m, np.int64), np.zeros(5, np.int64), np.zeros(2),
    )  # fmt: skip
    return Room(hosts, calendar)


# --- the calendar ----------------------------------------------------------------------------------------------------


@hot_inline
def _rise(calendar, moment, link):
    """Put a link into the heap."""
    times, links = calendar.heap_moment, calendar.heap_link
    at = calendar.tally[_IN_HEAP]
    calendar.tally[_IN_HEAP] = at + 1
    while at > 0:
        above = (at - 1) >> 1
        if times[above] <= moment:
            break
        times[at], links[at] = times[above], links[above]
        at = above
    times[at], links[at] = moment, link


@hot_inline
def _first_of_heap(calendar):
    """Take the earliest link out of the heap."""
    times, links = calendar.heap_moment, calendar.heap_link
    found = links[0]
    size = calendar.tally[_IN_HEAP] - 1
    calendar.tally[_IN_HEAP] = size
    moment, link = times[size], links[size]
    at, below = 0, 1
    while below < size:
        if below + 1 < size and times[below + 1] < times[below]:
            below += 1
        if times[below] >= moment:
            break
        times[at], links[at] = times[below], links[below]
        at, below = below, 2 * below + 1
    times[at], links[at] = moment, link
    return found


@hot_inline
def _put(calendar, moment, link):
    """Put a link into its bucket."""
    place = (moment - calendar.clock[_BASE]) * calendar.clock[_PER_TIME]
    slot = np.int64(place) if place < SLOTS else SLOTS
    if slot <= calendar.tally[_SLOT]:
        _rise(calendar, moment, link)
    else:
        calendar.after[link] = calendar.heads[slot]
        calendar.heads[slot] = link


@hot_inline
def _open(calendar, slot):
    """Make a bucket the present one."""
    calendar.tally[_SLOT] = slot
    link = calendar.heads[slot]
    calendar.heads[slot] = _NO_LINK
    while link != _NO_LINK:
        _rise(calendar, calendar.moment[link], link)
        link = calendar.after[link]


@hot_inline
def _turn(calendar):
    """Put those who come later into buckets from the first of them on."""
    first = calendar.heads[SLOTS]
    calendar.heads[SLOTS] = _NO_LINK
    base, link = np.inf, first
    while link != _NO_LINK:
        base = min(base, calendar.moment[link])
        link = calendar.after[link]
    calendar.clock[_BASE] = base
    calendar.tally[_SLOT] = -1
    link = first
    while link != _NO_LINK:
        after = calendar.after[link]
        _put(calendar, calendar.moment[link], link)
        link = after


# --- infections ------------------------------------------------------------------------------------------------------


@hot_inline
def _plan(links, course, room, at_link):
    """Put a link's next contact that may infect into the calendar, if there is one."""
    at, person, own, number, waited, horizon = at_link
    hosts, calendar = room
    follower = links.followers[at]
    over = hosts.over[follower]
    if over >= horizon:
        return
    weight = np.float64(links.weights[at]) if links.weights.size else 1.0
    first = draw(own, follower)
    begin, infectious = hosts.begin[person], hosts.infectious[person]
    while True:
        waited += delay(course.contact, first if number == 0 else draw(first, number), weight)
        number += 1
        moment = begin + waited
        if waited > infectious or moment > horizon:
            return
        if moment > over:
            break
    calendar.moment[at] = moment
    calendar.waited[at] = waited
    calendar.number[at] = number
    calendar.source[at] = person
    calendar.tally[_WAITING] += 1
    _put(calendar, moment, at)


@hot_function
def _infect(links, course, room, at_person, book):
    """Infect a person: book the course, and plan a contact along each link."""
    key, horizon, person, now = at_person
    hosts, calendar = room
    occurrence = hosts.occurrence[person]
    times = spell(course, key, person, occurrence, False)
    hosts.over[person] = enter(book, now, times)
    hosts.begin[person] = now + times[0]
    hosts.infectious[person] = times[1]
    hosts.occurrence[person] = occurrence + np.uint32(1)
    calendar.tally[_INFECTIONS] += 1
    if occurrence == 0:
        hosts.first[person] = now
        hosts.met[calendar.tally[_MET]] = person
        calendar.tally[_MET] += 1
    own = contact_key(key, person, occurrence)
    for at in range(links.offsets[person], links.offsets[person + 1]):
        _plan(links, course, room, (at, person, own, 0, 0.0, horizon))


@hot_inline
def _meet(links, course, room, at_link, more):
    """Let a contact happen: it infects whoever is susceptible. Then plan the link's next one."""
    key, horizon, at = at_link
    parents, book = more
    hosts, calendar = room
    person, follower, now = calendar.source[at], links.followers[at], calendar.moment[at]
    own = contact_key(key, person, hosts.occurrence[person] - np.uint32(1))
    infects = now > hosts.over[follower]
    if infects:
        _infect(links, course, room, (key, horizon, follower, now), book)
    if parents.size and hosts.occurrence[follower] == 1 and now == hosts.first[follower] and now > 0.0:
        first, number = draw(own, follower), calendar.number[at]
        luck = mix(first if number == 1 else draw(first, number - 1))
        if infects or luck < hosts.luck[follower]:
            hosts.luck[follower] = luck
            parents[follower] = person
    _plan(links, course, room, (at, person, own, np.int64(calendar.number[at]), calendar.waited[at], horizon))


@hot_kernel
def run_contacts(links, course, run, room, more):
    """Let an infection run until the horizon; return to how many it came, and how many infections there were.

    `run` holds (key, seeds, horizon, width of buckets), `more` parents (or nothing) and the ledger.
    """
    key, seeds, horizon, width = run
    calendar = room.calendar
    calendar.tally[:] = 0
    calendar.tally[_SLOT] = -1
    calendar.clock[_BASE], calendar.clock[_PER_TIME] = 0.0, 1.0 / width
    for k in range(seeds.size):
        _infect(links, course, room, (key, horizon, seeds[k], 0.0), more[1])
    while calendar.tally[_WAITING]:
        happened = 0
        for slot in range(SLOTS):
            _open(calendar, slot)
            while calendar.tally[_IN_HEAP]:
                at = _first_of_heap(calendar)
                calendar.tally[_WAITING] -= 1
                happened += 1
                _meet(links, course, room, (key, horizon, at), more)
            if calendar.tally[_WAITING] == 0:
                break
        if calendar.tally[_WAITING]:
            if happened < _FEW:
                calendar.clock[_PER_TIME] *= 0.25
            _turn(calendar)
    return calendar.tally[_MET], calendar.tally[_INFECTIONS]


@hot_kernel
def forget(hosts, size, times):
    """Write down when all were first infected, if asked, and forget them."""
    for k in range(size):
        person = hosts.met[k]
        if times.size:
            times[person] = hosts.first[person]
        hosts.first[person] = np.inf
        hosts.over[person] = -np.inf
        hosts.occurrence[person] = 0
