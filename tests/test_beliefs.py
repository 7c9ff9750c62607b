"""Beliefs over time: replayed from the log of six persons by hand, and bit by bit from the logs of random worlds."""

from dataclasses import replace

import numpy as np
import pytest

import six_persons
from diffusion.errors import InputError
from diffusion.measures import (
    belief_curve,
    believing,
    believing_hours,
    believing_hours_bounds,
    evidence_over_time,
    first_believed,
)
from diffusion.outcome import Outcome
from diffusion.simulation import simulate
from diffusion.units import HOUR, NEVER
from diffusion.vocabulary import Record
from worlds import crowded_world, seeded_world

LOGGED = six_persons.logged()
assert LOGGED.credence is not None
assert LOGGED.events is not None
CREDENCE, EVENTS = LOGGED.credence, LOGGED.events


def test_every_exposure_moves_the_evidence_of_one_person() -> None:
    found = evidence_over_time(LOGGED, "fire")
    assert found.person.tolist() == [0, 1, 0, 2, 4, 1, 3]
    assert found.tick.tolist() == [100, 200, 260, 500, 1010, 1100, 1900]
    assert found.after.tolist() == [2.0, 1.25, 1.25, 1.0, -1.0, 0.875, 1.5]
    assert np.isnan(found.before).tolist() == [True, True, False, True, True, False, True]
    assert found.before[[2, 5]].tolist() == [2.0, 1.25]


def test_belief_is_gained_and_lost() -> None:
    curve = belief_curve(LOGGED, "fire", points=9)  # every 450 s from 450 s on: the fire begins at 100 s
    assert curve.seconds.tolist() == [350, 800, 1250, 1700, 2150, 2600, 3050, 3500]
    assert (curve.aware * 6).tolist() == [2, 3, 4, 4, 5, 5, 5, 5]
    assert (curve.believing * 6).tolist() == [2, 3, 2, 2, 3, 3, 3, 3]
    assert (curve.disbelieving * 6).tolist() == [0, 0, 1, 1, 1, 1, 1, 1]
    assert curve.believing[-1] == believing(LOGGED, "fire")


def test_first_belief_is_a_tick_or_never() -> None:
    assert first_believed(LOGGED, "fire").tolist() == [100, 200, 500, 1900, NEVER, NEVER]
    assert first_believed(LOGGED, "speech").tolist() == [NEVER, 3600, NEVER, NEVER, NEVER, 601]


def test_person_hours_count_every_second_in_which_somebody_believes() -> None:
    assert believing_hours(LOGGED, "fire") == pytest.approx((3500 + 900 + 3100 + 1700) / 3600, rel=1e-14)
    assert believing_hours(LOGGED, "speech") == pytest.approx(2999 / 3600, rel=1e-14)


def test_bounds_are_as_wide_as_what_a_run_without_log_leaves_open() -> None:
    # 2, 3 and 4 met it once; 0 (own eyes, then chirp) may have believed at any time; 1 met distrusted chirp alone, was
    # convinced at first (2 - .75) and does not believe at the horizon.
    found = believing_hours_bounds(LOGGED, "fire")
    assert found == pytest.approx(((3100 + 1700) / 3600, (3100 + 1700 + 3500 + 3400) / 3600), rel=1e-14)
    assert believing_hours_bounds(LOGGED, "speech") == pytest.approx((2999 / 3600, 2999 / 3600), rel=1e-14)


