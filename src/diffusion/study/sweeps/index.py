"""Which run stands where in the table of a sweep."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from diffusion.study.cascade_tables import Table
from diffusion.study.sweeps.plan import Job, Plan


def index_table(plan: Plan, jobs: Sequence[Job]) -> Table:
    """Return one row per job: `point`, the swept keys by their dotted names, `variant`, `replicate`, `run`.

    A key whose values are all numbers, all texts or all true or false has a column of that type; other values stand
    there as JSON.
    """
    import pyarrow as pa

    at = np.fromiter((job.point for job in jobs), dtype=np.int64, count=len(jobs))
    columns: dict[str, Any] = {"point": pa.array(at, pa.int64())}
    for key in plan.keys:
        columns[key] = _column([point[key] for point in plan.points]).take(pa.array(at))
    columns["variant"] = pa.array([job.variant for job in jobs], pa.string())
    columns["replicate"] = pa.array([job.replicate for job in jobs], pa.int64())
    columns["run"] = pa.array([job.run for job in jobs], pa.string())
    return pa.table(columns)


def _column(values: Sequence[Any]) -> Any:
    import pyarrow as pa

    kinds = {type(value) for value in values}
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {int}:
        return pa.array(values, pa.int64())
    if kinds <= {int, float}:
        return pa.array([float(value) for value in values], pa.float64())
    if kinds == {str}:
        return pa.array(values, pa.string())
    texts = [json.dumps(value, sort_keys=True, ensure_ascii=False, default=str) for value in values]
    return pa.array(texts, pa.string())
