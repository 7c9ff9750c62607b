"""Thresholds: a person becomes active once a share of the followed accounts, or a number of them, is active."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from diffusion.arguments import whole_number
from diffusion.classic._countdown import Kind, Rule, pushes_of_one_share
from diffusion.classic.pushes import STATES, followed, run_counts
from diffusion.classic.runs import Model, checked_call
from diffusion.classic.shared import Shared, shares
from diffusion.classic.spread import Spread
from diffusion.errors import InputError, shown, suggestion
from diffusion.laws import Law, standard_normal, tabulate


@shares(Shared)
def fractional_threshold(
    graph: Any,
    *,
    phi: float | str,
    **shared: Unpack[Shared],
) -> Spread:
    """Run the threshold model of Granovetter (1978) and Watts (2002).

    In every step those become active of whose followed accounts at least the share phi is active, and at least one.

    Parameters
    ----------
    graph : FollowerGraph
    phi : float or str
        Share of the followed accounts, 0 to 1; or a law from which everybody's own is drawn, new in each replicate:
        "uniform 0.1 0.3", "normal 0.18 0.05" (mean, standard deviation), "beta 2 5". Who draws more than 1 never
        becomes active; 0 or less means one account.
    seeds : labels of persons, or str
        Who is active at first; "random:10" draws ten persons for each replicate.
    replicates, seed, threads, record, progress
        As for all models; see `diffusion.classic`.

    Returns
    -------
    Spread
        States inactive and active; a time is the number of the step; a parent is who gave the last push.

    Raises
    ------
    InputError
        If phi is neither a share nor such a law, or an argument that all models share is wrong.
    """
    call = checked_call(graph, shared)
    numbers, most = followed(call)
    table = _shares(phi)
    if isinstance(table, float):
        rule = Rule(int(Kind.FIXED), pushes_of_one_share(table, numbers), np.empty(0))
    else:
        rule = Rule(int(Kind.SHARE), numbers, table)
    return run_counts(call, Model("fractional threshold", STATES, {"phi": phi}), rule, most)


@shares(Shared)
def absolute_threshold(
    graph: Any,
    *,
    k: int,
    **shared: Unpack[Shared],
) -> Spread:
    """Run the complex contagion of Centola & Macy (2007) with one threshold for all.

    In every step those become active of whose followed accounts at least k are active.

    Parameters
    ----------
    graph : FollowerGraph
    k : int
        Active accounts that it takes, at least 1 (a simple contagion). Who follows fewer never becomes active.
    seeds : labels of persons, or str
        Who is active at first; "random:10" draws ten persons for each replicate.
    replicates, seed, threads, record, progress
        As for all models; see `diffusion.classic`. Nothing but random seeds differs between replicates.

    Returns
    -------
    Spread
        States inactive and active; a time is the number of the step; a parent is who gave the last push.

    Raises
    ------
    InputError
        If k is no whole number of at least 1, or an argument that all models share is wrong.
    """
    call = checked_call(graph, shared)
    needed = whole_number("k", k, least=1)
    most = followed(call)[1]
    base = np.full(graph.n_persons, min(needed, most + 1), np.int32)
    rule = Rule(int(Kind.FIXED), base, np.empty(0))
    return run_counts(call, Model("absolute threshold", STATES, {"k": needed}), rule, most)


# --- laws of shares --------------------------------------------------------------------------------------------------


def _uniform(low: float, high: float) -> NDArray[np.float64]:
    return Law("uniform", (low, high)).table()


def _normal(mean: float, deviation: float) -> NDArray[np.float64]:
    return mean + deviation * standard_normal()


def _beta(a: float, b: float) -> NDArray[np.float64]:
    from scipy.special import betaincinv

    return tabulate(lambda q: betaincinv(a, b, q), lambda q: 1 - betaincinv(b, a, q))


SHARES: dict[str, tuple[str, Callable[[float, float], NDArray[np.float64]], Callable[[float, float], bool]]] = {
    "uniform": ("low high, 0 <= low <= high <= 1", _uniform, lambda low, high: 0 <= low <= high <= 1),
    "normal": ("mean sd, sd >= 0", _normal, lambda mean, deviation: deviation >= 0),
    "beta": ("a b, both > 0", _beta, lambda a, b: a > 0 and b > 0),
}
"""Law of shares -> its two parameters, its quantile table, whether they will do."""


def _shares(phi: float | str) -> float | NDArray[np.float64]:
    """Return one share for all, or the quantile table of its law."""
    name, *words = (phi.split() or [phi]) if isinstance(phi, str) else [phi]
    if not words:
        return _one_share(phi, name)
    if name not in SHARES:
        raise InputError(f"phi = {shown(phi)}: there is no law {shown(name)} of shares{suggestion(str(name), SHARES)}")
    wanted, table, will_do = SHARES[str(name)]
    try:
        low, high = (float(word) for word in words)
    except ValueError:
        low = high = math.nan
    if not (math.isfinite(low) and math.isfinite(high) and will_do(low, high)):
        raise InputError(f"phi = {shown(phi)}: give {name} {wanted}")
    return table(low, high)


def _one_share(phi: float | str, text: float | str) -> float:
    try:
        share = math.nan if isinstance(phi, bool) else float(text)
    except (TypeError, ValueError):
        share = math.nan
    if not 0 <= share <= 1:
        raise InputError(f'phi = {shown(phi)}: give a share, 0 <= phi <= 1, or a law such as "uniform 0.1 0.3"')
    return share
