"""Link lists are read in the stated direction, whatever their dress, and bad ones are refused in one line."""

import bz2
import gzip
import lzma
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diffusion.errors import InputError
from diffusion.graphs import MEANINGS, FollowerGraph, generate_followers, read_graph, write_graph

THREE = [(10, 20), (10, 30), (20, 30)]
DRESSES = {
    "snap.txt": "# Directed graph\n# FromNodeId\tToNodeId\n10\t20\n10\t30\n20\t30\n",
    "blanks.edgelist": "10 20\n 10   30 \n\n20 30",
    "plain.csv": "10,20\n10,30\n20,30\n",
    "windows.csv": "\ufeff10, 20\r\n10, 30\r\n20, 30\r\n",
    "old_mac.csv": "10,20\r10,30\r20,30\r",
    "header.csv": "source,target\n10,20\n10,30\n20,30\n",
    "other_header.tsv": "x\ty\n10\t20\n10\t30\n20\t30\n",
    "sizes_header.csv": "3,3,u,graph\n10,20\n10,30\n20,30\n",
    "quoted.csv": '"10","20"\n"10",30\n20,"30"\n',
    "more.csv": "10,20,x,1\n10,30,y,2\n20,30,z,3\n",
    "semicolons.csv": "% comment\n10;20\n10;30\n20;30\n",
    "signs.txt": "+10 20\n+10 +30\n20 30\n",
}
PACKERS = {"": lambda b: b, ".gz": gzip.compress, ".xz": lzma.compress, ".bz2": bz2.compress}


