"""Axes of hours, colours and names of figures: what is marked, where, and in which words."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import small_results
from diffusion.figures.channels import channels_of, sources_figure, sources_worth_a_row
from diffusion.figures.hours import clock_label, mark_hours, mark_time, needs_logarithm, wants_logarithm
from diffusion.figures.style import HATCHES, LINE_COLOURS, fill_style, fill_styles, inches, line_styles, shortened
from diffusion.study import Interval, ReachTable, SourceTable, reach_table
from legible import assert_legible

RESULTS = small_results.results({("slow", "fire"): np.linspace(5, 6, 9), ("quick", "fire"): np.linspace(1.5, 2, 9)})


def table(value: float = 5.5, low: float = math.nan, high: float = math.nan, variant: str = "slow") -> ReachTable:
    n = 9 if not math.isnan(low) else 3
    return replace(reach_table(RESULTS, variant, "fire"), time=Interval(value, low, high, n))


def axes(low: float = 0.0, high: float = 24.0, scale: str = "linear") -> Axes:
    made = Figure().subplots()
    made.set_xscale(scale)
    made.set_xlim(low, high)
    return made


def labels(of: Axes) -> list[str]:
    return [text.get_text() for text in of.get_xticklabels()]


# --- time -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "horizon", "wanted"),
    [
        ([2.0, 6.0], 24.0, False), ([1.9], 24.0, True), ([6.0, 1.0], 24.0, True),
        ([0.0], 24.0, False), ([math.inf], 24.0, False), ([math.nan], 24.0, False), ([], 24.0, False),
        ([2.0], 24.1, True),
    ],
)  # fmt: skip
def test_time_is_logarithmic_where_the_horizon_is_twelve_times_the_shortest(
    times: list[float], horizon: float, wanted: bool
) -> None:
    assert wants_logarithm(times, horizon) == wanted


def test_one_early_variant_makes_the_axis_of_all_logarithmic() -> None:
    assert RESULTS.experiment.variants.keys() == {"slow", "quick"}
    assert table().hours[-1] == 24.0
    assert not needs_logarithm([table(5.5), table(3.0)])
    assert needs_logarithm([table(5.5), table(0.5)])


@pytest.mark.parametrize(
    ("horizon", "marked"),
    [
        (6.0, [0, 1, 2, 3, 4, 5, 6]), (8.0, list(range(9))), (9.0, [0, 2, 4, 6, 8]),
        (48.0, [0, 6, 12, 18, 24, 30, 36, 42, 48]), (100.0, [0, 24, 48, 72, 96]), (2000.0, list(range(0, 2001, 168))),
    ],
)  # fmt: skip
def test_a_linear_axis_has_at_most_nine_marks_in_whole_steps(horizon: float, marked: list[int]) -> None:
    on = axes(high=horizon)
    mark_hours(0.0, on)
    assert on.get_xticks().tolist() == marked
    assert len(marked) <= 9 or horizon > 8 * 168, "beyond eight weeks a week is the longest step"


def test_a_logarithmic_axis_is_marked_in_minutes_and_days() -> None:
    on = axes(1 / 30, 50.0, "log")
    mark_hours(18.5, on)
    assert labels(on) == ["10 min", "30 min", "1", "3", "6", "12", "24", "48"]
    (upper,) = on.child_axes
    clock = ["18:40", "19:00", "19:30", "21:30", "+1 d\n00:30", "+1 d\n06:30", "+1 d\n18:30", "+2 d\n18:30"]
    assert labels(upper) == clock
    bare = axes()
    mark_hours(18.5, bare, clock=False)
    assert bare.child_axes == []


@pytest.mark.parametrize(
    ("hour", "text"),
    [
        (0, "00:00"), (8.25, "08:15"), (23.999, "+1 d\n00:00"), (24, "+1 d\n00:00"), (37.5, "+1 d\n13:30"),
        (72, "+3 d\n00:00"),
    ],
)  # fmt: skip
def test_the_wall_clock_counts_days(hour: float, text: str) -> None:
    assert clock_label(hour) == text


@pytest.mark.parametrize(
    ("time", "bar", "mark"),
    [
        ((5.0, 4.0, 6.0), [4.0, 6.0], (5.0, "o")),
        ((5.0, 0.5, 30.0), [1.0, 24.0], (5.0, "o")),
        ((0.5, 0.4, 2.0), [1.0, 2.0], (1.0, "<")),
        ((5.0, math.nan, math.nan), None, (5.0, "o")),
        ((25.0, 4.0, 30.0), None, None),
        ((math.inf, 4.0, math.inf), None, None),
        ((math.nan, math.nan, math.nan), None, None),
    ],
)
def test_a_time_has_a_bar_within_the_axis_and_an_arrow_if_it_was_earlier(
    time: tuple[float, float, float], bar: list[float] | None, mark: tuple[float, str] | None
) -> None:
    on = axes(1.0, 24.0)
    mark_time(table(*time), on)
    bars = [line for line in on.lines if len(line.get_xdata()) == 2]
    marks = [line for line in on.lines if len(line.get_xdata()) == 1]
    assert [list(line.get_xdata()) for line in bars] == ([] if bar is None else [bar])
    assert [(line.get_xdata()[0], line.get_marker()) for line in marks] == ([] if mark is None else [mark])
    assert all(set(line.get_ydata()) == {50.0} for line in on.lines), "at the height of q"


# --- colours and names ------------------------------------------------------------------------------------------------


def test_lines_of_equal_colour_differ_in_dashes_and_neighbours_in_both() -> None:
    names = [f"v{k}" for k in range(28)]
    styles = [line_styles(names)[name] for name in names]
    assert len({(s.colour, str(s.dashes)) for s in styles}) == 28
    assert all(a.colour != b.colour and a.dashes != b.dashes for a, b in pairwise(styles))
    assert [s.colour for s in styles[:7]] == list(LINE_COLOURS)


def test_forty_five_areas_differ_and_neighbours_in_colour_and_hatch() -> None:
    areas = [fill_style(k) for k in range(45)]
    assert len({(a["facecolor"], a["hatch"]) for a in areas}) == 45
    assert all(a["facecolor"] != b["facecolor"] and a["hatch"] != b["hatch"] for a, b in pairwise(areas))
    assert {a["hatch"] for a in areas} == set(HATCHES)
    assert fill_styles(["x", "y"]) == {"x": fill_style(0), "y": fill_style(1)}


@pytest.mark.parametrize(("name", "text"), [("abc", "abc"), ("abcd", "abcd"), ("abcde", "abc…"), ("", "")])
def test_a_long_name_is_cut_with_an_ellipsis(name: str, text: str) -> None:
    assert shortened(name, 4) == text


def test_millimetres_become_inches() -> None:
    assert (inches(25.4), inches(0)) == (1.0, 0.0)


# --- channels ---------------------------------------------------------------------------------------------------------


def test_channels_stand_in_the_order_of_the_variant_that_has_most() -> None:
    short, long = replace(table(), channels=("tv", "web")), replace(table(), channels=("own eyes", "web", "tv"))
    other = replace(table(), channels=("radio",))
    assert channels_of([short, long, other]) == ["own eyes", "web", "tv", "radio"]


def shares(**values: float) -> SourceTable:
    return SourceTable("slow", "fire", {name: Interval(value, value, value, 9) for name, value in values.items()})


def test_rows_are_sorted_by_the_largest_share_anywhere_and_unseen_ones_left_out() -> None:
    first = shares(tv=0.5, web=0.004, chirp=0.2, radio=math.nan)
    second = shares(tv=0.1, web=0.0049, chirp=0.7, radio=0.005)
    assert sources_worth_a_row([first, second]) == ["chirp", "tv", "radio"]
    assert sources_worth_a_row([shares(tv=math.nan)]) == []


@pytest.mark.parametrize("variants", [1, 2, 5])
def test_the_figure_of_sources_grows_with_variants_and_clips_nothing(variants: int) -> None:
    tables = [replace(shares(tv=0.5, chirp=0.3, web=0.2), variant=f"variant {k}") for k in range(variants)]
    figure = sources_figure(tables)
    assert_legible(figure, least=6)
    marks = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 1]
    assert len(marks) == 3 * variants
    assert sorted(float(line.get_xdata()[0]) for line in marks) == sorted([20.0, 30.0, 50.0] * variants)
