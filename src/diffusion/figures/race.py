"""The race of the variants: how fast the story reaches the population in each of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from diffusion.figures.hours import MARK, mark_hours, mark_time, needs_logarithm
from diffusion.figures.style import COLUMN_MM, inches, line_styles, shortened, styled
from diffusion.study.tables import ReachTable

_PANEL_MM = 62.0
_LEGEND_MM = 4.2
_NAME = 28
"""Characters of a variant's name that fit beside its time."""


def race(tables: Sequence[ReachTable], axes: Axes) -> Axes:
    """Draw the reach of every variant over time: medians with bands over replicates, and T_q with its interval.

    Parameters
    ----------
    tables : sequence of ReachTable
        Of one story, one per variant.
    axes : Axes

    Returns
    -------
    Axes
        Lines are medians, bands reach from the 10 % to the 90 % quantile over replicates; marks at T_q have the 95 %
        interval of its median. Time is logarithmic where a linear axis would hide the fastest variant.
    """
    logarithmic = needs_logarithm(tables)
    styles = line_styles([table.variant for table in tables])
    if logarithmic:
        axes.set_xscale("log")
    for table in tables:
        shown = table.hours > 0 if logarithmic else np.full(table.hours.size, True)
        hours, style = table.hours[shown], styles[table.variant]
        low, high = (100 * edge[shown] for edge in (table.whole_low, table.whole_high))
        axes.fill_between(hours, low, high, color=style.colour, alpha=0.2, linewidth=0)
        label = f"{shortened(table.variant, _NAME)}: {table.measure} {table.time.hours_text()}"
        axes.plot(hours, 100 * table.whole[shown], color=style.colour, linestyle=style.dashes, label=label)
    first = min(float(table.hours[table.hours > 0][0] if logarithmic else table.hours[0]) for table in tables)
    axes.set_xlim(first, max(float(table.hours[-1]) for table in tables))
    axes.set_ylim(0, 101)  # a line at 100 % in its full width
    axes.set_yticks(range(0, 101, 25))
    axes.grid(axis="y")
    for table in tables:
        mark_time(table, axes, styles[table.variant].colour)
    mark_hours(tables[0].begins, axes)
    axes.set_xlabel(f"time since “{tables[0].story}”, hours (above: wall clock)")
    axes.set_ylabel("aware, % of the population")
    return axes


def race_figure(tables: Sequence[ReachTable]) -> Figure:
    """Return a figure of one column with the race of the variants of one story."""
    with styled():
        height = _PANEL_MM + _LEGEND_MM * (len(tables) + 1)
        figure = Figure(figsize=(inches(COLUMN_MM), inches(height)), layout="constrained")
        race(tables, figure.subplots())
        handles, labels = figure.axes[0].get_legend_handles_labels()
        handles.append(Line2D([], [], marker="o", **MARK))
        labels.append(f"{tables[0].measure}, 95 % interval; bands: 10 % to 90 % of the replicates")
        figure.legend(handles, labels, loc="outside lower center", ncols=1)
    return figure
