"""What is measured in an outcome: pure functions, each with an honest answer for "never". They never simulate."""

from diffusion.measures.beliefs import (
    BeliefCurve,
    Bounds,
    Evidence,
    belief_curve,
    believing,
    believing_hours,
    believing_hours_bounds,
    evidence_over_time,
    first_believed,
)
from diffusion.measures.cascades import Cascades, Forest, cascades, forest, share_forest
from diffusion.measures.delays import COMPONENTS, Delays, delays
from diffusion.measures.handoff import Covered, Handoff, Peaks, coverage_order, handoff, peak, peaks
from diffusion.measures.row import wide_row
from diffusion.measures.sources import Attribution, attribution
from diffusion.measures.speed import first_sources, reach, reach_curve, restricted_mean_time, time_to_reach

__all__ = [
    "COMPONENTS",
    "Attribution",
    "BeliefCurve",
    "Bounds",
    "Cascades",
    "Covered",
    "Delays",
    "Evidence",
    "Forest",
    "Handoff",
    "Peaks",
    "attribution",
    "belief_curve",
    "believing",
    "believing_hours",
    "believing_hours_bounds",
    "cascades",
    "coverage_order",
    "delays",
    "evidence_over_time",
    "first_believed",
    "first_sources",
    "forest",
    "handoff",
    "peak",
    "peaks",
    "reach",
    "reach_curve",
    "restricted_mean_time",
    "share_forest",
    "time_to_reach",
    "wide_row",
]
