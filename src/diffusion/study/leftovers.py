"""What a killed run leaves in a folder: how it is named, so that only that, and nothing in use, is cleaned up."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from diffusion.study.results import MANIFEST

DRAWING = ".figures-"
"""How the name of a folder begins in which figures are drawn before they appear."""

OLD = ".old"
"""How the name of a folder ends in which older results wait until the new ones have taken their place."""

_LEFTOVER = re.compile(rf"{re.escape(DRAWING)}[a-z0-9_]{{8}}|\.{re.escape(MANIFEST)}-[0-9a-f]{{8}}")
_RUN = re.compile(rf"\.(?P<name>.+)-(?P<host>[0-9a-f]{{8}})-(?P<pid>[0-9]+)-[0-9a-f]{{8}}(?P<old>{re.escape(OLD)})?")
_LONGEST_UNDER_WAY_S = 3600.0


def run_folder(name: str) -> str:
    """Return a new name for the folder in which a run of this process writes the results of that name."""
    return f".{name}-{_host()}-{os.getpid()}-{uuid4().hex[:8]}"


def is_leftover(name: str) -> bool:
    """Whether a name is one that this program gives to what it has under way inside a folder of results."""
    return _LEFTOVER.fullmatch(name) is not None


def remove_old_leftovers(folder: Path) -> None:
    """Remove what a killed program left in a folder; what is younger than an hour may be under way elsewhere."""
    for path in folder.iterdir():
        if is_leftover(path.name) and time.time() - path.lstat().st_mtime > _LONGEST_UNDER_WAY_S:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def remove_dead_runs(out: Path) -> None:
    """Remove what killed runs of this machine left in a folder of folders of results.

    Only folders are removed whose name `run_folder` gave in a process that is no more. Results that a run had moved
    aside when it was killed go back to their place, if that is free.

    Parameters
    ----------
    out : Path
        Where folders of results lie; nothing happens if it is not there.
    """
    if not out.is_dir():
        return
    for path in sorted(out.iterdir()):
        found = _RUN.fullmatch(path.name)
        if found is None or found["host"] != _host() or is_running(int(found["pid"])):
            continue
        with suppress(OSError):  # another run may be cleaning up too
            if found["old"] and not (out / found["name"]).exists():
                os.rename(path, out / found["name"])
            elif path.is_symlink():
                path.unlink()
            else:
                shutil.rmtree(path)


def is_running(pid: int) -> bool:
    """Whether a process of this machine exists; on Windows, where asking could end it, always."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _host() -> str:
    """Return eight signs for where numbers of processes mean the same: several machines may write to one folder."""
    machine = socket.gethostname()
    with suppress(OSError):  # containers of one machine may have its name, and count their processes by themselves
        machine += os.readlink("/proc/self/ns/pid")
    return hashlib.sha256(machine.encode()).hexdigest()[:8]
