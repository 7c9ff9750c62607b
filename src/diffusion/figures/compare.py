"""Observed against simulated cascades."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter

from diffusion.errors import expected
from diffusion.figures.files import put
from diffusion.figures.style import INK, OKABE_ITO, PAGE_MM, inches, save, styled
from diffusion.graphs.files import path_of
from diffusion.study.comparison import Compared, Comparison
from diffusion.study.store import list_files
from diffusion.study.summary import Floats

STEM = "comparison"
_PANEL_MM = 55.0
Style = tuple[str, str, Any]
_STYLES: tuple[Style, ...] = (("observed", INK, "-"), ("simulated", OKABE_ITO[1], (0, (4, 1.5))))
_LABELS = {
    "size": "shares of a cascade, s",
    "share delay": "time after the source's post, t",
    "parent delay": "time after the parent's post, t",
    "depth": "generations below the source, d",
}
_SIGNS = {"size": "s", "share delay": "t", "parent delay": "t", "depth": "d"}
_TIMES = {
    1 / 60: "1 s", 1 / 6: "10 s", 1.0: "1 min", 10.0: "10 min", 60.0: "1 h", 360.0: "6 h", 1440.0: "1 d",
    10_080.0: "7 d", 43_200.0: "30 d", 525_600.0: "1 y",
}  # fmt: skip
"""Minutes at which an axis of delays is marked."""


def tail_panel(compared: Compared, axes: Axes) -> Axes:
    """Draw the share of cascades that have so much or more (complementary distribution), both axes logarithmic.

    Parameters
    ----------
    compared : Compared
        Such as the size. Bands are pointwise 95 % intervals of resampling.
    axes : Axes
    """
    curve, sign = compared.curve, _SIGNS.get(compared.name, "x")
    for (name, colour, dashes), shares in zip(_STYLES, (curve.observed, curve.simulated), strict=True):
        at_least = np.hstack([np.ones((3, 1)), 1 - shares[:, :-1]])
        at_least[0, at_least[0] < 1e-12] = np.nan  # beyond the largest: a logarithm has no place for it
        _draw(axes, curve.x, at_least, (name, colour, dashes), "pre")
    axes.set_xscale("log")
    axes.set_yscale("log")
    smallest = min(1 / max(values.size, 1) for values in (compared.observed, compared.simulated))
    axes.set_ylim(smallest / 1.5, 1.3)
    decades = [10.0**-k for k in range(12) if 10.0**-k > smallest / 1.5]
    axes.set_yticks(decades, [f"{100 * share:g} %" for share in decades])
    whole = [x for x in (1, 2, 3, 5, 10, 30, 100, 1000, 10_000, 100_000) if curve.x[0] <= x <= curve.x[-1]]
    axes.set_xticks(whole, [f"{x:,}".replace(",", " ") for x in whole])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()
    axes.set_ylabel(f"cascades with {sign} or more")
    return _finished(compared, axes)


def delay_panel(compared: Compared, axes: Axes) -> Axes:
    """Draw the share of posts made up to a time (distribution), time on a logarithmic axis.

    Parameters
    ----------
    compared : Compared
        In minutes. Bands are pointwise 95 % intervals of resampling; no time at all is drawn at the left end.
    axes : Axes
    """
    curve = compared.curve
    for style, shares in zip(_STYLES, (curve.observed, curve.simulated), strict=True):
        _draw(axes, curve.x, 100 * shares, style, "post")
    axes.set_xscale("log")
    positive = curve.x[curve.x > 0]
    low, high = (float(positive[0]), float(positive[-1])) if positive.size else (1 / 60, 1.0)
    axes.set_xlim(max(low, 1 / 60), max(high, 2 * low))
    times = [at for at in _TIMES if axes.get_xlim()[0] <= at <= axes.get_xlim()[1]]
    times = times[:: 1 if len(times) < 7 else 2]
    axes.set_xticks(times, [_TIMES[at] for at in times])
    axes.minorticks_off()
    axes.set_ylim(0, 101)
    axes.set_yticks(range(0, 101, 25), [f"{share} %" for share in range(0, 101, 25)])
    axes.set_ylabel("reshares made up to t")
    return _finished(compared, axes)


def _draw(axes: Axes, x: Floats, shares: Floats, style: Style, where: Literal["pre", "post"]) -> None:
    name, colour, dashes = style
    axes.fill_between(x, shares[1], shares[2], step=where, color=colour, alpha=0.2, linewidth=0)
    axes.step(x, shares[0], where=where, color=colour, linestyle=dashes, label=name)


def _finished(compared: Compared, axes: Axes) -> Axes:
    axes.set_xlabel(_LABELS.get(compared.name, compared.name))
    axes.set_title(f"{compared.name}: KS distance {compared.distance.text()}")
    axes.grid()
    return axes


def comparison_figure(comparison: Comparison) -> Figure:
    """Return a figure of sizes and delays, and of delays along links and depths where parents are observed.

    Parameters
    ----------
    comparison : Comparison
    """
    expected("comparison", comparison, Comparison, "what compare(results, observed) returns")
    names = [q.name for q in comparison.quantities if q.name in _LABELS and q.simulated.size]
    rows = (len(names) + 1) // 2
    handles = [
        Line2D([], [], color=colour, linestyle=dashes, label=f"{name} (band: 95 % of resamples)")
        for name, colour, dashes in _STYLES
    ]
    with styled():
        figure = Figure(figsize=(inches(PAGE_MM), inches(rows * _PANEL_MM + 8)), layout="constrained")
        panels = figure.subplots(rows, 2, squeeze=False)
        for name, axes in zip(names, panels.flat, strict=False):
            panel = delay_panel if comparison[name].unit == "min" else tail_panel
            panel(comparison[name], axes)
        for axes in panels.flat[len(names) :]:
            axes.set_visible(False)
        figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


def save_comparison(comparison: Comparison, folder: Path) -> list[Path]:
    """Write a comparison as a table (CSV) and a figure (PDF, PNG) into a folder; all of it or nothing.

    Parameters
    ----------
    comparison : Comparison
    folder : Path
        Made if it is not there. ``comparison.csv``, ``.pdf`` and ``.png`` that lie there are replaced.

    Returns
    -------
    list of Path

    Raises
    ------
    InputError
        If nothing can be written there.
    """
    expected("comparison", comparison, Comparison, "what compare(results, observed) returns")
    folder = path_of("folder", folder)

    def write(beside: Path) -> list[Path]:
        table = beside / f"{STEM}.csv"
        table.write_text(comparison.csv(), encoding="utf-8")
        return [table, *save(comparison_figure(comparison), beside / STEM)]

    among_results = comparison.folder is not None and folder.resolve() == comparison.folder.resolve()
    return put(folder, write, partial(list_files, folder) if among_results else None)
