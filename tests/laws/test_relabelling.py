"""Who else exists, and what persons are called, is nobody's history."""

from __future__ import annotations

import math
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from diffusion.graphs import FollowerGraph, generate_contacts, generate_followers
from diffusion.outcome import Outcome
from diffusion.scenario import Scenario
from diffusion.simulation import ensemble, simulate
from laws.bounds import FALSE_ALARM, miss_at_distance
from laws.harness import Finding, Law, Scorecard, sizes
from laws.scenes import GIVEN, GIVEN_MUTUAL, scenario

PERSONS = 300
COLUMNS = ("first_tick", "share_tick", "first_channel", "exposures", "evidence")
Label = int | str


PLAIN: list[Label] = list(range(PERSONS))
MOVED_UP: list[Label] = list(range(1, PERSONS + 1))
NUMBERS: list[Label] = [7 + 3 * i for i in range(PERSONS)]
TEXT: list[Label] = [f"p{i:04d}" for i in range(PERSONS)]


def shuffled(seed: int) -> list[Label]:
    return [int(i) for i in np.random.default_rng(seed).permutation(PERSONS)]


class Place(NamedTuple):
    """The follower graph and the contacts, under some labels, and the authors' labels."""

    net: FollowerGraph
    talk: FollowerGraph
    authors: list[Label]


def links(graph: FollowerGraph) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(followed, follower) of every link."""
    followed = np.repeat(np.arange(graph.n_persons), np.diff(graph.offsets))
    return followed, graph.followers.astype(np.int64)


@cache
def graphs() -> tuple[FollowerGraph, FollowerGraph]:
    net = generate_followers(PERSONS, mean_followers=12, seed=71, name="net")
    return net, generate_contacts(PERSONS, mean_contacts=3, seed=71, name="talk")


def popular() -> list[int]:
    """The three most followed persons."""
    return [int(i) for i in np.argsort(np.diff(graphs()[0].offsets))[-3:]]


def renamed(names: list[Label], more: list[Label] | None = None, authors: list[int] | None = None) -> Place:
    """The same world with person i called names[i], perhaps with further persons whom nobody knows."""
    called = np.array(names)
    everybody = np.sort(np.array([*names, *(more or [])]))
    net, talk = (
        FollowerGraph.from_links(*(called[side] for side in links(graph)), labels=everybody) for graph in graphs()
    )
    return Place(net, talk, [names[i] for i in (popular() if authors is None else authors)])


def mixed(authors: list[Label], **run: Any) -> Scenario:
    """A platform and an outlet as by default, contacts, and nothing that counts heads.

    Authors are named, since witnesses and drawn authors are drawn among all persons, and the newsroom watches nobody,
    since it would look for a share of all members.
    """
    return scenario(
        platforms={
            "net": {"kind": "follow", "graph": GIVEN},
            "talk": {"kind": "contact", "graph": GIVEN_MUTUAL},
        },
        outlets={"evening": {"medium": "television", "audience": 0.2}},
        story={"kind": "news", "authors": authors, "appeal": 0.6},
        **run,
    )


class Played(NamedTuple):
    """A run, and what person 0, 1, … of the world as it was are called in it."""

    outcome: Outcome
    names: list[Label]


def played(names: list[Label], seed: int, more: list[Label] | None = None) -> Played:
    place = renamed(names, more)
    world = mixed(place.authors, record="all", horizon="36 h")
    return Played(simulate(world, seed=seed, graphs={"net": place.net, "talk": place.talk}), names)


def histories(run: Played) -> list[NDArray[Any]]:
    """Every column that is kept of a person, in the persons' first order."""
    outcome, names = run.outcome, np.array(run.names)
    called = np.arange(outcome.n_persons) if outcome.labels is None else outcome.labels
    at = np.searchsorted(called, names)
    assert np.array_equal(called[at], names), "somebody is missing"
    return [outcome.column(name)[0][at] for name in COLUMNS]


@cache
def at_first(seed: int) -> list[NDArray[Any]]:
    """Everybody's history in the world as it was."""
    return histories(played(PLAIN, seed))


