"""Tables of sweeps written by hand, in the layout of the store, for the tests of views and figures."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa

from diffusion import Experiment
from diffusion.study.sweeps import Row, SweepResults, SweepStore

Values = Mapping[str, Any]
Measure = Callable[[Values, str, int], float]


def grid(keys: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(keys, values, strict=True)) for values in product(*keys.values())]


def table(
    points: Sequence[Values],
    measures: Mapping[str, Measure],
    *,
    variants: Sequence[str] = ("slow", "quick"),
    replicates: int = 8,
) -> pa.Table:
    """One row per point, variant and replicate; a measure is a function of the three."""
    rows = [
        {"point": number, **point, "variant": variant, "replicate": k, "run": f"{number:016x}{k:08x}{at:08x}"}
        | {name: measure(point, variant, k) for name, measure in measures.items()}
        for number, point in enumerate(points)
        for at, variant in enumerate(variants)
        for k in range(replicates)
    ]
    return pa.Table.from_pylist(rows)


def stored(folder: Path, experiment: Experiment, runs: pa.Table) -> SweepResults:
    """The table as the finished store of a sweep of an experiment."""
    manifest = {"name": experiment.name, "experiment": experiment.model_dump(mode="json"), "model_version": 1}
    store = SweepStore.open_or_create(folder / experiment.name, manifest)
    head = runs.column_names.index("run") + 1
    names = runs.column_names[head:]
    store.add([Row(row["run"], {name: float(row[name]) for name in names}, 0.1) for row in runs.to_pylist()])
    store.finish(runs.select(runs.column_names[:head]))
    return SweepResults.open(store.folder)
