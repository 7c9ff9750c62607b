"""Links that begin and end carry what is posted while they are open: delays by hand, and paths that respect time.

A path respects time if every link of it is open when the story leaves its end (Holme & Saramäki 2012, Temporal
networks, Physics Reports 519): at once on a platform of posts, at a later meeting among contacts.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from diffusion.graphs import FollowerGraph
from diffusion.outcome import Outcome
from diffusion.simulation import simulate
from diffusion.units import NEVER
from laws.bounds import FALSE_ALARM, distance, distance_allowed, exponential, miss_at_distance
from laws.harness import Finding, Law, Scorecard, sizes
from laws.scenes import GIVEN_MUTUAL, hours, platform, scenario

VIEW, REACT, BEGIN = 91, 20, 1_000  # seconds
PERSONS, END = 30, 40  # persons, minutes


class Links(NamedTuple):
    """Who is followed, who follows, and from when until when, in seconds."""

    followed: NDArray[np.int64]
    follower: NDArray[np.int64]
    since: NDArray[np.int64]
    until: NDArray[np.int64]

    def graph(self, n: int, ignored: str = "", **options: Any) -> FollowerGraph:
        """The graph of these links; the mistake is to ignore one of their times."""
        times = {key: getattr(self, key) for key in ("since", "until") if key != ignored}
        return FollowerGraph.from_links(self.followed, self.follower, n_persons=n, **times, **options)


def always_there(**delays: str) -> dict[str, Any]:
    """A platform whose members are on it but for a chance of exp(-60): an hour a session, sixty sessions an hour."""
    return platform(sessions="60/h", session_length="1 h", **delays)


# --- posts ------------------------------------------------------------------------------------------------------------


def ladder(n: int) -> Links:
    """A path whose every link is open in the second of its post; beside every person two followers who miss it.

    Person k posts at BEGIN + k (VIEW + REACT). Persons n + 1 … 2 n stopped following just then, persons 2 n + 1 … 3 n
    began a second later.
    """
    steps = np.arange(n)
    posted = BEGIN + steps * (VIEW + REACT)
    return Links(
        np.tile(steps, 3),
        np.concatenate([steps + 1, n + 1 + steps, 2 * n + 1 + steps]),
        np.concatenate([posted, np.zeros(n, np.int64), posted + 1]),
        np.concatenate([posted + 1, posted, np.full(n, NEVER)]),
    )


@pytest.mark.parametrize("n", sizes(200, 20_000))
def test_a_story_walks_a_path_whose_links_open_one_after_another(n: int, scorecard: Scorecard) -> None:
    """False alarm 0: nothing is drawn. Miss 0: without `since` the late followers hear too, whatever the seed."""
    expected = np.full(3 * n + 1, NEVER, dtype=np.uint64)
    expected[0] = BEGIN * 1000
    expected[1 : n + 1] = 1000 * (BEGIN + VIEW + np.arange(n) * (VIEW + REACT))

    def walk(ignored: str) -> Outcome:
        world = scenario(
            platforms={"net": always_there(latency="1 s", scroll="90 s", reaction="20 s")},
            people={"share_rule": "threshold"},
            story={"kind": "citizen_post", "authors": [0], "at": f"{BEGIN} s"},
            horizon="1000 h",
        )
        return simulate(world, graphs={"net": ladder(n).graph(3 * n + 1, ignored)})

    def judge(outcome: Outcome) -> Finding:
        wrong = int(np.sum(outcome.column("first_tick")[0] != expected))
        assert outcome.tallies[0].offers == n or wrong, "only open links are offered a post"
        return Finding(wrong == 0, 0, wrong)

    law = Law(f"a link carries what is posted while it is open (n = {n})", "persons at another tick",
              "since ignored", 0.0, 0.0)  # fmt: skip
    scorecard.check_law(law, judge, walk(""), walk("since"))


def random_links(seed: int, each: float) -> Links:
    """Thirty persons and so many links of each, open for a few minutes."""
    generator = np.random.default_rng(seed)
    followed, follower = generator.integers(PERSONS, size=(2, int(each * PERSONS)))
    since = 60 * generator.integers(END, size=followed.size)
    return Links(followed, follower, since, since + 60 * generator.integers(1, END // 2, size=followed.size))


def open_at(graph: FollowerGraph) -> list[tuple[int, int, int, int]]:
    """(followed, follower, since, until) of every link, in minutes."""
    rows = np.repeat(np.arange(PERSONS), np.diff(graph.offsets))
    return list(zip(*(x.tolist() for x in (rows, graph.followers, graph.since // 60, graph.until // 60)), strict=True))


def heard_from_posts(graph: FollowerGraph) -> list[int]:
    """When everybody hears, minute by minute: seen after 2 minutes, passed on once, 3 minutes later."""
    links = open_at(graph)
    heard = [0] + [10**9] * (PERSONS - 1)
    for minute in range(10 * END):
        for i, j, since, until in links:
            if heard[i] + (3 if i else 0) == minute and since <= minute < until:
                heard[j] = min(heard[j], minute + 2)
    return heard


def heard_from_contacts(graph: FollowerGraph) -> list[int]:
    """When everybody hears, minute by minute: whoever knows tells all whom they know in that minute."""
    links = open_at(graph)
    heard = [0] + [10**9] * (PERSONS - 1)
    for minute in range(2 * END):
        for _ in range(PERSONS):
            for i, j, since, until in links:
                if heard[i] <= minute and since <= minute < until:
                    heard[j] = min(heard[j], minute)
    return heard


def post_world(graph: FollowerGraph) -> Outcome:
    """Who shares at once: at home everybody follows one account, and nobody sees a story of rank 0."""
    ring = FollowerGraph.from_links(np.arange(PERSONS), (np.arange(PERSONS) + 1) % PERSONS, n_persons=PERSONS)
    net = always_there(scroll="2 min", reaction="3 min")
    world = scenario(
        platforms={"home": net | {"close": 0}, "net": net},
        people={"share_rule": "threshold", "crosspost": "all"},
        story={"kind": "citizen_post", "authors": [0], "rank": {"home": 0}},
        horizon=f"{10 * END} min",
    )
    return simulate(world, graphs={"home": ring, "net": graph})


def contact_world(graph: FollowerGraph) -> Outcome:
    """Contacts who meet every few milliseconds: a story crosses all open links within a second."""
    world = scenario(
        platforms={
            "nowhere": platform(),
            "talk": {"kind": "contact", "graph": GIVEN_MUTUAL, "clock": "flat", "window": "100 h", "tell": 1,
                     "meetings": "200/s"},
        },
        story={"kind": "citizen_post", "authors": [0], "appeal": 0, "newsworthiness": 1},
        horizon=f"{2 * END} min",
    )  # fmt: skip
    nobody = FollowerGraph.from_links([], [], n_persons=PERSONS)
    return simulate(world, graphs={"nowhere": nobody, "talk": graph})


@pytest.mark.parametrize("medium", ["posts", "contacts"])
@pytest.mark.parametrize("graphs", sizes(20, 400))
def test_a_story_reaches_whom_paths_that_respect_time_reach(medium: str, graphs: int, scorecard: Scorecard) -> None:
    """Random graphs of 30 persons against brute force, minute by minute. Nothing but meetings is drawn.

    False alarm: a link of contacts that meet 200 times a second stays without a meeting for a tenth of a second with a
    chance of exp(-20) = 2e-9, and no path is longer than 29 links, so that within 3 seconds of a minute's beginning
    a story has crossed it: below 72 links x 2.1e-9 a graph. Control: links never end; they reach more.
    """
    mutual = medium == "contacts"
    makes, brute, each = (contact_world, heard_from_contacts, 1.2) if mutual else (post_world, heard_from_posts, 5)

    def judge(ignored: str) -> Finding:
        wrong = reached = 0
        for seed in range(graphs):
            links = random_links(seed, each)
            lawful = links.graph(PERSONS, mutual=mutual)
            expected = np.array(brute(lawful))
            ticks = makes(links.graph(PERSONS, ignored, mutual=mutual)).column("first_tick")[0]
            late = ticks.astype(np.int64) - 60_000 * expected
            on_time = np.where(expected < 10**9, (late >= 0) & (late < 3_000), ticks == NEVER)
            wrong += int(np.sum(~on_time))
            reached += int(np.sum(expected < 10**9))
        assert graphs < reached < PERSONS * graphs, "somebody is reached, not everybody"
        return Finding(wrong == 0, 0, wrong)

    law = Law(f"stories take the paths that respect time ({medium}, {graphs} graphs)", "persons at another minute",
              "until ignored", graphs * 1.5e-7 if mutual else 0.0, 0.0)  # fmt: skip
    scorecard.check_law(law, judge, "", "until")


# --- meetings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", sizes(3_000, 15_000))
def test_contacts_meet_after_they_have_come_to_know_each_other(n: int, scorecard: Scorecard) -> None:
    """Along a path whose links open every 4 minutes, waits after the opening or the hearing are Exp(30/h).

    Meetings are Poisson, so that it does not matter from when on one waits. False alarm .001 as of other waits.
    Control: since ignored. A story then takes 2 minutes a link, is ahead of the openings after the first hundred links
    but for a chance of 1e-8 each (Gamma(100) above 200), and its waits, counted from the openings, are negative
    (and counted as 0): at least 1 - 100/n apart.
    """
    rate, every = 30.0, 240
    steps = np.arange(n)
    links = Links(steps, steps + 1, every * steps, np.full(n, NEVER))

    def waits(ignored: str) -> NDArray[np.float64]:
        world = scenario(
            platforms={
                "nowhere": platform(),
                "talk": {"kind": "contact", "graph": GIVEN_MUTUAL, "clock": "flat", "window": "1100 h", "tell": 1,
                         "meetings": f"{rate}/h"},
            },
            story={"kind": "citizen_post", "authors": [0], "appeal": 0, "newsworthiness": 1},
            horizon="1100 h",
        )  # fmt: skip
        nobody = FollowerGraph.from_links([], [], n_persons=n + 1)
        talk = links.graph(n + 1, ignored, mutual=True)
        heard = hours(simulate(world, graphs={"nowhere": nobody, "talk": talk}, seed=5).column("first_tick")[0])
        assert np.isfinite(heard).all(), "the horizon cuts the path"
        return np.maximum(heard[1:] - np.maximum(heard[:-1], every * steps / 3600), 0)

    def judge(found: NDArray[np.float64]) -> Finding:
        near = distance(found, exponential(1 / rate)) <= distance_allowed(n)
        return Finding(near, 60 / rate, 60 * float(found.mean()))

    law = Law(
        f"contacts meet after they have come to know each other (n = {n})", "mean minutes", "since ignored",
        FALSE_ALARM, miss_at_distance(n, 1 - 100 / n),
    )  # fmt: skip
    scorecard.check_law(law, judge, waits(""), waits("since"))
