"""``diffusion sensitivity``: how much of what comes out hangs on which key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from diffusion.cli.before import announce_compiling, check_before, where_from
from diffusion.cli.plot import pair_of
from diffusion.cli.progress import say
from diffusion.cli.sweeps import run_points

if TYPE_CHECKING:
    from diffusion.study.sweeps import SweepResults


def sensitivity(
    file: Annotated[Path, typer.Argument(readable=False, help="Experiment file (TOML).")],
    keys: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="KEY=LOW..HIGH", help="Vary a key; KEY=x0.5..x2 multiplies what is there."),
    ] = None,
    method: Annotated[str | None, typer.Option(help="sobol (the default) or morris.")] = None,
    size: Annotated[int | None, typer.Option(help="Base points (sobol; 64), or trajectories (morris; 16).")] = None,
    measure: Annotated[str | None, typer.Option("--column", metavar="COLUMN", help="The measure, such as T50.")] = None,
    ratio: Annotated[
        str | None, typer.Option(metavar="A/B", help="Ratio of two variants, replicate by replicate.")
    ] = None,
    variant: Annotated[str | None, typer.Option(metavar="NAME", help="Whose measure, where there is no ratio.")] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a key, such as people.count=1000.")
    ] = None,
    graphs: Annotated[
        list[str] | None,
        typer.Option("--graph", metavar="PLATFORM=FILE[:MEANING]", help="Read a platform's graph from a file."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Instead of the file's run.seed.")] = None,
    replicates: Annotated[int | None, typer.Option(help="Instead of the file's run.replicates.")] = None,
    threads: Annotated[int | None, typer.Option(help="Runs at the same time; by default one per core.")] = None,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the folder of results is made.")] = Path("results"),
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="On the workers of a Dask scheduler, tcp://….")
    ] = None,
    scheduler_file: Annotated[
        Path | None, typer.Option(readable=False, metavar="FILE", help="The file that the scheduler wrote.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="In so many processes, through Dask.")] = None,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Do part I of N; other programs do the others.")
    ] = None,
) -> None:
    """Say how much of a measure hangs on which key.

    The experiment is run at many points at which several keys vary; docs/sensitivity.md says which, and what the
    indices mean. Interrupted, it goes on where it was when the same command is given again.
    """
    check_before(threads, out)
    where = where_from(threads, (scheduler, scheduler_file, workers), shard, (out, None))
    from diffusion.config import read_experiment
    from diffusion.study.sensitivity import asked_for, at_design, check_asked

    experiment = read_experiment(file, overrides=changes or (), graphs=graphs or (), seed=seed, replicates=replicates)
    for note in experiment.notes:
        say(f"note: {note}")
    asked = asked_for(
        experiment, keys or (), method=method, size=size, measure=measure, ratio=pair_of(ratio), variant=variant
    )
    named, points = at_design(experiment, asked)
    say(f"{named.name}: {asked.method}, {len(asked.of)} keys, {len(points)} points")
    if experiment.sweep is not None or experiment.until is not None:
        say(f"note: {file}: its tables [sweep] and [until] do not count here")
    announce_compiling()
    check_asked(named, points[0])
    raise typer.Exit(run_points(named, where, points, _analysed))


def _analysed(results: SweepResults) -> list[str]:
    """Analyse what was run, write the indices beside it, and return them as text."""
    from diffusion.study.sensitivity import sensitivity_table, write_sensitivity

    table = sensitivity_table(results)
    write_sensitivity(table, results.folder)
    return table.lines()
