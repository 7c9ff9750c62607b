"""Maps of two swept keys: a colour per point, and where a ratio of two variants is 1."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import Colormap, LinearSegmentedColormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from diffusion.figures.style import COLUMN_MM, INK, OKABE_ITO, PAGE_MM, inches, styled
from diffusion.figures.sweeps import edges, mark_values, quantity_label, ratio_ticks
from diffusion.study.summary import Floats
from diffusion.study.sweeps.views import HeatTable

_PANEL_MM = 66.0
_LEGEND_MM = 4.2
_BAR_MM = 12.0
_MISSING = "0.85"
_UNREACHED = ("////", "\\\\\\\\")
_LEAST_SPAN = 1.25
"""The colours of a ratio reach at least from 1 / this to this, so that little does not look like much (chosen)."""

_WIDEST, _WIDE = 100.0, 8.0
"""The farthest ratio with a colour of its own; from which span on the colours of a measure are logarithmic (chosen)."""

_DIVERGING = LinearSegmentedColormap.from_list("ratio", [OKABE_ITO[0], "#FFFFFF", OKABE_ITO[1]])
"""From blue over white to vermilion, which most colour-blind readers can tell apart."""


class Colours(NamedTuple):
    """Colours of all panels of a figure, and the numbers at their ends."""

    low: float
    high: float
    is_log: bool
    colormap: Colormap

    @property
    def norm(self) -> Normalize:
        """From numbers to colours."""
        return LogNorm(self.low, self.high) if self.is_log else Normalize(self.low, self.high)


def heat_panel(
    table: HeatTable, axes: Axes, *, colours: Colours | None = None, width_mm: float = COLUMN_MM
) -> QuadMesh:
    """Draw a map of two swept keys.

    Parameters
    ----------
    table : HeatTable
    axes : Axes
    colours : Colours, optional
        By default those that fit this table.
    width_mm : float
        Of the panel with its labels.

    Returns
    -------
    QuadMesh
        For a bar of colours. Hatched: never in some replicates (each variant of a ratio has its direction). Of a ratio
        a black line stands where its median is 1, and dots where its interval holds 1.
    """
    colours = colours or colours_of([table])
    axes.set_facecolor(_MISSING)
    shown = np.clip(table.value, colours.low, colours.high)
    across, up = edges(table.x), edges(table.y)
    mesh = axes.pcolormesh(across, up, np.ma.masked_invalid(shown), norm=colours.norm, cmap=colours.colormap)
    for hatch, where in zip(_UNREACHED, table.unreached, strict=False):
        for row, column in zip(*np.nonzero(where)):
            corner = (across[column], up[row])
            size = (across[column + 1] - across[column], up[row + 1] - up[row])
            axes.add_patch(Rectangle(corner, *size, fill=False, hatch=hatch, edgecolor=INK, linewidth=0))
    if table.quantity.ratio is not None:
        _draw_border(table, axes)
    mark_values(table.x, axes, "x", width_mm=width_mm)
    mark_values(table.y, axes, "y")
    axes.set_xlim(across[0], across[-1])
    axes.set_ylim(up[0], up[-1])
    return mesh


def _draw_border(table: HeatTable, axes: Axes) -> None:
    """Draw the contour of the ratio 1 and a dot in every cell whose interval holds 1 (or has none)."""
    logs = border_field(table)
    finite = logs[~np.isnan(logs)]
    if min(table.value.shape) > 1 and finite.size and finite.min() < 0 < finite.max():
        axes.contour(table.x.numbers, table.y.numbers, np.ma.masked_invalid(logs), [0.0], colors=INK, linewidths=1.4)
    rows, columns = np.nonzero(table.is_uncertain)
    axes.plot(table.x.numbers[columns], table.y.numbers[rows], color=INK, marker="o", markersize=1.6, linestyle="none")


def border_field(table: HeatTable) -> Floats:
    """Return the logarithms of a ratio for its contour: never as far as the farthest number, both never as nothing."""
    with np.errstate(divide="ignore"):
        logs = np.log(table.value)
    farthest = float(np.abs(logs[np.isfinite(logs)]).max(initial=math.log(_LEAST_SPAN)))
    logs = np.clip(logs, -farthest, farthest)
    both = (2 * table.never >= table.n).all(axis=0)
    return np.where(both, np.nan, logs)


def colours_of(tables: Sequence[HeatTable]) -> Colours:
    """Return the colours that fit some maps of one quantity."""
    values = np.concatenate([table.value.ravel() for table in tables])
    values = values[np.isfinite(values)]
    if tables[0].quantity.ratio is None:
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
        return Colours(low, high if high > low else low + 1.0, 0 < low * _WIDE < high, colormaps["cividis"])
    values = values[values > 0]
    span = float(np.exp(np.abs(np.log(values)).max(initial=0.0)))
    span = min(max(span, _LEAST_SPAN), _WIDEST)
    return Colours(1 / span, span, True, _DIVERGING)


def heat_figure(tables: Sequence[HeatTable]) -> Figure:
    """Return a figure with a map per table, all in the same colours.

    Parameters
    ----------
    tables : sequence of HeatTable
        Of one quantity: a ratio, or the same measure in several variants.
    """
    columns = min(2, len(tables))
    rows = math.ceil(len(tables) / columns)
    handles = _handles(tables)
    lines = math.ceil(len(handles) / columns)
    with styled():
        width = COLUMN_MM if columns == 1 else PAGE_MM
        size = (inches(width), inches(rows * _PANEL_MM + lines * _LEGEND_MM + 6))
        figure = Figure(figsize=size, layout="constrained")
        panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
        narrow = width / columns - _BAR_MM
        colours = colours_of(tables)
        for table, axes in zip(tables, panels.flat, strict=False):
            mesh = heat_panel(table, axes, colours=colours, width_mm=narrow)
            axes.set_title(table.variant)
            axes.set_xlabel(table.x.label)
        for axes in panels.flat[len(tables) :]:
            axes.set_visible(False)
        for axes in panels[:, 0]:
            axes.set_ylabel(tables[0].y.label)
        _colour_bar(figure, mesh, colours, tables)
        if handles:
            figure.legend(handles=handles, loc="outside lower center", ncols=columns)
    return figure


def _colour_bar(figure: Figure, mesh: QuadMesh, colours: Colours, tables: Sequence[HeatTable]) -> None:
    quantity = tables[0].quantity
    shown = [axes for axes in figure.axes if axes.get_visible()]
    values = np.concatenate([table.value.ravel() for table in tables])
    beyond = (bool((values < colours.low * 0.999).any()), bool((values > colours.high * 1.001).any()))
    extend = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}[beyond]
    bar = figure.colorbar(mesh, ax=shown, label=quantity_label(quantity), extend=extend)
    bar.outline.set_linewidth(0.4)
    if colours.is_log:
        ticks, texts = ratio_ticks(colours.low, colours.high)
        bar.set_ticks(ticks, labels=texts)
        bar.minorticks_off()


def _handles(tables: Sequence[HeatTable]) -> list[Any]:
    """Return the entries of the legend: only what is drawn."""
    quantity = tables[0].quantity
    handles: list[Any] = []
    names = quantity.ratio or ("",)
    for hatch, name, k in zip(_UNREACHED, names, range(len(names))):
        if any(table.unreached[k].any() for table in tables):
            whose = f"{name} " if name else ""
            handles.append(Patch(fill=False, hatch=hatch * 2, label=f"{whose}never, in some or all replicates"))
    if any((table.n == 0).any() for table in tables):
        handles.append(Patch(facecolor=_MISSING, label="no point"))
    if quantity.ratio is None:
        return handles
    dot: dict[str, Any] = {"marker": "o", "markersize": 1.6, "linestyle": "none", "color": INK}
    handles.insert(0, Line2D([], [], color=INK, linewidth=1.4, label="ratio 1 (median)"))
    if any(table.is_uncertain.any() for table in tables):
        handles.insert(1, Line2D([], [], label="95 % interval holds 1 (or there is none)", **dot))
    return handles
