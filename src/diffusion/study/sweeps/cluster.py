"""Dask's workers as the crew of a sweep: on a cluster that has a scheduler, or as processes of this machine."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any
from uuid import uuid4

from diffusion.errors import InputError
from diffusion.study.sweeps.crews import Came, Crew
from diffusion.study.sweeps.work import Chunk, run_chunk

_PATIENCE_S = 300
"""How long a scheduler may be without a worker: job systems let workers wait. Chosen."""

_CONNECT_S = 30
"""How long a scheduler is given to answer."""

_LOOK_S = 10
"""How often it is asked while nothing comes back."""

_QUIET = ("distributed.nanny", "distributed.worker", "distributed.scheduler", "distributed.core", "distributed.comm",
          "distributed.batched", "distributed.client")  # fmt: skip

_PINNED = {name: "1" for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
"""A process is one worker and does one run at a time: more threads would be in each other's way."""


class _Dask:
    """Chunks as tasks of Dask; it sends a chunk whose worker is gone to another one by itself."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._given: dict[str, tuple[Chunk, Any]] = {}
        self._came: SimpleQueue[str] = SimpleQueue()

    @property
    def slots(self) -> int:
        """The workers' threads, as many as there are now."""
        return max(sum(self._client.nthreads().values()), 1)

    def give(self, chunk: Chunk) -> None:
        key = f"chunk-{uuid4().hex}"
        future = self._client.submit(run_chunk, chunk, key=key, pure=False)
        self._given[key] = chunk, future
        future.add_done_callback(lambda done: self._came.put(done.key))

    def take(self) -> Came:
        chunk, future = self._given.pop(self._next())
        if not future.cancelled():
            try:
                # The worker that held the rows may have died in the meantime: then they are computed again.
                return Came(chunk, future.result(timeout=_PATIENCE_S))
            except Exception as error:
                if future.status == "error":
                    return Came(chunk, None, error)
        raise InputError(
            "the scheduler is gone, or has been told to forget this sweep; what is finished is stored, and the same "
            "command goes on from there"
        )

    def _next(self) -> str:
        """Wait for a chunk, as long as there are workers, or some may still come back."""
        since = monotonic()
        while True:
            try:
                return self._came.get(timeout=_LOOK_S)
            except Empty:
                if self._client.nthreads():
                    since = monotonic()
                elif monotonic() - since > _PATIENCE_S:
                    raise InputError(
                        f"no worker has been left for {_PATIENCE_S} s; what is finished is stored, "
                        "and the same command goes on from there"
                    ) from None

    def stop(self) -> list[Came]:
        found = []
        while not self._came.empty():
            given = self._given.pop(self._came.get(), None)  # one that was cancelled has been forgotten
            if given is not None and given[1].status == "finished":
                with suppress(Exception):  # its worker may be gone, and its rows with it
                    found.append(Came(given[0], given[1].result(timeout=_LOOK_S)))
        self._client.cancel([future for _, future in self._given.values()], force=True)
        self._given.clear()
        return found


@contextmanager
def dask_crew(
    scheduler: str | os.PathLike[str] | None, workers: int | None, say: Callable[[str], None]
) -> Iterator[Crew]:
    """Open a crew of Dask's workers.

    Parameters
    ----------
    scheduler : str or path, optional
        The address of a scheduler (``"tcp://node1:8786"``), or the file that it has written.
    workers : int, optional
        Without a scheduler: as many processes of this machine.
    say : callable
        Told where the workers are.

    Raises
    ------
    InputError
        If Dask is not installed, or there is no such scheduler, or it finds no worker.
    """
    try:
        import distributed
    except ImportError:
        raise InputError(
            "Dask is not installed, which --scheduler, --scheduler-file and --workers need: "
            'pip install "diffusion[dask]"'
        ) from None
    with ExitStack() as stack:
        for name in _QUIET:
            stack.enter_context(_quiet(logging.getLogger(name)))
        if scheduler is None:
            cluster = stack.enter_context(_processes(distributed, workers or 1))
            client = stack.enter_context(distributed.Client(cluster))
        else:
            client = stack.enter_context(_client(distributed, scheduler))
        _wait(client, scheduler)
        crew = _Dask(client)
        say(f"{crew.slots} workers of {client.scheduler.address}")
        try:
            yield crew
        finally:
            crew.stop()


@contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """Keep a logger still: what matters is told as an event, and a lost worker is none of the user's faults."""
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextmanager
def _processes(distributed: Any, workers: int) -> Iterator[Any]:
    """Start workers on this machine: one thread each, numba's too, and no limit that would end a large world."""
    import dask

    settings = {
        "distributed.nanny.environ": _PINNED,
        "distributed.nanny.pre-spawn-environ": _PINNED,
        "distributed.worker.profile.enabled": False,
        # A worker that was lost comes back; on a busy machine that takes longer than the 15 s it is usually given.
        "distributed.deploy.lost-worker-timeout": "1 hour",
    }
    with dask.config.set(settings):
        cluster = distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            memory_limit=0,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
            preload=[__name__],
        )
        with cluster:
            yield cluster


def dask_setup(_worker: Any) -> None:
    """Have a process of this machine leave Ctrl-C, which a terminal sends to all of them, to the one that asks.

    Dask calls it, by this name, in every worker that it starts with this module as its preload.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _client(distributed: Any, scheduler: str | os.PathLike[str]) -> Any:
    named = str(scheduler)
    try:
        if "://" in named:
            return distributed.Client(named, timeout=_CONNECT_S)
        if not Path(named).is_file():
            raise InputError(f'scheduler file "{named}": no such file; has the scheduler been started?')
        return distributed.Client(scheduler_file=named, timeout=_CONNECT_S)
    except (OSError, ValueError) as error:
        text = " ".join(str(error).split())
        raise InputError(f'scheduler "{named}": nobody answers there ({text})') from None


def _wait(client: Any, scheduler: str | os.PathLike[str] | None) -> None:
    try:
        client.wait_for_workers(1, timeout=_PATIENCE_S)
    except TimeoutError:
        raise InputError(f'scheduler "{scheduler}" has had no worker for {_PATIENCE_S} s; start some') from None
