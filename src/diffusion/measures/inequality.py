"""How unequally reach is caused: few authors of posts bring a story to most people."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diffusion.arguments import number_list
from diffusion.errors import InputError, suggestion
from diffusion.measures.speed import persons_needed
from diffusion.outcome import Events, Outcome, Posts, check_outcome
from diffusion.units import NEVER
from diffusion.vocabulary import ChannelKind, EventKind

_COUNTED = ("first", "all")


def exposures_caused(
    outcome: Outcome, story: str | int | None = None, *, count: Literal["first", "all"] = "first"
) -> NDArray[np.int64]:
    """Return how many exposures each sharer caused by posts on follow platforms.

    Parameters
    ----------
    outcome : Outcome
        With ``record = "parents"`` or more; for all exposures, ``"events"``.
    story : str or int, optional
        Its name or number; by default the only one.
    count : {"first", "all"}
        The persons who heard first through the sharer, or all exposures.

    Returns
    -------
    (m,) int64
        One entry per person who posted the story on a follow platform, by ascending index; 0 for whom nobody read.
    """
    check_outcome(outcome)
    if count not in _COUNTED:
        raise InputError(f'count = "{count}": there is no such count{suggestion(count, _COUNTED)}')
    s = outcome.story(story)
    on_platform = np.array([channel.kind == ChannelKind.PLATFORM for channel in outcome.channels])
    if count == "first":
        posts: Posts = outcome.column("posts")  # type: ignore[assignment]
        through = outcome.column("first_post")[s]
        through = through[through != NEVER]
        author = posts.author[through[on_platform[posts.channel[through]]]]
    else:
        events: Events = outcome.column("events")  # type: ignore[assignment]
        seen = (events.kind == EventKind.EXPOSURE) & (events.story == s)
        author = events.source[seen & on_platform[events.channel]]
    caused = np.bincount(author[author < outcome.n_persons].astype(np.int64), minlength=outcome.n_persons)
    return caused[outcome.column("share_tick")[s] != NEVER].astype(np.int64)


def gini(values: NDArray[np.int64] | NDArray[np.float64]) -> float:
    """Return the Gini coefficient of quantities that are 0 or more.

    The sum over all pairs (i, j) of abs(x_i - x_j), over 2 n times the sum of x: 0 where all are equal, (n - 1)/n where
    one has everything (Gini 1912). NaN where there is nothing to share out.
    """
    ordered = np.sort(number_list("values", values))
    if ordered.size and ordered[0] < 0:
        raise InputError(f"{ordered[0]:g}: the Gini coefficient is of quantities that are 0 or more")
    n, whole = ordered.size, float(ordered.sum())
    if whole == 0:
        return math.nan
    ranks = 2.0 * np.arange(1, n + 1) - n - 1
    return float((ranks * ordered).sum()) / (n * whole)


def top_share(values: NDArray[np.int64] | NDArray[np.float64], q: float = 0.01) -> float:
    """Return the share of the whole that the largest values hold.

    Parameters
    ----------
    values : (n,) array
        0 or more.
    q : float
        How many of them are the largest: the share `q` of n, rounded up, so one at least.

    Returns
    -------
    float
        NaN where there is nothing to share out.
    """
    ordered = np.sort(number_list("values", values))
    whole = float(ordered.sum())
    if whole == 0:
        return math.nan
    return float(ordered[-persons_needed(q, ordered.size) :].sum()) / whole
