"""Graphs with communities have the clustering, reciprocity, degrees and mixing that were asked for."""

from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import numpy as np
import pytest

from diffusion.assembly import Assembler
from diffusion.errors import InputError
from diffusion.graphs import (
    CommunityGraph,
    FollowerGraph,
    describe,
    generate_communities,
    generate_contacts,
    generate_followers,
    generate_friends,
)
from diffusion.graphs.calibration import share_without_distance
from diffusion.graphs.clustering import measure_clustering, project
from diffusion.graphs.tail import fit_tail
from diffusion.scenario import Scenario

N = 10_000
COMMUNITIES = {"mean_followers": 12, "clustering": 0.4, "seed": 7}


def links_of(graph: FollowerGraph) -> tuple[np.ndarray, np.ndarray]:
    return np.repeat(np.arange(graph.n_persons, dtype=np.uint32), graph.n_followers), graph.followers


def clustering(graph: FollowerGraph) -> float:
    """Mean local clustering without directions."""
    return measure_clustering(project(graph)).local


def tail_exponent(graph: FollowerGraph) -> float:
    """Of the 1 % with the most followers."""
    start = int(np.quantile(graph.n_followers, 0.99))
    return fit_tail(graph.n_followers, start=start).exponent


def mixing(made: CommunityGraph) -> float:
    followed, follower = links_of(made.graph)
    return float(np.mean(made.community[followed] != made.community[follower]))


def is_clustered(graph: FollowerGraph, wanted: float) -> bool:
    """The judge: clustering within .03 of what was asked.

    Calibration stops within .003 on a graph of its own; local clustering varies by .2 to .25 between persons, so over
    10,000 of them the mean has a standard error of .0025, on both graphs; graphs larger than the one of the calibration
    come out up to .015 lower, for their hubs cover a smaller share.
    """
    return abs(clustering(graph) - wanted) < 0.03


# --- what was asked for ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mean", "exponent", "reciprocity", "wanted"), [*product((17, 40), (2.3, 2.7), (0.24, 0.55), (0.3, 0.6))]
)
def test_a_grid_of_wishes_is_met(mean: float, exponent: float, reciprocity: float, wanted: float) -> None:
    made = generate_communities(
        N, mean_followers=mean, exponent=exponent, reciprocity=reciprocity, clustering=wanted, seed=30
    )
    found = describe(made.graph)
    assert is_clustered(made.graph, wanted)
    # range and choosers are solved on half of the persons: accounts followed have a standard deviation of 1.3 means
    assert found.mean_followers == pytest.approx(mean, rel=0.02)
    # some 100,000 pairs or more: standard error below .002
    assert found.reciprocity == pytest.approx(reciprocity, abs=0.012)
    assert found.following_nobody == 0


@pytest.mark.parametrize("exponent", [2.3, 2.5, 2.7])
def test_the_tail_of_followers_has_the_asked_exponent(exponent: float) -> None:
    made = generate_communities(100_000, mean_followers=17, exponent=exponent, seed=31)
    # standard error (exponent - 1) / sqrt(1000) = .04–.05; returned links and the gaps between communities add .05–.1
    assert tail_exponent(made.graph) == pytest.approx(exponent, abs=0.2)


def test_the_judge_rejects_graphs_without_clustering_and_another_clustering() -> None:
    made = generate_communities(N, mean_followers=17, clustering=0.4, seed=32).graph
    assert is_clustered(made, 0.4)
    assert not is_clustered(made, 0.45)
    assert not is_clustered(generate_followers(N, mean_followers=17, seed=32), 0.4)
    assert not is_clustered(made.rewired(seed=1), 0.4)


@pytest.mark.verify
@pytest.mark.parametrize(("mean", "wanted"), [*product((17, 83), (0.3, 0.45, 0.6))])
def test_wishes_are_met_at_full_size(mean: float, wanted: float) -> None:
    made = generate_communities(100_000, mean_followers=mean, clustering=wanted, seed=33).graph
    found = describe(made)
    assert is_clustered(made, wanted)
    assert found.mean_followers == pytest.approx(mean, rel=0.01)
    assert found.reciprocity == pytest.approx(0.4, abs=0.005)
    assert tail_exponent(made) == pytest.approx(2.5, abs=0.2)


# --- accounts followed, communities -----------------------------------------------------------------------------------


