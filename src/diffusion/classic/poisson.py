"""Poisson numbers from hashes, exact for every mean."""

import math

import numpy as np

from diffusion._jit import hot_function
from diffusion.randomness import draw, uniform

_AT_ONCE = 64.0
"""Larger means are added up of parts of this one, so that exp(-mean) keeps all its digits."""


@hot_function
def poisson(key, mean, most):
    """Return a Poisson number of a mean, or `most` where it is not less; its draws are those under `key` (uint64)."""
    total, part = 0, 0
    while mean > 0.0 and total < most:
        piece = min(mean, _AT_ONCE)
        mean -= piece
        chance = math.exp(-piece)
        left = uniform(draw(key, np.uint64(part))) - chance
        count = 0
        while left >= 0.0 and chance > 0.0:
            count += 1
            chance *= piece / count
            left -= chance
        total += count
        part += 1
    return min(total, most)
