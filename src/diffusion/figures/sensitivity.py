"""How much a measure hangs on which key: Sobol indices or Morris effects, with their intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from diffusion.figures.style import INK, OKABE_ITO, PAGE_MM, inches, shortened, styled
from diffusion.study.sensitivity import MorrisEffects, SensitivityTable, SobolIndices
from diffusion.study.summary import Interval

_ROW_MM, _AROUND_MM = 8.5, 18.0
_LONGEST = 52
_FIRST: dict[str, Any] = {"marker": "o", "color": OKABE_ITO[0], "markersize": 4, "linewidth": 1.4}
_TOTAL: dict[str, Any] = {"marker": "s", "color": OKABE_ITO[1], "markersize": 3.6, "linewidth": 1.4}
_SD: dict[str, Any] = {"marker": "D", "color": INK, "markersize": 3.2, "markerfacecolor": "white", "linestyle": "none"}


def sensitivity(table: SensitivityTable, axes: Axes) -> Axes:
    """Draw the indices of every key with their 95 % intervals, the key on which most hangs on top.

    Parameters
    ----------
    table : SensitivityTable
    axes : Axes
    """
    order = table.order
    if isinstance(table.found, SobolIndices):
        _draw_sobol(table.found, order, axes)
        axes.set_xlabel(f"share of the variance of {table.label}")
    else:
        _draw_morris(table.found, order, axes)
        axes.set_xlabel(f"change of {table.label} across the key's range")
    names = [f"{shortened(table.found.names[k], _LONGEST)}\n{shortened(table.ranges[k], _LONGEST)}" for k in order]
    axes.set_yticks(range(len(order)), names)
    axes.set_ylim(len(order) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0, labelsize=6)
    axes.grid(axis="x")
    return axes


def _draw_sobol(found: SobolIndices, order: list[int], axes: Axes) -> None:
    axes.axvline(0.0, color=INK, linewidth=0.6)
    for row, key in enumerate(order):
        _draw(found.first[key], row - 0.15, _FIRST, axes)
        _draw(found.total[key], row + 0.15, _TOTAL, axes)


def _draw_morris(found: MorrisEffects, order: list[int], axes: Axes) -> None:
    for row, key in enumerate(order):
        _draw(found.size[key], row, _FIRST, axes)
        axes.plot([found.sd[key]], [row], **_SD)
    axes.set_xlim(left=0.0)
    right = max([*(i.high for i in found.size), float(np.max(found.sd))])
    axes.set_xlim(-0.01 * right, 1.05 * right or 1.0)


def _draw(interval: Interval, y: float, style: dict[str, Any], axes: Axes) -> None:
    axes.plot([interval.low, interval.high], [y, y], color=style["color"], linewidth=style["linewidth"])
    axes.plot([interval.value], [y], **{**style, "linestyle": "none"})


def sensitivity_figure(table: SensitivityTable) -> Figure:
    """Return a figure across the page with the indices of every key.

    Parameters
    ----------
    table : SensitivityTable
    """
    if isinstance(table.found, SobolIndices):
        shown = [(_FIRST, "first order: the key alone"), (_TOTAL, "total: with all interactions")]
    else:
        shown = [(_FIRST, "mean of the absolute effects"), (_SD, "standard deviation of the effects")]
    handles = [Line2D([], [], label=text, **style) for style, text in shown]
    handles.append(Line2D([], [], color="0.4", linewidth=1.4, label="95 % interval"))
    with styled():
        height = _ROW_MM * max(len(table.ranges), 3) + _AROUND_MM
        figure = Figure(figsize=(inches(PAGE_MM), inches(height)), layout="constrained")
        sensitivity(table, figure.subplots())
        figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure
