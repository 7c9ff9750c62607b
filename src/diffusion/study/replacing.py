"""What a run is about to replace: stored results of another experiment of the same name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from diffusion.errors import InputError, expected
from diffusion.graphs.files import path_of
from diffusion.scenario import Experiment
from diffusion.study.results import read_manifest
from diffusion.world.messages import value_text

NAMED = 3
"""Keys that the note names."""


def replaces(out: Path, experiment: Experiment) -> str | None:
    """Say what a run will replace, or return None where there is nothing, or results of the same experiment.

    Parameters
    ----------
    out : Path
        Folder in which the folder of results will lie.
    experiment : Experiment
    """
    expected("experiment", experiment, Experiment, "an Experiment, which read_experiment(file) returns")
    folder = path_of("out", out) / experiment.name
    manifest = read_manifest(folder)
    if manifest is None:
        return None
    start, end = f'replaces the results in "{folder}"', "; --out FOLDER keeps both"
    try:
        stored = Experiment.model_validate(manifest.get("experiment"))
    except InputError:
        return f"{start}, which another version stored{end}"
    found = differences(stored, experiment)
    if not found:
        return None
    more = f" (and {len(found) - NAMED} more)" if len(found) > NAMED else ""
    return f"{start}, which had {', '.join(found[:NAMED])}{more}{end}"


def differences(stored: Experiment, now: Experiment) -> list[str]:
    """Return what the stored experiment had otherwise: keys of its base first, then what only variants differ in.

    Returns
    -------
    list of str
        ``key = value``, or ``no key`` where there was none. Empty for experiments that give the same results.
    """
    old, new = (
        dict(_leaves(e.model_dump(mode="json", exclude={"notes", "changes", "written"}))) for e in (stored, now)
    )
    differing = [key for key in {**old, **new} if (key in old, old.get(key)) != (key in new, new.get(key))]
    base = {key.removeprefix("scenario.") for key in differing if not key.startswith("variants.")}
    told = []
    if list(stored.variants) != list(now.variants):
        told.append(f"variants {', '.join(stored.variants)}")
    for key in differing:
        section, _, below = key.partition(".")
        variant, _, place = below.partition(".")
        if section == "variants" and (place in base or not {variant} <= stored.variants.keys() & now.variants.keys()):
            continue
        name = below if section == "scenario" else key
        told.append(f"{name} = {value_text(old[key])}" if key in old else f"no {name}")
    return told


def _leaves(tree: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield dotted keys and what stands there; an empty table is a value."""
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value
