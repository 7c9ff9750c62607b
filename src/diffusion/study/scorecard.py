"""The scorecard of ordinary posts: what data say of views, reshares and large cascades, beside what a world gives.

Two samples of posts are needed, because almost no ordinary post is passed on a hundred times (.025 % of cascades, Goel
et al. 2016): `ordinary`, by authors drawn in proportion to (followers + 1)^.3, and `large`, in proportion to
(followers + 1)^.75, of which only cascades of 100 shares and more are looked at. No weights undo the second drawing:
data sets of large cascades hold sources as they were collected, mostly much-followed ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from diffusion.study.ordinary import PostSample
from diffusion.study.samples import CascadeSample, Floats, generations, quantities
from diffusion.units import HOUR, MINUTE

ORDINARY_WEIGHT, LARGE_WEIGHT = 0.3, 0.75
"""Powers of (followers + 1) with which authors are drawn. Source: of the prototype on which the targets were tried."""

LARGE = 100
"""Shares from which a cascade is large, its source's included. Source: the floor of Twitter15."""

SEVERAL = 10
"""Views from which a post has a half-life of its own (chosen): the half-life of a post with one view is that view's."""

_STEP, _STEPS = 10.0, 3


class Row(NamedTuple):
    """A target: what is measured, how, what is wanted, and where that comes from.

    Attributes
    ----------
    name, unit, definition, wanted, source : str
    low, high : float
        The figure is wanted between these, both included.
    """

    name: str
    unit: str
    definition: str
    wanted: str
    low: float
    high: float
    source: str

    def met(self, value: float) -> bool:
        """Whether a figure is what is wanted; NaN never is."""
        return self.low <= value <= self.high


class Posts(NamedTuple):
    """The two samples of one world, and the large cascades among the second."""

    ordinary: PostSample
    large: PostSample
    big: CascadeSample


def posts(ordinary: PostSample, large: PostSample) -> Posts:
    """Return the samples with the large cascades found.

    Parameters
    ----------
    ordinary, large : PostSample
        By authors drawn with `ORDINARY_WEIGHT` and `LARGE_WEIGHT`.
    """
    return Posts(ordinary, large, large.cascades.at_least(LARGE))


# --- views -----------------------------------------------------------------------------------------------------------


