"""Graph files of a sweep, converted once so that all workers of a machine map one copy into memory."""

from __future__ import annotations

import json
import os
from pathlib import Path

from diffusion.errors import InputError
from diffusion.graphs import read_graph, write_graph
from diffusion.graphs.storage import is_stored
from diffusion.scenario import Scenario
from diffusion.study.sweeps.durable import digest, file_digest
from diffusion.world import GraphFile, GroupFile

GRAPHS = "graphs"
"""The folder in a store where converted graphs lie."""


class MappedGraphs:
    """Scenarios whose graph files are stored graphs, by paths that hold in every working folder.

    Parameters
    ----------
    folder : Path
        Of the store.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / GRAPHS
        self._stored: dict[GraphFile, GraphFile] = {}

    def scenario(self, scenario: Scenario) -> Scenario:
        """Return the scenario as a worker is given it."""
        platforms = dict(scenario.platforms)
        for name, platform in platforms.items():
            graph = platform.graph
            if isinstance(graph, GraphFile):
                found: GraphFile | GroupFile = self._mapped(graph)
            elif isinstance(graph, GroupFile):
                found = graph.model_copy(update={"file": str(Path(graph.file).absolute())})
            else:
                continue
            platforms[name] = platform.model_copy(update={"graph": found})
        people = scenario.people
        if people.file is not None:
            people = people.model_copy(update={"file": str(Path(people.file).absolute())})
        return scenario.model_copy(update={"platforms": platforms, "people": people})

    def _mapped(self, source: GraphFile) -> GraphFile:
        if source not in self._stored:
            path = Path(source.file).absolute()
            if is_stored(path):
                self._stored[source] = source.model_copy(update={"file": str(path)})
            else:
                self._stored[source] = GraphFile(file=str(self._converted(source, path)))
        return self._stored[source]

    def _converted(self, source: GraphFile, path: Path) -> Path:
        """Return where the stored graph of a file lies, under a name that says what was in the file and how it is read.

        One that is there already is used if it holds what it says.
        """
        said = source.model_dump(exclude={"file"})
        told = json.dumps([file_digest(path), said], sort_keys=True)
        place = self._folder / digest(told.encode())
        if _is_sound(place):
            return place
        graph = read_graph(path, **said)
        self._folder.mkdir(exist_ok=True)
        try:
            write_graph(graph, place)
        except OSError as error:
            # Another program may have stored the same graph in the meantime.
            if not _is_sound(place):
                raise InputError(f'"{place}": the graph cannot be stored: {error.strerror or error}') from None
        return place


def _is_sound(place: Path) -> bool:
    if not place.is_dir():
        return False
    try:
        about = json.loads((place / "about.json").read_text())
        return bool(read_graph(os.fspath(place)).content_hash == about.get("hash"))
    except (InputError, OSError, ValueError):
        return False
