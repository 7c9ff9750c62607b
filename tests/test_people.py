"""Persons of one's own: what a file says of them holds, what it leaves open is drawn, what is wrong is one line."""

import gzip
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from diffusion.assembly import Assembler, World
from diffusion.assembly.people_file import read_people
from diffusion.assembly.rules import homes
from diffusion.config import read_experiment
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph
from diffusion.measures.beliefs import evidence_over_time
from diffusion.outcome import Outcome
from diffusion.scenario import Scenario
from diffusion.simulation import simulate
from diffusion.study import report_lines, run_experiment

Tables = dict[str, Any]

FOLLOW: Tables = {"kind": "follow", "graph": {"file": "given", "meaning": "follower,followed"}}
TABLES: Tables = {
    "run": {"horizon": "12 h"},
    "platforms": {"net": FOLLOW},
    "outlets": {"tv": {"medium": "television", "tune_in": "always"}, "site": {"medium": "news_site"}},
    "officials": {"mayor": {"platform": "net", "followers": 1.0}},
    "stories": {"s": {"kind": "news", "witnesses": 1, "newsworthiness": 1.0}},
}
RING = FollowerGraph.from_links(["a", "b", "c", "d"], ["b", "c", "d", "a"])
"""a is followed by b, b by c, c by d, d by a."""


def written(folder: Path, text: str, name: str = "people.csv") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def world(file: str | None, graphs: dict[str, FollowerGraph] | None = None, **changes: Any) -> World:
    tables: Tables = {**TABLES, "people": {"file": file, **changes.pop("people", {})}, **changes}
    return Assembler({"net": RING} if graphs is None else graphs).world(Scenario.model_validate(tables), seed=1)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as raised:
        world(written(folder, text))
    message = str(raised.value)
    assert "\n" not in message
    assert message.startswith(f'people "{folder / "people.csv"}"')
    return message.removeprefix(f'people "{folder / "people.csv"}"')


# --- where they post --------------------------------------------------------------------------------------------------


def test_a_home_is_the_first_platform_of_the_list_of_which_one_is_a_member(tmp_path: Path) -> None:
    # Members by the file: a of net and forum, b of net, c of forum, d of all three, e of wall, f of net and wall; open
    # groups (tags) are nobody's home.
    rows = ["a,1,1,0", "b,1,0,0", "c,0,1,0", "d,1,1,1", "e,0,0,1", "f,1,0,1"]
    file = written(tmp_path, "\n".join(["label,member:net,member:forum,member:wall", *rows]))
    drawn = {**FOLLOW, "graph": {"generator": "popularity", "mean_followers": 0.2}}
    groups = {"generator": "groups", "memberships": 1.0, "group_size": 2.0}
    platforms = {
        "net": drawn, "forum": drawn, "wall": drawn, "tags": {"kind": "group", "carrier": "net", "graph": groups},
    }  # fmt: skip
    for order, off, expected in (
        ((), (), "forum net forum forum wall net"),
        (("net",), (), "net net forum net wall net"),
        (("wall", "net", "forum"), (), "net net forum wall wall wall"),
        (("wall", "net"), ("wall", "net"), "forum - forum forum - -"),
    ):
        tables = {name: {**table, "active": name not in off} for name, table in platforms.items()}
        people = {"file": file, "home": order}
        scenario = Scenario.model_validate({**TABLES, "people": people, "platforms": tables})
        found = homes(scenario, Assembler({}).world(scenario, seed=1))
        names = [*sorted(platforms), "-"]
        assert " ".join(names[at] for at in found) == expected


# --- who exists -------------------------------------------------------------------------------------------------------


def test_the_population_is_the_union_of_graphs_and_file_and_says_who_is_in_one_only(tmp_path: Path) -> None:
    found = world(written(tmp_path, "label,age\nz,50\nb,30\nc,31\n"))
    assert found.labels is not None
    assert found.labels.tolist() == ["a", "b", "c", "d", "z"]
    assert found.members["net"].tolist() == [True, True, True, True, False]
    assert found.people.column("age").tolist()[1:3] == [30, 31]
    assert np.isnan(found.people.column("age")[[0, 3]]).all()
    outside, unknown = found.notes
    assert "1 (z) of 3 persons are in no graph file" in outside
    assert "2 (a, d) of 4 persons of the graph files are not there" in unknown


