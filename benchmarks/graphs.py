"""How fast graphs are read, generated and described, side by side with other ways to do it.

    python benchmarks/graphs.py [--out result.json]

Medians of 5 after one untimed call (compilation, first touch of memory). Ratios are taken within one run. The file is
the real graph named by DIFFUSION_DATA if that is set, else a generated one of the same size.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import networkx
import numpy as np
from scipy.sparse import coo_array

from diffusion.graphs import FollowerGraph, describe, generate_followers, read_graph, write_graph

SIZES = {"persons": 1_000_000, "mean_followers": 20, "peer_persons": 100_000, "file_links": 1_342_310, "repeats": 5}
REAL = "graphs/ego-twitter-undirected.csv.gz"


def median_seconds(action: Callable[[], Any], repeats: int) -> float:
    """Median wall time of an action after one untimed call."""
    action()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def link_files(folder: Path, n_links: int) -> tuple[Path, Path, int]:
    """Files of one graph with integer ids and with text ids, both packed, and the number of header lines."""
    real = Path(os.environ.get("DIFFUSION_DATA", "")) / REAL
    integers, texts = folder / "integers.csv.gz", folder / "texts.csv.gz"
    if real.is_file():
        integers, rows = real, np.loadtxt(real, delimiter=",", skiprows=1, dtype=np.int64)
    else:
        graph = generate_followers(n_links // 16, mean_followers=16.5, seed=1)
        rows = np.column_stack((np.repeat(np.arange(graph.n_persons), graph.n_followers), graph.followers))[:n_links]
        integers.write_bytes(gzip.compress(("persons,links,u,graph\n" + lines(rows, "")).encode(), 6))
    texts.write_bytes(gzip.compress(lines(rows, "user").encode(), 6))
    return integers, texts, 1


def lines(rows: np.ndarray, prefix: str) -> str:
    """Rows as text."""
    return "".join(f"{prefix}{a},{prefix}{b}\n" for a, b in rows.tolist())


def reading(sizes: Mapping[str, int]) -> dict[str, float]:
    """Seconds to read a packed link list: here, with numpy, with networkx (once: it is slow)."""
    repeats = sizes["repeats"]
    with tempfile.TemporaryDirectory() as name:
        integers, texts, skipped = link_files(Path(name), sizes["file_links"])
        found = {
            "read_integers": median_seconds(lambda: read_graph(integers, meaning="mutual"), repeats),
            "read_texts": median_seconds(lambda: read_graph(texts, meaning="mutual", header=False), repeats),
            "loadtxt_integers": median_seconds(
                lambda: np.loadtxt(integers, delimiter=",", skiprows=skipped, dtype=np.int64), repeats
            ),
        }
        start = time.perf_counter()
        networkx.read_edgelist(integers, delimiter=",", nodetype=str, data=False)
        found["networkx_read_edgelist"] = time.perf_counter() - start
        stored = write_graph(read_graph(integers, meaning="mutual"), Path(name) / "stored.npz")
        found["open_stored"] = median_seconds(lambda: read_graph(stored), repeats)
    found["networkx_over_read"] = found["networkx_read_edgelist"] / found["read_integers"]
    found["read_over_loadtxt"] = found["read_integers"] / found["loadtxt_integers"]
    found["read_texts_over_loadtxt"] = found["read_texts"] / found["loadtxt_integers"]
    return found


def generating(sizes: Mapping[str, int]) -> dict[str, float]:
    """Millions of links per second: generated here, and by networkx's configuration model (once)."""
    persons, mean, peer = sizes["persons"], sizes["mean_followers"], sizes["peer_persons"]
    repeats = sizes["repeats"]
    links = generate_followers(persons, mean_followers=mean, seed=1).n_links
    small = generate_followers(peer, mean_followers=mean, seed=1)
    seconds = median_seconds(lambda: generate_followers(persons, mean_followers=mean, seed=1), repeats)
    seconds_small = median_seconds(lambda: generate_followers(peer, mean_followers=mean, seed=1), repeats)
    start = time.perf_counter()
    networkx.directed_configuration_model(small.n_followed.tolist(), small.n_followers.tolist(), seed=1)
    peer_seconds = time.perf_counter() - start
    found = {
        "generate_mlinks_per_s": links / seconds / 1e6,
        "generate_small_mlinks_per_s": small.n_links / seconds_small / 1e6,
        "networkx_configuration_mlinks_per_s": small.n_links / peer_seconds / 1e6,
    }
    found["generate_over_networkx"] = found["generate_mlinks_per_s"] / found["networkx_configuration_mlinks_per_s"]
    return found


def building(sizes: Mapping[str, int]) -> dict[str, float]:
    """Seconds to build rows from a list of links, here and with scipy, and to describe the graph."""
    graph = generate_followers(sizes["persons"], mean_followers=sizes["mean_followers"], seed=2)
    n, repeats = graph.n_persons, sizes["repeats"]
    order = np.random.default_rng(1).permutation(graph.n_links)
    followed = np.repeat(np.arange(n), graph.n_followers)[order]
    follower = graph.followers.astype(np.int64)[order]
    ones = np.ones(graph.n_links, np.float32)

    def scipy_rows() -> Any:
        rows = coo_array((ones, (followed, follower)), shape=(n, n)).tocsr()
        rows.sum_duplicates()
        return rows

    found = {
        "from_links": median_seconds(lambda: FollowerGraph.from_links(followed, follower, n_persons=n), repeats),
        "scipy_csr": median_seconds(scipy_rows, repeats),
        "describe": median_seconds(lambda: describe(graph), repeats),
    }
    found["scipy_over_from_links"] = found["scipy_csr"] / found["from_links"]
    return found


def run(sizes: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Measure everything.

    Parameters
    ----------
    sizes : mapping, optional
        Replaces entries of `SIZES`.

    Returns
    -------
    dict
        The sizes and, by group, seconds, millions of links per second and ratios.
    """
    chosen = {**SIZES, **(sizes or {})}
    return {
        "sizes": chosen,
        "reading": reading(chosen),
        "generating": generating(chosen),
        "building": building(chosen),
    }


def main() -> None:
    """Run with the default sizes, print, and write JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="write the figures to this JSON file")
    arguments = parser.parse_args()
    found = run()
    for group in ("reading", "generating", "building"):
        for name, value in found[group].items():
            print(f"{group:<12}{name:<40}{value:10.3f}")
    if arguments.out is not None:
        arguments.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
