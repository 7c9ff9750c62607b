"""Replicates of a classical model as numbers: what is printed, and the folder of results."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from diffusion.arguments import number_list
from diffusion.classic.spread import Spread
from diffusion.errors import InputError, expected
from diffusion.graphs.files import path_of
from diffusion.study.provenance import provenance
from diffusion.study.results import CURVES, FORMAT, FORMAT_VERSION, MANIFEST, RUNS, SUMMARY
from diffusion.study.store import check_replaceable, new_folder
from diffusion.study.summary import FEWEST, short
from diffusion.versions import MODEL_VERSION
from diffusion.vocabulary import Record

EVENTS = "events.parquet"
KIND = "classic"
"""What a manifest says that these are no runs of an experiment."""

SHARES = (0.1, 0.5, 0.9)
"""Shares of all persons whose times are given where times were kept."""

LITTLE = 0.01
"""A replicate that reached less than this share of the persons has died out early."""

_QUANTILES = (0.05, 0.5, 0.95)


class Figures(NamedTuple):
    """A number over replicates.

    Attributes
    ----------
    mean, low, high : float
        Mean and its 95 % interval (Student's t); NaN where a replicate never came so far, and the interval also with
        fewer than 6 replicates.
    median, q05, q95 : float
        Values that occurred; infinite for never.
    replicates, never : int
    """

    mean: float
    low: float
    high: float
    median: float
    q05: float
    q95: float
    replicates: int
    never: int


def figures_of(values: Any) -> Figures:
    """Return mean with interval, median and 5 to 95 % of a number over replicates; infinity is never."""
    found = number_list("values", values)
    never = int(np.count_nonzero(np.isinf(found)))
    q05, median, q95 = (float(x) for x in np.quantile(found, _QUANTILES, method="inverted_cdf"))
    if never:
        return Figures(np.nan, np.nan, np.nan, median, q05, q95, found.size, never)
    mean = float(found.mean())
    half = np.nan
    if found.size >= FEWEST:
        half = float(stdtrit(found.size - 1, 0.975) * found.std(ddof=1) / np.sqrt(found.size))
    return Figures(mean, mean - half, mean + half, median, q05, q95, found.size, never)


def columns_of(spread: Spread) -> dict[str, NDArray[Any]]:
    """Return what each replicate gave, one number per replicate under each name.

    Returns
    -------
    dict
        ``reached``, ``lasted``, the persons in each state at the end (``at the end: NAME``); where times were kept
        ``T10``, ``T50``, ``T90`` (when such a share of all persons had been reached, infinite where never; without a
        graph, when such a share of the cascade's own events had happened); and those further columns of the model that
        have one number per replicate.
    """
    expected("spread", spread, Spread, "what a classical model returns")
    found: dict[str, NDArray[Any]] = {"reached": spread.reached, "lasted": spread.lasted}
    if spread.times is not None:
        found |= {f"T{100 * share:.0f}": spread.time_to_reach(share) for share in SHARES}
    if spread.graph is not None:
        found |= {f"at the end: {name}": spread.counts[:, k] for k, name in enumerate(spread.states)}
    further = {name: np.asarray(column) for name, column in spread.extra.items()}
    return found | {
        name: column for name, column in further.items() if column.ndim == 1 and column.dtype.kind in "biuf"
    }


def spread_rows(spread: Spread) -> dict[str, Figures]:
    """Return the figures of every column over replicates."""
    return {name: figures_of(column.astype(np.float64)) for name, column in columns_of(spread).items()}


# --- for people ------------------------------------------------------------------------------------------------------


def spread_lines(spread: Spread) -> list[str]:
    """Return a table for people: what was run, and every number over replicates."""
    rows = spread_rows(spread)
    head = ("", "mean [95 % interval]", "median", "5 to 95 %")
    cells = [head, *((_told(name, spread), *_cells(figures)) for name, figures in rows.items())]
    widths = [max(len(row[k]) for row in cells) for k in range(len(head))]
    table = [_line(row, widths) for row in cells]
    parameters = ", ".join(f"{name} = {value}" for name, value in spread.parameters.items() if value is not None)
    many = "replicate" if spread.replicates == 1 else "replicates"
    lines = [
        f"{spread.model}: {_graph_text(spread)}{spread.replicates:,} {many}",
        f"{parameters}; seed {spread.seed}",
        "",
        *table,
    ]
    lines.append("")
    if spread.graph is not None:
        share = float(np.mean(spread.reached < LITTLE * spread.n_persons))
        lines.append(f"{_percent(share)} of the replicates reached less than {_percent(LITTLE)} of the persons")
    never = [f"{name}: never in {_percent(f.never / f.replicates)}" for name, f in rows.items() if f.never]
    lines += [f"{', '.join(never)} of the replicates"] if never else []
    if spread.replicates < FEWEST:
        lines.append(f"no intervals: {spread.replicates} of at least {FEWEST} replicates")
    return lines if lines[-1] else lines[:-1]


def _told(name: str, spread: Spread) -> str:
    if name == "lasted":
        return "last step" if spread.is_discrete else "last change at time"
    if name == "reached":
        return "events" if spread.graph is None else "persons reached"
    return name


def _cells(f: Figures) -> tuple[str, str, str]:
    mean = "–" if np.isnan(f.mean) else short(f.mean)
    interval = "" if np.isnan(f.low) else f" [{short(f.low)}, {short(f.high)}]"
    spread = _time(f.q05) if f.q05 == f.q95 else f"{_time(f.q05)} to {_time(f.q95)}"
    return mean + interval, _time(f.median), spread


def _time(value: float) -> str:
    return "never" if np.isinf(value) else short(value)


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    name, *cells = (cell.ljust(w) if k == 0 else cell.rjust(w) for k, (cell, w) in enumerate(zip(row, widths)))
    return "   ".join([name, *cells]).rstrip()


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _graph_text(spread: Spread) -> str:
    if spread.graph is None:
        return ""
    links = getattr(spread.graph, "n_links", None)
    return f"{spread.n_persons:,} persons, {'' if links is None else f'{links:,} links, '}"


# --- the folder of results -------------------------------------------------------------------------------------------


def check_spread_place(folder: str | os.PathLike[str]) -> Path:
    """Return a folder's path, or raise InputError if something else than results of this program lies there."""
    place = path_of("folder", folder)
    if not place.name:
        raise InputError(f'"{place}": give a folder of its own for the results')
    check_replaceable(place)
    return place


def write_spread(
    spread: Spread,
    folder: str | os.PathLike[str],
    *,
    draw: Callable[[Spread, Path], object] | None = None,
    source: Mapping[str, Any] | None = None,
) -> Path:
    """Write replicates into a folder of results, which appears when it is complete.

    Parameters
    ----------
    spread : Spread
    folder : path
        Results of this program that lie there are replaced; anything else is refused.
    draw : callable, optional
        Writes figures into the folder that it is given.
    source : mapping, optional
        What the manifest shall say of the graph's file.

    Returns
    -------
    Path
        The folder: ``runs.parquet`` (one row per replicate), ``summary.csv``, ``manifest.json``; where they were kept
        ``curves.parquet`` (persons in each state over time: mean, median, 5 and 95 % over replicates) and
        ``events.parquet`` (one row per replicate and person reached: when, and from whom).

    Raises
    ------
    InputError
        If nothing can be written there.
    """
    expected("spread", spread, Spread, "what a classical model returns")
    place = check_spread_place(folder)
    with new_folder(place.parent, place.name) as fresh:
        try:
            _write_files(spread, fresh.path)
            if draw is not None:
                draw(spread, fresh.path)
            files = sorted(path.name for path in fresh.path.iterdir())
            manifest = {**_manifest(spread, source or {}), "files": files}
            text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False, default=str)
            (fresh.path / MANIFEST).write_text(text + "\n", encoding="utf-8")
            fresh.publish()
        except OSError as error:
            raise InputError(f'"{place}": the results cannot be written: {error.strerror or error}') from None
    return place


def _manifest(spread: Spread, source: Mapping[str, Any]) -> dict[str, Any]:
    graph = {**source} if spread.graph is None else {**source, "persons": spread.n_persons}
    for name, attribute in (("links", "n_links"), ("hash", "content_hash")):
        if hasattr(spread.graph, attribute):
            graph[name] = getattr(spread.graph, attribute)
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "kind": KIND,
        "complete": True,
        "model": spread.model,
        "model_version": MODEL_VERSION,
        "parameters": dict(spread.parameters),
        "seed": spread.seed,
        "replicates": spread.replicates,
        "record": spread.record.name.lower(),
        "states": list(spread.states),
        "time": "steps" if spread.is_discrete else "the unit of the model's rates",
        "graph": graph,
        **provenance(),
    }


