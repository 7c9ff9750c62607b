"""Platforms: who follows or knows whom, and when a post meets a follower or a contact (docs/model.md §3 and §4)."""

import statistics
from datetime import datetime
from typing import Any

from diffusion.laws import Law, standard_exponential
from diffusion.vocabulary import Purpose
from reference.clock import OperationalTime
from reference.draws import draw, draw2, f32, next_point, quantile, some_point
from reference.names import Account, Setting

NEVER = float("inf")
NO_END = 2**32 - 1
"""The second that stands for never."""


def spans_of(setting: Setting, graph: dict[str, Any]) -> list[dict[int, tuple[int, float]]]:
    """For each person, follower -> the ticks from which and until which the link is open."""
    calendar = setting.calendar
    wall = (setting.scenario.run.start - datetime(1970, 1, 1)).total_seconds() if graph.get("clock") == "wall" else 0.0
    found: list[dict[int, tuple[int, float]]] = []
    for i, row in enumerate(graph["rows"]):
        since = graph["since"][i] if graph.get("since") else [0] * len(row)
        until = graph["until"][i] if graph.get("until") else [NO_END] * len(row)
        ticks = [[calendar.ticks(max(second - wall, 0.0)) for second in seconds] for seconds in (since, until)]
        ends = [NEVER if second == NO_END else tick for tick, second in zip(ticks[1], until, strict=True)]
        found.append(dict(zip(row, zip(ticks[0], ends, strict=True), strict=True)))
    return found


