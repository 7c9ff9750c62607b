"""Figures of sweeps: what is drawn is what the stored table says, each from that table alone."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

import small_results
from diffusion import cli
from diffusion.errors import InputError
from diffusion.figures import SWEEP_KINDS, SweepChoice, draw_sweep, sweep_figure
from diffusion.figures.maps import border_field, heat_figure
from diffusion.figures.sweeps import edges, lines_figure, ratio_ticks
from diffusion.simulation import Runner
from diffusion.study.sweeps import SweepResults
from diffusion.study.sweeps.asked import asked
from diffusion.study.sweeps.axes import axis_of
from diffusion.study.sweeps.cube import cube
from diffusion.study.sweeps.views import HeatTable, heat_table, line_table
from small_sweeps import FILE, SWEEP
from sweep_tables import Values, grid, stored, table

Printed = pytest.CaptureFixture[str]
CLAIM = {"measure": "speed_ratio", "of": ["slow", "quick"], "above": 1.0}
LUCK = np.linspace(0.98, 1.02, 8)


def hours(point: Values, variant: str, k: int) -> float:
    """The ratio of slow to quick is a / b, but slow never gets there at a = 8, b = 1."""
    if variant == "slow":
        return math.inf if (point["a"], point["b"]) == (8, 1) else 2 * point["a"] * float(LUCK[k])
    return 2.0 * point["b"]


MEASURES = {"fire.T50_h": hours, "fire.restricted_mean_h": lambda *_: 5.0, "fire.reached": lambda p, *_: p["a"] / 10}


def sweep(folder: Path, keys: dict[str, list[Any]] | None = None) -> SweepResults:
    keys = keys or {"a": [1, 2, 4, 8], "b": [1, 2, 4]}
    experiment = small_results.experiment(CLAIM, measures={"story": "fire"})
    return stored(folder, experiment, table(grid(keys), MEASURES))


def curves(figure: Figure, label: str) -> list[Any]:
    return [line for line in figure.axes[0].get_lines() if line.get_label() == label]


def legend(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in figure.legends[0].get_texts())


# --- what is drawn ---------------------------------------------------------------------------------------------------


def test_lines_are_the_medians_and_the_axis_is_logarithmic_where_the_values_are(tmp_path: Path) -> None:
    figure = sweep_figure(sweep(tmp_path), SweepChoice(x="a", y="T50", where={"b": "2"}))
    (slow,) = curves(figure, "slow")
    assert slow.get_xdata().tolist() == [1, 2, 4, 8]
    assert slow.get_ydata() == pytest.approx([2, 4, 8, 16])
    axes = figure.axes[0]
    assert axes.get_xscale() == "log" and axes.get_yscale() == "linear"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("a", "T50 of “fire”, hours")
    assert "95 % interval" in legend(figure)


def test_a_median_that_is_never_is_a_triangle_at_the_edge_and_is_explained(tmp_path: Path) -> None:
    figure = sweep_figure(sweep(tmp_path), SweepChoice(x="a", y="T50", where={"b": "1"}))
    top = figure.axes[0].get_ylim()[1]
    marks = [line for line in figure.axes[0].get_lines() if line.get_marker() == "^"]
    assert [(m.get_xdata().tolist(), m.get_ydata().tolist()) for m in marks] == [([8], [top])]
    assert "never, in most replicates" in legend(figure)
    assert np.isnan(curves(figure, "slow")[0].get_ydata()[-1])


def test_a_ratio_in_which_the_second_never_gets_there_is_a_triangle_below(tmp_path: Path) -> None:
    choice = SweepChoice(x="a", y="T50", ratio=("quick", "slow"), where={"b": "1"})
    figure = sweep_figure(sweep(tmp_path), choice)
    axes = figure.axes[0]
    marks = [line for line in axes.get_lines() if line.get_marker() == "v"]
    assert [(m.get_xdata().tolist(), m.get_ydata().tolist()) for m in marks] == [([8], [axes.get_ylim()[0]])]
    assert "slow never, in most replicates" in legend(figure) and axes.get_yscale() == "log"


def mesh_of(axes: Axes) -> QuadMesh:
    return next(found for found in axes.collections if isinstance(found, QuadMesh))


def test_a_map_has_its_cells_where_they_belong_and_the_contour_between_them(tmp_path: Path) -> None:
    """The ratio a / b is 1 on the diagonal; a is slower right of it."""
    figure = sweep_figure(sweep(tmp_path), SweepChoice(x="a", by="b", kind="heat"))
    axes = figure.axes[0]
    values = np.asarray(mesh_of(axes).get_array()).reshape(3, 4)
    # eight replicates with luck of 2 %: the median of the logarithms is not quite that of the middle two
    assert values[1] == pytest.approx([0.5, 1.0, 2.0, 4.0], rel=1e-4) and values[2, 0] == pytest.approx(0.25, rel=1e-4)
    assert values[0, 3] == mesh_of(axes).norm.vmax  # never: as far as colours go
    paths = [path for c in axes.collections if not isinstance(c, QuadMesh) for path in c.get_paths()]
    border = np.concatenate([path.vertices for path in paths if len(path.vertices)])
    assert np.abs(np.log(border[:, 0] / border[:, 1])).max() < 0.5
    (dots,) = [line for line in axes.get_lines() if line.get_linestyle() == "None"]
    assert sorted(zip(dots.get_xdata(), dots.get_ydata())) == [(1, 1), (2, 2), (4, 4)]
    (hatched,) = [p for p in axes.patches if isinstance(p, Rectangle) and p.get_hatch()]
    assert hatched.get_x() < 8 < hatched.get_x() + hatched.get_width()
    assert hatched.get_y() < 1 < hatched.get_y() + hatched.get_height()
    for text in ("ratio 1", "holds 1", "slow never, in some or all replicates"):
        assert text in legend(figure)
    assert "quick never" not in legend(figure)
    assert "(above 1: quick is faster)" in figure.axes[-1].get_ylabel()


def test_cells_that_neither_reaches_take_no_part_in_the_contour() -> None:
    never = np.array([[[0, 8, 8]], [[0, 8, 0]]])
    values = np.array([[2.0, 1.0, math.inf]])
    axis = axis_of("k", [1, 2, 3])
    found = cube(table(grid({"k": [1, 2, 3], "b": [1]}), {"fire.T50_h": lambda *_: 1.0})).quantity(
        "T50", ("slow", "quick")
    )
    whole = HeatTable(axis, axis_of("b", [1]), found, "", values, values, values, np.full((1, 3), 8), never)
    assert border_field(whole).tolist() == [[math.log(2), pytest.approx(math.nan, nan_ok=True), math.log(2)]]


def test_a_map_of_one_measure_has_a_panel_per_variant_in_the_same_colours(tmp_path: Path) -> None:
    figure = sweep_figure(sweep(tmp_path), SweepChoice(x="a", by="b", kind="heat", y="reached"))
    assert [axes.get_title(loc="left") for axes in figure.axes[:2]] == ["slow", "quick"]
    norms = [mesh_of(axes).norm for axes in figure.axes[:2]]
    assert [(n.vmin, n.vmax) for n in norms] == [(0.1, 0.8)] * 2


def test_multiples_have_a_panel_per_value_on_the_same_axes(tmp_path: Path) -> None:
    figure = sweep_figure(sweep(tmp_path), SweepChoice(x="a", by="b", kind="multiples"))
    panels = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in panels] == ["b = 1", "b = 2", "b = 4"]
    assert len({axes.get_ylim() for axes in panels}) == 1


def test_a_tornado_has_the_larger_effect_on_top(tmp_path: Path) -> None:
    figure = sweep_figure(sweep(tmp_path), SweepChoice(kind="tornado", y="reached", variant="slow"))
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a", "b"]
    widths = [bar.get_width() for bar in axes.patches if isinstance(bar, Rectangle)]
    assert widths == pytest.approx([0.1 - 0.3, 0.8 - 0.3, 0, 0])
    assert axes.get_xlabel() == "change of reached of “fire” in slow (median of all points: 0.3)"


def test_without_intervals_the_legend_says_so(tmp_path: Path) -> None:
    few = table(grid({"a": [1, 2]}), MEASURES | {"fire.T50_h": lambda p, *_: float(p["a"])}, replicates=3)
    assert "fewer than 6 replicates" in legend(lines_figure(line_table(cube(few), "a", "T50")))


@pytest.mark.parametrize("values", [[1, 10, 100], [1, 2, 3], ["a", "b"], [5]])
def test_edges_lie_around_every_value(values: list[Any]) -> None:
    axis = axis_of("k", values)
    borders = edges(axis)
    assert (borders[:-1] < axis.numbers).all() and (axis.numbers < borders[1:]).all()
    assert borders.size == len(values) + 1


@pytest.mark.parametrize(("low", "high"), [(0.01, 100), (0.5, 2), (0.9, 1.1), (0.99, 1.02), (1e-5, 1e5)])
def test_ratios_have_marks_enough_and_not_too_many(low: float, high: float) -> None:
    ticks, texts = ratio_ticks(low, high)
    assert 2 <= len(ticks) <= 12 and all(low / 1.01 <= tick <= high * 1.01 for tick in ticks)
    assert len(set(texts)) == len(texts)


# --- what is asked ---------------------------------------------------------------------------------------------------


def test_a_sweep_draws_what_its_experiment_asks(tmp_path: Path) -> None:
    assert asked(sweep(tmp_path)) == ("fire.T50_h", ("slow", "quick"))
    kinds = {
        "heat-fire-T50-slow-over-quick": {"a": [1, 2], "b": [1, 2]},
        "line-fire-T50": {"a": [1, 2], "b": [1]},
        "tornado-fire-T50-slow-over-quick": {"a": [1, 2], "b": [1, 2], "c": [1, 2]},
    }
    for stem, keys in kinds.items():
        drawn = draw_sweep(sweep(tmp_path / stem, keys), tmp_path / "out", formats=["svg"])
        assert [path.name for path in drawn] == [f"{stem}.svg"]


def test_the_command_draws_without_running_anything(
    tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Runner, "run", None)
    folder = sweep(tmp_path).folder
    options = ["--x", "a", "--y", "T50", "--by", "b", "--ratio", "slow/quick", "--format", "png,pdf"]
    assert cli._guarded(["plot", str(folder), *options]) == 0
    made = capsys.readouterr().out.split()
    assert [Path(line).name for line in made] == [f"line-fire-T50-slow-over-quick-a-b.{s}" for s in ("png", "pdf")]
    first = Path(made[0]).read_bytes()
    assert cli._guarded(["plot", str(folder), *options, "--out", str(tmp_path / "again")]) == 0
    assert (tmp_path / "again" / Path(made[0]).name).read_bytes() == first
    assert SweepResults.open(folder).n_runs == 12 * 2 * 8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--x", "c"], '"c" was not swept (known: a, b)'),
        (["--x", "a", "--y", "reeched"], 'there is no measure "reeched"; did you mean "reached"?'),
        (["--kind", "haet"], 'there is no kind "haet"; did you mean "heat"?'),
        (["--x", "a", "--y", "T50"], "take it as --by"),
        (["--ratio", "slow"], '--ratio "slow": write two variants with a stroke between them, A/B'),
        (["--ratio", "slow/quik"], 'there is no variant "quik"; did you mean "quick"?'),
        (["--where", "a"], '--where "a": write KEY=VALUE'),
        (["--where", "a=3"], 'a = "3": there is no such point; its values are 1, 2, 4, 8'),
        (["--figure", "race"], "holds a sweep; choose with --kind, --x, --y and --by"),
        (["--kind", "heat", "--x", "a", "--by", "a"], 'a map needs two keys; "a" is given twice'),
        (["--kind", "multiples", "--by", "variant"], "multiples have a panel per value of a key"),
        (["--kind", "sensitivity"], "holds no sensitivity analysis"),
        (["--format", "jpg"], 'there is no format "jpg"'),
    ],
)
def test_what_there_is_not_is_refused_in_one_line(
    tmp_path: Path, capsys: Printed, options: list[str], message: str
) -> None:
    folder = sweep(tmp_path).folder
    assert cli._guarded(["plot", str(folder), *options, "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_options_of_sweeps_are_refused_for_other_results(tmp_path: Path, capsys: Printed) -> None:
    from diffusion.study.store import new_folder

    with new_folder(tmp_path, "small") as under_way:
        under_way.complete(small_results.results({("slow", "fire"): np.arange(1.0, 8), ("quick", "fire"): np.ones(7)}))
    assert cli._guarded(["plot", str(tmp_path / "small"), "--x", "a"]) == 2
    assert "--x: " in capsys.readouterr().err


def test_every_kind_is_described_in_the_documentation() -> None:
    page = (Path(__file__).parents[1] / "docs" / "figures.md").read_text(encoding="utf-8")
    assert [name for name in SWEEP_KINDS if f"`{name}`" not in page] == []


def test_a_map_of_values_far_apart_has_logarithmic_colours() -> None:
    runs = table(
        grid({"a": [1, 2], "b": [1, 2]}), {"fire.T50_h": lambda p, *_: 10.0 ** (p["a"] + p["b"])}, variants=["one"]
    )
    figure = heat_figure([heat_table(cube(runs), "a", "b", "T50")])
    assert type(mesh_of(figure.axes[0]).norm).__name__ == "LogNorm"


def test_an_unknown_variant_of_a_ratio_and_a_variant_beside_a_ratio_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not both"):
        sweep_figure(sweep(tmp_path), SweepChoice(ratio=("slow", "quick"), variant="slow"))


def test_running_a_sweep_leaves_the_figure_of_what_it_asks(tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "small.toml").write_text(FILE + SWEEP, encoding="utf-8")
    assert cli._guarded(["run", str(tmp_path / "small.toml"), "--out", str(tmp_path)]) == 0
    made = {path.name for path in (tmp_path / "small").glob("heat-*")}
    assert made == {f"heat-quake-T50-all-over-quiet.{suffix}" for suffix in ("pdf", "png")}
