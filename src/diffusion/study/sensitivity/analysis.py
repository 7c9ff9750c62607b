"""Sensitivity of an experiment, analysed from the store of the sweep that ran it at the points of a design."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from diffusion.design import Sensitivity
from diffusion.errors import InputError
from diffusion.measures import wide_row
from diffusion.scenario import Experiment
from diffusion.simulation import Runner
from diffusion.study.measured import measured_for
from diffusion.study.sensitivity.asking import design_of, design_points, range_text
from diffusion.study.sensitivity.indices import Design, MorrisEffects, SobolIndices, morris_effects, sobol_indices
from diffusion.study.summary import Floats, Interval, short
from diffusion.study.sweeps import SweepResults
from diffusion.study.sweeps.cube import Cube, Quantity, cube, full_name
from diffusion.study.sweeps.durable import write_durably, writing_to
from diffusion.study.sweeps.views import extended_median

SUFFIX = "-sensitivity"
"""Behind the experiment's name in that of its analysis's folder."""

CSV = "sensitivity.csv"


@dataclass(frozen=True)
class SensitivityTable:
    """How much a measure hangs on every key.

    Attributes
    ----------
    quantity : Quantity
        Of a ratio the logarithm is analysed.
    variant : str
        Whose measure; empty for a ratio.
    ranges : tuple of str
        In what range each key varied; by name, as in `found`.
    found : SobolIndices or MorrisEffects
    points, replicates : int
        The measure at a point is the median over so many replicates.
    """

    quantity: Quantity
    variant: str
    ranges: tuple[str, ...]
    found: SobolIndices | MorrisEffects
    points: int
    replicates: int

    @property
    def label(self) -> str:
        """What was asked, with its unit."""
        name = self.quantity.name if not self.variant else f"{self.quantity.name} in {self.variant}"
        if self.quantity.ratio is not None:
            return f"the logarithm of {name}"
        return f"{name}, hours" if self.quantity.unit else name

    @property
    def order(self) -> list[int]:
        """Numbers of the keys, the one on which most hangs first."""
        sizes = self.found.total if isinstance(self.found, SobolIndices) else self.found.size
        return sorted(range(len(sizes)), key=lambda k: -sizes[k].value)

    def lines(self) -> list[str]:
        """Write the table as text."""
        is_sobol = isinstance(self.found, SobolIndices)
        what = "Sobol indices" if is_sobol else "Morris effects"
        head = f"{what} of {self.label}: {self.points} points, median of {self.replicates} replicates at each"
        rows = [_cells(self, k) for k in self.order]
        names = ["key", "range", *(("first order", "total") if is_sobol else ("mean |effect|", "mean", "sd"))]
        widths = [max(len(row[c]) for row in [names, *rows]) for c in range(len(names))]
        return [head, "", *("  ".join(c.ljust(w) for c, w in zip(row, widths)).rstrip() for row in [names, *rows])]

    def csv(self) -> str:
        """Write the table as CSV, in the order of the keys as they were given."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        if isinstance(self.found, SobolIndices):
            writer.writerow(["key", "range", *(f"{n}{e}" for n in ("first", "total") for e in ("", "_low", "_high"))])
            for name, told, *pair in zip(self.found.names, self.ranges, self.found.first, self.found.total):
                writer.writerow([name, told, *(x for i in pair for x in (i.value, i.low, i.high))])
        else:
            writer.writerow(["key", "range", "mu_star", "mu_star_low", "mu_star_high", "mu", "sigma"])
            for name, told, i, mu, sd in zip(
                self.found.names, self.ranges, self.found.size, self.found.mean, self.found.sd
            ):
                writer.writerow([name, told, i.value, i.low, i.high, float(mu), float(sd)])
        return text.getvalue()


def _cells(table: SensitivityTable, k: int) -> list[str]:
    head = [table.found.names[k], table.ranges[k]]
    if isinstance(table.found, SobolIndices):
        return [*head, _text(table.found.first[k]), _text(table.found.total[k])]
    return [*head, _text(table.found.size[k]), short(float(table.found.mean[k])), short(float(table.found.sd[k]))]


def _text(interval: Interval) -> str:
    return f"{short(interval.value)} [{short(interval.low)}, {short(interval.high)}]"


