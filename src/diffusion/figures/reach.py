"""How reach grows, by the channel through which people heard first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from diffusion.figures.style import COLUMN_MM, GREY, INK, PAGE_MM, LineStyle, inches, line_styles, styled
from diffusion.study.tables import ReachTable

_TICKS_H = (1 / 60, 1 / 6, 0.5, 1, 3, 6, 12, 24, 48, 96, 168, 336, 720)
"""Hours at which a logarithmic axis is marked."""

_STEPS_H = (1, 2, 3, 6, 12, 24, 48, 168)
_PANEL_MM = 50.0
_LEGEND_MM = 5.0
_LONGEST = 44
"""Characters of a title that fit above a panel."""

_WIDE = 12.0
"""A horizon that is longer than the shortest time by this factor needs a logarithmic axis."""

_MARK: dict[str, Any] = {
    "markersize": 4, "color": INK, "markerfacecolor": "white", "linestyle": "none", "zorder": 5,
}  # fmt: skip

_LEAST_SHARE = 0.01
"""Channels that stay below this share of the population everywhere have no line."""


def needs_logarithm(tables: Sequence[ReachTable]) -> bool:
    """Whether times to reach lie so far apart, or so near the beginning, that a linear axis would hide them."""
    times = [table.time.value for table in tables if 0 < table.time.value < math.inf]
    return bool(times) and float(tables[0].hours[-1]) > _WIDE * min(times)


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
    _mark_time(table, axes)
    _mark_hours(table, axes, logarithmic)
    return axes


def _title(table: ReachTable) -> str:
    """Return variant and T_q, below one another where they would not fit side by side."""
    time = f"{table.measure} {table.time.hours_text()}"
    name = table.variant if len(table.variant) <= _LONGEST else f"{table.variant[: _LONGEST - 1]}…"
    return f"{name}   {time}" if len(name) + len(time) < _LONGEST else f"{name}\n{time}"


def _mark_time(table: ReachTable, axes: Axes) -> None:
    """Draw T_q with its interval at the height of q, cut to the axis; an arrowhead stands for an earlier time."""
    first, last = axes.get_xlim()
    if not 0 <= table.time.value <= last:
        return
    y = 100 * table.quantile
    if table.time.exists:
        ends = [min(max(end, first), last) for end in (table.time.low, table.time.high)]
        axes.plot(ends, [y, y], color=GREY, linewidth=2.4)
    marker = "o" if table.time.value >= first else "<"
    axes.plot([max(table.time.value, first)], [y], marker=marker, clip_on=False, **_MARK)


def _mark_hours(table: ReachTable, axes: Axes, logarithmic: bool) -> None:
    """Mark hours since the story below, and the wall clock at the same places above."""
    low, high = axes.get_xlim()
    if logarithmic:
        ticks = [hour for hour in _TICKS_H if low <= hour <= high]
    else:
        step = next((step for step in _STEPS_H if high / step <= 8), _STEPS_H[-1])
        ticks = [float(hour) for hour in np.arange(0, high + 1e-9, step)]
    axes.set_xticks(ticks, [_hour_label(hour) for hour in ticks])
    axes.minorticks_off()
    clock = axes.secondary_xaxis("top")
    clock.set_xticks(ticks, [_clock_label(table.begins + hour) for hour in ticks])
    clock.minorticks_off()
    clock.tick_params(labelsize=6, labelcolor=GREY, color=GREY, length=2, pad=1)
    clock.spines["top"].set_visible(False)


def _hour_label(hour: float) -> str:
    return f"{round(60 * hour)} min" if 0 < hour < 1 else f"{hour:g}"


def _clock_label(hour: float) -> str:
    """Write the wall clock, on a second line with the days that have passed."""
    minutes = round(60 * hour)
    days = minutes // 1440
    return (
        f"+{days} d\n{minutes // 60 % 24:02d}:{minutes % 60:02d}" if days else f"{minutes // 60:02d}:{minutes % 60:02d}"
    )


def reach_figure(tables: Sequence[ReachTable]) -> Figure:
    """Return a figure with one panel per variant, all on the same axes.

    Parameters
    ----------
    tables : sequence of ReachTable
        Of one story.
    """
    columns = min(2, len(tables))
    rows = math.ceil(len(tables) / columns)
    channels = _channels_worth_a_line(tables)
    styles = line_styles(channels)
    width = COLUMN_MM if columns == 1 else PAGE_MM
    handles = [Line2D([], [], color=s.colour, linestyle=s.dashes, label=name) for name, s in styles.items()]
    handles.append(Line2D([], [], color=INK, linewidth=1.6, label="all"))
    handles.append(Line2D([], [], marker="o", label=f"{tables[0].measure}, 95 % interval", **_MARK))
    handles[-1].set(color=GREY, linestyle="-", linewidth=2.4, markeredgecolor=INK)
    lines = math.ceil(len(handles) / (3 * columns))
    with styled():
        size = (inches(width), inches(rows * _PANEL_MM + lines * _LEGEND_MM + 8))
        figure = Figure(figsize=size, layout="constrained")
        panels = figure.subplots(rows, columns, squeeze=False, sharey=True)
        logarithmic = needs_logarithm(tables)
        for table, axes in zip(tables, panels.flat, strict=False):
            reach_by_channel(table, axes, styles=styles, logarithmic=logarithmic)
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
