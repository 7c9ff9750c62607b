"""From an experiment file, with variants and changes, to an `Experiment`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from diffusion.config.changes import (
    SCENARIO_SECTIONS,
    SET,
    Change,
    blamed,
    changed,
    check_sections,
    flatten,
    graph_change,
    last_change,
    with_found_files,
    with_plain_watches,
)
from diffusion.config.schema import ExperimentFile
from diffusion.config.source import read_toml
from diffusion.config.sweep import found_file, sensitivity_table, sweep_from_set, sweep_table
from diffusion.errors import InputError, suggestion
from diffusion.graphs.files import path_of
from diffusion.scenario import Claim, Experiment, Measures, Scenario, Sensitivity, Sweep, Until, check_name
from diffusion.world import is_file
from diffusion.world.messages import Mistake, mistakes

Table = dict[str, Any]

_LEADING_PLACE = re.compile(r"^[^:=\[\s]+")

BASE = "base"
"""The one variant of an experiment that names none."""


class _Reading:
    """An experiment file under way: its path for messages, its folders for graph files, and what was changed."""

    def __init__(self, path: Path, changes: list[Change]) -> None:
        self.path = path
        self.changes = changes
        self.folders = (path.parent, Path())

    def check(
        self, model: type[BaseModel], table: Any, *, above: str = "", variant: str = "", own: Sequence[Change] = ()
    ) -> Any:
        """Make an object from a table, or raise InputError with the file, the variant or option, and the place."""
        try:
            return TypeAdapter(model).validate_python(table)
        except ValidationError as error:
            first, *more = mistakes(error, model)
        line = _under(above, first)
        place = _LEADING_PLACE.match(line)
        rest = f" (and {len(more)} more)" if more else ""
        raise InputError(blamed(self.origin(place[0] if place else "", variant, own), line + rest))

    def origin(self, place: str, variant: str = "", own: Sequence[Change] = ()) -> str:
        """Say who is to blame for the value at a place: the file, one of its variants, or an option."""
        option = last_change(place, self.changes)
        if not variant:
            return option.origin if option else str(self.path)
        return option.origin if option and not last_change(place, own) else f"{self.path}: {variant}"


def _under(above: str, mistake: Mistake) -> str:
    """Return a mistake's line, its place continued upwards by the section that was read."""
    line = mistake.line()
    if not above or (not mistake.place and line.startswith(above)):
        return line
    return f"{above}.{line}" if mistake.place else f"{above}: {line}"


def read_experiment(
    path: str | os.PathLike[str],
    *,
    overrides: Sequence[str] = (),
    graphs: Sequence[str] = (),
    seed: int | None = None,
    replicates: int | None = None,
) -> Experiment:
    """Read an experiment file.

    Parameters
    ----------
    path : path
        A TOML file; `schema` describes it.
    overrides : sequence of str
        ``key=value`` changes of the base, made before the variants' own; the value is TOML, a bare word is a text.
        Several values (``key=1,2,3``) are swept over.
    graphs : sequence of str
        ``PLATFORM=FILE`` or ``PLATFORM=FILE:meaning``: the platform reads its graph from the file. Relative paths are
        taken from the working folder, then from the experiment's folder; those inside the experiment the other way
        round.
    seed, replicates : int, optional
        Instead of the file's.

    Returns
    -------
    Experiment
        Its `notes` say what was assumed.

    Raises
    ------
    InputError
        In one line: the file (or the option), the dotted place, the value, and what would do.
    """
    for name, texts in (("overrides", overrides), ("graphs", graphs)):
        if isinstance(texts, str):
            raise InputError(f'{name} = "{texts}": give a list of texts, such as ["{texts}"]')
    source = path_of("experiment", path)
    tree = with_plain_watches(read_toml(source))
    _check_top(source, tree)
    written = tree.pop("variants", {})
    changes, grid = sweep_from_set(overrides)
    changes += [
        Change(f"run.{key}", value, f"--{key}")
        for key, value in (("seed", seed), ("replicates", replicates))
        if value is not None
    ]
    reading = _Reading(source, changes)
    tree = changed(tree, changes, [key for key in ExperimentFile.model_fields if key != "variants"])
    notes: list[str] = []
    for text in graphs:
        change, note = graph_change(text, tree, reading.folders[::-1])
        tree = changed(tree, [change], ("platforms",))
        changes.append(change)
        notes.append(note)
    if "sweep" in tree or grid:
        tree["sweep"], swept = sweep_table(tree, grid, changes, (source, reading.folders))
        notes += swept
        reading.changes += [Change(f"sweep.grid.{key}", values, SET) for key, values in grid.items()]
    return _experiment(reading, tree, written, notes)


def _check_top(path: Path, tree: Table) -> None:
    known = list(ExperimentFile.model_fields)
    for key in tree:
        if key not in known:
            raise InputError(f"{path}: {key}: unknown key{suggestion(key, known)}")


