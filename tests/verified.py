"""The scorecard as a file: what laws and other libraries were held against, with the numbers that were found.

A session with SCORECARD=build/scorecard.json writes that file and, beside it, scorecard.md. An entry travels as a
property of its test's report, and so also from the workers of pytest-xdist.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from math import isfinite
from pathlib import Path
from platform import python_version
from typing import Any

CARD_PROPERTY = "entry of the scorecard"
PEERS = ("EoN", "cynetdiff", "fastgemf", "ndlib", "networkit", "networkx", "pynetim")


@dataclass(frozen=True)
class Entry:
    """One law or comparison, as it was judged; `allowed` and `control_rejected` are texts, for people."""

    kind: str
    text: str
    number: str
    expected: float
    measured: float
    allowed: str
    mistake: str
    control: float
    false_alarm: float
    miss: float | None
    library: str = ""
    control_rejected: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, which travel between processes: numpy's own do not."""
        found = asdict(self)
        return {k: float(v) if isinstance(v, float) else v for k, v in found.items()}


def entries(terminalreporter: Any) -> list[dict[str, Any]]:
    """Return what was judged in a session, in the order of files and names, with verdict and seconds."""
    return sorted(_entries(terminalreporter), key=lambda e: (e["kind"], e["file"], e["test"], e["text"]))


def _entries(terminalreporter: Any) -> Iterator[dict[str, Any]]:
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            found = [v for k, v in report.user_properties if k == CARD_PROPERTY] if report.when == "call" else []
            file, _, test = report.nodeid.partition("::")
            for entry in found:
                yield {
                    **entry,
                    "file": file,
                    "test": test,
                    "verdict": "holds" if outcome == "passed" else "FAILS",
                    "seconds": float(report.duration) / len(found),
                }


def write(found: Sequence[Mapping[str, Any]], place: Path, complete: bool = True) -> None:
    """Write the entries as JSON and, beside it, as a table in Markdown; an interrupted session is not complete."""
    place.parent.mkdir(parents=True, exist_ok=True)
    # JSON knows neither infinity nor NaN.
    plain = [{k: str(v) if isinstance(v, float) and not isfinite(v) else v for k, v in e.items()} for e in found]
    card = {"complete": complete, "versions": versions(), "entries": plain}
    place.write_text(json.dumps(card, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    lines = ["# What was held against theory and other libraries", ""]
    for kind, title in (("law", "Laws"), ("peer", "Other libraries")):
        rows = [entry for entry in found if entry["kind"] == kind]
        if rows:
            lines += [f"## {title}", "", *table(rows), ""]
    place.with_suffix(".md").write_text("\n".join(lines), encoding="utf-8")


def versions() -> dict[str, str]:
    """Return the versions of Python, of the package, and of those with which it is compared that are there."""
    found = {"Python": python_version()}
    for name in ("diffusion", "numpy", "numba", "scipy", *PEERS):
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def table(rows: Sequence[Mapping[str, Any]], seconds: bool = True) -> list[str]:
    """Return a table in Markdown, one line per entry."""
    is_peer = rows[0]["kind"] == "peer"
    heads = ["what", *(["library"] if is_peer else []), "number", "expected", "measured", "allowed"]
    heads += ["mistake that must be rejected", "it gives", "verdict", *(["s"] if seconds else [])]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for e in rows:
        cells = [e["text"], *([e["library"]] if is_peer else []), e["number"], short(e["expected"])]
        gives = ", ".join(filter(None, [short(e["control"]), e["control_rejected"]]))
        cells += [short(e["measured"]), e["allowed"], e["mistake"], gives, e["verdict"]]
        cells += [f"{e['seconds']:.1f}"] if seconds else []
        lines.append(f"| {' | '.join(str(cell).replace('|', '∣') for cell in cells)} |")
    return lines


def short(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.5g}"
