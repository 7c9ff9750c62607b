"""Exposures caused per sharer, Gini coefficients and top shares, counted by hand and by definition."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import six_persons
from diffusion.errors import InputError
from diffusion.measures import exposures_caused, gini, top_share
from diffusion.outcome import Events
from diffusion.simulation import simulate
from diffusion.vocabulary import ChannelKind, EventKind
from worlds import crowded_world


def test_sharers_are_credited_with_those_who_read_them() -> None:
    # The sharers are 0, 1 and 4. 1 heard first through 0; 2 was told by 1 at home, which is no post; 4 and 3 heard from
    # the station. In all, 0 was read by 1, 1 by 0 and 4 by 1.
    logged = six_persons.logged()
    assert exposures_caused(logged, "fire").tolist() == [1, 0, 0]
    assert exposures_caused(logged, "fire", count="all").tolist() == [1, 1, 1]
    assert exposures_caused(logged, "speech").tolist() == [1]
    with pytest.raises(InputError, match='record = "events" keeps it'):
        exposures_caused(six_persons.outcome(), "fire", count="all")
    with pytest.raises(InputError, match='did you mean "first"'):
        exposures_caused(logged, "fire", count="frist")  # type: ignore[arg-type]


def test_nobody_who_shares_is_an_empty_column() -> None:
    never = six_persons.outcome(share_tick=np.full((2, 6), 2**32 - 1, dtype=np.uint32))
    assert exposures_caused(never, "fire").tolist() == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [([3, 3, 3], 0), ([0, 0, 0, 8], 3 / 4), ([1, 3], 1 / 4), ([1, 2, 3], 2 / 9), ([5], 0)],
)
def test_gini_coefficients_known_in_closed_form(values: list[int], expected: float) -> None:
    assert gini(np.array(values)) == pytest.approx(expected, abs=1e-15)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=30).filter(any))
def test_the_gini_coefficient_is_half_the_relative_mean_difference(values: list[int]) -> None:
    pairs = sum(abs(a - b) for a in values for b in values)
    assert gini(np.array(values)) == pytest.approx(pairs / (2 * len(values) * sum(values)), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("values", [[], [0, 0]])
def test_nothing_to_share_out_has_no_inequality(values: list[int]) -> None:
    assert math.isnan(gini(np.array(values)))
    assert math.isnan(top_share(np.array(values)))


def test_negative_quantities_are_refused() -> None:
    with pytest.raises(InputError, match="-1: the Gini coefficient"):
        gini(np.array([2, -1]))


def test_the_top_is_a_share_of_the_authors_rounded_up() -> None:
    values = np.array([1, 10, 2, 3, 4])
    assert top_share(values) == 10 / 20
    assert top_share(values, 0.4) == 14 / 20
    assert top_share(values, 0.41) == 17 / 20
    assert top_share(values, 1) == 1
    assert top_share(np.arange(1, 101), 0.01) == pytest.approx(100 / 5050)


def test_all_exposures_to_posts_of_persons_are_credited_once() -> None:
    crowd = crowded_world("1 ms")
    found = simulate(crowd.scenario, seed=crowd.seed, record="events")
    events = found.events
    assert isinstance(events, Events)
    platforms = [code for code, channel in enumerate(found.channels) if channel.kind == ChannelKind.PLATFORM]
    for s, story in enumerate(found.stories):
        seen = (events.story == s) & (events.kind == EventKind.EXPOSURE) & np.isin(events.channel, platforms)
        assert exposures_caused(found, story, count="all").sum() == np.sum(events.source[seen] < found.n_persons)
        kinds = np.array([channel.kind for channel in found.channels] + [255] * 256)
        first = found.column("first_post")[s][kinds[found.column("first_channel")[s]] == ChannelKind.PLATFORM]
        by_persons = found.column("posts").author[first] < found.n_persons  # type: ignore[attr-defined]
        assert exposures_caused(found, story).sum() == by_persons.sum() > 0
