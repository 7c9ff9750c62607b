"""Figures show the numbers of their tables, in the size in which they are printed, with nothing clipped or covered."""

import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import small_results
from diffusion.figures import (
    COLUMN_MM,
    PAGE_MM,
    channel_stack,
    channels_figure,
    delay_decomposition,
    delay_figure,
    delay_shares,
    first_sources,
    graph_figure,
    inches,
    race,
    race_figure,
    reach_by_channel,
    reach_figure,
    save,
    sources_figure,
)
from diffusion.figures.style import line_styles
from diffusion.graphs import GraphDescription, describe, generate_followers
from diffusion.study import DelayTable, Interval, ReachTable, SourceTable, delay_table, reach_table, source_table
from legible import assert_legible

INF = math.inf
RESULTS = small_results.results(
    {("slow", "fire"): np.linspace(5, 6, 9), ("quick", "fire"): np.linspace(1.5, 2, 9), ("slow", "speech"): [INF] * 9}
)


def reach(variant: str = "slow", /, **changes: object) -> ReachTable:
    return replace(reach_table(RESULTS, variant, "fire"), **changes)  # type: ignore[arg-type]


def delay(variant: str = "slow", /, **changes: object) -> DelayTable:
    return replace(delay_table(RESULTS, variant, "fire"), **changes)  # type: ignore[arg-type]


def source(variant: str, **shares: Interval) -> SourceTable:
    table = source_table(RESULTS, variant, "fire")
    return replace(table, shares=table.shares | shares)


def panel() -> Axes:
    return Figure().subplots()


def times(table: ReachTable, *hours: float) -> ReachTable:
    """The table with this T50 and an interval around it."""
    value, low, high = hours
    return replace(table, time=Interval(value, low, high, 9))


GRAPH = describe(generate_followers(3_000, mean_followers=12, seed=4))


def sampled(found: GraphDescription) -> GraphDescription:
    """The same graph as if it had been too large to count triangles."""
    spread = np.stack((0.8 * found.clustering.by_degree, 1.3 * found.clustering.by_degree), axis=1)
    return replace(found, clustering=found.clustering._replace(exact=False, spread=spread))


LONG = [reach(variant, variant=f"a variant with a rather long name ({variant})") for variant in ("slow", "quick")]
FIGURES = {
    "one": lambda: reach_figure([reach()]),
    "one, logarithmic": lambda: reach_figure([times(reach(), 0.4, 0.3, 0.5)]),
    "two": lambda: reach_figure([reach(), reach("quick")]),
    "three": lambda: reach_figure([reach(), times(reach("quick"), 0.2, 0.1, 0.3), reach("quick")]),
    "long names": lambda: reach_figure(LONG),
    "race": lambda: race_figure([reach(), reach("quick")]),
    "race, long names": lambda: race_figure([times(LONG[0], 0.4, 0.3, 0.5), LONG[1]]),
    "channels": lambda: channels_figure([reach(), reach("quick")]),
    "channels, logarithmic": lambda: channels_figure([times(reach(), 0.4, 0.3, 0.5)]),
    "sources": lambda: sources_figure([source("slow"), source("quick")]),
    "sources, long names": lambda: sources_figure(
        [replace(source("slow"), variant=f"{n}_minutes_before") for n in range(6)]
    ),
    "sources, longest names": lambda: sources_figure(
        [replace(source("slow"), variant=f"{n} " + 12 * "very ") for n in range(6)]
    ),
    "delays": lambda: delay_figure([delay(), delay("quick")]),
    "one delay": lambda: delay_figure([delay(variant="a variant with a rather long name")]),
    "nobody": lambda: delay_figure([delay(), delay(hours=np.full(9, np.nan), total=Interval(*[math.nan] * 3, 0))]),
    "graph": lambda: graph_figure(GRAPH, title="a graph"),
    "graph, sampled": lambda: graph_figure(sampled(GRAPH)),
    "uncertain": lambda: delay_figure([delay(total=Interval(3.6, 1.0, 9.0, 9))]),
}


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_is_clipped_or_covered(name: str) -> None:
    assert_legible(FIGURES[name]())


