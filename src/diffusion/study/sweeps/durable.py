"""Files that survive a killed program, a full disk and a loss of power: whole under their name, or not there."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from diffusion.errors import InputError

_UNDER_WAY = re.compile(r"\.under-way-[0-9a-f]{32}")
_ATTEMPTS = 5


@contextmanager
def durable_file(place: Path) -> Iterator[BinaryIO]:
    """Open a file beside its final place; it moves there when the block ends, and vanishes if the block fails.

    Its bytes are on the disk before it takes its name, and the name is on the disk when this returns.

    Parameters
    ----------
    place : Path
        A file that lies there is replaced.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    file, beside = _under_way(place.parent)
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            os.replace(beside, place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(place.parent)


def _under_way(folder: Path) -> tuple[BinaryIO, Path]:
    """Open a new file that is locked for as long as it is open, so that nobody takes it for a leftover."""
    while True:
        beside = folder / f".under-way-{uuid4().hex}"
        file = beside.open("xb")
        with suppress(OSError):  # file systems without locks: nobody removes leftovers there either
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if beside.exists():
            return file, beside
        file.close()  # taken for a leftover between opening and locking


def remove_leftovers(folder: Path) -> int:
    """Remove what killed programs left under way in a folder and return how many files that were.

    A file that a living program writes is locked, so neither clocks nor process numbers are asked; where the file
    system knows no locks, or nothing may be written, leftovers stay.
    """
    removed = 0
    for path in folder.iterdir():
        if not is_under_way(path.name):
            continue
        with suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
            removed += 1
    return removed


def is_under_way(name: str) -> bool:
    """Whether a name is one that `durable_file` gives to what is not yet complete."""
    return _UNDER_WAY.fullmatch(name) is not None


def write_durably(place: Path, data: bytes) -> None:
    """Write a whole file, as `durable_file` does.

    Where locks do not reach other machines, one of them may remove the file under way; it is then written again.
    """
    for attempt in range(_ATTEMPTS):
        try:
            with durable_file(place) as file:
                file.write(data)
        except FileNotFoundError:
            if attempt == _ATTEMPTS - 1 or not place.parent.is_dir():
                raise
        else:
            return


def sync_folder(folder: Path) -> None:
    """Put a folder's list of names on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems cannot, and need not
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest(data: bytes) -> str:
    """Return 32 hexadecimal digits (BLAKE2b)."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def file_digest(path: Path) -> str:
    """Return `digest` of a file, read in blocks."""
    found = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            found.update(block)
    return found.hexdigest()


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Turn what the system refuses into the one line of an InputError."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f'"{folder}": the store cannot be written: {error.strerror or error}; what is stored stays, '
            "and the same command goes on from there"
        ) from None
