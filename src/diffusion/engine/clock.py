"""Operational time: tau(t), the integral of a daily profile, in hours (docs/model.md §3)."""

from __future__ import annotations

import math

import numpy as np

from diffusion._jit import hot_inline

INTENSITY = 25
"""Where a clock's 24 intensities begin, after its 25 running sums."""
GUIDE = 49
GUIDED = 4
"""Where the guide begins: the hour of the day at every quarter of an operational hour, from which a search is short."""
CLOCK_LENGTH = GUIDE + 24 * GUIDED


@hot_inline
def hour_of(frame, tick):
    """Return the hour of the day (0-23) at a tick."""
    at = np.uint64(frame.origin + np.int64(tick))
    return np.int64((at % np.uint64(frame.day)) // np.uint64(frame.hour))


@hot_inline
def operational(frame, clock, tick):
    """Return tau at a tick, in operational hours."""
    at = frame.origin + np.int64(tick)
    day = np.int64(np.uint64(at) // np.uint64(frame.day))
    rest = at - day * frame.day
    hour = np.int64(np.uint64(rest) // np.uint64(frame.hour))
    return day * 24.0 + (clock[hour] + clock[INTENSITY + hour] * ((rest - hour * frame.hour) / frame.hour))


@hot_inline
def _near_hour(clock, rest):
    """Return an hour of the day at which so many operational hours of it have passed, or one before it."""
    quarter = np.int64(rest * GUIDED)
    return np.int64(clock[GUIDE + min(max(quarter, 0), 24 * GUIDED - 1)])


@hot_inline
def _tick_in(frame, clock, day, low, rest):
    """Return the (fractional) tick within hour `low` of a day at which `rest` operational hours of it have passed."""
    within = (rest - clock[low]) / clock[INTENSITY + low] * frame.hour
    return day * frame.day + low * frame.hour + within - frame.origin


@hot_inline
def wall(frame, clock, operational_hours):
    """Return the (fractional) tick at which tau reaches so many operational hours."""
    day = math.floor(operational_hours / 24.0)
    rest = operational_hours - 24.0 * day
    low = _near_hour(clock, rest)
    while low < 23 and clock[low + 1] <= rest:
        low += 1
    return _tick_in(frame, clock, day, low, rest)


@hot_inline
def wall_nearby(frame, clock, operational_hours):
    """Return (tick, whether it is right): `wall` without a branch, which looks one hour beyond the guide's at most."""
    day = math.floor(operational_hours / 24.0)
    rest = operational_hours - 24.0 * day
    low = _near_hour(clock, rest)
    low += np.int64((low < 23) & (clock[low + 1] <= rest))
    return _tick_in(frame, clock, day, low, rest), (low >= 23) | (clock[low + 1] > rest)


@hot_inline
def next_awake(frame, clock, tick, level):
    """Return the tick, or the start of the next hour, at which the clock's intensity reaches a level."""
    at = frame.origin + np.int64(tick)
    hour = (at % frame.day) // frame.hour
    if clock[INTENSITY + hour] >= level:
        return np.int64(tick)
    start = at // frame.hour
    for ahead in range(1, 25):
        if clock[INTENSITY + (hour + ahead) % 24] >= level:
            return (start + ahead) * frame.hour - frame.origin
    return np.int64(tick)