def test_the_numbers_of_accounts_followed_follow_the_asked_law() -> None:
    made = {
        key: generate_communities(20_000, mean_followers=17, reciprocity=0.0, seed=2, **law).graph.n_followed
        for key, law in {
            "even": {"followed_sd": 0.0}, "usual": {}, "wide": {"followed_sd": 1.5}, "power": {"followed_exponent": 2.5}
        }.items()
    }  # fmt: skip
    spread = {key: float(np.log(np.maximum(1, counts)).std()) for key, counts in made.items()}
    assert spread["even"] < 0.45 < 0.8 < spread["usual"] < 1.3 < spread["wide"]
    tails = {key: float(np.quantile(counts, 0.999) / np.quantile(counts, 0.99)) for key, counts in made.items()}
    # of a density k ** -2.5 the quantiles are 10 ** (1 / 1.5) = 4.6 apart, of the log-normal exp(.76) = 2.1
    assert 3.3 < tails["power"] < 6.5
    assert tails["usual"] < 2.7


@pytest.mark.parametrize("wanted", [0.12, 0.17, 0.22])
def test_the_share_of_links_across_communities_is_as_asked(wanted: float) -> None:
    made = generate_communities(N, mean_followers=17, mixing=wanted, seed=3)
    # hubs' pairs are less often mutual, and leave more often: links differ from pairs by .01
    assert mixing(made) == pytest.approx(wanted, abs=0.03)
    assert is_clustered(made.graph, 0.4)


def test_communities_are_numbered_sized_and_denser_inside() -> None:
    made = generate_communities(N, mean_followers=17, community_size=250, seed=4)
    sizes = np.bincount(made.community)
    assert sizes.size == 40
    assert sizes.sum() == N
    assert 6 < sizes.max() / sizes.min() <= 17
    # links without regard to communities would leave with chance 1 - sum of squared shares, above .9
    assert mixing(made) < 0.4
    assert np.bincount(generate_communities(N, mean_followers=17, communities=5, seed=4).community).size == 5
    assert set(generate_communities(N, mean_followers=17, communities=1, seed=4).community.tolist()) == {0}


def test_only_members_have_links_and_communities() -> None:
    members = np.flatnonzero(np.random.default_rng(3).random(6000) < 0.5)
    made = generate_communities(6000, members=members, **COMMUNITIES)
    outside = np.setdiff1d(np.arange(6000), members)
    assert set(made.community[outside].tolist()) == {-1}
    assert made.community[members].min() == 0
    assert made.graph.n_followers[outside].max() == made.graph.n_followed[outside].max() == 0
    assert made.graph.n_links / members.size == pytest.approx(12, rel=0.03)


def test_a_world_keeps_the_communities() -> None:
    crowd = {"kind": "follow", "members": 0.8, "graph": {"generator": "communities", "mean_followers": 8}}
    plain = {"kind": "follow", "graph": {"generator": "popularity", "mean_followers": 8}}
    scenario = Scenario.model_validate(
        {
            "people": {"count": 2000},
            "platforms": {"crowd": crowd, "plain": plain},
            "stories": {"quake": {"kind": "news", "witnesses": 1}},
        }
    )
    world = Assembler().world(scenario, seed=1)
    assert set(world.communities) == {"crowd"}
    assert np.array_equal(world.communities["crowd"] >= 0, world.members["crowd"])


# --- friends ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [0.2, 0.5])
def test_friends_are_mutual_clustered_and_unequal(wanted: float) -> None:
    made = generate_friends(N, mean_friends=20, clustering=wanted, seed=5)
    numbers = made.graph.n_followers
    assert made.graph.is_mutual
    assert is_clustered(made.graph, wanted)
    assert numbers.mean() == pytest.approx(20, rel=0.02)
    # Facebook: mean 190, median 99
    assert numbers.mean() / np.median(numbers) == pytest.approx(190 / 99, rel=0.15)
    assert mixing(made) < 0.5


def test_friends_may_follow_a_power_law() -> None:
    numbers = generate_friends(50_000, mean_friends=20, exponent=2.6, seed=5).graph.n_followers
    # of a density k ** -2.6 the quantiles are 10 ** (1 / 1.6) = 4.2 apart
    assert 3.0 < np.quantile(numbers, 0.999) / np.quantile(numbers, 0.99) < 5.5


# --- seeds ------------------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_in_any_thread() -> None:
    def made(_: int) -> CommunityGraph:
        return generate_communities(4000, **COMMUNITIES)

    first = made(0)
    with ThreadPoolExecutor(3) as threads:
        for other in threads.map(made, range(3)):
            assert other.graph.followers.tobytes() == first.graph.followers.tobytes()
            assert other.community.tobytes() == first.community.tobytes()


