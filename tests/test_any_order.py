"""Exposures of those with nothing left to decide, which are counted without an event, are those that the log shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from diffusion import simulation as module
from diffusion.engine.arrays import MOST_CHUNKS
from diffusion.engine.arrays import World as Rules
from diffusion.engine.workspace import Workspace
from diffusion.outcome import Outcome
from diffusion.scenario import Scenario
from diffusion.simulation import simulate
from worlds import seeded_world

COLUMNS = ("tallies", "curves", "first_tick", "share_tick", "first_channel", "first_post", "exposures", "evidence")
Patch = Callable[[Callable[[Rules], Rules]], None]
MULTI = range(40)
"""Small worlds with every feature and many channels."""

FOLLOW: dict[str, Any] = {
    "kind": "follow", "graph": {"generator": "popularity", "mean_followers": 12}, "sessions": "6/day",
}  # fmt: skip
SINGLE: dict[str, dict[str, Any]] = {
    "sessions": FOLLOW,
    "close and notified ties": FOLLOW | {"close": 0.4, "notified": 0.5, "notified_below": 1000},
    "waits of links": FOLLOW | {"waits": "edge"},
    "late views": FOLLOW | {"latency": "40 min", "scroll": {"law": "uniform", "low": "0 s", "high": "3 h"}},
    "a feed that buries": FOLLOW | {"feed_length": 2},
    "groups": {"kind": "group", "graph": {"generator": "groups", "memberships": 2, "group_size": 12}},
    "contacts": {"kind": "contact", "graph": {"generator": "random", "mean_contacts": 8}, "meetings": "1/h"},
    "television": {"medium": "television", "audience": 0.9, "breaking": 0.5, "gather": "20 min", "verify": "5 min"},
    "newspaper": {"medium": "newspaper", "audience": 0.9, "coverage": "48 h", "gather": "20 min", "verify": "5 min"},
    "news site": {"medium": "news_site", "audience": 0.9, "gather": "20 min", "verify": "5 min"},
}


def one_channel(rules: dict[str, Any], horizon: str) -> Scenario:
    """A world of one platform or outlet, in which most people meet a story several times."""
    people = {"count": 400, "repetition": 0.6}
    stories = {
        "one": {"kind": "news", "witnesses": 20, "appeal": 4.0, "newsworthiness": 0.9},
        "two": {"kind": "news", "witnesses": 5, "truth": False, "appeal": 2.0, "at": "2 h", "newsworthiness": 0.8},
    }
    part = "outlets" if "medium" in rules else "platforms"
    return Scenario.model_validate(
        {"run": {"horizon": horizon, "seed": 3}, "people": people, part: {"only": rules}, "stories": stories}
    )


def columns(outcome: Outcome) -> dict[str, Any]:
    return {name: value for name in COLUMNS if (value := getattr(outcome, name)) is not None}


def differ(one: Outcome, other: Outcome) -> set[str]:
    """The names of the columns in both that are not the same."""
    a, b = columns(one), columns(other)
    return {name for name in a.keys() & b.keys() if not np.array_equal(a[name], b[name], equal_nan=name == "evidence")}


@pytest.fixture
def lowered_as(monkeypatch: pytest.MonkeyPatch) -> Patch:
    """Change the rules that the kernels read."""
    lower = module.lower

    def patch(change: Callable[[Rules], Rules]) -> None:
        monkeypatch.setattr(module, "lower", lambda *given: change(lower(*given)))

    return patch


def any_order(rules: Rules) -> Rules:
    return rules.replaced(frame=rules.frame.replaced(any_order=True))


def never_late(rules: Rules) -> Rules:
    last = np.where(rules.platforms.surely >= 0, rules.frame.horizon, -1)
    return rules.replaced(platforms=rules.platforms.replaced(surely=last))


@pytest.mark.parametrize("horizon", ["20 h", "31 h", "72 h"])
@pytest.mark.parametrize("name", SINGLE)
def test_one_channels_exposures_are_those_of_the_log(name: str, horizon: str) -> None:
    scenario = one_channel(SINGLE[name], horizon)
    log = simulate(scenario, record="events")
    assert log.tallies[0].exposures > 40
    for record in ("sizes", "parents", "all"):
        assert differ(simulate(scenario, record=record), log) == set()


@pytest.mark.parametrize("name", [name for name in SINGLE if name != "television"])
def test_fewer_events_wait(name: str, lowered_as: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    """They do without events indeed: fewer are queued at a time, but for feeds that bury, where all must be.

    (Who is tuned in to television is exposed within the tick, and waits in no queue.)
    """
    scenario = one_channel(SINGLE[name], "72 h")

    def most_chunks() -> int:
        fresh = Workspace()
        monkeypatch.setattr(module, "workspace", lambda: fresh)
        simulate(scenario, record="all")
        return int(fresh.state.registers[MOST_CHUNKS])

    fewer = most_chunks()
    lowered_as(lambda rules: rules.replaced(frame=rules.frame.replaced(any_order=False)))
    assert (fewer < 0.95 * most_chunks()) == (name != "a feed that buries")


def test_evidence_through_many_channels_needs_the_order(lowered_as: Patch) -> None:
    """The control: the same worlds, if evidence were summed in any order all the same."""
    worlds = [seeded_world(number) for number in MULTI]

    def different(record: str) -> int:
        keys = [{"graphs": w.graphs, "seed": w.seed, "replicate": w.replicate} for w in worlds]
        pairs = [
            (simulate(w.scenario, record=record, **k), simulate(w.scenario, record="events", **k))
            for w, k in zip(worlds, keys, strict=True)
        ]
        return sum(differ(*pair) != set() for pair in pairs)

    assert different("all") == different("parents") == 0
    lowered_as(lambda rules: rules if rules.frame.keep_log else any_order(rules))
    assert different("all") > 3


@pytest.mark.parametrize("name", ["sessions", "late views"])
def test_views_beyond_the_horizon_are_not_counted(name: str, lowered_as: Patch) -> None:
    """The control: all who turn to a post within the horizon, as if they then saw it at once."""
    scenario = one_channel(SINGLE[name], "11 h")
    log = simulate(scenario, record="events")
    lowered_as(never_late)
    assert "tallies" in differ(simulate(scenario, record="parents"), log)
