"""The kernel of all compartment models: what a model says reaches it as tables.

A visit is a person's stay in one state, numbered from 1. All draws of a visit start at ``draw2(key, person, visit)``:
the wait of transition k at ``draw(visit, k)``, where it leads at ``draw(visit, 64 + k)``; contact number j of
transition k with a follower at ``draw2(visit, follower, 64 j + k)``, and where that leads at the 0th draw of it.

Time in steps runs through the same events: waits are whole numbers, and what happens in a step sees everybody as they
were before it.
"""

from __future__ import annotations

import math

import numpy as np

from diffusion._jit import hot_function, hot_inline, hot_kernel
from diffusion.classic.compartment_queue import (
    HEAP,
    NOBODY,
    Event,
    empty,
    first_event,
    has_room,
    out_of_heap,
    put,
    to_next,
)
from diffusion.classic.compartment_tables import (
    BY,
    EVER,
    HITS,
    MANY,
    MOST_RULES,
    POINT,
    REACHED,
    ROWS,
    STATE,
    TOUCHED,
    VISITS,
)
from diffusion.engine.prefetch import prefetch
from diffusion.laws import quantile
from diffusion.randomness import draw, draw2, uniform

_PLACES = np.uint64(MOST_RULES)


@hot_inline
def _wait(rules, rule, weight, h, in_steps):
    """Return how long a transition takes whose draw is `h`; a weight makes it faster."""
    if weight <= 0.0:
        return math.inf
    if rules.rates[rule] == 0.0:
        found = quantile(rules.tables[rule], h) / weight
        return max(1.0, math.ceil(found)) if in_steps else found
    found = -math.log(1.0 - uniform(h)) / (rules.rates[rule] * weight)
    return 1.0 + math.floor(found) if in_steps else found


@hot_inline
def _worth_a_look(rules, rule, stay, heaviest):
    """Return a bound: a contact whose uniform draw is not below it comes too late for a stay of that length."""
    rate = rules.rates[rule] * (heaviest if rules.weighted[rule] else 1.0)
    if rules.rates[rule] == 0.0 or stay == math.inf:
        return 2.0
    # Rounding must not hide a contact that is in time.
    return -math.expm1(-rate * stay) * (1.0 + 1e-9) + 1e-12


@hot_inline
def _leads_to(rules, rule, h):
    """Return the state that a transition leads to, or -1 where nothing happens."""
    u = uniform(h)
    for state in range(rules.leads.shape[1]):
        if u < rules.leads[rule, state]:
            return state
    return -1


@hot_inline
def _in_time(setting, time, due):
    """Whether a contact at `time` comes while who causes it is still there."""
    return time <= setting.horizon and (time < due or (setting.in_steps and time == due))


@hot_inline
def _contact_key(visit, follower, number, rule):
    return draw2(visit, follower, np.uint64(number) * _PLACES + np.uint64(rule))


@hot_inline
def _enter(world, setting, person, state, time):
    """Begin a visit: when it ends by itself, and whom it will change until then."""
    who = world.people.who
    found, tally = world.found, world.found.tally
    if who[person, VISITS] == 0:
        world.people.touched[tally[TOUCHED]] = person
        tally[TOUCHED] += 1
    found.counts[np.int64(who[person, STATE])] -= 1
    found.counts[state] += 1
    who[person, STATE] = state
    who[person, VISITS] += 1
    world.people.since[person] = time
    _count(world, person, state, time)
    visit = draw2(setting.key, person, who[person, VISITS])
    world.people.due[person] = _leave_by_itself(world, setting, person, visit)
    _contacts(world, setting, person, state, visit)


@hot_inline
def _count(world, person, state, time):
    """Note who comes into a state that counts as reached for the first time."""
    who, found = world.people.who, world.found
    if world.rules.reached[state] and not who[person, EVER]:
        who[person, EVER] = 1
        found.tally[REACHED] += 1
        if found.times.size:
            found.times[person] = time
        if found.parents.size:
            found.parents[person] = who[person, BY]


