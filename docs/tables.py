"""What the pages made by `make docs-results` share: how much is run, tables in Markdown, where numbers come from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from diffusion.figures import styled
from diffusion.scenario import Experiment
from diffusion.study import Interval, Results

ROOT = Path(__file__).resolve().parents[1]
LARGEST = 200_000
"""Bytes of a picture in docs/figures."""


@dataclass(frozen=True)
class Effort:
    """How much is run: replicates (None: as in the file), changes of every experiment, and the folder of results."""

    replicates: int | None
    screening: int
    changes: tuple[str, ...]
    folder: Path

    @classmethod
    def full(cls, folder: Path) -> Effort:
        return cls(None, 4, (), folder)

    @classmethod
    def quick(cls, folder: Path) -> Effort:
        return cls(6, 2, ("people.count=3000",), folder)

    @property
    def text(self) -> str:
        return "as in its file" if self.replicates is None else f"{self.replicates} replicates"


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a Markdown table; a bar inside a cell is written so that it does not end it."""
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


def hours(found: Interval) -> str:
    """Write hours with their interval, and in how many replicates it was never."""
    never = f" (never in {found.never} of {found.n})" if 0 < found.never < found.n else ""
    return found.text("h") + never if not math.isnan(found.value) else "undetermined" + never


def provenance(results: Results) -> str:
    """Say what the numbers are: seed, replicates, people, what intervals cover, versions."""
    manifest, scenario = results.manifest, results.experiment.scenario
    versions = ", ".join(f"{name} {number}" for name, number in manifest["versions"].items())
    people = f"{scenario.people.count:,} people" if scenario.people.count else "people of a graph file"
    return f"{people}; intervals: {results.covers}; {versions}."


def save_small(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, at the highest resolution for a screen at which the file is small enough."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for dpi in (160, 130, 100):
        with styled():
            figure.savefig(path, dpi=dpi)
        if path.stat().st_size < LARGEST:
            return
    raise SystemExit(f"{path.name} has {path.stat().st_size} bytes even at 100 dpi")


def claimed_variants(experiment: Experiment) -> Experiment:
    """Return the experiment with only those variants that its claim speaks of."""
    claim = experiment.claim
    if claim is None:
        return experiment
    wanted = (claim.variant,) if claim.measure == "story_speed_ratio" else claim.of
    variants = {name: scenario for name, scenario in experiment.variants.items() if name in wanted}
    measures = experiment.measures.model_copy(update={"pairs": ()})
    known = tuple(one for one in experiment.known if one.variant in variants)
    return experiment.model_copy(update={"variants": variants, "measures": measures, "known": known})
