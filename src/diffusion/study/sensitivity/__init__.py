"""Sensitivity: how much of what comes out hangs on which key."""

from diffusion.study.sensitivity.analysis import (
    CSV,
    SensitivityTable,
    at_design,
    check_asked,
    is_sensitivity,
    point_values,
    sensitivity_table,
    write_sensitivity,
)
from diffusion.study.sensitivity.asking import asked_for, design_of, design_points, read_variation
from diffusion.study.sensitivity.indices import (
    Design,
    MorrisEffects,
    SobolIndices,
    morris_design,
    morris_effects,
    sobol_design,
    sobol_indices,
)

__all__ = [
    "CSV",
    "Design",
    "MorrisEffects",
    "SensitivityTable",
    "SobolIndices",
    "asked_for",
    "at_design",
    "check_asked",
    "design_of",
    "design_points",
    "is_sensitivity",
    "morris_design",
    "morris_effects",
    "point_values",
    "read_variation",
    "sensitivity_table",
    "sobol_design",
    "sobol_indices",
    "write_sensitivity",
]
