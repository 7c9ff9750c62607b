"""Who is in which group: rows, files, and what is refused."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from diffusion.config import read_experiment
from diffusion.errors import InputError
from diffusion.graphs import Memberships, read_memberships
from diffusion.simulation import simulate


def rows(groups: Memberships) -> list[list[int]]:
    return [groups.members[a:b].tolist() for a, b in zip(groups.offsets[:-1], groups.offsets[1:], strict=True)]


def test_rows_in_any_order_with_repeats() -> None:
    persons, groups_of = ["eve", "bob", "ann", "bob", "eve"], ["chess", "chess", "tennis", "tennis", "chess"]
    groups = Memberships.from_rows(persons, groups_of)
    assert groups.labels is not None and groups.labels.tolist() == ["ann", "bob", "eve"]
    assert groups.group_labels is not None and groups.group_labels.tolist() == ["chess", "tennis"]
    assert rows(groups) == [[1, 2], [0, 1]]
    assert groups.dropped == 1


def test_groups_of_a_person_and_the_others_in_them() -> None:
    groups = Memberships.from_rows([0, 1, 2, 2, 1], [0, 0, 0, 1, 1])
    offsets, found = groups.by_person()
    assert [found[a:b].tolist() for a, b in itertools.pairwise(offsets)] == [[0], [0, 1], [0, 1]]
    assert groups.others().tolist() == [2, 3, 3]


def test_a_larger_population_keeps_the_members() -> None:
    groups = Memberships.from_rows([7, 9], [0, 0])
    larger = groups.aligned(np.array([5, 7, 8, 9]), 4)
    assert rows(larger) == [[1, 3]]
    assert larger.n_persons == 4


@pytest.mark.parametrize("name", ["m.csv", "m.csv.gz", "m.parquet"])
def test_files(name: str, tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import csv, parquet

    table = pa.table({"group": ["a", "b", "a"], "person": [3, 3, 4]})
    if name.endswith("parquet"):
        parquet.write_table(table, tmp_path / name)
    else:
        with pa.output_stream(tmp_path / name) as stream:
            csv.write_csv(table, stream)
    assert rows(read_memberships(tmp_path / name)) == [[0, 1], [0]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("person,grp\n1,a\n", 'has no column "group"'),
        ("person,group\n1,a\n2,\n", 'row 2 has no "group"'),
        ("person,group\n", "there are no memberships"),
        ("person,group\n1,a\n2,b,c\n", "cannot be read as a table"),
        ("", "cannot be read as a table"),
    ],
)
def test_what_is_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_memberships(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_memberships(tmp_path / "none.csv")


def test_an_unknown_group_is_named_with_the_nearest_one() -> None:
    groups = Memberships.from_rows([1, 2], ["chess", "tennis"])
    assert groups.indices_of(["tennis"]).tolist() == [1]
    with pytest.raises(InputError, match="chess"):
        groups.indices_of(["ches"])


GROUPS = """
name = "groups"
[people]
count = 300
[platforms.twitter]
kind = "follow"
graph = {generator = "popularity", mean_followers = 8}
[platforms.tags]
kind = "group"
carrier = "twitter"
graph = {file = "m.csv"}
[stories.quake]
kind = "citizen_post"
authors = 5
tags = {tags = ["vote"]}
"""


def experiment_of_groups(folder: Path, text: str = GROUPS) -> Path:
    rows = [f"{i},{'vote' if i % 3 else 'cats'}" for i in range(300)]
    (folder / "m.csv").write_text("\n".join(["person,group", *rows]) + "\n", encoding="utf-8")
    path = folder / "groups.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_experiment_reads_groups_from_a_file(tmp_path: Path) -> None:
    path = experiment_of_groups(tmp_path)
    read = read_experiment(path)
    outcome = simulate(read.scenario, record="parents")
    assert "tags" in {channel.name for channel in outcome.channels}
    assert outcome.tallies[0].offers > 0
    again = read_experiment(path, graphs=[f"tags={tmp_path / 'm.csv'}"])
    assert again.scenario.platforms["tags"] == read.scenario.platforms["tags"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"vote"]', '"vtoe"]', r"stories\.quake\.tags\.tags: there is no group 'vtoe'; did you mean \"vote\""),
        ('carrier = "twitter"', 'carrier = "twiter"', 'did you mean "twitter"'),
        ('"m.csv"', '"n.csv"', r'no such file \(looked in .*\); did you mean ".*m.csv"'),
        ('"m.csv"', '"m.csv", person = "persn"', 'no column "persn"; did you mean "person"'),
    ],
)
def test_mistakes_in_an_experiment_of_groups(old: str, new: str, message: str, tmp_path: Path) -> None:
    path = experiment_of_groups(tmp_path, GROUPS.replace(old, new))
    with pytest.raises(InputError, match=message):
        simulate(read_experiment(path).scenario)
