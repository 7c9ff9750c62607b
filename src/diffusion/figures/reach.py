"""How reach grows, by the channel through which people heard first."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from diffusion.figures.hours import MARK, mark_hours, mark_time, needs_logarithm
from diffusion.figures.style import COLUMN_MM, GREY, INK, PAGE_MM, LineStyle, inches, line_styles, shortened, styled
from diffusion.study.tables import ReachTable

_PANEL_MM = 50.0
_LEGEND_MM = 5.0
_LONGEST = 44
"""Characters of a title that fit above a panel."""

_LEAST_SHARE = 0.01
"""Channels that stay below this share of the population everywhere have no line."""


def reach_by_channel(
    table: ReachTable, axes: Axes, *, styles: Mapping[str, LineStyle] | None = None, logarithmic: bool = False
) -> Axes:
    """Draw the reach of one variant: a line per channel and one for all, bands over replicates, and T_q.

    Parameters
    ----------
    table : ReachTable
    axes : Axes
    styles : mapping, optional
        Channel -> `LineStyle`; channels without one are not drawn.
    logarithmic : bool
        Whether time is drawn on a logarithmic axis.

    Returns
    -------
    Axes
        Lines are medians, bands reach from the 10 % to the 90 % quantile over replicates. The mark at T_q has the 95 %
        interval of its median. The upper axis shows the wall clock.
    """
    chosen = styles if styles is not None else line_styles(table.channels)
    shown = table.hours > 0 if logarithmic else np.full(table.hours.size, True)
    hours = table.hours[shown]
    for k, channel in enumerate(table.channels):
        if channel in chosen:
            style = chosen[channel]
            axes.fill_between(
                hours, 100 * table.low[k, shown], 100 * table.high[k, shown], color=style.colour, alpha=0.2, linewidth=0
            )
            axes.plot(hours, 100 * table.median[k, shown], color=style.colour, linestyle=style.dashes, label=channel)
    axes.fill_between(
        hours, 100 * table.whole_low[shown], 100 * table.whole_high[shown], color=INK, alpha=0.15, linewidth=0
    )
    axes.plot(hours, 100 * table.whole[shown], color=INK, linewidth=1.6, label="all")
    if logarithmic:
        axes.set_xscale("log")
    axes.set_xlim(float(hours[0]), float(hours[-1]))
    axes.set_ylim(0, 101)  # a line at 100 % in its full width
    axes.set_yticks(range(0, 101, 25))
    axes.grid(axis="y")
    axes.set_title(_title(table))
    mark_time(table, axes)
    mark_hours(table.begins, axes)
    return axes


def _title(table: ReachTable) -> str:
    """Return variant and T_q, below one another where they would not fit side by side."""
    time = f"{table.measure} {table.time.hours_text()}"
    name = shortened(table.variant, _LONGEST)
    return f"{name}   {time}" if len(name) + len(time) < _LONGEST else f"{name}\n{time}"


def reach_figure(tables: Sequence[ReachTable]) -> Figure:
    """Return a figure with one panel per variant, all on the same axes.

    Parameters
    ----------
    tables : sequence of ReachTable
        Of one story.
    """
    channels = _channels_worth_a_line(tables)
    styles = line_styles(channels)
    handles: list[Any] = [Line2D([], [], color=s.colour, linestyle=s.dashes, label=name) for name, s in styles.items()]
    handles.append(Line2D([], [], color=INK, linewidth=1.6, label="all"))
    handles.append(Line2D([], [], marker="o", label=f"{tables[0].measure}, 95 % interval", **MARK))
    handles[-1].set(color=GREY, linestyle="-", linewidth=2.4, markeredgecolor=INK)
    return panels_of_reach(tables, partial(reach_by_channel, styles=styles), handles, (3, 6))


def panels_of_reach(
    tables: Sequence[ReachTable],
    panel: Callable[..., object],
    handles: Sequence[Any],
    per_line: tuple[int, int],
) -> Figure:
    """Return a figure of one panel per variant, with one scale of the share aware and one legend below.

    Parameters
    ----------
    tables : sequence of ReachTable
    panel : callable
        Draws ``panel(table, axes, logarithmic=…)``.
    handles : sequence
        Entries of the legend.
    per_line : (int, int)
        How many of them fit side by side below one panel, and below two.
    """
    columns = min(2, len(tables))
    rows = math.ceil(len(tables) / columns)
    lines = math.ceil(len(handles) / per_line[columns - 1])
    with styled():
        width = COLUMN_MM if columns == 1 else PAGE_MM
        size = (inches(width), inches(rows * _PANEL_MM + lines * _LEGEND_MM + 8))
        figure = Figure(figsize=size, layout="constrained")
        panels = figure.subplots(rows, columns, squeeze=False, sharey=True)
        logarithmic = needs_logarithm(tables)
        for table, axes in zip(tables, panels.flat, strict=False):
            panel(table, axes, logarithmic=logarithmic)
        for axes in panels.flat[len(tables) :]:
            axes.set_visible(False)
        for axes in panels[:, 0]:
            axes.set_ylabel("aware, % of the population")
        for column in range(columns):
            lowest = panels[(len(tables) - 1 - column) // columns, column]
            lowest.set_xlabel(f"time since “{tables[0].story}”, hours (above: wall clock)")
        figure.legend(handles=handles, loc="outside lower center", ncols=math.ceil(len(handles) / lines))
    return figure


def _channels_worth_a_line(tables: Sequence[ReachTable]) -> list[str]:
    """Return the channels that anywhere reach a share that can be seen, in the order of their codes."""
    seen = {c for t in tables for k, c in enumerate(t.channels) if t.high[k, -1] >= _LEAST_SHARE}
    return list(
        dict.fromkeys(c for t in sorted(tables, key=lambda t: -len(t.channels)) for c in t.channels if c in seen)
    )
