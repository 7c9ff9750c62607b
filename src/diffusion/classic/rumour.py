"""Rumours: ignorants, spreaders and stiflers (Daley & Kendall 1965; Maki & Thompson 1973).

A spreader contacts its followers, one at a time and chosen at random, at rate 1. Who did not know becomes a spreader;
who tells people that already know loses interest after the k-th such futile contact and becomes a stifler. Each
spreader has a clock of its own, whose j-th ring is a hash of (person, j), as are the follower who is contacted then and
the luck of the contact.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple, Unpack

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_inline, hot_kernel
from diffusion.classic.clocks import Clocks, below, clocks, drop, exponential, push, settle
from diffusion.classic.numbers import checked_chance, checked_rate, whole_number
from diffusion.classic.runs import Call, Model, Run, checked_call, run_model
from diffusion.classic.shared import Shared, shares
from diffusion.classic.spread import Spread
from diffusion.errors import InputError
from diffusion.randomness import draw, draw2, draw_key, uniform
from diffusion.units import NEVER

STATES = ("ignorant", "spreader", "stifler")
STIFLER = 2**16 - 1
"""Code of who has stopped; 0 is an ignorant, 1 + c a spreader after c futile contacts."""

_MOST_COLUMNS = 1_000_000


@shares(Shared)
def maki_thompson(
    graph: Any,
    *,
    futile: int = 1,
    spreading: float = 1.0,
    stifling: float = 1.0,
    forgetting: float = 0.0,
    curve_step: float = 1.0,
    **shared: Unpack[Shared],
) -> Spread:
    """Run the rumour model of Maki and Thompson: only the one who made a futile contact loses interest.

    Every spreader contacts a random follower at rate 1. An ignorant follower becomes a spreader with chance `spreading`
    and else stays ignorant; a contact with a spreader or a stifler is futile and counts with chance `stifling`. After
    `futile` counted contacts, or at rate `forgetting`, a spreader becomes a stifler. Who has no followers has nobody to
    tell and, unless it forgets, is a spreader at the end.

    Parameters
    ----------
    graph : FollowerGraph
    futile : int
        Number k of counted futile contacts after which a spreader stops, 1 to 65,533.
    spreading : float
        Chance that an ignorant who is told tells others, 0 < spreading <= 1.
    stifling : float
        Chance that a futile contact counts, 0 to 1; 0 needs `forgetting`.
    forgetting : float
        Rate at which a spreader stops by itself (Nekovee et al. 2007).
    curve_step : float
        Distance between two points of the curves, in units of time.
    seeds : labels of persons, or str
        Who spreads the rumour at first; "random:10" draws ten persons for each replicate.
    replicates, seed, threads, record, progress
        As for all models; see `diffusion.classic`.

    Returns
    -------
    Spread
        States ignorant, spreader and stifler; reached are all who are not ignorant. The unit of time is the mean time
        between two contacts of a spreader.

    Raises
    ------
    InputError
        If a number is out of its range, or an argument that all models share is wrong.

    References
    ----------
    D. P. Maki and M. Thompson, Mathematical Models and Applications, 1973; M. Nekovee et al., Physica A 374, 2007.
    """
    call = checked_call(graph, shared)
    rule = _checked_rule(futile, spreading, stifling, forgetting, both_stop=False)
    return _run(call, "maki-thompson rumour", rule, checked_rate("curve_step", curve_step, positive=True))


@shares(Shared)
def daley_kendall(
    graph: Any,
    *,
    futile: int = 1,
    spreading: float = 1.0,
    stifling: float = 1.0,
    forgetting: float = 0.0,
    curve_step: float = 1.0,
    **shared: Unpack[Shared],
) -> Spread:
    """Run the rumour model of Daley and Kendall: when two spreaders meet, both have met somebody who knows.

    Links must be mutual, because a meeting has two sides. A spreader meets an ignorant or a stifler as in
    `maki_thompson`, at rate 1 over its number of links. Two spreaders would come together at the sum of their rates,
    though their meeting is one and the same whoever began it: each such contact takes place with chance 1/2. There it
    is futile for both, and counts for each with a luck of its own.

    Parameters
    ----------
    graph : FollowerGraph
        With every link in both directions.
    futile : int
        Number k of counted futile meetings after which a spreader stops, 1 to 65,533.
    spreading : float
        Chance that an ignorant who is told tells others, 0 < spreading <= 1.
    stifling : float
        Chance that a futile meeting counts, 0 to 1; 0 needs `forgetting`.
    forgetting : float
        Rate at which a spreader stops by itself.
    curve_step : float
        Distance between two points of the curves, in units of time.
    seeds : labels of persons, or str
        Who spreads the rumour at first; "random:10" draws ten persons for each replicate.
    replicates, seed, threads, record, progress
        As for all models; see `diffusion.classic`.

    Returns
    -------
    Spread
        States ignorant, spreader and stifler; reached are all who are not ignorant. The unit of time is the mean time
        between two meetings of a spreader with people who do not spread.

    Raises
    ------
    InputError
        If a link has no reverse, a number is out of its range, or an argument that all models share is wrong.

    References
    ----------
    D. J. Daley and D. G. Kendall, Stochastic rumours, J. Inst. Maths Applics 1, 1965.
    """
    call = checked_call(graph, shared)
    rule = _checked_rule(futile, spreading, stifling, forgetting, both_stop=True)
    if not graph.is_mutual:
        raise InputError(
            "graph: the meetings of daley-kendall need every link in both directions; maki-thompson does not"
        )
    return _run(call, "daley-kendall rumour", rule, checked_rate("curve_step", curve_step, positive=True))


class Rule(NamedTuple):
    """How spreaders stop: after how many counted contacts, with which chances, and whether both of a meeting."""

    futile: int
    spreading: float
    stifling: float
    forgetting: float
    both_stop: bool


class Keys(NamedTuple):
    """Where draws start: of waits, of who is contacted, of the luck of a contact, and of forgetting."""

    wait: np.uint64
    whom: np.uint64
    luck: np.uint64
    forget: np.uint64


class Workspace(NamedTuple):
    """Memory of a thread: states, who heard in which order and when, who stopped when, when who forgets, clocks."""

    state: NDArray[np.uint16]
    order: NDArray[np.uint32]
    heard: NDArray[np.float64]
    stopped: NDArray[np.float64]
    until: NDArray[np.float64]
    clocks: Clocks


def _checked_rule(futile: Any, spreading: Any, stifling: Any, forgetting: Any, *, both_stop: bool) -> Rule:
    rule = Rule(
        whole_number("futile", futile, least=1, below=STIFLER - 1),
        checked_chance("spreading", spreading, positive=True),
        checked_chance("stifling", stifling),
        checked_rate("forgetting", forgetting),
        both_stop,
    )
    if rule.stifling == 0 and rule.forgetting == 0:
        raise InputError("stifling = 0 and forgetting = 0: nobody would ever stop; one of them must be positive")
    return rule


def _run(call: Call, name: str, rule: Rule, step: float) -> Spread:
    n, graph = call.graph.n_persons, call.graph
    logged = n if call.keeps("curves") else 0

    def make() -> Workspace:
        forgets = n if rule.forgetting else 0
        return Workspace(
            np.zeros(n, np.uint16),
            np.empty(n, np.uint32),
            np.empty(logged),
            np.empty(logged),
            np.empty(forgets),
            clocks(n),
        )

    def one(key: np.uint64, chosen: NDArray[np.uint32]) -> Run:
        """Run one replicate."""
        work = call.own(make)
        keys = Keys(*(np.uint64(draw_key(int(key), k)) for k in range(4)))
        times = np.full(n if call.keeps("times") else 0, np.inf)
        parents = np.full(n if call.keeps("parents") else 0, NEVER, dtype=np.uint32)
        reached, stopped, lasted = _spread((graph.offsets, graph.followers), rule, keys, chosen, (work, times, parents))
        return Run(
            reached=reached,
            counts=(n - reached, reached - stopped, stopped),
            lasted=lasted,
            curve=_curve(work, (n, reached, stopped), lasted, step) if logged else None,
            times=times if call.keeps("times") else None,
            parents=parents if call.keeps("parents") else None,
        )

    parameters = {key: value for key, value in rule._asdict().items() if key != "both_stop"} | {"curve_step": step}
    found = run_model(call, Model(name, STATES, parameters, is_discrete=False), one)
    return found if found.curve_times is None else replace(found, curve_times=found.curve_times * step)


def _curve(work: Workspace, counts: tuple[int, int, int], lasted: float, step: float) -> NDArray[np.int64]:
    """Return persons in each state at 0, step, 2 step … until nothing changes any more."""
    n, reached, stopped = counts
    columns = int(np.ceil(lasted / step)) + 1
    if columns > _MOST_COLUMNS:
        raise InputError(f"curve_step = {step!r}: the curves would have {columns:,} points; give a larger step")
    at = np.arange(columns) * step
    heard = np.searchsorted(work.heard[:reached], at, side="right")
    gone = np.searchsorted(work.stopped[:stopped], at, side="right")
    return np.stack([n - heard, heard - gone, gone]).astype(np.int64)


@hot_inline
def _begin(links, rule, keys, work, entry):
    """Make a person, number `reached` of those who heard, a spreader; return how many clocks there are now."""
    person, now, reached, size = entry
    offsets, _ = links
    work.state[person] = 1
    work.order[reached] = person
    if work.heard.size:
        work.heard[reached] = now
    first = np.inf
    if offsets[person + 1] > offsets[person]:
        first = now + exponential(draw2(keys.wait, person, 0))
    if work.until.size:
        work.until[person] = now + exponential(draw(keys.forget, person)) / rule.forgetting
        first = min(first, work.until[person])
    if first < np.inf:
        push(work.clocks, size, first, person)
        size += 1
    return size


@hot_inline
def _tire(rule, work, person, now, stopped):
    """Count a futile contact of a spreader; return how many have stopped now."""
    if work.state[person] < rule.futile:
        work.state[person] += np.uint16(1)
        return stopped
    return _stop(work, person, now, stopped)


@hot_inline
def _stop(work, person, now, stopped):
    work.state[person] = STIFLER
    if work.stopped.size:
        work.stopped[stopped] = now
    return stopped + 1


@hot_inline
def _futile(rule, work, meeting, stopped):
    """Let a spreader contact somebody who knows; return how many have stopped now."""
    person, follower, luck, now = meeting
    meets = rule.both_stop and work.state[follower] != STIFLER
    if meets and uniform(draw(luck, 0)) >= 0.5:
        return stopped
    if uniform(luck) < rule.stifling:
        stopped = _tire(rule, work, person, now, stopped)
    if meets and uniform(draw(luck, 1)) < rule.stifling:
        stopped = _tire(rule, work, follower, now, stopped)
    return stopped


@hot_kernel
def _spread(links, rule, keys, seeds, memory):
    """Run one rumour; return how many ever heard it, how many stopped, and when the last change was."""
    work, times, parents = memory
    offsets, followers = links
    heap = work.clocks
    size, stopped, lasted = 0, 0, 0.0
    for reached in range(seeds.size):
        size = _begin(links, rule, keys, work, (seeds[reached], 0.0, reached, size))
        if times.size:
            times[seeds[reached]] = 0
    reached = seeds.size
    while size > 0:
        now, person, rung = heap.time[0], heap.person[0], heap.rung[0]
        if work.state[person] != STIFLER and work.until.size and now >= work.until[person]:
            stopped, lasted = _stop(work, person, now, stopped), now
        if work.state[person] == STIFLER:
            drop(heap, size)
            size -= 1
            continue
        begin = offsets[person]
        follower = followers[begin + below(draw2(keys.whom, person, rung), offsets[person + 1] - begin)]
        luck = draw2(keys.luck, person, rung)
        if work.state[follower] == 0:
            if uniform(luck) < rule.spreading:
                size = _begin(links, rule, keys, work, (follower, now, reached, size))
                reached, lasted = reached + 1, now
                if times.size:
                    times[follower] = now
                if parents.size:
                    parents[follower] = person
        else:
            before = stopped
            stopped = _futile(rule, work, (person, follower, luck, now), stopped)
            if stopped > before:
                lasted = now
        # The clock of `person` is still the first: new ones ring later than now.
        if work.state[person] == STIFLER:
            drop(heap, size)
            size -= 1
        else:
            again = now + exponential(draw2(keys.wait, person, rung + 1))
            if work.until.size:
                again = min(again, work.until[person])
            settle(heap, size, again, person, rung + 1)
    for k in range(reached):
        work.state[work.order[k]] = 0
    return reached, stopped, lasted
