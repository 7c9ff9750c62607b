"""The benchmarks: side by side with other libraries and with the machine's own limit.

    python benchmarks/run.py [--quick] [--out FOLDER] [--only ITEM ...]

Full size takes up to 30 minutes, --quick a good two once kernels are compiled. What was wanted holds for full size on
an otherwise idle machine. Every item runs in a process of its own; FOLDER receives benchmarks.json and benchmarks.md.
The exit code is 1 if an item failed, whether or not what was wanted came out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import classic_cascade
import classic_compartments
import classic_epidemic
import classic_scale
import classic_threshold
import crews
import endtoend
import engine
import memory
import sweeps
from graphs import run as measure_graphs
from measurement import Row, absent_peer, resident_mib

FULL: dict[str, Any] = {
    "rounds": 5,
    "rate_persons": (100_000, 1_000_000),
    "growth_persons": (10_000, 100_000, 1_000_000, 4_000_000),
    "stories_persons": 1_000_000,
    "stories": 10_000,
    "stories_rounds": 5,
    "threads_persons": 300_000,
    "threads_replicates": 8,
    "memory_persons": 1_000_000,
    "memory_peer_persons": 100_000,
    "compiling": True,
    "experiment_replicates": 40,
    "experiment_rounds": 1,
    "sweep_store": (1_000, 1_000, 40),
    "sweep_overhead": (1_000, 100, 100),
    "sweep_scaling": (300_000, 4, 8, 5),
    "linear_threshold": (100_000, 300_000),
    "declared_models": (10_000, 100_000, 1_000_000),
    "scale_stored": (100_000_000, 10),
    "scale_implicit": (600_000_000, 11),
    "epidemics": (100_000, 3),
    "graphs": {},
    "cascade_sizes": ((100_000, 20, 10, 0.75), (1_000_000, 5, 8, 0.95), (10_000_000, 3, 15, None)),
    "cascade_records": ((100_000, 20), (1_000_000, 5)),
    "cascade_threads": (1_000_000, 16),
    "cascade_ndlib": 100_000,
    "trees": (1_000_000, 1_000),
}
QUICK: dict[str, Any] = {
    "rounds": 3,
    "rate_persons": (10_000, 100_000),
    "growth_persons": (10_000, 100_000),
    "stories_persons": 100_000,
    "stories": 500,
    "stories_rounds": 1,
    "threads_persons": 10_000,
    "threads_replicates": 8,
    "memory_persons": 30_000,
    "memory_peer_persons": 5_000,
    "compiling": False,  # the longest of all
    "experiment_replicates": 1,
    "experiment_rounds": 1,
    "sweep_store": (100, 100, 40),
    "sweep_overhead": (1_000, 20, 25),
    "sweep_scaling": (10_000, 2, 4, 1),
    "declared_models": (10_000,),
    "linear_threshold": (10_000, 100_000),
    "scale_stored": (1_000_000, 10),
    "scale_implicit": (10_000_000, 11),
    "epidemics": (10_000, 1),
    "graphs": {"persons": 50_000, "peer_persons": 5_000, "file_links": 50_000, "repeats": 2},
    "cascade_sizes": ((10_000, 20, 10, 0.75),),
    "cascade_records": ((10_000, 20),),
    "cascade_threads": (10_000, 16),
    "cascade_ndlib": 2_000,
    "trees": (100_000, 300),
}
PEERS = ("networkit", "EoN", "cynetdiff", "fastgemf", "ndlib", "pynetim")
VERSIONS = ("diffusion", "numba", "llvmlite", "numpy", "scipy", "networkx", "pyarrow", "pydantic", *PEERS)


def graphs(sizes: Mapping[str, Any]) -> list[Row]:
    """Reading, generating and building graphs beside networkx, numpy and scipy."""
    found = measure_graphs(sizes["graphs"])
    reading, generating, building = found["reading"], found["generating"], found["building"]

    def row(what: str, group: Mapping[str, float], ratio: str, parts: tuple[str, ...], **wanted: float) -> Row:
        beside = {part if part.endswith("per_s") else f"{part} [s]": group[part] for part in parts}
        return Row(what, group[ratio], "×", beside=beside, **wanted)

    read, text, loaded = "read_integers", "read_texts", "loadtxt_integers"
    peer, made = "networkx_read_edgelist", "generate_mlinks_per_s"
    configured, rows = "networkx_configuration_mlinks_per_s", "from_links"
    return [
        row("networkx's time to read links over ours", reading, "networkx_over_read", (peer, read), least=20),
        row("our time to read integer links over numpy.loadtxt's", reading, "read_over_loadtxt",
            (read, loaded), most=2),
        row("our time to read text links over numpy.loadtxt's of integers", reading, "read_texts_over_loadtxt",
            (text, loaded), most=6),
        row("links generated per second over networkx's configuration model", generating, "generate_over_networkx",
            (made, configured), least=50),
        row("scipy's time to build rows from links over ours", building, "scipy_over_from_links",
            ("scipy_csr", rows)),
        Row("opening a stored graph", reading["open_stored"], "s"),
        Row("describing a graph", building["describe"], "s", beside={"persons": found["sizes"]["persons"]}),
    ]  # fmt: skip


ITEMS: dict[str, Callable[[Mapping[str, Any]], list[Row]]] = {
    **endtoend.ITEMS,
    **engine.ITEMS,
    **memory.ITEMS,
    **sweeps.ITEMS,
    **crews.ITEMS,
    **classic_cascade.ITEMS,
    **classic_epidemic.ITEMS,
    **classic_compartments.ITEMS,
    **classic_threshold.ITEMS,
    **classic_scale.ITEMS,
    "graphs": graphs,
}


# --- the machine -----------------------------------------------------------------------------------------------------


def machine() -> dict[str, Any]:
    """Return what the figures depend on besides the code."""
    return {
        "processor": _field("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": engine.cores(),
        "memory": _field("/proc/meminfo", "MemTotal"),
        "system": f"{platform.system()} {platform.release()}",
        "load before": os.getloadavg()[0],
    }


def _field(file: str, name: str) -> str:
    try:
        lines = Path(file).read_text().splitlines()
    except OSError:
        return ""
    return next((" ".join(line.split(":")[1].split()) for line in lines if line.startswith(name)), "")


def versions() -> dict[str, str]:
    """Return the versions of Python, of the packages, and of the kernels' source."""
    from diffusion._jit import fingerprint

    found = {"python": platform.python_version()}
    for name in VERSIONS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return {**found, "kernels": fingerprint()}


