"""The effects of keys: how far a measure moves between the low and the high values of each."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import NullLocator

from diffusion.figures.style import INK, OKABE_ITO, PAGE_MM, inches, shortened, styled
from diffusion.figures.sweeps import ratio_ticks
from diffusion.study.summary import Interval, short
from diffusion.study.sweeps.views import TornadoTable

_ROW_MM = 7.0
_LEGEND_MM = 14.0
_LONGEST_KEY = 44
_LOW: dict[str, Any] = {"facecolor": OKABE_ITO[0], "edgecolor": INK, "linewidth": 0.4}
_HIGH: dict[str, Any] = {"facecolor": OKABE_ITO[1], "hatch": "////", "edgecolor": INK, "linewidth": 0.4}


def tornado(table: TornadoTable, axes: Axes) -> Axes:
    """Draw a pair of bars per key, the key with the largest effect on top.

    Parameters
    ----------
    table : TornadoTable
    axes : Axes

    Returns
    -------
    Axes
        Bars are medians over replicates, thin lines their 95 % intervals; the texts at their ends are the values of the
        key. A bar that ends in "never" is cut at the edge.
    """
    is_ratio = table.quantity.ratio is not None
    base = 1.0 if is_ratio else 0.0
    if is_ratio:
        axes.set_xscale("log")
    (first, left), (right, last) = _limits(table)
    axes.set_xlim(first, last)
    for row, effect in enumerate(table.effects):
        drawn = ((effect.low, _LOW, effect.values[0], 0.2), (effect.high, _HIGH, effect.values[1], -0.2))
        for change, style, text, shift in drawn:
            _draw_bar(change, (row - shift, base, left, right), style, text, axes)
    axes.axvline(base, color=INK, linewidth=0.8)
    names = [shortened(effect.key, _LONGEST_KEY) for effect in table.effects]
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    if is_ratio:
        ticks, texts = ratio_ticks(first, last)
        axes.set_xticks(ticks, texts)
        axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(_label(table))
    return axes


def _draw_bar(
    change: Interval, place: tuple[float, float, float, float], style: dict[str, Any], text: str, axes: Axes
) -> None:
    y, base, left, right = place
    is_never = math.isinf(change.value) or (base == 1.0 and change.value == 0.0)
    if math.isnan(change.value):
        axes.annotate(f"{text}: undetermined", (base, y), (3, 0), textcoords="offset points", va="center", fontsize=5.5)
        return
    end = min(max(change.value, left), right)
    axes.barh(y, end - base, 0.36, left=base, **style)
    if change.exists:
        low, high = (min(max(edge, left), right) for edge in (change.low, change.high))
        axes.plot([low, high], [y, y], color=INK, linewidth=0.8)
        end = max(end, high) if change.value >= base else min(end, low)
    right_of = change.value >= base
    text = f"{text} (never)" if is_never else text
    axes.annotate(
        text, (end, y), (3 if right_of else -3, 0), textcoords="offset points", va="center",
        ha="left" if right_of else "right", fontsize=5.5, annotation_clip=False,
    )  # fmt: skip


def _limits(table: TornadoTable) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return at either side the end of the axis and the farthest place of a bar, with room between for the values."""
    found = np.array([e for f in table.effects for i in (f.low, f.high) for e in (i.value, i.low, i.high)])
    found = found[np.isfinite(found)]
    is_ratio = table.quantity.ratio is not None
    if is_ratio:
        found = np.log(found[found > 0])
    low, high = min(float(found.min(initial=0.0)), 0.0), max(float(found.max(initial=0.0)), 0.0)
    width = (high - low) or 0.1
    ends = (low - 0.25 * width, low - 0.1 * width), (high + 0.1 * width, high + 0.25 * width)
    if not is_ratio:
        return ends
    return (math.exp(ends[0][0]), math.exp(ends[0][1])), (math.exp(ends[1][0]), math.exp(ends[1][1]))


def _label(table: TornadoTable) -> str:
    middle = short(table.middle) if math.isfinite(table.middle) else "never"
    quantity = table.quantity
    if quantity.ratio is not None:
        return f"factor on {quantity.name} (median of all points: {middle})"
    whose = f" in {table.variant}" if table.variant else ""
    unit = ", hours" if quantity.unit else ""
    return f"change of {quantity.name}{whose}{unit} (median of all points: {middle})"


def tornado_figure(table: TornadoTable) -> Figure:
    """Return a figure across the page with the effects of all keys.

    Parameters
    ----------
    table : TornadoTable
    """
    low, high = ("lowest fifth", "highest fifth") if table.is_sampled else ("lowest value", "highest value")
    handles = [Patch(label=f"{low} of the key", **_LOW), Patch(label=f"{high} of the key", **_HIGH)]
    exist = any(i.exists for effect in table.effects for i in (effect.low, effect.high))
    note = "lines: 95 % intervals over replicates" if exist else "too few replicates for intervals"
    handles.append(Patch(alpha=0, label=note))
    with styled():
        height = _ROW_MM * max(len(table.effects), 3) + _LEGEND_MM
        figure = Figure(figsize=(inches(PAGE_MM), inches(height)), layout="constrained")
        tornado(table, figure.subplots())
        figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure
