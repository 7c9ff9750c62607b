"""Where the time went: every person's time to awareness, cut into the waits along the chain that brought the story.

A person heard first through a post; its author heard through another one; and so on to a witness, an author, an outlet
or an official account. The legs of that chain follow one another without a gap, so their sum is the time to awareness,
tick for tick.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diffusion.measures._kernels import Heard, Legs, decompose_delays
from diffusion.outcome import Outcome, Posts, check_outcome
from diffusion.units import NEVER
from diffusion.vocabulary import ChannelKind
from diffusion.world import SocialPlatform

COMPONENTS = (
    "newsgathering",
    "verification",
    "slot",
    "approval",
    "latency",
    "session",
    "audience",
    "hesitation",
    "meeting",
)
"""The components of a delay, in the order of their columns.

=============  ==========================================================================================
newsgathering  until the outlet at the chain's beginning learned of the story, wherever it learned it
verification   from there until it had verified it
slot           from there until it first published it
approval       until an official account posted it
latency        of platforms, from posting to being visible
session        waiting for the followers' sessions, with scrolling or noticing
audience       from an outlet's first publication until its audience tuned in, visited or read
hesitation     of persons who posted, from their first exposure to their post, with the reaction
meeting        word of mouth: waiting to meet
=============  ==========================================================================================
"""

_NUMBER = {name: number for number, name in enumerate(COMPONENTS)}
_WAITING = {
    ChannelKind.OUTLET: _NUMBER["audience"],
    ChannelKind.PLATFORM: _NUMBER["session"],
    ChannelKind.CONTACT: _NUMBER["meeting"],
}


@dataclass(frozen=True, slots=True)
class Delays:
    """The delays of everybody who is aware of a story.

    Attributes
    ----------
    persons : (k,) int64
        Indices, ascending.
    ticks : (k, len(COMPONENTS)) int64
        Their sums over the columns are the times to awareness, exactly.
    tick : float
        Seconds per tick.
    """

    persons: NDArray[np.int64]
    ticks: NDArray[np.int64]
    tick: float

    def means(self) -> dict[str, float]:
        """Return the mean of every component over the aware persons, in seconds; NaN where nobody is aware."""
        if not self.persons.size:
            return dict.fromkeys(COMPONENTS, float("nan"))
        means = self.ticks.mean(axis=0) * self.tick
        return {name: float(value) for name, value in zip(COMPONENTS, means, strict=True)}


def hearing_order(outcome: Outcome, story: int) -> NDArray[np.int64]:
    """Return the persons who are aware of a story (its number) in an order in which authors precede their readers."""
    first = outcome.column("first_tick")[story]
    persons = np.flatnonzero(first != NEVER)
    # Sorting whole numbers is several times faster than sorting their places.
    ordered = np.sort((first[persons].astype(np.uint64) << np.uint64(32)) | persons.astype(np.uint64))
    return (ordered & np.uint64(0xFFFFFFFF)).astype(np.int64)


def heard_in_order(outcome: Outcome, story: int, order: NDArray[np.int64] | None) -> Heard:
    """Return what is known of everybody's hearing of a story (its number), in the order given or found here."""
    order = hearing_order(outcome, story) if order is None else order
    return Heard(order, outcome.column("first_tick")[story], outcome.column("first_post")[story])


def delays(outcome: Outcome, story: str | int | None = None, *, order: NDArray[np.int64] | None = None) -> Delays:
    """Return the components of every aware person's time to awareness (see `COMPONENTS`).

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
    Witnesses and authors, who know from the beginning, have zeros. One pass in the order of first ticks: an author's
    first tick is always before their readers'.
    """
    check_outcome(outcome)
    s = outcome.story(story)
    heard = heard_in_order(outcome, s, order)
    persons = np.flatnonzero(heard.first_tick != NEVER)
    components = np.zeros((outcome.n_persons, len(COMPONENTS)), dtype=np.int64)
    posts: Posts = outcome.column("posts")  # type: ignore[assignment]
    legs = _legs(outcome, s, posts, _sources(outcome, s, posts))
    decompose_delays(heard, legs, _NUMBER["latency"], _NUMBER["hesitation"], components)
    return Delays(persons, components[persons], outcome.tick)


def _sources(outcome: Outcome, story: int, posts: Posts) -> NDArray[np.int64]:
    """Return the components up to the publication of outlets (by number) and then of accounts (by number)."""
    begin = outcome.story_tick(story)
    table = np.zeros((len(outcome.outlets) + len(outcome.accounts), len(COMPONENTS)), dtype=np.int64)
    for covered in outcome.column("coverage"):
        if covered.story == outcome.stories[story]:
            waits = np.diff([begin, covered.learned, covered.verified, covered.published])
            table[outcome.outlets.index(covered.outlet), : waits.size] = waits
    kinds = np.array([channel.kind for channel in outcome.channels])
    by_account = (posts.story == story) & (posts.author >= outcome.n_persons)
    for post in np.flatnonzero(by_account & (kinds[posts.channel] == ChannelKind.PLATFORM)):
        account = int(posts.author[post]) - outcome.n_persons
        row = table[len(outcome.outlets) + account]
        owner = outcome.accounts[account]
        if owner in outcome.outlets:
            row[:] = table[outcome.outlets.index(owner)]
        else:
            row[_NUMBER["approval"]] = int(posts.tick[post]) - begin
    return table


def _legs(outcome: Outcome, story: int, posts: Posts, sources: NDArray[np.int64]) -> Legs:
    kinds = np.array([channel.kind for channel in outcome.channels])
    platforms = outcome.rules().platforms
    latency = np.zeros(kinds.size, dtype=np.int64)
    for code, channel in enumerate(outcome.channels):
        platform = platforms.get(channel.name)
        if isinstance(platform, SocialPlatform):
            latency[code] = round(platform.latency / outcome.tick)
    waiting = np.array([_WAITING.get(ChannelKind(kind), -1) for kind in kinds])
    author = posts.author.astype(np.int64)
    by_outlet = kinds[posts.channel] == ChannelKind.OUTLET
    by_person = ~by_outlet & (author < outcome.n_persons)
    source = np.where(by_outlet, author, author - outcome.n_persons + len(outcome.outlets))
    source[by_person] = -1
    published = outcome.story_tick(story) + sources.sum(axis=1)
    tick = posts.tick.astype(np.int64)
    tick[by_outlet] = published[source[by_outlet]]
    author[~by_person] = -1
    return Legs(author, source, tick, latency[posts.channel], waiting[posts.channel], sources)
