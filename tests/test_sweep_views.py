"""Views of a sweep: axes, medians by point, ratios over two keys, effects; all from a table with numbers worked out."""

import json
import math
from typing import Any

import numpy as np
import pytest

from diffusion.errors import InputError
from diffusion.study.sweeps.axes import axis_of, same_value
from diffusion.study.sweeps.cube import Cube, cube
from diffusion.study.sweeps.views import heat_table, line_table, tornado_table
from sweep_tables import grid, table

INF = math.inf
LUCK = np.array([-3, -2, -1, 0, 0, 1, 2, 3]) / 100  # of eight replicates; the median is 0


def hours(point: Any, variant: str, k: int) -> float:
    """Slow takes a + 10 b hours, quick 4: at a = 4, b = 0 they are equal. Luck is added to slow alone."""
    return point["a"] + 10 * point["b"] + LUCK[k] if variant == "slow" else 4.0


def small(**measures: Any) -> Cube:
    points = grid({"a": [8, 2, 4], "b": [0.0, 1.0]})
    return cube(table(points, {"fire.T50_h": hours} | {f"fire.{name}": m for name, m in measures.items()}))


# --- axes ------------------------------------------------------------------------------------------------------------


def test_values_are_numbers_in_a_unit_that_suits_them_and_ascend() -> None:
    axis = axis_of("k", ["2 h", "30 min", "1 h", "30 min"])
    assert (axis.unit, axis.numbers.tolist(), axis.values) == ("h", [0.5, 1.0, 2.0], ("30 min", "1 h", "2 h"))
    assert axis.of_point.tolist() == [2, 0, 1, 0]
    rates = axis_of("k", ["48/day", "0.5/h", "1/h"])
    assert (rates.unit, rates.numbers.tolist()) == ("per day", [12.0, 24.0, 48.0])
    assert axis_of("k", [3, 1.5]).numbers.tolist() == [1.5, 3.0]


def test_names_keep_the_order_of_the_sweep() -> None:
    axis = axis_of("k", [True, False, True])
    assert axis.is_named and axis.texts == ("true", "false") and axis.of_point.tolist() == [0, 1, 0]
    assert axis_of("k", ["weibo", "flat"]).texts == ("weibo", "flat")


def test_tables_that_differ_in_one_entry_are_that_entry() -> None:
    laws = [json.dumps({"law": "lognormal", "median": text, "sd": 0.6}) for text in ("2 h", "30 min")]
    axis = axis_of("outlets.*.verify", laws)
    assert (axis.key, axis.unit, axis.numbers.tolist()) == ("outlets.*.verify.median", "h", [0.5, 2.0])
    other = '{"law": "lognormal", "median": "1 h", "sd": 0.1}'
    assert axis_of("outlets.*.verify", [*laws, other]).is_named


@pytest.mark.parametrize(
    ("values", "is_log"),
    [
        ([1, 10, 100], True),
        ([0.05, 0.1, 0.2, 0.4], True),
        ([1, 2, 3, 4, 5], False),
        ([0, 1, 10, 100], False),
        ([1, 100], False),
        ([1.0, 1.1, 1.21], False),
    ],
)
def test_an_axis_is_logarithmic_where_values_are_spaced_by_factors(values: list[float], is_log: bool) -> None:
    assert axis_of("k", values).is_log == is_log


def test_durations_far_apart_have_units_of_their_own() -> None:
    axis = axis_of("k", ["5 min", "40 min", "320 min", "3 days"])
    assert axis.texts == ("5 min", "40 min", "5.33 h", "3 days") and axis.label == "k"
    near = axis_of("k", ["1 h", "2 h", "3 h"])
    assert near.texts == ("1", "2", "3") and near.label == "k, h" and near.with_unit(1) == "2 h"


def test_a_value_is_found_however_it_is_written() -> None:
    assert same_value("30 min", "0.5 h") and same_value(0.5, "5e-1") and same_value(True, "true")
    assert not same_value("30 min", "30") and not same_value(1, "true") and not same_value(30, "30 min")


# --- the table -------------------------------------------------------------------------------------------------------