def test_without_a_graph_file_the_population_is_the_file(tmp_path: Path) -> None:
    tables: Tables = {
        "platforms": {"net": {"kind": "follow", "graph": {"generator": "popularity", "mean_followers": 2}}}
    }
    rows = "\n".join(f"{label}" for label in (9, 3, 7, 5, 1, 11, 100))
    found = world(written(tmp_path, f"label\n{rows}\n"), {}, **tables)
    assert found.labels is not None
    assert found.labels.tolist() == [1, 3, 5, 7, 9, 11, 100]
    assert found.notes == ()


@pytest.mark.parametrize(
    ("first", "second", "labels"),
    [((["x", "y"], ["y", "z"]), (["y", "w"], ["w", "q"]), ["q", "w", "x", "y", "z"]),
     (([10, 20], [20, 30]), ([20, 5], [5, 7]), [5, 7, 10, 20, 30]),
     (([0, 1], [1, 2]), ([3, 1], [1, 0]), None)],
)  # fmt: skip
def test_several_graph_files_are_joined_by_label(first: Any, second: Any, labels: list[Any] | None) -> None:
    """followed -> follower of each; every link stands between the same labels as before."""
    graphs = {"blog": FollowerGraph.from_links(*first), "net": FollowerGraph.from_links(*second)}
    found = world(None, graphs, platforms={"net": FOLLOW, "blog": FOLLOW})
    assert (None if found.labels is None else found.labels.tolist()) == labels
    names = list(range(found.n_persons)) if labels is None else labels
    for name, (followed, follower) in {"blog": first, "net": second}.items():
        graph = found.graphs[name]
        rows = np.repeat(np.arange(len(names)), graph.n_followers)
        linked = {(names[u], names[v]) for u, v in zip(rows, graph.followers, strict=True)}
        assert linked == set(zip(followed, follower, strict=True))
        here = {*followed, *follower}
        assert [names[i] for i in np.flatnonzero(found.members[name])] == [x for x in names if x in here]


def test_text_and_whole_number_labels_cannot_be_joined(tmp_path: Path) -> None:
    graphs = {"blog": FollowerGraph.from_links([1], [2]), "net": RING}
    with pytest.raises(InputError, match="mix numeric and text labels"):
        world(None, graphs, platforms={"net": FOLLOW, "blog": FOLLOW})
    numbers = FollowerGraph.from_links([1, 2], [2, 3])
    with pytest.raises(InputError, match=r'row 2 \("x"\): the label is a text, but those of the graph files are whole'):
        world(written(tmp_path, "label\n1\nx\n"), {"net": numbers})
    texts = FollowerGraph.from_links(["007", "8"], ["8", "x"])
    found = world(written(tmp_path, "label,age\n007,20\n8,30\n"), {"net": texts})
    assert found.labels is not None
    assert (found.labels.tolist(), found.people.column("age").tolist()[:2]) == (["007", "8", "x"], [20, 30])


def test_notes_are_kept_with_the_results_and_printed(tmp_path: Path) -> None:
    (tmp_path / "links.csv").write_text("".join(f"{i},{(i * 7 + 1) % 50}\n" for i in range(50)), encoding="utf-8")
    written(tmp_path, "label,age\n3,40\n999,50\n")
    toml = """
        people = { file = "people.csv", count = 5 }
        run = { replicates = 2, horizon = "1 h" }
        platforms.net = { kind = "follow", graph = { file = "links.csv", meaning = "follower,followed" } }
        stories.s = { kind = "news", witnesses = 2 }
    """
    experiment = read_experiment(written(tmp_path, toml, "e.toml"))
    unused = "people.count = 5 is not used: everybody in the graph of net and in people.file is a person"
    assert experiment.notes == (unused,)
    results = run_experiment(experiment, threads=1)
    assert len(results.experiment.notes) == 3
    lines = report_lines(results)
    assert sum(line.startswith("note: people.file: ") for line in lines) == 2


