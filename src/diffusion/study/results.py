"""The results of an experiment, and reading them back from their folder."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError, expected, suggestion
from diffusion.graphs.files import check_exists, path_of
from diffusion.measures.row import quantile_name
from diffusion.notebook import html_table
from diffusion.scenario import Experiment
from diffusion.study import conversions
from diffusion.study.summary import Arm
from diffusion.world import is_file

if TYPE_CHECKING:
    from diffusion.study.sweeps.results import SweepResults

FORMAT = "diffusion results"
FORMAT_VERSION = 1
"""Of the files and their columns; raised where an older one cannot be read as it was."""

MANIFEST, RUNS, CURVES, SUMMARY = "manifest.json", "runs.parquet", "curves.parquet", "summary.csv"
DEFAULT_QUANTILE = 0.5
Folder = str | os.PathLike[str]
"""A path."""
STORED_BY = {
    "cascades": "set measures.cascades = true and run the experiment again",
    "shares": "set measures.cascades = true and run the experiment again",
    "beliefs": 'set run.record = "events" and run the experiment again',
    "publications": "run the experiment again with this version",
}
"""Further tables, and what would store each."""


def table_file(name: str) -> str:
    """Return the name of a table's file in a folder of results."""
    return f"{name}.parquet"


def opened(results: Any) -> Results:
    """Return results, read from their folder if that is what was given.

    Raises
    ------
    InputError
        For anything else, or a folder that holds no complete results.
    """
    if isinstance(results, str | os.PathLike):
        return Results.read(results)
    return expected("results", results, Results, "Results, or the folder in which they lie")


class Run(NamedTuple):
    """One run: its variant, its replicate and its row of measures (see `diffusion.measures.wide_row`)."""

    variant: str
    replicate: int
    row: dict[str, float]


