"""Changes of an experiment: dotted keys in variants and on the command line, and graphs given by hand."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diffusion.config.source import nearby
from diffusion.errors import InputError, suggestion
from diffusion.graphs.meaning import MEANINGS
from diffusion.graphs.storage import is_stored
from diffusion.scenario import Scenario, apply_changes
from diffusion.world.changes import NAMED, check_key
from diffusion.world.messages import value_text

Table = dict[str, Any]

_BARE_FRACTION = re.compile(r"^[+-]?\.\d+([eE][+-]?\d+)?$")
"""".5" is no TOML, but what else could it mean?"""


@dataclass(frozen=True, slots=True)
class Change:
    """One changed key: what was written and where it was written (a variant, or an option of the command line)."""

    key: str
    value: Any
    origin: str

    @property
    def cited(self) -> str:
        """How a message cites it: ``--set run.seed``, ``x.toml: variants.social: run.seed``."""
        return f"{self.origin}{_after(self.origin)}{self.key}"


SET = "--set"


def _after(origin: str) -> str:
    return " " if origin == SET else ": "


def blamed(origin: str, line: str) -> str:
    """Join where something was written and what is wrong with it."""
    return f"{origin}{_after(origin)}{line}"


def read_set(text: str) -> list[Change]:
    """Read ``key=value``; the value is TOML, and a text where it is no TOML (``20 min``)."""
    key, equals, value = text.partition("=")
    key = key.strip()
    if not equals or not key:
        raise InputError(f'--set "{text}": write key=value, such as --set people.count=1000')
    return flatten({key: toml_value(value.strip())}, SET)


def toml_value(text: str) -> Any:
    """Read a value as TOML, or as a text where it is no TOML (``20 min``)."""
    try:
        table = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return float(text) if _BARE_FRACTION.match(text) else text
    return table["value"] if set(table) == {"value"} else text


def flatten(table: Table, origin: str) -> list[Change]:
    """Turn dotted keys and nested tables into changes; a table that is itself a value (a law) stays whole."""
    changes: list[Change] = []
    _flatten(table, (), origin, changes)
    return changes


def _flatten(table: Table, above: tuple[str, ...], origin: str, changes: list[Change]) -> None:
    for key, value in table.items():
        parts = (*above, *key.split("."))
        if "" in parts:
            raise InputError(blamed(origin, f'"{".".join(parts)}" is not a key; write names with dots between them'))
        if isinstance(value, dict) and _is_section(parts, value):
            _flatten(value, parts, origin, changes)
        else:
            changes.append(Change(".".join(parts), value, origin))


def _is_section(parts: tuple[str, ...], value: Table) -> bool:
    """Whether a table at this place changes keys inside, rather than being the new value.

    A graph that names its file or generator is new as a whole: the keys of the old one do not fit it.
    """
    if len(parts) == 1:
        return True
    if parts[0] in NAMED and len(parts) == 2:
        return True
    return parts[0] == "platforms" and parts[2:] == ("graph",) and not {"file", "generator"} & set(value)


def changed(tree: Table, changes: Iterable[Change], sections: Iterable[str]) -> Table:
    """Return the table with changes made in their order.

    Parameters
    ----------
    tree : dict
        The experiment's table as read.
    changes : iterable of Change
    sections : iterable of str
        The first keys that may be changed.

    Raises
    ------
    InputError
        For a section, or the name of a platform, outlet, official or story, that is not there.
    """
    known = tuple(sections)
    for change in changes:
        try:
            check_key(tree, change.key, known)
            tree = apply_changes(tree, {change.key: change.value})
        except InputError as error:
            raise InputError(blamed(change.origin, str(error))) from None
    return tree


def last_change(place: str, changes: Iterable[Change]) -> Change | None:
    """Return the last change that made the value at a dotted place, or None if it is as in the file."""
    theirs = place.split(".")
    found = None
    for change in changes:
        mine = change.key.split(".")
        made_here = len(mine) <= len(theirs) or len(theirs) > (2 if theirs[0] in NAMED else 1)
        if made_here and all(a in ("*", b) for a, b in zip(mine, theirs, strict=False)):
            found = change
    return found


def with_plain_watches(tree: Table) -> Table:
    """Return the table with ``watches = { twitter = 5e-4 }`` written out, so that keys below can be changed."""
    outlets = tree.get("outlets")
    if not isinstance(outlets, dict):
        return tree
    written: Table = {}
    for name, outlet in outlets.items():
        watches = outlet.get("watches") if isinstance(outlet, dict) else None
        if isinstance(watches, dict):
            full = {key: {"share": value} if _is_share(value) else value for key, value in watches.items()}
            written[name] = {**outlet, "watches": full}
    return {**tree, "outlets": {**outlets, **written}}


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def check_sections(changes: Iterable[Change]) -> None:
    """Raise InputError for a variant's change of what variants share: seed and replicates pair them."""
    for change in changes:
        if change.key in ("run.seed", "run.replicates"):
            raise InputError(
                f"{change.cited}: variants share seed and replicates, for they are compared replicate "
                "by replicate; set it under [run]"
            )


SCENARIO_SECTIONS = tuple(Scenario.model_fields)


# --- graph files -----------------------------------------------------------------------------------------------------


