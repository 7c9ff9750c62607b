"""Roles say among whom a story begins; ages say who is in which audience."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from diffusion.assembly import Assembler, World
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph
from diffusion.scenario import Scenario
from diffusion.simulation import simulate
from diffusion.vocabulary import EventKind
from diffusion.world import BANDS, DIETS, Outlet
from diffusion.world.ages import AGES

Tables = dict[str, Any]

FOLLOW: Tables = {"kind": "follow", "graph": {"file": "given", "meaning": "follower,followed"}}
STAR = FollowerGraph.from_links([0, 0, 0, 1, 1, 2, 3], [1, 2, 3, 2, 3, 3, 4])
"""0 has three followers, 1 two, 2 and 3 one each, 4 none."""


def scenario(**tables: Any) -> Scenario:
    stories = {"s": {"kind": "news", "witnesses": 1}}
    return Scenario.model_validate({"platforms": {"net": FOLLOW}, "stories": stories, **tables})


def world(graph: FollowerGraph = STAR, seed: int = 1, **tables: Any) -> World:
    return Assembler({"net": graph}).world(scenario(**tables), seed=seed)


def people(folder: Path, text: str) -> Tables:
    (folder / "people.csv").write_text(text, encoding="utf-8")
    return {"file": str(folder / "people.csv")}


def began(story: Tables, **tables: Any) -> list[tuple[int, int]]:
    """(person, whether as an author) of all own eyes."""
    found = scenario(stories={"s": {"kind": "citizen_post", **story}}, **tables)
    events = simulate(found, graphs={"net": STAR}, record="events").events
    assert events is not None
    return [(row[2], row[6]) for row in events.rows() if row[1] == EventKind.OWN_EYES]


# --- roles ------------------------------------------------------------------------------------------------------------


def test_rules_narrow_one_another_down_in_their_order(tmp_path: Path) -> None:
    file = people(tmp_path, "label,place,role:bots\n0,Ulm,0\n1,Köln,1\n2,Köln,1\n3,Köln,\n9,Köln,1\n")
    rules: Tables = {
        "stars": {"most_followed": 2},
        "tie": {"most_followed": 3},
        "local": {"place": "Köln"},
        "first": {"place": "Köln", "most_followed": 1},
        "named": {"labels": [4, 0]},
        "both": {"labels": [4, 0, 1], "place": "Köln"},
        "none": {"share": 0.0},
        "all": {"share": 1.0},
    }
    found = world(people=file, roles=rules).people
    assert found.labels is not None
    assert found.labels.tolist() == [0, 1, 2, 3, 4, 9]
    assert {name: np.flatnonzero(role).tolist() for name, role in found.roles.items()} == {
        "bots": [1, 2, 5], "stars": [0, 1], "tie": [0, 1, 2], "local": [1, 2, 3, 5], "first": [1], "named": [0, 4],
        "both": [1], "none": [], "all": [0, 1, 2, 3, 4, 5],
    }  # fmt: skip


def test_a_share_is_drawn_by_person_and_role() -> None:
    """2,000 at .3: 600 ± 6 · 20.5, false alarm 2e-9; two roles share no draw: 180 in both, ± 6 · 12.8."""
    ring = FollowerGraph.from_links(np.arange(2000), (np.arange(2000) + 1) % 2000)
    found = world(ring, roles={"a": {"share": 0.3}, "b": {"share": 0.3}}).people
    assert abs(found.role("a").sum() - 600) < 123
    assert abs((found.role("a") & found.role("b")).sum() - 180) < 77
    other = world(ring, roles={"a": {"share": 0.4}}).people
    assert not (found.role("a") & ~other.role("a")).any(), "a larger share keeps those of the smaller"


def test_followers_count_on_all_follow_platforms_together_active_or_not() -> None:
    more = FollowerGraph.from_links([4, 4, 4, 4], [0, 1, 2, 3])
    platforms = {"net": FOLLOW, "more": {**FOLLOW, "active": False}}
    found = Assembler({"net": STAR, "more": more}).world(
        scenario(platforms=platforms, roles={"top": {"most_followed": 1}}), seed=1
    )
    assert np.flatnonzero(found.people.role("top")).tolist() == [4]


ROLES: Tables = {"stars": {"most_followed": 3}}


def test_a_story_begins_among_those_of_a_role() -> None:
    assert began({"authors_from": "stars"}, roles=ROLES) == [(0, 1), (1, 1), (2, 1)]
    assert began({"witnesses_from": "stars"}, roles=ROLES) == [(0, 0), (1, 0), (2, 0)]
    for count in (1, 2):
        for key in ("authors", "witnesses"):
            drawn = began({key: count, f"{key}_from": "stars"}, roles=ROLES)
            assert len(drawn) == count
            assert {person for person, _ in drawn} <= {0, 1, 2}


def test_who_is_on_no_platform_cannot_be_an_author(tmp_path: Path) -> None:
    file = people(tmp_path, "label,role:bots\n1,1\n9,1\n")
    assert began({"authors_from": "bots"}, people=file) == [(1, 1)]
    assert began({"witnesses_from": "bots"}, people=file) == [(1, 0), (5, 0)]


WRONG: dict[str, tuple[Tables, Tables, str]] = {
    "no such role": (
        {"authors_from": "stras"}, {"roles": ROLES},
        'stories.s.authors_from: there is no role "stras"; did you mean "stars"?'),
    "no role at all": (
        {"witnesses_from": "stars"}, {}, 'stories.s.witnesses_from: there is no role "stars"'),
    "too few": (
        {"authors": 4, "authors_from": "stars"}, {"roles": ROLES},
        'stories.s.authors = 4: only 3 persons have the role "stars" and are members of a platform'),
    "too few witnesses": (
        {"witnesses": 4, "witnesses_from": "stars"}, {"roles": ROLES},
        'stories.s.witnesses = 4: only 3 persons have the role "stars"'),
    "nobody": (
        {"witnesses_from": "none"}, {"roles": {"none": {"share": 0.0}}},
        'stories.s.witnesses: no persons have the role "none"'),
    "named and drawn": (
        {"authors": [1], "authors_from": "stars"}, {"roles": ROLES}, "stories.s.authors: they are named already"),
    "witnesses of a fake": (
        {"kind": "fake", "witnesses_from": "stars"}, {"roles": ROLES},
        'stories.s.witnesses_from = "stars": nobody sees with their own eyes what did not happen'),
    "an empty rule": ({"witnesses": 1}, {"roles": {"x": {}}}, "roles.x: give labels = […]"),
    "an unknown person": (
        {"witnesses": 1}, {"roles": {"x": {"labels": [7]}}}, "roles.x.labels: no person has the label 7"),
    "a place without a file": (
        {"witnesses": 1}, {"roles": {"x": {"place": "Ulm"}}}, 'roles.x.place = "Ulm": places come from a column'),
    "a name with a dot": ({"witnesses": 1}, {"roles": {"x.y": ROLES["stars"]}}, 'roles: "x.y" is not a name'),
}  # fmt: skip


@pytest.mark.parametrize(("story", "tables", "line"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_role_is_one_line(story: Tables, tables: Tables, line: str) -> None:
    base = scenario(stories={"s": {"kind": "citizen_post", "witnesses": 1}})
    changes = {"stories.s": {"kind": "citizen_post", **story}, **tables}
    with pytest.raises(InputError) as raised:
        simulate(base.changed(changes), graphs={"net": STAR})
    assert str(raised.value).startswith(line)


def test_a_role_of_the_file_and_a_rule_of_its_name_are_refused(tmp_path: Path) -> None:
    file = people(tmp_path, "label,role:stars\n1,1\n")
    with pytest.raises(InputError, match=r'column "role:stars": \[roles.stars\] is a role of that name already'):
        world(people=file, roles=ROLES)
    file = people(tmp_path, "label,place\n1,Ulm\n")
    with pytest.raises(InputError, match=r'roles.x.place = "ulm": nobody is from there; did you mean "Ulm"'):
        world(people=file, roles={"x": {"place": "ulm"}})


# --- ages -------------------------------------------------------------------------------------------------------------

CROWD = 20_000
TELEVISION = DIETS["pew-2016"]["television"]


def crowd(outlet: Tables, members: Any = 1.0, **keys: Any) -> World:
    platform = {"kind": "follow", "members": members, "graph": {"generator": "popularity", "mean_followers": 2}}
    tables = {"people": {"count": CROWD, **keys}, "platforms": {"net": platform}}
    outlets = {"tv": {"medium": "television", **outlet}}
    return Assembler().world(scenario(**tables, outlets=outlets), seed=3)


def shares_by_band(found: World, chosen: np.ndarray) -> list[float]:
    bands = found.people.column("age_band")
    return [float(chosen[bands == band].mean()) for band in BANDS]


def within(found: list[float], wanted: tuple[float, ...], persons: int) -> bool:
    """Each share within 6 standard errors of the smallest group: a right program fails once in 10^8."""
    return all(abs(a - b) < 6 * 0.5 / np.sqrt(persons) for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize(("keys", "ages"), [({}, AGES), ({"ages": (0.1, 0.2, 0.3, 0.4)}, (0.1, 0.2, 0.3, 0.4))])
def test_ages_and_audiences_by_age_have_the_asked_for_shares(keys: Tables, ages: tuple[float, ...]) -> None:
    found = crowd({"audience": "pew-2016"}, **keys)
    assert found.people.bands is not None
    drawn = [float((found.people.bands == band).mean()) for band in range(4)]
    assert within(drawn, ages, CROWD)
    watching = np.zeros(CROWD, dtype=bool)
    watching[found.audiences["tv"].persons] = True
    assert within(shares_by_band(found, watching), TELEVISION, CROWD // 10)
    # The control: another medium's diet is told apart.
    assert not within(shares_by_band(found, watching), DIETS["pew-2016"]["radio"], CROWD // 10)


def test_membership_by_age_has_the_asked_for_shares() -> None:
    members = (0.9, 0.5, 0.3, 0.1)
    found = crowd({}, members=members)
    assert within(shares_by_band(found, found.members["net"]), members, CROWD // 10)
    assert not within(shares_by_band(found, found.members["net"]), members[::-1], CROWD // 10)


def test_a_known_age_counts_in_place_of_a_drawn_one(tmp_path: Path) -> None:
    file = people(tmp_path, "label,age\n0,17\n1,29.9\n2,30\n3,65\n4,64\n")
    found = world(people=file).people
    assert found.column("age_band").tolist() == ["18-29", "18-29", "30-49", "65+", "50-64"]


def test_bands_are_drawn_only_where_ages_play_a_part() -> None:
    plain = crowd({})
    assert plain.people.bands is None
    with pytest.raises(InputError, match='no column "age_band"'):
        plain.people.column("age_band")
    assert crowd({}, ages=AGES).people.bands is not None


def test_one_share_for_all_ages_is_the_same_audience_as_a_number() -> None:
    number, table = crowd({"audience": 0.4}), crowd({"audience": (0.4, 0.4, 0.4, 0.4)})
    assert np.array_equal(number.audiences["tv"].persons, table.audiences["tv"].persons)


@pytest.mark.parametrize("medium", DIETS["pew-2016"])
def test_the_diet_of_a_medium_follows_a_change_of_the_medium(medium: str) -> None:
    base = scenario(outlets={"x": {"medium": "television", "audience": "pew-2016"}})
    changed = base.changed({"outlets.x.medium": medium}).outlets["x"]
    assert changed.audience_shares == DIETS["pew-2016"][medium]


def test_the_diets_give_the_totals_of_the_survey() -> None:
    """57, 25, 20 and 38 % of adults, within 2 points: the shares by age are rounded, and so are those of the ages."""
    for medium, total in {"television": 0.57, "radio": 0.25, "newspaper": 0.20, "news_site": 0.38}.items():
        assert Outlet(medium=medium).audience == total  # type: ignore[arg-type]
        assert np.dot(AGES, DIETS["pew-2016"][medium]) == pytest.approx(total, abs=0.02)


def test_tables_by_age_survive_writing_and_reading() -> None:
    found = scenario(
        people={"ages": dict(zip(BANDS, AGES, strict=True))},
        outlets={"x": {"medium": "radio", "audience": dict(zip(BANDS, (0.1, 0.2, 0.3, 0.4), strict=True))}},
    )
    tree = found.model_dump(mode="json")
    assert tree["outlets"]["x"]["audience"] == {"18-29": 0.1, "30-49": 0.2, "50-64": 0.3, "65+": 0.4}
    assert Scenario.model_validate(tree) == found
    changed = found.changed({"outlets.x.audience.65+": 0.9})
    assert changed.outlets["x"].audience == (0.1, 0.2, 0.3, 0.9)
