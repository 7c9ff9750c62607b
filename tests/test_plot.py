"""Figures by name, drawn again from a folder of results; the folder changes only when all of them are drawn."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

import small_results
from diffusion import cli, figures
from diffusion.errors import InputError
from diffusion.figures import FIGURES, catalogue, draw_experiment, draw_figures, figure
from diffusion.figures.style import FORMATS
from diffusion.simulation import Runner
from diffusion.study import Results
from diffusion.study.store import check_replaceable, new_folder

Printed = pytest.CaptureFixture[str]
TIMES = {("slow", "fire"): np.linspace(5, 6, 9), ("quick", "fire"): np.linspace(1.5, 2, 9)}
RESULTS = small_results.results(TIMES)
PLAIN = ("race", "channels", "reach", "sources", "delays")
"""Figures that every folder of results allows."""


def stored(folder: Path) -> Path:
    with new_folder(folder, "small") as under_way:
        under_way.complete(RESULTS)
    return folder / "small"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_an_experiment_has_figures_of_every_story_and_leaves_the_users_style_alone(tmp_path: Path) -> None:
    before = dict(mpl.rcParams)
    made = draw_experiment(RESULTS, tmp_path)
    stems = [f"{name}-{story}" for name in ("race", "channels", "sources", "delays") for story in ("fire", "speech")]
    assert sorted(made) == sorted(tmp_path.iterdir())
    assert {path.name for path in made} == {f"{stem}.{suffix}" for stem in stems for suffix in ("pdf", "png")}
    assert dict(mpl.rcParams) == before


def test_a_single_variant_runs_no_race(tmp_path: Path) -> None:
    base = small_results.experiment()
    alone = base.model_copy(update={"variants": {"slow": base.scenario}})
    made = draw_experiment(small_results.results({("slow", "fire"): np.arange(1.0, 7.0)}, alone), tmp_path)
    assert made and not any(path.name.startswith("race") for path in made)


def test_figures_are_drawn_again_without_running_anything(
    tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Runner, "run", None)
    folder = stored(tmp_path)
    assert cli._guarded(["plot", str(folder), "--story", "fire", "--format", "png"]) == 0
    printed = capsys.readouterr()
    assert [Path(line).name for line in printed.out.splitlines()] == [f"{name}-fire.png" for name in PLAIN]
    assert all(Path(line).parent == folder for line in printed.out.splitlines())


def test_the_next_run_may_replace_figures_that_were_drawn_into_the_folder(tmp_path: Path) -> None:
    folder = stored(tmp_path)
    draw_figures(Results.open(folder), folder, names=["race"], formats=["svg"])
    assert {"race-fire.svg", "race-speech.svg"} < names(folder)
    check_replaceable(folder)
    assert Results.open(folder).experiment == RESULTS.experiment
    (folder / "race-by-hand.svg").touch()
    with pytest.raises(InputError, match="race-by-hand"):
        check_replaceable(folder)


def test_figures_elsewhere_replace_only_files_of_their_names(tmp_path: Path) -> None:
    folder, there = stored(tmp_path), tmp_path / "paper" / "figures"
    there.mkdir(parents=True)
    (there / "thesis.tex").touch()
    (there / "delays-fire.png").touch()
    before = (folder / "manifest.json").read_bytes()
    drawn = draw_figures(Results.open(folder), there, names=["delays"], story="fire", formats=["png"])
    assert names(there) == {"thesis.tex", "delays-fire.png"}
    assert drawn.files[0].stat().st_size > 1000
    assert (folder / "manifest.json").read_bytes() == before
    as_text = draw_figures(Results.open(folder), str(tmp_path / "text"), names=["delays"], variants="quick")
    assert as_text.files and as_text.files[0].parent == tmp_path / "text"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--figure", "rase"], 'there is no figure "rase"; did you mean "race"?'),
        (["--story", "fier"], 'there is no story "fier"; did you mean "fire"?'),
        (["--variant", "slwo"], 'there is no variant "slwo"; did you mean "slow"?'),
        (["--format", "png,jpg"], 'there is no format "jpg"; choose among pdf, png, svg'),
    ],
)
def test_what_there_is_not_is_refused_in_one_line(
    tmp_path: Path, capsys: Printed, options: list[str], message: str
) -> None:
    folder = stored(tmp_path)
    before = names(folder)
    assert cli._guarded(["plot", str(folder), *options, "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == f"error: {message}\n"
    assert names(folder) == before and names(tmp_path) == {"small"}


def test_a_folder_without_results_is_refused(tmp_path: Path, capsys: Printed) -> None:
    assert cli._guarded(["plot", str(tmp_path)]) == 2
    assert "holds no results" in capsys.readouterr().err


def test_a_failure_while_drawing_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = stored(tmp_path)
    before = names(folder)
    saved: list[Any] = []

    def full(*asked: Any) -> list[Path]:
        saved.append(asked)
        if len(saved) == 2:
            raise OSError("disk full")
        return figures.save(*asked)

    monkeypatch.setattr(catalogue, "save", full)
    with pytest.raises(InputError, match="cannot be written: disk full"):
        draw_figures(Results.open(folder), folder)
    assert names(folder) == before
    check_replaceable(folder)


def test_one_figure_of_chosen_variants_comes_back_as_an_object() -> None:
    drawn = figure(RESULTS, "race", story="fire", variants=["quick"])
    labels = [line.get_label() for line in drawn.axes[0].get_lines() if not str(line.get_label()).startswith("_")]
    assert len(labels) == 1 and str(labels[0]).startswith("quick: T50")
    with pytest.raises(InputError, match="which story"):
        figure(RESULTS, "race")


def test_every_figure_is_described_in_the_documentation() -> None:
    page = (Path(__file__).parents[1] / "docs" / "figures.md").read_text(encoding="utf-8")
    assert [name for name in FIGURES if f"`{name}`" not in page] == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_full_disk_is_one_line_for_every_format(tmp_path: Path) -> None:
    """matplotlib's writer of PDF raises an error of zlib there."""
    for suffix in FORMATS:
        (tmp_path / f"race.{suffix}").symlink_to("/dev/full")
        with pytest.raises(OSError, match="No space left"):
            figures.save(figure(RESULTS, "race", story="fire"), tmp_path / "race", [suffix])


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    folder = stored(tmp_path)
    with pytest.raises(InputError, match="is a file; give a folder"):
        draw_figures(Results.open(folder), folder / "summary.csv")
