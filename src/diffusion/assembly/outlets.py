"""Lowering outlets: newsrooms, schedules and audiences."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.assembly._traits import sealed
from diffusion.assembly.habits import Audience
from diffusion.assembly.numbering import Tables, account_names, column_of, rows_of
from diffusion.assembly.world import World
from diffusion.engine import arrays
from diffusion.scenario import Scenario
from diffusion.units import DAY, HOUR, ticks
from diffusion.vocabulary import OutletClock
from diffusion.world import Outlet


def _slots(outlet: Outlet, tick: float) -> NDArray[np.int64]:
    """Return a day's slots in ticks after midnight; what rounds to the next midnight belongs to the day that begins."""
    return np.unique(np.array([ticks(t, tick) for t in outlet.slots()], np.int64) % ticks(DAY, tick))


def outlet_rules(scenario: Scenario, world: World, tables: Tables) -> arrays.OutletRules:
    """Return the rules of all outlets, in the order of their names."""
    tick = scenario.run.tick
    outlets = [o for _, o in sorted(scenario.outlets.items())]
    names = sorted(scenario.outlets)
    platforms = sorted(scenario.platforms)
    accounts = {pair: at for at, pair in enumerate(account_names(scenario))}

    def column(dtype: Any, value: Callable[[Outlet], Any]) -> Any:
        return column_of(len(outlets), dtype, [value(o) for o in outlets])

    def length(value: Callable[[Outlet], float]) -> Any:
        return column(np.int64, lambda o: ticks(value(o), tick))

    def grid(columns: list[str], dtype: Any, value: Callable[[str, Outlet, str], Any]) -> Any:
        cells = [[value(name, o, c) for c in columns] for name, o in zip(names, outlets, strict=True)]
        return sealed(np.array(cells, dtype=dtype).reshape(len(outlets), len(columns)))

    def sharers(outlet: Outlet, platform: str) -> int:
        watch = outlet.watches.get(platform)
        if watch is None or watch.share is None:
            return 0
        return max(1, math.ceil(watch.share * int(np.count_nonzero(world.members[platform]))))

    def witnesses(outlet: Outlet, platform: str) -> int:
        watch = outlet.watches.get(platform)
        return 0 if watch is None else watch.witnesses or 0

    slot_offsets, slots = rows_of([_slots(o, tick) for o in outlets], np.int64)
    tune_in = np.array([o.tune_in for o in outlets], dtype=np.float64).reshape(len(outlets), 24)
    return arrays.OutletRules(
        active=column(np.uint8, lambda o: o.active),
        continuous=column(np.uint8, lambda o: OutletClock[o.schedule.upper()]),
        habit=column(np.float64, lambda o: o.habit),
        tune_in=sealed(tune_in),
        block=length(lambda o: o.block),
        slot_offsets=slot_offsets,
        slots=slots,
        visits=column(np.float64, lambda o: o.visits * HOUR),
        clock=column(np.int64, lambda o: tables.clock(o.clock)),
        reading=column(np.int64, lambda o: -1 if o.reading.is_zero else tables.law(o.reading)),
        coverage=length(lambda o: o.coverage),
        breaking=column(np.float64, lambda o: o.breaking),
        breaking_every=length(lambda o: o.breaking_every),
        breaking_for=length(lambda o: o.breaking_for),
        verify=column(np.int64, lambda o: tables.law(o.verify)),
        accept_true=column(np.float64, lambda o: o.accept_true),
        accept_false=column(np.float64, lambda o: o.accept_false),
        witness_speed=column(np.float64, lambda o: o.witness_speed),
        **_audiences([world.audiences[name] for name in names]),
        watch_sharers=grid(platforms, np.int64, lambda _, o, p: sharers(o, p)),
        watch_witnesses=grid(platforms, np.int64, lambda _, o, p: witnesses(o, p)),
        follows=grid(names, np.uint8, lambda _, o, other: other in o.follows),
        follow_delay=column(np.int64, lambda o: tables.law(o.follow_delay)),
        statements=column(np.int64, lambda o: -1 if o.statements is None else tables.law(o.statements)),
        account=grid(platforms, np.int64, lambda name, _, p: accounts.get((name, p), -1)),
    )


def _audiences(audiences: list[Audience]) -> dict[str, Any]:
    offsets, persons = rows_of([a.persons for a in audiences], np.uint32)
    found = {"audience_offsets": offsets, "audience": persons, "regularity": sealed(np.zeros(0))}
    found["phase"] = rows_of([a.phase for a in audiences], np.float64)[1]
    if any(a.regularity is not None for a in audiences):
        each = [np.ones(a.persons.size) if a.regularity is None else a.regularity for a in audiences]
        found["regularity"] = rows_of(each, np.float64)[1]
    return found
