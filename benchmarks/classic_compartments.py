"""Declared compartment models beside kernels that are written for one model: the same model, graph and seeds.

    python benchmarks/run.py --only declared_models

Directed random graphs of mean degree 10, ten seeds, one thread, no record: what declaring a model costs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from measurement import Row, Side, ratio_of, side_by_side

from diffusion.classic import Spread, compartments, seir, sir
from diffusion.graphs import FollowerGraph

DEGREE, SEEDS = 10, 10
TRANSMISSION, RECOVERY, WAKING = 0.3, 1.0, 0.5
LEAST = 0.25
END = {"from": "I", "to": "R", "rate": RECOVERY}
DECLARED: dict[str, dict[str, Any]] = {
    "SIR": {
        "states": ["S", "I", "R"],
        "seeds": "I",
        "transitions": [{"from": "S", "by": "I", "to": "I", "rate": TRANSMISSION}, END],
    },
    "SEIR": {
        "states": ["S", "E", "I", "R"],
        "seeds": "I",
        "transitions": [
            {"from": "S", "by": "I", "to": "E", "rate": TRANSMISSION},
            {"from": "E", "to": "I", "rate": WAKING},
            END,
        ],
    },
}


def links_followed(run: Callable[[int], Spread]) -> Side:
    """Return a side whose work is the links of everybody who was infected."""
    number = iter(range(10**9))

    def once() -> float:
        return float(DEGREE * run(next(number)).reached.sum())

    return Side(once)


def sides(name: str, graph: FollowerGraph, replicates: int) -> dict[str, Side]:
    """Return the kernel that is written for a model, and the declared one."""
    common: dict[str, Any] = {"seeds": f"random:{SEEDS}", "replicates": replicates, "threads": 1}
    rates: dict[str, Any] = {"transmission": TRANSMISSION, "recovery": RECOVERY}

    def written(seed: int) -> Spread:
        if name == "SIR":
            return sir(graph, **rates, **common, seed=seed)
        return seir(graph, latency=WAKING, **rates, **common, seed=seed)

    def declared(seed: int) -> Spread:
        return compartments(graph, model=DECLARED[name], **common, seed=seed)

    return {"written": links_followed(written), "declared": links_followed(declared)}


def declared_models(sizes: Mapping[str, Any]) -> list[Row]:
    """How fast a declared model is, in the speed of a kernel written for it."""
    rows = []
    for persons in sizes["declared_models"]:
        rng = np.random.default_rng(1)
        ends = (rng.integers(persons, size=persons * DEGREE) for _ in range(2))
        graph = FollowerGraph.from_links(*ends, n_persons=persons)
        for name in DECLARED:
            found = side_by_side(sides(name, graph, max(1, 100_000 // persons)), sizes["rounds"])
            ratio = ratio_of(found["declared"].rates, found["written"].rates)
            beside = {f"{side} [M links/s]": samples.rate / 1e6 for side, samples in found.items()}
            beside |= {"lowest": ratio.low, "highest": ratio.high}
            what = f"a declared {name} over the kernel written for it, {persons:,} persons"
            rows.append(Row(what, ratio.median, "×", least=LEAST, beside=beside))
    return rows


ITEMS: dict[str, Callable[[Mapping[str, Any]], list[Row]]] = {"declared_models": declared_models}
