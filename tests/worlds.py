"""Small random worlds in which a lot happens: every feature of the model, mixed.

`small_world` makes all its choices through one function, `below(n)`: a seeded generator for the long comparisons
(`seeded_world`), hypothesis where a failing world should be made smaller (`worlds`).
"""

from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from choices import Choices, Tables, clock
from diffusion.graphs import FollowerGraph, Memberships
from diffusion.scenario import Scenario
from media_worlds import official, outlet
from people_worlds import Rows, add_people
from timed_links import add_times

FOLLOW_NAMES = ("zeitung online", "Blog", "forum-ä", "twitter")
FRIEND_NAMES = ("Blog",)
GROUP_NAMES = ("Chat", "#tags")
CONTACT_NAMES = ("work", "Family")
OUTLET_NAMES = ("tele 5", "Kurier", "agency", "radio", "netz", "zdf")
OFFICIAL_NAMES = ("mayor", "Amt")
STORY_NAMES = ("quake", "Vote", "arrest", "hoax 1")
HOUR = 3600.0


class SmallWorld(NamedTuple):
    """What `simulate` takes: a scenario, given graphs by platform, seed, replicate; and the rows of `people.file`."""

    scenario: Scenario
    graphs: dict[str, Any]
    seed: int
    replicate: int
    people: Rows = {}


# --- people and graphs ------------------------------------------------------------------------------------------------


def _people(choose: Choices, n: int) -> Tables:
    return {
        "count": n,
        "propensity_sd": choose.one_of(0.0, 1.0, 2.0),
        "credulity_mean": choose.one_of(-0.8, -0.8, 0.5, -6.0, 6.0),
        "credulity_sd": choose.one_of(0.0, 1.0, 3.0),
        "repetition": choose.one_of(0.3, 0.3, 0.0, 1.0, 0.77),
        "own_eyes_trust": choose.one_of(0.95, 0.99, 0.3),
        "belief_factor": choose.often(70),
        "share_rule": choose.one_of("cascade", "cascade", "threshold"),
        "crosspost": choose.one_of("home", "all", "same"),
    }


def _labels(choose: Choices, n: int) -> list[Any] | None:
    """The labels of n persons: none, numbers, or texts whose order is not that of numbers."""
    kind = choose.below(3)
    if kind == 0:
        return None
    numbers = [3 * i + 1 for i in range(n)]
    return numbers if kind == 1 else sorted(f"p{number}" for number in numbers)


