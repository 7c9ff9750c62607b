"""Compartment models that a user declares as data: any states, any transitions, one compiled kernel for all of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Unpack

import numpy as np
from numpy.typing import NDArray

from diffusion.arguments import whole_number
from diffusion.classic.compartment_events import advance, finish, start
from diffusion.classic.compartment_model import CompartmentModel, Transition
from diffusion.classic.compartment_queue import RING, Queue, larger, new_queue
from diffusion.classic.compartment_tables import (
    REACHED,
    STATE,
    Found,
    Links,
    Rules,
    Setting,
    World,
    new_people,
    new_tray,
)
from diffusion.classic.runs import Call, Model, Run, checked_call, run_model
from diffusion.classic.seeds import SeedsLike, seeding
from diffusion.classic.shared import Shared, shares
from diffusion.classic.spread import Spread
from diffusion.errors import InputError, shown, suggestion
from diffusion.laws import KNOTS, TABLE_LENGTH
from diffusion.units import NEVER
from diffusion.vocabulary import Purpose

InitialLike = Mapping[str, SeedsLike] | str
"""State -> who begins there; as a text ``"skeptic=random:10; immune=3,5"``."""

_NO_WEIGHTS = np.zeros(0, np.float32)
_NO_WEIGHTS.setflags(write=False)  # as those of a graph are: the kernel is compiled for one kind of array


@shares(Shared)
def compartments(
    graph: Any,
    *,
    model: CompartmentModel | Mapping[str, Any] | str | Path,
    initial: InitialLike | None = None,
    horizon: float | None = None,
    points: int = 101,
    **shared: Unpack[Shared],
) -> Spread:
    """Run a model of states and transitions that is declared as data.

    Parameters
    ----------
    graph : FollowerGraph
    model : CompartmentModel, table, or path of a TOML file
        See `diffusion.classic.compartment_model`.
    initial : mapping or str, optional
        Who else begins in another state than the first: ``{"skeptic": "random:10"}``, or the text
        ``"skeptic=random:10; immune=3,5"``. Persons drawn for several states, seeds included, are different ones.
    horizon : float, optional
        When to stop, in the model's unit of time or in steps; needed where a run need not come to an end.
    points : int
        Points of the curves, from 0 to the horizon (or the end of the longest replicate); steps have one each.
    seeds : labels of persons, or str
        Who begins in the state that the model names as `seeds`.
    replicates, seed, threads, record, progress
        As for all models; see `diffusion.classic`.

    Returns
    -------
    Spread
        The model's states. Reached is who ever was in one of the model's `reached` states; parents are from whom the
        last contact before that came. Extra columns: `entries` (R, S), how often people came into each state after the
        start; with ``record = "times"``, `state` (R, n), the code of everybody's state at the end.

    Raises
    ------
    InputError
        If the model cannot be read, need not end and has no horizon, needs weights of links that are not there, or an
        argument that all models share is wrong.
    """
    call = checked_call(graph, shared)
    declared = CompartmentModel.read(model)
    end = _checked_horizon(declared, horizon)
    grid_points = whole_number("points", points, least=2)
    if graph.has_times:
        raise InputError("graph: links that begin and end are not followed here; leave out their times")
    tables = Tables(_links(graph, declared), _lowered(declared), end, declared.steps, _buckets(graph, declared))
    first = _Beginning(call, declared, initial)
    grid = np.zeros(0)
    if call.keeps("curves"):
        last = end if horizon is not None else _longest(call, tables, first)
        grid = np.arange(math.floor(last) + 1.0) if declared.steps else np.linspace(0.0, last, grid_points)

    def one(key: np.uint64, chosen: NDArray[np.uint32]) -> Run:
        """Run one replicate."""
        return _run(call, tables, key, first.placed(key, chosen), grid)

    about = {"model": str(declared), "initial": first.text, "horizon": horizon}
    about = {name: value for name, value in about.items() if value is not None}
    return run_model(call, Model(declared.name, declared.states, about, declared.steps, grid), one)


class Tables(NamedTuple):
    """A model on a graph as the kernel takes it."""

    links: Links
    rules: Rules
    horizon: float
    in_steps: bool
    per_time: float


class Workspace:
    """Memory of a thread, reused from replicate to replicate."""

    def __init__(self, n_persons: int, most_contacts: int) -> None:
        self.people = new_people(n_persons)
        self.tray = new_tray(most_contacts)
        # Room that is not used costs nothing.
        self.queue: Queue = new_queue(1024 + n_persons)

    def world(self, tables: Tables, found: Found) -> World:
        """Return all that a kernel works on."""
        return World(tables.links, tables.rules, self.people, self.tray, self.queue, found)

    def make_room(self, room: int) -> None:
        """Let the queue hold so many events at least."""
        if room > self.queue.heap.size:
            self.queue = larger(self.queue, max(room, 2 * self.queue.heap.size))


class _Beginning:
    """Who begins in which state but the first."""

    def __init__(self, call: Call, model: CompartmentModel, initial: InitialLike | None) -> None:
        self.call, self.model = call, model
        given = _initial_table(call.graph, initial)
        self.text: str | None = None
        self.fixed: list[tuple[int, NDArray[np.uint32]]] = []
        self.drawn: list[tuple[int, int]] = []
        for state, who in given.items():
            if state not in model.states:
                raise InputError(f"initial: there is no state {shown(state)}{suggestion(str(state), model.states)}")
            if state == model.seeds:
                raise InputError(f'initial: the seeds begin in "{state}"; say who by seeds')
            found = seeding(call.graph, who)
            self.text = f"{self.text}; {state}={found.text}" if self.text else f"{state}={found.text}"
            code = model.states.index(state)
            if found.chosen is None:
                self.drawn.append((code, found.size))
            else:
                self.fixed.append((code, found.chosen))
        named = [call.seeding.chosen] if call.seeding.chosen is not None else []
        _check_different(call.graph, named + [chosen for _, chosen in self.fixed])
        self.wanted = sum(size for _, size in self.drawn)
        taken = call.seeding.size + sum(chosen.size for _, chosen in self.fixed)
        if self.wanted + taken > call.graph.n_persons:
            raise InputError(
                f"initial: {self.wanted + taken:,} persons are asked for; the graph has {call.graph.n_persons:,}"
            )
        self.named = sum(chosen.size for chosen in named) + sum(chosen.size for _, chosen in self.fixed)

    def placed(self, key: np.uint64, seeds: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Return persons and the codes of their states in one replicate."""
        code = self.model.states.index(self.model.seeds)
        if not self.fixed and not self.drawn:
            return seeds, np.full(seeds.size, code)
        taken = [chosen for _, chosen in self.fixed]
        if self.call.seeding.chosen is not None or not taken:
            own = seeds
        else:  # seeds are drawn among those whom nothing else holds
            own = _others(self.call, key, np.concatenate(taken), seeds.size, Purpose.SEEDS)
        groups = [(code, own), *self.fixed]
        rest = _others(self.call, key, np.concatenate([own, *taken]), self.wanted, Purpose.CONTAGION)
        for state, size in self.drawn:
            groups.append((state, rest[:size]))
            rest = rest[size:]
        persons = np.concatenate([group for _, group in groups])
        return persons, np.concatenate([np.full(group.size, state) for state, group in groups])


