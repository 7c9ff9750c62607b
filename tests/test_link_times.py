"""Links that begin and end: read from seconds and dates, kept through every change of shape, refused in one line."""

import pickle
from datetime import datetime

import networkx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph, from_graph, read_graph, to_networkx, write_graph
from diffusion.units import NEVER

TIMES = st.tuples(st.integers(0, 50), st.integers(1, 50)).map(lambda t: (t[0], t[0] + t[1]))
LINKS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8), TIMES), max_size=30)


def spans_of(graph: FollowerGraph) -> dict[tuple[int, int], tuple[int, int]]:
    """(followed, follower) -> (since, until), read from the arrays alone."""
    rows = np.repeat(np.arange(graph.n_persons), np.diff(graph.offsets)).tolist()
    since = [0] * graph.n_links if graph.since is None else graph.since.tolist()
    until = [NEVER] * graph.n_links if graph.until is None else graph.until.tolist()
    return dict(zip(zip(rows, graph.followers.tolist()), zip(since, until), strict=True))


def timed(links, **arguments) -> FollowerGraph:
    followed, follower, times = zip(*links, strict=True) if links else ((), (), ())
    since, until = zip(*times, strict=True) if links else ((), ())
    return FollowerGraph.from_links(followed, follower, since=since, until=until, n_persons=9, **arguments)


@given(LINKS, st.booleans(), st.booleans())
def test_of_repeated_links_the_first_time_and_weight_stay(links, mutual, weighted) -> None:
    weights = np.arange(len(links)) * 0.5 if weighted else None
    graph = timed(links, mutual=mutual, weights=weights)
    first: dict[tuple[int, int], tuple[int, tuple[int, int]]] = {}
    for number, (a, b, times) in enumerate(links):
        if a != b:
            first.setdefault((a, b), (number, times))
            if mutual:
                first.setdefault((b, a), (number, times))
    assert spans_of(graph) == {link: times for link, (_, times) in first.items()}
    if weighted and graph.n_links:
        numbers = [first[link][0] for link in spans_of(graph)]
        assert graph.weights is not None
        assert graph.weights.tolist() == [0.5 * number for number in numbers]


@given(LINKS)
def test_times_turn_round_and_move_with_their_links(links) -> None:
    graph = timed(links)
    turned = graph.reversed()
    assert spans_of(turned) == {(b, a): times for (a, b), times in spans_of(graph).items()}
    assert turned.reversed() == graph
    wide = graph.aligned(np.arange(20))
    assert spans_of(wide) == spans_of(graph)
    assert pickle.loads(pickle.dumps(graph)) == graph


@pytest.mark.parametrize("name", ["graph.npz", "graph"])
@pytest.mark.parametrize("clock", ["run", "wall"])
def test_times_are_stored_and_mapped(tmp_path, name, clock) -> None:
    graph = FollowerGraph.from_links([5, 7], [7, 9], since=[3, 0], until=[4, NEVER], clock=clock)
    again = read_graph(write_graph(graph, tmp_path / name))
    assert again == graph
    assert again.clock == clock
    assert spans_of(again) == {(0, 1): (3, 4), (1, 2): (0, NEVER)}
    assert isinstance(again.since.base, np.memmap)
    assert repr(again).endswith(f"times {clock} clock>")


def test_times_that_say_nothing_are_none_and_the_hash_sees_the_others() -> None:
    plain = FollowerGraph.from_links([0, 1], [1, 2])
    assert FollowerGraph.from_links([0, 1], [1, 2], since=[0, 0], until=[NEVER, NEVER], clock="wall") == plain
    different = [
        plain,
        FollowerGraph.from_links([0, 1], [1, 2], since=[0, 5]),
        FollowerGraph.from_links([0, 1], [1, 2], since=[0, 5], clock="wall"),
        FollowerGraph.from_links([0, 1], [1, 2], since=[5, 0]),
        FollowerGraph.from_links([0, 1], [1, 2], until=[5, NEVER]),
        FollowerGraph.from_links([0, 1], [1, 2], since=[0, 5], until=[NEVER, 6]),
    ]
    assert len({graph.content_hash for graph in different}) == len(different)
    # a graph without times has the hash that it had before graphs knew of times
    assert plain.content_hash == "da298a37635264236ce0bc4d03696425"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"since": [0, 5], "until": [1, 5]}, "link 1 exists since 5 s until 5 s"),
        ({"until": [3, 0]}, "link 1 exists until 0 s"),
        ({"since": [0, -1]}, r"since: second -1 of link 1 is outside 0 … 4294967295"),
        ({"until": [2**32, 1]}, "until: second 4294967296 of link 0"),
        ({"since": [0.5, 1]}, "since of kind float64: give whole seconds"),
        ({"since": [1]}, "1 since for 2 links"),
        ({"since": [1, 2], "clock": "UTC"}, "clock = 'UTC' is none of run, wall"),
    ],
)
def test_what_is_no_time_of_a_link_is_refused(arguments, message) -> None:
    with pytest.raises(InputError, match=message):
        FollowerGraph.from_links([0, 1], [1, 2], **arguments)


def read(folder, text, **arguments) -> FollowerGraph:
    path = folder / "g.csv"
    path.write_text(text, encoding="utf-8")
    return read_graph(path, meaning="source,target", **arguments)


