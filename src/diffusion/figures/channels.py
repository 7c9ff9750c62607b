"""What reach is made of: the channels through which people heard first, stacked, and their shares in the end."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from diffusion.figures.hours import mark_hours
from diffusion.figures.reach import panels_of_reach
from diffusion.figures.style import COLUMN_MM, GREY, INK, fill_styles, inches, line_styles, shortened, styled
from diffusion.study.tables import ReachTable, SourceTable

_LEGEND_MM = 4.6
_TITLE = 44
_NAMES_IN_A_ROW = ((3, 10), (2, 21), (1, _TITLE))
"""Columns of a legend in one column of a page, and the length of names up to which so many fit."""

_BAND: dict[str, Any] = {"color": INK, "linewidth": 0.7, "linestyle": (0, (1, 1.2))}
LEAST_AREA = 0.01
"""Channels that stay below this share of the population everywhere are too narrow to be seen."""

_LEAST_SOURCE = 0.005
"""Channels that nowhere are the first source of this share of the aware have no row."""

_ROW_MM = 2.3
_MARKERS = "osD^vP*X"


def channel_stack(
    table: ReachTable,
    axes: Axes,
    *,
    styles: Mapping[str, Mapping[str, Any]] | None = None,
    logarithmic: bool = False,
) -> Axes:
    """Draw the reach of one variant as areas, one per channel of first exposure, stacked.

    Parameters
    ----------
    table : ReachTable
    axes : Axes
    styles : mapping, optional
        Channel -> keywords of its area; channels without one are left out.
    logarithmic : bool
        Whether time is drawn on a logarithmic axis.

    Returns
    -------
    Axes
        Areas are means over replicates, which add up; dotted lines are the 10 % and 90 % quantiles of the whole.
    """
    chosen = styles if styles is not None else fill_styles(table.channels)
    shown = table.hours > 0 if logarithmic else np.full(table.hours.size, True)
    hours = table.hours[shown]
    below = np.zeros(hours.size)
    for k, channel in enumerate(table.channels):
        if channel in chosen:
            above = below + 100 * table.mean[k, shown]
            axes.fill_between(hours, below, above, label=channel, **chosen[channel])
            below = above
    if logarithmic:
        axes.set_xscale("log")
    axes.plot(hours, 100 * table.mean[:, shown].sum(axis=0), color=INK, label="all")
    for edge in (table.whole_low, table.whole_high):
        axes.plot(hours, 100 * edge[shown], **_BAND)
    axes.set_xlim(float(hours[0]), float(hours[-1]))
    axes.set_ylim(0, 101)
    axes.set_yticks(range(0, 101, 25))
    axes.set_title(shortened(table.variant, _TITLE))
    mark_hours(table.begins, axes)
    return axes


def channels_figure(tables: Sequence[ReachTable]) -> Figure:
    """Return a figure with one panel per variant, all on the same axes.

    Parameters
    ----------
    tables : sequence of ReachTable
        Of one story.
    """
    names = channels_of(tables)
    seen = {c for t in tables for k, c in enumerate(t.channels) if t.mean[k].max() >= LEAST_AREA}
    styles = fill_styles([name for name in names if name in seen])
    handles: list[Any] = [Patch(label=name, **style) for name, style in styles.items()]
    handles += [Line2D([], [], color=INK, label="all, mean"), Line2D([], [], label="all, 10 % to 90 %", **_BAND)]
    return panels_of_reach(tables, partial(channel_stack, styles=styles), handles, (2, 5))


def channels_of(tables: Sequence[ReachTable]) -> list[str]:
    """Return all channels of several variants, in the order of their codes as far as one variant has them."""
    longest = sorted(tables, key=lambda table: -len(table.channels))
    return list(dict.fromkeys(channel for table in longest for channel in table.channels))


def first_sources(tables: Sequence[SourceTable], axes: Axes) -> Axes:
    """Draw through which channel the aware heard first: a mark per channel and variant, with its interval.

    Parameters
    ----------
    tables : sequence of SourceTable
        Of one story, one per variant.
    axes : Axes

    Returns
    -------
    Axes
        Marks are medians over replicates, bars their 95 % intervals. The most important channel is on top.
    """
    channels = sources_worth_a_row(tables)
    styles = line_styles([table.variant for table in tables])
    step = 0.8 / max(1, len(tables))
    for number, table in enumerate(tables):
        colour, marker = styles[table.variant].colour, _MARKERS[number % len(_MARKERS)]
        label: str | None = shortened(table.variant, _TITLE)
        for row, channel in enumerate(channels):
            share = table.shares.get(channel)
            if share is None or math.isnan(share.value) or share.value == 0:
                continue
            y = row + step * (number - (len(tables) - 1) / 2)
            if share.exists:
                axes.plot([100 * share.low, 100 * share.high], [y, y], color=colour, linewidth=1.4)
            mark = {"marker": marker, "markersize": 3.2, "linestyle": "none", "markeredgewidth": 0.6, "clip_on": False}
            axes.plot([100 * share.value], [y], color=colour, markerfacecolor="white", label=label, **mark)  # type: ignore[arg-type]
            label = None
    for row in range(1, len(channels)):
        axes.axhline(row - 0.5, color="0.9", linewidth=0.4)
    axes.set_yticks(range(len(channels)), [shortened(channel, _TITLE // 2) for channel in channels])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(max(0.5, len(channels) - 0.5), -0.5)
    axes.set_xlim(left=0)
    axes.grid(axis="x")
    axes.set_xlabel(f"first heard of “{tables[0].story}” through it, % of the aware")
    return axes


def sources_worth_a_row(tables: Sequence[SourceTable]) -> list[str]:
    """Return the channels whose share can be seen anywhere, the largest first."""
    largest: dict[str, float] = {}
    for table in tables:
        for channel, share in table.shares.items():
            largest[channel] = max(largest.get(channel, 0.0), 0.0 if math.isnan(share.value) else share.value)
    return sorted((c for c, share in largest.items() if share >= _LEAST_SOURCE), key=lambda c: -largest[c])


def sources_figure(tables: Sequence[SourceTable]) -> Figure:
    """Return a figure of one column with the first sources of all variants of one story."""
    rows = max(1, len(sources_worth_a_row(tables)))
    longest = max((len(shortened(table.variant, _TITLE)) for table in tables), default=0)
    columns = next(n for n, characters in _NAMES_IN_A_ROW if longest <= characters)
    with styled():
        height = rows * max(5.0, _ROW_MM * len(tables)) + _LEGEND_MM * math.ceil((len(tables) + 1) / columns) + 14
        figure = Figure(figsize=(inches(COLUMN_MM), inches(height)), layout="constrained")
        axes = first_sources(tables, figure.subplots())
        handles, _ = axes.get_legend_handles_labels()
        handles.append(Line2D([], [], color=GREY, linewidth=1.4, label="95 % interval"))
        figure.legend(handles=handles, loc="outside lower center", ncols=columns)
    return figure
