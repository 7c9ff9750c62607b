"""Reach across communities: how far and how fast a story gets in each group of persons, and how it came there.

Groups are any column of persons (age band, place, community of the graph): one value per person, in the order of their
indices.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diffusion.errors import InputError
from diffusion.measures.speed import time_among
from diffusion.outcome import Outcome, Posts, check_outcome
from diffusion.units import NEVER
from diffusion.vocabulary import ChannelKind


class GroupReach(NamedTuple):
    """What reached one group.

    Attributes
    ----------
    group : str or number
    persons : int
    aware : int
        Persons of it who are aware at the horizon.
    reach : float
        Their share of the group.
    time : float
        Seconds after the story begins until the share q of the group is aware; infinity if that is not reached.
    delay : float
        By how much that is later than in the first group that gets there; infinity if it never does, NaN if none does.
    arrival : float
        Seconds until the first person of the group was aware; infinity if nobody was.
    person : label
        That person (of several at once the one of the lowest index); None if nobody was aware.
    channel : str
        Through which they heard; None if nobody did.
    source : label
        From whom they heard: a person's label, an outlet's or official's name; None for own eyes.
    source_group : str or number
        The group of the person from whom they heard; None where it was no person.
    """

    group: Any
    persons: int
    aware: int
    reach: float
    time: float
    delay: float
    arrival: float
    person: Any
    channel: str | None
    source: Any
    source_group: Any


class Mixing(NamedTuple):
    """Who hears from whom, by group.

    Attributes
    ----------
    groups : (G,) array
    counts : (G, G + 1) int64
        Row: the group of the person who heard first; column: the group of the person from whom, the last one for
        outlets, officials and own eyes.
    """

    groups: NDArray[Any]
    counts: NDArray[np.int64]

    @property
    def crossing(self) -> float:
        """Share of what was heard first from persons that came from another group; NaN where nothing was."""
        between = self.counts[:, :-1]
        whole = int(between.sum())
        return (whole - int(np.trace(between))) / whole if whole else math.nan


def _numbered(outcome: Outcome, groups: ArrayLike) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the groups in ascending order, and every person's number among them."""
    values = np.asarray(groups)
    if values.shape != (outcome.n_persons,):
        raise InputError(f"groups have the shape {values.shape}; give one for each of the {outcome.n_persons} persons")
    may_miss = values.tolist() if values.dtype.kind in "fO" else []
    missing = np.flatnonzero([value is None or value != value for value in may_miss])
    if missing.size:
        raise InputError(f"groups[{missing[0]}] is missing; give those without one a group of their own")
    names, number = np.unique(values, return_inverse=True)
    return names, number.astype(np.int64)


def reach_by_group(
    outcome: Outcome, groups: ArrayLike, story: str | int | None = None, *, q: float = 0.5
) -> tuple[GroupReach, ...]:
    """Return reach, speed and first arrival of a story in each group, in ascending order of the groups.

    Parameters
    ----------
    outcome : Outcome
        With ``record = "parents"`` or more.
    groups : (n,) array
        The group of every person.
    story : str or int, optional
        Its name or number; by default the only one.
    q : float
        Share of the group, in (0, 1], whose time is given (one half: T50).
    """
    check_outcome(outcome)
    s = outcome.story(story)
    names, number = _numbered(outcome, groups)
    first, begin = outcome.column("first_tick")[s], outcome.story_tick(s)
    by_group = [np.flatnonzero(number == g) for g in range(names.size)]
    times = [time_among(first[persons], q, begin) * outcome.tick for persons in by_group]
    earliest = min(times)
    found = []
    for g, persons in enumerate(by_group):
        ticks = first[persons]
        aware = int(np.count_nonzero(ticks != NEVER))
        at = int(persons[np.argmin(ticks)]) if aware else None
        delay = times[g] - earliest if earliest < math.inf else math.nan
        arrival = (int(ticks.min()) - begin) * outcome.tick if aware else math.inf
        reached = (persons.size, aware, aware / persons.size, times[g], delay, arrival)
        found.append(GroupReach(names[g].item(), *reached, *_arrival(outcome, s, at, names[number])))
    return tuple(found)


def _arrival(outcome: Outcome, story: int, person: int | None, group: NDArray[Any]) -> tuple[Any, ...]:
    """Return who the first person was, through which channel, from whom and from which group they heard."""
    if person is None:
        return None, None, None, None
    label = person if outcome.labels is None else outcome.labels[person].item()
    channel = outcome.channels[outcome.column("first_channel")[story][person]].name
    post = int(outcome.column("first_post")[story][person])
    if post == NEVER:
        return label, channel, None, None
    posts: Posts = outcome.column("posts")  # type: ignore[assignment]
    author, where = int(posts.author[post]), int(posts.channel[post])
    by_person = outcome.channels[where].kind != ChannelKind.OUTLET and author < outcome.n_persons
    return label, channel, outcome.author_label(author, where), group[author].item() if by_person else None


def mixing(outcome: Outcome, groups: ArrayLike, story: str | int | None = None) -> Mixing:
    """Return from which group the persons of each group heard first.

    Parameters
    ----------
    outcome : Outcome
        With ``record = "parents"`` or more.
    groups : (n,) array
        The group of every person.
    story : str or int, optional
        Its name or number; by default the only one.
    """
    check_outcome(outcome)
    s = outcome.story(story)
    names, number = _numbered(outcome, groups)
    posts: Posts = outcome.column("posts")  # type: ignore[assignment]
    aware = np.flatnonzero(outcome.column("first_tick")[s] != NEVER)
    post = outcome.column("first_post")[s][aware].astype(np.int64)
    by_outlet = np.array([channel.kind == ChannelKind.OUTLET for channel in outcome.channels])
    source = np.full(aware.size, names.size, dtype=np.int64)
    through = np.flatnonzero(post != NEVER)
    author = posts.author[post[through]].astype(np.int64)
    by_person = (author < outcome.n_persons) & ~by_outlet[posts.channel[post[through]]]
    source[through[by_person]] = number[author[by_person]]
    cells = number[aware] * (names.size + 1) + source
    counts = np.bincount(cells, minlength=names.size * (names.size + 1)).astype(np.int64)
    return Mixing(names, counts.reshape(names.size, names.size + 1))
