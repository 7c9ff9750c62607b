"""Who told whom: for everybody who heard, through whom, where and when, for other programs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from xml.sax.saxutils import XMLGenerator

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError
from diffusion.graphs.files import path_of
from diffusion.outcome import Outcome, Posts, check_outcome
from diffusion.study.cascade_tables import DIGITS, Table
from diffusion.study.replays import replay
from diffusion.study.results import Folder, Results, opened
from diffusion.study.samples import chosen_name
from diffusion.study.whole_files import whole_file
from diffusion.units import NEVER
from diffusion.vocabulary import ChannelKind

FORMATS = (".csv", ".parquet", ".graphml")

_ABOUT = {
    "person": "string", "kind": "string", "seconds": "double", "channel": "string", "shared_seconds": "double",
}  # fmt: skip
"""What GraphML says of a node, and of which type."""


def who_told_whom(outcome: Outcome, story: str | None = None) -> Table:
    """Return who heard through whom first.

    Parameters
    ----------
    outcome : Outcome
        With ``record = "parents"`` or more.
    story : str, optional
        By default the only one.

    Returns
    -------
    pyarrow.Table
        One row per person who is aware, by time:

        ===============  =========================================================================================
        person           label
        seconds          when they heard, after the story began
        channel          through which they heard
        channel_kind     own eyes, outlet, platform, contact or official
        source           label of the person, or name of the outlet or official; missing for own eyes
        source_kind      person, outlet or official; missing for own eyes
        source_seconds   when the source posted, told or published what they met, after the story began
        shared_seconds   when they posted it on a follow platform themselves; missing if they did not
        ===============  =========================================================================================

        Persons' labels and sources are texts.
    """
    check_outcome(outcome)
    import pyarrow as pa

    s = outcome.story(story)
    first = outcome.column("first_tick")[s]
    persons = np.flatnonzero(first != NEVER)
    persons = persons[np.argsort(first[persons], kind="stable")]
    posts: Posts = outcome.column("posts")  # type: ignore[assignment]
    post = outcome.column("first_post")[s][persons]
    met = post != NEVER
    codes = outcome.column("first_channel")[s][persons]
    shared = outcome.column("share_tick")[s][persons]
    source_tick = np.full(persons.size, NEVER, dtype=np.uint32)
    source_tick[met] = posts.tick[post[met]]
    source, kind = _sources(outcome, posts, post, met)
    names = np.array([channel.name for channel in outcome.channels], dtype=object)
    kinds = np.array([channel.kind.name.lower().replace("_", " ") for channel in outcome.channels], dtype=object)
    columns = {
        "person": pa.array(_labels(outcome, persons), pa.string()),
        "seconds": _seconds(outcome, s, first[persons]),
        "channel": pa.array(names[codes], pa.string()),
        "channel_kind": pa.array(kinds[codes], pa.string()),
        "source": pa.array(source, pa.string()),
        "source_kind": pa.array(kind, pa.string()),
        "source_seconds": _seconds(outcome, s, source_tick),
        "shared_seconds": _seconds(outcome, s, shared),
    }
    return pa.table(columns)


def _labels(outcome: Outcome, persons: NDArray[np.int64]) -> NDArray[Any]:
    return (persons if outcome.labels is None else outcome.labels[persons]).astype(str).astype(object)


def _seconds(outcome: Outcome, story: int, ticks: NDArray[np.uint32]) -> Any:
    """Return ticks as seconds after the story began; never is missing."""
    import pyarrow as pa

    seconds = np.round((ticks.astype(np.int64) - outcome.story_tick(story)) * outcome.tick, DIGITS)
    return pa.array(seconds, mask=ticks == NEVER)


def _sources(
    outcome: Outcome, posts: Posts, post: NDArray[np.uint32], met: NDArray[np.bool_]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return label and kind of the author of each post; None where there is no post."""
    label, kind = (np.full(post.size, None, dtype=object) for _ in range(2))
    author = posts.author[post[met]].astype(np.int64)
    code = posts.channel[post[met]]
    by_outlet = np.array([channel.kind == ChannelKind.OUTLET for channel in outcome.channels])[code]
    by_person = ~by_outlet & (author < outcome.n_persons)
    names, found = np.empty(author.size, dtype=object), np.full(author.size, "person", dtype=object)
    names[by_person] = _labels(outcome, author[by_person])
    for at in np.flatnonzero(~by_person):
        name = outcome.author_label(int(author[at]), int(code[at]))
        names[at], found[at] = name, "outlet" if name in outcome.outlets else "official"
    label[met], kind[met] = names, found
    return label, kind


