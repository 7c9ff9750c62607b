"""Changes that multiply what a scenario says, whatever its keys hold: numbers, quantities with units, laws, lists."""

from __future__ import annotations

import math
from typing import Any

from diffusion.errors import InputError, suggestion
from diffusion.scenario import Scenario
from diffusion.world.messages import value_text


def scaled(scenario: Scenario, keys: tuple[str, ...], factor: float, *, most: float = math.inf) -> dict[str, Any]:
    """Return the changes that multiply the values of some keys.

    Parameters
    ----------
    scenario : Scenario
    keys : tuple of str
        Dotted; ``*`` stands for every name at its place that has such a value.
    factor : float
        Of a law the quantities are multiplied, not its shape; whole numbers stay whole, and at least 1.
    most : float
        No number becomes larger (1 for shares).

    Returns
    -------
    dict
        Dotted key without ``*`` -> value.

    Raises
    ------
    InputError
        For a key that the scenario does not have, and for a value that cannot be multiplied.
    """
    return multiplied(scenario.model_dump(mode="json"), keys, factor, most=most)


def multiplied(tree: dict[str, Any], keys: tuple[str, ...], factor: float, *, most: float = math.inf) -> dict[str, Any]:
    """Return the changes that multiply the values of some keys in a scenario's table; see `scaled`."""
    return {place: _times(place, value, factor, most) for key in keys for place, value in places(tree, key)}


def places(tree: dict[str, Any], dotted: str) -> list[tuple[str, Any]]:
    """Return every place that a dotted key stands for, with its value; places without a value are left out."""
    found: list[tuple[str, Any]] = [("", tree)]
    for part in dotted.split("."):
        above = found
        found = [
            (f"{place}.{name}".lstrip("."), table[name])
            for place, table in above
            if isinstance(table, dict)
            for name in (table if part == "*" else [part])
            if table.get(name) is not None
        ]
        if not found:
            known = {name for _, table in above if isinstance(table, dict) for name in table}
            raise InputError(f'{dotted}: the experiment has no "{part}" there{suggestion(part, known)}')
    return found


def _times(place: str, value: Any, factor: float, most: float) -> Any:
    if isinstance(value, bool):
        raise InputError(f"{place} = {value_text(value)} cannot be multiplied")
    if isinstance(value, int):
        return max(1, round(min(most, value * factor)))
    if isinstance(value, float):
        return min(most, value * factor)
    if isinstance(value, list):
        return [_times(place, item, factor, most) for item in value]
    if isinstance(value, dict):
        return {
            name: _times(place, item, factor, most) if isinstance(item, str | list) and name != "law" else item
            for name, item in value.items()
        }
    for unit in (" s", "/s"):
        if str(value).endswith(unit):
            return f"{factor * float(str(value).removesuffix(unit))!r}{unit}"
    raise InputError(f"{place} = {value_text(value)} cannot be multiplied")
