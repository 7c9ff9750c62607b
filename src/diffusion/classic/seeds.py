"""Who is active at first: persons who are named, drawn, or chosen by their place in the graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import kernel
from diffusion.arguments import whole_number
from diffusion.errors import InputError, shown, suggestion
from diffusion.randomness import draw, start_key
from diffusion.vocabulary import Purpose

SeedsLike = str | Sequence[Any] | NDArray[Any]
"""Labels of persons, or a text: ``"random:10"``, ``"highest-degree:10"`` …"""


@dataclass(frozen=True)
class Seeding:
    """Who is active at first in each replicate.

    Attributes
    ----------
    text : str
        As it was asked for.
    n_persons, size : int
    chosen : (k,) uint32, optional
        Indices, the same in every replicate; None where they are drawn anew.
    """

    text: str
    n_persons: int
    size: int
    chosen: NDArray[np.uint32] | None = None

    def draw(self, seed: int, replicate: int) -> NDArray[np.uint32]:
        """Return indices of the seeds of a replicate, (k,) uint32, all different."""
        if self.chosen is not None:
            return self.chosen
        key = np.uint64(start_key(seed, replicate, Purpose.SEEDS))
        return _distinct(key, self.size, self.n_persons)


def seeding(graph: Any, seeds: SeedsLike) -> Seeding:
    """Read who is to be active at first.

    Parameters
    ----------
    graph : FollowerGraph or another graph of the package
    seeds : sequence of labels, or text
        ``"random:10"`` draws ten persons, others in every replicate; CHOICES names the other ways.

    Raises
    ------
    InputError
        For none, for persons who are not in the graph or named twice, and for more than there are.
    """
    if isinstance(seeds, str):
        name, colon, number = seeds.partition(":")
        if name not in CHOICES:
            raise InputError(f'seeds = "{seeds}": there is no way "{name}" to choose them{suggestion(name, CHOICES)}')
        if not colon or not number.strip().isdecimal():
            raise InputError(f'seeds = "{seeds}": say how many, such as "{name}:10"')
        count = whole_number("seeds", int(number), least=1)
        if count > graph.n_persons:
            raise InputError(f'seeds = "{seeds}": the graph has {graph.n_persons:,} persons')
        chosen = CHOICES[name](graph, count)
        return Seeding(seeds, graph.n_persons, count, chosen)
    return _given(graph, seeds)


def _given(graph: Any, seeds: Sequence[Any] | NDArray[Any]) -> Seeding:
    labels = np.asarray(seeds)
    if labels.ndim != 1 or not labels.size:
        raise InputError("seeds: give labels of at least one person, or a text such as random:10")
    chosen = np.asarray(graph.indices_of(labels), dtype=np.uint32)
    if np.unique(chosen).size != chosen.size:
        values, counts = np.unique(labels, return_counts=True)
        raise InputError(f"seeds: {shown(values[counts > 1][0].item())} is named twice")
    text = ",".join(map(str, labels[:5].tolist())) + (",…" if labels.size > 5 else "")
    return Seeding(text, graph.n_persons, int(chosen.size), chosen)


def _drawn(graph: Any, count: int) -> None:
    return None


def _highest_degree(graph: Any, count: int) -> NDArray[np.uint32]:
    """Return those with most followers; of equals the first."""
    return np.argsort(-graph.n_followers.astype(np.int64), kind="stable")[:count].astype(np.uint32)


CHOICES: dict[str, Callable[[Any, int], NDArray[np.uint32] | None]] = {
    "random": _drawn,
    "highest-degree": _highest_degree,
}
"""Name -> function that chooses so many persons, or None for a draw in every replicate."""


@kernel
def _distinct(key, count, n_persons):
    """Return `count` different numbers below `n_persons`, drawn one after another."""
    found = np.empty(count, dtype=np.uint32)
    taken = set([np.uint32(0)])
    taken.clear()
    size = 0
    at = np.uint64(0)
    while size < count:
        high = draw(key, at) >> np.uint64(32)
        at += np.uint64(1)
        person = np.uint32((high * np.uint64(n_persons)) >> np.uint64(32))
        if person not in taken:
            taken.add(person)
            found[size] = person
            size += 1
    return found
