"""Where the time went, variant by variant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import fill, shorten

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from diffusion.figures.style import INK, PAGE_MM, fill_style, inches, styled
from diffusion.study.report import percent
from diffusion.study.summary import short
from diffusion.study.tables import DelayTable

_LABELS = {
    "newsgathering": "newsgathering",
    "verification": "verification",
    "slot": "waiting for the slot",
    "approval": "approval",
    "latency": "platform latency",
    "session": "waiting for the session",
    "audience": "waiting for the audience",
    "hesitation": "hesitation of sharers",
    "meeting": "waiting to meet",
}
_BAR_MM = 10.0
_LINE = 24
"""Characters of a line beside a bar."""

_LEAST_SHARE = 0.002
"""Components that nowhere take this share of the time are too narrow to be seen, and are not in the legend."""


def delay_decomposition(tables: Sequence[DelayTable], axes: Axes) -> Axes:
    """Draw mean delays as stacked bars, one per variant, with the 95 % interval of their sum.

    Parameters
    ----------
    tables : sequence of DelayTable
        Drawn from above.
    axes : Axes
    """
    _stack(tables, axes, [table.hours for table in tables])
    farthest = max([0.0, *(_farthest(table) for table in tables)])
    for y, table in enumerate(tables):
        if math.isnan(table.total.value):
            axes.text(0, y, " nobody was aware", va="center")
            continue
        if table.total.exists:
            axes.plot([table.total.low, table.total.high], [y, y], color=INK, linewidth=1.2, marker="|", markersize=5)
        axes.text(_farthest(table) + 0.02 * farthest, y, f"{short(table.total.value)} h", va="center")
    axes.set_xlim(0, 1.18 * farthest or 1.0)
    axes.set_xlabel("mean time to awareness, hours")
    axes.grid(axis="x")
    return axes


def delay_shares(tables: Sequence[DelayTable], axes: Axes) -> Axes:
    """Draw the composition of the mean delays: each bar is the whole of its variant."""
    shares = []
    for table in tables:
        whole = table.hours.sum()
        shares.append(100 * table.hours / whole if whole > 0 else np.zeros(table.hours.size))
    _stack(tables, axes, shares)
    axes.set_xlim(0, 100.5)  # the bars' right edges in their full width
    axes.set_xlabel("% of the mean time")
    return axes


def _farthest(table: DelayTable) -> float:
    if math.isnan(table.total.value):
        return 0.0
    return max(table.total.value, table.total.high) if table.total.exists else table.total.value


def _stack(
    tables: Sequence[DelayTable], axes: Axes, widths: Sequence[np.ndarray[tuple[int], np.dtype[np.float64]]]
) -> None:
    for y, row in enumerate(widths):
        left = 0.0
        for component, width in enumerate(np.nan_to_num(row)):
            if width > 0:
                axes.barh(y, width, left=left, height=0.6, **fill_style(component))
                left += float(width)
    names = [fill(shorten(t.variant, 2 * _LINE, placeholder="…"), _LINE) for t in tables]
    labels = [f"{name}\n({percent(t.reached)} reached)" for name, t in zip(names, tables, strict=True)]
    axes.set_yticks(range(len(tables)), labels)
    axes.set_ylim(len(tables) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)


def delay_figure(tables: Sequence[DelayTable]) -> Figure:
    """Return a figure with the delays in hours and their composition.

    Parameters
    ----------
    tables : sequence of DelayTable
        Of one story. Means are over those who heard up to the horizon.
    """
    found = np.stack([np.nan_to_num(table.hours) for table in tables])
    used = np.flatnonzero((found > _LEAST_SHARE * found.sum(axis=1, keepdims=True)).any(axis=0))
    columns = 4
    legend_rows = math.ceil(max(1, used.size) / columns)
    with styled():
        height = _BAR_MM * len(tables) + 5.0 * legend_rows + 18
        figure = Figure(figsize=(inches(PAGE_MM), inches(height)), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(3, 2), sharey=True)
        delay_decomposition(tables, left)
        delay_shares(tables, right)
        left.set_title(f"“{tables[0].story}”: from its beginning to awareness")
        names = tables[0].components
        handles = [Patch(label=_LABELS.get(names[c], names[c]), **fill_style(int(c))) for c in used]
        if handles:
            figure.legend(handles=handles, loc="outside lower center", ncols=columns, handleheight=1.0)
    return figure
