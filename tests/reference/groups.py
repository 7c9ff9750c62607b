"""Platforms of groups: where a share appears, and who is offered it (docs/model.md §3 and §4)."""

import statistics
from typing import Any

from diffusion.laws import Law
from diffusion.vocabulary import Purpose
from reference.draws import f32, quantile
from reference.layers import FollowLayer
from reference.names import Setting


class GroupLayer(FollowLayer):
    """One active platform of groups: `groups[g]` are the members of g, `group_labels` the groups' labels."""

    def __init__(self, setting: Setting, name: str, graph: dict[str, Any]) -> None:
        self.groups: list[list[int]] = graph["groups"]
        self.group_labels: list[int | str] = graph["labels"]
        own = [any(i in group for group in self.groups) for i in range(setting.n)]
        super().__init__(setting, name, {"rows": [[] for _ in own], "weights": None, "members": own})
        self.carrier: str | None = self.rules.carrier
        sizes = [len(group) for group in self.groups if len(group) >= 2]
        self.typical_size = float(statistics.median(sizes)) if sizes else 1.0

    def _members(self, there: list[bool]) -> list[bool]:
        """Who is in a group is a member."""
        return there

    def _draw_attention(self) -> None:
        sessions = self.rules.sessions.table()
        spread = Law("lognormal", (1.0, self.rules.visibility_sd)).table()
        self.k = [max(1.0, self.audience_of(j)) for j in range(self.setting.n)]
        self.rate, self.patience = [], []
        for j in range(self.setting.n):
            rate = self.rate_of(j, sessions)
            factor = quantile(spread, self.setting.draws.key(Purpose.VISIBILITY, self.name, j))
            self.rate.append(rate)
            self.patience.append(f32(rate * (self.rules.visibility / 3600 * factor)))

    def audience_of(self, i: int) -> int:
        return sum(len(group) - 1 for group in self.groups if i in group)

    def is_tagged(self, s: int) -> bool:
        return self.carrier is None or bool(self.setting.story(s).tags.get(self.name))

    def places(self, author: int, s: int) -> list[int]:
        """The groups in which a share appears."""
        if self.carrier is not None:
            labels = self.setting.story(s).tags.get(self.name, ())
            return sorted({self.group_labels.index(label) for label in labels})
        own = [g for g, group in enumerate(self.groups) if author in group]
        if self.rules.posts_in == "all":
            return own
        h = self.setting.draws.key(Purpose.GROUP, self.name, self.setting.stories[s], author)
        return [own[int(h) % len(own)]] if own else []

    def offered(self, author: int, place: int, t: int) -> list[int]:
        return [j for j in self.groups[place] if j != author]

    def crowd(self, author: int, place: int) -> int:
        return len(self.groups[place])

    def traffic(self, place: int) -> float:
        return self.typical_size / max(len(self.groups[place]), 1)
