"""Changes of what a person wrote, by dotted keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from diffusion.errors import InputError, suggestion

NAMED = ("roles", "platforms", "outlets", "officials", "stories")
"""Sections whose second key is a name that somebody chose."""


def check_key(tree: dict[str, Any], key: str, sections: Iterable[str]) -> None:
    """Raise InputError unless a dotted key begins with a section, and a name, that is there.

    Parameters
    ----------
    tree : dict
        What is changed.
    key : str
        ``*`` stands for every name of a section.
    sections : iterable of str
        The first parts that may be changed.
    """
    parts, known = key.split("."), tuple(sections)
    if parts[0] not in known:
        raise InputError(f'{key}: unknown key "{parts[0]}"{suggestion(parts[0], known)}')
    if "*" in parts[2:] or (parts[1:2] == ["*"] and parts[0] not in NAMED):
        raise InputError(f'{key}: "*" stands for the names under {", ".join(NAMED)} only')
    if parts[0] not in NAMED or len(parts) < 2 or parts[1] == "*":
        return
    names = tree.get(parts[0], {})
    if isinstance(names, dict) and parts[1] not in names:
        raise InputError(f'{key}: there is no "{parts[1]}" under [{parts[0]}]{suggestion(parts[1], names)}')


def apply_changes(tree: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return a nested table in which the values at dotted keys are replaced.

    ``*`` as one part stands for every name at that place: ``{"outlets.*.active": False}``. The given table stays as it
    is; what does not change is shared with it.
    """
    for key, value in changes.items():
        tree = _with(tree, key.split("."), value, key)
    return tree


_INSTEAD = {"every": "bulletins", "bulletins": "every"}
"""Keys of which one takes the other's place."""


def _with(tree: dict[str, Any], parts: list[str], value: Any, key: str) -> dict[str, Any]:
    head, rest = parts[0], parts[1:]
    if head == "*":
        if not tree:
            raise InputError(f'"{key}": "*" stands for nothing there')
        for name in tree:
            tree = _with(tree, [name, *rest], value, key)
        return tree
    if not rest:
        return {k: v for k, v in tree.items() if k != _INSTEAD.get(head)} | {head: value}
    below = tree.get(head, {})
    if not isinstance(below, dict):
        raise InputError(f'"{key}": "{head}" is a value, not a table')
    return tree | {head: _with(below, rest, value, key)}
