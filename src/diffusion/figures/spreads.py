"""Replicates of a classical model: its states over time, or how far it came."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from diffusion.classic.spread import Spread
from diffusion.errors import expected
from diffusion.figures.style import COLUMN_MM, INK, inches, line_styles, save, styled
from diffusion.study.spreads import bands

_HEIGHT_MM = 62.0


def state_curves(spread: Spread, axes: Axes) -> Axes:
    """Draw the share of persons in each state over time: the median over replicates, and the band from 5 to 95 %.

    Parameters
    ----------
    spread : Spread
        With ``record = "curves"`` or more.
    axes : Axes
    """
    times, persons = spread.column("curve_times"), spread.n_persons
    styles = line_styles(spread.states)
    for band in bands(spread):
        style = styles[band.state]
        edges = (100 * band.q05 / persons, 100 * band.q95 / persons)
        axes.fill_between(times, *edges, color=style.colour, alpha=0.2, linewidth=0)
        line: dict[str, Any] = {"color": style.colour, "linestyle": style.dashes}
        axes.plot(times, 100 * band.median / persons, label=band.state, **line)
    axes.set_xlim(0, max(float(times[-1]), 1e-9))
    axes.set_ylim(0, 101)
    axes.set_yticks(range(0, 101, 25))
    axes.grid(axis="y")
    axes.set_xlabel("step" if spread.is_discrete else "time")
    axes.set_ylabel("persons, %")
    return axes


def reach_tail(spread: Spread, axes: Axes) -> Axes:
    """Draw, on logarithmic axes, which share of the replicates reached at least so many persons."""
    sizes = np.sort(spread.reached)
    values, first = np.unique(sizes, return_index=True)
    shares = 1 - first / sizes.size
    axes.plot([0.9 * max(values[0], 1), *values], [1.0, *shares], drawstyle="steps-pre", color=INK)
    axes.plot(values[-1:], shares[-1:], marker="o", markersize=3, color=INK)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_ylim(0.6 / sizes.size, 1.5)
    axes.set_xlabel("events" if spread.graph is None else "persons reached")
    axes.set_ylabel("share of replicates\nwith at least so many")
    return axes


def spread_figure(spread: Spread) -> Figure:
    """Return a figure of one column: states over time where curves were kept, else how far replicates came.

    Parameters
    ----------
    spread : Spread
        What a classical model returned.
    """
    expected("spread", spread, Spread, "what a classical model returns")
    with styled():
        figure = Figure(figsize=(inches(COLUMN_MM), inches(_HEIGHT_MM)), layout="constrained")
        axes = figure.subplots()
        if spread.curves is None:
            reach_tail(spread, axes)
        else:
            state_curves(spread, axes)
            figure.legend(loc="outside lower center", ncols=min(len(spread.states), 3))
        many = f"{spread.replicates:,} replicate{'s' if spread.replicates > 1 else ''}"
        persons = "" if spread.graph is None else f"{spread.n_persons:,} persons, "
        axes.set_title(f"{spread.model}\n{persons}{many}")
    return figure


def draw_spread(spread: Spread, folder: Path) -> list[Path]:
    """Write the figure into a folder, as PDF and PNG."""
    name = "curves" if spread.curves is not None else "reached"
    return save(spread_figure(spread), folder / name)