def test_calibration_knows_no_seed() -> None:
    """Each seed's graph has a clustering of its own, around what was asked: nothing is tuned to one graph."""
    found = [clustering(generate_communities(4000, mean_followers=12, seed=s).graph) for s in range(6)]
    assert len(set(found)) == 6
    # persons' local clustering varies by .25: 4,000 of them give .004; six graphs .002, and .003 of calibration
    assert np.mean(found) == pytest.approx(0.4, abs=0.02)
    assert share_without_distance.__module__ == "diffusion.graphs.calibration"


def test_another_seed_or_name_gives_an_unrelated_graph() -> None:
    graphs = [
        generate_communities(3000, **COMMUNITIES | {"seed": seed}, name=name)
        for seed, name in ((1, ""), (2, ""), (1, "second"))
    ]
    links = [set(zip(*(ends.tolist() for ends in links_of(made.graph)))) for made in graphs]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        # chance alone: 36,000² links among 9e6 pairs meet 144 times, some hundreds with hubs
        assert len(links[a] & links[b]) < 2000


def test_the_older_generators_give_the_same_bytes_as_ever() -> None:
    known = {
        generate_followers(
            3000, mean_followers=12, exponent=2.4, reciprocity=0.3, seed=5, name="x"
        ): "c607c8b6a6785b7ae32dad7b1a14e6ab",
        generate_followers(
            3000, mean_followers=7, seed=6, members=list(range(0, 3000, 3))
        ): "4682c7d2c3bce087f97ba55ecf774f7a",
        generate_contacts(3000, mean_contacts=4, seed=5): "d947d462abc4974156d4b2583d633d04",
        generate_contacts(3000, household=3, seed=5, name="x"): "768de149cadfa93143c1859a6ecf3902",
    }
    for graph, hashed in known.items():
        assert graph.content_hash == hashed


# --- what cannot be had -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n_persons", "mean", "wanted"), [(40, 10, 0.5), (60, 6, 0.4), (300, 10, 0.5), (300, 3, 0.3)])
def test_small_graphs_are_sound(n_persons: int, mean: float, wanted: float) -> None:
    for seed in range(20):
        made = generate_communities(n_persons, mean_followers=mean, clustering=wanted, seed=seed)
        # FollowerGraph itself refuses self-loops, repeated links and followers out of range
        assert made.graph.n_followed.min() >= 1
        assert made.community.min() == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"clustering": 0.9}, r"clustering = 0.9 cannot be had with these numbers of links: it is at most 0\.[67]\d;"),
        ({"clustering": 0}, r"clustering = 0 cannot be had .*: it is at least 0\.0\d; ask for more"),
        ({"mixing": 0.9}, r"mixing = 0.9 cannot be had .* it lies between 0\.\d\d and 0\.\d\d; .* smaller ones"),
        ({"mixing": 0.0}, "mixing = 0 cannot be had"),
        ({"mixing": 0.2, "communities": 1}, "with 1 communities .*; ask for more communities"),
        ({"communities": 3, "community_size": 9}, "give either communities"),
        ({"communities": 0}, "communities = 0 is outside 1 … 1000"),
        ({"community_size": 1}, "community_size = 1 is below 2"),
        ({"exponent": 2}, "exponent = 2 is outside 2 … 10"),
        ({"followed_exponent": 1.5}, "followed_exponent = 1.5 is outside 2 … 10"),
        ({"followed_sd": 4}, "followed_sd = 4 is outside 0 … 3"),
        ({"followed_exponent": 2.5, "followed_sd": 1}, "followed_exponent and followed_sd: give one"),
        ({"reciprocity": 1.1}, "reciprocity = 1.1 is not a share"),
        ({"clustering": float("nan")}, "clustering = nan is not a share"),
        ({"mean_followers": 0}, "mean_followers = 0 is outside"),
        ({"mean_followers": 1200}, "mean_followers = 1200 is outside 0 … 999.5"),
        ({"n_persons": 2}, "members: 2 cannot form"),
        ({"seed": -1}, "seed = -1 is outside"),
        ({"members": [3, 2, 1]}, "members must be ascending"),
    ],
)
def test_what_cannot_be_had_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        generate_communities(**{"n_persons": 2000, **COMMUNITIES, **arguments})
    assert "\n" not in str(refused.value)
