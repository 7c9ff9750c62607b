"""Posts that are offered as soon as somebody has decided to make them reach whom they would reach in their turn."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from diffusion import simulation as module
from diffusion.engine.arrays import EVER_PLANNED, MOST_PLANNED, N_REGISTERS
from diffusion.engine.arrays import World as Rules
from diffusion.engine.columns import order_of_posts
from diffusion.engine.workspace import Workspace
from diffusion.graphs import FollowerGraph
from diffusion.outcome import Outcome
from diffusion.scenario import Scenario
from diffusion.simulation import simulate

Patch = Callable[[Callable[[Rules], Rules]], None]
Graphs = dict[str, FollowerGraph] | None
OUTCOME = ("tallies", "curves", "first_tick", "share_tick", "first_channel", "first_post", "exposures", "evidence")
POSTS = ("author", "story", "channel", "tick", "occurrence", "followers")

FOLLOW: dict[str, Any] = {
    "kind": "follow", "graph": {"generator": "popularity", "mean_followers": 12}, "sessions": "6/day",
}  # fmt: skip
GIVEN = {"file": "given", "meaning": "source,target"}
SITE: dict[str, Any] = {"medium": "news_site", "audience": 0.9, "verify": "5 min"}
AT_ONCE = FOLLOW | {"reaction": {"law": "constant", "value": "0 s"}, "scroll": {"law": "constant", "value": "0 s"}}
FAST = FOLLOW | {
    "sessions": "48/day", "session_length": "30 min", "close": 0.9,
    "reaction": {"law": "uniform", "low": "0 s", "high": "2 min"},
    "scroll": {"law": "uniform", "low": "0 s", "high": "1 min"},
}  # fmt: skip
AHEAD: dict[str, dict[str, dict[str, Any]]] = {
    "one platform": {"a": FOLLOW},
    "posts without delay": {"a": AT_ONCE},
    "posts seen within seconds": {"a": FAST},
    "slow reactions": {"a": FOLLOW | {"reaction": {"law": "uniform", "low": "0 s", "high": "9 h"}}},
    "late views": {"a": FOLLOW | {"latency": "40 min", "notified": 0.5, "notified_below": 15}},
    "waits of links": {"a": FOLLOW | {"waits": "edge"}},
    "two platforms": {"a": FOLLOW, "b": FOLLOW | {"close": 0.5}},
    "beside contacts and a group": {
        "a": FOLLOW,
        "b": {"kind": "contact", "graph": {"generator": "random", "mean_contacts": 8}, "meetings": "1/h"},
        "c": {"kind": "group", "graph": {"generator": "groups", "memberships": 2, "group_size": 12}},
    },
}
NOT_AHEAD: dict[str, dict[str, Any]] = {
    "popularity": {"platforms": {"a": FOLLOW | {"popularity": 0.8}}},
    "a feed that buries": {"platforms": {"a": FOLLOW | {"feed_length": 2}}},
    "links that open and close": {"platforms": {"a": FOLLOW | {"graph": GIVEN}}},
    "newsrooms that watch": {
        "platforms": {"a": FOLLOW},
        "outlets": {"site": SITE | {"watches": {"a": {"share": 0.05}}}},
    },
}  # fmt: skip


def world_of(parts: dict[str, Any], horizon: str = "48 h", people: int = 400, crosspost: str = "home") -> Scenario:
    """A world in which most people meet two stories, one of which begins with more authors than a batch holds."""
    stories = {
        "many": {"kind": "citizen_post", "authors": 2 * MOST_PLANNED + 5, "appeal": 4.0},
        "other": {"kind": "citizen_post", "authors": 3, "appeal": 5.0, "at": "90 min"},
    }
    return Scenario.model_validate(
        {
            "run": {"horizon": horizon, "seed": 5},
            "people": {"count": people, "crosspost": crosspost},
            "stories": stories,
            **parts,
        }
    )


def opening_links() -> dict[str, FollowerGraph]:
    luck = np.random.default_rng(1)
    source, target = luck.integers(0, 400, (2, 5000))
    since = luck.integers(0, 20 * 3600, 5000)
    graph = FollowerGraph.from_links(source, target, n_persons=400, since=since, until=since + 40 * 3600)
    return {"a": graph}


def differ(one: Outcome, other: Outcome) -> set[str]:
    """The names of the columns in both that are not the same, those of posts among them."""
    pairs = {name: (getattr(one, name), getattr(other, name)) for name in OUTCOME}
    if one.posts is not None and other.posts is not None:
        pairs |= {f"posts.{name}": (getattr(one.posts, name), getattr(other.posts, name)) for name in POSTS}
    both = {name: pair for name, pair in pairs.items() if pair[0] is not None and pair[1] is not None}
    return {name for name, (a, b) in both.items() if not np.array_equal(a, b, equal_nan=name == "evidence")}


def has_planned(scenario: Scenario, record: str, monkeypatch: pytest.MonkeyPatch, graphs: Graphs = None) -> bool:
    fresh = Workspace()
    with monkeypatch.context() as patch:
        patch.setattr(module, "workspace", lambda: fresh)
        simulate(scenario, graphs=graphs, record=record)
    return bool(fresh.state.registers[EVER_PLANNED])


@pytest.fixture
def forced(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Offer all posts to rows of followers ahead, whatever the rules say."""
    lower = module.lower

    def change(rules: Rules) -> Rules:
        every = np.ones_like(rules.platforms.ahead)
        return rules.replaced(platforms=rules.platforms.replaced(ahead=every))

    return lambda: monkeypatch.setattr(module, "lower", lambda *given: change(lower(*given)))


