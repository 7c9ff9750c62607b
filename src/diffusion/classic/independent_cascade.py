"""Independent cascade: who becomes active has one chance to activate each follower (Kempe, Kleinberg & Tardos 2003).

In every step the persons who became active in the step before try each of their followers once, in the order in which
they became active. Draws are made from success to success along that order (`_gaps`): a result is a function of graph,
parameters, seed and replicate, but a link that is added or taken away gives other luck to all links after it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.classic._cascade_kernels import (
    Rows,
    cascade_far,
    cascade_near,
    clear,
    workspace,
    write_parents,
    write_times,
)
from diffusion.classic._gaps import gaps_at
from diffusion.classic.implicit_cascade import hashed_cascade
from diffusion.classic.runs import Model, Progress, Run, checked_call, run_model
from diffusion.classic.seeds import SeedsLike
from diffusion.classic.spread import Spread
from diffusion.errors import InputError
from diffusion.graphs import ImplicitGraph
from diffusion.units import NEVER

STATES = ("inactive", "active")

_CACHED_LINKS = 2_000_000
"""Larger graphs are read from memory (32 MB of cache hold some more)."""
_FEW = 0.05
"""At smaller chances most rows hold no success: to ask for all of them would be wasted."""


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
    graph : FollowerGraph or ImplicitGraph
        On the latter it is a `hashed_cascade`.
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
    if isinstance(graph, ImplicitGraph):
        return hashed_cascade(
            graph, p=p, seeds=seeds, replicates=replicates, seed=seed, threads=threads, record=record, progress=progress
        )
    call = checked_call(
        graph, seeds, replicates=replicates, seed=seed, threads=threads, record=record, progress=progress
    )
    if isinstance(p, str) or not 0 <= p <= 1:
        raise InputError(f"p = {p!r}: give a probability, 0 <= p <= 1")
    n, rows, gaps = graph.n_persons, Rows(graph.offsets, graph.followers), gaps_at(p, graph.n_links)
    cascade = cascade_far if graph.n_links > _CACHED_LINKS or p < _FEW else cascade_near

    def one(key: np.uint64, chosen: NDArray[np.uint32]) -> Run:
        work = call.own(lambda: workspace(n, call.keeps("parents")))
        steps, size = cascade(rows, gaps, key, chosen, work)
        reached, ends = int(size), work.ends[: steps + 1]
        times = parents = None
        if call.keeps("times"):
            times = np.full(n, np.inf, dtype=np.float32)
            write_times(work, steps, times)
        if call.keeps("parents"):
            parents = np.full(n, NEVER, dtype=np.uint32)
            write_parents(work, chosen.size, size, parents)
        clear(work, size)
        return Run(
            reached=reached,
            counts=(n - reached, reached),
            lasted=steps,
            curve=np.stack([n - ends, ends]) if call.keeps("curves") else None,
            times=times,
            parents=parents,
        )

    return run_model(call, Model("independent cascade", STATES, {"p": p}), one)
