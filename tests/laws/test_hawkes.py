"""The mean number of events of a Hawkes process with exponential memory solves a linear equation.

With phi(s) = exp(-s), the mean rates are base + x, where x' = -x + a M (base + x), M[v, u] = 1 where v follows u, and
x(0) = a M s for events of s at time 0 (Hawkes 1971; Oakes 1975).
"""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm

from diffusion.classic import hawkes
from diffusion.graphs import FollowerGraph, generate_followers
from laws.bounds import FALSE_ALARM, mean_allowed, miss_of_mean
from laws.harness import Finding, Law, Scorecard, sizes

GRAPH = generate_followers(80, mean_followers=5, seed=3)
HORIZON, BASE = 6.0, 0.01
MATRIX = np.zeros((80, 80))
for _u in range(80):
    MATRIX[GRAPH.row(_u), _u] = 1
REVERSED = FollowerGraph.from_links(*np.nonzero(MATRIX), n_persons=80)
RADIUS = float(np.abs(np.linalg.eigvals(MATRIX)).max())


def mean_events(matrix: NDArray[np.float64], a: float, start: int) -> float:
    """Mean number of events of all persons until the horizon, if `start` has one at time 0."""
    n = matrix.shape[0]
    change = np.zeros((2 * n + 1, 2 * n + 1))
    change[:n, :n] = a * matrix - np.eye(n)
    change[:n, -1] = a * BASE * matrix.sum(axis=1)
    change[n : 2 * n, :n] = np.eye(n)
    change[n : 2 * n, -1] = BASE
    begin = np.concatenate([a * matrix[:, start], np.arange(n) == start, [1.0]])
    return float((expm(HORIZON * change) @ begin)[n : 2 * n].sum())


@pytest.mark.parametrize("runs", sizes(2_000, 100_000))
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_mean_events_solve_their_equation(share: float, runs: int, scorecard: Scorecard) -> None:
    """Excitation at that share of the critical one, seed the person with most followers; the deviation is the
    sample's. Control: the links reversed, so that followers excite whom they follow."""
    a, hub = share / RADIUS, int(np.argmax(GRAPH.n_followers))
    expected, other = mean_events(MATRIX, a, hub), mean_events(MATRIX.T, a, hub)

    def judge(events: NDArray[np.int64]) -> Finding:
        allowed = mean_allowed(float(events.std()), events.size)
        return Finding(abs(float(events.mean()) - expected) <= allowed, expected, float(events.mean()), allowed)

    right, control = (
        hawkes(graph, excitation=a, base=BASE, horizon=HORIZON, seeds=[hub], replicates=runs, seed=6).extra["events"]
        for graph in (GRAPH, REVERSED)
    )
    spread = float(control.std())
    law = Law(
        f"mean events of a Hawkes process solve its equation ({share:g} of critical, {runs:,} runs)", "events",
        "links reversed", FALSE_ALARM, miss_of_mean(expected - other, mean_allowed(spread, runs), spread, runs),
    )  # fmt: skip
    scorecard.check_law(law, judge, right, control)