def write_who_told_whom(outcome: Outcome, path: str | os.PathLike[str], story: str | None = None) -> Path:
    """Write who heard through whom first to a file.

    Parameters
    ----------
    outcome : Outcome
        With ``record = "parents"`` or more.
    path : path
        Its suffix says the format: ``.csv``, ``.parquet`` (the columns of `who_told_whom`) or ``.graphml`` (a directed
        graph whose links point to who heard, with `seconds` and `channel`; nodes carry label, kind, when they heard and
        when they posted it). A file that lies there is replaced.
    story : str, optional
        By default the only one.

    Raises
    ------
    InputError
        For another suffix, or where nothing can be written.
    """
    check_outcome(outcome)
    place = _checked_place(path)
    table = who_told_whom(outcome, story)
    with whole_file(place, "export") as beside:
        if place.suffix == ".csv":
            import pyarrow.csv as pacsv

            pacsv.write_csv(table, beside)
        elif place.suffix == ".parquet":
            import pyarrow.parquet as pq

            pq.write_table(table, beside)
        else:
            _write_graphml(table, beside)
    return place


def export(
    results: Results | Folder,
    path: str | os.PathLike[str],
    *,
    variant: str | None = None,
    story: str | None = None,
    replicate: int = 0,
) -> Path:
    """Simulate one run of stored results again and write who heard through whom in it (see `write_who_told_whom`).

    Raises
    ------
    InputError
        As `replay` and `write_who_told_whom`; what can be refused is refused before anything is simulated.
    """
    results = opened(results)
    place = _checked_place(path)
    name = chosen_name("variant", variant, results.experiment.variants)
    one = chosen_name("story", story, sorted(results.experiment.variants[name].stories))
    return write_who_told_whom(replay(results, variant=name, replicate=replicate).outcome, place, one)


def _checked_place(path: str | os.PathLike[str]) -> Path:
    """Return the path; raise InputError, before anything is simulated, for a suffix or a folder that will not do."""
    place = path_of("path", path)
    if place.suffix not in FORMATS:
        raise InputError(f'export "{place}": the suffix says the format; give {", ".join(FORMATS)}')
    if not place.parent.is_dir():
        raise InputError(f'export "{place}": there is no folder "{place.parent}"; make it first')
    return place


def _write_graphml(table: Table, path: Path) -> None:
    """Write row by row, so that millions of persons need no graph in memory."""
    rows = table.to_pylist()
    with path.open("w", encoding="utf-8", newline="\n") as file:
        xml = _Xml(file)
        xml.startDocument()
        xml.open("graphml", xmlns="http://graphml.graphdrawing.org/xmlns")
        for name, kind in _ABOUT.items():
            xml.empty("key", {"id": name, "for": "node", "attr.name": name, "attr.type": kind})
        for name in ("seconds", "channel"):
            xml.empty("key", {"id": f"link_{name}", "for": "edge", "attr.name": name, "attr.type": _ABOUT[name]})
        xml.open("graph", id="who_told_whom", edgedefault="directed")
        for row in rows:
            about = {name: row[name] for name in ("person", "seconds", "channel", "shared_seconds")}
            xml.node(_node("person", row["person"]), {**about, "kind": "person"})
        for kind, name in sorted(
            {(r["source_kind"], r["source"]) for r in rows if r["source_kind"] not in (None, "person")}
        ):
            xml.node(_node(kind, name), {"person": name, "kind": kind})
        for row in rows:
            if row["source"] is not None:
                ends = {"source": _node(row["source_kind"], row["source"]), "target": _node("person", row["person"])}
                xml.link(ends, {"link_seconds": row["seconds"], "link_channel": row["channel"]})
        xml.close("graph")
        xml.close("graphml")
        xml.endDocument()


def _node(kind: str, label: str) -> str:
    """Return a node's id: the label of a person; names of outlets and officials marked, for they may be equal."""
    return label if kind == "person" else f"{kind}:{label}"


class _Xml(XMLGenerator):
    """Writes the few elements of GraphML."""

    def __init__(self, file: Any) -> None:
        super().__init__(file, encoding="utf-8", short_empty_elements=True)

    def open(self, name: str, **attributes: str) -> None:
        """Begin an element."""
        self.startElement(name, attributes)  # type: ignore[arg-type]
        self.characters("\n")

    def close(self, name: str) -> None:
        """End an element."""
        self.endElement(name)
        self.characters("\n")

    def empty(self, name: str, attributes: dict[str, str]) -> None:
        """Write an element without content."""
        self.startElement(name, attributes)  # type: ignore[arg-type]
        self.close(name)

    def node(self, label: str, about: dict[str, Any]) -> None:
        """Write a node and what is known of it."""
        self._element("node", {"id": label}, about)

    def link(self, ends: dict[str, str], about: dict[str, Any]) -> None:
        """Write a link and what is known of it."""
        self._element("edge", ends, about)

    def _element(self, name: str, attributes: dict[str, str], about: dict[str, Any]) -> None:
        self.startElement(name, attributes)  # type: ignore[arg-type]
        for key, value in about.items():
            if value is not None:
                self.startElement("data", {"key": key})  # type: ignore[arg-type]
                self.characters(str(value))
                self.endElement("data")
        self.close(name)
