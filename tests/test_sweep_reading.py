"""Sweeps as people write them: several values on the command line, and what stands in a file."""

import re
from pathlib import Path
from typing import Any

import pytest

from diffusion import Experiment, InputError
from markdown_blocks import blocks
from small_sweeps import FILE, SWEEP, linked, plan, read


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("stories.quake.appeal=0.1,.2", (0.1, 0.2)),
        ("stories.quake.appeal=[0.1, 0.2]", (0.1, 0.2)),
        ("stories.quake.appeal=linspace(0, 1, 3)", (0.0, 0.5, 1.0)),
        ("stories.quake.appeal={ logspace = [0.01, 1, 3] }", (0.01, 0.1, 1.0)),
        ("outlets.tv.verify=10 min, 1 h", ("10 min", "1 h")),
        ("outlets.tv.medium=television,radio", ("television", "radio")),
        ("outlets.tv.medium='television', \"radio\"", ("television", "radio")),
        ("run.start=2016-11-08T12:00:00,2016-11-09T12:00:00", ("2016-11-08T12:00:00", "2016-11-09T12:00:00")),
        ("outlets.*.active=true,false", (True, False)),
        ('outlets.tv.bulletins=[["20:00"],["21:00","23:00"]]', (["20:00"], ["21:00", "23:00"])),
        (
            'platforms.chirp.graph={generator="popularity",mean_followers=5},{generator="popularity",mean_followers=6}',
            ({"generator": "popularity", "mean_followers": 5}, {"generator": "popularity", "mean_followers": 6}),
        ),
    ],
)
def test_several_values_are_a_sweep(tmp_path: Path, text: str, values: tuple[Any, ...]) -> None:
    sweep = read(tmp_path, FILE, overrides=[text]).sweep
    assert sweep is not None
    assert sweep.grid == {text.partition("=")[0]: values}


@pytest.mark.parametrize(
    ("text", "place", "value"),
    [
        ('outlets.tv.bulletins=["20:00","21:00"]', ("outlets", "tv", "bulletins"), (72_000, 75_600)),
        ("title=fast, or slow", ("title",), "fast, or slow"),
        ('title="a,b"', ("title",), "a,b"),
        ("measures.quantiles=[0.2, 0.5]", ("measures", "quantiles"), (0.2, 0.5)),
    ],
)
def test_one_value_stays_a_change(tmp_path: Path, text: str, place: tuple[str, ...], value: Any) -> None:
    experiment = read(tmp_path, FILE, overrides=[text])
    assert experiment.sweep is None
    found: Any = experiment if place[0] in Experiment.model_fields else experiment.scenario
    for part in place:
        found = found[part] if isinstance(found, dict) else getattr(found, part)
    assert found == value


@pytest.mark.parametrize("text", ["people.count=60,", "people.count=,60", "people.count=,"])
def test_a_comma_too_many_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"--set people.count: nothing stands between two commas of"):
        read(tmp_path, FILE, overrides=[text])


def test_a_key_that_is_too_deep_for_bare_dots_is_told_to_stand_in_quotes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"outlets.tv.watches: .* is not a list of values; .* dotted key in quotes"):
        read(tmp_path, FILE + "[sweep.grid]\noutlets.tv.watches.chirp.share = [0.1, 0.2]\n")


def test_a_word_with_a_comma_is_one_value(tmp_path: Path) -> None:
    text = linked(tmp_path, "1,2\n2,3\n")
    experiment = read(tmp_path, text, overrides=["platforms.chirp.graph.meaning=followed,follower"])
    assert experiment.sweep is None
    assert experiment.scenario.platforms["chirp"].graph.meaning == "followed,follower"  # type: ignore[union-attr]


def test_options_stand_in_for_the_files_sweep(tmp_path: Path) -> None:
    more = read(tmp_path, FILE + SWEEP, overrides=["stories.quake.appeal=0.3,0.4,0.5"]).sweep
    assert more is not None
    assert more.grid == {"platforms.chirp.members": (0.5, 1.0), "stories.quake.appeal": (0.3, 0.4, 0.5)}
    one = read(tmp_path, FILE + SWEEP, overrides=["stories.quake.appeal=0.3"])
    assert one.sweep is not None
    assert one.sweep.keys == ("platforms.chirp.members",)
    assert one.scenario.stories["quake"].appeal == 0.3
    assert "--set stories.quake.appeal stands in for the values of the sweep" in one.notes
    none = read(tmp_path, FILE + SWEEP, overrides=["stories.quake.appeal=0.3", "platforms.chirp.members=0.4"])
    assert none.sweep is None


def test_keys_of_the_sweep_itself_can_be_set(tmp_path: Path) -> None:
    text = FILE + "[sweep.sample]\nsize = 4\nof.'stories.quake.appeal' = { law = 'uniform', low = 0, high = 0.1 }\n"
    sweep = read(tmp_path, text, overrides=["sweep.sample.size=7", "sweep.sample.method=random"]).sweep
    assert sweep is not None
    assert sweep.n_points == 7


def test_bare_dotted_keys_of_a_grid(tmp_path: Path) -> None:
    text = FILE + "[sweep.grid]\nplatforms.chirp.members = [0.5, 1.0]\nrun.seed = { linspace = [1, 3, 3] }\n"
    sweep = read(tmp_path, text).sweep
    assert sweep is not None
    assert sweep.grid == {"platforms.chirp.members": (0.5, 1.0), "run.seed": (1, 2, 3)}


def test_a_count_beside_a_file_of_links_is_noted(tmp_path: Path) -> None:
    experiment = read(tmp_path, linked(tmp_path, "1,2\n2,3\n"), overrides=["people.count=10,20"])
    assert any("people.count is not used where files say who the persons are" in note for note in experiment.notes)


DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_on_sweeps_shows_what_is_read(tmp_path: Path) -> None:
    page = (DOCS / "sweeps.md").read_text(encoding="utf-8")
    shown = next(block for block in blocks(page) if block.language == "toml").text
    race = (DOCS.parent / "experiments" / "media_race.toml").read_text(encoding="utf-8")
    made = plan(tmp_path, f"{race}\n{shown}")
    assert len(made.points) == 64 * 2 * 15
    assert made.keys[0] == "stories.explosion.appeal"
    assert made.keys[-1] == "outlets.*.verify"
    assert made.notes == ()
    for option in re.findall(r"--set (\S+|\".*?\") ?(?:--dry-run)?$", page, re.MULTILINE):
        sweep = read(tmp_path, race, overrides=[option.strip('"')]).sweep
        assert sweep is not None
        assert sweep.n_points in (3, 5)
