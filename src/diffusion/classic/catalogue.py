"""The classical models by name: what `diffusion classic` offers."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from diffusion.classic.spread import Spread

MODELS = {
    "absolute-threshold": "threshold:absolute_threshold",
    "bass": "bass:bass",
    "branching-cascade": "branching:branching_cascade",
    "compartments": "compartments:compartments",
    "complex-contagion": "complex_contagion:complex_contagion",
    "daley-kendall": "rumour:daley_kendall",
    "fractional-threshold": "threshold:fractional_threshold",
    "hawkes": "hawkes:hawkes",
    "hoax": "hoax:hoax",
    "independent-cascade": "independent_cascade:independent_cascade",
    "limited-attention": "limited_attention:limited_attention",
    "linear-threshold": "linear_threshold:linear_threshold",
    "maki-thompson": "rumour:maki_thompson",
    "seir": "epidemic:seir",
    "seiz": "seiz:seiz",
    "si": "epidemic:si",
    "simsom": "simsom:simsom",
    "sir": "epidemic:sir",
    "sirs": "endemic:sirs",
    "sis": "endemic:sis",
}
"""Name on the command line -> file in this room and function there."""


def model(name: str) -> Callable[..., Spread]:
    """Return the function of a model."""
    file, _, function = MODELS[name].partition(":")
    found: Callable[..., Spread] = getattr(import_module(f"diffusion.classic.{file}"), function)
    return found
