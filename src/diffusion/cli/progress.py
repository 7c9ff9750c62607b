"""What is told on standard error while a command works."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

PLAIN_EVERY_S = 5.0
"""Seconds between lines of progress where there is no terminal."""


class Progress(Protocol):
    """What a run tells while it goes on."""

    def __call__(self, done: int, total: int, more: str = "") -> None:
        """Say that `done` of `total` runs are finished, and what else is to be said."""


def say(text: str) -> None:
    """Tell what is going on, beside the results that go to standard output."""
    print(text, file=sys.stderr, flush=True)


def _clock_text(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} s" if whole < 100 else f"{whole // 60} min {whole % 60:02d} s"


def _rate_text(rate: float) -> str:
    return f"{rate:.0f}" if rate >= 100 else f"{rate:.2g}"


class _Pace:
    """How fast runs finish, counted from the first one: what precedes it (worlds, compiling) happens once.

    Runs that were finished `before` are no work of this time.
    """

    def __init__(self, before: int = 0) -> None:
        self.before = before
        self.first: tuple[float, int] | None = None

    def rate(self, done: int) -> float | None:
        """Return runs per second after `done` of them, or None as long as only the first is known."""
        now = time.monotonic()
        if self.first is None or done <= self.first[1]:
            if done > self.before:
                self.first = now, done
            return None
        return (done - self.first[1]) / max(now - self.first[0], 1e-9)


class _PlainProgress:
    """Progress as lines, where there is no terminal."""

    def __init__(self, before: int = 0) -> None:
        self.pace = _Pace(before)
        self.last = -PLAIN_EVERY_S
        self.said = ""

    def __call__(self, done: int, total: int, more: str = "") -> None:
        """Print a line after the first run, now and then, and at the end."""
        rate, now = self.pace.rate(done), time.monotonic()
        if done <= self.pace.before or (done < total and now - self.last < PLAIN_EVERY_S):
            return
        self.last = now
        pace = f", {_rate_text(rate)} per second" if rate else ""
        left = f", about {_clock_text((total - done) / rate)} left" if rate and done < total else ""
        text = f"{done} of {total} runs{pace}{left}{f'; {more}' if more else ''}"
        if text != self.said:
            say(text)
        self.said = text


@contextmanager
def show_progress(total: int, before: int = 0, begin: str = "preparing the world") -> Iterator[Progress]:
    """Show progress with rate and time left: a bar on a terminal, lines elsewhere.

    Parameters
    ----------
    total : int
        Runs, as far as they are known.
    before : int
        Those that an earlier attempt has finished.
    begin : str
        What goes on until the first is finished.
    """
    if not sys.stderr.isatty():
        yield _PlainProgress(before)
        return
    from rich import progress as rich
    from rich.console import Console

    columns = (
        rich.SpinnerColumn(),
        rich.BarColumn(),
        rich.MofNCompleteColumn(),
        rich.TextColumn("{task.fields[rate]}"),
        rich.TimeElapsedColumn(),
        rich.TextColumn("left:"),
        rich.TimeRemainingColumn(),
        rich.TextColumn("{task.fields[more]}"),
    )
    pace = _Pace(before)
    with rich.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("runs", total=total, completed=before, rate=begin, more="")

        def show(done: int, total: int, more: str = "") -> None:
            rate = pace.rate(done)
            text = f"{_rate_text(rate)} runs/s" if rate else "first runs" if done > before else begin
            bar.update(task, completed=done, total=total, rate=text, more=more)

        yield show
