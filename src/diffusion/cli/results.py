"""``diffusion compare``, ``trace`` and ``export``: look into the results of a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from diffusion.cli.options import grouped
from diffusion.cli.progress import say
from diffusion.errors import InputError

Folder = Annotated[Path, typer.Argument(readable=False, metavar="RESULTS", help="Folder that a run has left.")]
Variant = Annotated[str | None, typer.Option(help="Which variant; needed if there are several.")]
Story = Annotated[str | None, typer.Option(help="Which story; needed if there are several.")]
Replicate = Annotated[int, typer.Option(help="Which replicate, from 0.")]


@dataclass(frozen=True)
class CascadeTable:
    """How the table of observed cascades is to be read."""

    columns: Annotated[
        str | None, typer.Option(metavar="NAME=COLUMN,…", help="What columns are called there: seconds=time.")
    ] = None
    layout: Annotated[str | None, typer.Option(help="A layout known by name: evently.")] = None
    repeats: Annotated[
        str | None, typer.Option(help="Users twice in a cascade: refuse the file, or count their first post.")
    ] = None


@grouped
def compare(
    results: Folder,
    file: Annotated[
        Path,
        typer.Argument(readable=False, metavar="CASCADES", help="Observed cascades (CSV, plain or packed; Parquet)."),
    ],
    variant: Variant = None,
    story: Story = None,
    floor: Annotated[int, typer.Option(help="Least shares of a cascade, its source's included, on both sides.")] = 2,
    window: Annotated[
        str | None, typer.Option(metavar="DURATION", help='Compare what is seen so long after a source: "6 h".')
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the table and a figure are written, if anywhere.")
    ] = None,
    *,
    table: CascadeTable,
) -> None:
    """Compare observed with simulated cascades.

    Prints quantiles and distances (docs/data.md).
    """
    from diffusion import study
    from diffusion.units import seconds

    found = study.Results.read(results)
    observed = study.read_cascades(
        file, layout=table.layout, columns=_pairs(table.columns), repeats=_repeats(table.repeats)
    )
    span = None if window is None else seconds(window)
    compared = study.compare(found, observed, variant=variant, story=story, floor=floor, window=span)
    print("\n".join(compared.lines()))
    if out is not None:
        from diffusion.figures import save_comparison

        print("\n".join(["", *(str(path) for path in save_comparison(compared, out))]))


def _pairs(columns: str | None) -> dict[str, str]:
    if columns is None:
        return {}
    pairs = [part.partition("=") for part in columns.split(",")]
    wrong = next(("".join(pair) for pair in pairs if not (pair[0].strip() and pair[2].strip())), None)
    if wrong is not None:
        raise InputError(f'--columns "{columns}": "{wrong}" is not NAME=COLUMN, such as seconds=time')
    return {name.strip(): column.strip() for name, _, column in pairs}


def _repeats(word: str | None) -> Literal["refuse", "first"] | None:
    known: dict[str | None, Literal["refuse", "first"] | None] = {None: None, "refuse": "refuse", "first": "first"}
    if word not in known:
        raise InputError(f'--repeats "{word}": choose "refuse" or "first"')
    return known[word]


def trace(
    results: Folder,
    person: Annotated[str, typer.Option(metavar="LABEL", help="Whose story.")],
    variant: Variant = None,
    story: Story = None,
    replicate: Replicate = 0,
) -> None:
    """Tell one person's story.

    When it reached them, through whom, why then, and what they did.
    """
    from diffusion import study

    found = study.Results.read(results)
    _announce(replicate)
    print("\n".join(study.trace(found, person, variant=variant, story=story, replicate=replicate).lines()))


def export(
    results: Folder,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A file whose suffix says the format: .csv, .parquet or .graphml."),
    ] = None,
    crate: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write the results as a Process Run Crate: a new folder, or a .zip file."),
    ] = None,
    variant: Variant = None,
    story: Story = None,
    replicate: Replicate = 0,
) -> None:
    """Write who heard through whom, or results for an archive.

    --out: one run, one row per person, with labels, seconds and channels. --crate: all results, also those of a sweep,
    with a description for programs of how they came to be (docs/store.md).
    """
    from diffusion import study

    if (out is None) == (crate is None):
        raise InputError("give either --out FILE (who heard through whom) or --crate FOLDER (all results)")
    if crate is not None:
        print(study.write_crate(results, crate))
    if out is None:
        return
    found = study.Results.read(results)
    _announce(replicate)
    print(study.export(found, out, variant=variant, story=story, replicate=replicate))


def _announce(replicate: int) -> None:
    say(f"simulating replicate {replicate} again, as it was stored")
