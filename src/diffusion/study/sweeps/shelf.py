"""All parts of a store together: reading them, adding to them, joining small ones into larger ones."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from diffusion.errors import InputError
from diffusion.study.cascade_tables import Table
from diffusion.study.sweeps.durable import writing_to
from diffusion.study.sweeps.manifest import DAMAGED, PARTS
from diffusion.study.sweeps.parts import RUN, DamagedPart, Part, agreeing, part_paths, picked, read_part, write_part

FULL_PART = 65_536
"""Rows from which on a part is left alone when small ones are joined (chosen: 20 MiB at 40 measures)."""
_ATTEMPTS = 100


class Shelf:
    """The parts in the folder of a store.

    Attributes
    ----------
    folder : Path
        Of the store.
    model_version : str
        Parts of other versions stay, and are not read.
    conflicts : set of str
        Keys of runs that were stored twice with different measures.
    """

    def __init__(self, folder: Path, model_version: Any) -> None:
        self.folder = folder
        self.model_version = model_version
        self.conflicts: set[str] = set()
        self._damaged: set[str] = set()
        self._older: dict[str, tuple[str, int]] = {}
        self._writers: dict[str, list[dict[str, Any]]] = {}
        self._one = threading.RLock()

    @property
    def damaged(self) -> int:
        """Parts that were set aside because their bytes are not those that were written."""
        return len(self._damaged)

    def notes(self) -> list[str]:
        """Say what was set aside, and what other versions stored, a line each."""
        told = []
        if self.damaged:
            parts = "1 damaged part was" if self.damaged == 1 else f"{self.damaged} damaged parts were"
            told.append(f'{parts} moved to "{self.folder / DAMAGED}"; their runs are run again')
        if self.conflicts:
            runs = "1 run was" if len(self.conflicts) == 1 else f"{len(self.conflicts)} runs were"
            told.append(
                f"error: {runs} stored twice with different measures (the first is {min(self.conflicts)}); both rows "
                f'were moved to "{self.folder / DAMAGED}" and the run is run again: does every machine have the same '
                "versions of numba and numpy?"
            )
        for other in sorted({version for version, _ in self._older.values()}):
            rows = sum(rows for version, rows in self._older.values() if version == other)
            own = self.model_version
            told.append(f"{rows:,} stored runs of model version {other} stay, and are not used for version {own}")
        return told

    def add(self, rows: Table, writers: Sequence[dict[str, Any]]) -> Path:
        """Write rows as one part.

        Raises
        ------
        OSError
            If they cannot be written; nothing is then left of them.
        """
        return write_part(self.folder / PARTS, rows, {"model_version": self.model_version, "writers": list(writers)})

    def writers(self) -> list[dict[str, Any]]:
        """Return who wrote the parts that have been read."""
        return _distinct([writer for writers in self._writers.values() for writer in writers])

    def rows(self, columns: Sequence[str] | None = None) -> Table:
        """Return one row of every sound run, sorted by key, with all columns or those asked for.

        Runs that are stored twice with different measures are set aside.
        """
        with self._one:
            rows = self._joined(columns)
            found = agreeing(rows)
            if len(found.kept) == rows.num_rows or not self._resolved():
                return picked(rows, found.kept)
            rows = self._joined(columns)
            return picked(rows, agreeing(rows).kept)

    def _joined(self, columns: Sequence[str] | None) -> Table:
        import pyarrow as pa

        tables = [part.rows for part in self.parts(columns)]
        empty = pa.table({RUN: pa.array([], pa.string())})
        return pa.concat_tables([empty, *tables], promote_options="default")

    def _resolved(self) -> bool:
        """Set contradicting rows aside; return whether there were any.

        What else is in their parts is written anew first, so that nothing is lost where this is interrupted.
        """
        conflicts = agreeing(self._joined(None)).conflicts
        if not conflicts:
            return False
        self.conflicts |= conflicts
        wrong = np.array(sorted(conflicts), dtype="S32")
        with writing_to(self.folder):
            for part in self.parts(None):
                contradicted = np.isin(part.rows.column(RUN).to_numpy().astype("S32"), wrong)
                if not contradicted.any():
                    continue
                if not contradicted.all():
                    write_part(self.folder / PARTS, part.rows.filter(~contradicted), part.about)
                self.set_aside(part.path)
        return True

    def parts(self, columns: Sequence[str] | None) -> Iterator[Part]:
        """Read all sound parts of this version of the model, each once; set damaged ones aside."""
        read: set[str] = set()
        for _ in range(_ATTEMPTS):
            paths = [path for path in part_paths(self.folder / PARTS) if path.name not in read]
            gone = False
            for path in paths:
                try:
                    part = self._sound(path, columns)
                except FileNotFoundError:  # joined into a larger part, which the next look finds
                    gone = True
                    continue
                read.add(path.name)
                if part is not None:
                    yield part
            if not gone:
                return
        raise InputError(f'"{self.folder}": its parts change faster than they can be read; try again')

    def _sound(self, path: Path, columns: Sequence[str] | None) -> Part | None:
        """Read a part, or set it aside and return None; None also for a part of another version of the model."""
        try:
            part = read_part(path, columns)
        except DamagedPart:
            self._damaged.add(path.name)
            with suppress(OSError):  # a store that cannot be written is read all the same
                self.set_aside(path)
            return None
        its = part.about.get("model_version")
        if its != self.model_version:
            self._older[path.name] = (str(its), part.rows.num_rows)
            return None
        self._writers[path.name] = part.about.get("writers", [])
        return part

    def set_aside(self, path: Path) -> None:
        """Move a file to where damaged ones lie; another program may have done so already."""
        aside = self.folder / DAMAGED
        aside.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):
            os.replace(path, aside / f"{path.stem}-{uuid4().hex[:8]}{path.suffix}")

    def compact(self, full: int = FULL_PART) -> int:
        """Join parts of fewer than `full` rows; return how many there are then."""
        with self._one, writing_to(self.folder):
            gathered: list[Part] = []
            for part in self.parts(None):
                if part.rows.num_rows < full:
                    gathered.append(part)
                if sum(one.rows.num_rows for one in gathered) >= full:
                    self._join(gathered)
                    gathered = []
            self._join(gathered)
            return len(part_paths(self.folder / PARTS))

    def _join(self, parts: Sequence[Part]) -> None:
        import pyarrow as pa

        if len(parts) < 2:
            return
        rows = pa.concat_tables([part.rows for part in parts], promote_options="default")
        found = agreeing(rows)
        if found.conflicts:  # both rows stay, until reading sets them aside
            kept = np.argsort(rows.column(RUN).to_numpy().astype("S32"), kind="stable")
        else:
            kept = found.kept
        writers = [writer for part in parts for writer in part.about.get("writers", ())]
        joined = self.add(picked(rows, kept), _distinct(writers))
        for part in parts:
            if part.path != joined:
                part.path.unlink(missing_ok=True)


def _distinct(writers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    by_text = {json.dumps(writer, sort_keys=True): writer for writer in writers}
    return [by_text[text] for text in sorted(by_text)]
