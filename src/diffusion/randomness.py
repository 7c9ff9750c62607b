"""Counter-based draws: every draw is a hash of its address, there is no stream.

An address is (seed, replicate, purpose) and then persons, platforms, stories, occurrences. `mix` is the finaliser of
SplitMix64 (Steele, Lea & Flood 2014, with Stafford's "variant 13" constants); `draw(key, a)` is the a-th output of a
SplitMix64 stream that starts at `key`, and is itself a key for the next word of the address.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np

from diffusion._jit import hot_inline

WORLD = 2**64 - 1
"""The replicate under which the world (traits, graphs, diets) is drawn when it belongs to the seed."""

_C1 = np.uint64(0xBF58476D1CE4E5B9)
_C2 = np.uint64(0x94D049BB133111EB)
_STEP = np.uint64(0x9E3779B97F4A7C15)
_STEP2 = np.uint64(0xD1B54A32D192ED03)
_ONE = np.uint64(1)
_S30 = np.uint64(30)
_S27 = np.uint64(27)
_S31 = np.uint64(31)
_S11 = np.uint64(11)
_UNIT = 2.0**-53
_ALL = 2**64 - 1


@hot_inline
def mix(x):
    """Scramble 64 bits (a bijection)."""
    x = (x ^ (x >> _S30)) * _C1
    x = (x ^ (x >> _S27)) * _C2
    return x ^ (x >> _S31)


@hot_inline
def draw(key, a):
    """Return the hash (uint64) of counter `a` (an unsigned 64-bit integer) under `key` (uint64)."""
    return mix(key + (np.uint64(a) + _ONE) * _STEP)


@hot_inline
def draw2(key, a, b):
    """Return the hash (uint64) of the pair of counters (a, b) under `key`, in one round of mixing."""
    return mix(key + (np.uint64(a) + _ONE) * _STEP + (np.uint64(b) + _ONE) * _STEP2)


@hot_inline
def uniform(h):
    """Turn a hash into a float64 in [0, 1) with 53 bits."""
    return np.float64(h >> _S11) * _UNIT


@lru_cache(maxsize=65536)
def name_key(name: str) -> int:
    """Return the 64-bit key of a named thing (an outlet, a platform, a story): a hash of its name, not its position."""
    return int.from_bytes(hashlib.blake2b(name.encode("utf-8"), digest_size=8).digest(), "little")


def draw_key(key: int, a: int) -> int:
    """Return `draw(key, a)` on Python integers, for keys that are made once per run."""
    x = (key + (a + 1) * int(_STEP)) & _ALL
    x = ((x ^ (x >> 30)) * int(_C1)) & _ALL
    x = ((x ^ (x >> 27)) * int(_C2)) & _ALL
    return x ^ (x >> 31)


@lru_cache(maxsize=4096)
def start_key(seed: int, replicate: int, purpose: int) -> int:
    """Return the key from which all draws of one purpose start.

    Parameters
    ----------
    seed : int
        The experiment's seed, 0 <= seed < 2**63.
    replicate : int
        The replicate's number, or `WORLD` for what belongs to the seed alone.
    purpose : int
        A `diffusion.vocabulary.Purpose`.
    """
    return draw_key(draw_key(seed, replicate), int(purpose))
