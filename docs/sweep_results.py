"""docs/sweep-results.md: where traditional media win, when false stories do, and the sensitivity of the media race.

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
AUTHORS, APPEAL = "stories.story.authors", "stories.story.appeal"
FALSE = ("hoax", "hoax_large")
SMALL_RACE = ("people.count=4000",)
REPLICATES = 6
"""Of the media race in its sensitivity analysis: the fewest that make an interval, for the medians of 768 points."""

TEXT = """# Results of sweeps

Written by `python docs/make_results.py --only sweeps`. How sweeps are written: [sweeps](sweeps.md); how their figures
are drawn: [figures](figures.md#of-a-sweep); what the indices mean: [sensitivity](sensitivity.md).
"""


def page(effort: Effort, out: Path, say: Callable[[str], None]) -> list[str]:
    """Return the lines of sweep-results.md."""
    sections = (diagram, fakes, race)
    return [*TEXT.splitlines(), *(line for section in sections for line in ("", *section(effort, out, say)))]


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
    never = "traditional media are faster at every delay of the map"
    rows = [
        [text, _crossing(cells, k) or (never if cells.value[k, -1] < 1 else "–")]
        for k, text in enumerate(cells.y.texts)
    ]
    return markdown(["on the network", "equally fast at a verification delay of"], rows)


def _crossing(cells: HeatTable, k: int) -> str | None:
    """Return where along a row of a map the median ratio rises to 1, between the nearest points; None if nowhere."""
    row = np.log(cells.value[k])
    after = next((n for n in range(1, row.size) if row[n - 1] < 0 <= row[n]), None)
    if after is None:
        return None
    share = -row[after - 1] / (row[after] - row[after - 1]) if np.isfinite(row[after - 1]) else 1.0
    below, above = np.log(cells.x.numbers[after - 1 : after + 1])
    return f"{short(float(np.exp(below + share * (above - below))))} {cells.x.unit}".strip()


# --- when a false story is faster ------------------------------------------------------------------------------------


def fakes(effort: Effort, out: Path, say: Callable[[str], None]) -> list[str]:
    """Return the section on seeds and appeal of false stories."""
    experiment = read_experiment(
        ROOT / "experiments" / "fake_seeds.toml", overrides=effort.changes, replicates=effort.replicates
    )
    found = run(experiment, effort, say)
    seed = experiment.scenario.run.seed
    runs = cube(found.table(["story.T10_h"]))
    maps = {name: heat_table(runs, AUTHORS, APPEAL, "T10", ratio=("honest", name), seed=seed) for name in FALSE}
    for name in FALSE:
        picture = sweep_figure(found, SweepChoice(AUTHORS, by=APPEAL, kind="heat", ratio=("honest", name)))
        save_small(picture, out / "figures" / f"fake_seeds-{name}.png")
    cells = maps["hoax"]
    rows = [[text, *(_crossing(maps[name], k) or "–" for name in FALSE)] for k, text in enumerate(cells.y.texts)]
    people, replicates = experiment.scenario.people.count, experiment.scenario.run.replicates
    return [
        "## Under which seeds and appeal is a false story faster?",
        "",
        f"`diffusion run experiments/fake_seeds.toml`: {people:,} people, {found.n_runs:,} runs, {replicates}",
        f"replicates of luck on one world (seed {seed}). The true story has ten ordinary authors and an appeal of",
        ".03; the maps show its T10 over that of the false one. Nothing in the rules tells true from false here:",
        "without newsrooms a false story is as fast as its seeds and its appeal make it.",
        "",
        "![Ratio of T10, true over false story, by number of authors and appeal](figures/fake_seeds-hoax.png)",
        "",
        "![The same with authors drawn in proportion to their followers](figures/fake_seeds-hoax_large.png)",
        "",
        "How many authors a false story needs to be as fast as the true one, between the nearest points of the maps",
        "(median ratio; a dash where the map holds no such number):",
        "",
        *markdown(["its appeal", "ordinary authors", "large accounts"], rows),
    ]


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
