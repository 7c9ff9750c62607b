"""The stored table of a sweep as numbers by point, variant and replicate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError, suggestion
from diffusion.study.summary import Floats, log_ratios
from diffusion.study.sweeps.axes import Axis, axis_of, same_value
from diffusion.study.sweeps.summaries import POINT, REPLICATE, RUN, VARIANT, measure_names, swept_keys

Ints = NDArray[np.int64]


class Quantity(NamedTuple):
    """What a view shows of a run.

    Attributes
    ----------
    column : str
        Of the stored table, such as ``"fire.T50_h"``.
    ratio : (str, str), optional
        Two variants whose values are divided, replicate by replicate.
    """

    column: str
    ratio: tuple[str, str] | None = None

    @property
    def unit(self) -> str:
        """The unit of the values: ``"h"`` for times, nothing for numbers, shares and ratios."""
        return "h" if self.ratio is None and self.column.endswith("_h") else ""

    @property
    def label(self) -> str:
        """What stands on an axis: the measure, its story, the variants that are divided, and the unit."""
        return f"{self.name}, hours" if self.unit else self.name

    @property
    def name(self) -> str:
        """The label without the unit."""
        story, _, measure = self.column.partition(".")
        name = measure.removesuffix("_h").replace("_", " ")
        return f"{name} of “{story}”" if self.ratio is None else f"{name} {self.ratio[0]} / {self.ratio[1]}"


@dataclass(frozen=True)
class Cube:
    """A sweep's runs, sorted by point, variant and replicate.

    Attributes
    ----------
    table : pyarrow.Table
        Columns point, the swept keys, variant, replicate, run, then measures.
    points : (P,) int64
        Their numbers.
    variants : tuple of str
        In the order of their first appearance.
    place : (n,) int64
        Where each row stands in an array of shape (P, V, R), flat.
    replicates : int
        R, the most of any point.
    """

    table: Any
    points: Ints
    variants: tuple[str, ...]
    place: Ints
    replicates: int

    @property
    def keys(self) -> tuple[str, ...]:
        """The swept keys, in the order of the table."""
        return swept_keys(self.table.column_names)

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the measures."""
        return measure_names(self.table.column_names)

    @cached_property
    def _first_rows(self) -> Ints:
        """The first row of every point, (P,)."""
        each = np.asarray(self.table[POINT].to_numpy(), dtype=np.int64)
        return np.unique(each, return_index=True)[1].astype(np.int64)

    def swept(self, key: str) -> list[Any]:
        """Return the value of a swept key at every point.

        Raises
        ------
        InputError
            For a key that was not swept.
        """
        if key not in self.keys:
            raise InputError(f'"{key}" was not swept{suggestion(key, self.keys)}')
        found: list[Any] = self.table[key].take(self._first_rows).to_pylist()
        return found

    def axis(self, key: str) -> Axis:
        """Return the values of a swept key in ascending order, and which one every point has."""
        return axis_of(key, self.swept(key))

    def at(self, where: Mapping[str, str]) -> Cube:
        """Return the points at which keys have these values, as they are written.

        Raises
        ------
        InputError
            For a key that was not swept, and for a value at which there is no point.
        """
        kept = np.full(self.points.size, True)
        for key, wanted in where.items():
            there = self.swept(key)
            same = np.array([same_value(value, wanted) for value in there])
            if not same.any():
                known = ", ".join(dict.fromkeys(str(value) for value in there[:1000]))
                raise InputError(f'{key} = "{wanted}": there is no such point; its values are {known}')
            kept &= same
        if not kept.any():
            raise InputError("no point has all of " + ", ".join(f"{key} = {value}" for key, value in where.items()))
        each = np.asarray(self.table[POINT].to_numpy(), dtype=np.int64)
        return cube(self.table.filter(np.isin(each, self.points[kept])))

    def values(self, column: str, variants: Sequence[str] | None = None) -> Floats:
        """Return a measure, (P, V, R); NaN where there is no run, and where a run has no value."""
        shape = (self.points.size, len(self.variants), self.replicates)
        found = np.full(shape, np.nan)
        found.reshape(-1)[self.place] = self.table[column].to_numpy()
        chosen = [self.variants.index(self.variant(name)) for name in variants or self.variants]
        return found[:, chosen]

    def variant(self, name: str) -> str:
        """Return a variant's name, or raise InputError if there is none such."""
        if name not in self.variants:
            raise InputError(f'there is no variant "{name}"{suggestion(name, self.variants)}')
        return name

    def column(self, name: str) -> str:
        """Return the full name of a measure; see `full_name`."""
        return full_name(name, self.measures)

    def quantity(self, name: str, ratio: Sequence[str] | None = None) -> Quantity:
        """Return what a view shows, with its names looked up."""
        if ratio is None:
            return Quantity(self.column(name))
        first, second = ratio
        return Quantity(self.column(name), (self.variant(first), self.variant(second)))

    def log_ratios(self, quantity: Quantity) -> Floats:
        """Return the logarithms of a quantity's ratio of two variants, (P, R); +inf and -inf where one is never.

        Raises
        ------
        InputError
            For a measure with negative values.
        """
        if quantity.ratio is None:
            raise InputError("a ratio needs two variants")
        first, second = np.moveaxis(self.values(quantity.column, quantity.ratio), 1, 0)
        if (first < 0).any() or (second < 0).any():
            raise InputError(f"{quantity.column} has values below 0, of which there is no ratio")
        return log_ratios(first, second)


def full_name(name: str, measures: Sequence[str]) -> str:
    """Return the full name of a measure: ``"T50"`` is ``"fire.T50_h"`` where there is one story.

    Raises
    ------
    InputError
        For what is no measure, and where several stories have it.
    """
    found = [full for full in measures if name in (full, full.partition(".")[2])]
    found = found or [full for full in measures if f"{name}_h" in (full, full.partition(".")[2])]
    if not found:
        brief = {full.partition(".")[2] for full in measures}
        raise InputError(f'there is no measure "{name}"{suggestion(name, {*measures, *brief})}')
    if len(found) > 1:
        raise InputError(f'which story? "{name}" may be {", ".join(found)}')
    return found[0]


def cube(table: Any) -> Cube:
    """Read a sweep's table.

    Parameters
    ----------
    table : pyarrow.Table
        Columns point, the swept keys, variant, replicate, run, then measures.

    Raises
    ------
    InputError
        For another table, and for one without rows.
    """
    import pyarrow.compute as pc

    names = table.column_names
    if names[:1] != [POINT] or any(name not in names for name in (VARIANT, REPLICATE, RUN)):
        raise InputError(f"this is no table of a sweep: it begins with {', '.join(names[:4]) or 'no column'}")
    if not table.num_rows:
        raise InputError("the sweep has no finished run yet")
    points, at = np.unique(np.asarray(table[POINT].to_numpy(), dtype=np.int64), return_inverse=True)
    coded = pc.dictionary_encode(table[VARIANT].combine_chunks())
    variants = tuple(coded.dictionary.to_pylist())
    variant = np.asarray(coded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
    replicate = np.asarray(table[REPLICATE].to_numpy(), dtype=np.int64)
    most = int(replicate.max()) + 1
    return Cube(table, points, variants, (at * len(variants) + variant) * most + replicate, most)
