"""On a complete graph adoption by media and word of mouth is the Bass curve.

Its times are those of a pure birth chain, of which mean and deviation are exact; the curve is its limit.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from diffusion.classic import bass
from diffusion.graphs import complete_graph
from laws.bounds import FALSE_ALARM, mean_allowed, miss_of_mean
from laws.harness import Finding, Law, Scorecard, sizes

SHARES = (0.1, 0.5, 0.9)
EACH = FALSE_ALARM / len(SHARES)
POINTS = [(0.03, 0.38), (0.1, 0.1), (0.003, 0.5)]
"""Means of 213 estimates (Sultan, Farley & Lehmann 1990), mostly media, mostly word of mouth."""
START = 1.0
"""The media of the control stop at this time."""


def curve(p: float, q: float, share: float) -> float:
    """Time at which Bass's curve F = (1 - exp(-(p + q) t)) / (1 + q / p exp(-(p + q) t)) reaches a share."""
    return math.log((1 + share * q / p) / (1 - share)) / (p + q)


def chain(n: int, p: float, q: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Exact means and deviations of the times: a birth chain with rates (n - k)(p + q k / (n - 1))."""
    adopted = np.arange(n)
    rates = (n - adopted) * (p + q * adopted / (n - 1))
    counts = [math.ceil(share * n) for share in SHARES]
    means = np.array([(1 / rates[:k]).sum() for k in counts])
    return means, np.array([math.sqrt((1 / rates[:k] ** 2).sum()) for k in counts])


@cache
def stopped(p: float, q: float) -> float:
    """Time at which half have adopted if the media stop at START: logistic growth from the curve there."""
    at = math.exp(-(p + q) * START)
    begin = (1 - at) / (1 + q / p * at)
    return START + math.log(0.5 / 0.5 * (1 - begin) / begin) / q


def times(n: int, runs: int, p: float, q: float, until: float | None = None) -> NDArray[np.float64]:
    """Times at which 10, 50 and 90 % have adopted, (runs, 3)."""
    found = bass(
        complete_graph(n),
        p=p,
        q=q,
        media="always" if until is None else f"0 {until}",
        seeds="random:0",
        replicates=runs,
        seed=31,
        threads=1,
        record="times",
    )
    return np.column_stack([found.time_to_reach(share) for share in SHARES])


@pytest.mark.parametrize(("p", "q"), POINTS)
def test_the_curve_solves_its_equation(p: float, q: float) -> None:
    steps = [curve(p, q, share) for share in SHARES]
    solved = solve_ivp(lambda _, f: (p + q * f) * (1 - f), (0, steps[-1]), [0.0], t_eval=steps, rtol=1e-10, atol=1e-12)
    assert solved.y[0] == pytest.approx(SHARES, abs=1e-7)


@pytest.mark.parametrize("size", sizes((1_000, 40, 60), (3_000, 40, 30)), ids=["quick", "full"])
@pytest.mark.parametrize("rates", POINTS, ids=["mean of estimates", "media", "word of mouth"])
def test_media_and_word_of_mouth_are_the_bass_curve(
    rates: tuple[float, float], size: tuple[int, int, int], scorecard: Scorecard
) -> None:
    """Mean T10, T50 and T90 against the chain, within 3.6 standard errors (a false alarm of .001 for the three).

    The chain is within 7 % of the curve at 1,000 persons (at p = .003, T10 of a hundred adopters; within 1 % else).
    Control: the media are there at the start only, until t = 1; its time to half is that of logistic growth from the
    share of the curve at 1, and its deviation is taken four times as large.
    """
    (p, q), (n, runs, few) = rates, size
    means, deviations = chain(n, p, q)
    limit = np.array([curve(p, q, share) for share in SHARES])
    assert np.all(np.abs(means - limit) < 0.07 * limit), "the chain does not approach Bass's curve"

    def judge(found: NDArray[np.float64]) -> Finding:
        mean = found.mean(axis=0)
        allowed = np.array([mean_allowed(d, found.shape[0], EACH) for d in deviations])
        return Finding(bool(np.all(np.abs(mean - means) <= allowed)), means[1], float(mean[1]), float(allowed[1]))

    shift = stopped(p, q) - means[1]
    law = Law(
        f"media and word of mouth are the Bass curve (p = {p:g}, q = {q:g}, n = {n})", "T50",
        "media at the start only", FALSE_ALARM,
        miss_of_mean(shift, mean_allowed(deviations[1], few, EACH), 4 * deviations[1], few),
    )  # fmt: skip
    scorecard.check_law(law, judge, times(n, runs, p, q), times(n, few, p, q, START))


@pytest.mark.parametrize("size", sizes((1_000, 40), (3_000, 40)), ids=["quick", "full"])
def test_the_share_by_media_is_that_of_the_curve(size: tuple[int, int], scorecard: Scorecard) -> None:
    """Adopters by media: the integral of p (1 - F), p / q ln(1 + q / p); .2065 at p = .03 and q = .38.

    By the chain, adoption number k + 1 is one of the media with chance p / (p + q k / (n - 1)), independently of all
    others. Control: the mouth is heard half as loudly, which makes it .3146.
    """
    n, runs = size
    p, q = POINTS[0]

    def exact(talk: float) -> tuple[float, float]:
        chance = p / (p + talk * np.arange(n) / (n - 1))
        return float(chance.sum() / n), math.sqrt(float((chance * (1 - chance)).sum())) / n

    mean, deviation = exact(q)
    assert mean == pytest.approx(p / q * math.log1p(q / p), abs=1 / n)

    def shares(talk: float) -> NDArray[np.float64]:
        found = bass(complete_graph(n), p=p, q=talk, seeds="random:0", replicates=runs, seed=32, threads=1)
        return np.asarray(found.extra["by_media"] / n, dtype=np.float64)

    def judge(found: NDArray[np.float64]) -> Finding:
        measured, allowed = float(found.mean()), mean_allowed(deviation, runs)
        return Finding(abs(measured - mean) <= allowed, mean, measured, allowed)

    off, off_deviation = exact(q / 2)
    law = Law(
        f"the media convince the share of the Bass curve (n = {n})", "share", "half the imitation", FALSE_ALARM,
        miss_of_mean(off - mean, mean_allowed(deviation, runs), off_deviation, runs),
    )  # fmt: skip
    scorecard.check_law(law, judge, shares(q), shares(q / 2))
