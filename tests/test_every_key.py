"""Every key of a scenario changes what happens.

Each case changes one key in a small world chosen for it, and requires another event log. A key without a case fails.
"""

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from pydantic import BaseModel

from diffusion.graphs import FollowerGraph
from diffusion.scenario import RunSettings, Scenario, apply_changes
from diffusion.simulation import ensemble, simulate
from diffusion.vocabulary import Record
from diffusion.world import (
    ContactPlatform,
    FollowPlatform,
    FriendPlatform,
    GeneratedContacts,
    GeneratedFollowers,
    GraphFile,
    GroupFile,
    GroupPlatform,
    Official,
    Outlet,
    People,
    Role,
    Story,
    Watch,
)
from key_cases import CLUB, GRAPH_CASES, GRAPH_HOMES, TAGS, Case
from platform_cases import CLOCK, ON_CONTACT, ON_FOLLOW, ON_FRIENDS, ON_GROUPS

Tables = dict[str, Any]
PERSONS = 60

FOLLOW: Tables = {
    "kind": "follow", "sessions": {"law": "lognormal", "median": "20/day", "sd": 1.0}, "visibility": "2 h",
    "notified": 0.3, "notified_below": 12.0, "reaction": "5 min",
}  # fmt: skip

BASE: Tables = {
    "run": {"start": "2016-11-08T17:00:00", "horizon": "36 h"},
    "people": {"count": PERSONS, "repetition": 0.5, "crosspost": "all"},
    "platforms": {
        "blog": {**FOLLOW, "graph": {"file": "given", "meaning": "follower,followed"}},
        "chirp": {**FOLLOW, "members": 0.9, "graph": {"generator": "popularity", "mean_followers": 6.0}},
        "talk": {"kind": "contact", "graph": {"generator": "random", "mean_contacts": 3.0}, "tell": 0.6},
        "home": {"kind": "contact", "graph": {"generator": "households", "size": 3}, "meetings": "1/h"},
    },
    "outlets": {
        "tv": {
            "medium": "television", "tune_in": "radio", "block": "2 h", "watches": {"blog": {"witnesses": 2}},
            "accounts": {"chirp": 0.3},
        },
        "paper": {"medium": "newspaper", "gather": "never", "follows": ["tv"], "watches": {"chirp": 0.1}},
        "site": {"medium": "news_site", "visits": "1/h", "accept_false": 0.5},
    },
    "officials": {"mayor": {"platform": "chirp", "followers": 0.5}},
    "stories": {
        "quake": {"kind": "news", "witnesses": 6, "appeal": 1.0, "newsworthiness": 0.8, "at": "10 min"},
        "match": {"kind": "news", "appeal": 1.0, "newsworthiness": 0.3},
        "hoax": {"kind": "fake", "authors": 3, "appeal": 1.0, "newsworthiness": 0.6},
        "speech": {"kind": "statement", "official": "mayor", "appeal": 1.0},
    },
}  # fmt: skip
RUN = {
    "seed": Case(2),
    "start": Case("2016-11-08T20:15:00"),
    "horizon": Case("6 h"),
    "tick": Case("250 ms"),
    "settle": Case("40 min"),
    "redraw": Case("world"),
}
PEOPLE = {
    "count": Case(PERSONS + 1, {"platforms.blog.graph": {"generator": "popularity", "mean_followers": 6.0}}),
    "ages": Case({"18-29": 1.0, "30-49": 0.0, "50-64": 0.0, "65+": 0.0}, {"outlets.tv.audience": "pew-2016"}),
    "propensity_sd": Case(0.1),
    "credulity_mean": Case(3.0),
    "credulity_sd": Case(0.0),
    "repetition": Case(1.0),
    "own_eyes_trust": Case(0.01, {"stories.quake.witnesses": 30, "stories.quake.report": 0.1}),
    "belief_factor": Case(False),
    "share_rule": Case("threshold"),
    "crosspost": Case("same"),
    "home": Case(["chirp"], {"people.crosspost": "home"}),
}
ON_OUTLET = {
    "medium": Case("radio", {"outlets.tv": {"medium": "television"}}),
    "active": Case(False),
    "audience": Case("pew-2016"),
    "habit": Case(0.5),
    "tune_in": Case("always"),
    "block": Case("30 min"),
    "schedule": Case("continuous"),
    "bulletins": Case(["20:10"], {"outlets.tv.bulletins": ["20:00"]}),
    "every": Case("30 min"),
    "visits": Case("2/h", {"outlets.tv.schedule": "continuous"}),
    "clock": Case(CLOCK, {"outlets.tv.schedule": "continuous"}),
    "reading": Case("1 h"),
    "coverage": Case("1 h"),
    "breaking": Case(0.9),
    "breaking_every": Case("20 min"),
    "breaking_for": Case("0 s"),
    "gather": Case("never"),
    "verify": Case("2 h"),
    "accept_true": Case(0.0),
    "accept_false": Case(1.0, {"outlets.tv.watches": {"chirp": 0.01}}),
    "witness_speed": Case(5.0, {"outlets.tv.gather": "3 h", "stories.quake.report": 1.0}),
    "watches": Case({}, {"outlets.tv.gather": "never"}),
    "follows": Case(["site"], {"outlets.tv.gather": "never"}),
    "follow_delay": Case("3 h", {"outlets.tv.gather": "never", "outlets.tv.follows": ["site"]}),
    "statements": Case("never"),
    "accounts": Case({}),
    "trust": Case(0.01),
}
ON_WATCH = {
    "share": Case(0.5, {"outlets.tv.gather": "never", "outlets.tv.watches": {"chirp": {"share": 0.01}}}),
    "witnesses": Case(
        3,
        {
            "outlets.tv.gather": "never",
            "outlets.tv.watches": {"chirp": {"witnesses": 1}},
            "platforms.blog.active": False,
            "platforms.chirp.reaction": {"law": "exponential", "mean": "1 h"},
            "stories.quake.report": 1.0,
        },
    ),
}
ON_OFFICIAL = {
    "platform": Case("blog"),
    "followers": Case(0.9),
    "approval": Case("1 h"),
    "trust": Case(0.01, {"officials.mayor.followers": 1.0}),
    "boost": Case(8.0, {"platforms.chirp.visibility": "20 min"}),
}
STARS: Tables = {"roles.stars": {"most_followed": 9}}
BY_STARS: Tables = STARS | {"stories.quake.authors_from": "stars"}
ON_STORY = {
    "kind": Case("citizen_post"),
    "at": Case("3 h"),
    "truth": Case(False),
    "appeal": Case(0.1),
    "appeal_sd": Case(1.0),
    "appeal_cap": Case(0.05),
    "newsworthiness": Case(0.4),
    "half_life": Case("1 h"),
    "witnesses": Case(9),
    "report": Case(0.0),
    "witnesses_from": Case("stars", STARS),
    "authors": Case(2),
    "authors_from": Case("stars", STARS),
    "author_weight": Case(3.0, {"stories.quake.authors": 5}),
    "official": Case("mayor"),
    "rank": Case({"chirp": 0.1}),
    "tags": Case({"club": [1]}, TAGS),
}
ON_ROLE = {
    "labels": Case([3, 4], BY_STARS),
    "share": Case(0.5, BY_STARS),
    "most_followed": Case(4, BY_STARS),
}
ON_FOLLOWERS = {
    "mean_followers": Case(3.0),
    "exponent": Case(4.0),
    "reciprocity": Case(0.0),
}
ON_CONTACTS = {
    "generator": Case({"generator": "households", "size": 4}, place="platforms.talk.graph"),
    "mean_contacts": Case(1.0),
    "size": Case(4, place="platforms.home.graph.size"),
}