def test_seconds_are_read_by_name_and_by_number(tmp_path) -> None:
    text = "a,b,w,begin,end\n0,1,2,5,7.9\n0,2,1,,1e2\n1,2,4,3,\n"
    graph = read(tmp_path, text, weight="w", since="begin", until="end")
    assert spans_of(graph) == {(0, 1): (5, 7), (0, 2): (0, 100), (1, 2): (3, NEVER)}
    assert graph.weights is not None
    assert graph.weights.tolist() == [2, 1, 4]
    assert "since and until: seconds after the start of a run" in graph.notes
    assert read(tmp_path, text, weight=2, since=3, until=4) == graph
    only = read(tmp_path, text, until="end")
    assert (only.since, only.until.tolist()) == (None, [7, 100, NEVER])


def test_dates_are_seconds_of_the_wall_clock(tmp_path) -> None:
    text = "a,b,begin,end\nann,bob,2016-11-08,2016-11-08 18:00\nann,eve,,2016-11-08T18:00:01.7\n"
    graph = read(tmp_path, text, since="begin", until="end")
    midnight = int((datetime(2016, 11, 8) - datetime(1970, 1, 1)).total_seconds())
    assert spans_of(graph) == {(0, 1): (midnight, midnight + 64_800), (0, 2): (0, midnight + 64_801)}
    assert graph.clock == "wall"
    numbers = f"a,b,begin,end\nann,bob,{midnight},{midnight + 64_800}\nann,eve,,{midnight + 64_801}\n"
    assert read(tmp_path, numbers, since="begin", until="end", clock="wall") == graph


def test_ids_and_times_may_stand_in_any_columns(tmp_path) -> None:
    text = "id,begin,to,x,from\n1,5,b,0,a\n2,6,c,0,a\n"
    graph = read(tmp_path, text, columns=("from", "to"), since="begin")
    assert graph.labels.tolist() == ["a", "b", "c"]
    assert spans_of(graph) == {(0, 1): (5, NEVER), (0, 2): (6, NEVER)}
    assert read(tmp_path, text, columns=(4, 2), since=1, header=True) == graph


BAD = {
    "no time": ("0,1,abc\n", {"since": 2}, 'line 1: since = "abc" is no time'),
    "negative": ("0,1,1\n0,2,-5\n", {"since": 2}, 'line 2: since = "-5" is no time'),
    "zone": ("0,1,2016-11-08T18:00Z\n", {"since": 2}, "has a time zone; give local times"),
    "too early": ("0,1,1969-01-01\n", {"until": 2}, "until = 1969-01-01T00:00:00 lies before 1970"),
    "dates that look like seconds": (
        "0,1,1478606400\n",
        {"since": 2},
        "looks like seconds since 1970; say clock=",
    ),
    "beyond 32 bits": ("0,1,5e9\n", {"since": 2, "clock": "run"}, "since = 5000000000.0 is out of range"),
    "ends first": (
        "0,1,5,6\n0,2,7,7\n",
        {"since": 2, "until": 3},
        "line 2: the link ends at second 7, not after",
    ),
    "two clocks": ("0,1,5,2016-11-08\n", {"since": 2, "until": 3}, "since is on the run clock and until on the wall"),
    "dates are not seconds": ("0,1,2016-11-08\n", {"since": 2, "clock": "run"}, 'not clock = "run"'),
    "bad clock": ("0,1,5\n", {"since": 2, "clock": "wal"}, '; did you mean "wall"'),
    "clock of nothing": ("0,1,5\n", {"clock": "wall"}, "name one of these columns"),
    "column too few": ("0,1,5\n0,1,5\n0,2\n", {"since": 2}, 'line 3: "0,2" has 2 columns and 3 are needed'),
    "column twice": ("0,1,5\n", {"since": 2, "until": 2}, "it is read already; name another column"),
    "id as time": ("0,1,5\n", {"since": 1}, "columns 0 and 1 are the ids"),
    "one end twice": ("0,1,5\n", {"columns": (1, 1)}, "columns 1 and 1 are the ids"),
    "three ends": ("0,1,5\n", {"columns": (0, 1, 2)}, "give the two columns of ids"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_times_in_files_are_refused_in_one_line(tmp_path, case) -> None:
    text, arguments, message = BAD[case]
    with pytest.raises(InputError) as caught:
        read(tmp_path, text, **arguments)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("clock", ["run", "wall"])
def test_times_go_to_networkx_and_back(clock) -> None:
    graph = FollowerGraph.from_links(
        [0, 0, 1], [1, 2, 2], since=[5, 0, 9], until=[6, NEVER, NEVER], weights=[1, 2, 3], clock=clock
    )
    other = to_networkx(graph, meaning="follower,followed")
    assert other.edges[1, 0] == {"weight": 1.0, "since": 5, "until": 6}
    assert "until" not in other.edges[2, 0]
    options = {"weight": "weight", "since": "since", "until": "until"}
    assert from_graph(other, meaning="follower,followed", **options) == graph


def test_dates_on_edges_of_networkx_are_understood() -> None:
    other = networkx.DiGraph()
    other.add_edge(0, 1, begun=datetime(1970, 1, 1, 0, 1))
    other.add_edge(0, 2, begun="1970-01-01T00:02")
    other.add_edge(1, 2)
    graph = from_graph(other, meaning="source,target", since="begun")
    assert spans_of(graph) == {(0, 1): (60, NEVER), (0, 2): (120, NEVER), (1, 2): (0, NEVER)}
    other.add_edge(2, 1, begun=[3])
    with pytest.raises(InputError, match="is no time"):
        from_graph(other, meaning="source,target", since="begun")
    with pytest.raises(InputError, match='did you mean "begun"'):
        from_graph(other, meaning="source,target", since="began")
