"""Links that begin and end for the small random worlds; drawn after everything else about a world."""

from datetime import datetime
from typing import Any

import numpy as np

from choices import Choices, Tables
from diffusion.graphs import FollowerGraph
from diffusion.units import NEVER

EPOCH = datetime(1970, 1, 1)


def add_times(choose: Choices, given: dict[str, Any], run: Tables) -> None:
    """Let the links of some given graphs begin and end, most of them within the run."""
    horizon = 3600 * int(run["horizon"].split()[0])
    start = datetime.fromisoformat(run["start"])
    for name, graph in given.items():
        if isinstance(graph, FollowerGraph) and choose.often(45):
            kept, clock = choose.one_of("both", "since", "until"), choose.one_of("run", "wall")
            # Whole hours of the wall clock: some links are older than the run, and some over before it begins.
            zero = int((start - EPOCH).total_seconds()) - 3600 if clock == "wall" else 0
            generator = np.random.default_rng(choose.below(2**31))
            times = {"since": generator.integers(horizon, size=graph.n_links) // choose.one_of(2, 20) + zero}
            lasting = generator.integers(1, choose.one_of(1, 4) * horizon, size=graph.n_links)
            forever = generator.random(graph.n_links) < choose.one_of(0.2, 0.7)
            times["until"] = np.where(forever, NEVER, times["since"] + lasting)
            times = {key: values for key, values in times.items() if kept in (key, "both")}
            given[name] = FollowerGraph(
                graph.offsets, graph.followers, graph.weights, graph.labels, clock=clock, **times
            )
