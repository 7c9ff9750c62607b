"""Vectors of keyed draws: one value per person."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.engine.draws import hashes, quantiles, uniforms
from diffusion.laws import Law
from diffusion.randomness import WORLD, draw_key, name_key, start_key
from diffusion.scenario import RunSettings
from diffusion.vocabulary import Purpose


def key_of(purpose: Purpose, seed: int, replicate: int, *names: str) -> np.uint64:
    """Return draw(… draw(K(purpose), N(first name)) …, N(last name))."""
    key = start_key(seed, replicate, purpose)
    for name in names:
        key = draw_key(key, name_key(name))
    return np.uint64(key)


def world_replicate(run: RunSettings, replicate: int) -> int:
    """Return under which replicate the world is drawn."""
    return replicate if run.redraw == "world" else WORLD


def person_uniforms(key: np.uint64, n: int) -> NDArray[np.float64]:
    """Return uniform(draw(key, i)) for every person, (n,)."""
    out = np.empty(n)
    uniforms(key, out)
    return out


def person_values(law: Law | NDArray[np.float64], key: np.uint64, n: int) -> NDArray[np.float64]:
    """Return quantile(law, draw(key, i)) for every person, (n,)."""
    out = np.empty(n)
    quantiles(law.table() if isinstance(law, Law) else law, key, out)
    return out


def person_hashes(key: np.uint64, n: int) -> NDArray[np.uint64]:
    """Return draw(key, i) for every person, (n,)."""
    out = np.empty(n, dtype=np.uint64)
    hashes(key, out)
    return out


def one_value(law: Law, key: np.uint64) -> float:
    """Return quantile(law, key) for a single hash."""
    from diffusion.laws import quantile

    with np.errstate(over="ignore"):
        return float(quantile(law.table(), key))


def sealed(array: Any) -> Any:
    """Make an array read-only and return it."""
    array = np.ascontiguousarray(array)
    array.setflags(write=False)
    return array
