"""Options that several commands share, in groups: a command takes a group as one argument."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from diffusion.cli.before import check_writable
from diffusion.cli.progress import say
from diffusion.errors import InputError

if TYPE_CHECKING:
    from diffusion.scenario import Experiment


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command whose arguments of dataclass types are options of their own, one for every field."""
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {name: kind for name, kind in hints.items() if is_dataclass(kind)}
    options: list[Parameter] = []
    for name, parameter in signature(command).parameters.items():
        if name in groups:
            options += options_of(groups[name])
        else:
            options.append(parameter.replace(kind=Parameter.KEYWORD_ONLY, annotation=hints[name]))

    @wraps(command)
    def flat(**given: Any) -> None:
        made = {name: kind(**{f.name: given.pop(f.name) for f in fields(kind)}) for name, kind in groups.items()}
        command(**made, **given)

    flat.__signature__ = Signature(options)  # type: ignore[attr-defined]
    return flat


def options_of(group: Any) -> list[Parameter]:
    """Return the fields of a group as options."""
    hints = get_type_hints(group, include_extras=True)
    return [
        Parameter(
            field.name,
            Parameter.KEYWORD_ONLY,
            default=Parameter.empty if field.default is MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in fields(group)
    ]


@dataclass(frozen=True)
class Question:
    """Which experiment, and what is changed in it."""

    file: Annotated[
        Path, typer.Argument(readable=False, help="Experiment file (TOML); `diffusion schema` describes the format.")
    ]
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a key, such as people.count=1000.")
    ] = None
    graphs: Annotated[
        list[str] | None,
        typer.Option("--graph", metavar="PLATFORM=FILE[:MEANING]", help="Read a platform's graph from a file."),
    ] = None
    seed: Annotated[int | None, typer.Option(help="Instead of the file's run.seed.")] = None
    replicates: Annotated[int | None, typer.Option(help="Instead of the file's run.replicates.")] = None

    def read(self) -> Experiment:
        """Read the experiment, and say what was assumed."""
        from diffusion.config import read_experiment

        experiment = read_experiment(
            self.file,
            overrides=self.changes or (),
            graphs=self.graphs or (),
            seed=self.seed,
            replicates=self.replicates,
        )
        for note in experiment.notes:
            say(f"note: {note}")
        return experiment


@dataclass(frozen=True)
class Where:
    """Who does the runs, and where they go."""

    threads: Annotated[int | None, typer.Option(help="Runs at the same time; by default one per core.")] = None
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the folder of results is made.")] = Path("results")
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Sweeps: on the workers of a Dask scheduler, tcp://….")
    ] = None
    scheduler_file: Annotated[
        Path | None, typer.Option(readable=False, metavar="FILE", help="Sweeps: the file that the scheduler wrote.")
    ] = None
    workers: Annotated[int | None, typer.Option(help="Sweeps: in so many processes, through Dask.")] = None
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Sweeps: do part I of N; other programs do the others.")
    ] = None
    log_json: Annotated[
        str | None, typer.Option(metavar="FILE", help="Add a line of JSON per event; - is standard output.")
    ] = None

    @property
    def is_for_sweeps(self) -> str | None:
        """The first option that only a sweep knows what to do with."""
        return next((name for name, value in {**self._dask, "--shard": self.shard}.items() if value is not None), None)

    @property
    def _dask(self) -> dict[str, object]:
        return {
            "--scheduler": self.scheduler,
            "--scheduler-file": self.scheduler_file,
            "--workers": self.workers,
        }

    def check(self) -> None:
        """Refuse what contradicts itself, and what would fail only after the runs."""
        doers = {"--threads": self.threads, **self._dask}
        given = [name for name, value in doers.items() if value is not None]
        for name, number in (("--threads", self.threads), ("--workers", self.workers)):
            if number is not None and number < 1:
                raise InputError(f"{name} {number}: give a whole number >= 1")
        if len(given) > 1:
            raise InputError(f"{' and '.join(given)}: give one of them, which says who does the runs")
        check_writable(self.out)