@hot_inline
def _leave_by_itself(world, setting, person, visit):
    """Plan the first of the transitions that need nobody else; return its time."""
    rules, who = world.rules, world.people.who
    state = np.int64(who[person, STATE])
    first, least = -1, math.inf
    for at in range(rules.own_at[state], rules.own_at[state + 1]):
        wait = _wait(rules, rules.own[at], 1.0, draw(visit, rules.own[at]), setting.in_steps)
        if wait < least:
            first, least = rules.own[at], wait
    due = world.people.since[person] + least
    if due > setting.horizon or due == math.inf:
        return due
    if rules.is_quiet[first]:
        _go_quietly(world, person, rules.leads_only_to[first], due)
    else:
        planned = Event(due, np.int64(person), first, np.int64(NOBODY), np.int64(who[person, VISITS]), np.int64(0))
        put(world.queue, setting.per_time, planned)
    return due


@hot_inline
def _go_quietly(world, person, to, due):
    """Let somebody come to rest when their visit ends; nothing can prevent it, and nobody else is the worse for it."""
    found, who = world.found, world.people.who
    at = _first_point(found.grid, due)
    found.later[np.int64(who[person, STATE]), at] -= 1
    found.later[to, at] += 1
    found.entries[to] += 1
    found.lasted[0] = max(found.lasted[0], due)
    who[person, STATE] = to
    _count(world, person, to, due)


@hot_inline
def _first_point(grid, time):
    """Return the first point of an ascending grid not before a time; where points lie evenly, it is found at once."""
    last = grid.size - 1
    if last < 0 or grid[last] < time:
        return grid.size
    at = min(np.int64(time / grid[last] * last), last) if grid[last] > 0.0 else last
    while at > 0 and grid[at - 1] >= time:
        at -= 1
    while grid[at] < time:
        at += 1
    return at


@hot_inline
def _contacts(world, setting, person, state, visit):
    """Put the first contacts of a visit onto the tray, with all followers to whom they may come in time."""
    links, rules, who, tray = world.links, world.rules, world.people.who, world.tray
    since = world.people.since[person]
    stay = min(world.people.due[person], setting.horizon) - since
    for at in range(rules.by_at[state], rules.by_at[state + 1]):
        rule = rules.by[at]
        bound = _worth_a_look(rules, rule, stay, links.heaviest)
        size, least = tray.sizes[HITS], 1.0
        for link in range(links.offsets[person], links.offsets[person + 1]):
            follower = links.followers[link]
            u = uniform(_contact_key(visit, follower, 0, rule))
            if u < bound:
                prefetch(who, np.int64(follower))
                tray.hits[size] = link
                size += 1
                least = min(least, u)
        if size > tray.sizes[HITS]:
            row, tray.sizes[HITS] = tray.sizes[ROWS], size
            tray.visits[row, 0], tray.visits[row, 1], tray.visits[row, 2] = person, rule, np.int64(who[person, VISITS])
            tray.visits[row, 3] = size
            tray.sizes[ROWS] = row + 1
            tray.least[0] = min(tray.least[0], since + _least_wait(rules, rule, least, links.heaviest))


@hot_inline
def _least_wait(rules, rule, u, heaviest):
    """Return a time that no wait of a transition is below whose uniform draw is `u`: -log(1 - u) is not below u."""
    rate = rules.rates[rule] * (heaviest if rules.weighted[rule] else 1.0)
    return 0.999 * u / rate if rate > 0.0 else 0.0


