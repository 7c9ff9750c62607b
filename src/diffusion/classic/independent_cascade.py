"""Independent cascade: who becomes active has one chance to activate each follower (Kempe, Kleinberg & Tardos 2003).

In every step the persons who became active in the step before try each of their followers once, in the order in which
they became active. Draws are made from success to success along that order (`_gaps`): a result is a function of graph,
parameters, seed and replicate, but a link that is added or taken away gives other luck to all links after it.
"""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from diffusion.classic._cascade_kernels import Asked, Rows, run_cascade, workspace
from diffusion.classic.chances import trials_of
from diffusion.classic.implicit_cascade import hashed_cascade
from diffusion.classic.runs import Model, Run, checked_call, run_model
from diffusion.classic.shared import Shared, shares
from diffusion.classic.spread import Spread
from diffusion.graphs import ImplicitGraph
from diffusion.units import NEVER

STATES = ("inactive", "active")


@shares(Shared)
def independent_cascade(
    graph: Any,
    *,
    p: float | str,
    **shared: Unpack[Shared],
) -> Spread:
    """Run the independent cascade model.

    Parameters
    ----------
    graph : FollowerGraph or ImplicitGraph
        On the latter it is a `hashed_cascade`.
    p : float or str
        Chance that a person who became active activates a given follower, 0 to 1; or a text. ``"weights"``: the weight
        of each link. ``"weighted"``: one over the number of accounts that the follower follows (weighted cascade,
        Kempe, Kleinberg & Tardos 2003). ``"trivalency"`` or ``"trivalency 0.1 0.01 0.001"``: one of three values for
        each link, with equal chances (Chen, Wang & Wang 2010), drawn from the seed, the same in all replicates.
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
        If p is no probability and no such text, if the graph's weights are no probabilities, or an argument that all
        models share is wrong.
    """
    if isinstance(graph, ImplicitGraph):
        return hashed_cascade(graph, p=p, **shared)
    call = checked_call(graph, shared)
    n, rows, trials = graph.n_persons, Rows(graph.offsets, graph.followers), trials_of(graph, p, call.seed)
    no_times, no_parents = np.empty(0, np.float32), np.empty(0, np.uint32)

    def one(key: np.uint64, chosen: NDArray[np.uint32]) -> Run:
        """Run one replicate."""
        work = call.own(lambda: workspace(n))
        times = np.full(n, np.inf, dtype=np.float32) if call.keeps("times") else no_times
        parents = np.full(n, NEVER, dtype=np.uint32) if call.keeps("parents") else no_parents
        steps, reached = run_cascade(rows, trials, key, chosen, work, Asked(times, parents))
        ends = work.ends[: steps + 1]
        return Run(
            reached=reached,
            counts=(n - reached, reached),
            lasted=steps,
            curve=np.stack([n - ends, ends]) if call.keeps("curves") else None,
            times=times if call.keeps("times") else None,
            parents=parents if call.keeps("parents") else None,
        )

    return run_model(call, Model("independent cascade", STATES, {"p": p}), one)
