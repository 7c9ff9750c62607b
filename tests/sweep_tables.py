"""Tables of sweeps written by hand, in the layout of the store, for the tests of views and figures."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import pyarrow as pa

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
