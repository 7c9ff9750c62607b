"""One person's story and who told whom: against the event log, a world of six persons, and what must be refused."""

import csv
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import six_persons
from diffusion import MODEL_VERSION, cli
from diffusion.errors import InputError
from diffusion.outcome import Events
from diffusion.scenario import Experiment, Scenario
from diffusion.study import Replay, Results, export, replay, run_experiment, trace, who_told_whom, write_who_told_whom
from diffusion.study.traces import spoken, trace_in
from diffusion.units import NEVER
from diffusion.vocabulary import ChannelKind, EventKind

Printed = pytest.CaptureFixture[str]
PERSONS = 200


def scenario() -> Scenario:
    return six_persons.scenario(replicates=3, horizon="6 h").changed(
        {
            "people": {"count": PERSONS, "crosspost": "all"},
            "platforms.chirp.graph": {"generator": "popularity", "mean_followers": 4},
            "platforms.chirp.members": 0.6,
            "platforms.home.tell": 0.9,
            "outlets.tv": {
                "medium": "television",
                "watches": {"chirp": 0.01},
                "accounts": {"chirp": 0.3},
                "audience": 0.3,
            },
            "outlets.site": {"medium": "news_site", "follows": ["tv"], "gather": "never"},
            "stories.fire.witnesses": 4,
            "stories.fire.newsworthiness": 0.9,
            "stories.rumour": {"kind": "fake", "authors": 2, "appeal": 1.0, "newsworthiness": 0.7},
        }
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Results:
    base = scenario()
    tables = {
        "name": "fires",
        "scenario": base,
        "variants": {"both": base, "quiet": base.changed({"outlets.tv.active": False})},
    }
    return run_experiment(Experiment.model_validate(tables), out=tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def again(found: Results) -> Replay:
    return replay(found, variant="both", replicate=1)


# --- the run itself ---------------------------------------------------------------------------------------------------


def test_a_replay_is_the_stored_run(found: Results, again: Replay) -> None:
    (row,) = (run.row for run in found.runs if (run.variant, run.replicate) == ("both", 1))
    assert again.outcome.tallies[0].reached / PERSONS == row["fire.reached"]
    assert again.outcome.events is not None


def test_a_run_that_came_out_otherwise_is_refused(found: Results) -> None:
    runs = tuple(
        run._replace(row=run.row | {"fire.T50_h": 17.0}) if (run.variant, run.replicate) == ("both", 1) else run
        for run in found.runs
    )
    with pytest.raises(InputError, match=r"fire\.T50_h is .* and was 17 in the stored run"):
        replay(replace(found, runs=runs), variant="both", replicate=1)
    replay(replace(found, runs=runs), variant="both", replicate=2)


def test_a_graph_file_that_has_changed_is_refused_before_anything_is_simulated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = tmp_path / "links.csv"
    links.write_text("\n".join(f"{i},{(7 * i + 3) % 50}" for i in range(50)) + "\n")
    graph = {"file": str(links), "meaning": "follower,followed"}
    base = scenario().changed({"platforms.chirp.graph": graph, "people.count": None, "run.replicates": 1})
    made = Experiment.model_validate({"name": "filed", "scenario": base, "variants": {"base": base}})
    results = run_experiment(made, out=tmp_path)
    assert trace(results, 3, story="fire").person == 3
    links.write_text(links.read_text() + "1,2\n")
    monkeypatch.setattr("diffusion.simulation.Runner.run", None)
    with pytest.raises(InputError, match=r'platforms\.chirp\.graph: ".*links\.csv" has changed since the run'):
        trace(results, 3, story="fire")
    links.unlink()
    with pytest.raises(InputError, match="no such file"):
        trace(results, 3, story="fire")


def test_results_of_another_version_of_the_package_will_do_but_not_of_the_model(found: Results) -> None:
    def made_by(**about: Any) -> Results:
        return replace(found, manifest={**found.manifest, **about})

    assert found.manifest["model_version"] == MODEL_VERSION
    other = {"versions": {**found.manifest["versions"], "diffusion": "0.0.9", "numpy": "1.9"}}
    again = trace(made_by(**other), 3, variant="both", story="fire")
    assert again == trace(found, 3, variant="both", story="fire")
    for stored, said in ((MODEL_VERSION + 1, f"version {MODEL_VERSION + 1}"), (None, "an unnumbered version")):
        line = rf"by {said} of the model, which version 0\.0\.9 made \(numpy 1\.9\); by version {MODEL_VERSION}, "
        for call in (trace, export):
            with pytest.raises(InputError, match=line):
                call(made_by(model_version=stored, **other), "3.csv", variant="both", story="fire")


def test_results_of_another_format_are_refused_when_they_are_opened(tmp_path: Path) -> None:
    base = scenario().changed({"run.replicates": 1})
    made = Experiment.model_validate({"name": "small", "scenario": base, "variants": {"base": base}})
    folder = run_experiment(made, out=tmp_path).folder
    assert folder is not None
    about = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**about, "format_version": 2}))
    with pytest.raises(InputError, match=r"are of format 2, which version .* made .*, and this version reads 1; read"):
        Results.open(folder)
    del about["format_version"]
    (folder / "manifest.json").write_text(json.dumps(about))
    assert len(Results.open(folder).runs) == 1
    about["experiment"]["scenario"]["people"]["cuont"] = 3
    (folder / "manifest.json").write_text(json.dumps(about))
    with pytest.raises(InputError, match=r"the results cannot be read: .*cuont: unknown key") as raised:
        Results.open(folder)
    assert "\n" not in str(raised.value)


