"""Results as a Process Run Crate: files for archives, with a description of how they came to be that programs can read.

RO-Crate 1.1 (https://w3id.org/ro/crate/1.1) with the profile Process Run Crate 0.5
(https://w3id.org/ro/wfrun/process/0.5).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid4, uuid5

from diffusion.errors import InputError
from diffusion.graphs.files import path_of
from diffusion.study.results import CURVES, MANIFEST, RUNS, SUMMARY, Results, read_manifest
from diffusion.study.sweeps.manifest import is_sweep, sealed
from diffusion.study.sweeps.results import SweepResults
from diffusion.study.whole_files import whole_file
from diffusion.versions import MODEL_VERSION

METADATA, ASKED = "ro-crate-metadata.json", "experiment.json"
CRATE, PROFILE = "https://w3id.org/ro/crate/1.1", "https://w3id.org/ro/wfrun/process/0.5"
CONTEXT = (f"{CRATE}/context", "https://w3id.org/ro/terms/workflow-run/context")
_THEN = (1980, 1, 1, 0, 0, 0)
"""The time of all files in an archive: equal results make equal archives."""
_KINDS = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
_MEANINGS = {
    MANIFEST: "What was asked, by what it was computed, and the hashes of graphs and tables",
    RUNS: "One row per run, one column per measure",
    SUMMARY: "Every measure summarised over runs",
    CURVES: "Reach over time",
}

Entity = dict[str, Any]


class _Told(NamedTuple):
    """What a crate tells: texts of files that are written anew, and files that are copied."""

    manifest: dict[str, Any]
    written: dict[str, bytes]
    copied: dict[str, Path]


def write_crate(folder: str | os.PathLike[str], place: str | os.PathLike[str]) -> Path:
    """Write the results that lie in a folder, those of an experiment or of a sweep, as a Process Run Crate.

    Parameters
    ----------
    folder : path
        Results, which are read and checked first.
    place : path
        A folder that is not there yet, or an archive if the name ends in ``.zip`` (one that lies there is replaced).

    Returns
    -------
    Path
        The place. `Results.open` reads the folder, as it reads `folder`; of a sweep, the parts stay behind.

    Raises
    ------
    InputError
        If there are no results, or nothing can be written.
    """
    there, told = path_of("place", place), _told(path_of("folder", folder))
    if there.suffix == ".zip":
        with whole_file(there, "crate") as beside:
            _pack(told, beside)
        return there
    with _new_folder(there) as beside:
        for name, data in told.written.items():
            (beside / name).write_bytes(data)
        for name, path in told.copied.items():
            shutil.copyfile(path, beside / name)
        (beside / METADATA).write_bytes(_metadata(told, [_from_disk(beside / name) for name in _names(told)]))
    return there


def _told(folder: Path) -> _Told:
    """Read what a crate will tell of a folder of results."""
    if is_sweep(folder):
        manifest = SweepResults.open(folder).manifest
        own = {MANIFEST: sealed(manifest)}
        listed = {*manifest["files"], *(path.name for path in folder.iterdir() if path.suffix in _KINDS)}
    else:
        Results.read(folder)
        manifest, own = read_manifest(folder) or {}, {MANIFEST: (folder / MANIFEST).read_bytes()}
        listed = set(manifest["files"])
    asked = json.dumps(manifest["experiment"], indent=2, ensure_ascii=False).encode() + b"\n"
    copied = {
        name: folder / name
        for name in sorted(listed - {MANIFEST, ASKED, METADATA})
        if not name.startswith(".") and (folder / name).is_file()
    }
    return _Told(manifest, own | {ASKED: asked}, copied)


def _names(told: _Told) -> list[str]:
    return [*told.written, *told.copied]


@contextmanager
def _new_folder(place: Path) -> Iterator[Path]:
    """Open a folder beside its final place, to which it moves when the block ends; it vanishes if the block fails."""
    if place.exists():
        raise InputError(f'crate "{place}" is already there; give the name of a new folder, or of a .zip file')
    if not place.absolute().parent.is_dir():
        raise InputError(f'crate "{place}": there is no folder "{place.parent}"; make it first')
    beside = place.with_name(f".{place.name}-{uuid4().hex[:8]}")
    try:
        beside.mkdir()
        yield beside
        os.rename(beside, place)
    except OSError as error:
        raise InputError(f'crate "{place}" cannot be written: {error.strerror or error}') from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _pack(told: _Told, archive: Path) -> None:
    """Write an archive whose bytes depend on the results alone."""
    files = []
    with zipfile.ZipFile(archive, "w") as packed:
        for name in _names(told):
            with packed.open(_entry(name), "w", force_zip64=True) as out:
                files.append(_copied(name, told, out))
        with packed.open(_entry(METADATA), "w") as out:
            out.write(_metadata(told, files))


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _THEN)
    packs = Path(name).suffix not in (".parquet", ".png", ".pdf")  # these are packed already
    entry.compress_type = zipfile.ZIP_DEFLATED if packs else zipfile.ZIP_STORED
    entry.external_attr = 0o644 << 16
    return entry


class _File(NamedTuple):
    name: str
    size: int
    sha256: str


def _copied(name: str, told: _Told, out: Any) -> _File:
    """Copy a file into an open one, and return what was copied."""
    found, size = hashlib.sha256(), 0
    for block in [told.written[name]] if name in told.written else _blocks(told.copied[name]):
        found.update(block)
        size += len(block)
        out.write(block)
    return _File(name, size, found.hexdigest())


def _from_disk(path: Path) -> _File:
    found = hashlib.sha256()
    for block in _blocks(path):
        found.update(block)
    return _File(path.name, path.stat().st_size, found.hexdigest())


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            yield block


# --- the description -------------------------------------------------------------------------------------------------


def _metadata(told: _Told, files: Sequence[_File]) -> bytes:
    """Return `ro-crate-metadata.json`."""
    manifest = told.manifest
    name = str(manifest["name"])
    title = str(manifest["experiment"].get("title") or name)
    software = _software(manifest)
    inputs = [*_graphs(manifest), *_values(manifest)]
    action = _action(manifest, files, inputs, software[0])
    root: Entity = {
        "@id": "./",
        "@type": "Dataset",
        "conformsTo": {"@id": PROFILE},
        "name": f"Results of {name}",
        "description": f"{title}. Simulated with diffusion {software[0]['softwareVersion']}.",
        "datePublished": action["endTime"],
        "license": "No licence has been stated; ask whoever published this.",
        "hasPart": [{"@id": quote(file.name)} for file in files],
        "mentions": [{"@id": entity["@id"]} for entity in (action, *inputs)],
    }
    about: Entity = {"@id": METADATA, "@type": "CreativeWork", "conformsTo": {"@id": CRATE}, "about": {"@id": "./"}}
    profile: Entity = {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}
    graph = [about, root, profile, action, *software, *inputs, *(_file(file) for file in files)]
    return json.dumps({"@context": CONTEXT, "@graph": graph}, indent=2, ensure_ascii=False).encode() + b"\n"


def _action(manifest: dict[str, Any], files: Sequence[_File], inputs: Sequence[Entity], tool: Entity) -> Entity:
    begun = min(str(writer["begun"]) for writer in _writers(manifest))
    ended = str(manifest.get("finished") or _later(begun, float(manifest.get("seconds", 0.0))))
    whole = bool(manifest.get("complete"))
    machines = {json.dumps(w.get("machine"), sort_keys=True): w.get("machine") for w in _writers(manifest)}
    on = "; ".join(f"{m['processor']}, {m['cores']} cores, {m['system']}" for m in machines.values() if m)
    told: Entity = {
        "@id": uuid5(NAMESPACE_URL, json.dumps(manifest, sort_keys=True, ensure_ascii=False)).urn,
        "@type": "CreateAction",
        "name": f"Simulation of {manifest['name']}",
        "description": f"diffusion run, with the keys of {ASKED}" + (f"; on {on}" if on else ""),
        "startTime": begun,
        "endTime": ended,
        "instrument": {"@id": tool["@id"]},
        "object": [{"@id": ASKED}, *({"@id": entity["@id"]} for entity in inputs)],
        "result": [{"@id": quote(file.name)} for file in files if file.name != ASKED],
        "actionStatus": f"http://schema.org/{'Completed' if whole else 'Failed'}ActionStatus",
    }
    return told if whole else told | {"error": f"{manifest.get('missing', 'some')} runs are missing"}


def _later(begun: str, seconds: float) -> str:
    return (datetime.fromisoformat(begun) + timedelta(seconds=seconds)).isoformat(timespec="seconds")


def _writers(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Return who computed the numbers: several programs for a sweep."""
    return manifest.get("writers") or [manifest]


