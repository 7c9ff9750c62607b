"""One number for everything that a run returns."""

import hashlib
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from diffusion.outcome import Outcome


def digest(outcome: Outcome) -> str:
    """A hash of all columns (types, shapes, bytes), names, coverage and tallies; not of what was asked."""
    found = hashlib.blake2b(digest_size=16)
    for name in (field.name for field in fields(outcome) if field.name not in ("scenario", "provenance", "record")):
        _add(found, name, getattr(outcome, name))
    return found.hexdigest()


def _add(found: Any, name: str, value: Any) -> None:
    found.update(name.encode())
    if isinstance(value, np.ndarray):
        found.update(f"{value.dtype} {value.shape}".encode())
        found.update(value.tobytes())
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            _add(found, field.name, getattr(value, field.name))
    elif isinstance(value, tuple):
        for at, item in enumerate(value):
            _add(found, str(at), item)
    else:
        found.update(repr(value).encode())