def test_another_generated_graph_is_refused_too(found: Results) -> None:
    graphs = {**found.manifest["graphs"], "both": {**found.manifest["graphs"]["both"], "chirp": ["0" * 32]}}
    other = replace(found, manifest={**found.manifest, "graphs": graphs})
    with pytest.raises(InputError, match="another graph is generated than in the run"):
        replay(other, variant="both")


def test_a_run_in_a_world_of_its_own_is_repeated_in_that_world(tmp_path: Path) -> None:
    base = scenario().changed({"run.redraw": "world"})
    made = Experiment.model_validate({"name": "drawn", "scenario": base, "variants": {"base": base}})
    results = run_experiment(made, out=tmp_path)
    hashes = results.manifest["graphs"]["base"]["chirp"]
    assert len(set(hashes)) == 3
    for replicate in (2, 0):
        again = replay(Results.open(tmp_path / "drawn"), replicate=replicate)
        assert again.world.graphs["chirp"].content_hash == hashes[replicate]


# --- one person -------------------------------------------------------------------------------------------------------


def test_everybodys_way_ends_where_and_when_the_log_says(again: Replay) -> None:
    outcome = again.outcome
    events: Events = outcome.events  # type: ignore[assignment]
    kinds = set()
    for story in ("fire", "rumour"):
        s = outcome.story(story)
        for person in range(PERSONS):
            told = trace_in(again, person, story)
            own = (events.person == person) & (events.story == s)
            heard = np.flatnonzero(own & np.isin(events.kind, (EventKind.EXPOSURE, EventKind.OWN_EYES)))
            if not heard.size:
                assert (told.way, told.delay, told.channel) == ((), {}, None)
                assert told.lines()[1] == "never heard of it up to the horizon"
                continue
            seconds = float(events.tick[heard[0]] - outcome.story_tick(s)) * outcome.tick
            assert told.way[-1].seconds == seconds
            assert [moment.seconds for moment in told.way] == sorted(moment.seconds for moment in told.way)
            assert sum(told.delay.values()) == pytest.approx(seconds, abs=1e-6)
            assert told.channel == outcome.channels[events.channel[heard[0]]].name
            shares = int(np.count_nonzero(own & (events.kind == EventKind.SHARE)))
            done = [line for line in told.afterwards if line.startswith(("posted it on", "began to tell it in"))]
            assert len(done) == shares
            kinds.add(outcome.channels[events.channel[heard[0]]].kind)
            assert str(person) in told.way[-1].text
    assert kinds >= {ChannelKind.OWN_EYES, ChannelKind.OUTLET, ChannelKind.PLATFORM, ChannelKind.CONTACT}


def test_a_way_names_the_person_whose_post_it_was(again: Replay) -> None:
    """Every link of every chain of persons is one that the log holds: the source of the first exposure."""
    outcome = again.outcome
    s = outcome.story("fire")
    sources = outcome.first_source(s)
    checked = 0
    for person in np.flatnonzero(outcome.column("first_post")[s] != NEVER).tolist():
        text = trace_in(again, person, "fire").way[-1].text
        assert str(sources[person]) in text
        checked += 1
    assert checked > 50


def test_newsrooms_stand_in_the_way_with_those_from_whom_they_had_it(again: Replay) -> None:
    texts = [
        " / ".join(m.text for m in trace_in(again, p, "fire").way)
        for p in np.flatnonzero(again.outcome.column("first_channel")[again.outcome.story("fire")] == 1).tolist()
    ]
    assert again.outcome.channels[1].name == "site"
    assert texts
    for text in texts:
        first, last = text.index("tv learns of it"), text.index("site learns of it from tv")
        assert (
            first < text.index("tv publishes it") < last < text.index("site publishes it") < text.index("hears it from")
        )


