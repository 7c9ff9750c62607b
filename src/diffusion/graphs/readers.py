"""Reading follower graphs from files: lists of links (text, Parquet), GraphML, GEXF, GML, and stored graphs."""

from __future__ import annotations

import os

from diffusion.errors import InputError
from diffusion.graphs import storage
from diffusion.graphs.columns import Wanted
from diffusion.graphs.files import check_exists, kind_of, path_of, read_unpacked
from diffusion.graphs.follower_graph import FollowerGraph
from diffusion.graphs.interchange.files import read_library_file
from diffusion.graphs.meaning import MEANINGS, orient
from diffusion.graphs.tables import read_parquet
from diffusion.graphs.textfile import TextOptions, read_links


def read_graph(
    path: str | os.PathLike[str],
    *,
    meaning: str | None = None,
    columns: tuple[int | str, int | str] | None = None,
    weight: int | str | None = None,
    since: int | str | None = None,
    until: int | str | None = None,
    clock: str | None = None,
    label: str | None = None,
    header: bool | None = None,
    delimiter: str | None = None,
    comments: tuple[str, ...] = ("#", "%"),
) -> FollowerGraph:
    """Read a follower graph from a file.

    The kind of file is found out from its content and its name: a list of links as text (CSV, TSV, SNAP's edge lists)
    or Parquet, GraphML, GEXF, GML, or a graph stored by `write_graph` (an .npz file or a folder), which is mapped into
    memory and not copied. gzip, xz and bzip2 are recognised by content. What was dropped, and how the file was
    understood, stands in the graph's `notes`.

    A list has one link per row. Ids are 64-bit integers or texts (UTF-8); if any id of a text file is not an integer,
    all are texts. GraphML, GEXF and GML files are read by networkx.

    Parameters
    ----------
    path : str or path
        The file, or the folder of a stored graph.
    meaning : str
        What the two columns (or the two ends of an edge) are: "follower,followed", "followed,follower",
        "source,target" (of information) or "mutual". Needed for everything but stored graphs, and left out for them.
    columns : (int or str, int or str), optional
        The two columns of ids: numbers from 0, or names in the header; by default the first two.
    weight : int or str, optional
        Column (or attribute of edges) of the weights.
    since, until : int or str, optional
        Columns (or attributes of edges) of the times from which and until which a link exists: seconds, or local dates
        and times in ISO 8601, cut to whole seconds. An empty one means from the beginning, or for ever.
    clock : {"run", "wall"}, optional
        What numbers in these columns count from: the start of a run, or 1970-01-01T00:00 on the local wall clock. By
        default the start of a run, unless a number exceeds 10 years, which is refused. Dates are on the wall clock.
    label : str, optional
        Attribute of nodes that holds the labels (GraphML, GEXF, GML); by default their ids, in GML their labels.
    header : bool, optional
        Whether a text's first row names the columns; by default found out. A first row counts as a header if it has
        texts (or more columns, not all integers) where the next row has integer ids, if it has two usual names of
        columns, or if a column is asked for by name.
    delimiter : str, optional
        "," or any other sign; " " for runs of blanks. By default comma, tab, semicolon or blanks, whichever is there.
    comments : tuple of str
        Rows of a text that start so are left out.

    Raises
    ------
    InputError
        If the file is missing, broken, or not what the arguments say; the message names the line and the value.
    """
    place = path_of("path", path)
    check_exists(place, "graph")
    where = f'graph "{path}"'
    wanted = Wanted(columns, weight, since, until, clock)
    options = TextOptions(header, delimiter, comments)
    if storage.is_stored(place):
        if meaning is not None or wanted != Wanted() or label is not None or options != TextOptions():
            raise InputError(f"{where} is a stored graph, which knows its directions and weights; give only its path")
        return storage.load(place)
    if meaning is None:
        raise InputError(f"{where}: say with meaning=... (--meaning) what a row means: {', '.join(MEANINGS)}")
    orient(None, None, meaning)
    content = read_unpacked(place, "graph")
    kind = kind_of(place, content)
    if kind != "text" and options != TextOptions():
        raise InputError(f"{where} is a {kind} file: header, delimiter and comments are for texts; leave them out")
    if kind not in ("text", "parquet"):
        graph = read_library_file(content, kind, meaning=meaning, wanted=wanted, label=label, place=place)
    else:
        if label is not None:
            raise InputError(f"{where}: label = {label!r} names an attribute of nodes, and a list of links has none")
        if kind == "parquet":
            links = read_parquet(content, wanted, where)
        else:
            links = read_links(content, wanted, options, where)
        graph = links.graph(meaning, f'read from "{place.name}"')
    if not graph.n_links:
        loops = graph.dropped.self_loops
        raise InputError(f"{where} has no links{f': in all {loops} rows somebody follows themself' if loops else ''}")
    return graph
