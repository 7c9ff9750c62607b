"""Experiments as files: variants, changes, graph files, defaults, and the JSON Schema of the format."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from diffusion.config import read_experiment
from diffusion.config.changes import Change, flatten, read_set
from diffusion.errors import InputError
from diffusion.scenario import Experiment, Scenario
from diffusion.world import GeneratedFollowers, GraphFile

EXPERIMENTS = Path(__file__).resolve().parents[1] / "experiments"

SMALL = """
title = "a small world"
[run]
seed = 7
replicates = 3
start = 2016-11-08T18:00:00
horizon = "6 h"
[people]
count = 200
[platforms.twitter]
kind = "follow"
graph = { generator = "popularity", mean_followers = 10 }
[platforms.others]
kind = "contact"
graph = { generator = "random", mean_contacts = 4 }
[outlets.wire]
medium = "wire"
[outlets.evening]
medium = "television"
bulletins = ["06:30", "20:00"]
follows = ["wire"]
watches = { twitter = 5e-3 }
[stories.quake]
kind = "news"
witnesses = 3
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def read(path: Path, more: str = "", **options: Any) -> Experiment:
    path.write_text(SMALL + more, encoding="utf-8")
    return read_experiment(path, **options)


def refusal(path: Path, more: str = "", **options: Any) -> str:
    with pytest.raises(InputError) as raised:
        read(path, more, **options)
    message = str(raised.value)
    assert "\n" not in message
    return message.replace(str(path), "small.toml")


# --- what a file says ------------------------------------------------------------------------------------------------


def test_a_file_is_read_as_written(small: Path) -> None:
    experiment = read_experiment(small)
    scenario = experiment.scenario
    assert (experiment.name, experiment.title) == ("small", "a small world")
    assert scenario.run.start == datetime(2016, 11, 8, 18)
    assert scenario.run.horizon == 6 * 3600
    assert scenario.outlets["evening"].bulletins == (6 * 3600 + 1800, 20 * 3600)
    assert scenario.outlets["evening"].watches["twitter"].share == 5e-3
    assert scenario.stories["quake"].witnesses == 3


def test_a_preset_fills_what_is_not_written(small: Path) -> None:
    evening = read_experiment(small).scenario.outlets["evening"]
    assert (evening.audience, evening.trust) == (0.57, 0.75)
    assert evening.every is None


def test_without_variants_there_is_one(small: Path) -> None:
    experiment = read_experiment(small)
    assert experiment.variants == {"base": experiment.scenario}
    assert experiment.changes == {"base": {}}


def test_what_is_read_survives_writing_and_reading(small: Path) -> None:
    scenario = read_experiment(small).scenario
    assert Scenario.model_validate(scenario.model_dump(mode="json")) == scenario


def test_a_byte_order_mark_is_no_mistake(small: Path) -> None:
    small.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert read_experiment(small).scenario.run.seed == 7


# --- variants --------------------------------------------------------------------------------------------------------

VARIANTS = {
    "dotted": '[variants.a]\n"platforms.twitter.active" = false\n"run.horizon" = "3 h"',
    "nested": "[variants.a]\nplatforms.twitter.active = false\nrun.horizon = '3 h'",
    "tables": "[variants.a.platforms.twitter]\nactive = false\n[variants.a.run]\nhorizon = '3 h'",
}


@pytest.mark.parametrize("text", VARIANTS.values(), ids=VARIANTS.keys())
def test_a_variant_differs_in_the_keys_it_names_and_no_others(small: Path, text: str) -> None:
    experiment = read(small, text)
    changed = experiment.variants["a"].model_dump()
    base = experiment.scenario.model_dump()
    assert changed["platforms"]["twitter"].pop("active") is False
    assert base["platforms"]["twitter"].pop("active") is True
    assert changed["run"].pop("horizon") != base["run"].pop("horizon")
    assert changed == base
    assert experiment.changes == {"a": {"platforms.twitter.active": False, "run.horizon": "3 h"}}


def test_a_star_stands_for_every_name_and_later_keys_win(small: Path) -> None:
    experiment = read(small, '[variants.a]\n"outlets.*.active" = false\n"outlets.wire.active" = true')
    assert {n: o.active for n, o in experiment.variants["a"].outlets.items()} == {"evening": False, "wire": True}


