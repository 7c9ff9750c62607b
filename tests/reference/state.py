"""What the reference keeps and returns, and its queue of events (docs/model.md §8)."""

import heapq
from dataclasses import dataclass, field
from typing import NamedTuple

from diffusion.units import NEVER

NONE = NEVER
"""The source of an event that has none."""

SETTLE = 0
"""The end of a settle interval: comes before every kind of event of its tick, and is not logged."""


class Event(NamedTuple):
    """Something that will happen, in the total order.

    `extra` is 1 for an author's OWN_EYES, the occurrence for an outlet's EXPOSURE, the group of a post in
    one, else 0; `post` is (author, story, tick, group or 0) of a post on a platform of posts.
    """

    tick: int
    kind: int
    person: int
    channel: int
    source: int
    story: int
    extra: int = 0
    post: tuple[int, ...] | None = None


class Attempt(NamedTuple):
    """When an outlet learned of a story from one source, and had verified it."""

    learned: int
    verified: int


class CoverageRow(NamedTuple):
    """The attempt that led to an outlet's first publication of a story."""

    learned: int
    verified: int
    published: int
    reason: int


@dataclass
class PersonRecord:
    """What a story did to a person who heard of it."""

    first_tick: int
    first_channel: int
    first_source: int
    evidence: float
    survival: float = 1.0
    share_tick: int | None = None
    counts: dict[int, int] = field(default_factory=dict)
    decided: bool = False


@dataclass
class ReferenceRun:
    """The result of one run; persons, stories, outlets and channels by their numbers."""

    events: list[tuple[int, ...]]
    state: dict[tuple[int, int], PersonRecord]
    coverage: dict[tuple[int, int], CoverageRow]
    offers: list[int]
    views: list[int]


class Agenda:
    """The events to come, the tick and kind of the one that is happening, and the log of those that have happened."""

    def __init__(self, horizon: int) -> None:
        self.horizon = horizon
        self.heap: list[Event] = []
        self.now = (-1, SETTLE)
        self.log: list[tuple[int, ...]] = []

    def schedule(self, event: Event) -> None:
        """Put an event into the queue; it may share the tick of its cause only if its kind has a higher rank."""
        if (event.tick, event.kind) <= self.now:
            raise ValueError(f"{event} would be caused at {self.now}")
        if event.tick <= self.horizon:
            heapq.heappush(self.heap, event)

    def next(self) -> Event:
        event = heapq.heappop(self.heap)
        self.now = (event.tick, event.kind)
        return event

    def record(self, event: Event, value: int) -> None:
        self.log.append((*(int(word) for word in event[:6]), value))
