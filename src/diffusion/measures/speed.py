"""How fast and how far a story travels. Times are seconds after the story begins; never is infinity."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError
from diffusion.outcome import NO_CHANNEL, Outcome, check_outcome
from diffusion.units import NEVER


class ReachCurve(NamedTuple):
    """Share of the population that is aware, over time.

    Attributes
    ----------
    seconds : (k,) float64
        After the story begins.
    channels : tuple of str
        Channels of first exposure; empty where they are not told apart.
    aware : (C, k) or (k,) float64
    """

    seconds: NDArray[np.float64]
    channels: tuple[str, ...]
    aware: NDArray[np.float64]


def persons_needed(q: float, among: int) -> int:
    """Return the smallest whole number of persons that is a share `q` of `among` or more.

    A whole number that is the share up to a relative error of 1e-12 is taken for it: 7 of 100 persons are 0.07,
    although 0.07 * 100 is above 7 in binary floating point.
    """
    if not 0 < q <= 1:
        raise InputError(f"q = {q!r}: a share of persons is above 0 and at most 1")
    whole = round(q * among)
    if among and math.isclose(whole / among, q, rel_tol=1e-12):
        return whole
    return math.ceil(q * among)


def time_to_reach(
    outcome: Outcome, q: float, story: str | int | None = None, *, among: Literal["population", "aware"] = "population"
) -> float:
    """Return T_q: the time until a share `q` is aware of a story.

    Parameters
    ----------
    outcome : Outcome
        With ``record = "times"`` or more.
    q : float
        Share in (0, 1].
    story : str or int, optional
        Its name or number; by default the only one.
    among : {"population", "aware"}
        Whether `q` is a share of everybody, or of those who are aware at the horizon.

    Returns
    -------
    float
        Seconds after the story begins; infinity if the share is not reached up to the horizon (or nobody is aware).
    """
    check_outcome(outcome)
    if among not in ("population", "aware"):
        raise InputError(f'among = "{among}": choose "population" or "aware"')
    s = outcome.story(story)
    first = outcome.column("first_tick")[s]
    base = first.size if among == "population" else int(np.count_nonzero(first != NEVER))
    return time_among(first, q, outcome.story_tick(s), base) * outcome.tick


def time_among(first: NDArray[np.uint32], q: float, begin: int, base: int | None = None) -> float:
    """Return the ticks from `begin` until a share `q` of `base` persons (by default of all given ones) is aware.

    `first` holds first ticks, (k,); infinity if the share is not reached, or if there is nobody.
    """
    needed = persons_needed(q, first.size if base is None else base)
    if needed == 0:
        return math.inf
    tick = int(np.partition(first, needed - 1)[needed - 1])
    return math.inf if tick == NEVER else tick - begin


def restricted_mean_time(outcome: Outcome, story: str | int | None = None) -> float:
    """Return the mean time to awareness up to the horizon, ∫₀ᴴ (1 − F(t)) dt in seconds.

    A person who never hears counts with H, the time from the story's beginning to the horizon; the measure therefore
    has a value where T_q has none (Royston & Parmar 2013).
    """
    check_outcome(outcome)
    s = outcome.story(story)
    begin = outcome.story_tick(s)
    first = np.minimum(outcome.column("first_tick")[s].astype(np.int64), outcome.horizon)
    return float(first.sum() - begin * first.size) / first.size * outcome.tick


def reach(outcome: Outcome, story: str | int | None = None) -> float:
    """Return the share of the population that is aware at the horizon (any record level)."""
    check_outcome(outcome)
    return outcome.tallies[outcome.story(story)].reached / outcome.n_persons


def reach_curve(outcome: Outcome, story: str | int | None = None, *, by_channel: bool = True) -> ReachCurve:
    """Return the share of the population that is aware at each point of time, by channel of first exposure.

    Parameters
    ----------
    outcome : Outcome
        With ``record = "curves"`` or more.
    story : str or int, optional
        Its name or number; by default the only one.
    by_channel : bool
        Whether channels are told apart; they add up to the whole.
    """
    check_outcome(outcome)
    s = outcome.story(story)
    ticks = outcome.column("curve_ticks") - outcome.story_tick(s)
    shares = outcome.column("curves")[s][:, ticks >= 0] / outcome.n_persons
    seconds = ticks[ticks >= 0] * outcome.tick
    if not by_channel:
        return ReachCurve(seconds, (), shares.sum(axis=0))
    return ReachCurve(seconds, tuple(channel.name for channel in outcome.channels), shares)


def first_sources(outcome: Outcome, story: str | int | None = None) -> dict[str, float]:
    """Return, by channel, the share of the aware who heard through it first; NaN where nobody is aware.

    Needs ``record = "parents"`` or more.
    """
    check_outcome(outcome)
    first = outcome.column("first_channel")[outcome.story(story)]
    counts = np.bincount(first[first != NO_CHANNEL], minlength=len(outcome.channels))
    aware = int(counts.sum())
    return {c.name: int(counts[code]) / aware if aware else math.nan for code, c in enumerate(outcome.channels)}
