"""Sweeps: an experiment at many points, its finished runs in a store that survives anything."""

from diffusion.study.sweeps.parts import Row
from diffusion.study.sweeps.results import SweepResults
from diffusion.study.sweeps.store import SweepStore

__all__ = ["Row", "SweepResults", "SweepStore"]
