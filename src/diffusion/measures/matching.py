"""Two kinds of cascades compared at equal sizes.

Larger cascades are deeper, broader and more viral whatever they carry. Juul & Ugander (2021) therefore compare cascades
only with cascades of the same size; structural differences between true and false news vanish then.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError, check_numbers, check_whole, expected
from diffusion.measures.cascades import Cascades
from diffusion.vocabulary import Purpose

SHAPE = ("depth", "breadth", "virality")
"""What is compared: columns of `Cascades`."""

LEVEL = 0.95
FEWEST = 6
"""With fewer cascades of either kind there is no interval."""

_CASCADES = "Cascades, which cascades(forest) and pooled return"

Floats = NDArray[np.float64]


class Difference(NamedTuple):
    """Means of two kinds of cascades, the difference first minus second, and its percentile bootstrap interval."""

    first: float
    second: float
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SizeMatched:
    """How two kinds of cascades differ in shape, as they are and at equal sizes.

    Attributes
    ----------
    raw : dict of str to Difference
        By name of `SHAPE`: means over all cascades that are large enough.
    matched : dict of str to Difference
        Means over the first kind's cascades whose size the second kind has too, and over the second kind's, weighted so
        that their sizes are distributed as those are.
    shares : (float, float)
        Which share of either kind's cascades has a partner of equal size in the other.
    """

    raw: dict[str, Difference]
    matched: dict[str, Difference]
    shares: tuple[float, float]


def pooled(found: Iterable[Cascades]) -> Cascades:
    """Return the cascades of several forests (stories, replicates) as one collection."""
    one = isinstance(found, Cascades) or not isinstance(found, Iterable)
    parts = [expected("found", part, Cascades, f"a list of {_CASCADES}") for part in ((found,) if one else found)]
    if not parts:
        raise InputError("no cascades to pool")
    size, depth, breadth = (np.concatenate([getattr(p, name) for p in parts]) for name in ("size", "depth", "breadth"))
    return Cascades(size, depth, breadth, np.concatenate([p.virality for p in parts]))


def size_matched(
    first: Cascades, second: Cascades, *, seed: int, ratio: float = 1.0, least: int = 2, resamples: int = 1000
) -> SizeMatched:
    """Compare depth, breadth and structural virality of two kinds of cascades at equal sizes.

    Parameters
    ----------
    first, second : Cascades
        Those of the second kind are weighted to the sizes of the first kind.
    seed : int
        Of the resampling.
    ratio : float
        Sizes count as equal within classes from ``least * ratio**k`` up to the next one; 1 asks for the same size.
    least : int
        Smallest size that is compared; a lone root has no shape.
    resamples : int
        Of the bootstrap, which draws whole cascades with replacement and matches anew.

    Returns
    -------
    SizeMatched
        NaN where no size is common. The intervals take cascades for independent; those of one run share people and
        hours of the day, so pool many replicates.
    """
    expected("first", first, Cascades, _CASCADES)
    expected("second", second, Cascades, _CASCADES)
    check_whole(seed=seed, least=least, resamples=resamples)
    check_numbers(ratio=ratio)
    if not (ratio >= 1 and least >= 2 and resamples >= 1):
        raise InputError(f"ratio = {ratio}, least = {least}, resamples = {resamples}: at least 1, 2 and 1 are needed")
    a, b = _kept(first, least), _kept(second, least)
    classes = _classes(np.concatenate([a.size, b.size]), ratio, least)
    sides = (_Side(a, classes[: a.size.size]), _Side(b, classes[a.size.size :]))
    ones = np.ones(a.size.size), np.ones(b.size.size)
    common = np.intersect1d(sides[0].classes, sides[1].classes)
    shares = tuple(float(np.isin(s.classes, common).mean()) if s.classes.size else math.nan for s in sides)
    if min(a.size.size, b.size.size) < FEWEST:
        drawn = np.full((2, resamples, len(SHAPE)), np.nan)
    else:
        drawn = _resampled(sides, seed, resamples)
    found: list[dict[str, Difference]] = []
    for means, differences in zip((_raw(sides, ones), _matched(sides, ones)), drawn, strict=True):
        low, high = _ends(differences)
        rows = zip(means[0], means[1], means[0] - means[1], low, high, strict=True)
        found.append({name: Difference(*map(float, row)) for name, row in zip(SHAPE, rows, strict=True)})
    return SizeMatched(found[0], found[1], (shares[0], shares[1]))


class _Side:
    """One kind of cascades: (m,) size classes and (m, 3) shapes."""

    def __init__(self, cascades: Cascades, classes: NDArray[np.int64]) -> None:
        self.classes = classes
        self.shapes = np.stack([getattr(cascades, name).astype(np.float64) for name in SHAPE], axis=1)

    def sums(self, weights: Floats, n: int) -> tuple[Floats, Floats]:
        """Return the weight and the weighted sums of shapes in each of n classes, (n,) and (n, 3)."""
        sums = np.zeros((n, len(SHAPE)))
        np.add.at(sums, self.classes, weights[:, np.newaxis] * self.shapes)
        return np.bincount(self.classes, weights, n).astype(np.float64), sums


def _kept(found: Cascades, least: int) -> Cascades:
    rows = found.size >= least
    return Cascades(found.size[rows], found.depth[rows], found.breadth[rows], found.virality[rows])


def _classes(size: NDArray[np.int64], ratio: float, least: int) -> NDArray[np.int64]:
    """Number the sizes' classes from 0, so that classes without cascades take no place."""
    if ratio > 1:
        # The small addition keeps a size on a border (8 = 2 * 2**2) in the class that begins there.
        size = np.floor(np.log(size / least) / math.log(ratio) + 1e-9).astype(np.int64)
    return np.unique(size, return_inverse=True)[1].astype(np.int64)


