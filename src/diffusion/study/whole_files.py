"""Files that are there as a whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from diffusion.errors import InputError


@contextmanager
def whole_file(place: Path, what: str) -> Iterator[Path]:
    """Open a path beside a file's final place; the file moves there when the block ends, and vanishes if it fails.

    Parameters
    ----------
    place : Path
        A file that lies there is replaced.
    what : str
        What is written, for messages.

    Raises
    ------
    InputError
        If the place is a folder, or nothing can be written there.
    """
    where = f'{what} "{place}"'
    if place.is_dir():
        raise InputError(f"{where} is a folder; give the name of a file")
    if not place.parent.is_dir():
        raise InputError(f'{where}: there is no folder "{place.parent}"; make it first')
    try:
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{place.name}-") as beside:
            path = Path(beside) / place.name
            yield path
            os.replace(path, place)
    except OSError as error:
        raise InputError(f"{where} cannot be written: {error.strerror or error}") from None
