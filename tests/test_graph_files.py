"""GraphML, GEXF and GML in the stated direction; every kind of file turned into every other and back."""

import gzip
import os
from pathlib import Path
from typing import Any

import networkx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diffusion.errors import InputError
from diffusion.graphs import (
    MEANINGS,
    FollowerGraph,
    complete_graph,
    convert,
    generate_followers,
    path_graph,
    read_graph,
    write_graph,
    write_links,
)
from diffusion.units import NEVER

THREE = [(10, 20), (10, 30), (20, 30)]
WRITERS = {
    "g.graphml": networkx.write_graphml_xml,
    "g.gexf": networkx.write_gexf,
    "g.gml": networkx.write_gml,
}


def links_of(graph: FollowerGraph) -> set[tuple[Any, Any]]:
    """Pairs (followed, follower) of labels."""
    followed = graph.labels_of(np.repeat(np.arange(graph.n_persons), graph.n_followers)).tolist()
    return set(zip(followed, graph.labels_of(graph.followers).tolist(), strict=True))


def expected(links: list[tuple[Any, Any]], meaning: str) -> set[tuple[Any, Any]]:
    forward, backward = set(links), {(b, a) for a, b in links}
    return {"follower,followed": backward, "mutual": forward | backward}.get(meaning, forward)


@pytest.mark.parametrize("meaning", MEANINGS)
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", WRITERS)
def test_three_links_have_the_stated_direction(tmp_path, name, packed, meaning) -> None:
    path = tmp_path / name
    for rename in (int, str, lambda node: f"söm {node}"):
        links = [(rename(a), rename(b)) for a, b in THREE]
        WRITERS[name](networkx.DiGraph(links), path)
        if packed:
            path.write_bytes(gzip.compress(path.read_bytes()))
        wanted = THREE if rename is str else links  # texts that are integers are integers, as in every file of texts
        assert links_of(read_graph(path, meaning=meaning)) == expected(wanted, meaning)


@pytest.mark.parametrize("name", WRITERS)
def test_attributes_lonely_nodes_and_dropped_links(tmp_path, name) -> None:
    other = networkx.MultiDiGraph()
    for node, user in enumerate(["ann", "bob", "eve", "kim"]):
        other.add_node(node, user=user)
    for a, b, tie, begun in [(0, 1, 0.5, 7), (0, 1, 9.0, 8), (1, 2, 0.25, 0), (2, 2, 1.0, 0)]:
        other.add_edge(a, b, tie=tie, begun=begun)
    WRITERS[name](other, tmp_path / name)
    graph = read_graph(tmp_path / name, meaning="source,target", weight="tie", since="begun", label="user")
    assert links_of(graph) == {("ann", "bob"), ("bob", "eve")}
    assert graph.n_persons == 4
    assert (graph.weights.tolist(), graph.since.tolist()) == ([0.5, 0.25], [7, 0])
    assert graph.dropped == (1, 1)
    assert graph.notes[0] == f'read from "{name}" as source,target'
    with pytest.raises(InputError, match="no edge has the attribute 'ti'"):
        read_graph(tmp_path / name, meaning="source,target", weight="ti")
    with pytest.raises(InputError, match='has no attribute "usr"; did you mean "user"'):
        read_graph(tmp_path / name, meaning="source,target", label="usr")
    for arguments in ({"columns": (0, 1)}, {"weight": 2}, {"delimiter": ","}):
        with pytest.raises(InputError, match=f'graph ".*{name}" is'):
            read_graph(tmp_path / name, meaning="source,target", **arguments)


