"""The command line: every command calls one function of the package and prints what it returned."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from diffusion import __version__
from diffusion.cli.graph import graph
from diffusion.cli.plot import plot
from diffusion.cli.progress import say, show_progress
from diffusion.cli.results import compare, export, trace
from diffusion.errors import InputError

BAD_INPUT, INTERRUPTED, TERMINATED, CLOSED_PIPE = 2, 130, 143, 1
COMPILING_S = 35
"""About how long the first run on a machine compiles, in seconds."""

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)

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
) -> None:
    """Run an experiment and print what it found.

    Every variant and replicate is run; then come the table, the ratios and the verdict, and a folder of results.
    """
    _check_before(threads, out)
    from diffusion.config import read_experiment

    experiment = read_experiment(file, overrides=changes or (), graphs=graphs or (), seed=seed, replicates=replicates)
    for note in experiment.notes:
        say(f"note: {note}")
    workers = threads or _cores()
    total = sum(scenario.run.replicates for scenario in experiment.variants.values())
    from diffusion import study

    replaced = study.replaces(out, experiment)
    if replaced is not None:
        say(f"note: {replaced}")
    variants = f"{len(experiment.variants)} variant{'s' if len(experiment.variants) > 1 else ''}"
    say(f"{experiment.name}: {variants}, {total} run{'s' if total > 1 else ''}, {workers} at a time")
    _announce_compiling()
    from diffusion.figures import draw_experiment

    with show_progress(total) as progress:
        results = study.run_experiment(experiment, threads=workers, out=out, progress=progress, draw=draw_experiment)
    print("\n".join([*study.report_lines(results), "", f"results: {results.folder}"]))


@app.command()
def schema() -> None:
    """Print the JSON Schema of experiment files."""
    import json

    from diffusion import config

    print(json.dumps(config.schema(), indent=2, ensure_ascii=False))


app.command()(plot)
app.command()(compare)
app.command()(trace)
app.command()(export)
app.add_typer(graph, name="graph")


# --- before, while and after a run -----------------------------------------------------------------------------------


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check_before(threads: int | None, out: Path) -> None:
    """Refuse what would fail only after the runs."""
    if threads is not None and threads < 1:
        raise InputError(f"--threads {threads}: give a whole number >= 1")
    there = out.absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        raise InputError(f'--out "{out}": "{there}" is not a folder')
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError(f'--out "{out}": "{there}" cannot be written to; give another folder')


def _announce_compiling() -> None:
    from diffusion._jit import kernels_are_cached

    if not kernels_are_cached():
        say(f"compiling kernels (first run on this machine, about {COMPILING_S} s)…")


# --- the entry -------------------------------------------------------------------------------------------------------


def main() -> None:
    """Run the command line; what a user got wrong is one line on standard error and exit code 2."""
    signal.signal(signal.SIGTERM, _end)
    sys.exit(_guarded(sys.argv[1:]))


def _end(*_: object) -> None:
    """End as Ctrl-C does, what is under way being removed, where a queue or a system asks the program to stop."""
    say("terminated: what was under way has been removed")
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
        return _refuse(f"{message} See: {asked} --help")
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except BrokenPipeError:
        # Python flushes standard output once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED_PIPE
    if code == INTERRUPTED:  # also where typer turned Ctrl-C into an exit code
        say("interrupted: no results were written; what lay in the results folder is unchanged")
    return code if isinstance(code, int) else 0


def _refuse(message: str) -> int:
    print(f"error: {' '.join(message.split())}", file=sys.stderr)
    return BAD_INPUT
