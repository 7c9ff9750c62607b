"""The results of a sweep, read from its folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from diffusion.errors import InputError, suggestion
from diffusion.graphs.files import check_exists
from diffusion.notebook import html_table
from diffusion.scenario import Experiment
from diffusion.study import conversions
from diffusion.study.cascade_tables import Table
from diffusion.study.results import MANIFEST, RUNS
from diffusion.study.sweeps.durable import file_digest
from diffusion.study.sweeps.manifest import read_manifests, runs_digest
from diffusion.study.sweeps.summaries import (
    POINT,
    REPLICATE,
    RUN,
    VARIANT,
    measure_names,
    summarise,
    swept_keys,
)


class SweepResults:
    """What a sweep found: one row per run, read column by column as it is asked for.

    `diffusion.Results.open` opens one.

    Attributes
    ----------
    folder : Path
    manifest : dict
        What was asked, by whom it was computed, what is missing.
    keys : tuple of str
        The swept keys, by their dotted names.
    measures : tuple of str
        ``<story>.<measure>``, by name.
    n_runs : int
    """

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self.folder = folder
        self.manifest = manifest
        schema, self.n_runs = _head(folder / RUNS)
        self.keys = swept_keys(schema)
        self.measures = measure_names(schema)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> SweepResults:
        """Open the results of a sweep.

        Raises
        ------
        InputError
            If the folder holds none, or its table of runs is not the one that was written.
        """
        folder = Path(path)
        check_exists(folder, "results")
        again = "run the experiment again (no stored run is repeated)"
        manifests = read_manifests(folder)
        if not manifests:
            raise InputError(f'"{folder}": there is no sound {MANIFEST} of a sweep; {again}')
        if not any(runs_digest(manifest) for manifest in manifests):
            raise InputError(f'"{folder}": the sweep has not been finished; {again}')
        try:
            found = file_digest(folder / RUNS)
        except OSError as error:
            raise InputError(f'"{folder / RUNS}" cannot be read: {error.strerror or error}; {again}') from None
        fitting = [manifest for manifest in manifests if runs_digest(manifest) == found]
        if not fitting:
            raise InputError(f'"{folder / RUNS}" is damaged: it is not the table that was written; {again}')
        return cls(folder, fitting[0])

    def __repr__(self) -> str:
        """Say in one line what it holds."""
        swept = ", ".join(self.keys) or "nothing"
        return f'<SweepResults of {self.name}: {self._counted()}; swept: {swept}; folder "{self.folder}">'

    def _repr_html_(self) -> str:
        """Return a small table for notebooks."""
        rows = [["runs", self._counted()], ["swept", ", ".join(self.keys)], ["measures", str(len(self.measures))]]
        return html_table(self.name, [*rows, ["folder", str(self.folder)]])

    def _counted(self) -> str:
        return f"{self.n_runs:,} runs" if self.complete else f"{self.n_runs:,} of {self.n_runs + self.missing:,} runs"

    @property
    def name(self) -> str:
        """The experiment's name."""
        return str(self.manifest.get("name", self.folder.name))

    @property
    def complete(self) -> bool:
        """Whether all runs of the sweep are there."""
        return bool(self.manifest.get("complete"))

    @property
    def missing(self) -> int:
        """How many runs of the sweep are not there: they failed, or have not been run yet."""
        return int(self.manifest.get("missing", 0))

    @cached_property
    def experiment(self) -> Experiment:
        """The experiment, with its sweep.

        Raises
        ------
        InputError
            If another version stored it, in terms that this one does not know.
        """
        return Experiment.model_validate(self.manifest.get("experiment"))

    def table(self, columns: Sequence[str] | None = None) -> Table:
        """Return one row per run, in the order of the sweep.

        Parameters
        ----------
        columns : sequence of str, optional
            Measures; by default all. What tells runs apart always comes along: `point`, the swept keys, `variant`,
            `replicate` and `run`, the key under which the store has it.

        Returns
        -------
        pyarrow.Table
        """
        chosen = self._chosen(columns)
        return self._read([POINT, *self.keys, VARIANT, REPLICATE, RUN, *chosen])

    def tidy(self, columns: Sequence[str] | None = None) -> Table:
        """Return one row per run and measure: `point`, swept keys, `variant`, `replicate`, `story`, `measure`, `value`.

        Parameters
        ----------
        columns : sequence of str, optional
            Measures; by default all. What a run does not have is left out.
        """
        import pyarrow as pa

        chosen = self._chosen(columns)
        head = self._read([POINT, *self.keys, VARIANT, REPLICATE])
        blocks = []
        for name in chosen:
            story, _, measure = name.partition(".")
            values = self._read([name]).column(name)
            block = head
            for column, text in (("story", story), ("measure", measure)):
                block = block.append_column(column, pa.array([text] * head.num_rows, pa.string()))
            blocks.append(block.append_column("value", values).filter(values.is_valid()))
        return pa.concat_tables(blocks)

    def summary(self, columns: Sequence[str] | None = None, by: Sequence[str] | None = None) -> Table:
        """Return mean, median and quantiles of every measure, by point and variant unless told otherwise.

        Parameters
        ----------
        columns : sequence of str, optional
            Measures; by default all.
        by : sequence of str, optional
            Some of `point`, the swept keys and `variant`: runs that agree in these are taken together.

        Returns
        -------
        pyarrow.Table
            See `diffusion.study.sweeps.summaries.summarise`; for all measures it is what `summary.csv` holds.
        """
        index = self._read([POINT, *self.keys, VARIANT])
        return summarise(index, self._chosen(columns), lambda name: self._read([name]).column(name), by)

    def to_pandas(self, columns: Sequence[str] | None = None) -> Any:
        """Return `table` as a `pandas.DataFrame`."""
        return conversions.to_pandas(self.table(columns))

    def to_polars(self, columns: Sequence[str] | None = None) -> Any:
        """Return `table` as a `polars.DataFrame`."""
        return conversions.to_polars(self.table(columns))

    def to_xarray(self, columns: Sequence[str] | None = None) -> Any:
        """Return measures as an `xarray.Dataset`.

        Its dimensions are the swept keys, `variant` and `replicate` where every combination of their values was swept,
        and `point` instead of the keys, which then are coordinates along it, where not.
        """
        runs = self.table(columns)
        grid = self._is_grid(runs)
        dims = [*(self.keys if grid else [POINT]), VARIANT, REPLICATE]
        return conversions.to_xarray(runs, dims, self._chosen(columns), () if grid else self.keys)

    def _is_grid(self, runs: Table) -> bool:
        points = runs.select([POINT, *self.keys]).group_by([POINT, *self.keys]).aggregate([]).num_rows
        combinations = 1
        for key in self.keys:
            combinations *= len(runs.column(key).unique())
        distinct = runs.select(list(self.keys)).group_by(list(self.keys)).aggregate([]).num_rows if self.keys else 0
        return bool(self.keys) and points == combinations == distinct

    def _chosen(self, columns: Sequence[str] | None) -> list[str]:
        if columns is None:
            return list(self.measures)
        if isinstance(columns, str):
            raise InputError(f'columns: give a list of measures, such as ["{columns}"]')
        for name in columns:
            if name not in self.measures:
                raise InputError(f'"{self.folder}" has no measure "{name}"{suggestion(name, self.measures)}')
        return list(columns)

    def _read(self, columns: Sequence[str]) -> Table:
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.folder / RUNS
        try:
            return pq.ParquetFile(path).read(list(columns))
        except (OSError, pa.ArrowException) as error:
            raise InputError(f'"{path}" cannot be read: {" ".join(str(error).split())}') from None


def _head(path: Path) -> tuple[list[str], int]:
    """Return the names of the columns and the number of rows."""
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    return file.schema_arrow.names, file.metadata.num_rows
