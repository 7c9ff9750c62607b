"""The hand-off between networks and media: who published when, with every bulletin, below how people heard."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from diffusion.figures.hours import mark_hours, wants_logarithm
from diffusion.figures.style import GREY, INK, PAGE_MM, inches, line_styles, shortened, styled
from diffusion.study.media_tables import KINDS, HandoffTable, OutletRow
from diffusion.study.report import percent

_REACH_MM, _ROW_MM, _BETWEEN_MM, _LEGEND_MM, _LINE_MM = 26.0, 6.0, 18.0, 4.6, 2.0
_NAME, _REASON, _TITLE = 22, 24, 60
_LEAST_SHARE = 0.01
"""Kinds of channels that nowhere reach this share of the population have no line."""

_STYLES = line_styles(KINDS)
_FIRST: dict[str, Any] = {"marker": "o", "markersize": 4, "markerfacecolor": "white", "linestyle": "none", "zorder": 4}
_BULLETIN: dict[str, Any] = {"marker": "|", "markersize": 6, "markeredgewidth": 0.5, "linestyle": "none", "zorder": 3}
_LEARNED: dict[str, Any] = {"color": GREY, "linewidth": 0.8, "linestyle": (0, (2, 1)), "zorder": 1}
_BAND: dict[str, Any] = {"linewidth": 3.2, "alpha": 0.3, "solid_capstyle": "butt", "zorder": 2}


def reach_by_kind(table: HandoffTable, axes: Axes) -> Axes:
    """Draw how many heard first from media, officials, platforms and word of mouth: medians and bands of replicates."""
    shown = table.hours > 0 if axes.get_xscale() == "log" else np.full(table.hours.size, True)
    for kind in _kinds_worth_a_line(table):
        k = table.kinds.index(kind)
        style = _STYLES[kind]
        low, high = 100 * table.low[k, shown], 100 * table.high[k, shown]
        axes.fill_between(table.hours[shown], low, high, color=style.colour, alpha=0.2, linewidth=0)
        axes.plot(table.hours[shown], 100 * table.median[k, shown], color=style.colour, linestyle=style.dashes)
    axes.set_ylim(bottom=0)
    axes.grid(axis="y")
    return axes


def publications(table: HandoffTable, axes: Axes) -> Axes:
    """Draw a row per outlet and official: when it learned of the story, first published it, and every bulletin.

    Parameters
    ----------
    table : HandoffTable
    axes : Axes

    Returns
    -------
    Axes
        Circles are medians of the first publication over the replicates in which there was one (beside the row stands
        in how many, if not in all), wide bars reach from the 10 % to the 90 % quantile, dashes begin where the outlet
        learned of the story. Strokes are the publications of one replicate, the typical one. Beside each row stands
        from where the outlet mostly had it.
    """
    first, last = axes.get_xlim()
    for y, row in enumerate(table.outlets):
        colour = _STYLES["media" if row.kind == "outlet" else "officials"].colour
        low, high = (min(max(hour, first), last) for hour in (row.first.low, row.first.high))
        axes.plot([low, high], [y, y], color=colour, **_BAND)
        if row.learned < row.first.median < math.inf:
            axes.plot([max(row.learned, first), row.first.median], [y, y], **_LEARNED)
        seen = row.bulletins[(row.bulletins >= first) & (row.bulletins <= last)]
        axes.plot(seen, np.full(seen.size, y), color=INK, **_BULLETIN)
        if row.first.median <= last:
            early = {"marker": "<"} if row.first.median < first else {}  # an arrowhead stands for an earlier time
            axes.plot([max(row.first.median, first)], [y], color=colour, clip_on=False, **(_FIRST | early))
        axes.annotate(_reason(row), (1, y), (4, 0), ("axes fraction", "data"), "offset points", va="center", fontsize=6)
    axes.set_yticks(range(len(table.outlets)), [shortened(row.outlet, _NAME) for row in table.outlets])
    axes.set_ylim(len(table.outlets) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    return axes


def _reason(row: OutletRow) -> str:
    """Return from where the outlet mostly had the story, and how often it never published it."""
    lines = []
    if row.reasons:
        source, share = next(iter(row.reasons.items()))
        lines.append(shortened(source, _REASON) + (f" ({percent(share)})" if share < 1 else ""))
    if row.published < 1:
        lines.append(f"published in {percent(row.published)} of runs")
    return "\n".join(lines)


def handoff_figure(tables: Sequence[HandoffTable]) -> Figure:
    """Return a figure with two panels per variant: reach by kind of channel, and below it what was published when.

    Parameters
    ----------
    tables : sequence of HandoffTable
        Of one story, of variants in which anything was published.
    """
    lines = max(_reason(row).count("\n") for table in tables for row in table.outlets)
    rows = [(_ROW_MM + _LINE_MM * lines) * len(table.outlets) for table in tables]
    height = sum(rows) + len(tables) * (_REACH_MM + _BETWEEN_MM) + 2 * _LEGEND_MM + 4
    horizon = max(float(table.hours[-1]) for table in tables)
    logarithmic = wants_logarithm([row.first.median for table in tables for row in table.outlets], horizon)
    with styled():
        figure = Figure(figsize=(inches(PAGE_MM), inches(height)), layout="constrained")
        ratios = [part for row in rows for part in (_REACH_MM, row)]
        panels = figure.subplots(2 * len(tables), 1, height_ratios=ratios)
        for above, below, table in zip(panels[::2], panels[1::2], tables, strict=True):
            _draw_pair(table, above, below, logarithmic=logarithmic)
        top = max(axes.get_ylim()[1] for axes in panels[::2])
        for axes in panels[::2]:
            axes.set_ylim(0, top)
        panels[-1].set_xlabel(f"time since “{tables[0].story}”, hours (above: wall clock)")
        kinds = [kind for kind in KINDS if any(kind in _kinds_worth_a_line(table) for table in tables)]
        figure.legend(handles=_handles(kinds), loc="outside lower center", ncols=4)
    return figure


def _kinds_worth_a_line(table: HandoffTable) -> list[str]:
    return [kind for k, kind in enumerate(table.kinds) if table.high[k, -1] >= _LEAST_SHARE]


def _draw_pair(table: HandoffTable, above: Axes, below: Axes, *, logarithmic: bool) -> None:
    for axes in (above, below):
        if logarithmic:
            axes.set_xscale("log")
        first = table.hours[table.hours > 0][0] if logarithmic else table.hours[0]
        axes.set_xlim(float(first), float(table.hours[-1]))
    reach_by_kind(table, above)
    publications(table, below)
    above.set_title(shortened(table.variant, _TITLE))
    above.set_ylabel("heard first,\n% of the population")
    below.annotate("had it mostly from", (1, 1), (4, 4), "axes fraction", "offset points", fontsize=6, color=GREY)
    mark_hours(table.begins, above)
    mark_hours(table.begins, below, clock=False)
    above.set_xticklabels([])
    below.grid(axis="x")


def _handles(kinds: Sequence[str]) -> list[Line2D]:
    media = _STYLES["media"].colour
    handles = [Line2D([], [], color=_STYLES[k].colour, linestyle=_STYLES[k].dashes, label=k) for k in kinds]
    handles.append(Line2D([], [], color=media, label="first publication, median", **_FIRST))
    handles.append(Line2D([], [], color=media, label="10 % to 90 % of the replicates", **_BAND))
    handles.append(Line2D([], [], label="since it learned of it", **_LEARNED))
    handles.append(Line2D([], [], color=INK, label="bulletins of one replicate", **_BULLETIN))
    return handles
