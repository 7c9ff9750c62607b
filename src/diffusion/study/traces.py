"""One person's story: when it reached them and through whom, why it took so long, and what they did with it."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.assembly import account_names
from diffusion.errors import InputError
from diffusion.graphs.labels import ranks
from diffusion.measures import COMPONENTS, delays
from diffusion.outcome import Channel, Events, Outcome, Posts
from diffusion.study.replays import Replay, replay
from diffusion.study.results import Folder, Results, opened
from diffusion.study.samples import chosen_name
from diffusion.study.summary import short
from diffusion.units import NEVER
from diffusion.vocabulary import ChannelKind, EventKind

_WHY = {
    "newsgathering": "until the outlet learned of it",
    "verification": "until it had been verified",
    "slot": "until it was published",
    "approval": "until the statement was approved",
    "latency": "until posts were to be seen",
    "session": "until the readers of posts opened their feeds and came to them",
    "audience": "until the audience tuned in, visited or read",
    "hesitation": "until those who passed it on had posted it",
    "meeting": "until people met who told one another",
}
_LONGEST_WAY = 30
"""Steps of a way that are written out; of a longer one the first and the last."""


class Moment(NamedTuple):
    """Something that happened, in seconds after the story began."""

    seconds: float
    text: str


@dataclass(frozen=True)
class Trace:
    """What happened to one person in one run.

    Attributes
    ----------
    person : int or str
        The label.
    variant, story : str
    replicate : int
    way : tuple of Moment
        How the story came to them, from its beginning on; empty if they never heard.
    delay : dict
        Seconds of their time to awareness by component (see `diffusion.measures.COMPONENTS`); empty if they never
        heard. The sum is the time at which they heard.
    channel : str, optional
        Through which they heard first.
    afterwards : tuple of str
        What else reached them, what they did, and what they made of it; or what they missed.
    begins : datetime
        The wall clock at the story's beginning.
    """

    person: Any
    variant: str
    story: str
    replicate: int
    way: tuple[Moment, ...]
    delay: dict[str, float]
    channel: str | None
    afterwards: tuple[str, ...]
    begins: datetime

    def lines(self) -> list[str]:
        """Write the story as lines of text."""
        head = f'person {self.person}: story "{self.story}", variant "{self.variant}", replicate {self.replicate}'
        if not self.way:
            return [head, "never heard of it up to the horizon", *self.afterwards]
        after = self.way[-1].seconds
        lines = [
            head,
            f"heard {spoken(after)} after the story began, at {self._clock(after)}, first through {self.channel}",
            "",
            "how it came to them:",
            *self._way(),
            "",
            f"why {spoken(after)}:",
        ]
        parts = sorted(((seconds, name) for name, seconds in self.delay.items() if seconds > 0), reverse=True)
        width = max([len(spoken(seconds)) for seconds, _ in parts], default=0)
        lines += [f"  {spoken(seconds).rjust(width)}  {name}: {_WHY[name]}" for seconds, name in parts]
        if not parts:
            lines.append("  they were there from the beginning")
        return [*lines, "", "afterwards:", *(f"  {text}" for text in self.afterwards)]

    def _way(self) -> list[str]:
        steps = [f"  {self._clock(moment.seconds)}  {moment.text}" for moment in self.way]
        if len(steps) <= _LONGEST_WAY:
            return steps
        half = _LONGEST_WAY // 2
        return [*steps[:half], f"  … {len(steps) - 2 * half} steps …", *steps[-half:]]

    def _clock(self, seconds: float) -> str:
        return f"{self.begins + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}"


def spoken(seconds: float) -> str:
    """Write seconds with three digits, in hours, minutes or seconds."""
    for size, word in ((3600.0, "h"), (60.0, "min")):
        if seconds >= size:
            return f"{short(seconds / size)} {word}"
    return f"{short(seconds)} s"


def trace(
    results: Results | Folder, person: Any, *, variant: str | None = None, story: str | None = None, replicate: int = 0
) -> Trace:
    """Tell what happened to one person in one run, by simulating that run again.

    Parameters
    ----------
    results : Results, or the folder in which they lie
    person : int or str
        The label; a text is read as a number where labels are numbers.
    variant, story : str, optional
        By default the only one.
    replicate : int
        From 0.

    Raises
    ------
    InputError
        For a label, variant, story or replicate that there is not, and where the run cannot be repeated (see `replay`).
    """
    results = opened(results)
    name = chosen_name("variant", variant, results.experiment.variants)
    one = chosen_name("story", story, sorted(results.experiment.variants[name].stories))
    return trace_in(replay(results, variant=name, replicate=replicate), person, one)


def trace_in(found: Replay, person: Any, story: str) -> Trace:
    """Tell what happened to one person in a run that has been simulated again."""
    outcome = found.outcome
    index = person_index(outcome, person)
    s = outcome.story(story)
    scenario = outcome.rules()
    telling = _Telling(outcome, s)
    aware = outcome.column("first_tick")[s][index] != NEVER
    delay = {}
    if aware:
        parted = delays(outcome, story)
        ticks = parted.ticks[np.searchsorted(parted.persons, index)]
        delay = {c: float(t) * outcome.tick for c, t in zip(COMPONENTS, ticks, strict=True)}
    return Trace(
        person=outcome.author_label(index, 0),
        variant=found.variant,
        story=story,
        replicate=outcome.replicate,
        way=tuple(telling.way(index)) if aware else (),
        delay=delay,
        channel=outcome.channels[outcome.column("first_channel")[s][index]].name if aware else None,
        afterwards=tuple(telling.afterwards(index) if aware else _missed(found, s, index)),
        begins=scenario.run.start + timedelta(seconds=outcome.story_tick(s) * outcome.tick),
    )


def person_index(outcome: Outcome, person: Any) -> int:
    """Return the index of a person from their label; a text is read as a number where labels are numbers."""
    numbers = outcome.labels is None or outcome.labels.dtype.kind == "i"
    label = person
    if numbers and isinstance(person, str):
        with suppress(ValueError):  # what is no number is refused below, with what would do
            label = int(person)
    if label == "" or (isinstance(label, int) and not -(2**63) <= label < 2**63):
        raise InputError(f'no person has the label "{person}"')
    return int(ranks(outcome.labels, outcome.n_persons, [label])[0])


class _Telling:
    """Puts what happened with one story into words."""

    def __init__(self, outcome: Outcome, story: int) -> None:
        self.outcome = outcome
        self.story = story
        self.name = outcome.stories[story]
        self.begins = outcome.story_tick(story)
        self.posts: Posts = outcome.column("posts")  # type: ignore[assignment]
        self.events: Events = outcome.column("events")  # type: ignore[assignment]
        self.first_post = outcome.column("first_post")[story]
        self.first_tick = outcome.column("first_tick")[story]

    def moment(self, tick: int, text: str) -> Moment:
        """Return a moment, from its tick."""
        return Moment((tick - self.begins) * self.outcome.tick, text)

    def own(self, person: int, kind: EventKind) -> NDArray[np.int64]:
        """Return the places in the log of a person's events of one kind."""
        events = self.events
        return np.flatnonzero((events.person == person) & (events.story == self.story) & (events.kind == kind))

    def way(self, person: int) -> list[Moment]:
        """Return what happened along the chain of posts that brought the story to a person."""
        back: list[Moment] = []
        while (post := int(self.first_post[person])) != NEVER:
            author, code = int(self.posts.author[post]), int(self.posts.channel[post])
            channel = self.outcome.channels[code]
            source = str(self.outcome.author_label(author, code))
            by_person = channel.kind != ChannelKind.OUTLET and author < self.outcome.n_persons
            name = f"person {source}" if by_person else source
            back.append(self.moment(int(self.first_tick[person]), self._hears(person, channel, name)))
            again = int(self.posts.occurrence[post])
            if channel.kind == ChannelKind.PLATFORM:
                back.append(self.moment(int(self.posts.tick[post]), f"{name} posts it on {channel.name}"))
            elif again:
                back.append(self.moment(int(self.posts.tick[post]), f"{name} reports it again (repeat {again})"))
            if not by_person:
                back += self._newsroom(source)
                break
            person = author
        else:
            back.append(self.moment(int(self.first_tick[person]), self._begins(person)))
        return sorted(reversed(back), key=lambda moment: moment.seconds)

    def _begins(self, person: int) -> str:
        (at,) = self.own(person, EventKind.OWN_EYES)
        return f"person {self.outcome.author_label(person, 0)} " + ("makes it" if self.events.value[at] else "is there")

    def _hears(self, person: int, channel: Channel, source: str) -> str:
        who = f"person {self.outcome.author_label(person, 0)}"
        if channel.kind == ChannelKind.OUTLET:
            return f"{who} hears it from {channel.name}"
        if channel.kind == ChannelKind.CONTACT:
            return f"{who} is told by {source} ({channel.name})"
        return f"{who} comes to the post of {source} on {channel.name}"

    def _newsroom(self, outlet: str) -> list[Moment]:
        """Return how an outlet came to publish, and the outlets from which it had it, latest first."""
        known = {c.outlet: c for c in self.outcome.column("coverage") if c.story == self.name}
        found: list[Moment] = []
        while (covered := known.pop(outlet, None)) is not None:
            source = self.outcome.channels[covered.reason]
            learned = "by its own newsgathering" if source.kind == ChannelKind.OWN_EYES else f"from {source.name}"
            found += [
                self.moment(covered.published, f"{outlet} publishes it"),
                self.moment(covered.verified, f"{outlet} has verified it"),
                self.moment(covered.learned, f"{outlet} learns of it {learned}"),
            ]
            outlet = source.name
        return found

    def afterwards(self, person: int) -> list[str]:
        """Return what else reached a person, what they did, who had it from them, and what they made of it."""
        codes = self.events.channel[self.own(person, EventKind.EXPOSURE)].tolist()
        if self.first_post[person] != NEVER:
            codes = codes[1:]
        told = self._counted(codes)
        lines = [f"it reached them {_times(len(codes))} more: {told}" if told else "nothing more of it reached them"]
        for at in self.own(person, EventKind.SHARE):
            channel = self.outcome.channels[self.events.channel[at]]
            after = spoken((int(self.events.tick[at]) - self.begins) * self.outcome.tick)
            done = "began to tell it in" if channel.kind == ChannelKind.CONTACT else "posted it on"
            lines.append(f"{done} {channel.name}, {after} after the story began")
        if len(lines) == 1:
            lines.append("did not pass it on")
        lines += self._listeners(person)
        evidence = float(self.outcome.column("evidence")[self.story][person])
        word = "believe it" if evidence >= 1 else "disbelieve it" if evidence <= -1 else "are undecided"
        sign = short(round(evidence, 2))
        return [*lines, f"in the end they {word} (evidence {sign}; 1 or more is belief, −1 or less disbelief)"]

    def _listeners(self, person: int) -> list[str]:
        """Say how many heard first from a person."""
        through = self.first_post[self.first_post != NEVER]
        kinds = np.array([channel.kind for channel in self.outcome.channels])
        posts = through[kinds[self.posts.channel[through]] != ChannelKind.OUTLET]
        codes = self.posts.channel[posts[self.posts.author[posts] == person]].tolist()
        who = "one person" if len(codes) == 1 else f"{len(codes)} people"
        return [f"{who} heard of it through them first: {self._counted(codes)}"] if codes else []

    def _counted(self, codes: list[int]) -> str:
        return ", ".join(f"{self.outcome.channels[code].name} {n}" for code, n in Counter(codes).most_common())


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n} times"


