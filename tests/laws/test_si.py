"""SI where everybody meets everybody: the time until all are infected is a sum of exponential waits.

With k of N persons infectious the next infection comes at rate contact * k * (N - k) (Bailey, *The Mathematical Theory
of Epidemics*, 1957): mean and variance of the sum follow. In steps a link passes it on after a geometric number.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from diffusion.classic import si
from diffusion.graphs import complete_graph, path_graph
from laws.bounds import FALSE_ALARM, mean_allowed, miss_of_mean
from laws.harness import Finding, Law, Scorecard, sizes

TABLES = 1e-3
"""What tables and the normal law may shift a mean by, as a share of it."""


@pytest.mark.parametrize("runs", sizes(1_000, 20_000), ids=["quick", "full"])
@pytest.mark.parametrize(("persons", "contact"), [(3, 2.0), (10, 0.5), (40, 0.1)])
def test_si_until_all_are_infected(persons: int, contact: float, runs: int, scorecard: Scorecard) -> None:
    """Mean time of the last infection; control: contacts of half the spread, gamma with shape 4, of the same mean.

    The control's mean is that of a run of it with other seeds, less six of its errors.
    """
    graph = complete_graph(persons)
    waits = np.array([1 / (contact * k * (persons - k)) for k in range(1, persons)])
    mean, deviation = float(waits.sum()), math.sqrt(float((waits**2).sum()))
    allowed = mean_allowed(deviation, runs) + TABLES * mean

    def judge(transmission: float | str) -> Finding:
        found = si(graph, transmission=transmission, replicates=runs, seed=1, threads=1).lasted
        return Finding(abs(float(found.mean()) - mean) <= allowed, mean, float(found.mean()))

    mistake = f"gamma {1 / contact} 4"
    other = si(graph, transmission=mistake, replicates=4_000, seed=2, threads=1).lasted
    shift = abs(float(other.mean()) - mean) - 6 * float(other.std()) / math.sqrt(other.size)
    law = Law(
        f"SI until all of {persons} are infected ({runs:,} runs)", "mean time", "less varied contacts", FALSE_ALARM,
        miss_of_mean(shift, allowed, float(other.std()), runs) if shift > allowed else 1.0,
    )  # fmt: skip
    scorecard.check_law(law, judge, contact, mistake)


@pytest.mark.parametrize("runs", sizes(2_000, 20_000), ids=["quick", "full"])
@pytest.mark.parametrize("chance", [0.05, 0.3, 0.9])
def test_si_in_steps_along_a_path(chance: float, runs: int, scorecard: Scorecard) -> None:
    """Nine links: mean time 9 / p, variance 9 (1 - p) / p^2; control: the first try comes at once, 9 / p - 9."""
    graph = path_graph(10)
    mean, deviation = 9 / chance, math.sqrt(9 * (1 - chance)) / chance
    allowed = mean_allowed(deviation, runs)

    def judge(early: float) -> Finding:
        found = si(graph, transmission=chance, time="steps", seeds=[0], replicates=runs, seed=1, threads=1).lasted
        measured = float(found.mean()) - early
        return Finding(abs(measured - mean) <= allowed, mean, measured)

    law = Law(
        f"SI in steps along a path (chance {chance:g}, {runs:,} runs)", "mean time", "a first try at once",
        FALSE_ALARM, miss_of_mean(9, allowed, deviation, runs),
    )  # fmt: skip
    scorecard.check_law(law, judge, 0.0, 9.0)