def test_authors_make_it_and_witnesses_are_there(again: Replay) -> None:
    own = again.outcome.column("first_channel")
    for story, words in (("fire", "is there"), ("rumour", "makes it")):
        person = int(np.flatnonzero(own[again.outcome.story(story)] == 0)[0])
        told = trace_in(again, person, story)
        assert told.way[0].text == f"person {person} {words}"
        assert "  they were there from the beginning" in told.lines()


def test_who_never_heard_is_told_what_they_missed(again: Replay) -> None:
    outcome, world = again.outcome, again.world
    s = outcome.story("speech")
    missed = np.flatnonzero(outcome.column("first_tick")[s] == NEVER).tolist()
    inside = next(p for p in missed if world.members["chirp"][p])
    outside = next(p for p in missed if not world.members["chirp"][p])
    lines = trace_in(again, inside, "speech").afterwards
    graph = world.graphs["chirp"]
    rows = [graph.followers[a:b] for a, b in pairwise(graph.offsets)]
    follows = sum(inside in row for row in rows)
    accounts = sum(inside in world.accounts[place] for place in (("mayor", "chirp"), ("tv", "chirp")))
    (line,) = (text for text in lines if text.startswith("chirp"))
    assert f" of {follows + accounts} accounts that they follow" in line
    assert "they are not on chirp" in trace_in(again, outside, "speech").afterwards


@pytest.mark.parametrize(("seconds", "text"), [(0, "0 s"), (59.5, "59.5 s"), (90, "1.5 min"), (5042, "1.4 h")])
def test_times_are_spoken_with_three_digits(seconds: float, text: str) -> None:
    assert spoken(seconds) == text


# --- who told whom ----------------------------------------------------------------------------------------------------


def test_who_told_whom_among_six_persons_is_as_written_by_hand() -> None:
    rows = who_told_whom(six_persons.outcome(), "fire").to_pylist()
    seen = [tuple(row.values()) for row in rows]
    assert seen == [
        ("0", 0.0, "own eyes", "own eyes", None, None, None, 60.0),
        ("1", 100.0, "chirp", "platform", "0", "person", 60.0, 130.0),
        ("2", 400.0, "home", "contact", "1", "person", 100.0, None),
        ("4", 910.0, "chirp", "platform", "tv", "outlet", 900.0, 950.0),
        ("3", 1800.0, "tv", "outlet", "tv", "outlet", 1800.0, None),
    ]
    speech = who_told_whom(six_persons.outcome(), "speech").to_pylist()
    assert [(row["person"], row["source"], row["source_kind"]) for row in speech] == [
        ("5", "mayor", "official"), ("1", "5", "person"),
    ]  # fmt: skip


