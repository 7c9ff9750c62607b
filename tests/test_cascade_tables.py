"""The tables of cascades and shares: a world of six persons by hand, and every run against its own forest."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import six_persons
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph
from diffusion.scenario import Experiment
from diffusion.simulation import Runner
from diffusion.study import Results, run_experiment
from diffusion.study.cascade_tables import cascade_tables, time_to_share

TABLES = cascade_tables(six_persons.outcome(), "as written")


def rows(name: str, story: str) -> list[dict[str, Any]]:
    return [row for row in TABLES[name].to_pylist() if row["story"] == story]


def test_cascades_of_six_persons_are_those_drawn_by_hand() -> None:
    first, second = rows("cascades", "fire")
    # 0 posts at 160, 60 s after the fire; 1 heard from 0 and posts at 230.
    assert (first["root"], first["root_kind"], first["platform"], first["begins_s"]) == ("0", "person", "chirp", 60.0)
    assert (first["size"], first["depth"], first["breadth"], first["virality"]) == (2, 1, 1, 1.0)
    assert (first["t50_s"], first["t90_s"]) == (70.0, 70.0)
    assert (second["root"], second["root_kind"], second["begins_s"], second["t50_s"]) == ("tv", "outlet", 900.0, 50.0)
    (speech,) = rows("cascades", "speech")
    assert (speech["root"], speech["root_kind"], speech["size"]) == ("mayor", "official", 2)
    assert {(row["variant"], row["replicate"]) for row in TABLES["cascades"].to_pylist()} == {("as written", 0)}


def test_shares_hang_below_their_parents_with_both_delays() -> None:
    found = [
        (r["cascade"], r["person"], r["parent"], r["seconds"], r["seconds_after_parent"], r["depth"])
        for r in rows("shares", "fire")
    ]
    assert [f[:4] + f[5:] for f in found] == [
        (0, "0", None, 0.0, 0), (0, "1", "0", 70.0, 1), (1, "tv", None, 0.0, 0), (1, "4", "tv", 50.0, 1),
    ]  # fmt: skip
    assert [f[4] for f in found if f[2] is not None] == [70.0, 50.0]
    assert all(f[4] is None for f in found if f[2] is None)


def test_times_to_a_share_of_a_cascade_count_its_reshares_without_interpolating() -> None:
    tree = np.array([0, 1, 0, 0, 2, 0, 0, 1])
    seconds = np.array([0.0, 0, 30, 10, 0, 40, 20, 7])  # reshares of 0 at 10, 20, 30, 40
    assert time_to_share(tree, seconds, 3, 0.5).tolist()[:2] == [20.0, 7.0]
    assert time_to_share(tree, seconds, 3, 0.51).tolist()[:2] == [30.0, 7.0]
    assert time_to_share(tree, seconds, 3, 1.0).tolist()[:2] == [40.0, 7.0]
    assert math.isnan(time_to_share(tree, seconds, 3, 0.5)[2])


def experiment(**measures: Any) -> Experiment:
    base = six_persons.scenario(replicates=2, horizon="12 h").changed(
        {
            "people": {"count": 300, "crosspost": "all"},
            "platforms.chirp.graph.mean_followers": 20,
            "platforms.zine": {"kind": "follow", "graph": {"generator": "popularity", "mean_followers": 5}},
            "stories.fire.witnesses": 9,
            "stories.fire.appeal": 1.0,
        }
    )
    tables = {"name": "trees", "scenario": base, "variants": {"a": base, "b": base}, "measures": measures}
    return Experiment.model_validate(tables)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return run_experiment(experiment(cascades=True), threads=2, out=tmp_path_factory.mktemp("results"))


def test_stored_tables_are_read_back_as_they_were(found: Results) -> None:
    assert found.folder is not None
    read = Results.open(found.folder)
    for name in ("cascades", "shares"):
        assert read.table(name).equals(found.table(name))
        assert read.table(name).num_rows > 50


def test_every_share_is_in_one_cascade_after_its_parent(found: Results) -> None:
    shares, trees = (found.table(name).to_pylist() for name in ("shares", "cascades"))
    size = {(r["variant"], r["replicate"], r["story"], r["cascade"]): 0 for r in trees}
    when: dict[tuple[Any, ...], float] = {}
    for row in shares:
        tree = (row["variant"], row["replicate"], row["story"], row["cascade"])
        size[tree] += 1
        when[(*tree, row["person"])] = row["seconds"]
        if row["parent"] is not None:
            assert row["seconds"] - when[(*tree, row["parent"])] == pytest.approx(row["seconds_after_parent"])
            assert row["seconds_after_parent"] > 0
    assert sum(size.values()) == len(shares)
    assert len(when) == len(shares), "nobody shares twice"
    assert list(size.values()) == [row["size"] for row in trees]
    for run in found.runs:
        own = [r for r in trees if (r["variant"], r["replicate"], r["story"]) == (run.variant, run.replicate, "fire")]
        assert max(r["size"] for r in own) == run.row["fire.cascade.size"]
        persons = sum(r["size"] for r in own) - sum(r["root_kind"] != "person" for r in own)
        assert persons == run.row["fire.sharers"]


def test_followers_are_those_of_the_platform_of_the_first_post(found: Results) -> None:
    scenario = found.experiment.variants["a"]
    world = Runner(scenario).lowered(0)[0]
    rows = [r for r in found.table("shares").to_pylist() if r["variant"] == "a" and r["replicate"] == 1]
    seen = set()
    for row in rows:
        graph: FollowerGraph = world.graphs[row["platform"]]
        kind = row["person"] if not row["person"].isdecimal() else "person"
        size = graph.n_followers[int(row["person"])] if kind == "person" else world.accounts[kind, "chirp"].size
        assert row["followers"] == size
        seen |= {row["platform"], kind}
    assert seen == {"chirp", "zine", "person", "mayor", "tv"}


def test_tables_that_were_not_stored_name_the_key_that_stores_them(tmp_path: Path) -> None:
    plain = run_experiment(experiment(), out=tmp_path)
    assert plain.folder is not None
    assert not (plain.folder / "shares.parquet").exists()
    for results in (plain, Results.open(plain.folder)):
        with pytest.raises(InputError, match=r"set measures\.cascades = true"):
            results.table("shares")
    with pytest.raises(InputError, match=r"did you mean .shares"):
        plain.table("share")
