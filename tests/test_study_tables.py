"""The tables behind figures and reports, against numbers worked out by hand; files that are whole or not there."""

import math
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import small_results
from diffusion.errors import InputError
from diffusion.measures import COMPONENTS
from diffusion.study import Results, delay_table, reach_table, source_table
from diffusion.study.report import SOURCES, follower_lines, table_cells
from diffusion.study.results import Curves
from diffusion.study.tables import begins_hour, times_to_reach
from diffusion.study.whole_files import whole_file

INF = math.inf


def results(**columns: Any) -> Results:
    """Four replicates of "slow" and "quick"; T50 in hours."""
    times = {("slow", "fire"): [4.0, 1.0, 3.0, 2.0], ("quick", "fire"): [1.0, INF, 1.0, 1.0]}
    return small_results.results(times, **columns)


# --- reach ------------------------------------------------------------------------------------------------------------


def test_reach_is_summed_within_replicates_and_then_ranked() -> None:
    # Two channels that take turns: medians by channel add up to .3, the median of all is .5 in every replicate.
    aware = np.array([[[0.0, 0.5], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.5]], [[0.0, 0.3], [0.0, 0.2]]])
    base = results()
    made = replace(base, curves={**base.curves, ("slow", "fire"): Curves(np.array([0.0, 7200.0]), ("a", "b"), aware)})
    table = reach_table(made, "slow", "fire")
    assert table.hours.tolist() == [0, 2]
    assert table.median[:, 1].tolist() == pytest.approx([0.3, 0.2])
    assert table.whole.tolist() == pytest.approx([0, 0.5])
    assert table.whole_low[1] == pytest.approx(0.5) == table.whole_high[1]
    assert table.mean[:, 1].tolist() == pytest.approx([0.8 / 3, 0.7 / 3])
    assert table.mean[:, 1].sum() == pytest.approx(0.5), "means add up, medians do not"
    # The 10 % and 90 % quantiles of 0, .3, .5 lie at places .2 and 1.8.
    assert (table.low[0, 1], table.high[0, 1]) == pytest.approx((0.06, 0.46))


def test_the_time_of_a_reach_table_is_the_median_over_replicates() -> None:
    table = reach_table(results(), "slow", "fire")
    assert (table.measure, table.quantile, table.time.value, table.time.n) == ("T50", 0.5, 2.5, 4)
    assert not table.time.exists, "four replicates are too few for an interval"
    assert times_to_reach(results(), "quick", "fire").tolist() == [1, INF, 1, 1]
    assert reach_table(results(), "quick", "fire").time.never == 1


def test_a_story_begins_on_the_wall_clock() -> None:
    found = results()
    start = found.experiment.variants["slow"].run.start
    assert start == datetime(2016, 11, 8, start.hour, start.minute)
    for at, later in (("90 min", 1.5), ("23 h", 23.0), ("30 min", 0.5)):
        scenario = found.experiment.variants["slow"].changed({"stories.fire.at": at, "run.horizon": "48 h"})
        variants = {**found.experiment.variants, "slow": scenario}
        moved = replace(found, experiment=found.experiment.model_copy(update={"variants": variants}))
        assert begins_hour(moved, "slow", "fire") == pytest.approx((start.hour + start.minute / 60 + later) % 24)


# --- delays and sources -----------------------------------------------------------------------------------------------


def test_delays_are_means_over_replicates_in_which_anybody_heard() -> None:
    first = {f"slow_delay.{name}_h": [1.0 * k, 3.0 * k, math.nan, 2.0 * k] for k, name in enumerate(COMPONENTS)}
    table = delay_table(results(**first), "slow", "fire")
    assert table.hours.tolist() == pytest.approx([2.0 * k for k in range(len(COMPONENTS))])
    assert table.total.value == pytest.approx(2.0 * sum(range(len(COMPONENTS))))
    assert table.total.n == 3
    nobody = {f"slow_delay.{name}_h": [math.nan] * 4 for name in COMPONENTS}
    table = delay_table(results(**nobody), "slow", "fire")
    assert np.isnan(table.hours).all()
    assert math.isnan(table.total.value)


