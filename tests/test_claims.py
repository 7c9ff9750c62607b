"""A verdict follows from where the whole interval lies, and from nothing else."""

import math
from typing import Any

import numpy as np
import pytest

import small_results
from diffusion.errors import InputError
from diffusion.scenario import Claim
from diffusion.study import Arm, Interval, Verdict, judge
from diffusion.study.claims import check_claim, judge_speed, side

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
    ],
)
def test_what_could_not_be_judged_is_refused_before_anything_runs(asked: dict[str, Any], message: str) -> None:
    keys = {"measures": {"story": "fire"}} if "quantile" in asked else {}
    with pytest.raises(InputError, match=message):
        check_claim(small_results.experiment(asked, **keys))
