"""The tables from which figures are drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diffusion.measures import COMPONENTS
from diffusion.measures.row import quantile_name
from diffusion.study.results import Folder, Results, opened
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
    mean : (C, k) float64
        Means over replicates, which add up to the mean of all channels together (medians do not).
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
    mean: Floats
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


@dataclass(frozen=True)
class SourceTable:
    """Through which channels people heard first in one variant.

    Attributes
    ----------
    variant, story : str
    shares : dict of Interval by channel
        Share of the aware who heard through the channel first: its median over replicates, with the 95 % interval.
    """

    variant: str
    story: str
    shares: dict[str, Interval]


def reach_table(results: Results | Folder, variant: str, story: str) -> ReachTable:
    """Return the reach curves of one variant and story with their bands over replicates."""
    results = opened(results)
    curves = results.curves[variant, story]
    low, median, high = np.quantile(curves.aware, (BAND[0], 0.5, BAND[1]), axis=0)
    whole_low, whole, whole_high = np.quantile(curves.aware.sum(axis=1), (BAND[0], 0.5, BAND[1]), axis=0)
    measure = quantile_name(results.quantile)
    time = median_interval(times_to_reach(results, variant, story), seed=results.seed)
    return ReachTable(
        variant,
        story,
        curves.seconds / 3600,
        curves.channels,
        median,
        low,
        high,
        curves.aware.mean(axis=0),
        whole,
        whole_low,
        whole_high,
        measure,
        results.quantile,
        time,
        begins_hour(results, variant, story),
    )


def times_to_reach(results: Results, variant: str, story: str) -> Floats:
    """Return the T_q that tables show, in hours, (replicates,)."""
    return results.values(variant, f"{story}.{quantile_name(results.quantile)}_h")


def begins_hour(results: Results, variant: str, story: str) -> float:
    """Return the hour of the day at which a story begins."""
    scenario = results.experiment.variants[variant]
    start = scenario.run.start
    return (start.hour + start.minute / 60 + start.second / 3600 + scenario.stories[story].at / 3600) % 24


def delay_table(results: Results | Folder, variant: str, story: str) -> DelayTable:
    """Return the mean delay components of one variant and story."""
    results = opened(results)
    columns = np.stack([results.values(variant, f"{story}.delay.{name}_h") for name in COMPONENTS])
    known = columns[:, ~np.isnan(columns).any(axis=0)]
    hours = known.mean(axis=1) if known.size else np.full(len(COMPONENTS), np.nan)
    total = mean_interval(known.sum(axis=0), seed=results.seed)
    reached = float(np.median(results.values(variant, f"{story}.reached")))
    return DelayTable(variant, story, COMPONENTS, hours, total, reached)


def source_table(results: Results | Folder, variant: str, story: str) -> SourceTable:
    """Return the channels of first exposure of one variant and story, in the order of their codes."""
    results = opened(results)
    start = f"{story}.first."
    names = dict.fromkeys(name for run in results.runs if run.variant == variant for name in run.row)
    shares = {
        name.removeprefix(start): median_interval(results.values(variant, name), seed=results.seed)
        for name in names
        if name.startswith(start)
    }
    return SourceTable(variant, story, shares)
