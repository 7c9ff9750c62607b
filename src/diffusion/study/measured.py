"""What is measured of every run of an experiment."""

from __future__ import annotations

from diffusion.measures.speed import persons_needed
from diffusion.scenario import Experiment, Measures
from diffusion.study.until import until_quantile


def measured_for(experiment: Experiment) -> Measures:
    """Return an experiment's measures, with the quantiles of its claim and of `until` among theirs."""
    claim, measures = experiment.claim, experiment.measures
    wanted = dict.fromkeys(measures.quantiles)
    if claim is not None and claim.is_of_times:
        wanted[claim.quantile] = None
    watched = until_quantile(experiment)
    if watched is not None:
        wanted[watched] = None
    for q in wanted:
        persons_needed(q, 1)
    return measures.model_copy(update={"quantiles": tuple(wanted)})
