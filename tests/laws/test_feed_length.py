"""Limited attention: a post is seen only while it is among the last L that arrived (Weng et al. 2012)."""

from typing import Any

import numpy as np
import pytest

from diffusion.graphs import FollowerGraph
from diffusion.scenario import Scenario
from diffusion.simulation import simulate
from diffusion.vocabulary import EventKind

READERS, AUTHORS, LENGTH = 40, 60, 5


def busy_feeds(feed_length: int | None, *, reshare: bool = False) -> Scenario:
    """Readers who follow many authors, each of whom posts a story of their own within a day."""
    tables: dict[str, Any] = {
        "run": {"horizon": "36 h", "record": "events"},
        "platforms": {
            "feed": {
                "kind": "follow",
                "graph": {"file": "given", "meaning": "follower,followed"},
                "visibility": "30 h",
                "reshare": reshare,
                "feed_length": feed_length,
            }
        },
        "stories": {
            f"story {k:02d}": {"kind": "citizen_post", "authors": [k], "at": f"{20 * k} min", "appeal": 2.0}
            for k in range(AUTHORS)
        },
    }
    return Scenario.model_validate(tables)


def everybody_follows_authors(seed: int) -> FollowerGraph:
    generator = np.random.default_rng(seed)
    links = [(a, AUTHORS + r) for a in range(AUTHORS) for r in range(READERS) if generator.random() < 0.7]
    followed, follower = np.array(links).T
    return FollowerGraph.from_links(followed, follower, n_persons=AUTHORS + READERS)


def views(scenario: Scenario, graph: FollowerGraph, seed: int) -> list[tuple[int, int, int]]:
    """(tick, reader, author) of every view."""
    events = simulate(scenario, graphs={"feed": graph}, seed=seed).events
    assert events is not None
    seen = events.kind == EventKind.EXPOSURE
    return list(
        zip(events.tick[seen].tolist(), events.person[seen].tolist(), events.source[seen].tolist(), strict=True)
    )


def still_in_feed(graph: FollowerGraph, view: tuple[int, int, int], length: int) -> bool:
    """Whether fewer than `length` posts arrived between the post and its view; authors post every 20 minutes."""
    tick, reader, author = view
    minute = 60_000
    later = [a for a in range(author + 1, AUTHORS) if 20 * a * minute < tick and reader in graph.followers_of(a)]
    return len(later) < length


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_seen_is_what_is_still_in_the_feed(seed: int) -> None:
    """Exact: what the rule leaves of the views of an endless feed; another length is rejected."""
    graph = everybody_follows_authors(seed)
    everything = views(busy_feeds(None), graph, seed)
    found = views(busy_feeds(LENGTH), graph, seed)
    assert 0 < len(found) < 0.7 * len(everything)
    assert found == [view for view in everything if still_in_feed(graph, view, LENGTH)]
    assert found != [view for view in everything if still_in_feed(graph, view, LENGTH + 1)]


def test_a_feed_that_holds_everything_changes_nothing() -> None:
    graph = everybody_follows_authors(1)
    assert views(busy_feeds(AUTHORS), graph, 1) == views(busy_feeds(None), graph, 1)