def _write_files(spread: Spread, folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {"replicate": np.arange(spread.replicates), **columns_of(spread)}
    pq.write_table(pa.table(columns), folder / RUNS, compression="zstd")
    with (folder / SUMMARY).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("measure", *Figures._fields))
        writer.writerows((name, *_plain(figures)) for name, figures in spread_rows(spread).items())
    if spread.curves is not None:
        pq.write_table(pa.table(_curve_columns(spread)), folder / CURVES, compression="zstd")
    if spread.times is not None:
        _write_events(spread, folder / EVENTS)


def _plain(figures: Figures) -> list[float | int | str]:
    """Return what a file says: nothing where there is no number."""
    return ["" if value != value else value for value in figures]


class Band(NamedTuple):
    """Persons in one state over time, over replicates: each (k,)."""

    state: str
    mean: NDArray[np.float64]
    q05: NDArray[np.float64]
    median: NDArray[np.float64]
    q95: NDArray[np.float64]


def bands(spread: Spread) -> list[Band]:
    """Return how many persons were in each state over time; needs ``record = "curves"`` or more."""
    curves = spread.column("curves")
    found = []
    for k, state in enumerate(spread.states):
        q05, median, q95 = np.quantile(curves[:, k], _QUANTILES, axis=0, method="inverted_cdf").astype(np.float64)
        found.append(Band(state, curves[:, k].mean(axis=0), q05, median, q95))
    return found


