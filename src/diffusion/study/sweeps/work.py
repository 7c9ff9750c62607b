"""Runs in chunks: what a thread or another process is given to do, and what comes back."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import NamedTuple

from diffusion.errors import InputError
from diffusion.measures import wide_row
from diffusion.question import Measures
from diffusion.scenario import Scenario
from diffusion.study.sweeps.parts import Row
from diffusion.study.sweeps.workshop import Workshop, digest

CHUNK_S = 2.0
"""How long a chunk is meant to take, in seconds. Chosen: storing one takes milliseconds, and losing one is no loss."""

LONGEST_S = 2 * CHUNK_S
"""After so long a chunk hands back what it has not begun."""

MOST_TASKS = 1_000
"""Runs of a chunk."""


class Task(NamedTuple):
    """One run of a chunk: its key, its scenario's place in the chunk, its replicate."""

    run: str
    scenario: int
    replicate: int


@dataclass(frozen=True)
class Chunk:
    """Runs that are done one after another; it can be pickled.

    Attributes
    ----------
    scenarios : tuple of Scenario
        A graph file's path in them is one that the worker can open.
    tasks : tuple of Task
    measures : Measures
    keep : int
        How many worlds a worker keeps parts of (see `SweepAssembler`).
    version : str
        Version of the program that asks; a worker of another one refuses.
    """

    scenarios: tuple[Scenario, ...]
    tasks: tuple[Task, ...]
    measures: Measures
    keep: int = 2
    version: str = ""

    @classmethod
    def of(cls, jobs: Iterable[tuple[str, Scenario, int]], measures: Measures, keep: int, version: str) -> Chunk:
        """Make a chunk of (run key, scenario, replicate); a scenario that returns is listed once."""
        places: dict[int, int] = {}
        scenarios: list[Scenario] = []
        tasks = []
        for run, scenario, replicate in jobs:
            if id(scenario) not in places:
                places[id(scenario)] = len(scenarios)
                scenarios.append(scenario)
            tasks.append(Task(run, places[id(scenario)], replicate))
        return cls(tuple(scenarios), tuple(tasks), measures, keep, version)

    def halves(self) -> tuple[Chunk, Chunk]:
        """Return its first and its second half."""
        middle = len(self.tasks) // 2
        return self._of(self.tasks[:middle]), self._of(self.tasks[middle:])

    def _of(self, tasks: tuple[Task, ...]) -> Chunk:
        jobs = [(run, self.scenarios[place], replicate) for run, place, replicate in tasks]
        return Chunk.of(jobs, self.measures, self.keep, self.version)


class Failure(NamedTuple):
    """A run that raised: its key, the error in one line, and where it was raised."""

    run: str
    error: str
    trace: str


class Done(NamedTuple):
    """What came of a chunk.

    Attributes
    ----------
    rows : list of Row
    failures : list of Failure
    left : list of str
        Keys of runs that were not begun.
    seconds : float
        Worlds included.
    """

    rows: list[Row]
    failures: list[Failure]
    left: list[str]
    seconds: float


_OWN: Workshop | None = None
_OWN_LOCK = threading.Lock()


def _own_workshop() -> Workshop:
    """Return this process's workshop, for workers that are given nothing but chunks."""
    global _OWN
    with _OWN_LOCK:
        _OWN = _OWN or Workshop()
        return _OWN


def run_chunk(chunk: Chunk, workshop: Workshop | None = None, stop: threading.Event | None = None) -> Done:
    """Run the runs of a chunk and measure them.

    Parameters
    ----------
    chunk : Chunk
    workshop : Workshop, optional
        Where worlds and runners are kept; by default this process's own.
    stop : Event, optional
        Once it is set no further run is begun.

    Returns
    -------
    Done
        A run that raises is among its failures, and the others go on.

    Raises
    ------
    InputError
        If this worker's version of the program is another one than the asker's.
    """
    begun = perf_counter()
    _check_version(chunk.version)
    shop = workshop or _own_workshop()
    shop.assembler.keep = max(shop.assembler.keep, chunk.keep)
    marks = [digest(scenario) for scenario in chunk.scenarios]
    rows: list[Row] = []
    failures: list[Failure] = []
    left: list[str] = []
    for at, task in enumerate(chunk.tasks):
        if (stop is not None and stop.is_set()) or (at and perf_counter() - begun > LONGEST_S):
            left = [one.run for one in chunk.tasks[at:]]
            break
        start = perf_counter()
        try:
            row = _row(chunk, task, marks[task.scenario], shop)
        except Exception as error:
            failures.append(Failure(task.run, _in_a_line(error), _trace(error)))
        else:
            rows.append(Row(task.run, row, perf_counter() - start))
    return Done(rows, failures, left, perf_counter() - begun)


def _row(chunk: Chunk, task: Task, mark: bytes, shop: Workshop) -> dict[str, float]:
    scenario = chunk.scenarios[task.scenario]
    runner = shop.runner(scenario, mark, task.replicate, chunk.measures.curve_points)
    outcome = runner.run(task.replicate)
    return {name: float(value) for name, value in wide_row(outcome, chunk.measures).items()}


def _check_version(asked: str) -> None:
    from importlib.metadata import version

    own = version("diffusion")
    if asked not in ("", own):
        raise InputError(f"a worker has version {own} of diffusion and the sweep {asked}; install the same on both")


def _in_a_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text if isinstance(error, InputError) else f"{type(error).__name__}: {text}"


def _trace(error: BaseException) -> str:
    return "" if isinstance(error, InputError) else "".join(traceback.format_exception(error))