def test_names_are_looked_up_and_mistakes_are_one_line() -> None:
    found = small(reached=lambda *_: 0.5)
    assert found.keys == ("a", "b") and found.measures == ("fire.T50_h", "fire.reached")
    assert {found.column(name) for name in ("fire.T50_h", "T50_h", "T50")} == {"fire.T50_h"}
    for ask, message in (
        (lambda: found.column("reeched"), 'no measure "reeched"; did you mean "reached"'),
        (lambda: found.axis("c"), r'"c" was not swept \(known: a, b\)'),
        (lambda: found.variant("quik"), 'no variant "quik"; did you mean "quick"'),
        (lambda: found.at({"a": "3"}), 'a = "3": there is no such point; its values are 8, 2, 4'),
        (lambda: cube(found.table.slice(0, 0)), "no finished run"),
        (lambda: cube(found.table.drop_columns(["run"])), "no table of a sweep"),
    ):
        with pytest.raises(InputError, match=message):
            ask()


def test_a_measure_of_two_stories_must_name_its_story() -> None:
    found = cube(table(grid({"a": [1]}), {"fire.T50_h": lambda *_: 1.0, "speech.T50_h": lambda *_: 2.0}))
    with pytest.raises(InputError, match=r"which story.*fire\.T50_h, speech\.T50_h"):
        found.column("T50")


def test_missing_runs_are_undefined_and_the_others_stay_where_they_are() -> None:
    found = small()
    kept = np.arange(found.table.num_rows) % 3 != 1
    values, fewer = found.values("fire.T50_h"), cube(found.table.filter(kept)).values("fire.T50_h")
    assert (np.isnan(fewer).reshape(-1) == ~kept).all()
    assert (fewer.reshape(-1)[kept] == values.reshape(-1)[kept]).all()


# --- lines -----------------------------------------------------------------------------------------------------------


def test_a_line_has_the_medians_of_its_points_in_ascending_order() -> None:
    lines = line_table(small().at({"b": "1"}), "a", "T50").panels[""]
    assert [line.name for line in lines] == ["slow", "quick"]
    assert lines[0].numbers.tolist() == [2.0, 4.0, 8.0]
    assert [i.value for i in lines[0].intervals] == [12.0, 14.0, 18.0]
    assert all(-0.03 <= i.low - i.value < 0 < i.high - i.value <= 0.03 for i in lines[0].intervals)
    assert {(i.value, i.low, i.high) for i in lines[1].intervals} == {(4.0, 4.0, 4.0)}


def test_a_second_key_makes_lines_or_panels() -> None:
    apart = line_table(small(), "a", "T50", by="b", ratio=("slow", "quick"))
    assert [line.name for line in apart.panels[""]] == ["0", "1"] and apart.by == "b"
    assert [i.value for i in apart.panels[""][0].intervals] == pytest.approx([0.5, 1.0, 2.0])
    beside = line_table(small(), "a", "T50", by="b", panels=True)
    assert list(beside.panels) == ["b = 0", "b = 1"]
    assert [i.value for i in beside.panels["b = 1"][0].intervals] == [12.0, 14.0, 18.0]


def test_several_points_at_one_value_are_not_mixed() -> None:
    with pytest.raises(InputError, match=r'for b varied too; .* --where "b=0.0", or take it as --by'):
        line_table(small(), "a", "T50")


def test_ratios_are_paired_by_replicate() -> None:
    """Both variants carry the same large luck: it leaves the paired ratio, not the ratio of the medians' intervals."""
    luck = [1, 10, 2, 20, 3, 30, 4, 40]
    found = cube(
        table(
            grid({"a": [1, 2]}),
            {"fire.T50_h": lambda p, variant, k: luck[k] * (p["a"] * 1.5 if variant == "slow" else 1.0)},
        )
    )
    ratios = line_table(found, "a", "T50", ratio=("slow", "quick")).panels[""][0].intervals
    assert [(i.value, i.low, i.high) for i in ratios] == [pytest.approx((1.5,) * 3), pytest.approx((3.0,) * 3)]
    assert line_table(found, "a", "T50").panels[""][0].intervals[0].high > 20


# --- maps ------------------------------------------------------------------------------------------------------------


def test_a_map_has_a_cell_per_point() -> None:
    found = heat_table(small(), "b", "a", "T50", ratio=("slow", "quick"))
    assert found.value.shape == (3, 2)
    assert found.value == pytest.approx(np.array([[0.5, 3.0], [1.0, 3.5], [2.0, 4.5]]))
    assert found.is_uncertain.tolist() == [[False, False], [True, False], [False, False]]
    assert not found.unreached.any()
    turned = heat_table(small(), "a", "b", "T50", ratio=("slow", "quick"))
    assert (turned.value == found.value.T).all()