def test_variants_keep_the_order_of_the_file(small: Path) -> None:
    assert list(read(small, "[variants.z]\n[variants.a]\n[variants.m]").variants) == ["z", "a", "m"]


def test_a_law_is_replaced_as_a_whole(small: Path) -> None:
    text = '[variants.a.platforms.twitter]\nscroll = { law = "exponential", mean = "1 min" }'
    law = read(small, text).variants["a"].platforms["twitter"].scroll
    assert (law.name, law.parameters) == ("exponential", (60.0,))


def test_a_graph_with_a_generator_is_new_and_without_one_the_same_but_for_its_keys(small: Path) -> None:
    experiment = read(
        small,
        "[variants.a.platforms.twitter.graph]\nmean_followers = 20\n"
        "[variants.b.platforms.twitter.graph]\ngenerator = 'popularity'\nexponent = 3.0",
    )
    assert experiment.variants["a"].platforms["twitter"].graph.mean_followers == 20
    assert experiment.variants["b"].platforms["twitter"].graph == GeneratedFollowers(
        generator="popularity", exponent=3.0
    )


def test_every_takes_the_place_of_bulletins_and_back(small: Path) -> None:
    evening = read(small, '[variants.a]\n"outlets.evening.every" = "1 h"').variants["a"].outlets["evening"]
    assert (evening.every, evening.bulletins) == (3600.0, None)
    wire = read(small, '[variants.a]\n"outlets.wire.bulletins" = ["12:00"]').variants["a"].outlets["wire"]
    assert (wire.every, wire.bulletins) == (None, (43200,))


def test_watching_can_be_switched_off_or_changed_below(small: Path) -> None:
    text = '[variants.a]\n"outlets.evening.watches" = {}\n[variants.b]\n"outlets.evening.watches.twitter.witnesses" = 4'
    experiment = read(small, text)
    assert experiment.variants["a"].outlets["evening"].watches == {}
    watch = experiment.variants["b"].outlets["evening"].watches["twitter"]
    assert (watch.share, watch.witnesses) == (5e-3, 4)


def test_newsgathering_can_be_never(small: Path) -> None:
    assert read(small, '[variants.a]\n"outlets.wire.gather" = "never"').variants["a"].outlets["wire"].gather is None


WRONG_VARIANTS = {
    '"platforms.twiter.active" = false': 'there is no "twiter" under [platforms]; did you mean "twitter"?',
    '"platforms.twitter.activ" = false': 'platforms.twitter.activ: unknown key; did you mean "active"?',
    '"platfroms.twitter.active" = false': 'unknown key "platfroms"; did you mean "platforms"?',
    '"platforms.*.reshare" = false': "platforms.others.reshare: unknown key",
    '"outlets.evening.bulletins" = ["25:00"]': 'outlets.evening.bulletins[0]: "25:00" is not a time of day',
    '"run.seed" = 3': "variants share seed and replicates",
    '"people.*" = 3': '"*" stands for the names under',
    '"officials.*.trust" = 0.5': '"*" stands for nothing there',
    '"outlets..active" = true': "is not a key",
    '"people.count.x" = 3': '"count" is a value, not a table',
    '"platforms.twitter.graph.file" = "nowhere.csv"': '"nowhere.csv": no such file',
}


@pytest.mark.parametrize(("text", "expected"), WRONG_VARIANTS.items())
def test_a_wrong_change_names_the_file_the_variant_and_the_key(small: Path, text: str, expected: str) -> None:
    message = refusal(small, f"[variants.a]\n{text}")
    assert message.startswith("small.toml: variants.a: ")
    assert expected in message


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"platforms.twitter.activ": False}, 'platforms.twitter.activ: unknown key; did you mean "active"?'),
     ({"run.horizon": "0 h"}, 'run.horizon: "0 h": must be longer than 0'),
     ({"people.count.x": 3}, '"people.count.x": "count" is a value, not a table')],
)  # fmt: skip
def test_a_wrong_change_of_a_scenario_is_refused_in_one_line(
    small: Path, changes: dict[str, Any], expected: str
) -> None:
    scenario = read_experiment(small).scenario
    with pytest.raises(InputError) as raised:
        scenario.changed(changes)
    assert str(raised.value) == expected
    assert scenario.changed({"run.horizon": "1 h"}).run.horizon == 3600


