"""Times to reach, mean times, reach and first sources, against a world of six persons counted by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import six_persons
from diffusion.errors import InputError
from diffusion.measures import (
    believing,
    first_sources,
    reach,
    reach_curve,
    restricted_mean_time,
    time_to_reach,
)
from diffusion.measures.row import quantile_name
from diffusion.measures.speed import persons_needed
from diffusion.units import NEVER

OUTCOME = six_persons.outcome()


@pytest.mark.parametrize(
    ("q", "expected"),
    # The fire is known to 0, 1, 2, 4, 3 after 0, 100, 400, 910, 1800 s. A tenth of six persons is one, .51 is four.
    [(0.1, 0), (1 / 6, 0), (0.17, 100), (0.5, 400), (0.51, 910), (5 / 6, 1800), (0.9, math.inf), (1.0, math.inf)],
)
def test_the_time_to_reach_is_that_of_the_last_person_needed(q: float, expected: float) -> None:
    assert time_to_reach(OUTCOME, q, "fire") == expected


@pytest.mark.parametrize(("q", "expected"), [(0.5, 400), (0.8, 910), (0.9, 1800), (1.0, 1800)])
def test_among_the_aware_every_share_is_reached(q: float, expected: float) -> None:
    assert time_to_reach(OUTCOME, q, "fire", among="aware") == expected


def test_nobody_aware_means_never() -> None:
    nobody = six_persons.outcome(first_tick=np.full((2, 6), NEVER, dtype=np.uint32))
    assert time_to_reach(nobody, 0.1, "fire") == math.inf
    assert time_to_reach(nobody, 0.1, "fire", among="aware") == math.inf


@pytest.mark.parametrize(("q", "among", "needed"), [(0.1, 30, 3), (0.07, 100, 7), (0.55, 100, 55), (0.501, 1000, 501)])
def test_rounding_in_binary_asks_for_nobody_more(q: float, among: int, needed: int) -> None:
    # ceil(q * among) is one too many for the second and the third.
    assert persons_needed(q, among) == needed


@given(st.integers(1, 10**9), st.data())
def test_a_share_computed_from_a_number_of_persons_needs_that_number(among: int, data: st.DataObject) -> None:
    persons = data.draw(st.integers(1, among))
    assert persons_needed(persons / among, among) == persons
    assert persons_needed(min(1.0, (persons - 0.5) / among), among) == persons


@pytest.mark.parametrize("q", [0.0, -0.1, 1.5, math.nan])
def test_a_share_outside_its_range_is_refused(q: float) -> None:
    with pytest.raises(InputError, match="share of persons"):
        time_to_reach(OUTCOME, q, "fire")


def test_the_mean_time_counts_whoever_never_hears_with_the_horizon() -> None:
    # 3,500 s are left after the fire; 3,600 after the speech, which one hears at 601 s and one at the very horizon.
    assert restricted_mean_time(OUTCOME, "fire") == pytest.approx((0 + 100 + 400 + 910 + 1800 + 3500) / 6, rel=1e-15)
    assert restricted_mean_time(OUTCOME, "speech") == pytest.approx((601 + 5 * 3600) / 6, rel=1e-15)


def test_the_mean_time_is_the_area_above_the_reach_curve() -> None:
    first = OUTCOME.column("first_tick")[0]
    aware = [(first <= tick).mean() for tick in range(100, 3600)]  # between tick and tick + 1
    assert restricted_mean_time(OUTCOME, "fire") == pytest.approx(np.sum(1 - np.array(aware)), rel=1e-12)


def test_reach_is_the_share_aware_at_the_horizon() -> None:
    assert (reach(OUTCOME, "fire"), reach(OUTCOME, "speech")) == (5 / 6, 2 / 6)


def test_reach_curves_begin_with_the_story_and_add_up() -> None:
    curve = reach_curve(OUTCOME, "fire")
    assert curve.channels == ("own eyes", "tv", "chirp", "home", "mayor")
    assert curve.seconds.tolist() == [800, 1700, 2600, 3500]
    assert (curve.aware[six_persons.CHIRP] * 6).tolist() == [1, 2, 2, 2]
    whole = reach_curve(OUTCOME, "fire", by_channel=False)
    assert whole.aware * 6 == pytest.approx([3, 4, 5, 5])


def test_first_sources_are_shares_of_the_aware() -> None:
    assert first_sources(OUTCOME, "fire") == {"own eyes": 0.2, "tv": 0.2, "chirp": 0.4, "home": 0.2, "mayor": 0.0}
    nobody = six_persons.outcome(first_channel=np.full((2, 6), 255, dtype=np.uint8))
    assert all(math.isnan(share) for share in first_sources(nobody, "fire").values())


def test_believers_have_evidence_of_one_or_more() -> None:
    # L = 1.25, 1 and 1.5 of six for the fire; unaware persons (NaN) never count.
    assert (believing(OUTCOME, "fire"), believing(OUTCOME, "speech")) == (3 / 6, 2 / 6)


def test_quantiles_have_short_names() -> None:
    assert [quantile_name(q) for q in (0.1, 0.5, 0.29, 0.025, 1.0)] == ["T10", "T50", "T29", "T2.5", "T100"]