SECTIONS: list[tuple[type[BaseModel], str, dict[str, Case]]] = [
    (RunSettings, "run", RUN),
    (People, "people", PEOPLE),
    (FollowPlatform, "platforms.chirp", ON_FOLLOW),
    (FriendPlatform, "platforms.circle", ON_FRIENDS),
    (GroupPlatform, "platforms.club", ON_GROUPS),
    (ContactPlatform, "platforms.talk", ON_CONTACT),
    (Outlet, "outlets.tv", ON_OUTLET),
    (Watch, "outlets.tv.watches.chirp", ON_WATCH),
    (Official, "officials.mayor", ON_OFFICIAL),
    (Story, "stories.quake", ON_STORY),
    (Role, "roles.stars", ON_ROLE),
    (GeneratedFollowers, "platforms.chirp.graph", ON_FOLLOWERS),
    (GeneratedContacts, "platforms.talk.graph", ON_CONTACTS),
    *((model, f"platforms.{GRAPH_HOMES[model]}.graph", cases) for model, cases in GRAPH_CASES.items()),
]

ONE_VALUE = {(model, "generator") for model in (GeneratedFollowers, *GRAPH_CASES)} | {(GroupPlatform, "kind")}
"""Keys of which there is only one value."""

OUTPUT_ONLY = {
    (RunSettings, "replicates"): "how many runs there are, not what happens in one",
    (RunSettings, "record"): "how much of a run is kept",
}