# --- items in processes of their own ---------------------------------------------------------------------------------


def in_this_process(item: str, sizes: Mapping[str, Any]) -> dict[str, Any]:
    """Run one item and return its rows with the time and the peak memory that it and its children took."""
    start = time.perf_counter()
    rows = [row.as_dict() for row in ITEMS[item](sizes)]
    seconds, used = time.perf_counter() - start, os.times()
    return {
        "item": item,
        "rows": rows,
        "seconds": seconds,
        "processor seconds": used.user + used.system + used.children_user + used.children_system,
        "load after": os.getloadavg()[0],
        "peak MiB": max(resident_mib(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
    }


def in_a_process(item: str, quick: bool) -> dict[str, Any]:
    """Run one item in a fresh process; a failure becomes an entry that says so."""
    command = [sys.executable, str(Path(__file__)), "--child", item, *(["--quick"] if quick else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        return {"item": item, "rows": [], "failed": reason}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


# --- the report ------------------------------------------------------------------------------------------------------


def markdown(report: Mapping[str, Any]) -> str:
    """Return the report as Markdown: the machine, the versions, a table of findings, what each item took."""
    size = "quick: small sizes, at which nothing was wanted" if report["quick"] else "full size"
    lines = [f"# Benchmarks ({size})", ""]
    lines += ["Medians; ratios are medians over rounds in which the sides took turns.", ""]
    lines += [" · ".join(f"{k} {_text(v)}" for k, v in report["machine"].items()), ""]
    lines += [" · ".join(f"{k} {v}" for k, v in report["versions"].items()), ""]
    lines += ["| what | measured | wanted | | beside it |", "|---|--:|---|---|---|"]
    for item in report["items"]:
        lines += [_line(row, judged=not report["quick"]) for row in item["rows"]]
        if "failed" in item:
            lines.append(f"| item `{item['item']}` | failed | | | {item['failed']} |")
    lines += ["", "| item | seconds | processor seconds | load | peak of a process [MiB] |", "|---|--:|--:|--:|--:|"]
    for item in report["items"]:
        if "failed" not in item:
            took = f"{item['seconds']:.0f} | {item['processor seconds']:.0f} | {item['load after']:.1f}"
            lines.append(f"| {item['item']} | {took} | {item['peak MiB']:.0f} |")
    return "\n".join([*lines, "", f"In all {report['seconds']:.0f} s.", ""])


def _line(row: Mapping[str, Any], judged: bool) -> str:
    value = "–" if row["value"] is None else f"{_text(row['value'])} {row['unit']}".strip()
    verdict = {True: "met", False: "missed", None: ""}[row["met"] if judged else None]
    beside = ", ".join(f"{name} {_text(part)}" for name, part in (row["beside"] or {}).items())
    return f"| {row['what']} | {value} | {row['wanted']} | {verdict} | {beside} |"


def _text(value: Any) -> str:
    """Numbers with three significant digits, whole ones whole."""
    if isinstance(value, float) and value != round(value):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,.0f}" if isinstance(value, int | float) else str(value)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def measured(items: list[str], quick: bool) -> dict[str, Any]:
    """Run items one after another and return the report."""
    known = versions()
    for peer in PEERS:
        if known[peer] == "not installed":
            _say(f"note: {absent_peer(peer)}; its rows stay empty")
    start, found = time.perf_counter(), []
    report: dict[str, Any] = {
        "quick": quick,
        "sizes": QUICK if quick else FULL,
        "machine": machine(),
        "versions": known,
    }
    for item in items:
        _say(f"{item} …")
        found.append(in_a_process(item, quick))
        last = found[-1]
        _say(f"{item}: failed: {last['failed']}" if "failed" in last else f"{item}: {last['seconds']:.0f} s")
    if versions()["kernels"] != known["kernels"]:
        _say("note: the kernels' source changed in the meantime; measure again")
        report["machine"]["note"] = "the kernels' source changed in the meantime"
    return {**report, "items": found, "seconds": time.perf_counter() - start}


def main() -> int:
    """Measure, print the tables, write them if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write benchmarks.json and benchmarks.md here")
    parser.add_argument("--only", nargs="+", choices=ITEMS, metavar="ITEM", help=", ".join(ITEMS))
    parser.add_argument("--child", choices=ITEMS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(in_this_process(arguments.child, QUICK if arguments.quick else FULL)))
        return 0
    report = measured(arguments.only or list(ITEMS), arguments.quick)
    table = markdown(report)
    print(table)
    if arguments.out is not None:
        arguments.out.mkdir(parents=True, exist_ok=True)
        (arguments.out / "benchmarks.json").write_text(json.dumps(report, indent=1) + "\n")
        (arguments.out / "benchmarks.md").write_text(table)
    return 1 if any("failed" in item for item in report["items"]) else 0


if __name__ == "__main__":
    sys.exit(main())