# --- what a file says of a person -------------------------------------------------------------------------------------


def test_what_is_known_replaces_what_is_drawn_and_nothing_else(tmp_path: Path) -> None:
    text = "label,activity,propensity,credulity\na,2,0.25,0.9\nb,,,\nc,1,0,0\nd,0.5,,1\n"
    own, plain = world(written(tmp_path, text)), world(None)
    assert own.propensity.tolist() == [0.25, plain.propensity[1], 0.0, plain.propensity[3]]
    expected = [np.float32(math.log(9)), plain.prior[1], np.float32(-4), np.float32(4)]
    assert own.prior.tolist() == pytest.approx(expected, abs=1e-6)
    ratio = own.attention["net"][:, 0] / plain.attention["net"][:, 0]
    assert ratio.tolist() == pytest.approx([2, 1, 1, 0.5], rel=1e-6)


def test_diets_and_memberships_say_who_belongs(tmp_path: Path) -> None:
    text = "label,diet:tv,diet:site,member:net\na,0,0.5,1\nb,0.3,,1\nc,1,0,\nd,1,1,1\nz,0,0,1\ny,0,0,\n"
    found = world(
        written(tmp_path, text), outlets={**TABLES["outlets"], "tv": {"medium": "television", "audience": 0.0}}
    )
    names = "abcdyz"
    assert [names[i] for i in found.audiences["tv"].persons] == ["b", "c", "d"]
    assert found.audiences["tv"].regularity is not None
    assert found.audiences["tv"].regularity.tolist() == [0.3, 1.0, 1.0]
    members = "".join(np.array(list(names))[found.members["net"]])
    assert members == "abcdz"  # c is in the graph, z has an account without links, nothing is known of y
    assert {"a", "d"} <= {names[i] for i in found.audiences["site"].persons} <= {"a", "b", "d"}


def test_a_smaller_diet_means_fewer_broadcasts_and_visits(tmp_path: Path) -> None:
    """400 persons watch and read regularly, 400 a tenth as much: one bulletin, and visits within a quarter of an hour.

    Chance 1 against .1 of a bulletin: binomial(400, .1) exceeds 80 with chance 1e-9. Visits at 4/h: 1 - exp(-1) = .63
    against 1 - exp(-.1) = .095; binomial(400, .63) is below 200, or binomial(400, .095) above 80, with chance 1e-7.
    """
    rows = "".join(f"{i},{diet},{diet}\n" for i in range(800) for diet in (1.0 if i < 400 else 0.1,))
    outlets: Tables = {
        "tv": {"medium": "television", "tune_in": "always", "gather": "0 s", "verify": "0 s", "coverage": "0 s"},
        "site": {"medium": "news_site", "visits": "4/h", "clock": "flat", "gather": "0 s", "verify": "0 s",
                 "coverage": "15 min"},
    }  # fmt: skip
    tables: Tables = {
        "run": {"horizon": "1 h", "record": "all"},
        "people": {"file": written(tmp_path, f"label,diet:tv,diet:site\n{rows}")},
        "outlets": outlets,
        "stories": {"s": {"kind": "news", "newsworthiness": 1.0}},
    }
    outcome = simulate(Scenario.model_validate(tables), seed=5)
    tv, site = (outcome.exposures_through(0, code) > 0 for code in (2, 1))
    assert (tv[:400].sum(), 0 < tv[400:].sum() < 80) == (400, True)
    assert site[:400].sum() > 200 > 80 > site[400:].sum() > 0


TRUSTED = "label,trust:net,trust:tv,trust:mayor\na,0.9,,0.5\nb,,0.2,0.99\nc,0.01,0.7,\nd,0.5,0.5,0.3\n"


