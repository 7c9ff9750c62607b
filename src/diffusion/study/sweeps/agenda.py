"""What is still to be done of a sweep: its runs in their order, each once, in rounds where it stops when precise."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from diffusion.errors import InputError
from diffusion.study.sweeps.plan import Job, Plan
from diffusion.study.sweeps.work import MOST_TASKS
from diffusion.study.until import Watch, rounds

_MOST_SCENARIOS = 200
"""Scenarios of a chunk, so that what is sent to another process stays small."""


class Shard(NamedTuple):
    """Part `number` (from 1) of `of`: the runs that one of several programs does."""

    number: int
    of: int

    @classmethod
    def read(cls, text: str) -> Shard:
        """Read ``"2/8"``.

        Raises
        ------
        InputError
            If it is not a part of a whole.
        """
        first, slash, second = text.partition("/")
        if slash and first.strip().isdecimal() and second.strip().isdecimal():
            found = cls(int(first), int(second))
            if 1 <= found.number <= found.of:
                return found
        raise InputError(f'shard "{text}": give I/N with I from 1 to N, such as 2/8')

    def has(self, run: str) -> bool:
        """Whether a run is its own: keys are hashes, so the shards are about equally large."""
        return int(run[:15], 16) % self.of == self.number - 1


ALL = Shard(1, 1)


class Round(NamedTuple):
    """How a point of a sweep stands after a round.

    Attributes
    ----------
    point, replicates : int
    half_width : float
        Of the interval that is watched; infinite where there is none.
    """

    point: int
    replicates: int
    half_width: float


@dataclass
class _Point:
    """A point whose replicates come in rounds: the runs it waits for, and those it has planned."""

    round: int = 0
    awaited: set[str] = field(default_factory=set)
    jobs: list[Job] = field(default_factory=list)
    mine: bool = True


class Agenda:
    """The runs of a plan that are not stored yet.

    Parameters
    ----------
    plan : Plan
    stored : mapping
        Key of every finished run -> its measure that is watched (anything, if there is no watch).
    watch : Watch, optional
        When a point is precise enough; without it every replicate is run.
    shard : Shard
        Whose runs are done here. With a watch a shard has whole points: how far one goes depends on all of its runs.
    failed : iterable of str
        Keys of runs that raised, and are not tried again.

    Attributes
    ----------
    runs : int
        Different runs so far, finished ones included; with a watch it grows.
    stored : int
        How many of them were finished at the start.
    """

    def __init__(
        self,
        plan: Plan,
        stored: Mapping[str, float],
        *,
        watch: Watch | None = None,
        shard: Shard = ALL,
        failed: Iterable[str] = (),
    ) -> None:
        self.plan = plan
        self.watch = watch
        self.shard = shard
        self.news: list[Round] = []
        self.runs = self.stored = 0
        self._values = dict(stored)
        self._failed = set(failed)
        self._todo: deque[Job] = deque()
        self._known: dict[str, Job] = {}
        self._points: list[_Point] = []
        self._waiting: dict[str, list[int]] = {}
        self._jobs: list[Job] = []
        if watch is None:
            self._add(plan.jobs())
        else:
            self._points = [_Point() for _ in plan.points]
            for point in range(len(self._points)):
                self._advance(point)

    def _add(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            self._jobs.append(job)
            self._note(job, self.shard.has(job.run))
        if any(scenario.run.redraw == "world" for scenario in self.plan.experiment.variants.values()):
            # Every replicate has a world of its own: variants that share it follow each other.
            self._todo = deque(sorted(self._todo, key=lambda job: (job.point, job.replicate)))

    def _note(self, job: Job, mine: bool) -> None:
        """Plan a run, unless an equal one is planned already."""
        if not mine or job.run in self._known:
            return
        self._known[job.run] = job
        self.runs += 1
        if job.run in self._values:
            self.stored += 1
        elif job.run not in self._failed:
            self._todo.append(job)

    # --- rounds --------------------------------------------------------------------------------------------------

    def _advance(self, number: int) -> None:
        """Plan rounds of a point until one has runs to wait for, or the point is precise, or at its last replicate."""
        point, ends = self._points[number], self._ends(number)
        while not (point.round and self._is_done(number, ends)):
            begin, end = (0, *ends)[point.round : point.round + 2]
            variants = self.plan.at(number).variants
            jobs = [self.plan.job(number, variant, k) for variant in variants for k in range(begin, end)]
            if point.round == 0:
                point.mine = self.shard.has(jobs[0].run)
            for job in jobs:
                self._note(job, point.mine)
            point.round += 1
            point.jobs += jobs
            point.awaited = {job.run for job in jobs if job.run not in self._values and job.run not in self._failed}
            for run in point.awaited:
                self._waiting.setdefault(run, []).append(number)
            if point.awaited:
                return

    def _ends(self, number: int) -> tuple[int, ...]:
        until = self.plan.experiment.until
        first = max(scenario.run.replicates for scenario in self.plan.at(number).variants.values())
        return rounds(first, until.most if until is not None else first)

    def _is_done(self, number: int, ends: tuple[int, ...]) -> bool:
        point = self._points[number]
        assert self.watch is not None
        values = {(job.variant, job.replicate): self._values[job.run] for job in point.jobs if job.run in self._values}
        found = self.watch.half_width(values)
        self.news.append(Round(number, ends[point.round - 1], found))
        return found <= self.watch.wanted or point.round == len(ends)

    # --- giving and taking --------------------------------------------------------------------------------------

    @property
    def todo(self) -> int:
        """Runs that wait to be given away."""
        return len(self._todo)

    @property
    def failed(self) -> int:
        """Runs that raised."""
        return len(self._failed)

    def give(self, most: int) -> list[Job]:
        """Take up to so many runs that follow each other off the agenda."""
        jobs: list[Job] = []
        places: set[tuple[int, str]] = set()
        for job in islice(self._todo, min(most, MOST_TASKS)):
            places.add((job.point, job.variant))
            if len(places) > _MOST_SCENARIOS:
                break
            jobs.append(job)
        for _ in jobs:
            self._todo.popleft()
        return jobs

    def give_back(self, runs: Iterable[str]) -> None:
        """Put runs that were not begun in front again."""
        self._todo.extendleft([self._known[run] for run in runs][::-1])

    def finish(self, rows: Mapping[str, float], failed: Iterable[str] = ()) -> None:
        """Take note of runs that are finished, or raised; points whose round is complete go on or are done."""
        self._values.update(rows)
        self._failed.update(failed)
        if self.watch is None:
            return
        for run in [*rows, *failed]:
            for number in self._waiting.pop(run, ()):
                point = self._points[number]
                point.awaited.discard(run)
                if not point.awaited:
                    self._advance(number)

    def job(self, run: str) -> Job:
        """Return the (first) job of a run."""
        return self._known[run]

    def jobs(self) -> list[Job]:
        """Return all jobs planned so far, of all shards, in the order of the plan."""
        return self._jobs if self.watch is None else [job for point in self._points for job in point.jobs]
