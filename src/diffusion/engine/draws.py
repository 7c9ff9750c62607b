"""Kernels that fill a vector with keyed draws, one per person."""

from __future__ import annotations

from diffusion._jit import kernel
from diffusion.laws import quantile
from diffusion.randomness import draw, uniform


@kernel
def uniforms(key, out):
    """Fill `out` with uniform(draw(key, i))."""
    for i in range(out.size):
        out[i] = uniform(draw(key, i))


@kernel
def quantiles(table, key, out):
    """Fill `out` with quantile(table, draw(key, i))."""
    for i in range(out.size):
        out[i] = quantile(table, draw(key, i))


@kernel
def hashes(key, out):
    """Fill `out` with draw(key, i)."""
    for i in range(out.size):
        out[i] = draw(key, i)
