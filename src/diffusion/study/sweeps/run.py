"""Running a sweep: chunks go to a crew, rows into the store, and what happens is told as events."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from diffusion.arguments import whole_number
from diffusion.errors import InputError
from diffusion.scenario import Experiment, Scenario
from diffusion.study.claims import check_claim, check_columns
from diffusion.study.known import check_known
from diffusion.study.sweeps.agenda import ALL, Agenda, Shard
from diffusion.study.sweeps.cluster import dask_crew
from diffusion.study.sweeps.crews import Came, Crew, thread_crew
from diffusion.study.sweeps.failures import Failures
from diffusion.study.sweeps.index import index_table
from diffusion.study.sweeps.mapped import MappedGraphs
from diffusion.study.sweeps.parts import Row
from diffusion.study.sweeps.plan import Plan
from diffusion.study.sweeps.results import SweepResults
from diffusion.study.sweeps.store import SweepStore
from diffusion.study.sweeps.work import CHUNK_S, MOST_TASKS, Chunk, Done, Failure
from diffusion.study.telling import Log, Telling
from diffusion.study.until import Watch
from diffusion.versions import MODEL_VERSION


def run_sweep(
    experiment: Experiment,
    *,
    points: Sequence[Mapping[str, Any]] | None = None,
    threads: int | None = None,
    out: str | os.PathLike[str] = "results",
    scheduler: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    shard: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    log: Log | None = None,
) -> SweepResults | None:
    """Run all variants and replicates of an experiment at every point of its sweep.

    What is finished is stored at once in a folder of the experiment's name, and never run again: the same call goes on
    where an interrupted one has stopped. The tables there do not depend on who did which run, or when.

    Parameters
    ----------
    experiment : Experiment
        With a `sweep`; without one it has a single point.
    points : sequence of dict, optional
        In place of the points of its sweep: dotted key -> value, all with the same keys.
    threads : int, optional
        Runs at the same time in this process; by default as many as there are cores.
    out : path
        Where the folder lies, or will.
    scheduler : str or path, optional
        Instead of threads: the address of a Dask scheduler, or the file that it has written.
    workers : int, optional
        Instead of threads: as many processes of this machine, through Dask.
    shard : str, optional
        ``"2/8"``: the second of eight parts of the sweep, each done by a program of its own into the same folder. The
        last one writes the tables.
    progress : callable, optional
        Called with the numbers of finished and of all runs known so far.
    log : callable, optional
        Called with events: tables that JSON can hold, as `diffusion.study.telling` lists them.

    Returns
    -------
    SweepResults
        Its `missing` runs have raised. None as long as other shards have runs to do.

    Raises
    ------
    InputError
        Before anything is run, for what cannot be run; and where nothing can be stored. What was stored stays.
    """
    if not isinstance(experiment, Experiment):
        raise InputError("experiment: give an Experiment, which read_experiment(file) returns")
    given = [name for name, value in (("threads", threads), ("scheduler", scheduler), ("workers", workers)) if value]
    if len(given) > 1:
        raise InputError(f"{' and '.join(given)}: give one of them")
    part = ALL if shard is None else Shard.read(shard)
    for name, number in (("threads", threads), ("workers", workers)):
        if number is not None:
            whole_number(name, number, least=1)
    check_claim(experiment)
    check_known(experiment)
    watch = Watch.over(experiment)
    plan = Plan(experiment, points)
    store = SweepStore.open_or_create(Path(out) / experiment.name, manifest_of(plan))
    with ExitStack() as stack:
        sweep = _Sweep(plan, store, watch, part, Telling(log, progress))
        sweep.begin()
        if sweep.agenda.todo:
            distributed = scheduler is not None or workers is not None
            sweep.mapped = MappedGraphs(store.folder) if distributed else None
            crew = (
                dask_crew(scheduler, workers, lambda text: sweep.tell("crew", text=text))
                if distributed
                else thread_crew(threads or len(os.sched_getaffinity(0)))
            )
            sweep.work(stack.enter_context(crew))
        stack.close()
        return sweep.end()


class _Pace:
    """How large the next chunk is: runs of `CHUNK_S`, and fewer towards the end, so that all end together."""

    def __init__(self) -> None:
        self._last: deque[float] = deque(maxlen=5)

    def size(self, todo: int, slots: int) -> int:
        """Return a number of runs; one, as long as nothing is known."""
        if not self._last:
            return 1
        seconds = max(sorted(self._last)[(len(self._last) - 1) // 2], 1e-6)
        full, least = CHUNK_S / seconds, CHUNK_S / 10 / seconds
        return max(1, min(MOST_TASKS, int(min(full, max(todo / (2 * slots), least)))))

    def note(self, done: Done) -> None:
        """Learn from a chunk."""
        count = len(done.rows) + len(done.failures)
        if count:
            self._last.append(done.seconds / count)


class _Sweep:
    """A sweep under way."""

    def __init__(self, plan: Plan, store: SweepStore, watch: Watch | None, shard: Shard, tell: Telling) -> None:
        self.plan = plan
        self.store = store
        self.watch = watch
        self.shard = shard
        self.tell = tell
        self.mapped: MappedGraphs | None = None
        self.agenda = Agenda(plan, _stored(store, watch), watch=watch, shard=shard)
        self.failures = Failures(store.folder, plan, shard)
        self._pace = _Pace()
        self._again: deque[Chunk] = deque()
        self._came: deque[Came] = deque()
        self._in_flight = 0
        self._alone = False
        self._come: set[str] = set()
        self._keep = len(plan.experiment.variants) + len(os.sched_getaffinity(0))
        self._version = _version()

    def begin(self) -> None:
        """Say what there is to do."""
        agenda, plan = self.agenda, self.plan
        self.tell(
            "begin",
            name=plan.experiment.name,
            points=len(plan.points),
            variants=len(plan.experiment.variants),
            runs=agenda.runs,
            done=agenda.stored,
            shard=f"{self.shard.number}/{self.shard.of}",
            folder=str(self.store.folder),
            notes=[*plan.notes, *self.store.notes],
        )
        self._tell_news()

    # --- work ----------------------------------------------------------------------------------------------------

    def work(self, crew: Crew) -> None:
        """Give chunks to a crew and store what comes back, until nothing is left to do.

        Whatever interrupts it, what the crew has finished by then is stored before this ends.
        """
        try:
            while True:
                self._give(crew)
                if not self._in_flight:
                    return
                self._came.append(crew.take())
                self._in_flight -= 1
                self._drain()
        except BaseException:
            self._came.extend(crew.stop())
            with suppress(Exception):
                self._drain()
                self.failures.write()
            self.tell.at_last("stopped", done=self._done(), runs=self.agenda.runs, failed=len(self.failures))
            raise

    def _done(self) -> int:
        """Return how many runs are stored, or have raised."""
        return self.agenda.stored + len(self._come)

    def _give(self, crew: Crew) -> None:
        """Give chunks away; one that was lost with its worker goes alone, so that nobody else can be the reason."""
        if self._again:
            self._alone = not self._in_flight
            if self._alone:
                crew.give(self._again.popleft())
                self._in_flight += 1
            return
        self._alone = False
        slots = crew.slots
        while self._in_flight < 2 * slots and self.agenda.todo:
            crew.give(self._chunk(slots))
            self._in_flight += 1

    def _chunk(self, slots: int) -> Chunk:
        jobs = self.agenda.give(self._pace.size(self.agenda.todo, slots))
        scenarios: dict[tuple[int, str], Scenario] = {}
        for job in jobs:
            place = job.point, job.variant
            if place not in scenarios:
                scenario = self.plan.scenario(job)
                scenarios[place] = scenario if self.mapped is None else self.mapped.scenario(scenario)
        told = [(job.run, scenarios[job.point, job.variant], job.replicate) for job in jobs]
        return Chunk.of(told, self.plan.measures, self._keep, self._version)

    def _drain(self) -> None:
        """Store what has come back; a chunk stays at hand until its rows are stored."""
        while self._came:
            came = self._came[0]
            if came.done is not None:
                self._store(came.done)
            elif isinstance(came.error, InputError):
                raise came.error
            else:
                self._lost(came.chunk, _said(came.error))
            self._came.popleft()

    def _lost(self, chunk: Chunk, error: str) -> None:
        """Have a chunk that raised, or was lost with its worker, done again: alone, then in halves, to a single run."""
        if not self._alone:
            self._again.append(chunk)
            self.tell("lost", runs=len(chunk.tasks), error=error)
        elif len(chunk.tasks) > 1:
            self._again.extend(chunk.halves())
            self.tell("bisect", runs=len(chunk.tasks), error=error)
        else:
            self._store(Done([], [Failure(chunk.tasks[0].run, f"its worker was lost: {error}", "")], [], 0.0))

    def _store(self, done: Done) -> None:
        self._check(done.rows)
        self.store.add(done.rows)
        self._pace.note(done)
        # A set, because Ctrl-C may come anywhere here, and then the chunk is stored once more.
        self._come.update([row.run for row in done.rows], [failure.run for failure in done.failures])
        column = "" if self.watch is None else self.watch.column
        for failure in done.failures:
            self.tell("failure", **self.failures.add(failure, self.agenda.job(failure.run)))
        self.agenda.finish(
            {run: row.get(column, 0.0) for run, row, _ in done.rows}, [failure.run for failure in done.failures]
        )
        self.agenda.give_back(done.left)
        self.tell(
            "runs",
            done=self._done(),
            runs=self.agenda.runs,
            new=len(done.rows),
            failed=len(self.failures),
            seconds=round(done.seconds, 3),
        )
        self._tell_news()

    def _check(self, rows: list[Row]) -> None:
        """Stop at once if a measure that the claim, a known number or `until` needs is none."""
        for run, row, _ in rows[:1]:
            check_columns(self.plan.experiment, self.agenda.job(run).variant, row)
            if self.watch is not None:
                self.watch.check(row)

    def _tell_news(self) -> None:
        for news in self.agenda.news:
            assert self.watch is not None
            self.tell("round", point=news.point, replicates=news.replicates, **self.watch.told(news.half_width))
        self.agenda.news.clear()

    # --- the end -------------------------------------------------------------------------------------------------

    def end(self) -> SweepResults | None:
        """Write the tables if every run is stored or has raised; return them."""
        self.failures.write()
        agenda = self.agenda
        if self.shard != ALL:
            failed = self.failures.known()
            agenda = Agenda(self.plan, _stored(self.store, self.watch), watch=self.watch, failed=failed)
        if not agenda.todo:
            self.store.compact()
            self.store.finish(index_table(self.plan, agenda.jobs()))
        self.tell(
            "end",
            done=self._done(),
            runs=self.agenda.runs,
            failed=len(self.failures),
            missing=agenda.todo,
            tables=not agenda.todo,
            folder=str(self.store.folder),
            notes=[*self.store.notes],
        )
        return None if agenda.todo else SweepResults.open(self.store.folder)


def manifest_of(plan: Plan) -> dict[str, Any]:
    """Return what a store says of a sweep besides what it found."""
    return {
        "name": plan.experiment.name,
        "experiment": plan.experiment.model_dump(mode="json"),
        "model_version": MODEL_VERSION,
        "keys": list(plan.keys),
        "points": len(plan.points),
        "seed": plan.experiment.scenario.run.seed,
        "contents": dict(plan.contents),
    }


def _stored(store: SweepStore, watch: Watch | None) -> dict[str, float]:
    """Return the watched measure of every stored run."""
    if watch is None:
        return dict.fromkeys(store.finished(), 0.0)
    table = store.table([watch.column])
    runs = table.column("run").to_pylist()
    if watch.column not in table.column_names:
        return {}
    values = table.column(watch.column).to_pylist()
    return {run: value for run, value in zip(runs, values, strict=True) if value is not None}


def _said(error: BaseException | None) -> str:
    """Return the first sentence of an error."""
    return " ".join(f"{type(error).__name__}: {error}".split()).partition(". ")[0]


def _version() -> str:
    from importlib.metadata import version

    return version("diffusion")
