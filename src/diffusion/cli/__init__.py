"""The command line: every command calls one function of the package and prints what it returned."""

from __future__ import annotations

import os
import re
import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from diffusion import __version__
from diffusion.cli.before import announce_compiling, cores
from diffusion.cli.classic import classic
from diffusion.cli.dry import print_estimate
from diffusion.cli.graph import graph
from diffusion.cli.live import STREAM, live
from diffusion.cli.options import Question, Where, grouped
from diffusion.cli.plot import plot
from diffusion.cli.progress import say
from diffusion.cli.results import compare, export, trace
from diffusion.cli.sensitivity import sensitivity
from diffusion.cli.sweeps import INTERRUPTED, Stopped, run_points
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
@grouped
def run(
    question: Question,
    where: Where,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how many runs there are and what they take, and run only a few.")
    ] = False,
) -> None:
    """Run an experiment and print what it found.

    Every variant and replicate is run; then come the table, the ratios and the verdict, and a folder of results.
    A sweep is run at every point; interrupted, it goes on where it was when the same command is given again.
    """
    where.check()
    experiment = question.read()
    if dry_run:
        announce_compiling()
        print_estimate(experiment, where, cores())
        return
    if experiment.sweep is not None:
        announce_compiling()
        raise typer.Exit(run_points(experiment, where))
    if where.is_for_sweeps is not None:
        raise InputError(f"{where.is_for_sweeps}: {question.file} has no sweep; runs without one are done in --threads")
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

    with live(where.log_json) as view:
        results = study.run_experiment(experiment, threads=threads, out=where.out, log=view, draw=draw_experiment)
    lines = [*study.report_lines(results), "", f"results: {results.folder}"]
    print("\n".join(lines), file=sys.stderr if where.log_json == STREAM else sys.stdout)


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
app.add_typer(classic, name="classic")


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
