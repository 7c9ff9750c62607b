"""Contacts in space: as many, as clustered and as long as asked for."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph, _spatial, generate_contacts, generate_spatial
from diffusion.graphs.clustering import measure_clustering, project


def clustering(graph: FollowerGraph) -> float:
    return measure_clustering(project(graph)).local


def is_clustered(graph: FollowerGraph, wanted: float) -> bool:
    """Within .03.

    Local clustering varies by .15 between 5,000 persons: standard error .002. Triangles with a long tie that is hardly
    longer than the reach add up to .02.
    """
    return abs(clustering(graph) - wanted) < 0.03


@pytest.mark.parametrize(
    ("mean", "wanted", "long_ties", "decay"), [*product((6.0, 20.0), (0.1, 0.3), (0.0, 0.2), (0.0, 2.0))]
)
def test_a_grid_of_wishes_is_met(mean: float, wanted: float, long_ties: float, decay: float) -> None:
    graph = generate_spatial(5000, mean_contacts=mean, clustering=wanted, long_ties=long_ties, decay=decay, seed=1)
    assert graph.is_mutual
    # 15,000 pairs or more: relative standard error of the mean .8 %
    assert graph.n_links / 5000 == pytest.approx(mean, rel=0.04)
    if mean > 6:  # with few contacts many persons have one or none, and count as 0
        assert is_clustered(graph, wanted)
        assert not is_clustered(graph, wanted + 0.07)


def test_random_contacts_are_rejected() -> None:
    assert not is_clustered(generate_contacts(5000, mean_contacts=20, seed=1), 0.1)


@pytest.mark.parametrize("decay", [0.0, 2.0, 3.0])
def test_long_ties_thin_out_with_distance_as_asked(decay: float) -> None:
    n, least = 40_000, 0.05
    place = np.random.default_rng(2).random((n, 2))
    side = 100
    cells = (place * side).astype(np.int64) @ np.array([1, side])
    starts = np.concatenate(([0], np.cumsum(np.bincount(cells, minlength=side * side))))
    order = np.argsort(cells, kind="stable")
    pairs = np.empty((2 * n, 2), np.uint32)
    found = _spatial.long_ties(place, order, starts, least, (1.0, decay), np.uint64(5), pairs)
    apart = np.abs(place[pairs[:found, 0]] - place[pairs[:found, 1]])
    lengths = np.hypot(*np.minimum(apart, 1 - apart).T)
    assert found == pytest.approx(n, rel=0.02)
    assert lengths.min() >= least

    def share_below(x: float, power: float) -> float:
        if power == 0:
            return float(np.log(x / least) / np.log(0.5 / least))
        return float((x**power - least**power) / (0.5**power - least**power))

    def follows(power: float) -> bool:
        # standard error .0025; the far end is anywhere in a cell of side .01, which moves shares by up to .02
        return all(abs(np.mean(lengths < x) - share_below(x, power)) < 0.03 for x in (0.1, 0.2, 0.35))

    assert follows(2.0 - decay)
    assert not follows(2.0 - decay - 0.5)


def test_seeds_and_names_give_other_graphs_and_the_same_ones_the_same() -> None:
    first = generate_spatial(500, mean_contacts=6, seed=1)
    assert first == generate_spatial(500, mean_contacts=6, seed=1)
    assert first != generate_spatial(500, mean_contacts=6, seed=2)
    assert first != generate_spatial(500, mean_contacts=6, seed=1, name="other")


@pytest.mark.parametrize("n_persons", [5, 20, 60])
def test_small_graphs_are_sound(n_persons: int) -> None:
    for seed in range(20):
        graph = generate_spatial(n_persons, mean_contacts=1.5, seed=seed)
        assert graph.is_mutual


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"clustering": 0.5}, "clustering = 0.5 cannot be had with long_ties = 0.1: .* at most 0.475; fewer long"),
        ({"clustering": 0}, "clustering = 0 cannot be had"),
        ({"mean_contacts": 90}, r"mean_contacts = 90 is outside 0 … 54\.\d+, the most with 100 persons"),
        ({"mean_contacts": 0}, "mean_contacts = 0 is outside"),
        ({"long_ties": 1}, "long_ties = 1 is outside"),
        ({"decay": -1}, "decay = -1 is outside 0 … 10"),
    ],
)
def test_what_cannot_be_had_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        generate_spatial(**{"n_persons": 100, "mean_contacts": 5, "seed": 1, **arguments})