def _software(manifest: dict[str, Any]) -> list[Entity]:
    """Return the program, then what it depends on, in every version that was used."""
    used = {(name, version) for writer in _writers(manifest) for name, version in writer.get("versions", {}).items()}
    own = sorted(version for name, version in used if name == "diffusion")
    others = [
        {
            "@id": _purl(name, version),
            "@type": "SoftwareApplication",
            "name": name,
            "softwareVersion": version,
            "identifier": _purl(name, version),
        }
        for name, version in sorted(used)
        if name != "diffusion"
    ]
    tool: Entity = {
        "@id": "#diffusion",
        "@type": "SoftwareApplication",
        "name": "diffusion",
        "softwareVersion": ", ".join(own),
        "description": f"Version {manifest.get('model_version', MODEL_VERSION)} of the model",
        "softwareRequirements": [{"@id": other["@id"]} for other in others],
    }
    return [tool, *others]


def _purl(name: str, version: str) -> str:
    """Return the package URL of a release, which names it without saying where it lies."""
    return f"pkg:{'generic' if name == 'python' else 'pypi'}/{name}@{version}"


def _graphs(manifest: dict[str, Any]) -> list[Entity]:
    """Return what was read or generated and does not lie in the crate: graphs, and the files of a sweep."""
    owners: dict[str, list[str]] = {}
    for variant, platforms in manifest.get("graphs", {}).items():
        for platform, hashes in platforms.items():
            for one in hashes:
                owners.setdefault(one, []).append(f"{platform} in {variant}")
    graphs = [(one, f"graph of {', '.join(told)}") for one, told in owners.items()]
    files = [(one, f"file {Path(path).name}") for path, one in manifest.get("contents", {}).items()]
    return [
        {"@id": f"#blake2b-{one}", "@type": "CreativeWork", "name": name, "identifier": f"blake2b:{one}"}
        for one, name in dict([*graphs, *files]).items()
    ]


def _values(manifest: dict[str, Any]) -> list[Entity]:
    """Return seeds and the state of the folder in which the program worked, which lie in no file."""
    values: dict[str, Any] = {"seed": manifest["seed"]} if "seed" in manifest else {}
    values |= {f"seed of {variant}": seed for variant, seed in manifest.get("seeds", {}).items()}
    states = [writer["git"] for writer in _writers(manifest) if "git" in writer]
    for state in {state["commit"]: state for state in states}.values():
        changed = f", {state['changed']} files changed" if state["changed"] else ""
        values["git commit of the working folder"] = f"{state['commit']}{changed}"
    return [
        {"@id": f"#{quote(name.replace(' ', '-'))}", "@type": "PropertyValue", "name": name, "value": value}
        for name, value in values.items()
    ]


def _file(file: _File) -> Entity:
    meaning = "The experiment with every key and its value" if file.name == ASKED else _MEANINGS.get(file.name)
    told: Entity = {
        "@id": quote(file.name),
        "@type": "File",
        "name": file.name,
        "contentSize": str(file.size),
        "sha256": file.sha256,
    }
    kind = _KINDS.get(Path(file.name).suffix)
    return told | ({"encodingFormat": kind} if kind else {}) | ({"description": meaning} if meaning else {})
