"""Files of figures: all of them appear in a folder, or none."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from diffusion.errors import InputError
from diffusion.figures.style import FORMATS
from diffusion.study.leftovers import DRAWING, remove_old_leftovers


def check_place(folder: Path, formats: Sequence[str]) -> None:
    """Raise InputError for a format that there is not, and for a file in the place of the folder."""
    for suffix in formats:
        if suffix not in FORMATS:
            raise InputError(f'there is no format "{suffix}"; choose among {", ".join(FORMATS)}')
    if folder.exists() and not folder.is_dir():
        raise InputError(f'"{folder}" is a file; give a folder for the figures')


def put(
    folder: Path, write: Callable[[Path], Sequence[Path]], announce: Callable[[list[str]], None] | None = None
) -> list[Path]:
    """Write files beside their place and move them there once all of them are whole.

    Parameters
    ----------
    folder : Path
        Made if it is not there. Files of the same names are replaced.
    write : callable
        Writes files into the folder that it is given, and returns them.
    announce : callable, optional
        Called with their names before they are moved.

    Returns
    -------
    list of Path

    Raises
    ------
    InputError
        Where nothing may be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        remove_old_leftovers(folder)
        with tempfile.TemporaryDirectory(dir=folder, prefix=DRAWING) as under_way:
            files = write(Path(under_way))
            if announce is not None:
                announce([path.name for path in files])
            for path in files:
                os.replace(path, folder / path.name)
    except OSError as error:
        raise InputError(f'"{folder}": figures cannot be written: {error.strerror or error}') from None
    return [folder / path.name for path in files]
