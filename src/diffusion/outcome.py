"""What a run returns: columns per story and person, posts, coverage, and where they came from."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError, expected, suggestion
from diffusion.notebook import html_table
from diffusion.units import NEVER
from diffusion.vocabulary import ChannelKind, EventKind, Record
from diffusion.world.persons import Persons

if TYPE_CHECKING:
    from diffusion.scenario import Scenario

NO_CHANNEL = 255
"""`first_channel` of a person who never heard."""

_NAMED = 3
"""Stories that the one line about an outcome names."""


class Channel(NamedTuple):
    """A way of being exposed: its name and kind. Its position in `Outcome.channels` is its code."""

    name: str
    kind: ChannelKind


@dataclass(frozen=True, slots=True, repr=False)
class Posts:
    """Every publication of a run, as columns of equal length.

    Attributes
    ----------
    author : (p,) uint32
        A person's index, n_persons + c for account c, or an outlet's number where `channel` is an outlet.
    story, channel : (p,) int32, uint8
        Number of the story; code of the platform (also of official accounts' posts) or outlet on which it was
        published.
    tick : (p,) uint32
    occurrence : (p,) uint32
        Number of the outlet's broadcast of this story; 0 for a share.
    followers : (p,) uint32, optional
        Of the author on that platform (contacts on a contact platform); an outlet's regular audience. None where
        posts were not made by a run.
    """

    author: NDArray[np.uint32]
    story: NDArray[np.int32]
    channel: NDArray[np.uint8]
    tick: NDArray[np.uint32]
    occurrence: NDArray[np.uint32]
    followers: NDArray[np.uint32] | None = None

    def __len__(self) -> int:
        return int(self.tick.size)

    def __repr__(self) -> str:
        return f"<Posts: {len(self):,}>"


@dataclass(frozen=True, slots=True)
class Coverage:
    """When and why an outlet first published a story.

    Attributes
    ----------
    outlet, story : str
    learned, verified, published : int
        Ticks; `published` - `verified` is the wait for the slot.
    reason : int
        Code of the channel from which the outlet learned (0: its own newsgathering).
    """

    outlet: str
    story: str
    learned: int
    verified: int
    published: int
    reason: int


class Credence(NamedTuple):
    """What turns exposures into evidence (docs/model.md §5): with it and the event log, beliefs can be followed.

    Attributes
    ----------
    prior : (n,) float32
        Evidence before the first exposure: logit of credulity.
    weights : (C, 1) or (C, n) float64
        Evidence of a first exposure through each channel: logit of trust, the same for all or each person's own.
    repetition : (4,) float64
        Factor on it after 0, 1, 2, 3 or more exposures through the channel.
    """

    prior: NDArray[np.float32]
    weights: NDArray[np.float64]
    repetition: NDArray[np.float64]


@dataclass(frozen=True, slots=True, repr=False)
class Events:
    """The event log, as columns, in the total order (tick, kind, person, channel, source, story).

    See docs/model.md §8.
    """

    tick: NDArray[np.uint32]
    kind: NDArray[np.uint8]
    person: NDArray[np.uint32]
    channel: NDArray[np.uint8]
    source: NDArray[np.uint32]
    story: NDArray[np.uint32]
    value: NDArray[np.uint32]

    def __len__(self) -> int:
        return int(self.tick.size)

    def __repr__(self) -> str:
        return f"<Events: {len(self):,}>"

    def rows(self) -> list[tuple[int, ...]]:
        """Return the log as tuples."""
        columns = [getattr(self, f.name).tolist() for f in fields(self)]
        return list(zip(*columns, strict=True))

    def counts(self) -> dict[str, int]:
        """Return how often each kind of event occurred."""
        found = np.bincount(self.kind, minlength=int(max(EventKind)) + 1)
        return {kind.name: int(found[kind]) for kind in EventKind}


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one story.

    Attributes
    ----------
    offers : int
        Pairs of a platform post and a follower.
    views : int
        Views of platform posts.
    exposures : int
        Exposures of all kinds.
    shares : int
        Posts by persons.
    reached : int
        Persons exposed at least once.
    """

    offers: int
    views: int
    exposures: int
    shares: int
    reached: int


class Timeline(NamedTuple):
    """How the ticks of an outcome are to be read.

    Attributes
    ----------
    tick : float
        Seconds (or, of a classical model, steps or units of time) per tick.
    horizon : int
        The last tick.
    starts : tuple of int
        Tick at which each story begins.
    """

    tick: float
    horizon: int
    starts: tuple[int, ...]

    @classmethod
    def of(cls, scenario: Scenario) -> Timeline:
        """Return the timeline of a scenario."""
        tick = scenario.run.tick
        starts = (round(scenario.stories[name].at / tick) for name in sorted(scenario.stories))
        return cls(tick, round(scenario.run.horizon / tick), tuple(starts))


@dataclass(frozen=True, slots=True, repr=False)
class Outcome:
    """The result of one run. Columns are None where `record` did not ask for them.

    Attributes
    ----------
    scenario, seed, replicate, record
        What was run; together with the graphs' hashes (`provenance`) they determine everything here. Outcomes of
        classical models have no scenario.
    timeline : Timeline
    n_persons : int
    labels : (n,) array, optional
        Persons' labels; None where they are 0 … n-1.
    people : Persons
        What is known of the persons: columns of `people.file`, bands of age, roles.
    channels : tuple of Channel
    stories, outlets, accounts : tuple of str
        Names in the order of their numbers; account c is author n_persons + c.
    tallies : tuple of Tally
        One per story (level `sizes`).
    curve_ticks, curves : (k,) int64, (S, C, k) int64
        Persons aware at each tick by the channel of their first exposure (level `curves`).
    first_tick : (S, n) uint32, NEVER where never (level `times`)
    share_tick : (S, n) uint32, NEVER where never (level `times`)
    first_channel, first_post : (S, n) uint8 and uint32 (level `parents`)
        `first_post` indexes `posts`; NEVER for own eyes or never.
    posts, coverage : Posts, tuple of Coverage (level `parents`)
    exposures : (S, n) uint64, 2 bits per channel, saturating at 3 (level `all`)
    evidence : (S, n) float32, NaN where unaware (level `all`)
    credence : Credence (level `all`)
    events : Events (level `events`)
    """

    scenario: Scenario | None
    timeline: Timeline
    seed: int
    replicate: int
    record: Record
    n_persons: int
    labels: NDArray[Any] | None
    people: Persons
    channels: tuple[Channel, ...]
    stories: tuple[str, ...]
    outlets: tuple[str, ...]
    accounts: tuple[str, ...]
    tallies: tuple[Tally, ...]
    curve_ticks: NDArray[np.int64] | None = None
    curves: NDArray[np.int64] | None = None
    first_tick: NDArray[np.uint32] | None = None
    share_tick: NDArray[np.uint32] | None = None
    first_channel: NDArray[np.uint8] | None = None
    first_post: NDArray[np.uint32] | None = None
    posts: Posts | None = None
    coverage: tuple[Coverage, ...] | None = None
    exposures: NDArray[np.uint64] | None = None
    evidence: NDArray[np.float32] | None = None
    credence: Credence | None = None
    events: Events | None = None
    provenance: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return one line: who, which run, what was kept, how far the stories came."""
        reached = ", ".join(f"{name} {tally.reached:,}" for name, tally in zip(self.stories[:_NAMED], self.tallies))
        more = f" and {len(self.stories) - _NAMED} more" if len(self.stories) > _NAMED else ""
        kept = f"record {self.record.name.lower()}"
        return (
            f"<Outcome: {self.n_persons:,} persons, seed {self.seed}, replicate {self.replicate}, {kept}; "
            f"reached: {reached}{more}>"
        )

    def _repr_html_(self) -> str:
        """Return a small table for notebooks: one row per story."""
        kept = self.record.name.lower()
        run = f"{self.n_persons:,} persons, seed {self.seed}, replicate {self.replicate}, record = {kept}"
        rows = [
            (name, f"{tally.reached:,} ({tally.reached / self.n_persons:.1%})", f"{tally.shares:,}", f"{tally.views:,}")
            for name, tally in zip(self.stories, self.tallies)
        ]
        return html_table(f"Outcome: {run}", rows, head=("story", "reached", "shares", "views"))

    @property
    def tick(self) -> float:
        """Seconds per tick."""
        return self.timeline.tick

    @property
    def horizon(self) -> int:
        """The last tick."""
        return self.timeline.horizon

    def story(self, story: str | int | None = None) -> int:
        """Return a story's number, given its name or number (the only one, if there is one and none is given)."""
        if story is None:
            if len(self.stories) == 1:
                return 0
            raise InputError(f"which story? This outcome has {', '.join(self.stories)}")
        return _number("story", story, self.stories)

    def channel(self, channel: str | int) -> int:
        """Return a channel's code, given its name or code."""
        return _number("channel", channel, [c.name for c in self.channels])

    def story_tick(self, story: str | int | None = None) -> int:
        """Return the tick at which a story (its name or number) begins."""
        return self.timeline.starts[self.story(story)]

    def rules(self) -> Scenario:
        """Return the scenario, or say that a classical model has none."""
        if self.scenario is None:
            raise InputError(f"an outcome of {self.stories[0]} has no scenario: no platforms, outlets or beliefs")
        return self.scenario

    def column(self, name: str) -> NDArray[Any]:
        """Return a column, or say which record level would have kept it."""
        value = getattr(self, name)
        if value is None:
            if self.scenario is None and name in _OF_SCENARIOS:
                raise InputError(
                    f'an outcome of {self.stories[0]} has no "{name}": a classical model does not know them'
                )
            raise InputError(
                f'"{name}" was not kept with record = "{self.record.name.lower()}"; {_LEVEL[name]} keeps it'
            )
        return value

    def exposures_through(self, story: str | int | None, channel: str | int) -> NDArray[np.uint8]:
        """Return how often each person met the story through the channel (names or numbers), (n,); 3 is 3 or more."""
        packed: NDArray[np.uint64] = self.column("exposures")[self.story(story)]
        return ((packed >> np.uint64(2 * self.channel(channel))) & np.uint64(3)).astype(np.uint8)

    def first_source(self, story: str | int | None = None) -> list[Any]:
        """Return for every person from whom they heard first of a story (its name or number).

        That is a person's label, an account's or outlet's name, or None.
        """
        posts: Posts = self.column("posts")  # type: ignore[assignment]
        sources: list[Any] = []
        for index in self.column("first_post")[self.story(story)]:
            sources.append(
                None if index == NEVER else self.author_label(int(posts.author[index]), int(posts.channel[index]))
            )
        return sources

    def author_label(self, author: int, channel: int) -> Any:
        """Return the label of a post's author."""
        if self.channels[channel].kind == ChannelKind.OUTLET:
            return self.outlets[author]
        if author >= self.n_persons:
            return self.accounts[author - self.n_persons]
        return author if self.labels is None else self.labels[author]


def check_outcome(value: Any) -> None:
    """Raise InputError unless a measure was given one outcome."""
    expected("outcome", value, Outcome, "one Outcome, which simulate returns (of ensemble's list, one at a time)")


def _number(what: str, given: str | int, names: Sequence[str]) -> int:
    """Return the number of what is given by its name or number."""
    if isinstance(given, str):
        if given not in names:
            raise InputError(f'there is no {what} "{given}"{suggestion(given, names)}')
        return names.index(given)
    try:
        number = operator.index(given)
    except TypeError:
        number = -1
    if not 0 <= number < len(names):
        raise InputError(f"there is no {what} {given!r}; give a name ({', '.join(names)}) or a number from 0")
    return number


_LEVEL = {
    "curves": 'record = "curves"', "curve_ticks": 'record = "curves"', "first_tick": 'record = "times"',
    "share_tick": 'record = "times"', "first_channel": 'record = "parents"', "first_post": 'record = "parents"',
    "posts": 'record = "parents"', "coverage": 'record = "parents"', "exposures": 'record = "all"',
    "evidence": 'record = "all"', "credence": 'record = "all"', "events": 'record = "events"',
}  # fmt: skip
_OF_SCENARIOS = ("exposures", "evidence", "credence", "events")
"""Columns that outcomes of classical models never have."""
