"""The command line: every command calls one function of the package and prints what it returned."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from diffusion import __version__
from diffusion.cli.before import announce_compiling, check_before, cores, where_from
from diffusion.cli.dry import print_estimate
from diffusion.cli.graph import graph
from diffusion.cli.live import STREAM, live
from diffusion.cli.plot import plot
from diffusion.cli.progress import say
from diffusion.cli.results import compare, export, trace
from diffusion.cli.sensitivity import sensitivity
from diffusion.cli.sweeps import INTERRUPTED, Stopped, Where, run_points
from diffusion.errors import InputError

if TYPE_CHECKING:
    from diffusion.scenario import Experiment

BAD_INPUT, TERMINATED, CLOSED_PIPE = 2, 143, 1

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)

_INVALID = re.compile(r"Invalid value for '(--[\w-]+)': ")
"""How typer's message about the value of an option begins."""

_USAGE_ERROR: type[Exception] = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")
"""What typer raises for options it cannot read; its name moves between versions."""


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"diffusion {__version__}")
        raise typer.Exit


@app.callback()
def _everything(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Simulate how a story travels between people, social platforms and news outlets."""


@app.command()
def run(
    file: Annotated[
        Path, typer.Argument(readable=False, help="Experiment file (TOML); `diffusion schema` describes the format.")
    ],
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
        str | None, typer.Option(metavar="ADDRESS", help="Sweeps: on the workers of a Dask scheduler, tcp://….")
    ] = None,
    scheduler_file: Annotated[
        Path | None, typer.Option(readable=False, metavar="FILE", help="Sweeps: the file that the scheduler wrote.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Sweeps: in so many processes, through Dask.")] = None,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Sweeps: do part I of N; other programs do the others.")
    ] = None,
    log_json: Annotated[
        str | None, typer.Option(metavar="FILE", help="Add a line of JSON per event; - is standard output.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how many runs there are and what they take, and run only a few.")
    ] = False,
) -> None:
    """Run an experiment and print what it found.

    Every variant and replicate is run; then come the table, the ratios and the verdict, and a folder of results.
    A sweep is run at every point; interrupted, it goes on where it was when the same command is given again.
    """
    check_before(threads, out)
    where = where_from(threads, (scheduler, scheduler_file, workers), shard, (out, log_json))
    from diffusion.config import read_experiment

    experiment = read_experiment(file, overrides=changes or (), graphs=graphs or (), seed=seed, replicates=replicates)
    for note in experiment.notes:
        say(f"note: {note}")
    if dry_run:
        announce_compiling()
        print_estimate(experiment, where, cores())
        return
    if experiment.sweep is not None:
        announce_compiling()
        raise typer.Exit(run_points(experiment, where))
    if where.is_for_sweeps is not None:
        raise InputError(f"{where.is_for_sweeps}: {file} has no sweep; runs without one are done in --threads")
    _run_once(experiment, where)


def _run_once(experiment: Experiment, where: Where) -> None:
    """Run an experiment without a sweep."""
    threads = where.threads or cores()
    total = sum(scenario.run.replicates for scenario in experiment.variants.values())
    from diffusion import study

    replaced = study.replaces(where.out, experiment)
    if replaced is not None:
        say(f"note: {replaced}")
    variants = f"{len(experiment.variants)} variant{'s' if len(experiment.variants) > 1 else ''}"
    say(f"{experiment.name}: {variants}, {total} run{'s' if total > 1 else ''}, {threads} at a time")
    announce_compiling()
    from diffusion.figures import draw_experiment

    with live(where.log) as view:
        results = study.run_experiment(experiment, threads=threads, out=where.out, log=view, draw=draw_experiment)
    lines = [*study.report_lines(results), "", f"results: {results.folder}"]
    print("\n".join(lines), file=sys.stderr if where.log == STREAM else sys.stdout)


@app.command()
def schema() -> None:
    """Print the JSON Schema of experiment files."""
    import json

    from diffusion import config

    print(json.dumps(config.schema(), indent=2, ensure_ascii=False))


app.command()(sensitivity)
app.command()(plot)
app.command()(compare)
app.command()(trace)
app.command()(export)
app.add_typer(graph, name="graph")


# --- the entry -------------------------------------------------------------------------------------------------------


def main() -> None:
    """Run the command line; what a user got wrong is one line on standard error and exit code 2."""
    signal.signal(signal.SIGTERM, _end)
    sys.exit(_guarded(sys.argv[1:]))


def _end(*_: object) -> None:
    """End as Ctrl-C does, what is under way being removed, where a queue or a system asks the program to stop."""
    sys.exit(TERMINATED)


def _guarded(arguments: list[str]) -> int:
    try:
        code = app(arguments, prog_name="diffusion", standalone_mode=False)
        sys.stdout.flush()
    except InputError as error:
        return _refuse(str(error))
    except _USAGE_ERROR as error:
        message: str = getattr(error, "format_message", error.__str__)()
        if message.startswith("Usage:"):  # nothing was asked for, and the message is the help
            print(message, file=sys.stderr)
            return BAD_INPUT
        asked = getattr(getattr(error, "ctx", None), "command_path", "diffusion")
        return _refuse(f"{_with_value(message, arguments).rstrip('.')}. See: {asked} --help")
    except Stopped as stopped:
        return stopped.code
    except SystemExit as end:
        if end.code == TERMINATED:
            say("terminated: what was under way has been removed")
        raise
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except BrokenPipeError:
        # Python flushes standard output once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED_PIPE
    if code == INTERRUPTED:  # also where typer turned Ctrl-C into an exit code
        say("interrupted: no results were written; what lay in the results folder is unchanged")
    return code if isinstance(code, int) else 0


def _with_value(message: str, arguments: list[str]) -> str:
    """Add what was given to a message about an option's value, which does not say it."""
    option = _INVALID.match(message)
    for at, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if option is not None and name == option[1]:
            given = value if equals else "".join(arguments[at + 1 : at + 2])
            return f'{name} "{given}": {message[option.end() :]}'
    return message


def _refuse(message: str) -> int:
    print(f"error: {' '.join(message.split())}", file=sys.stderr)
    return BAD_INPUT
