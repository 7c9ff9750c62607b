"""What a sweep will take, before it is run: runs, time, memory and disk, from a few runs that are timed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from diffusion.assembly import Assembler
from diffusion.measures import wide_row
from diffusion.measures.speed import reach_curve
from diffusion.simulation import Runner
from diffusion.study.sweeps.agenda import ALL, Shard
from diffusion.study.sweeps.manifest import read_manifests
from diffusion.study.sweeps.plan import Job, Plan
from diffusion.study.sweeps.store import SweepStore
from diffusion.units import DAY, HOUR, MINUTE
from diffusion.versions import MODEL_VERSION
from diffusion.vocabulary import Record
from diffusion.world.messages import value_text

PROBES = 4
"""Points at which a run is timed (chosen): the first, the last and two between."""

SHORT_S = 0.5
"""A timed run that is shorter is repeated for so long, so that its time is known well (chosen)."""

_CELL, _KEY = 8, 40
"""Bytes of a number and of a run's key in a table, before it is packed."""

_MIB = 2**20


class Probe(NamedTuple):
    """A job that was timed.

    Attributes
    ----------
    world : float
        Seconds until its scenario was ready to run; what earlier probes built is shared.
    run : float
        Seconds of a run, measures included.
    kept : int
        Bytes of what is stored of it, before it is packed: its row, and its curves where there is no sweep.
    """

    world: float
    run: float
    kept: int


@dataclass(frozen=True)
class Estimate:
    """What a sweep will take.

    Attributes
    ----------
    plan : Plan
    jobs : int
        Rows of the table.
    runs : int
        Different runs among them.
    scenarios : int
        Different scenarios among those that are still to be run: so many worlds are made ready.
    stored : int
        Runs that are finished and stored.
    at_once : int
        Runs at the same time.
    probes : tuple of Probe
        Empty where nothing is left to run.
    peak : int
        Most bytes that this process held while it ran the probes.
    """

    plan: Plan
    jobs: int
    runs: int
    scenarios: int
    stored: int
    at_once: int
    probes: tuple[Probe, ...]
    peak: int

    @property
    def left(self) -> int:
        """Runs that are still to be done."""
        return self.runs - self.stored

    @property
    def seconds(self) -> float:
        """About how long it will take: every run and every world at the probes' mean, shared among those that work."""
        if not self.probes:
            return 0.0
        later = self.probes[1:] or self.probes
        world = sum(probe.world for probe in later) / len(later)
        run = sum(probe.run for probe in self.probes) / len(self.probes)
        first = self.probes[0].world
        return first + (self.left * run + (self.scenarios - 1) * world) / self.at_once

    @property
    def disk(self) -> int:
        """Bytes of the results at most: nothing packed, and in a sweep every row in a part and in the table of runs."""
        kept = max((probe.kept for probe in self.probes), default=0) + len(self.plan.keys) * _CELL + _KEY
        return self.jobs * kept * (2 if self.plan.keys else 1)

    def lines(self) -> list[str]:
        """Return it in words."""
        plan, experiment = self.plan, self.plan.experiment
        n_points, n_variants = len(plan.points), len(experiment.variants)
        points = f"{n_points} points × " if plan.keys else ""
        variants = f"{n_variants} variant{'s' if n_variants > 1 else ''}"
        told = [f"{experiment.name}: {points}{variants}, {self.jobs} runs"]
        told += [f"swept: {key}: {_values_text([point[key] for point in plan.points])}" for key in plan.keys]
        if experiment.until is not None:
            told.append("until: more replicates follow where the interval is not narrow enough by then")
        if self.runs < self.jobs:
            told.append(f"the same at several points or variants, and run once: {self.jobs - self.runs}")
        if plan.keys:
            told.append(f"already stored: {self.stored}; to run: {self.left}")
        if not self.probes:
            return told
        runs, later = [probe.run for probe in self.probes], [probe.world for probe in self.probes[1:]]
        worlds = f"the first world {_time(self.probes[0].world)}"
        worlds += f", another one {_range(later)}" if later else ""
        told.append(f"time: about {_time(self.seconds)}, {self.at_once} at a time (a run {_range(runs)}, {worlds})")
        told.append(f"memory: about {self.peak / _MIB:.0f} MiB, held by {len(self.probes)} timed points")
        without = " without the tables of cascades" if experiment.measures.cascades else ""
        return [*told, f"disk: at most {max(self.disk / _MIB, 0.1):.1f} MiB{without}"]


