"""What is measured in an outcome: pure functions, each with an honest answer for "never". They never simulate."""

from diffusion.measures.beliefs import believing
from diffusion.measures.cascades import Cascades, Forest, cascades, forest, share_forest
from diffusion.measures.delays import COMPONENTS, Delays, delays
from diffusion.measures.row import wide_row
from diffusion.measures.speed import first_sources, reach, reach_curve, restricted_mean_time, time_to_reach

__all__ = [
    "COMPONENTS",
    "Cascades",
    "Delays",
    "Forest",
    "believing",
    "cascades",
    "delays",
    "first_sources",
    "forest",
    "reach",
    "reach_curve",
    "restricted_mean_time",
    "share_forest",
    "time_to_reach",
    "wide_row",
]