def _experiment(reading: _Reading, tree: Table, written: Any, notes: list[str]) -> Experiment:
    base_tree = with_found_files(_scenario_table(tree), reading.folders, reading.origin)
    base: Scenario = reading.check(Scenario, base_tree)
    _check_sizes(base, reading.origin)
    own = _variant_changes(reading, written)
    variants = {name: _variant(reading, base_tree, name, changes) for name, changes in own.items()}
    notes += _notes(base, own, reading.changes)
    sweep: Sweep | None = reading.check(Sweep, tree["sweep"], above="sweep") if tree.get("sweep") is not None else None
    notes += [] if sweep is None else _sweep_notes(sweep, base, own)
    header = {
        "name": tree.get("name", reading.path.stem),
        "title": tree.get("title", ""),
        "scenario": base,
        "variants": variants or {BASE: base},
        "changes": {
            name: {change.key: found_file(change, reading.folders) for change in changes}
            for name, changes in own.items()
        }
        or {BASE: {}},
        "measures": reading.check(Measures, tree.get("measures", {}), above="measures"),
        "claim": reading.check(Claim, tree["claim"], above="claim") if "claim" in tree else None,
        "known": tree.get("known", ()),
        "sweep": sweep,
        "until": reading.check(Until, tree["until"], above="until") if "until" in tree else None,
        "sensitivity": _sensitivity(reading, tree) if "sensitivity" in tree else None,
        "notes": tuple(notes),
    }
    experiment: Experiment = reading.check(Experiment, header)
    return experiment


def _sensitivity(reading: _Reading, tree: Table) -> Any:
    table = sensitivity_table(tree, f"{reading.path}: sensitivity")
    return reading.check(Sensitivity, table, above="sensitivity")


def _scenario_table(tree: Table) -> Table:
    return {key: tree[key] for key in SCENARIO_SECTIONS if key in tree}


def _variant_changes(reading: _Reading, written: Any) -> dict[str, list[Change]]:
    if not isinstance(written, dict):
        raise InputError(f"{reading.path}: variants: is not a table; write [variants.NAME]")
    found: dict[str, list[Change]] = {}
    for name, table in written.items():
        where = f"{reading.path}: variants.{name}"
        if not isinstance(table, dict):
            raise InputError(f'{where}: is not a table; write [variants.{name}] and below it "dotted.key" = value')
        try:
            check_name("variants", name)
        except InputError as error:
            raise InputError(f"{reading.path}: {error}") from None
        found[name] = flatten(table, where)
        check_sections(found[name])
    return found


def _variant(reading: _Reading, base: Table, name: str, changes: list[Change]) -> Scenario:
    label = f"variants.{name}"
    tree = changed(base, changes, SCENARIO_SECTIONS)
    tree = with_found_files(tree, reading.folders, lambda place: reading.origin(place, label, changes))
    scenario: Scenario = reading.check(Scenario, tree, variant=label, own=changes)
    _check_sizes(scenario, lambda place: reading.origin(place, label, changes))
    return scenario


def _check_sizes(scenario: Scenario, origin: Callable[[str], str]) -> None:
    """Refuse a generated graph for which `people.count` is too small; who changed the count is to blame."""
    try:
        scenario.check_sizes()
    except InputError as error:
        raise InputError(blamed(origin("people.count"), str(error))) from None


def _notes(base: Scenario, own: dict[str, list[Change]], changes: Sequence[Change]) -> list[str]:
    """Say which settings have no effect: a count or a share of members beside a graph file, an overruled option."""
    notes = []
    files = [name for name, platform in base.platforms.items() if is_file(platform.graph)]
    if (files or base.people.file is not None) and base.people.count is not None:
        whose = [f"the graph of {', '.join(files)}"] * bool(files) + ["people.file"] * (base.people.file is not None)
        notes.append(
            f"people.count = {base.people.count} is not used: everybody in {' and in '.join(whose)} is a person"
        )
    for name in files:
        members = getattr(base.platforms[name], "members", 1.0)
        if members != 1:
            shown = f"{members:g}" if isinstance(members, float) else "a table by age"
            notes.append(f"platforms.{name}.members = {shown} is not used: everybody in the graph is a member")
    for variant, mine in own.items():
        for change in mine:
            option = last_change(change.key, changes)
            if option is not None:
                notes.append(f"variant {variant} keeps its own {change.key}; {option.cited} does not reach it")
    return notes


def _sweep_notes(sweep: Sweep, base: Scenario, own: dict[str, list[Change]]) -> list[str]:
    """Say which swept keys a variant, or a file of persons or links, has settled for itself."""
    swept = [Change(key, None, "sweep") for key in sweep.keys]
    counted = base.people.file is not None or any(is_file(p.graph) for p in base.platforms.values())
    notes = ["sweep: people.count is not used where files say who the persons are; its points differ in nothing"]
    return (notes if counted and "people.count" in sweep.keys else []) + [
        f"variant {variant} keeps its own {change.key}; the sweep does not reach it"
        for variant, mine in own.items()
        for change in mine
        if last_change(change.key, swept) is not None
    ]
