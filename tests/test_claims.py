"""A verdict follows from where the whole interval lies, and from nothing else."""

import math
from typing import Any

import numpy as np
import pytest

import small_results
from diffusion import study
from diffusion.errors import InputError
from diffusion.scenario import Claim
from diffusion.study import Arm, Interval, Verdict, judge
from diffusion.study.claims import check_claim, check_columns, judge_speed, side
from diffusion.study.known import check_known

INF = math.inf
SPEED: dict[str, Any] = {"measure": "speed_ratio", "of": ("slow", "quick")}
TWENTY = np.linspace(0.9, 1.1, 20)


def claim(**keys: Any) -> Claim:
    return Claim.model_validate({"text": "t", **SPEED, **keys})


@pytest.mark.parametrize(
    ("low", "high", "above", "below"),
    [(1.1, 3.0, "supported", "refuted"), (0.2, 0.9, "refuted", "supported"), (0.9, 1.1, "undecided", "undecided"),
     (1.0, 3.0, "undecided", "undecided"), (0.2, 1.0, "undecided", "undecided"), (INF, INF, "supported", "refuted")],
)  # fmt: skip
def test_only_a_whole_interval_on_one_side_decides(low: float, high: float, above: str, below: str) -> None:
    found = Interval((low + high) / 2, low, high, 20)
    assert side(found, claim(above=1.0)) == above
    assert side(found, claim(below=1.0)) == below


def verdict(slow: Any, quick: Any, **keys: Any) -> Verdict:
    arms = (
        Arm(name, np.asarray(t, dtype=float), np.minimum(t, 48.0)) for name, t in (("slow", slow), ("quick", quick))
    )
    return judge_speed(claim(**(keys or {"above": 1.0})), *arms, seed=1)


def test_speed_claims_are_supported_refuted_or_undecided() -> None:
    assert verdict(6 * TWENTY, 2 * TWENTY[::-1]).word == "supported"
    assert verdict(2 * TWENTY, 6 * TWENTY[::-1]).word == "refuted"
    assert verdict(2 * TWENTY, 6 * TWENTY[::-1], below=1.0).word == "supported"
    assert verdict(TWENTY, TWENTY[::-1]).word == "undecided"


def test_a_bound_beyond_the_ratio_flips_the_verdict() -> None:
    assert [verdict(6 * TWENTY, 2 * TWENTY, above=bound).word for bound in (2.5, 3.5)] == ["supported", "refuted"]


def test_an_arm_that_never_gets_there_is_slower_than_any_ratio() -> None:
    never = [INF] * 20
    found = verdict(never, TWENTY, above=1000.0)
    assert found.word == "supported"
    assert "slow does not get there and quick does" in found.reason
    assert "not reached in 20 of 20 (slow) and 0 of 20 (quick)" in found.numbers
    assert verdict(TWENTY, never).word == "refuted"
    assert verdict(TWENTY, never, below=1.0).word == "supported"


@pytest.mark.parametrize("nevers", [(20, 20), (10, 0), (0, 10), (20, 2), (2, 0)])
def test_never_too_often_leaves_it_undecided(nevers: tuple[int, int]) -> None:
    slow, quick = (np.concatenate([[INF] * k, TWENTY[k:]]) for k in nevers)
    found = verdict(10 * slow, quick)
    assert found.word == "undecided"
    assert "not reached too often" in found.reason


def test_one_never_in_twenty_is_taken_along() -> None:
    assert verdict([INF, *(6 * TWENTY[1:])], TWENTY).word == "supported"


def test_five_replicates_decide_nothing_however_clear_they_are() -> None:
    found = verdict([6.0] * 5, [1.0] * 5)
    assert found.word == "undecided"
    assert found.reason == "5 replicates: an interval needs at least 6"
    assert verdict([6.0] * 6, [1.0] * 6).word == "supported"


def test_variants_are_judged_on_the_story_that_the_measures_name() -> None:
    times = {
        ("slow", "fire"): 6 * TWENTY, ("quick", "fire"): 2 * TWENTY,
        ("slow", "speech"): 1 * TWENTY, ("quick", "speech"): 2 * TWENTY,
    }  # fmt: skip
    for story, word in (("fire", "supported"), ("speech", "refuted")):
        made = small_results.experiment({**SPEED, "above": 1.0}, measures={"story": story})
        found = judge(small_results.results(times, made))
        assert found is not None
        assert found.word == word


def test_two_stories_of_one_variant_are_compared() -> None:
    asked = {"measure": "story_speed_ratio", "of": ("speech", "fire"), "variant": "slow", "above": 2.0}
    times = {("slow", "fire"): TWENTY, ("slow", "speech"): 3 * TWENTY, ("quick", "fire"): TWENTY}
    found = judge(small_results.results(times, small_results.experiment(asked)))
    assert found is not None
    assert found.lines() == [
        "verdict: supported", "  claim: Quick is quicker than slow", "  T50 speech / fire: 3 [3, 3]",
        "  the whole interval lies above 2, as claimed",
    ]  # fmt: skip


def test_reach_is_compared_in_points() -> None:
    asked = {"measure": "reach_difference", "of": ("quick", "slow"), "above": 0.1}
    made = small_results.experiment(asked, measures={"story": "fire"})
    times = {("slow", "fire"): TWENTY, ("quick", "fire"): TWENTY}
    found = judge(small_results.results(times, made, slow_reached=0.5 * TWENTY, quick_reached=0.5 * TWENTY + 0.3))
    assert found is not None
    assert (found.word, found.numbers) == ("supported", "reach quick − slow: 30 points [30, 30]")
    assert "above 10 points" in found.reason


