"""Chances of links to pass something on: one for all, the graph's weights, by the follower, or one of three."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from diffusion.classic._cascade_kernels import Chances, Kind, Trials
from diffusion.classic._gaps import gaps_at
from diffusion.errors import InputError, shown, suggestion
from diffusion.randomness import WORLD, start_key
from diffusion.vocabulary import Purpose

NAMES = ("weights", "weighted", "trivalency")
TRIVALENCY = (0.1, 0.01, 0.001)
"""The values of Chen, Wang & Wang (2010)."""

_EVERY_LINK = 0.5
"""Where the highest chance is above this, every link is looked at: gaps would save too little."""


def trials_of(graph: Any, p: float | str, seed: int) -> Trials:
    """Return how the links of a graph succeed.

    Parameters
    ----------
    graph : FollowerGraph
    p : float or str
        See `independent_cascade`.
    seed : int
        Of the run: trivalency is drawn from it, once for all replicates.

    Raises
    ------
    InputError
        If p is neither a probability nor one of the names, or the graph's weights are no probabilities.
    """
    if not isinstance(p, str):
        return _even(graph, p)
    name, *values = p.split() or [""]
    if name not in NAMES:
        raise InputError(f'p = "{p}": give a probability, 0 <= p <= 1, or {_listed()}{suggestion(name, NAMES)}')
    if values and name != "trivalency":
        raise InputError(f'p = "{p}": "{name}" takes no values')
    if name == "weights":
        return _by_link(graph)
    if name == "weighted":
        return _uneven(graph, Kind.FOLLOWER, _shares(graph))
    key = np.uint64(start_key(seed, WORLD, Purpose.CONTAGION))
    return _uneven(graph, Kind.CLASS, np.array(_three(p, values), dtype=np.float32), key)


def _listed() -> str:
    return ", ".join(f'"{name}"' for name in NAMES)


def _even(graph: Any, p: float) -> Trials:
    if isinstance(p, bool) or not isinstance(p, int | float | np.number) or not 0 <= p <= 1:
        raise InputError(f"p = {shown(p)}: give a probability, 0 <= p <= 1, or {_listed()}")
    nothing = np.empty(0, np.float32)
    return Trials(gaps_at(float(p), graph.n_links), Chances(int(Kind.EVEN), nothing, 1.0, np.uint64(0)))


def _by_link(graph: Any) -> Trials:
    weights = graph.weights
    if weights is None:
        raise InputError('p = "weights": the graph has no weights; from_links(..., weights=) and read_graph give them')
    wrong = np.flatnonzero(weights > 1)
    if wrong.size:
        raise InputError(
            f'p = "weights": {wrong.size:,} of {weights.size:,} weights are above 1, such as '
            f"{shown(weights[wrong[0]])}; probabilities are needed"
        )
    return _uneven(graph, Kind.LINK, weights)


def _shares(graph: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return, by follower, one over the number of accounts that they follow."""
    return (1.0 / np.maximum(graph.n_followed, 1)).astype(np.float32)


def _three(p: str, values: list[str]) -> tuple[float, ...]:
    try:
        found = tuple(map(float, values)) if values else TRIVALENCY
    except ValueError:
        found = (math.nan,)
    if len(found) != 3 or not all(0 <= value <= 1 for value in found):
        raise InputError(f'p = "{p}": give three probabilities, such as "trivalency 0.1 0.01 0.001"')
    return found


def _uneven(graph: Any, kind: Kind, values: np.ndarray[Any, np.dtype[np.float32]], key: Any = 0) -> Trials:
    highest = float(values.max()) if values.size else 0.0
    highest = 1.0 if highest > _EVERY_LINK else highest
    return Trials(gaps_at(highest, graph.n_links), Chances(int(kind), values, highest, np.uint64(key)))
