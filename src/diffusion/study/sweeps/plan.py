"""The plan of a sweep: every run of it, checked and known by its key before anything runs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from diffusion.config.changes import direction_fault
from diffusion.errors import InputError
from diffusion.scenario import Experiment, Scenario
from diffusion.study.measured import measured_for
from diffusion.study.sweeps.keys import RunKeys, content_of, files_of, of_replicate
from diffusion.study.sweeps.points import Point, points
from diffusion.world import GraphFile
from diffusion.world.messages import value_text
from diffusion.world.parts import Parts

KEPT = 256
"""Experiments at points that a plan keeps (chosen); their parts are shared."""


class Job(NamedTuple):
    """One run of a sweep.

    Attributes
    ----------
    run : str
        Its key: 32 hexadecimal digits. Jobs of the same key are one run.
    point : int
    variant : str
    replicate : int
    """

    run: str
    point: int
    variant: str
    replicate: int


class Plan:
    """All runs of an experiment over its sweep, in a fixed order.

    Parameters
    ----------
    experiment : Experiment
        Without a sweep there is one point, which changes nothing.
    at_points : sequence of dict, optional
        In place of the points of the sweep: dotted key -> value, all with the same keys.

    Attributes
    ----------
    experiment : Experiment
    points : tuple of dict
    keys : tuple of str
        The swept keys.
    measures : Measures
        What is measured of every run.
    contents : dict
        Path of every file that is read -> hash of its content.
    notes : tuple of str
        What about the sweep may not be meant.

    Raises
    ------
    InputError
        For the first point at which a key refuses its value; the message names the point.
    """

    def __init__(self, experiment: Experiment, at_points: Sequence[Mapping[str, Any]] | None = None) -> None:
        self.experiment = experiment
        sweep = experiment.sweep
        if at_points is not None:
            self.points: tuple[Point, ...] = tuple(dict(point) for point in at_points)
        else:
            self.points = ({},) if sweep is None else points(sweep, experiment.scenario.run.seed)
        if not self.points:
            raise InputError("points: there is none; give at least one")
        self.keys = tuple(self.points[0])
        self.measures = measured_for(experiment)
        self.contents: dict[str, str] = {}
        self._parts = Parts()
        self._kept: OrderedDict[int, Experiment] = OrderedDict()
        self._digests: list[dict[str, bytes]] = []
        self._replicates: list[dict[str, int]] = []
        self._hash_all()
        self.notes = tuple(self._notes())

    def _hash_all(self) -> None:
        hashes = RunKeys(self.measures, self.contents)
        for number in range(len(self.points)):
            variants = self._made(number).variants
            self._read_new(variants.values())
            self._digests.append({name: hashes.digest(scenario) for name, scenario in variants.items()})
            self._replicates.append({name: scenario.run.replicates for name, scenario in variants.items()})

    def _read_new(self, scenarios: Iterable[Scenario]) -> None:
        for scenario in scenarios:
            new = [path for path in files_of(scenario) if path not in self.contents]
            self.contents |= {path: content_of(path) for path in dict.fromkeys(new)}

    def _made(self, number: int) -> Experiment:
        point = self.points[number]
        try:
            made = self.experiment.at(point, parts=self._parts)
            for scenario in made.variants.values():
                _check_directions(scenario)
            return made
        except InputError as error:
            told = ", ".join(f"{key} = {value_text(value)}" for key, value in point.items())
            raise InputError(f"sweep point {number} ({told}): {error}" if point else str(error)) from None

    def at(self, point: int) -> Experiment:
        """Return the experiment at a point, by its number."""
        if point in self._kept:
            self._kept.move_to_end(point)
        else:
            self._kept[point] = self._made(point)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return self._kept[point]

    @property
    def n_jobs(self) -> int:
        """How many jobs there are."""
        return sum(sum(counts.values()) for counts in self._replicates)

    def jobs(self, replicates: range | None = None) -> Iterator[Job]:
        """Yield all jobs: by point, then by variant, then by replicate.

        Parameters
        ----------
        replicates : range, optional
            These instead of the first `run.replicates`.
        """
        for number, digests in enumerate(self._digests):
            for variant, digest in digests.items():
                for k in replicates or range(self._replicates[number][variant]):
                    yield Job(of_replicate(digest, k), number, variant, k)

    def job(self, point: int, variant: str, replicate: int) -> Job:
        """Return one job."""
        return Job(of_replicate(self._digests[point][variant], replicate), point, variant, replicate)

    def scenario(self, job: Job) -> Scenario:
        """Return the scenario that a job runs."""
        return self.at(job.point).variants[job.variant]

    def _notes(self) -> Iterator[str]:
        sweep = self.experiment.sweep
        sample = None if sweep is None else sweep.sample
        if sample is not None and sample.method == "sobol" and sample.size & (sample.size - 1):
            near = 1 << (sample.size.bit_length() - 1)
            yield f"sweep.sample.size = {sample.size}: Sobol points are balanced at powers of two ({near}, {2 * near})"
        for key in self.keys:
            if self._without_effect(key):
                keepers = [name for name, own in self.experiment.changes.items() if key in own]
                all_keep = len(keepers) == len(self.experiment.variants)
                yield f"sweep: {key} has no effect" + (
                    ": every variant keeps its own" if all_keep else " on any variant"
                )

    def _without_effect(self, key: str) -> bool:
        """Whether no two points that differ in a key alone differ in any run, and there are such points."""
        seen: dict[str, tuple[dict[str, bytes], str]] = {}
        compared = False
        for point, digests in zip(self.points, self._digests, strict=True):
            rest = repr([(k, v) for k, v in point.items() if k != key])
            first, value = seen.setdefault(rest, (digests, repr(point[key])))
            if value != repr(point[key]):
                compared = True
                if first != digests:
                    return False
        return compared


def _check_directions(scenario: Scenario) -> None:
    """Raise InputError where a list of links does not say who follows whom."""
    for name, platform in scenario.platforms.items():
        if isinstance(platform.graph, GraphFile):
            fault = direction_fault(f"platforms.{name}.graph", platform.graph.model_dump(exclude_defaults=True))
            if fault is not None:
                raise InputError(fault[1])
