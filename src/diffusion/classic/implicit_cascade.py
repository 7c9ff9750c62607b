"""The independent cascade on graphs that are computed: nothing but the links that succeed is ever looked at.

The number of followers whom a person fails to activate before the next success is geometric; these gaps are hashes of
the replicate and the person, so that the cascade on an `ImplicitGraph` is the one on its stored twin, bit for bit.
"""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from diffusion.classic import _hashed_kernels as kernels
from diffusion.classic._gaps import gaps_at
from diffusion.classic.runs import Model, Run, checked_call, run_model
from diffusion.classic.shared import Shared, shares
from diffusion.classic.spread import Spread
from diffusion.errors import InputError
from diffusion.graphs import ImplicitGraph
from diffusion.graphs._implicit import HashedRows, StoredRows
from diffusion.units import NEVER

STATES = ("inactive", "active")


@shares(Shared)
def hashed_cascade(
    graph: Any,
    *,
    p: float | str,
    **shared: Unpack[Shared],
) -> Spread:
    """Run the independent cascade model with draws that belong to persons, on a computed graph or a stored one.

    The model is that of `independent_cascade`, which calls this function for an `ImplicitGraph`. Its luck is another:
    which of a person's followers are activated is a hash of replicate and person, whoever else is active. Equal rows
    therefore give equal cascades, computed or stored. Of several persons who activate somebody in the same step the one
    with the lowest index counts as the parent. State takes 3 bits per person, and 1 more per person for short lists.

    Parameters
    ----------
    graph : ImplicitGraph or FollowerGraph
    p : float
        Chance that a person who became active activates a given follower, 0 to 1.
    seeds : labels of persons, or str
        Who is active at first; "random:10" draws ten persons for each replicate.
    replicates, seed, threads, record, progress
        As for all models; see `diffusion.classic`. Each thread has its own state.

    Returns
    -------
    Spread
        States inactive and active; a time is the number of the step.

    Raises
    ------
    InputError
        If p is no probability, or an argument that all models share is wrong.
    """
    call = checked_call(graph, shared, implicit=True)
    if isinstance(p, str) or not 0 <= p <= 1:
        raise InputError(f"p = {p!r}: give a probability, 0 <= p <= 1")
    n, rows, gaps = int(graph.n_persons), _rows(graph), gaps_at(p, graph.n_persons)

    def one(key: np.uint64, chosen: NDArray[np.uint32]) -> Run:
        """Run one replicate."""
        memory = call.own(lambda: kernels.Memory(n))
        times = np.full(n if call.keeps("times") else 0, np.inf, dtype=np.float32)
        parents = np.full(n if call.keeps("parents") else 0, NEVER, dtype=np.uint32)
        chances, work = kernels.Chances(gaps, key), memory.work
        while not kernels.run_levels(rows, chances, chosen, work, kernels.Kept(memory.ends, times, parents)):
            memory.grow()
            chosen = chosen[:0]
        reached, steps = int(work.registers[kernels.SIZE]), int(work.registers[kernels.STEP])
        # The last step is the one in which nobody became active.
        ends = memory.ends[:steps]
        return Run(
            reached=reached,
            counts=(n - reached, reached),
            lasted=steps - 1,
            curve=np.stack([n - ends, ends]) if call.keeps("curves") else None,
            times=times if call.keeps("times") else None,
            parents=parents if call.keeps("parents") else None,
        )

    return run_model(call, Model("hashed cascade", STATES, {"p": p}), one)


def _rows(graph: Any) -> HashedRows | StoredRows:
    """Return what kernels reach followers through."""
    return graph.rows if isinstance(graph, ImplicitGraph) else StoredRows(graph.offsets, graph.followers)
