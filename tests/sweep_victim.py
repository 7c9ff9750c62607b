"""A program that runs a sweep and keeps a diary of what it is doing, so that it can be killed in the middle of it.

python sweep_victim.py FILE OUT DIARY THREADS: bytes of DIARY say how many kernels, writes and renames are under way;
DIARY.runs has a line per run ("run KEY") and per chunk ("chunk KEY KEY …") that was begun.
"""

import mmap
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from diffusion import read_experiment
from diffusion.study.sweeps import crews, durable, run, work

PHASES = ("kernel", "write", "rename")
LINGER_S = 0.004
"""So long every phase lasts at least, or no kill would ever land in a rename."""


class Diary:
    """What is under way, in memory that outlives the program; what was begun, in a file."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(bytes(len(PHASES)))
        with path.open("r+b") as file:
            self.now = mmap.mmap(file.fileno(), len(PHASES))
        self.lines = os.open(f"{path}.runs", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.one = threading.Lock()

    def note(self, *words: str) -> None:
        os.write(self.lines, (" ".join(words) + "\n").encode())

    @contextmanager
    def during(self, phase: str) -> Iterator[None]:
        at = PHASES.index(phase)
        with self.one:
            self.now[at] += 1
        try:
            time.sleep(LINGER_S)
            yield
            time.sleep(LINGER_S)
        finally:
            with self.one:
                self.now[at] -= 1

    def around(self, home: Any, name: str, phase: str, before: Callable[..., None] | None = None) -> None:
        """Have a function of a module keep the diary."""
        own = getattr(home, name)

        def told(*args: Any, **keys: Any) -> Any:
            if before is not None:
                before(*args)
            with self.during(phase):
                return own(*args, **keys)

        setattr(home, name, told)


def main(file: str, out: str, path: str, threads: str) -> None:
    diary = Diary(Path(path))
    diary.around(work, "_row", "kernel", lambda chunk, task, *_: diary.note("run", task.run))
    diary.around(durable.os, "fsync", "write")
    diary.around(durable.os, "replace", "rename")
    own = crews.run_chunk

    def chunk(given: work.Chunk, *rest: Any) -> work.Done:
        diary.note("chunk", *(task.run for task in given.tasks))
        return own(given, *rest)

    run.thread_crew = lambda n: crews.thread_crew(n, chunk)  # type: ignore[attr-defined]
    run._Pace.size = lambda *_: 3  # type: ignore[assignment]
    run.run_sweep(read_experiment(file), out=out, threads=int(threads))


if __name__ == "__main__":
    main(*sys.argv[1:])
