"""Write the pages of results, robustness and sweeps, the scorecard, the format and docs/figures: `make docs-results`.

Nothing in these pages is typed by hand. `--quick` writes the same pages into another folder with few replicates and few
people, to see whether everything works.
"""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import experiment_format
import gallery
import robustness
import scorecard
import sweep_results
from tables import ROOT, Effort, claimed_variants, hours, markdown, provenance, save_small

from diffusion import study
from diffusion.config import read_experiment
from diffusion.figures import draw_experiment, reach_figure
from diffusion.measures.row import quantile_name
from diffusion.scenario import Experiment
from diffusion.study import Results, judge, median_interval, paired_ratio, reach_table
from diffusion.study.report import percent
from diffusion.study.stories import story_lines

EXPERIMENTS = ROOT / "experiments"
OTHER_SEEDS = (2, 3, 4, 5)
PAGES = ("results", "robustness", "sweeps", "scorecard", "format", "gallery")


def flips(name: str) -> list[str]:
    """Return the changes that flip an experiment's verdict, as the catalogue names them."""
    catalogue = (EXPERIMENTS / "README.md").read_text(encoding="utf-8")
    row = next(line for line in catalogue.splitlines() if line.startswith(f"| `{name}.toml`"))
    command = re.findall(r"`(--set [^`]+)`", row)[0]
    return [word for word in shlex.split(command) if word != "--set"]


def read(name: str, effort: Effort, changes: Sequence[str] = (), seed: int | None = None) -> Experiment:
    return read_experiment(
        EXPERIMENTS / f"{name}.toml",
        overrides=[*effort.changes, *changes],
        replicates=effort.replicates,
        seed=seed,
    )


def experiment_page(name: str, effort: Effort, out: Path) -> list[str]:
    """Run an experiment and return its section of results.md; its pictures go to `out`/figures."""
    say(f"{name}: {effort.text}")
    results = study.run_experiment(read(name, effort), out=effort.folder, draw=draw_experiment)
    for story in results.stories:
        picture(results, story, out / "figures" / f"{figure_name(results, story)}.png")
    experiment, claim = results.experiment, results.experiment.claim
    head = [f"## {name}", "", f"*{experiment.title}.* {provenance(results)}", ""]
    if claim is not None:
        source = f" ({claim.phrase})" if claim.phrase else ""
        head += [f"Claim: {claim.text}{source}.", ""]
    body = [
        *times(results),
        *sources(results),
        *coverage(results),
        *known(results),
        *ratios(results),
        *story_ratios(results),
        *delays(results),
    ]
    return [*head, *body, *verdicts(results, name, effort), *pictures(results)]


def figure_name(results: Results, story: str) -> str:
    name = results.experiment.name
    return f"{name}-{story}" if len(results.stories) > 1 else name


def picture(results: Results, story: str, path: Path) -> None:
    """Draw reach by channel as in the folder of results, at a resolution for a page on a screen."""
    save_small(reach_figure([reach_table(results, v, story) for v in results.experiment.variants]), path)


def pictures(results: Results) -> list[str]:
    lines = []
    for story in results.stories:
        name = figure_name(results, story)
        lines += [f"![Reach of “{story}” by the channel of first hearing, by variant](figures/{name}.png)", ""]
    return lines


def times(results: Results) -> list[str]:
    quantiles = results.experiment.measures.quantiles
    header = ["variant", "story", *(quantile_name(q) for q in quantiles), "reached at the horizon", "sharers, % of all"]
    rows = []
    for variant in results.experiment.variants:
        for story in results.stories:
            found = [interval(results, variant, f"{story}.{quantile_name(q)}_h") for q in quantiles]
            sharers = results.values(variant, f"{story}.sharers") / people(results, variant)
            reached = interval(results, variant, f"{story}.reached")
            passed = median_interval(100 * sharers, seed=results.seed)
            rows.append([variant, story, *map(hours, found), reached.text("%", 100.0), passed.text()])
    return [*markdown(header, rows), ""]


def people(results: Results, variant: str) -> int:
    count = results.experiment.variants[variant].people.count
    if count is None:
        raise SystemExit("results.md is made from experiments whose population is generated")
    return count


def interval(results: Results, variant: str, column: str) -> study.Interval:
    return median_interval(results.values(variant, column), seed=results.seed)


def sources(results: Results) -> list[str]:
    """Return a table of the channels through which people heard first, as means over replicates."""
    start = {story: f"{story}.first." for story in results.stories}
    columns = dict.fromkeys(c for run in results.runs for c in run.row for s in start.values() if c.startswith(s))
    channels = list(dict.fromkeys(column.split(".first.")[1] for column in columns))
    rows = []
    for variant in results.experiment.variants:
        for story in results.stories:
            own = {run_column for run in results.runs if run.variant == variant for run_column in run.row}
            cells = []
            for channel in channels:
                column = start[story] + channel
                share = float(results.values(variant, column).mean()) if column in own else 0.0
                cells.append(percent(share) if share else "–")
            rows.append([variant, story, *cells])
    return [
        "Through which channel the aware heard first (means over replicates):",
        "",
        *markdown(["variant", "story", *channels], rows),
        "",
    ]


