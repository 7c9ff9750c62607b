"""Who spoke: other persons (the network), or outlets, officials and one's own eyes (the outside).

Channels say where a story was met; sources say from whom. The two differ where an outlet or an official posts on a
platform: an outlet's account is the outlet, wherever it speaks.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError, suggestion
from diffusion.outcome import NO_CHANNEL, Events, Outcome, Posts, check_outcome
from diffusion.units import NEVER
from diffusion.vocabulary import ChannelKind, EventKind

Of = Literal["aware", "sharers", "exposures"]
_OF = ("aware", "sharers", "exposures")


class Attribution(NamedTuple):
    """Shares of what is attributed, by source; they add up to one, and are NaN where there is nothing to attribute.

    Attributes
    ----------
    platforms : float
        Other persons, through posts on follow platforms.
    contacts : float
        Other persons, by word of mouth.
    outlets : float
        Outlets, in broadcasts and through their accounts.
    officials : float
    own_eyes : float
        Witnesses, and the authors of a story.
    """

    platforms: float
    contacts: float
    outlets: float
    officials: float
    own_eyes: float

    @property
    def network(self) -> float:
        """The share of other persons."""
        return self.platforms + self.contacts

    @property
    def outside(self) -> float:
        """The share of everything else."""
        return self.outlets + self.officials + self.own_eyes


def attribution(outcome: Outcome, story: str | int | None = None, *, of: Of = "aware") -> Attribution:
    """Attribute a story's reach to other persons and to the world outside the network.

    Parameters
    ----------
    outcome : Outcome
        With ``record = "parents"`` or more; for exposures, ``"events"``.
    story : str or int, optional
        Its name or number; by default the only one.
    of : {"aware", "sharers", "exposures"}
        What is attributed: all who are aware, by their first exposure; those of them who posted it on a follow
        platform; or all exposures.

    Notes
    -----
    Myers, Zhu & Leskovec (2012) attribute 71 % of the information on Twitter to the network and 29 % to the outside.
    They infer it from who mentioned a link, and when: nearest to that are the sharers on a platform.
    """
    check_outcome(outcome)
    if of not in _OF:
        raise InputError(f'of = "{of}": there is no such thing to attribute{suggestion(of, _OF)}')
    s = outcome.story(story)
    if of == "exposures":
        return shares_of_sources(_exposure_sources(outcome, s))
    heard = heard_from(outcome, s, post_sources(outcome))
    return shares_of_sources(heard if of == "aware" else heard[outcome.column("share_tick")[s] != NEVER])


def shares_of_sources(sources: NDArray[np.uint8]) -> Attribution:
    """Return the share of each kind of source; `NO_CHANNEL` is left out."""
    counts = np.bincount(sources, minlength=NO_CHANNEL + 1)[: len(ChannelKind)]
    whole = int(counts.sum())

    def share(kind: ChannelKind) -> float:
        return int(counts[kind]) / whole if whole else math.nan

    return Attribution(
        platforms=share(ChannelKind.PLATFORM),
        contacts=share(ChannelKind.CONTACT),
        outlets=share(ChannelKind.OUTLET),
        officials=share(ChannelKind.OFFICIAL),
        own_eyes=share(ChannelKind.OWN_EYES),
    )


def account_kinds(outcome: Outcome) -> NDArray[np.uint8]:
    """Return whether each account is an outlet's or an official's, as a `ChannelKind`."""
    outlets = set(outcome.outlets)
    kinds = [ChannelKind.OUTLET if owner in outlets else ChannelKind.OFFICIAL for owner in outcome.accounts]
    return np.array(kinds, dtype=np.uint8)


def post_sources(outcome: Outcome) -> NDArray[np.uint8]:
    """Return the kind of source of every post, (p,): a `ChannelKind`, of which PLATFORM and CONTACT mean persons."""
    posts: Posts = outcome.column("posts")  # type: ignore[assignment]
    kinds = np.array([channel.kind for channel in outcome.channels], dtype=np.uint8)
    return _corrected(outcome, kinds[posts.channel], posts.author)


def _corrected(outcome: Outcome, channel_kinds: NDArray[np.uint8], author: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Put the owners' kind in place of the channel's where an account speaks."""
    by_account = np.flatnonzero((channel_kinds != ChannelKind.OUTLET) & (author >= outcome.n_persons))
    channel_kinds[by_account] = account_kinds(outcome)[author[by_account].astype(np.int64) - outcome.n_persons]
    return channel_kinds


def heard_from(outcome: Outcome, story: int, sources: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the kind of source from which each person heard first, (n,); `NO_CHANNEL` where they never did.

    Parameters
    ----------
    outcome : Outcome
    story : int
        Its number.
    sources : (p,) uint8
        As `post_sources` returns them.
    """
    post = outcome.column("first_post")[story]
    heard = np.full(post.size, NO_CHANNEL, dtype=np.uint8)
    heard[outcome.column("first_tick")[story] != NEVER] = ChannelKind.OWN_EYES
    through = np.flatnonzero(post != NEVER)
    heard[through] = sources[post[through]]
    return heard


def _exposure_sources(outcome: Outcome, story: int) -> NDArray[np.uint8]:
    events: Events = outcome.column("events")  # type: ignore[assignment]
    kinds = np.array([channel.kind for channel in outcome.channels], dtype=np.uint8)
    rows = np.flatnonzero(
        (events.story == story) & ((events.kind == EventKind.EXPOSURE) | (events.kind == EventKind.OWN_EYES))
    )
    seen = events.kind[rows] == EventKind.OWN_EYES
    author = np.where(seen, np.uint32(0), events.source[rows])
    return _corrected(outcome, kinds[events.channel[rows]], author)
