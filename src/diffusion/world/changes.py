"""Changes of what a person wrote, by dotted keys."""

from __future__ import annotations

from typing import Any

from diffusion.errors import InputError


def apply_changes(tree: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a nested table in which the values at dotted keys are replaced.

    ``*`` as one part stands for every name at that place: ``{"outlets.*.active": False}``.
    """
    result = _copy(tree)
    for key, value in changes.items():
        _set(result, key.split("."), value, key)
    return result


_INSTEAD = {"every": "bulletins", "bulletins": "every"}
"""Keys of which one takes the other's place."""


def _copy(value: Any) -> Any:
    return {k: _copy(v) for k, v in value.items()} if isinstance(value, dict) else value


def _set(tree: dict[str, Any], parts: list[str], value: Any, key: str) -> None:
    head, rest = parts[0], parts[1:]
    if head == "*":
        if not tree:
            raise InputError(f'"{key}": "*" stands for nothing there')
        for name in tree:
            _set(tree, [name, *rest], value, key)
        return
    if not rest:
        tree[head] = _copy(value)
        if head in _INSTEAD:
            tree.pop(_INSTEAD[head], None)
        return
    if head not in tree:
        tree[head] = {}
    if not isinstance(tree[head], dict):
        raise InputError(f'"{key}": "{head}" is a value, not a table')
    _set(tree[head], rest, value, key)
