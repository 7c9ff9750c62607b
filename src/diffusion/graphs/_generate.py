"""Kernels that draw random graphs row by row from keyed hashes.

Draws are addressed by persons' indices in the universe, so nothing depends on the order of the loops.
"""

from __future__ import annotations

import math

import numpy as np

from diffusion._jit import inline_kernel, kernel
from diffusion.randomness import draw, uniform

_COUNT = np.uint64(1)
_TARGET = np.uint64(2)
_LOW_BITS = np.uint64(24)
_LOW_MASK = np.uint64((1 << 24) - 1)
_HALF = np.uint64(32)
_PERSON = np.uint64(0xFFFFFFFF)
_UNIT40 = 2.0**-40
_INSERTION_LIMIT = 48


@inline_kernel
def _rounded(value, u):
    """Round to a neighbouring integer so that the mean over u in [0, 1) is the value itself."""
    return np.int64(math.floor(value + u))


@kernel
def count_chosen(members, key, mean, spread):
    """Draw how many accounts each member chooses to follow: at least one if the mean allows, log-normal beyond that."""
    n = len(members)
    chosen = np.empty(n, np.int64)
    for j in range(n):
        h = draw(draw(key, _COUNT), np.uint64(members[j]))
        u = uniform(draw(h, np.uint64(0)))
        if mean <= 1.0:
            chosen[j] = _rounded(mean, u)
            continue
        radius = math.sqrt(-2.0 * math.log(1.0 - uniform(draw(h, np.uint64(1)))))
        normal = radius * math.cos(2.0 * math.pi * uniform(draw(h, np.uint64(2))))
        extra = (mean - 1.0) * math.exp(spread * normal - 0.5 * spread * spread)
        chosen[j] = min(n - 1, 1 + _rounded(extra, u))
    return chosen


@inline_kernel
def _decided(bits, entry):
    """Replace the threshold of a return by the decision."""
    return entry & _PERSON | np.uint64((bits & _LOW_MASK) < (entry >> _HALF)) << _HALF


@inline_kernel
def _drawn(h, c, knots, ranked):
    """Draw one account: the person in the lower 32 bits, whether they follow back in bit 32.

    The hash's upper 40 bits find the rank of popularity through the quantile table `knots` (uniform in probability,
    linear in between), its lower 24 bits decide about following back. `ranked` holds, by rank, the person in the lower
    32 bits and the threshold of the return above them, so that a draw reads one place in memory.
    """
    bits = draw(h, np.uint64(c))
    at = np.float64(bits >> _LOW_BITS) * (_UNIT40 * (len(knots) - 1))
    left = np.int64(at)
    x = knots[left] + (knots[left + 1] - knots[left]) * (at - left)
    return _decided(bits, ranked[min(len(ranked) - 1, np.int64(x * len(ranked)))])


@kernel
def draw_rows(members, chosen, key, knots, ranked):
    """Draw the accounts that each member chooses, and whether each of them follows back (see `_drawn`).

    Somebody drawn twice in a row is drawn again; a row that cannot be filled so takes the next free persons.

    Returns (starts, targets, back): (n + 1,) int64, (d,) uint32, (d,) uint8.
    """
    n = len(members)
    starts = np.zeros(n + 1, np.int64)
    most = 0
    for j in range(n):
        starts[j + 1] = starts[j] + chosen[j]
        most = max(most, chosen[j])
    targets = np.empty(starts[n], np.uint32)
    back = np.empty(starts[n], np.uint8)
    stamp = np.full(n, np.uint32(0xFFFFFFFF))
    entries = np.empty(most, np.uint64)
    key_target = draw(key, _TARGET)
    for j in range(n):
        stamp[j] = j
        h = draw(key_target, np.uint64(members[j]))
        wanted = chosen[j]
        # a loop of its own: its reads do not wait for one another, which halves the time of large graphs
        for c in range(wanted):
            entries[c] = _drawn(h, c, knots, ranked)
        c = 0
        k, end = starts[j], starts[j + 1]
        while k < end:
            if c < wanted:
                entry = entries[c]
            elif c < 8 * wanted + 64:
                entry = _drawn(h, c, knots, ranked)
            else:
                entry = _decided(draw(h, np.uint64(c)), ranked[(j + c) % n])
            c += 1
            u = np.uint32(entry & _PERSON)
            if stamp[u] == j:
                continue
            stamp[u] = j
            targets[k] = u
            back[k] = entry >> _HALF
            k += 1
    return starts, targets, back


