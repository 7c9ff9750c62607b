"""Writing follower graphs for other programs, and turning one kind of file into another."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError, expected
from diffusion.graphs import storage
from diffusion.graphs.files import check_exists, check_folder, fresh_file, path_of
from diffusion.graphs.follower_graph import FollowerGraph
from diffusion.graphs.interchange import followed_of, outgoing
from diffusion.graphs.interchange.files import write_graphml
from diffusion.graphs.labels import explicit
from diffusion.graphs.meaning import MEANINGS
from diffusion.graphs.moments import as_dates
from diffusion.graphs.readers import read_graph
from diffusion.units import NEVER

_LISTS = {".csv": ",", ".tsv": "\t", ".parquet": "", ".graphml": ""}
_ENDS = {
    "follower,followed": ("follower", "followed"),
    "followed,follower": ("followed", "follower"),
    "source,target": ("source", "target"),
    "mutual": ("ego", "alter"),
}
_BATCH = 1 << 20
_INTEGER = re.compile(r"[+-]?[0-9]+")
_QUOTED = re.compile(r'[\s#%",;]')


class Written(NamedTuple):
    """A graph, where it lies now, and what the file does not hold."""

    graph: FollowerGraph
    path: Path
    notes: tuple[str, ...] = ()


def write_links(graph: FollowerGraph, path: str | os.PathLike[str], *, meaning: str, replace: bool = False) -> Written:
    """Write a graph for other programs: one row per link, or GraphML.

    The columns are named after the meaning (``ego,alter`` for mutual links, each once), then come ``weight``, ``since``
    and ``until`` if the graph has them: times as seconds of the run's clock or as local dates, empty where a link
    exists from the beginning or for ever. The file appears all at once.

    Parameters
    ----------
    graph : FollowerGraph
        The graph.
    path : str or path
        ``name.csv``, ``name.tsv``, ``name.csv.gz``, ``name.tsv.gz``, ``name.parquet``, ``name.graphml``,
        ``name.graphml.gz``.
    meaning : str
        What the two columns (source and target of an edge) shall be; "mutual" for a mutual graph only.
    replace : bool
        Whether a file that is there may be replaced.

    Returns
    -------
    Written
        Where it lies; its notes say how many persons have no link and are therefore not in a list.

    Raises
    ------
    InputError
        If the name has another suffix, the place is taken or its folder does not exist, or the labels would come back
        as something else.
    """
    expected("graph", graph, FollowerGraph, "a FollowerGraph (read_graph reads one)")
    place = path_of("path", path)
    kind, packed = _kind(place)
    where = f'graph "{path}"'
    if kind not in _LISTS or (packed and kind == ".parquet"):
        raise InputError(f"{where}: links are written as .csv, .tsv, .graphml (each also .gz) or .parquet")
    check_folder(place, "graph")
    _check_free(place, replace)
    _, _, mutual = outgoing(graph, meaning)
    if kind in (".csv", ".tsv"):
        _check_labels(graph, where)
    with ExitStack() as stack:
        stream: Any = stack.enter_context(fresh_file(place))
        if packed:
            stream = stack.enter_context(gzip.GzipFile("", "wb", 6, stream, mtime=0))
        if kind == ".graphml":
            write_graphml(graph, stream, meaning=meaning)
        elif kind == ".parquet":
            _write_parquet(graph, stream, meaning, mutual)
        else:
            _write_text(graph, stream, meaning, mutual, _LISTS[kind])
    alone = int(np.count_nonzero((graph.n_followers == 0) & (graph.n_followed == 0)))
    lost = f"{alone} of {graph.n_persons} persons have no link and are not in the file"
    return Written(graph, place, (lost,) if alone and kind != ".graphml" else ())


def convert(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    meaning: str | None = None,
    target_meaning: str | None = None,
    replace: bool = False,
    **options: Any,
) -> Written:
    """Turn a graph file into one of another kind.

    Parameters
    ----------
    source : str or path
        Whatever `read_graph` reads.
    target : str or path
        A name for `write_graph` (.npz, or no suffix for a folder) or for `write_links`.
    meaning : str
        What the columns of the source are, or, if the source is a stored graph, what those of the target shall be.
        Left out where both are stored graphs, which know their directions.
    target_meaning : str, optional
        What the columns of the target shall be, if not what they are in the source.
    replace : bool
        Whether a file that is there may be replaced.
    **options
        What else `read_graph` takes.

    Returns
    -------
    Written
        The graph, its new place, and what the new file does not hold.

    Raises
    ------
    InputError
        If the meaning is missing or meaningless, and for what the reader and the writers refuse.
    """
    place, new = path_of("source", source), path_of("target", target)
    check_exists(place, "graph")
    stored, storing = storage.is_stored(place), will_be_stored(new)
    if storing and target_meaning is not None:
        raise InputError(f'graph "{target}" will be a stored graph, which knows its directions; leave its meaning out')
    if stored and storing and meaning is not None:
        raise InputError(f'"{source}" and "{target}" are stored graphs, which know their directions; leave meaning out')
    if stored and not storing and meaning is None and target_meaning is None:
        known = ", ".join(MEANINGS)
        raise InputError(f'graph "{target}": say with meaning=... (--meaning) what a row shall mean: {known}')
    if stored and meaning is not None and target_meaning is not None:
        raise InputError(f'graph "{source}" is a stored graph, which knows its directions; give one meaning')
    check_place(new, replace)
    graph = read_graph(place, meaning=None if stored else meaning, **options)
    if storing:
        return Written(graph, storage.write_graph(graph, new))
    return write_links(graph, new, meaning=target_meaning or str(meaning), replace=replace)


def will_be_stored(place: Path) -> bool:
    """Whether a name asks for a stored graph (.npz, or no suffix for a folder) rather than for a list of links.

    Raises
    ------
    InputError
        If it asks for neither.
    """
    kind, _ = _kind(place)
    if kind not in ("", ".npz") and kind not in _LISTS:
        raise InputError(
            f'graph "{place}": write .npz, a folder (a name without a suffix), .csv, .tsv, .graphml (each also .gz) '
            "or .parquet"
        )
    return kind in ("", ".npz")


def check_place(place: Path, replace: bool) -> None:
    """Raise InputError unless a graph can be written there: there is a folder, and nothing to be lost."""
    check_folder(place, "graph")
    _check_free(place, replace)


def _kind(place: Path) -> tuple[str, bool]:
    """Return the suffix that names the kind of file, and whether the file is packed."""
    packed = place.suffix == ".gz"
    return (Path(place.stem).suffix if packed else place.suffix), packed


def _check_free(place: Path, replace: bool) -> None:
    if place.exists() and not replace:
        raise InputError(f'graph "{place}" is there already; remove it, choose another name or say that it is replaced')


def _check_labels(graph: FollowerGraph, where: str) -> None:
    labels = graph.labels
    if labels is not None and labels.dtype.kind == "U" and all(map(_INTEGER.fullmatch, labels.tolist())):
        raise InputError(f"{where}: all labels are texts that a list gives back as integers; write .npz or .parquet")


def _tables(graph: FollowerGraph, meaning: str, mutual: bool) -> Iterator[Any]:
    """Yield the links as Arrow tables of about a million rows each."""
    import pyarrow as pa

    head = "follower" if meaning == "follower,followed" else "followed"
    names = _ENDS[meaning]
    labels = pa.array(explicit(graph.labels, graph.n_persons))
    followed = followed_of(graph)
    for start in range(0, max(1, graph.n_links), _BATCH):
        batch = np.arange(start, min(start + _BATCH, graph.n_links))
        if mutual:
            batch = batch[followed[batch] < graph.followers[batch]]
        ends = [labels.take(pa.array(side[batch])) for side in (followed, graph.followers)]
        columns = dict(zip(names, ends if head == "followed" else ends[::-1], strict=True))
        if graph.weights is not None:
            columns["weight"] = pa.array(graph.weights[batch])
        for name, values, empty in (("since", graph.since, 0), ("until", graph.until, NEVER)):
            if values is not None:
                columns[name] = _moments(values[batch], empty, graph.clock)
        yield pa.table(columns)


def _moments(values: NDArray[np.uint32], empty: int, clock: str) -> Any:
    import pyarrow as pa

    if clock == "wall":
        return pa.array(as_dates(values, empty))
    return pa.array(values, mask=values == empty)


def _write_parquet(graph: FollowerGraph, stream: Any, meaning: str, mutual: bool) -> None:
    import pyarrow.parquet as pq

    writer = None
    for table in _tables(graph, meaning, mutual):
        writer = writer or pq.ParquetWriter(stream, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _write_text(graph: FollowerGraph, stream: Any, meaning: str, mutual: bool, delimiter: str) -> None:
    """Write delimited text; where a label holds a sign that means something there, all fields are quoted."""
    from pyarrow import csv

    texts = graph.labels is not None and graph.labels.dtype.kind == "U"
    quote = texts and any(map(_QUOTED.search, explicit(graph.labels, graph.n_persons).tolist()))
    style = "all_valid" if quote else "none"
    for number, table in enumerate(_tables(graph, meaning, mutual)):
        if number == 0:
            stream.write((delimiter.join(table.column_names) + "\n").encode())
        options = csv.WriteOptions(include_header=False, delimiter=delimiter, quoting_style=style)
        csv.write_csv(table, stream, options)