def _given_graph(choose: Choices, labels: list[Any] | None, n: int, contact: bool) -> FollowerGraph:
    """A graph over all persons, or over some: those of the lowest numbers, or any with labels."""
    here = n if choose.often(60) else choose.between(max(4, 2 * n // 3), n)
    count = choose.one_of(1, 2, 5) * here
    is_weighted = not contact and choose.often(50)
    # One choice stands for all links: hundreds of them would be too many for hypothesis.
    generator = np.random.default_rng(choose.below(2**31))
    followed, follower = generator.integers(here, size=(2, count))
    weights = generator.choice([0.0, 0.25, 1.0, 3.7], size=count) if is_weighted else None
    if labels is None:
        return FollowerGraph.from_links(followed, follower, weights=weights, n_persons=here, mutual=contact)
    named = np.array(labels)[np.sort(generator.permutation(n)[:here])]
    return FollowerGraph.from_links(named[followed], named[follower], weights=weights, labels=named, mutual=contact)


def _generated(choose: Choices, n: int, contact: bool) -> Tables:
    if not contact:
        return {
            "generator": "popularity",
            "mean_followers": choose.one_of(1.0, 2.0, 4.0) if n >= 45 else 1.0,
            "exponent": choose.one_of(2.1, 2.5, 4.0),
            "reciprocity": choose.one_of(0.0, 0.4, 1.0),
        }
    if choose.often(50):
        return {"generator": "random", "mean_contacts": choose.one_of(1.0, 3.0)}
    return {"generator": "households", "size": choose.between(2, 4)}


# --- platforms --------------------------------------------------------------------------------------------------------


def _follow(choose: Choices, n: int, generated: bool) -> Tables:
    sessions = choose.one_of("5/day", "40/day", "300/day")
    return {
        "kind": "follow",
        "active": choose.often(90),
        "members": choose.one_of(1.0, 0.9, 0.6) if generated and n >= 20 else 1.0,
        "weights": choose.one_of("appeal", "appeal", "ignore"),
        "sessions": choose.one_of(sessions, {"law": "lognormal", "median": sessions, "sd": 1.2}),
        "session_length": choose.one_of("12 min", "0 s", "2 h", "12 h"),
        "scroll": choose.law(0, 20, 102, 3000),
        "visibility": choose.one_of("23 min", "2 h", "30 h", "0 s"),
        "visibility_sd": choose.one_of(0.0, 1.0),
        "followed_elsewhere": choose.one_of(0.0, 0.0, 2.5, 200.0),
        "popularity": choose.one_of(0.0, 0.0, 0.5, 1.0),
        "feed_length": choose.one_of(None, None, 1, 3, 20),
        "close": choose.one_of(0.0, 0.17, 0.6, 1.0),
        "notified": choose.one_of(0.0, 0.1, 0.6, 1.0),
        "notified_below": choose.one_of(200.0, 4.0),
        "notice": choose.law(0, 30, 180),
        "awake_level": choose.one_of(0.5, 0.0, 0.8),
        "latency": choose.one_of("1 s", "0 s", "90 s"),
        "reaction": choose.law(0, 20, 1200),
        "clock": clock(choose),
        "waits": choose.one_of("sessions", "sessions", "edge"),
        "reshare": choose.often(85),
        "typical_followers": choose.one_of(17.0, 1.0, 80.0),
        "trust": choose.one_of(0.55, 0.01, 0.99),
    }


def _given_groups(choose: Choices, labels: list[Any] | None, n: int) -> Memberships:
    count = choose.one_of(1, 3) * n
    generator = np.random.default_rng(choose.below(2**31))
    persons = generator.integers(n, size=count)
    groups = generator.integers(max(2, n // 6), size=count)
    # Everybody stands in the table, so that persons without labels keep their numbers.
    persons, groups = np.concatenate((persons, np.arange(n))), np.concatenate((groups, np.arange(n) % 3))
    return Memberships.from_rows(persons if labels is None else np.array(labels)[persons], groups)


def _group(choose: Choices, n: int, carriers: list[str]) -> Tables:
    table = _follow(choose, n, True)
    for key in ("weights", "followed_elsewhere"):
        del table[key]
    table["kind"] = "group"
    if carriers and choose.often(50):
        return table | {"carrier": choose.one_of(*carriers)}
    return table | {"posts_in": choose.one_of("all", "one")}


def _contact(choose: Choices) -> Tables:
    return {
        "kind": "contact",
        "active": choose.often(90),
        "meetings": choose.one_of("0.08/h", "1/h", "30/h"),
        "alarm": choose.one_of(1.0, 1.0, 4.0, 30.0),
        "tell": choose.one_of(0.3, 1.0),
        "window": choose.one_of("24 h", "2 h", "5 min", "30 days"),
        "clock": clock(choose),
        "trust": choose.one_of(0.65, 0.2),
    }


# --- stories ----------------------------------------------------------------------------------------------------------


def _story(
    choose: Choices, horizon: float, officials: list[str], authors: list[Any] | None, where: tuple[list[str], list[str]]
) -> Tables:
    """A story; `authors` are labels of persons who can post, or None where nobody can."""
    kinds = ["news", "news", "citizen_post"]
    kinds += ["fake"] * (authors is not None)
    kinds += ["statement"] * (officials != [])
    kind = choose.one_of(*kinds)
    table: Tables = {
        "kind": kind,
        "at": f"{horizon * choose.one_of(0.0, 0.0, 0.1, 0.35)} s",
        "appeal": choose.one_of(0.5, 5.0, 30.0),
        "appeal_sd": choose.one_of(0.0, 1.0),
        "newsworthiness": choose.one_of(0.0, 0.5, 0.75, 1.0, 1.0),
        "half_life": choose.one_of("50 h", "1 h", "1000 h"),
        "report": choose.one_of(0.5, 1.0, 0.2),
        "author_weight": choose.one_of(0.0, 1.0, 2.5),
        "rank": {name: choose.one_of(1.0, 0.0, 0.3, 4.0) for name in choose.some(where[0])} if choose.often(30) else {},
        "tags": {name: choose.one_of([0], [1], [0, 1]) for name in choose.some(where[1])},
    }
    if choose.often(30):
        table["appeal_cap"] = choose.one_of(0.6, 8.0)
    if choose.often(25):
        table["truth"] = False
    if kind == "statement" or (officials and choose.often(15)):
        table["official"] = choose.one_of(*officials)
    if authors is not None and (kind == "fake" or choose.often(50)):
        table["authors"] = choose.some(authors, 1, 3) if authors and choose.often(40) else choose.between(1, 3)
    if kind != "fake" and ("authors" not in table or choose.often(40)):
        table["witnesses"] = choose.between(1, 7)
    return table


# --- all together -----------------------------------------------------------------------------------------------------


def _run(choose: Choices) -> Tables:
    tick = choose.one_of(0.001, 0.001, 0.001, 0.25, 1.0, 7.2, 60.0)
    hours = choose.one_of(2, 9, 24, 72)
    return {
        "tick": f"{tick} s",
        "horizon": f"{hours} h",
        "settle": f"{max(tick, choose.one_of(0.001, 1.0, 90.0, 3600.0))} s",
        "start": choose.one_of(
            "2016-11-08T12:00:00", "2020-02-29T18:55:00.5", "2001-09-11T00:00:00", "1999-12-31T23:59:59"
        ),
        "redraw": choose.one_of("luck", "world"),
    }


def _platforms(choose: Choices, n: int) -> tuple[Tables, dict[str, Any]]:
    follow = choose.some(FOLLOW_NAMES, 0 if choose.often(4) else 1, 3)
    contact = choose.some(CONTACT_NAMES, 0 if follow else 1)
    labels = _labels(choose, n)
    given: dict[str, Any] = {}
    tables: Tables = {}
    for name in [*contact, *follow]:
        is_contact = name in CONTACT_NAMES
        generated = choose.often(45)
        tables[name] = _contact(choose) if is_contact else _follow(choose, n, generated)
        is_friend = name in FRIEND_NAMES and n >= 20 and choose.often(50)
        if is_friend:
            tables[name]["kind"] = "friend"
        if generated:
            tables[name]["graph"] = _generated(choose, n, is_contact)
            if is_friend:
                tables[name]["graph"] = {
                    "generator": "networkx",
                    "function": "watts_strogatz_graph",
                    "arguments": {"k": choose.one_of(2, 4), "p": 0.3},
                }
        else:
            mutual = is_contact or is_friend
            given[name] = _given_graph(choose, labels, n, mutual)
            tables[name]["graph"] = {"file": "given", "meaning": "mutual" if mutual else "follower,followed"}
    for name in choose.some(GROUP_NAMES) if choose.often(40) else []:
        tables[name] = _group(choose, n, follow)
        if "carrier" not in tables[name] and choose.often(50):
            size = choose.one_of(2, 4)
            tables[name]["graph"] = {"generator": "groups", "memberships": choose.one_of(1, 2), "group_size": size}
        else:
            given[name] = _given_groups(choose, labels, n)
            tables[name]["graph"] = {"file": "given"}
            tables[name]["members"] = 1.0
    return tables, given


def _authors(platforms: Tables, given: dict[str, Any]) -> list[Any] | None:
    """Labels of persons known to be on an active follow platform; None without such a platform."""
    active = [name for name, table in platforms.items() if table["kind"] in ("follow", "friend") and table["active"]]
    if not active:
        return None
    named: set[Any] = set()
    for name in active:
        if name in given:
            labels = given[name].labels
            named |= set(range(given[name].n_persons) if labels is None else labels.tolist())
    return sorted(named)


def small_world(choose: Choices) -> SmallWorld:
    """Return a world of 5 to 60 persons."""
    n = choose.between(5, choose.one_of(15, 60))
    platforms, given = _platforms(choose, n)
    run = _run(choose)
    follow = [name for name, table in platforms.items() if table["kind"] in ("follow", "friend")]
    tagged = [name for name, table in platforms.items() if "carrier" in table]
    outlets = choose.some(OUTLET_NAMES, 0 if choose.often(5) else 1, 4)
    officials = choose.some(OFFICIAL_NAMES) if follow else []
    homes = [name for name, table in platforms.items() if table["kind"] != "contact" and "carrier" not in table]
    authors = _authors(platforms, given)
    horizon = HOUR * float(run["horizon"].split()[0])
    tables: Tables = {
        "run": run,
        "people": _people(choose, n) | {"home": choose.some(homes)},
        "platforms": platforms,
        "outlets": {name: outlet(choose, follow, [o for o in outlets if o != name]) for name in outlets},
        "officials": {name: official(choose, follow) for name in officials},
        "stories": {
            name: _story(choose, horizon, officials, authors, (follow, tagged)) for name in choose.some(STORY_NAMES, 1)
        },
    }
    seed, replicate = choose.below(2**31), choose.below(3)
    rows = add_people(choose, tables, given, authors)
    add_times(choose, given, run)
    return SmallWorld(Scenario.model_validate(tables), given, seed, replicate, rows)


def crowded_world(tick: str) -> SmallWorld:
    """Return a world of 800 persons: queues of thousands of events, and with long ticks thousands of ties."""
    platform = {
        "kind": "follow",
        "graph": {"generator": "popularity", "mean_followers": 15.0},
        "sessions": "60/day",
        "visibility": "6 h",
    }
    tables = {
        "run": {"tick": tick, "settle": "60 s", "horizon": "24 h"},
        "people": {"count": 800, "crosspost": "all"},
        "platforms": {
            "blog": platform,
            "chirp": platform | {"members": 0.5},
            "talk": {"kind": "contact", "graph": {"generator": "random", "mean_contacts": 4.0}, "meetings": "1/h"},
        },
        "outlets": {
            "tv": {"medium": "television", "audience": 1.0, "tune_in": "always", "watches": {"chirp": 0.1}},
            "radio": {"medium": "radio", "audience": 1.0, "follows": ["tv"], "accounts": {"blog": 1.0}},
        },
        "stories": {
            "quake": {"kind": "news", "witnesses": 400, "at": "10 min", "newsworthiness": 1.0},
            "hoax": {"kind": "fake", "authors": 3, "appeal": 3.0, "newsworthiness": 0.6},
        },
    }
    return SmallWorld(Scenario.model_validate(tables), {}, 1, 0)


def seeded_world(number: int) -> SmallWorld:
    """Return world number so-and-so: always the same."""
    generator = np.random.default_rng(number)
    return small_world(Choices(lambda n: int(generator.integers(n))))


@st.composite
def worlds(draw: st.DrawFn) -> SmallWorld:
    """Return any world, with hypothesis' choices."""
    return small_world(Choices(lambda n: draw(st.integers(0, n - 1))))
