"""Small stores of a sweep that was never simulated: keys and measures are functions of the run's number."""

import hashlib
from pathlib import Path
from typing import Any

import pyarrow as pa

from diffusion.study.sweeps import Row, SweepStore

VARIANTS = ("with", "without")
MANIFEST: dict[str, Any] = {"name": "made", "experiment": {"name": "made"}, "model_version": 1, "seed": 1}


def key(number: int) -> str:
    return hashlib.blake2b(b"%d" % number, digest_size=16).hexdigest()


def row(number: int, *, seconds: float = 0.25, **more: float) -> Row:
    never = float("inf") if number % 7 == 3 else 1 + 0.1 * number
    return Row(key(number), {"fire.T50_h": never, "fire.reached": 1 / (1 + number)} | more, seconds)


def rows(*numbers: int) -> list[Row]:
    return [row(number) for number in numbers]


def index(points: int, replicates: int) -> pa.Table:
    """Runs are numbered point by point, variant by variant."""
    places = [(p, v, k) for p in range(points) for v in VARIANTS for k in range(replicates)]
    return pa.table(
        {
            "point": [p for p, _, _ in places],
            "outlets.tv.delay": [10.0 * p for p, _, _ in places],
            "variant": [v for _, v, _ in places],
            "replicate": [k for _, _, k in places],
            "run": [key(number) for number in range(len(places))],
        }
    )


def opened(folder: Path, **manifest: Any) -> SweepStore:
    return SweepStore.open_or_create(folder, MANIFEST | manifest)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in ("runs.parquet", "summary.csv")}
