"""``diffusion graph``: look into graph files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

graph = typer.Typer(no_args_is_help=True, help="Look into graph files.", rich_markup_mode=None)


@graph.command()
def describe(
    file: Annotated[
        Path, typer.Argument(readable=False, help="A list of links (text, .gz, .xz), or a stored graph (.npz, folder).")
    ],
    meaning: Annotated[
        str, typer.Option(help="follower,followed | followed,follower | source,target (of information) | mutual")
    ],
    weight: Annotated[str | None, typer.Option(help="Column of weights: its name, or its number from 0.")] = None,
) -> None:
    """Read a graph file and print what it holds, and what was left out."""
    from diffusion import graphs

    column = int(weight) if weight is not None and weight.isdecimal() else weight
    described = graphs.describe(graphs.read_graph(file, meaning=meaning, weight=column))
    print("\n".join(described.lines()))