@pytest.mark.parametrize("horizon", ["7 h", "48 h"])
@pytest.mark.parametrize("name", AHEAD)
def test_outcomes_are_those_of_the_log(name: str, horizon: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = world_of({"platforms": AHEAD[name]}, horizon, crosspost="all" if name == "two platforms" else "home")
    log = simulate(scenario, record="events")
    assert min(tally.shares for tally in log.tallies) > 5
    for record in ("sizes", "parents", "all"):
        assert differ(simulate(scenario, record=record), log) == set()
    assert has_planned(scenario, "parents", monkeypatch)
    assert not has_planned(scenario, "events", monkeypatch)


def test_memory_grows_while_posts_are_offered() -> None:
    """Thousands of posts and of waiting events: more than a fresh workspace has room for."""
    scenario = world_of({"platforms": {"a": AT_ONCE | {"close": 0.9}}}, "48 h", people=6000)
    log = simulate(scenario, record="events")
    assert sum(tally.shares for tally in log.tallies) > 500
    for record in ("sizes", "all"):
        assert differ(simulate(scenario, record=record), log) == set()


@pytest.mark.parametrize("name", NOT_AHEAD)
def test_what_happens_meanwhile_has_a_say(
    name: str, forced: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There posts wait for their turn. The control: the same worlds, if they did not."""
    scenario = world_of(NOT_AHEAD[name])
    graphs = opening_links() if name == "links that open and close" else None
    log = simulate(scenario, graphs=graphs, record="events")
    assert not has_planned(scenario, "parents", monkeypatch, graphs)
    assert differ(simulate(scenario, graphs=graphs, record="parents"), log) == set()
    forced()
    assert differ(simulate(scenario, graphs=graphs, record="parents"), log) != set()


def test_posts_are_in_the_order_of_events() -> None:
    """Of one tick: publications as they were made, then posts by author, platform and story, then as they were made."""
    outlets = 2
    rows = [  # author, story, tick, channel
        (7, 0, 50, 3), (9, 0, 20, 3), (1, 1, 20, 2), (0, 0, 20, 1), (9, 0, 20, 4), (7, 1, 20, 4), (7, 0, 20, 4),
        (7, 1, 20, 3), (2**32 - 9, 0, 20, 3), (7, 0, 2**32 - 3, 3), (9, 0, 20, 4), (5, 0, 49, 3),
    ]  # fmt: skip
    state = SimpleNamespace(posts=np.array(rows, dtype=np.uint32), registers=np.full(N_REGISTERS, len(rows)))
    found = order_of_posts(state, outlets)  # type: ignore[arg-type]
    assert found.tolist() == [2, 3, 7, 6, 5, 1, 4, 10, 8, 11, 0, 9]
