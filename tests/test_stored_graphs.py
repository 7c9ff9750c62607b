"""Stored graphs in experiments: they know their directions, so nothing is said about them."""

from pathlib import Path

import numpy as np
import pytest

from diffusion import FollowerGraph, simulate, write_graph
from diffusion.config import read_experiment
from diffusion.errors import InputError
from diffusion.scenario import Experiment

EXPERIMENT = """
[run]
replicates = 2
horizon = "3 h"
[platforms.chirp]
kind = "follow"
graph = { file = "links.csv", meaning = "source,target", weight = 2 }
[platforms.talk]
kind = "contact"
graph = { generator = "random", mean_contacts = 4 }
[stories.fire]
kind = "news"
witnesses = 2
"""


def ring(n: int, *, mutual: bool = False) -> FollowerGraph:
    """Everybody is followed by the next person."""
    return FollowerGraph.from_links(np.arange(n), np.roll(np.arange(n), -1), n_persons=n, mutual=mutual)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "links.csv").write_text("".join(f"{i},{i + 1},0.5\n" for i in range(40)), encoding="utf-8")
    write_graph(ring(40), tmp_path / "stored.npz")
    write_graph(ring(40), tmp_path / "stored")
    return tmp_path


def read(place: Path, more: str = "", *graphs: str) -> Experiment:
    (place / "x.toml").write_text(EXPERIMENT + more, encoding="utf-8")
    return read_experiment(place / "x.toml", graphs=graphs)


@pytest.mark.parametrize("name", ["stored.npz", "stored"])
def test_a_stored_graph_needs_no_meaning_in_a_file_or_an_option(place: Path, name: str) -> None:
    inside = read(place, f'[variants.a]\n"platforms.chirp.graph" = {{ file = "{name}" }}').variants["a"]
    given = read(place, "", f"chirp={name}")
    assert given.notes[0] == f"chirp: {name} is a stored graph"
    assert given.scenario.platforms == inside.platforms
    assert simulate(inside).provenance["graphs"]["chirp"] == ring(40).content_hash


def test_a_stored_graph_takes_nothing_over_from_the_list_that_it_replaces(place: Path) -> None:
    graph = read(place, "", "chirp=stored.npz").scenario.platforms["chirp"].graph
    assert (Path(graph.file).name, graph.meaning, graph.weight) == ("stored.npz", None, None)


@pytest.mark.parametrize("name", ["stored.npz", "stored"])
def test_a_meaning_beside_a_stored_graph_is_refused(place: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"is a stored graph, which knows its directions .* leave meaning out"):
        read(place, "", f"chirp={name}:source,target")
    with pytest.raises(InputError, match=f'--graph "chirp={name}:mutual": platforms.chirp.graph.meaning = "mutual"'):
        read(place, "", f"chirp={name}:mutual")


def test_stored_contacts_must_be_mutual(place: Path) -> None:
    write_graph(ring(41, mutual=True), place / "met.npz")
    assert simulate(read(place, "", "talk=met.npz").scenario).n_persons == 41
    with pytest.raises(InputError, match="contacts are mutual, but this graph has one-way links"):
        simulate(read(place, "", "talk=stored.npz").scenario)
