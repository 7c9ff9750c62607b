"""Tables of runs in the terms of other libraries, each of which is loaded when it is asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError
from diffusion.study.cascade_tables import Table


def to_pandas(table: Table) -> Any:
    """Return a table as a `pandas.DataFrame`.

    Raises
    ------
    InputError
        If pandas is not installed.
    """
    _needed("pandas", "to_pandas")
    return table.to_pandas()


def to_polars(table: Table) -> Any:
    """Return a table as a `polars.DataFrame`.

    Raises
    ------
    InputError
        If polars is not installed.
    """
    return _needed("polars", "to_polars").from_arrow(table)


def to_xarray(table: Table, dims: Sequence[str], measures: Sequence[str], along: Sequence[str] = ()) -> Any:
    """Return measures as an `xarray.Dataset`: one variable each, NaN where there was no run.

    Parameters
    ----------
    table : pyarrow.Table
        One row per run.
    dims : sequence of str
        Columns that together tell runs apart; their values, in the order in which they come, are the coordinates.
    measures : sequence of str
        Columns that become variables.
    along : sequence of str
        Further columns, which become coordinates along the first of `dims`.

    Raises
    ------
    InputError
        If xarray is not installed.
    """
    xarray = _needed("xarray", "to_xarray")
    places, coordinates = [], {}
    for name in dims:
        place, values = _places(table.column(name).to_pylist())
        places.append(place)
        coordinates[name] = (name, _array(values))
    shape = tuple(len(values) for _, values in coordinates.values())
    for name in along:
        own: list[Any] = [None] * shape[0]
        for place, value in zip(places[0].tolist(), table.column(name).to_pylist(), strict=True):
            own[place] = value
        coordinates[name] = (dims[0], _array(own))
    at = np.ravel_multi_index(tuple(places), shape)
    variables = {}
    for name in measures:
        filled = np.full(math.prod(shape), np.nan)
        filled[at] = table.column(name).fill_null(np.nan).to_numpy()
        variables[name] = (tuple(dims), filled.reshape(shape))
    return xarray.Dataset(variables, coordinates)


def _places(values: Sequence[Any]) -> tuple[NDArray[np.int64], list[Any]]:
    """Return the place of every value among the distinct ones, and these in the order in which they come."""
    known: dict[Any, int] = {}
    place = [known.setdefault(tuple(value) if isinstance(value, list) else value, len(known)) for value in values]
    return np.array(place, dtype=np.int64), list(known)


def _array(values: Sequence[Any]) -> NDArray[Any]:
    """Return values as an array: numbers as such, everything else as it is."""
    if all(isinstance(value, int | float) for value in values):
        return np.array(values)
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def _needed(library: str, method: str) -> Any:
    try:
        return import_module(library)
    except ImportError:
        raise InputError(
            f'{method}() needs {library}, which is not installed: pip install "diffusion[tables]"'
        ) from None
