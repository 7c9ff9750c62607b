"""The loop: one queue in the total order, and what each kind of event does (docs/model.md §5, §7 and §8)."""

import math
from collections.abc import Sequence
from typing import Any

from diffusion.laws import Law
from diffusion.vocabulary import EventKind, Purpose
from reference.draws import clip, f32, power, quantile, sigma
from reference.groups import GroupLayer
from reference.layers import ContactLayer, FollowLayer
from reference.names import OWN_EYES_CHANNEL, Setting
from reference.newsroom import Newsrooms
from reference.people import People
from reference.roll import Roll
from reference.state import NONE, SETTLE, Agenda, Event, PersonRecord, ReferenceRun

HIGHEST_CHANCE = 0.95
HIGHEST_COUNT = 3


def simulate_reference(
    scenario: Any,
    graphs: dict[str, Any],
    n_persons: int,
    *,
    seed: int,
    replicate: int,
    labels: Sequence[int | str] | None = None,
    people: dict[int | str, dict[str, Any]] | None = None,
) -> ReferenceRun:
    """Run a scenario once.

    Parameters
    ----------
    scenario : Scenario
    graphs : dict
        Platform name -> ``{"rows": followers of each person, "weights": the same shape or None, "members": bools}``,
        perhaps with "since" and "until" (seconds, the shape of the rows) and "clock".
    n_persons : int
    seed, replicate : int
    labels : sequence, optional
        The persons' labels in order, by which a story names its authors; 0 … n-1 if not given.
    people : dict, optional
        The rows of `people.file`: label -> column -> value, None where a cell is empty.
    """
    roll = Roll(range(n_persons) if labels is None else labels, people)
    return Simulation(Setting(scenario, roll, seed, replicate), graphs).run()


