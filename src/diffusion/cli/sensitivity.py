"""``diffusion sensitivity``: how much of what comes out hangs on which key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from diffusion.cli.before import announce_compiling
from diffusion.cli.options import Question, Where, grouped
from diffusion.cli.plot import pair_of
from diffusion.cli.progress import say
from diffusion.cli.sweeps import run_points

if TYPE_CHECKING:
    from diffusion.study.sweeps import SweepResults


@grouped
def sensitivity(
    question: Question,
    where: Where,
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
) -> None:
    """Say how much of a measure hangs on which key.

    The experiment is run at many points at which several keys vary; docs/sensitivity.md says which, and what the
    indices mean. Interrupted, it goes on where it was when the same command is given again.
    """
    where.check()
    from diffusion.study.sensitivity import asked_for, at_design, check_asked

    experiment = question.read()
    asked = asked_for(
        experiment, keys or (), method=method, size=size, measure=measure, ratio=pair_of(ratio), variant=variant
    )
    named, points = at_design(experiment, asked)
    say(f"{named.name}: {asked.method}, {len(asked.of)} keys, {len(points)} points")
    if experiment.sweep is not None or experiment.until is not None:
        say(f"note: {question.file}: its tables [sweep] and [until] do not count here")
    announce_compiling()
    check_asked(named, points[0])
    raise typer.Exit(run_points(named, where, points, _analysed))


def _analysed(results: SweepResults) -> list[str]:
    """Analyse what was run, write the indices beside it, and return them as text."""
    from diffusion.study.sensitivity import sensitivity_table, write_sensitivity

    table = sensitivity_table(results)
    write_sensitivity(table, results.folder)
    return table.lines()
