"""Links from Parquet files and data frames: columns by name, the stated direction, one-line errors."""

from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diffusion.errors import InputError
from diffusion.graphs import MEANINGS, Dropped, FollowerGraph, from_table, read_graph

THREE = {"integers": ([10, 10, 20], [20, 30, 30]), "texts": (["ann", "ann", "böb"], ["böb", "سلام", "سلام"])}
KINDS = {
    "integers": [pa.int64(), pa.int32(), pa.uint8(), pa.uint64()],
    "texts": [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())],
}
CASES = [(labels, kind) for labels, kinds in KINDS.items() for kind in kinds]


class Frame:
    """What pandas, polars and others have in common: they hand themselves over as Arrow."""

    def __init__(self, columns: dict[str, Any]) -> None:
        self.table = pa.table(columns)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


def links_of(graph: FollowerGraph) -> set[tuple[object, object]]:
    """Pairs (followed, follower) of labels."""
    followed = graph.labels_of(np.repeat(np.arange(graph.n_persons), graph.n_followers)).tolist()
    return set(zip(followed, graph.labels_of(graph.followers).tolist(), strict=True))


def expected(links: set[tuple[Any, Any]], meaning: str) -> set[tuple[Any, Any]]:
    backward = {(b, a) for a, b in links}
    return {"follower,followed": backward, "mutual": links | backward}.get(meaning, links)


def parquet(folder: Path, columns: dict[str, Any]) -> Path:
    path = folder / "g.parquet"
    pq.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize("meaning", MEANINGS)
@pytest.mark.parametrize(("labels", "kind"), CASES, ids=str)
def test_three_links_have_the_stated_direction(tmp_path, labels, kind, meaning) -> None:
    first, second = THREE[labels]
    columns = {"noise": [0.5, 1, 2], "a": pa.array(first).cast(kind), "b": pa.array(second).cast(kind)}
    wanted = expected(set(zip(first, second, strict=True)), meaning)
    path = parquet(tmp_path, columns)
    for graph in (
        read_graph(path, meaning=meaning, columns=("a", "b")),
        read_graph(path, meaning=meaning, columns=(1, 2)),
        from_table(Frame(columns), meaning=meaning, columns=("a", "b")),
        from_table(pa.table(columns).select(["a", "b", "noise"]), meaning=meaning),
    ):
        assert links_of(graph) == wanted
        assert graph.weights is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.floats(0, 2.0**99, width=32)), min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_self_loops_and_repeats_are_counted_and_weights_are_kept(tmp_path, links) -> None:
    first, second, weights = zip(*[*links, (1, 2, 0.5)], strict=True)
    path = parquet(tmp_path, {"a": first, "b": second, "w": weights})
    graph = read_graph(path, meaning="follower,followed", weight="w")
    assert graph == FollowerGraph.from_links(second, first, weights=weights)
    loops = sum(a == b for a, b in zip(first, second, strict=True))
    assert graph.dropped == Dropped(loops, len(first) - loops - graph.n_links)


def test_times_are_read_from_every_kind_of_column() -> None:
    since = [datetime(1970, 1, 1, 0, 0, 5, 900_000), None]
    columns: dict[str, Any] = {"a": [0, 0], "b": [1, 2]}
    wanted = FollowerGraph.from_links([0, 0], [1, 2], since=[5, 0], clock="wall")
    for values in (
        pa.array(since, pa.timestamp("us")),
        pa.array(since, pa.timestamp("ms")),
        pa.array(["1970-01-01T00:00:05.9", None]),
        pa.array(["1970-01-01 00:00:05", ""], pa.large_string()),
    ):
        graph = from_table(Frame(columns | {"s": values}), meaning="source,target", since="s")
        assert graph == wanted, values.type
    for kind in (pa.float64(), pa.float32(), pa.int64(), pa.uint16()):
        table = Frame(columns | {"s": pa.array([5, None], kind)})
        assert from_table(table, meaning="source,target", since="s", clock="wall") == wanted
        assert from_table(table, meaning="source,target", since="s").clock == "run"
    days = Frame(columns | {"u": pa.array([datetime(1970, 1, 2).date(), None])})
    assert from_table(days, meaning="source,target", until="u").until.tolist() == [86_400, 2**32 - 1]