def coverage(results: Results) -> list[str]:
    """Return a table of when and where the outlets had it from, if there are any (means over replicates)."""
    if not results.experiment.scenario.outlets:
        return []
    rows = []
    for variant in results.experiment.variants:
        for story in results.stories:
            first = interval(results, variant, f"{story}.coverage.first_h")
            counts = ("coverage.outlets", "coverage.from_platforms")
            means = [f"{results.values(variant, f'{story}.{name}').mean():.2g}" for name in counts]
            rows.append([variant, story, hours(first), *means])
    header = ["variant", "story", "first coverage", "outlets that covered it", "of them through platforms"]
    return ["When it was first covered, and by how many outlets (mean):", "", *markdown(header, rows), ""]


def known(results: Results) -> list[str]:
    """Return a table of what is known from outside beside what was found, if anything is known."""
    rows = [
        [p.name, percent(p.known.share), p.found.text("%", 100.0), f"{100 * p.distance:+.1f}", p.known.source]
        for p in study.known_points(results)
    ]
    header = ["what", "known", "found", "distance, points", "source"]
    return ["What is known, and the distance to it:", "", *markdown(header, rows), ""] if rows else []


def ratios(results: Results) -> list[str]:
    rows = []
    for story in results.stories:
        for first, second in results.pairs:
            for q in results.experiment.measures.quantiles:
                found = paired_ratio(*results.arms(first, second, story, q), seed=results.seed)
                rows.append([story, found.text(quantile_name(q))])
    return ["Speed ratios, paired by replicate:", "", *markdown(["story", "ratio"], rows), ""]


def story_ratios(results: Results) -> list[str]:
    """Return what is said of two stories in every variant, for a claim that compares them."""
    lines = [f"* {line}" if not line.startswith(" ") else f" {line}" for line in story_lines(results)]
    return ["The two stories side by side, in every variant:", "", *lines, ""] if lines else []


def delays(results: Results) -> list[str]:
    rows = []
    components: tuple[str, ...] = ()
    for variant in results.experiment.variants:
        for story in results.stories:
            table = study.delay_table(results, variant, story)
            components = table.components
            rows.append([variant, story, *(f"{x:.2f}" for x in table.hours), table.total.text()])
    header = ["variant", "story", *(c.replace("_", " ") for c in components), "sum"]
    note = "Where the time went, mean hours of those who became aware (their means depend on how many did):"
    return [note, "", *markdown(header, rows), ""]


def verdicts(results: Results, name: str, effort: Effort) -> list[str]:
    """Return the verdict, the verdicts in worlds of other seeds, and the one under the change that flips it."""
    found = judge(results)
    if found is None:
        return []
    lines = [f"**Verdict: {found.word}.** {found.numbers}; {found.reason}.", ""]
    rows = []
    for seed in OTHER_SEEDS:
        say(f"{name}: seed {seed}")
        rows.append(
            [f"seed {seed}", *verdict_cells(study.run_experiment(claimed_variants(read(name, effort, seed=seed))))]
        )
    changes = flips(name)
    say(f"{name}: {', '.join(changes)}")
    flipped = study.run_experiment(claimed_variants(read(name, effort, changes)))
    rows.append([" ".join(f'`--set "{change}"`' for change in changes), *verdict_cells(flipped)])
    intro = "The same on other worlds and with other luck, and with the change that flips the verdict:"
    return [*lines, intro, "", *markdown(["world", "numbers", "verdict"], rows), ""]


def verdict_cells(results: Results) -> list[str]:
    found = judge(results)
    if found is None:
        raise SystemExit(f"{results.experiment.name} makes no claim")
    return [found.numbers, found.word]


def is_sweep(path: Path) -> bool:
    """Whether an experiment is run at many points: sweep-results.md tells of it."""
    return read_experiment(path).sweep is not None


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def write(path: Path, lines: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    say(f"wrote {path}")


INTRODUCTION = """# Results

What the experiments of `experiments/` give, written by `make docs-results`. Times are hours since the story began; a
median over replicates stands before its 95 % bootstrap interval. Every replicate draws luck anew on the same world, so
an interval says how much luck matters, not how right the model is: for that see [robustness](robustness.md). Never
counts as later than any time, and is counted where it happens.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", metavar="FOLDER", type=Path, help="few replicates and people; pages go to FOLDER")
    parser.add_argument("--only", choices=PAGES, help="one page alone")
    chosen = parser.parse_args()
    out = chosen.quick or ROOT / "docs"
    effort = Effort.quick(out / "results") if chosen.quick else Effort.full(ROOT / "results")
    if chosen.only in (None, "format"):
        write(out / "experiment-format.md", experiment_format.page())
    if chosen.only in (None, "results"):
        plain = [path for path in sorted(EXPERIMENTS.glob("*.toml"), reverse=True) if not is_sweep(path)]
        pages = [experiment_page(path.stem, effort, out) for path in plain]
        write(out / "results.md", [INTRODUCTION, *(line for page in pages for line in page)])
    if chosen.only in (None, "robustness"):
        write(out / "robustness.md", robustness.page(read("media_race", effort), effort, say))
    if chosen.only in (None, "sweeps"):
        write(out / "sweep-results.md", sweep_results.page(effort, out, say))
    if chosen.only in (None, "scorecard"):
        size = scorecard.Size.quick() if chosen.quick else scorecard.Size()
        write(out / "scorecard.md", scorecard.page(size, out, say))
    if chosen.only in (None, "gallery"):
        for path in gallery.draw(out / "figures"):
            say(f"wrote {path}")


if __name__ == "__main__":
    main()