def _curve_columns(spread: Spread) -> dict[str, Any]:
    found, times = bands(spread), spread.column("curve_times")
    return {
        "state": [band.state for band in found for _ in times],
        "time": np.tile(times, len(found)),
        **{name: np.concatenate([getattr(band, name) for band in found]) for name in Band._fields[1:]},
    }


def _write_events(spread: Spread, path: Path) -> None:
    """Write who became active when, replicate by replicate, in the order of time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = _event_tables(spread)
    first = next(tables)
    with pq.ParquetWriter(path, first.schema, compression="zstd") as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(pa.table(table.columns, schema=first.schema))


def _event_tables(spread: Spread) -> Iterator[Any]:
    return _events_of_persons(spread) if spread.graph is not None else _events_of_cascades(spread)


def _events_of_persons(spread: Spread) -> Iterator[Any]:
    import pyarrow as pa

    for replicate, times in enumerate(spread.column("times")):
        reached = np.flatnonzero(np.isfinite(times))
        order = reached[np.argsort(times[reached], kind="stable")]
        columns: dict[str, Any] = {
            "replicate": np.full(order.size, replicate, dtype=np.int64),
            "person": pa.array(spread.graph.labels_of(order).tolist()),
            "time": times[order].astype(np.float64),
        }
        if spread.record >= Record.PARENTS:
            columns["parent"] = _parent_labels(spread, replicate, order)
        yield pa.table(columns)


def _parent_labels(spread: Spread, replicate: int, persons: NDArray[np.int64]) -> Any:
    """Return the labels of those from whom persons had it; nobody for seeds."""
    import pyarrow as pa

    parents = spread.column("parents")[replicate, persons].astype(np.int64)
    nobody = parents >= spread.n_persons
    labels = spread.graph.labels_of(np.where(nobody, persons, parents))
    return pa.array(labels.tolist(), mask=nobody)


def _events_of_cascades(spread: Spread) -> Iterator[Any]:
    """Without a graph: events are numbered within their replicate, and so are their parents."""
    import pyarrow as pa

    first = spread.column("first")
    for replicate, (begin, end) in enumerate(pairwise(first.tolist())):
        columns: dict[str, Any] = {
            "replicate": np.full(end - begin, replicate, dtype=np.int64),
            "event": np.arange(end - begin),
            "time": spread.column("times")[begin:end],
        }
        if spread.record >= Record.PARENTS:
            parents = spread.column("parents")[begin:end] - begin
            columns |= {"parent": pa.array(parents, mask=parents < 0), "mark": spread.column("marks")[begin:end]}
        yield pa.table(columns)
