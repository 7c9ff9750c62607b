"""Units as people write them: what is read, what is refused, and what is written back."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion.errors import InputError
from diffusion.units import DAY, HOUR, UNITS, duration_text, per_second, rate_text, seconds, ticks, time_of_day

READ = [
    ("20 min", 1200.0),
    ("1.5 h", 5400.0),
    ("2 ms", 0.002),
    ("2ms", 0.002),
    (" .5 h ", 1800.0),
    ("1e3 s", 1000.0),
    ("0 s", 0.0),
    ("+3 days", 259200.0),
    ("1 week", 604800.0),
]
REFUSED = [
    "20",
    "min",
    "20 lightyears",
    "-3 min",
    "nan s",
    "inf s",
    "1e999 s",
    "",
    "1 h 30 min",
    20,
    20.0,
    None,
    True,
    ["1 h"],
]


@pytest.mark.parametrize(("text", "expected"), READ)
def test_a_duration_is_a_number_and_a_unit(text: str, expected: float) -> None:
    assert seconds(text) == pytest.approx(expected, rel=1e-15)  # one rounding of a product


@pytest.mark.parametrize("value", REFUSED)
def test_anything_else_is_no_duration(value: object) -> None:
    with pytest.raises(InputError) as raised:
        seconds(value)
    assert "\n" not in str(raised.value)


def test_a_misspelt_unit_is_named_and_the_right_one_suggested() -> None:
    with pytest.raises(InputError, match=r'"3 minuts": unknown unit "minuts"; did you mean "minutes"\?'):
        seconds("3 minuts")


@pytest.mark.parametrize(
    ("text", "expected"), [("3/day", 3 / 86400), ("0.8 / h", 0.8 / 3600), ("2/s", 2.0), ("0/h", 0.0)]
)
def test_a_rate_is_a_number_per_unit(text: str, expected: float) -> None:
    assert per_second(text) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("value", ["3", "3 day", "3 per day", "3/fortnight", "-1/h", 3, None])
def test_anything_else_is_no_rate(value: object) -> None:
    with pytest.raises(InputError):
        per_second(value)


@pytest.mark.parametrize(("text", "expected"), [("00:00", 0), ("06:30", 23400), ("6:30", 23400), ("23:59:59", 86399)])
def test_a_time_of_day_counts_from_midnight(text: str, expected: int) -> None:
    assert time_of_day(text) == expected


@pytest.mark.parametrize("value", ["25:00", "24:00", "12:60", "12:00:60", "noon", "1200", 1200, None, "-1:00", "12:0"])
def test_anything_else_is_no_time_of_day(value: object) -> None:
    with pytest.raises(InputError, match="is not a time of day"):
        time_of_day(value)


@given(st.floats(min_value=1e-4, max_value=1e7, allow_nan=False))
def test_a_written_duration_reads_back(value: float) -> None:
    # Six significant digits are written: half a unit in the sixth is 5e-6 of the number.
    assert seconds(duration_text(value)) == pytest.approx(value, rel=5.1e-6)


@given(st.floats(min_value=1e-9, max_value=1e3, allow_nan=False))
def test_a_written_rate_reads_back(value: float) -> None:
    assert per_second(rate_text(value)) == pytest.approx(value, rel=5.1e-6)


@given(st.integers(1, 999), st.sampled_from(["day", "h", "min", "s", "ms"]))
def test_what_was_short_is_written_short(number: int, unit: str) -> None:
    written = duration_text(seconds(f"{number} {unit}"))
    assert len(written.split()[0]) <= 4


def test_durations_are_written_as_people_do() -> None:
    written = [duration_text(v) for v in (0, 0.002, 1, 90 * 60, 50 * HOUR, 2 * DAY, math.inf)]
    assert written == ["0 s", "2 ms", "1 s", "1.5 h", "50 h", "2 day", "never"]
    assert [rate_text(v / DAY) for v in (3.4, 24 * 0.08)] == ["3.4/day", "0.08/h"]


def test_every_unit_is_known_in_both() -> None:
    for unit, size in UNITS.items():
        assert seconds(f"1 {unit}") == size
        assert per_second(f"1/{unit}") == 1 / size


@pytest.mark.parametrize(("value", "tick", "expected"), [(1.0, 0.001, 1000), (0.0004, 0.001, 0), (0.0006, 0.001, 1)])
def test_ticks_are_the_nearest(value: float, tick: float, expected: int) -> None:
    assert ticks(value, tick) == expected
