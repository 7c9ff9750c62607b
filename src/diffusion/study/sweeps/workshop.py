"""Worlds and runners of one process, shared between its threads and kept for as long as a sweep needs them."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from diffusion.assembly import Assembler, World
from diffusion.graphs import FollowerGraph, Memberships
from diffusion.scenario import Scenario
from diffusion.simulation import Runner
from diffusion.vocabulary import Record
from diffusion.world import Platform

T = TypeVar("T")

MOST_RUNNERS, MOST_PERSONS = 32, 2_000_000
"""Runners that are kept, and the persons of their worlds in all; the last two stay whatever their size. Chosen."""


@dataclass
class SweepAssembler(Assembler):
    """An assembler that threads share, each part being built once, and that forgets what no recent world has used.

    Attributes
    ----------
    keep : int
        Parts that none of the last `keep` worlds have used are dropped: a sweep has more worlds than memory holds.
    """

    keep: int = 2
    _one: threading.RLock = field(default_factory=threading.RLock)
    _reading: threading.RLock = field(default_factory=threading.RLock)
    _locks: dict[Any, threading.Lock] = field(default_factory=dict)
    _used: dict[Any, int] = field(default_factory=dict)
    _files_used: dict[Any, int] = field(default_factory=dict)
    _calls: int = 0
    _open: set[int] = field(default_factory=set)
    _own: threading.local = field(default_factory=threading.local)

    def world(self, scenario: Scenario, *, seed: int, replicate: int = 0) -> World:
        """Return the world of a scenario, as `Assembler.world` does."""
        with self._one:
            self._calls += 1
            call = self._own.call = self._calls
            self._open.add(call)
        try:
            return super().world(scenario, seed=seed, replicate=replicate)
        finally:
            with self._reading, self._one:
                self._open.discard(call)
                self._forget(min(self._open, default=self._calls + 1) - self.keep)

    def _kept(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        with self._one:
            self._used[key] = max(self._own.call, self._used.get(key, 0))
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            return super()._kept(key, make)

    def _forget(self, before: int) -> None:
        """Drop parts last used before a call.

        A part whose key holds another one's `id` is used in the same calls as that one and goes no later: no key ever
        names an object that is gone.
        """
        for key in [key for key, call in self._used.items() if call < before]:
            del self._used[key], self._locks[key]
            self._parts.pop(key, None)
        for name in [name for name, call in self._files_used.items() if call < before]:
            del self._files_used[name]
            self._files.pop(name, None)

    def _forget_other_replicates(self, place: int, redraw: str) -> None:
        """Leave other replicates alone: other threads may be at them, and `_forget` drops them in time."""

    def _given(self, name: str, platform: Platform) -> FollowerGraph | Memberships | None:
        with self._reading:
            graph = super()._given(name, platform)
            for key in [key for key, one in self._files.items() if one is graph]:
                self._files_used[key] = max(self._own.call, self._files_used.get(key, 0))
        return graph

    def _population(self, *given: Any) -> Any:
        with self._reading:
            return super()._population(*given)


class Workshop:
    """Makes runners of scenarios, and keeps the last ones."""

    def __init__(self) -> None:
        self.assembler = SweepAssembler()
        self._runners: OrderedDict[tuple[Any, ...], Runner] = OrderedDict()
        self._one = threading.Lock()

    def runner(self, scenario: Scenario, mark: bytes, replicate: int, curve_points: int) -> Runner:
        """Return a runner of a scenario (whose `digest` is `mark`), with the world of a replicate ready.

        Threads share it, but not where every replicate has a world of its own: they would wait for each other.
        """
        key: tuple[Any, ...] = (mark, curve_points)
        if scenario.run.redraw == "world":
            key += (threading.get_ident(),)
        with self._one:
            if key in self._runners:
                self._runners.move_to_end(key)
                return self._runners[key]
        record = max(Record[scenario.run.record.upper()], Record.PARENTS)
        made = Runner(
            scenario,
            record=record.name.lower(),
            curve_points=curve_points,
            assembler=self.assembler,
            replicate=replicate,
        )
        with self._one:
            # Two threads may have made it at once out of the same parts: the first one stays.
            runner = self._runners.setdefault(key, made)
            self._runners.move_to_end(key)
            self._drop()
        return runner

    def _drop(self) -> None:
        persons = [runner.n_persons for runner in self._runners.values()]
        while len(persons) > 2 and (len(persons) > MOST_RUNNERS or sum(persons) > MOST_PERSONS):
            self._runners.popitem(last=False)
            del persons[0]


def digest(scenario: Scenario) -> bytes:
    """Return what tells a scenario from others, however many replicates are asked of it."""
    run = scenario.run.model_copy(update={"replicates": 1})
    text = scenario.model_copy(update={"run": run}).model_dump_json()
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
