"""How a follower graph looks: its two distributions with their tails, and clustering by degree."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from diffusion.errors import InputError, expected
from diffusion.figures.style import FORMATS, GREY, INK, PAGE_MM, inches, line_styles, save, styled
from diffusion.graphs import GraphDescription
from diffusion.graphs.files import path_of

_HEIGHT_MM = 74.0
_FIRST = 0.9
"""Where the axis of counts begins."""

_HEADROOM = 0.3
"""Part of a panel that is left free above the curves, for the legend."""

_FOLLOWERS, _FOLLOWED = "followers", "accounts followed"
_POINTS = 60


def degree_distributions(found: GraphDescription, axes: Axes) -> Axes:
    """Draw, on logarithmic axes, which share of persons has at least so many followers, or follows so many accounts.

    Parameters
    ----------
    found : GraphDescription
        Drawn are `degrees`, and in black the power laws of `followers_tail` and `followed_tail` from where they start.
        Persons with none cannot be shown on the axis; where the lines begin they are missing.
    axes : Axes
    """
    styles = line_styles((_FOLLOWERS, _FOLLOWED))
    rows = (
        (_FOLLOWERS, found.degrees.followers, found.followers_tail),
        (_FOLLOWED, found.degrees.followed, found.followed_tail),
    )
    for name, table, tail in rows:
        counts, shares = table[table[:, 0] > 0].T
        fit = "" if math.isnan(tail.exponent) else f" (exponent {tail.exponent:.2f} ± {tail.error:.2f})"
        line: dict[str, Any] = {"color": styles[name].colour, "linestyle": styles[name].dashes, "label": name + fit}
        axes.plot([_FIRST, *counts], [shares[0], *shares], drawstyle="steps", **line)
        if fit:
            reach = np.unique(np.geomspace(tail.start, counts[-1], _POINTS).astype(np.int64))
            law = tail.persons / found.persons * tail.at_least(reach)
            seen = law > 0.3 / found.persons
            axes.plot(reach[seen], law[seen], color=INK, linewidth=0.7)
            axes.plot(reach[:1], law[:1], marker="|", markersize=7, color=INK, linestyle="none")
    if not (math.isnan(found.followers_tail.exponent) and math.isnan(found.followed_tail.exponent)):
        axes.plot([], [], color=INK, linewidth=0.7, marker="|", markersize=7, markevery=[0], label="fitted power law")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(_FIRST, None)
    decades = math.log10(found.persons) + 0.3
    axes.set_ylim(0.6 / found.persons, 10 ** (decades * _HEADROOM / (1 - _HEADROOM)))
    axes.set_yticks([10.0**-power for power in range(math.floor(decades) + 1)])
    axes.minorticks_off()
    axes.set_xlabel("number per person")
    axes.set_ylabel("share of persons with at least so many")
    axes.legend(loc="upper right")
    return axes


def clustering_by_degree(found: GraphDescription, axes: Axes) -> Axes:
    """Draw the mean local clustering of persons with similar numbers of neighbours.

    Parameters
    ----------
    found : GraphDescription
        Drawn is `clustering`: the band has the quartiles over persons, or bars the 95 % interval of the mean where
        wedges were sampled; the line across is the mean over all persons.
    axes : Axes
    """
    clustering = found.clustering
    colour = line_styles(("local",))["local"].colour
    if not clustering.degrees.size:
        axes.text(0.5, 0.5, "nobody has two neighbours", transform=axes.transAxes, horizontalalignment="center")
        axes.set_axis_off()
        return axes
    low, high = clustering.spread.T
    line: dict[str, Any] = {"color": colour, "marker": "o", "markersize": 3}
    if clustering.exact:
        band = axes.fill_between(clustering.degrees, low, high, color=colour, alpha=0.2, linewidth=0)
        band.set_label("middle half of the persons")
        axes.plot(clustering.degrees, clustering.by_degree, label="mean", **line)
    else:
        bars = np.abs(np.stack((clustering.by_degree - low, high - clustering.by_degree)))
        label = "mean, 95 % interval of the sampling"
        axes.errorbar(clustering.degrees, clustering.by_degree, bars, capsize=2, label=label, **line)
    axes.axhline(clustering.local, color=GREY, linestyle=(0, (4, 1.5)), label=f"all persons: {clustering.local:.3f}")
    axes.set_xscale("log")
    top = max([clustering.local, *np.nan_to_num(high), *clustering.by_degree])
    axes.set_ylim(0, max(top, 1e-3) / (1 - _HEADROOM))
    axes.set_yticks([tick for tick in axes.get_yticks() if tick <= 1])
    axes.set_xlabel("number of neighbours (either follows the other)")
    axes.set_ylabel("local clustering")
    axes.legend(loc="upper right")
    return axes


def graph_figure(found: GraphDescription, *, title: str = "") -> Figure:
    """Return a figure with both, across the page.

    Parameters
    ----------
    found : GraphDescription
        What `diffusion.graphs.describe` returned.
    title : str
        What is drawn; by default nothing is said.

    Raises
    ------
    InputError
        For a graph without links.
    """
    expected("found", found, GraphDescription, "what describe(graph) returns")
    if not found.links:
        raise InputError("a graph without links has no degrees to draw")
    with styled():
        figure = Figure(figsize=(inches(PAGE_MM), inches(_HEIGHT_MM)), layout="constrained")
        left, right = figure.subplots(1, 2)
        degree_distributions(found, left)
        clustering_by_degree(found, right)
        size = f"{found.persons:,} persons, {found.links:,} links"
        figure.suptitle(f"{title}: {size}" if title else size, x=0.01, horizontalalignment="left")
    return figure


def draw_graph(found: GraphDescription, path: Path, *, title: str = "") -> Path:
    """Write the figure; the suffix says whether as PDF, PNG or SVG.

    Raises
    ------
    InputError
        For another suffix, a folder that is not there, or a graph without links.
    """
    path = path_of("path", path)
    check_figure_place(path)
    fresh = path.with_name(f".{path.stem}-{uuid4().hex[:8]}{path.suffix}")
    try:
        save(graph_figure(found, title=title), fresh.with_suffix(""), (path.suffix[1:],))
        os.replace(fresh, path)
    except OSError as error:
        raise InputError(f'figure "{path}" cannot be written: {error.strerror or error}') from None
    finally:
        fresh.unlink(missing_ok=True)
    return path


def check_figure_place(path: Path) -> None:
    """Raise InputError unless a figure can be written there."""
    if path.suffix[1:] not in FORMATS:
        raise InputError(f'figure "{path}": give a name that ends with {", ".join(f".{end}" for end in FORMATS)}')
    if not path.parent.is_dir():
        raise InputError(f'figure "{path}": there is no folder "{path.parent}"; make it first')