FROM_FILES = {
    (GraphFile, "file"),
    (GraphFile, "meaning"),
    (GraphFile, "weight"),
    (GraphFile, "since"),
    (GraphFile, "until"),
    (GraphFile, "clock"),
    (GroupFile, "file"),
    (GroupFile, "person"),
    (GroupFile, "group"),
    (People, "file"),
    (Role, "place"),
}
"""Keys of files, tested with files."""

CASES = [
    pytest.param(case.place or f"{place}.{key}", case, id=f"{model.__name__}.{key}")
    for model, place, cases in SECTIONS
    for key, case in cases.items()
]


def given_graphs(scenario: Scenario) -> dict[str, FollowerGraph]:
    """Graphs for those platforms that read a file: 6 followers each with weights, and pairs without."""
    generator = np.random.default_rng(5)
    ends = generator.integers(PERSONS, size=(2, 6 * PERSONS))
    weights = generator.choice([0.1, 1.0, 2.0], size=6 * PERSONS)
    known = {
        "blog": FollowerGraph.from_links(*ends, weights=weights, n_persons=PERSONS),
        "extra": FollowerGraph.from_links(*ends, n_persons=PERSONS, mutual=True),
        "circle": FollowerGraph.from_links(*ends, weights=weights, n_persons=PERSONS, mutual=True),
    }
    return {name: known[name] for name, p in scenario.platforms.items() if isinstance(p.graph, GraphFile)}


def scenario_of(*changes: Tables) -> Scenario:
    tables = BASE
    for change in changes:
        tables = apply_changes(tables, change)
    return Scenario.model_validate(tables)


def log(scenario: Scenario) -> list[tuple[int, ...]]:
    events = simulate(scenario, graphs=given_graphs(scenario), record="events").events
    assert events is not None
    return events.rows()


# --- no key is forgotten ----------------------------------------------------------------------------------------------


