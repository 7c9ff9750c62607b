"""The store of a sweep: finished runs in parts, from which its tables are made when all are there.

    NAME/manifest.json          what was asked, by whom it was computed, hashes of the tables
         parts/HASH.parquet     rows as they were finished, with a copy of the manifest
         damaged/               parts that do not hash to their name, or contradict others
         runs.parquet           one row per run, in the order of the sweep
         summary.csv            one row per point, variant and measure

Parts are only ever added, under names that say what is in them: several programs may write to one store at once,
nothing is locked, and whoever is killed leaves the rows that were finished. No decision hangs on a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from diffusion.errors import InputError
from diffusion.study.cascade_tables import Table
from diffusion.study.provenance import provenance
from diffusion.study.results import MANIFEST, RUNS, SUMMARY
from diffusion.study.sweeps.durable import (
    durable_file,
    file_digest,
    is_under_way,
    remove_leftovers,
    writing_to,
)
from diffusion.study.sweeps.manifest import (
    FORMAT,
    PARTS,
    manifest_paths,
    read_manifests,
    runs_digest,
    unsealed,
    write_manifest,
)
from diffusion.study.sweeps.parts import (
    PART,
    RUN,
    SECONDS,
    Row,
    rows_table,
)
from diffusion.study.sweeps.shelf import FULL_PART, Shelf
from diffusion.study.sweeps.summaries import summary_table, write_summary


class SweepStore:
    """Finished runs of a sweep, on the disk.

    `open_or_create` opens one. It may be shared by threads, and its folder by programs.

    Attributes
    ----------
    folder : Path
    manifest : dict
        What the sweep says of itself: at least `name`, `experiment` and `model_version`.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self.folder = folder
        self.manifest = manifest
        self._shelf = Shelf(folder, manifest.get("model_version"))
        self._rebuilt = False
        self._begun = _now()

    @classmethod
    def open_or_create(cls, folder: Path, manifest: dict[str, Any]) -> SweepStore:
        """Open the store in a folder, or make one there.

        Parameters
        ----------
        folder : Path
            It may hold the store of another sweep: runs go by their keys, so that nothing in it is lost.
        manifest : dict
            `name`, `experiment` (as JSON), `model_version`, and whatever else the sweep says of itself. An existing
            store keeps its own until `finish`.

        Raises
        ------
        InputError
            If the folder holds something else, or nothing can be written there.
        """
        store = cls(folder, manifest)
        _refuse_others(folder)
        with writing_to(folder):
            (folder / PARTS).mkdir(parents=True, exist_ok=True)
            for place in (folder, folder / PARTS):
                remove_leftovers(place)
            store._keep_manifest()
        return store

    def _keep_manifest(self) -> None:
        """See to it that the store has a sound manifest, which says that it is one."""
        sound = read_manifests(self.folder)
        for path in manifest_paths(self.folder):
            if unsealed(path) is not None:
                continue
            if path.exists():
                self._rebuilt = True
                self._shelf.set_aside(path)
            begun = self.manifest | {"format": FORMAT, "complete": False, "files": {}, "begun": self._begun}
            write_manifest(path, sound[0] if sound else begun)

    @cached_property
    def _writer(self) -> dict[str, Any]:
        return provenance() | {"begun": self._begun}

    @property
    def damaged(self) -> int:
        """Parts that were set aside because their bytes are not those that were written."""
        return self._shelf.damaged

    @property
    def conflicts(self) -> frozenset[str]:
        """Keys of runs that were stored twice with different measures; neither is served, and they run again."""
        return frozenset(self._shelf.conflicts)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know, a line each: what was set aside, and what other versions stored."""
        rebuilt = ["the store's manifest was damaged and has been written anew"] if self._rebuilt else []
        return (*rebuilt, *self._shelf.notes())

    def finished(self) -> set[str]:
        """Return the keys of the runs that are stored and sound; damaged and contradicting parts are set aside."""
        return set(self._shelf.rows(()).column(RUN).to_pylist())

    def add(self, rows: Sequence[Row]) -> None:
        """Store finished runs as one part. When this returns they are on the disk.

        Raises
        ------
        InputError
            If they cannot be written; nothing is then left of them, and what was stored stays.
        """
        if not rows:
            return
        with writing_to(self.folder):
            self._shelf.add(rows_table(rows), [self._writer])

    def table(self, columns: Sequence[str] | None = None) -> Table:
        """Return the stored runs by key: `run`, `seconds` and the measures, or those of them that are asked for."""
        return self._shelf.rows(columns)

    def compact(self, full: int = FULL_PART) -> int:
        """Join small parts into larger ones; return how many there are then.

        Parameters
        ----------
        full : int
            Rows from which on a part is large.

        Notes
        -----
        A joined part is on the disk before those that it was made of are removed. A program that is reading meanwhile
        finds the rows in the one or in the others.
        """
        return self._shelf.compact(full)

    def seconds(self) -> dict[str, float]:
        """Return how long every stored run took, by key."""
        rows = self._shelf.rows((SECONDS,))
        return dict(zip(rows.column(RUN).to_pylist(), rows.column(SECONDS).to_pylist(), strict=True))

    def finish(self, plan_index: Table) -> None:
        """Write the table of runs, the summary and the manifest.

        Parameters
        ----------
        plan_index : pyarrow.Table
            One row per run in the order of the sweep: `point`, the swept keys by their dotted names, `variant`,
            `replicate`, `run`. A key may stand there more than once. Runs that are not stored are left out, and counted
            in the manifest as `missing`.

        Raises
        ------
        InputError
            If they cannot be written; the former tables then stay.
        """
        runs, missing = self._in_order(plan_index)
        summary = summary_table(runs)
        with writing_to(self.folder):
            remove_leftovers(self.folder)
            placed = {RUNS: _runs_writer(runs), SUMMARY: lambda file: write_summary(summary, file)}
            self._publish(placed, {"runs": runs.num_rows, "missing": missing, "writers": self._shelf.writers()})

    def _in_order(self, plan_index: Table) -> tuple[Table, int]:
        """Return the plan's stored runs in its order, and how many are not stored."""
        import pyarrow.compute as pc

        stored = self._shelf.rows()
        at = pc.index_in(plan_index.column(RUN), value_set=stored.column(RUN))
        there = at.is_valid()
        runs, at = plan_index.filter(there).combine_chunks(), at.filter(there)
        measures = sorted(set(stored.column_names) - {RUN, SECONDS})
        taken = next((name for name in measures if name in runs.column_names), None)
        if taken is not None:
            raise InputError(f'"{taken}" is both a swept key and a measure; rename the story')
        for name in measures:
            column = stored.column(name).take(at)
            stored = stored.drop_columns([name])
            if column.null_count < len(column):
                runs = runs.append_column(name, column)
        return runs, plan_index.num_rows - runs.num_rows

    def _publish(self, placed: dict[str, Callable[[Any], None]], about: dict[str, Any]) -> None:
        """Write tables and manifests such that, wherever this is killed, one manifest fits the table of runs.

        The copy of the manifest goes first and the manifest itself last: in between, each of them names the table of
        runs that lies there before or after.
        """
        main, copy = manifest_paths(self.folder)
        self._settle()
        with ExitStack() as open_files:
            beside: dict[str, Path] = {}
            files = {}
            for name, write in placed.items():
                file = open_files.enter_context(durable_file(self.folder / name))
                write(file)
                file.flush()
                beside[name] = Path(file.name)
                files[name] = {"blake2b": file_digest(beside[name]), "bytes": beside[name].stat().st_size}
            manifest = self.manifest | about | {
                "format": FORMAT,
                "complete": about["missing"] == 0,
                "files": files,
                "damaged": self.damaged,
                "begun": self._begun,
                "finished": _now(),
            }  # fmt: skip
            write_manifest(copy, manifest)
        write_manifest(main, manifest)
        self.manifest = manifest

    def _settle(self) -> None:
        """Write the manifest again from its copy, where only the copy fits the table of runs."""
        main, copy = manifest_paths(self.folder)
        if not (self.folder / RUNS).is_file():
            return
        fits = file_digest(self.folder / RUNS)
        first, second = unsealed(main), unsealed(copy)
        if second is not None and runs_digest(second) == fits and (first is None or runs_digest(first) != fits):
            write_manifest(main, second)


def _runs_writer(runs: Table) -> Callable[[Any], None]:
    def write(file: Any) -> None:
        import pyarrow.parquet as pq

        pq.write_table(runs, file, compression="zstd", row_group_size=FULL_PART)

    return write


def _refuse_others(folder: Path) -> None:
    """Raise InputError for a folder that holds anything but the store of a sweep."""
    other = "choose another folder for the results, or another name for the experiment"
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError(f'"{folder}" is a file; {other}')
    present = {path.name for path in folder.iterdir() if not is_under_way(path.name)}
    if not present or read_manifests(folder) or _was_store(folder, present):
        return
    if MANIFEST in present:
        raise InputError(f'"{folder}" holds the results of an experiment without a sweep; {other}')
    raise InputError(f'"{folder}" is a folder of something else (it has no {MANIFEST} of a sweep); {other}')


def _was_store(folder: Path, present: set[str]) -> bool:
    """Whether a folder without a sound manifest was a store: it has a folder of parts, and of nothing else."""
    if PARTS not in present:
        return False
    names = {path.name for path in (folder / PARTS).iterdir() if not is_under_way(path.name)} - {MANIFEST}
    return all(PART.fullmatch(name) for name in names) and (bool(names) or present == {PARTS})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