@pytest.mark.parametrize(
    ("prior", "chirp", "final", "expected"),
    [
        (1.0, 0.5, 1.75, (3400, 3400)),  # trusted, and the first was enough
        (0.0, 0.75, 1.125, (0, 3400)),  # trusted: at the second or before
        (0.0, 0.5, 0.75, (0, 0)),  # trusted, and never enough
        (3.0, -0.5, 2.25, (3400, 3400)),  # distrusted, and not yet lost
        (1.5, -0.75, 0.375, (0, 0)),  # distrusted, and the first was too much
    ],
)
def test_bounds_of_a_person_who_met_one_channel_twice(
    prior: float, chirp: float, final: float, expected: tuple[int, int]
) -> None:
    weights = CREDENCE.weights.copy()
    weights[six_persons.CHIRP] = chirp
    credence = CREDENCE._replace(prior=np.full(6, prior, dtype=np.float32), weights=weights)
    evidence = np.full((2, 6), np.nan, dtype=np.float32)
    evidence[0, 1] = final
    first = np.full((2, 6), NEVER, dtype=np.uint32)
    first[0, 1] = 200
    alone = six_persons.logged(credence=credence, evidence=evidence, first_tick=first)
    assert tuple(x * 3600 for x in believing_hours_bounds(alone, "fire")) == pytest.approx(expected)


def test_authors_of_a_false_story_gain_nothing_from_having_made_it() -> None:
    false = six_persons.scenario().changed({"stories.fire.truth": False})
    value = EVENTS.value.copy()
    value[0] = 1
    by_author = replace(EVENTS, value=value)
    assert evidence_over_time(six_persons.logged(events=by_author), "fire").after[0] == 2.0
    assert evidence_over_time(six_persons.logged(scenario=false), "fire").after[0] == 2.0
    made = six_persons.logged(events=by_author, scenario=false)
    assert evidence_over_time(made, "fire").after[[0, 2]].tolist() == [-1.0, -1.75]


def test_each_person_may_have_trust_of_their_own() -> None:
    own = np.repeat(CREDENCE.weights, 6, axis=1)
    own[six_persons.HOME, 2] = -2.0
    changed = six_persons.logged(credence=CREDENCE._replace(weights=own))
    assert evidence_over_time(changed, "fire").after.tolist() == [2.0, 1.25, 1.25, -1.5, -1.0, 0.875, 1.5]


def test_beliefs_over_time_need_the_log_and_bounds_the_evidence() -> None:
    with pytest.raises(InputError, match='"events" was not kept with record = "all"; record = "events" keeps it'):
        believing_hours(six_persons.outcome(), "fire")
    with pytest.raises(InputError, match='"credence" was not kept'):
        believing_hours_bounds(six_persons.outcome(record=Record.PARENTS, credence=None), "fire")
    with pytest.raises(InputError, match="points = 1"):
        belief_curve(LOGGED, "fire", points=1)


def check(outcome: Outcome) -> int:
    """Replayed and recorded evidence are the same bits, and the hours are those counted one by one."""
    for s, story in enumerate(outcome.stories):
        found = evidence_over_time(outcome, story)
        last = np.full(outcome.n_persons, np.nan, dtype=np.float32)
        last[found.person] = found.after
        assert last.tobytes() == outcome.column("evidence")[s].tobytes()
        low, high = believing_hours_bounds(outcome, story)
        hours = believing_hours(outcome, story)
        assert low - 1e-9 <= hours <= high + 1e-9
        assert hours == pytest.approx(slowly(outcome, story), rel=1e-12, abs=1e-12)
    return len(outcome.column("events"))


def slowly(outcome: Outcome, story: str) -> float:
    """Person-hours of belief, person by person and stretch by stretch."""
    found, total = evidence_over_time(outcome, story), 0
    for person in np.unique(found.person):
        mine = found.person == person
        ticks = [*found.tick[mine].tolist(), outcome.horizon]
        total += sum(b - a for a, b, x in zip(ticks, ticks[1:], found.after[mine].tolist()) if x >= 1)
    return total * outcome.tick / HOUR


def test_replayed_evidence_is_that_of_the_run_bit_by_bit() -> None:
    worlds = [seeded_world(number) for number in range(25)]
    runs = [simulate(w.scenario, seed=w.seed, replicate=w.replicate, graphs=w.graphs, record="events") for w in worlds]
    assert sum(check(run) for run in runs) > 2000


def test_replayed_evidence_is_that_of_a_crowd() -> None:
    crowd = crowded_world("1 ms")
    outcome = simulate(crowd.scenario, seed=crowd.seed, replicate=crowd.replicate, graphs=crowd.graphs, record="events")
    assert check(outcome) > 20_000
