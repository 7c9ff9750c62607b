"""The default world looks real: ordinary posts within what data say (docs/scorecard.md), and worlds that do not.

The judge is the scorecard's own row. How often a correct program fails, and how often a mistake slips through, follow
from the spread of the figure between twenty parts of the posts, by the normal law; a figure that is counted in whole
steps may lie a step off. Posts share one graph: other graphs of the same kind are looked at in `make verify`.
"""

import math
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from diffusion.assembly import Assembler
from diffusion.simulation import Runner
from diffusion.study import scorecard as card
from diffusion.study.ordinary import PostSample, ordinary_scenario, simulate_posts
from diffusion.study.scorecard import ROWS, Row
from laws.harness import ROW_PROPERTY, Finding, Law, Scorecard

PARTS = 20
STEP = {"peak of impressions": 1 / 6, "size, 99 %": 1.0}

# The nearest plausible mistakes.
BURIED: dict[str, Any] = {"platforms.feed.close": 0.0}
UNSCROLLED: dict[str, Any] = {"platforms.feed.scroll": "1 s"}
OWN_CLOCKS: dict[str, Any] = {"platforms.feed.waits": "edge"}
NEVER_STALE: dict[str, Any] = {"stories.post.half_life": "1000 days"}
HUBS: dict[str, Any] = {"platforms.feed.typical_followers": 100_000.0}
WEAK_AVERSION: dict[str, Any] = {"platforms.feed.typical_followers": 51.0}
MISTAKES = {
    "the same, 10 views or more": ("close ties that are buried like others", BURIED),
    "peak of impressions": ("posts that are all at the top of the feed", UNSCROLLED),
    "reshares within 1 h, ordinary": ("posts that never grow stale", NEVER_STALE),
    "size, 99 %": ("no hub aversion", HUBS),
    "resharing rate": ("no hub aversion", HUBS),
}


@lru_cache(maxsize=8)
def quick_posts(changes: tuple[tuple[str, Any], ...], count: int) -> PostSample:
    runner = Runner(ordinary_scenario(20_000, changes=dict(changes)), seed=6)
    return simulate_posts(runner, count, author_weight=card.ORDINARY_WEIGHT, name="ordinary")


def part(sample: PostSample, number: int) -> PostSample:
    """Return every twentieth post."""
    chosen = np.arange(sample.n_posts) % PARTS == number
    views = chosen[sample.view_post]
    return PostSample(
        sample.cascades.chosen(chosen), (np.cumsum(chosen) - 1)[sample.view_post[views]], sample.view_seconds[views]
    )


def figure(sample: PostSample, row: Row) -> float:
    nothing = replace(sample, cascades=sample.cascades.chosen(np.zeros(sample.n_posts, dtype=np.bool_)))
    return card.scorecard(card.posts(sample, nothing))[row.name]


def error(sample: PostSample, row: Row) -> float:
    """Standard error of the figure, from its spread between the parts; a step where it is counted in steps."""
    found = [figure(part(sample, number), row) for number in range(PARTS)]
    return max(float(np.std(found, ddof=1)) / math.sqrt(PARTS), STEP.get(row.name, 0.0) / 4)


def chance_inside(value: float, spread: float, row: Row) -> float:
    low, high = norm.cdf([row.low, row.high], loc=value, scale=spread)
    return float(high - low)


@pytest.mark.parametrize("name", MISTAKES)
def test_ordinary_posts_are_as_in_data(name: str, scorecard: Scorecard) -> None:
    (row,) = (row for row in ROWS if row.name == name)
    mistake, changes = MISTAKES[name]
    right, wrong = quick_posts((), 12_000), quick_posts(tuple(changes.items()), 2_000)

    def judge(sample: PostSample) -> Finding:
        value = figure(sample, row)
        return Finding(row.met(value), (row.low + row.high) / 2, value)

    law = Law(
        text=f"Ordinary posts: {name}",
        number=f"({row.low:g} to {row.high:g} {row.unit}".strip() + ")",
        mistake=mistake,
        false_alarm=1 - chance_inside(figure(right, row), error(right, row), row),
        miss=chance_inside(figure(wrong, row), error(wrong, row), row),
    )
    scorecard.check_law(law, judge, right, wrong)


# --- at full size: every row, on the seeds that are reported ---------------------------------------------------------

PERSONS, POSTS, FEWER = 1_000_000, 20_000, 10_000
REPORTED_ON = (6, 7, 8, 9, 10)
REJECTED = {
    "buried close ties": (
        BURIED,
        {
            "half-life of impressions",
            "the same, 10 views or more",
            "parent-to-child delay, 50 %",
            "parent-to-child delay, 75 %",
            "parent-to-child delay, 90 %",
        },
    ),
    "a wait of its own for each link": (
        OWN_CLOCKS,
        {"peak of impressions", "parent-to-child delay, 10 %", "parent-to-child delay, 25 %"},
    ),
    "posts that never grow stale": (NEVER_STALE, {"reshares within 1 h, ordinary", "reshares within 1 h, large"}),
    "hub aversion of a network three times as dense": (
        WEAK_AVERSION,
        {"size, 90 %", "share of the first generation", "structural virality"},
    ),
}
"""Mistakes, and the rows that must not be met then. Two rows no mistake is known to miss at this size: the median size,
and the correlation of virality and size; the resharing rate and the largest sizes have theirs above."""


def figures(seed: int, assembler: Assembler, changes: dict[str, Any], count: int) -> dict[str, float]:
    runner = Runner(ordinary_scenario(PERSONS, changes=changes), seed=seed, assembler=assembler)
    ordinary = simulate_posts(runner, count, author_weight=card.ORDINARY_WEIGHT, name="ordinary")
    large = simulate_posts(runner, count, author_weight=card.LARGE_WEIGHT, name="large")
    return card.scorecard(card.posts(ordinary, large))


@pytest.mark.verify
def test_every_row_is_met_on_seeds_that_nothing_was_tuned_on(record_property: Any) -> None:
    """Medians over five worlds; they are numbers of this program, so a change of a rule or a draw may move them."""
    found = [figures(seed, Assembler({}), {}, POSTS) for seed in REPORTED_ON]
    medians = {row.name: float(np.median([f[row.name] for f in found])) for row in ROWS}
    for row in ROWS:
        values = [f[row.name] for f in found]
        text = f"{medians[row.name]:.3g} ({min(values):.3g} to {max(values):.3g}) {row.unit}".strip()
        mark = "ok  " if row.met(medians[row.name]) else "MISS"
        record_property(ROW_PROPERTY, f"{mark} {row.name}: wanted {row.wanted}, found {text}")
    assert card.missed(medians) == []


@pytest.mark.verify
def test_worlds_with_a_mistake_miss_their_rows() -> None:
    shared = Assembler({})
    for mistake, (changes, rows) in REJECTED.items():
        assert rows <= set(card.missed(figures(REPORTED_ON[0], shared, changes, FEWER))), mistake
