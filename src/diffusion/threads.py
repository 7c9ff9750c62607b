"""Jobs in threads of one process: what they share (a world of gigabytes) lies in memory once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from diffusion.arguments import whole_number

R = TypeVar("R")


def in_threads(
    jobs: Sequence[Callable[[], R]],
    threads: int | None = None,
    done: Callable[[int], None] | None = None,
    stopped: threading.Event | None = None,
) -> list[R]:
    """Run jobs in threads and return their results in the order of the jobs.

    Parameters
    ----------
    jobs : sequence of callables
    threads : int, optional
        By default the number of cores.
    done : callable, optional
        Called in the calling thread with the number of finished jobs. The first exception of a job, or Ctrl-C, cancels
        what has not begun.
    stopped : event, optional
        Set where this happens, for long jobs that look at it.
    """
    workers = os.cpu_count() or 1 if threads is None else whole_number("threads", threads, least=1)
    # Plain queues, because Ctrl-C inside concurrent.futures.wait() leaves locks held on which its workers then hang.
    waiting: SimpleQueue[int] = SimpleQueue()
    finished: SimpleQueue[tuple[int, Any, BaseException | None]] = SimpleQueue()
    for number in range(len(jobs)):
        waiting.put(number)
    stopped = threading.Event() if stopped is None else stopped
    pool = [
        threading.Thread(target=_work, args=(jobs, waiting, finished, stopped), daemon=True)
        for _ in range(min(workers, len(jobs)))
    ]
    results: dict[int, R] = {}
    try:
        for thread in pool:
            thread.start()
        while len(results) < len(jobs):
            number, result, failure = finished.get()
            if failure is not None:
                raise failure
            results[number] = result
            if done is not None:
                done(len(results))
    finally:
        stopped.set()
        for thread in pool:
            if thread.ident is not None:
                thread.join()
    return [results[number] for number in range(len(jobs))]


def _work(
    jobs: Sequence[Callable[[], Any]],
    waiting: SimpleQueue[int],
    finished: SimpleQueue[tuple[int, Any, BaseException | None]],
    stopped: threading.Event,
) -> None:
    """Take jobs until none waits or the work is stopped."""
    while not stopped.is_set():
        try:
            number = waiting.get_nowait()
        except Empty:
            return
        try:
            finished.put((number, jobs[number](), None))
        except BaseException as failure:
            finished.put((number, None, failure))
