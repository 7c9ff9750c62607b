"""Kernels that swap the ends of links, in a random order, with a hash table of the links that exist."""

from __future__ import annotations

import numpy as np

from diffusion._jit import inline_kernel, kernel
from diffusion.randomness import draw, mix, uniform

_EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)
_S32 = np.uint64(32)


@inline_kernel
def _link(a, b):
    return np.uint64(a) << _S32 | np.uint64(b)


@inline_kernel
def _slot_of(table, link):
    """Return the slot that holds a link, or the empty one where it would stand (linear probing)."""
    mask = np.uint64(len(table) - 1)
    slot = np.int64(mix(link) & mask)
    while table[slot] != _EMPTY and table[slot] != link:
        slot = (slot + 1) & (len(table) - 1)
    return slot


@inline_kernel
def _remove(table, link):
    """Take a link out, and move back those that would no longer be found (Knuth, vol. 3, 6.4, algorithm R)."""
    last = len(table) - 1
    hole = _slot_of(table, link)
    at = hole
    while True:
        table[hole] = _EMPTY
        while True:
            at = (at + 1) & last
            if table[at] == _EMPTY:
                return
            home = np.int64(mix(table[at]) & np.uint64(last))
            if (at - home) & last >= (at - hole) & last:
                break
        table[hole] = table[at]
        hole = at


@kernel
def swap_ends(first, second, key, attempts, mutual):
    """Swap the second ends of two random links, (a, b), (c, d) to (a, d), (c, b), unless that makes a loop or repeats.

    Where links are mutual, each is given once, and one of the two is turned round half of the time. Changes the links
    in place; returns the number of swaps made.
    """
    n = len(first)
    size = 4
    while size < 2 * n + 2:
        size *= 2
    table = np.full(size, _EMPTY)
    for k in range(n):
        a, b = first[k], second[k]
        link = _link(min(a, b), max(a, b)) if mutual else _link(a, b)
        table[_slot_of(table, link)] = link
    made = 0
    for t in range(attempts):
        h = draw(key, np.uint64(t))
        p = np.int64(uniform(draw(h, np.uint64(0))) * n)
        q = np.int64(uniform(draw(h, np.uint64(1))) * n)
        a, b, c, d = first[p], second[p], first[q], second[q]
        if mutual and h & np.uint64(1):
            c, d = d, c
        if a in (c, d) or b in (c, d):
            continue
        new1, new2 = _link(a, d), _link(c, b)
        old1, old2 = _link(a, b), _link(c, d)
        if mutual:
            new1, new2 = _link(min(a, d), max(a, d)), _link(min(c, b), max(c, b))
            old1, old2 = _link(min(a, b), max(a, b)), _link(min(c, d), max(c, d))
        if table[_slot_of(table, new1)] == new1 or table[_slot_of(table, new2)] == new2:
            continue
        _remove(table, old1)
        _remove(table, old2)
        table[_slot_of(table, new1)] = new1
        table[_slot_of(table, new2)] = new2
        second[p] = d
        first[q], second[q] = c, b
        made += 1
    return made
