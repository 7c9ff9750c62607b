"""Figures over a sweep: lines with bands, maps of two keys, small multiples, the effects of every key."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, NullFormatter, NullLocator

from diffusion.figures.style import COLUMN_MM, INK, PAGE_MM, LineStyle, inches, line_styles, shortened, styled
from diffusion.study.summary import FEWEST, Floats, short
from diffusion.study.sweeps.axes import Axis
from diffusion.study.sweeps.cube import Quantity
from diffusion.study.sweeps.views import Line, LineTable

_PANEL_MM = 52.0
_LEGEND_MM = 4.5
_MOST_TICKS = 12
_MARGIN_MM, _LETTER_MM = 14.0, 1.35
"""Beside a panel, for the labels of its vertical axis; width of a letter of 7 points."""

_LONGEST_NAME = 46
_NEVER: dict[str, Any] = {"linestyle": "none", "markersize": 3.5, "clip_on": False}


def line_panel(
    lines: Sequence[Line],
    table: LineTable,
    axes: Axes,
    *,
    ends: tuple[float, float] | None = None,
    width_mm: float = COLUMN_MM,
) -> Axes:
    """Draw medians over replicates along a swept key, with bands of their 95 % intervals.

    Parameters
    ----------
    lines : sequence of Line
        Those of one panel.
    table : LineTable
    axes : Axes
    ends : (float, float), optional
        Of the vertical axis; by default they enclose all finite numbers of these lines.
    width_mm : float
        Of the panel with its labels; it decides how many values are marked.

    Returns
    -------
    Axes
        A median that is never is a triangle at the upper edge. A ratio has a logarithmic axis, with a line at 1; one in
        which the second variant never gets there is a triangle at the lower edge.
    """
    is_ratio = table.quantity.ratio is not None
    if ends is None:
        ends = (lowest(lines) if is_ratio else 0.0, highest(lines))
    styles = line_styles([line.name for line in lines])
    for line in lines:
        _draw_line(line, styles[line.name], axes, ends)
    if is_ratio:
        axes.axhline(1.0, color=INK, linewidth=0.6)
        axes.set_yscale("log")
        mark_ratios(axes, *ends)
    else:
        axes.set_ylim(*ends)
    mark_values(table.x, axes, "x", width_mm=width_mm)
    axes.grid(axis="y")
    return axes


def _draw_line(line: Line, style: LineStyle, axes: Axes, ends: tuple[float, float]) -> None:
    value, low, high = (np.array([getattr(i, end) for i in line.intervals]) for end in ("value", "low", "high"))
    bottom, top = ends
    band = ~np.isnan(low)
    edges = (np.clip(edge[band], bottom, top) for edge in (low, high))
    axes.fill_between(line.numbers[band], *edges, color=style.colour, alpha=0.2, linewidth=0)
    drawn = np.where((value >= bottom) & (value <= top), value, np.nan)
    axes.plot(
        line.numbers, drawn, color=style.colour, linestyle=style.dashes, marker="o", markersize=2.5, label=line.name
    )
    for beyond, at, marker in ((value > top, top, "^"), (value < bottom, bottom, "v")):
        if beyond.any():  # an artist without a place would count as one at the corner of the figure
            axes.plot(line.numbers[beyond], np.full(int(beyond.sum()), at), color=style.colour, marker=marker, **_NEVER)


def highest(lines: Sequence[Line]) -> float:
    """Return where an axis ends that shows all finite numbers of some lines."""
    ends = np.array([end for line in lines for i in line.intervals for end in (i.value, i.high)])
    finite = ends[np.isfinite(ends)]
    return 1.06 * float(finite.max()) if finite.size and finite.max() > 0 else 1.0


def lowest(lines: Sequence[Line]) -> float:
    """Return where a logarithmic axis begins that shows all finite numbers above 0 of some lines."""
    ends = np.array([end for line in lines for i in line.intervals for end in (i.value, i.low)])
    finite = ends[np.isfinite(ends) & (ends > 0)]
    return float(finite.min()) / 1.06 if finite.size else 0.5


def lines_figure(table: LineTable) -> Figure:
    """Return a figure of one panel, or of small multiples on the same axes.

    Parameters
    ----------
    table : LineTable
    """
    panels = list(table.panels.items())
    columns = 1 if len(panels) == 1 else 2 if len(panels) in (2, 4) else 3
    rows = math.ceil(len(panels) / columns)
    every = [line for _, lines in panels for line in lines]
    is_ratio = table.quantity.ratio is not None
    ends = (lowest(every) if is_ratio else 0.0, highest(every))
    handles = _line_handles(every, table.quantity)
    across = (1 if len(handles) < 4 and not table.by else 2) if columns == 1 else 3
    with styled():
        width = COLUMN_MM if columns == 1 else PAGE_MM
        height = rows * _PANEL_MM + _LEGEND_MM * (math.ceil(len(handles) / across) + bool(table.by)) + 8
        figure = Figure(figsize=(inches(width), inches(height)), layout="constrained")
        places = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
        for (title, lines), axes in zip(panels, places.flat, strict=False):
            line_panel(lines, table, axes, ends=ends, width_mm=width / columns)
            axes.set_title(shortened(title, _LONGEST_NAME))
        _outer_labels(places, len(panels), table.x.label, table.quantity.label)
        below = table.by or None
        figure.legend(handles=handles, loc="outside lower center", ncols=across, title=below, title_fontsize=7)
    return figure


def _line_handles(every: Sequence[Line], quantity: Quantity) -> list[Any]:
    styles = line_styles(list(dict.fromkeys(line.name for line in every)))
    handles: list[Any] = [
        Line2D([], [], color=s.colour, linestyle=s.dashes, marker="o", markersize=2.5, label=shortened(name, 40))
        for name, s in styles.items()
        if name
    ]
    intervals = [i for line in every for i in line.intervals]
    if any(i.exists for i in intervals):
        handles.append(Patch(color="0.8", label="95 % interval of the median"))
    else:
        handles.append(Line2D([], [], linestyle="none", label=f"no intervals: fewer than {FEWEST} replicates"))
    whose = "" if quantity.ratio is None else f"{quantity.ratio[0]} "
    if any(i.value == math.inf for i in intervals):
        handles.append(Line2D([], [], color=INK, marker="^", label=f"{whose}never, in most replicates", **_NEVER))
    if quantity.ratio is not None and any(i.value == 0 for i in intervals):
        text = f"{quantity.ratio[1]} never, in most replicates"
        handles.append(Line2D([], [], color=INK, marker="v", label=text, **_NEVER))
    return handles


def _outer_labels(places: Any, panels: int, below: str, beside: str) -> None:
    """Label the lowest panel of every column and the first of every row; hide places without a panel."""
    columns = places.shape[1]
    for number, axes in enumerate(places.flat):
        if number >= panels:
            axes.set_visible(False)
            continue
        if number + columns >= panels:
            axes.set_xlabel(below)
            axes.tick_params(labelbottom=True)
        if number % columns == 0:
            axes.set_ylabel(beside)


# --- axes ------------------------------------------------------------------------------------------------------------


def mark_values(axis: Axis, axes: Axes, which: str, *, width_mm: float = COLUMN_MM) -> None:
    """Scale and mark the horizontal ("x") or vertical ("y") axis at the swept values, as many as there is room for."""
    getattr(axes, f"set_{which}scale")("log" if axis.is_log else "linear")
    texts = [shortened(text, 18) for text in axis.texts]
    room = _MOST_TICKS
    if which == "x":
        room = max(2, int((width_mm - _MARGIN_MM) / (_LETTER_MM * (max(map(len, texts)) + 1))))
    shown = slice(0, None, math.ceil(len(texts) / room))
    marks = getattr(axes, f"{which}axis")
    marks.set_minor_locator(NullLocator())
    marks.set_ticks(axis.numbers[shown], texts[shown])


def edges(axis: Axis) -> Floats:
    """Return the borders between the values of an axis, (n + 1,): halfway, on a logarithmic axis by factor."""
    at = np.log(axis.numbers) if axis.is_log else axis.numbers
    if at.size == 1:
        half = np.array([0.5])
        found = np.concatenate([at - half, at + half])
    else:
        middle = (at[1:] + at[:-1]) / 2
        found = np.concatenate([[2 * at[0] - middle[0]], middle, [2 * at[-1] - middle[-1]]])
    return np.exp(found) if axis.is_log else found


_STEPS = ((1, 2, 5), (1, 1.5, 2, 3, 5, 7), (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9))
"""Within a decade, so that every axis of ratios has three marks or more."""


def ratio_ticks(low: float, high: float) -> tuple[list[float], list[str]]:
    """Return ratios at which a logarithmic axis is marked, and their texts."""
    inside: list[float] = []
    for steps in _STEPS:
        inside = [k * 10.0**e for e in range(-6, 7) for k in steps if low <= k * 10.0**e * 1.001 <= high * 1.002]
        if len(inside) >= 3:
            break
    else:
        inside = [float(r) for r in MaxNLocator(4).tick_values(low, high) if low <= r <= high]
    if len(inside) > _MOST_TICKS:
        inside = [r for r in inside if f"{r:e}"[0] == "1"]
    return inside, [short(r) for r in inside]


def mark_ratios(axes: Axes, low: float, high: float) -> None:
    """Mark a vertical axis of ratios."""
    low, high = min(low, 1 / 1.06), max(high, 1.06)
    axes.set_ylim(low, high)
    ticks, texts = ratio_ticks(low, high)
    axes.set_yticks(ticks, texts)
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_formatter(NullFormatter())


def quantity_label(quantity: Quantity) -> str:
    """Return the label of a quantity; for a ratio of times it says on which side which variant is faster."""
    if quantity.ratio is None or not quantity.column.endswith("_h"):
        return quantity.label
    return f"{quantity.label}\n(above 1: {quantity.ratio[1]} is faster)"