# --- changes from outside --------------------------------------------------------------------------------------------


def test_a_change_reaches_the_base_and_every_variant(small: Path) -> None:
    experiment = read(
        small, "[variants.a]\n[variants.b]", overrides=["people.count=50", "platforms.twitter.latency=2 ms"]
    )
    for scenario in (experiment.scenario, *experiment.variants.values()):
        assert scenario.people.count == 50
        assert scenario.platforms["twitter"].latency == 0.002


def test_a_variant_overrules_a_change_and_says_so(small: Path) -> None:
    text = '[variants.a]\n"platforms.twitter.active" = false\n[variants.b]'
    experiment = read(small, text, overrides=["platforms.*.active=true"])
    assert not experiment.variants["a"].platforms["twitter"].active
    assert experiment.notes == (
        "variant a keeps its own platforms.twitter.active; --set platforms.*.active does not reach it",
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [("a=1", 1), ("a=1_000", 1000), ("a=true", True), ("a = [0.1, 0.2]", [0.1, 0.2]), ("a=20 min", "20 min"),
     ("a=social", "social"), ('a="1"', "1"), ("a=.5", 0.5), ("a=x=y", "x=y"), ("a=1\nb=2", "1\nb=2"), ("a=", "")],
)  # fmt: skip
def test_the_value_of_a_change_is_toml_and_a_bare_word_a_text(text: str, value: object) -> None:
    assert read_set(text) == [Change("a", value, "--set")]


@pytest.mark.parametrize("text", ["people.count", "=3", "", " = 3"])
def test_a_change_without_key_or_value_is_refused(small: Path, text: str) -> None:
    assert "write key=value" in refusal(small, overrides=[text])


def test_a_wrong_change_from_outside_is_blamed_on_the_option(small: Path) -> None:
    assert refusal(small, overrides=["platforms.twitter.sesions=3"]) == (
        '--set platforms.twitter.sesions: unknown key; did you mean "sessions"?'
    )
    assert refusal(small, overrides=["people.count=50"], replicates=0).startswith(
        "--replicates: run.replicates: 0 is not"
    )
    assert refusal(small, "[variants.a]", overrides=["run.horizon=0 h"]).startswith('--set run.horizon: "0 h"')


def test_seed_and_replicates_replace_those_of_the_file(small: Path) -> None:
    run = read(small, "[variants.a]", seed=99, replicates=5).variants["a"].run
    assert (run.seed, run.replicates) == (99, 5)


def test_nested_tables_become_dotted_keys() -> None:
    table = {"platforms": {"t": {"active": True, "scroll": {"law": "exponential"}}}, "people.count": 3}
    assert {c.key: c.value for c in flatten(table, "")} == {
        "platforms.t.active": True,
        "platforms.t.scroll": {"law": "exponential"},
        "people.count": 3,
    }


# --- graph files -----------------------------------------------------------------------------------------------------


@pytest.fixture
def links(tmp_path: Path) -> Path:
    path = tmp_path / "links.csv"
    path.write_text("1,2\n2,3\n", encoding="utf-8")
    return path


def test_a_graph_file_replaces_the_generator_and_what_was_assumed_is_said(small: Path, links: Path) -> None:
    experiment = read(small, "[variants.a]", graphs=["twitter=links.csv"])
    graph = experiment.variants["a"].platforms["twitter"].graph
    assert isinstance(graph, GraphFile)
    assert (Path(graph.file), graph.meaning) == (links, "follower,followed")
    assert experiment.notes == (
        'twitter: links.csv is read as "follower,followed" (assumed; say otherwise with FILE:meaning)',
        "people.count = 200 is not used: everybody in the graph of twitter is a person",
    )


def test_a_share_of_members_beside_a_graph_file_is_said_to_be_unused(small: Path, links: Path) -> None:
    notes = read(small, overrides=["platforms.twitter.members=0.5"], graphs=[f"twitter={links}"]).notes
    assert "platforms.twitter.members = 0.5 is not used: everybody in the graph is a member" in notes


def test_contacts_from_a_file_are_mutual(small: Path, links: Path) -> None:
    assert read(small, graphs=[f"others={links}"]).scenario.platforms["others"].graph.meaning == "mutual"


