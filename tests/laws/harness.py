"""How a law is tested: one judge looks at the right world, and at the same world with one plausible mistake in it.

A judge turns what was simulated into a `Finding`. `check_law` demands that the judge accepts the world in which the law
should hold and rejects the control. Each law states two bounds: how often a correct program would fail it
(`false_alarm`, over the seeds that could have been fixed) and how often the mistake would slip through (`miss`; the
power is 1 - miss). The tests compute `miss` from the theory of the control, and the harness refuses a power below .99.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from verified import CARD_PROPERTY, Entry, entries, short, write

T = TypeVar("T")
ROW_PROPERTY = "row of the scorecard"
"""A line about ordinary posts (tests/laws/test_scorecard.py), which is printed as it is."""


@dataclass(frozen=True)
class Finding:
    """What a judge saw: whether the law holds there, the number it promises, the number found, how far it may be off.

    `allowed` is left out where the judge is no interval around the expected number.
    """

    holds: bool
    expected: float
    measured: float
    allowed: float | None = None


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
        numbers = f"{short(found.expected)} expected, {short(found.measured)} measured"
        entry = Entry(
            kind="law", text=law.text, number=law.number, expected=float(found.expected),
            measured=float(found.measured), allowed="" if found.allowed is None else f"± {found.allowed:.2g}",
            mistake=law.mistake, control=float(broken.measured), false_alarm=float(law.false_alarm),
            miss=float(law.miss),
        )  # fmt: skip
        self._record(CARD_PROPERTY, entry.as_dict())
        assert found.holds, f"{law.text}: {law.number} {numbers}"
        assert not broken.holds, f"{law.text}: the judge does not notice {law.mistake} ({short(broken.measured)})"


@pytest.fixture
def scorecard(record_property: Callable[[str, object], None]) -> Scorecard:
    return Scorecard(record_property)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark laws that have one size only: `make verify` checks them too, so that its scorecard has all laws."""
    full = {_function(item) for item in items if item.get_closest_marker("verify")}
    for item in items:
        if "scorecard" in getattr(item, "fixturenames", ()) and _function(item) not in full:
            item.add_marker("law")


def _function(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int) -> None:
    """Print the scorecard at the end of a session in which laws were checked, and write it where SCORECARD says."""
    found = entries(terminalreporter)
    for kind, title in (("law", "laws"), ("peer", "other libraries")):
        lines = sorted(_line(entry) for entry in found if entry["kind"] == kind)
        if lines:
            terminalreporter.section(f"{title}: {len(lines)} checked, each with a mistake that its test must reject")
        for line in lines:
            terminalreporter.write_line(line)
    rows = list(_rows(terminalreporter))
    if rows:
        terminalreporter.section("scorecard of ordinary posts: median over seeds 6 to 10, and range")
    for row in rows:
        terminalreporter.write_line(row)
    place = os.environ.get("SCORECARD")
    if place and found:
        ended = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        write(found, Path(place), complete=exitstatus in ended)
        terminalreporter.write_line(f"scorecard: {place}")


def _line(entry: Mapping[str, Any]) -> str:
    beside = f" beside {entry['library']}, {entry['allowed']}" if entry["library"] else ""
    numbers = f"{short(entry['expected'])} expected, {short(entry['measured'])} measured{beside}"
    verdict = "ok  " if entry["verdict"] == "holds" else "FAIL"
    return f"{verdict} {entry['text']}: {entry['number']} {numbers} ({entry['mistake']}: {short(entry['control'])})"


def _rows(terminalreporter: Any) -> Iterator[str]:
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            if report.when == "call":
                yield from (value for key, value in report.user_properties if key == ROW_PROPERTY)
