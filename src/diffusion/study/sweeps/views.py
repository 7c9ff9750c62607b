"""What the figures of a sweep draw: medians and intervals by point, ratios over two keys, effects of every key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError
from diffusion.study.summary import SELDOM, Floats, Interval, exponential, median_interval
from diffusion.study.sweeps.axes import Axis
from diffusion.study.sweeps.cube import Cube, Ints, Quantity

TAIL = 0.2
"""Share of the points at either end of a sampled key that stand for its low and its high values (chosen)."""


class Line(NamedTuple):
    """Medians along an axis: one name, and an interval at every number of the axis at which there is a point."""

    name: str
    numbers: Floats
    intervals: tuple[Interval, ...]


@dataclass(frozen=True)
class LineTable:
    """A quantity along a swept key.

    Attributes
    ----------
    x : Axis
    quantity : Quantity
    panels : dict of tuple of Line, by title
        One panel, with an empty title, unless asked for a panel per value of a key.
    by : str
        The key whose values tell the lines of a panel apart; empty where only variants do.
    """

    x: Axis
    quantity: Quantity
    panels: dict[str, tuple[Line, ...]]
    by: str = ""


@dataclass(frozen=True)
class HeatTable:
    """A quantity over two swept keys.

    Attributes
    ----------
    x, y : Axis
    quantity : Quantity
    variant : str
        Whose values these are; empty for a ratio.
    value, low, high : (n_y, n_x) float64
        Median over replicates and the ends of its 95 % interval; NaN where there is no point (and no interval).
    n : (n_y, n_x) int64
        Replicates with an answer.
    never : (k, n_y, n_x) int64
        In how many of them it is never: for a ratio of the first variant and of the second, else of the one.
    """

    x: Axis
    y: Axis
    quantity: Quantity
    variant: str
    value: Floats
    low: Floats
    high: Floats
    n: Ints
    never: Ints

    @property
    def unreached(self) -> NDArray[np.bool_]:
        """Where it is never in more replicates than `SELDOM`, by variant, (k, n_y, n_x)."""
        return self.never > SELDOM * self.n

    @property
    def is_uncertain(self) -> NDArray[np.bool_]:
        """Where the interval of a ratio holds 1, or there is none, (n_y, n_x)."""
        there = self.n > 0
        sure = (self.low > 1) | (self.high < 1)
        return there & ~sure


class Effect(NamedTuple):
    """How a quantity changes with one key: medians at its low and at its high values less that of all points."""

    key: str
    values: tuple[str, str]
    low: Interval
    high: Interval

    @property
    def size(self) -> float:
        """The larger of the two changes; infinity for never."""
        return float(np.nanmax(np.abs([self.low.value, self.high.value, 0.0])))


@dataclass(frozen=True)
class TornadoTable:
    """The effects of all swept keys.

    Attributes
    ----------
    quantity : Quantity
    variant : str
        Whose values these are; empty for a ratio.
    middle : float
        Median over all points and replicates.
    effects : tuple of Effect
        The largest first. For a ratio they are factors, else differences.
    is_sampled : bool
        Whether low and high are the outermost fifths of the points rather than the outermost values.
    """

    quantity: Quantity
    variant: str
    middle: float
    effects: tuple[Effect, ...]
    is_sampled: bool


def line_table(
    found: Cube,
    x: str,
    y: str,
    *,
    by: str = "variant",
    ratio: Sequence[str] | None = None,
    panels: bool = False,
    seed: int = 1,
) -> LineTable:
    """Return medians and 95 % intervals over replicates along a swept key.

    Parameters
    ----------
    found : Cube
    x : str
        A swept key.
    y : str
        A measure, such as ``"fire.T50_h"`` or ``"T50"``.
    by : str
        ``"variant"``, or a swept key: a line per value of it (and variant).
    ratio : (str, str), optional
        Two variants whose values are divided, replicate by replicate.
    panels : bool
        A panel, not a line, per value of `by`.
    seed : int
        Of the resampling.

    Raises
    ------
    InputError
        For names that there are not, and where a further key varies: which of its values is meant is then open.
    """
    axis, quantity = found.axis(x), found.quantity(y, ratio)
    other = None if by == "variant" else found.axis(by)
    number = np.zeros(found.points.size, dtype=np.int64) if other is None else other.of_point
    _check_one_point(found, axis, [axis, other] if other is not None else [axis])
    blocks = _blocks(found, quantity)
    made: dict[str, tuple[Line, ...]] = {}
    for value in range(1 if other is None else len(other.values)):
        rows = np.flatnonzero(number == value)
        rows = rows[np.argsort(axis.of_point[rows], kind="stable")]
        own = "" if other is None else other.with_unit(value)
        lines = []
        for variant, block in blocks.items():
            medians = tuple(_interval(quantity, block[row], seed) for row in rows)
            name = ", ".join(text for text in (variant, "" if panels else own) if text)
            lines.append(Line(name, axis.numbers[axis.of_point[rows]], medians))
        title = f"{other.key} = {own}" if panels and other is not None else ""
        made[title] = (*made.get(title, ()), *lines)
    return LineTable(axis, quantity, made, "" if other is None or panels else other.key)


def heat_table(
    found: Cube,
    x: str,
    by: str,
    y: str,
    *,
    ratio: Sequence[str] | None = None,
    variant: str | None = None,
    seed: int = 1,
) -> HeatTable:
    """Return medians and 95 % intervals over replicates over two swept keys.

    Parameters
    ----------
    found : Cube
    x, by : str
        Two swept keys.
    y : str
        A measure.
    ratio : (str, str), optional
        Two variants whose values are divided, replicate by replicate.
    variant : str, optional
        Whose values are shown where there is no ratio; by default the only one.
    seed : int
        Of the resampling.

    Raises
    ------
    InputError
        As `line_table`, and where it is open which variant is meant.
    """
    across, up = found.axis(x), found.axis(by)
    if x == by:
        raise InputError(f'a map needs two keys; "{x}" is given twice')
    quantity = found.quantity(y, ratio)
    name = "" if quantity.ratio is not None else _one_variant(found, variant)
    _check_one_point(found, across, [across, up])
    shape = (len(up.values), len(across.values))
    value, low, high = (np.full(shape, np.nan) for _ in range(3))
    n = np.zeros(shape, dtype=np.int64)
    wanted = [name] if quantity.ratio is None else list(quantity.ratio)
    never = np.zeros((len(wanted), *shape), dtype=np.int64)
    block = _blocks(found, quantity, wanted)[name]
    each = found.values(quantity.column, wanted)
    for point, cell in enumerate(zip(up.of_point, across.of_point)):
        median = _interval(quantity, block[point], seed)
        value[cell], low[cell], high[cell], n[cell] = median.value, median.low, median.high, median.n
        never[:, *cell] = np.count_nonzero(each[point] == np.inf, axis=1)
    return HeatTable(across, up, quantity, name, value, low, high, n, never)


def tornado_table(
    found: Cube, y: str, *, ratio: Sequence[str] | None = None, variant: str | None = None, seed: int = 1
) -> TornadoTable:
    """Return the effect of every swept key on a measure.

    In every replicate the median over the points at which a key is low (high) less the median over all points; then the
    median over replicates with its 95 % interval. Low and high are the outermost values of a key, or, where a key has
    nearly as many values as there are points (sampling), the outermost fifths of the points.

    Parameters
    ----------
    found : Cube
    y : str
        A measure.
    ratio : (str, str), optional
        Two variants whose values are divided, replicate by replicate; effects are then factors.
    variant : str, optional
        Whose values are shown where there is no ratio; by default the only one.
    seed : int
        Of the resampling.

    Raises
    ------
    InputError
        For names that there are not, where it is open which variant is meant, and where no key has two values.
    """
    quantity = found.quantity(y, ratio)
    name = "" if quantity.ratio is not None else _one_variant(found, variant)
    block = _blocks(found, quantity, [name] if name else None)[name]
    axes = [axis for axis in map(found.axis, found.keys) if len(axis.values) > 1]
    if not axes:
        raise InputError("no key was swept over two values or more")
    ends = [_ends(axis, found.points.size) for axis in axes]
    whole = _medians(block)
    effects = []
    for axis, (low, high) in zip(axes, ends, strict=True):
        changes = [_interval(quantity, _less(_medians(block[rows]), whole), seed) for rows in (low, high)]
        texts = (_range_text(axis, low), _range_text(axis, high))
        effects.append(Effect(axis.key, texts, changes[0], changes[1]))
    middle = float(np.nanmedian(whole)) if np.isfinite(whole).any() else np.inf
    sizes = [_strength(effect, quantity) for effect in effects]
    order = sorted(range(len(effects)), key=lambda k: -sizes[k])
    sampled = any(len(axis.values) > found.points.size / 2 for axis in axes)
    if quantity.ratio is not None:
        middle = exponential(middle)
    return TornadoTable(quantity, name, middle, tuple(effects[k] for k in order), sampled)


def _blocks(found: Cube, quantity: Quantity, variants: Sequence[str] | None = None) -> dict[str, Floats]:
    """Return (P, R) values by variant; of a ratio one block of logarithms, without a name."""
    if quantity.ratio is not None:
        return {"": found.log_ratios(quantity)}
    names = list(variants or found.variants)
    values = found.values(quantity.column, names)
    return {name: values[:, k] for k, name in enumerate(names)}


def _interval(quantity: Quantity, values: Floats, seed: int) -> Interval:
    median = median_interval(values, seed=seed)
    return median if quantity.ratio is None else median.mapped(exponential)


def _check_one_point(found: Cube, x: Axis, axes: Sequence[Axis]) -> None:
    """Raise InputError unless the axes tell every point from every other."""
    place = np.zeros(found.points.size, dtype=np.int64)
    for axis in axes:
        place = place * len(axis.values) + axis.of_point
    if np.unique(place).size == place.size:
        return
    shown = {axis.key for axis in axes}
    others = {key: found.axis(key) for key in found.keys}
    more = [key for key, axis in others.items() if axis.key not in shown and len(axis.values) > 1]
    if not more:  # the same point twice
        return
    first, value = more[0], found.swept(more[0])[0]
    raise InputError(
        f"at one value of {x.key} there are several points, for {', '.join(more)} varied too; "
        f'show one of its values with --where "{first}={value}", or take it as --by'
    )


def _one_variant(found: Cube, variant: str | None) -> str:
    if variant is not None:
        return found.variant(variant)
    if len(found.variants) > 1:
        raise InputError(f"which variant? Choose among {', '.join(found.variants)}, or give a ratio of two")
    return found.variants[0]


# --- effects ---------------------------------------------------------------------------------------------------------


def _ends(axis: Axis, points: int) -> tuple[Ints, Ints]:
    """Return the points at which a key is low and those at which it is high."""
    if len(axis.values) <= points / 2:
        return np.flatnonzero(axis.of_point == 0), np.flatnonzero(axis.of_point == len(axis.values) - 1)
    order = np.argsort(axis.of_point, kind="stable")
    size = max(1, round(TAIL * points))
    return np.sort(order[:size]), np.sort(order[-size:])


def _range_text(axis: Axis, points: Ints) -> str:
    first, last = int(axis.of_point[points].min()), int(axis.of_point[points].max())
    return axis.texts[first] if first == last else f"{axis.texts[first]} to {axis.texts[last]}"


def _medians(block: Floats) -> Floats:
    """Return the medians over points, replicate by replicate, (R,); NaN where there is none (or nothing was run)."""
    found = np.full(block.shape[1], np.nan)
    for k in range(block.shape[1]):
        found[k] = extended_median(block[:, k])
    return found


def extended_median(values: Floats) -> float:
    """Return the median on the extended reals, without what is undefined; NaN where it is torn or there is nothing."""
    kept = np.sort(values[~np.isnan(values)])
    if not kept.size:
        return np.nan
    low, high = kept[(kept.size - 1) // 2], kept[kept.size // 2]
    return float(low if low == high else 0.5 * low + 0.5 * high if np.isfinite(low) or np.isfinite(high) else np.nan)


def _less(values: Floats, whole: Floats) -> Floats:
    """Return values less others, where never less never is no change."""
    return np.subtract(values, whole, out=np.zeros(values.size), where=values != whole)


def _strength(effect: Effect, quantity: Quantity) -> float:
    if quantity.ratio is None:
        return effect.size
    with np.errstate(divide="ignore"):
        logs = np.abs(np.log([effect.low.value, effect.high.value, 1.0]))
    return float(np.nanmax(logs))
