"""Process Run Crates: what RO-Crate 1.1 and the profile ask for, of results with and without a sweep."""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

import six_persons
from diffusion import Experiment, InputError, Results, run_experiment
from diffusion.cli import _guarded
from diffusion.study import write_crate
from diffusion.study.sweeps import SweepResults
from sweep_stores import index, opened, rows

METADATA = "ro-crate-metadata.json"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"


def plain(folder: Path) -> Path:
    base = six_persons.scenario()
    made = Experiment.model_validate({"name": "small", "title": "A fire", "scenario": base, "variants": {"one": base}})
    found = run_experiment(made, out=folder).folder
    assert found is not None
    return found


def swept(folder: Path, n: int = 24) -> Path:
    store = opened(folder / "made", contents={"graphs/town.csv": "ab" * 16})
    store.add(rows(*range(n)))
    store.finish(index(3, 4))
    (folder / "made" / "line.png").write_bytes(b"a figure")
    return folder / "made"


def entities(text: bytes) -> dict[str, dict[str, Any]]:
    crate = json.loads(text)
    assert crate["@context"][0] == "https://w3id.org/ro/crate/1.1/context"
    found = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(found) == len(crate["@graph"]), "two entities of one name"
    return found


def references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [one for part in value for one in references(part)]
    return [value["@id"]] if isinstance(value, dict) else []


def keeps_the_profile(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """https://w3id.org/ro/wfrun/process/0.5, section Requirements; returns the action."""
    about, root = found[METADATA], found["./"]
    assert about["about"] == {"@id": "./"} and about["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert root["@type"] == "Dataset" and root["conformsTo"] == {"@id": PROFILE}
    assert {"name", "description", "datePublished", "license"} <= root.keys()
    assert found[PROFILE]["@type"] == "CreativeWork"
    (action,) = (entity for entity in found.values() if entity["@type"] == "CreateAction")
    assert {"@id": action["@id"]} in root["mentions"]
    assert {"name", "description", "startTime", "endTime", "object", "result"} <= action.keys()
    assert action["startTime"] <= action["endTime"]
    tool = found[action["instrument"]["@id"]]
    assert tool["@type"] == "SoftwareApplication" and tool["name"] == "diffusion" and tool["softwareVersion"]
    used = [one for entity in found.values() for value in entity.values() for one in references(value)]
    outside = {one for one in used if one not in found}
    assert outside <= {"https://w3id.org/ro/crate/1.1"}
    assert {one["@id"] for one in root["hasPart"]} == {e["@id"] for e in found.values() if e["@type"] == "File"}
    return action


def test_a_crate_of_an_experiment(tmp_path: Path) -> None:
    folder = plain(tmp_path)
    place = write_crate(folder, tmp_path / "crate")
    found = entities((place / METADATA).read_bytes())
    action = keeps_the_profile(found)
    assert action["actionStatus"] == "http://schema.org/CompletedActionStatus"
    there = {path.name for path in folder.iterdir()} | {"experiment.json", METADATA}
    assert {path.name for path in place.iterdir()} == there
    for name in there - {METADATA}:
        data = (place / name).read_bytes()
        assert found[name]["sha256"] == hashlib.sha256(data).hexdigest()
        assert found[name]["contentSize"] == str(len(data))
    assert {"@id": "experiment.json"} in action["object"] and {"@id": "runs.parquet"} in action["result"]
    assert found["#seed-of-one"]["value"] == 1
    assert any(entity.get("identifier", "").startswith("blake2b:") for entity in found.values())
    assert repr(Results.read(place).runs) == repr(Results.read(folder).runs)  # nan is not equal to itself
    asked = Experiment.model_validate(json.loads((place / "experiment.json").read_text()))
    assert asked == Results.read(folder).experiment


def test_a_crate_of_a_sweep_is_read_like_the_sweep(tmp_path: Path) -> None:
    place = write_crate(swept(tmp_path), tmp_path / "crate")
    found = entities((place / METADATA).read_bytes())
    action = keeps_the_profile(found)
    assert {"manifest.json", "runs.parquet", "summary.csv", "line.png", "experiment.json"} < found.keys()
    assert found["#blake2b-" + "ab" * 16]["name"] == "file town.csv"
    assert "startTime" in action and action["actionStatus"].endswith("CompletedActionStatus")
    read = Results.open(place)
    assert isinstance(read, SweepResults)
    assert read.table().equals(SweepResults.open(tmp_path / "made").table())


def test_a_sweep_with_missing_runs_says_so(tmp_path: Path) -> None:
    place = write_crate(swept(tmp_path, n=20), tmp_path / "crate")
    action = keeps_the_profile(entities((place / METADATA).read_bytes()))
    assert action["actionStatus"] == "http://schema.org/FailedActionStatus"
    assert action["error"] == "4 runs are missing"


def test_equal_results_make_equal_archives(tmp_path: Path) -> None:
    folder = swept(tmp_path)
    first, second = (write_crate(folder, tmp_path / name) for name in ("a.zip", "b.zip"))
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as packed:
        assert packed.testzip() is None
        keeps_the_profile(entities(packed.read(METADATA)))
        packed.extractall(tmp_path / "unpacked")
    assert Results.open(tmp_path / "unpacked").table().num_rows == 24
    plain_crate = write_crate(folder, tmp_path / "crate")
    assert (plain_crate / METADATA).read_bytes() == (tmp_path / "unpacked" / METADATA).read_bytes()


def test_places_that_are_taken_or_missing_are_refused(tmp_path: Path) -> None:
    folder = swept(tmp_path)
    (tmp_path / "mine").mkdir()
    for place, told in (("mine", "is already there"), ("no/crate", 'there is no folder "'), ("no/a.zip", "no folder")):
        with pytest.raises(InputError, match=told):
            write_crate(folder, tmp_path / place)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made", "mine"]
    with pytest.raises(InputError, match="no results"):
        write_crate(tmp_path / "mine", tmp_path / "crate")


def test_the_command_writes_either_a_crate_or_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = swept(tmp_path)
    assert _guarded(["export", str(folder), "--crate", str(tmp_path / "c.zip")]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'c.zip'}\n"
    assert _guarded(["export", str(folder)]) == 2
    assert "give either --out FILE" in capsys.readouterr().err
    assert _guarded(["export", str(folder), "--out", str(tmp_path / "a.csv")]) == 2
    assert "holds a sweep" in capsys.readouterr().err
