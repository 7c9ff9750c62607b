"""``diffusion plot``: draw figures from stored results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from diffusion.cli.options import grouped
from diffusion.cli.progress import say
from diffusion.errors import InputError

if TYPE_CHECKING:
    from diffusion.figures import SweepChoice


@dataclass(frozen=True)
class View:
    """What of a sweep is drawn."""

    x: Annotated[str | None, typer.Option("--x", metavar="KEY", help="Of a sweep: the key along the axis.")] = None
    y: Annotated[str | None, typer.Option("--y", metavar="COLUMN", help="Of a sweep: the measure, such as T50.")] = None
    by: Annotated[
        str | None, typer.Option(metavar="KEY", help="Of a sweep: variant, or a second key of lines, panels or a map.")
    ] = None
    kind: Annotated[str | None, typer.Option(help="Of a sweep: line, heat, multiples, tornado or sensitivity.")] = None
    ratio: Annotated[
        str | None, typer.Option(metavar="A/B", help="Of a sweep: two variants that are divided, run by run.")
    ] = None
    where: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="Of a sweep: only the points at this value.")
    ] = None

    def given(self) -> dict[str, object]:
        """Return the options by their names."""
        return {f"--{field.name}": getattr(self, field.name) for field in fields(self)}

    def choice(self, variant: str | None) -> SweepChoice:
        """Return what was chosen, as figures take it."""
        from diffusion.figures import SweepChoice

        points = dict(map(_key_value, self.where or ()))
        return SweepChoice(self.x, self.y, self.by, self.kind, pair_of(self.ratio), variant, points)


@grouped
def plot(
    results: Annotated[Path, typer.Argument(readable=False, metavar="RESULTS", help="Folder that a run has left.")],
    names: Annotated[
        list[str] | None,
        typer.Option("--figure", metavar="NAME", help="Which figure; by default all that the tables there allow."),
    ] = None,
    story: Annotated[str | None, typer.Option(help="Of which story; by default of every one.")] = None,
    variants: Annotated[
        list[str] | None, typer.Option("--variant", metavar="NAME", help="Which variants; by default all.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the files go; by default beside the tables.")
    ] = None,
    *,
    view: View,
    formats: Annotated[str, typer.Option("--format", metavar="LIST", help="Of pdf, png, svg.")] = "pdf,png",
) -> None:
    """Draw the figures of stored results again.

    Nothing is run; docs/figures.md names the figures. Of a sweep one figure is drawn: what it asks about over its
    keys, or what --x, --y, --by, --kind, --ratio and --where say.
    """
    from diffusion.figures import draw_figures, draw_sweep
    from diffusion.study import Results

    found = Results.open(results)
    wanted = list(dict.fromkeys(suffix.strip() for suffix in formats.split(",")))
    if not isinstance(found, Results):
        _refuse(
            {"--figure": names, "--story": story}, f'"{results}" holds a sweep; choose with --kind, --x, --y and --by'
        )
        if variants and len(variants) > 1:
            raise InputError("--variant: of a sweep give one, or a ratio of two with --ratio A/B")
        variant = variants[0] if variants else None
        choice = view.choice(variant)
        print("\n".join(str(path) for path in draw_sweep(found, out or results, choice, formats=wanted)))
        return
    _refuse(view.given(), f'"{results}" holds no sweep; choose with --figure, --story and --variant')
    drawn = draw_figures(found, out or results, names=names or (), story=story, variants=variants, formats=wanted)
    for why in drawn.left_out:
        say(f"left out: {why}")
    print("\n".join(str(path) for path in drawn.files))


def _refuse(options: Mapping[str, object], why: str) -> None:
    """Raise InputError if any of these options was given."""
    for name, value in options.items():
        if value:
            raise InputError(f"{name}: {why}")


def pair_of(text: str | None) -> tuple[str, str] | None:
    """Read two variants, ``A/B``."""
    if text is None:
        return None
    first, slash, second = (part.strip() for part in text.partition("/"))
    if not slash or not first or not second:
        raise InputError(f'--ratio "{text}": write two variants with a stroke between them, A/B')
    return first, second


def _key_value(text: str) -> tuple[str, str]:
    key, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not key or not value:
        raise InputError(f'--where "{text}": write KEY=VALUE, the value as it was swept')
    return key, value
