"""Persons by their place in the graph: core numbers, page rank, and seeds whose audiences overlap least.

Links count alike, whatever their weights and times. Each function takes a stored graph and returns one number per
person, or indices of persons.
"""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import kernel
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph

TOLERANCE = 1e-12
"""Page ranks, which sum to 1, have settled when all changes of a round sum to less."""
_MOST_ROUNDS = 10_000


def core_numbers(graph: FollowerGraph) -> NDArray[np.int64]:
    """Return the largest k for which each person is in the k-core, (n,) (Seidman 1983; Kitsak et al. 2010).

    The k-core is what remains when all with fewer than k neighbours among those who remain are taken away. Whoever
    follows or is followed is a neighbour; a mutual link makes one neighbour, not two.
    """
    both = graph if graph.is_mutual else _undirected(graph)
    return _core_numbers(both.offsets, both.followers)


def page_ranks(graph: FollowerGraph, damping: float = 0.85) -> NDArray[np.float64]:
    """Return the share of time that a random reader spends with each person, (n,), summing to 1 (Brin & Page 1998).

    With chance `damping` the reader goes on to somebody whom the present person follows, each as likely; else, and from
    who follows nobody, to anybody. So esteem flows from followers to those whom they follow.

    Raises
    ------
    InputError
        If damping is not at least 0 and below 1.
    """
    if isinstance(damping, bool) or not 0 <= damping < 1:
        raise InputError(f"damping = {damping!r}: give a number, 0 <= damping < 1")
    n = graph.n_persons
    follows = graph.n_followed.astype(np.float64)
    nobody = follows == 0
    follows[nobody] = 1
    ranks = np.full(n, 1 / n)
    for _ in range(_MOST_ROUNDS):
        anywhere = (1 - damping) / n + damping * ranks[nobody].sum() / n
        found = anywhere + damping * _gather(graph.offsets, graph.followers, ranks / follows)
        settled = np.abs(found - ranks).sum() < TOLERANCE
        ranks = found / found.sum()
        if settled:
            return ranks
    raise InputError(f"damping = {damping!r}: ranks had not settled after {_MOST_ROUNDS:,} rounds; take a smaller one")


def degree_discounted(graph: FollowerGraph, count: int, p: float) -> NDArray[np.uint32]:
    """Return `count` persons chosen one by one, each the one of the highest discounted degree (Chen, Wang & Yang 2009).

    A person with d followers, s of them chosen already, who follows t of the chosen, has the discounted degree
    d - s - t - (d - s) t p: what an independent cascade with chance p gains by one seed more, to first order in p. On a
    mutual graph s = t, and this is the published d - 2 t - (d - t) t p.
    """
    back = graph if graph.is_mutual else graph.reversed()
    return _degree_discounted(graph.offsets, graph.followers, back.offsets, back.followers, count, p)


def _undirected(graph: FollowerGraph) -> FollowerGraph:
    senders = np.repeat(np.arange(graph.n_persons, dtype=np.uint32), graph.n_followers)
    return FollowerGraph.from_ranks(senders, graph.followers, graph.n_persons, mutual=True)


@kernel
def _gather(offsets, followers, shares):
    """Return the sum of the followers' shares of each person."""
    found = np.zeros(shares.size, np.float64)
    for person in range(shares.size):
        total = 0.0
        for at in range(offsets[person], offsets[person + 1]):
            total += shares[followers[at]]
        found[person] = total
    return found


@kernel
def _core_numbers(offsets, neighbours):
    """Take persons away in the order of their remaining degrees (Batagelj & Zaversnik 2003): one look at every link."""
    n = offsets.size - 1
    degree = offsets[1:] - offsets[:-1]
    starts = np.zeros(degree.max() + 2, np.int64)
    for person in range(n):
        starts[degree[person] + 1] += 1
    starts = np.cumsum(starts)
    order, place, begin = np.empty(n, np.int64), np.empty(n, np.int64), starts.copy()
    for person in range(n):
        place[person] = begin[degree[person]]
        order[place[person]] = person
        begin[degree[person]] += 1
    for at in range(n):
        person = order[at]
        for link in range(offsets[person], offsets[person + 1]):
            other = np.int64(neighbours[link])
            if degree[other] > degree[person]:
                # Swap with the first of the same degree, whose bin then begins one later.
                front = starts[degree[other]]
                first = order[front]
                order[place[other]], place[first] = first, place[other]
                order[front], place[other] = other, front
                starts[degree[other]] = front + 1
                degree[other] -= 1
    return degree


@kernel
def _degree_discounted(offsets, followers, back_offsets, back, count, p):
    n = offsets.size - 1
    score = np.empty(n, np.float64)
    chosen_followers, chosen_followed = np.zeros(n, np.int64), np.zeros(n, np.int64)
    taken = np.zeros(n, np.bool_)
    heap = [(0.0, np.int64(0)) for _ in range(0)]
    for person in range(n):
        score[person] = offsets[person + 1] - offsets[person]
        heap.append((-score[person], np.int64(person)))
    heapq.heapify(heap)
    found = np.empty(count, np.uint32)
    size = 0
    while size < count:
        value, person = heapq.heappop(heap)
        if taken[person] or -value != score[person]:
            continue
        taken[person] = True
        found[size] = person
        size += 1
        for link in range(offsets[person], offsets[person + 1]):
            chosen_followed[followers[link]] += 1
        for link in range(back_offsets[person], back_offsets[person + 1]):
            chosen_followers[back[link]] += 1
        for side in range(2):
            ends, others = (offsets, followers) if side == 0 else (back_offsets, back)
            for link in range(ends[person], ends[person + 1]):
                other = np.int64(others[link])
                s, t = chosen_followers[other], chosen_followed[other]
                left = offsets[other + 1] - offsets[other] - s
                now = left - t - left * t * p
                if not taken[other] and now != score[other]:
                    score[other] = now
                    heapq.heappush(heap, (-now, other))
    return found
