"""How a story is handed on between outlets and platforms: along paths, in time, and by who covered it first.

A path is the chain through which somebody heard first. It crosses from a platform to an outlet where an outlet learned
of the story by watching the platform (or from another outlet that did), and from an outlet to a platform where a person
whose path led through an outlet posts it on a follow platform. An outlet's own account is the outlet.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.arguments import number_list
from diffusion.errors import InputError
from diffusion.measures._kernels import SPOKEN, TO_OUTLET, TO_PLATFORM, Steps, follow_paths
from diffusion.measures.delays import heard_in_order
from diffusion.measures.sources import heard_from, post_sources
from diffusion.outcome import Coverage, Outcome, Posts, check_outcome
from diffusion.units import HOUR, NEVER
from diffusion.vocabulary import ChannelKind

OWN_NEWSGATHERING = "own newsgathering"


class Covered(NamedTuple):
    """How one outlet came to a story.

    Attributes
    ----------
    outlet : str
    learned, verified, published : float
        Seconds after the story begins; `published` is its first publication.
    reason : str
        From where it learned: ``"own newsgathering"``, or the name of an outlet, a platform or an official.
    from_platform : bool
        Whether it learned from a platform, or from outlets of which the first did.
    """

    outlet: str
    learned: float
    verified: float
    published: float
    reason: str
    from_platform: bool


class Handoff(NamedTuple):
    """Shares whose path crossed; NaN where there is nobody.

    Attributes
    ----------
    to_outlets : float
        Of the aware, those whose path crossed from a platform to an outlet: the audience of outlets that learned from a
        platform, and whoever heard through that audience.
    to_platforms : float
        Of the aware, those whose path crossed from an outlet to a platform.
    both : float
        Of the aware, those whose path did both.
    sharers : float
        Of those who posted it on a follow platform, the ones who heard first from an outlet.
    """

    to_outlets: float
    to_platforms: float
    both: float
    sharers: float


class Peaks(NamedTuple):
    """When most people heard first, from outlets and from persons on platforms: seconds after the story begins.

    NaN where nobody heard from that kind of source first.

    Attributes
    ----------
    outlets, platforms : float
        Peaks of the rates (see `peak`).
    outlets_median, platforms_median : float
        Medians of the times of first exposures.
    """

    outlets: float
    platforms: float
    outlets_median: float
    platforms_median: float

    @property
    def lag(self) -> float:
        """Peak on platforms minus peak of outlets, seconds: positive where outlets come first."""
        return self.platforms - self.outlets

    @property
    def median_lag(self) -> float:
        """The same for the medians."""
        return self.platforms_median - self.outlets_median


def coverage_order(outcome: Outcome, story: str | int | None = None) -> tuple[Covered, ...]:
    """Return who covered a story, why, and in which order: by first publication, then by name.

    Parameters
    ----------
    outcome : Outcome
        With ``record = "parents"`` or more.
    story : str or int, optional
        Its name or number; by default the only one.
    """
    check_outcome(outcome)
    s = outcome.story(story)
    begin, tick = outcome.story_tick(s), outcome.tick
    paths = _outlet_paths(outcome, s)
    return tuple(
        Covered(
            c.outlet,
            (c.learned - begin) * tick,
            (c.verified - begin) * tick,
            (c.published - begin) * tick,
            outcome.channels[c.reason].name if c.reason else OWN_NEWSGATHERING,
            bool(paths[outcome.outlets.index(c.outlet)] & TO_OUTLET),
        )
        for c in _in_order(outcome, s)
    )


def _in_order(outcome: Outcome, story: int) -> list[Coverage]:
    covered: list[Coverage] = [c for c in outcome.column("coverage") if c.story == outcome.stories[story]]
    return sorted(covered, key=lambda c: (c.published, c.outlet))


def _outlet_paths(outcome: Outcome, story: int) -> NDArray[np.uint8]:
    """Return what happened on the way to each outlet and through it, (O,)."""
    paths = np.full(len(outcome.outlets), SPOKEN, dtype=np.uint8)
    # An outlet learns from another one after that one's first publication, which therefore comes first here.
    for c in _in_order(outcome, story):
        channel = outcome.channels[c.reason]
        at = outcome.outlets.index(c.outlet)
        if channel.kind == ChannelKind.OUTLET:
            paths[at] = paths[outcome.outlets.index(channel.name)]
        elif channel.kind == ChannelKind.PLATFORM:
            paths[at] |= TO_OUTLET
    return paths


def handoff(outcome: Outcome, story: str | int | None = None, *, order: NDArray[np.int64] | None = None) -> Handoff:
    """Return which share of a story's reach came by paths that crossed between outlets and platforms.

    Parameters
    ----------
    outcome : Outcome
        With ``record = "parents"`` or more.
    story : str or int, optional
        Its name or number; by default the only one.
    order : (k,) int64, optional
        As `hearing_order` returns it; found here if it is not given.

    Notes
    -----
    An outlet watches a platform as a whole: what brought the story to the platform is not part of the path that leads
    through that outlet. What an outlet learned from an official's post counts as no crossing.
    """
    check_outcome(outcome)
    s = outcome.story(story)
    heard = heard_in_order(outcome, s, order)
    sources = post_sources(outcome)
    path = np.zeros(outcome.n_persons, dtype=np.uint8)
    follow_paths(heard, _steps(outcome, s, sources), path)
    path = path[heard.order]
    to_outlets, to_platforms = (path & TO_OUTLET) > 0, (path & TO_PLATFORM) > 0
    post = outcome.column("first_post")[s][outcome.column("share_tick")[s] != NEVER]
    from_outlets = np.zeros(post.size, dtype=np.bool_)
    from_outlets[post != NEVER] = sources[post[post != NEVER]] == ChannelKind.OUTLET
    return Handoff(_share(to_outlets), _share(to_platforms), _share(to_outlets & to_platforms), _share(from_outlets))


def _share(marked: NDArray[np.bool_]) -> float:
    return int(np.count_nonzero(marked)) / marked.size if marked.size else math.nan


def _steps(outcome: Outcome, story: int, sources: NDArray[np.uint8]) -> Steps:
    posts: Posts = outcome.column("posts")  # type: ignore[assignment]
    by_outlet = np.flatnonzero(sources == ChannelKind.OUTLET)
    outlet = posts.author[by_outlet].astype(np.int64)
    owners = [outcome.outlets.index(owner) if owner in outcome.outlets else -1 for owner in outcome.accounts]
    accounts = outlet >= outcome.n_persons
    broadcast = np.array([c.kind == ChannelKind.OUTLET for c in outcome.channels])[posts.channel[by_outlet]]
    accounts &= ~broadcast
    outlet[accounts] = np.array(owners, dtype=np.int64)[outlet[accounts] - outcome.n_persons]
    path = np.zeros(sources.size, dtype=np.uint8)
    path[by_outlet] = _outlet_paths(outcome, story)[outlet]
    by_person = (sources == ChannelKind.PLATFORM) | (sources == ChannelKind.CONTACT)
    author = np.where(by_person, posts.author.astype(np.int64), -1)
    return Steps(author, path, sources == ChannelKind.PLATFORM)


def peak(times: NDArray[np.int64] | NDArray[np.float64], width: float = HOUR) -> float:
    """Return when events were most frequent, whatever bins one would choose.

    Of all windows [t, t + width) the one with the most events is taken (the earliest of equals), and the median of the
    times in it is returned; NaN without events.

    Parameters
    ----------
    times : (k,) array
        In any order.
    width : float
        In the unit of the times; an hour of seconds by default, chosen.
    """
    _check(width)
    return _peak_of_sorted(np.sort(number_list("times", times)), width)


def _check(width: float) -> None:
    if not width > 0:
        raise InputError(f"width = {width!r}: a window is longer than 0")


def _peak_of_sorted(times: NDArray[np.float64], width: float) -> float:
    if not times.size:
        return math.nan
    ends = np.searchsorted(times, times + width, side="left")
    at = int(np.argmax(ends - np.arange(times.size)))
    return float(np.median(times[at : ends[at]]))


def peaks(
    outcome: Outcome, story: str | int | None = None, *, width: float = HOUR, heard: NDArray[np.uint8] | None = None
) -> Peaks:
    """Return the peaks of first exposures to a story through outlets and through persons on platforms.

    Parameters
    ----------
    outcome : Outcome
        With ``record = "parents"`` or more.
    story : str or int, optional
        Its name or number; by default the only one.
    width : float
        Seconds of the window whose count is the rate (see `peak`).
    heard : (n,) uint8, optional
        As `heard_from` returns it; found here if it is not given.

    Notes
    -----
    Leskovec, Backstrom & Kleinberg (2009) find blogs 2.5 h behind news media. The medians need no width at all.
    """
    check_outcome(outcome)
    _check(width)
    s = outcome.story(story)
    heard = heard_from(outcome, s, post_sources(outcome)) if heard is None else heard
    first = outcome.column("first_tick")[s]
    found = []
    for kind in (ChannelKind.OUTLET, ChannelKind.PLATFORM):
        times = (np.sort(first[heard == kind]) - float(outcome.story_tick(s))) * outcome.tick
        middle = (times[(times.size - 1) // 2] + times[times.size // 2]) / 2 if times.size else math.nan
        found.append((_peak_of_sorted(times, width), float(middle)))
    (outlets, outlets_median), (platforms, platforms_median) = found
    return Peaks(outlets, platforms, outlets_median, platforms_median)
