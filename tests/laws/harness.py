"""How a law is tested: one judge looks at the right world, and at the same world with one plausible mistake in it.

A judge turns what was simulated into a `Finding`. `check_law` demands that the judge accepts the world in which the law
should hold and rejects the control. Each law states two bounds: how often a correct program would fail it
(`false_alarm`, over the seeds that could have been fixed) and how often the mistake would slip through (`miss`; the
power is 1 - miss). The tests compute `miss` from the theory of the control, and the harness refuses a power below .99.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

T = TypeVar("T")
_PROPERTY = "law"
ROW_PROPERTY = "row of the scorecard"
"""A line about ordinary posts (tests/laws/test_scorecard.py), which is printed as it is."""


@dataclass(frozen=True)
class Finding:
    """What a judge saw: whether the law holds there, the number it promises and the number found."""

    holds: bool
    expected: float
    measured: float


@dataclass(frozen=True)
class Law:
    """A law in words, the number it is about, the mistake that must be rejected, and the two chances of error."""

    text: str
    number: str
    mistake: str
    false_alarm: float
    miss: float


def sizes(quick: Any, full: Any) -> list[Any]:
    """Return the size of a law in every session, and the one in `make verify`."""
    return [quick, pytest.param(full, marks=pytest.mark.verify)]


class Scorecard:
    """Checks laws and keeps a line of each for the end of the session."""

    def __init__(self, record: Callable[[str, object], None]) -> None:
        self._record = record

    def check_law(self, law: Law, judge: Callable[[T], Finding], right: T, control: T) -> None:
        """Demand that one judge accepts the right world and rejects the control."""
        assert law.false_alarm <= 0.01, f"{law.text}: a correct program would fail too often ({law.false_alarm:.2g})"
        assert law.miss <= 0.01, f"{law.text}: {law.mistake} would slip through too often ({law.miss:.2g})"
        found, broken = judge(right), judge(control)
        numbers = f"{_short(found.expected)} expected, {_short(found.measured)} measured"
        self._record(_PROPERTY, f"{law.text}: {law.number} {numbers} ({law.mistake}: {_short(broken.measured)})")
        assert found.holds, f"{law.text}: {law.number} {numbers}"
        assert not broken.holds, f"{law.text}: the judge does not notice {law.mistake} ({_short(broken.measured)})"


@pytest.fixture
def scorecard(record_property: Callable[[str, object], None]) -> Scorecard:
    return Scorecard(record_property)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the scorecard at the end of a session in which laws were checked."""
    lines = sorted(_lines(terminalreporter))
    if lines:
        terminalreporter.section(f"laws: {len(lines)} checked, each with a mistake that its test must reject")
    for line in lines:
        terminalreporter.write_line(line)
    rows = [value for _, value in _properties(terminalreporter, ROW_PROPERTY)]
    if rows:
        terminalreporter.section("scorecard of ordinary posts: median over seeds 6 to 10, and range")
    for row in rows:
        terminalreporter.write_line(row)


def _lines(terminalreporter: Any) -> Iterator[str]:
    for passed, value in _properties(terminalreporter, _PROPERTY):
        yield f"{'ok  ' if passed else 'FAIL'} {value}"


def _properties(terminalreporter: Any, wanted: str) -> Iterator[tuple[bool, str]]:
    """Yield whether the test passed, and what it recorded under a name, in the order in which it did."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            if report.when == "call":
                yield from ((outcome == "passed", value) for key, value in report.user_properties if key == wanted)


def _short(value: float) -> str:
    return f"{value:.5g}"
