"""Running an experiment: every variant and replicate, measured as soon as it is run."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import numpy as np

from diffusion.arguments import whole_number
from diffusion.assembly import Assembler, World
from diffusion.errors import InputError
from diffusion.graphs.files import path_of
from diffusion.measures import wide_row
from diffusion.measures.speed import ReachCurve, reach_curve
from diffusion.scenario import Experiment, Measures, Scenario
from diffusion.simulation import Runner
from diffusion.study.belief_tables import BELIEFS, belief_rows
from diffusion.study.cascade_tables import Table, cascade_tables
from diffusion.study.claims import check_claim, check_columns
from diffusion.study.known import check_known
from diffusion.study.measured import measured_for
from diffusion.study.media_tables import PUBLICATIONS, publication_table
from diffusion.study.provenance import provenance
from diffusion.study.results import FORMAT, FORMAT_VERSION, Curves, Results, Run, what_intervals_cover
from diffusion.study.store import new_folder
from diffusion.study.summary import LEVEL, RESAMPLES
from diffusion.study.telling import Log, Telling
from diffusion.study.until import Watch, rounds
from diffusion.threads import in_threads
from diffusion.versions import MODEL_VERSION
from diffusion.vocabulary import Record
from diffusion.world import FollowPlatform, GraphFile


class _Measured(NamedTuple):
    """What is kept of one run."""

    row: dict[str, float]
    curves: dict[str, ReachCurve]
    graphs: dict[str, str]
    visibility: dict[str, float]
    tables: dict[str, Table]


@dataclass
class SharedAssembler(Assembler):
    """An assembler that threads may share: it builds one world at a time."""

    _one: threading.Lock = field(default_factory=threading.Lock)

    def world(self, scenario: Scenario, *, seed: int, replicate: int = 0) -> World:
        """Return the world of a scenario, as `Assembler.world` does."""
        with self._one:
            return super().world(scenario, seed=seed, replicate=replicate)


def run_experiment(
    experiment: Experiment,
    *,
    threads: int | None = None,
    out: str | os.PathLike[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
    log: Log | None = None,
    draw: Callable[[Results, Path], object] | None = None,
) -> Results:
    """Run all variants and replicates of an experiment and measure them.

    Parameters
    ----------
    experiment : Experiment
    threads : int, optional
        By default as many as there are cores. The results do not depend on it.
    out : path, optional
        The results are written to a folder of the experiment's name in there. It appears, or takes the place of an
        older one, only when it is complete: a run that fails or is interrupted leaves everything as it was.
    progress : callable, optional
        Called with the numbers of finished and of all runs known so far.
    log : callable, optional
        Called with events: tables that JSON can hold, as `diffusion.study.telling` lists them.
    draw : callable, optional
        Called with the results and the folder under way, to add figures to it.

    Returns
    -------
    Results

    Raises
    ------
    InputError
        Before anything is run: for a claim that could not be judged, or where nothing may be written.
    """
    if not isinstance(experiment, Experiment):
        raise InputError("experiment: give an Experiment, which read_experiment(file) returns")
    if experiment.sweep is not None:
        raise InputError(f"experiment {experiment.name}: has a table [sweep]; give it to run_sweep")
    threads = None if threads is None else whole_number("threads", threads, least=1)
    check_claim(experiment)
    check_known(experiment)
    measures = measured_for(experiment)
    Watch.over(experiment)
    tell = Telling(log, progress)
    if out is None:
        return _run(experiment, measures, threads, tell)
    with new_folder(path_of("out", out), experiment.name) as folder:
        results = _run(experiment, measures, threads, tell)
        folder.complete(results, draw)
    return replace(results, folder=folder.final)


def _run(experiment: Experiment, measures: Measures, threads: int | None, tell: Telling) -> Results:
    begun, clock = datetime.now(UTC), monotonic()
    tell("begin", name=experiment.name, done=0, runs=len(_tasks(experiment)))
    runners = _runners(experiment, measures)
    noted = list(dict.fromkeys(note for runner in runners.values() for note in runner.lowered(0)[0].notes))
    experiment = experiment.model_copy(update={"notes": tuple(dict.fromkeys([*experiment.notes, *noted]))})
    followers = {name: _mean_followers(runner) for name, runner in runners.items()}
    work = partial(_checked, experiment, runners, measures)
    stopped = {}
    if experiment.until is None:
        found = _found(work, _tasks(experiment), threads, (tell, 0))
    else:
        found, experiment, stopped["until"] = _until(experiment, work, threads, tell)
    tasks = _tasks(experiment)
    runs, curves, graphs, tables = [], {}, {}, []
    for variant in experiment.variants:
        own = [(k, found[k, v]) for k, v in tasks if v == variant]
        runs += [Run(variant, k, one.row) for k, one in own]
        tables += [one.tables for _, one in own]
        for story in own[0][1].curves:
            curves[variant, story] = _joined([one.curves[story] for _, one in own])
        graphs[variant] = {name: list(dict.fromkeys(one.graphs[name] for _, one in own)) for name in own[0][1].graphs}
    manifest = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "model_version": MODEL_VERSION,
        "name": experiment.name,
        "experiment": experiment.model_dump(mode="json"),
        **provenance(),
        "seeds": {variant: scenario.run.seed for variant, scenario in experiment.variants.items()},
        "replicates": {variant: scenario.run.replicates for variant, scenario in experiment.variants.items()},
        "graphs": graphs,
        "people": noted,
        "mean_followers": followers,
        "median_visibility": found[tasks[0]].visibility,
        "begun": begun.isoformat(timespec="seconds"),
        "seconds": round(monotonic() - clock, 3),
        "intervals": f"{100 * LEVEL:.0f} %, {what_intervals_cover(experiment)}; {RESAMPLES} resamples",
        "complete": True,
    } | stopped
    tell("end", done=len(tasks), runs=len(tasks), failed=0)
    return Results(experiment, tuple(runs), curves, manifest, tables=_stacked(tables))


def _tasks(experiment: Experiment) -> list[tuple[int, str]]:
    """Return (replicate, variant) of every run, variant by variant within a replicate, so that all advance together."""
    most = max(scenario.run.replicates for scenario in experiment.variants.values())
    variants = experiment.variants.items()
    return [(k, name) for k in range(most) for name, scenario in variants if k < scenario.run.replicates]


Place = tuple[int, str]
"""Replicate and variant."""


def _found(
    work: Callable[[str, int], _Measured], tasks: list[Place], threads: int | None, told: tuple[Telling, int]
) -> dict[Place, _Measured]:
    """Do runs; what is told counts those that were done before."""
    tell, before = told
    jobs = [partial(work, name, k) for k, name in tasks]

    def done(finished: int) -> None:
        tell("runs", done=before + finished, runs=before + len(tasks), new=1, failed=0)

    return dict(zip(tasks, in_threads(jobs, threads, done), strict=True))


def _until(
    experiment: Experiment, work: Callable[[str, int], _Measured], threads: int | None, tell: Telling
) -> tuple[dict[Place, _Measured], Experiment, str]:
    """Run replicates in rounds until there are enough.

    The experiment that is returned has so many; the text says how the interval that was watched stands.
    """
    watch, until = Watch.over(experiment), experiment.until
    assert watch is not None
    assert until is not None
    first = max(scenario.run.replicates for scenario in experiment.variants.values())
    found: dict[Place, _Measured] = {}
    for end in rounds(first, until.most):
        begin = len(found) // len(experiment.variants)
        tasks = [(k, name) for k in range(begin, end) for name in experiment.variants]
        found |= _found(work, tasks, threads, (tell, len(found)))
        half_width = watch.half_width({(name, k): one.row[watch.column] for (k, name), one in found.items()})
        told = watch.told(half_width)
        tell("round", point=0, replicates=end, **told)
        if half_width <= watch.wanted:
            break
    word = "reached" if told["precise"] else "not reached"
    return found, _with_replicates(experiment, end), f"{told['text']}: {word} with {end} replicates"


def _with_replicates(experiment: Experiment, replicates: int) -> Experiment:
    """Return an experiment of which so many replicates were run."""

    def changed(scenario: Scenario) -> Scenario:
        return scenario.model_copy(update={"run": scenario.run.model_copy(update={"replicates": replicates})})

    return experiment.model_copy(
        update={
            "scenario": changed(experiment.scenario),
            "variants": {name: changed(scenario) for name, scenario in experiment.variants.items()},
        }
    )


def _runners(experiment: Experiment, measures: Measures) -> dict[str, Runner]:
    assembler = SharedAssembler()
    runners = {}
    for name, scenario in experiment.variants.items():
        record = max(Record[scenario.run.record.upper()], Record.PARENTS)
        runners[name] = Runner(
            scenario, record=record.name.lower(), curve_points=measures.curve_points, assembler=assembler
        )
    return runners


def _checked(
    experiment: Experiment, runners: dict[str, Runner], measures: Measures, variant: str, replicate: int
) -> _Measured:
    """Measure a run, and stop the experiment at once if it cannot be judged by what is measured."""
    found = _measured(runners[variant], variant, replicate, measures)
    check_columns(experiment, variant, found.row)
    watch = Watch.over(experiment)
    if watch is not None:
        watch.check(found.row)
    return found


def _mean_followers(runner: Runner) -> dict[str, float]:
    """Return the mean number of followers of a platform's members, for every follow platform that reads a file."""
    world, _ = runner.lowered(0)
    return {
        name: world.graphs[name].n_links / max(int(np.count_nonzero(world.members[name])), 1)
        for name, platform in sorted(runner.scenario.platforms.items())
        if isinstance(platform, FollowPlatform) and isinstance(platform.graph, GraphFile)
    }