def at_design(experiment: Experiment, asked: Sensitivity) -> tuple[Experiment, list[dict[str, Any]]]:
    """Return what an analysis runs: the experiment under a name of its own, with the variants asked for, and points.

    Parameters
    ----------
    experiment : Experiment
        Its sweep and its `until` do not count, nor does its claim.
    asked : Sensitivity
        As `asked_for` returns it.

    Raises
    ------
    InputError
        Where it is open which variant is meant, and for what `design_points` refuses.
    """
    design = design_of(asked, seed=experiment.scenario.run.seed)
    wanted = asked.ratio or (asked.variant or _one_of(tuple(experiment.variants)),)
    only: dict[str, Any] = {
        "name": f"{experiment.name}{SUFFIX}",
        "variants": {name: scenario for name, scenario in experiment.variants.items() if name in wanted},
        "changes": {name: own for name, own in experiment.changes.items() if name in wanted},
        "measures": experiment.measures.model_copy(update={"pairs": ()}),
        "sensitivity": asked,
    }
    named = experiment.model_copy(update=only | dict.fromkeys(("sweep", "until", "claim")) | {"known": ()})
    return named, design_points(experiment, asked, design)


def check_asked(experiment: Experiment, point: Mapping[str, Any]) -> None:
    """Raise InputError, by a single run, for a measure that there is not.

    Parameters
    ----------
    experiment : Experiment
        As `at_design` returns it.
    point : dict
        Its first point.
    """
    asked = experiment.sensitivity or Sensitivity()
    scenario = next(iter(experiment.at(point).variants.values()))
    row = wide_row(Runner(scenario, curve_points=2).run(0), measured_for(experiment))
    full_name(asked.measure, list(row))


def is_sensitivity(found: SweepResults) -> bool:
    """Whether a store of runs is that of a sensitivity analysis."""
    return found.experiment.sensitivity is not None and found.name.endswith(SUFFIX)


def sensitivity_table(found: SweepResults) -> SensitivityTable:
    """Analyse the stored runs of a sensitivity analysis.

    Parameters
    ----------
    found : SweepResults
        Of an experiment as `at_design` returns it.

    Raises
    ------
    InputError
        For results of anything else, where runs are missing, and for a measure that is not always a finite number.
    """
    asked = found.experiment.sensitivity
    if asked is None or not is_sensitivity(found):
        raise InputError(f'"{found.folder}" holds no sensitivity analysis; `diffusion sensitivity` makes one')
    if not found.complete:
        raise InputError(f'"{found.folder}": {found.missing} runs are missing; run the analysis again')
    seed = found.experiment.scenario.run.seed
    design = design_of(asked, seed=seed)
    runs = cube(found.table([full_name(asked.measure, found.measures)]))
    quantity = runs.quantity(asked.measure, asked.ratio)
    variant = "" if quantity.ratio is not None else _variant(asked, runs)
    values = point_values(runs, quantity, variant)
    ranges = tuple(range_text(law) for law in asked.of.values())
    indices = _analysed(values, design, list(asked.of), seed)
    return SensitivityTable(quantity, variant, ranges, indices, values.size, runs.replicates)


def write_sensitivity(table: SensitivityTable, folder: Path) -> Path:
    """Write an analysis into a folder as ``sensitivity.csv``, whole or not at all.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    with writing_to(folder):
        write_durably(folder / CSV, table.csv().encode())
    return folder / CSV


def point_values(runs: Cube, quantity: Quantity, variant: str = "") -> Floats:
    """Return the median over replicates at every point, (P,); of a ratio that of its logarithms."""
    block = runs.log_ratios(quantity) if quantity.ratio is not None else runs.values(quantity.column, [variant])[:, 0]
    return np.array([extended_median(row) for row in block])


def _variant(asked: Sensitivity, runs: Cube) -> str:
    return runs.variant(asked.variant) if asked.variant is not None else _one_of(runs.variants)


def _one_of(variants: tuple[str, ...]) -> str:
    if len(variants) > 1:
        raise InputError(f"which variant? Name one of {', '.join(variants)}, or a ratio of two")
    return variants[0]


def _analysed(values: Floats, design: Design, names: list[str], seed: int) -> SobolIndices | MorrisEffects:
    analyse = sobol_indices if design.method == "sobol" else morris_effects
    return analyse(values, design, names, seed=seed)
