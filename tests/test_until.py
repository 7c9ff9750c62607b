"""Replicates until an interval is narrow: rounds, half widths by hand, plain runs and sweeps."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from diffusion import InputError, run_experiment
from diffusion.scenario import Experiment
from diffusion.study import Results, median_interval, report_lines
from diffusion.study.sweeps.run import run_sweep
from diffusion.study.until import Watch, rounds
from small_sweeps import FILE, SWEEP, read

LOOSE, TIGHT = 1.0, 0.02


def until(width: float) -> str:
    return f'[until]\nmeasure = "reached"\nhalf_width = {width}\nmost = 40\n'


def by_variant(**values: list[float]) -> dict[tuple[str, int], float]:
    return {(name, k): value for name, found in values.items() for k, value in enumerate(found)}


# --- rounds and half widths ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "most", "ends"),
    [(8, 64, (8, 16, 32, 64)), (8, 50, (8, 16, 32, 50)), (20, 20, (20,)), (30, 20, (30,)), (1, 5, (1, 2, 4, 5))],
)
def test_rounds_double_up_to_the_most(first: int, most: int, ends: tuple[int, ...]) -> None:
    assert rounds(first, most) == ends


def test_the_widest_interval_of_the_variants_counts() -> None:
    narrow, wide = [1.0, 1.1, 1.2, 1.1, 1.0, 1.2], [1.0, 2.0, 3.0, 1.5, 2.5, 2.0]
    watch = Watch("fire.reached", 0.3, seed=5)
    found = median_interval(np.array(wide), seed=5)
    assert watch.half_width(by_variant(a=narrow, b=wide)) == (found.high - found.low) / 2
    assert watch.half_width(by_variant(a=narrow)) < 0.11


def test_pairs_are_compared_replicate_by_replicate() -> None:
    luck = [1.0, 5.0, 2.0, 9.0, 4.0, 7.0]
    slower = [1 + x for x in luck]
    values = by_variant(a=slower, b=[*luck, 100.0])  # the seventh has no partner
    assert Watch("s.x", 1.0).half_width(values) > 1.5
    assert Watch("s.x", 1.0, ("a", "b")).half_width(values) == 0.0
    twice = by_variant(a=[2 * x for x in luck], b=luck)
    assert Watch("s.x", 1.0, ("a", "b"), ratio=True).half_width(twice) == pytest.approx(0, abs=1e-12)
    assert Watch("s.x", 1.0, ("a", "b")).half_width(twice) > 1


def test_never_is_known_and_a_torn_or_missing_interval_is_not() -> None:
    watch, pair = Watch("s.x", 1.0), Watch("s.x", 1.0, ("a", "b"))
    assert watch.half_width(by_variant(a=[math.inf] * 6)) == 0
    assert watch.half_width(by_variant(a=[1.0, math.inf] * 6)) == math.inf
    assert watch.half_width(by_variant(a=[1.0] * 5)) == math.inf  # fewer than six replicates have no interval
    assert watch.half_width(by_variant(a=[math.nan] * 8)) == math.inf
    assert pair.half_width(by_variant(a=[math.inf] * 6, b=[math.inf] * 6)) == 0
    assert pair.half_width(by_variant(a=[1.0] * 6)) == math.inf


def test_what_is_watched_is_said_in_its_units(tmp_path: Path) -> None:
    def watch(text: str) -> Watch:
        found = Watch.over(read(tmp_path, FILE + text))
        assert found is not None
        return found

    time = watch('[until]\nmeasure = "T25"\nhalf_width = "90 min"\n')
    assert (time.column, time.wanted) == ("quake.T25_h", 1.5)
    assert time.told(0.05) == {
        "half_width": 0.05, "wanted": 1.5, "precise": True, "text": "T25 ± 3 min, wanted ± 1.5 h"
    }  # fmt: skip
    assert time.told(math.inf)["text"] == "T25 no interval yet, wanted ± 1.5 h"
    share = watch('[until]\nmeasure = "quake.reached"\nhalf_width = 0.01\nof = ["all", "quiet"]\n')
    assert (share.column, share.told(0.2)["text"]) == ("quake.reached", "reached all − quiet ± 0.2, wanted ± 0.01")
    ratio = watch('[until]\nmeasure = "T50"\nhalf_width = 0.1\nof = ["all", "quiet"]\ncompare = "ratio"\n')
    assert ratio.told(0.2)["text"] == "T50 all / quiet ± 0.2, wanted ± 0.1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('measure = "reached"\nhalf_width = "2 min"', r'half_width = "2 min": reached is no time; give a number'),
        (
            'measure = "T50"\nhalf_width = "2 min"\nof = ["all", "quiet"]\ncompare = "ratio"',
            "is no time; give a number",
        ),
        ('measure = "reach"\nhalf_width = 0.1', 'until.measure: there is no measure "quake.reach"; did you mean'),
    ],
)
@pytest.mark.parametrize("swept", [False, True])
def test_what_cannot_be_watched_is_refused(tmp_path: Path, text: str, said: str, swept: bool) -> None:
    made = read(tmp_path, FILE + (SWEEP if swept else "") + "[until]\n" + text + "\n")
    with pytest.raises(InputError, match=said):
        run_sweep(made, out=tmp_path) if swept else run_experiment(made)


def test_among_several_stories_one_is_named(tmp_path: Path) -> None:
    second = '[stories.vote]\nkind = "news"\nwitnesses = 2\n'
    with pytest.raises(InputError, match=r'of which story\? write "quake.reached", or set measures.story'):
        Watch.over(read(tmp_path, FILE + second + until(0.1)))
    found = Watch.over(read(tmp_path, FILE + second + '[measures]\nstory = "vote"\n' + until(0.1)))
    assert found is not None
    assert found.column == "vote.reached"


# --- runs without a sweep --------------------------------------------------------------------------------------------


def test_a_run_goes_on_until_the_interval_is_narrow(tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []
    made = read(tmp_path, FILE + until(TIGHT), replicates=5)
    found = run_experiment(made, out=tmp_path, log=told.append)
    watched = [event for event in told if event["event"] == "round"]
    ends = [event["replicates"] for event in watched]
    assert ends == list(rounds(5, 40))[: len(ends)]
    assert [event["precise"] for event in watched] == [False] * (len(ends) - 1) + [watched[-1]["half_width"] <= TIGHT]
    assert 5 < ends[-1] == len(found.values("all", "quake.reached")) == found.manifest["replicates"]["quiet"]
    widths = [median_interval(found.values(v, "quake.reached"), seed=1) for v in ("all", "quiet")]
    assert watched[-1]["half_width"] == max((w.high - w.low) / 2 for w in widths)
    assert f"until: {found.manifest['until']}" in "\n".join(report_lines(found))
    # The same as asking for so many replicates at once.
    plain = run_experiment(read(tmp_path, FILE, replicates=ends[-1]), threads=1)
    assert repr(plain.runs) == repr(found.runs)
    stored = Results.read(tmp_path / "small")
    assert run_experiment(stored.experiment).manifest["replicates"] == found.manifest["replicates"]
    assert told[-1]["event"] == "end"
    assert (told[-1]["done"], told[-2]["event"]) == (2 * ends[-1], "round")


def test_an_interval_that_is_narrow_at_once_needs_no_second_round(tmp_path: Path) -> None:
    found = run_experiment(read(tmp_path, FILE + until(LOOSE), replicates=6))
    assert found.manifest["replicates"] == {"all": 6, "quiet": 6}
    assert found.manifest["until"].endswith(": reached with 6 replicates")
    most = run_experiment(read(tmp_path, FILE + until(1e-9), replicates=6))
    assert most.manifest["replicates"] == {"all": 40, "quiet": 40}
    assert most.manifest["until"].endswith(": not reached with 40 replicates")


# --- sweeps ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def precise(tmp_path: Path) -> Experiment:
    return read(tmp_path, FILE + SWEEP + until(TIGHT), replicates=5)


def tables(folder: Path) -> tuple[bytes, ...]:
    return tuple((folder / "small" / name).read_bytes() for name in ("runs.parquet", "summary.csv"))


def test_every_point_of_a_sweep_stops_by_itself(precise: Experiment, tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []
    found = run_sweep(precise, out=tmp_path, log=told.append)
    assert found is not None
    last = {event["point"]: event for event in told if event["event"] == "round"}
    rows = found.table(["quake.reached"]).to_pylist()
    for point, event in last.items():
        own = {
            v: [r["quake.reached"] for r in rows if (r["point"], r["variant"]) == (point, v)] for v in ("all", "quiet")
        }
        assert {len(values) for values in own.values()} == {event["replicates"]}
        alone = Watch.over(precise)
        assert alone is not None
        assert alone.half_width(by_variant(**own)) == event["half_width"]
        assert event["precise"] or event["replicates"] == 40
    assert len({event["replicates"] for event in last.values()}) > 1, "all points stopped alike: nothing is tested"


def test_how_far_a_point_goes_does_not_depend_on_who_ran_it(precise: Experiment, tmp_path: Path) -> None:
    run_sweep(precise, out=tmp_path / "one", threads=1)
    run_sweep(precise, out=tmp_path / "many", threads=5)
    for shard in ("2/2", "1/2"):
        run_sweep(precise, out=tmp_path / "shards", shard=shard)

    class Enough(Exception):
        pass

    def few(event: dict[str, Any]) -> None:
        if event["event"] == "round" and event["replicates"] > 5:
            raise Enough

    with pytest.raises(Enough):
        run_sweep(precise, out=tmp_path / "cut", log=few)
    run_sweep(precise, out=tmp_path / "cut")
    # A store that holds more replicates than are needed gives no more.
    run_sweep(read(tmp_path, FILE + SWEEP, replicates=40), out=tmp_path / "more")
    run_sweep(precise, out=tmp_path / "more")
    first = tables(tmp_path / "one")
    assert all(tables(tmp_path / name) == first for name in ("many", "shards", "cut", "more"))
