"""How far variants are from what is known from outside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diffusion.errors import InputError
from diffusion.question import Known
from diffusion.scenario import Experiment
from diffusion.study.results import Folder, Results, opened
from diffusion.study.summary import Floats, Interval, median_interval
from diffusion.units import duration_text


@dataclass(frozen=True, slots=True)
class KnownPoint:
    """One known number beside what the runs gave.

    Attributes
    ----------
    known : Known
    found : Interval
        Median over replicates of the same share, with its interval.
    """

    known: Known
    found: Interval

    @property
    def name(self) -> str:
        """What is known: ``"1963: aware after 30 min"``, ``"2011: first.television"``."""
        at = self.known.at
        return f"{self.known.variant}: " + (
            " + ".join(self.known.columns) if at is None else f"aware after {duration_text(at)}"
        )

    @property
    def distance(self) -> float:
        """The median minus what is known, as a share."""
        return self.found.value - self.known.share


def known_story(experiment: Experiment) -> str:
    """Return the story that is compared: the claim's, else `measures.story`, or the only one."""
    stories = sorted(experiment.scenario.stories)
    if experiment.claim is not None and experiment.claim.story is not None:
        return experiment.claim.story
    if experiment.measures.story is not None:
        return experiment.measures.story
    if len(stories) > 1:
        names = ", ".join(stories)
        raise InputError(
            f"claim and known compare variants on one story; set claim.story or measures.story to one of {names}"
        )
    return stories[0]


def check_known(experiment: Experiment) -> None:
    """Raise InputError, before anything is run, for a known number that could not be compared."""
    for number, known in enumerate(experiment.known):
        known_story(experiment)
        horizon = experiment.variants[known.variant].run.horizon
        if known.at is not None and known.at > horizon:
            ends = duration_text(horizon)
            raise InputError(f'known[{number}].at = "{duration_text(known.at)}": after the horizon ({ends})')


def known_values(results: Results, known: Known) -> Floats:
    """Return in every replicate the share of which `known` says what it is, (R,).

    A time between two points of the reach curve takes the straight line between them.
    """
    story = known_story(results.experiment)
    if known.columns:
        return np.sum([results.values(known.variant, f"{story}.{name}") for name in known.columns], axis=0)
    curves = results.curves[known.variant, story]
    aware = curves.aware.sum(axis=1)
    return np.array([np.interp(known.at or 0.0, curves.seconds, one) for one in aware], dtype=np.float64)


def known_points(results: Results | Folder) -> tuple[KnownPoint, ...]:
    """Return what is known of an experiment's variants beside what they gave, in the file's order.

    Parameters
    ----------
    results : Results, or the folder in which they lie

    Returns
    -------
    tuple of KnownPoint
        Empty if the experiment names no known numbers.

    Raises
    ------
    InputError
        For a column that there is not.
    """
    results = opened(results)
    return tuple(
        KnownPoint(known, median_interval(known_values(results, known), seed=results.seed))
        for known in results.experiment.known
    )


def largest_distances(results: Results, variants: tuple[str, ...]) -> Floats:
    """Return in every replicate the largest distance from what is known of these variants, as a share, (R,)."""
    known = [one for one in results.experiment.known if one.variant in variants]
    distances = [np.abs(known_values(results, one) - one.share) for one in known]
    n = min(one.size for one in distances)
    return np.max([one[:n] for one in distances], axis=0).astype(np.float64)