def _others(call: Call, key: np.uint64, taken: NDArray[np.uint32], size: int, purpose: Purpose) -> NDArray[np.uint32]:
    """Draw so many persons who are not taken yet."""
    if size == 0:
        return np.empty(0, np.uint32)
    count = min(call.graph.n_persons, size + taken.size)
    order = seeding(call.graph, f"random:{count}").draw(int(key) >> 1, int(purpose))
    return order[~np.isin(order, taken)][:size]


def _run(
    call: Call,
    tables: Tables,
    key: np.uint64,
    placed: tuple[NDArray[np.uint32], NDArray[np.int64]],
    grid: NDArray[np.float64],
) -> Run:
    """Run one replicate."""
    graph, rules = call.graph, tables.rules
    n, size = graph.n_persons, rules.reached.size
    work = call.own(lambda: Workspace(n, int(np.diff(rules.by_at).max()) * int(graph.n_followers.max())))
    kept = n if call.keeps("times") and grid.size else 0
    found = Found(
        counts=np.zeros(size, np.int64),
        entries=np.zeros(size, np.int64),
        lasted=np.zeros(1),
        grid=grid,
        curve=np.zeros((size, grid.size), np.int64),
        later=np.zeros((size, grid.size + 1), np.int64),
        times=np.full(kept, np.inf),
        parents=np.full(n if call.keeps("parents") and grid.size else 0, NEVER, np.uint32),
        tally=np.zeros(3, np.int64),
    )
    setting = Setting(key, tables.horizon, tables.in_steps, tables.per_time)
    work.make_room(_room_at_first(tables, placed[0]))
    start(work.world(tables, found), setting, *placed)
    while not advance(work.world(tables, found), setting):
        work.make_room(2 * work.queue.heap.size)
    extra: dict[str, Any] = {"entries": found.entries}
    if kept:
        extra["state"] = work.people.who[:, STATE].astype(np.uint8)
    finish(work.world(tables, found))
    return Run(
        reached=int(found.tally[REACHED]),
        counts=found.counts,
        lasted=float(found.lasted[0]),
        curve=found.curve if grid.size else None,
        times=found.times if kept else None,
        parents=found.parents if found.parents.size else None,
        extra=extra,
    )


