"""The follower graph: direction, order, what is dropped, what is refused, the hash, the universe."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion.errors import InputError
from diffusion.graphs import Dropped, FollowerGraph, complete_graph, path_graph, star_graph

LINKS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=60)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=6)


def rows_of(graph: FollowerGraph) -> dict[object, list[object]]:
    """Follower lists by label, read from the arrays alone."""
    labels = graph.labels_of(np.arange(graph.n_persons)).tolist()
    return {
        label: [labels[k] for k in graph.followers[graph.offsets[i] : graph.offsets[i + 1]]]
        for i, label in enumerate(labels)
    }


def naive_rows(links: list[tuple[int, int]], n_persons: int, mutual: bool = False) -> dict[int, list[int]]:
    """The same by sets: links are (followed, follower)."""
    rows: dict[int, set[int]] = {i: set() for i in range(n_persons)}
    for followed, follower in links:
        if followed != follower:
            rows[followed].add(follower)
            if mutual:
                rows[follower].add(followed)
    return {i: sorted(row) for i, row in rows.items()}


def test_row_u_holds_the_followers_of_u() -> None:
    # carol and bob follow alice; carol follows bob
    graph = FollowerGraph.from_links(["alice", "alice", "bob"], ["carol", "bob", "carol"])
    assert rows_of(graph) == {"alice": ["bob", "carol"], "bob": ["carol"], "carol": []}
    assert graph.followers_of("alice").tolist() == ["bob", "carol"]
    assert graph.n_followers.tolist() == [2, 1, 0]
    assert graph.n_followed.tolist() == [0, 1, 2]
    assert graph.reversed().followers_of("carol").tolist() == ["alice", "bob"]


@given(LINKS, st.booleans(), st.randoms(use_true_random=False))
def test_rows_equal_those_of_sets_in_any_order_of_links(links, mutual, random) -> None:
    arrays = np.array(links, np.int64).reshape(-1, 2)
    graph = FollowerGraph.from_links(arrays[:, 0], arrays[:, 1], n_persons=13, mutual=mutual)
    assert rows_of(graph) == naive_rows(links, 13, mutual)
    random.shuffle(links)
    arrays = np.array(links, np.int64).reshape(-1, 2)
    assert FollowerGraph.from_links(arrays[:, 0], arrays[:, 1], n_persons=13, mutual=mutual) == graph


@given(LINKS)
def test_every_row_is_kept_or_counted_as_dropped(links) -> None:
    arrays = np.array(links, np.int64).reshape(-1, 2)
    graph = FollowerGraph.from_links(arrays[:, 0], arrays[:, 1], n_persons=13)
    assert graph.n_links + graph.dropped.self_loops + graph.dropped.duplicates == len(links)
    assert graph.dropped.self_loops == sum(a == b for a, b in links)


@given(LINKS.filter(len), st.booleans())
def test_of_repeated_links_the_first_weight_stays(links, mutual) -> None:
    arrays = np.array(links, np.int64)
    weights = np.arange(len(links)) * 0.5
    graph = FollowerGraph.from_links(arrays[:, 0], arrays[:, 1], weights=weights, n_persons=13, mutual=mutual)
    first: dict[tuple[int, int], float] = {}
    for (a, b), weight in zip(links, weights.tolist(), strict=True):
        first.setdefault((a, b), weight)
        if mutual:
            first.setdefault((b, a), weight)
    rows = np.repeat(np.arange(13), np.diff(graph.offsets))
    assert graph.weights is not None
    for u, v, weight in zip(rows.tolist(), graph.followers.tolist(), graph.weights.tolist(), strict=True):
        assert first[u, v] == weight


@given(LINKS)
def test_turning_round_twice_changes_nothing(links) -> None:
    arrays = np.array(links, np.int64).reshape(-1, 2)
    weights = np.arange(len(links), dtype=float)
    graph = FollowerGraph.from_links(arrays[:, 0], arrays[:, 1], weights=weights, n_persons=13)
    turned = graph.reversed()
    assert turned.n_followers.tolist() == graph.n_followed.tolist()
    assert turned.reversed() == graph
    assert graph.is_mutual == (rows_of(turned) == rows_of(graph))


@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1)), min_size=1, max_size=40))
def test_any_64_bit_integers_are_numbered_by_rank(links) -> None:
    graph = FollowerGraph.from_links([a for a, _ in links], [b for _, b in links])
    universe = sorted({end for link in links for end in link})
    assert graph.labels_of(np.arange(graph.n_persons)).tolist() == universe
    expected = naive_rows([(universe.index(a), universe.index(b)) for a, b in links], len(universe))
    assert rows_of(graph) == {universe[i]: [universe[k] for k in row] for i, row in expected.items()}


def test_many_sparse_integers_are_numbered_by_rank() -> None:
    # more labels than the first size of the table of labels, so that it grows several times
    labels = np.arange(20_000) * 10_000_019 - 7
    graph = FollowerGraph.from_links(labels[:-1], labels[1:])
    assert graph.labels is not None
    assert np.array_equal(graph.labels, labels)
    assert np.array_equal(graph.followers, np.arange(1, 20_000))


@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=30))
def test_texts_are_numbered_by_code_point(links) -> None:
    graph = FollowerGraph.from_links([a for a, _ in links], [b for _, b in links])
    universe = sorted({end for link in links for end in link})
    assert graph.labels is not None
    assert graph.labels.tolist() == universe
    assert [graph.index_of(label) for label in universe] == list(range(len(universe)))


def test_labels_that_are_just_the_indices_are_not_stored() -> None:
    by_label = FollowerGraph.from_links([0, 1], [1, 2])
    by_index = FollowerGraph.from_links([0, 1], [1, 2], n_persons=3)
    by_universe = FollowerGraph.from_links([0, 1], [1, 2], labels=[2, 0, 1])
    assert by_label.labels is by_index.labels is by_universe.labels is None
    assert by_label == by_index == by_universe


BASE = {"followed": [5, 5, 7], "follower": [7, 9, 9], "weights": [0.5, 0.25, 1.0]}


@pytest.mark.parametrize(
    "change",
    [
        {"follower": [7, 9, 5]},
        {"followed": [5, 7, 7], "follower": [7, 9, 5]},
        {"weights": [0.5, 0.25, 0.75]},
        {"weights": None},
        {"followed": [5, 5, 8], "follower": [8, 9, 9]},
        {"labels": [5, 7, 9, 11]},
        {"followed": ["5", "5", "7"], "follower": ["7", "9", "9"]},
        {"mutual": True},
        {"since": [0, 0, 7]},
        {"until": [9, 9, 7]},
        {"since": [7, 0, 0]},
        {"since": [0, 0, 7], "clock": "wall"},
    ],
)
def test_the_hash_changes_with_any_change(change) -> None:
    assert FollowerGraph.from_links(**BASE).content_hash != FollowerGraph.from_links(**{**BASE, **change}).content_hash


def test_the_hash_tells_texts_apart_however_they_are_joined() -> None:
    one = FollowerGraph.from_links(["ab"], ["c"])
    assert one != FollowerGraph.from_links(["a"], ["bc"])
    wide = np.array(["ab", "c"], "U40")
    assert one == FollowerGraph.from_links(wide[:1], wide[1:])


def test_arrays_are_read_only_and_apart_from_the_callers() -> None:
    offsets, followers = np.array([0, 1, 2]), np.array([1, 0], np.uint32)
    graph = FollowerGraph(offsets, followers)
    followers[0] = 0
    assert graph.followers.tolist() == [1, 0]
    for array in (graph.offsets, graph.followers, graph.n_followers, graph.n_followed):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(AttributeError):
        graph.weights = followers  # type: ignore[misc]


def test_memory_is_4_bytes_a_link_and_8_a_person() -> None:
    graph = complete_graph(50)
    assert graph.n_followed.tolist() == [49] * 50
    arrays = [value for value in vars(graph).values() if isinstance(value, np.ndarray)]
    assert sum(array.nbytes for array in arrays) == 4 * graph.n_links + 8 * graph.n_persons + 8


def test_a_pickled_graph_is_the_same_and_read_only() -> None:
    graph = FollowerGraph.from_links(["a", "b"], ["b", "a"], weights=[1, 2], origin=("here",))
    copy = pickle.loads(pickle.dumps(graph))
    assert copy == graph
    assert copy.notes == graph.notes
    assert not copy.followers.flags.writeable


def test_aligned_puts_the_same_links_into_a_larger_universe() -> None:
    graph = FollowerGraph.from_links(["b", "d"], ["d", "b"], weights=[0.5, 2.0])
    wide = graph.aligned(["e", "d", "a", "b", "c"])
    assert rows_of(wide) == {"a": [], "b": ["d"], "c": [], "d": ["b"], "e": []}
    assert wide.weights is not None
    assert wide.weights.tolist() == [0.5, 2.0]
    assert wide.notes[-1].startswith("3 of 5 persons follow nobody")
    assert graph.aligned(["d", "b"]) == graph
    with pytest.raises(InputError, match="cannot align the graph: no person has the label 'd'"):
        graph.aligned(["a", "b", "c"])


def test_an_unknown_label_is_answered_with_the_nearest() -> None:
    graph = FollowerGraph.from_links(["reuters", "bbc"], ["bbc", "reuters"])
    with pytest.raises(InputError, match="'reuter'; did you mean \"reuters\""):
        graph.index_of("reuter")
    with pytest.raises(InputError, match="labels of this graph are texts"):
        graph.index_of(3)
    with pytest.raises(InputError, match=r"label 9 \(labels run from 0 to 2\)"):
        path_graph(3).followers_of(9)
    with pytest.raises(InputError, match=r"label 6 \(labels run from 5 to 7\)"):
        FollowerGraph.from_links([5], [7]).indices_of([5, 6])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"followed": [0, 1], "follower": [1]}, "2 followed and 1 followers"),
        ({"followed": [], "follower": []}, "no links and no persons"),
        ({"followed": [0], "follower": [3], "n_persons": 3}, r"follower\[0\] = 3 is not an index in 0 … 2"),
        ({"followed": [-1], "follower": [1], "n_persons": 3}, r"followed\[0\] = -1 is not an index"),
        ({"followed": ["a"], "follower": ["b"], "n_persons": 3}, "with n_persons links are indices"),
        ({"followed": [], "follower": [], "n_persons": 2**32}, "n_persons = 4294967296 is outside"),
        ({"followed": [0], "follower": [1], "n_persons": 3, "labels": [0, 1, 2]}, "not both"),
        ({"followed": [0], "follower": [1], "labels": [0, 1, 1]}, "labels: 1 stands there 2 times"),
        ({"followed": [0], "follower": [4], "labels": [0, 1]}, "no person has the label 4"),
        ({"followed": [0], "follower": ["a"]}, "mix integer and text labels"),
        ({"followed": [0.5], "follower": [1]}, "labels of kind float64 are not supported"),
        ({"followed": [2**63], "follower": [1]}, "does not fit in a signed 64-bit integer"),
        ({"followed": ["a\nb"], "follower": ["c"]}, "is not a label"),
        ({"followed": [""], "follower": ["c"]}, "is not a label"),
        ({"followed": ["a", 1], "follower": ["b", "c"]}, "mixes texts with other values"),
        ({"followed": [0], "follower": [1], "weights": [-1.0]}, r"weight 0 is -1.0; weights are finite numbers"),
        ({"followed": [0], "follower": [1], "weights": [np.nan]}, "weight 0 is nan"),
        ({"followed": [0], "follower": [1], "weights": [1e39]}, "weight 0 is 1e\\+39"),
        ({"followed": [0], "follower": [1], "weights": [1.0, 2.0]}, "2 weights for 1 links"),
    ],
)
def test_bad_links_are_refused_in_one_line(arguments, message) -> None:
    with pytest.raises(InputError, match=message) as caught:
        FollowerGraph.from_links(**arguments)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("offsets", "followers", "message"),
    [
        ([0, 1, 1], [1, 0], "offsets must start at 0"),
        ([0, 2, 1, 2], [1, 2], "offsets must start at 0, never fall"),
        ([0, 1, 1], [2], "not below the number of persons"),
        ([0, 1, 1], [0], "follows themself"),
        ([0, 2, 2, 2], [2, 1], "must ascend"),
        ([0, 2, 2, 2], [1, 1], "must ascend"),
        ([0], [], "n >= 1"),
    ],
)
def test_broken_rows_are_refused(offsets, followers, message) -> None:
    with pytest.raises(InputError, match=message):
        FollowerGraph(np.array(offsets), np.array(followers, np.uint32))


def test_notes_say_what_was_dropped_and_who_cannot_be_reached() -> None:
    graph = FollowerGraph.from_links([0, 0, 1, 2], [1, 1, 1, 1], n_persons=4, origin=("by hand",))
    assert graph.dropped == Dropped(self_loops=1, duplicates=1)
    assert graph.notes == (
        "by hand",
        "dropped 1 self-loops",
        "dropped 1 repeated links (the first of each stays)",
        "3 of 4 persons follow nobody: no post can reach them here",
    )


def test_it_shows_itself_in_one_line_and_in_a_notebook() -> None:
    graph = star_graph(1001)
    assert repr(graph) == "<FollowerGraph: persons 1,001, links 1,000, weights none, labels 0 … n-1>"
    assert "<td>1,001</td>" in graph._repr_html_()
