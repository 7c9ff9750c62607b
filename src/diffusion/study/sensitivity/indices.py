"""Where a measure is evaluated for indices of sensitivity, and the indices: pure functions of numbers.

Sobol indices say which share of a measure's variance a key accounts for, alone (first order) and with all its
interactions (total). Morris effects say by how much the measure moves when a key crosses its whole range.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from diffusion.errors import InputError
from diffusion.study.summary import LEVEL, Floats, Interval
from diffusion.vocabulary import Purpose

Method = Literal["sobol", "morris"]
LEVELS = 4
"""Levels of each key in a Morris design (the usual choice: Saltelli et al. 2008, Global Sensitivity Analysis, 3.2)."""

RESAMPLES = 999
"""Resamples of the base points, as many as `scipy.stats.sobol_indices` takes by default."""


class Design(NamedTuple):
    """Where a measure is evaluated.

    Attributes
    ----------
    method : {"sobol", "morris"}
    unit : (P, d) float64
        Every key at every point, as a share of its range (of its law's probability).
    size : int
        Base points (sobol), or trajectories (morris).
    """

    method: Method
    unit: Floats
    size: int


@dataclass(frozen=True)
class SobolIndices:
    """Shares of the variance of a measure.

    Attributes
    ----------
    names : tuple of str
    first, total : tuple of Interval
        First-order and total indices with 95 % bootstrap intervals over the base points; by name.
    size : int
        Base points.
    mean, sd : float
        Of the measure over the base points.
    """

    names: tuple[str, ...]
    first: tuple[Interval, ...]
    total: tuple[Interval, ...]
    size: int
    mean: float
    sd: float


@dataclass(frozen=True)
class MorrisEffects:
    """Elementary effects on a measure, per whole range of a key.

    Attributes
    ----------
    names : tuple of str
    size : tuple of Interval
        Mean of the absolute effects (mu*), with 95 % bootstrap intervals over the trajectories; by name.
    mean, sd : (d,) float64
        Mean of the effects with their signs (mu) and their standard deviation (sigma): large where a key acts otherwise
        in other places, alone (curved) or because of other keys.
    trajectories : int
    """

    names: tuple[str, ...]
    size: tuple[Interval, ...]
    mean: Floats
    sd: Floats
    trajectories: int


def sobol_design(keys: int, size: int, *, seed: int) -> Design:
    """Return base points A and B and, for every key, A with that key from B (Saltelli et al. 2010).

    Parameters
    ----------
    keys : int
        d, two or more.
    size : int
        Base points, a power of two.
    seed : int

    Returns
    -------
    Design
        ``size * (d + 2)`` points: those of A, of B, then of A with the first key from B, with the second, …

    Raises
    ------
    InputError
        For one key, and for a size that is no power of two.

    Notes
    -----
    A and B are the two halves of one scrambled Sobol sequence of 2 d dimensions, as in `scipy.stats.sobol_indices`.
    """
    from scipy.stats import qmc

    _check_keys(keys)
    if size < 2 or size & (size - 1):
        below = 1 << max(size.bit_length() - 1, 1)
        raise InputError(f"size = {size}: Sobol sequences are balanced at powers of two; give {below} or {2 * below}")
    rng = np.random.default_rng([seed, int(Purpose.BOOTSTRAP), 1])
    both = qmc.Sobol(2 * keys, rng=rng, bits=64).random_base2(size.bit_length() - 1)
    a, b = both[:, :keys], both[:, keys:]
    mixed = []
    for key in range(keys):
        page = a.copy()
        page[:, key] = b[:, key]
        mixed.append(page)
    return Design("sobol", np.concatenate([a, b, *mixed]), size)


def sobol_indices(values: Floats, design: Design, names: Sequence[str], *, seed: int) -> SobolIndices:
    """Return the Sobol indices of a measure by `scipy.stats.sobol_indices` (the estimators of Saltelli et al. 2010).

    Parameters
    ----------
    values : (P,) float64
        The measure at the points of `design`, in its order; finite.
    design : Design
        Of `sobol_design`.
    names : sequence of str
        Of the keys.
    seed : int
        Of the resampling.

    Raises
    ------
    InputError
        For values that do not fit the design, that are not finite, or that are all the same.
    """
    from scipy import stats

    values = _checked(values, design, names)
    blocks = values.reshape(len(names) + 2, design.size)
    spread = float(blocks[:2].std())
    if spread == 0:
        raise InputError("the measure is the same at all points; no key moves it")

    def indices(chosen: Any) -> Floats:
        rows = blocks[:, np.newaxis, chosen]
        found = stats.sobol_indices(func={"f_A": rows[0], "f_B": rows[1], "f_AB": rows[2:]}, n=design.size)
        return np.stack([found.first_order, found.total_order])

    whole = indices(slice(None))
    rng = np.random.default_rng([seed, int(Purpose.BOOTSTRAP)])
    drawn = np.stack([indices(rng.integers(design.size, size=design.size)) for _ in range(RESAMPLES)])
    low, high = np.quantile(drawn, ((1 - LEVEL) / 2, (1 + LEVEL) / 2), axis=0)
    first, total = (
        tuple(Interval(float(v), float(a), float(b), design.size) for v, a, b in zip(whole[k], low[k], high[k]))
        for k in range(2)
    )
    return SobolIndices(tuple(names), first, total, design.size, float(blocks[:2].mean()), spread)


def morris_design(keys: int, size: int, *, seed: int) -> Design:
    """Return trajectories in which one key moves at a time, by `SALib.sample.morris` (Morris 1991).

    Parameters
    ----------
    keys : int
        d, two or more.
    size : int
        Trajectories, two or more.
    seed : int

    Returns
    -------
    Design
        ``size * (d + 1)`` points on `LEVELS` levels.

    Raises
    ------
    InputError
        For one key or trajectory, and where SALib is not installed.
    """
    _check_keys(keys)
    if size < 2:
        raise InputError(f"size = {size}: Morris effects need two trajectories or more")
    sample, _ = _salib()
    drawn = sample.sample(_problem([str(k) for k in range(keys)]), size, num_levels=LEVELS, seed=_salib_seed(seed))
    return Design("morris", np.asarray(drawn, dtype=np.float64), size)


def morris_effects(values: Floats, design: Design, names: Sequence[str], *, seed: int) -> MorrisEffects:
    """Return the elementary effects of all keys by `SALib.analyze.morris`.

    Parameters
    ----------
    values : (P,) float64
        The measure at the points of `design`, in its order; finite.
    design : Design
        Of `morris_design`.
    names : sequence of str
        Of the keys.
    seed : int
        Of the resampling.

    Raises
    ------
    InputError
        For values that do not fit the design or are not finite, and where SALib is not installed.
    """
    values = _checked(values, design, names)
    _, analyze = _salib()
    found = analyze.analyze(
        _problem(names), design.unit, values, num_resamples=RESAMPLES, conf_level=LEVEL, num_levels=LEVELS,
        seed=_salib_seed(seed),
    )  # fmt: skip
    star, half, mean, sd = (np.asarray(found[k], dtype=np.float64) for k in ("mu_star", "mu_star_conf", "mu", "sigma"))
    sizes = tuple(Interval(float(v), max(float(v - h), 0.0), float(v + h), design.size) for v, h in zip(star, half))
    return MorrisEffects(tuple(names), sizes, mean, sd, design.size)


def _check_keys(keys: int) -> None:
    if keys < 2:
        raise InputError(f"{keys} key: sensitivity compares keys; give two or more")


def _checked(values: Floats, design: Design, names: Sequence[str]) -> Floats:
    values = np.asarray(values, dtype=np.float64)
    points, keys = design.unit.shape
    if values.shape != (points,) or len(names) != keys:
        raise InputError(
            f"{values.size} values of {len(names)} keys do not fit a design of {points} points, {keys} keys"
        )
    lost = int(np.count_nonzero(~np.isfinite(values)))
    if lost:
        raise InputError(
            f"the measure is no finite number at {lost} of {points} points (never, or undefined); choose one that "
            "always is, such as restricted_mean_h or reached, or narrower ranges"
        )
    return values


def _problem(names: Sequence[str]) -> dict[str, Any]:
    return {"num_vars": len(names), "names": list(names), "groups": None, "bounds": [[0.0, 1.0]] * len(names)}


def _salib_seed(seed: int) -> int:
    """Return a seed that SALib takes."""
    return int(np.random.SeedSequence([seed, int(Purpose.BOOTSTRAP)]).generate_state(1)[0])


def _salib() -> tuple[Any, Any]:
    try:
        from SALib.analyze import morris as analyze
        from SALib.sample import morris as sample
    except ImportError:
        raise InputError(
            'Morris effects need SALib, which is missing; install "diffusion[sensitivity]", or take --method sobol'
        ) from None
    return sample, analyze
