"""How many cascades are how large and how deep, and how viral those of a size are."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator

from diffusion.figures.style import COLUMN_MM, INK, PAGE_MM, LineStyle, inches, line_styles, shortened, styled
from diffusion.study.shape_tables import Ccdf, ShapeTable
from diffusion.study.summary import short
from diffusion.study.tables import BAND

_PANEL_MM, _LEGEND_MM, _NAME = 52.0, 4.4, 26
_FEWEST = 5
"""Cascades of about one size that are needed for a band of their virality."""

_MOST_DOTS = 3000
"""Cascades of a variant that are drawn as dots, evenly from all of them; the line counts every one."""


def ccdf(found: Ccdf, axes: Axes, style: LineStyle, label: str) -> Axes:
    """Draw the share of cascades of at least x: the median over replicates as a line, and their band.

    Parameters
    ----------
    found : Ccdf
    axes : Axes
        Shares are drawn on a logarithmic axis; where most replicates have none as large the line ends.
    style : LineStyle
    label : str
    """
    seen = found.median > 0
    axes.fill_between(found.x, found.low, found.high, color=style.colour, alpha=0.2, linewidth=0, step="pre")
    line = {"color": style.colour, "linestyle": style.dashes, "drawstyle": "steps-pre"}
    axes.plot(found.x[seen], found.median[seen], label=label, **line)  # type: ignore[arg-type]
    axes.set_yscale("log")
    return axes


def cascades_figure(tables: Sequence[ShapeTable]) -> Figure:
    """Return a figure of two panels: the sizes and the depths of the cascades of every variant.

    Parameters
    ----------
    tables : sequence of ShapeTable
        Of one story.
    """
    styles = line_styles([table.variant for table in tables])
    with styled():
        height = _PANEL_MM + _LEGEND_MM * math.ceil((len(tables) + 1) / 2) + 4
        figure = Figure(figsize=(inches(PAGE_MM), inches(height)), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True)
        for table in tables:
            label = f"{shortened(table.variant, _NAME)}: {table.cascades} cascades"
            label += "" if table.sizes.size else ", none passed on"
            ccdf(table.size, left, styles[table.variant], label)
            ccdf(table.depth, right, styles[table.variant], label)
        lowest = min(_floor(found) for table in tables for found in (table.size, table.depth))
        left.set_ylim(lowest / 2, 1.4)
        left.set_xscale("log")
        _plain(left, "x")
        left.set_xlim(1, max(2, 1.1 * max(int(table.size.x[-1]) for table in tables)))
        right.set_xlim(0, max(1, *(int(table.depth.x[-1]) for table in tables)))
        right.xaxis.get_major_locator().set_params(integer=True)
        left.set_xlabel(f"size of a cascade of “{tables[0].story}”, shares")
        right.set_xlabel("depth, generations below the root")
        left.set_ylabel("share of cascades at least as large")
        right.set_ylabel("share of cascades at least as deep")
        for axes in (left, right):
            axes.grid()
        handles, _ = left.get_legend_handles_labels()
        handles.append(Line2D([], [], color=INK, alpha=0.2, linewidth=4, label="10 % to 90 % of the replicates"))
        figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


def _floor(found: Ccdf) -> float:
    """Return the smallest share that is drawn."""
    return float(found.median[found.median > 0].min())


def _plain(axes: Axes, which: str) -> None:
    """Write the marks of a logarithmic axis as plain numbers."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(LogLocator(10))
    axis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    axes.minorticks_off()


def virality(tables: Sequence[ShapeTable], axes: Axes) -> Axes:
    """Draw structural virality against size: a dot per cascade, and the median and the band by size.

    Parameters
    ----------
    tables : sequence of ShapeTable
        Of one story.
    axes : Axes

    Returns
    -------
    Axes
        Cascades of all replicates together, of two shares or more; from 9 shares on medians and bands are those of a
        doubling of size. Grey lines are the least and the most that trees can have: a star (one broadcast, near 2) and
        a chain (from person to person, a third of the size).
    """
    styles = line_styles([table.variant for table in tables])
    largest = max(int(table.sizes.max()) for table in tables)
    sizes = np.unique(np.geomspace(2, max(3, largest), 60))
    for bound, law in _BOUNDS.items():
        axes.plot(sizes, [law(n) for n in sizes], color="0.6", linewidth=0.8, label=f"_{bound}")
    for table in tables:
        style = styles[table.variant]
        step = max(1, table.sizes.size // _MOST_DOTS)
        dots: dict[str, Any] = {"marker": ".", "markersize": 2, "linestyle": "none", "alpha": 0.25, "rasterized": True}
        axes.plot(table.sizes[::step], table.virality[::step], color=style.colour, markeredgewidth=0, **dots)
        middle, (low, median, high) = _by_size(table)
        axes.fill_between(middle, low, high, color=style.colour, alpha=0.25, linewidth=0)
        label = shortened(table.variant, _NAME)
        axes.plot(middle, median, color=style.colour, linestyle=style.dashes, marker="o", markersize=2.5, label=label)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    axes.set_xlim(1.8, 1.1 * max(3, largest))
    axes.set_ylim(0.9, 1.2 * max(2.0, *(float(table.virality.max()) for table in tables)))
    right, top = axes.get_xlim()[1], axes.get_ylim()[1]
    note: dict[str, Any] = {"textcoords": "offset points", "ha": "right", "va": "bottom", "fontsize": 6, "color": "0.4"}
    axes.annotate("star", (right, _BOUNDS["star"](right)), (-2, -8), **note)
    if right > 3 * top:
        axes.annotate("chain", (3 * top, top), (-14, -8), **note)
    axes.grid()
    axes.set_xlabel(f"size of a cascade of “{tables[0].story}”, shares")
    axes.set_ylabel("structural virality (mean distance)")
    return axes


_BOUNDS: dict[str, Callable[[float], float]] = {"star": lambda n: 2 * (n - 1) / n, "chain": lambda n: (n + 1) / 3}
"""Mean distance between pairs of nodes of a star and of a chain of n nodes."""


def _by_size(table: ShapeTable) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return, for each group of sizes with enough cascades, the median size and the quantiles of virality."""
    # Up to 8 shares virality depends so much on the size that only equals are put together.
    group = np.where(table.sizes <= 8, table.sizes, 6 + np.floor(np.log2(table.sizes)).astype(np.int64))
    middles, spreads = [], []
    for k in np.unique(group):
        own = group == k
        if own.sum() >= _FEWEST:
            middles.append(float(np.median(table.sizes[own])))
            spreads.append(np.quantile(table.virality[own], (BAND[0], 0.5, BAND[1])))
    return np.array(middles), np.array(spreads).reshape(-1, 3).T


def virality_figure(tables: Sequence[ShapeTable]) -> Figure:
    """Return a figure of one column with the structural virality of all cascades of one story, by size."""
    columns = min(2, len(tables))
    with styled():
        height = _PANEL_MM + _LEGEND_MM * (1 + math.ceil(len(tables) / columns)) + 8
        figure = Figure(figsize=(inches(COLUMN_MM), inches(height)), layout="constrained")
        handles, _ = virality(tables, figure.subplots()).get_legend_handles_labels()
        handles.append(Line2D([], [], color=INK, alpha=0.25, linewidth=4, label="10 % to 90 % of cascades"))
        figure.legend(handles=handles, loc="outside lower center", ncols=columns)
    return figure
