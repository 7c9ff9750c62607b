"""Linear threshold: who becomes active once active accounts weigh enough (Kempe, Kleinberg & Tardos 2003)."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from diffusion.classic._countdown import Kind, Rule, Workspace, over_weighted, weigh_down
from diffusion.classic.pushes import STATES, followed, run_counts, run_pushes
from diffusion.classic.runs import Call, Model, checked_call
from diffusion.classic.shared import Shared, shares
from diffusion.classic.spread import Spread
from diffusion.errors import InputError, shown, suggestion

WEIGHTS = ("kempe", "weights")
_SLACK = 1e-5
"""What weights, which are 32-bit floats, may sum to beyond 1: a thousand times 1/1000 does by 1e-8 each."""


@shares(Shared)
def linear_threshold(
    graph: Any,
    *,
    weights: str = "kempe",
    **shared: Unpack[Shared],
) -> Spread:
    """Run the linear threshold model of Kempe, Kleinberg & Tardos (2003).

    Everybody draws a threshold, uniform between 0 and 1 and new in each replicate. In every step those become active
    whose active accounts (of those they follow) weigh more than the threshold.

    Parameters
    ----------
    graph : FollowerGraph
    weights : str
        What a followed account weighs: "kempe" gives each 1 / (number of accounts that the follower follows), "weights"
        takes the graph's own weights. For nobody may they sum to more than 1; where they sum to less, a person may stay
        inactive although all accounts are active.
    seeds : labels of persons, or str
        Who is active at first; "random:10" draws ten persons for each replicate.
    replicates, seed, threads, record, progress
        As for all models; see `diffusion.classic`.

    Returns
    -------
    Spread
        States inactive and active; a time is the number of the step; a parent is who gave the last push.

    Raises
    ------
    InputError
        For other weights, for "weights" where the graph has none or they sum to more than 1 for somebody, or if an
        argument that all models share is wrong.
    """
    call = checked_call(graph, shared)
    if weights not in WEIGHTS:
        raise InputError(f"weights = {shown(weights)} is not known{suggestion(str(weights), WEIGHTS)}")
    model = Model("linear threshold", STATES, {"weights": weights})
    if weights == "kempe":
        numbers, most = followed(call)
        return run_counts(call, model, Rule(int(Kind.EVEN), numbers, np.empty(0)), most)
    values = _link_weights(call)

    def cascade(key: np.uint64, chosen: NDArray[np.uint32], work: Workspace) -> int:
        return weigh_down(graph.offsets, graph.followers, values, key, chosen, work)

    return run_pushes(call, model, cascade, np.int64)


def _link_weights(call: Call) -> NDArray[np.float32]:
    """Return the graph's weights if they can be shares of influence."""
    graph = call.graph
    if graph.weights is None:
        raise InputError('weights = "weights": the graph\'s links carry no weights; "kempe" needs none')
    person, most = over_weighted(graph.offsets, graph.followers, graph.weights, 1 + _SLACK)
    if person >= 0:
        who = shown(graph.labels_of([person])[0].item())
        raise InputError(
            f'weights = "weights": those of the accounts that person {who} follows sum to {most:.6g}; at most 1 will do'
        )
    values: NDArray[np.float32] = graph.weights
    return values