def test_everybodys_own_trust_weighs_their_evidence(tmp_path: Path) -> None:
    """With no repetition counted, evidence is the prior plus logit(trust) of every channel met, own eyes at .95."""
    people = {"file": written(tmp_path, TRUSTED), "repetition": 0.0, "credulity_mean": 0.0, "credulity_sd": 0.0}
    outlets = {"tv": {"medium": "television", "tune_in": "always", "audience": 1.0}}
    stories = {"s": {"kind": "news", "authors": ["a"], "newsworthiness": 1.0}}
    tables = {**TABLES, "people": people, "outlets": outlets, "run": {"horizon": "48 h", "record": "all"}}
    tables |= {"stories": stories, "platforms": {"net": {**FOLLOW, "close": 1.0}}}
    outcome = simulate(Scenario.model_validate(tables), seed=1, graphs={"net": RING})
    trust = {"own eyes": [0.95] * 4, "tv": [0.75, 0.2, 0.7, 0.5], "net": [0.9, 0.55, 0.01, 0.5]}
    met = {c.name: outcome.exposures_through(0, code) > 0 for code, c in enumerate(outcome.channels)}
    assert met["tv"].all()
    assert met["net"].any()
    for i in range(4):
        told = sum(math.log(p[i] / (1 - p[i])) for name, p in trust.items() if met[name][i])
        assert outcome.column("evidence")[0, i] == pytest.approx(max(-4, min(4, told)), abs=1e-5)


def test_beliefs_over_time_follow_everybodys_own_trust(tmp_path: Path) -> None:
    tables = {**TABLES, "people": {"file": written(tmp_path, TRUSTED)}, "run": {"horizon": "48 h", "record": "events"}}
    outcome: Outcome = simulate(Scenario.model_validate(tables), seed=1, graphs={"net": RING})
    evidence = evidence_over_time(outcome)
    last = {int(i): after for i, after in zip(evidence.person, evidence.after, strict=True)}
    assert last == {i: outcome.column("evidence")[0, i] for i in last}
    assert len(last) > 1


def test_other_columns_are_kept_for_measures(tmp_path: Path) -> None:
    text = "label;place;leaning;community;income;note;role:bots\nd;7;-0.5;3;1e3;x;1\na;Köln;0.5;4;;;0\n"
    outcome = simulate(
        Scenario.model_validate({**TABLES, "people": {"file": written(tmp_path, text)}}), graphs={"net": RING}
    )
    people = outcome.people
    assert people.names == ("place", "leaning", "community", "income", "note")
    assert people.column("place").tolist() == ["Köln", "", "", "7"]
    assert people.column("note").tolist() == ["", "", "", "x"]
    np.testing.assert_equal(people.column("leaning"), [0.5, np.nan, np.nan, -0.5])
    np.testing.assert_equal(people.column("community"), [4, np.nan, np.nan, 3])
    np.testing.assert_equal(people.column("income"), [np.nan, np.nan, np.nan, 1000])
    assert people.role("bots").tolist() == [False, False, False, True]
    assert [people.label(i) for i in range(4)] == ["a", "b", "c", "d"]
    with pytest.raises(InputError, match='no column "leanin"; did you mean "leaning"'):
        people.column("leanin")


def test_generated_communities_are_a_column() -> None:
    graph = {"generator": "communities", "mean_followers": 8, "clustering": 0.2}
    found = world(None, {}, platforms={"net": {"kind": "follow", "graph": graph}}, people={"count": 400})
    assert np.array_equal(found.people.column("community:net"), found.communities["net"])


# --- ways to write it -------------------------------------------------------------------------------------------------

COLUMNS: Tables = {
    "label": [3, 1, 2],
    "age": [20.0, None, 30.5],
    "note": ["ä", "b", "c,d"],
    "role:x": [True, False, None],
}


def test_csv_tsv_packed_and_parquet_say_the_same(tmp_path: Path) -> None:
    csv = '\ufefflabel,age,note,role:x\n3,20,ä,1\n1,,b,0\n2, 30.5 ,"c,d",\n'
    paths = [
        written(tmp_path, csv),
        written(tmp_path, csv.replace('"c,d"', "c#d").replace(",", "\t").replace("#", ","), "p.tsv"),
    ]
    (tmp_path / "p.csv.gz").write_bytes(gzip.compress(csv.encode()))
    pq.write_table(pa.table(COLUMNS), tmp_path / "p.parquet")
    texts = pa.table(COLUMNS).set_column(2, "note", pa.array(COLUMNS["note"]).dictionary_encode())
    pq.write_table(texts, tmp_path / "q.parquet")
    for path in [*paths, *(str(tmp_path / name) for name in ("p.csv.gz", "p.parquet", "q.parquet"))]:
        people = read_people(path)
        assert people.labels.tolist() == [3, 1, 2]
        np.testing.assert_equal(people.columns["age"], [20, np.nan, 30.5])
        np.testing.assert_equal(people.columns["role:x"], [1, 0, np.nan])
        assert people.columns["note"].tolist() == ["ä", "b", "c,d"]


