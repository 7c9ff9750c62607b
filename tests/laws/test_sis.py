"""SIS and SIRS in small groups, where everybody meets everybody: the Markov chain of the numbers, solved exactly.

With i infectious and r immune of N persons the chain goes to (i + 1, r) at rate contact * i * (N - i - r), to
(i - 1, r + 1) at rate recovery * i and to (i, r - 1) at rate loss * r (Kermack & McKendrick; Nasell, *Extinction and
Quasi-Stationarity*, 2011, for SIS). In steps every susceptible person escapes with (1 - contact) ** i, and those who
were infectious or immune at the beginning of the step recover or lose immunity, independently.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.linalg import expm

from diffusion.classic import sir, sirs, sis
from diffusion.graphs import complete_graph
from laws.bounds import FALSE_ALARM, count_bounds, miss_of_count
from laws.harness import Finding, Law, Scorecard, sizes

RUNS = sizes(4_000, 30_000)


class Group(NamedTuple):
    """So many persons, one of them infectious at first; rates, or chances per step; loss None means no immunity."""

    persons: int
    contact: float
    recovery: float
    loss: float | None
    time: float


def in_time(group: Group) -> NDArray[np.float64]:
    """Return the chances of 0 … N infectious persons at the time, of the chain in continuous time."""
    n, contact, recovery, loss, time = group
    states = [(i, r) for i in range(n + 1) for r in range(n + 1 - i if loss is not None else 1)]
    number = {state: k for k, state in enumerate(states)}
    rates = np.zeros((len(states), len(states)))
    for (i, r), k in number.items():
        if i + r < n:
            rates[k, number.get((i + 1, r), k)] += contact * i * (n - i - r)
        if i:
            rates[k, number[i - 1, r + (loss is not None)]] += recovery * i
        if r and loss is not None:
            rates[k, number[i, r - 1]] += loss * r
    np.fill_diagonal(rates, 0)
    np.fill_diagonal(rates, -rates.sum(axis=1))
    found = expm(rates * time)[number[1, 0]]
    return np.bincount([i for i, _ in states], weights=found)


def in_steps(group: Group, in_one_step: bool = False) -> NDArray[np.float64]:
    """The same in steps; the mistake `in_one_step` lets persons recover first, and infect and be infected after it."""
    n, contact, recovery, loss, time = group
    assert loss is None, "immunity in steps is held by the twin in plain Python"
    step = np.zeros((n + 1, n + 1))
    for i in range(n + 1):
        for stay in range(i + 1):
            chance = stats.binom.pmf(stay, i, 1 - recovery)
            free, sources = (n - stay, stay) if in_one_step else (n - i, i)
            new = stats.binom.pmf(np.arange(free + 1), free, 1 - (1 - contact) ** sources)
            step[i, stay : stay + free + 1] += chance * new
    return np.asarray(np.linalg.matrix_power(step, int(time))[1], dtype=np.float64)


def infectious(group: Group, runs: int, **time: Any) -> NDArray[np.int64]:
    """Return numbers of infectious persons at the time, (runs,)."""
    graph = complete_graph(group.persons)
    asked: dict[str, Any] = {
        "transmission": group.contact, "recovery": group.recovery, "horizon": group.time, "replicates": runs,
        "seed": 1, "threads": 1, **time,
    }  # fmt: skip
    found = sis(graph, **asked) if group.loss is None else sirs(graph, **asked, immunity=group.loss)
    return found.counts[:, 1]


def check(scorecard: Scorecard, text: str, mistake: str, laws: tuple[Any, Any], samples: tuple[Any, Any]) -> None:
    """Two binomial counts of the runs, at half the false-alarm rate each: nobody infectious, and more than expected."""
    (right, wrong), (found, control) = laws, samples
    runs = found.size
    middle = round(float(right @ np.arange(right.size)))
    events = [lambda k: k == 0, lambda k: k > middle]
    chances = [[float(law[event(np.arange(law.size))].sum()) for event in events] for law in (right, wrong)]
    bounds = [count_bounds(runs, chance, FALSE_ALARM / 2) for chance in chances[0]]

    def judge(sample: NDArray[np.int64]) -> Finding:
        counts = [int(event(sample).sum()) for event in events]
        holds = all(low <= count <= high for count, (low, high) in zip(counts, bounds, strict=True))
        return Finding(holds, float(right @ np.arange(right.size)), float(sample.mean()))

    miss = min(miss_of_count(runs, a, b, FALSE_ALARM / 2) for a, b in zip(*chances, strict=True))
    law = Law(f"{text}, {runs:,} runs", "mean infectious", mistake, FALSE_ALARM, miss)
    scorecard.check_law(law, judge, found, control)


@pytest.mark.parametrize("runs", RUNS, ids=["quick", "full"])
@pytest.mark.parametrize("reproduction", [0.8, 1.1, 2.0, 4.0])
def test_sis_in_a_group(reproduction: float, runs: int, scorecard: Scorecard) -> None:
    """Infectious persons of 12 after 6 periods, at R = 11 contact / recovery, below, at and above criticality.

    Control: five periods of immunity after each infection.
    """
    group = Group(12, reproduction / 11, 1.0, None, 6.0)
    other = group._replace(loss=0.2)
    samples = infectious(group, runs), infectious(other, runs)
    text = f"SIS in a group of 12 (R = {reproduction:g})"
    check(scorecard, text, "some immunity", (in_time(group), in_time(other)), samples)


@pytest.mark.parametrize("runs", RUNS, ids=["quick", "full"])
@pytest.mark.parametrize(("contact", "loss"), [(0.2, 1.0), (0.4, 0.5), (1.0, 2.0)])
def test_sirs_in_a_group(contact: float, loss: float, runs: int, scorecard: Scorecard) -> None:
    """Infectious persons of 10 after 5 periods; control: susceptible again at once."""
    group = Group(10, contact, 1.0, loss, 5.0)
    other = group._replace(loss=None)
    samples = infectious(group, runs), infectious(other, runs)
    text = f"SIRS in a group of 10 (contact {contact:g}, loss {loss:g})"
    check(scorecard, text, "no immunity", (in_time(group), in_time(other)), samples)


@pytest.mark.parametrize("runs", RUNS, ids=["quick", "full"])
@pytest.mark.parametrize(("contact", "recovery"), [(0.04, 0.4), (0.1, 0.4), (0.3, 0.8)])
def test_sis_in_steps(contact: float, recovery: float, runs: int, scorecard: Scorecard) -> None:
    """Infectious persons of 10 after 12 steps; control: recovery comes first in a step (drawn from its own chain)."""
    group = Group(10, contact, recovery, None, 12)
    right, wrong = in_steps(group), in_steps(group, in_one_step=True)
    control = np.random.default_rng(1).choice(wrong.size, size=runs, p=wrong / wrong.sum())
    samples = infectious(group, runs, time="steps"), control
    text = f"SIS in steps in a group of 10 (chances {contact:g}, {recovery:g})"
    check(scorecard, text, "recovery before infection", (right, wrong), samples)


@pytest.mark.parametrize("runs", RUNS, ids=["quick", "full"])
@pytest.mark.parametrize("contact", [0.1, 0.2, 0.6])
def test_sir_in_a_group(contact: float, runs: int, scorecard: Scorecard) -> None:
    """SIR is SIRS without loss of immunity: infectious persons of 10 after 4 periods; control: SIS."""
    group = Group(10, contact, 1.0, 0.0, 4.0)
    other = group._replace(loss=None)
    found = sir(complete_graph(10), transmission=contact, recovery=1.0, horizon=4.0, replicates=runs, seed=1, threads=1)
    text = f"SIR in a group of 10 (contact {contact:g})"
    check(
        scorecard, text, "no immunity", (in_time(group), in_time(other)), (found.counts[:, 1], infectious(other, runs))
    )
