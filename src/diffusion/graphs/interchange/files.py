"""GraphML, GEXF and GML files, read and (GraphML) written by networkx."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from diffusion.errors import InputError, suggestion
from diffusion.graphs.columns import Wanted
from diffusion.graphs.follower_graph import FollowerGraph
from diffusion.graphs.interchange import from_networkx, to_networkx

_BROKEN = (ParseError, ValueError, KeyError, TypeError, AttributeError, IndexError, StopIteration, RecursionError)
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_NOT_IN_XML = re.compile("[^\t -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAMES = {"graphml": "GraphML", "gexf": "GEXF", "gml": "GML"}


def read_library_file(
    content: bytes, kind: str, *, meaning: str, wanted: Wanted, label: str | None, place: Path
) -> FollowerGraph:
    """Read a GraphML, GEXF or GML file.

    Parameters
    ----------
    content : bytes
        The unpacked file.
    kind : {"graphml", "gexf", "gml"}
    meaning, wanted, label
        As `read_graph` takes them; columns of ids cannot be asked for, and attributes have names, not numbers.
    place : Path
        The file, for messages and notes.

    Raises
    ------
    InputError
        For a broken file, labels that are missing or stand there twice, and what `from_networkx` refuses.
    """
    where = f'graph "{place}"'
    if wanted.ends is not None:
        raise InputError(f"{where} is {_NAMES[kind]}, whose links have ends, not columns; leave columns out")
    for option in ("weight", "since", "until"):
        name = getattr(wanted, option)
        if name is not None and not isinstance(name, str):
            raise InputError(f"{where} is {_NAMES[kind]}: {option} = {name!r} must be the name of an attribute")
    graph = _parsed(content, kind, where)
    names = _labels(graph, kind, label, where)
    try:
        return from_networkx(
            graph,
            meaning=meaning,
            weight=wanted.weight,  # type: ignore[arg-type]
            since=wanted.since,  # type: ignore[arg-type]
            until=wanted.until,  # type: ignore[arg-type]
            clock=wanted.clock,
            labels=names,
            source=f'read from "{place.name}"',
        )
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _parsed(content: bytes, kind: str, where: str) -> Any:
    import networkx

    try:
        if kind == "graphml":
            return networkx.read_graphml(io.BytesIO(content))
        if kind == "gexf":
            return networkx.read_gexf(io.BytesIO(content))
        return networkx.parse_gml(content.decode("utf-8"), label="id")
    except (networkx.NetworkXException, *_BROKEN) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{where} is not {_NAMES[kind]} that networkx can read: {reason}") from None


def _labels(graph: Any, kind: str, label: str | None, where: str) -> dict[Any, Any]:
    """Return the label of every node: integers if all look like integers, else texts."""
    found = {node: node for node in graph}
    if label is None and kind == "gml" and all("label" in data for _, data in graph.nodes(data=True)):
        label = "label"
    if label is not None:
        found = {node: data.get(label) for node, data in graph.nodes(data=True)}
        bare = next((node for node, name in found.items() if name is None), None)
        if bare is not None:
            known = {name for _, data in graph.nodes(data=True) for name in data}
            raise InputError(f'{where}: node {bare!r} has no attribute "{label}"{suggestion(label, known)}')
    twice = _repeated(list(found.values()))
    if twice is not None:
        raise InputError(f'{where}: two nodes have the label "{twice}"; name an attribute that tells them apart')
    texts = {node: str(name) for node, name in found.items()}
    return {node: int(name) for node, name in texts.items()} if all(map(is_integer, texts.values())) else texts


def is_integer(label: str) -> bool:
    """Whether a text is a 64-bit integer, written in the one usual way ("7" and "-7", not "07" nor "+7")."""
    return bool(_INTEGER.fullmatch(label)) and -(2**63) <= int(label) < 2**63


def _repeated(names: list[Any]) -> Any:
    seen: set[Any] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


def write_graphml(graph: FollowerGraph, stream: Any, *, meaning: str) -> None:
    """Write GraphML: persons without links too; weights, since and until as attributes of edges.

    Parameters
    ----------
    graph : FollowerGraph
    stream : binary file
    meaning : str
        What the source and the target of an edge shall be.

    Raises
    ------
    InputError
        For labels that XML cannot hold, or that would come back as integers.
    """
    import networkx

    if graph.labels is not None and graph.labels.dtype.kind == "U":
        names = graph.labels.tolist()
        odd = next((name for name in names if _NOT_IN_XML.search(name)), None)
        if odd is not None:
            raise InputError(f"the label {odd!r} holds a sign that XML cannot; write .npz or .parquet")
        if all(map(is_integer, names)):
            raise InputError("all labels are texts that would be read back as integers; write .npz or .parquet")
    networkx.write_graphml_xml(to_networkx(graph, meaning=meaning), stream)
