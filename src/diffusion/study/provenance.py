"""Where numbers come from: versions, the machine, and the state of the folder in which they were asked for."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path
from platform import processor, python_version, system
from typing import Any

_GIT_SECONDS = 10.0
PACKAGES = ("diffusion", "numpy", "numba", "llvmlite", "pyarrow")


def provenance(folder: Path | None = None) -> dict[str, Any]:
    """Return what a result depends on, or might, besides the experiment.

    Parameters
    ----------
    folder : Path, optional
        Whose state in git is noted; by default the one that the program works in.

    Returns
    -------
    dict
        ``versions`` (of Python and packages), ``machine`` (processor, cores, system) and, where the folder is
        under git, ``git`` (`commit`, and how many files were `changed` since).
    """
    found = {"versions": versions(), "machine": machine()}
    state = git_state(folder or Path.cwd())
    return found if state is None else {**found, "git": state}


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that numbers depend on."""
    return {"python": python_version()} | {name: version(name) for name in PACKAGES}


def git_state(folder: Path) -> dict[str, Any] | None:
    """Return the commit of a folder and how many files differ from it; None where there is no git, or no commit."""
    commit = _git(folder, "rev-parse", "HEAD")
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    if commit is None or changed is None:
        return None
    return {"commit": commit, "changed": len(changed.splitlines())}


def _git(folder: Path, *command: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *command],
            capture_output=True,
            timeout=_GIT_SECONDS,
            text=True,
            check=True,
            env=os.environ | {"GIT_OPTIONAL_LOCKS": "0"},
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return done.stdout.strip()


@cache
def machine() -> dict[str, Any]:
    """Return what is known of the machine: processor, cores, system."""
    return {"processor": _processor(), "cores": os.cpu_count() or 1, "system": system()}


def _processor() -> str:
    """Return the name of the processor, which Python knows only on some systems."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            named = next((line for line in file if line.startswith("model name")), "")
    except OSError:
        named = ""
    return " ".join(named.partition(":")[2].split()) or processor() or "unknown"
