"""Sweeps as people write them: the table `[sweep]`, and `--set` with several values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from diffusion.config.changes import (
    SCENARIO_SECTIONS,
    SET,
    Change,
    blamed,
    find_file,
    flatten,
    read_set,
    toml_value,
)
from diffusion.config.keys import forms, is_word, takes_list, takes_lists_in_list
from diffusion.design import SPACINGS
from diffusion.design.sensitivity import JOINED
from diffusion.errors import InputError
from diffusion.world.changes import check_key
from diffusion.world.messages import value_text

Table = dict[str, Any]

_CALL = re.compile(rf"^({'|'.join(SPACINGS)})\s*\((.*)\)$", re.DOTALL)
_OPENING, _CLOSING = "[{(", "]})"


# --- from the command line -------------------------------------------------------------------------------------------


def sweep_from_set(texts: Iterable[str]) -> tuple[list[Change], dict[str, Any]]:
    """Tell changes from sweeps among ``key=value`` texts.

    Parameters
    ----------
    texts : iterable of str
        ``key=v1,v2`` and ``key=[v1, v2]`` (where the key takes no list) are values to sweep over, as are
        ``key=linspace(0, 1, 5)`` and ``key=logspace(1, 100, 3)``; anything else changes the key. A text with commas
        that is one value stands in quotes.

    Returns
    -------
    changes : list of Change
    grid : dict
        Key -> what the key of a grid takes.
    """
    changes: list[Change] = []
    grid: dict[str, Any] = {}
    for text in texts:
        key, _, value = (part.strip() for part in text.partition("="))
        several = _several(key, value)
        if several is None:
            changes += read_set(text)
            grid.pop(key, None)
        else:
            grid[key] = several
    return changes, grid


def _several(key: str, text: str) -> Any:
    """Return the values that a text lists for a key, or None if it is one value."""
    if key.partition(".")[0] not in SCENARIO_SECTIONS:
        return None
    call = _CALL.match(text)
    if call:
        return {call[1]: [toml_value(part) for part in _parts(call[2])]}
    value = toml_value(text)
    if isinstance(value, dict) and len(value) == 1 and set(value) <= set(SPACINGS):
        return value
    if isinstance(value, list):
        return value if _lists_values(key, value) else None
    parts = _parts(text)
    if value != text or len(parts) < 2 or is_word(_forms(key), text):  # read as TOML, or a word that has a comma
        return None
    if "" in parts:
        raise InputError(f"{SET} {key}: nothing stands between two commas of {value_text(text)}")
    return [toml_value(part) for part in parts]


def _forms(key: str) -> list[Table]:
    try:
        return forms(key)
    except InputError as error:
        raise InputError(blamed(SET, str(error))) from None


def _lists_values(key: str, value: list[Any]) -> bool:
    """Whether a list holds values of a key, rather than being its value."""
    found = _forms(key)
    if not takes_list(found):
        return True
    return bool(value) and all(isinstance(v, list) for v in value) and not takes_lists_in_list(found)


def _parts(text: str) -> list[str]:
    """Split a text at the commas that stand outside of quotes and brackets."""
    parts, depth, quote = [""], 0, ""
    for sign in text:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        depth += 0 if quote else (sign in _OPENING) - (sign in _CLOSING)
        if sign == "," and depth == 0 and not quote:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


# --- from a file -----------------------------------------------------------------------------------------------------


def sweep_table(
    tree: Table, grid: Table, options: Iterable[Change], place: tuple[Path, tuple[Path, ...]]
) -> tuple[Table | None, list[str]]:
    """Return the table of a sweep with dotted keys and found files, or None where nothing is swept, and notes.

    Parameters
    ----------
    tree : dict
        The experiment's table; its `sweep` is read.
    grid : dict
        Values from the command line; they stand in for those of the file.
    options : iterable of Change
        Keys that are set to one value, which takes them out of the file's sweep.
    place : (Path, tuple of Path)
        The file, and the folders in which files are looked for.

    Raises
    ------
    InputError
        For a key that the experiment does not have, or a file that is not there.
    """
    path, folders = place
    written = tree.get("sweep", {})
    if not isinstance(written, dict):
        raise InputError(f"{path}: sweep: is not a table; write [sweep.grid]")
    table, notes = dict(written), []
    settled = {change.key: change for change in options}
    for name in ("grid", "zip", "sample"):
        part = table.get(name)
        home = part.get("of") if name == "sample" and isinstance(part, dict) else part
        if not isinstance(home, dict) or not isinstance(part, dict):
            continue
        swept = _swept(home, f"{path}: sweep.{name}", tree, folders)
        kept = {key: values for key, values in swept.items() if key not in settled and key not in grid}
        notes += [f"{settled[k].cited} stands in for the values of the sweep" for k in swept if k in settled]
        if home and not kept:
            del table[name]
        else:
            table[name] = {**part, "of": kept} if name == "sample" else kept
    if grid:
        table["grid"] = {**table.get("grid", {}), **_swept(grid, SET, tree, folders)}
    return (table if table or not written else None), notes


def sensitivity_table(tree: Table, origin: str) -> Any:
    """Return the table `[sensitivity]` with dotted keys in `of`, each checked to be one of the experiment.

    Parameters
    ----------
    tree : dict
        The experiment's table.
    origin : str
        The file and the section, for messages.
    """
    table = tree["sensitivity"]
    if not isinstance(table, dict) or not isinstance(table.get("of", {}), dict):
        return table
    laws = {change.key: change.value for change in flatten(table.get("of", {}), f"{origin}.of")}
    for name in laws:
        for key in name.split(JOINED):
            try:
                check_key(tree, key, SCENARIO_SECTIONS)
            except InputError as error:
                raise InputError(blamed(f"{origin}.of", str(error))) from None
    return {**table, "of": laws}


def _swept(home: Table, origin: str, tree: Table, folders: tuple[Path, ...]) -> Table:
    """Return the dotted keys of a table and their values, files found."""
    own = {}
    for change in flatten(home, origin):
        try:
            check_key(tree, change.key, SCENARIO_SECTIONS)
            forms(change.key)
        except InputError as error:
            raise InputError(blamed(origin, str(error))) from None
        own[change.key] = _found_values(change, folders)
    return own


def _found_values(change: Change, folders: tuple[Path, ...]) -> Any:
    """Return the values of a key, with the path of every file that they name."""
    value = change.value
    if isinstance(value, list):
        return [found_file(Change(change.key, one, change.origin), folders) for one in value]
    if isinstance(value, dict) and isinstance(value.get("values"), list):
        return {**value, "values": _found_values(Change(change.key, value["values"], change.origin), folders)}
    return value


def found_file(change: Change, folders: tuple[Path, ...]) -> Any:
    """Return what a change writes, with the path at which a file of persons or of a graph was found."""
    value = change.value
    if _names_file(change.key) and isinstance(value, str):
        return find_file(value, folders, change.cited)
    if _names_file(f"{change.key}.file") and isinstance(value, dict) and isinstance(value.get("file"), str):
        return {**value, "file": find_file(value["file"], folders, change.cited)}
    return value


def _names_file(key: str) -> bool:
    parts = key.split(".")
    return parts == ["people", "file"] or (parts[0] == "platforms" and parts[2:] == ["graph", "file"])
