"""Gaps between successes in a row of equal trials, drawn by table: most links that fail are never looked at.

The number of failures before the next success is geometric, and it has no memory: what is left of a gap at the end of a
person's followers is carried over to the next person's. A gap is found by a guide table (Chen & Asau 1974): the first
bits of a draw say where in the distribution to begin.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_function
from diffusion.randomness import draw

STORED = 256
"""Gaps that are drawn at a time."""
_BITS = 53
_MOST = 1024
"""Gaps in the table; a longer one is so many failures and then another draw."""
_GUIDE_BITS = 9

_ONE = np.uint64(1)
_ZERO = np.uint64(0)
_S11 = np.uint64(64 - _BITS)
_S_GUIDE = np.uint64(64 - _GUIDE_BITS)


class Gaps(NamedTuple):
    """The distribution of gaps at one chance of success.

    Attributes
    ----------
    chances : (k,) uint64
        Chance of a gap <= j in units of 2**-53; the last one is 1.
    guide : (512,) uint16
        The smallest gap that a draw with these first nine bits can mean.
    bounds : (2,) uint64
        The place in `chances` that stands for longer gaps (2**63 if there are none), and the number of links: nobody
        asks for a gap beyond it.
    """

    chances: NDArray[np.uint64]
    guide: NDArray[np.uint16]
    bounds: NDArray[np.uint64]


def gaps_at(p: float, n_links: int) -> Gaps:
    """Return the distribution of gaps at the chance `p`, to a resolution of 2**-53.

    Products and sums alone, which are the same on every machine.
    """
    chances = np.rint((1.0 - np.cumprod(np.full(_MOST, 1.0 - p))) * 2.0**_BITS).astype(np.uint64)
    whole = np.uint64(2**_BITS)
    certain = np.flatnonzero(chances >= whole)
    longer = 2**63 if certain.size else _MOST
    chances = chances[: certain[0] + 1] if certain.size else np.append(chances, whole)
    first = np.arange(2**_GUIDE_BITS, dtype=np.uint64) << np.uint64(_BITS - _GUIDE_BITS)
    guide = np.searchsorted(chances, first, side="right").astype(np.uint16)
    return Gaps(chances, guide, np.array([longer, n_links], dtype=np.uint64))


@hot_function
def draw_gaps(gaps, key, count, stored):
    """Fill `stored` with the next numbers of failures before a success; return how many draws have been made."""
    chances, guide, bounds = gaps
    longer, most = bounds
    always, never = chances.size == 1, chances[chances.size - 2] == _ZERO
    if always or never:
        for i in range(stored.size):
            stored[i] = _ZERO if always else most
        return count
    # Draws first: they are made several at a time.
    for i in range(stored.size):
        stored[i] = draw(key, count + np.uint64(i))
    made, used = np.uint64(stored.size), _ZERO
    if longer > np.uint64(_MOST):  # the table holds every gap
        for i in range(stored.size):
            h = stored[i]
            x = h >> _S11
            k = np.uint64(guide[h >> _S_GUIDE])
            while x >= chances[k]:
                k += _ONE
            stored[i] = k
        return count + made
    for i in range(stored.size):
        gap = _ZERO
        while True:
            h = stored[used] if used < made else draw(key, count + used)
            used += _ONE
            x = h >> _S11
            k = np.uint64(guide[h >> _S_GUIDE])
            while x >= chances[k]:
                k += _ONE
            gap += k
            if k != longer or gap >= most:
                break
        stored[i] = gap
    return count + used
