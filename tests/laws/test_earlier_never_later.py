"""Under one seed, whatever helps a story makes nobody hear of it later: worlds are coupled person by person."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from diffusion.outcome import Outcome
from diffusion.scenario import Scenario
from diffusion.simulation import simulate
from laws.harness import Finding, Law, Scorecard, sizes
from laws.scenes import scenario

Pairs = list[tuple[Outcome, Outcome]]

LITTLE = {"stories.story.appeal": 0.25, "stories.story.authors": 3}
MORE = {
    "appeal": {"stories.story.appeal": 0.35, "stories.story.authors": 3},
    "authors": {"stories.story.appeal": 0.25, "stories.story.authors": 6},
}


def mixed(net: dict[str, Any]) -> Scenario:
    """A platform with its default delays and clock, contacts who tell all day long, and an outlet that watches nobody.

    Contacts tell for longer than the run lasts: with a shorter window who hears earlier may meet a contact too late.
    """
    return scenario(
        people={"count": 400},
        platforms={
            "net": {"kind": "follow", "graph": {"generator": "popularity", "mean_followers": 12}} | net,
            "talk": {
                "kind": "contact", "graph": {"generator": "random", "mean_contacts": 2}, "meetings": "0.05/h",
                "window": "100 h",
            },
        },
        outlets={"evening": {"medium": "television", "audience": 0.1}},
        story={"kind": "news", **{key.rpartition(".")[2]: value for key, value in LITTLE.items()}},
        horizon="36 h",
    )  # fmt: skip


def pairs(net: dict[str, Any], more: dict[str, Any], seeds: int) -> Pairs:
    """The same luck with less and with more."""
    base = mixed(net)
    helped = base.changed(more)
    return [(simulate(base, seed=seed), simulate(helped, seed=seed)) for seed in range(seeds)]


def judge(found: Pairs) -> Finding:
    """Count those who hear later where the story was helped; somebody must hear earlier, or nothing was tried."""
    ticks = [(less.column("first_tick")[0], more.column("first_tick")[0]) for less, more in found]
    later = sum(int(np.sum(more > less)) for less, more in ticks)
    earlier = sum(int(np.sum(more < less)) for less, more in ticks)
    return Finding(later == 0 and earlier > 0, 0, later)


AT_LEAST = 0.4
"""Share of seeds with a violation under the control, taken below what was counted (.57 and .90)."""


@pytest.mark.parametrize("seeds", sizes(12, 150))
@pytest.mark.parametrize("help_", sorted(MORE))
@pytest.mark.parametrize("waits", ["edge", "sessions"])
def test_what_helps_a_story_makes_nobody_hear_later(waits: str, help_: str, seeds: int, scorecard: Scorecard) -> None:
    """Exact for every person and seed (false alarm 0) where no post is buried: waits per link, or sessions.

    Control: burial as by default. A post buries by the time that passes until the next session, so that one posted
    earlier can be lost where a later one was seen. Over 150 seeds .90 of the pairs (appeal) and .57 (authors) showed
    somebody who hears later; taken as .4, 12 pairs all without one have a chance of .0022.
    """
    law = Law(
        f"with more {help_} nobody hears later ({waits}, {seeds} seeds)", "persons who hear later", "burial by default",
        0.0, (1 - AT_LEAST) ** seeds,
    )  # fmt: skip
    open_feed = {"waits": waits, "close": 1}
    scorecard.check_law(law, judge, pairs(open_feed, MORE[help_], seeds), pairs({}, MORE[help_], seeds))
