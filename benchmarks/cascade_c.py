"""The independent cascade in C (cascade.c), compiled on the spot for this machine where a compiler is there."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from measurement import Side
from numpy.typing import NDArray

from diffusion.classic._gaps import gaps_at
from diffusion.graphs import FollowerGraph


def library() -> Any | None:
    """Return the compiled library, or None without a compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "cascade.so"
        source = Path(__file__).with_name("cascade.c")
        options = ["-O3", "-march=native", "-shared", "-fPIC"]
        subprocess.run([compiler, *options, str(source), "-o", str(made)], check=True)
        found = ctypes.CDLL(str(made))
    found.cascade.restype = ctypes.c_uint64
    return found


def in_c(graph: FollowerGraph, p: float, seeds: Iterator[NDArray[np.int64]]) -> Side | None:
    """Return cascades in C; the amount of work is persons reached."""
    compiled = library()
    if compiled is None:
        return None
    gaps, n = gaps_at(p, graph.n_links), graph.n_persons
    active, order = np.zeros(n // 64 + 1, np.uint64), np.zeros(n + 64, np.uint32)
    rows = _pointers(graph.offsets, graph.followers)
    table, state = _pointers(gaps.chances, gaps.guide), _pointers(active, order)
    keys = count(1)

    def run(_held: Any = (graph, gaps, active, order)) -> float:
        chosen = next(seeds).astype(np.uint32)
        key = ctypes.c_uint64(next(keys) * 0x9E3779B97F4A7C15 % 2**64)
        place = ctypes.c_void_p(chosen.ctypes.data)
        return float(compiled.cascade(rows, table, key, place, ctypes.c_uint64(chosen.size), state))

    return Side(run)


def _pointers(*arrays: NDArray[Any]) -> Any:
    """Return a C structure of pointers; whoever uses it holds the arrays."""
    return (ctypes.c_void_p * len(arrays))(*(each.ctypes.data for each in arrays))
