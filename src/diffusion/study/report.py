"""What an experiment found, as lines of text."""

from __future__ import annotations

import numpy as np

from diffusion.measures.row import quantile_name
from diffusion.study.claims import judge
from diffusion.study.known import known_points
from diffusion.study.results import Folder, Results, opened
from diffusion.study.stories import story_lines
from diffusion.study.summary import LEVEL, median_interval, paired_ratio, short
from diffusion.units import DAY, MINUTE

SOURCES = 5
"""How many channels of first exposure a line names."""

SHORTEST_VISIBILITY, LONGEST_VISIBILITY = 10 * MINUTE, DAY
"""Median feed visibility B outside of this is warned about (operational time; the default is 23 min)."""

FAR_FROM_TYPICAL = 2.0
"""A graph file whose mean followers differ from `typical_followers` by more than this factor is noted. Chosen."""

LEAST_SHARE = 0.005
"""Channels through which fewer of the aware heard first are left out of the table (and are in the files)."""


def report_lines(results: Results | Folder) -> list[str]:
    """Return everything that is printed: warnings, the table, the ratios, what the intervals cover, the verdict."""
    results = opened(results)
    verdict = judge(results)
    notes = [f"note: {note}" for note in results.manifest.get("people", [])]
    notes += [f"until: {results.manifest['until']}"] if "until" in results.manifest else []
    about = [*notes, *visibility_lines(results), *follower_lines(results), interval_line(results)]
    parts = [
        warning_lines(results),
        table_lines(results),
        ratio_lines(results),
        story_lines(results),
        known_lines(results),
        about,
    ]
    if verdict is not None:
        parts.append(verdict.lines())
    lines: list[str] = []
    for part in parts:
        lines += ["", *part] if part and lines else part
    return lines


def table_lines(results: Results) -> list[str]:
    """Return one line per variant and story: T_q, reach, and from where people heard first."""
    several = len(results.stories) > 1
    rows = [table_cells(results, v, s, several) for v in results.experiment.variants for s in results.stories]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return ["  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[-1]]).rstrip() for row in rows]


def table_cells(results: Results, variant: str, story: str, several: bool) -> list[str]:
    """Return one line of the table as cells; the story is named if there are several."""
    measure = quantile_name(results.quantile)
    time = median_interval(results.values(variant, f"{story}.{measure}_h"), seed=results.seed)
    reached = median_interval(results.values(variant, f"{story}.reached"), seed=results.seed)
    name = [variant, story] if several else [variant]
    never = f" (not reached in {time.never} of {time.n})" if time.never else ""
    return [
        *name,
        f"{measure} {time.hours_text()}{never}",
        f"reached {percent(reached.value)}",
        f"first heard from: {_sources(results, variant, story)}",
    ]


def percent(share: float) -> str:
    """Write a share, so that only nobody is 0 % and only everybody is 100 %."""
    if share in (0, 1):
        return f"{100 * share:.0f} %"
    if share < 0.0005:
        return "< 0.1 %"
    if share >= 0.9995:
        return "> 99.9 %"
    return f"{100 * share:.{0 if 0.0995 <= share < 0.9895 else 1}f} %"


def _sources(results: Results, variant: str, story: str) -> str:
    """Return the mean shares of the channels over the replicates in which anybody was aware."""
    start = f"{story}.first."
    names = dict.fromkeys(name for run in results.runs if run.variant == variant for name in run.row)
    shares = {}
    for name in names:
        if name.startswith(start):
            values = results.values(variant, name)
            known = values[~np.isnan(values)]
            if known.size and known.mean() > LEAST_SHARE:
                shares[name[len(start) :]] = float(known.mean())
    ranked = sorted(shares.items(), key=lambda item: -item[1])
    text = ", ".join(f"{channel} {percent(share)}" for channel, share in ranked[:SOURCES])
    return (text or "nobody") + (", …" if len(ranked) > SOURCES else "")


def ratio_lines(results: Results) -> list[str]:
    """Return one line per compared pair of variants and story."""
    measure = quantile_name(results.quantile)
    lines = []
    for story in results.stories:
        for first, second in results.pairs:
            found = paired_ratio(*results.arms(first, second, story, results.quantile), seed=results.seed)
            of = f"{story}: " if len(results.stories) > 1 else ""
            lines.append(of + found.text(measure))
    return lines


def known_lines(results: Results) -> list[str]:
    """Return one line per known number: what is known, what was found, and the distance."""
    return [
        f"{point.name}: {point.found.text('%', 100.0)}, known {percent(point.known.share)} "
        f"(distance {short(100 * point.distance)} points; {point.known.source})"
        for point in known_points(results)
    ]


def interval_line(results: Results) -> str:
    """Say what the intervals cover."""
    return f"[low, high]: {percent(LEVEL)} intervals of the median; they cover {results.covers}"


def visibility_lines(results: Results) -> list[str]:
    """Say for how long half of a platform's members can still meet a post, and warn where that is hard to believe."""
    lines = []
    for platform, seconds in results.manifest.get("median_visibility", {}).items():
        odd = "" if SHORTEST_VISIBILITY <= seconds <= LONGEST_VISIBILITY else " (WARNING: outside 10 min to 24 h)"
        lines.append(f"posts on {platform} stay within reach of the median member for {seconds / MINUTE:.3g} min{odd}")
    return lines


def follower_lines(results: Results) -> list[str]:
    """Say where a graph that was read has far more or fewer followers per account than the platform is scaled for."""
    lines = []
    for variant, means in results.manifest.get("mean_followers", {}).items():
        for name, mean in means.items():
            platform = results.experiment.variants[variant].platforms[name]
            scale = getattr(platform, "typical_followers", mean)
            if mean > 0 and not 1 / FAR_FROM_TYPICAL <= mean / scale <= FAR_FROM_TYPICAL:
                lines.append(
                    f"note: the graph of {name} has {mean:.3g} followers per account, but sharing is scaled for "
                    f"{scale:g}; platforms.{name}.typical_followers = {mean:.3g} would fit it (docs/own-graph.md)"
                )
    return list(dict.fromkeys(lines))


def warning_lines(results: Results) -> list[str]:
    """Say loudly where nothing happened: nobody heard but those who saw or made the story themselves."""
    lines = []
    for variant in results.experiment.variants:
        for story in sorted(results.experiment.scenario.stories):
            heard = results.values(variant, f"{story}.heard")
            quiet = int(np.count_nonzero(heard == 0))
            if quiet:
                where = "any replicate" if quiet == heard.size else f"{quiet} of {heard.size} replicates"
                lines.append(
                    f'WARNING: NOTHING HAPPENED: variant "{variant}": in {where} nobody heard of "{story}" '
                    "but those who saw or posted it themselves"
                )
    return lines
