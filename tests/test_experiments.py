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
