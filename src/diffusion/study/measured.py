"""What is measured of every run of an experiment."""

from __future__ import annotations

from diffusion.measures.speed import persons_needed
from diffusion.scenario import Experiment, Measures


def measured_for(experiment: Experiment) -> Measures:
    """Return an experiment's measures, with the claim's quantile among theirs."""
    claim, measures = experiment.claim, experiment.measures
    wanted = dict.fromkeys(measures.quantiles)
    if claim is not None and claim.is_of_times:
        wanted[claim.quantile] = None
    for q in wanted:
        persons_needed(q, 1)
    return measures.model_copy(update={"quantiles": tuple(wanted)})
