"""Graphs of files in experiments: stored ones know their directions; sharing is scaled for a number of followers."""

from pathlib import Path

import numpy as np
import pytest

from diffusion import FollowerGraph, simulate, write_graph
from diffusion.config import read_experiment
from diffusion.errors import InputError
from diffusion.scenario import Experiment
from diffusion.study import report_lines, run_experiment

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


# --- the scale of sharing ---------------------------------------------------------------------------------------------


def scale_notes(experiment: Experiment) -> list[str]:
    return [line for line in report_lines(run_experiment(experiment)) if line.startswith("note: the graph of")]


SCALES = [(4, 17, True), (4, 8, False), (4, 8.1, True), (4, 1.9, True), (4, 2, False)]


@pytest.mark.parametrize(("followers", "typical", "noted"), SCALES)
def test_a_graph_far_from_the_scale_of_sharing_is_noted_once(
    place: Path, followers: int, typical: float, noted: bool
) -> None:
    ids = np.arange(40)
    wheel = np.concatenate([np.roll(ids, -k) for k in range(1, followers + 1)])
    write_graph(FollowerGraph.from_links(np.tile(ids, followers), wheel, n_persons=40), place / "wheel.npz")
    more = f"typical_followers = {typical}\n[variants.a]\n[variants.b]\n"
    text = EXPERIMENT.replace("[platforms.talk]", f"{more.partition('[')[0]}[platforms.talk]")
    (place / "x.toml").write_text(text + more.partition("\n")[2], encoding="utf-8")
    found = scale_notes(read_experiment(place / "x.toml", graphs=["chirp=wheel.npz"]))
    line = f"note: the graph of chirp has {followers} followers per account, but sharing is scaled for {typical:g}; "
    assert [note.startswith(line) for note in found] == [True] * noted
    assert all("platforms.chirp.typical_followers = 4 would fit it" in note for note in found)


def test_a_generated_graph_is_not_noted(place: Path) -> None:
    change = 'graph = { generator = "popularity", mean_followers = 4 }'
    text = EXPERIMENT.replace('graph = { file = "links.csv", meaning = "source,target", weight = 2 }', change)
    (place / "x.toml").write_text(text + "[people]\ncount = 60\n", encoding="utf-8")
    assert scale_notes(read_experiment(place / "x.toml")) == []
