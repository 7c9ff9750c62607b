"""Sizes, colours and files of figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, NamedTuple

import matplotlib.style
from matplotlib.figure import Figure

COLUMN_MM = 89.0
"""Width of a figure of one column."""

PAGE_MM = 183.0
"""Width of a figure across the page."""

INK = "#000000"
OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
"""Colours that most colour-blind readers can tell apart (Okabe & Ito 2008); black is kept for totals."""

LINE_COLOURS = (*OKABE_ITO[:-1], "#6E6E6E")
"""Grey instead of yellow, which a thin line on white does not carry."""

GREY = "#8C8C8C"
Dashes = tuple[float, Sequence[float]] | Literal["-"]
_DASHES: tuple[Dashes, ...] = ("-", (0, (4, 1.5)), (0, (1, 1.2)), (0, (5, 1.5, 1, 1.5)))
HATCHES = ("", "////", "....", "xxxx", "\\\\\\\\")


_FILLS = (*OKABE_ITO, GREY, "#FFFFFF")


class LineStyle(NamedTuple):
    """Colour and dashes, so that lines differ in print without colours too."""

    colour: str
    dashes: Dashes


def line_styles(names: Sequence[str]) -> dict[str, LineStyle]:
    """Return a style for every name: neighbours differ in colour and in dashes, and all 28 in one of them."""
    n, m = len(LINE_COLOURS), len(_DASHES)
    return {name: LineStyle(LINE_COLOURS[k % n], _DASHES[(k % n + k // n) % m]) for k, name in enumerate(names)}


def fill_style(number: int) -> dict[str, Any]:
    """Return colour and hatch of the area with this number: 45 areas differ, neighbours in both."""
    hatch = HATCHES[number % len(HATCHES)]
    return {"facecolor": _FILLS[number % len(_FILLS)], "hatch": hatch, "edgecolor": INK, "linewidth": 0.3}


def fill_styles(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the style of an area for every name, in their order."""
    return {name: fill_style(number) for number, name in enumerate(names)}


def shortened(name: str, longest: int) -> str:
    """Return a name, cut to `longest` characters."""
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def inches(mm: float) -> float:
    """Turn millimetres into inches."""
    return mm / 25.4


@contextmanager
def styled() -> Iterator[None]:
    """Draw and save in the style of paper.mplstyle; what the user has set returns afterwards."""
    with matplotlib.style.context(Path(__file__).with_name("paper.mplstyle")):
        yield


FORMATS = ("pdf", "png", "svg")
_UNDATED: dict[str, dict[str, Any]] = {"pdf": {"CreationDate": None}, "png": {}, "svg": {"Date": None}}


def save(figure: Figure, path: Path, formats: Sequence[str] = ("pdf", "png")) -> list[Path]:
    """Write a figure as PDF (fonts embedded as TrueType), PNG (300 dpi) or SVG (text stays text).

    Parameters
    ----------
    figure : Figure
    path : Path
        Without suffix.
    formats : sequence of {"pdf", "png", "svg"}

    Returns
    -------
    list of Path
        One file per format. The same figure gives the same bytes: no date is written.
    """
    made = [path.with_name(f"{path.name}.{suffix}") for suffix in formats]
    with styled():
        for suffix, file in zip(formats, made, strict=True):
            # In memory first: where a disk is full, matplotlib's writer of PDF hides that behind errors of its own.
            drawn = BytesIO()
            figure.savefig(drawn, format=suffix, dpi=300, metadata=_UNDATED[suffix])
            file.write_bytes(drawn.getvalue())
    return made
