"""The table of posts and the event log."""

from __future__ import annotations

import numpy as np

from diffusion._jit import hot_function, hot_inline
from diffusion.engine.arrays import N_LOG, N_POSTS, POST_AUTHOR, POST_STORY, POST_TICK, POST_WHERE


@hot_inline
def add_post(state, author, story, tick, channel, exposure_channel, occurrence):
    """Append a post and return its number. The table has room (the loop has seen to it)."""
    post = state.registers[N_POSTS]
    state.registers[N_POSTS] = post + 1
    state.posts[post, POST_AUTHOR] = author
    state.posts[post, POST_STORY] = np.uint32(story)
    state.posts[post, POST_TICK] = np.uint32(tick)
    where = np.uint32(channel) | (np.uint32(exposure_channel) << np.uint32(8))
    state.posts[post, POST_WHERE] = where | (np.uint32(occurrence) << np.uint32(16))
    return post


@hot_function
def exposure_channel(state, post):
    """Return the channel through which a post exposes."""
    return np.int64((state.posts[post, POST_WHERE] >> np.uint32(8)) & np.uint32(255))


@hot_function
def platform_of(world, state, post):
    """Return the platform on which a post was made, or -1 for an outlet's publication."""
    channel = np.int64(state.posts[post, POST_WHERE] & np.uint32(255))
    return channel - 1 - world.frame.n_outlets if channel > world.frame.n_outlets else np.int64(-1)


@hot_inline
def place_of(world, state, post):
    """Return a post's (story, channel through which it exposes, platform or -1); not looked up where all are alike."""
    if world.frame.single:
        return np.int64(0), np.int64(1), np.int64(0)
    story = np.int64(state.posts[post, POST_STORY])
    return story, exposure_channel(state, post), platform_of(world, state, post)


@hot_inline
def add_row(state, tick, kind, person, channel, source, story, value):
    """Append a row to the event log."""
    at = state.registers[N_LOG]
    state.registers[N_LOG] = at + 1
    row = state.log[at]
    row[0] = np.uint32(tick)
    row[1] = np.uint32(kind)
    row[2] = np.uint32(person)
    row[3] = np.uint32(channel)
    row[4] = np.uint32(source)
    row[5] = np.uint32(story)
    row[6] = np.uint32(value)
