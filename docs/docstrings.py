"""What Sphinx needs to read this project's docstrings: shared entries, short signatures, no listed tuple fields."""

from __future__ import annotations

import re
from typing import Any

_SHARED = re.compile(r"^(\w+(?:, \w+)+) : (.*)$")
_COMMA = re.compile(r", (?![^(]*\))")
_ARRAY = re.compile(r"~?(?:numpy\.)?ndarray\[tuple\[~?(?:typing\.)?Any, \.\.\.\], ~?(?:numpy\.)?dtype\[~?([\w.]+)\]\]")
_ARRAY_LIKE = re.compile(r"~?[\w.]*_Buffer \|.*?~?[\w.]*_NestedSequence\[complex \| bytes \| str\]")


def split_shared(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Give every name of ``a, b : float, str`` in a class's attributes an entry with its own type."""
    if what in ("property", "attribute", "data") and lines:
        lines.insert(0, "\\")  # napoleon takes what stands before a colon in the first line for a type
    if what not in ("class", "exception"):
        return
    split: list[str] = []
    at = 0
    while at < len(lines):
        found = _SHARED.match(lines[at])
        below = at + 1
        while below < len(lines) and lines[below].startswith("    "):
            below += 1
        if found is None:
            split.append(lines[at])
            at += 1
            continue
        names, types = found[1].split(", "), _COMMA.split(found[2])
        own = types if len(types) == len(names) else [found[2]] * len(names)
        for one, kind in zip(names, own, strict=True):
            split += [f"{one} : {kind}", *lines[at + 1 : below]]
        at = below
    lines[:] = split


def short_signature(
    app: Any, what: str, name: str, obj: Any, options: Any, signature: str | None, returned: str | None
) -> tuple[str | None, str | None]:
    """Write array types as numpy does; show none for what is written as keys or only ever returned."""
    if what == "class" and "Attributes\n" in (obj.__doc__ or ""):
        return "", None
    return _short(signature), _short(returned)


def _short(text: str | None) -> str | None:
    if text is None:
        return None
    return _ARRAY_LIKE.sub("ArrayLike", _ARRAY.sub(r"NDArray[\1]", text))


def skip(app: Any, what: str, name: str, obj: Any, skipped: bool, options: Any) -> bool | None:
    """Leave out the fields of named tuples, which their class describes."""
    return True if (getattr(obj, "__doc__", None) or "").startswith("Alias for field number") else None


def setup(app: Any) -> dict[str, bool]:
    """Connect the three, the first one before napoleon reads the docstring."""
    app.connect("autodoc-process-docstring", split_shared, priority=400)
    app.connect("autodoc-process-signature", short_signature)
    app.connect("autodoc-skip-member", skip)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
