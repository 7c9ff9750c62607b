"""Who is who (docs/model.md §1): numbers, channels, accounts."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from reference.clock import Calendar
from reference.draws import Draws
from reference.roll import Roll

OWN_EYES_CHANNEL = 0


class Account(NamedTuple):
    """An author that is not a person: an official, or an outlet on one platform."""

    owner: str
    platform: str
    share: float
    is_official: bool


class Setting:
    """A scenario with its things numbered in the order of their names, its clock and its draws."""

    def __init__(self, scenario: Any, roll: Roll, seed: int, replicate: int) -> None:
        self.scenario = scenario
        self.roll = roll
        self.n = len(roll.labels)
        self.draws = Draws(seed, replicate, scenario.run.redraw)
        self.calendar = Calendar(scenario.run)
        self.platforms: list[str] = sorted(scenario.platforms)
        self.outlets: list[str] = sorted(scenario.outlets)
        self.officials: list[str] = sorted(scenario.officials)
        self.stories: list[str] = sorted(scenario.stories)
        # Names of channels are unique across the three kinds; channel 0 is own eyes.
        named = [*self.outlets, *self.platforms, *self.officials]
        self.channel = {name: code for code, name in enumerate(named, start=1)}
        self.name_of = dict(enumerate(named, start=1))
        self.accounts = _accounts(scenario, self.officials, self.outlets)

    def story(self, s: int) -> Any:
        """What was written about story number s."""
        return self.scenario.stories[self.stories[s]]

    def story_tick(self, s: int) -> int:
        """t_s."""
        return self.calendar.ticks(self.story(s).at)

    def author_key(self, author: int) -> int | str:
        """The word of an author in an address: a person's index, the name of an account's owner."""
        return author if author < self.n else self.accounts[author - self.n].owner

    def share(self, share: Any, i: int) -> float:
        """A share, for i: of everybody, or of i's band of age."""
        return float(
            share[self.roll.band(i, self.scenario.people.ages, self.draws)] if isinstance(share, tuple) else share
        )

    def chance_to_belong(self, column: str, share: Any, i: int) -> float:
        """The chance of i to belong to something: what a column says (0 or more), else the share."""
        said = self.roll.said(i, column)
        return self.share(share, i) if said is None else float(said > 0)

    def trust(self, channel: int) -> float:
        if channel == OWN_EYES_CHANNEL:
            return float(self.scenario.people.own_eyes_trust)
        name = self.name_of[channel]
        world = self.scenario
        return float({**world.outlets, **world.platforms, **world.officials}[name].trust)


def _accounts(scenario: Any, officials: Sequence[str], outlets: Sequence[str]) -> list[Account]:
    """Officials first, then the accounts of outlets by (outlet, platform); account c is author n + c."""
    accounts = []
    for name in officials:
        official = scenario.officials[name]
        accounts.append(Account(name, official.platform, official.followers, is_official=True))
    for name in outlets:
        for platform, share in sorted(scenario.outlets[name].accounts.items()):
            accounts.append(Account(name, platform, share, is_official=False))
    return accounts
