"""What a run tells while it goes on: events that JSON can hold."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any

Event = dict[str, Any]
Log = Callable[[Event], None]


class Telling:
    """Tells events, each with the seconds since the beginning (`elapsed_s`).

    Parameters
    ----------
    log : callable, optional
        Called with every event.
    progress : callable, optional
        Called with the numbers of finished and of all runs known so far.

    Notes
    -----
    ==========  ====================================================================================================
    `event`     what else it says
    ==========  ====================================================================================================
    begin       `name`; `runs` there are to do as far as is known, and `done` of them before; sweeps: `points`,
                `variants`, `shard`, `folder`, `notes`
    crew        sweeps on Dask: `text`, who does the runs
    runs        `done` of `runs` are finished, `new` of them just now, `failed` of them in all
    failure     sweeps: a run that raised: `run`, `point`, `values`, `variant`, `replicate`, `error`
    lost        sweeps: so many `runs` were lost with their worker (`error`) and are done again, alone
    bisect      sweeps: they were lost again, and are done in halves
    round       with `until`: `point`, `replicates`, `half_width` (null: none yet), `wanted`, `precise`, `text`
    stopped     interrupted, or an error: `done`, `runs`, `failed`; what is done is stored
    end         `done`, `runs`, `failed`; sweeps: `missing` runs of other shards, whether `tables` were written
    ==========  ====================================================================================================
    """

    def __init__(self, log: Log | None = None, progress: Callable[[int, int], None] | None = None) -> None:
        self._log, self._progress, self._begun = log, progress, monotonic()

    def __call__(self, event: str, **fields: Any) -> None:
        """Tell an event."""
        if self._log is not None:
            self._log({"event": event, "elapsed_s": round(monotonic() - self._begun, 3)} | fields)
        if self._progress is not None and event in ("begin", "runs"):
            self._progress(fields["done"], fields["runs"])

    def at_last(self, event: str, **fields: Any) -> None:
        """Tell an event while an error is on its way, which counts more than one of the listeners."""
        with suppress(Exception):
            self(event, **fields)
