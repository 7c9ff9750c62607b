"""Observed against simulated cascades: distances, their intervals with controls, the figure, and the round trip."""

import csv
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from scipy.stats import ks_2samp

import six_persons
from diffusion.errors import InputError
from diffusion.figures import comparison_figure, delay_panel, save_comparison, styled, tail_panel
from diffusion.scenario import Experiment
from diffusion.study import CascadeSample, Comparison, Results, compare, read_cascades, run_experiment
from diffusion.study.comparison import ks_distance
from diffusion.study.samples import simulated_cascades


def experiment(**changes: Any) -> Experiment:
    base = six_persons.scenario(replicates=8, horizon="24 h").changed(
        {
            "people": {"count": 300},
            "platforms.chirp.graph.mean_followers": 20,
            "stories.fire.witnesses": 9,
            "stories.fire.appeal": 1.0,
        }
    )
    variants = {"slow": base.changed({"platforms.chirp.reaction": "2 h"}), "quick": base}
    made = {"name": "fires", "scenario": base, "variants": variants, "measures": {"cascades": True, "story": "fire"}}
    return Experiment.model_validate(made | changes)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return run_experiment(experiment(), out=tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def observed(found: Results, tmp_path_factory: pytest.TempPathFactory) -> CascadeSample:
    """What the quick variant did, as somebody else's data."""
    rows = [r for r in found.table("shares").to_pylist() if (r["variant"], r["story"]) == ("quick", "fire")]
    path = tmp_path_factory.mktemp("data") / "fires.csv"
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["cascade", "user", "seconds", "parent", "followers"])
        for r in rows:
            tree = f"{r['replicate']}-{r['cascade']}"
            out.writerow([tree, r["person"], r["seconds"], r["parent"] or "", r["followers"]])
    return read_cascades(path)


def test_a_simulation_as_its_own_data_is_at_no_distance(found: Results, observed: CascadeSample) -> None:
    made = compare(found, observed, variant="quick", story="fire")
    names = [q.name for q in made.quantities]
    assert names == [
        "size", "share delay", "t50", "t90", "followers of sources", "followers of resharers", "parent delay", "depth",
        "virality",
    ]  # fmt: skip
    for quantity in made.quantities:
        assert quantity.distance.value == 0
        assert np.array_equal(quantity.observed, quantity.simulated)
        assert quantity.distance.low == 0
        assert quantity.observed.size > 20
    every = [r for r in found.table("cascades").to_pylist() if (r["variant"], r["story"]) == ("quick", "fire")]
    trees = [r for r in every if r["size"] > 1]
    assert made["depth"].simulated.tolist() == sorted(r["depth"] for r in trees)
    assert made["virality"].simulated.tolist() == pytest.approx(sorted(r["virality"] for r in trees))
    assert made["t90"].simulated.tolist() == pytest.approx(sorted(r["t90_s"] / 60 for r in trees))


def test_another_reaction_is_seen_in_the_delays_alone(found: Results, observed: CascadeSample) -> None:
    made = compare(found, observed, variant="slow", story="fire")
    assert made["parent delay"].distance.low > 0.3
    assert made["followers of resharers"].distance.low == 0


def test_the_distance_is_that_of_scipy() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        a, b = (np.sort(np.round(rng.normal(size=n), 1)) for n in (37, 90))
        assert ks_distance(a, b) == pytest.approx(ks_2samp(a, b).statistic, abs=1e-12)


def sample(sizes: np.ndarray[Any, Any], units: np.ndarray[Any, Any]) -> CascadeSample:
    """Cascades of these sizes, a share a minute."""
    tree = np.repeat(np.arange(sizes.size), sizes)
    start = np.repeat(np.cumsum(sizes) - sizes, sizes)
    minutes = np.arange(tree.size) - start
    return CascadeSample(
        tree=tree,
        seconds=60.0 * minutes,
        followers=np.full(tree.size, np.nan),
        parent=None,
        unit=units,
        unit_name="replicates",
        follow_up=np.full(sizes.size, 7200.0),
        source="made up",
    )


def interval(seed: int, monkeypatch: pytest.MonkeyPatch, found: Results, other: float) -> tuple[float, float, float]:
    """The interval of the distance between 300 geometric sizes and 12 replicates of 50 with another mean."""
    rng = np.random.default_rng(seed)
    ours = sample(1 + rng.geometric(0.3, 300), np.arange(300))
    theirs = sample(1 + rng.geometric(other, 600), np.repeat(np.arange(12), 50))
    monkeypatch.setattr("diffusion.study.comparison.simulated_cascades", lambda *_: theirs)
    distance = compare(found, ours).quantities[0].distance
    return distance.low, distance.value, distance.high


