"""``diffusion plot``: draw figures from stored results."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from diffusion.cli.progress import say


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
    formats: Annotated[str, typer.Option("--format", metavar="LIST", help="Of pdf, png, svg.")] = "pdf,png",
) -> None:
    """Draw the figures of stored results again.

    Nothing is run; docs/figures.md names the figures.
    """
    from diffusion.figures import draw_figures
    from diffusion.study import Results

    found = Results.read(results)
    wanted = list(dict.fromkeys(suffix.strip() for suffix in formats.split(",")))
    drawn = draw_figures(found, out or results, names=names or (), story=story, variants=variants, formats=wanted)
    for why in drawn.left_out:
        say(f"left out: {why}")
    print("\n".join(str(path) for path in drawn.files))
