"""Who does the chunks of a sweep: threads of this process (and, in `cluster`, Dask's workers)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import NamedTuple, Protocol

from diffusion.study.sweeps.work import Chunk, Done, run_chunk
from diffusion.study.sweeps.workshop import Workshop


class Came(NamedTuple):
    """A chunk that has come back: with what came of it, or with what was raised instead."""

    chunk: Chunk
    done: Done | None
    error: BaseException | None = None


class Crew(Protocol):
    """Does chunks in any order.

    Attributes
    ----------
    slots : int
        Chunks at the same time; twice as many may be given, so that nobody waits for the next one.
    """

    @property
    def slots(self) -> int:
        """Chunks at the same time."""

    def give(self, chunk: Chunk) -> None:
        """Have a chunk done."""

    def take(self) -> Came:
        """Wait for a chunk that was given, and return it."""

    def stop(self) -> list[Came]:
        """Begin nothing more, and return what has been done; its chunks hand back the rest."""


_NO_MORE = None


class _Threads:
    def __init__(self, threads: int, work: Callable[[Chunk, Workshop, threading.Event], Done]) -> None:
        self.slots = threads
        self._work = work
        self._shop = Workshop()
        self._stopped = threading.Event()
        self._given = 0
        self._waiting: SimpleQueue[Chunk | None] = SimpleQueue()
        self._came: SimpleQueue[Came] = SimpleQueue()
        self._pool = [threading.Thread(target=self._turn, daemon=True) for _ in range(threads)]
        for thread in self._pool:
            thread.start()

    def give(self, chunk: Chunk) -> None:
        self._given += 1
        self._waiting.put(chunk)

    def take(self) -> Came:
        came = self._came.get()
        self._given -= 1
        return came

    def stop(self) -> list[Came]:
        self._stopped.set()
        for _ in self._pool:
            self._waiting.put(_NO_MORE)
        for thread in self._pool:
            thread.join()
        found = []
        while not self._came.empty():
            found.append(self.take())
        return found

    def _turn(self) -> None:
        while (chunk := self._waiting.get()) is not _NO_MORE and not self._stopped.is_set():
            try:
                self._came.put(Came(chunk, self._work(chunk, self._shop, self._stopped)))
            except BaseException as error:
                self._came.put(Came(chunk, None, error))


@contextmanager
def thread_crew(threads: int, work: Callable[[Chunk, Workshop, threading.Event], Done] = run_chunk) -> Iterator[Crew]:
    """Open a crew of threads; at the end no run is under way."""
    crew = _Threads(threads, work)
    try:
        yield crew
    finally:
        crew.stop()
