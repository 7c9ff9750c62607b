"""Kernels on the compressed rows of a follower graph: building, checking, turning round, counting mutual links.

Throughout: row u holds the followers of u, `offsets` is (n + 1,) int64, `followers` is (m,) uint32. `weights` is what
is carried along, one value per link, of any type; it is empty if nothing is.
"""

from __future__ import annotations

import numpy as np

from diffusion._jit import hot_kernel, inline_kernel, kernel

CSR_OK = 0
CSR_BAD_OFFSETS = 1
CSR_OUT_OF_RANGE = 2
CSR_SELF_LOOP = 3
CSR_UNSORTED = 4


@kernel
def group_by_follower(followed, follower, weights, mutual, n_persons):
    """Group links by their follower in the order given; return (starts, followed, weights, self-loops left out)."""
    weighted = len(weights) > 0
    starts = np.zeros(n_persons + 1, np.int64)
    loops = 0
    for k in range(len(followed)):
        if followed[k] == follower[k]:
            loops += 1
            continue
        starts[follower[k] + 1] += 1
        if mutual:
            starts[followed[k] + 1] += 1
    for i in range(n_persons):
        starts[i + 1] += starts[i]
    cursor = starts[:-1].copy()
    columns = np.empty(starts[n_persons], np.uint32)
    values = np.empty(starts[n_persons] if weighted else 0, weights.dtype)
    for k in range(len(followed)):
        a, b = followed[k], follower[k]
        if a == b:
            continue
        slot = cursor[b]
        cursor[b] += 1
        columns[slot] = a
        if weighted:
            values[slot] = weights[k]
        if mutual:
            slot = cursor[a]
            cursor[a] += 1
            columns[slot] = b
            if weighted:
                values[slot] = weights[k]
    return starts, columns, values, loops


@kernel
def transpose(starts, columns, weights):
    """Turn rows into columns; the new rows are sorted, and equal entries keep the order they had (a stable sort)."""
    weighted = len(weights) > 0
    n_persons = len(starts) - 1
    offsets = np.zeros(n_persons + 1, np.int64)
    for k in range(len(columns)):
        offsets[columns[k] + 1] += 1
    for i in range(n_persons):
        offsets[i + 1] += offsets[i]
    cursor = offsets[:-1].copy()
    rows = np.empty(len(columns), np.uint32)
    values = np.empty(len(weights), weights.dtype)
    for i in range(n_persons):
        for k in range(starts[i], starts[i + 1]):
            slot = cursor[columns[k]]
            cursor[columns[k]] += 1
            rows[slot] = i
            if weighted:
                values[slot] = weights[k]
    return offsets, rows, values


@kernel
def drop_duplicates(offsets, followers, weights):
    """Keep the first of equal neighbours in each sorted row, in place; return the number of links dropped."""
    weighted = len(weights) > 0
    kept = 0
    begin = 0
    for i in range(len(offsets) - 1):
        end = offsets[i + 1]
        last = np.int64(-1)
        for k in range(begin, end):
            if followers[k] == last:
                continue
            last = np.int64(followers[k])
            followers[kept] = followers[k]
            if weighted:
                weights[kept] = weights[k]
            kept += 1
        begin = end
        offsets[i + 1] = kept
    return len(followers) - kept


@hot_kernel
def check_rows(offsets, followers):
    """Check the layout; return (code, row): the first breach of it and the row where it is."""
    n_persons = len(offsets) - 1
    if offsets[0] != 0 or offsets[n_persons] != len(followers):
        return CSR_BAD_OFFSETS, 0
    for i in range(n_persons):
        if offsets[i + 1] < offsets[i] or offsets[i + 1] > len(followers):
            return CSR_BAD_OFFSETS, i
        last = np.int64(-1)
        for k in range(offsets[i], offsets[i + 1]):
            j = np.int64(followers[k])
            if j >= n_persons:
                return CSR_OUT_OF_RANGE, i
            if j == i:
                return CSR_SELF_LOOP, i
            if j <= last:
                return CSR_UNSORTED, i
            last = j
    return CSR_OK, 0


@kernel
def count_followed(n_persons, followers):
    """Count how many accounts each person follows: (n_persons,) uint32."""
    n_followed = np.zeros(n_persons, np.uint32)
    for k in range(len(followers)):
        n_followed[followers[k]] += 1
    return n_followed


@kernel
def count_mutual(offsets, followers):
    """Count the links whose reverse exists.

    Rows are visited in ascending order, so the place of u in row v only ever moves forward: one pass, no search.
    """
    n_persons = len(offsets) - 1
    cursor = offsets[:-1].copy()
    mutual = 0
    for u in range(n_persons):
        for k in range(offsets[u], offsets[u + 1]):
            v = followers[k]
            at, end = cursor[v], offsets[v + 1]
            while at < end and followers[at] < u:
                at += 1
            cursor[v] = at
            if at < end and followers[at] == u:
                mutual += 1
    return mutual


@inline_kernel
def _first_slot(label, size):
    """Return where the search for a label starts: Fibonacci hashing (Knuth, vol. 3, 6.4), its upper bits."""
    hashed = np.uint64(label) * np.uint64(0x9E3779B97F4A7C15)
    return np.int64((hashed >> np.uint64(20)) & np.uint64(size - 1))


@inline_kernel
def _grown(labels, n, size):
    """Return a table of `size` slots that holds the first n labels."""
    table = np.zeros(size, np.uint32)
    for i in range(n):
        slot = _first_slot(labels[i], size)
        while table[slot] != 0:
            slot = (slot + 1) & (size - 1)
        table[slot] = i + 1
    return table


@kernel
def intern_integers(first, second):
    """Number 64-bit labels by first appearance; return (labels, codes of the first, codes of the second array).

    An open-addressing table of (label number + 1), at most half full.
    """
    size = 1 << 12
    table = np.zeros(size, np.uint32)
    labels = np.empty(size // 2, np.int64)
    n = 0
    codes = np.empty((2, len(first)), np.uint32)
    for side in range(2):
        values = first if side == 0 else second
        for k in range(len(values)):
            label = values[k]
            slot = _first_slot(label, size)
            while table[slot] != 0 and labels[table[slot] - 1] != label:
                slot = (slot + 1) & (size - 1)
            if table[slot] == 0:
                labels[n] = label
                n += 1
                table[slot] = n
            codes[side, k] = table[slot] - 1
            if n == len(labels):
                size *= 2
                labels = np.concatenate((labels, np.empty(n, np.int64)))
                table = _grown(labels, n, size)
    return labels[:n].copy(), codes[0], codes[1]
