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
from diffusion.measures.cascades import Cascades, Forest, cascades, flattened, forest, share_forest
from diffusion.measures.delays import COMPONENTS, Delays, delays
from diffusion.measures.groups import GroupReach, Mixing, mixing, reach_by_group
from diffusion.measures.handoff import Covered, Handoff, Peaks, coverage_order, handoff, peak, peaks
from diffusion.measures.inequality import exposures_caused, gini, top_share
from diffusion.measures.matching import Difference, SizeMatched, pooled, size_matched
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
    "Difference",
    "Evidence",
    "Forest",
    "GroupReach",
    "Handoff",
    "Mixing",
    "Peaks",
    "SizeMatched",
    "attribution",
    "belief_curve",
    "believing",
    "believing_hours",
    "believing_hours_bounds",
    "cascades",
    "coverage_order",
    "delays",
    "evidence_over_time",
    "exposures_caused",
    "first_believed",
    "first_sources",
    "flattened",
    "forest",
    "gini",
    "handoff",
    "mixing",
    "peak",
    "peaks",
    "pooled",
    "reach",
    "reach_by_group",
    "reach_curve",
    "restricted_mean_time",
    "share_forest",
    "size_matched",
    "time_to_reach",
    "top_share",
    "wide_row",
]
