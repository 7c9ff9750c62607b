"""Observed against simulated cascades: the same measures on both sides, and how far they are apart."""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError, check_numbers, expected
from diffusion.study.observed import read_cascades
from diffusion.study.results import Folder, Results, opened
from diffusion.study.samples import CascadeSample, Floats, Quantity, quantities, simulated_cascades
from diffusion.study.summary import FEWEST, LEVEL, RESAMPLES, Interval, short
from diffusion.units import duration_text
from diffusion.vocabulary import Purpose

FLOOR = 2
"""Least shares of a cascade that is compared, the source's included. Chosen: data sets seldom hold the lone posts."""

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
_FINEST = 2000
"""Places at which resampled distributions are compared; between more places than that nothing is resolved."""

_BLOCK = 2_000_000
"""Numbers that are resampled at once."""


@dataclass(frozen=True)
class Compared:
    """One quantity on both sides.

    Attributes
    ----------
    name, unit : str
    observed, simulated : (k,) float64
        All values, ascending.
    distance : Interval
        Kolmogorov-Smirnov distance: the largest difference between the two distribution functions.
    curve : Curve
        The two distributions with bands, for a figure.
    """

    name: str
    unit: str
    observed: Floats
    simulated: Floats
    distance: Interval
    curve: Curve


@dataclass(frozen=True)
class Curve:
    """Two distribution functions.

    Attributes
    ----------
    x : (g,) float64
        Ascending.
    observed, simulated : (3, g) float64
        Share of the values <= x: itself, and the pointwise 95 % interval of resampling (NaN without one).
    """

    x: Floats
    observed: Floats
    simulated: Floats


