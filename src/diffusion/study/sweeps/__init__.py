"""Sweeps: an experiment at many points, its finished runs in a store that survives anything."""

from diffusion.study.sweeps.keys import file_contents, run_key
from diffusion.study.sweeps.parts import Row
from diffusion.study.sweeps.plan import Job, Plan
from diffusion.study.sweeps.points import points
from diffusion.study.sweeps.results import SweepResults
from diffusion.study.sweeps.store import SweepStore

__all__ = ["Job", "Plan", "Row", "SweepResults", "SweepStore", "file_contents", "points", "run_key"]