def _raw(sides: tuple[_Side, _Side], weights: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return the weighted mean shapes of both kinds, (3,) each."""
    sums = [(w[:, np.newaxis] * s.shapes).sum(axis=0) for s, w in zip(sides, weights, strict=True)]
    return _mean(sums[0], float(weights[0].sum())), _mean(sums[1], float(weights[1].sum()))


def _matched(sides: tuple[_Side, _Side], weights: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return the mean shapes of both kinds where both have cascades, the second at the sizes of the first."""
    n = 1 + max((int(s.classes.max()) for s in sides if s.classes.size), default=-1)
    (count, sums), (others, other_sums) = (s.sums(w, n) for s, w in zip(sides, weights, strict=True))
    common = (count > 0) & (others > 0)
    whole = float(count[common].sum())
    ratio = (count[common] / others[common])[:, np.newaxis]
    return _mean(sums[common].sum(axis=0), whole), _mean((other_sums[common] * ratio).sum(axis=0), whole)


def _mean(sums: Floats, whole: float) -> Floats:
    return sums / whole if whole else np.full(len(SHAPE), np.nan)


def _resampled(sides: tuple[_Side, _Side], seed: int, resamples: int) -> Floats:
    """Return the differences of raw and of matched means in every resample, (2, resamples, 3)."""
    rng = np.random.default_rng([seed, int(Purpose.BOOTSTRAP)])
    drawn = np.empty((2, resamples, len(SHAPE)))
    for k in range(resamples):
        a, b = (
            np.bincount(rng.integers(s.classes.size, size=s.classes.size), minlength=s.classes.size).astype(np.float64)
            for s in sides
        )
        for at, means in enumerate((_raw(sides, (a, b)), _matched(sides, (a, b)))):
            drawn[at, k] = means[0] - means[1]
    return drawn


def _ends(differences: Floats) -> tuple[Floats, Floats]:
    """Return the ends of the percentile interval; resamples without a common size are left out."""
    known = differences[~np.isnan(differences[:, 0])]
    if not known.size:
        nothing = np.full(len(SHAPE), np.nan)
        return nothing, nothing
    low, high = np.quantile(known, ((1 - LEVEL) / 2, (1 + LEVEL) / 2), axis=0)
    return low, high
