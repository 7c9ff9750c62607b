"""The folder of results: written beside its final place, and moved there only when it is complete."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from diffusion.errors import InputError
from diffusion.study.leftovers import OLD, is_leftover, remove_dead_runs, run_folder
from diffusion.study.results import CURVES, MANIFEST, RUNS, SUMMARY, Results, read_manifest, table_file
from diffusion.study.summary import median_interval
from diffusion.study.sweeps.manifest import is_sweep

_SUMMARY_COLUMNS = ("variant", "story", "measure", "median", "low", "high", "replicates", "never", "undefined")


@dataclass
class NewFolder:
    """A folder under way.

    Attributes
    ----------
    path : Path
        Where files are written now: a hidden sibling of the final place.
    final : Path
        Where it will lie.
    """

    path: Path
    final: Path

    def complete(self, results: Results, draw: Callable[[Results, Path], object] | None = None) -> None:
        """Write the results, with figures if `draw` is given, and move them to their final place."""
        with _writing(self.final):
            write_results(results, self.path, draw)
            self.publish()

    def publish(self) -> None:
        """Move the folder to its final place; an older folder of results there goes away once it has been replaced."""
        check_replaceable(self.final)
        old = self.path.with_name(f"{self.path.name}{OLD}")
        replaces = self.final.exists()
        if replaces:
            os.replace(self.final, old)
        try:
            os.replace(self.path, self.final)
        except OSError:
            if replaces:
                os.replace(old, self.final)
            raise
        if old.is_symlink():
            old.unlink()
        elif replaces:
            shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _writing(where: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f'"{where}": the results cannot be written: {error.strerror or error}') from None


@contextmanager
def new_folder(out: Path, name: str) -> Iterator[NewFolder]:
    """Open a folder of results under way; whatever happens before `NewFolder.complete` leaves no trace.

    What runs that were killed left in `out` is removed first (`diffusion.study.leftovers`).

    Parameters
    ----------
    out : Path
        Folder in which the folder of results will lie; made if it is not there.
    name : str
        Name of the folder of results.

    Raises
    ------
    InputError
        If nothing may be written there, or what lies there was not written by this program.
    """
    final = out / name
    path = out / run_folder(name)
    with _writing(final):
        remove_dead_runs(out)
    check_replaceable(final)
    missing = [folder for folder in (out, *out.parents) if not folder.exists()]
    try:
        with _writing(final):
            path.mkdir(parents=True)
        yield NewFolder(path, final)
    finally:
        shutil.rmtree(path, ignore_errors=True)
        for folder in missing:
            if not folder.is_dir() or any(folder.iterdir()):
                break
            folder.rmdir()


def check_replaceable(final: Path) -> None:
    """Raise InputError if a folder's place is taken by anything but results of this program, as it wrote them."""
    if not final.exists():
        return
    other = "choose another folder for the results, or another name for the experiment"
    if not final.is_dir():
        raise InputError(f'"{final}" is a file; {other}')
    present = {path.name for path in final.iterdir() if not is_leftover(path.name)}
    manifest = read_manifest(final)
    if is_sweep(final):
        raise InputError(f'"{final}" holds the runs of a sweep, which would be lost; {other}')
    if manifest is None and present:
        raise InputError(f'"{final}" is a folder of something else (it has no {MANIFEST} of this program); {other}')
    foreign = sorted(present - {MANIFEST, *(manifest or {}).get("files", [])})
    if foreign:
        raise InputError(f'"{final}" also holds "{foreign[0]}", which would be lost; move it elsewhere, or {other}')


def write_results(results: Results, folder: Path, draw: Callable[[Results, Path], object] | None = None) -> None:
    """Write all tables, the figures (if `draw` is given) and, last, the manifest that names them."""
    import pyarrow.parquet as pq

    pq.write_table(results.runs_table(), folder / RUNS)
    _write_curves(results, folder / CURVES)
    _write_summary(results, folder / SUMMARY)
    _write_tables(results, folder)
    if draw is not None:
        draw(results, folder)
    _write_manifest(results.manifest | {"files": sorted(path.name for path in folder.iterdir())}, folder / MANIFEST)


def list_files(folder: Path, names: Iterable[str]) -> None:
    """Add files to those that a folder of results names as its own: the next run may replace them."""
    manifest = read_manifest(folder) or {}
    listed = {**manifest, "files": sorted({*manifest.get("files", ()), *names})}
    under_way = folder / f".{MANIFEST}-{uuid4().hex[:8]}"
    try:
        _write_manifest(listed, under_way)
        os.replace(under_way, folder / MANIFEST)
    finally:
        under_way.unlink(missing_ok=True)


def _write_manifest(manifest: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def _write_curves(results: Results, path: Path) -> None:
    """Write one row per variant, story, replicate, channel and point of time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [
            ("variant", pa.string()),
            ("story", pa.string()),
            ("replicate", pa.int64()),
            ("channel", pa.string()),
            ("seconds", pa.float64()),
            ("aware", pa.float64()),
        ]
    )
    with pq.ParquetWriter(path, schema) as writer:
        for (variant, story), curves in results.curves.items():
            replicates, channels, points = curves.aware.shape
            rows = curves.aware.size
            names = np.tile(np.repeat(np.array(curves.channels, dtype=object), points), replicates)
            columns = [
                pa.array([variant] * rows, pa.string()),
                pa.array([story] * rows, pa.string()),
                pa.array(np.repeat(np.arange(replicates), channels * points), pa.int64()),
                pa.array(names, pa.string()),
                pa.array(np.tile(curves.seconds, replicates * channels), pa.float64()),
                pa.array(curves.aware.reshape(-1), pa.float64()),
            ]
            writer.write_table(pa.table(columns, schema=schema))


def _write_tables(results: Results, folder: Path) -> None:
    import pyarrow.parquet as pq

    for name, table in results.tables.items():
        pq.write_table(table, folder / table_file(name), compression="zstd")


def summary_rows(results: Results) -> list[dict[str, Any]]:
    """Return median and interval of every measure, one row per variant, story and measure."""
    rows = []
    for variant in results.experiment.variants:
        names = dict.fromkeys(name for run in results.runs if run.variant == variant for name in run.row)
        for name in names:
            story, _, measure = name.partition(".")
            found = median_interval(results.values(variant, name), seed=results.seed)
            cells = (variant, story, measure, found.value, found.low, found.high, found.n, found.never, found.undefined)
            rows.append(dict(zip(_SUMMARY_COLUMNS, cells, strict=True)))
    return rows


def _write_summary(results: Results, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _SUMMARY_COLUMNS)
        writer.writeheader()
        writer.writerows(summary_rows(results))
