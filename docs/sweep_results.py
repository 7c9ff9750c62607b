"""docs/sweep-results.md: the map of where traditional media win, and the sensitivity of the media race.

`make docs-results` calls it; `python docs/make_results.py --only sweeps` writes this page alone. Runs are kept in
results/ and not repeated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from tables import ROOT, Effort, hours, markdown, save_small

from diffusion.config import read_experiment
from diffusion.figures import SweepChoice, sensitivity_figure, sweep_figure
from diffusion.scenario import Experiment
from diffusion.study.sensitivity import SobolIndices, asked_for, at_design, sensitivity_table
from diffusion.study.summary import short
from diffusion.study.sweeps import SweepResults
from diffusion.study.sweeps.cube import cube
from diffusion.study.sweeps.report import point_verdicts
from diffusion.study.sweeps.run import run_sweep
from diffusion.study.sweeps.views import HeatTable, heat_table, line_table

VERIFY, MEMBERS = "outlets.*.verify.median", "platforms.twitter.members"
SMALL_RACE = ("people.count=4000",)
REPLICATES = 6
"""Of the media race in its sensitivity analysis: the fewest that make an interval, for the medians of 768 points."""

TEXT = """# Results of sweeps

Written by `python docs/make_results.py --only sweeps`. How sweeps are written: [sweeps](sweeps.md); how their figures
are drawn: [figures](figures.md#of-a-sweep); what the indices mean: [sensitivity](sensitivity.md).
"""


def page(effort: Effort, out: Path, say: Callable[[str], None]) -> list[str]:
    """Return the lines of sweep-results.md."""
    return [*TEXT.splitlines(), "", *diagram(effort, out, say), "", *race(effort, out, say)]


# --- where traditional media win -------------------------------------------------------------------------------------


def diagram(effort: Effort, out: Path, say: Callable[[str], None]) -> list[str]:
    experiment = read_experiment(
        ROOT / "experiments" / "phase_diagram.toml", overrides=effort.changes, replicates=effort.replicates
    )
    found = run(experiment, effort, say)
    pictures(found, out / "figures")
    seed = experiment.scenario.run.seed
    runs = cube(found.table(["explosion.T50_h"]))
    cells = heat_table(runs, VERIFY, MEMBERS, "T50", ratio=("traditional", "social"), seed=seed)
    counts = Counter(point_verdicts(found).values())
    told = ", ".join(f"{word} at {counts[word]}" for word in ("supported", "undecided", "refuted"))
    replicates, people = experiment.scenario.run.replicates, experiment.scenario.people.count
    claim = experiment.claim.text if experiment.claim is not None else ""
    return [
        "## Where do traditional media win?",
        "",
        f"`diffusion run experiments/phase_diagram.toml`: {people:,} people, {found.n_runs:,} runs, {replicates}",
        f"replicates of luck on one world (seed {seed}).",
        "",
        f"Claim: {claim}.",
        f"**{told.capitalize()} of {cells.value.size} points.**",
        "",
        "![Ratio of T50, traditional over social, by verification delay and share of the population on the network]"
        "(figures/phase_diagram.png)",
        "",
        "Left of the line, where newsrooms verify quickly or few people are on the network, traditional media are",
        "first; right of it the network is. Every side hangs on one key alone:",
        "",
        *arms(found, seed),
        "",
        "The verification delay (its median over newsrooms and stories) at which both are equally fast, between the",
        "nearest points of the map:",
        "",
        *borders(cells),
    ]


def pictures(found: SweepResults, folder: Path) -> None:
    """Draw the map, and the pictures of the other kinds for figures.md."""
    save_small(sweep_figure(found), folder / "phase_diagram.png")
    for kind in ("line", "multiples", "tornado"):
        where = {MEMBERS: "0.5"} if kind == "line" else {}
        by = MEMBERS if kind == "multiples" else None
        choice = SweepChoice(x=None if kind == "tornado" else VERIFY, by=by, kind=kind, where=where)
        save_small(sweep_figure(found, choice), folder / f"gallery-sweep-{kind}.png")


def arms(found: SweepResults, seed: int) -> list[str]:
    """Return T50 of traditional media by verification delay, and of the network by its members."""
    runs = cube(found.table(["explosion.T50_h"]))
    rows = []
    for key, other, variant in ((VERIFY, MEMBERS, "traditional"), (MEMBERS, VERIFY, "social")):
        axis = runs.axis(key)
        fixed = {other: str(runs.axis(other).values[0])}
        line = next(
            line for line in line_table(runs.at(fixed), key, "T50", seed=seed).panels[""] if line.name == variant
        )
        rows += [[variant, f"`{key}` = {axis.with_unit(k)}", hours(i)] for k, i in enumerate(line.intervals)]
    return markdown(["variant", "key", "T50"], rows)


def borders(cells: HeatTable) -> list[str]:
    """Return for every share of members the delay at which the median ratio is 1."""
    rows = []
    logs = np.log(cells.value)
    for k in range(len(cells.y.values)):
        row = logs[k]
        after = next((n for n in range(1, row.size) if row[n - 1] < 0 <= row[n]), None)
        if after is None:
            rows.append(
                [cells.y.texts[k], "traditional media are faster at every delay of the map" if row[-1] < 0 else "–"]
            )
            continue
        share = -row[after - 1] / (row[after] - row[after - 1])
        below, above = np.log(cells.x.numbers[after - 1 : after + 1])
        at = float(np.exp(below + share * (above - below)))
        rows.append([cells.y.texts[k], f"{short(at)} {cells.x.unit}"])
    return markdown(["on the network", "equally fast at a verification delay of"], rows)


# --- the media race --------------------------------------------------------------------------------------------------


def race(effort: Effort, out: Path, say: Callable[[str], None]) -> list[str]:
    quick = effort.replicates is not None
    experiment = read_experiment(ROOT / "experiments" / "media_race.toml", overrides=SMALL_RACE, replicates=REPLICATES)
    asked = asked_for(experiment, size=8 if quick else None)
    named, points = at_design(experiment, asked)
    found = run(named, effort, say, points)
    table = sensitivity_table(found)
    save_small(sensitivity_figure(table), out / "figures" / "media_race-sensitivity.png")
    indices = table.found
    if not isinstance(indices, SobolIndices):
        raise SystemExit("the media race asks for Sobol indices")
    rows = [
        [f"`{name}`", table.ranges[k], indices.first[k].text(), indices.total[k].text()]
        for k, name in ((k, indices.names[k]) for k in table.order)
    ]
    alone = sum(i.value for i in indices.first)
    command = f"diffusion sensitivity experiments/media_race.toml --set {SMALL_RACE[0]} --replicates {REPLICATES}"
    return [
        "## On what does the media race hang?",
        "",
        f"`{command}`:",
        "Sobol indices of the logarithm of T50 traditional / hybrid over the ten keys that move it most one at a time",
        f"([robustness](robustness.md)), {asked.number} base points, {len(points)} points, {found.n_runs:,} runs.",
        "Intervals: 95 %, resamples of the base points.",
        "",
        *markdown(["key", "range", "first order", "total"], rows),
        "",
        f"First-order indices add up to {short(alone)}: so much of the variance is no interaction. Over the base",
        f"points the ratio has the geometric mean {short(float(np.exp(indices.mean)))}, and one standard deviation",
        f"is a factor of {short(float(np.exp(indices.sd)))}.",
        "",
        "![Sobol indices of the speed ratio of the media race](figures/media_race-sensitivity.png)",
    ]


def run(
    experiment: Experiment,
    effort: Effort,
    say: Callable[[str], None],
    points: Sequence[dict[str, object]] | None = None,
) -> SweepResults:
    say(f"{experiment.name}: {effort.text}")
    found = run_sweep(experiment, points=points, out=effort.folder)
    if found is None or not found.complete:
        raise SystemExit(f"{experiment.name}: runs are missing")
    return found
