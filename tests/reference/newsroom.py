"""Outlets: what they learn, verify and publish, and whom that reaches (docs/model.md §6)."""

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from diffusion.vocabulary import EventKind, Purpose
from reference.clock import OperationalTime
from reference.draws import draw2, next_point, quantile, uniform
from reference.layers import FollowLayer
from reference.names import Setting
from reference.state import NONE, SETTLE, Agenda, Attempt, CoverageRow, Event

OWN_GATHERING = 0
ALREADY_COVERED, ACCEPTED, REJECTED = 2, 1, 0


@dataclass
class Newsroom:
    """One active outlet: its audience, its attempts by (story, source), its publications by story."""

    number: int
    name: str
    rules: Any
    channel: int
    audience: list[int]
    time: OperationalTime
    attempts: dict[tuple[int, int], Attempt] = field(default_factory=dict)
    published: Counter[int] = field(default_factory=Counter)
    noticed: set[tuple[int, str]] = field(default_factory=set)


class Newsrooms:
    """All active outlets, and the counters of the platforms that they watch, by (platform, story)."""

    def __init__(self, setting: Setting, layers: list[FollowLayer], agenda: Agenda) -> None:
        self.setting = setting
        self.agenda = agenda
        self.layers = {layer.name: layer for layer in layers}
        self.sharers: Counter[tuple[str, int]] = Counter()
        self.witness_posts: Counter[tuple[str, int]] = Counter()
        self.settled_sharers = self.sharers.copy()
        self.settled_witness_posts = self.witness_posts.copy()
        self.next_settling = 0
        self.coverage: dict[tuple[int, int], CoverageRow] = {}
        self.rooms = {
            o: self._open(o, name) for o, name in enumerate(setting.outlets) if setting.scenario.outlets[name].active
        }

    def _open(self, number: int, name: str) -> Newsroom:
        rules, chance = self.setting.scenario.outlets[name], self.setting.draws.chance
        belongs = [
            self.setting.chance_to_belong(f"diet:{name}", rules.audience_shares, i) for i in range(self.setting.n)
        ]
        audience = [i for i, share in enumerate(belongs) if chance(Purpose.AUDIENCE, name, i) < share]
        time = OperationalTime(rules.clock, self.setting.calendar)
        return Newsroom(number, name, rules, self.setting.channel[name], audience, time)

    # --- learning -----------------------------------------------------------------------------------------------------

    def begin(self, s: int) -> None:
        """Story s happens: newsrooms that gather news themselves will learn of it."""
        if self.setting.story(s).kind != "news":
            return
        for room in self.rooms.values():
            if room.rules.gather is not None:
                delay = self._gathering(room, room.rules.gather, s, "gather")
                self._learn_at(self.setting.story_tick(s) + delay, room, OWN_GATHERING, s)

    def statement(self, official: str, s: int, t: int) -> None:
        """An official has posted story s at t."""
        for room in self.rooms.values():
            if room.rules.statements is not None:
                delay = self._gathering(room, room.rules.statements, s, official)
                self._learn_at(max(t + 1, t + delay), room, self.setting.channel[official], s)

    def count_share(self, platform: str, s: int, is_witness: bool, t: int) -> None:
        """A person has posted story s at t; newsrooms see it when the settle interval ends."""
        self.sharers[platform, s] += 1
        self.witness_posts[platform, s] += is_witness
        settle = self.setting.calendar.settle
        end = (t // settle + 1) * settle
        if end != self.next_settling:
            self.next_settling = end
            self.agenda.schedule(Event(end, SETTLE, 0, 0, NONE, 0))

    def settle(self, t: int) -> None:
        """The counters become visible."""
        self.settled_sharers = self.sharers.copy()
        self.settled_witness_posts = self.witness_posts.copy()
        for room in self.rooms.values():
            for platform, watch in room.rules.watches.items():
                for s in range(len(self.setting.stories)):
                    if (s, platform) not in room.noticed and self._is_noticeable(platform, watch, s):
                        room.noticed.add((s, platform))
                        self._learn_at(t, room, self.setting.channel[platform], s)

    def _is_noticeable(self, platform: str, watch: Any, s: int) -> bool:
        if platform not in self.layers:
            return False
        needed = math.inf
        if watch.share is not None:
            needed = max(1, math.ceil(watch.share * sum(self.layers[platform].members)))
        wanted = math.inf if watch.witnesses is None else watch.witnesses
        return self.settled_sharers[platform, s] >= needed or self.settled_witness_posts[platform, s] >= wanted

    def _gathering(self, room: Newsroom, law: Any, s: int, source: str) -> int:
        h = self.setting.draws.key(Purpose.GATHER, room.name, self.setting.stories[s], source)
        return self.setting.calendar.delay(law, h)

    def _learn_at(self, t: int, room: Newsroom, source: int, s: int) -> None:
        self.agenda.schedule(Event(t, EventKind.OUTLET_LEARNS, room.number, source, NONE, s))

    def learn(self, event: Event) -> None:
        """OUTLET_LEARNS: accept or reject, verify, and plan the first publication."""
        room, s, t = self.rooms[event.person], event.story, event.tick
        story = self.setting.story(s)
        if room.published[s]:
            self.agenda.record(event, ALREADY_COVERED)
            return
        source = "gather" if event.channel == OWN_GATHERING else self.setting.name_of[event.channel]
        chance = self.setting.draws.chance(Purpose.ACCEPT, room.name, self.setting.stories[s], source)
        if chance >= (room.rules.accept_true if story.is_true else room.rules.accept_false):
            self.agenda.record(event, REJECTED)
            return
        self.agenda.record(event, ACCEPTED)
        verified = t + self._verification(room, s)
        room.attempts[s, event.channel] = Attempt(t, verified)
        at_once = story.newsworthiness >= room.rules.breaking or room.rules.schedule == "continuous"
        when = verified if at_once else self.setting.calendar.slot_from(room.rules.slots(), verified)
        self._publish_at(when, room, event.channel, s)

    def _verification(self, room: Newsroom, s: int) -> int:
        """Shortened by the witnesses who have posted where the outlet watches."""
        witnesses = sum(self.settled_witness_posts[platform, s] for platform in room.rules.watches)
        h = self.setting.draws.key(Purpose.VERIFY, room.name, self.setting.stories[s])
        alone = quantile(room.rules.verify.table(), h) / self.setting.calendar.tick
        return int(alone / (1 + room.rules.witness_speed * witnesses))

    # --- publishing ---------------------------------------------------------------------------------------------------

    def _publish_at(self, t: int, room: Newsroom, reason: int, s: int) -> None:
        self.agenda.schedule(Event(t, EventKind.PUBLICATION, room.number, reason, NONE, s))

    def publish(self, event: Event) -> None:
        """PUBLICATION: a repeat has the outlet's own channel as its reason."""
        room, s, t = self.rooms[event.person], event.story, event.tick
        is_first = event.channel != room.channel
        if is_first and room.published[s]:
            return
        occurrence = room.published[s]
        room.published[s] += 1
        self.agenda.record(event, occurrence)
        if is_first:
            attempt = room.attempts[s, event.channel]
            self.coverage[room.number, s] = CoverageRow(attempt.learned, attempt.verified, t, event.channel)
            self._tell_others(room, s, t)
        for i in room.audience:
            v = self._reception(room, i, t)
            if v is not None:
                kind = EventKind.EXPOSURE
                self.agenda.schedule(Event(v, kind, i, room.channel, room.number, s, occurrence))
        if room.rules.schedule == "slots":
            self._plan_repeat(room, s, t)

    def _tell_others(self, room: Newsroom, s: int, t: int) -> None:
        """The first publication reaches the outlets that follow this one, and its accounts."""
        for other in self.rooms.values():
            if room.name in other.rules.follows:
                delay = self._gathering(other, other.rules.follow_delay, s, room.name)
                self._learn_at(max(t + 1, t + delay), other, room.channel, s)
        for c, account in enumerate(self.setting.accounts):
            if not account.is_official and account.owner == room.name and account.platform in self.layers:
                channel = self.setting.channel[account.platform]
                self.agenda.schedule(Event(t, EventKind.SHARE, self.setting.n + c, channel, NONE, s))

    def _reception(self, room: Newsroom, i: int, t: int) -> int | None:
        """When i, of the audience, takes in what is published at t, or None."""
        calendar, rules = self.setting.calendar, room.rules
        if rules.schedule == "slots":
            if not self._is_tuned_in(room, i, t):
                return None
            v = t
        else:
            rate = rules.visits * 3600 * self._regularity(room, i)
            visits = self.setting.draws.key(Purpose.SITE_VISIT, room.name)
            p = next_point(room.time.of(t) * rate, lambda c: draw2(visits, i, c))
            if p is None:
                return None
            v = max(int(room.time.tick_at(p / rate)), t)
            if v > t + calendar.ticks(rules.coverage):
                return None
        reading = self.setting.draws.pair_key(Purpose.READING, (room.name,), i, calendar.day_of(t))
        return v + calendar.delay(rules.reading, reading)

    def _is_tuned_in(self, room: Newsroom, i: int, t: int) -> bool:
        calendar, rules, draws = self.setting.calendar, room.rules, self.setting.draws
        block = calendar.ticks(rules.block)
        phase = 0.0 if block >= calendar.day else draws.chance(Purpose.PHASE, room.name, i)
        number = math.floor(calendar.absolute(t) / block + phase)
        h = draws.pair_key(Purpose.TUNED, (room.name,), i, number)
        return uniform(h) < rules.habit * rules.tune_in[calendar.hour_of(t)] * self._regularity(room, i)

    def _regularity(self, room: Newsroom, i: int) -> float:
        """How regularly i uses the outlet, relative to others."""
        diet = self.setting.roll.said(i, f"diet:{room.name}")
        return 1.0 if diet is None else float(diet)

    def _plan_repeat(self, room: Newsroom, s: int, t: int) -> None:
        calendar, rules = self.setting.calendar, room.rules
        first = self.coverage[room.number, s].published
        pace, length = calendar.ticks(rules.breaking_every), calendar.ticks(rules.breaking_for)
        is_breaking = self.setting.story(s).newsworthiness >= rules.breaking and (t - first) + pace <= length
        again = t + pace if is_breaking else calendar.slot_from(rules.slots(), t + 1)
        if again <= first + calendar.ticks(rules.coverage):
            self._publish_at(again, room, room.channel, s)