def test_cells_in_which_an_arm_is_never_reached_are_told_apart() -> None:
    def never(point: Any, variant: str, k: int) -> float:
        return INF if variant == point["who"] or point["who"] == "both" else 5.0

    found = cube(table(grid({"who": ["nobody", "slow", "quick", "both"], "b": [1]}), {"fire.T50_h": never}))
    cells = heat_table(found, "who", "b", "T50", ratio=("slow", "quick"))
    assert cells.value.tolist() == [[1.0, INF, 0.0, 1.0]]
    assert cells.unreached.tolist() == [[[False, True, False, True]], [[False, False, True, True]]]
    assert cells.never.max() == 8


def test_points_that_were_not_swept_are_empty_cells() -> None:
    found = heat_table(
        cube(table([{"a": 1, "b": 1}, {"a": 2, "b": 2}], {"fire.T50_h": hours})), "a", "b", "T50", variant="slow"
    )
    assert np.isnan(found.value).tolist() == [[False, True], [True, False]] and found.n.tolist() == [[8, 0], [0, 8]]
    assert not found.is_uncertain[0, 1]


def test_a_map_without_a_ratio_is_of_one_variant() -> None:
    with pytest.raises(InputError, match="which variant"):
        heat_table(small(), "a", "b", "T50")
    assert heat_table(small(), "a", "b", "T50", variant="quick").value.tolist() == [[4.0] * 3] * 2


# --- effects ---------------------------------------------------------------------------------------------------------


def test_effects_are_medians_at_the_ends_less_the_median_of_all() -> None:
    found = tornado_table(small(), "T50", variant="slow")
    assert [effect.key for effect in found.effects] == ["b", "a"]
    assert found.middle == pytest.approx(10.0)  # of 2, 4, 8, 12, 14, 18
    b, a = found.effects
    assert (b.values, a.values) == (("0", "1"), ("2", "8"))
    assert [b.low.value, b.high.value] == pytest.approx([-6, 4])
    assert [a.low.value, a.high.value] == pytest.approx([7 - 10, 13 - 10])


def test_luck_that_all_points_share_is_in_no_effect() -> None:
    luck = [0, 100, 0, 100, 0, 100, 0, 100]
    found = cube(table(grid({"a": [1, 2, 3]}), {"fire.T50_h": lambda p, v, k: p["a"] + luck[k]}, variants=["one"]))
    (effect,) = tornado_table(found, "T50").effects
    assert (effect.low.low, effect.low.high, effect.high.low, effect.high.high) == (-1, -1, 1, 1)


def test_effects_on_a_ratio_are_factors() -> None:
    found = tornado_table(small().at({"b": "0"}), "T50", ratio=("slow", "quick"))
    (effect,) = found.effects
    assert [effect.low.value, effect.high.value] == pytest.approx([0.5, 2.0], rel=0.02)
    assert found.middle == pytest.approx(1.0, rel=0.02)


def test_sampled_keys_are_low_and_high_in_the_outermost_fifths() -> None:
    points = [{"a": k / 20, "b": (7 * k % 20) / 20} for k in range(20)]
    found = tornado_table(cube(table(points, {"fire.T50_h": lambda p, *_: 100 * p["a"]}, variants=["one"])), "T50")
    assert found.is_sampled and found.effects[0].key == "a"
    assert found.effects[0].values == ("0 to 0.15", "0.8 to 0.95")
    assert found.effects[0].high.value == pytest.approx(87.5 - 47.5)
    assert abs(found.effects[1].high.value) < 20


def test_never_is_the_largest_effect() -> None:
    def some(point: Any, _: str, k: int) -> float:
        return INF if point["a"] == 3 else 1.0 + point["b"]

    found = tornado_table(
        cube(table(grid({"a": [1, 2, 3], "b": [0, 5]}), {"fire.T50_h": some}, variants=["one"])), "T50"
    )
    assert [effect.key for effect in found.effects] == ["a", "b"]
    assert found.effects[0].high.value == INF and found.effects[0].low.value <= 0
