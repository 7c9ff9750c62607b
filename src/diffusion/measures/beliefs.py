"""What people make of a story, at the horizon and over time.

A person believes a story while their evidence L is 1 or more, and disbelieves it while it is -1 or less (docs/model.md
§5). The event log holds every exposure, so evidence can be followed exposure by exposure, in the very roundings of the
run; without the log only bounds can be given for how long a belief was held.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError
from diffusion.measures._kernels import Exposed, replay_evidence
from diffusion.outcome import Credence, Events, Outcome, check_outcome
from diffusion.units import HOUR, NEVER
from diffusion.vocabulary import Belief, EventKind

_BELIEVES, _DISBELIEVES = int(Belief.BELIEVES), int(Belief.DISBELIEVES)


def believing(outcome: Outcome, story: str | int | None = None) -> float:
    """Return the share of the population that believes a story at the horizon: evidence L >= 1.

    Parameters
    ----------
    outcome : Outcome
        With ``record = "all"`` or more.
    story : str or int, optional
        Its name or number; by default the only one.
    """
    check_outcome(outcome)
    evidence = outcome.column("evidence")[outcome.story(story)]
    return int(np.count_nonzero(evidence >= _BELIEVES)) / outcome.n_persons


@dataclass(frozen=True, slots=True)
class Evidence:
    """What every exposure to a story did to the exposed person, in the order in which they happened.

    Attributes
    ----------
    person : (k,) int64
    tick : (k,) int64
    before : (k,) float32
        Evidence before the exposure; NaN at a person's first one: they were not aware.
    after : (k,) float32
    """

    person: NDArray[np.int64]
    tick: NDArray[np.int64]
    before: NDArray[np.float32]
    after: NDArray[np.float32]


class BeliefCurve(NamedTuple):
    """Shares of the population over time.

    Attributes
    ----------
    seconds : (k,) float64
        After the story begins.
    aware, believing, disbelieving : (k,) float64
        Who is aware and neither believes nor disbelieves is undecided.
    """

    seconds: NDArray[np.float64]
    aware: NDArray[np.float64]
    believing: NDArray[np.float64]
    disbelieving: NDArray[np.float64]


class Bounds(NamedTuple):
    """Two numbers between which a third one lies; equal where it is known."""

    low: float
    high: float


def evidence_over_time(outcome: Outcome, story: str | int | None = None) -> Evidence:
    """Follow everybody's evidence for a story through the event log.

    Parameters
    ----------
    outcome : Outcome
        With ``record = "events"``.
    story : str or int, optional
        Its name or number; by default the only one.

    Notes
    -----
    The last `after` of a person is their entry in ``outcome.evidence``, bit by bit.
    """
    check_outcome(outcome)
    s = outcome.story(story)
    events: Events = outcome.column("events")  # type: ignore[assignment]
    credence: Credence = outcome.column("credence")  # type: ignore[assignment]
    own_eyes = events.kind == EventKind.OWN_EYES
    rows = np.flatnonzero((events.story == s) & (own_eyes | (events.kind == EventKind.EXPOSURE)))
    own_eyes, value = own_eyes[rows], events.value[rows].astype(np.int64)
    is_true = outcome.rules().stories[outcome.stories[s]].is_true
    exposed = Exposed(
        person=events.person[rows].astype(np.int64),
        channel=events.channel[rows].astype(np.int64),
        # An own-eyes event says whether the person is an author, and nobody sees a story happen twice.
        repeat=np.where(own_eyes, 0, value),
        counts=~own_eyes | (value == 0) | is_true,
    )
    before, after = np.empty(rows.size, dtype=np.float32), np.empty(rows.size, dtype=np.float32)
    replay_evidence(exposed, credence, before, after)
    return Evidence(exposed.person, events.tick[rows].astype(np.int64), before, after)


def belief_curve(outcome: Outcome, story: str | int | None = None, *, points: int = 577) -> BeliefCurve:
    """Return who believes and who disbelieves a story at each point of time.

    Parameters
    ----------
    outcome : Outcome
        With ``record = "events"``.
    story : str or int, optional
        Its name or number; by default the only one.
    points : int
        How many, evenly over the run, from its start to the horizon; those before the story begins are left out.
    """
    check_outcome(outcome)
    if points < 2:
        raise InputError(f"points = {points}: a curve has at least 2")
    s = outcome.story(story)
    found = evidence_over_time(outcome, story)
    ticks = np.arange(points, dtype=np.int64) * outcome.horizon // (points - 1)
    ticks = ticks[ticks >= outcome.story_tick(s)]
    until = np.searchsorted(found.tick, ticks, side="right")

    def share(gained: NDArray[np.bool_], lost: NDArray[np.bool_]) -> NDArray[np.float64]:
        changes = gained.astype(np.int64) - lost
        counts: NDArray[np.float64] = np.concatenate([[0], np.cumsum(changes)])[until] / outcome.n_persons
        return counts

    return BeliefCurve(
        seconds=np.multiply(ticks - outcome.story_tick(s), outcome.tick, dtype=np.float64),
        aware=share(np.isnan(found.before), np.zeros(found.tick.size, dtype=np.bool_)),
        believing=share(found.after >= _BELIEVES, found.before >= _BELIEVES),
        disbelieving=share(found.after <= _DISBELIEVES, found.before <= _DISBELIEVES),
    )


def first_believed(outcome: Outcome, story: str | int | None = None) -> NDArray[np.uint32]:
    """Return the tick at which each person first believed a story, (n,); NEVER where they never did.

    Needs ``record = "events"``.
    """
    check_outcome(outcome)
    found = evidence_over_time(outcome, story)
    rows = np.flatnonzero(found.after >= _BELIEVES)[::-1]
    first = np.full(outcome.n_persons, NEVER, dtype=np.uint32)
    # The last value that is written to a place stays: of the reversed rows that is the earliest.
    first[found.person[rows]] = found.tick[rows]
    return first


def believing_hours(outcome: Outcome, story: str | int | None = None) -> float:
    """Return for how long a story is believed up to the horizon, in person-hours: ∫ persons who believe it dt.

    Of a false story these are the misinformed person-hours.

    Parameters
    ----------
    outcome : Outcome
        With ``record = "events"``; `believing_hours_bounds` needs less.
    story : str or int, optional
        Its name or number; by default the only one.
    """
    check_outcome(outcome)
    found = evidence_over_time(outcome, story)
    changes = (found.after >= _BELIEVES).astype(np.int64) - (found.before >= _BELIEVES)
    ticks = int(np.sum(changes * (outcome.horizon - found.tick)))
    return ticks * outcome.tick / HOUR


def believing_hours_bounds(outcome: Outcome, story: str | int | None = None) -> Bounds:
    """Return between which bounds the person-hours of belief lie, as far as a run without event log tells.

    Parameters
    ----------
    outcome : Outcome
        With ``record = "all"`` or more.
    story : str or int, optional
        Its name or number; by default the only one.

    Notes
    -----
    Kept are first ticks and channels, which channels everybody met, and evidence at the horizon. A person met once
    believed all the time, or never. Where every channel that a person met is trusted (trust of .5 or more) evidence
    only rises: who believes at the horizon did so at the latest then, and at the earliest since they heard, for certain
    since then if the first exposure was enough; who does not, never did. Where all are distrusted it only falls. With
    trusted and distrusted channels mixed nothing is certain.
    """
    check_outcome(outcome)
    s = outcome.story(story)
    credence: Credence = outcome.column("credence")  # type: ignore[assignment]
    persons = np.flatnonzero(outcome.column("first_tick")[s] != NEVER)
    held = (outcome.horizon - outcome.column("first_tick")[s][persons].astype(np.int64)) * outcome.tick / HOUR
    met = np.stack([outcome.exposures_through(s, code)[persons] for code in range(len(outcome.channels))])
    weights = np.broadcast_to(credence.weights, (met.shape[0], outcome.n_persons))[:, persons]
    rises = ~((met > 0) & (weights < 0)).any(axis=0)
    falls = ~((met > 0) & (weights > 0)).any(axis=0)
    once = met.sum(axis=0, dtype=np.int64) == 1
    at_end = outcome.column("evidence")[s][persons] >= _BELIEVES
    surely, perhaps = _at_first(outcome, s, persons, weights)
    low = np.where(once, at_end, (rises & surely) | (falls & at_end))
    high = np.where(once, at_end, np.where(rises, at_end, ~falls | perhaps))
    return Bounds(float(held[low].sum()), float(held[high].sum()))


def _at_first(
    outcome: Outcome, story: int, persons: NDArray[np.intp], weights: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return whether the first exposure surely, and whether it perhaps made each person believe.

    The two differ where own eyes came first in a false story, because the author gained no evidence and a witness did.
    """
    credence: Credence = outcome.column("credence")  # type: ignore[assignment]
    channel = outcome.column("first_channel")[story][persons].astype(np.int64)
    prior = credence.prior[persons]
    gained = (prior.astype(np.float64) + weights[channel, np.arange(persons.size)]).astype(np.float32)
    is_true = outcome.rules().stories[outcome.stories[story]].is_true
    unsure = (channel == 0) & (not is_true)
    believed, had = gained >= _BELIEVES, prior >= _BELIEVES
    return np.where(unsure, believed & had, believed), np.where(unsure, believed | had, believed)
