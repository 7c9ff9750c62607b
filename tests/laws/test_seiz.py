"""SEIZ and a model that the package does not know, against the mean field and against the same rules written by hand.

On a complete graph of n persons, with rates per link of 1 / n, the shares of SEIZ follow (Jin et al. 2013, eq. 1)

    S' = - beta S I - b S Z                E' = (1 - p) beta S I + (1 - l) b S Z - rho E I - epsilon E
    I' = p beta S I + rho E I + epsilon E  Z' = l b S Z

but for terms of the order 1 / n.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from diffusion.classic import compartments, seiz
from diffusion.graphs import FollowerGraph
from laws.bounds import FALSE_ALARM, distance_allowed, mean_allowed, miss_of_mean
from laws.harness import Finding, Law, Scorecard, sizes

BEGIN, TIME = 0.1, 2.5
"""Share of persons who begin infected, and of those who begin sceptic; when shares are compared."""
SIDE = 0.012
"""What the mean field may be off by, from n = 400 on."""
DEVIATION = 1.2
"""Bound on the standard deviation of a share, times the square root of n."""


def complete(n: int) -> FollowerGraph:
    rows = np.repeat(np.arange(n), n)
    return FollowerGraph.from_links(rows, np.tile(np.arange(n), n), n_persons=n)


def mean_field(rates: Mapping[str, float]) -> NDArray[np.float64]:
    beta, b, rho, p, l, epsilon = (rates[name] for name in ("beta", "b", "rho", "p", "l", "epsilon"))  # noqa: E741

    def slope(_: float, shares: NDArray[np.float64]) -> list[float]:
        s, e, i, z = shares
        return [
            -beta * s * i - b * s * z,
            (1 - p) * beta * s * i + (1 - l) * b * s * z - rho * e * i - epsilon * e,
            p * beta * s * i + rho * e * i + epsilon * e,
            l * b * s * z,
        ]

    found = solve_ivp(slope, (0, TIME), [1 - 2 * BEGIN, 0, BEGIN, BEGIN], rtol=1e-9, atol=1e-12)
    return np.asarray(found.y[:, -1], dtype=np.float64)


@pytest.mark.parametrize("beta", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("size", sizes((400, 40), (1_200, 100)))
def test_seiz_follows_its_mean_field(scorecard: Scorecard, size: tuple[int, int], beta: float) -> None:
    n, runs = size
    rates = {"beta": beta, "b": 1.5, "rho": 0.8, "p": 0.2, "l": 0.7, "epsilon": 0.3}
    exchanged = rates | {"p": rates["l"], "l": rates["p"]}
    wanted, wrong = mean_field(rates), mean_field(exchanged)
    allowed = SIDE + mean_allowed(DEVIATION / math.sqrt(n), runs, FALSE_ALARM / 4)
    law = Law(
        text=f"SEIZ with beta = {beta:g} on a complete graph of {n}",
        number="share of sceptics",
        mistake="p and l exchanged",
        false_alarm=FALSE_ALARM,
        miss=miss_of_mean(float(np.abs(wrong - wanted).max()) - SIDE, allowed, DEVIATION / math.sqrt(n), runs),
    )
    graph, some = complete(n), f"random:{round(BEGIN * n)}"

    def shares(chosen: Mapping[str, float]) -> NDArray[np.float64]:
        per_link = {name: value / n if name in ("beta", "b", "rho") else value for name, value in chosen.items()}
        found = seiz(graph, **per_link, seeds=some, sceptics=some, horizon=TIME, replicates=runs, seed=2)
        assert (found.counts.std(axis=0) < DEVIATION * math.sqrt(n)).all(), "shares vary more than the bound says"
        return np.asarray(found.counts.mean(axis=0) / n, dtype=np.float64)

    def judge(found: NDArray[np.float64]) -> Finding:
        return Finding(bool(np.abs(found - wanted).max() <= allowed), wanted[3], found[3])

    scorecard.check_law(law, judge, shares(rates), shares(exchanged))


# --- a model that the package does not know --------------------------------------------------------------------------

PERSONS, SCEPTICS, END = 20, 3, 2.0


def declared(beta: float, at_once: float) -> dict[str, Any]:
    return {
        "states": ["S", "E", "I", "Z", "R"],
        "seeds": "I",
        "transitions": [
            {"from": "S", "by": "I", "to": {"I": at_once, "E": 1 - at_once}, "rate": beta},
            {"from": "S", "by": "Z", "to": {"Z": 0.4, "E": 0.3}, "rate": 0.1},
            {"from": "E", "by": "I", "to": "I", "rate": 0.05},
            {"from": "E", "to": "I", "delay": "lognormal 1 0.5"},
            {"from": "I", "to": "R", "delay": "gamma 2 4"},
        ],
    }


def by_hand(beta: float, at_once: float, runs: int) -> NDArray[np.int64]:
    """Return how many are in I or R at the end: the same rules on a complete graph, where only numbers matter."""
    rng = np.random.default_rng(11)
    return np.array([_one_by_hand(rng, beta, at_once) for _ in range(runs)])


def _one_by_hand(rng: np.random.Generator, beta: float, at_once: float) -> int:
    susceptible, sceptic, recovered, time = PERSONS - 1 - SCEPTICS, SCEPTICS, 0, 0.0
    waiting: list[float] = []
    ending = [rng.gamma(4, 0.5)]
    while True:
        rates = np.cumsum([
            beta * susceptible * len(ending), 0.1 * susceptible * sceptic, 0.05 * len(waiting) * len(ending)
        ])  # fmt: skip
        at = time + (rng.exponential() / rates[-1] if rates[-1] > 0 else math.inf)
        due = min([*waiting[:1], *ending[:1], END])
        time = min(at, due)
        if time >= END:
            return recovered + len(ending)
        if at > due:
            if ending and ending[0] == due:
                heapq.heappop(ending)
                recovered += 1
            else:
                heapq.heappop(waiting)
                heapq.heappush(ending, time + rng.gamma(4, 0.5))
            continue
        u, kind = rng.random(), int(np.searchsorted(rates, rng.random() * rates[-1], side="right"))
        if kind == 2:
            waiting.pop(int(u * len(waiting)))
            heapq.heapify(waiting)
        elif kind == 1 and u >= 0.7:
            continue
        else:
            susceptible -= 1
        if kind == 1 and u < 0.4:
            sceptic += 1
        elif kind == 1 or (kind == 0 and u >= at_once):
            heapq.heappush(waiting, time + math.exp(0.5 * rng.standard_normal()))
        else:
            heapq.heappush(ending, time + rng.gamma(4, 0.5))


def shares(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.array([np.mean(counts <= k) for k in range(PERSONS + 1)])


@pytest.mark.parametrize("beta", [0.09, 0.15, 0.4])
@pytest.mark.parametrize("runs", sizes(1_000, 10_000))
def test_an_unknown_model_agrees_with_its_rules_by_hand(scorecard: Scorecard, runs: int, beta: float) -> None:
    hand = shares(by_hand(beta, 0.1, runs))
    other = shares(by_hand(beta, 0.9, runs))
    error = distance_allowed(runs, FALSE_ALARM / 2)
    gap = float(np.abs(hand - other).max()) - 4 * error
    law = Law(
        text=f"a declared model of five states with beta = {beta:g}",
        number="chance of at most four ever infected",
        mistake="outcomes of a contact exchanged",
        false_alarm=FALSE_ALARM,
        # Beyond the errors of both samples by hand and of what is allowed (Dvoretzky, Kiefer & Wolfowitz).
        miss=1.0 if gap <= 0 else min(1.0, 2 * math.exp(-2 * runs * gap * gap) + FALSE_ALARM),
    )
    graph = complete(PERSONS)

    def run(at_once: float) -> NDArray[np.float64]:
        found = compartments(
            graph, model=declared(beta, at_once), seeds=[0], initial={"Z": f"random:{SCEPTICS}"}, horizon=END,
            replicates=runs, seed=4,
        )  # fmt: skip
        return shares(found.counts[:, 2] + found.counts[:, 4])

    def judge(found: NDArray[np.float64]) -> Finding:
        return Finding(bool(np.abs(found - hand).max() <= 2 * error), hand[4], found[4])

    scorecard.check_law(law, judge, run(0.1), run(0.9))
