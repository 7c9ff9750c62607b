"""Group memberships: sizes, numbers per person and alignment are as asked for."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from diffusion.errors import InputError
from diffusion.graphs import GroupMemberships, generate_communities, generate_groups
from diffusion.graphs.tail import fit_tail

N = 30_000
GROUPS = {"memberships": 3.0, "group_size": 30.0, "seed": 1}


def per_person(groups: GroupMemberships, n: int = N) -> np.ndarray:
    return np.bincount(groups.members, minlength=n)


def test_sizes_and_memberships_are_as_asked() -> None:
    groups = generate_groups(N, **GROUPS)
    assert groups.sizes.size == 3000
    # memberships have a standard deviation of 1.3 means: relative standard error .8 %
    assert groups.sizes.mean() == pytest.approx(30, rel=0.04)
    assert groups.sizes.max() > 20 * 30
    assert groups.sizes.max() < N / 3
    counts = per_person(groups)
    assert counts.mean() == pytest.approx(3, rel=0.04)
    assert np.median(counts) == 2
    assert counts.max() > 20


def test_members_ascend_without_repeats() -> None:
    groups = generate_groups(N, **GROUPS)
    number = np.repeat(np.arange(groups.sizes.size), groups.sizes)
    places = number * N + groups.members
    assert np.all(np.diff(places) > 0)


@pytest.mark.parametrize("exponent", [2.3, 3.0])
def test_the_tail_of_sizes_has_the_asked_exponent(exponent: float) -> None:
    groups = generate_groups(200_000, memberships=5, group_size=20, exponent=exponent, seed=2)
    found = fit_tail(groups.sizes, start=int(np.quantile(groups.sizes, 0.98)))
    # 1,000 groups in the tail: standard error .04–.06
    assert found.exponent == pytest.approx(exponent, abs=0.25)
    assert found.persons >= 1000


def test_alignment_is_the_share_of_memberships_at_home() -> None:
    community = generate_communities(N, mean_followers=8, community_size=1500, seed=1).community
    at_home = {}
    for alignment in (0.0, 0.5, 1.0):
        groups = generate_groups(N, **GROUPS, alignment=alignment, communities=community)
        number = np.repeat(np.arange(groups.sizes.size), groups.sizes)
        at_home[alignment] = float(np.mean(community[groups.members] == groups.community[number]))
    chance = at_home[0.0]
    assert chance < 0.12
    assert at_home[0.5] == pytest.approx(0.5 + 0.5 * chance, abs=0.03)
    assert at_home[1.0] == 1.0


def test_only_members_join() -> None:
    members = np.arange(0, N, 3)
    groups = generate_groups(N, **GROUPS, members=members)
    assert np.isin(groups.members, members).all()
    assert groups.sizes.size == 1000


def test_the_same_seed_gives_the_same_bytes_in_any_thread() -> None:
    with ThreadPoolExecutor(3) as threads:
        made = list(threads.map(lambda _: generate_groups(3000, **GROUPS).members.tobytes(), range(3)))
    assert len(set(made)) == 1
    assert made[0] != generate_groups(3000, **GROUPS | {"seed": 2}).members.tobytes()
    assert made[0] != generate_groups(3000, **GROUPS, name="other").members.tobytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"memberships": 0}, "memberships = 0 is outside 0 … 100"),
        ({"group_size": 1}, "group_size = 1 is outside 2 … 100"),
        ({"exponent": 2}, "exponent = 2 is outside 2 … 10"),
        ({"memberships_sd": -1}, "memberships_sd = -1 is outside"),
        ({"alignment": 2}, "alignment = 2 is not a share"),
        ({"alignment": 0.5}, "alignment = 0.5 needs communities"),
        ({"communities": np.zeros(3, np.int32)}, "communities: 3 for 100 persons"),
    ],
)
def test_bad_arguments_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        generate_groups(**{"n_persons": 100, **GROUPS, **arguments})
