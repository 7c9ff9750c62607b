"""The design of a sweep: which values the keys of a scenario take, and when there are replicates enough."""

from diffusion.design.laws import Choice, Distribution, Integers, LogNormal, LogUniform, Normal, Uniform
from diffusion.design.sensitivity import Factor, Sensitivity
from diffusion.design.sweep import Sample, Sweep, Until
from diffusion.design.values import SPACINGS, linspace, logspace, scale

__all__ = [
    "SPACINGS",
    "Choice",
    "Distribution",
    "Factor",
    "Integers",
    "LogNormal",
    "LogUniform",
    "Normal",
    "Sample",
    "Sensitivity",
    "Sweep",
    "Uniform",
    "Until",
    "linspace",
    "logspace",
    "scale",
]
