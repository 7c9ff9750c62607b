"""The text of an experiment file as a table, or one line that says where it is not TOML."""

from __future__ import annotations

import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from diffusion.errors import InputError

_AT = re.compile(r"^(.*?) \(at (?:line (\d+), column (\d+)|end of document)\)$", re.DOTALL)
_MOST_BYTES = 16 * 2**20


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Parameters
    ----------
    path : Path
        A file in UTF-8.

    Raises
    ------
    InputError
        For a file that is missing, a folder, empty, not text or not TOML (with its line and column).
    """
    text = _text(path)
    if not text.strip():
        raise InputError(f"{path}: the file is empty; an experiment needs at least [stories.…]")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: {_toml_text(str(error), text)}") from None
    except RecursionError:
        raise InputError(f"{path}: tables or lists are nested too deeply") from None
    except ValueError as error:  # a whole number of thousands of digits
        raise InputError(f"{path}: {' '.join(str(error).split())}") from None


def nearby(path: Path) -> str:
    """Return a suggestion of a file of almost the same name in the same folder, or nothing."""
    try:
        names = sorted(entry.name for entry in path.parent.iterdir())
    except OSError:
        return ""
    near = get_close_matches(path.name, names, n=1, cutoff=0.6)
    return f'; did you mean "{path.with_name(near[0])}"?' if near else ""


def _text(path: Path) -> str:
    try:
        if path.is_file() and path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{path}: {path.stat().st_size} bytes is too large for an experiment file")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file{nearby(path)}") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder; give an experiment file (TOML)") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise InputError(f"{path!s}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path}: line {line}: byte {raw[error.start]:#04x} is not UTF-8 text; an experiment is a TOML file"
        ) from None


def _toml_text(message: str, text: str) -> str:
    match = _AT.match(message)
    if match is None:
        return " ".join(message.split())
    what = " ".join(match[1].split())
    if match[2] is None:
        return f"at its end (line {len(text.splitlines())}): {what}; is the file complete?"
    line = text.splitlines()[int(match[2]) - 1 : int(match[2])]
    shown = f" in {' '.join(line[0].split())[:60]!r}" if line and line[0].strip() else ""
    return f"line {match[2]}, column {match[3]}: {what}{shown}"