def test_any_measure_is_compared_between_variants_or_within_one() -> None:
    times = {("slow", "fire"): TWENTY, ("quick", "fire"): TWENTY}
    columns = {"slow_views": 10 * TWENTY, "quick_views": 30 * TWENTY, "quick_offers": 60 * TWENTY}
    for keys, word, numbers in (
        ({"measure": "column_ratio", "column": "views", "above": 2.9}, "supported", "views, quick / slow: 3 [3, 3]"),
        ({"measure": "column_ratio", "column": "views", "above": 3.1}, "refuted", "views, quick / slow: 3 [3, 3]"),
        ({"measure": "column_ratio", "column": ("offers", "views"), "of": ("quick", "quick"), "below": 2.1},
         "supported", "offers / views in quick: 2 [2, 2]"),
        ({"measure": "column_difference", "column": ("offers", "views"), "below": 40.0}, "refuted",
         "offers in quick − views in slow: 50 ["),
    ):  # fmt: skip
        made = small_results.experiment({"of": ("quick", "slow"), **keys}, measures={"story": "fire"})
        found = judge(small_results.results(times, made, **columns))
        assert found is not None
        assert found.word == word
        assert found.numbers.startswith(numbers)


def test_two_nevers_are_a_tie_of_any_measure_and_one_is_beyond_every_ratio() -> None:
    asked = {"measure": "column_ratio", "column": "first_h", "of": ("slow", "quick"), "above": 5.0}
    made = small_results.experiment(asked, measures={"story": "fire"})
    times = {("slow", "fire"): TWENTY, ("quick", "fire"): TWENTY}
    for quick, word in ((TWENTY, "supported"), (np.full(20, INF), "refuted")):
        found = judge(small_results.results(times, made, slow_first_h=np.full(20, INF), quick_first_h=quick))
        assert found is not None
        assert found.word == word


def test_the_largest_distance_from_what_is_known_is_judged() -> None:
    known = [
        {"variant": "slow", "column": "reached", "share": 0.7, "source": "a"},
        {"variant": "slow", "at": "12 h", "share": 0.76 * (1 - math.exp(-2)) - 0.02, "source": "b"},
        {"variant": "quick", "column": ["reached", "more"], "share": 0.1, "source": "c"},
    ]
    for of, word, points in ((("slow", "slow"), "supported", "5 ["), (("slow", "quick"), "refuted", "70 [")):
        asked = {"measure": "known_distance", "of": of, "below": 0.1}
        made = small_results.experiment(asked, measures={"story": "fire"}, known=known)
        results = small_results.results(
            {("slow", "fire"): TWENTY, ("quick", "fire"): TWENTY}, made, quick_more=np.full(20, 0.05)
        )
        found = judge(results)
        assert found is not None
        assert found.word == word
        assert points.removesuffix(" [") in found.numbers
        points_found = study.known_points(results)
        assert round(points_found[0].distance, 3) == 0.05
        assert abs(points_found[1].distance - 0.02) < 0.005
        assert points_found[1].name == "slow: aware after 12 h"


def test_a_measure_that_there_is_not_stops_the_experiment_with_the_nearest_name() -> None:
    asked = {"measure": "column_ratio", "column": ("reached", "reachd"), "of": ("slow", "quick"), "above": 5.0}
    made = small_results.experiment(asked, measures={"story": "fire"})
    check_columns(made, "slow", {"fire.reached": 1.0})
    with pytest.raises(InputError, match=r'claim\.column: there is no measure "reachd".*reached'):
        check_columns(made, "quick", {"fire.reached": 1.0})


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"measure": "column_ratio"}, "needs column"),
        ({"measure": "speed_ratio", "column": "views"}, "takes no column"),
    ],
)
def test_a_column_goes_with_the_claims_that_compare_columns(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Claim.model_validate({"text": "t", "of": ("slow", "quick"), "above": 1.0, **keys})


def test_replicates_that_only_one_variant_has_are_left_out() -> None:
    made = small_results.experiment({**SPEED, "above": 1.0}, measures={"story": "fire"})
    times = {("slow", "fire"): [*(6 * TWENTY), *([0.001] * 30)], ("quick", "fire"): TWENTY}
    found = judge(small_results.results(times, made))
    assert found is not None
    assert found.word == "supported"


def test_no_claim_has_no_verdict() -> None:
    assert judge(small_results.results({("slow", "fire"): TWENTY, ("quick", "fire"): TWENTY})) is None


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({**SPEED, "above": 1.0}, "measures.story"),
        ({"measure": "story_speed_ratio", "of": ("fire", "speech"), "above": 1.0}, "claim.variant is missing"),
        ({**SPEED, "above": 1.0, "quantile": 0.0}, "claim.quantile = 0"),
        ({**SPEED, "above": 1.0, "quantile": 0.5, "measure": "known_distance"}, "nothing is known of slow and quick"),
    ],
)
def test_what_could_not_be_judged_is_refused_before_anything_runs(asked: dict[str, Any], message: str) -> None:
    keys = {"measures": {"story": "fire"}} if "quantile" in asked else {}
    with pytest.raises(InputError, match=message):
        check_claim(small_results.experiment(asked, **keys))


def test_what_is_known_of_a_time_after_the_horizon_is_refused() -> None:
    known = [{"variant": "slow", "at": "90 day", "share": 0.5, "source": "s"}]
    made = small_results.experiment(measures={"story": "fire"}, known=known)
    with pytest.raises(InputError, match=r'known\[0\]\.at = "90 day": after the horizon'):
        check_known(made)
