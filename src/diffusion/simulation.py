"""One verb: `simulate` runs a scenario once, `ensemble` many times."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.arguments import (
    SEEDS,
    checked_graphs,
    checked_measure,
    checked_points,
    checked_record,
    checked_scenario,
    checked_seed,
    checked_stories,
    whole_number,
)
from diffusion.assembly import (
    Assembler,
    World,
    account_names,
    audience_sizes,
    channel_list,
    draw_luck,
    draw_origins,
    evidence_weights,
    lower,
)
from diffusion.engine import arrays, columns
from diffusion.engine.workspace import workspace
from diffusion.graphs import FollowerGraph, Memberships
from diffusion.outcome import NO_CHANNEL, Channel, Coverage, Credence, Events, Outcome, Posts, Tally, Timeline
from diffusion.scenario import Scenario
from diffusion.threads import in_threads
from diffusion.units import NEVER
from diffusion.versions import MODEL_VERSION
from diffusion.vocabulary import Record
from diffusion.world import Story

Graphs = Mapping[str, FollowerGraph | Memberships]
Rows = NDArray[np.int64]
"""Numbers of touched records, from `columns.touched`."""


def simulate(
    scenario: Scenario,
    *,
    seed: int | None = None,
    replicate: int = 0,
    graphs: Graphs | None = None,
    record: str | None = None,
    curve_points: int = 577,
) -> Outcome:
    """Run a scenario once.

    Parameters
    ----------
    scenario : Scenario
    seed : int, optional
        Instead of `scenario.run.seed`.
    replicate : int
        Which luck (and, with ``redraw = "world"``, which world) is drawn; from 0.
    graphs : mapping, optional
        Platform -> `FollowerGraph` (`Memberships` for a platform of groups), instead of the graphs that the scenario
        names.
    record : str, optional
        Instead of `scenario.run.record`.
    curve_points : int
        Points of the reach curves over the horizon, 2 to 100,000.

    Returns
    -------
    Outcome
        A pure function of (scenario, graphs, seed, replicate).

    Raises
    ------
    InputError
        If an argument is not what it should be, or the scenario and its graphs do not fit together.
    """
    place = whole_number("replicate", replicate, below=SEEDS)
    runner = Runner(scenario, graphs=graphs, seed=seed, record=record, curve_points=curve_points, replicate=place)
    return runner.run(place)


def ensemble(
    scenario: Scenario,
    *,
    replicates: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    graphs: Graphs | None = None,
    record: str | None = None,
    measure: Callable[[Outcome], Any] | None = None,
) -> list[Any]:
    """Run a scenario many times, in threads over one shared world.

    Parameters
    ----------
    scenario : Scenario
    replicates : int, optional
        Instead of `scenario.run.replicates`.
    seed, graphs, record
        As for `simulate`.
    threads : int, optional
        By default as many as there are cores. The results do not depend on it.
    measure : callable, optional
        What is kept of each `Outcome`; by default the outcome itself.

    Returns
    -------
    list
        One entry per replicate, in their order.

    Raises
    ------
    InputError
        As for `simulate`.
    """
    checked_scenario(scenario)
    checked_measure(measure)
    count = scenario.run.replicates if replicates is None else whole_number("replicates", replicates, least=1)
    workers = None if threads is None else whole_number("threads", threads, least=1)
    runner = Runner(scenario, graphs=graphs, seed=seed, record=record)
    kept = measure or (lambda outcome: outcome)
    jobs = [partial(_kept_run, runner, kept, k) for k in range(count)]
    return in_threads(jobs, workers)


def _kept_run(runner: Runner, kept: Callable[[Outcome], Any], replicate: int) -> Any:
    return kept(runner.run(replicate))


def cascades(
    scenario: Scenario,
    stories: Mapping[str, Story],
    *,
    seed: int | None = None,
    replicate: int = 0,
    graphs: Graphs | None = None,
    record: str = "sizes",
) -> list[Outcome]:
    """Run many stories on one world, each by itself as if the others did not exist.

    The cost of a story follows what it touches, not the size of the world, if its authors are named or an official
    posts it (drawing authors or witnesses looks at everybody).

    Parameters
    ----------
    scenario : Scenario
        The world and its media; its own stories are left out.
    stories : mapping
        Name -> `Story`. A story's draws depend on its name, not on its place.
    seed, replicate, graphs, record
        As for `simulate`.

    Returns
    -------
    list of Outcome
        One per story, in their order.

    Raises
    ------
    InputError
        As for `simulate`, and for a story that does not fit the scenario.
    """
    checked_scenario(scenario)
    if not checked_stories(stories):
        return []
    name, story = next(iter(stories.items()))
    alone = scenario.model_copy(update={"stories": {name: story}})
    place = whole_number("replicate", replicate, below=SEEDS)
    runner = Runner(alone, graphs=graphs, seed=seed, record=record, replicate=place)
    return [runner.run(place, {name: story}) for name, story in stories.items()]


class Runner:
    """A scenario made ready to run: its world is assembled once and shared by all replicates and threads.

    Parameters
    ----------
    scenario, graphs, seed, record, curve_points
        As for `simulate`.
    assembler : Assembler, optional
        Shared between the variants of an experiment, so that they share worlds.
    replicate : int
        Whose world is assembled at once.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        graphs: Graphs | None = None,
        seed: int | None = None,
        record: str | None = None,
        curve_points: int = 577,
        assembler: Assembler | None = None,
        replicate: int = 0,
    ) -> None:
        self.scenario = checked_scenario(scenario)
        self.seed = checked_seed(seed, scenario.run)
        self.record = checked_record(record, scenario.run)
        self.curve_points = checked_points(curve_points)
        self.assembler = assembler or Assembler(checked_graphs(graphs))
        self._lock = threading.Lock()
        self._lowered: tuple[int, World, arrays.World] | None = None
        self.n_persons = self.lowered(replicate)[0].n_persons

    def lowered(self, replicate: int) -> tuple[World, arrays.World]:
        """Return the world of a replicate, and its arrays."""
        place = replicate if self.scenario.run.redraw == "world" else 0
        with self._lock:
            if self._lowered is None or self._lowered[0] != place:
                world = self.assembler.world(self.scenario, seed=self.seed, replicate=replicate)
                self._lowered = (place, world, lower(self.scenario, world, self.record))
            return self._lowered[1], self._lowered[2]

    def run(self, replicate: int, stories: Mapping[str, Story] | None = None) -> Outcome:
        """Run one replicate, with other stories (as many as the scenario has) if any are given."""
        scenario, replicate = self.scenario, whole_number("replicate", replicate, below=SEEDS)
        if stories is not None:
            if len(stories) != len(scenario.stories):
                raise ValueError(f"{len(stories)} stories in place of {len(scenario.stories)}")
            scenario = scenario.model_copy(update={"stories": dict(stories)})
            for name, story in stories.items():
                scenario.check_story(name, story)
        world, rules = self.lowered(replicate)
        luck = draw_luck(scenario, world, seed=self.seed, replicate=replicate)
        origins = draw_origins(scenario, world, seed=self.seed, replicate=replicate)
        state = workspace().run(rules, luck, origins)
        return self._outcome(scenario, (world, rules), state, replicate)

    def _outcome(
        self, scenario: Scenario, place: tuple[World, arrays.World], state: arrays.State, replicate: int
    ) -> Outcome:
        record, (world, rules) = self.record, place
        kept: dict[str, Any] = {}
        if record >= Record.CURVES:
            rows = columns.touched(state)
            kept |= _curves(scenario, state, rows, self.curve_points)
        if record >= Record.TIMES:
            kept |= _times(state, rows, len(scenario.stories), world.n_persons)
        if record >= Record.PARENTS:
            kept |= _parents(state, rows, scenario, world)
        if record >= Record.ALL:
            kept |= _exposures(state, rows, len(scenario.stories), world.n_persons)
            weights = evidence_weights(rules, len(channel_list(scenario)))
            kept["credence"] = Credence(world.prior, weights, rules.repetition)
        if record >= Record.EVENTS:
            kept["events"] = _events(state)
        return Outcome(
            scenario=scenario,
            timeline=Timeline.of(scenario),
            seed=self.seed,
            replicate=replicate,
            record=record,
            n_persons=world.n_persons,
            labels=world.labels,
            channels=tuple(Channel(*c) for c in channel_list(scenario)),
            stories=tuple(sorted(scenario.stories)),
            outlets=tuple(sorted(scenario.outlets)),
            accounts=tuple(owner for owner, _ in account_names(scenario)),
            tallies=_tallies(state),
            provenance={
                "model_version": MODEL_VERSION,
                "graphs": world.content_hashes(),
                "median_visibility": dict(world.median_visibility),
                "notes": list(world.notes),
            },
            people=world.people,
            **kept,
        )