def _longest(call: Call, tables: Tables, first: _Beginning) -> float:
    """Return when the longest replicate ends."""

    def one(key: np.uint64, chosen: NDArray[np.uint32]) -> Run:
        """Run one replicate."""
        return _run(call, tables, key, first.placed(key, chosen), np.zeros(0))

    return float(run_model(call, Model("", (), {}), one).lasted.max())


def _room_at_first(tables: Tables, persons: NDArray[np.uint32]) -> int:
    links, rules = tables.links, tables.rules
    most = int(np.diff(rules.by_at).max())
    if rules.own_at[1] or rules.by_at[1]:
        return int(links.offsets.size + most * links.followers.size)
    degrees = links.offsets[persons.astype(np.int64) + 1] - links.offsets[persons]
    return int(persons.size + most * degrees.sum() + 2)


def _checked_horizon(model: CompartmentModel, horizon: float | None) -> float:
    if horizon is None:
        if model.may_not_end:
            raise InputError(f"horizon is needed: {model.may_not_end}, so that a run may never end")
        return math.inf
    if isinstance(horizon, bool) or not isinstance(horizon, int | float) or not 0 < horizon < math.inf:
        raise InputError(f"horizon = {shown(horizon)}: give a time > 0")
    return float(horizon)


def _links(graph: Any, model: CompartmentModel) -> Links:
    weighted = [each for each in model.working if each.weighted]
    if not weighted:
        return Links(graph.offsets, graph.followers, _NO_WEIGHTS, 1.0)
    if graph.weights is None:
        raise InputError("graph: its links have no weights, and a transition of the model is weighted")
    heaviest = float(graph.weights.max(initial=0.0))
    return Links(graph.offsets, graph.followers, graph.weights, heaviest)


def _lowered(model: CompartmentModel) -> Rules:
    """Return a model as tables."""
    rules, codes = model.transitions, {state: code for code, state in enumerate(model.states)}
    size = len(codes)
    chances = np.zeros((len(rules), size))
    may_be = np.zeros((size, len(rules)), np.uint8)
    tables = np.zeros((len(rules), TABLE_LENGTH))
    for k, rule in enumerate(rules):
        for state, chance in rule.outcomes.items():
            chances[k, codes[state]] = chance
        if chances[k].sum() > 1 - 1e-9:  # it always leads somewhere, rounding or not
            chances[k, codes[max(rule.outcomes, key=codes.__getitem__)]] += 1e-6
        for state, code in codes.items():
            may_be[code, k] = state == rule.leaves or rule.leaves in model.after[state]
        if rule.table is not None:
            tables[k] = rule.table
    own, own_at = _by_state(model, lambda k: rules[k].leaves if rules[k].by is None else None)
    by, by_at = _by_state(model, lambda k: rules[k].by)
    return Rules(
        leaves=np.array([codes[rule.leaves] for rule in rules], np.int64),
        rates=np.array([_hazard(rule, model.steps) for rule in rules]),
        tables=tables,
        weighted=np.array([rule.weighted for rule in rules], np.uint8),
        leads=np.cumsum(chances, axis=1),
        leads_only_to=np.array([_only_outcome(rule, codes) for rule in rules], np.int64),
        own=own,
        own_at=own_at,
        by=by,
        by_at=by_at,
        may_be=may_be,
        is_left_once=np.array([rule.leaves not in model.after[rule.leaves] for rule in rules], np.uint8),
        is_sure=np.array([_lasts(model, rule) and _is_certain(rule) for rule in rules], np.uint8),
        lasts=np.array([_lasts(model, rule) for rule in rules], np.uint8),
        is_quiet=np.array([_is_quiet(model, rule) for rule in rules], np.uint8),
        spreads=np.array(
            [any(by_at[codes[s]] < by_at[codes[s] + 1] for s in rule.outcomes) for rule in rules], np.uint8
        ),
        reached=np.array([state in model.counted for state in model.states], np.uint8),
    )


