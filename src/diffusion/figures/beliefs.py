"""The belief ribbon: who believes a story, who does not, and who is undecided, over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from diffusion.figures.hours import mark_hours, wants_logarithm
from diffusion.figures.style import COLUMN_MM, INK, OKABE_ITO, PAGE_MM, inches, shortened, styled
from diffusion.study.belief_tables import BeliefTable
from diffusion.study.tables import Floats

_PANEL_MM, _LEGEND_MM, _TITLE = 46.0, 4.6, 40
_COLOURS = {"believing": OKABE_ITO[1], "disbelieving": OKABE_ITO[0]}
_HATCH = {"believing": "////", "disbelieving": ""}


def belief_ribbon(table: BeliefTable, axes: Axes, *, logarithmic: bool = False) -> Axes:
    """Draw the share of the population that believes a story upwards, and the share that disbelieves it downwards.

    Parameters
    ----------
    table : BeliefTable
    axes : Axes
    logarithmic : bool
        Whether time is drawn on a logarithmic axis.

    Returns
    -------
    Axes
        Areas are medians over replicates, pale bands reach from the 10 % to the 90 % quantile. The black line is the
        share that is aware: what lies between it and the two areas together is undecided.
    """
    shown = table.hours > 0 if logarithmic else np.full(table.hours.size, True)
    hours = table.hours[shown]
    if logarithmic:
        axes.set_xscale("log")
    for name, colour in _COLOURS.items():
        sign = 1 if name == "believing" else -1
        shares: Floats = getattr(table, name)
        low, median, high = 100 * sign * shares[:, shown]
        axes.fill_between(hours, 0, median, facecolor=colour, hatch=_HATCH[name], edgecolor=INK, linewidth=0, alpha=0.6)
        axes.plot(hours, median, color=colour, label=name)
        axes.fill_between(hours, low, high, color=colour, alpha=0.3, linewidth=0)
    low, median, high = 100 * table.aware[:, shown]
    axes.fill_between(hours, low, high, color=INK, alpha=0.15, linewidth=0)
    axes.plot(hours, median, color=INK, linewidth=1.6, label="aware")
    axes.axhline(0, color=INK, linewidth=0.6)
    axes.set_xlim(float(hours[0]), float(hours[-1]))
    axes.set_title(shortened(table.variant, _TITLE))
    axes.grid(axis="y")
    mark_hours(table.begins, axes)
    return axes


def beliefs_figure(tables: Sequence[BeliefTable]) -> Figure:
    """Return a figure with one panel per variant, all on the same axes.

    Parameters
    ----------
    tables : sequence of BeliefTable
        Of one story.
    """
    columns = min(2, len(tables))
    rows = math.ceil(len(tables) / columns)
    handles: list[Any] = [
        Patch(label=name, facecolor=colour, hatch=_HATCH[name], alpha=0.6) for name, colour in _COLOURS.items()
    ]
    handles.append(Line2D([], [], color=INK, linewidth=1.6, label="aware"))
    handles.append(Patch(facecolor=INK, alpha=0.15, label="10 % to 90 % of the replicates"))
    lines = 2 if columns == 1 else 1
    lowest = max(float(table.disbelieving[2].max()) for table in tables)
    with styled():
        width = COLUMN_MM if columns == 1 else PAGE_MM
        size = (inches(width), inches(rows * _PANEL_MM + lines * _LEGEND_MM + 8))
        figure = Figure(figsize=size, layout="constrained")
        panels = figure.subplots(rows, columns, squeeze=False, sharey=True)
        logarithmic = wants_logarithm([_half_time(table) for table in tables], float(tables[0].hours[-1]))
        for table, axes in zip(tables, panels.flat, strict=False):
            belief_ribbon(table, axes, logarithmic=logarithmic)
        for axes in panels.flat[len(tables) :]:
            axes.set_visible(False)
        for axes in panels[:, 0]:
            axes.set_ylabel("% of the population")
            axes.set_ylim(-max(25, 100 * lowest) - 1, 101)
            axes.set_yticks(range(-25 * math.ceil(max(1, 4 * lowest - 0.04)), 101, 25))
            axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
        truth = "true" if tables[0].is_true else "false"
        for column in range(columns):
            under = panels[(len(tables) - 1 - column) // columns, column]
            under.set_xlabel(f"time since “{tables[0].story}” ({truth}), hours")
        figure.legend(handles=handles, loc="outside lower center", ncols=2 if columns == 1 else 4)
    return figure


def _half_time(table: BeliefTable) -> float:
    """Return when half of those who are aware in the end were."""
    aware = table.aware[1]
    return float(table.hours[np.searchsorted(aware, aware[-1] / 2)])