@kernel
def rows_of_followers(starts, targets, back):
    """Turn drawn rows (whom j follows) into sorted rows of followers.

    Returns (offsets, followers); a link chosen by one side and returned by the other still stands there twice.
    """
    n = len(starts) - 1
    offsets = np.zeros(n + 1, np.int64)
    for j in range(n):
        for k in range(starts[j], starts[j + 1]):
            offsets[targets[k] + 1] += 1
            offsets[j + 1] += back[k]
    for i in range(n):
        offsets[i + 1] += offsets[i]
    cursor = offsets[:-1].copy()
    followers = np.empty(offsets[n], np.uint32)
    for j in range(n):
        for k in range(starts[j], starts[j + 1]):
            u = targets[k]
            followers[cursor[u]] = j
            cursor[u] += 1
            if back[k]:
                followers[cursor[j]] = u
                cursor[j] += 1
    for i in range(n):
        _sort_row(followers[offsets[i] : offsets[i + 1]])
    return offsets, followers


@inline_kernel
def _sort_row(row):
    """Sort one row: by insertion while it is short, for it then beats the library's sort."""
    if len(row) > _INSERTION_LIMIT:
        row.sort()
        return
    for k in range(1, len(row)):
        value = row[k]
        at = k
        while at > 0 and row[at - 1] > value:
            row[at] = row[at - 1]
            at -= 1
        row[at] = value


@inline_kernel
def _next_contact(h, c, at, log_miss):
    """Return the next person after `at` whom a row meets: a geometric gap, so a row costs its contacts only."""
    gap = math.log(1.0 - uniform(draw(h, c))) / log_miss
    return np.int64(at + 1 + math.floor(gap)) if gap < 4e9 else np.int64(1) << 40


@kernel
def draw_contacts(n_persons, key, chance):
    """Draw each pair of persons with one chance; return the rows of a mutual graph (sorted as they are written)."""
    offsets = np.zeros(n_persons + 1, np.int64)
    log_miss = math.log1p(-chance) if chance < 1.0 else -math.inf
    for i in range(n_persons):
        h = draw(key, np.uint64(i))
        c = np.uint64(0)
        j = _next_contact(h, c, i, log_miss)
        while j < n_persons:
            offsets[i + 1] += 1
            offsets[j + 1] += 1
            c += np.uint64(1)
            j = _next_contact(h, c, j, log_miss)
    for i in range(n_persons):
        offsets[i + 1] += offsets[i]
    cursor = offsets[:-1].copy()
    contacts = np.empty(offsets[n_persons], np.uint32)
    for i in range(n_persons):
        h = draw(key, np.uint64(i))
        c = np.uint64(0)
        j = _next_contact(h, c, i, log_miss)
        while j < n_persons:
            contacts[cursor[i]] = j
            contacts[cursor[j]] = i
            cursor[i] += 1
            cursor[j] += 1
            c += np.uint64(1)
            j = _next_contact(h, c, j, log_miss)
    return offsets, contacts


@kernel
def group_rows(order, size):
    """Link everybody within consecutive groups of `size` persons of `order`; return the rows of a mutual graph."""
    n = len(order)
    offsets = np.zeros(n + 1, np.int64)
    for first in range(0, n, size):
        last = min(n, first + size)
        for k in range(first, last):
            offsets[order[k] + 1] = last - first - 1
    for i in range(n):
        offsets[i + 1] += offsets[i]
    contacts = np.empty(offsets[n], np.uint32)
    for first in range(0, n, size):
        last = min(n, first + size)
        for k in range(first, last):
            at = offsets[order[k]]
            for other in range(first, last):
                if other != k:
                    contacts[at] = order[other]
                    at += 1
    for i in range(n):
        _sort_row(contacts[offsets[i] : offsets[i + 1]])
    return offsets, contacts


@kernel
def hash_persons(members, key):
    """Return one hash (uint64) per person."""
    hashes = np.empty(len(members), np.uint64)
    for j in range(len(members)):
        hashes[j] = draw(key, np.uint64(members[j]))
    return hashes