GOOD: dict[str, Any] = {"a": [0, 0], "b": [1, 2], "w": [0.5, 1.0], "t": ["x", "y"]}
BAD = {
    "missing column": ({}, {"weight": "v"}, 'there is no column "v" (known: a, b, t, w)'),
    "column beyond": ({}, {"weight": 7}, "has 4 columns (a, b, w, t) and 8 are needed"),
    "missing id": ({"b": [1, None]}, {}, 'row 1: column "b" has no id'),
    "ids that are fractions": ({"a": [0.0, 1.5]}, {}, 'column "a" is of kind double; ids are integers or texts'),
    "mixed ids": ({"a": ["x", "y"]}, {}, "one holds texts; use one kind of ids"),
    "too large": ({"a": pa.array([0, 2**63], pa.uint64())}, {}, "does not fit in a signed 64-bit integer"),
    "empty text": ({"a": ["", "y"], "b": ["x", "z"]}, {}, "'' is not a label"),
    "texts as weights": ({}, {"weight": "t"}, 'column "t" is of kind string; weights are finite numbers >= 0'),
    "negative weight": ({"w": [1.0, -2.0]}, {"weight": "w"}, 'row 1: column "w" has -2.0, not a weight'),
    "missing weight": ({"w": [None, 2.0]}, {"weight": "w"}, 'row 0: column "w" has nothing, not a weight'),
    "NaN weight": ({"w": [1.0, float("nan")]}, {"weight": "w"}, 'row 1: column "w" has nan, not a weight'),
    "no time": ({}, {"since": "t"}, 'row 0: since = "x" is no time'),
    "zone": ({"t": pa.array([0, 1], pa.timestamp("s", "UTC"))}, {"since": "t"}, 'column "t" has the time zone UTC'),
    "truth as time": ({"t": [True, False]}, {"since": "t"}, 'column "t" is of kind bool; times are seconds'),
    "no rows": ({"a": [], "b": [], "w": [], "t": []}, {}, "has no links: it has no rows"),
    "only self-loops": ({"a": [1, 2]}, {}, "in all 2 rows somebody follows themself"),
    "bad meaning": ({}, {"meaning": "to,from"}, "does not say who follows whom"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_tables_are_refused_in_one_line(tmp_path, case) -> None:
    change, arguments, message = BAD[case]
    columns, options = GOOD | change, {"meaning": "mutual", **arguments}
    path = parquet(tmp_path, columns)
    for build, where in (
        (lambda: read_graph(path, **options), f'graph "{path}"'),
        (lambda: from_table(Frame(columns), **options), "Frame of links"),
    ):
        with pytest.raises(InputError) as caught:
            build()
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)
        assert case == "bad meaning" or str(caught.value).startswith(where)


def test_what_is_no_table_is_refused(tmp_path) -> None:
    with pytest.raises(InputError, match="list is not a table known here"):
        from_table([[0, 1]], meaning="mutual")
    path = parquet(tmp_path, GOOD)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InputError, match="is a broken Parquet file"):
        read_graph(path, meaning="mutual")
    whole = parquet(tmp_path, GOOD)
    with pytest.raises(InputError, match="header, delimiter and comments are for texts"):
        read_graph(whole, meaning="mutual", header=True)
    with pytest.raises(InputError, match="a list of links has none"):
        read_graph(whole, meaning="mutual", label="name")


@pytest.mark.peers
@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize("labels", THREE)
def test_real_data_frames_have_the_stated_direction(library, labels) -> None:
    frames = import_module(library)
    first, second = THREE[labels]
    begun = [datetime(1970, 1, 1, 0, 0, 7), None, datetime(1970, 1, 1, 0, 0, 9)]
    frame = frames.DataFrame({"a": first, "w": [0.5, 1.0, 2.0], "b": second, "t": begun})
    graph = from_table(frame, meaning="source,target", columns=("a", "b"), weight="w", since="t")
    assert links_of(graph) == set(zip(first, second, strict=True))
    assert graph.weights.tolist() == [0.5, 1.0, 2.0]
    assert graph.since.tolist() == [7, 0, 9]
    with pytest.raises(InputError, match="has no id" if library == "polars" else "has no id|is of kind double"):
        from_table(frames.DataFrame({"a": [1, None], "b": [2, 3]}), meaning="mutual")
