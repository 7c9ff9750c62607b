"""What commands that run something check and say before they do."""

from __future__ import annotations

import os
from pathlib import Path

from diffusion.cli.progress import say
from diffusion.cli.sweeps import Where
from diffusion.errors import InputError

COMPILING_S = 35
"""About how long the first run on a machine compiles, in seconds."""


def cores() -> int:
    """Return how many cores this program may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def where_from(
    threads: int | None,
    dask: tuple[str | None, Path | None, int | None],
    shard: str | None,
    files: tuple[Path, str | None],
) -> Where:
    """Return who does the runs and where they go, from the options; those of Dask are address, file and processes."""
    scheduler, scheduler_file, workers = dask
    names = {
        "--threads": threads,
        "--scheduler": scheduler,
        "--scheduler-file": scheduler_file,
        "--workers": workers,
    }
    given = [name for name, value in names.items() if value is not None]
    if len(given) > 1:
        raise InputError(f"{' and '.join(given)}: give one of them, which says who does the runs")
    if workers is not None and workers < 1:
        raise InputError(f"--workers {workers}: give a whole number >= 1")
    return Where(threads, scheduler or scheduler_file, workers, shard, *files)


def check_before(threads: int | None, out: Path) -> None:
    """Refuse what would fail only after the runs."""
    if threads is not None and threads < 1:
        raise InputError(f"--threads {threads}: give a whole number >= 1")
    there = out.absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        raise InputError(f'--out "{out}": "{there}" is not a folder')
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError(f'--out "{out}": "{there}" cannot be written to; give another folder')


def announce_compiling() -> None:
    """Say that the first run will take a while, where it will."""
    from diffusion._jit import kernels_are_cached

    if not kernels_are_cached():
        say(f"compiling kernels (first run on this machine, about {COMPILING_S} s)…")