def judge_histories(runs: list[Played]) -> Finding:
    """Count the persons with another history than in the world as it was."""
    others = 0
    for run in runs:
        other = np.zeros(PERSONS, dtype=bool)
        for a, b in zip(at_first(run.outcome.seed), histories(run), strict=True):
            other |= (a != b) & ~((a != a) & (b != b))  # evidence is NaN where a person is unaware
        others += int(other.sum())
    return Finding(others == 0, 0, others)


@pytest.mark.parametrize("seeds", sizes(2, 100))
def test_an_isolated_person_more_changes_no_other_history(seeds: int, scorecard: Scorecard) -> None:
    """Exact, false alarm 0: draws are keyed by persons, never by how many there are.

    Control: the new person is counted first instead of last, so that everybody moves up by one number: each trait and
    wait is drawn anew, and 300 unchanged histories are out of the question (miss 0).
    """
    law = Law(
        f"an isolated person more changes nobody ({seeds} seeds)", "persons with another history", "counted first",
        0.0, 0.0,
    )  # fmt: skip
    right = [played(PLAIN, seed, [PERSONS]) for seed in range(seeds)]
    control = [played(MOVED_UP, seed, [0]) for seed in range(seeds)]
    scorecard.check_law(law, judge_histories, right, control)


@pytest.mark.parametrize("seeds", sizes(2, 100))
@pytest.mark.parametrize(("kind", "names"), [("numbers", NUMBERS), ("text", TEXT)], ids=["numbers", "text"])
def test_new_labels_in_the_same_order_change_labels_only(
    kind: str, names: list[Label], seeds: int, scorecard: Scorecard
) -> None:
    """Exact, false alarm 0: persons are numbered by the order of their labels. Control: another order (miss 0)."""
    law = Law(
        f"labels in the same order change nobody ({kind}, {seeds} seeds)", "persons with another history",
        "another order", 0.0, 0.0,
    )  # fmt: skip
    right, control = ([played(order, seed) for seed in range(seeds)] for order in (names, shuffled(73)))
    scorecard.check_law(law, judge_histories, right, control)


def reaches(place: Place, seed: int, runs: int) -> NDArray[np.float64]:
    """How many have heard after six hours, over luck and traits."""
    world = mixed(place.authors, horizon="6 h", redraw="world")
    graphs_given = {"net": place.net, "talk": place.talk}
    found = ensemble(
        world, replicates=runs, seed=seed, threads=1, graphs=graphs_given, measure=lambda o: o.tallies[0].reached
    )
    return np.array(found, dtype=np.float64)


@pytest.mark.parametrize("runs", sizes(500, 2_000))
def test_any_relabelling_changes_nothing_in_law(runs: int, scorecard: Scorecard) -> None:
    """The reach under shuffled labels has the distribution of the reach under the old ones: two samples, alarm .001.

    For equal samples of 458 or more P(D > e) <= 2 exp(-n e^2) (Wei & Dudley 2012); e = .123 at 500. Traits are redrawn
    in each run, since those of one world belong to the labels. Control: the author is not renamed along, so that the
    story starts with somebody else than the most followed person. That sets the distributions .35 apart (counted over
    2,000 runs); taken as .30, it slips through with a chance below 4e-7.
    """
    before = reaches(renamed(PLAIN, authors=[popular()[-1]]), 74, runs)
    names = shuffled(73)

    def judge(sample: NDArray[np.float64]) -> Finding:
        apart = float(stats.ks_2samp(before, sample).statistic)
        return Finding(apart <= math.sqrt(math.log(2 / FALSE_ALARM) / runs), float(before.mean()), float(sample.mean()))

    place = renamed(names, authors=[popular()[-1]])
    law = Law(
        f"any relabelling keeps the law of the reach ({runs} runs)", "mean reach", "author not renamed", FALSE_ALARM,
        miss_at_distance(runs // 2, 0.3),
    )  # fmt: skip
    scorecard.check_law(
        law, judge, reaches(place, 75, runs), reaches(place._replace(authors=[popular()[-1]]), 75, runs)
    )
