"""The same model, parameters, graph and seed give the same results as long as `diffusion.MODEL_VERSION` stays the same.

A model is held by one entry in `RUNS`, a call on a graph that arithmetic makes, and by its number in `GOLDEN`. If a
test here fails, results of a model have changed. Was that meant? Then raise `MODEL_VERSION`, let
`python tests/test_golden_classic.py` print the numbers of the new version, add them to `GOLDEN` below the old ones,
which stay as they are, and list the change in the changelog under *Changed*.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from diffusion import MODEL_VERSION
from diffusion.classic import (
    Spread,
    absolute_threshold,
    bass,
    complex_contagion,
    fractional_threshold,
    hashed_cascade,
    hawkes,
    hoax,
    independent_cascade,
    limited_attention,
    linear_threshold,
    maki_thompson,
    seir,
    seiz,
    si,
    simsom,
    sir,
    sirs,
    sis,
)
from diffusion.graphs import FollowerGraph

N = 1_000
K = np.arange(10 * N)
GRAPH = FollowerGraph.from_links(K % N, (K * K + 7 * K + 3 * (K // N) ** 3) % N, weights=K % 7 / 20, n_persons=N)
"""A thousand persons, nearly ten followers each, weights of links from 0 to .3."""

COMMON: dict[str, Any] = {"seeds": "random:3", "replicates": 5, "seed": 1, "record": "parents"}
LIGHT = FollowerGraph(GRAPH.offsets, GRAPH.followers, np.asarray(GRAPH.weights) / 8)
MANY = COMMON | {"seeds": "random:30"}
COUNTED: dict[str, Any] = {"seeds": "random:3", "replicates": 5, "seed": 1}


def counted(found: Spread) -> Spread:
    """Keep numbers of persons: the last bits of logarithms and powers are not the same on all machines."""
    whole = {name: column for name, column in found.extra.items() if column.dtype.kind in "iu"}
    return replace(found, lasted=np.zeros(found.replicates), extra=whole)


RUNS: dict[str, Callable[[], Spread]] = {
    "independent cascade, p = 0.02": lambda: independent_cascade(GRAPH, p=0.02, **COMMON),
    "independent cascade, p = 0.2": lambda: independent_cascade(GRAPH, p=0.2, **COMMON),
    "independent cascade, weights": lambda: independent_cascade(GRAPH, p="weights", **COMMON),
    "independent cascade, weighted": lambda: independent_cascade(GRAPH, p="weighted", **COMMON),
    "independent cascade, trivalency": lambda: independent_cascade(GRAPH, p="trivalency 0.3 0.2 0.1", **COMMON),
    "linear threshold, kempe": lambda: linear_threshold(GRAPH, **MANY),
    "linear threshold, weights": lambda: linear_threshold(LIGHT, weights="weights", **MANY),
    "fractional threshold, 0.25": lambda: fractional_threshold(GRAPH, phi=0.25, **MANY),
    "fractional threshold, uniform": lambda: fractional_threshold(GRAPH, phi="uniform 0.1 0.4", **MANY),
    "absolute threshold, 3": lambda: absolute_threshold(GRAPH, k=3, **MANY),
    "complex contagion": lambda: complex_contagion(GRAPH, chances="0.02 0.1 0.3", **MANY),
    "si, uniform": lambda: si(GRAPH, transmission="uniform 1 3", horizon=4, **COMMON),
    "sir, uniform": lambda: sir(GRAPH, transmission="uniform 1 9", recovery="uniform 1 3", **COMMON),
    "seir, weighted": lambda: seir(
        GRAPH, transmission="uniform 0 1", latency="constant 1", recovery="constant 2", weighted=True, **COMMON
    ),
    "sis, uniform": lambda: sis(GRAPH, transmission="uniform 1 9", recovery="uniform 1 3", horizon=9, **COMMON),
    "sir, steps": lambda: sir(GRAPH, transmission=0.1, recovery=0.5, time="steps", **COMMON),
    "sirs, steps": lambda: sirs(GRAPH, transmission=0.1, recovery=0.5, immunity=0.2, time="steps", horizon=9, **COMMON),
    "hashed cascade": lambda: hashed_cascade(GRAPH, p=0.2, **COMMON),
    "hoax": lambda: hoax(
        GRAPH, spreading=0.5, credibility=0.3, verifying=0.05, forgetting=0.1, horizon=20, checkers=5, **COMMON
    ),
    "maki-thompson": lambda: counted(maki_thompson(GRAPH, futile=2, **COUNTED)),
    "bass": lambda: counted(bass(GRAPH, p=0.03, q=0.38, horizon=5, **COUNTED)),
    "seiz": lambda: counted(seiz(GRAPH, beta=0.4, b=0.2, rho=0.1, p=0.4, l=0.3, epsilon=0.2, horizon=9, **COUNTED)),
    "hawkes": lambda: counted(hawkes(GRAPH, excitation=0.09, horizon=5, **COUNTED)),
    "limited attention": lambda: counted(limited_attention(GRAPH, horizon=20, replicates=3, seed=1)),
    "SimSoM": lambda: counted(simsom(GRAPH, gamma=0.05, beta=0.02, replicates=2, seed=1, most_steps=20)),
}
"""Name -> call. Every column that it keeps is part of its number."""

GOLDEN: dict[int, dict[str, str]] = {
    1: {
        "independent cascade, p = 0.02": "19 58cfe4fc86b12157965bc166",
        "independent cascade, p = 0.2": "3855 d65e395192029c4d55473c34",
        "independent cascade, weights": "2779 e941b4746dd72b524ff72429",
        "independent cascade, weighted": "233 c11dd3804360c9e68616a642",
        "independent cascade, trivalency": "3874 0a8ba4b2f51941fb06aa16a3",
        "linear threshold, kempe": "4195 076192de89113785bd15a1c7",
        "linear threshold, weights": "177 9e7c305e74edf5b7fc3fae1a",
        "fractional threshold, 0.25": "5000 92824709efe2ed48609608f7",
        "fractional threshold, uniform": "5000 d2b39cc0c388fe81c949d157",
        "absolute threshold, 3": "196 ccf6f88a23ab9d3036f2fff9",
        "complex contagion": "231 8db73b836526ec170b70ef47",
        "si, uniform": "1137 16dcc334a87ca3f44b7869e7",
        "sir, uniform": "1348 a994c336a632d649206c52a7",
        "seir, weighted": "4675 5f43fc94c1c86d55fcb8b724",
        "sis, uniform": "236 4941de113b3053702a300812",
        "sir, steps": "3554 98d34e25f1cfa1ea77fef67a",
        "sirs, steps": "858 57a8129f77f6d8b28e41e45c",
        "hashed cascade": "3770 04b2f7813ef673fbffc19689",
        "hoax": "3550 d51670ba672c35680b774c4b",
        "maki-thompson": "4559 cacf662733b9539d6a8cf076",
        "bass": "1674 e5b868340fdda0c79e04beda",
        "seiz": "4936 45edffa31d019c9bde22fbeb",
        "hawkes": "46 cc16495eb306286bba62dc9b",
        "limited attention": "12 b0e36091324f12407601c712",
        "SimSoM": "2000 52492055036606464b630893",
    },
}
"""Model version -> run -> persons reached in all replicates, and the beginning of the SHA-256 of all columns."""

COLUMNS = ("reached", "counts", "lasted", "curve_times", "curves", "times", "parents")


def checksum(found: Spread) -> str:
    digest = hashlib.sha256()
    for name in COLUMNS:
        column = getattr(found, name)
        if column is not None:
            digest.update(name.encode() + np.ascontiguousarray(column, dtype="<f8").tobytes())
    for name, column in sorted(found.extra.items()):
        digest.update(name.encode() + np.ascontiguousarray(column, dtype="<f8").tobytes())
    return f"{int(found.reached.sum())} {digest.hexdigest()[:24]}"


@pytest.mark.parametrize("run", RUNS)
def test_the_model_is_the_one_of_its_version(run: str) -> None:
    numbers = GOLDEN.get(MODEL_VERSION)
    assert numbers is not None, (
        f"version {MODEL_VERSION} has no numbers; `python tests/test_golden_classic.py` prints them"
    )
    assert checksum(RUNS[run]()) == numbers[run], "raise diffusion.MODEL_VERSION?"


def test_every_run_has_a_number_of_its_own() -> None:
    assert list(GOLDEN) == list(range(1, MODEL_VERSION + 1))
    assert list(GOLDEN[MODEL_VERSION]) == list(RUNS)
    assert len(set(GOLDEN[MODEL_VERSION].values())) == len(RUNS)


def test_another_seed_is_told_apart() -> None:
    other = independent_cascade(GRAPH, p=0.2, **(COMMON | {"seed": 2}))
    assert checksum(other) != GOLDEN[MODEL_VERSION]["independent cascade, p = 0.2"]


if __name__ == "__main__":
    print(f"    {MODEL_VERSION}: {{")
    for name, run in RUNS.items():
        print(f'        "{name}": "{checksum(run())}",')
    print("    },")
