"""SEIZ: susceptible, exposed, infected and sceptic people (Bettencourt et al. 2006; Jin et al. 2013)."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Unpack

from diffusion.classic.compartment_model import CompartmentModel, Transition
from diffusion.classic.compartments import compartments
from diffusion.classic.seeds import SeedsLike
from diffusion.classic.shared import Shared, shares
from diffusion.classic.spread import Spread
from diffusion.errors import InputError, shown

STATES = ("susceptible", "exposed", "infected", "sceptic")


@shares(Shared)
def seiz(
    graph: Any,
    *,
    beta: float,
    b: float,
    rho: float,
    p: float,
    l: float,  # noqa: E741
    epsilon: float,
    sceptics: SeedsLike | None = "random:1",
    horizon: float | None = None,
    points: int = 101,
    **shared: Unpack[Shared],
) -> Spread:
    """Run the SEIZ model of stories and rumours: who hears of one may pass it on, think about it, or be sceptic.

    Letters are those of Jin et al. 2013; their rates are per person and contact all others alike, these are per link.

    Parameters
    ----------
    graph : FollowerGraph
    beta : float
        Rate at which an infected person makes contact with a susceptible follower.
    b : float
        Rate at which a sceptic does.
    rho : float
        Rate at which an infected person makes contact with an exposed follower, who becomes infected.
    p : float
        Chance that a susceptible person becomes infected at once by an infected one, otherwise exposed.
    l : float
        Chance that a susceptible person becomes sceptic by a sceptic one, otherwise exposed.
    epsilon : float
        Rate at which an exposed person becomes infected without contact (1 / incubation time).
    sceptics : labels of persons, str or None
        Who is sceptic at first, beside the seeds.
    horizon : float, optional
        When to stop, in the unit of the rates.
    points : int
        Points of the curves, from 0 to the horizon or the end of the longest replicate.
    seeds : labels of persons, or str
        Who is infected at first.
    replicates, seed, threads, record, progress
        As for all models; see `diffusion.classic`.

    Returns
    -------
    Spread
        States susceptible, exposed, infected and sceptic; reached is who was infected. Extra columns as those of
        `diffusion.classic.compartments`.

    Raises
    ------
    InputError
        If a rate or chance is none, a run need not end and has no horizon, or a shared argument is wrong.
    """
    rates = {"beta": beta, "b": b, "rho": rho, "p": p, "l": l, "epsilon": epsilon}
    found = compartments(
        graph,
        model=declared(**rates),
        initial=None if sceptics is None else {"sceptic": sceptics},
        horizon=horizon,
        points=points,
        **shared,
    )
    others = {name: value for name, value in found.parameters.items() if name != "model"}
    return replace(found, parameters={**rates, **others})


def declared(*, beta: float, b: float, rho: float, p: float, l: float, epsilon: float) -> CompartmentModel:  # noqa: E741
    """Return the SEIZ model as a declared one; the parameters are those of `seiz`."""
    for name, rate in {"beta": beta, "b": b, "rho": rho, "epsilon": epsilon}.items():
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate < math.inf:
            raise InputError(f"{name} = {shown(rate)}: give a rate >= 0")
    for name, chance in {"p": p, "l": l}.items():
        if isinstance(chance, bool) or not isinstance(chance, int | float) or not 0 <= chance <= 1:
            raise InputError(f"{name} = {shown(chance)}: give a probability, 0 <= {name} <= 1")
    susceptible, exposed, infected, sceptic = STATES

    def one_or_exposed(state: str, chance: float) -> dict[str, float]:
        return {to: share for to, share in ((state, float(chance)), (exposed, 1.0 - chance)) if share > 0}

    return CompartmentModel(
        name="SEIZ",
        states=STATES,
        seeds=infected,
        reached=(infected,),
        transitions=(
            Transition(susceptible, one_or_exposed(infected, p), by=infected, rate=beta),
            Transition(susceptible, one_or_exposed(sceptic, l), by=sceptic, rate=b),
            Transition(exposed, infected, by=infected, rate=rho),
            Transition(exposed, infected, rate=epsilon),
        ),
    )