def graph_change(text: str, tree: Table, folders: tuple[Path, ...]) -> tuple[Change, str]:
    """Read ``PLATFORM=FILE`` or ``PLATFORM=FILE:meaning`` and return the change and a note on what was assumed.

    Parameters
    ----------
    text : str
        As on the command line.
    tree : dict
        The experiment's table.
    folders : tuple of Path
        Where relative paths are looked for, in this order.
    """
    name, equals, file = text.partition("=")
    name, origin = name.strip(), f'--graph "{text}"'
    if not equals or not name or not file.strip():
        raise InputError(f"{origin}: write PLATFORM=FILE or PLATFORM=FILE:meaning")
    platforms = tree.get("platforms", {})
    platform = platforms.get(name) if isinstance(platforms, dict) else None
    if not isinstance(platform, dict):
        raise InputError(f'{origin}: there is no platform "{name}"{suggestion(name, platforms)}')
    before = platform.get("graph")
    before = before if isinstance(before, dict) and "file" in before else {}
    if platform.get("kind") == "group":
        columns = {key: before[key] for key in ("person", "group") if key in before}
        value = {"file": find_file(file.strip(), folders, origin), **columns}
        return Change(f"platforms.{name}.graph", value, origin), f"{name}: {file.strip()} says who is in which group"
    path, meaning = _split_meaning(file.strip(), origin)
    found = find_file(path, folders, origin)
    if is_stored(Path(found)):
        value = {"file": found} if meaning is None else {"file": found, "meaning": meaning}
        return Change(f"platforms.{name}.graph", value, origin), f"{name}: {path} is a stored graph"
    said = "as the option says"
    if meaning is None:
        said = "as in the experiment" if "meaning" in before else "assumed; say otherwise with FILE:meaning"
        meaning = before.get(
            "meaning", "mutual" if platform.get("kind") in ("contact", "friend") else "follower,followed"
        )
    columns = {key: before[key] for key in ("weight", "since", "until", "clock") if key in before}
    value = {"file": found, "meaning": meaning, **columns}
    return Change(f"platforms.{name}.graph", value, origin), f'{name}: {path} is read as "{meaning}" ({said})'


def _split_meaning(text: str, origin: str) -> tuple[str, str | None]:
    path, colon, meaning = text.rpartition(":")
    if not colon or Path(text).exists():
        return text, None
    if meaning in MEANINGS:
        return path, meaning
    if "/" in meaning or "." in meaning:  # a colon inside a path
        return text, None
    raise InputError(f'{origin}: "{meaning}" does not say who follows whom{suggestion(meaning, MEANINGS)}')


def find_file(file: str, folders: tuple[Path, ...], origin: str) -> str:
    """Return the absolute path of a graph or people file, looked for in several folders if it is relative.

    Absolute, so that no later look-up of a variant finds another file of the same name.
    """
    candidates = [Path(file)] if Path(file).is_absolute() else [folder / file for folder in folders]
    try:
        found = next((path for path in candidates if path.exists()), None)
    except (OSError, ValueError) as error:
        raise InputError(f'{origin}: "{file}" is not the name of a file ({error})') from None
    if found is not None:
        return str(found.absolute())
    near = next((text for text in map(nearby, candidates) if text), "")
    looked = " and ".join(dict.fromkeys(f'"{path.parent}"' for path in candidates))
    raise InputError(f'{origin}: "{file}": no such file (looked in {looked}){near}')


def with_found_files(tree: Table, folders: tuple[Path, ...], origin: Callable[[str], str]) -> Table:
    """Return the table in which every file of persons or of a graph is the path where it was found."""

    def found_in(table: Table, place: str) -> Table:
        return {**table, "file": find_file(table["file"], folders, blamed(origin(place), place))}

    people, platforms = tree.get("people"), tree.get("platforms")
    if isinstance(people, dict) and isinstance(people.get("file"), str):
        tree = {**tree, "people": found_in(people, "people.file")}
    if not isinstance(platforms, dict):
        return tree
    found: Table = {}
    for name, platform in platforms.items():
        graph = platform.get("graph") if isinstance(platform, dict) else None
        if isinstance(graph, dict) and isinstance(graph.get("file"), str):
            found[name] = {**platform, "graph": found_in(graph, f"platforms.{name}.graph.file")}
            if platform.get("kind") != "group":
                _check_says_direction(f"platforms.{name}.graph", found[name]["graph"], origin)
    return {**tree, "platforms": {**platforms, **found}} if found else tree


def _check_says_direction(place: str, graph: Table, origin: Callable[[str], str]) -> None:
    fault = direction_fault(place, graph)
    if fault is not None:
        raise InputError(blamed(origin(fault[0]), fault[1]))


def direction_fault(place: str, graph: Table) -> tuple[str, str] | None:
    """Return the place and a message if a list does not say what its rows mean, or a stored graph, which knows, does.

    Parameters
    ----------
    place : str
        Where the graph stands in the experiment.
    graph : dict
        `file`, and what else is said of it.
    """
    if not is_stored(Path(graph["file"])):
        choices = ", ".join(f'"{meaning}"' for meaning in MEANINGS)
        return None if "meaning" in graph else (place, f"{place}.meaning: is missing; give one of {choices}")
    key = next((key for key in ("meaning", "weight", "since", "until", "clock") if key in graph), None)
    if key is None:
        return None
    where, known = f"{place}.{key}", "is a stored graph, which knows its directions and columns"
    return where, f'{where} = {value_text(graph[key])}: "{graph["file"]}" {known}; leave {key} out'
