"""Reading a finished run's records into columns, and emptying them again.

The cost is in proportion to what was touched.
"""

from __future__ import annotations

import numpy as np

from diffusion._jit import hot_kernel
from diffusion.engine.arrays import (
    CHANNEL_SHIFT,
    COUNTS_HIGH,
    COUNTS_LOW,
    EVIDENCE,
    FIRST_POST,
    FIRST_TICK,
    NEXT_TOUCHED,
    RECORD_WORDS,
    SHARE_TICK,
    TOUCHED,
)

_CHANNEL = np.uint32(31)
_HALF = np.uint32(0xFFFF)
_ONE = np.uint32(1)
_S32 = np.uint64(32)


@hot_kernel
def read_times(state, first_tick, share_tick):
    """Write first and share ticks of the touched records into (S * n,) columns that hold NEVER."""
    at = state.registers[TOUCHED] - 1
    while at >= 0:
        first_tick[at] = state.record[at, FIRST_TICK] - _ONE
        if state.record[at, SHARE_TICK] > 0:
            share_tick[at] = state.record[at, SHARE_TICK] - _ONE
        at = np.int64(state.record[at, NEXT_TOUCHED]) - 1


@hot_kernel
def read_parents(state, first_channel, first_post):
    """Write first channels and posts of the touched records into (S * n,) columns."""
    at = state.registers[TOUCHED] - 1
    while at >= 0:
        first_channel[at] = np.uint8((state.record[at, COUNTS_HIGH] >> CHANNEL_SHIFT) & _CHANNEL)
        first_post[at] = state.record[at, FIRST_POST]
        at = np.int64(state.record[at, NEXT_TOUCHED]) - 1


@hot_kernel
def read_exposures(state, exposures, evidence):
    """Write exposure counts (2 bits per channel) and evidence of the touched records into (S * n,) columns."""
    at = state.registers[TOUCHED] - 1
    while at >= 0:
        high = np.uint64(state.record[at, COUNTS_HIGH] & _HALF)
        exposures[at] = (high << _S32) | np.uint64(state.record[at, COUNTS_LOW])
        evidence[at] = state.record_float[at, EVIDENCE]
        at = np.int64(state.record[at, NEXT_TOUCHED]) - 1


@hot_kernel
def read_curves(state, n_persons, horizon, counts):
    """Add the touched records to (S, C, k) counts of first exposures.

    Each counts at the first of the k points over the horizon that is not before it.
    """
    steps = counts.shape[2] - 1
    at = state.registers[TOUCHED] - 1
    while at >= 0:
        tick = np.int64(state.record[at, FIRST_TICK]) - 1
        channel = np.int64((state.record[at, COUNTS_HIGH] >> CHANNEL_SHIFT) & _CHANNEL)
        counts[at // n_persons, channel, (tick * steps + horizon - 1) // horizon] += 1
        at = np.int64(state.record[at, NEXT_TOUCHED]) - 1


@hot_kernel
def forget(state):
    """Empty the touched records and the counters."""
    record = state.record
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
