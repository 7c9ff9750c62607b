"""What a sweep found, as lines of text."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from diffusion.measures.row import quantile_name
from diffusion.question import Claim
from diffusion.scenario import Experiment
from diffusion.study.claims import judge
from diffusion.study.known import known_story
from diffusion.study.report import percent
from diffusion.study.results import DEFAULT_QUANTILE, Results, Run
from diffusion.study.summary import Interval
from diffusion.study.sweeps.results import SweepResults

MOST_LINES = 40
"""Lines of a sweep's table that are printed; of a larger one only the files are named. Chosen."""


def sweep_lines(results: SweepResults) -> list[str]:
    """Return the table of a small sweep, and how the claim fares over the points."""
    missing = f", {results.missing:,} missing" if results.missing else ""
    swept = f"; swept: {', '.join(results.keys)}" if results.keys else ""
    lines = [f"{results.name}: {results.n_runs:,} runs{missing}{swept}"]
    if not results.n_runs:
        return lines
    lines += _table(results)
    claim = results.experiment.claim
    return lines if claim is None else [*lines, *_verdict_lines(results, claim)]


# --- the table -------------------------------------------------------------------------------------------------------


def _table(results: SweepResults) -> list[str]:
    """Return a line per point, variant and story: T_q and reach."""
    experiment = results.experiment
    measures, stories = experiment.measures, sorted(experiment.scenario.stories)
    quantiles = measures.quantiles
    q = quantile_name(DEFAULT_QUANTILE if DEFAULT_QUANTILE in quantiles or not quantiles else quantiles[0])
    shown = [measures.story] if measures.story is not None else stories
    columns = [f"{story}.{name}" for story in shown for name in (f"{q}_h", "reached")]
    found = results.summary([name for name in columns if name in results.measures]).to_pylist()
    places: dict[tuple[Any, ...], dict[str, Interval]] = {}
    for row in found:
        head = tuple(_value_text(row[key]) for key in results.keys)
        story = (row["story"],) if len(shown) > 1 else ()
        places.setdefault((row["point"], *head, row["variant"], *story), {})[row["measure"]] = _interval(row)
    if len(places) > MOST_LINES:
        return []
    cells = [
        [
            *(f"{key.rpartition('.')[2]} = {value}" for key, value in zip(results.keys, place[1:], strict=False)),
            *place[1 + len(results.keys) :],
            f"{q} {at[f'{q}_h'].hours_text()}" if f"{q}_h" in at else "",
            f"reached {percent(at['reached'].value)}",
        ]
        for place, at in places.items()
    ]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    return ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]


def _interval(row: dict[str, Any]) -> Interval:
    value, low, high = (math.nan if row[name] is None else row[name] for name in ("median", "low", "high"))
    return Interval(value, low, high, row["replicates"], row["never"], row["undefined"])


def _value_text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


# --- verdicts --------------------------------------------------------------------------------------------------------


def point_verdicts(results: SweepResults) -> dict[int, str]:
    """Return the verdict on the experiment's claim at every point: "supported", "refuted" or "undecided".

    None are given where the claim is about a time at which a share is known: sweeps keep no reach curves.
    """
    experiment, claim = results.experiment, results.experiment.claim
    if claim is None or (claim.measure == "known_distance" and any(k.at is not None for k in experiment.known)):
        return {}
    columns = [name for name in _claimed(experiment, claim) if name in results.measures]
    by_point: dict[int, list[Run]] = {}
    for row in results.table(columns).to_pylist():
        measured = {name: row[name] for name in columns if row[name] is not None}
        by_point.setdefault(row["point"], []).append(Run(row["variant"], row["replicate"], measured))
    verdicts = {}
    for point, runs in by_point.items():
        if not {run.variant for run in runs} >= _compared(claim):
            verdicts[point] = "undecided"
            continue
        verdict = judge(Results(experiment, tuple(runs), {}, {}))
        assert verdict is not None
        verdicts[point] = verdict.word
    return verdicts


def _compared(claim: Claim) -> set[str]:
    one = {claim.variant} if claim.variant is not None else set()
    return one if claim.measure == "story_speed_ratio" else set(claim.of)


def _claimed(experiment: Experiment, claim: Claim) -> list[str]:
    """Return the columns that judging a claim may need."""
    stories = claim.of if claim.measure == "story_speed_ratio" else (known_story(experiment),)
    names = [f"{quantile_name(claim.quantile)}_h", "restricted_mean_h", "reached"]
    names += claim.columns if claim.column is not None else ()
    names += [column for known in experiment.known for column in known.columns]
    return list(dict.fromkeys(f"{story}.{name}" for story in stories for name in names))


def _verdict_lines(results: SweepResults, claim: Claim) -> list[str]:
    counted = Counter(point_verdicts(results).values())
    if not counted:
        return ["verdict: none; what is known at a time needs reach curves, which sweeps do not keep"]
    told = ", ".join(f"{word} at {counted[word]}" for word in ("supported", "refuted", "undecided") if counted[word])
    return [f"verdict: {told} of {sum(counted.values())} points", f"  claim: {claim.text}"]