def test_all_formats_hold_the_same(tmp_path: Path) -> None:
    import networkx
    import pyarrow.parquet as pq

    labels = np.array(["ann", "bob & co", "cy", "dee", "eve <x>", "tv"])
    outcome = six_persons.outcome(labels=labels)
    table = who_told_whom(outcome, "fire")
    for suffix in ("csv", "parquet", "graphml"):
        write_who_told_whom(outcome, tmp_path / f"told.{suffix}", "fire")
    assert pq.read_table(tmp_path / "told.parquet").equals(table)
    with (tmp_path / "told.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["person"] for row in rows] == ["ann", "bob & co", "cy", "eve <x>", "dee"]
    assert rows[0]["source"] == ""
    graph = networkx.read_graphml(tmp_path / "told.graphml")
    assert graph.is_directed()
    assert set(graph.edges) == {
        ("ann", "bob & co"), ("bob & co", "cy"), ("outlet:tv", "eve <x>"), ("outlet:tv", "dee"),
    }  # fmt: skip
    assert graph.edges["bob & co", "cy"] == {"seconds": 400.0, "channel": "home"}
    assert graph.nodes["eve <x>"]["shared_seconds"] == 950.0
    assert graph.nodes["outlet:tv"] == {"person": "tv", "kind": "outlet"}


def test_an_export_that_fails_leaves_nothing_and_what_lay_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "told.graphml"
    place.write_text("old")

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("diffusion.study.exports._Xml.link", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_who_told_whom(six_persons.outcome(), place, "fire")
    assert place.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["told.graphml"]


# --- as a stranger types it -------------------------------------------------------------------------------------------


def asked(capsys: Printed, *words: object) -> tuple[int, str, str]:
    code = cli._guarded([str(word) for word in words])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_trace_and_export_from_the_command_line(found: Results, tmp_path: Path, capsys: Printed) -> None:
    options = ["--variant", "both", "--story", "fire", "--replicate", 1]
    code, out, _ = asked(capsys, "trace", found.folder, "--person", 17, *options)
    assert (code, out.splitlines()) == (0, trace(found, 17, variant="both", story="fire", replicate=1).lines())
    code, out, _ = asked(capsys, "export", found.folder, "--out", tmp_path / "told.csv", *options)
    assert (code, out) == (0, f"{tmp_path / 'told.csv'}\n")
    export(found, tmp_path / "same.csv", variant="both", story="fire", replicate=1)
    assert (tmp_path / "told.csv").read_bytes() == (tmp_path / "same.csv").read_bytes()


BAD: list[tuple[list[object], str]] = [
    (["trace", "{folder}", "--person", 17], "which variant? There are both, quiet"),
    (["trace", "{folder}", "--person", 17, "--variant", "bth"], 'did you mean "both"'),
    (["trace", "{folder}", "--person", 17, "--variant", "both"], "which story? There are fire, rumour, speech"),
    (["trace", "{folder}", "--person", 17, "--variant", "both", "--story", "fre"], 'did you mean "fire"'),
    (["trace", "{folder}", "--person", 200, "--variant", "both", "--story", "fire"], "labels run from 0 to 199"),
    (["trace", "{folder}", "--person", "ann", "--variant", "both", "--story", "fire"], "labels of this graph are"),
    (["trace", "{folder}", "--person", 1, "--variant", "both", "--story", "fire", "--replicate", 3], "numbered 0 to 2"),
    (["trace", "{empty}", "--person", 17], "holds no results"),
    (["trace", "{folder}x", "--person", 17], 'did you mean "fires"'),
    (["trace", "{folder}"], "Missing option '--person'"),
    (["trace", "{folder}", *["--variant", "both", "--story", "fire", "--person"], ""], 'no person has the label ""'),
    (["trace", "{folder}", *["--variant", "both", "--story", "fire", "--person"], 2**70], "no person has the label"),
    (["export", "{folder}", "--variant", "both", "--story", "fire", "--out", "told.txt"], "the suffix says the format"),
    (["export", "{folder}", "--variant", "both", "--story", "fire", "--out", "no/told.csv"], "make it first"),
    (["export", "{empty}", "--out", "told.csv"], "holds no results"),
    (["compare", "{folder}", "{data}", "--variant", "both", "--story", "fire"], "set measures.cascades = true"),
    (["compare", "{empty}", "{data}"], "holds no results"),
    (["compare", "{folder}", "{data}.gone", "--variant", "both"], "no such file"),
    (["compare", "{folder}", "{data}", "--columns", "seconds"], "is not NAME=COLUMN"),
    (["compare", "{folder}", "{data}", "--repeats", "last"], 'choose "refuse" or "first"'),
    (["compare", "{folder}", "{data}", "--variant", "both", "--window", "6"], "is not a duration"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "message"), BAD, ids=[f"{w[0]}-{k}" for k, (w, _) in enumerate(BAD)])
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_written(
    found: Results, tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch, words: list[object], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "data.csv").write_text("cascade,user,seconds\n1,a,0\n1,b,5\n")
    places = {"folder": found.folder, "empty": tmp_path / "empty", "data": tmp_path / "data.csv"}
    code, out, err = asked(capsys, *(str(word).format(**places) for word in words))
    errors = [line for line in err.splitlines() if not line.startswith("simulating")]
    assert (code, out, len(errors)) == (2, "", 1), err
    assert message in errors[0]
    assert {path.name for path in tmp_path.iterdir()} == {"empty", "data.csv"}


def test_ctrl_c_while_a_run_is_simulated_again_leaves_nothing(
    found: Results, tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("diffusion.simulation.Runner.run", interrupted)
    where = tmp_path / "told.csv"
    code, out, err = asked(capsys, "export", found.folder, "--out", where, "--variant", "both", "--story", "fire")
    assert (code, out) == (130, "")
    assert "Traceback" not in err
    assert not any(tmp_path.iterdir())


def test_results_of_another_program_are_not_taken(tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"format": "something else"}))
    code, _, err = asked(capsys, "trace", tmp_path, "--person", 1)
    assert code == 2
    assert "holds no results" in err
