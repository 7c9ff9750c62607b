"""Mean, median and quantiles of every measure at every point of a sweep, column by column."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError, suggestion
from diffusion.study.cascade_tables import Table
from diffusion.study.summary import FEWEST, LEVEL

POINT, VARIANT, REPLICATE, RUN = "point", "variant", "replicate", "run"
QUANTILES = {"q05": 0.05, "q25": 0.25, "q75": 0.75, "q95": 0.95}
STATISTICS = ("replicates", "mean", "sd", "median", "low", "high", *QUANTILES, "never", "undefined")

Floats = NDArray[np.float64]


class _Groups(NamedTuple):
    """Rows that belong together: `order` sorts rows by group, `starts` says where each begins, `sizes` how many."""

    order: NDArray[np.int64] | None
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]


def swept_keys(names: Sequence[str]) -> tuple[str, ...]:
    """Return the swept keys among the columns of a table of runs: they lie between `point` and `variant`."""
    return tuple(names[names.index(POINT) + 1 : names.index(VARIANT)])


def measure_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return the measures among the columns of a table of runs: they lie behind `run`."""
    return tuple(names[names.index(RUN) + 1 :])


def summary_table(runs: Table, by: Sequence[str] | None = None) -> Table:
    """Summarise a table of runs that is in memory; see `summarise`."""
    names = runs.column_names
    index = runs.select([POINT, *swept_keys(names), VARIANT])
    return summarise(index, measure_names(names), runs.column, by)


def summarise(
    index: Table, measures: Sequence[str], column: Callable[[str], Any], by: Sequence[str] | None = None
) -> Table:
    """Summarise measures by point and variant.

    Parameters
    ----------
    index : pyarrow.Table
        One row per run: `point`, swept keys, `variant`.
    measures : sequence of str
    column : callable
        Gives a measure by its name, in the order of `index`; asked for one at a time.
    by : sequence of str, optional
        Columns of `index` whose values make a group; by default all of them.

    Returns
    -------
    pyarrow.Table
        One row per group and measure: the columns of `by`, then

        ==============  ============================================================================================
        story, measure  the two halves of the measure's name
        replicates      runs that have a value
        mean, sd        infinite and undefined where a run never got there
        median          never counts as infinity
        low, high       between which the median of all possible runs lies with a confidence of 95 % or more, by order
                        statistics; missing for fewer than six runs
        q05 … q95       quantiles: the smallest value that is not below that share of the runs
        never           runs in which it is infinite
        undefined       runs in which there is no such thing
        ==============  ============================================================================================

        Groups stand in the order in which they begin in `index`. A measure that no run of a group has is left out.
    """
    import pyarrow as pa

    chosen = list(by) if by is not None else index.column_names
    for name in chosen:
        if name not in index.column_names:
            raise InputError(f'by: "{name}" is no column of the sweep{suggestion(name, index.column_names)}')
    groups = _groups(index, chosen)
    found: dict[str, list[NDArray[Any]]] = {name: [] for name in STATISTICS}
    there = []
    for name in measures:
        values, absent = _numbers(column(name))
        there.append(_sum(absent, groups) < groups.sizes)
        for statistic, result in _statistics(values, absent, groups).items():
            found[statistic].append(result)
    n_groups, n_measures = len(groups.sizes), len(measures)
    kept = np.array(there, dtype=bool).reshape(n_measures, n_groups).T.ravel()
    first = groups.starts if groups.order is None else groups.order[groups.starts]
    heads = index.select(chosen).take(np.repeat(first, n_measures)[kept])
    split = np.array([name.partition(".")[::2] for name in measures], dtype=np.str_).reshape(-1, 2)
    columns = {name: heads.column(name) for name in chosen}
    for place, names in zip(("story", "measure"), split.T, strict=True):
        columns[place] = pa.array(np.tile(names, n_groups)[kept], pa.string())
    for name, results in found.items():
        stacked = np.array(results).reshape(n_measures, n_groups).T.ravel()[kept]
        columns[name] = pa.array(stacked, mask=np.isnan(stacked)) if stacked.dtype.kind == "f" else pa.array(stacked)
    return pa.table(columns)


