"""The memory of a run, reused from run to run.

It grows when a kernel asks, and is emptied at the cost of what was touched.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.engine import columns
from diffusion.engine.arrays import (
    AHEAD,
    BUCKET,
    CHUNK_WORDS,
    DIRTY_END,
    DONE,
    FREE,
    GROW_BATCH,
    GROW_HEAP,
    GROW_LOG,
    GROW_POOL,
    GROW_POSTS,
    LANES,
    MAX_POSTS,
    MAX_STORIES,
    MOST_PLANNED,
    N_REGISTERS,
    NEEDED,
    NEVER_ENDS,
    PLANNED_TICK,
    RECORD_WORDS,
    SLICE_BITS,
    VECTOR,
    Frame,
    Luck,
    State,
    World,
)
from diffusion.engine.loop import run_events, seed_events
from diffusion.engine.memory import at_lines

Origins = tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint32]]
"""Ticks, persons and words of the events from which a run starts."""

_SHAPES = {
    GROW_POOL: ("pool",),
    GROW_BATCH: ("batch_key", "batch_word"),
    GROW_HEAP: ("heap_key", "heap_word"),
    GROW_POSTS: ("posts",),
    GROW_LOG: ("log",),
}


def _bit_levels(buckets: int) -> NDArray[np.int64]:
    """Return where each level of the bitmap begins: one bit per bucket, then one per word, up to a single word."""
    starts = [0]
    words = buckets
    while True:
        words = (words + 63) // 64
        starts.append(starts[-1] + words)
        if words == 1:
            return np.array(starts, dtype=np.int64)


def _shape_of(frame: Frame, channels: int) -> tuple[int, ...]:
    buckets = (frame.horizon >> frame.bucket_shift) + 1
    return frame.n_persons, frame.n_platforms, frame.n_outlets, frame.n_stories, buckets, channels, frame.feed_words


def _new_state(shape: tuple[int, ...]) -> State:
    persons, platforms, outlets, stories, buckets, channels, feed_words = shape
    record = at_lines((persons * stories, RECORD_WORDS), np.uint32, zeros=True)
    levels = _bit_levels(buckets)
    batch, chunks = 1024, 1024
    return State(
        record=record,
        record_float=record.view(np.float32),
        pool=at_lines((chunks, CHUNK_WORDS), np.uint32),
        heads=np.zeros(buckets, dtype=np.uint32),
        bits=np.zeros(int(levels[-1]), dtype=np.uint64),
        bit_levels=levels,
        batch_key=np.empty(batch, dtype=np.uint64),
        batch_word=np.empty(batch, dtype=np.uint32),
        heap_key=np.empty(batch, dtype=np.uint64),
        heap_word=np.empty(batch, dtype=np.uint32),
        posts=at_lines((256, 4), np.uint32),
        log=np.empty((256, 7), dtype=np.uint32),
        sharers=np.zeros((stories, platforms, 2), dtype=np.int64),
        witnesses=np.zeros((stories, platforms, 2), dtype=np.int64),
        dirty=np.zeros(max(stories * platforms, 1), dtype=np.int64),
        watched=np.zeros((outlets, stories, platforms), dtype=np.uint8),
        covered=np.zeros((outlets, stories, 3), dtype=np.int64),
        attempts=np.zeros((outlets, stories, channels, 2), dtype=np.uint32),
        tally=at_lines((stories, 5), np.int64, zeros=True),
        stack=np.zeros((2, 64), dtype=np.int64),
        slices=np.zeros(1 << SLICE_BITS, dtype=np.int64),
        lanes=at_lines((8, LANES + VECTOR), np.float64, zeros=True),
        words=at_lines((7, LANES + VECTOR), np.uint64, zeros=True),
        rows=at_lines((5, MOST_PLANNED + 1), np.uint64, zeros=True),
        feeds=np.zeros(feed_words, dtype=np.uint32),
        registers=at_lines((N_REGISTERS,), np.int64, zeros=True),
    )


class Workspace:
    """The state arrays of one thread.

    Memory: 32 B per person and story, 12.8 B per waiting event, 16 B per post.
    """

    def __init__(self) -> None:
        self._shape: tuple[int, ...] | None = None
        self._state: State | None = None

    @property
    def state(self) -> State:
        """The arrays of the run that was made last."""
        if self._state is None:
            raise RuntimeError("nothing has been run in this workspace")
        return self._state

    def run(self, world: World, luck: Luck, origins: Origins) -> State:
        """Run a world from its origins to the horizon and return the state, which is valid until the next run."""
        frame = world.frame
        if frame.n_stories > MAX_STORIES:
            raise ValueError(f"{frame.n_stories} stories: at most {MAX_STORIES} in one run")
        shape = _shape_of(frame, world.names.size)
        if self._state is None or shape != self._shape:
            self._shape, self._state = shape, _new_state(shape)
        else:
            columns.forget(self._state)
        try:
            return self._run(world, luck, origins)
        except BaseException:
            # Ctrl-C, or no more memory: events still wait in the queue, and the next run must not meet them.
            self._state = None
            raise

    def _run(self, world: World, luck: Luck, origins: Origins) -> State:
        frame, state = world.frame, self.state
        state.registers[FREE] = -1
        state.registers[BUCKET] = -1
        state.registers[AHEAD] = -1
        state.registers[DIRTY_END] = NEVER_ENDS
        state.registers[PLANNED_TICK] = NEVER_ENDS
        while state.pool.shape[0] < origins[0].size:
            state = self._grown(state, GROW_POOL, origins[0].size)
        seed_events(frame, state, *origins)
        code = run_events(world, luck, state)
        while code != DONE:
            state = self._grown(state, code, int(state.registers[NEEDED]))
            code = run_events(world, luck, state)
        return state

    def _grown(self, state: State, code: int, needed: int) -> State:
        changed: dict[str, Any] = {}
        for name in _SHAPES[code]:
            old = getattr(state, name)
            length = max(old.shape[0] + needed, old.shape[0] + (old.shape[0] >> 1))
            if name == "posts":
                if old.shape[0] >= MAX_POSTS:
                    raise MemoryError(f"more than {MAX_POSTS} posts in one run")
                length = min(length, MAX_POSTS)
            new = at_lines((length, *old.shape[1:]), old.dtype)
            new[: old.shape[0]] = old
            changed[name] = new
        self._state = state.replaced(**changed)
        return self._state


_local = threading.local()


def workspace() -> Workspace:
    """Return this thread's workspace."""
    found = getattr(_local, "workspace", None)
    if found is None:
        found = _local.workspace = Workspace()
    return found
