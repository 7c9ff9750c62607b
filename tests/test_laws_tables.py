"""Laws as tables: draws follow the law that was named, and another law is rejected by the same test."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special, stats

from diffusion import laws
from diffusion.laws import KNOTS, OCTAVES, SIGMA_TABLE, TABLE_LENGTH, Law

N_DRAWS = 40_000
CRITICAL = 2.7 / math.sqrt(N_DRAWS)
"""Kolmogorov-Smirnov distance that a correct law exceeds for 2 exp(-2 * 2.7**2) < 1e-6 of all seeds; ours is fixed."""

EXACT = {
    "lognormal": (Law("lognormal", (60.0, 0.6)), stats.lognorm(0.6, scale=60.0)),
    "exponential": (Law("exponential", (30.0,)), stats.expon(scale=30.0)),
    "uniform": (Law("uniform", (5.0, 9.0)), stats.uniform(5.0, 4.0)),
    "gamma": (Law("gamma", (12.0, 2.5)), stats.gamma(2.5, scale=12.0 / 2.5)),
    "gamma, heavy at 0": (Law("gamma", (12.0, 0.3)), stats.gamma(0.3, scale=12.0 / 0.3)),
    "weibull": (Law("weibull", (40.0, 0.7)), stats.weibull_min(0.7, scale=40.0)),
    "empirical": (Law("empirical", (0.0, 1.0, 4.0)), stats.rv_histogram(([0.5, 0.5], [0.0, 1.0, 4.0]), density=False)),
}
CASES = pytest.mark.parametrize(("law", "exact"), EXACT.values(), ids=EXACT.keys())


def hashes(seed: int = 20260101) -> NDArray[np.uint64]:
    return np.random.default_rng(seed).integers(0, 2**64, N_DRAWS, dtype=np.uint64)


def draws(table: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([laws.quantile(table, h) for h in hashes()])


def distance(values: NDArray[np.float64], exact: stats.rv_continuous) -> float:
    return float(stats.kstest(values, exact.cdf).statistic)


@CASES
def test_draws_follow_the_law(law: Law, exact: stats.rv_continuous) -> None:
    assert distance(draws(law.table()), exact) < CRITICAL


@CASES
def test_a_law_wider_by_a_twentieth_is_rejected(law: Law, exact: stats.rv_continuous) -> None:
    wide = draws(law.table())
    middle = np.median(wide)
    assert distance(np.maximum(middle + 1.05 * (wide - middle), 0.0), exact) > CRITICAL


@CASES
def test_knots_are_exact_quantiles_out_to_the_tails(law: Law, exact: stats.rv_continuous) -> None:
    table = law.table().reshape(2, OCTAVES, KNOTS + 1)
    tail = 2.0 ** -(np.arange(OCTAVES)[:, None] + 2.0) * (1.0 + np.arange(KNOTS + 1)[None, :] / KNOTS)
    # scipy's inverses are good to about 1e-9; the empirical one subtracts probabilities near 1.
    assert table[0] == pytest.approx(exact.ppf(tail), rel=1e-7, abs=1e-12)
    assert table[1] == pytest.approx(exact.isf(tail), rel=1e-7)


@CASES
def test_a_table_keeps_the_mean(law: Law, exact: stats.rv_continuous) -> None:
    halves = law.table().reshape(2, OCTAVES, KNOTS + 1)
    between = 0.5 * (halves[:, :, 1:] + halves[:, :, :-1])
    weight = 2.0 ** -(np.arange(OCTAVES) + 2.0)
    weight[-1] *= 2.0  # what lies beyond the last octave is drawn from it
    mean = float((between.mean(axis=2) * weight).sum())
    # The chord over a sixteenth of an octave errs by less than 1e-3 of the mean for these laws.
    assert mean == pytest.approx(exact.mean(), rel=1e-3)


@given(st.integers(0, 2**64 - 1))
def test_a_quantile_lies_between_the_ends(h: int) -> None:
    for law, _ in EXACT.values():
        table = law.table()
        assert table.min() <= laws.quantile(table, np.uint64(h)) <= table.max()


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_smaller_tail_probabilities_lie_further_out(a: int, b: int) -> None:
    low, high = sorted((a, b))
    table = Law("lognormal", (60.0, 0.6)).table()
    half = np.uint64(1 << 63)
    assert laws.quantile(table, np.uint64(low)) <= laws.quantile(table, np.uint64(high))
    assert laws.quantile(table, np.uint64(low) + half) >= laws.quantile(table, np.uint64(high) + half)


def test_a_constant_is_constant() -> None:
    assert set(draws(Law("constant", (7.5,)).table())) == {7.5}
    assert Law("constant", (0.0,)).is_zero
    assert not Law("constant", (1.0,)).is_zero
    assert not Law("exponential", (0.0,)).is_zero


@pytest.mark.parametrize(("law", "median"), [(Law("lognormal", (60.0, 0.6)), 60.0), (Law("uniform", (5.0, 9.0)), 7.0)])
def test_the_median_is_the_knot_in_the_middle(law: Law, median: float) -> None:
    assert law.median() == pytest.approx(median, rel=1e-12)


def test_tables_are_shared_and_read_only() -> None:
    table = Law("lognormal", (60.0, 0.6)).table()
    assert table is Law("lognormal", (60.0, 0.6)).table()
    assert table.shape == (TABLE_LENGTH,)
    assert not table.flags.writeable
    assert not laws.standard_normal().flags.writeable


# --- points of a Poisson process -------------------------------------------------------------------------------------


def points_p_value(counts: NDArray[np.int64]) -> float:
    observed = np.bincount(np.minimum(counts, 6), minlength=7)
    expected = stats.poisson(1.0).pmf(np.arange(7)) * N_DRAWS
    expected[6] += stats.poisson(1.0).sf(6) * N_DRAWS
    return float(stats.chisquare(observed, expected).pvalue)


def test_cells_hold_poisson_numbers_of_points() -> None:
    counts = np.array([laws.points_in_cell(h) for h in hashes()])
    assert points_p_value(counts) > 1e-6  # a correct law fails once in a million seeds; the seed is fixed
    assert counts.max() <= laws.MOST_POINTS


def test_a_mean_of_095_points_is_rejected() -> None:
    assert points_p_value(np.random.default_rng(3).poisson(0.95, N_DRAWS)) < 1e-6


def test_the_first_point_is_uniform_and_independent_of_the_count() -> None:
    h = hashes()
    first = np.array([laws.first_point(x) for x in h])
    counts = np.array([laws.points_in_cell(x) for x in h])
    assert distance(first, stats.uniform()) < CRITICAL
    # Correlation of independent pairs: standard deviation 1/sqrt(n); five of them fail once in two million.
    assert abs(np.corrcoef(first, counts)[0, 1]) < 5 / math.sqrt(N_DRAWS)


# --- belief ----------------------------------------------------------------------------------------------------------


@given(st.floats(-4.0, 4.0))
def test_sigma_is_the_logistic_function(x: float) -> None:
    # A chord over a step of 1/64 errs by at most step**2 / 8 * max|sigma''| = 3.1e-5 * .0963 = 3e-6.
    assert laws.sigma(x) == pytest.approx(special.expit(x), abs=3.1e-6)


def test_sigma_reaches_both_ends_of_its_range() -> None:
    assert laws.sigma(-laws.EVIDENCE_LIMIT) == pytest.approx(special.expit(-4.0), rel=1e-12)
    assert laws.sigma(laws.EVIDENCE_LIMIT) == pytest.approx(special.expit(4.0), rel=1e-12)
    assert SIGMA_TABLE[256] == 0.5