def test_intervals_hold_the_true_distance_and_exclude_no_distance_only_where_there_is_one(
    found: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    """20 seeds each, fixed.

    Equal laws: an interval that excludes 0 would be a false alarm; with the reflection a correct program makes about
    2 in 20, more than 6 once in 1,000 choices of seeds. Geometric with .3 and .5: the true distance is the largest of
    .7^k - .5^k, 0.24; at 95 % more than 5 of 20 miss it once in 3,000.
    """
    equal = [interval(seed, monkeypatch, found, 0.3) for seed in range(20)]
    apart = [interval(seed, monkeypatch, found, 0.5) for seed in range(20)]
    true = max(0.7**k - 0.5**k for k in range(1, 20))
    assert sum(low > 0 for low, _, _ in equal) <= 6
    assert all(low > 0 for low, _, _ in apart)
    assert sum(not low <= true <= high for low, _, high in apart) <= 5


def test_the_quantiles_of_resamples_themselves_would_never_include_no_distance(
    found: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: reflected back, every interval of two equal laws excludes 0."""
    for seed in range(5):
        low, value, high = interval(seed, monkeypatch, found, 0.3)
        assert min(2 * value - high, value) > 0
        assert low < value


def test_a_window_keeps_what_both_sides_could_show(found: Results, observed: CascadeSample) -> None:
    made = compare(found, observed, variant="quick", story="fire", window=3600.0)
    for side in (made.observed, made.simulated):
        assert side.seconds.max() <= 3600
        assert side.sizes.min() >= 2
    every = simulated_cascades(found, "quick", "fire")
    late = int(np.count_nonzero(every.follow_up < 3600))
    assert any(note.startswith(f"{late} simulated cascades began too late") for note in made.notes) or not late
    assert not any("--window" in note for note in made.notes)
    assert any("--window" in note for note in compare(found, observed, variant="quick", story="fire").notes)


def test_what_cannot_be_compared_is_refused_in_one_line(found: Results, observed: CascadeSample) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "which variant"),
        ({"variant": "quik"}, 'did you mean "quick"'),
        ({"variant": "quick", "story": "fires"}, 'did you mean "fire"'),
        ({"variant": "quick", "story": "fire", "floor": 0}, "floor = 0"),
        ({"variant": "quick", "story": "fire", "floor": 999}, "choose a lower --floor"),
        ({"variant": "quick", "story": "fire", "window": 1e6}, "choose a shorter --window"),
        ({"variant": "quick", "story": "fire", "window": -1.0}, "give a time after the source"),
    ]
    for options, message in cases:
        with pytest.raises(InputError, match=message) as refused:
            compare(found, observed, **options)
        assert "\n" not in str(refused.value)


def test_fewer_than_six_replicates_are_told_and_cascades_are_drawn(observed: CascadeSample) -> None:
    base = experiment().scenario.changed({"run.replicates": 2})
    few = run_experiment(experiment(scenario=base, variants={"quick": base}))
    made = compare(few, observed, story="fire")
    assert made.simulated.unit_name == "cascades"
    assert any("fewer than 6 replicates" in note for note in made.notes)
    assert "simulated cascades were resampled" in made.lines()[-1]


# --- what is printed, written and drawn -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(found: Results, observed: CascadeSample) -> Comparison:
    return compare(found, observed, variant="slow", story="fire")


def test_the_table_and_the_csv_have_both_sides(made: Comparison, tmp_path: Path) -> None:
    lines = made.lines()
    assert lines[0].startswith("observed:  ")
    table = [line for line in lines if line[:40].split()[-2:-1] in (["observed"], ["simulated"])]
    assert len(table) == 2 * len(made.quantities)
    files = save_comparison(made, tmp_path / "new")
    assert [path.name for path in files] == ["comparison.csv", "comparison.pdf", "comparison.png"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(path.name for path in files)
    with files[0].open() as file:
        rows = list(csv.DictReader(file))
    (delay,) = (r for r in rows if (r["quantity"], r["side"]) == ("parent delay", "simulated"))
    assert float(delay["q50"]) == pytest.approx(np.median(made["parent delay"].simulated), rel=0.1)
    assert float(delay["ks_low"]) == made["parent delay"].distance.low


def test_a_comparison_written_into_the_results_is_theirs(found: Results, made: Comparison) -> None:
    assert found.folder is not None
    save_comparison(made, found.folder)
    assert {"comparison.csv", "comparison.png"} <= set(Results.open(found.folder).manifest["files"])


def test_panels_show_the_two_distributions(made: Comparison) -> None:
    size, delay = made["size"], made["share delay"]
    tail = tail_panel(size, Figure().subplots())
    lines = {line.get_label(): line for line in tail.get_lines()}
    x, y = lines["observed"].get_data()
    for at, share in zip(x, y, strict=True):
        wanted = np.mean(size.observed >= at)
        assert (math.isnan(share) and wanted == 0) or share == pytest.approx(wanted)
    rising = {line.get_label(): line for line in delay_panel(delay, Figure().subplots()).get_lines()}
    x, y = rising["simulated"].get_data()
    assert list(y) == pytest.approx([100 * np.mean(delay.simulated <= at) for at in x])
    assert len(tail.collections) == 2


@pytest.mark.parametrize("parents", [True, False])
def test_no_text_of_the_figure_is_clipped(found: Results, observed: CascadeSample, parents: bool) -> None:
    data = observed if parents else replace(observed, parent=None)
    figure = comparison_figure(compare(found, data, variant="slow", story="fire"))
    assert sum(axes.get_visible() for axes in figure.axes) == (4 if parents else 2)
    with styled():
        figure.draw_without_rendering()
        shown = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
        boxes = [(text.get_text(), text.get_window_extent()) for text in shown]
    assert len(boxes) > 10
    for label, box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1, label