def test_a_meaning_can_be_given_with_the_file(small: Path, links: Path) -> None:
    experiment = read(small, graphs=[f"twitter={links}:source,target"])
    assert experiment.scenario.platforms["twitter"].graph.meaning == "source,target"
    assert "as the option says" in experiment.notes[0]


def test_a_graph_file_in_the_experiment_lends_meaning_and_weight_to_its_successor(small: Path, links: Path) -> None:
    graph = 'graph = { file = "links.csv", meaning = "source,target", weight = 2 }'
    (small.parent / "other.csv").write_text("1,2,3\n", encoding="utf-8")
    more = f'[platforms.facebook]\nkind = "follow"\n{graph}'
    experiment = read(small, more, graphs=["facebook=other.csv"])
    after = experiment.scenario.platforms["facebook"].graph
    assert (Path(after.file).name, after.meaning, after.weight) == ("other.csv", "source,target", 2)
    assert "as in the experiment" in experiment.notes[0]


def test_paths_inside_are_looked_for_beside_the_experiment_first_those_outside_where_one_works(
    small: Path, links: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "links.csv").write_text("5,6\n", encoding="utf-8")
    monkeypatch.chdir(elsewhere)
    more = '[platforms.facebook]\nkind = "follow"\ngraph = { file = "links.csv", meaning = "mutual" }'
    experiment = read(small, more, graphs=["twitter=links.csv"])
    platforms = experiment.scenario.platforms
    assert Path(platforms["facebook"].graph.file).resolve() == links
    assert Path(platforms["twitter"].graph.file).resolve() == elsewhere / "links.csv"


WRONG_GRAPHS = {
    "twiter=links.csv": 'there is no platform "twiter"; did you mean "twitter"?',
    "twitter=link.csv": "no such file",
    "twitter=links.csv:sideways": '"sideways" does not say who follows whom',
    "others=links.csv:source,target": "contacts are mutual",
    "twitter": "write PLATFORM=FILE",
    "=links.csv": "write PLATFORM=FILE",
}


@pytest.mark.parametrize(("text", "expected"), WRONG_GRAPHS.items())
def test_a_wrong_graph_option_is_refused(small: Path, links: Path, text: str, expected: str) -> None:
    message = refusal(small, graphs=[text])
    assert message.startswith(f'--graph "{text}": ')
    assert expected in message


# --- names -----------------------------------------------------------------------------------------------------------

WRONG_NAMES = {
    'name = "../up"\n': 'name: "../up" is not a name',
    "[claim]\ntext='x'\nof=['base','bse']\nabove=1\n": 'claim.of: there is no variant "bse"; did you mean "base"?',
    "[measures]\npairs=[['base','x']]\n": 'measures.pairs: there is no variant "x"',
    "[measures]\nstory='quak'\n": 'measures.story: there is no story "quak"; did you mean "quake"?',
    "[claim]\ntext='x'\nof=['quake','x']\nabove=1\nmeasure='story_speed_ratio'\n": 'claim.of: there is no story "x"',
    "[claim]\ntext='x'\nof=['base','base']\n": "claim: give either above = … or below = …",
    "[claim]\nof=['base','base']\nabove=1\n": "claim.text: is missing",
    "[variants.'a.b']\n": 'variants: "a.b" is not a name',
    "[variants]\na=3\n": "variants.a: is not a table",
    "[stories.'a b.c']\nkind='news'\nwitnesses=1\n": 'stories: "a b.c" is not a name',
}


@pytest.mark.parametrize(("text", "expected"), WRONG_NAMES.items())
def test_names_must_exist_and_be_names(small: Path, text: str, expected: str) -> None:
    before = SMALL if not text.startswith("name") else ""
    small.write_text(before + text + (SMALL if not before else ""), encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_experiment(small)
    assert expected in str(raised.value)


# --- the catalogue ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(EXPERIMENTS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_experiment_of_the_catalogue_reads_and_states_a_claim(path: Path) -> None:
    experiment = read_experiment(path)
    assert experiment.title
    assert experiment.claim is not None
    assert len(experiment.variants) >= 2
    assert f"`{path.name}`" in (EXPERIMENTS / "README.md").read_text(encoding="utf-8")
