"""A program that works on a store and is hit while it does; started by test_sweep_faults.py as a process of its own.

    python sweep_faults.py steps FOLDER          killed before its 1st, 2nd, 3rd … change of the file system
    python sweep_faults.py moments FOLDER N      killed at N moments
    python sweep_faults.py together FOLDER       two add, a third joins parts and reads
    python sweep_faults.py full FOLDER BYTES     no file may grow beyond BYTES
    python sweep_faults.py readonly FOLDER       without the right to write

Every attempt is a fork of this process, which has loaded everything and not yet used any thread.
"""

import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from diffusion.errors import InputError
from diffusion.study.sweeps import SweepResults
from sweep_stores import index, key, opened, row, rows

CHUNKS = (range(0, 5), range(5, 8), range(8, 24))
NOBODY = 65534
CHANGES = {"os.rename", "os.remove", "os.mkdir"}


def sweep(folder: Path, told: Callable[[str], object]) -> None:
    """Run a small sweep, then a larger one of the same name; tell what is done."""
    store = opened(folder)
    for points, chunks in ((1, CHUNKS[:2]), (3, CHUNKS[2:])):
        for chunk in chunks:
            store.add(rows(*chunk))
            told(f"added {chunk.start} {chunk.stop}")
        store.compact(full=12)
        store.finish(index(points, 4))
        told(f"finished {points}")


def teller(place: Path) -> Callable[[str], object]:
    descriptor = os.open(place, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    return lambda line: os.write(descriptor, f"{line}\n".encode())


def forked(work: Callable[[], object]) -> int:
    """Start work in a fork and return its process number; it exits with 3 if the work raises."""
    child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        os._exit(3)
    os._exit(0)


def ended(child: int) -> int:
    """Wait; return the exit code, or minus the signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(step: int, folder: Path) -> None:
    """Kill this process just before the step-th time that it changes something in the folder."""
    left = step

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and any(mode in str(arguments[1]) for mode in "wxa")
        if (writes or event in CHANGES) and str(folder) in str(arguments[0]):
            count()

    true_sync = os.fsync

    def sync(descriptor: int) -> None:
        count()
        true_sync(descriptor)

    sys.addaudithook(hook)
    os.fsync = sync


def steps(folder: Path) -> None:
    for step in range(1, 1000):

        def work(step: int = step) -> None:
            told = teller(folder / f"{step}.told")
            killed_at(step, folder / str(step))
            sweep(folder / str(step), told)

        code = ended(forked(work))
        if code == 0:
            return
        assert code == -signal.SIGKILL, code


def moments(folder: Path, n: int) -> None:
    begin = time.monotonic()
    assert ended(forked(lambda: sweep(folder / "undisturbed", lambda line: None))) == 0
    longest = time.monotonic() - begin
    for number, share in enumerate(np.random.default_rng(1).random(n)):
        child = forked(lambda number=number: sweep(folder / str(number), teller(folder / f"{number}.told")))
        time.sleep(longest * share)
        os.kill(child, signal.SIGKILL)
        assert ended(child) in (0, -signal.SIGKILL)


def together(folder: Path) -> None:
    def adding(first: int, stop: int) -> None:
        store = opened(folder)
        for start in range(first, stop, 3):
            store.add([row(number, seconds=first) for number in range(start, start + 3)])

    def joining() -> None:
        store, seen = opened(folder), set[str]()
        while len(seen) < 120:
            store.compact(full=30)
            now = store.finished()
            assert seen <= now, "runs went away"
            seen = now

    opened(folder)
    children = [forked(lambda: adding(0, 90)), forked(lambda: adding(30, 120)), forked(joining), forked(joining)]
    codes = [ended(child) for child in children]
    assert codes == [0, 0, 0, 0], codes


def full(folder: Path, size: int) -> None:
    """The first sweep is there; then no file may grow beyond `size` bytes."""
    sweep(folder, lambda line: None)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    store = opened(folder)
    try:
        store.add(rows(*range(100, 140)))
        store.finish(index(3, 4))
    except InputError as error:
        print(error)
    assert len(store.finished()) >= 24
    assert SweepResults.open(folder).n_runs == 24


def readonly(folder: Path) -> None:
    sweep(folder, lambda line: None)
    broken = min((folder / "parts").glob("*.parquet"))
    broken.rename(broken.with_name(f"{key(1)}.parquet"))
    for path in (folder, folder / "parts"):
        path.chmod(0o555)
    if os.geteuid() == 0:
        os.setuid(NOBODY)
    store = opened(folder)
    print(0 < len(store.finished()) < 24, store.damaged)
    for work in (lambda: store.add(rows(30)), lambda: store.finish(index(3, 4)), lambda: opened(folder / "new")):
        try:
            work()
        except InputError as error:
            print(error)
    print(SweepResults.open(folder).n_runs)


if __name__ == "__main__":
    mode, where, *more = sys.argv[1:]
    {"steps": steps, "moments": moments, "together": together, "full": full, "readonly": readonly}[mode](
        Path(where), *map(int, more)
    )