def test_sources_are_medians_by_channel_in_the_order_of_the_codes() -> None:
    made = results(**{"slow_first.tv": [0.1, 0.9, 0.5, 0.3], "slow_first.chirp": [0.2, math.nan, 0.4, 0.3]})
    shares = source_table(made, "slow", "fire").shares
    assert list(shares) == list(small_results.CHANNELS)
    assert (shares["tv"].value, shares["chirp"].value) == (pytest.approx(0.4), pytest.approx(0.3))
    assert (shares["tv"].n, shares["chirp"].n, shares["chirp"].undefined) == (4, 3, 1)
    assert source_table(made, "quick", "fire").shares["tv"].value == 0.5


# --- the report -------------------------------------------------------------------------------------------------------


def test_a_line_of_the_table_has_time_reach_and_the_largest_sources() -> None:
    assert table_cells(results(), "quick", "fire", False) == [
        "quick",
        "T50 1 h (no interval: 4 of at least 6 replicates) (not reached in 1 of 4)",
        "reached 75 %",
        "first heard from: tv 50 %, chirp 40 %, home 9.0 %, own eyes 1.0 %",
    ]
    assert table_cells(results(), "slow", "fire", True)[:2] == ["slow", "fire"]


def test_sources_beyond_the_fifth_are_dots_and_tiny_ones_are_left_out() -> None:
    shares = {f"slow_first.c{k}": [0.045 + 0.01 * k] * 4 for k in range(SOURCES)} | {"slow_first.tiny": [0.005] * 4}
    last = table_cells(results(**shares), "slow", "fire", False)[-1]
    assert last == "first heard from: tv 50 %, chirp 40 %, home 9.0 %, c4 8.5 %, c3 7.5 %, …"
    none = {f"slow_first.{channel}": [math.nan] * 4 for channel in small_results.CHANNELS}
    assert table_cells(results(**none), "slow", "fire", False)[-1] == "first heard from: nobody"


@pytest.mark.parametrize(("mean", "told"), [(34.0, False), (34.1, True), (8.5, False), (8.4, True), (0.0, False)])
def test_a_graph_is_named_whose_followers_are_twice_or_half_what_sharing_is_scaled_for(mean: float, told: bool) -> None:
    base = results()
    means = {"slow": {"chirp": mean}, "quick": {"chirp": mean}}
    lines = follower_lines(replace(base, manifest=base.manifest | {"mean_followers": means}))
    assert len(lines) == told, "once for both variants"
    if told:
        assert f"the graph of chirp has {mean:.3g} followers per account, but sharing is scaled for 17" in lines[0]


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_file_appears_when_the_block_ends_and_not_if_it_fails(tmp_path: Path) -> None:
    place = tmp_path / "out.csv"
    with whole_file(place, "table") as beside:
        beside.write_text("new")
        assert not place.exists()
        assert beside.name == place.name, "formats that look at the suffix find it"
    assert place.read_text() == "new"
    with pytest.raises(RuntimeError), whole_file(place, "table") as beside:
        beside.write_text("half")
        raise RuntimeError
    assert place.read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("", r'^table ".*" is a folder; give the name of a file$'),
        ("no/out.csv", r'^table ".*out\.csv": there is no folder ".*no"; make it first$'),
        ("out.csv", r'^table ".*out\.csv" cannot be written: No such file or directory$'),
    ],
)
def test_what_cannot_be_written_is_one_line(tmp_path: Path, name: str, line: str) -> None:
    with pytest.raises(InputError, match=line), whole_file(tmp_path / name, "table"):
        pass  # nothing is written, so that nothing can be moved to its place
    assert not list(tmp_path.iterdir())
