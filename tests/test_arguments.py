"""What Python users give to objects and verbs: a mistake is one line that names it, as in files."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from diffusion import Scenario, cascades, ensemble, simulate
from diffusion.config import read_experiment
from diffusion.errors import InputError
from diffusion.measures import reach
from diffusion.scenario import Experiment, RunSettings
from diffusion.study import run_experiment
from diffusion.world import FollowPlatform, People, Story

TABLES: dict[str, Any] = {
    "run": {"horizon": "6 h"},
    "people": {"count": 50},
    "platforms": {"chirp": {"kind": "follow", "graph": {"generator": "popularity", "mean_followers": 5}}},
    "stories": {"fire": {"kind": "news", "witnesses": 2}, "rain": {"kind": "news", "witnesses": 2, "at": "2 h"}},
}
SCENARIO = Scenario(**TABLES)


def refusal(*call: Any, **keys: Any) -> str:
    function, *values = call
    with pytest.raises(InputError) as raised:
        function(*values, **keys)
    assert "\n" not in str(raised.value)
    return str(raised.value)


# --- objects ----------------------------------------------------------------------------------------------------------

WRONG_TABLES = [
    ({"people": {"cuont": 5}}, 'people.cuont: unknown key; did you mean "count"?'),
    ({"stories": {"fire": {"kind": "news", "witnesses": "two"}}}, 'stories.fire.witnesses: "two" is not a whole'),
    ({"platforms": {"chirp": {"kind": "folow"}}}, 'platforms.chirp.kind: "folow" is not known; did you mean "follow"?'),
    ({"run": {"horizon": 6}}, "run.horizon: 6 is not a duration"),
    ({"stories": {}}, "stories: a scenario needs at least one story"),
]


@pytest.mark.parametrize(("change", "line"), WRONG_TABLES, ids=[line for _, line in WRONG_TABLES])
def test_a_wrong_key_is_the_same_line_however_the_scenario_is_made(change: dict[str, Any], line: str) -> None:
    made = refusal(Scenario, **TABLES | change)
    assert made.startswith(line)
    assert refusal(Scenario.model_validate, TABLES | change) == made


def test_parts_of_a_scenario_are_checked_by_themselves() -> None:
    assert refusal(Story, kind="news", witneses=2).startswith('witneses: unknown key; did you mean "witnesses"?')
    assert refusal(People, count=0) == "count: 0 is not a whole number >= 1"
    assert refusal(FollowPlatform, graph={"generator": "popularity"}, members=2) == (
        "members: 2 is not a share between 0 and 1"
    )
    assert refusal(Scenario, TABLES) == "Scenario: give keys by name, Scenario(key=...), or **table"
    assert refusal(Scenario.model_validate_json, "{").startswith("Invalid JSON")
    assert refusal(Experiment, name="x", scenario=SCENARIO, variants={}) == "variants: is empty; give at least 1"


def test_changes_are_a_table_and_options_are_lists(tmp_path: Path) -> None:
    assert refusal(SCENARIO.changed, "people.count=3") == refusal(SCENARIO.changed, {3: 4})
    assert refusal(SCENARIO.changed, {3: 4}).startswith("changes: give a table with dotted keys")
    line = 'overrides = "people.count=3": give a list of texts, such as ["people.count=3"]'
    assert refusal(read_experiment, tmp_path / "x.toml", overrides="people.count=3") == line
    assert refusal(read_experiment, tmp_path / "x.toml", graphs="a=b.csv").startswith('graphs = "a=b.csv": give a list')


def test_an_experiment_shows_itself_in_one_line() -> None:
    experiment = Experiment(name="x", scenario=SCENARIO, variants={"base": SCENARIO, "other": SCENARIO})
    assert repr(experiment) == str(experiment) == "<Experiment x: variants base, other; 20 replicates, seed 1>"


def test_an_object_stays_as_it_is_and_can_be_pickled() -> None:
    assert 'scenario.changed({"dotted.key": value})' in refusal(setattr, SCENARIO.run, "seed", 2)
    assert SCENARIO.run.seed == 1
    assert pickle.loads(pickle.dumps(SCENARIO)) == SCENARIO
    assert SCENARIO.model_copy(update={"run": RunSettings(seed=2)}).run.seed == 2


# --- verbs ------------------------------------------------------------------------------------------------------------

WRONG_ARGUMENTS = [
    ({"record": "everything"}, 'record = "everything" is not known (known: all'),
    ({"record": "event"}, 'record = "event" is not known; did you mean "events"?'),
    ({"seed": "x"}, 'seed = "x" is not a whole number >= 0 and below 2**63'),
    ({"seed": -1}, "seed = -1 is not a whole number"),
    ({"seed": 2**63}, "seed = 9223372036854775808 is not"),
    ({"seed": True}, "seed = true is not"),
    ({"graphs": "chirp.npz"}, "graphs = str: give a table"),
    ({"graphs": {"chirp": "chirp.npz"}}, 'graphs["chirp"] is a str, not a FollowerGraph; read_graph reads a file'),
]


@pytest.mark.parametrize(("wrong", "line"), WRONG_ARGUMENTS, ids=[line for _, line in WRONG_ARGUMENTS])
def test_a_wrong_argument_is_one_line_whatever_the_verb(wrong: dict[str, Any], line: str) -> None:
    assert refusal(simulate, SCENARIO, **wrong).startswith(line)
    assert refusal(ensemble, SCENARIO, replicates=1, **wrong).startswith(line)
    assert refusal(cascades, SCENARIO, SCENARIO.stories, **wrong).startswith(line)


def test_wrong_arguments_of_one_verb() -> None:
    assert refusal(simulate, SCENARIO, replicate=-1).startswith("replicate = -1 is not a whole number >= 0")
    assert refusal(simulate, SCENARIO, curve_points=1).startswith("curve_points = 1 is not a whole number >= 2")
    assert refusal(ensemble, SCENARIO, replicates=0) == "replicates = 0 is not a whole number >= 1"
    assert refusal(ensemble, SCENARIO, replicates=2.5) == "replicates = 2.5 is not a whole number >= 1"
    assert refusal(ensemble, SCENARIO, threads=0) == "threads = 0 is not a whole number >= 1"
    assert "cannot be called" in refusal(ensemble, SCENARIO, measure="reach")
    assert refusal(cascades, SCENARIO, {"fire": 3}) == 'stories["fire"] is a int, not a Story'
    assert refusal(cascades, SCENARIO, ["fire"]).startswith("stories = list: give a table")


def test_what_is_no_scenario_is_refused_with_what_makes_one() -> None:
    experiment = Experiment(name="x", scenario=SCENARIO, variants={"base": SCENARIO})
    for verb in (simulate, ensemble):
        assert refusal(verb, TABLES) == "a table is not a scenario yet; Scenario(**table) makes one"
        assert 'variants["base"]' in refusal(verb, experiment)
        assert "give a Scenario" in refusal(verb, "race.toml")
    assert refusal(run_experiment, SCENARIO).startswith("experiment: give an Experiment")
    assert refusal(run_experiment, experiment, threads=0).startswith("threads = 0 is not")


# --- outcomes ---------------------------------------------------------------------------------------------------------


def test_a_story_is_its_name_or_its_number_everywhere() -> None:
    outcome = simulate(SCENARIO, record="all", seed=np.int64(3), replicate=np.uint8(1))
    assert (outcome.seed, outcome.replicate) == (3, 1)
    assert outcome.story("rain") == outcome.story(np.int64(1)) == 1
    assert outcome.story_tick("rain") == outcome.story_tick(1) == 2 * 3600 * 1000
    assert outcome.first_source("rain") == outcome.first_source(1)
    assert outcome.channels[outcome.channel("chirp")].name == "chirp"
    seen = outcome.exposures_through("fire", "own eyes")
    assert np.count_nonzero(seen) == 2
    assert np.array_equal(seen, outcome.exposures_through(0, outcome.channel("own eyes")))
    assert not np.array_equal(seen, outcome.exposures_through("fire", "chirp"))
    assert reach(outcome, 1) == reach(outcome, "rain")


def test_a_story_or_channel_that_there_is_not_is_one_line() -> None:
    outcome = simulate(SCENARIO, record="all")
    assert refusal(outcome.first_source, "fier") == 'there is no story "fier"; did you mean "fire"?'
    for number in (2, -1, 0.5):
        line = f"there is no story {number}; give a name (fire, rain) or a number from 0"
        assert refusal(outcome.story_tick, number) == line
    assert "which story?" in refusal(outcome.first_source)
    assert refusal(outcome.exposures_through, 0, "chrip") == 'there is no channel "chrip"; did you mean "chirp"?'