def _tallies(state: arrays.State) -> tuple[Tally, ...]:
    return tuple(
        Tally(
            offers=int(row[arrays.OFFERS]),
            views=int(row[arrays.VIEWS]),
            exposures=int(row[arrays.EXPOSURES]),
            shares=int(row[arrays.SHARES]),
            reached=int(row[arrays.REACHED]),
        )
        for row in state.tally
    )


def _curves(scenario: Scenario, state: arrays.State, rows: Rows, points: int) -> dict[str, Any]:
    horizon = round(scenario.run.horizon / scenario.run.tick)
    counts = np.zeros((len(scenario.stories), len(channel_list(scenario)), points), dtype=np.int64)
    columns.read_curves(state, rows, horizon, counts)
    # Whole numbers, rounded down: a person aware at a tick is counted at the first point that is not before it.
    ticks = np.arange(points, dtype=np.int64) * horizon // (points - 1)
    return {"curve_ticks": ticks, "curves": np.cumsum(counts, axis=2)}


def _never(stories: int, persons: int) -> NDArray[np.uint32]:
    return np.full(stories * persons, NEVER, dtype=np.uint32)


def _times(state: arrays.State, rows: Rows, stories: int, persons: int) -> dict[str, Any]:
    first, share = _never(stories, persons), _never(stories, persons)
    columns.read_times(state, rows, first, share)
    return {"first_tick": first.reshape(stories, persons), "share_tick": share.reshape(stories, persons)}