@dataclass(frozen=True)
class Comparison:
    """Observed against simulated cascades.

    Attributes
    ----------
    observed, simulated : CascadeSample
        What was compared: cut to the window, and no smaller than the floor.
    floor : int
        Least shares of a cascade, the source's included.
    window : float, optional
        Seconds after each source up to which both sides are seen.
    quantities : tuple of Compared
    notes : tuple of str
        What was left out or cannot be compared.
    folder : Path, optional
        Of the results.
    """

    observed: CascadeSample
    simulated: CascadeSample
    floor: int
    window: float | None
    quantities: tuple[Compared, ...]
    notes: tuple[str, ...]
    folder: Path | None = None

    def __getitem__(self, name: str) -> Compared:
        """Return a quantity by its name."""
        return next(q for q in self.quantities if q.name == name)

    def lines(self) -> list[str]:
        """Write everything as lines of text."""
        about = [
            f"observed:  {_about(self.observed)}",
            f"simulated: {_about(self.simulated)}",
            f"both: cascades of at least {self.floor} shares, {self._seen()}",
        ]
        return [*about, "", *self._table(), "", *(f"note: {note}" for note in self.notes), _covers(self)]

    def _seen(self) -> str:
        return "however long they were seen" if self.window is None else f"seen for {duration_text(self.window)}"

    def _table(self) -> list[str]:
        header = ["", "", "n", *(f"{100 * q:g} %" for q in QUANTILES), "largest", "KS distance"]
        rows = [header]
        for q in self.quantities:
            unit = f" ({q.unit})" if q.unit else ""
            for name, side, values in ((q.name + unit, "observed", q.observed), ("", "simulated", q.simulated)):
                distance = q.distance.text() if name and values.size and q.simulated.size else ""
                rows.append([name, side, f"{values.size}", *_cells(values), distance])
        widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
        return ["  ".join(_aligned(row, widths)).rstrip() for row in rows]

    def csv(self) -> str:
        """Return the table as CSV: one row per quantity and side."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        names = [f"q{100 * q:g}" for q in QUANTILES]
        writer.writerow(["quantity", "unit", "side", "n", *names, "largest", "ks", "ks_low", "ks_high"])
        for q in self.quantities:
            ends = (q.distance.value, q.distance.low, q.distance.high)
            for side, values in (("observed", q.observed), ("simulated", q.simulated)):
                writer.writerow([q.name, q.unit, side, values.size, *_found(values), *ends])
        return out.getvalue()


def _about(sample: CascadeSample) -> str:
    return f"{sample.source}: {sample.n_cascades} cascades, {sample.tree.size} shares"


def _found(values: Floats) -> list[float]:
    """Return the quantiles and the largest of ascending values, without interpolating; NaN where there are none."""
    if not values.size:
        return [float("nan")] * (len(QUANTILES) + 1)
    at = [max(int(np.ceil(round(q * values.size, 9))) - 1, 0) for q in QUANTILES]
    return [float(value) for value in (*values[at], values[-1])]


def _cells(values: Floats) -> list[str]:
    return [short(value) for value in _found(values)] if values.size else ["–"] * (len(QUANTILES) + 1)


def _aligned(row: list[str], widths: list[int]) -> list[str]:
    left = {0, 1, len(row) - 1}
    return [c.ljust(w) if k in left else c.rjust(w) for k, (c, w) in enumerate(zip(row, widths, strict=True))]


def _covers(made: Comparison) -> str:
    unit = made.simulated.unit_name
    drawn = f"observed cascades and simulated {unit} were resampled {RESAMPLES} times"
    distance = "the Kolmogorov-Smirnov distance (0: same distribution, 1: apart)"
    return f"[low, high]: {100 * LEVEL:.0f} % intervals of {distance}: {drawn}"


def compare(
    results: Results | Folder,
    observed: CascadeSample | Folder,
    *,
    variant: str | None = None,
    story: str | None = None,
    floor: int = FLOOR,
    window: float | None = None,
) -> Comparison:
    """Compare observed cascades with the simulated ones of one variant and story.

    Parameters
    ----------
    results : Results, or the folder in which they lie
        With ``measures.cascades = true``.
    observed : CascadeSample, or the path of its file
        See `read_cascades`.
    variant, story : str, optional
        By default the only one.
    floor : int
        Cascades of fewer shares (the source's included) are left out on both sides.
    window : float, optional
        Seconds after each source: later shares are left out on both sides, and so are simulated cascades that began
        too late to be followed for so long. By default everything counts, and a note says what that hides.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If no cascade is left on one side.

    Notes
    -----
    The interval of a distance D is that of the resampled distances D*, reflected at D ([2 D - D*.975, 2 D - D*.025],
    cut to [0, 1]): a resample is farther from the other side than what it was drawn from, so that D* lies above D and
    its own quantiles would never include 0. Observed cascades are drawn with replacement, and simulated replicates as a
    whole, for cascades of one replicate have one story in common (single cascades with fewer than 6 replicates).
    """
    results = opened(results)
    if isinstance(observed, str | os.PathLike):
        observed = read_cascades(observed)
    expected("observed", observed, CascadeSample, "what read_cascades returns, or the path of its file")
    check_numbers(floor=floor, optional={"window": window})
    if floor < 1:
        raise InputError(f"floor = {floor}: a cascade has at least 1 share, its source's")
    if window is not None and not window > 0:
        raise InputError(f"window = {window:g} s: give a time after the source")
    simulated = simulated_cascades(results, variant, story)
    notes = [*observed.notes, *_follow_up_note(simulated, window)]
    sides = {}
    for name, sample in (("observed", observed), ("simulated", simulated)):
        seen = sample if window is None else sample.within(window)
        sides[name] = seen.at_least(floor)
        if not sides[name].n_cascades:
            raise InputError(f"{sample.source}: {_what_is_left(sample, seen, floor)}")
    drawn = _with_units(sides["simulated"])
    if drawn.unit_name == "cascades":
        notes.append(f"fewer than {FEWEST} replicates: intervals take simulated cascades for independent")
    found, other = quantities(sides["observed"]), quantities(drawn)
    pairs = [(found[name], other[name]) for name in other if name in found and found[name].values.size]
    if np.isnan(observed.followers).all():
        notes.append("no column of followers: they are not compared")
    compared = tuple(
        _compared((a, b), (sides["observed"], drawn), (results.seed, int(Purpose.BOOTSTRAP), k))
        for k, (a, b) in enumerate(pairs)
    )
    return Comparison(sides["observed"], drawn, floor, window, compared, tuple(notes), results.folder)


def _follow_up_note(simulated: CascadeSample, window: float | None) -> list[str]:
    if not simulated.n_cascades:
        return []
    if window is not None:
        late = int(np.count_nonzero(simulated.follow_up < window))
        return [f"{late} simulated cascades began too late to be followed for {duration_text(window)}"] if late else []
    low, middle, high = (f"{short(x / 3600)} h" for x in np.quantile(simulated.follow_up, (0.0, 0.5, 1.0)))
    return [
        f"simulated cascades were followed to the horizon, for {low} to {high} (half of them {middle} or less); "
        "--window compares the same span on both sides"
    ]


def _what_is_left(sample: CascadeSample, seen: CascadeSample, floor: int) -> str:
    if not sample.n_cascades:
        return "there are no cascades"
    if not seen.n_cascades:
        longest = duration_text(float(sample.follow_up.max()))
        return f"no cascade was followed for so long (the longest: {longest}); choose a shorter --window"
    return f"no cascade has {floor} shares (the largest: {seen.sizes.max()}); choose a lower --floor"


def _with_units(sample: CascadeSample) -> CascadeSample:
    """Return the sample with cascades in place of replicates where there are too few of them to be drawn."""
    if np.unique(sample.unit).size >= FEWEST:
        return sample
    return replace(sample, unit=np.arange(sample.n_cascades), unit_name="cascades")


# --- distances -------------------------------------------------------------------------------------------------------


def ks_distance(a: Floats, b: Floats) -> float:
    """Return the largest difference between the distribution functions of two samples, in ascending order."""
    x = np.concatenate([a, b])
    return float(np.abs(_share(a, x) - _share(b, x)).max())


def _share(values: Floats, x: Floats) -> Floats:
    return np.searchsorted(values, x, side="right") / values.size


def _compared(
    pair: tuple[Quantity, Quantity], samples: tuple[CascadeSample, CascadeSample], key: tuple[int, ...]
) -> Compared:
    a, b = (np.sort(quantity.values) for quantity in pair)
    nothing = np.full((3, 0), np.nan)
    if not b.size:
        return Compared(
            pair[0].name, pair[0].unit, a, b, Interval(np.nan, np.nan, np.nan, 0), Curve(a[:0], nothing, nothing)
        )
    x = _places(np.concatenate([a, b]))
    value = ks_distance(a, b)
    drawn = [_resampled(q, sample.unit, x, (*key, side)) for side, (q, sample) in enumerate(zip(pair, samples))]
    units = min(np.unique(sample.unit[q.tree]).size for q, sample in zip(pair, samples))
    low = high = np.nan
    if units >= FEWEST:
        far = np.sort(np.abs(drawn[0] - drawn[1]).max(axis=1))
        ends = [far[int(np.ceil(round(q * far.size, 9))) - 1] for q in ((1 + LEVEL) / 2, (1 - LEVEL) / 2)]
        low, high = (float(min(max(2 * value - end, 0.0), 1.0)) for end in ends)
    curve = Curve(x, *(_banded(_share(v, x), d) for v, d in zip((a, b), drawn)))
    return Compared(pair[0].name, pair[0].unit, a, b, Interval(value, low, high, units), curve)


def _places(values: Floats) -> Floats:
    """Return all distinct values, or quantiles of them where they are very many."""
    distinct = np.unique(values)
    if distinct.size <= _FINEST:
        return distinct
    return np.unique(np.quantile(values, np.linspace(0, 1, _FINEST), method="inverted_cdf"))


def _resampled(quantity: Quantity, unit: NDArray[np.int64], x: Floats, key: tuple[int, ...]) -> Floats:
    """Return the distribution function at the places x in every resample of units, (RESAMPLES, g)."""
    from scipy.sparse import csr_array

    known, number = np.unique(unit[quantity.tree], return_inverse=True)
    places = np.searchsorted(x, quantity.values)
    ones = np.ones(quantity.values.size)
    counts: Any = csr_array((ones, (number, places)), shape=(known.size, x.size))
    rng = np.random.default_rng(key)
    rows = max(1, _BLOCK // max(known.size, x.size))
    found = []
    for begin in range(0, RESAMPLES, rows):
        wanted = min(rows, RESAMPLES - begin)
        times = rng.multinomial(known.size, np.full(known.size, 1 / known.size), size=wanted)
        found.append(np.cumsum((counts.T @ times.T.astype(np.float64)).T, axis=1))
    cumulated = np.concatenate(found)
    return cumulated / cumulated[:, -1:]


def _banded(value: Floats, drawn: Floats) -> Floats:
    """Return a distribution function with the pointwise interval of its resamples, (3, g)."""
    low, high = np.quantile(drawn, ((1 - LEVEL) / 2, (1 + LEVEL) / 2), axis=0)
    return np.stack([value, low, high])
