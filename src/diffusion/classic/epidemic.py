"""Epidemics: SI, SIR and SEIR, in continuous time or in steps, with any law of delays (Kiss, Miller & Simon 2017).

Continuous time: an infectious person makes contact with each follower again and again, at intervals drawn from the law
of `transmission` (from the beginning of infectiousness); a contact infects whoever is susceptible. A rate makes the
intervals exponential: the Markovian model.

Steps: in every step, from the states at its beginning, each infectious person infects each susceptible follower with
the chance `transmission`, and then each latent one becomes infectious, each infectious one recovers with the given
chances. So whoever recovers in a step still passes the infection on in it, and whoever is infected in it does so from
the next step on; waits are geometric numbers of steps.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.classic.delays import ABSENT, ENDLESS, Delay, delay_of, early
from diffusion.classic.passage import Course, Links, Passage, first_passage, links_of, workspace
from diffusion.classic.runs import Call, Model, Progress, Run, checked_call, run_model
from diffusion.classic.seeds import SeedsLike
from diffusion.classic.spread import Spread
from diffusion.classic.stages import Ledger, clear, ledger, settle
from diffusion.errors import InputError, suggestion
from diffusion.units import NEVER

POINTS = 201
"""Moments from 0 to the horizon at which curves in continuous time count persons."""
TIMES = ("continuous", "steps")
_FIRST_SHARE = 0.02
"""Share of a person's contacts within one bucket: small, so that hardly anybody is met again in it."""


def si(
    graph: Any,
    *,
    transmission: float | str,
    time: str = "continuous",
    horizon: float | None = None,
    weighted: bool = False,
    seeds: SeedsLike = "random:1",
    replicates: int = 1,
    seed: int = 0,
    threads: int | None = None,
    record: str = "sizes",
    progress: Progress | None = None,
) -> Spread:
    """Run the SI model: who is infected stays infectious.

    Parameters
    ----------
    graph : FollowerGraph
    transmission : float or str
        Rate of contacts along a link (in steps: chance per step), or the law of the time between them, such as
        "weibull 2 1.5": constant value, exponential mean, gamma mean shape, lognormal median sd, power least exponent,
        uniform low high, weibull scale shape.
    time : str
        "continuous" or "steps".
    horizon : float, optional
        When to stop, in the unit of the rates or in steps; needed for curves in continuous time.
    weighted : bool
        Whether the weights of links multiply their rates (divide their delays; in steps the chance is
        1 - (1 - transmission) ** weight).
    seeds : labels of persons, or str
        Who is infectious at first; "random:10" draws ten persons for each replicate.
    replicates, seed, threads, record, progress
        As for all models; see `diffusion.classic`.

    Returns
    -------
    Spread
        States susceptible and infectious.

    Raises
    ------
    InputError
        If a rate, chance or law is none, a horizon or weights are missing, or a shared argument is wrong.
    """
    call = checked_call(
        graph, seeds, replicates=replicates, seed=seed, threads=threads, record=record, progress=progress
    )
    setting = Setting(time, horizon, weighted, {"transmission": transmission})
    return _without_return(call, "SI", setting)


