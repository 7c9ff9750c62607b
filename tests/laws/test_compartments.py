"""Declared compartment models against theory: final sizes of SIR, the exact Markov chains of SIS and of Reed and Frost.

A transmission along a link has the chance T = beta / (beta + gamma). On a directed random graph of mean degree c in
which a share s begins infected, the share that is ever infected solves z = 1 - (1 - s) exp(-c T z) (Kermack &
McKendrick 1927; Newman 2002 for graphs); its variance is that of Ball & Clancy (1993) with the variance of T given the
length of an infection. On a complete graph of n persons SIS is a birth and death process with rates beta k (n - k) and
gamma k. In steps, with a recovery that is certain, SIR is the chain binomial of Reed and Frost (Bailey 1975).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm
from scipy.stats import binom

from diffusion.classic import compartments
from diffusion.graphs import FollowerGraph
from laws.bounds import FALSE_ALARM, distance_allowed, mean_allowed, miss_at_distance, miss_of_mean
from laws.harness import Finding, Law, Scorecard, sizes
from laws.test_independent_cascade import FOLLOWERS, random_graph

BEGIN = 0.01
"""Share of persons who begin infected."""


def sir(beta: float, gamma: float) -> dict[str, Any]:
    return {
        "states": ["S", "I", "R"],
        "seeds": "I",
        "transitions": [
            {"from": "S", "by": "I", "to": "I", "rate": beta},
            {"from": "I", "to": "R", "rate": gamma},
        ],
    }


def sis(beta: float, gamma: float) -> dict[str, Any]:
    return {
        "states": ["S", "I"],
        "seeds": "I",
        "transitions": [
            {"from": "S", "by": "I", "to": "I", "rate": beta},
            {"from": "I", "to": "S", "rate": gamma},
        ],
    }


def final_share(beta: float, gamma: float) -> float:
    z, reproduction = 0.5, FOLLOWERS * beta / (beta + gamma)
    for _ in range(1_000):
        z = 1 - (1 - BEGIN) * math.exp(-reproduction * z)
    return z


def deviation(beta: float, gamma: float, n: int) -> float:
    """Standard deviation of the share that is ever infected."""
    z, reproduction = final_share(beta, gamma), FOLLOWERS * beta / (beta + gamma)
    spread = 1 - 2 * gamma / (gamma + beta) + gamma / (gamma + 2 * beta) - (beta / (beta + gamma)) ** 2
    return math.sqrt((z * (1 - z) + FOLLOWERS**2 * spread * z * (1 - z) ** 2) / n) / (1 - reproduction * (1 - z))


def found_share(n: int, graphs: int, beta: float, gamma: float) -> float:
    shares = [
        compartments(random_graph(n, k), model=sir(beta, gamma), seeds=f"random:{int(BEGIN * n)}", seed=k).reached[0]
        / n
        for k in range(graphs)
    ]
    return float(np.mean(shares))


@pytest.mark.parametrize("reproduction", [0.8, 1.2, 2.5])
@pytest.mark.parametrize("size", sizes((5_000, 4), (40_000, 10)))
def test_final_sizes_of_a_declared_sir(scorecard: Scorecard, size: tuple[int, int], reproduction: float) -> None:
    n, graphs = size
    gamma, transmitted = 2.0, reproduction / FOLLOWERS
    beta = gamma * transmitted / (1 - transmitted)
    wanted, swapped = final_share(beta, gamma), final_share(gamma, beta)
    allowed = mean_allowed(deviation(beta, gamma, n), graphs) + 2 / n

    law = Law(
        text=f"declared SIR with R = {reproduction:g} on directed G(n, c/n)",
        number="share ever infected",
        mistake="rates swapped",
        false_alarm=FALSE_ALARM,
        miss=miss_of_mean(swapped - wanted, allowed, deviation(gamma, beta, n), graphs),
    )

    def judge(share: float) -> Finding:
        return Finding(abs(share - wanted) <= allowed, wanted, share)

    scorecard.check_law(law, judge, found_share(n, graphs, beta, gamma), found_share(n, graphs, gamma, beta))


def complete(n: int) -> FollowerGraph:
    pairs = [(u, v) for u in range(n) for v in range(n) if u != v]
    return FollowerGraph.from_links(*zip(*pairs, strict=True), n_persons=n)


def chain(n: int, beta: float, gamma: float, time: float) -> NDArray[np.float64]:
    """Distribution function of the number infected at a time, from one infected person."""
    infected = np.arange(n + 1)
    up, down = beta * infected * (n - infected), gamma * infected
    rates = np.diag(up[:-1], 1) + np.diag(down[1:], -1) - np.diag(up + down)
    return np.asarray(np.cumsum(expm(rates * time)[1]), dtype=np.float64)


@pytest.mark.parametrize("reproduction", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("runs", sizes(1_500, 40_000))
def test_a_declared_sis_is_its_markov_chain(scorecard: Scorecard, runs: int, reproduction: float) -> None:
    n, gamma, time = 8, 1.0, 1.5
    beta, graph = reproduction * gamma / (n - 1), complete(n)
    wanted = chain(n, beta, gamma, time)
    swapped = chain(n, gamma, beta, time)
    law = Law(
        text=f"declared SIS with R = {reproduction:g} on a complete graph of {n}",
        number="chance of nobody infected",
        mistake="rates swapped",
        false_alarm=FALSE_ALARM,
        miss=miss_at_distance(runs, float(np.abs(wanted - swapped).max())),
    )

    def judge(infected: NDArray[np.int64]) -> Finding:
        share = np.array([np.mean(infected <= k) for k in range(n + 1)])
        return Finding(bool(np.abs(share - wanted).max() <= distance_allowed(runs)), wanted[0], share[0])

    def run(model: dict[str, Any]) -> NDArray[np.int64]:
        return compartments(graph, model=model, seeds=[3], horizon=time, replicates=runs, seed=7).counts[:, 1]

    scorecard.check_law(law, judge, run(sis(beta, gamma)), run(sis(gamma, beta)))


def reed_frost(n: int, p: float) -> NDArray[np.float64]:
    """Distribution function of the number ever infected on a complete graph, from one infected person."""
    now = {(n - 1, 1): 1.0}
    sizes = np.zeros(n + 1)
    while now:
        later: dict[tuple[int, int], float] = {}
        for (susceptible, infected), chance in now.items():
            law = binom(susceptible, 1 - (1 - p) ** infected)
            for new in range(susceptible + 1):
                part = chance * float(law.pmf(new))
                if new == 0:
                    sizes[n - susceptible] += part
                else:
                    key = (susceptible - new, new)
                    later[key] = later.get(key, 0.0) + part
        now = later
    return np.asarray(np.cumsum(sizes), dtype=np.float64)


def in_steps(p: float, end: dict[str, Any]) -> dict[str, Any]:
    contact = {"from": "S", "by": "I", "to": "I", "chance": p}
    return {
        "states": ["S", "I", "R"],
        "seeds": "I",
        "steps": True,
        "transitions": [contact, {"from": "I", "to": "R", **end}],
    }


@pytest.mark.parametrize("reproduction", [0.6, 1.0, 1.8])
@pytest.mark.parametrize("runs", sizes(3_000, 40_000))
def test_a_declared_sir_in_steps_is_reed_and_frosts(scorecard: Scorecard, runs: int, reproduction: float) -> None:
    n = 8
    p, graph = reproduction / (n - 1), complete(n)
    wanted, late = reed_frost(n, p), reed_frost(n, 1 - (1 - p) ** 2)
    law = Law(
        text=f"declared SIR in steps with R = {reproduction:g} on a complete graph of {n}",
        number="chance that nobody else is infected",
        mistake="a recovery takes a step more",
        false_alarm=FALSE_ALARM,
        miss=miss_at_distance(runs, float(np.abs(wanted - late).max())),
    )

    def judge(reached: NDArray[np.int64]) -> Finding:
        share = np.array([np.mean(reached <= k) for k in range(n + 1)])
        return Finding(bool(np.abs(share - wanted).max() <= distance_allowed(runs)), wanted[1], share[1])

    def run(**end: Any) -> NDArray[np.int64]:
        return compartments(graph, model=in_steps(p, end), seeds=[3], replicates=runs, seed=8).reached

    scorecard.check_law(law, judge, run(chance=1), run(delay="constant 2"))