@hot_inline
def _plan(world, setting):
    """Plan the contacts on the tray with all whom they may change."""
    links, rules, who, tray = world.links, world.rules, world.people.who, world.tray
    first = np.int64(0)
    for row in range(tray.sizes[ROWS]):
        person, rule, number, last = tray.visits[row, 0], tray.visits[row, 1], tray.visits[row, 2], tray.visits[row, 3]
        since, due = world.people.since[person], world.people.due[person]
        visit = draw2(setting.key, person, number)
        # Who has gone on since then makes no contact: none was to come before that.
        for k in range(first, last if np.int64(who[person, VISITS]) == number else first):
            link = tray.hits[k]
            follower = links.followers[link]
            if not rules.may_be[np.int64(who[follower, STATE]), rule]:
                continue
            weight = np.float64(links.weights[link]) if rules.weighted[rule] else 1.0
            time = since + _wait(rules, rule, weight, _contact_key(visit, follower, 0, rule), setting.in_steps)
            if _in_time(setting, time, due) and time < math.inf and not _is_gone(world, follower, rule, time):
                planned = Event(time, np.int64(follower), rule, person, number, np.int64(0))
                put(world.queue, setting.per_time, planned)
        first = last
    tray.sizes[HITS] = tray.sizes[ROWS] = 0
    tray.least[0] = math.inf


@hot_inline
def _is_gone(world, follower, rule, time):
    """Whether a follower is known to leave the state that a contact needs before it comes, for good."""
    rules, people = world.rules, world.people
    if np.int64(people.who[follower, STATE]) != rules.leaves[rule]:
        return False
    if rules.is_left_once[rule] and time > people.due[follower]:
        return True
    if rules.is_sure[rule]:
        people.due[follower] = min(people.due[follower], time)
    return False


@hot_function
def _weight_of(links, source, person):
    """Return the weight of a link that exists: followers ascend within a row."""
    low, high = links.offsets[source], links.offsets[source + 1]
    while high - low > 1:
        middle = (low + high) >> 1
        if links.followers[middle] <= person:
            low = middle
        else:
            high = middle
    return np.float64(links.weights[low])


@hot_inline
def _next_contact(world, setting, event):
    """Plan the contact after this one, unless it would be of no use or the source has gone on."""
    rules, who = world.rules, world.people.who
    rule = event.rule
    if rules.rates[rule] == 0.0 or not rules.may_be[np.int64(who[event.person, STATE]), rule]:
        return
    if who[event.source, VISITS] != event.visit:
        return
    number = event.number + 1
    weight = _weight_of(world.links, event.source, event.person) if rules.weighted[rule] else 1.0
    h = _contact_key(draw2(setting.key, event.source, event.visit), event.person, number, rule)
    time = event.time + _wait(rules, rule, weight, h, setting.in_steps)
    if _in_time(setting, time, world.people.due[event.source]) and time < math.inf:
        planned = Event(time, event.person, rule, event.source, event.visit, number)
        put(world.queue, setting.per_time, planned)


@hot_function
def _write_curve(found, time):
    """Write how many were in each state at the points of the curve that lie before this time."""
    while found.tally[POINT] < found.grid.size and found.grid[found.tally[POINT]] < time:
        for state in range(found.counts.size):
            found.curve[state, found.tally[POINT]] = found.counts[state]
        found.tally[POINT] += 1


@hot_inline
def _change(world, setting, person, state, time):
    found = world.found
    if found.grid.size:
        _write_curve(found, time)
    found.entries[state] += 1
    found.lasted[0] = max(found.lasted[0], time)
    _enter(world, setting, person, state, time)


@hot_inline
def _by_contact(world, setting, event):
    """Return the state to which a contact leads; -1 where it changes nothing, -2 where its source has gone on."""
    rules, who, since = world.rules, world.people.who, world.people.since
    if not rules.lasts[event.rule] and who[event.source, VISITS] != event.visit:
        if not setting.in_steps:
            return -2
        if who[event.source, VISITS] != event.visit + 1 or since[event.source] != event.time:
            return -2
    if np.int64(who[event.person, STATE]) != rules.leaves[event.rule]:
        return -1
    if setting.in_steps and since[event.person] == event.time:
        return -1
    if rules.leads_only_to[event.rule] >= 0:
        return rules.leads_only_to[event.rule]
    visit = draw2(setting.key, event.source, event.visit)
    return _leads_to(rules, event.rule, draw(_contact_key(visit, event.person, event.number, event.rule), 0))


