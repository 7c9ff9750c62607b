"""What the threshold models share: the run of a replicate, and what its queue says about times and parents."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from diffusion.classic._countdown import (
    FEW_PUSHES,
    MOST_PUSHES,
    Rule,
    Workspace,
    count_down,
    ends_of_steps,
    workspace,
    write_down,
)
from diffusion.classic.runs import Call, Model, Run, run_model
from diffusion.classic.spread import Spread
from diffusion.units import NEVER

STATES = ("inactive", "active")
Cascade = Callable[[np.uint64, NDArray[np.uint32], Workspace], int]


def run_counts(call: Call, model: Model, rule: Rule, most: int) -> Spread:
    """Run a model in which everybody needs a number of pushes, each link giving one.

    `most` is the largest number of accounts that anybody follows; nobody may need more pushes than one more.
    """
    graph = call.graph

    def cascade(key: np.uint64, seeds: NDArray[np.uint32], work: Workspace) -> int:
        return count_down(graph.offsets, graph.followers, rule, key, seeds, work)

    return run_pushes(call, model, cascade, np.int16 if most <= FEW_PUSHES else np.int32)


def run_pushes(call: Call, model: Model, cascade: Cascade, kind: type[np.signedinteger]) -> Spread:
    """Run all replicates of a kernel that fills a `Workspace` whose counts are of that kind."""
    n = call.graph.n_persons

    def one(key: np.uint64, seeds: NDArray[np.uint32]) -> Run:
        """Run one replicate."""
        work = call.own(lambda: workspace(n, kind))
        size = int(cascade(key, seeds, work))
        ends = ends_of_steps(work.after, seeds.size)
        times = np.full(n if call.keeps("times") else 0, np.inf, dtype=np.float32)
        parents = np.full(n if call.keeps("parents") else 0, NEVER, dtype=np.uint32)
        write_down(work, ends, times, parents)
        curve = np.stack([n - ends, ends]) if call.keeps("curves") else None
        kept = (times if times.size else None, parents if parents.size else None)
        return Run(size, (n - size, size), ends.size - 1, curve, *kept)

    return run_model(call, model, one)


def followed(call: Call) -> tuple[NDArray[np.int32], int]:
    """Return how many accounts each person follows, and the largest of these numbers."""
    found = np.minimum(call.graph.n_followed, MOST_PUSHES).astype(np.int32)
    return found, int(found.max())
