"""Write the pages that are made from files: the classical models, what holds them, how fast they are.

    python docs/make_pages.py [--only models right fast]

"Is it right?" is made from build/scorecard.json, which `make verify` leaves, "How fast is it?" from
build/benchmarks.json, which `make bench` leaves; where one is missing its page stays as it is. No date is written.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import classic_models
from tables import ROOT, markdown

from verified import table

CARD, BENCH = ROOT / "build" / "scorecard.json", ROOT / "build" / "benchmarks.json"
PAGES = ("models", "right", "fast")

RIGHT = """\
# Is it right?

Every law of theory that tests hold the program against, and every comparison with another library, with the numbers
that were found. Each test looks twice: at the program, which must pass, and at the same with one plausible mistake in
it, which must be rejected. *Expected* is what theory says (or what the other library gave), *allowed* how far the
measured number may lie from it by chance; a comparison passes where its p-value is above the stated one. A correct
program fails a law once in 1,000 seeds or less often ([contributing](contributing.md) says how a law is written).

This page is made by `make pages` from what `make verify` left."""

FAST = """\
# How fast is it?

Times beside other libraries and the machine's own limits, measured in the same process or the same minute: the sides
take turns, and ratios are medians over rounds. `make bench` measures again (`make bench-quick` at small sizes, in two
minutes), and `make pages` writes this page from what it left. What was wanted holds on an otherwise idle machine."""


def right(card: Mapping[str, Any]) -> list[str]:
    """Return the page of laws and comparisons."""
    found = card["entries"]
    failing = sum(entry["verdict"] != "holds" for entry in found)
    lines = [RIGHT, "", _of(card["versions"]), ""]
    lines += [
        f"{len(found)} checks, of which {failing} fail." if failing else f"{len(found)} checks, all of which hold."
    ]
    if not card["complete"]:
        lines += ["", "**The session was interrupted: these are not all checks that there are.**"]
    for kind, title in (("law", "Laws"), ("peer", "Other libraries")):
        rows = [entry for entry in found if entry["kind"] == kind]
        for file in dict.fromkeys(entry["file"] for entry in rows):
            here = [entry for entry in rows if entry["file"] == file]
            heading = [f"## {title}", ""] if here[0] is rows[0] else []
            lines += ["", *heading, f"### {_title(file)}", "", *table(here, seconds=False)]
    return lines


def _title(file: str) -> str:
    return Path(file).stem.removeprefix("test_").replace("_", " ").capitalize()


def fast(report: Mapping[str, Any]) -> list[str]:
    """Return the page of speeds."""
    lines = [FAST, ""]
    if report["quick"]:
        lines += ["**These are the small sizes, for which nothing is wanted.**", ""]
    others = _others(report)
    if others > 0.5:
        lines += [f"**Other work went on beside it ({others:.1f} processes in the mean): rely on no number here.**", ""]
    lines += [_of(report["machine"]), "", _of(report["versions"])]
    for item in report["items"]:
        if "failed" in item:
            lines += ["", f"Not measured: {item['item']} ({item['failed']})."]
            continue
        lines += ["", f"## {item['item'].replace('_', ' ').capitalize()}", ""]
        cells = [_cells(row, judged=not report["quick"]) for row in item["rows"]]
        lines += markdown(("what", "measured", "wanted", "", "beside it"), cells)
        lines += ["", f"Peak memory of a process {item['peak MiB']:,.0f} MiB, {item['seconds']:,.0f} s in all."]
    return lines


def _others(report: Mapping[str, Any]) -> float:
    """Return how many other processes ran, in the median: the load after an item beyond its own processors.

    The load before the first item is that of the minute before, and says nothing of the items.
    """
    done = [item for item in report["items"] if "failed" not in item]
    return median(max(0.0, i["load after"] - i["processor seconds"] / max(i["seconds"], 1e-9)) for i in done)


def _cells(row: Mapping[str, Any], judged: bool) -> Sequence[str]:
    value = "–" if row["value"] is None else f"{_text(row['value'])} {row['unit']}".strip()
    verdict = {True: "met", False: "missed", None: ""}[row["met"] if judged else None]
    beside = ", ".join(f"{name} {_text(part)}" for name, part in (row["beside"] or {}).items())
    return row["what"], value, row["wanted"], verdict, beside


def _text(value: Any) -> str:
    if isinstance(value, float) and value != round(value):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,.0f}" if isinstance(value, int | float) else str(value)


def _of(named: Mapping[str, Any]) -> str:
    return (
        " · ".join(f"{name} {round(value, 2) if isinstance(value, float) else value}" for name, value in named.items())
        + "."
    )


def write(path: Path, lines: Sequence[str]) -> None:
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    print(path.relative_to(ROOT))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PAGES, default=PAGES, metavar="PAGE", help=", ".join(PAGES))
    asked = parser.parse_args().only
    if "models" in asked:
        write(classic_models.PAGE, classic_models.page())
    for name, made, source, maker, how in (
        ("right", "is_it_right.md", CARD, right, "make verify"),
        ("fast", "how_fast.md", BENCH, fast, "make bench"),
    ):
        if name in asked and source.exists():
            write(ROOT / "docs" / made, maker(json.loads(source.read_text(encoding="utf-8"))))
        elif name in asked:
            print(f"docs/{made} stays as it is: {how} has not left {source.relative_to(ROOT)}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
