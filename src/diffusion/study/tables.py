"""The tables from which figures are drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diffusion.measures import COMPONENTS
from diffusion.measures.row import quantile_name
from diffusion.study.results import Results
from diffusion.study.summary import Interval, mean_interval, median_interval

BAND = (0.1, 0.9)
"""Quantiles over replicates between which a band lies."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ReachTable:
    """Reach over time of one story in one variant: medians over replicates, and bands.

    Attributes
    ----------
    variant, story : str
    hours : (k,) float64
        After the story begins.
    channels : tuple of str
    median, low, high : (C, k) float64
        By channel of first exposure, shares of the population.
    whole, whole_low, whole_high : (k,) float64
        All channels together.
    measure : str
        Name of `time`, such as ``"T50"``.
    quantile : float
    time : Interval
        Hours until the share `quantile` is aware.
    begins : float
        Hour of the day at which the story begins.
    """

    variant: str
    story: str
    hours: Floats
    channels: tuple[str, ...]
    median: Floats
    low: Floats
    high: Floats
    whole: Floats
    whole_low: Floats
    whole_high: Floats
    measure: str
    quantile: float
    time: Interval
    begins: float


@dataclass(frozen=True)
class DelayTable:
    """Where the time went in one variant.

    Attributes
    ----------
    variant, story : str
    components : tuple of str
    hours : (K,) float64
        Mean over the aware, then over the replicates in which anybody was aware; NaN if there is none.
    total : Interval
        Mean of their sums over replicates.
    reached : float
        Median share of the population that is aware, of whom alone these means speak.
    """

    variant: str
    story: str
    components: tuple[str, ...]
    hours: Floats
    total: Interval
    reached: float


def reach_table(results: Results, variant: str, story: str) -> ReachTable:
    """Return the reach curves of one variant and story with their bands over replicates."""
    curves = results.curves[variant, story]
    low, median, high = np.quantile(curves.aware, (BAND[0], 0.5, BAND[1]), axis=0)
    whole_low, whole, whole_high = np.quantile(curves.aware.sum(axis=1), (BAND[0], 0.5, BAND[1]), axis=0)
    measure = quantile_name(results.quantile)
    time = median_interval(results.values(variant, f"{story}.{measure}_h"), seed=results.seed)
    scenario = results.experiment.variants[variant]
    start = scenario.run.start
    begins = start.hour + start.minute / 60 + start.second / 3600 + scenario.stories[story].at / 3600
    return ReachTable(
        variant,
        story,
        curves.seconds / 3600,
        curves.channels,
        median,
        low,
        high,
        whole,
        whole_low,
        whole_high,
        measure,
        results.quantile,
        time,
        begins % 24,
    )


def delay_table(results: Results, variant: str, story: str) -> DelayTable:
    """Return the mean delay components of one variant and story."""
    columns = np.stack([results.values(variant, f"{story}.delay.{name}_h") for name in COMPONENTS])
    known = columns[:, ~np.isnan(columns).any(axis=0)]
    hours = known.mean(axis=1) if known.size else np.full(len(COMPONENTS), np.nan)
    total = mean_interval(known.sum(axis=0), seed=results.seed)
    reached = float(np.median(results.values(variant, f"{story}.reached")))
    return DelayTable(variant, story, COMPONENTS, hours, total, reached)
