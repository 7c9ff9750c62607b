"""Endemic infections: SIS and SIRS, in continuous time or in steps, with any law of delays (Kiss, Miller & Simon 2017).

As in `diffusion.classic.epidemic`, but nobody is immune for ever. In steps, whoever becomes susceptible in a step can
be infected from the next step on.
"""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from diffusion.classic.contacts import SLOTS, Room, forget, room, run_contacts
from diffusion.classic.delays import early
from diffusion.classic.epidemic_plan import NO_PARENTS, NO_TIMES, Setting, model_of, plan_of, run_of
from diffusion.classic.runs import Call, Run, checked_call, run_model
from diffusion.classic.shared import Shared, shares
from diffusion.classic.spread import Spread
from diffusion.classic.stages import ledger
from diffusion.errors import InputError
from diffusion.units import NEVER


@shares(Shared)
def sis(
    graph: Any,
    *,
    transmission: float | str,
    recovery: float | str,
    time: str = "continuous",
    horizon: float,
    weighted: bool = False,
    **shared: Unpack[Shared],
) -> Spread:
    """Run the SIS model: who is infected recovers and is susceptible again.

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
    horizon : float
        When to stop, in the unit of the rates or in steps.
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
        States susceptible and infectious; times and parents are those of first infections, and `extra["infections"]`
        (R,) counts all infections.

    Raises
    ------
    InputError
        If a rate, chance or law is none, weights are missing, or a shared argument is wrong.
    """
    call = checked_call(graph, shared)
    setting = Setting(time, horizon, weighted, {"transmission": transmission, "recovery": recovery})
    return _with_return(call, "SIS", setting)


@shares(Shared)
def sirs(
    graph: Any,
    *,
    transmission: float | str,
    recovery: float | str,
    immunity: float | str,
    time: str = "continuous",
    horizon: float,
    weighted: bool = False,
    **shared: Unpack[Shared],
) -> Spread:
    """Run the SIRS model: who is infected recovers, is immune for a while, and then susceptible again.

    Parameters
    ----------
    graph : FollowerGraph
    transmission : float or str
        Rate of contacts along a link (in steps: chance per step), or the law of the time between them, such as
        "weibull 2 1.5": constant value, exponential mean, gamma mean shape, lognormal median sd, power least exponent,
        uniform low high, weibull scale shape.
    recovery : float or str
        Rate of recovery (in steps: chance per step), or the law of the time in which a person is infectious.
    immunity : float or str
        Rate at which immunity is lost (in steps: chance per step), or the law of the time for which it lasts.
    time : str
        "continuous" or "steps".
    horizon : float
        When to stop, in the unit of the rates or in steps.
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
        States susceptible, infectious and recovered; times and parents are those of first infections, and
        `extra["infections"]` (R,) counts all infections.

    Raises
    ------
    InputError
        If a rate, chance or law is none, weights are missing, or a shared argument is wrong.
    """
    call = checked_call(graph, shared)
    asked = {"transmission": transmission, "recovery": recovery, "immunity": immunity}
    return _with_return(call, "SIRS", Setting(time, horizon, weighted, asked))


# --- what they share -------------------------------------------------------------------------------------------------


def _with_return(call: Call, name: str, setting: Setting) -> Spread:
    """Run a model in which persons can be infected again."""
    if setting.horizon is None:
        raise InputError(f"horizon is missing: {name} may go on for ever; give the time at which to stop")
    plan = plan_of(call, name, setting)
    n = call.graph.n_persons
    # Half of the next contacts lie within one turn of the calendar.
    width = 1.0 if plan.is_discrete else 2 * early(plan.course.contact, 0.5) / SLOTS

    def one(key: np.uint64, chosen: NDArray[np.uint32]) -> Run:
        """Run one replicate."""
        work: Room = call.own(lambda: room(call.graph))
        parents = np.full(n, NEVER, np.uint32) if call.keeps("parents") else NO_PARENTS
        book = ledger(plan.codes, plan.horizon, plan.grid)
        run = (key, chosen, plan.horizon, width)
        met, infections = run_contacts(plan.links, plan.course, run, work, (parents, book))
        times = np.full(n, np.inf, plan.time_type) if call.keeps("times") else NO_TIMES
        forget(work.hosts, met, times)
        return run_of(call, book, met, times, parents)._replace(extra={"infections": infections})

    return run_model(call, model_of(name, setting, plan), one)
