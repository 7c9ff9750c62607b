"""The points of a sweep: for every swept key one value, in a fixed order."""

from __future__ import annotations

import hashlib
from itertools import product
from typing import Any

import numpy as np

from diffusion.design import Sample, Sweep
from diffusion.design.laws import Uniforms

Point = dict[str, Any]
"""Dotted key -> value."""


def points(sweep: Sweep, seed: int) -> tuple[Point, ...]:
    """Return the points of a sweep.

    Parameters
    ----------
    sweep : Sweep
    seed : int
        Draws of the sample are a function of it.

    Returns
    -------
    tuple of dict
        The points of the sample outermost, then the rows of `zip`, then the combinations of `grid`, whose last key
        moves fastest. Every point lists its keys in the order of `Sweep.keys`.
    """
    drawn = [{}] if sweep.sample is None else _drawn(sweep.sample, seed)
    rows = [dict(zip(sweep.zip, row, strict=True)) for row in zip(*sweep.zip.values(), strict=True)] or [{}]
    grid = [dict(zip(sweep.grid, row, strict=True)) for row in product(*sweep.grid.values())]
    return tuple({**first, **second, **third} for first in drawn for second in rows for third in grid)


def _drawn(sample: Sample, seed: int) -> list[Point]:
    """Return the points of a sample, key by key through the quantiles of each law."""
    uniforms = _uniforms(sample, seed)
    columns = [law.at(uniforms[:, i]) for i, law in enumerate(sample.of.values())]
    return [dict(zip(sample.of, row, strict=True)) for row in zip(*columns, strict=True)]


def _uniforms(sample: Sample, seed: int) -> Uniforms:
    """Return probabilities, (size, keys).

    A key's own stream is a function of (seed, method, key): another key or a larger size changes no draw of "random".
    """
    if sample.method == "random":
        return np.stack([_generator(seed, f"random:{key}").random(sample.size) for key in sample.of], axis=1)
    from scipy.stats import qmc

    random = _generator(seed, sample.method)
    if sample.method == "latin":
        return qmc.LatinHypercube(len(sample.of), rng=random).random(sample.size)
    sequence = qmc.Sobol(len(sample.of), rng=random)
    return sequence.random_base2((sample.size - 1).bit_length())[: sample.size]


def _generator(seed: int, name: str) -> np.random.Generator:
    digest = hashlib.blake2b(f"sweep:{seed}:{name}".encode(), digest_size=16).digest()
    return np.random.default_rng(int.from_bytes(digest, "little"))
