"""How things are timed, and what a finding is: rows that carry a figure, what was wanted of it, and its absolute parts.

Sides of a comparison take turns within each round, so that a machine that slows down slows all of them; ratios are
taken round by round. Every side runs twice before, which compiles it, touches its memory and says how
often to repeat it.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

LEAST_S = 0.05
"""A side is repeated within a round until its timed part lasts about so long."""


def nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True)
class Side:
    """One way to do the work.

    Attributes
    ----------
    run : callable
        The timed part; returns the amount of work (links, offers, replicates).
    before : callable
        Untimed, before every run.
    """

    run: Callable[[], float]
    before: Callable[[], None] = nothing

    def timed(self, loops: int) -> tuple[float, float, float]:
        """Return seconds, amount of work and processor seconds of so many runs."""
        seconds = amount = processor = 0.0
        for _ in range(loops):
            self.before()
            start, started = time.perf_counter(), time.process_time()
            done = self.run()
            seconds += time.perf_counter() - start
            processor += time.process_time() - started
            amount += done
        return seconds, amount, processor


class Samples(NamedTuple):
    """Seconds, amounts of work and processor seconds of one side, round by round."""

    seconds: list[float]
    amounts: list[float]
    processor: list[float]

    @property
    def rates(self) -> list[float]:
        """Amount per second in each round."""
        return [amount / seconds for seconds, amount in zip(self.seconds, self.amounts, strict=True)]

    @property
    def rate(self) -> float:
        """Median amount per second."""
        return statistics.median(self.rates)

    @property
    def busy(self) -> float:
        """Cores that worked for it on average; well below its threads where the machine was shared."""
        return sum(self.processor) / sum(self.seconds)


def side_by_side(sides: Mapping[str, Side], rounds: int) -> dict[str, Samples]:
    """Let sides take turns.

    Parameters
    ----------
    sides : mapping
        Name -> `Side`.
    rounds : int
        Timed turns of each.
    """
    loops = {}
    for name, side in sides.items():
        side.timed(1)
        loops[name] = max(1, math.ceil(LEAST_S / max(side.timed(1)[0], 1e-6)))
    found: dict[str, Samples] = {name: Samples([], [], []) for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            for column, value in zip(found[name], side.timed(loops[name]), strict=True):
                column.append(value)
    return found


class Ratio(NamedTuple):
    """Median, smallest and largest of the rounds' ratios."""

    median: float
    low: float
    high: float


def ratio_of(values: list[float], others: list[float]) -> Ratio:
    """Divide round by round."""
    ratios = [a / b for a, b in zip(values, others, strict=True)]
    return Ratio(statistics.median(ratios), min(ratios), max(ratios))


@dataclass(frozen=True)
class Row:
    """One finding.

    Attributes
    ----------
    what, unit : str
    value : float, optional
        None where it could not be measured; `beside` then says why.
    least, most : float, optional
        What was wanted, at full size.
    beside : dict
        Absolute figures; names carry their units.
    """

    what: str
    value: float | None
    unit: str = ""
    least: float | None = None
    most: float | None = None
    beside: Mapping[str, Any] | None = None

    @property
    def wanted(self) -> str:
        """What was wanted, as text."""
        least = [] if self.least is None else [f">= {self.least:g}"]
        return " and ".join(least if self.most is None else [*least, f"<= {self.most:g}"])

    @property
    def met(self) -> bool | None:
        """Whether what was wanted came out; None where nothing was wanted or measured."""
        if self.value is None or not self.wanted:
            return None
        low = -math.inf if self.least is None else self.least
        high = math.inf if self.most is None else self.most
        return low <= self.value <= high

    def as_dict(self) -> dict[str, Any]:
        """Return the fields, for JSON."""
        return {**asdict(self), "wanted": self.wanted, "met": self.met}


def missing(what: str, why: str) -> Row:
    """Return the row of something that could not be measured."""
    return Row(what, None, beside={"not measured": why})


def absent_peer(name: str) -> str:
    """Say that a library is not there, and what would do."""
    return f"{name} is not installed: pip install -e '.[peers]' (`make bench` does)"


def resident_mib(field: str = "VmHWM") -> float:
    """Resident memory of this process in MiB: its peak ("VmHWM") or now ("VmRSS").

    Linux's counter of this very process is read because `ru_maxrss` starts with the peak of the parent.
    """
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"/proc/self/status has no {field}")
