"""Sensitivity of an experiment, analysed from the store of the sweep that ran it at the points of a design."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import numpy as np

from diffusion.design import Sensitivity
from diffusion.errors import InputError
from diffusion.scenario import Experiment
from diffusion.study.sensitivity.asking import design_of, design_points, range_text
from diffusion.study.sensitivity.indices import Design, MorrisEffects, SobolIndices, morris_effects, sobol_indices
from diffusion.study.summary import Floats, Interval, short
from diffusion.study.sweeps import SweepResults
from diffusion.study.sweeps.cube import Cube, Quantity, cube, full_name
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
            return f"logarithm of {name}"
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
    """Return what is run for an analysis: the experiment under its own name, and the points.

    Parameters
    ----------
    experiment : Experiment
        Its sweep and its `until` do not count.
    asked : Sensitivity
        As `asked_for` returns it.
    """
    design = design_of(asked, seed=experiment.scenario.run.seed)
    named = experiment.model_copy(
        update={"name": f"{experiment.name}{SUFFIX}", "sweep": None, "until": None, "sensitivity": asked}
    )
    return named, design_points(experiment, asked, design)


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


def point_values(runs: Cube, quantity: Quantity, variant: str = "") -> Floats:
    """Return the median over replicates at every point, (P,); of a ratio that of its logarithms."""
    block = runs.log_ratios(quantity) if quantity.ratio is not None else runs.values(quantity.column, [variant])[:, 0]
    return np.array([extended_median(row) for row in block])


def _variant(asked: Sensitivity, runs: Cube) -> str:
    if asked.variant is not None:
        return runs.variant(asked.variant)
    if len(runs.variants) > 1:
        raise InputError(f"which variant? Name one of {', '.join(runs.variants)}, or a ratio of two")
    return runs.variants[0]


def _analysed(values: Floats, design: Design, names: list[str], seed: int) -> SobolIndices | MorrisEffects:
    analyse = sobol_indices if design.method == "sobol" else morris_effects
    return analyse(values, design, names, seed=seed)
