"""Medians and intervals on the extended reals, and paired ratios."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion.errors import InputError
from diffusion.study import Arm, Interval, median_interval, paired_ratio
from diffusion.study.summary import FEWEST, RESAMPLES, mean_interval, short

INF = math.inf


def interval(*values: float, seed: int = 1) -> Interval:
    return median_interval(np.array(values), seed=seed)


@pytest.mark.parametrize(
    ("values", "median"),
    [
        ((1, 2, 9), 2),
        ((1, 2, 4, 9), 3),
        ((1, 2, INF), 2),
        ((1, 2, INF, INF), INF),  # halfway between 2 and never is never
        ((-INF, 1, INF), 1),
        ((-INF, -INF, 3, 5), -INF),
        ((1, math.nan, 3), 2),
    ],
)
def test_the_median_lives_on_the_extended_reals(values: tuple[float, ...], median: float) -> None:
    assert interval(*values).value == median


def test_a_median_torn_between_both_infinities_is_undetermined() -> None:
    torn = interval(*([-INF] * 5), *([INF] * 5))
    assert math.isnan(torn.value)
    assert (torn.low, torn.high) == (-INF, INF)
    assert torn.text() == "undetermined"


def test_never_and_undefined_are_counted() -> None:
    found = interval(1, 2, 3, 4, 5, 6, INF, INF, math.nan)
    assert (found.n, found.never, found.undefined) == (8, 2, 1)
    nothing = interval(math.nan, math.nan)
    assert (nothing.n, nothing.undefined, nothing.text()) == (0, 2, "undetermined")


def test_the_interval_of_mostly_never_ends_in_never_and_says_so() -> None:
    found = interval(*range(1, 9), *([INF] * 12))
    assert (found.value, found.high) == (INF, INF)
    assert found.low < INF  # eight of twenty are reached: resamples with a majority of them are not rare
    assert found.text("h").startswith("never [")
    assert interval(*([INF] * 8)).text("h") == "never"


def test_the_interval_is_that_of_the_bootstrap_distribution() -> None:
    # The median of 201 resampled values is at most the k-th smallest value with the chance that 101 or more of 201
    # draws fall among the k smallest. The exact 2.5 % and 97.5 % points are order statistics; with 2,000 resamples an
    # end lies beside them only where the chance is within 3.5 sd = 3.5 * sqrt(.025 * .975 / 2000) = .012 of the level.
    n = 201
    at_most = np.array([chance_of_a_majority(n, k / n) for k in range(n + 1)])
    values = np.arange(1.0, n + 1)
    found = median_interval(values, seed=3)
    for end, level in ((found.low, 0.025), (found.high, 0.975)):
        possible = values[(at_most[1:] >= level - 0.012) & (at_most[:-1] < level + 0.012)]
        assert end in possible
        assert possible.size <= 5


def chance_of_a_majority(n: int, p: float) -> float:
    """The chance of more than n / 2 successes in n trials."""
    return sum(math.comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(n // 2 + 1, n + 1))


def test_the_interval_covers_the_median_about_as_often_as_it_says() -> None:
    # 400 sets of 20 exponential values: a coverage of .94 has an sd of .012; .90 and .98 lie 3 of them away.
    rng = np.random.default_rng(7)
    sets = rng.exponential(size=(400, 20))
    hits = [found.low <= math.log(2) <= found.high for found in (median_interval(v, seed=1) for v in sets)]
    assert 0.90 <= np.mean(hits) <= 0.98


@given(st.lists(st.floats(0, 1e6) | st.just(INF), min_size=FEWEST, max_size=15).filter(lambda v: len(v) % 2))
def test_an_increasing_function_of_the_values_is_that_of_the_interval(values: list[float]) -> None:
    # With an odd number of values every resample's median is one of them, and nothing is averaged.
    plain, cubed = interval(*values), interval(*(v**3 for v in values))
    assert (cubed.value, cubed.low, cubed.high) == (plain.value**3, plain.low**3, plain.high**3)


def test_the_seed_alone_decides_the_resampling() -> None:
    values = np.random.default_rng(5).normal(size=40)
    assert median_interval(values, seed=1) == median_interval(values, seed=1)
    assert median_interval(values, seed=1) != median_interval(values, seed=2)


def test_resampling_in_blocks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(5).normal(size=40)
    whole = median_interval(values, seed=1)
    monkeypatch.setattr("diffusion.study.summary._BLOCK", 40 * (RESAMPLES // 3))
    assert median_interval(values, seed=1) == whole


def test_few_replicates_have_no_interval() -> None:
    few = interval(1, 2, 3, 4, 5)
    assert not few.exists
    assert few.text("h") == "3 h (no interval: 5 of at least 6 replicates)"
    assert math.isnan(few.low)


def test_the_mean_has_an_interval_of_its_own() -> None:
    found = mean_interval(np.array([1.0, 1, 1, 1, 1, 7]), seed=1)
    assert found.value == 2
    assert 1 <= found.low < 2 < found.high <= 7


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.21, "3.21"), (0.0951, "0.0951"), (1234.5, "1234"), (-2.5, "−2.5"), (0.0, "0"), (INF, "∞"), (-INF, "−∞")],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert short(value) == text


def test_hours_are_written_as_minutes_below_one() -> None:
    assert Interval(0.5, 0.25, 0.75, 20).hours_text() == "30 min [15, 45]"
    assert Interval(3.2, 2.9, INF, 20, never=1).hours_text() == "3.2 h [2.9, never]"


# --- ratios -----------------------------------------------------------------------------------------------------------


def arm(name: str, *times: float) -> Arm:
    return Arm(name, np.array(times, dtype=float), np.minimum(times, 48.0))


def test_a_constant_ratio_has_an_interval_of_no_width() -> None:
    times = (1.0, 2, 4, 8, 16, 32, 64)
    found = paired_ratio(arm("a", *times), arm("b", *(t / 2 for t in times)), seed=1)
    assert (found.ratio.value, found.ratio.low, found.ratio.high) == pytest.approx((2, 2, 2), rel=1e-15)
    assert found.text() == "T50 a / b: 2 [2, 2]"


def test_pairing_takes_out_what_both_arms_share() -> None:
    rng = np.random.default_rng(2)
    shared, own = rng.lognormal(0, 1, 40), rng.lognormal(0, 0.05, 40)
    a, b = arm("a", *(1.5 * shared)), arm("b", *(shared * own))
    paired, shuffled = paired_ratio(a, b, seed=1).ratio, paired_ratio(a, arm("b", *b.times[::-1]), seed=1).ratio
    assert paired.low < 1.5 < paired.high
    assert (paired.high - paired.low) * 5 < shuffled.high - shuffled.low


@pytest.mark.parametrize(("never", "is_number"), [(0, True), (1, True), (2, False), (18, False), (20, False)])
def test_a_ratio_is_given_only_if_both_arms_get_there_in_95_of_100(never: int, is_number: bool) -> None:
    times = [*range(1, 21 - never), *([INF] * never)]
    for first, second in ((times, range(1, 21)), (range(1, 21), times)):
        found = paired_ratio(arm("a", *first), arm("b", *second), seed=1)
        assert found.is_number == is_number
        assert found.is_one_sided == (never >= 19)


def test_without_a_ratio_the_counts_and_the_mean_times_stand_instead() -> None:
    found = paired_ratio(arm("a", *([INF] * 8)), arm("b", *range(1, 9)), seed=1)
    assert found.text("T90").startswith(
        "T90 a / b: no ratio; not reached in 8 of 8 (a) and 0 of 8 (b); restricted mean time 48 h against 4.5 h, "
        "difference 43.5 h ["
    )
    assert found.ratio.value == INF


def test_never_on_one_side_is_infinite_and_on_both_sides_a_tie() -> None:
    first = arm("a", INF, INF, INF, INF, INF, INF, 1)
    assert paired_ratio(first, arm("b", 1, 1, 1, 1, INF, INF, INF), seed=1).ratio.value == INF
    assert paired_ratio(first, arm("b", INF, INF, INF, INF, INF, INF, 5), seed=1).ratio.value == 1
    assert paired_ratio(arm("b", 1, 1, 1, 1, 1, 1, 1), first, seed=1).ratio.value == 0


def test_times_of_zero_are_compared_without_a_warning() -> None:
    found = paired_ratio(arm("a", *([0.0] * 7)), arm("b", *([0.0] * 7)), seed=1)
    assert found.ratio.value == 1
    assert paired_ratio(arm("a", *([0.0] * 7)), arm("b", *([2.0] * 7)), seed=1).ratio.value == 0


def test_arms_of_unequal_length_are_refused() -> None:
    with pytest.raises(InputError, match="equally many"):
        paired_ratio(arm("a", 1, 2), arm("b", 1), seed=1)