BAD = {
    "cut.graphml": ("<graphml><graph", "is not GraphML that networkx can read"),
    "page.graphml": ("<html><p>not found</p></html>", "is not GraphML that networkx can read"),
    "cut.gexf": ('<gexf version="1.2"><graph>', "is not GEXF that networkx can read"),
    "text.gml": ("1 2\n1 3\n", "is not GML that networkx can read"),
    "bytes.gml": (b"graph [ \xff ]", "is not GML that networkx can read"),
    "twice.gml": (
        'graph [ directed 1 node [ id 0 label "a" ] node [ id 1 label "a" ] edge [ source 0 target 1 ] ]',
        'two nodes have the label "a"',
    ),
    "nobody.gml": ("graph [ directed 1 node [ id 0 ] ]", "has no links"),
    "undirected.gml": ("graph [ node [ id 0 ] node [ id 1 ] edge [ source 0 target 1 ] ]", "the graph is undirected"),
    "weight.gml": (
        'graph [ directed 1 node [ id 0 ] node [ id 1 ] edge [ source 0 target 1 w "x" ] ]',
        "edge 0–1: w = 'x' is not a weight",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_refused_in_one_line(tmp_path, name) -> None:
    content, message = BAD[name]
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        read_graph(path, meaning="source,target", weight="w" if name == "weight.gml" else None)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f'graph "{path}"')
    assert "\n" not in str(caught.value)


# --- writing and converting ------------------------------------------------------------------------------------------

LISTS = ["g.csv", "g.tsv", "g.csv.gz", "g.tsv.gz", "g.parquet", "g.graphml", "g.graphml.gz"]
STORED = ["g.npz", "g"]
DIRECTED = [meaning for meaning in MEANINGS if meaning != "mutual"]
OPTIONS = {"weight": "weight", "since": "since", "until": "until"}


def everything(clock: str) -> FollowerGraph:
    """Weights that decimals find hard, links that begin and end, labels that are texts."""
    links = [("ann", "bob"), ("bob", "ann"), ("eve", "ann"), ("ann", "سلام")]
    return FollowerGraph.from_links(
        [a for a, _ in links],
        [b for _, b in links],
        weights=np.array([1 / 3, 3.4e38, 1e-45, 0], np.float32),
        since=[0, 5, 1_478_606_400, 0],
        until=[NEVER, 6, 1_478_606_401, 9],
        clock=clock,
    )


@pytest.mark.parametrize("meaning", DIRECTED)
@pytest.mark.parametrize("clock", ["run", "wall"])
@pytest.mark.parametrize("name", LISTS)
def test_a_list_comes_back_whole(tmp_path, name, clock, meaning) -> None:
    graph = everything(clock)
    written = write_links(graph, tmp_path / name, meaning=meaning)
    assert (written.path, written.notes) == (tmp_path / name, ())
    assert read_graph(tmp_path / name, meaning=meaning, clock=clock, **OPTIONS) == graph
    assert [p.name for p in tmp_path.iterdir()] == [name], "nothing else may be left behind"
    before = (tmp_path / name).read_bytes()
    assert write_links(graph, tmp_path / name, meaning=meaning, replace=True).path.read_bytes() == before


@pytest.mark.parametrize("name", LISTS)
def test_mutual_links_are_written_once(tmp_path, name) -> None:
    graph = complete_graph(5)
    write_links(graph, tmp_path / name, meaning="mutual")
    again = read_graph(tmp_path / name, meaning="mutual")
    assert again == graph
    assert again.dropped == (0, 0)
    for bad in (path_graph(3), FollowerGraph.from_links([0, 1], [1, 0], weights=[1, 2])):
        with pytest.raises(InputError, match='meaning = "mutual", but'):
            write_links(bad, tmp_path / f"bad-{name}", meaning="mutual")
    assert [p.name for p in tmp_path.iterdir()] == [name]


ANY = st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0"), min_size=1, max_size=6)


@given(st.lists(st.tuples(ANY, ANY), min_size=1, max_size=12), st.sampled_from(["g.csv", "g.tsv", "g.parquet"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_label_comes_back(tmp_path, links, name) -> None:
    links = [*links, ("one", "two")]
    graph = FollowerGraph.from_links([a for a, _ in links], [b for _, b in links])
    written = write_links(graph, tmp_path / name, meaning="source,target", replace=True)
    again = read_graph(written.path, meaning="source,target")
    assert links_of(again) == links_of(graph)


def test_more_rows_than_one_batch(tmp_path, monkeypatch) -> None:
    from diffusion.graphs import writers

    monkeypatch.setattr(writers, "_BATCH", 100)
    graph = generate_followers(200, mean_followers=8, seed=3)
    for name in LISTS:
        write_links(graph, tmp_path / name, meaning="source,target")
        assert read_graph(tmp_path / name, meaning="source,target") == graph
    assert (tmp_path / "g.csv").read_text().startswith("source,target\n")


def test_persons_without_links_are_kept_or_counted(tmp_path) -> None:
    graph = FollowerGraph.from_links([1], [3], n_persons=6)
    for name in LISTS:
        written = write_links(graph, tmp_path / name, meaning="source,target")
        again = read_graph(written.path, meaning="source,target")
        if "graphml" in name:
            assert (again, written.notes) == (graph, ())
        else:
            assert links_of(again) == links_of(graph)
            assert written.notes == ("4 of 6 persons have no link and are not in the file",)


@pytest.mark.parametrize("source", [*LISTS, *STORED])
@pytest.mark.parametrize("target", ["t.csv.gz", "t.parquet", "t.graphml", "t.npz", "t"])
def test_every_kind_is_turned_into_every_other_and_back(tmp_path, source, target) -> None:
    graph = everything("wall")
    first, second = tmp_path / source, tmp_path / target
    if source in STORED:
        write_graph(graph, first)
    else:
        write_links(graph, first, meaning="follower,followed")
    stored = target in ("t.npz", "t")
    if source in STORED:
        done = convert(first, second, meaning=None if stored else "follower,followed")
    else:
        done = convert(first, second, meaning="follower,followed", clock="wall", **OPTIONS)
    assert done.graph == graph
    assert (
        read_graph(second, **({} if stored else {"meaning": "follower,followed", "clock": "wall", **OPTIONS})) == graph
    )
    back = tmp_path / f"back-{source}"
    if stored:
        convert(second, back, meaning=None if source in STORED else "source,target")
    else:
        convert(second, back, meaning="follower,followed", clock="wall", **OPTIONS)
    arguments = {} if source in STORED else {"meaning": "source,target" if stored else "follower,followed"}
    options = {} if source in STORED else {"clock": "wall", **OPTIONS}
    assert read_graph(back, **arguments, **options) == graph


def test_a_list_may_change_its_direction(tmp_path) -> None:
    (tmp_path / "a.csv").write_text("follower,followed\n1,2\n3,2\n")
    convert(tmp_path / "a.csv", tmp_path / "b.tsv", meaning="follower,followed", target_meaning="source,target")
    assert (tmp_path / "b.tsv").read_text() == "source\ttarget\n2\t1\n2\t3\n"


def test_what_cannot_be_converted_is_refused_and_leaves_nothing(tmp_path) -> None:
    graph = FollowerGraph.from_links(["07", "8"], ["8", "9"])
    write_graph(graph, tmp_path / "g.npz")
    (tmp_path / "a.csv").write_text("1,2\n")
    (tmp_path / "b.csv").write_text("1,2\n")
    before = sorted(p.name for p in tmp_path.iterdir())
    for source, target, arguments, message in [
        ("a.csv", "c.npz", {}, "say with meaning="),
        ("g.npz", "c.csv", {}, "say with meaning=... (--meaning) what a row shall mean"),
        ("g.npz", "c.npz", {"meaning": "mutual"}, "are stored graphs, which know their directions"),
        ("a.csv", "c.npz", {"meaning": "mutual", "target_meaning": "mutual"}, "will be a stored graph"),
        ("g.npz", "c.csv", {"meaning": "mutual", "target_meaning": "mutual"}, "give one meaning"),
        ("a.csv", "b.csv", {"meaning": "mutual"}, "is there already; remove it"),
        ("a.csv", "c.json", {"meaning": "mutual"}, "write .npz, a folder"),
        ("a.csv", "c.parquet.gz", {"meaning": "mutual"}, "or .parquet"),
        ("a.csv", "none/c.csv", {"meaning": "mutual"}, "there is no folder"),
        ("aa.csv", "c.csv", {"meaning": "mutual"}, 'no such file; did you mean "a.csv"'),
        ("g.npz", "c.csv", {"meaning": "source,target"}, "all labels are texts that a list gives back as integers"),
        ("a.csv", "c.csv", {"meaning": "mutual", "weight": 5}, "6 are needed"),
    ]:
        with pytest.raises(InputError) as caught:
            convert(tmp_path / source, tmp_path / target, **arguments)
        assert message in str(caught.value)
        assert sorted(p.name for p in tmp_path.iterdir()) == before
    write_graph(FollowerGraph.from_links(["1", "2"], ["2", "3"]), tmp_path / "i.npz")
    write_graph(FollowerGraph.from_links(["\x01", "2"], ["2", "3"]), tmp_path / "x.npz")
    for source, message in (("i.npz", "read back as integers"), ("x.npz", "holds a sign that XML cannot")):
        with pytest.raises(InputError, match=message):
            convert(tmp_path / source, tmp_path / "c.graphml", meaning="source,target")
    assert not (tmp_path / "c.graphml").exists()


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch) -> None:
    path = tmp_path / "g.csv"
    write_links(path_graph(3), path, meaning="source,target")
    before = path.read_bytes()

    def full(*_arguments: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        write_links(path_graph(4), path, meaning="source,target", replace=True)
    assert path.read_bytes() == before
    assert [p.name for p in Path(tmp_path).iterdir()] == ["g.csv"]
