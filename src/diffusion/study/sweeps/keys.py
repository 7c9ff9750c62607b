"""Run keys: a run is known by what decides its numbers, and by nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from diffusion.errors import InputError
from diffusion.graphs.files import check_exists
from diffusion.scenario import Measures, Scenario
from diffusion.versions import MODEL_VERSION
from diffusion.vocabulary import Record
from diffusion.world import is_file

_BATCH = 1 << 20
_MOST_TEXTS = 10_000


def file_contents(scenarios: Iterable[Scenario]) -> dict[str, str]:
    """Return what `content_of` does for every file that scenarios read, by path."""
    return {path: content_of(path) for path in dict.fromkeys(p for s in scenarios for p in files_of(s))}


def files_of(scenario: Scenario) -> list[str]:
    """Return the paths of the files that a scenario reads."""
    people = [] if scenario.people.file is None else [scenario.people.file]
    return people + [p.graph.file for p in scenario.platforms.values() if is_file(p.graph)]  # type: ignore[union-attr]


def content_of(file: str) -> str:
    """Return 32 hexadecimal digits (BLAKE2b) over the bytes of a file.

    A folder, as which a graph may be stored, counts with the names and bytes of all files in it.

    Raises
    ------
    InputError
        If it is missing or cannot be read.
    """
    path = Path(file)
    check_exists(path, "sweep")
    digest = hashlib.blake2b(digest_size=16)
    try:
        if not path.is_dir():
            _add(digest, path)
        else:
            for below in sorted(p for p in path.rglob("*") if p.is_file()):
                digest.update(f"{below.relative_to(path).as_posix()}\0{below.stat().st_size}\0".encode())
                _add(digest, below)
    except OSError as error:
        raise InputError(f'sweep "{path}" cannot be read: {error.strerror or error}') from None
    return digest.hexdigest()


def _add(digest: Any, path: Path) -> None:
    with path.open("rb") as stream:
        while batch := stream.read(_BATCH):
            digest.update(batch)


class RunKeys:
    """Keys of runs that are measured alike.

    Parameters
    ----------
    measures : Measures
        What decides a row of them: the quantiles.
    contents : mapping
        Path -> hash of its content, as `file_contents` returns it.
    """

    def __init__(self, measures: Measures, contents: Mapping[str, str]) -> None:
        self._start = canonical([MODEL_VERSION, {"quantiles": measures.quantiles}])
        self._contents = contents
        self._texts: dict[int, tuple[BaseModel, str]] = {}

    def digest(self, scenario: Scenario) -> bytes:
        """Return 16 bytes that stand for a scenario, its files' content, the measures and the model's version."""
        sections = []
        for name in sorted(Scenario.model_fields):
            section = getattr(scenario, name)
            if isinstance(section, dict):
                text = ",".join(f"{_name(key)}:{self._text(section[key])}" for key in sorted(section))
                sections.append(f"{_name(name)}:{{{text}}}")
            else:
                sections.append(f"{_name(name)}:{self._text(section)}")
        text = f"[{self._start},{{{','.join(sections)}}}]"
        return hashlib.blake2b(text.encode(), digest_size=16).digest()

    def _text(self, part: BaseModel) -> str:
        """Return a part of a scenario as canonical JSON, with the content of its files in place of their paths."""
        known = self._texts.get(id(part))
        if known is not None:
            return known[1]
        if len(self._texts) >= _MOST_TEXTS:
            self._texts.clear()
        text = canonical(self._plain(part))
        self._texts[id(part)] = part, text  # kept with its text: no other part can have its id
        return text

    def _plain(self, part: BaseModel) -> dict[str, Any]:
        table = part.model_dump(mode="json")
        if "replicates" in table and "record" in table:  # run
            del table["replicates"]
            table["record"] = max(Record[table["record"].upper()], Record.PARENTS).name.lower()
        for home in (table, table.get("graph")):
            if isinstance(home, dict) and isinstance(home.get("file"), str):
                home["file"] = self._contents[home["file"]]
        return table


@cache
def _name(name: str) -> str:
    return json.dumps(name)


def of_replicate(digest: bytes, replicate: int) -> str:
    """Return the key of a replicate of what a digest stands for, 32 hexadecimal digits."""
    return hashlib.blake2b(digest + replicate.to_bytes(8, "little"), digest_size=16).hexdigest()


def run_key(scenario: Scenario, measures: Measures, replicate: int, contents: Mapping[str, str] | None = None) -> str:
    """Return the key of a run.

    Parameters
    ----------
    scenario : Scenario
        As it is run: everything in it counts but `run.replicates`; of files only their content counts. `run.record`
        counts as "parents" below that level, for so much is measured.
    measures : Measures
        As they are measured (`measured_for`): their quantiles count.
    replicate : int
    contents : mapping, optional
        Path -> hash of its content; by default the files are read.

    Returns
    -------
    str
        32 hexadecimal digits (BLAKE2b) over canonical JSON of these and `MODEL_VERSION`. Equal keys mean equal rows.
    """
    found = file_contents([scenario]) if contents is None else contents
    return of_replicate(RunKeys(measures, found).digest(scenario), replicate)


def canonical(value: Any) -> str:
    """Return JSON that is the same for equal values, in every process and on every machine."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
