"""Persons: home, readiness to share, first belief, origins of stories (docs/model.md §2, §3 and §7)."""

import math
from collections.abc import Iterable
from typing import Any

from diffusion.laws import Law, standard_exponential, standard_normal
from diffusion.vocabulary import Purpose
from reference.draws import clip, f32, quantile
from reference.layers import FollowLayer
from reference.names import Setting
from reference.roles import persons_with


class People:
    """The traits of all persons; `layers` are the active follow platforms in the order of their names."""

    def __init__(self, setting: Setting, layers: list[FollowLayer], graphs: dict[str, Any]) -> None:
        self.setting = setting
        self.graphs = graphs
        self.layers = layers
        self.homes = [layer for layer in layers if layer.carrier is None]
        wanted = setting.scenario.people.home
        best = sorted(self.homes, key=lambda layer: wanted.index(layer.name) if layer.name in wanted else len(wanted))
        self.home = [next((layer for layer in best if layer.members[i]), None) for i in range(setting.n)]
        rules, draws = setting.scenario.people, setting.draws
        sd = rules.propensity_sd
        readiness = Law("lognormal", (math.exp(-(sd**2) / 2), sd)).table()
        self.prior: list[float] = []
        self.propensity: list[float] = []
        for i in range(setting.n):
            z = quantile(standard_normal(), draws.key(Purpose.CREDULITY, i))
            credulity, e = setting.roll.said(i, "credulity"), setting.roll.said(i, "propensity")
            belief = rules.credulity_mean + rules.credulity_sd * z if credulity is None else logit(credulity)
            self.prior.append(f32(clip(belief)))
            e = quantile(readiness, draws.key(Purpose.PROPENSITY, i)) if e is None else e
            self.propensity.append(self._averse(i, e))

    def _averse(self, i: int, e: float) -> float:
        """a_i: readiness e, falling with the number of followers; 0 without a home."""
        home = self.home[i]
        if home is None:
            return 0.0
        typical = home.rules.typical_followers
        c, d = 26.7 * typical / 17, 10 * typical / 17
        return f32(e * c / (d + self.followers(i)))

    def followers(self, i: int) -> int:
        """Followers of i at home."""
        home = self.home[i]
        return 0 if home is None else home.audience_of(i)

    def targets(self, i: int, s: int, own_eyes: bool, met: FollowLayer | None) -> list[FollowLayer]:
        """Where i would post story s, met through own eyes or anything else (`met`: the platform of the post)."""
        home, everywhere = self.home[i], self.homes
        if met is not None and met.carrier is not None:
            met = next((layer for layer in everywhere if layer.name == met.carrier), None)
        rule = self.setting.scenario.people.crosspost
        if rule == "same" and met is not None and met.members[i]:
            layers = [met]
        elif rule == "all":
            layers = [layer for layer in everywhere if layer.members[i]]
        else:
            layers = [] if home is None else [home]
        names = [layer.name for layer in layers]
        layers += [layer for layer in self.layers if layer.carrier in names]
        return [layer for layer in layers if (own_eyes or layer.rules.reshare) and layer.is_tagged(s)]

    def trust_weight(self, i: int, channel: int) -> float:
        """The evidence that an exposure of i through a channel carries."""
        trust = self.setting.trust(channel)
        column = f"trust:{self.setting.name_of.get(channel)}"
        if column not in self.setting.roll.columns:
            return logit(trust)
        own = self.setting.roll.said(i, column)
        return f32(logit(trust if own is None else own))

    def witnesses(self, s: int) -> list[int]:
        """The persons who see story s happen."""
        name, story = self.setting.stories[s], self.setting.story(s)
        among: Iterable[int] = range(self.setting.n)
        if story.witnesses_from is not None:
            among = persons_with(self.setting, self.graphs, story.witnesses_from)
            if not story.witnesses:
                return list(among)
        ranked = sorted((self.setting.draws.key(Purpose.WITNESS, name, i), i) for i in among)
        return [i for _, i in ranked[: story.witnesses]]

    def authors(self, s: int) -> list[int]:
        """The persons who make story s: those named, or so many drawn among the members of the platforms."""
        story = self.setting.story(s)
        if not isinstance(story.authors, int):
            return sorted({self.setting.roll.labels.index(label) for label in story.authors})
        members = [i for i in range(self.setting.n) if any(layer.members[i] for layer in self.homes)]
        if story.authors_from is not None:
            members = [i for i in members if i in persons_with(self.setting, self.graphs, story.authors_from)]
            if not story.authors:
                return members
        ranked = sorted((self._author_score(s, i, story.author_weight), i) for i in members)
        return [i for _, i in ranked[: story.authors]]

    def _author_score(self, s: int, i: int, weight: float) -> float:
        h = self.setting.draws.key(Purpose.AUTHOR, self.setting.stories[s], i)
        return quantile(standard_exponential(), h) / float(self.followers(i) + 1) ** weight


def logit(p: float) -> float:
    if p in (0.0, 1.0):
        return math.inf if p else -math.inf
    return math.log(p / (1 - p))
