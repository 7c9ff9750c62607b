"""`diffusion graph generate` writes the graph that a scenario would have, whole or not at all."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from diffusion import cli, graphs
from diffusion.assembly import Assembler
from diffusion.config import GENERATORS, read_generator
from diffusion.errors import InputError
from diffusion.scenario import Scenario

Printed = pytest.CaptureFixture[str]
COMMON = ["--persons", "400", "--seed", "5"]
SETTINGS = ["--set", "mean_followers=8", "--set", "clustering=0.45", "--set", "communities=4"]


def generate(out: Path, generator: str, *others: str) -> int:
    return cli._guarded(["graph", "generate", "--generator", generator, "--out", str(out), *COMMON, *others])


def test_it_is_the_graph_of_a_scenario_with_its_communities(tmp_path: Path, capsys: Printed) -> None:
    table = tmp_path / "communities.csv"
    assert generate(tmp_path / "g.npz", "communities", *SETTINGS, "--name", "chirp", "--communities", str(table)) == 0
    graph = {"generator": "communities", "mean_followers": 8, "clustering": 0.45, "communities": 4}
    scenario = Scenario.model_validate(
        {
            "people": {"count": 400},
            "platforms": {"chirp": {"kind": "follow", "graph": graph}},
            "stories": {"quake": {"kind": "news", "witnesses": 1}},
        }
    )
    world = Assembler().world(scenario, seed=5)
    assert graphs.read_graph(tmp_path / "g.npz") == world.graphs["chirp"]
    rows = np.loadtxt(table, delimiter=",", skiprows=1, dtype=np.int64)
    assert table.read_text().startswith("person,community\n")
    assert rows[:, 0].tolist() == list(range(400))
    assert rows[:, 1].tolist() == world.communities["chirp"].tolist()
    assert "400 persons" in capsys.readouterr().out


ENOUGH = {
    "popularity": ["--set", "mean_followers=5"],
    "communities": ["--set", "mean_followers=8"],
    "friends": ["--set", "mean_friends=8"],
    "random": ["--set", "mean_contacts=4"],
    "households": ["--set", "size=3"],
    "spatial": ["--set", "mean_contacts=6"],
    "networkx": ["--set", "function=watts_strogatz_graph", "--set", "arguments={k = 4, p = 0.1}"],
}


@pytest.mark.parametrize("generator", GENERATORS)
def test_every_generator_can_be_named(generator: str, tmp_path: Path) -> None:
    assert generate(tmp_path / "folder", generator, *ENOUGH[generator]) == 0
    assert generate(tmp_path / "links.csv.gz", generator, *ENOUGH[generator]) == 0
    stored = graphs.read_graph(tmp_path / "folder")
    meaning = "mutual" if stored.is_mutual else "follower,followed"
    read = graphs.read_graph(tmp_path / "links.csv.gz", meaning=meaning)
    assert stored.n_persons == 400
    assert read.n_links == stored.n_links > 0


def test_settings_may_go_below_a_table() -> None:
    asked = read_generator("networkx", ["function=gnp_random_graph", "arguments.p=0.5", "arguments.directed=true"])
    assert asked.arguments == {"p": 0.5, "directed": True}


@pytest.mark.parametrize(
    ("generator", "others", "said"),
    [
        ("comunities", [], 'there is no such generator; did you mean "communities"?'),
        ("communities", ["--set", "clusterin=0.3"], 'clusterin: unknown key; did you mean "clustering"?'),
        ("communities", ["--set", "clustering=7"], "clustering: 7 is not a share"),
        ("communities", ["--set", "clustering=0.9"], "clustering = 0.9 cannot be had"),
        ("communities", ["--set", "mean_followers=900"], "mean_followers = 900.0 is outside"),
        ("popularity", ["--set", "mean_followers=5", "--communities", "c.csv"], '"popularity" have none'),
        ("networkx", ["--set", "function=wats_strogatz_graph"], 'such generator; did you mean "watts_strogatz_graph"?'),
        ("networkx", ["--set", "function=path_graph", "--set", "arguments.m=3"], 'path_graph takes no "m" here'),
        (
            "networkx",
            ["--set", "function=grid_graph", "--set", "arguments.dim=[3, 4]"],
            "made 12 nodes for 400",
        ),
        ("networkx", ["--set", "function=gnp_random_graph"], "refuses its arguments"),
        ("spatial", [], "mean_contacts: is missing"),
    ],
)
def test_what_cannot_be_had_is_one_line_and_leaves_nothing(
    generator: str, others: list[str], said: str, tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert generate(tmp_path / "g.npz", generator, *others) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert len(printed.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_contacts_are_mutual_whoever_generates_them() -> None:
    graph = {"generator": "networkx", "function": "gnp_random_graph", "arguments": {"p": 0.1, "directed": True}}
    tables: dict[str, Any] = {
        "people": {"count": 50},
        "platforms": {"talk": {"kind": "contact", "graph": graph}},
        "stories": {"quake": {"kind": "news", "witnesses": 1}},
    }
    with pytest.raises(InputError, match=r"platforms\.talk\.graph: contacts are mutual, but gnp_random_graph makes"):
        Assembler().world(Scenario.model_validate(tables), seed=1)
    tables["platforms"]["talk"]["graph"]["arguments"] = {"p": 0.1}
    assert Assembler().world(Scenario.model_validate(tables), seed=1).graphs["talk"].is_mutual


def test_nothing_is_replaced_unasked(tmp_path: Path, capsys: Printed) -> None:
    place = tmp_path / "g.npz"
    place.write_text("mine")
    assert generate(place, "random", *ENOUGH["random"]) == 2
    assert generate(tmp_path / "g.doc", "random", *ENOUGH["random"]) == 2
    assert place.read_text() == "mine"
    errors = capsys.readouterr().err
    assert "is there already" in errors
    assert "write .npz" in errors
    assert generate(tmp_path / "h.npz", "random", *ENOUGH["random"]) == 0
    assert generate(tmp_path / "h.npz", "random", *ENOUGH["random"], "--replace") == 0