def _hazard(rule: Transition, steps: bool) -> float:
    """Return the rate of a transition, in steps of the flowing time in which it would have its chance; or 0."""
    if rule.delay is not None:
        return 0.0
    if not steps:
        return rule.speed
    # A chance of 1 takes one step: any rate that leaves nothing for the second would do.
    return 1e300 if rule.speed == 1 else -math.log1p(-rule.speed)


def _lasts(model: CompartmentModel, rule: Transition) -> bool:
    return rule.by is not None and all(other.leaves != rule.by or other.by is None for other in model.working)


def _is_quiet(model: CompartmentModel, rule: Transition) -> bool:
    if rule.by is not None or not _is_certain(rule) or len(rule.outcomes) != 1:
        return False
    to = next(iter(rule.outcomes))
    changed = {other.leaves for other in model.working if other.by is not None}
    busy = {other.by or other.leaves for other in model.working}
    return rule.leaves not in changed and to not in changed | busy


def _only_outcome(rule: Transition, codes: Mapping[str, int]) -> int:
    return codes[next(iter(rule.outcomes))] if _is_certain(rule) and len(rule.outcomes) == 1 else -1


def _is_certain(rule: Transition) -> bool:
    return math.fsum(rule.outcomes.values()) > 1 - 1e-9


def _by_state(
    model: CompartmentModel, state_of: Callable[[int], str | None]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the transitions that can happen by a state of theirs, as rows."""
    able = [k for k, rule in enumerate(model.transitions) if not rule.never_happens]
    rows = [[k for k in able if state_of(k) == state] for state in model.states]
    at = np.cumsum([0] + [len(row) for row in rows])
    return np.array([k for row in rows for k in row], np.int64), at.astype(np.int64)


def _buckets(graph: Any, model: CompartmentModel) -> float:
    """Return buckets of the queue per unit of time: more of them for more persons, so that heaps stay small."""
    if model.steps:
        return 1.0
    waits = [float(rule.table[KNOTS]) if rule.table is not None else 1 / rule.speed for rule in model.working]
    shortest = min([wait for wait in waits if wait > 0], default=1.0)
    return float(np.clip(graph.n_persons / 16, 64, RING) / shortest)


def _initial_table(graph: Any, initial: InitialLike | None) -> Mapping[str, SeedsLike]:
    if initial is None:
        return {}
    if isinstance(initial, Mapping):
        return initial
    if not isinstance(initial, str):
        raise InputError(f"initial = {shown(initial)}: give states and who begins there")
    found: dict[str, SeedsLike] = {}
    for part in initial.split(";"):
        state, equals, who = (word.strip() for word in part.partition("="))
        if not equals or not who or state in found:
            raise InputError(f'initial = "{initial}": write "state=random:10; other=3,5", each state once')
        numbers = graph.labels is None or graph.labels.dtype.kind == "i"
        words = [word.strip() for word in who.split(",")]
        plain = all(word.lstrip("-").isdecimal() for word in words)
        found[state] = who if ":" in who else [int(word) for word in words] if numbers and plain else words
    return found


def _check_different(graph: Any, groups: list[NDArray[np.uint32]]) -> None:
    everybody = np.concatenate(groups) if groups else np.empty(0, np.uint32)
    persons, counts = np.unique(everybody, return_counts=True)
    if (counts > 1).any():
        twice = graph.labels_of(persons[counts > 1][:1])[0]
        raise InputError(f"initial: {twice} is to begin in two states")