def sir(
    graph: Any,
    *,
    transmission: float | str,
    recovery: float | str,
    time: str = "continuous",
    horizon: float | None = None,
    weighted: bool = False,
    seeds: SeedsLike = "random:1",
    replicates: int = 1,
    seed: int = 0,
    threads: int | None = None,
    record: str = "sizes",
    progress: Progress | None = None,
) -> Spread:
    """Run the SIR model: who is infected recovers and is immune for ever.

    Parameters
    ----------
    graph : FollowerGraph
    transmission : float or str
        Rate of contacts along a link (in steps: chance per step), or the law of the time between them, such as
        "weibull 2 1.5": constant value, exponential mean, gamma mean shape, lognormal median sd, power least exponent,
        uniform low high, weibull scale shape.
    recovery : float or str
        Rate of recovery (in steps: chance per step), or the law of the time in which a person is infectious.
    time : str
        "continuous" or "steps".
    horizon : float, optional
        When to stop, in the unit of the rates or in steps; needed for curves in continuous time.
    weighted : bool
        Whether the weights of links multiply their rates (divide their delays; in steps the chance is
        1 - (1 - transmission) ** weight).
    seeds : labels of persons, or str
        Who is infectious at first; "random:10" draws ten persons for each replicate.
    replicates, seed, threads, record, progress
        As for all models; see `diffusion.classic`.

    Returns
    -------
    Spread
        States susceptible, infectious and recovered.

    Raises
    ------
    InputError
        If a rate, chance or law is none, a horizon or weights are missing, or a shared argument is wrong.
    """
    call = checked_call(
        graph, seeds, replicates=replicates, seed=seed, threads=threads, record=record, progress=progress
    )
    setting = Setting(time, horizon, weighted, {"transmission": transmission, "recovery": recovery})
    return _without_return(call, "SIR", setting)


def seir(
    graph: Any,
    *,
    transmission: float | str,
    latency: float | str,
    recovery: float | str,
    time: str = "continuous",
    horizon: float | None = None,
    weighted: bool = False,
    seeds: SeedsLike = "random:1",
    replicates: int = 1,
    seed: int = 0,
    threads: int | None = None,
    record: str = "sizes",
    progress: Progress | None = None,
) -> Spread:
    """Run the SEIR model: as SIR, but who is infected is first latent, not yet infectious.

    Parameters
    ----------
    graph : FollowerGraph
    transmission : float or str
        Rate of contacts along a link (in steps: chance per step), or the law of the time between them, such as
        "weibull 2 1.5": constant value, exponential mean, gamma mean shape, lognormal median sd, power least exponent,
        uniform low high, weibull scale shape.
    latency : float or str
        Rate at which latent persons become infectious (in steps: chance per step), or the law of the time until then.
    recovery : float or str
        Rate of recovery (in steps: chance per step), or the law of the time in which a person is infectious.
    time : str
        "continuous" or "steps".
    horizon : float, optional
        When to stop, in the unit of the rates or in steps; needed for curves in continuous time.
    weighted : bool
        Whether the weights of links multiply their rates (divide their delays; in steps the chance is
        1 - (1 - transmission) ** weight).
    seeds : labels of persons, or str
        Who is infectious (not latent) at first; "random:10" draws ten persons for each replicate.
    replicates, seed, threads, record, progress
        As for all models; see `diffusion.classic`.

    Returns
    -------
    Spread
        States susceptible, exposed, infectious and recovered; a person's time is when it was exposed.

    Raises
    ------
    InputError
        If a rate, chance or law is none, a horizon or weights are missing, or a shared argument is wrong.
    """
    call = checked_call(
        graph, seeds, replicates=replicates, seed=seed, threads=threads, record=record, progress=progress
    )
    asked = {"transmission": transmission, "latency": latency, "recovery": recovery}
    return _without_return(call, "SEIR", Setting(time, horizon, weighted, asked))


# --- what they share -------------------------------------------------------------------------------------------------


class Kind(NamedTuple):
    """States of a model, and the code of each stage: susceptible, latent, infectious, immune."""

    states: tuple[str, ...]
    codes: tuple[int, int, int, int]


KINDS = {
    "SI": Kind(("susceptible", "infectious"), (0, 1, 1, 1)),
    "SIR": Kind(("susceptible", "infectious", "recovered"), (0, 1, 1, 2)),
    "SEIR": Kind(("susceptible", "exposed", "infectious", "recovered"), (0, 1, 2, 3)),
}


class Setting(NamedTuple):
    """What a model was asked for, beside what all models share; `laws` by the name of the parameter."""

    time: str
    horizon: float | None
    weighted: bool
    laws: Mapping[str, float | str]


class Plan(NamedTuple):
    """What was asked for, checked, as kernels take it."""

    kind: Kind
    links: Links
    course: Course
    is_discrete: bool
    horizon: float
    grid: NDArray[np.float64]