WRONG = {
    "no label": ("name\na\n", ' has no column "label"'),
    "no rows": ("label,age\n", " has no rows"),
    "twice the same person": ("label\na\nb\na\n", ': the label "a" stands in rows 1 and 3'),
    "no name": ("label,age\na,1\n,2\n", ": row 2: the label is empty"),
    "two columns of one name": ("label,age,age\na,1,2\n", ' has two columns "age"'),
    "a column without a name": ("label,\na,1\n", " has a column without a name"),
    "misspelt channel": ("label,trust:vt\na,0.5\n", ': column "trust:vt": there is no such platform, outlet'),
    "misspelt outlet": ("label,diet:sit\na,0.5\n", ': column "diet:sit": there is no such outlet; did you mean "site"'),
    "member of an outlet": ("label,member:tv\na,1\n", ': column "member:tv": there is no such platform of followers'),
    "misspelt prefix": ("label,trsut:tv\na,0.5\n", ': column "trsut:tv": "trsut:" is not known; did you mean "trust"?'),
    "misspelt column": ("label,activty\na,1\n", ': column "activty": did you mean "activity"?'),
    "other case": ("label,Age\na,1\n", ': column "Age": did you mean "age"?'),
    "a reserved column": ("label,age_band\na,1\n", ': column "age_band" is made from "age"'),
    "text for a number": ("label,age\na,1\nb,old\n", ': row 2 ("b"): age = "old" is not an age in years'),
    "NaN": ("label,age\na,nan\n", ': row 1 ("a"): age = "nan" is not an age in years, from 0 to 130; leave'),
    "NaN of others": ("label,income\na,1\nb,NaN\n", ': row 2 ("b"): income = "NaN" is not a number; leave the cell'),
    "infinite": ("label,activity\na,inf\n", ': row 1 ("a"): activity = "inf" is not a factor'),
    "no activity": ("label,activity\na,0\n", ': row 1 ("a"): activity = "0" is not a factor'),
    "negative propensity": ("label,propensity\na,-1\n", ': row 1 ("a"): propensity = "-1" is not a number from 0'),
    "credulity above 1": ("label,credulity\na,1.5\n", ': row 1 ("a"): credulity = "1.5" is not a probability'),
    "trust of 1": ("label,trust:tv\na,1\n", ': row 1 ("a"): trust:tv = "1" is not a trust between .01 and .99'),
    "half a member": ("label,member:net\na,0.5\n", ': row 1 ("a"): member:net = "0.5" is not 0 or 1'),
    "no member with links": ("label,member:net\nb,1\na,0\n", ': row 2 ("a"): member:net = 0, but its graph file has'),
    "a row too long": ("label,age\na,1\nb,1,2\n", ": row 2 has 3 cells, but there are 2 columns"),
    "nobody known": ("label\nx\ny\n", ': none of its 2 labels is in a graph file ("x" there, "a" in the graph files)'),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_in_a_file_is_one_line(tmp_path: Path, text: str, line: str) -> None:
    assert refusal(tmp_path, text).startswith(line)


def test_files_that_are_none_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_people(str(tmp_path / "no.csv"))
    for content, line in ((b"", "is empty"), (b"PAR1xx", "is damaged"), (b"label\n\xff\n", "line 2: byte 0xff is not")):
        (tmp_path / "p.csv").write_bytes(content)
        with pytest.raises(InputError, match=line):
            read_people(str(tmp_path / "p.csv"))
    pq.write_table(pa.table({"label": ["a"], "friends": [["b", "c"]]}), tmp_path / "p.parquet")
    with pytest.raises(InputError, match='column "friends" holds values of kind list'):
        read_people(str(tmp_path / "p.parquet"))