class FollowLayer:
    """One active follow platform.

    `members[i]`, `rows[i]` (followers of i), `weights` and the links' times (§4) come with the graph; `k[j]` counts
    the accounts that j follows; `rate[j]` is λ_j per operational hour, `patience[j]` is R_j in units of j's sessions.
    """

    def __init__(self, setting: Setting, name: str, graph: dict[str, Any]) -> None:
        self.setting = setting
        self.name = name
        self.rules = setting.scenario.platforms[name]
        self.channel = setting.channel[name]
        self.rows: list[list[int]] = graph["rows"]
        self.weights: list[list[float]] | None = graph["weights"]
        self.spans = spans_of(setting, graph)
        self.members = self._members(graph["members"])
        self.feeds: list[list[tuple[int, ...]]] = [[] for _ in range(setting.n)]
        self.time = OperationalTime(self.rules.clock, setting.calendar)
        persons = range(setting.n)
        self._draw_attention()
        self.account_rows = {
            setting.n + c: [j for j in persons if self._follows_account(j, account)]
            for c, account in enumerate(setting.accounts)
            if account.platform == name
        }

    def _members(self, there: list[bool]) -> list[bool]:
        """Who has an account: by column, else who is in the graph file, or who is drawn."""
        setting, column, persons = self.setting, f"member:{self.name}", range(self.setting.n)
        if not hasattr(self.rules.graph, "generator"):
            said = [setting.roll.said(i, column) for i in persons]
            return [bool(there[i] if said[i] is None else said[i]) for i in persons]
        chance = setting.draws.chance
        drawn = [
            chance(Purpose.MEMBER, self.name, i) < setting.chance_to_belong(column, self.rules.members, i)
            for i in persons
        ]
        if drawn != [bool(member) for member in there]:
            raise ValueError(f"{self.name}: the members of the graph are not the members that are drawn")
        return drawn

    carrier: str | None = None

    def audience_of(self, i: int) -> int:
        """How many follow i here."""
        return len(self.rows[i])

    def is_tagged(self, s: int) -> bool:
        """Whether story s may be posted here."""
        return True

    def places(self, author: int, s: int) -> list[int]:
        """The groups in which a share appears; one place without groups."""
        return [0]

    def offered(self, author: int, place: int, t: int) -> list[int]:
        """Who is offered a post made at t: all whose links are open."""
        if author >= self.setting.n:
            return self.account_rows[author]
        return [j for j in self.rows[author] if self.spans[author][j][0] <= t < self.spans[author][j][1]]

    def crowd(self, author: int, place: int) -> int:
        """How many a post is for, which decides about notices."""
        return len(self.followers_of(author))

    def traffic(self, place: int) -> float:
        """The factor of a group's traffic on visibility."""
        return 1.0

    def _follows_account(self, j: int, account: Account) -> bool:
        chance = self.setting.draws.chance(Purpose.ACCOUNT, account.owner, self.name, j)
        return self.members[j] and chance < account.share

    def _draw_attention(self) -> None:
        persons = range(self.setting.n)
        followed = [0] * self.setting.n
        for row in self.rows:
            for j in row:
                followed[j] += 1
        self.k = [max(1.0, count + self.rules.followed_elsewhere) for count in followed]
        linked = [self.k[j] for j in persons if self.members[j] and followed[j] > 0]
        median_k = statistics.median(linked) if linked else 1.0
        sessions = self.rules.sessions.table()
        spread = Law("lognormal", (1.0, self.rules.visibility_sd)).table()
        hours = self.rules.visibility / 3600
        self.rate: list[float] = []
        self.patience: list[float] = []
        for j in persons:
            rate = self.rate_of(j, sessions)
            factor = quantile(spread, self.setting.draws.key(Purpose.VISIBILITY, self.name, j))
            self.rate.append(rate)
            self.patience.append(f32(rate * (hours * (median_k / self.k[j]) * factor)))

    def rate_of(self, j: int, sessions: Any) -> float:
        """λ_j per operational hour."""
        hourly = 3600 * quantile(sessions, self.setting.draws.key(Purpose.ACTIVITY, self.name, j))
        activity = self.setting.roll.said(j, "activity")
        return f32(hourly if activity is None else hourly * activity)

    def followers_of(self, author: int) -> list[int]:
        return self.rows[author] if author < self.setting.n else self.account_rows[author]

    def weight(self, author: int, j: int) -> float:
        """The factor of a link on the chance to share."""
        if self.weights is None or self.rules.weights != "appeal" or author >= self.setting.n:
            return 1.0
        return self.weights[author][self.rows[author].index(j)]

    def ranking(self, author: int, s: int, sharers: int) -> float:
        """The factor of the feed's ranking on the visibility of a post, after so many settled sharers."""
        setting = self.setting
        factor = float(setting.story(s).rank.get(self.name, 1.0))
        if author >= setting.n:
            official = setting.scenario.officials.get(setting.accounts[author - setting.n].owner)
            factor *= 1.0 if official is None else official.boost
        return factor if self.rules.popularity == 0 else factor * (1.0 + sharers) ** self.rules.popularity

    def arrive(self, j: int, post: tuple[int, ...]) -> None:
        """Let a post (author, story, tick, place) arrive in j's feed, which keeps the last ones."""
        if self.rules.feed_length is not None:
            self.feeds[j] = [*self.feeds[j], post][-self.rules.feed_length :]

    def view_tick(self, author: int, s: int, j: int, t: int, ranking: float, place: int) -> int | None:
        """When j sees the post of s that `author` made at t in a place, or None."""
        calendar, rules = self.setting.calendar, self.rules
        story, key = self.setting.stories[s], self.setting.author_key(author)
        close, notified = self._tie(author, j, self.crowd(author, place))
        latency = calendar.ticks(rules.latency)
        found = []
        wait, base = self._wait(key, story, j, t)
        if wait != NEVER and (wait < self.patience[j] * ranking or close):
            scroll = self.setting.draws.pair_key(Purpose.SCROLL, (self.name, story, place), key, j)
            found.append(int(base) + latency + calendar.delay(rules.scroll, scroll))
        if notified:
            wake = calendar.awake_from(t, rules.clock, rules.awake_level)
            notice = self.setting.draws.pair_key(Purpose.NOTICE, (self.name, story, place), key, j)
            found.append(wake + latency + calendar.delay(rules.notice, notice))
        return max(min(found), t + 1) if found else None

    def _tie(self, author: int, j: int, crowd: int) -> tuple[bool, bool]:
        h = self.setting.draws.pair_key(Purpose.TIE, (self.name,), self.setting.author_key(author), j)
        is_small = crowd < self.rules.notified_below
        close = (h >> 32) * 2.0**-32 < self.rules.close
        return close, (h % 2**32) * 2.0**-32 < self.rules.notified and is_small

    def _wait(self, key: int | str, story: str, j: int, t: int) -> tuple[float, float]:
        """How long j stays away, in units of j's sessions, and the tick (a float) at which j looks."""
        rate = self.rate[j]
        if rate == 0:
            return NEVER, NEVER
        x = self.time.of(t) * rate
        if self.rules.waits == "edge":
            h = self.setting.draws.pair_key(Purpose.WAIT, (self.name, story), key, j)
            p: float | None = x + quantile(standard_exponential(), h)
        else:
            session = self.setting.draws.key(Purpose.SESSION, self.name)
            length = self.rules.session_length / 3600 * rate
            if some_point(x - length, x, lambda c: draw2(session, j, c)):
                return 0.0, float(t)
            p = next_point(x, lambda c: draw2(session, j, c))
        return (NEVER, NEVER) if p is None else (p - x, self.time.tick_at(p / rate))


class ContactLayer:
    """One active contact platform: `rows[i]` are the contacts of i."""

    def __init__(self, setting: Setting, name: str, graph: dict[str, Any]) -> None:
        self.setting = setting
        self.name = name
        self.rules = setting.scenario.platforms[name]
        self.channel = setting.channel[name]
        self.rows: list[list[int]] = graph["rows"]
        self.spans = spans_of(setting, graph)
        self.time = OperationalTime(self.rules.clock, setting.calendar)

    def meeting_tick(self, i: int, j: int, s: int, t: int) -> int | None:
        """When i, who tells story s from t on, meets j while their link is open, or None if not in time."""
        rate = self.rules.meetings * 3600 * self.rules.alarm ** self.setting.story(s).newsworthiness
        x = self.time.of(t) * rate
        meetings = self.setting.draws.pair_key(Purpose.MEETING, (self.name,), min(i, j), max(i, j))
        since, until = self.spans[i][j]
        p = next_point(max(x, self.time.of(since) * rate), lambda c: draw(meetings, c))
        if p is None or p - x > self.rules.window / 3600 * rate:
            return None
        v = max(int(self.time.tick_at(p / rate)), t + 1)
        return v if v < until else None
