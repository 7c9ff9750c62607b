"""What commands that run something check and say before they do."""

from __future__ import annotations

import os
from pathlib import Path

from diffusion.cli.progress import say
from diffusion.errors import InputError

COMPILING_S = 35
"""About how long the first run on a machine compiles, in seconds."""


def cores() -> int:
    """Return how many cores this program may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check_writable(out: Path) -> None:
    """Refuse a place in which results cannot be written, before anything is run."""
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
