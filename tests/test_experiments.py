"""The experiments of the catalogue: each runs, and its verdict flips under the changes that the catalogue names."""

import os
import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest

from diffusion import study
from diffusion.config import read_experiment
from diffusion.scenario import Experiment
from diffusion.study import Results, judge
from diffusion.study.known import known_values, largest_distances

FOLDER = Path(__file__).resolve().parents[1] / "experiments"
FILES = sorted(FOLDER.glob("*.toml"))
FEW = 6
"""Replicates of a small run: the fewest that make an interval."""

SMALL = ("people.count=4000",)


class Flip(NamedTuple):
    """What the catalogue says about an experiment's verdict: as it stands, and under which changes."""

    stands: str
    changes: tuple[str, ...]
    becomes: str


def flip(path: Path) -> Flip:
    catalogue = (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
    *_, before, last, _ = next(line for line in catalogue if line.startswith(f"| `{path.name}`")).split("|")
    stands = re.findall(r"\*\*(supported|refuted|undecided)\*\*", before)
    assert len(stands) == 1, f"{path.name}: the catalogue names one verdict"
    words = shlex.split(re.findall(r"`(--set [^`]+)`", last)[0])
    becomes = re.findall(r"\b(supported|refuted|undecided)\b", last)
    assert len(becomes) == 1, f"{path.name}: the catalogue names one verdict after the flip"
    return Flip(stands[0], tuple(word for word in words if word != "--set"), becomes[0])


def run(experiment: Experiment) -> Results:
    """Run an experiment; one with a sweep as its file stands, without its points."""
    experiment = experiment.model_copy(update={"sweep": None})
    return study.run_experiment(experiment, threads=2)


def verdict(results: Results) -> str:
    found = judge(results)
    assert found is not None
    return found.word


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_small_version_has_the_verdict_of_the_catalogue_and_is_heard_in_every_variant(path: Path) -> None:
    results = run(read_experiment(path, overrides=SMALL, replicates=FEW))
    assert verdict(results) == flip(path).stands
    for variant in results.experiment.variants:
        for story in results.stories:
            assert (results.values(variant, f"{story}.heard") > 0).all()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_named_changes_flip_the_verdict_of_a_small_version(path: Path) -> None:
    found = flip(path)
    assert found.becomes != found.stands
    changed = read_experiment(path, overrides=[*SMALL, *found.changes], replicates=FEW)
    assert verdict(run(changed)) == found.becomes


def test_a_story_that_nobody_posts_takes_equally_long_with_and_without_the_network() -> None:
    path = FOLDER / "media_race.toml"
    results = run(read_experiment(path, overrides=[*SMALL, *flip(path).changes], replicates=2))
    without, beside = (results.values(variant, "explosion.T50_h") for variant in ("traditional", "hybrid"))
    assert (without == beside).all()  # to the tick: both share every draw


def test_the_first_half_hour_of_1963_without_telling_is_what_arithmetic_says() -> None:
    def half_hour(*changes: str) -> float:
        silent = ("people.count=20000", "platforms.household.tell=0", "platforms.others.tell=0", *changes)
        results = run(read_experiment(FOLDER / "three_eras.toml", overrides=silent, replicates=FEW))
        return float(known_values(results, results.experiment.known[0]).mean())

    # Tuned in at 12:40, or at 12:55 in another block: of an hour for a quarter, of half an hour for a half of them.
    television, radio = 1 - (1 - 0.12) * (1 - 0.12 / 4), 1 - (1 - 0.18) * (1 - 0.18 / 2)
    expected = 1 - (1 - 0.51 * television) * (1 - 0.34 * radio)
    assert expected == pytest.approx(0.1545, abs=1e-4)
    tolerance = 5 * (expected * (1 - expected) / 20_000) ** 0.5  # a correct program fails once in a million seeds
    assert abs(half_hour() - expected) < tolerance
    # Control: a draw per bulletin instead of one per viewing block.
    assert abs(half_hour("outlets.television.block=1 min", "outlets.radio.block=1 min") - expected) > tolerance


def test_sets_meet_what_is_known_of_1963_and_2001_but_for_the_first_half_hour_and_alarm_meets_that_too() -> None:
    results = run(read_experiment(FOLDER / "three_eras.toml", overrides=SMALL, replicates=FEW))
    late = [k for k in results.experiment.known if k.variant in ("1963_sets", "2001_sets") and (k.at or 0) > 3600]
    assert len(late) == 2
    assert all(abs(known_values(results, one) - one.share).max() < 0.03 for one in late)
    assert (largest_distances(results, ("1963_sets",)) > 0.2).all()
    assert (largest_distances(results, ("1963_alarm", "2001_alarm")) < 0.12).all()
    assert (largest_distances(results, ("2011_alarm",)) > 0.1).all()


@pytest.mark.verify
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_verdict_flips_at_full_size(path: Path) -> None:
    found = flip(path)
    assert verdict(run(read_experiment(path))) == found.stands
    assert verdict(run(read_experiment(path, overrides=found.changes))) == found.becomes


def test_a_real_graph_takes_the_place_of_the_generated_one(real_data: Path) -> None:
    file = real_data / "graphs" / "twitter-bofa.csv.gz"
    experiment = read_experiment(FOLDER / "media_race.toml", graphs=[f"twitter={os.fspath(file)}"], replicates=2)
    assert any("follower,followed" in note for note in experiment.notes)
    results = run(experiment)
    reached = results.values("hybrid", "explosion.reached")
    assert (reached > 0.5).all()
    assert (results.values("hybrid", "explosion.first.twitter") > 0).all()
    assert set(results.manifest["graphs"]["hybrid"]) == {"twitter", "household", "others"}
