"""Links that begin and end: whether a link is open when a post is made (docs/model.md §4)."""

from __future__ import annotations

import numpy as np

from diffusion._jit import hot_function, hot_inline

ALWAYS = np.int64(-1)
"""Stands for the tick of a post whose links are all open."""


@hot_inline
def has_spans(layer):
    """Whether any link of a platform begins or ends."""
    return layer.since.size + layer.until.size > 0


@hot_inline
def is_open(layer, at, moment):
    """Whether a link is open at a tick."""
    if moment == ALWAYS:
        return True
    begun = layer.since.size == 0 or np.int64(layer.since[at]) <= moment
    return begun and (layer.until.size == 0 or moment < np.int64(layer.until[at]))


@hot_function
def count_closed(layer, low, high, moment):
    """Return how many links of a row are not open at a tick."""
    closed = np.int64(0)
    for at in range(low, high if moment != ALWAYS else low):
        closed += np.int64(not is_open(layer, at, moment))
    return closed


@hot_function
def list_open(layer, listed, count, post):
    """Keep those of the listed lanes whose links are open; return how many they are."""
    start, moment = post
    kept = np.int64(0)
    for place in range(count):
        lane = listed[place]
        listed[kept] = lane
        kept += np.int64(is_open(layer, start + np.int64(lane), moment))
    return kept