def _parents(state: arrays.State, rows: Rows, scenario: Scenario, world: World) -> dict[str, Any]:
    stories, persons = len(scenario.stories), world.n_persons
    channel = np.full(stories * persons, NO_CHANNEL, dtype=np.uint8)
    post = _never(stories, persons)
    columns.read_parents(state, rows, channel, post)
    made = state.posts[: state.registers[arrays.N_POSTS]]
    if state.registers[arrays.EVER_PLANNED]:
        order = columns.order_of_posts(state, len(scenario.outlets))
        places = np.empty(order.size, dtype=np.uint32)
        places[order] = np.arange(order.size, dtype=np.uint32)
        columns.renumber(rows, places, post)
        made = made[order]
    where = made[:, arrays.POST_WHERE]
    author, code = made[:, arrays.POST_AUTHOR].copy(), (where & 255).astype(np.uint8)
    posts = Posts(
        author=author,
        story=made[:, arrays.POST_STORY].astype(np.int32),
        channel=code,
        tick=made[:, arrays.POST_TICK].copy(),
        occurrence=where >> 16,
        followers=audience_sizes(scenario, world, author, code, made[:, arrays.POST_STORY]),
    )
    return {
        "first_channel": channel.reshape(stories, persons),
        "first_post": post.reshape(stories, persons),
        "posts": posts,
        "coverage": _coverage(state, scenario),
    }


def _coverage(state: arrays.State, scenario: Scenario) -> tuple[Coverage, ...]:
    found = []
    for o, outlet in enumerate(sorted(scenario.outlets)):
        for s, story in enumerate(sorted(scenario.stories)):
            begun, _, reason = (int(v) for v in state.covered[o, s])
            if begun:
                learned, verified = (int(v) for v in state.attempts[o, s, reason])
                found.append(Coverage(outlet, story, learned, verified, begun - 1, reason))
    return tuple(found)


def _exposures(state: arrays.State, rows: Rows, stories: int, persons: int) -> dict[str, Any]:
    exposures = np.zeros(stories * persons, dtype=np.uint64)
    evidence = np.full(stories * persons, np.nan, dtype=np.float32)
    columns.read_exposures(state, rows, exposures, evidence)
    return {"exposures": exposures.reshape(stories, persons), "evidence": evidence.reshape(stories, persons)}


def _events(state: arrays.State) -> Events:
    rows = state.log[: state.registers[arrays.N_LOG]]
    return Events(
        tick=rows[:, 0].copy(),
        kind=rows[:, 1].astype(np.uint8),
        person=rows[:, 2].copy(),
        channel=rows[:, 3].astype(np.uint8),
        source=rows[:, 4].copy(),
        story=rows[:, 5].copy(),
        value=rows[:, 6].copy(),
    )