def _measured(runner: Runner, variant: str, replicate: int, measures: Measures) -> _Measured:
    outcome = runner.run(replicate)
    row = {name: float(value) for name, value in wide_row(outcome, measures).items()}
    curves = {story: reach_curve(outcome, story) for story in outcome.stories}
    tables = {PUBLICATIONS: publication_table(outcome, variant)}
    if outcome.record >= Record.EVENTS:
        tables[BELIEFS] = belief_rows(outcome, variant, measures.curve_points)
    if measures.cascades:
        tables |= cascade_tables(outcome, variant)
    return _Measured(row, curves, outcome.provenance["graphs"], outcome.provenance["median_visibility"], tables)


def _stacked(tables: list[dict[str, Table]]) -> dict[str, Table]:
    """Join the tables of all runs, name by name, in the order of the runs."""
    import pyarrow as pa

    names = dict.fromkeys(name for one in tables for name in one)
    return {name: pa.concat_tables([one[name] for one in tables if name in one]) for name in names}


def _joined(curves: list[ReachCurve]) -> Curves:
    """Join the curves of all replicates, without the channels that nobody heard through (one is always kept)."""
    aware = np.stack([curve.aware for curve in curves])
    used = np.flatnonzero(aware.any(axis=(0, 2)))
    kept = used if used.size else np.array([0])
    return Curves(curves[0].seconds, tuple(curves[0].channels[c] for c in kept), aware[:, kept])
