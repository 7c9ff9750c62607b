"""What a dotted key of an experiment file may hold, by the format's own schema."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from diffusion.config.schema import schema
from diffusion.errors import InputError, suggestion

Node = dict[str, Any]


@cache
def _format() -> Node:
    return schema()


def _alternatives(node: Node) -> Iterator[Node]:
    """Yield the schemas of which one must fit, references followed."""
    if "$ref" in node:
        yield from _alternatives(_format()["$defs"][node["$ref"].rpartition("/")[2]])
    elif "anyOf" in node or "oneOf" in node:
        for choice in [*node.get("anyOf", ()), *node.get("oneOf", ())]:
            yield from _alternatives(choice)
    else:
        yield node


def forms(key: str) -> list[Node]:
    """Return the schemas of which one must fit the value of a key; an empty one fits everything.

    Parameters
    ----------
    key : str
        With dots; ``*`` stands for any name.

    Raises
    ------
    InputError
        For a key that no experiment file can have.
    """
    here = [_format()]
    for part in key.split("."):
        below: list[Node] = []
        known: set[str] = set()
        for node in here:
            properties = node.get("properties", {})
            known |= set(properties)
            rest = node.get("additionalProperties", not properties and node.get("type", "object") == "object")
            found = properties.get(part, rest)
            if found is not False:
                below += _alternatives(found if isinstance(found, dict) else {})
        if not below:
            raise InputError(f'{key}: unknown key "{part}"{suggestion(part, known)}')
        here = below
    return here


def takes_list(nodes: list[Node]) -> bool:
    """Whether a list may be the value (where everything may, a list may)."""
    return any(not node or node.get("type") == "array" for node in nodes)


def takes_lists_in_list(nodes: list[Node]) -> bool:
    """Whether a list of lists may be the value."""
    items = [item for node in nodes for item in _items(node)]
    return any(not node for node in nodes) or takes_list([a for item in items for a in _alternatives(item)])


def _items(node: Node) -> list[Node]:
    return [*node.get("prefixItems", ()), *([node["items"]] if isinstance(node.get("items"), dict) else [])]


def is_word(nodes: list[Node], text: str) -> bool:
    """Whether a text is one of the words that may be the value."""
    return any(text == node.get("const") or text in node.get("enum", ()) for node in nodes)
