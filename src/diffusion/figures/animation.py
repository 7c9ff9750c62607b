"""The spread as a film: reach by channel of every variant, growing on one clock."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.animation import FFMpegWriter, FuncAnimation, PillowWriter
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from diffusion.figures.channels import LEAST_AREA, channels_of
from diffusion.figures.hours import clock_label, needs_logarithm
from diffusion.figures.style import GREY, INK, PAGE_MM, fill_styles, inches, shortened, styled
from diffusion.study.summary import short
from diffusion.study.tables import Floats, ReachTable

FRAMES, PER_SECOND, DPI = 120, 12, 130
_BAR_MM, _LEGEND_MM, _NAME = 11.0, 5.0, 26
_REST: dict[str, Any] = {"facecolor": "white", "edgecolor": INK, "linewidth": 0.3}
"""Channels that nowhere reach a share that can be seen."""


class Film(NamedTuple):
    """A figure that changes.

    Attributes
    ----------
    figure : Figure
    show : callable
        Draws the picture with this number into the figure.
    frames : int
        How many pictures there are.
    """

    figure: Figure
    show: Callable[[int], None]
    frames: int


class _Bar:
    """The bar of one variant: its parts by channel, the band of their sum, and T_q once it is reached."""

    def __init__(self, table: ReachTable, parts: dict[str, BarContainer], band: Line2D, note: Text) -> None:
        self.table, self.parts, self.band, self.note = table, parts, band, note

    def show(self, hour: float) -> None:
        """Show what is known at the last point of the curve that is not after `hour`."""
        at = max(0, int(np.searchsorted(self.table.hours, hour, side="right")) - 1)
        left = 0.0
        for k, channel in enumerate(self.table.channels):
            part, width = self.parts[channel][0], 100 * float(self.table.mean[k, at])
            part.set_x(left)
            part.set_width(width)
            left += width
        self.band.set_xdata([100 * self.table.whole_low[at], 100 * self.table.whole_high[at]])
        reached = self.table.time.value <= hour
        self.note.set_text(f"{self.table.measure} {self.table.time.hours_text()}" if reached else "")


def spread_film(tables: Sequence[ReachTable], *, frames: int = FRAMES) -> Film:
    """Return a film in which a bar per variant grows, cut into the channels of first exposure.

    Parameters
    ----------
    tables : sequence of ReachTable
        Of one story.
    frames : int
        Their times are spaced as on the time axis of the figures: logarithmic where the fastest variant would otherwise
        be over at once.

    Returns
    -------
    Film
        Bars are means over replicates, their ends have the band from the 10 % to the 90 % quantile. T_q appears beside
        a bar as soon as it is reached.
    """
    with styled():
        figure, clock, bars = _stage(tables)
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # nothing moves between frames but what grows
    hours = frame_hours(tables, frames)

    def show(frame: int) -> None:
        for bar in bars:
            bar.show(float(hours[frame]))
        clock.set_text(f"“{tables[0].story}” {_elapsed(hours[frame])}, at {_clock(tables[0].begins + hours[frame])}")

    return Film(figure, show, hours.size)


def _stage(tables: Sequence[ReachTable]) -> tuple[Figure, Text, list[_Bar]]:
    seen = {c for t in tables for k, c in enumerate(t.channels) if t.mean[k].max() >= LEAST_AREA}
    styles = fill_styles([channel for channel in channels_of(tables) if channel in seen])
    rows = math.ceil((len(styles) + 1) / 5)
    height = _BAR_MM * len(tables) + _LEGEND_MM * rows + 22
    figure = Figure(figsize=(inches(PAGE_MM), inches(height)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    bars = []
    for y, table in enumerate(tables):
        parts = {channel: axes.barh(y, 0.0, height=0.6, **styles.get(channel, _REST)) for channel in table.channels}
        (band,) = axes.plot([0, 0], [y, y], color=INK, linewidth=1.2, marker="|", markersize=5)
        note = axes.text(101, y, "", va="center", fontsize=7)
        bars.append(_Bar(table, parts, band, note))
    axes.axvline(100 * tables[0].quantile, color=GREY, linewidth=0.6, zorder=0)
    axes.set_xlim(0, 128)  # T_q is written beside the bars
    axes.set_xticks(range(0, 101, 25))
    axes.spines["bottom"].set_bounds(0, 100)
    axes.set_yticks(range(len(tables)), [shortened(table.variant, _NAME) for table in tables])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(tables) - 0.5, -0.5)
    axes.set_xlabel("aware, % of the population")
    clock = axes.set_title(f"“{tables[0].story}”")
    handles: list[Any] = [Patch(label=name, **style) for name, style in styles.items()]
    handles.append(Line2D([], [], color=INK, linewidth=1.2, marker="|", markersize=5, label="all, 10 % to 90 %"))
    figure.legend(handles=handles, loc="outside lower center", ncols=math.ceil(len(handles) / rows))
    return figure, clock, bars


def frame_hours(tables: Sequence[ReachTable], frames: int) -> Floats:
    """Return the hours after the story begins at which a film has its pictures, from its first point to the horizon."""
    hours = tables[0].hours
    if needs_logarithm(tables):
        return np.concatenate([[0.0], np.geomspace(hours[hours > 0][0], hours[-1], frames - 1)])
    return np.linspace(0, hours[-1], frames)


def _elapsed(hours: float) -> str:
    return f"after {short(60 * hours)} min" if hours < 1 else f"after {hours:.1f} h"


def _clock(hour: float) -> str:
    return clock_label(hour).replace("\n", " ")


def save_film(film: Film, path: Path) -> list[Path]:
    """Write a film as MP4 where ffmpeg is installed, and else as GIF.

    Parameters
    ----------
    film : Film
    path : Path
        Without suffix.
    """
    moving = FuncAnimation(film.figure, film.show, frames=film.frames, blit=False)
    with styled():
        if FFMpegWriter.isAvailable():
            made = path.with_name(f"{path.name}.mp4")
            # Even numbers of pixels, which the codec asks for.
            even = ["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white", "-pix_fmt", "yuv420p"]
            moving.save(made, writer=FFMpegWriter(fps=PER_SECOND, extra_args=even), dpi=DPI)
        else:
            made = path.with_name(f"{path.name}.gif")
            moving.save(made, writer=PillowWriter(fps=PER_SECOND), dpi=DPI)
    return [made]
