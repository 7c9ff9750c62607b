"""The reference's own hashes, quantiles and clock equal the package's, and its queue refuses a wrong order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion import laws, randomness
from diffusion.scenario import RunSettings
from diffusion.vocabulary import EventKind, Purpose
from reference import draws
from reference.clock import Calendar, OperationalTime
from reference.state import NONE, Agenda, Event


@pytest.mark.parametrize("kind", [EventKind.EXPOSURE, EventKind.PUBLICATION])
def test_nothing_happens_at_its_own_tick_unless_its_kind_comes_later(kind: EventKind) -> None:
    agenda = Agenda(horizon=10)
    agenda.schedule(Event(5, EventKind.EXPOSURE, 0, 0, NONE, 0))
    agenda.next()
    with pytest.raises(ValueError, match="would be caused"):
        agenda.schedule(Event(5, kind, 0, 0, NONE, 0))
    agenda.schedule(Event(5, EventKind.SHARE, 0, 0, NONE, 0))


def test_operational_time_runs_with_the_hours_intensity() -> None:
    run = RunSettings.model_validate({"tick": "1 s", "start": "2016-11-08T12:00:00"})
    time = OperationalTime([0.5] * 12 + [1.5] * 12, Calendar(run))
    # 12:00 of day 1 is 24 + 6; half an hour later 0.75 more; midnight is 48; 06:00 is 48 + 3.
    known = {0: 30.0, 1800: 30.75, 12 * 3600: 48.0, 18 * 3600: 51.0}
    assert {t: time.of(t) for t in known} == known
    assert {time.tick_at(y): y for y in known.values()} == known


words = st.integers(0, 2**64 - 1)
TABLES = [
    laws.standard_normal(),
    laws.standard_exponential(),
    laws.Law("lognormal", (102.0, 0.6)).table(),
    laws.Law("empirical", (0.0, 1.0, 5.0)).table(),
]


@given(words, words, words)
def test_hashes_equal_those_of_the_package(key: int, a: int, b: int) -> None:
    with np.errstate(over="ignore"):
        k, x, y = np.uint64(key), np.uint64(a), np.uint64(b)
        assert draws.draw(key, a) == int(randomness.draw(k, x))
        assert draws.draw2(key, a, b) == int(randomness.draw2(k, x, y))
        assert draws.uniform(key) == float(randomness.uniform(k))
        for table in TABLES:
            # `key >> (a % 64)` reaches the tails, which a uniform hash would meet once in millions of times.
            for h in (key, key >> (a % 64), 2**64 - 1 - (key >> (a % 64))):
                assert draws.quantile(table, h) == float(laws.quantile(table, np.uint64(h)))
        assert draws.points_in_cell(key) == int(laws.points_in_cell(k))
        assert draws.first_point(key) == float(laws.first_point(k))


@given(st.floats(-4, 4))
def test_sigma_equals_that_of_the_package(x: float) -> None:
    assert draws.sigma(x) == float(laws.sigma(x))


@given(st.integers(0, 2**63 - 1), st.sampled_from([0, 7, randomness.WORLD]), st.sampled_from(list(Purpose)))
def test_addresses_start_where_those_of_the_package_do(seed: int, replicate: int, purpose: Purpose) -> None:
    luck = purpose >= 20
    expected = randomness.start_key(seed, replicate if luck else randomness.WORLD, purpose)
    assert draws.Draws(seed, replicate, "luck").key(purpose) == expected
    redrawn = randomness.start_key(seed, replicate, purpose)
    assert draws.Draws(seed, replicate, "world").key(purpose) == redrawn
    assert draws.Draws(seed, replicate, "world").key(purpose, "x") == draws.draw(redrawn, randomness.name_key("x"))
