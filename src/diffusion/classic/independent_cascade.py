"""Independent cascade: who becomes active has one chance to activate each follower (Kempe, Kleinberg & Tardos 2003).

In every step the persons who became active in the step before try each of their followers once, in the order in which
they became active; a link's draw depends on its two ends only, so that the same link has the same luck in every order.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import kernel
from diffusion.classic.runs import Model, Progress, Run, checked_call, run_model
from diffusion.classic.seeds import SeedsLike
from diffusion.classic.spread import Spread
from diffusion.errors import InputError
from diffusion.randomness import draw2, uniform
from diffusion.units import NEVER

STATES = ("inactive", "active")


def independent_cascade(
    graph: Any,
    *,
    p: float | str,
    seeds: SeedsLike = "random:1",
    replicates: int = 1,
    seed: int = 0,
    threads: int | None = None,
    record: str = "sizes",
    progress: Progress | None = None,
) -> Spread:
    """Run the independent cascade model.

    Parameters
    ----------
    graph : FollowerGraph
    p : float or str
        Chance that a person who became active activates a given follower, 0 to 1.
    seeds : labels of persons, or str
        Who is active at first; "random:10" draws ten persons for each replicate.
    replicates, seed, threads, record, progress
        As for all models; see `diffusion.classic`.

    Returns
    -------
    Spread
        States inactive and active; a time is the number of the step.

    Raises
    ------
    InputError
        If p is no probability, or an argument that all models share is wrong.
    """
    call = checked_call(
        graph, seeds, replicates=replicates, seed=seed, threads=threads, record=record, progress=progress
    )
    if isinstance(p, str) or not 0 <= p <= 1:
        raise InputError(f"p = {p!r}: give a probability, 0 <= p <= 1")
    n, keeps_parents = graph.n_persons, call.keeps("parents")

    def one(key: np.uint64, chosen: NDArray[np.uint32]) -> Run:
        work = call.own(lambda: Workspace(np.zeros(n, np.uint8), np.empty(n, np.uint32), np.empty(n + 2, np.int64)))
        times = np.full(n if call.keeps("times") else 0, np.inf, dtype=np.float32)
        parents = np.full(n if keeps_parents else 0, NEVER, dtype=np.uint32)
        steps, reached = _cascade(graph.offsets, graph.followers, p, key, chosen, work, times, parents)
        ends = work.ends[: steps + 1]
        return Run(
            reached=reached,
            counts=(n - reached, reached),
            lasted=steps,
            curve=np.stack([n - ends, ends]) if call.keeps("curves") else None,
            times=times if call.keeps("times") else None,
            parents=parents if keeps_parents else None,
        )

    return run_model(call, Model("independent cascade", STATES, {"p": p}), one)


class Workspace(NamedTuple):
    """Memory of a thread, reused from replicate to replicate: who is active, in which order, and how many by step."""

    active: NDArray[np.uint8]
    order: NDArray[np.uint32]
    ends: NDArray[np.int64]


@kernel
def _cascade(offsets, followers, p, key, seeds, work, times, parents):
    """Run one cascade; return the number of its last step and how many became active."""
    active, order, ends = work
    size = seeds.size
    for k in range(size):
        order[k] = seeds[k]
        active[seeds[k]] = 1
        if times.size:
            times[seeds[k]] = 0
    step, begin = 0, 0
    ends[0] = size
    while begin < size:
        end = size
        for k in range(begin, end):
            person = order[k]
            for at in range(offsets[person], offsets[person + 1]):
                follower = followers[at]
                if active[follower] == 0 and uniform(draw2(key, person, follower)) < p:
                    active[follower] = 1
                    order[size] = follower
                    size += 1
                    if times.size:
                        times[follower] = step + 1
                    if parents.size:
                        parents[follower] = person
        begin = end
        if size > end:
            step += 1
            ends[step] = size
    for k in range(size):
        active[order[k]] = 0
    return step, size