@hot_inline
def _by_itself(world, setting, event):
    """Return the state to which a transition that needs nobody else leads; -1 where it changes nothing."""
    rules, person = world.rules, event.person
    if world.people.who[person, VISITS] != event.visit:
        return -1
    if rules.leads_only_to[event.rule] >= 0:
        return rules.leads_only_to[event.rule]
    return _leads_to(rules, event.rule, draw(draw2(setting.key, person, event.visit), MOST_RULES + event.rule))


@hot_kernel
def start(world, setting, persons, states):
    """Put persons into their first states, and everybody else's clocks into motion where the first state has any."""
    rules, who, found = world.rules, world.people.who, world.found
    found.counts[:] = 0
    found.counts[0] = world.people.touched.size
    # All states first: who is put where decides which contacts are of any use.
    for k in range(persons.size):
        who[persons[k], STATE] = states[k]
        found.counts[0] -= 1
        found.counts[states[k]] += 1
    # Everybody else stays as they are, unless the first state is at work in somebody.
    is_at_work = rules.own_at[1] > 0 or rules.by_at[1] > 0
    rest = world.people.touched.size if is_at_work else 0
    for k in range(persons.size + rest):
        person = np.int64(persons[k]) if k < persons.size else np.int64(k - persons.size)
        if who[person, VISITS] == 0:
            who[person, BY] = NOBODY
            _enter(world, setting, person, np.int64(who[person, STATE]), 0.0)
            if world.tray.sizes[HITS] >= MANY:
                _plan(world, setting)


@hot_kernel
def advance(world, setting):
    """Let events happen until none is left; return False where more room is needed before that."""
    links, rules, queue, who, tray = world.links, world.rules, world.queue, world.people.who, world.tray
    most = np.int64(0)
    for state in range(rules.by_at.size - 1):
        most = max(most, rules.by_at[state + 1] - rules.by_at[state])
    while True:
        laid_out = tray.sizes[HITS]
        if laid_out and (laid_out >= MANY or queue.at[HEAP] == 0 or queue.heap_times[0] >= tray.least[0]):
            _plan(world, setting)
            laid_out = 0
        if queue.at[HEAP] == 0 and not to_next(queue, setting.per_time, (links, rules, who)):
            return True
        event = first_event(queue)
        person, contacts = event.person, np.int64(0)
        if rules.spreads[event.rule]:
            contacts = most * (links.offsets[person + 1] - links.offsets[person])
        if not has_room(queue, 2 + laid_out + contacts):
            return False
        out_of_heap(queue)
        is_contact = event.source != NOBODY
        if is_contact:
            state = _by_contact(world, setting, event)
            if state >= 0:
                who[person, BY] = event.source
        else:
            state = _by_itself(world, setting, event)
        if state >= 0:
            _change(world, setting, person, state, event.time)
        if is_contact and state != -2:
            _next_contact(world, setting, event)


@hot_kernel
def finish(world):
    """Write the rest of the curve, and leave the workspace as it was before."""
    found, people = world.found, world.people
    _write_curve(found, math.inf)
    for state in range(found.counts.size):
        gone = np.int64(0)
        for at in range(found.grid.size):
            gone += found.later[state, at]
            found.curve[state, at] += gone
        found.counts[state] += gone + found.later[state, found.grid.size]
    for k in range(found.tally[TOUCHED]):
        for column in range(4):
            people.who[people.touched[k], column] = 0
        people.due[people.touched[k]] = math.inf
        people.since[people.touched[k]] = 0.0
    empty(world.queue)
