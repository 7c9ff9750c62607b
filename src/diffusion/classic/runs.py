"""The calling convention of all classical models: what they share is checked here, and replicates run in threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from diffusion.classic.seeds import Seeding, nobody, seeding
from diffusion.classic.shared import Asked, checked
from diffusion.classic.spread import Spread, check_graph
from diffusion.errors import InputError
from diffusion.randomness import start_key
from diffusion.threads import in_threads
from diffusion.vocabulary import Purpose, Record

T = TypeVar("T")

_MOST_BYTES = 2**36
"""What columns of times and parents may take in all; more is a mistake."""


class Run(NamedTuple):
    """What a kernel found in one replicate; `Spread` explains the columns.

    Attributes
    ----------
    reached : int
    counts : (S,) whole numbers
    lasted : float
    curve : (S, k) whole numbers, optional
        One column a step from step 0, or one for each of the call's `curve_times`.
    times : (n,) float32 or float64, optional
    parents : (n,) uint32, optional
    extra : dict
        Name -> number or array, the same shape in every replicate.
    """

    reached: int
    counts: Any
    lasted: float
    curve: NDArray[np.int64] | None = None
    times: NDArray[np.floating] | None = None
    parents: NDArray[np.uint32] | None = None
    extra: Mapping[str, Any] = {}


class Model(NamedTuple):
    """Which model is run: its name, its states, the parameters asked for, and how its time runs."""

    name: str
    states: tuple[str, ...]
    parameters: Mapping[str, Any]
    is_discrete: bool = True
    curve_times: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Call:
    """The arguments that all models share, checked.

    Attributes
    ----------
    graph : FollowerGraph or another graph of the package
    seeding : Seeding
        Who is active at first.
    asked : Asked
    """

    graph: Any
    seeding: Seeding
    asked: Asked
    _local: threading.local = field(default_factory=threading.local)

    @property
    def replicates(self) -> int:
        """Number of replicates."""
        return self.asked.replicates

    @property
    def seed(self) -> int:
        """The seed."""
        return self.asked.seed

    @property
    def record(self) -> Record:
        """How much is kept."""
        return self.asked.record

    def own(self, make: Callable[[], T]) -> T:
        """Return the calling thread's own workspace, made when it first asks."""
        if not hasattr(self._local, "made"):
            self._local.made = make()
        return self._local.made

    def keeps(self, level: str) -> bool:
        """Whether a level of the record is kept."""
        return self.record >= Record[level.upper()]


def checked_call(graph: Any, shared: Mapping[str, Any], *, seeded: bool = True, implicit: bool = False) -> Call:
    """Check the arguments that all models share.

    Parameters
    ----------
    graph : FollowerGraph or another graph of the package
    shared : mapping
        Those that were given; see `diffusion.classic.shared`.
    seeded : bool
        Whether somebody is active at first; else the model begins by itself.
    implicit : bool
        Whether the model takes computed graphs too.

    Raises
    ------
    InputError
        For each of them, in one line.
    """
    check_graph(graph, implicit)
    asked = checked(shared, seeded=seeded)
    each = 8 * (asked.record >= Record.TIMES) + 4 * (asked.record >= Record.PARENTS)
    needed = asked.replicates * graph.n_persons * each
    if needed > _MOST_BYTES:
        raise InputError(
            f'record = "{asked.record.name.lower()}": {asked.replicates:,} replicates of {graph.n_persons:,} persons '
            f"would take {needed / 2**30:,.0f} GiB; ask for fewer replicates at a time"
        )
    return Call(graph, seeding(graph, asked.seeds) if seeded else nobody(graph), asked)


def run_model(call: Call, model: Model, one: Callable[[np.uint64, NDArray[np.uint32]], Run]) -> Spread:
    """Run all replicates of a model and gather what was found.

    Parameters
    ----------
    call : Call
    model : Model
    one : callable
        ``one(key, seeds)`` runs a replicate: all its draws start at `key`, and `seeds` are indices of persons, in the
        order in which they were chosen. It is called from several threads at once.
    """
    threads = call.asked.threads
    # Small batches, so that threads end together, and large ones where a replicate takes microseconds.
    size = max(1, min(256, call.replicates // (8 * threads)))
    batches = [range(at, min(at + size, call.replicates)) for at in range(0, call.replicates, size)]
    stopped, columns = threading.Event(), _Columns(call.replicates)
    jobs = [partial(_batch, call, one, (stopped, columns), batch) for batch in batches]
    told = in_threads(jobs, threads, lambda count: call.asked.tell(count * size), stopped)
    runs = [run for found in told for run in found]
    return _gathered(call, model, runs, columns)


class _Columns:
    """Times and parents of all replicates, written by the threads that find them: nothing is left to be copied."""

    def __init__(self, replicates: int) -> None:
        self._replicates = replicates
        self._lock = threading.Lock()
        self._made: dict[str, NDArray[Any]] = {}

    def take(self, replicate: int, run: Run) -> Run:
        """Write down what a replicate found, and return the rest of it."""
        for name in ("times", "parents"):
            found = getattr(run, name)
            if found is not None:
                self._column(name, found)[replicate] = found
        return run._replace(times=None, parents=None)

    def _column(self, name: str, found: NDArray[Any]) -> NDArray[Any]:
        with self._lock:
            if name not in self._made:
                self._made[name] = np.empty((self._replicates, found.size), found.dtype)
            return self._made[name]

    def get(self, name: str) -> NDArray[Any] | None:
        """Return a column, if it was kept."""
        return self._made.get(name)


def _batch(
    call: Call,
    one: Callable[[np.uint64, NDArray[np.uint32]], Run],
    shared: tuple[threading.Event, _Columns],
    batch: range,
) -> list[Run]:
    found: list[Run] = []
    stopped, columns = shared
    for replicate in batch:
        if stopped.is_set():  # Ctrl-C ends a batch too: its replicates may be long
            return found
        key = np.uint64(start_key(call.seed, replicate, Purpose.CONTAGION))
        found.append(columns.take(replicate, one(key, call.seeding.draw(call.seed, replicate))))
    return found


def _gathered(call: Call, model: Model, runs: list[Run], columns: _Columns) -> Spread:
    curves = None if runs[0].curve is None else _padded([run.curve for run in runs if run.curve is not None])
    steps = None if curves is None else np.arange(curves.shape[2], dtype=np.float64)
    names = tuple(runs[0].extra)
    return Spread(
        model=model.name,
        parameters={**model.parameters, **({"seeds": call.seeding.text} if call.seeding.text else {})},
        graph=call.graph,
        states=model.states,
        seed=call.seed,
        record=call.record,
        is_discrete=model.is_discrete,
        reached=np.array([run.reached for run in runs], dtype=np.int64),
        counts=np.array([run.counts for run in runs], dtype=np.int64),
        lasted=np.array([run.lasted for run in runs], dtype=np.float64),
        curve_times=None if curves is None else steps if model.curve_times is None else model.curve_times,
        curves=curves,
        times=columns.get("times"),
        parents=columns.get("parents"),
        extra={name: np.array([run.extra[name] for run in runs]) for name in names},
    )


def _padded(curves: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return curves of equal length: who has ended stays as they are."""
    longest = max(curve.shape[1] for curve in curves)
    return np.stack([np.pad(curve, ((0, 0), (0, longest - curve.shape[1])), mode="edge") for curve in curves])
