"""The machine's own limits: breadth-first search as numba users write it, and a loop in registers.

The search: a first-in-first-out array, a byte per person, no prefetch. It follows every link of everybody it reaches
once, which is what a story does that reaches them; `engine.py` shows that it is no slower than networkit's.
"""

from __future__ import annotations

import numba
import numpy as np
from measurement import Side

from diffusion.graphs import FollowerGraph


@numba.njit(nogil=True)
def breadth_first(offsets, followers, start, seen, queue):
    """Visit everybody who can be reached from `start`; return the number of links followed."""
    seen[start] = 1
    queue[0] = start
    head, tail, links = 0, 1, 0
    while head < tail:
        person = queue[head]
        head += 1
        for at in range(offsets[person], offsets[person + 1]):
            follower = followers[at]
            if seen[follower] == 0:
                seen[follower] = 1
                queue[tail] = follower
                tail += 1
        links += offsets[person + 1] - offsets[person]
    return links


@numba.njit(nogil=True)
def register_loop(steps):
    """Count in registers only: shows how many cores the machine gives at the moment."""
    state = np.uint64(88172645463325252)
    for _ in range(steps):
        state ^= state << np.uint64(13)
        state ^= state >> np.uint64(7)
        state ^= state << np.uint64(17)
    return state


def yardstick(graph: FollowerGraph) -> Side:
    """Return the search from the person with most followers; its amount of work is links followed."""
    start = int(np.argmax(graph.n_followers))
    seen = np.zeros(graph.n_persons, np.uint8)
    queue = np.zeros(graph.n_persons, np.uint32)

    def run() -> float:
        return float(breadth_first(graph.offsets, graph.followers, start, seen, queue))

    return Side(run, before=lambda: seen.fill(0))
