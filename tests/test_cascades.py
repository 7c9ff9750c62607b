"""Trees of shares: their size, depth, breadth and structural virality, against pairs counted one by one."""

import math
from collections import Counter, deque

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import six_persons
from diffusion.errors import InputError
from diffusion.measures import cascades, forest, share_forest

OUTCOME = six_persons.outcome()


def shape(parent: list[int]) -> tuple[int, int, int, float]:
    """Size, depth, breadth and virality of the one tree."""
    found = cascades(forest(np.array(parent)))
    assert found.size.size == 1
    return int(found.size[0]), int(found.depth[0]), int(found.breadth[0]), float(found.virality[0])


def test_a_broadcast_has_a_virality_just_below_two() -> None:
    # 9 pairs with the centre at distance 1, 36 pairs of leaves at distance 2.
    assert shape([-1] + [0] * 9) == (10, 1, 9, pytest.approx((9 * 1 + 36 * 2) / 45, rel=1e-15))


def test_a_chain_of_four_has_the_mean_distance_of_its_six_pairs() -> None:
    assert shape([-1, 0, 1, 2]) == (4, 3, 1, pytest.approx((1 + 1 + 1 + 2 + 2 + 3) / 6, rel=1e-15))


def test_a_tree_drawn_by_hand() -> None:
    #        0
    #      /   \
    #     1     2        01 02 13 14 25 are at distance 1; 03 04 05 12 34 at 2;
    #    / \     \       15 23 24 at 3; 35 45 at 4
    #   3   4     5
    assert shape([-1, 0, 0, 1, 1, 2]) == (6, 2, 3, pytest.approx((5 * 1 + 5 * 2 + 3 * 3 + 2 * 4) / 15, rel=1e-15))


def test_a_lone_root_has_no_pairs_and_no_virality() -> None:
    size, depth, breadth, virality = shape([-1])
    assert (size, depth, breadth) == (1, 0, 1)
    assert math.isnan(virality)


def test_no_shares_is_an_empty_forest() -> None:
    found = cascades(forest(np.array([], dtype=np.int64)))
    assert found.size.size == 0
    largest = found.largest()
    assert largest["size"] == 0
    assert math.isnan(largest["virality"])


def brute_force(parent: list[int]) -> dict[int, tuple[int, int, int, float]]:
    """By root: size, depth, breadth and mean distance, by a search from every node."""
    near: dict[int, list[int]] = {node: [] for node in range(len(parent))}
    for child, above in enumerate(parent):
        if above >= 0:
            near[child].append(above)
            near[above].append(child)
    found = {}
    for root in (node for node, above in enumerate(parent) if above < 0):
        generations = Counter(distances(near, root).values())
        reached = list(distances(near, root))
        sums = sum(sum(distances(near, node).values()) for node in reached)
        size = len(reached)
        mean = sums / (size * (size - 1)) if size > 1 else math.nan
        found[root] = (size, max(generations), max(generations.values()), mean)
    return found


def distances(near: dict[int, list[int]], start: int) -> dict[int, int]:
    found, queue = {start: 0}, deque([start])
    while queue:
        node = queue.popleft()
        for other in near[node]:
            if other not in found:
                found[other] = found[node] + 1
                queue.append(other)
    return found


@st.composite
def forests(draw: st.DrawFn) -> list[int]:
    return [draw(st.integers(-1, node - 1)) for node in range(draw(st.integers(1, 40)))]


@given(forests())
def test_linear_time_finds_what_all_pairs_find(parent: list[int]) -> None:
    found = cascades(forest(np.array(parent)))
    expected = list(brute_force(parent).values())
    assert found.size.tolist() == [e[0] for e in expected]
    assert found.depth.tolist() == [e[1] for e in expected]
    assert found.breadth.tolist() == [e[2] for e in expected]
    # Sums of distances are whole numbers far below 2**53: the two differ by the last rounding only.
    assert found.virality == pytest.approx([e[3] for e in expected], rel=1e-14, nan_ok=True)


def test_a_chain_of_a_million_shares_overflows_nothing() -> None:
    # The mean distance on a path of n nodes is (n + 1) / 3; 64-bit sums of n**3 / 6 are exact to about 1e-10.
    n = 1_000_000
    found = cascades(forest(np.arange(-1, n - 1)))
    assert found.virality[0] == pytest.approx((n + 1) / 3, rel=1e-9)
    assert (found.depth[0], found.breadth[0]) == (n - 1, 1)


@pytest.mark.parametrize("parent", [[0], [-1, 2, 0], [-1, -2]])
def test_a_parent_after_its_child_is_refused(parent: list[int]) -> None:
    with pytest.raises(InputError, match="earlier node"):
        forest(np.array(parent))


def test_sharers_hang_below_whoever_they_heard_from_on_a_platform() -> None:
    fire = share_forest(OUTCOME, "fire")
    # In the order of their posts: 0 (160), 1 (230, heard from 0), tv's account (1000), 4 (1050, heard from it).
    assert fire.nodes.tolist() == [0, 1, six_persons.TVS_ACCOUNT, 4]
    assert fire.parent.tolist() == [-1, 0, -1, 2]
    assert fire.tree.tolist() == [0, 0, 1, 1]
    speech = share_forest(OUTCOME, "speech")
    assert speech.nodes.tolist() == [six_persons.MAYORS_ACCOUNT, 5]
    assert speech.parent.tolist() == [-1, 0]


@pytest.mark.parametrize("post", [1, 5], ids=["a contact", "an outlet"])
def test_sharers_who_heard_outside_the_platforms_are_roots(post: int) -> None:
    first_post = OUTCOME.column("first_post").copy()
    first_post[0, 4] = post
    first_channel = OUTCOME.column("first_channel").copy()
    first_channel[0, 4] = OUTCOME.column("posts").channel[post]
    moved = six_persons.outcome(first_post=first_post, first_channel=first_channel)
    assert share_forest(moved, "fire").parent.tolist() == [-1, 0, -1, -1]


def test_the_largest_cascade_is_the_first_of_the_largest() -> None:
    found = cascades(forest(np.array([-1, -1, 1, 1, -1, 4, 5])))
    assert found.size.tolist() == [1, 3, 3]
    assert found.largest() == {"size": 3, "depth": 1, "breadth": 2, "virality": pytest.approx(4 / 3)}