class Curves(NamedTuple):
    """Reach curves of one story in all replicates of one variant.

    Attributes
    ----------
    seconds : (k,) float64
        After the story begins.
    channels : tuple of str
        Channels through which anybody heard first in any of the replicates.
    aware : (R, C, k) float64
        Shares of the population.
    """

    seconds: NDArray[np.float64]
    channels: tuple[str, ...]
    aware: NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Results:
    """What an experiment found.

    Attributes
    ----------
    experiment : Experiment
    runs : tuple of Run
        Ordered by variant (in the experiment's order) and replicate.
    curves : dict
        (variant, story) -> `Curves`.
    manifest : dict
        Where the numbers come from: versions, seed, hashes of the graphs, times, what intervals cover.
    folder : Path, optional
        Where they lie.
    tables : dict
        Further tables by name (`pyarrow.Table`); `table` also reads stored ones.
    """

    experiment: Experiment
    runs: tuple[Run, ...]
    curves: dict[tuple[str, str], Curves]
    manifest: dict[str, Any]
    folder: Path | None = None
    tables: dict[str, Any] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        """Say in one line what it holds; `report_lines` says what was found."""
        variants = ", ".join(self.experiment.variants)
        where = f', folder "{self.folder}"' if self.folder is not None else ""
        return f"<Results of {self.experiment.name}: {len(self.runs)} runs of {variants}{where}>"

    def _repr_html_(self) -> str:
        """Return a small table for notebooks: the rows and the verdict that `report_lines` gives as text."""
        from diffusion.study.claims import judge
        from diffusion.study.report import table_cells

        several = len(self.stories) > 1
        rows = [table_cells(self, v, s, several) for v in self.experiment.variants for s in self.stories]
        verdict = judge(self)
        if verdict is not None:
            rows.append(["verdict", f"{verdict.word}: {verdict.claim}"])
        title = self.experiment.title or self.experiment.name
        return html_table(f"{title} ({len(self.runs)} runs; {self.covers})", rows)

    @property
    def seed(self) -> int:
        """The experiment's seed, which also seeds the resampling."""
        return self.experiment.scenario.run.seed

    @property
    def covers(self) -> str:
        """What the intervals cover: luck alone, or luck and world."""
        return what_intervals_cover(self.experiment)

    @property
    def stories(self) -> tuple[str, ...]:
        """The stories on which variants are compared."""
        one = self.experiment.measures.story
        return (one,) if one is not None else tuple(sorted(self.experiment.scenario.stories))

    @property
    def quantile(self) -> float:
        """The q of the T_q that tables show: the claim's, else one half (or the first one measured)."""
        claim, measured = self.experiment.claim, self.experiment.measures.quantiles
        if claim is not None and claim.is_of_times:
            return claim.quantile
        return DEFAULT_QUANTILE if DEFAULT_QUANTILE in measured or not measured else measured[0]

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The pairs of variants that are compared: the measures' pairs, else the first variant over every other."""
        first, *others = self.experiment.variants
        return self.experiment.measures.pairs or tuple((first, other) for other in others)

    def values(self, variant: str, column: str) -> NDArray[np.float64]:
        """Return a measure of a variant, (replicates,).

        Raises
        ------
        InputError
            For a variant or a measure that there is not.
        """
        if variant not in self.experiment.variants:
            near = suggestion(variant, self.experiment.variants)
            raise InputError(f'there is no variant "{variant}"{near}')
        rows = [run.row for run in self.runs if run.variant == variant]
        if any(column not in row for row in rows):
            known = {name for row in rows for name in row}
            raise InputError(f'variant "{variant}" has no measure "{column}"{suggestion(column, known)}')
        return np.array([row[column] for row in rows], dtype=np.float64)

    def table(self, name: str) -> Any:
        """Return a further table (those of `STORED_BY`; docs/data.md) as a `pyarrow.Table`.

        Raises
        ------
        InputError
            If it was not stored; the message says what would store it.
        """
        if name in self.tables:
            return self.tables[name]
        if self.folder is None or table_file(name) not in self.manifest.get("files", ()):
            kept = STORED_BY.get(name)
            if kept is None:
                raise InputError(f'there is no table "{name}"{suggestion(name, STORED_BY)}')
            where = f'"{self.folder}"' if self.folder is not None else "these results"
            raise InputError(f'{where}: no table "{name}" was stored; {kept}')
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.folder / table_file(name)
        try:
            return pq.read_table(path)
        except (OSError, pa.ArrowException) as error:
            raise InputError(f'"{path}": the table cannot be read: {" ".join(str(error).split())}') from None

    def runs_table(self) -> Any:
        """Return one row per run as a `pyarrow.Table`: `variant`, `replicate`, then every measure."""
        import pyarrow as pa

        columns: dict[str, Any] = {
            "variant": pa.array([run.variant for run in self.runs], pa.string()),
            "replicate": pa.array([run.replicate for run in self.runs], pa.int64()),
        }
        for name in dict.fromkeys(name for run in self.runs for name in run.row):
            columns[name] = pa.array([run.row.get(name) for run in self.runs], pa.float64())
        return pa.table(columns)

    def to_pandas(self) -> Any:
        """Return `runs_table` as a `pandas.DataFrame`."""
        return conversions.to_pandas(self.runs_table())

    def to_polars(self) -> Any:
        """Return `runs_table` as a `polars.DataFrame`."""
        return conversions.to_polars(self.runs_table())

    def to_xarray(self) -> Any:
        """Return the measures as an `xarray.Dataset` over `variant` and `replicate`."""
        runs = self.runs_table()
        return conversions.to_xarray(runs, runs.column_names[:2], runs.column_names[2:])

    def arm(self, variant: str, story: str, q: float, name: str | None = None) -> Arm:
        """Return the times of one variant and story, named after the variant unless told otherwise."""
        times = self.values(variant, f"{story}.{quantile_name(q)}_h")
        return Arm(name or variant, times, self.values(variant, f"{story}.restricted_mean_h"))

    def arms(self, first: str, second: str, story: str, q: float) -> tuple[Arm, Arm]:
        """Return two variants as paired arms, cut to the replicates that both have."""
        return _paired(self.arm(first, story, q), self.arm(second, story, q))

    def story_arms(self, variant: str, first: str, second: str, q: float) -> tuple[Arm, Arm]:
        """Return two stories of one variant as paired arms."""
        return _paired(self.arm(variant, first, q, first), self.arm(variant, second, q, second))

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Results | SweepResults:
        """Read the results that lie in a folder: those of an experiment, or of a sweep.

        Raises
        ------
        InputError
            If the folder holds no complete results.
        """
        from diffusion.study.sweeps.manifest import is_sweep
        from diffusion.study.sweeps.results import SweepResults

        return SweepResults.open(path) if is_sweep(path_of("path", path)) else cls.read(path)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Results:
        """Read the results of an experiment without a sweep.

        Raises
        ------
        InputError
            If the folder holds no complete results, or those of a sweep.
        """
        from diffusion.study.sweeps.manifest import is_sweep

        folder = path_of("path", path)
        check_exists(folder, "results")
        if is_sweep(folder):
            raise InputError(f'"{folder}" holds a sweep; give the results of an experiment without one')
        manifest = read_manifest(folder)
        if manifest is None:
            raise InputError(f'"{folder}" holds no results: there is no {MANIFEST} of this program')
        if manifest.get("kind") == "classic":
            raise InputError(f'"{folder}" holds a classical model, no experiment: read its {RUNS} with another program')
        stored = manifest.get("format_version", FORMAT_VERSION)
        if stored != FORMAT_VERSION:
            raise InputError(
                f'"{folder}": the results are of format {stored}, {made_by(manifest)}, and this version reads '
                f"{FORMAT_VERSION}; read them with that version, or run the experiment again"
            )
        if not manifest.get("complete"):
            raise InputError(f'"{folder}": the results are not complete; run the experiment again')
        try:
            experiment = Experiment.model_validate(manifest["experiment"])
            runs = _read_runs(folder / RUNS)
            curves = _read_curves(folder / CURVES)
        except (OSError, KeyError, ValueError) as error:
            raise InputError(f'"{folder}": the results cannot be read: {" ".join(str(error).split())}') from None
        return cls(experiment, runs, curves, manifest, folder)