def half_lives(sample: PostSample, least: int = 1) -> Floats:
    """Return the seconds until half of its views of each post that has `least` or more.

    No interpolation: of n views it is the time of number ceil(n / 2).
    """
    views = np.bincount(sample.view_post, minlength=sample.n_posts)
    start = np.cumsum(views) - views
    enough = (views >= least) & (views > 0)
    found: Floats = sample.view_seconds[start[enough] + (views[enough] - 1) // 2]
    return found


def peak_of_views(sample: PostSample) -> float:
    """Return when most views fall, in seconds: the middle of the busiest 30 s of the first hour, in steps of 10 s."""
    counts, _ = np.histogram(sample.view_seconds, np.arange(0.0, HOUR + _STEP, _STEP))
    if not counts.any():
        return math.nan
    together = np.convolve(counts, np.ones(_STEPS), "valid")
    return (int(np.argmax(together)) + _STEPS / 2) * _STEP


# --- shares ----------------------------------------------------------------------------------------------------------


def within_an_hour(sample: CascadeSample) -> float:
    """Return the share of all reshares, pooled, made within an hour of the source."""
    return _mean(quantities(sample)["share delay"].values <= HOUR / MINUTE)


def reshared(sample: CascadeSample) -> CascadeSample:
    """Return the posts that somebody passed on."""
    return sample.at_least(2)


def resharing_rate(sample: CascadeSample) -> float:
    """Return (reshares per follower of everybody who posted) x (mean followers of resharers), pooled.

    Free of the unit in which followers are counted, so that worlds of different density can be compared.
    """
    reshare = sample.parent >= 0 if sample.parent is not None else np.zeros(0, dtype=np.bool_)
    if not reshare.any():
        return math.nan
    return float(reshare.sum() / sample.followers.sum() * sample.followers[reshare].mean())


def first_generation(sample: CascadeSample) -> Floats:
    """Return the share of each cascade's reshares that hang on its source; of cascades with reshares."""
    assert sample.parent is not None
    first = np.bincount(sample.tree, generations(sample.parent) == 1, minlength=sample.n_cascades)
    several = sample.sizes > 1
    found: Floats = first[several] / (sample.sizes[several] - 1)
    return found


def virality_and_size(sample: CascadeSample) -> float:
    """Return Pearson's correlation of structural virality with ln size over cascades; NaN for fewer than three."""
    virality = quantities(sample)["virality"].values
    if virality.size < 3 or virality.std() == 0 or sample.sizes.std() == 0:
        return math.nan
    return float(np.corrcoef(virality, np.log(sample.sizes))[0, 1])


class SourceSize(NamedTuple):
    """What changes, at equal size of the cascade, when the source has a tenth of the followers.

    Attributes
    ----------
    virality, depth : float
        Added to structural virality, and to generations.
    t50 : float
        Factor on the time until half of the reshares were made.
    cascades, sources : int
        How many cascades there were, by how many different sources' numbers of followers.
    """

    virality: float
    depth: float
    t50: float
    cascades: int
    sources: int


def source_size(big: CascadeSample) -> SourceSize:
    """Return what a smaller source does to large cascades: least squares on ln size and log10 (followers + 1)."""
    followers = big.followers[np.flatnonzero(big.parent < 0)] if big.parent is not None else np.zeros(0)
    sources = int(np.unique(followers).size)
    if big.n_cascades < 6 or sources < 3:
        return SourceSize(math.nan, math.nan, math.nan, big.n_cascades, sources)
    design = np.stack([np.ones(followers.size), np.log(big.sizes), np.log10(followers + 1)], axis=1)
    found = quantities(big)
    columns = (found["virality"].values, found["depth"].values, np.log(found["t50"].values))
    virality, depth, t50 = (-float(np.linalg.lstsq(design, y, rcond=None)[0][2]) for y in columns)
    return SourceSize(virality, depth, math.exp(t50), big.n_cascades, sources)


# --- the card --------------------------------------------------------------------------------------------------------

_TWITTER15 = "Twitter15, cascades of about 100 and more"
_AUSPOL = "#auspol, 3,333 cascades with a reshare"
_DELAYS = {0.1: 2.2, 0.25: 8.4, 0.5: 46.0, 0.75: 255.0, 0.9: 1210.0}


def _median(values: Floats) -> float:
    return float(np.median(values)) if values.size else math.nan


def _mean(values: Iterable[bool] | Floats) -> float:
    found = np.asarray(values, dtype=np.float64)
    return float(found.mean()) if found.size else math.nan


def _quantile(values: Floats, q: float) -> float:
    return float(np.quantile(values, q)) if values.size else math.nan


def _half_life(least: int) -> Callable[[Posts], float]:
    return lambda p: _median(half_lives(p.ordinary, least)) / MINUTE


def _delay(q: float) -> Callable[[Posts], float]:
    return lambda p: _quantile(quantities(p.big)["parent delay"].values, q)


def _size(q: float) -> Callable[[Posts], float]:
    return lambda p: _quantile(reshared(p.ordinary.cascades).sizes.astype(np.float64), q)


_CARD: tuple[tuple[Row, Callable[[Posts], float]], ...] = (
    (
        Row(
            "half-life of impressions",
            "min",
            "ordinary; time until half of a post's views (those of its reshares too), median over posts with a view",
            "50–120",
            50.0,
            120.0,
            "80 min: Pfeffer et al. 2023",
        ),
        _half_life(1),
    ),
    (
        Row(
            f"the same, {SEVERAL} views or more",
            "min",
            f"as above, median over posts with at least {SEVERAL} views",
            "50–120",
            50.0,
            120.0,
            "80 min: Pfeffer et al. 2023",
        ),
        _half_life(SEVERAL),
    ),
    (
        Row(
            "peak of impressions",
            "min",
            "ordinary; all views pooled, middle of the busiest 30 s",
            "1–2",
            1.0,
            2.0,
            "72 s: Pfeffer et al. 2023",
        ),
        lambda p: peak_of_views(p.ordinary) / MINUTE,
    ),
    (
        Row(
            "reshares within 1 h, ordinary",
            "",
            "ordinary; all reshares pooled, within an hour of the source",
            ".45–.65",
            0.45,
            0.65,
            ".55: Kwak et al. 2010",
        ),
        lambda p: within_an_hour(p.ordinary.cascades),
    ),
    (
        Row(
            "reshares within 1 h, large",
            "",
            "large cascades; all reshares pooled, within an hour of the source",
            ".45–.65",
            0.45,
            0.65,
            f".53: {_TWITTER15}",
        ),
        lambda p: within_an_hour(p.big),
    ),
    *(
        (
            Row(
                f"parent-to-child delay, {100 * q:g} %",
                "min",
                "large cascades; from the parent's share to the reshare, all reshares pooled",
                f"{wanted:g}, factor 2",
                wanted / 2,
                wanted * 2,
                _TWITTER15,
            ),
            _delay(q),
        )
        for q, wanted in _DELAYS.items()
    ),
    *(
        (
            Row(
                f"size, {100 * q:g} %",
                "shares",
                "ordinary, posts with a reshare; shares with the source's, over posts",
                wanted,
                low,
                high,
                _AUSPOL,
            ),
            _size(q),
        )
        for q, wanted, low, high in (
            (0.5, "at most 3", 2.0, 3.0),
            (0.9, "5, 4–6", 4.0, 6.0),
            (0.99, "14.5–58", 14.5, 58.0),
        )
    ),
    (
        Row(
            "resharing rate",
            "",
            "ordinary, posts with a reshare; reshares per follower of everybody who posted, times mean followers of "
            "resharers",
            ".39, factor 2",
            0.195,
            0.78,
            _AUSPOL,
        ),
        lambda p: resharing_rate(reshared(p.ordinary.cascades)),
    ),
    (
        Row(
            "share of the first generation",
            "",
            "large cascades; reshares that hang on the source, median over cascades",
            ".65–.85",
            0.65,
            0.85,
            f".76 pooled: {_TWITTER15}",
        ),
        lambda p: _median(first_generation(p.big)),
    ),
    (
        Row(
            "structural virality",
            "",
            "large cascades; mean distance of pairs, median over cascades",
            "2.3, 2.0–2.65",
            2.0,
            2.65,
            f"2.29 and 2.35: {_TWITTER15}",
        ),
        lambda p: _median(quantities(p.big)["virality"].values),
    ),
    (
        Row(
            "virality and size",
            "",
            "large cascades; correlation of structural virality with ln size",
            "low: -.3–.3",
            -0.3,
            0.3,
            "nearly independent: Goel et al. 2016",
        ),
        lambda p: virality_and_size(p.big),
    ),
)

ROWS: tuple[Row, ...] = tuple(row for row, _ in _CARD)
"""The targets, in the order of the scorecard. Where a source gives one number, the width around it is chosen."""


def scorecard(found: Posts) -> dict[str, float]:
    """Return the figure of every row by its name; NaN where nothing was there to be measured.

    Parameters
    ----------
    found : Posts
        As `posts` returns them.
    """
    return {row.name: measure(found) for row, measure in _CARD}


def missed(figures: dict[str, float]) -> list[str]:
    """Return the names of the rows whose figures are not what is wanted, in the order of the scorecard."""
    return [row.name for row in ROWS if row.name in figures and not row.met(figures[row.name])]
