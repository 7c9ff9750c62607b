"""Checks of what Python users give to the verbs: a wrong argument is one line before anything is built."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError, shown, suggestion
from diffusion.graphs import FollowerGraph, Memberships
from diffusion.scenario import Experiment, RunSettings, Scenario
from diffusion.vocabulary import Record
from diffusion.world import Story
from diffusion.world.messages import value_text

SEEDS = 2**63
"""Seeds are below this, as in `RunSettings`, and so are the numbers of replicates."""

_MOST_POINTS = 100_000


def whole_number(name: str, value: Any, *, least: int = 0, below: int | None = None) -> int:
    """Return a whole number (of numpy too) as int.

    Raises
    ------
    InputError
        If it is none, is less than `least` or not less than `below`.
    """
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None or number < least or (below is not None and number >= below):
        power = "" if below is None else f" and below 2**{below.bit_length() - 1}"
        most = power if below is None or below == SEEDS else f" and <= {below - 1:,}"
        raise InputError(f"{name} = {value_text(value)} is not a whole number >= {least}{most}")
    return number


def checked_scenario(value: Any) -> Scenario:
    """Return a scenario, or say what makes one of what was given instead."""
    if isinstance(value, Scenario):
        return value
    if isinstance(value, Experiment):
        choices = ", ".join(f'variants["{name}"]' for name in value.variants)
        raise InputError(f"an experiment holds several scenarios; give one of them: {choices}, or use run_experiment")
    if isinstance(value, Mapping):
        raise InputError("a table is not a scenario yet; Scenario(**table) makes one")
    raise InputError(f"scenario = {value_text(value)}: give a Scenario (read_experiment(file).scenario is one)")


def checked_seed(value: Any, settings: RunSettings) -> int:
    """Return a seed, by default that of the settings."""
    return settings.seed if value is None else whole_number("seed", value, below=SEEDS)


def checked_record(value: Any, settings: RunSettings) -> Record:
    """Return a level of the record by its name, by default that of the settings."""
    name = settings.record if value is None else value
    known = [level.name.lower() for level in Record]
    if not isinstance(name, str) or name not in known:
        raise InputError(f"record = {value_text(name)} is not known{suggestion(str(name), known)}")
    return Record[name.upper()]


def checked_points(value: Any) -> int:
    """Return a number of points of curves, with the bounds of ``measures.curve_points``."""
    return whole_number("curve_points", value, least=2, below=_MOST_POINTS + 1)


def checked_graphs(value: Any) -> dict[str, FollowerGraph | Memberships]:
    """Return graphs by platform; a file's name or another library's graph is refused with what would read it."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InputError(f"graphs = {type(value).__name__}: give a table such as {{platform: graph}}")
    for name, graph in value.items():
        if not isinstance(graph, FollowerGraph | Memberships):
            how = "read_graph reads a file" if isinstance(graph, str) else "diffusion.graphs.from_graph makes one"
            raise InputError(f"graphs[{value_text(name)}] is a {type(graph).__name__}, not a FollowerGraph; {how}")
    return dict(value)


def checked_stories(value: Any) -> dict[str, Story]:
    """Return stories by name."""
    if not isinstance(value, Mapping):
        raise InputError(f"stories = {type(value).__name__}: give a table such as {{name: Story(...)}}")
    for name, story in value.items():
        if not isinstance(name, str) or not isinstance(story, Story):
            raise InputError(f"stories[{value_text(name)}] is a {type(story).__name__}, not a Story")
    return dict(value)


def checked_measure(value: Any) -> None:
    """Raise InputError unless it may be called."""
    if value is not None and not callable(value):
        raise InputError(f"measure = {value_text(value)} cannot be called; give a function of an Outcome")


def number_list(name: str, value: Any) -> NDArray[np.float64]:
    """Return numbers as an array of one axis; NaN is one of them."""
    found = np.asarray(value)
    if found.ndim != 1 or found.dtype.kind not in "biuf":
        raise InputError(f"{name} = {shown(value)}: give numbers in one row, as a list or an array of one axis")
    return found.astype(np.float64)
