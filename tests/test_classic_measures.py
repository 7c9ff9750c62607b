"""Measures of the engine on outcomes of classical models, with numbers worked out by hand.

0 is followed by 1 and 2, these by 3, this by 4, this by 0; 5 stands alone. At p = 1 from 0: 1 and 2 in step 1,
3 (from 1) in step 2, 4 in step 3.
"""

import math

import numpy as np
import pytest

from diffusion import measures
from diffusion.classic import Spread, independent_cascade, sir
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph
from diffusion.outcome import Outcome
from diffusion.units import NEVER

GRAPH = FollowerGraph.from_links([0, 0, 1, 2, 3, 4], [1, 2, 3, 3, 4, 0], n_persons=6)


def sure(record: str = "parents") -> Outcome:
    return independent_cascade(GRAPH, p=1.0, seeds=[0], record=record).outcome()


def test_reach_and_times() -> None:
    for record in ("times", "parents"):
        outcome = sure(record)
        assert measures.reach(outcome) == 5 / 6
        times = [measures.time_to_reach(outcome, q / 6) for q in range(1, 7)]
        assert times == [0, 1, 1, 2, 3, math.inf]
        assert measures.time_to_reach(outcome, 0.8, among="aware") == 2
        # Up to the last change, step 3: (0 + 1 + 1 + 2 + 3 + 3) / 6.
        assert measures.restricted_mean_time(outcome) == pytest.approx(10 / 6)


def test_curves_of_reach() -> None:
    seconds, channels, shares = measures.reach_curve(sure())
    assert seconds.tolist() == [0, 1, 2, 3] and channels == ("seed", "graph")
    assert (6 * shares).round().tolist() == [[1, 1, 1, 1], [0, 2, 3, 4]]
    seconds, channels, shares = measures.reach_curve(sure("times"))
    assert channels == ("any way",) and (6 * shares).round().tolist() == [[1, 3, 4, 5]]


def test_who_heard_from_whom() -> None:
    outcome = sure()
    assert measures.first_sources(outcome) == {"seed": 1 / 5, "graph": 4 / 5}
    found = measures.attribution(outcome)
    assert (found.own_eyes, found.platforms, found.outlets) == (1 / 5, 4 / 5, 0)
    # Whom each of 0, 1, 2, 3, 4 told first.
    caused = measures.exposures_caused(outcome)
    assert caused.tolist() == [2, 1, 0, 1, 0]
    # Differences of the ten pairs of 2, 1, 0, 1, 0: 6 to the 2, 4 of a 1 to a 0; both ways, over 2 * 5 * 4.
    assert measures.gini(caused) == pytest.approx(2 * (6 + 4) / (2 * 5 * 4))
    assert measures.top_share(caused, 0.2) == 0.5


def test_the_forest_of_shares_and_its_shape() -> None:
    grown = measures.share_forest(sure())
    assert grown.nodes.tolist() == [0, 1, 2, 3, 4] and grown.parent.tolist() == [-1, 0, 0, 1, 3]
    shape = measures.cascades(grown)
    assert (shape.size.tolist(), shape.depth.tolist(), shape.breadth.tolist()) == ([5], [3], [2])
    flat = measures.cascades(measures.flattened(grown))
    assert (flat.depth.tolist(), flat.breadth.tolist()) == ([1], [4])
    two = independent_cascade(GRAPH, p=1.0, seeds=[0, 5], record="parents").outcome()
    assert sorted(measures.cascades(measures.share_forest(two)).size.tolist()) == [1, 5]


def test_groups_of_persons() -> None:
    groups = np.array(["a", "a", "a", "b", "b", "b"])
    first, second = measures.reach_by_group(sure(), groups)
    assert (first.group, first.aware, first.reach, first.time) == ("a", 3, 1, 1)
    assert (second.aware, second.time, second.delay, second.arrival) == (2, 3, 2, 2)
    assert (second.person, second.channel, second.source) == (3, "graph", 1)


@pytest.mark.parametrize(
    "name",
    ["believing", "believing_hours", "belief_curve", "evidence_over_time", "first_believed", "delays", "wide_row"],
)
def test_measures_of_a_scenario_say_that_there_is_none(name: str) -> None:
    with pytest.raises(InputError, match=r"an outcome of independent cascade has no ") as refused:
        getattr(measures, name)(sure())
    assert "\n" not in str(refused.value)


def test_there_are_no_outlets() -> None:
    assert measures.coverage_order(sure()) == ()
    assert math.isnan(measures.peaks(sure()).outlets)


def test_measures_that_need_more_say_which_record_keeps_it() -> None:
    with pytest.raises(InputError, match='record = "parents" keeps it'):
        measures.share_forest(sure("times"))
    with pytest.raises(InputError, match='record = "times" keeps it'):
        sure("curves")


def epidemic() -> Spread:
    return sir(GRAPH, transmission=1.0, recovery=0.2, seeds=[0], replicates=30, seed=4, record="parents")


def test_continuous_time_is_kept_to_the_tick() -> None:
    spread = epidemic()
    times = spread.column("times")
    for replicate in range(spread.replicates):
        outcome = spread.outcome(replicate)
        ever = np.isfinite(times[replicate])
        ticks = outcome.column("first_tick")[0]
        assert ((ticks != NEVER) == ever).all()
        assert ticks[ever] * outcome.tick == pytest.approx(times[replicate][ever], abs=outcome.tick)
        assert measures.reach(outcome) == spread.reached[replicate] / 6
        seconds, _, shares = measures.reach_curve(outcome, by_channel=False)
        assert shares[-1] * 6 == pytest.approx(spread.reached[replicate]) and len(seconds) == 201
        half = measures.time_to_reach(outcome, 0.5)
        assert half == pytest.approx(spread.time_to_reach(0.5)[replicate], abs=outcome.tick)
        grown = measures.share_forest(outcome)
        assert measures.cascades(grown).size.sum() == spread.reached[replicate]
