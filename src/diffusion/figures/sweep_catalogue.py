"""The figures of a sweep by kind, drawn from its stored table alone."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from matplotlib.figure import Figure

from diffusion.errors import InputError, suggestion
from diffusion.figures.effects import tornado_figure
from diffusion.figures.files import check_place, put
from diffusion.figures.maps import heat_figure
from diffusion.figures.sensitivity import sensitivity_figure
from diffusion.figures.style import save
from diffusion.figures.sweeps import lines_figure
from diffusion.study.sensitivity import is_sensitivity, sensitivity_table
from diffusion.study.sweeps import SweepResults
from diffusion.study.sweeps.asked import asked
from diffusion.study.sweeps.cube import Cube, Quantity, cube, full_name
from diffusion.study.sweeps.views import heat_table, line_table, tornado_table

SweepKind = Literal["line", "heat", "multiples", "tornado", "sensitivity"]
SWEEP_KINDS: tuple[str, ...] = get_args(SweepKind)
"""Kinds of figures of a sweep; docs/figures.md says what each shows."""


@dataclass(frozen=True)
class SweepChoice:
    """What of a sweep is drawn.

    Attributes
    ----------
    x : str, optional
        The swept key along the axis; by default the first that varies.
    y : str, optional
        The measure, such as ``"fire.T50_h"`` or ``"T50"``; by default the one that the experiment asks about.
    by : str, optional
        ``"variant"``, or a second key: of the lines, of the panels, or of a map's vertical axis.
    kind : {"line", "heat", "multiples", "tornado", "sensitivity"}, optional
        By default a line along one key, a map of two, a tornado of more; of a sensitivity analysis its indices.
    ratio : (str, str), optional
        Two variants whose values are divided, replicate by replicate.
    variant : str, optional
        Only this one.
    where : dict
        Only the points at which keys have these values, as they are written.
    """

    x: str | None = None
    y: str | None = None
    by: str | None = None
    kind: str | None = None
    ratio: tuple[str, str] | None = None
    variant: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)


def sweep_figure(found: SweepResults, choice: SweepChoice | None = None) -> Figure:
    """Draw one figure of a sweep.

    Parameters
    ----------
    found : SweepResults
    choice : SweepChoice, optional
        Without one, what a run draws: the ratio that the experiment asks about over its keys.

    Raises
    ------
    InputError
        For names that there are not, and where it is open what is meant.
    """
    return _drawn(found, choice or SweepChoice())[1]


def draw_sweep(
    found: SweepResults,
    folder: str | os.PathLike[str],
    choice: SweepChoice | None = None,
    *,
    formats: Sequence[str] = ("pdf", "png"),
) -> list[Path]:
    """Draw one figure of a sweep into a folder.

    Parameters
    ----------
    found : SweepResults
    folder : path
        Made if it is not there. The file is called ``<kind>-<measure>``, with the variants that are divided, and the
        keys where it does not show all of them.
    choice : SweepChoice, optional
        As `sweep_figure`.
    formats : sequence of {"pdf", "png", "svg"}

    Raises
    ------
    InputError
        As `sweep_figure`, for a format that there is not, and where nothing may be written.
    """
    folder = Path(folder)
    check_place(folder, formats)
    stem, figure = _drawn(found, choice or SweepChoice())
    return put(folder, lambda under_way: save(figure, under_way / stem, formats))


def _drawn(found: SweepResults, choice: SweepChoice) -> tuple[str, Figure]:
    """Return a figure and the name of its file."""
    if choice.kind is not None and choice.kind not in SWEEP_KINDS:
        raise InputError(f'there is no kind "{choice.kind}"{suggestion(choice.kind, SWEEP_KINDS)}')
    if choice.ratio is not None and choice.variant is not None:
        raise InputError("give a ratio of two variants, or one variant, not both")
    if choice.kind == "sensitivity" or (choice == SweepChoice() and is_sensitivity(found)):
        return _sensitivity(found)
    column = asked(found).column if choice.y is None else full_name(choice.y, found.measures)
    whole = cube(found.table([column])).at(choice.where)
    varied = [key for key in whole.keys if len(whole.axis(key).values) > 1]
    kind = choice.kind or _usual_kind(choice, varied)
    quantity = _quantity(found, whole, choice, kind)
    seed = found.experiment.scenario.run.seed
    if kind == "tornado":
        return _stem(kind, quantity, choice, ()), _tornado(whole, quantity, choice.variant, seed)
    x = choice.x or _first(varied, choice.by)
    if kind == "heat":
        by = choice.by or _first(varied, x)
        both = () if len(varied) == 2 else (x, by)
        return _stem(kind, quantity, choice, both), _map(whole, (x, by), quantity, choice.variant, seed)
    by = choice.by or ("variant" if kind == "line" else _first(varied, x))
    if kind == "multiples" and by == "variant":
        raise InputError("multiples have a panel per value of a key; give it as --by, or take --kind line")
    chosen = _of_variant(whole, choice.variant)
    table = line_table(chosen, x, quantity.column, by=by, ratio=quantity.ratio, panels=kind == "multiples", seed=seed)
    shown = () if len(varied) == 1 else tuple(key for key in (x, by) if key != "variant")
    return _stem(kind, quantity, choice, shown), lines_figure(table)


def _usual_kind(choice: SweepChoice, varied: Sequence[str]) -> SweepKind:
    if choice.x is not None or len(varied) == 1:
        return "line"
    return "heat" if len(varied) == 2 else "tornado"


def _quantity(found: SweepResults, whole: Cube, choice: SweepChoice, kind: str) -> Quantity:
    """Return what is drawn; a map and a tornado of several variants are of the ratio that the experiment asks about."""
    wants_ratio = kind in ("heat", "tornado") and choice.variant is None and len(whole.variants) > 1
    ratio = choice.ratio
    if choice.y is not None:
        return whole.quantity(choice.y, ratio)
    usual = asked(found)
    return whole.quantity(usual.column, ratio or (usual.pair if wants_ratio else None))


def _first(varied: Sequence[str], other: str | None) -> str:
    left = [key for key in varied if key != other]
    if not left:
        raise InputError(
            "one swept key more is needed for such a figure; name it with --x or --by, or choose another kind"
        )
    return left[0]


def _of_variant(whole: Cube, variant: str | None) -> Cube:
    import pyarrow.compute as pc

    if variant is None:
        return whole
    return cube(whole.table.filter(pc.equal(whole.table["variant"], whole.variant(variant))))


def _map(whole: Cube, keys: tuple[str, str], quantity: Quantity, variant: str | None, seed: int) -> Figure:
    """Return a map of a ratio, or one of every variant."""
    x, by = keys
    variants = (None,) if quantity.ratio is not None else (variant,) if variant is not None else whole.variants
    return heat_figure(
        [heat_table(whole, x, by, quantity.column, ratio=quantity.ratio, variant=one, seed=seed) for one in variants]
    )


def _tornado(whole: Cube, quantity: Quantity, variant: str | None, seed: int) -> Figure:
    return tornado_figure(tornado_table(whole, quantity.column, ratio=quantity.ratio, variant=variant, seed=seed))


def _sensitivity(found: SweepResults) -> tuple[str, Figure]:
    table = sensitivity_table(found)
    chosen = SweepChoice(variant=table.variant or None)
    return _stem("sensitivity", table.quantity, chosen, ()), sensitivity_figure(table)


def _stem(kind: str, quantity: Quantity, choice: SweepChoice, shown: Sequence[str]) -> str:
    parts = [kind, quantity.column.removesuffix("_h").replace(".", "-")]
    if quantity.ratio is not None:
        parts.append("-over-".join(quantity.ratio))
    parts += [choice.variant] if choice.variant is not None else []
    parts += [key.replace("*", "all") for key in shown]
    return "-".join(parts)