def write_summary(summary: Table, file: BinaryIO) -> None:
    """Write a summary as CSV: full precision, ``inf`` for never, nothing for what is missing."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow(summary.column_names)
    writer.writerows(zip(*(column.to_pylist() for column in summary.columns), strict=True))
    text.detach()


def _groups(index: Table, by: Sequence[str]) -> _Groups:
    codes = np.zeros(index.num_rows, dtype=np.int64)
    for name in by:
        own = index.column(name).combine_chunks().dictionary_encode(null_encoding="encode")
        codes = codes * max(len(own.dictionary), 1) + own.indices.to_numpy()
        _, codes = np.unique(codes, return_inverse=True)  # keeps the product of many columns small
    _, begins, codes = np.unique(codes, return_index=True, return_inverse=True)
    rank = np.empty(len(begins), dtype=np.int64)
    rank[np.argsort(begins)] = np.arange(len(begins))
    codes = rank[codes]
    sizes = np.bincount(codes, minlength=len(begins)).astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    ordered = bool((np.diff(codes) >= 0).all())
    return _Groups(None if ordered else np.argsort(codes, kind="stable"), starts, sizes)


def _numbers(column: Any) -> tuple[Floats, NDArray[np.bool_]]:
    """Return values, NaN where there is none, and where there is none."""
    if column.null_count == 0:
        return column.to_numpy(), np.zeros(len(column), dtype=bool)
    absent = column.is_null().to_numpy()
    return column.fill_null(np.nan).to_numpy(), absent


def _sum(flags: NDArray[np.bool_], groups: _Groups) -> NDArray[np.int64]:
    """Count the flags of every group."""
    if not flags.any():
        return np.zeros(len(groups.sizes), dtype=np.int64)
    ordered = flags if groups.order is None else flags[groups.order]
    total = np.r_[0, np.cumsum(ordered)]
    return total[groups.starts + groups.sizes] - total[groups.starts]


def _statistics(values: Floats, absent: NDArray[np.bool_], groups: _Groups) -> dict[str, NDArray[Any]]:
    """Return every statistic of one measure, (groups,)."""
    ordered = values if groups.order is None else values[groups.order]
    none = _sum(absent, groups)
    found: dict[str, NDArray[Any]] = {}
    for size in np.unique(groups.sizes):
        own = np.flatnonzero(groups.sizes == size)
        rows = ordered[groups.starts[own][:, np.newaxis] + np.arange(size)]
        for name, result in _of_rows(np.sort(rows, axis=1), none[own]).items():
            found.setdefault(name, np.zeros(len(groups.sizes), dtype=result.dtype))[own] = result
    return found if found else {name: np.zeros(0) for name in STATISTICS}


def _of_rows(rows: Floats, absent: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Return every statistic of sorted rows, NaN last, of which so many values are absent."""
    n = rows.shape[1] - np.count_nonzero(np.isnan(rows), axis=1)
    low, high = _median_ranks(n)
    below, above = _at(rows, (n - 1) // 2, n), _at(rows, n // 2, n)
    with np.errstate(invalid="ignore", divide="ignore"):
        add = np.sum if (n == rows.shape[1]).all() else np.nansum
        mean = add(rows, axis=1) / n
        squares = add(np.square(rows - mean[:, np.newaxis]), axis=1)
        sd = np.where(np.isfinite(mean) & (n > 1), np.sqrt(squares / (n - 1)), np.nan)
        median = 0.5 * below + 0.5 * above
    found: dict[str, NDArray[Any]] = {"replicates": n, "mean": mean, "sd": sd, "median": median}
    found |= {"low": _at(rows, low, n), "high": _at(rows, high, n)}
    for name, q in QUANTILES.items():
        found[name] = _at(rows, np.maximum(np.ceil(np.round(q * n, 9)).astype(np.int64) - 1, 0), n)
    never = np.count_nonzero(rows == np.inf, axis=1)
    return found | {"never": never, "undefined": rows.shape[1] - n - absent}


def _at(rows: Floats, rank: NDArray[np.int64], n: NDArray[np.int64]) -> Floats:
    """Return the value of a rank from 0 in every sorted row; NaN where there is no such rank."""
    valid = (rank >= 0) & (rank < n)
    picked = np.take_along_axis(rows, np.where(valid, rank, 0)[:, np.newaxis], axis=1)[:, 0]
    return np.where(valid, picked, np.nan)


def _median_ranks(n: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the ranks, from 0, between which the median lies with the confidence `LEVEL`; -1 where there are none.

    The number of values below the median of a continuous law is Binomial(n, 1/2); Conover, Practical Nonparametric
    Statistics, 3rd edition, section 3.2. With ties, or for an even split, the confidence is higher.
    """
    from scipy.special import bdtr

    low = np.full(len(n), -1, dtype=np.int64)
    for size in np.unique(n[n >= FEWEST]).tolist():
        below = np.count_nonzero(bdtr(np.arange(size // 2 + 1), size, 0.5) <= (1 - LEVEL) / 2)
        low[n == size] = below - 1
    return low, np.where(low < 0, -1, n - 1 - low)
