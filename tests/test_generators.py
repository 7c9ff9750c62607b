"""Generated graphs have the asked mean, tail and reciprocity, and depend on the seed and on nothing else."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from diffusion.errors import InputError
from diffusion.graphs import (
    FollowerGraph,
    complete_graph,
    describe,
    generate_contacts,
    generate_followers,
    path_graph,
    star_graph,
)
from diffusion.graphs.tail import fit_tail

N = 100_000


@pytest.fixture(scope="module")
def large() -> FollowerGraph:
    return generate_followers(N, mean_followers=17, seed=20)


def test_the_mean_number_of_followers_is_as_asked(large) -> None:
    # chosen accounts have a standard deviation of 1.3 means, so the mean has one of .4 %: five of them
    assert large.n_links / N == pytest.approx(17, rel=0.02)


def test_everybody_follows_somebody(large) -> None:
    assert large.n_followed.min() >= 1


def test_no_self_loops_and_no_repeated_links(large) -> None:
    rows = np.repeat(np.arange(N), np.diff(large.offsets))
    assert not np.any(rows == large.followers)
    assert np.unique(rows * N + large.followers).size == large.n_links


@pytest.mark.parametrize("exponent", [2.2, 2.5, 3.0])
def test_the_tail_of_followers_has_the_asked_exponent(exponent) -> None:
    followers = generate_followers(N, mean_followers=17, exponent=exponent, seed=21).n_followers
    found = fit_tail(followers, start=int(np.partition(followers, N - 1000)[N - 1000]))
    # 1,000 in the tail: standard error (exponent - 1) / sqrt(1000) = .04–.06; returned links, which follow another law,
    # raise the estimate by some .05. Exponents .3 apart stay distinguishable.
    assert found.exponent == pytest.approx(exponent, abs=0.2)
    assert found.persons >= 1000


@pytest.mark.parametrize("reciprocity", [0.0, 0.2, 0.35, 0.5, 1.0])
def test_reciprocity_is_as_asked(reciprocity) -> None:
    # 1.7e6 links: the sampling error is below .001; links that answer each other by chance add mean / n and the
    # hubs' share, below .005
    found = describe(generate_followers(N, mean_followers=17, reciprocity=reciprocity, seed=22))
    assert found.reciprocity == pytest.approx(reciprocity, abs=0.01)


def test_full_reciprocity_makes_even_a_dense_graph_mutual() -> None:
    for seed in range(20):
        assert generate_followers(12, mean_followers=5.5, exponent=2.1, reciprocity=1, seed=seed).is_mutual


def test_nobody_is_followed_by_nearly_all_even_with_a_very_heavy_tail() -> None:
    graph = generate_followers(20_000, mean_followers=40, exponent=2.05, seed=23)
    assert graph.n_followers.max() < 0.6 * 20_000
    assert graph.n_links / 20_000 == pytest.approx(40, rel=0.05)


def test_followers_are_far_more_unequal_than_followed(large) -> None:
    assert large.n_followers.max() > 5 * large.n_followed.max()


def test_the_same_seed_gives_the_same_bytes_in_any_thread(large) -> None:
    with ThreadPoolExecutor(3) as threads:
        again = list(threads.map(lambda _: generate_followers(N, mean_followers=17, seed=20), range(3)))
    for graph in again:
        assert graph.followers.tobytes() == large.followers.tobytes()
        assert graph.offsets.tobytes() == large.offsets.tobytes()


def test_another_seed_or_name_gives_an_unrelated_graph() -> None:
    graphs = [
        generate_followers(2000, mean_followers=10, seed=1),
        generate_followers(2000, mean_followers=10, seed=2),
        generate_followers(2000, mean_followers=10, seed=1, name="second platform"),
    ]
    links = [set(zip(np.repeat(np.arange(2000), g.n_followers).tolist(), g.followers.tolist())) for g in graphs]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        # chance alone: 20,000 links among 4e6 pairs meet 100 times, some hundreds with hubs; a tenth would be 2,000
        assert len(links[a] & links[b]) < 2000
    popularity = [g.n_followers.astype(float) for g in graphs]
    # ranks of popularity are independent: |correlation| < 4.5 / sqrt(2000) fails 1 in 100,000 for light tails, and
    # heavy tails are ranked first
    ranks = [np.argsort(np.argsort(p)) for p in popularity]
    assert abs(np.corrcoef(ranks[0], ranks[1])[0, 1]) < 0.1
    assert abs(np.corrcoef(ranks[0], ranks[2])[0, 1]) < 0.1


def test_only_members_have_links() -> None:
    members = np.flatnonzero(np.random.default_rng(3).random(10_000) < 0.3)
    graph = generate_followers(10_000, mean_followers=12, seed=4, members=members)
    outside = np.setdiff1d(np.arange(10_000), members)
    assert graph.n_persons == 10_000
    assert graph.n_followers[outside].max() == graph.n_followed[outside].max() == 0
    assert graph.n_followed[members].min() >= 1
    # 3,000 members: standard error of the mean 1.3 / sqrt(3000) = 2.4 %, four of them
    assert graph.n_links / members.size == pytest.approx(12, rel=0.1)


@pytest.mark.parametrize(("n_persons", "mean"), [(3, 1), (4, 0.1), (5, 2), (12, 5.5), (40, 19.5), (300, 0.4), (300, 1)])
def test_small_and_dense_and_thin_graphs_are_sound(n_persons, mean) -> None:
    for seed in range(20):
        graph = generate_followers(n_persons, mean_followers=mean, seed=seed)
        # FollowerGraph itself refuses self-loops, repeated links and followers out of range
        assert graph.n_links <= n_persons * (n_persons - 1)
    sizes = [generate_followers(n_persons, mean_followers=mean, seed=seed).n_links for seed in range(200)]
    if 4 * mean < n_persons:
        spread = np.std(sizes) / np.sqrt(200)
        assert abs(np.mean(sizes) - mean * n_persons) < 5 * spread + 0.1 * mean * n_persons


def test_contacts_are_mutual_with_a_poisson_number() -> None:
    graph = generate_contacts(50_000, mean_contacts=8, seed=5)
    assert graph.is_mutual
    numbers = graph.n_followers.astype(float)
    # 200,000 pairs: relative standard error of the mean .22 %, of the variance .7 %; five and six of them
    assert numbers.mean() == pytest.approx(8, rel=0.011)
    assert numbers.var() == pytest.approx(8, rel=0.04)
    # P(nobody) = exp(-8): 16.8 ± 4.1 of 50,000
    assert 0 < np.count_nonzero(numbers == 0) < 42


def test_any_pair_of_contacts_is_equally_likely() -> None:
    counts = np.zeros((12, 12))
    for seed in range(3000):
        graph = generate_contacts(12, mean_contacts=3, seed=seed)
        counts[np.repeat(np.arange(12), graph.n_followers), graph.followers] += 1
    pairs = counts[np.triu_indices(12, 1)]
    expected = 3000 * 3 / 11
    # 66 binomial counts: chi-squared with 66 degrees has mean 66, sd 11.5; six of them
    assert np.sum((pairs - expected) ** 2 / (expected * (1 - 3 / 11))) < 135


def test_everybody_meets_everybody_at_the_largest_mean() -> None:
    assert generate_contacts(7, mean_contacts=6, seed=1) == complete_graph(7)


@pytest.mark.parametrize(("n_persons", "household"), [(300, 2), (301, 2), (299, 3), (5, 4)])
def test_households_are_complete_groups(n_persons, household) -> None:
    graph = generate_contacts(n_persons, household=household, seed=6)
    assert graph.is_mutual
    for person in range(n_persons):
        group = {person, *graph.row(person).tolist()}
        assert all({other, *graph.row(other).tolist()} == group for other in group)
        assert len(group) in (household + 1, n_persons % (household + 1))
    full = n_persons // (household + 1) * (household + 1)
    assert np.count_nonzero(graph.n_followers == household) == full


def test_contact_graphs_of_one_seed_are_independent_of_each_other() -> None:
    first = generate_contacts(900, household=2, seed=7)
    assert first == generate_contacts(900, household=2, seed=7)
    assert first != generate_contacts(900, household=2, seed=8)
    assert first != generate_contacts(900, household=2, seed=7, name="other")


def test_regular_graphs_have_the_stated_directions() -> None:
    assert complete_graph(4).followers.reshape(4, 3).tolist() == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]
    assert complete_graph(1).n_links == 0
    assert star_graph(4).row(0).tolist() == [1, 2, 3]
    assert star_graph(4).n_links == 3
    assert star_graph(4, mutual=True).row(2).tolist() == [0]
    assert [path_graph(4).row(i).tolist() for i in range(4)] == [[1], [2], [3], []]
    assert path_graph(4, mutual=True).row(1).tolist() == [0, 2]
    assert path_graph(1).n_persons == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_persons": 0}, "n_persons = 0 is outside"),
        ({"n_persons": 2**32}, "n_persons = 4294967296 is outside"),
        ({"n_persons": 2}, "members: 2 cannot form"),
        ({"mean_followers": 0}, "mean_followers = 0 is outside"),
        ({"mean_followers": float("nan")}, "mean_followers = nan is outside"),
        ({"mean_followers": 60}, "mean_followers = 60 is outside 0 … 49.5"),
        ({"exponent": 2}, "exponent = 2 is outside"),
        ({"reciprocity": 1.1}, "reciprocity = 1.1 is not a share"),
        ({"seed": -1}, "seed = -1 is outside"),
        ({"members": [3, 2, 1]}, "members must be ascending"),
        ({"members": [1, 2, 100]}, "members must be ascending, different indices in 0 … 99"),
        ({"members": [0.5]}, "members: an array of float64"),
    ],
)
def test_bad_arguments_are_refused(arguments, message) -> None:
    with pytest.raises(InputError, match=message):
        generate_followers(**{"n_persons": 100, "mean_followers": 5, "seed": 1, **arguments})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "give exactly one"),
        ({"mean_contacts": 3, "household": 2}, "give exactly one"),
        ({"mean_contacts": 0}, "mean_contacts = 0 is outside"),
        ({"mean_contacts": 100}, "mean_contacts = 100 is outside"),
        ({"household": 0}, "household = 0 is outside"),
        ({"household": 100}, "household = 100 is outside"),
    ],
)
def test_bad_contacts_are_refused(arguments, message) -> None:
    with pytest.raises(InputError, match=message):
        generate_contacts(100, seed=1, **arguments)
