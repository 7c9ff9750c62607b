"""Who is active at first: persons who are named, drawn, or chosen by their place in the graph.

The ways to choose are texts for models (``seeds="page-rank:10"``) and functions that return labels
(``page_rank(graph, 10)``). Of equals the first is chosen, in the order of labels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import kernel
from diffusion.arguments import whole_number
from diffusion.classic.central import core_numbers, degree_discounted, page_ranks
from diffusion.errors import InputError, shown, suggestion
from diffusion.graphs import ImplicitGraph
from diffusion.graphs.labels import Labels
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


def nobody(graph: Any) -> Seeding:
    """Return the seeding of models that begin by themselves."""
    return Seeding("", graph.n_persons, 0, np.empty(0, np.uint32))


def seeding(graph: Any, seeds: SeedsLike) -> Seeding:
    """Read who is to be active at first.

    Parameters
    ----------
    graph : FollowerGraph or another graph of the package
    seeds : sequence of labels, or text
        ``"random:10"`` draws ten persons, others in every replicate. ``"highest-degree:10"``, ``"k-core:10"``,
        ``"page-rank:10"`` and ``"degree-discount:10:0.05"`` (with the cascade's chance) choose the same ones in all.

    Raises
    ------
    InputError
        For none, for persons who are not in the graph or named twice, and for more than there are.
    """
    if isinstance(seeds, str):
        return _chosen(graph, seeds)
    return _given(graph, seeds)


def _chosen(graph: Any, text: str) -> Seeding:
    name, *words = text.split(":")
    if name not in WAYS:
        raise InputError(f'seeds = "{text}": there is no way "{name}" to choose them{suggestion(name, WAYS)}')
    needs_p = name == "degree-discount"
    if not words or not words[0].strip().isdecimal() or len(words) > 1 + needs_p:
        raise InputError(f'seeds = "{text}": say how many, such as "{name}:10{":0.05" if needs_p else ""}"')
    count = whole_number("seeds", int(words[0]), least=1)
    if count > graph.n_persons:
        raise InputError(f'seeds = "{text}": the graph has {graph.n_persons:,} persons')
    if name == "random":
        return Seeding(text, graph.n_persons, count)
    return Seeding(text, graph.n_persons, count, CHOICES[name](graph, count, *words[1:]))


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


# --- ways to choose --------------------------------------------------------------------------------------------------


def highest_degree(graph: Any, count: int) -> Labels:
    """Return the labels of the `count` persons with most followers, the highest first."""
    return _labels(graph, count, _highest_degree)


def k_core(graph: Any, count: int) -> Labels:
    """Return the labels of `count` persons of the innermost cores, the innermost first; see `central.core_numbers`."""
    return _labels(graph, count, _k_core)


def page_rank(graph: Any, count: int, *, damping: float = 0.85) -> Labels:
    """Return the labels of the `count` persons of the highest page rank; see `central.page_ranks`."""
    return _labels(graph, count, lambda g, k: _highest(page_ranks(_stored(g, "page-rank"), damping), k))


def degree_discount(graph: Any, count: int, *, p: float) -> Labels:
    """Return the labels of `count` seeds for an independent cascade with chance p; see `central.degree_discounted`."""
    return _labels(graph, count, lambda g, k: _degree_discount(g, k, p))


def _labels(graph: Any, count: int, choose: Callable[[Any, int], NDArray[np.uint32]]) -> Labels:
    number = whole_number("count", count, least=1)
    if number > graph.n_persons:
        raise InputError(f"count = {number:,}: the graph has {graph.n_persons:,} persons")
    found: Labels = graph.labels_of(choose(graph, number))
    return found


def _highest(values: NDArray[Any], count: int) -> NDArray[np.uint32]:
    return np.argsort(-values, kind="stable")[:count].astype(np.uint32)


def _highest_degree(graph: Any, count: int) -> NDArray[np.uint32]:
    return _highest(graph.n_followers.astype(np.int64), count)


def _k_core(graph: Any, count: int) -> NDArray[np.uint32]:
    return _highest(core_numbers(_stored(graph, "k-core")), count)


def _page_rank(graph: Any, count: int) -> NDArray[np.uint32]:
    return _highest(page_ranks(_stored(graph, "page-rank")), count)


def _degree_discount(graph: Any, count: int, p: float | str = "") -> NDArray[np.uint32]:
    try:
        chance = math.nan if isinstance(p, bool) else float(p)
    except (TypeError, ValueError):
        chance = math.nan
    if not 0 <= chance <= 1:
        raise InputError(
            f"degree-discount with p = {shown(p)}: give the cascade's chance, "
            f'0 <= p <= 1, such as "degree-discount:{count}:0.05"'
        )
    return degree_discounted(_stored(graph, "degree-discount"), count, chance)


def _stored(graph: Any, way: str) -> Any:
    if isinstance(graph, ImplicitGraph):
        raise InputError(f"seeds by {way} need links that are stored; graph.stored() has them")
    return graph


CHOICES: dict[str, Callable[..., NDArray[np.uint32]]] = {
    "highest-degree": _highest_degree,
    "k-core": _k_core,
    "page-rank": _page_rank,
    "degree-discount": _degree_discount,
}
"""Way to choose the same persons in every replicate -> function that returns indices of so many."""
WAYS = ("random", *CHOICES)


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
