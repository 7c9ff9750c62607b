"""The parts of a delay add up to the delay, tick for tick, and each goes to where the time was spent."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import six_persons
from diffusion.measures import COMPONENTS, Delays, delays
from diffusion.outcome import Outcome, Posts
from diffusion.simulation import simulate
from diffusion.units import NEVER

OUTCOME = six_persons.outcome()


def parts(found: Delays, person: int) -> dict[str, int]:
    """The components of a person's delay that are not zero."""
    row = found.ticks[found.persons.tolist().index(person)]
    return {name: int(ticks) for name, ticks in zip(COMPONENTS, row, strict=True) if ticks}


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (0, {}),  # a witness
        (1, {"hesitation": 60, "latency": 2, "session": 38}),
        (2, {"hesitation": 60, "latency": 2, "session": 38, "meeting": 300}),
        (3, {"newsgathering": 300, "verification": 300, "slot": 300, "audience": 900}),  # at the repeat
        (4, {"newsgathering": 300, "verification": 300, "slot": 300, "latency": 2, "session": 8}),
    ],
)
def test_every_wait_of_the_fire_is_found_where_it_was_spent(person: int, expected: dict[str, int]) -> None:
    assert parts(delays(OUTCOME, "fire"), person) == expected


def test_a_statement_waits_for_approval_and_the_horizon_still_counts() -> None:
    found = delays(OUTCOME, "speech")
    # Seen one tick after it was posted: all of it is the platform's two seconds of latency.
    assert parts(found, 5) == {"approval": 600, "latency": 1}
    assert parts(found, 1) == {"approval": 600, "latency": 3, "session": 2898, "hesitation": 99}
    assert found.persons.tolist() == [1, 5]


@pytest.mark.parametrize("story", ["fire", "speech"])
def test_components_add_up_to_the_time_to_awareness(story: str) -> None:
    found = delays(OUTCOME, story)
    s = OUTCOME.story(story)
    times = OUTCOME.column("first_tick")[s][found.persons].astype(np.int64) - OUTCOME.story_tick(s)
    assert found.ticks.sum(axis=1).tolist() == times.tolist()


def test_means_are_in_seconds_and_nobody_aware_has_none() -> None:
    means = delays(OUTCOME, "fire").means()
    assert means["slot"] == 600 / 5
    assert sum(means.values()) == pytest.approx((0 + 100 + 400 + 1800 + 910) / 5, rel=1e-14)
    nobody = six_persons.outcome(first_tick=np.full((2, 6), NEVER, dtype=np.uint32))
    assert all(np.isnan(value) for value in delays(nobody, "fire").means().values())


@st.composite
def worlds(draw: st.DrawFn) -> Outcome:
    """Outcomes of up to 40 persons in which everybody hears through an earlier post, in any order of index and time."""
    n = draw(st.integers(2, 40))
    order = draw(st.permutations(range(n)))
    first = np.full((2, n), NEVER, dtype=np.uint32)
    through = np.full((2, n), NEVER, dtype=np.uint32)
    first[0, order[0]] = 100
    rows: list[tuple[int, ...]] = [(0, 0, six_persons.TV, 1000, 0), (n + 1, 0, six_persons.CHIRP, 1000, 0)]
    told: dict[int, list[int]] = {order[0]: []}
    for person in order[1:]:
        post = draw(st.integers(-len(told), 1))
        if post < 0:
            author = list(told)[post]
            channel = draw(st.sampled_from([six_persons.CHIRP, six_persons.HOME]))
            rows.append((author, 0, channel, int(first[0, author]) + draw(st.integers(0, 30)), 0))
            post = len(rows) - 1
        through[0, person] = post
        first[0, person] = rows[post][3] + draw(st.integers(1, 50))
        told[person] = []
    columns: Any = [np.array(column) for column in zip(*rows, strict=True)]
    types = (np.uint32, np.int32, np.uint8, np.uint32, np.uint32)
    posts = Posts(*(column.astype(kind) for column, kind in zip(columns, types, strict=True)))
    return six_persons.outcome(n_persons=n, first_tick=first, first_post=through, posts=posts)


def slowly(outcome: Outcome, person: int) -> dict[str, int]:
    """The components of one person by walking up the chain, one leg at a time."""
    posts, found = outcome.column("posts"), dict.fromkeys(COMPONENTS, 0)
    while (post := int(outcome.column("first_post")[0][person])) != NEVER:
        heard, posted = int(outcome.column("first_tick")[0][person]), int(posts.tick[post])
        if posts.channel[post] == six_persons.TV:
            found["audience"] += heard - 1000
        elif posts.channel[post] == six_persons.HOME:
            found["meeting"] += heard - posted
        else:
            found["latency"] += min(2, heard - posted)
            found["session"] += heard - posted - min(2, heard - posted)
        if post < 2:  # television or its account
            return found | {"newsgathering": 300, "verification": 300, "slot": 300}
        person = int(posts.author[post])
        found["hesitation"] += posted - int(outcome.column("first_tick")[0][person])
    return found


@given(worlds())
def test_one_pass_finds_what_walking_up_every_chain_finds(outcome: Outcome) -> None:
    found = delays(outcome, "fire")
    for person, row in zip(found.persons.tolist(), found.ticks.tolist(), strict=True):
        assert dict(zip(COMPONENTS, row, strict=True)) == slowly(outcome, person)
    times = outcome.column("first_tick")[0][found.persons].astype(np.int64) - 100
    assert found.ticks.sum(axis=1).tolist() == times.tolist()


@pytest.mark.parametrize("replicate", range(3))
def test_components_add_up_in_a_simulated_world_of_every_channel(replicate: int) -> None:
    watching = {"watches": {"chirp": {"share": 0.02, "witnesses": 1}}, "accounts": {"chirp": 0.3}}
    outlets: dict[str, Any] = {"site": {"medium": "news_site", "follows": ["tv"]}, "tv": {"medium": "television"}}
    mixed = six_persons.scenario(tick="10 ms", horizon="36 h").changed(
        {
            "people": {"count": 400, "crosspost": "all"},
            "platforms.chirp.graph.mean_followers": 30,
            "platforms.home.graph.size": 4,
            "platforms.zine": {"kind": "follow", "graph": {"generator": "popularity", "mean_followers": 8}},
            "outlets": {name: {**outlet, **watching} for name, outlet in outlets.items()},
            "officials.mayor.approval": "20 min",
            "stories.fire.witnesses": 5,
            "stories.fire.newsworthiness": 0.9,
            "stories.speech.at": "2 h",
            "stories.speech.newsworthiness": 0.4,  # not breaking: it waits for a bulletin
        }
    )
    found = simulate(mixed, replicate=replicate)
    used = np.zeros(len(COMPONENTS), dtype=bool)
    for s, story in enumerate(found.stories):
        parted = delays(found, story)
        times = found.column("first_tick")[s][parted.persons].astype(np.int64) - found.story_tick(s)
        assert parted.persons.size > 100
        assert parted.ticks.min() >= 0
        assert parted.ticks.sum(axis=1).tolist() == times.tolist()
        used |= parted.ticks.any(axis=0)
    assert used.all(), "every component occurs"
