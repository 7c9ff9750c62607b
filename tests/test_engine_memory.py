"""The engine's memory: where it begins, which records were touched, and what is left of a run after it."""

from __future__ import annotations

import numpy as np
import pytest

from diffusion import Scenario
from diffusion.assembly import draw_luck, draw_origins
from diffusion.engine import columns
from diffusion.engine.arrays import FIRST_TICK, GROW_POSTS, REACHED, State
from diffusion.engine.clock import wall, wall_nearby
from diffusion.engine.memory import LINE, at_lines
from diffusion.engine.workspace import Workspace
from diffusion.simulation import Runner

PERSONS = 2_000


def _run(appeal: float, workspace: Workspace) -> State:
    scenario = Scenario.model_validate(
        {
            "run": {"seed": 5, "record": "all", "horizon": "48 h"},
            "people": {"count": PERSONS},
            "platforms": {
                "feed": {"kind": "follow", "graph": {"generator": "popularity", "mean_followers": 20}},
            },
            "stories": {
                name: {"kind": "citizen_post", "authors": 5, "author_weight": 1, "appeal": appeal}
                for name in ("one", "two")
            },
        }
    )
    runner = Runner(scenario)
    world, rules = runner.lowered(0)
    luck = draw_luck(scenario, world, seed=5, replicate=0)
    return workspace.run(rules, luck, draw_origins(scenario, world, seed=5, replicate=0))


@pytest.mark.parametrize(("shape", "dtype"), [((7, 8), np.uint32), ((3, 16), np.float64)])
@pytest.mark.parametrize("zeros", [False, True])
def test_memory_begins_at_a_line(shape, dtype, zeros):
    for _ in range(20):
        found = at_lines(shape, dtype, zeros=zeros)
        assert found.ctypes.data % LINE == 0
        assert found.shape == shape
        assert found.dtype == dtype
        assert found.flags.c_contiguous
        assert not (zeros and found.any())


@pytest.mark.parametrize(("appeal", "dense"), [(5.0, True), (0.01, False)])
def test_the_touched_records_are_those_with_a_first_tick(appeal, dense):
    workspace = Workspace()
    state = _run(appeal, workspace)
    rows = columns.touched(state)
    assert rows.size == state.tally[:, REACHED].sum()
    # The case is the one it is named for: the records are looked at in turn, or their chain is followed.
    assert (rows.size * columns.DENSE > state.record.shape[0]) == dense
    assert rows.size > 10
    np.testing.assert_array_equal(np.sort(rows), np.nonzero(state.record[:, FIRST_TICK])[0])
    assert state.record.ctypes.data % LINE == state.pool.ctypes.data % LINE == 0
    columns.forget(state)
    assert not state.record.any()
    assert not state.tally.any()


def test_a_run_after_others_is_the_run_alone():
    used = Workspace()
    for appeal in (5.0, 0.01, 5.0):
        again, alone = _run(appeal, used), _run(appeal, Workspace())
        np.testing.assert_array_equal(again.record[:, :7], alone.record[:, :7])
        np.testing.assert_array_equal(again.tally, alone.tally)


def test_the_clock_without_branches_is_the_clock():
    runner = Runner(
        Scenario.model_validate(
            {
                "run": {"horizon": "72 h", "start": "2016-11-08T18:00"},
                "people": {"count": 10},
                "platforms": {
                    "feed": {"kind": "follow", "graph": {"generator": "popularity", "mean_followers": 2}},
                    "night": {
                        "kind": "follow",
                        "graph": {"generator": "popularity", "mean_followers": 2},
                        "clock": [0.01] * 6 + [1.0] * 17 + [0.02],
                    },
                },
                "stories": {"one": {"kind": "citizen_post", "authors": 1}},
            }
        )
    )
    frame, clocks = runner.lowered(0)[1].frame, runner.lowered(0)[1].clocks
    hours = np.random.default_rng(3).uniform(18.0, 90.0, 2_000)
    unsure = 0
    for clock in clocks:
        for at in hours:
            tick, found = wall_nearby(frame, clock, at)
            unsure += not found
            assert not found or tick == wall(frame, clock, at)
    # The long way is rarely needed, but it is needed.
    assert 0 < unsure < 0.1 * hours.size * len(clocks)


def test_a_run_that_was_broken_off_leaves_nothing_to_the_next(monkeypatch):
    whole = _run(5.0, Workspace())
    used, grow = Workspace(), Workspace._grown

    def interrupted(self, state, code, needed):
        if code == GROW_POSTS:
            raise KeyboardInterrupt
        return grow(self, state, code, needed)

    with monkeypatch.context() as patch:
        patch.setattr(Workspace, "_grown", interrupted)
        with pytest.raises(KeyboardInterrupt):
            _run(5.0, used)
    again = _run(5.0, used)
    np.testing.assert_array_equal(again.record[:, :7], whole.record[:, :7])
    np.testing.assert_array_equal(again.tally, whole.tally)
