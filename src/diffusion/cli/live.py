"""What a run looks like while it goes on: progress for people, a stream of JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TextIO

from diffusion.cli.progress import Progress, say, show_progress
from diffusion.errors import InputError

STREAM = "-"
"""In place of a file: standard output."""


class Live:
    """Listens to events: shows progress, and writes every event as a line of JSON where that is wanted."""

    def __init__(self, stream: TextIO | None) -> None:
        self.stream = stream
        self.stack = ExitStack()
        self.done = self.runs = self.failed = 0
        self._watched = ""
        self._said: set[str] = set()
        self._show: Progress | None = None

    def __call__(self, event: dict[str, Any]) -> None:
        """Take note of an event."""
        if self.stream is not None:
            self.stream.write(json.dumps(event, ensure_ascii=False, allow_nan=False, default=str) + "\n")
            self.stream.flush()
        kind = event["event"]
        for note in event.get("notes", ()):
            if note not in self._said:
                self._said.add(note)
                say(f"note: {note}")
        if kind in ("begin", "runs"):
            self.done, self.runs, self.failed = event["done"], event["runs"], event.get("failed", 0)
        if kind == "begin":
            self._show = self.stack.enter_context(show_progress(self.runs, self.done))
        elif kind == "crew":
            say(event["text"])
        elif kind == "failure":
            say(f"failed: point {event['point']}, {event['variant']}, replicate {event['replicate']}: {event['error']}")
        elif kind in ("lost", "bisect"):
            how = "in halves" if kind == "bisect" else "alone"
            say(f"note: {event['runs']} runs were lost with their worker, and are done again {how} ({event['error']})")
        elif kind == "round":
            self._watched = event["text"]
        if kind in ("begin", "runs", "round") and self._show is not None:
            self._show(self.done, self.runs, self._more())
        if kind in ("end", "stopped"):
            self.stack.close()

    def _more(self) -> str:
        failed = f"{self.failed} failed" if self.failed else ""
        return ", ".join(text for text in (failed, self._watched) if text)


@contextmanager
def live(log: str | None) -> Iterator[Live]:
    """Open what listens to events.

    Parameters
    ----------
    log : str, optional
        A file to whose end events are written, one line of JSON each; "-" is standard output.
    """
    with ExitStack() as files:
        view = Live(_stream(log, files))
        with view.stack:
            yield view


def _stream(log: str | None, files: ExitStack) -> TextIO | None:
    if log is None:
        return None
    if log == STREAM:
        return sys.stdout
    try:
        return files.enter_context(Path(log).open("a", encoding="utf-8"))
    except OSError as error:
        raise InputError(f'--log-json "{log}": {error.strerror or error}') from None