def put(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def links_of(graph: FollowerGraph) -> set[tuple[object, object]]:
    """Pairs (followed, follower) of labels."""
    followed = graph.labels_of(np.repeat(np.arange(graph.n_persons), graph.n_followers)).tolist()
    return set(zip(followed, graph.labels_of(graph.followers).tolist(), strict=True))


def expected(links, meaning):
    """The same pairs by the words of `meaning`."""
    forward = {(a, b) for a, b in links}
    backward = {(b, a) for a, b in links}
    return {"follower,followed": backward, "mutual": forward | backward}.get(meaning, forward)


@pytest.mark.parametrize("meaning", MEANINGS)
@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("name", DRESSES)
def test_three_links_in_every_dress_have_the_stated_direction(tmp_path, name, packing, meaning) -> None:
    path = put(tmp_path, name + packing, PACKERS[packing](DRESSES[name].encode()))
    assert links_of(read_graph(path, meaning=meaning)) == expected(THREE, meaning)


@pytest.mark.parametrize("meaning", MEANINGS)
def test_text_ids_have_the_stated_direction(tmp_path, meaning) -> None:
    links = [("ann", "böb"), ("ann", "سلام"), ("böb", "سلام")]
    text = "".join(f"{a},{b}\n" for a, b in links)
    graph = read_graph(put(tmp_path, "g.csv", text), meaning=meaning)
    assert links_of(graph) == expected(links, meaning)
    assert any("ids are texts" in note for note in graph.notes)


def test_a_header_is_found_or_declared_and_reported(tmp_path) -> None:
    path = put(tmp_path, "g.csv", "81306,1342310,u,graph\n1,2\n1,3\n")
    graph = read_graph(path, meaning="mutual")
    assert graph.n_persons == 3
    assert 'line 1 is a header: "81306,1342310,u,graph"' in graph.notes
    assert read_graph(path, meaning="mutual", header=False).n_persons == 5
    names = put(tmp_path, "names.csv", "alpha,beta\nann,bob\n")
    assert read_graph(names, meaning="mutual").n_persons == 4
    assert read_graph(names, meaning="mutual", header=True).n_persons == 2
    words = put(tmp_path, "words.csv", "follower,followed\nann,bob\n")
    assert links_of(read_graph(words, meaning="follower,followed")) == {("bob", "ann")}


def test_rows_of_unequal_length_that_may_be_links_are_not_guessed_at(tmp_path) -> None:
    path = put(tmp_path, "g.txt", "3 3 2\n1 2\n1 3\n")
    texts = put(tmp_path, "texts.csv", "ann,bob,friends\nann,eve\n")
    for unclear in (path, texts):
        with pytest.raises(InputError, match="say header=True if it is a header"):
            read_graph(unclear, meaning="mutual")
    assert read_graph(path, meaning="mutual", header=True).n_links == 4


def test_weights_are_read_by_number_and_by_name(tmp_path) -> None:
    path = put(tmp_path, "g.csv", "source,target,day,strength\n1,2,monday,0.25\n2,3,tuesday,1e-3\n3,1,x,+4.\n")
    for weight in (3, "strength"):
        graph = read_graph(path, meaning="source,target", weight=weight)
        assert graph.weights is not None
        assert graph.weights.tolist() == [0.25, np.float32(1e-3), 4.0]
    assert read_graph(path, meaning="source,target").weights is None
    assert "only the first 2 of 4 columns are read" in " ".join(read_graph(path, meaning="mutual").notes)


def test_quoted_fields_may_hold_delimiters_and_quotation_marks(tmp_path) -> None:
    text = '"Smith, Ann","the ""boss"""\n"the ""boss""",Bob\n'
    graph = read_graph(put(tmp_path, "g.csv", text), meaning="source,target")
    assert links_of(graph) == {("Smith, Ann", 'the "boss"'), ('the "boss"', "Bob")}


def test_extreme_integers_stay_integers(tmp_path) -> None:
    low, high = -(2**63), 2**63 - 1
    graph = read_graph(put(tmp_path, "g.csv", f"{low},{high}\n5,{low}\n"), meaning="source,target")
    assert links_of(graph) == {(low, high), (5, low)}


@given(
    st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.integers(-9, 9)), min_size=1, max_size=30),
    st.sampled_from([",", "\t", " ", ";"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_integers_come_back_from_any_delimiter(tmp_path, links, delimiter) -> None:
    links = [*links, (1, 2)]
    path = put(tmp_path, "g.txt", "".join(f"{a}{delimiter}{b}\n" for a, b in links))
    graph = read_graph(path, meaning="source,target")
    assert graph == FollowerGraph.from_links([a for a, _ in links], [b for _, b in links])


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Z")), min_size=1, max_size=8)


@given(st.lists(st.tuples(TEXTS, TEXTS, st.floats(0, 2.0**99, width=32)), min_size=1, max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_texts_and_weights_come_back_from_quoted_csv(tmp_path, links) -> None:
    links = [*links, ("one", "two", 0.5)]

    def quote(label: str) -> str:
        return '"' + label.replace('"', '""') + '"'

    path = put(tmp_path, "g.csv", "".join(f"{quote(a)},{quote(b)},{w!r}\n" for a, b, w in links))
    graph = read_graph(path, meaning="source,target", weight=2, header=False)
    wanted = FollowerGraph.from_links([a for a, *_ in links], [b for _, b, _ in links], weights=[w for *_, w in links])
    assert graph.labels is not None
    assert graph.labels.tolist() == sorted({end for a, b, _ in links for end in (a, b)})
    assert np.array_equal(graph.offsets, wanted.offsets)
    assert np.array_equal(graph.followers, wanted.followers)
    # decimals of up to 9 digits are read exactly; others within one unit of float32
    assert np.allclose(graph.weights, wanted.weights, rtol=2e-7, atol=1e-45)


def test_more_texts_than_the_table_first_holds(tmp_path) -> None:
    path = put(tmp_path, "g.txt", "".join(f"user{k} user{k + 1}\n" for k in range(10_000)))
    graph = read_graph(path, meaning="source,target")
    assert graph.n_persons == 10_001
    assert graph.followers_of("user4711").tolist() == ["user4712"]


BAD = {
    "empty": (b"", {}, "is empty"),
    "only blanks": (b"\n \n", {}, "no links: only blank lines and comments"),
    "only comments": (b"# a\n% b\n", {}, "no links: only blank lines and comments"),
    "only a header": (b"source,target\n", {}, "no links: only a header"),
    "only self-loops": (b"1 1\n2 2\n", {}, "no links: in all 2 rows somebody follows themself"),
    "binary": (bytes(range(256)), {}, "not a text: byte 0 is NUL"),
    "not utf-8": (b"a,\xff\xfe\nb,c\n", {}, "is not UTF-8"),
    "utf-16": ("1,2\n".encode("utf-16"), {}, "UTF-16"),
    "zip": (b"PK\x03\x04....", {}, "a zip archive"),
    "matrix market": (b"%%MatrixMarket matrix\n", {}, "scipy.io.mmread"),
    "gzip cut short": (gzip.compress(b"1 2\n" * 9999)[:-20], {}, "cut short"),
    "xz cut short": (lzma.compress(b"1 2\n" * 9999)[:-20], {}, "cut short"),
    "gzip damaged": (gzip.compress(b"1 2\n" * 99)[:-8] + b"12345678", {}, "is damaged: gzip says"),
    "text as weight": (b"1,2,.5\n1,3,abc\n", {"weight": 2}, 'line 2: "abc" is not a weight (a finite number >= 0)'),
    "negative weight": (b"1,2,.5\n1,3,-1\n", {"weight": 2}, 'line 2: "-1" is not a weight'),
    "NaN weight": (b"#\n1,2,nan\n", {"weight": 2}, 'line 2: "nan" is not a weight'),
    "infinite weight": (b"1 2 1e39\n", {"weight": 2}, 'line 1: "1e39" is not a weight'),
    "no weight": (b"1 2 1\n1 4 1\n1 3\n", {"weight": 2}, 'line 3: "1 3" has 2 columns and 3 are needed'),
    "few columns": (b"1,2\n1,3\n4\n", {}, 'line 3: "4" has 1 columns and 2 are needed'),
    "one column": (b"1\n2\n", {}, 'line 1: "1" has 1 columns'),
    "wrong delimiter": (b"1,2\n1,3\n", {"delimiter": ";"}, "cut at ';'"),
    "empty id": (b"1,2\n,3\n", {}, 'line 2: ",3" has an empty id in column 0'),
    "open quotation": (b'a,"b\nc,d\n', {}, 'line 1: "a,"b" has a broken quotation in column 1'),
    "beyond 64 bits": (b"1 2\n3 9223372036854775808\n", {}, 'line 2: the id "9223372036854775808" does not fit'),
    "long id": (b"a " + b"x" * 2000 + b"\n", {}, "an id of 2000 bytes"),
    "weight in an id column": (b"1 2\n", {"weight": 1}, "columns 0 and 1 are the ids"),
    "unknown weight": (b"a,b,mass\n1,2,3\n", {"weight": "mas"}, 'no column "mas"; did you mean "mass"'),
    "bad delimiter": (b"1 2\n", {"delimiter": "ab"}, "delimiter = 'ab' is not one sign"),
    "bad comments": (b"1 2\n", {"comments": ("",)}, "a prefix is a non-empty text"),
    "bad meaning": (b"1 2\n", {"meaning": "from,to"}, "does not say who follows whom"),
    "no meaning": (b"1 2\n", {"meaning": None}, "say with meaning="),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_refused_in_one_line(tmp_path, case) -> None:
    content, arguments, message = BAD[case]
    path = put(tmp_path, "bad.csv", content)
    with pytest.raises(InputError) as caught:
        read_graph(path, **{"meaning": "mutual", **arguments})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    if case not in ("weight in an id column", "bad delimiter", "bad comments", "bad meaning"):
        assert f'graph "{path}"' in str(caught.value)


def test_a_missing_file_is_answered_with_a_similar_name(tmp_path) -> None:
    put(tmp_path, "followers.csv", "1,2\n")
    with pytest.raises(InputError, match=r'folowers\.csv": no such file; did you mean "followers\.csv"'):
        read_graph(tmp_path / "folowers.csv", meaning="mutual")
    with pytest.raises(InputError, match="there is no folder"):
        read_graph(tmp_path / "none" / "g.csv", meaning="mutual")
    with pytest.raises(InputError, match="is a folder; give a file"):
        read_graph(tmp_path, meaning="mutual")


PIECES = b'1 2 - + , ; a # % . e \t \r \n " "" \xff \xc3\xb6 99999999999999999999 source,target\n'.split(b" ")


@given(st.lists(st.sampled_from([*PIECES, b" ", b"1,2\n", b"a b\n"]), max_size=25), st.sampled_from([None, 2]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=400)
def test_any_bytes_give_a_graph_or_one_line_that_names_the_file(tmp_path, pieces, weight) -> None:
    path = put(tmp_path, "any.csv", b"".join(pieces))
    try:
        graph = read_graph(path, meaning="mutual", weight=weight)
    except InputError as error:
        assert str(error).startswith(f'graph "{path}"')
        assert "\n" not in str(error)
    else:
        assert graph.n_links > 0


def test_a_line_longer_than_any_id_is_refused(tmp_path) -> None:
    path = put(tmp_path, "long.csv", "a," + "b" * 200_000 + "\nc,d\n")
    with pytest.raises(InputError, match="line 1: an id of 200000 bytes"):
        read_graph(path, meaning="mutual")


STORED = ["graph.npz", "graph"]


@pytest.mark.parametrize("name", STORED)
@pytest.mark.parametrize("kind", ["plain", "weighted", "texts", "no links"])
def test_a_stored_graph_comes_back_mapped_and_equal(tmp_path, name, kind) -> None:
    graph = {
        "plain": generate_followers(500, mean_followers=5, seed=1),
        "weighted": FollowerGraph.from_links([5, 7], [7, 9], weights=[0.5, 0.25]),
        "texts": FollowerGraph.from_links(["b", "سلام"], ["سلام", "c"]),
        "no links": FollowerGraph.from_links([1], [1], n_persons=3),
    }[kind]
    path = write_graph(graph, tmp_path / name)
    again = read_graph(path)
    assert again == graph
    assert again.notes == graph.notes
    assert isinstance(again.offsets.base, np.memmap)
    assert again.offsets.flags.aligned
    assert again.followers.flags.aligned
    other = FollowerGraph.from_links([0], [1])
    write_graph(other, path)
    assert read_graph(path) == other
    assert again == graph, "an open graph must not change when its file is replaced"
    assert [p.name for p in tmp_path.iterdir()] == [name], "nothing else may be left behind"


def test_compressed_and_foreign_arrays_are_read_too(tmp_path) -> None:
    graph = FollowerGraph.from_links([0, 1], [1, 2])
    np.savez_compressed(tmp_path / "g.npz", offsets=graph.offsets, followers=graph.followers)
    assert read_graph(tmp_path / "g.npz") == graph


def test_a_failed_write_leaves_the_old_graph(tmp_path, monkeypatch) -> None:
    graph = FollowerGraph.from_links([0, 1], [1, 2])
    for name in STORED:
        write_graph(graph, tmp_path / name)

    def full(*_args: object, **_keywords: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(np, "save", full)
    monkeypatch.setattr(np.lib.format, "write_array", full)
    for name in STORED:
        with pytest.raises(OSError, match="disk full"):
            write_graph(FollowerGraph.from_links([0], [1]), tmp_path / name)
        assert read_graph(tmp_path / name) == graph
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(STORED)


def test_bad_stored_graphs_and_bad_places_are_refused(tmp_path) -> None:
    graph = FollowerGraph.from_links([0, 1], [1, 2])
    path = write_graph(graph, tmp_path / "g.npz")
    with pytest.raises(InputError, match="knows its directions"):
        read_graph(path, meaning="mutual")
    put(tmp_path, "cut.npz", path.read_bytes()[:-40])
    put(tmp_path, "text.npz", "1 2\n")
    np.savez(tmp_path / "other.npz", a=np.arange(3))
    np.savez(tmp_path / "broken.npz", offsets=graph.offsets, followers=graph.followers + np.uint32(7))
    np.savez(tmp_path / "scipy.npz", indptr=graph.offsets, indices=graph.followers)
    for name, message in {
        "cut.npz": "damaged or cut short",
        "text.npz": "damaged or cut short",
        "other.npz": "holds no offsets",
        "broken.npz": "not below the number of persons",
        "scipy.npz": "use scipy.sparse.load_npz",
    }.items():
        with pytest.raises(InputError, match=message) as caught:
            read_graph(tmp_path / name)
        assert name in str(caught.value)
    (tmp_path / "full").mkdir()
    for name, message in {"g.csv": "stored as .npz", "none/g": "there is no folder", "full": "something else"}.items():
        with pytest.raises(InputError, match=message):
            write_graph(graph, tmp_path / name)


REAL = {
    "twitter-bofa.csv.gz": ("follower,followed", None, 13_688, 68_328),
    "twitter-verizon.csv.gz": ("follower,followed", None, 9_226, 59_576),
    "congress-twitter.edgelist.gz": ("source,target", 2, 475, 13_289),
    "ego-facebook.txt.gz": ("mutual", None, 4_039, 2 * 88_234),
    "ego-twitter-undirected.csv.gz": ("mutual", None, 81_306, 2 * (1_342_310 - 14)),
}


@pytest.mark.parametrize("name", REAL)
def test_real_graphs_have_their_published_sizes(real_data, name) -> None:
    meaning, weight, persons, links = REAL[name]
    graph = read_graph(real_data / "graphs" / name, meaning=meaning, weight=weight)
    assert (graph.n_persons, graph.n_links) == (persons, links)
    assert graph.is_mutual == (meaning == "mutual")
    assert (graph.weights is not None) == (weight is not None)


def test_real_weights_are_those_that_numpy_reads(real_data) -> None:
    path = real_data / "graphs" / "congress-twitter.edgelist.gz"
    rows = np.loadtxt(path)
    wanted = FollowerGraph.from_links(rows[:, 0].astype(int), rows[:, 1].astype(int), weights=rows[:, 2])
    assert read_graph(path, meaning="source,target", weight=2) == wanted