@pytest.mark.parametrize(("tables", "width"), [(1, COLUMN_MM), (2, PAGE_MM), (4, PAGE_MM)])
def test_figures_have_the_width_of_a_column_or_a_page(tables: int, width: float) -> None:
    assert reach_figure([reach()] * tables).get_size_inches()[0] == inches(width)
    assert (COLUMN_MM, PAGE_MM, inches(25.4)) == (89, 183, 1)


def test_lines_are_the_medians_and_bands_the_quantiles_of_the_table() -> None:
    table = reach()
    axes = reach_by_channel(table, panel())
    lines = {line.get_label(): line for line in axes.get_lines()}
    for k, channel in enumerate(table.channels):
        assert np.asarray(lines[channel].get_ydata()) == pytest.approx(100 * table.median[k])
        assert np.asarray(lines[channel].get_xdata()) == pytest.approx(table.hours)
    assert np.asarray(lines["all"].get_ydata()) == pytest.approx(100 * table.whole)
    band = axes.collections[1].get_paths()[0].vertices
    assert band[:, 1].max() == pytest.approx(100 * table.high[1].max())
    assert len(axes.collections) == len(table.channels) + 1


def test_the_time_is_marked_at_its_share_with_its_interval() -> None:
    axes = reach_by_channel(times(reach(), 5.0, 4.0, 7.0), panel())
    bar, mark = axes.get_lines()[-2:]
    assert (list(bar.get_xdata()), list(bar.get_ydata())) == ([4, 7], [50, 50])
    assert (list(mark.get_xdata()), list(mark.get_ydata())) == ([5], [50])


@pytest.mark.parametrize(
    ("hours", "bar"), [((5.0, 4.0, INF), [4, 24]), ((0.05, 0.01, 0.4), [0.25, 0.4])], ids=["late", "early"]
)
def test_an_interval_that_leaves_the_axis_is_cut_to_it(hours: tuple[float, ...], bar: list[float]) -> None:
    early = hours[0] < 0.25
    axes = reach_by_channel(times(reach(), *hours), panel(), logarithmic=early)
    assert list(axes.get_lines()[-2].get_xdata()) == bar
    assert axes.get_lines()[-1].get_marker() == ("<" if early else "o")


def test_never_has_no_mark_and_the_title_says_it() -> None:
    table = reach_table(RESULTS, "slow", "speech")
    axes = reach_by_channel(table, panel())
    assert len(axes.get_lines()) == len(table.channels) + 1
    assert axes.get_title(loc="left") + axes.get_title() == "slow   T50 never"


def test_early_times_get_a_logarithmic_axis_and_late_ones_a_linear_one() -> None:
    assert reach_figure([times(reach(), 0.2, 0.1, 0.3)]).axes[0].get_xscale() == "log"
    assert reach_figure([times(reach(), 6.0, 5.0, 7.0)]).axes[0].get_xscale() == "linear"


def test_the_upper_axis_is_the_wall_clock() -> None:
    axes = reach_by_channel(reach(begins=22.5), panel())
    clock = axes.child_axes[0]
    below = [label.get_text() for label in axes.get_xticklabels()]
    above = [label.get_text() for label in clock.get_xticklabels()]
    assert below[:4] == ["0", "3", "6", "9"]
    assert above[:4] == ["22:30", "+1 d\n01:30", "+1 d\n04:30", "+1 d\n07:30"]


def test_panels_share_their_colours_although_their_channels_differ() -> None:
    fewer = reach(
        "quick", channels=("tv", "home"), **{n: getattr(reach(), n)[[1, 3]] for n in ("median", "low", "high")}
    )
    first, second = (panel.get_lines() for panel in reach_figure([reach(), fewer]).axes[:2])
    colours = [{line.get_label(): line.get_color() for line in lines} for lines in (first, second)]
    assert colours[0]["home"] == colours[1]["home"] != colours[1]["tv"]


def test_no_two_of_twenty_channels_look_alike() -> None:
    styles = line_styles([str(k) for k in range(20)])
    assert len(set(styles.values())) == 20
    assert all(a.colour != b.colour and a.dashes != b.dashes for a, b in pairwise(list(styles.values())[:7]))


def test_bars_are_as_long_as_the_components_and_end_at_the_total() -> None:
    table = delay()
    axes = delay_decomposition([table], panel())
    widths = [bar.get_width() for bar in axes.patches]
    assert widths == pytest.approx([hours for hours in table.hours if hours > 0])
    assert axes.patches[-1].get_x() + widths[-1] == pytest.approx(table.total.value)
    assert sum(bar.get_width() for bar in delay_shares([table], panel()).patches) == pytest.approx(100)