def plan_of(call: Call, name: str, setting: Setting) -> Plan:
    """Check what a model was asked for."""
    if setting.time not in TIMES:
        raise InputError(f'time = "{setting.time}" is not known{suggestion(str(setting.time), TIMES)}')
    is_discrete = setting.time == "steps"
    horizon = _horizon(setting.horizon, is_discrete)
    if horizon == math.inf and call.keeps("curves") and not is_discrete and call.record.name == "CURVES":
        raise InputError('horizon is missing: record = "curves" in continuous time needs to know until when')
    if setting.weighted and call.graph.weights is None:
        raise InputError("weighted = True: the graph has no weights; read it with them, or give weighted = False")
    given = {key: delay_of(key, value, is_discrete) for key, value in setting.laws.items()}
    absent: Mapping[str, Delay] = {"latency": ABSENT, "recovery": ENDLESS, "immunity": ENDLESS}
    laws = {**absent, **given}
    course = Course(laws["transmission"], laws["latency"], laws["recovery"], laws["immunity"])
    grid = np.zeros(0)
    if call.keeps("curves") and horizon < math.inf:
        grid = np.arange(horizon + 1) if is_discrete else np.linspace(0, horizon, POINTS)
    return Plan(KINDS[name], links_of(call.graph, setting.weighted), course, is_discrete, horizon, grid)


def _horizon(value: float | None, is_discrete: bool) -> float:
    if value is None:
        return math.inf
    if isinstance(value, bool | str) or not 0 < value < math.inf or (is_discrete and value != int(value)):
        raise InputError(f"horizon = {value!r}: give a {'whole number of steps' if is_discrete else 'time'} > 0")
    return float(value)


def _without_return(call: Call, name: str, setting: Setting) -> Spread:
    """Run a model in which nobody is infected twice."""
    plan = plan_of(call, name, setting)
    n = call.graph.n_persons
    per_person = max(1.0, call.graph.n_links / n)
    width = early(plan.course.contact, _FIRST_SHARE / per_person)
    no_times, no_parents = np.zeros(0), np.zeros(0, np.uint32)
    codes = np.array(plan.kind.codes, np.int64)

    def one(key: np.uint64, chosen: NDArray[np.uint32]) -> Run:
        work: Passage = call.own(lambda: workspace(n))
        parents = np.full(n, NEVER, np.uint32) if call.keeps("parents") else no_parents
        met = first_passage(plan.links, plan.course, (key, chosen, plan.horizon, width), work, parents)
        book = ledger(codes, plan.horizon, plan.grid)
        settle(plan.course, key, work, met, book)
        if call.keeps("curves") and plan.is_discrete and plan.horizon == math.inf:
            book = ledger(codes, plan.horizon, np.arange(book.last[0] + 1))
            settle(plan.course, key, work, met, book)
        times = np.full(n, np.inf, np.float32 if plan.is_discrete else np.float64) if call.keeps("times") else no_times
        clear(work, met, times)
        return run_of(call, book, met, times, parents)

    model = Model(
        name,
        plan.kind.states,
        {**setting.laws, "time": setting.time, "horizon": setting.horizon, "weighted": setting.weighted},
        plan.is_discrete,
        None if plan.is_discrete else plan.grid,
    )
    return run_model(call, model, one)


def run_of(call: Call, book: Ledger, met: int, times: NDArray[Any], parents: NDArray[np.uint32]) -> Run:
    """Return what a replicate found."""
    book.ends[0] += call.graph.n_persons
    curve = None
    if book.grid.size:
        book.curve[0, 0] += call.graph.n_persons
        curve = np.cumsum(book.curve, axis=1)
    return Run(
        reached=met,
        counts=book.ends,
        lasted=float(book.last[0]),
        curve=curve,
        times=times if call.keeps("times") else None,
        parents=parents if call.keeps("parents") else None,
    )
