"""Axes of time: hours since a story began, marked so that both its first minutes and its last days can be read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from diffusion.figures.style import GREY, INK
from diffusion.study.tables import ReachTable

_TICKS_H = (1 / 60, 1 / 6, 0.5, 1, 3, 6, 12, 24, 48, 96, 168, 336, 720)
"""Hours at which a logarithmic axis is marked."""

_STEPS_H = (1, 2, 3, 6, 12, 24, 48, 168)
_WIDE = 12.0
"""A horizon that is longer than the shortest time by this factor needs a logarithmic axis."""

MARK: dict[str, Any] = {
    "markersize": 4, "color": INK, "markerfacecolor": "white", "linestyle": "none", "zorder": 5,
}  # fmt: skip


def needs_logarithm(tables: Sequence[ReachTable]) -> bool:
    """Whether times to reach lie so far apart, or so near the beginning, that a linear axis would hide them."""
    return wants_logarithm([table.time.value for table in tables], float(tables[0].hours[-1]))


def wants_logarithm(hours: Sequence[float], horizon: float) -> bool:
    """Whether any of some hours lies so near the beginning of a run of `horizon` hours that it would be hidden."""
    times = [hour for hour in hours if 0 < hour < math.inf]
    return bool(times) and horizon > _WIDE * min(times)


def mark_time(table: ReachTable, axes: Axes, colour: str = GREY) -> None:
    """Draw T_q with its interval at the height of q, cut to the axis; an arrowhead stands for an earlier time."""
    first, last = axes.get_xlim()
    if not 0 <= table.time.value <= last:
        return
    y = 100 * table.quantile
    if table.time.exists:
        ends = [min(max(end, first), last) for end in (table.time.low, table.time.high)]
        axes.plot(ends, [y, y], color=colour, linewidth=2.4)
    marker = "o" if table.time.value >= first else "<"
    axes.plot([max(table.time.value, first)], [y], marker=marker, clip_on=False, **MARK)


def mark_hours(begins: float, axes: Axes, *, clock: bool = True) -> None:
    """Mark hours since the story below, and the wall clock (if asked for) at the same places above."""
    low, high = axes.get_xlim()
    if axes.get_xscale() == "log":
        ticks = [hour for hour in _TICKS_H if low <= hour <= high]
    else:
        step = next((step for step in _STEPS_H if high / step <= 8), _STEPS_H[-1])
        ticks = [float(hour) for hour in np.arange(0, high + 1e-9, step)]
    axes.set_xticks(ticks, [_hour_label(hour) for hour in ticks])
    axes.minorticks_off()
    if not clock:
        return
    upper = axes.secondary_xaxis("top")
    upper.set_xticks(ticks, [clock_label(begins + hour) for hour in ticks])
    upper.minorticks_off()
    upper.tick_params(labelsize=6, labelcolor=GREY, color=GREY, length=2, pad=1)
    upper.spines["top"].set_visible(False)


def _hour_label(hour: float) -> str:
    return f"{round(60 * hour)} min" if 0 < hour < 1 else f"{hour:g}"


def clock_label(hour: float) -> str:
    """Write the wall clock, on a second line with the days that have passed."""
    minutes = round(60 * hour)
    days = minutes // 1440
    return (
        f"+{days} d\n{minutes // 60 % 24:02d}:{minutes % 60:02d}" if days else f"{minutes // 60:02d}:{minutes % 60:02d}"
    )
