"""``diffusion graph``: look into graph files, turn them into others, generate new ones."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import typer

from diffusion.cli.options import grouped
from diffusion.cli.progress import say
from diffusion.errors import InputError

graph = typer.Typer(
    no_args_is_help=True, help="Look into graph files, convert them, generate new ones.", rich_markup_mode=None
)

_KINDS = "A list of links (text, Parquet), GraphML, GEXF, GML, or a stored graph (.npz, folder)."
_MEANINGS = "follower,followed | followed,follower | source,target (of information) | mutual"

GraphPath = Annotated[Path, typer.Argument(readable=False, metavar="FILE", help=_KINDS)]


Meaning = Annotated[str | None, typer.Option(help=f"What a row says: {_MEANINGS}. Left out for stored graphs.")]


@dataclass(frozen=True)
class Ends:
    """Where in a file the ends of its links and their weights stand."""

    columns: Annotated[
        str | None, typer.Option(metavar="A,B", help="The two columns of ids; by default the first two.")
    ] = None
    weight: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column of weights: its name, or number from 0.")
    ] = None
    label: Annotated[
        str | None, typer.Option(metavar="NAME", help="Attribute of nodes with their labels (GraphML, …).")
    ] = None

    def options(self) -> dict[str, Any]:
        """Return the options of `read_graph` that were given; what is written in digits is a column's number."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        columns = given.pop("columns")
        options: dict[str, Any] = {name: _column(value) for name, value in given.items() if value is not None}
        if columns is not None:
            ends = tuple(_column(name.strip()) for name in columns.split(","))
            if len(ends) != 2:
                raise InputError(f'--columns "{columns}": give two columns, such as from,to')
            options["columns"] = ends
        return options


@dataclass(frozen=True)
class Reading(Ends):
    """Where in a file its links stand, with the times at which they begin and end."""

    since: Annotated[str | None, typer.Option(metavar="COLUMN", help="Column of the times from which links exist.")] = (
        None
    )
    until: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column of the times until which links exist.")
    ] = None
    clock: Annotated[
        str | None, typer.Option(metavar="run|wall", help="Numbers are seconds after a run's start, or after 1970.")
    ] = None


@graph.command()
@grouped
def describe(
    file: GraphPath,
    reading: Reading,
    meaning: Meaning = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw degrees and clustering there (.pdf, .png, .svg).")
    ] = None,
) -> None:
    """Print what a graph file holds.

    What was left out when it was read stands at the end.
    """
    from diffusion import graphs

    if plot is not None:
        from diffusion.figures.graph import check_figure_place, draw_graph

        check_figure_place(plot)
    described = graphs.describe(graphs.read_graph(file, meaning=meaning, **reading.options()))
    if plot is not None:
        draw_graph(described, plot, title=file.name)
    print("\n".join(described.lines()))


@graph.command()
@grouped
def convert(
    file: GraphPath,
    reading: Reading,
    out: Annotated[
        Path,
        typer.Argument(
            metavar="OUT", help=".npz, a folder (no suffix), .csv, .tsv, .graphml (each also .gz) or .parquet."
        ),
    ],
    meaning: Annotated[
        str | None,
        typer.Option(help=f"What a row says: {_MEANINGS}; in FILE, or in OUT where FILE is a stored graph."),
    ] = None,
    out_meaning: Annotated[
        str | None, typer.Option("--as", metavar="MEANING", help="What a row of OUT shall say, if not the same.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace OUT if it is there.")] = False,
) -> None:
    """Turn a graph file into one of another kind.

    OUT appears all at once, or not at all.
    """
    from diffusion import graphs

    written = graphs.convert(
        file, out, meaning=meaning, target_meaning=out_meaning, replace=replace, **reading.options()
    )
    for note in (*written.graph.notes, *written.notes):
        say(f"note: {note}")
    print(f"{written.path}: {written.graph.n_persons:,} persons, {written.graph.n_links:,} links")


@graph.command()
def generate(
    generator: Annotated[
        str, typer.Option(help="popularity | communities | friends | random | households | spatial | networkx")
    ],
    persons: Annotated[int, typer.Option(help="How many persons; they are numbered from 0.")],
    seed: Annotated[int, typer.Option(help="Equal seeds give equal graphs.")],
    out: Annotated[
        Path, typer.Option(metavar="FILE", help=".npz, a folder (no suffix), .csv, .tsv, .graphml (each also .gz) …")
    ],
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A key of `graph`, such as clustering=0.5.")
    ] = None,
    name: Annotated[str, typer.Option(help="The platform whose graph it would be in a scenario.")] = "graph",
    communities: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write everybody's community there (CSV).")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace files that are there.")] = False,
) -> None:
    """Generate a graph and write it.

    FILE appears all at once, or not at all.
    """
    from diffusion import assembly, config

    written = assembly.write_generated(
        config.read_generator(generator, settings or ()),
        out,
        persons=persons,
        seed=seed,
        name=name,
        communities=communities,
        replace=replace,
    )
    for note in (*written.graph.notes, *written.notes):
        say(f"note: {note}")
    print(f"{written.path}: {written.graph.n_persons:,} persons, {written.graph.n_links:,} links")


def _column(name: str) -> int | str:
    return int(name) if name.isdecimal() else name