def what_intervals_cover(experiment: Experiment) -> str:
    """Return what differs between replicates: ``"luck of 40 replicates on one world (seed 1)"``."""
    texts = []
    for scenario in experiment.variants.values():
        run = scenario.run
        files = any(is_file(platform.graph) for platform in scenario.platforms.values())
        if run.redraw == "luck":
            text = f"luck of {_replicates(run.replicates)} on one world (seed {run.seed})"
        else:
            same = "; graphs read from files stay the same" if files else ""
            text = f"luck and world of {_replicates(run.replicates)} (seed {run.seed}{same})"
        texts.append(text)
    return " or ".join(dict.fromkeys(texts))


def _replicates(number: int) -> str:
    return "1 replicate" if number == 1 else f"{number} replicates"


def _paired(first: Arm, second: Arm) -> tuple[Arm, Arm]:
    n = min(first.times.size, second.times.size)
    a, b = (Arm(arm.name, arm.times[:n], arm.restricted[:n]) for arm in (first, second))
    return a, b


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of a folder of results, or None if there is none of this program."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and manifest.get("format") == FORMAT else None


def made_by(manifest: dict[str, Any]) -> str:
    """Say with which versions results were made, for a message."""
    versions = manifest.get("versions", {})
    return f"which version {versions.get('diffusion', '?')} made (numpy {versions.get('numpy', '?')})"


def _read_runs(path: Path) -> tuple[Run, ...]:
    import pyarrow.parquet as pq

    rows = pq.read_table(path).to_pylist()
    measured = [{k: v for k, v in row.items() if v is not None} for row in rows]
    return tuple(Run(row.pop("variant"), row.pop("replicate"), row) for row in measured)


def _read_curves(path: Path) -> dict[tuple[str, str], Curves]:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    names = {name: np.array(table[name].to_pylist(), dtype=object) for name in ("variant", "story", "channel")}
    replicate, seconds, aware = (table[name].to_numpy() for name in ("replicate", "seconds", "aware"))
    found: dict[tuple[str, str], Curves] = {}
    for variant, story in dict.fromkeys(zip(names["variant"], names["story"], strict=True)):
        rows = np.flatnonzero((names["variant"] == variant) & (names["story"] == story))
        channels = tuple(dict.fromkeys(names["channel"][rows]))
        shape = (np.unique(replicate[rows]).size, len(channels), -1)
        blocks = aware[rows].reshape(shape)
        found[variant, story] = Curves(seconds[rows][: blocks.shape[2]].copy(), channels, blocks.copy())
    return found