def _missed(found: Replay, story: int, person: int) -> list[str]:
    """Say what could have reached a person who never heard, channel by channel."""
    outcome, world, scenario = found.outcome, found.world, found.outcome.rules()
    posts: Posts = outcome.column("posts")  # type: ignore[assignment]
    lines = []
    for code, (name, kind) in enumerate(outcome.channels):
        here = (posts.story == story) & (posts.channel == code)
        if kind == ChannelKind.OUTLET and scenario.outlets[name].active:
            regular = bool(np.isin(person, world.audiences[name].persons))
            reports = _times(int(np.count_nonzero(here)))
            lines.append(f"{name} reported it {reports}; they are {'' if regular else 'not '}in its regular audience")
        elif kind in (ChannelKind.PLATFORM, ChannelKind.CONTACT) and scenario.platforms[name].active:
            if not world.members[name][person]:
                lines.append(f"they are not on {name}")
                continue
            followed = _followed(found, name, person)
            passed = np.count_nonzero(np.isin(followed, posts.author[here]))
            who = "contacts" if kind == ChannelKind.CONTACT else "accounts that they follow"
            late = ", and none of that met them in time" if passed else ""
            lines.append(f"{name}: {passed} of {followed.size} {who} passed it on{late}")
    return lines


def _followed(found: Replay, platform: str, person: int) -> NDArray[np.int64]:
    """Return the author numbers of the persons and accounts that a person follows, or of their contacts."""
    graph, world = found.world.graphs[platform], found.world
    links = np.flatnonzero(graph.followers == person)
    persons = np.searchsorted(graph.offsets, links, side="right") - 1
    places = enumerate(account_names(found.outcome.rules()))
    accounts = [c for c, place in places if place[1] == platform and np.isin(person, world.accounts[place])]
    return np.concatenate([persons, np.array(accounts, dtype=np.int64) + world.n_persons])
