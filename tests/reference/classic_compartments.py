"""Compartment models in plain Python: no pruning, no buckets; events in the order (time, person, transition, source).

A model is a table (states, seeds, transitions, steps) with laws of delays as quantile tables under "table".
"""

import heapq
import math
from dataclasses import dataclass, field
from typing import Any

from reference.draws import draw, draw2, quantile, uniform

NOBODY = 2**32 - 1


@dataclass
class Person:
    state: str
    visits: int = 0
    since: float = 0.0
    due: float = math.inf
    parent: int = NOBODY


@dataclass
class Twin:
    """One replicate: `log` holds (time, person, state, from whom) of every change, the beginning included."""

    model: dict[str, Any]
    rows: list[list[tuple[int, float]]]
    key: int
    horizon: float
    people: list[Person] = field(default_factory=list)
    heap: list[tuple[float, int, int, int, int, int]] = field(default_factory=list)
    log: list[tuple[float, int, str, int]] = field(default_factory=list)

    def run(self, placed: dict[int, str]) -> list[tuple[float, int, str, int]]:
        rest = self.model["states"][0]
        self.people = [Person(placed.get(k, rest)) for k in range(len(self.rows))]
        for k in range(len(self.rows)):
            self.enter(k, self.people[k].state, 0.0)
        while self.heap:
            event = heapq.heappop(self.heap)
            if event[0] > self.horizon:
                break
            (self.leave if event[3] == NOBODY else self.contact)(*event)
        return self.log

    def enter(self, k: int, state: str, time: float) -> None:
        person = self.people[k]
        person.state, person.since, person.due = state, time, math.inf
        # Whoever has not moved from the first state yet makes their first visit later, unless that state is at work.
        if person.visits or state != self.model["states"][0] or self.at_work(state):
            person.visits += 1
        self.log.append((time, k, state, person.parent))
        visit = draw2(self.key, k, person.visits)
        waits = [
            (time + self.wait(rule, 1.0, draw(visit, number)), number)
            for number, rule in enumerate(self.model["transitions"])
            if rule["from"] == state and "by" not in rule
        ]
        if waits:
            person.due, number = min(waits)
            heapq.heappush(self.heap, (person.due, k, number, NOBODY, person.visits, 0))
        for number, rule in enumerate(self.model["transitions"]):
            if rule.get("by") == state:
                for follower, weight in self.rows[k]:
                    self.plan(time, (k, follower, weight), number, 0)

    def at_work(self, state: str) -> bool:
        rules = [r for r in self.model["transitions"] if "table" in r or r.get("rate", r.get("chance")) > 0]
        return any(r.get("by") == state or (r["from"] == state and "by" not in r) for r in rules)

    def wait(self, rule: dict[str, Any], weight: float, h: int) -> float:
        steps = self.model.get("steps", False)
        weight = weight if rule.get("weighted") else 1.0
        speed = 1.0 if "table" in rule else rule["chance" if steps else "rate"]
        if weight * speed == 0:
            return math.inf
        if "table" in rule:
            found = quantile(rule["table"], h) / weight
            return max(1.0, math.ceil(found)) if steps else found
        if not steps:
            return -math.log(1 - uniform(h)) / (speed * weight)
        return 1.0 if speed == 1 else 1.0 + math.floor(-math.log(1 - uniform(h)) / (-math.log1p(-speed) * weight))

    def plan(self, time: float, link: tuple[int, int, float], number: int, contact: int) -> None:
        source, follower, weight = link
        person, rule = self.people[source], self.model["transitions"][number]
        h = draw2(draw2(self.key, source, person.visits), follower, 64 * contact + number)
        at = time + self.wait(rule, weight, h)
        if at <= self.horizon and (at < person.due or (self.model.get("steps", False) and at == person.due)):
            heapq.heappush(self.heap, (at, follower, number, source, person.visits, contact))

    def leave(self, time: float, k: int, number: int, _: int, visits: int, __: int) -> None:
        if self.people[k].visits == visits:
            h = draw(draw2(self.key, k, visits), 64 + number)
            self.enter(k, self.outcome(number, h) or "", time)

    def contact(self, time: float, k: int, number: int, source: int, visits: int, contact: int) -> None:
        person, other, rule = self.people[k], self.people[source], self.model["transitions"][number]
        stepwise = self.model.get("steps", False)
        just_left = stepwise and other.visits == visits + 1 and other.since == time
        if other.visits != visits and not just_left:
            return
        if person.state == rule["from"] and not (stepwise and person.since == time):
            h = draw2(draw2(self.key, source, visits), k, 64 * contact + number)
            state = self.outcome(number, draw(h, 0))
            if state is not None:
                person.parent = source
                self.enter(k, state, time)
        if other.visits == visits and "table" not in rule:
            self.plan(time, (source, k, dict(self.rows[source])[k]), number, contact + 1)

    def outcome(self, number: int, h: int) -> str | None:
        """Chances in the order of the states; the last one takes what rounding leaves."""
        to, total = self.model["transitions"][number]["to"], 0.0
        chances = {to: 1.0} if isinstance(to, str) else to
        possible = [state for state in self.model["states"] if state in chances]
        for state in possible:
            total += chances[state]
            if uniform(h) < total:
                return state
        return possible[-1] if total > 1 - 1e-9 else None
