"""Reach by groups of persons, and who hears from which group, counted by hand."""

import math

import numpy as np
import pytest

import six_persons
from diffusion.errors import InputError
from diffusion.measures import mixing, reach_by_group
from diffusion.units import NEVER

OUTCOME = six_persons.outcome()
SIDES = np.array(["north", "south", "south", "north", "south", "far"])


def test_each_group_has_its_reach_its_time_and_its_first_arrival() -> None:
    far, north, south = reach_by_group(OUTCOME, SIDES, "fire")
    # North: 0 at 100 (saw it), 3 at 1900. South: 1 at 200 (through 0), 2 at 500, 4 at 1010. The fire begins at 100.
    assert north == ("north", 2, 2, 1.0, 0.0, 0.0, 0.0, 0, "own eyes", None, None)
    assert south == ("south", 3, 3, 1.0, 400.0, 400.0, 100.0, 1, "chirp", 0, "north")
    assert far == ("far", 1, 0, 0.0, math.inf, math.inf, math.inf, None, None, None, None)


def test_a_group_reached_by_an_outlet_or_an_official_has_no_source_group() -> None:
    ages = [18, 18, 18, 30, 65, 65]
    young, grown, old = reach_by_group(OUTCOME, ages, "fire", q=1.0)
    assert (young.time, grown.time, old.time) == (400, 1800, math.inf)
    assert (grown.person, grown.channel, grown.source, grown.source_group) == (3, "tv", "tv", None)
    assert (old.person, old.channel, old.source, old.source_group) == (4, "chirp", "tv", None)
    assert old.reach == 0.5
    by_official = reach_by_group(OUTCOME, ages, "speech")[2]
    assert (by_official.arrival, by_official.source, by_official.group) == (601, "mayor", 65)


def test_persons_are_named_by_their_labels() -> None:
    named = six_persons.outcome(labels=np.array(["ann", "bob", "cid", "dan", "eve", "flo"]))
    south = reach_by_group(named, SIDES, "fire")[2]
    assert (south.person, south.source) == ("bob", "ann")


def test_no_group_has_a_delay_where_none_gets_there() -> None:
    never = np.full((2, 6), NEVER, dtype=np.uint32)
    found = reach_by_group(six_persons.outcome(first_tick=never), SIDES, "fire")
    assert all(math.isnan(group.delay) and group.time == math.inf for group in found)


def test_mixing_counts_from_which_group_each_group_heard() -> None:
    found = mixing(OUTCOME, SIDES, "fire")
    assert found.groups.tolist() == ["far", "north", "south"]
    # 0 and 3 (north) heard from nobody's group; of the south 1 from the north, 2 from the south, 4 from the station.
    assert found.counts.tolist() == [[0, 0, 0, 0], [0, 0, 0, 2], [0, 1, 1, 1]]
    assert found.crossing == 0.5
    alone = mixing(OUTCOME, [0] * 6, "speech")
    assert alone.counts.tolist() == [[1, 1]]
    assert alone.crossing == 0


def test_nothing_heard_from_persons_has_no_crossing() -> None:
    never = np.full((2, 6), NEVER, dtype=np.uint32)
    assert math.isnan(mixing(six_persons.outcome(first_tick=never, first_post=never), SIDES, "fire").crossing)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([1, 2], r"groups have the shape \(2,\); give one for each of the 6 persons"),
        ([1, 2, 3, 4, math.nan, 6], r"groups\[4\] is missing"),
        (["a", "b", None, "c", "d", "e"], r"groups\[2\] is missing"),
    ],
)
def test_groups_that_are_not_one_for_each_person_are_refused(groups: list[object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        mixing(OUTCOME, groups, "fire")  # type: ignore[arg-type]
