"""Persons of one's own for the small random worlds: a file, ages, roles; drawn after everything else about a world."""

import csv
import itertools
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from diffusion.graphs import FollowerGraph

T = TypeVar("T")
Tables = dict[str, Any]
Rows = dict[Any, dict[str, Any]]

FOLDER = TemporaryDirectory(prefix="people")
"""Files of persons live as long as the tests run."""
NUMBERS = itertools.count()
"""Of those files; worlds are made by several threads at a time."""

AGES = {"18-29": 0.5, "30-49": 0.25, "50-64": 0.25, "65+": 0.0}
AUDIENCE = {"18-29": 0.1, "30-49": 1.0, "50-64": 0.4, "65+": 0.7}
MEMBERS = {"18-29": 1.0, "30-49": 0.9, "50-64": 0.6, "65+": 0.7}


class Choices(Protocol):
    """What is needed of `worlds.Choices`."""

    def one_of(self, *options: T) -> T: ...
    def often(self, percent: int) -> bool: ...
    def between(self, low: int, high: int) -> int: ...


def add_people(choose: Choices, tables: Tables, given: dict[str, FollowerGraph], authors: list[Any] | None) -> Rows:
    """Write persons into a world's tables, in half of all worlds; return the rows of the file, if there is one."""
    if choose.often(50):
        return {}
    _ages(choose, tables)
    rows: Rows = {}
    if choose.often(75):
        rows = _rows(choose, tables, given)
        tables["people"]["file"] = _written(choose, rows)
    _roles(choose, tables, authors, rows)
    return rows


def _ages(choose: Choices, tables: Tables) -> None:
    if choose.often(50):
        tables["people"]["ages"] = AGES
    for outlet in tables["outlets"].values():
        if choose.often(40):
            outlet["audience"] = choose.one_of(AUDIENCE, "pew-2016")
    for platform in tables["platforms"].values():
        if "members" in platform and tables["people"]["count"] >= 30 and choose.often(50):
            platform["members"] = MEMBERS


def labels_of(given: dict[str, FollowerGraph]) -> list[Any]:
    """The labels of all persons of given graphs."""
    found: set[Any] = set()
    for graph in given.values():
        found |= set(range(graph.n_persons) if graph.labels is None else graph.labels.tolist())
    return sorted(found)


def _persons(choose: Choices, known: list[Any], n: int) -> list[Any]:
    """Whom the file lists: all n where no graph does, else some of the graphs' persons and some strangers."""
    if not known:
        numbers = range(n) if choose.often(50) else [5 * i - 7 for i in range(n)]
        return list(numbers) if choose.often(60) else [f"q{number}" for number in numbers]
    listed = [label for label in known if choose.often(70)] or known[:1]
    strangers = choose.between(0, 3)
    texts = isinstance(known[0], str)
    return listed + [f"zz{i}" if texts else max(known) + choose.one_of(1, 5) * (i + 1) for i in range(strangers)]


def _rows(choose: Choices, tables: Tables, given: dict[str, FollowerGraph]) -> Rows:
    persons = _persons(choose, labels_of(given), tables["people"]["count"])
    columns: dict[str, tuple[Any, ...]] = {
        "age": (17, 29.5, 30, 50, 64, 65, 99),
        "activity": (0.1, 1.0, 7.5),
        "propensity": (0.0, 0.5, 9.0),
        "credulity": (0.0, 0.2, 0.5, 0.9, 1.0),
        "role:scouts": (0, 1),
        "place": ("Ü-stadt", "7", "left, bank"),
        "note": ("x", "y"),
    }
    columns |= {
        f"trust:{name}": (0.01, 0.3, 0.99) for part in ("platforms", "outlets", "officials") for name in tables[part]
    }
    columns |= {f"diet:{name}": (0.0, 0.3, 1.0) for name in tables["outlets"]}
    columns |= {f"member:{name}": (1,) for name, p in tables["platforms"].items() if p["kind"] == "follow"}
    rows: Rows = {label: {} for label in persons}
    for name, values in columns.items():
        if choose.often(40):
            for label in persons:
                rows[label][name] = None if choose.often(30) else choose.one_of(*values)
    for name in tables["platforms"]:
        column = f"member:{name}"
        # Not a member: who is in no link there, and a few of a generated crowd.
        here = set(labels_of({name: given[name]})) if name in given else set(persons[len(persons) // 10 :])
        for label in persons:
            if column in rows[label] and label not in here and choose.often(50):
                rows[label][column] = 0
    return rows


def _written(choose: Choices, rows: Rows) -> str:
    names = list(next(iter(rows.values())))
    number = next(NUMBERS)
    if choose.often(30):
        path = Path(FOLDER.name) / f"{number}.parquet"
        columns = {name: [row[name] for row in rows.values()] for name in names}
        pq.write_table(pa.table({**columns, "label": list(rows)}), path)
        return str(path)
    path = Path(FOLDER.name) / f"{number}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, delimiter=choose.one_of(",", ";", "\t"))
        lines.writerow([*names, "label"])
        lines.writerows([[*row.values(), label] for label, row in rows.items()])
    return str(path)


def _roles(choose: Choices, tables: Tables, authors: list[Any] | None, rows: Rows) -> None:
    """Rules that choose somebody (nearly) always, and stories that begin among them."""
    roles: Tables = {"many": {"share": 0.9}, "stars": {"most_followed": choose.between(1, 4)}}
    if authors:
        roles["named"] = {"labels": authors[:: choose.between(1, 3)], "most_followed": choose.between(1, 9)}
    if any(row.get("place") == "7" for row in rows.values()):
        roles["local"] = {"place": "7"}
    tables["roles"] = roles
    if any(row.get("role:scouts") == 1 for row in rows.values()):
        roles = roles | {"scouts": {}}
    for story in tables["stories"].values():
        if "witnesses" in story and choose.often(60):
            story["witnesses"] = choose.one_of(0, 1)
            story["witnesses_from"] = choose.one_of(*roles)
        if "authors" in story and choose.often(60):
            story["authors"] = choose.one_of(0, 1)
            story["authors_from"] = "many" if not authors else choose.one_of("many", "named")