class Simulation:
    """The state of one run; `state` is keyed by (story, person)."""

    def __init__(self, setting: Setting, graphs: dict[str, Any]) -> None:
        self.setting = setting
        active = {name: p for name, p in sorted(setting.scenario.platforms.items()) if p.active}
        posting = [name for name, p in active.items() if p.kind != "contact"]
        contact = [name for name, p in active.items() if p.kind == "contact"]
        kinds = {"follow": FollowLayer, "friend": FollowLayer, "group": GroupLayer}
        self.follow = [kinds[active[name].kind](setting, name, graphs[name]) for name in posting]
        self.contact = [ContactLayer(setting, name, graphs[name]) for name in contact]
        self.follow_by_channel = {layer.channel: layer for layer in self.follow}
        self.contact_by_channel = {layer.channel: layer for layer in self.contact}
        self.people = People(setting, self.follow, graphs)
        self.agenda = Agenda(setting.calendar.horizon)
        self.newsrooms = Newsrooms(setting, self.follow, self.agenda)
        self.stories = range(len(setting.stories))
        self.appeal = [self._appeal(s) for s in self.stories]
        self.state: dict[tuple[int, int], PersonRecord] = {}
        self.offers = [0 for _ in self.stories]
        self.views = [0 for _ in self.stories]

    def run(self) -> ReferenceRun:
        for s in self.stories:
            self._begin(s)
        while self.agenda.heap:
            event = self.agenda.next()
            if event.kind == SETTLE:
                self.newsrooms.settle(event.tick)
            elif event.kind == EventKind.OUTLET_LEARNS:
                self.newsrooms.learn(event)
            elif event.kind == EventKind.PUBLICATION:
                self.newsrooms.publish(event)
            elif event.kind == EventKind.SHARE:
                self._share(event)
            else:
                self._expose(event)
        return ReferenceRun(self.agenda.log, self.state, self.newsrooms.coverage, self.offers, self.views)

    def _appeal(self, s: int) -> float:
        story = self.setting.story(s)
        h = self.setting.draws.key(Purpose.APPEAL, self.setting.stories[s])
        appeal = story.appeal * quantile(Law("lognormal", (1.0, story.appeal_sd)).table(), h)
        return appeal if story.appeal_cap is None else min(appeal, story.appeal_cap)

    def _begin(self, s: int) -> None:
        """Origins (§7)."""
        story, t = self.setting.story(s), self.setting.story_tick(s)
        authors = set(self.people.authors(s))
        for i in authors | set(self.people.witnesses(s)):
            self.agenda.schedule(Event(t, EventKind.OWN_EYES, i, OWN_EYES_CHANNEL, NONE, s, int(i in authors)))
        if story.official is not None:
            self._approve(story.official, s, t)
        self.newsrooms.begin(s)

    def _approve(self, official: str, s: int, t: int) -> None:
        """An official's post, if its platform is active."""
        rules = self.setting.scenario.officials[official]
        channel = self.setting.channel[rules.platform]
        if channel in self.follow_by_channel:
            h = self.setting.draws.key(Purpose.APPROVAL, official, self.setting.stories[s])
            delay = self.setting.calendar.delay(rules.approval, h)
            author = self.setting.n + self.setting.officials.index(official)
            self.agenda.schedule(Event(t + delay, EventKind.SHARE, author, channel, NONE, s))

    # --- what an exposure does (§5) -----------------------------------------------------------------------------------

    def _expose(self, event: Event) -> None:
        i, s, g = event.person, event.story, event.channel
        is_author = event.kind == EventKind.OWN_EYES and event.extra == 1
        met = self._platform_of(event)
        if met is not None and event.post is not None and met.rules.feed_length and event.post not in met.feeds[i]:
            return
        is_first = (s, i) not in self.state
        if is_first:
            self.state[s, i] = PersonRecord(event.tick, g, event.source, self.people.prior[i])
        record = self.state[s, i]
        m = record.counts.get(g, 0)
        self.agenda.record(event, int(is_author) if g == OWN_EYES_CHANNEL else m)
        self.views[s] += self._is_view(g)
        if not is_author or self.setting.story(s).is_true:
            rho = self.setting.scenario.people.repetition
            record.evidence = f32(clip(record.evidence + self.people.trust_weight(i, g) * power(rho, m)))
        if is_first:
            self._decide_telling(i, s, event.tick)
        if not record.decided:
            self._decide_sharing(event, record, m, is_author)
        record.counts[g] = min(HIGHEST_COUNT, m + 1)

    def _platform_of(self, event: Event) -> FollowLayer | None:
        """The follow platform on which the post of an exposure was made, an official's among them."""
        if event.kind != EventKind.EXPOSURE:
            return None
        name = self.setting.name_of[event.channel]
        if name in self.setting.officials:
            name = self.setting.scenario.officials[name].platform
        return self.follow_by_channel.get(self.setting.channel[name])

    def _is_view(self, channel: int) -> bool:
        """Whether an exposure through this channel is to a post on a follow platform."""
        return channel in self.follow_by_channel or self.setting.name_of.get(channel) in self.setting.officials

    def _decide_telling(self, i: int, s: int, t: int) -> None:
        threshold = self.setting.draws.chance(Purpose.TELL, self.setting.stories[s], i)
        for layer in self.contact:
            chance = layer.rules.tell * self.setting.story(s).newsworthiness
            if layer.rows[i] and threshold < chance:
                self.agenda.schedule(Event(t, EventKind.SHARE, i, layer.channel, NONE, s))

    def _decide_sharing(self, event: Event, record: PersonRecord, m: int, is_author: bool) -> None:
        i, s, t = event.person, event.story, event.tick
        own_eyes = event.channel == OWN_EYES_CHANNEL
        targets = self.people.targets(i, s, own_eyes, self._platform_of(event))
        if not targets:
            return
        if is_author:
            record.decided = True
            for layer in targets:
                self.agenda.schedule(Event(t, EventKind.SHARE, i, layer.channel, NONE, s))
            return
        if self.setting.scenario.people.share_rule == "cascade":
            record.survival = f32(record.survival * (1 - self._chance(event, record, m)))
        else:
            record.survival = f32(record.survival - self._threshold_step(i, s, own_eyes))
        name = self.setting.stories[s]
        if 1 - record.survival >= self.setting.draws.chance(Purpose.SHARE, name, i):
            record.decided = True
            for layer in targets:
                reaction = self.setting.draws.key(Purpose.REACTION, layer.name, name, i)
                delay = self.setting.calendar.delay(layer.rules.reaction, reaction)
                self.agenda.schedule(Event(t + delay, EventKind.SHARE, i, layer.channel, NONE, s))

    def _threshold_step(self, i: int, s: int, own_eyes: bool) -> float:
        if own_eyes:
            return float(self.setting.story(s).report)
        home = self.people.home[i]
        assert home is not None, "without a home there is no target"
        return 1 / f32(home.k[i])

    def _chance(self, event: Event, record: PersonRecord, m: int) -> float:
        """p: the chance to share that this exposure carries."""
        i, s, g = event.person, event.story, event.channel
        story, people = self.setting.story(s), self.setting.scenario.people
        if g == OWN_EYES_CHANNEL:
            return min(HIGHEST_CHANCE, story.report)
        is_outlet = self.setting.name_of[g] in self.setting.outlets
        fades = is_outlet or g in self.contact_by_channel
        half_life = self.setting.calendar.ticks(story.half_life)
        novelty = math.exp(-(event.tick - self.setting.story_tick(s)) * (math.log(2) / half_life))
        f = min(2.0, sigma(record.evidence) / sigma(self.people.prior[i])) if people.belief_factor else 1.0
        layer = self.follow_by_channel.get(g)
        weight = 1.0 if layer is None else layer.weight(event.source, i)
        repeated = power(people.repetition, m if fades else 0)
        return min(HIGHEST_CHANCE, self.appeal[s] * self.people.propensity[i] * repeated * novelty * f * weight)

    # --- what a share does (§4 and §5) --------------------------------------------------------------------------------

    def _share(self, event: Event) -> None:
        self.agenda.record(event, 0)
        if event.channel in self.contact_by_channel:
            self._tell(event, self.contact_by_channel[event.channel])
        else:
            self._post(event, self.follow_by_channel[event.channel])

    def _tell(self, event: Event, layer: ContactLayer) -> None:
        i, s, t = event.person, event.story, event.tick
        for j in layer.rows[i]:
            v = layer.meeting_tick(i, j, s, t)
            if v is not None:
                self.agenda.schedule(Event(v, EventKind.EXPOSURE, j, layer.channel, i, s))

    def _post(self, event: Event, layer: FollowLayer) -> None:
        author, s, t = event.person, event.story, event.tick
        channel = layer.channel
        if author < self.setting.n:
            record = self.state[s, author]
            record.share_tick = t if record.share_tick is None else min(record.share_tick, t)
            is_witness = OWN_EYES_CHANNEL in record.counts and self.setting.story(s).is_true
            self.newsrooms.count_share(layer.name, s, is_witness, t)
        elif self.setting.accounts[author - self.setting.n].is_official:
            official = self.setting.accounts[author - self.setting.n].owner
            channel = self.setting.channel[official]
            self.newsrooms.statement(official, s, t)
        ranking = layer.ranking(author, s, self.newsrooms.settled_sharers[layer.name, s])
        for place in layer.places(author, s):
            post = (author, s, t, place)
            for j in layer.offered(author, place, t):
                self.offers[s] += 1
                layer.arrive(j, post)
                v = layer.view_tick(author, s, j, t, ranking * layer.traffic(place), place)
                if v is not None:
                    self.agenda.schedule(Event(v, EventKind.EXPOSURE, j, channel, author, s, place, post))
