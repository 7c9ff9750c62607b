"""``diffusion run`` on an experiment with a sweep."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diffusion.cli.live import STREAM, live
from diffusion.cli.progress import say
from diffusion.errors import InputError

if TYPE_CHECKING:
    from diffusion.cli.live import Live
    from diffusion.cli.options import Where
    from diffusion.scenario import Experiment
    from diffusion.study.sweeps import SweepResults

FAILED, INTERRUPTED = 1, 130


class Stopped(Exception):
    """A sweep that was interrupted, and has said so."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def run_points(
    experiment: Experiment,
    where: Where,
    points: Sequence[Mapping[str, Any]] | None = None,
    told: Callable[[SweepResults], list[str]] | None = None,
) -> int:
    """Run a sweep (or other points), draw and print what it found; return the exit code: 1 if a run has failed."""
    from diffusion.study.sweeps.report import sweep_lines
    from diffusion.study.sweeps.run import run_sweep

    with live(where.log_json) as view:
        try:
            results = run_sweep(
                experiment,
                points=points,
                threads=where.threads,
                out=where.out,
                scheduler=where.scheduler or where.scheduler_file,
                workers=where.workers,
                shard=where.shard,
                log=view,
            )
        except (KeyboardInterrupt, SystemExit) as stop:
            _say_how_to_go_on(view, where.out / experiment.name)
            code = stop.code if isinstance(stop, SystemExit) else INTERRUPTED
            raise Stopped(code if isinstance(code, int) else INTERRUPTED) from None
    # Standard output is either for people or, as a stream of events, for programs.
    shown = sys.stderr if where.log_json == STREAM else sys.stdout
    if results is None:
        stored = f"{view.done} of {view.runs} runs of shard {where.shard} are stored"
        print(f"{stored}; the last shard to end writes the tables", file=shown)
    else:
        lines = (told or sweep_lines)(results)
        _draw(results)
        print("\n".join([*lines, "", f"results: {results.folder}"]), file=shown)
    if view.failed:
        runs = "1 run" if view.failed == 1 else f"{view.failed} runs"
        say(f"{runs} failed: see failures*.json in {where.out / experiment.name}; the same command tries them again")
    return FAILED if view.failed else 0


def _draw(results: SweepResults) -> None:
    """Draw what the experiment asks into the folder of results; say why where nothing can be drawn."""
    from diffusion.figures import draw_sweep

    try:
        draw_sweep(results, results.folder)
    except InputError as error:
        say(f"no figure: {error}")


def _say_how_to_go_on(view: Live, folder: Path) -> None:
    view.stack.close()
    say(f"interrupted: {view.done} of {view.runs} runs are stored in {folder}; the same command goes on from there")
