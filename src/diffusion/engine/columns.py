"""Reading a finished run's records into columns, and emptying them again.

The cost is in proportion to what was touched.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_kernel
from diffusion.engine.arrays import (
    CHANNEL_SHIFT,
    COUNTS_HIGH,
    COUNTS_LOW,
    EVIDENCE,
    FIRST_POST,
    FIRST_TICK,
    N_POSTS,
    NEXT_TOUCHED,
    POST_AUTHOR,
    POST_STORY,
    POST_TICK,
    POST_WHERE,
    REACHED,
    RECORD_WORDS,
    SHARE_TICK,
    TOUCHED,
    State,
)

_CHANNEL = np.uint32(31)
_HALF = np.uint32(0xFFFF)
_ONE = np.uint32(1)
_S32 = np.uint64(32)
DENSE = 16
"""Where more than one record in so many was touched, all are looked at in turn; else their chain is followed.

Following the chain waits for memory at every step; looking does not. Chosen.
"""


def touched(state: State) -> NDArray[np.int64]:
    """Return the numbers of the records that were touched, in no order to rely upon."""
    rows = np.empty(int(state.tally[:, REACHED].sum()), dtype=np.int64)
    _list_touched(state, rows)
    return rows


@hot_kernel
def _list_touched(state, rows):
    record = state.record
    count = np.int64(0)
    if rows.size * DENSE > record.shape[0]:
        for at in range(record.shape[0]):
            if record[at, FIRST_TICK] > 0:
                rows[count] = at
                count += 1
        return
    at = state.registers[TOUCHED] - 1
    while at >= 0:
        rows[count] = at
        count += 1
        at = np.int64(record[at, NEXT_TOUCHED]) - 1


@hot_kernel
def read_times(state, rows, first_tick, share_tick):
    """Write first and share ticks of the touched records into (S * n,) columns that hold NEVER."""
    for at in rows:
        first_tick[at] = state.record[at, FIRST_TICK] - _ONE
        if state.record[at, SHARE_TICK] > 0:
            share_tick[at] = state.record[at, SHARE_TICK] - _ONE


def order_of_posts(state: State, n_outlets: int) -> NDArray[np.int64]:
    """Return the numbers of a run's posts in the order of the events at which they were made.

    Posts that were planned got their numbers when they were offered. Of one tick, outlets' publications come first, in
    the order of their numbers, then persons' posts by author, platform and story, and groups in the order of numbers.
    """
    posts = state.posts[: state.registers[N_POSTS]]
    channel = posts[:, POST_WHERE] & 255
    shared = channel > n_outlets
    place = np.where(shared, posts[:, POST_AUTHOR].astype(np.uint64) + np.uint64(1), np.uint64(0))
    key = (posts[:, POST_TICK].astype(np.uint64) << _S32) | place
    order = np.argsort(key)
    same = key[order[1:]] == key[order[:-1]]
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    among = order[tied]
    story = np.where(shared[among], posts[among, POST_STORY], 0)
    order[tied] = among[np.lexsort((among, story, np.where(shared[among], channel[among], 0), key[among]))]
    return order


@hot_kernel
def read_parents(state, rows, first_channel, first_post):
    """Write first channels and posts of the touched records into (S * n,) columns."""
    for at in rows:
        first_channel[at] = np.uint8((state.record[at, COUNTS_HIGH] >> CHANNEL_SHIFT) & _CHANNEL)
        first_post[at] = state.record[at, FIRST_POST]


@hot_kernel
def renumber(rows, places, first_post):
    """Replace the numbers of the touched records' posts by their places."""
    for at in rows:
        if first_post[at] < places.size:
            first_post[at] = places[first_post[at]]


@hot_kernel
def read_exposures(state, rows, exposures, evidence):
    """Write exposure counts (2 bits per channel) and evidence of the touched records into (S * n,) columns."""
    for at in rows:
        high = np.uint64(state.record[at, COUNTS_HIGH] & _HALF)
        exposures[at] = (high << _S32) | np.uint64(state.record[at, COUNTS_LOW])
        evidence[at] = state.record_float[at, EVIDENCE]


@hot_kernel
def read_curves(state, rows, horizon, counts):
    """Add the touched records to (S, C, k) counts of first exposures.

    Each counts at the first of the k points over the horizon that is not before it.
    """
    n_persons = state.record.shape[0] // counts.shape[0]
    steps = counts.shape[2] - 1
    for at in rows:
        tick = np.int64(state.record[at, FIRST_TICK]) - 1
        channel = np.int64((state.record[at, COUNTS_HIGH] >> CHANNEL_SHIFT) & _CHANNEL)
        counts[at // n_persons, channel, (tick * steps + horizon - 1) // horizon] += 1


@hot_kernel
def forget(state):
    """Empty the touched records and the counters."""
    record = state.record
    reached = np.int64(0)
    for story in range(state.tally.shape[0]):
        reached += state.tally[story, REACHED]
    if reached * DENSE > record.shape[0]:
        record[:] = 0
    else:
        at = state.registers[TOUCHED] - 1
        while at >= 0:
            row = record[at]
            at = np.int64(row[NEXT_TOUCHED]) - 1
            for word in range(RECORD_WORDS):
                row[word] = 0
    state.sharers[:] = 0
    state.witnesses[:] = 0
    state.watched[:] = 0
    state.covered[:] = 0
    state.tally[:] = 0
    state.feeds[:] = 0
    state.registers[:] = 0
