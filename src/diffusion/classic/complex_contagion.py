"""Complex contagion: each further source has its own chance to convince (Centola & Macy 2007; Romero et al. 2011)."""

from __future__ import annotations

import math
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from diffusion.classic._countdown import Kind, Rule
from diffusion.classic.pushes import STATES, followed, run_counts
from diffusion.classic.runs import Model, checked_call
from diffusion.classic.shared import Shared, shares
from diffusion.classic.spread import Spread
from diffusion.errors import InputError, shown


@shares(Shared)
def complex_contagion(
    graph: Any,
    *,
    chances: float | str,
    **shared: Unpack[Shared],
) -> Spread:
    """Run a contagion in which the chance to adopt depends on how many sources a person has heard.

    In every step the persons who adopted in the step before expose each of their followers once. The k-th source that
    a person hears convinces with the k-th chance: the exposure curve p(k) of Romero, Meeder & Kleinberg (2011), the
    chance to adopt after k exposures and before k + 1 of those who have not adopted before. With equal chances it has
    the law of the independent cascade; with "0 0 1" it is the absolute threshold 3.

    Parameters
    ----------
    graph : FollowerGraph
    chances : float or str
        Chance to adopt at the first, second, third … exposure, such as "0.01 0.05 0.2"; the last one is that of all
        further exposures.
    seeds : labels of persons, or str
        Who is active at first; "random:10" draws ten persons for each replicate.
    replicates, seed, threads, record, progress
        As for all models; see `diffusion.classic`.

    Returns
    -------
    Spread
        States inactive and active; a time is the number of the step; a parent is whose exposure convinced.

    Raises
    ------
    InputError
        If a chance is no probability, or an argument that all models share is wrong.
    """
    call = checked_call(graph, shared)
    curve = _chances(chances)
    numbers, most = followed(call)
    rule = Rule(int(Kind.EXPOSURES), numbers, _adopted(curve, most))
    return run_counts(call, Model("complex contagion", STATES, {"chances": chances}), rule, most)


def _chances(chances: float | str) -> list[float]:
    words = chances.split() if isinstance(chances, str) else [chances]
    try:
        found = [math.nan if isinstance(word, bool) else float(word) for word in words]
    except (TypeError, ValueError):
        found = []
    if not found or not all(0 <= p <= 1 for p in found):
        raise InputError(
            f'chances = {shown(chances)}: give a probability for the first exposure, the second …, such as "0.01 0.05"'
        )
    return found


def _adopted(curve: list[float], most: int) -> NDArray[np.float64]:
    """Return the chance to have adopted by the k-th exposure, for k = 1, 2 … as many as anybody can have."""
    hazards = np.full(most, curve[-1])
    hazards[: len(curve)] = curve[:most]
    found: NDArray[np.float64] = 1 - np.cumprod(1 - hazards)
    return found
