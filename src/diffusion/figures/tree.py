"""One cascade as a tree: who shared after whom, generation by generation, coloured by time."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import BoundaryNorm, Normalize
from matplotlib.figure import Figure

from diffusion.figures.style import COLUMN_MM, GREY, INK, PAGE_MM, inches, shortened, styled
from diffusion.study.shape_tables import TreeTable
from diffusion.study.tables import Floats

MOST_NODES = 800
"""Shares of a tree that are drawn; of a larger one the first."""

_MORE_MM, _NAME = 12.0, 30
_IN_A_COLUMN = 200
"""Shares that can be told apart in a figure of one column; a larger tree gets the width of the page."""
_COLOURS = "viridis"
_AREA = 2.2
"""Area of the mark of somebody with few followers, in square points."""


def layout(table: TreeTable) -> tuple[Floats, Floats]:
    """Return angle and radius of every share: leaves have equal room on their rings, parents lie amid their children.

    Parameters
    ----------
    table : TreeTable

    Returns
    -------
    angle, radius : (m,) float64
        Radians and generations. Every share has a wedge in proportion to the room of the leaves below it; children lie
        in it in the order of their shares.
    """
    parent, nodes = table.parent, table.parent.size
    room = 1 / np.maximum(table.depth, 1)  # the nearer to the root, the larger the angle for the same arc
    room[np.unique(parent[parent >= 0])] = 0
    for node in range(nodes - 1, 0, -1):
        room[parent[node]] += room[node]
    start, used = np.zeros(nodes), np.zeros(nodes)
    for node in range(1, nodes):  # parents come first
        above = parent[node]
        start[node] = start[above] + used[above]
        used[above] += room[node]
    angle = 2 * np.pi * (start + room / 2) / room[0]
    return angle, table.depth.astype(np.float64)


def cascade_tree(table: TreeTable, axes: Axes) -> Any:
    """Draw a cascade around its root: rings are generations, colours are hours, areas are followers.

    Parameters
    ----------
    table : TreeTable
    axes : Axes

    Returns
    -------
    ScalarMappable
        For a colour bar of the hours after the root's share.
    """
    angle, radius = layout(table)
    x, y = radius * np.sin(angle), radius * np.cos(angle)
    deepest = max(1, int(table.depth.max()))
    turn = np.linspace(0, 2 * np.pi, 181)
    for ring in range(1, deepest + 1):
        axes.plot(ring * np.sin(turn), ring * np.cos(turn), color="0.9", linewidth=0.4, zorder=0)
    colours = _hours_scale(table.hours)
    below = np.arange(1, table.parent.size)
    edges = [_edge(angle, radius, int(table.parent[node]), int(node)) for node in below]
    axes.add_collection(LineCollection(edges, colors="0.55", linewidths=0.4, zorder=1))
    crowd = min(1.0, (250 / table.parent.size) ** 0.5) * axes.figure.bbox.width / axes.figure.dpi / inches(COLUMN_MM)
    area = _AREA * crowd * (1 + np.log10(1 + table.followers)) ** 1.5
    marks: dict[str, Any] = {"linewidths": 0.25, "edgecolors": "white", "zorder": 2}
    axes.scatter(x[1:], y[1:], s=area[1:], c=colours.to_rgba(table.hours[1:]), **marks)
    axes.scatter(x[:1], y[:1], s=22, marker="s", c=INK, linewidths=0.5, edgecolors="white", zorder=3)
    axes.set_aspect("equal")
    axes.set_axis_off()
    reach = 1.03 * deepest
    axes.set_xlim(-reach, reach)
    axes.set_ylim(-reach, reach)
    return colours


def _edge(angle: Floats, radius: Floats, parent: int, child: int) -> Floats:
    """Return a path that leaves the parent outwards and turns towards the child between the two rings."""
    way = np.linspace(0, 1, 9)
    turned = angle[parent] + (angle[child] - angle[parent]) * (3 * way**2 - 2 * way**3)
    out = radius[parent] + (radius[child] - radius[parent]) * way
    if radius[parent] == 0:
        turned = np.full(way.size, angle[child])
    path: Floats = np.column_stack([out * np.sin(turned), out * np.cos(turned)])
    return path


def _hours_scale(hours: Floats) -> ScalarMappable:
    """Return colours of equally many shares each: most of a cascade happens early."""
    edges = np.unique(np.quantile(hours[1:], np.linspace(0, 1, 9)))
    norm: Normalize = BoundaryNorm(edges, 256, extend="neither") if edges.size > 2 else Normalize(0, float(hours.max()))
    return ScalarMappable(norm, _COLOURS)


def tree_figure(table: TreeTable) -> Figure:
    """Return a figure of a column or a page with one cascade, named by its variant, its replicate and its number."""
    with styled():
        width = COLUMN_MM if table.parent.size <= _IN_A_COLUMN else PAGE_MM
        figure = Figure(figsize=(inches(width), inches(width + _MORE_MM)), layout="constrained")
        axes = figure.subplots()
        colours = cascade_tree(table, axes)
        drawn, deepest = table.parent.size, int(table.depth.max())
        shares = f"{drawn} shares" if drawn == table.size else f"first {drawn} of {table.size} shares"
        generations = "1 generation" if deepest == 1 else f"{deepest} generations"
        figure.suptitle(f"“{shortened(table.story, _NAME)}”, {shortened(table.variant, _NAME)}", x=0.02, ha="left")
        about = (
            f"{shares}, {generations}\nreplicate {table.replicate}, cascade {table.cascade}\n"
            f"root (square): {shortened(table.root, _NAME)}"
        )
        axes.annotate(about, (0, 1), (0, -2), "axes fraction", "offset points", va="top", fontsize=6, color=GREY)
        areas = "rings: generations\nareas: followers"
        axes.annotate(
            areas, (1, 1), (0, -2), "axes fraction", "offset points", va="top", ha="right", fontsize=6, color=GREY
        )
        bar = figure.colorbar(colours, ax=axes, location="bottom", fraction=0.03, pad=0.01, aspect=40, format=_hours)
        bar.set_label("hours after the root's share")
        bar.ax.tick_params(labelsize=6, length=2)
        bar.outline.set_linewidth(0.4)
    return figure


def _hours(value: float, _: Any = None) -> str:
    return f"{value:.2g}" if value < 10 else f"{value:.0f}"