def estimate(plan: Plan, folder: Path, *, at_once: int = 1, shard: Shard = ALL) -> Estimate:
    """Say what a plan will take, after running it at a few points.

    Parameters
    ----------
    plan : Plan
    folder : Path
        Where the store lies or will lie; nothing is written there.
    at_once : int
        Runs at the same time.
    shard : Shard
        Whose runs are counted.
    """
    stored = finished(folder)
    distinct: dict[str, Job] = {}
    jobs = 0
    for job in plan.jobs():
        if not shard.has(job.run):
            continue
        jobs += 1
        distinct.setdefault(job.run, job)
    left = [job for run, job in distinct.items() if run not in stored]
    starts = list({(job.point, job.variant): job for job in reversed(left)}.values())[::-1]
    probes = _timed(plan, [starts[i] for i in spread(len(starts))])
    return Estimate(plan, jobs, len(distinct), len(starts), len(distinct) - len(left), at_once, probes, _peak())


def finished(folder: Path) -> set[str]:
    """Return the keys of the runs that a store holds; none where there is no store."""
    if not folder.is_dir() or not read_manifests(folder):
        return set()
    return SweepStore(folder, {"model_version": MODEL_VERSION}).finished()


def spread(n: int, most: int = PROBES) -> list[int]:
    """Return at most so many of 0 … n - 1, first and last among them, evenly spread."""
    if n <= most:
        return list(range(n))
    return [round(i * (n - 1) / (most - 1)) for i in range(most)]


def _timed(plan: Plan, jobs: Sequence[Job]) -> tuple[Probe, ...]:
    assembler = Assembler()
    if jobs:  # whatever is compiled or loaded once is not timed
        _probe(plan, jobs[0], Assembler())
    return tuple(_probe(plan, job, assembler) for job in jobs)


def _probe(plan: Plan, job: Job, assembler: Assembler) -> Probe:
    scenario = plan.scenario(job)
    record = max(Record[scenario.run.record.upper()], Record.PARENTS).name.lower()
    begun = perf_counter()
    runner = Runner(scenario, record=record, curve_points=plan.measures.curve_points, assembler=assembler)
    ready, done = perf_counter(), 0
    while not done or (perf_counter() - ready < SHORT_S and scenario.run.redraw == "luck"):
        outcome = runner.run(job.replicate + done)
        row = wide_row(outcome, plan.measures)
        done += 1
    took = (perf_counter() - ready) / done
    curves = 0 if plan.keys else sum(reach_curve(outcome, story).aware.nbytes for story in outcome.stories)
    return Probe(ready - begun, took, len(row) * _CELL + curves)


def _peak() -> int:
    """Return the most bytes that this process has held."""
    import resource

    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held if sys.platform == "darwin" else held * 1024


def _values_text(values: Sequence[object]) -> str:
    texts = list(dict.fromkeys(value_text(value) for value in values))
    if len(texts) <= 6:
        return ", ".join(texts)
    return f"{', '.join(texts[:3])}, … {texts[-1]} ({len(texts)} values)"


def _range(times: Sequence[float]) -> str:
    low, high = _time(min(times)), _time(max(times))
    return low if low == high else f"{low} to {high}"


def _time(seconds: float) -> str:
    """Write a time to two digits: it is an estimate."""
    units = (("day", DAY, 2 * DAY), ("h", HOUR, 2 * HOUR), ("min", MINUTE, 2 * MINUTE), ("s", 1.0, 1.0))
    word, size = next(((word, size) for word, size, least in units if seconds >= least), ("ms", 0.001))
    return f"{float(f'{seconds / size:.2g}'):g} {word}"
