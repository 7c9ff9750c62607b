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

from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from diffusion.classic.delays import early, screen_of
from diffusion.classic.epidemic_plan import NO_PARENTS, NO_TIMES, Setting, model_of, plan_of, run_of
from diffusion.classic.passage import Crowd, crowd_of, first_passage
from diffusion.classic.runs import Call, Run, checked_call, run_model
from diffusion.classic.shared import Shared, shares
from diffusion.classic.spread import Spread
from diffusion.classic.stages import clear, ledger, settle
from diffusion.units import NEVER

_FIRST_SHARE = 0.02
"""Share of a person's contacts within one bucket: small, so that hardly anybody is met again in it."""


@shares(Shared)
def si(
    graph: Any,
    *,
    transmission: float | str,
    time: str = "continuous",
    horizon: float | None = None,
    weighted: bool = False,
    **shared: Unpack[Shared],
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
    call = checked_call(graph, shared)
    setting = Setting(time, horizon, weighted, {"transmission": transmission})
    return _without_return(call, "SI", setting)


@shares(Shared)
def sir(
    graph: Any,
    *,
    transmission: float | str,
    recovery: float | str,
    time: str = "continuous",
    horizon: float | None = None,
    weighted: bool = False,
    **shared: Unpack[Shared],
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
    call = checked_call(graph, shared)
    setting = Setting(time, horizon, weighted, {"transmission": transmission, "recovery": recovery})
    return _without_return(call, "SIR", setting)


@shares(Shared)
def seir(
    graph: Any,
    *,
    transmission: float | str,
    latency: float | str,
    recovery: float | str,
    time: str = "continuous",
    horizon: float | None = None,
    weighted: bool = False,
    **shared: Unpack[Shared],
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
    call = checked_call(graph, shared)
    asked = {"transmission": transmission, "latency": latency, "recovery": recovery}
    return _without_return(call, "SEIR", Setting(time, horizon, weighted, asked))


# --- what they share -------------------------------------------------------------------------------------------------


def _without_return(call: Call, name: str, setting: Setting) -> Spread:
    """Run a model in which nobody is infected twice."""
    plan = plan_of(call, name, setting)
    n = call.graph.n_persons
    width = early(plan.course.contact, _FIRST_SHARE / max(1.0, call.graph.n_links / n))

    screen = screen_of(plan.course.contact)

    def one(key: np.uint64, chosen: NDArray[np.uint32]) -> Run:
        """Run one replicate."""
        crowd: Crowd = call.own(lambda: crowd_of(n))
        parents = np.full(n, NEVER, np.uint32) if call.keeps("parents") else NO_PARENTS
        met = first_passage(plan.links, plan.course, (key, chosen, plan.horizon, width, screen), crowd, parents)
        book = ledger(plan.codes, plan.horizon, plan.grid)
        settle(plan.course, key, crowd.room, met, book)
        if call.keeps("curves") and plan.is_discrete and plan.horizon == np.inf:
            book = ledger(plan.codes, plan.horizon, np.arange(book.last[0] + 1))
            settle(plan.course, key, crowd.room, met, book)
        times = np.full(n, np.inf, plan.time_type) if call.keeps("times") else NO_TIMES
        clear(crowd.room, met, times)
        return run_of(call, book, met, times, parents)

    return run_model(call, model_of(name, setting, plan), one)