def test_nobody_aware_has_no_bar_and_says_so() -> None:
    nobody = delay(hours=np.full(9, np.nan), total=Interval(*[math.nan] * 3, 0), reached=0.0)
    axes = delay_decomposition([nobody], panel())
    assert not axes.patches
    assert [text.get_text() for text in axes.texts] == [" nobody was aware"]
    assert axes.get_yticklabels()[0].get_text() == "slow\n(0 % reached)"


def test_files_embed_truetype_fonts_at_300_dots_per_inch(tmp_path: Path) -> None:
    pdf, png = save(reach_figure([reach()]), tmp_path / "reach")
    assert b"/Type3" not in pdf.read_bytes()
    assert b"/FontFile2" in pdf.read_bytes()
    width = int.from_bytes(png.read_bytes()[16:20], "big")
    assert width == math.floor(inches(COLUMN_MM) * 300)


def test_the_same_figure_gives_the_same_bytes(tmp_path: Path) -> None:
    made = [[p.read_bytes() for p in save(reach_figure([reach()]), tmp_path / name)] for name in ("a", "b")]
    assert made[0] == made[1]


# --- the race, and what reach is made of ------------------------------------------------------------------------------


def test_the_race_has_a_line_and_a_mark_per_variant() -> None:
    slow, quick = times(reach(), 6.0, 5.0, 7.0), times(reach("quick"), 2.5, 2.0, 3.0)
    axes = race([slow, quick], panel())
    lines = axes.get_lines()
    assert [line.get_label() for line in lines[:2]] == ["slow: T50 6 h [5, 7]", "quick: T50 2.5 h [2, 3]"]
    assert np.asarray(lines[1].get_ydata()) == pytest.approx(100 * quick.whole)
    assert [list(line.get_xdata()) for line in lines[2:]] == [[5, 7], [6], [2, 3], [2.5]]
    assert lines[0].get_color() == lines[2].get_color() != lines[4].get_color()


def test_areas_are_means_that_add_up_to_the_mean_of_all() -> None:
    results = small_results.results({("slow", "fire"): np.arange(1.0, 4.0), ("quick", "fire"): [1.0]})
    curves = results.curves["slow", "fire"]
    curves.aware[0, 1] *= 2  # uneven luck: medians no longer add up
    table = reach_table(results, "slow", "fire")
    axes = channel_stack(table, panel())
    top = axes.collections[-1].get_paths()[0].vertices[:, 1].max()
    assert top == pytest.approx(100 * curves.aware.sum(axis=1).mean(axis=0).max())
    assert top != pytest.approx(100 * table.median.sum(axis=0).max(), rel=0.01)
    assert len(axes.collections) == len(table.channels)
    low, high = (np.asarray(line.get_ydata()) for line in axes.get_lines()[1:3])
    assert (low <= high).all() and high[-1] > 1.1 * low[-1]


def test_first_sources_are_marked_with_their_intervals_the_largest_on_top() -> None:
    wide = Interval(0.4, 0.3, 0.6, 9)
    axes = first_sources([source("slow", chirp=wide), source("quick")], panel())
    rows = [label.get_text() for label in axes.get_yticklabels()]
    assert rows == ["tv", "chirp", "home", "own eyes"]
    bars = [line for line in axes.get_lines() if list(line.get_xdata()) == [30, 60]]
    marks = [line for line in axes.get_lines() if list(line.get_xdata()) == [40]]
    assert len(bars) == 1 and len(marks) == 2
    assert {round(line.get_ydata()[0], 1) for line in marks} == {0.8, 1.2}


def test_a_channel_that_nobody_used_has_neither_mark_nor_row() -> None:
    none = Interval(0.0, 0.0, 0.0, 9)
    axes = first_sources([source("slow", tv=none)], panel())
    assert "tv" not in [label.get_text() for label in axes.get_yticklabels()]
    undefined = SourceTable("slow", "fire", {"tv": Interval(math.nan, math.nan, math.nan, 0)})
    assert not first_sources([undefined], panel()).get_yticklabels()