def models_in(annotation: Any) -> set[type[BaseModel]]:
    """All models that an annotation names, and those that they name in turn."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}.union(*(models_in(field.annotation) for field in annotation.model_fields.values()))
    return set().union(*(models_in(part) for part in get_args(annotation)))


def test_every_key_has_a_case() -> None:
    keys = {(model, key) for model in models_in(Scenario) - {Scenario} for key in model.model_fields}
    tested = {(model, key) for model, _, cases in SECTIONS for key in cases}
    assert len(keys) > 100, "the walk through the models found too little"
    assert keys == tested | ONE_VALUE | OUTPUT_ONLY.keys() | FROM_FILES
    for model, key in ONE_VALUE:
        assert len(get_args(model.model_fields[key].annotation)) == 1


# --- what happens -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("place", "case"), CASES)
def test_a_key_changes_what_happens(place: str, case: Case) -> None:
    base, other = scenario_of(case.also), scenario_of(case.also, {place: case.value})
    assert base != other, "the case changes nothing"
    is_other = log(base) != log(other)
    assert is_other, "the same events"


def test_the_same_scenario_gives_the_same_events() -> None:
    """Without this the comparisons above would show nothing."""
    assert log(scenario_of()) == log(scenario_of())


@pytest.mark.parametrize("key", ["file", "meaning", "weight", "since", "until", "clock"])
def test_a_key_of_a_graph_file_changes_what_happens(key: str, tmp_path: Path) -> None:
    generator = np.random.default_rng(5)
    for name in ("a.csv", "b.csv"):
        links = generator.integers(PERSONS, size=(6 * PERSONS, 2)).tolist()
        lines = [f"{u},{v},{w / 4},{(u + v) % 3},{9 * w},{4000 + 9 * w}" for w, (u, v) in enumerate(links)]
        (tmp_path / name).write_text("\n".join(["from,to,strength,other,a,b", *lines]) + "\n", encoding="utf-8")
    graph = {"file": str(tmp_path / "a.csv"), "meaning": "followed,follower", "weight": "strength"}
    other = {"file": str(tmp_path / "b.csv"), "meaning": "follower,followed", "weight": "other", "until": "b"}
    other |= {"since": "a", "clock": "wall"}
    graph |= {"until": "b"} if key == "clock" else {}
    logs = []
    for changed in (graph, graph | {key: other[key]}):
        scenario = scenario_of({"platforms.blog.graph": changed})
        events = simulate(scenario, record="events").events
        assert events is not None
        logs.append(events.rows())
    assert logs[0] != logs[1]


def test_a_file_of_persons_and_a_place_in_it_change_what_happens(tmp_path: Path) -> None:
    ready, places = ["0.1", "9"] * (PERSONS // 2), ["Ulm", "Köln"] * (PERSONS // 2)
    lines = [f"{i},{e},{place}" for i, (e, place) in enumerate(zip(ready, places, strict=True))]
    (tmp_path / "people.csv").write_text("\n".join(["label,propensity,place", *lines]), encoding="utf-8")
    file: Tables = {"people.file": str(tmp_path / "people.csv")}
    assert log(scenario_of(file)) != log(scenario_of())
    logs = [log(scenario_of(file, BY_STARS, {"roles.stars.place": place})) for place in ("Ulm", "Köln")]
    assert logs[0] != logs[1]


@pytest.mark.parametrize("key", ["file", "person", "group"])
def test_a_key_of_a_file_of_groups_changes_what_happens(key: str, tmp_path: Path) -> None:
    generator = np.random.default_rng(6)
    for name in ("a.csv", "b.csv"):
        rows = generator.integers(PERSONS, size=(2 * PERSONS, 2)).tolist()
        lines = [f"{u},{v},{u % 7},{v % 7}" for u, v in rows]
        (tmp_path / name).write_text("\n".join(["person,other,group,crowd", *lines]) + "\n", encoding="utf-8")
    groups = {"file": str(tmp_path / "a.csv"), "person": "person", "group": "group"}
    other = {"file": str(tmp_path / "b.csv"), "person": "other", "group": "crowd"}
    logs = []
    for changed in (groups, groups | {key: other[key]}):
        logs.append(log(scenario_of({"platforms.club": {**CLUB, "graph": changed}})))
    assert logs[0] != logs[1]


def test_seed_and_replicate_given_to_simulate_change_what_happens() -> None:
    scenario = scenario_of()
    logs = set()
    for seed, replicate in ((1, 0), (2, 0), (1, 1)):
        outcome = simulate(scenario, graphs=given_graphs(scenario), seed=seed, replicate=replicate, record="events")
        assert outcome.events is not None
        logs.add(tuple(outcome.events.rows()))
    assert len(logs) == 3


# --- what is only kept or reported ------------------------------------------------------------------------------------


def test_replicates_says_how_many_runs_there_are() -> None:
    for count in (1, 3):
        scenario = scenario_of({"run.replicates": count})
        found = ensemble(scenario, graphs=given_graphs(scenario), measure=lambda outcome: outcome.replicate)
        assert found == list(range(count))


def test_record_says_what_is_kept() -> None:
    kept = {
        "sizes": None,
        "curves": "curves",
        "times": "first_tick",
        "parents": "first_post",
        "all": "evidence",
        "events": "events",
    }
    levels = list(kept)
    for at, level in enumerate(levels):
        scenario = scenario_of({"run.record": level})
        outcome = simulate(scenario, graphs=given_graphs(scenario))
        assert outcome.record == Record[level.upper()]
        for other, column in kept.items():
            if column is not None:
                assert (getattr(outcome, column) is not None) == (levels.index(other) <= at)
