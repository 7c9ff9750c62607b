"""Persons on a ring: from what is wished of a graph to its pairs and rows (`diffusion.graphs.communities`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.graphs import _communities
from diffusion.graphs._universe import normals, popularity_law, uniforms, without_repeats
from diffusion.randomness import draw_key

GAP = 0.25
"""Empty steps between communities, in mean sizes of a community (chosen: wider ones thin out the tail of followers)."""
SIZE_SPREAD = 16.0
"""Largest over smallest community; sizes have a density tail x ** -2 (LFR benchmark: Lancichinetti et al. 2008)."""

_COUNTS, _COUNTED = 3, 20_000
_DRAWS, _WANTS, _ORDER, _SIZES = 11, 12, 13, 14


class Wish(NamedTuple):
    """What a graph shall be like; two equal wishes are calibrated alike.

    draws, wants : (exponent or None, ln-sd)
        Laws of followers and of accounts followed: a power law, or a log-normal.
    mutual : float
        Share of the pairs that are mutual.
    same : bool
        Whether everybody follows as many as they are followed by (friends).
    mixing : float
        Below 0: not asked for.
    """

    mean: float
    pairs: float
    draws: tuple[float | None, float]
    wants: tuple[float | None, float]
    mutual: float
    same: bool
    clustering: float
    community_size: float
    mixing: float


def _drawn(
    law: tuple[float | None, float], people: NDArray[np.int64], key: int, purpose: int, mean: float
) -> NDArray[np.float64]:
    """Return (n,) tendencies with the given mean: a power law over hashed ranks, or 1 + log-normal numbers."""
    exponent, spread = law
    if exponent is not None:
        shape = popularity_law(exponent, people.size, mean)
        ranks = np.empty(people.size)
        ranks[np.argsort(uniforms(people, key, purpose), kind="stable")] = (np.arange(people.size) + 0.5) / people.size
        values = (ranks + shape.shift) ** -shape.power
    else:
        least = 1.0 if mean > 1.0 else 0.0
        values = least + (mean - least) * np.exp(spread * normals(people, key, purpose) - 0.5 * spread * spread)
        values = np.minimum(values, max(1.0, people.size / 3.0))
    return np.asarray(values * (mean / values.mean()))


def _bounds(n: int, size: float, key: int) -> NDArray[np.int64]:
    """Return (k + 1,) where communities begin: k = n / size of them, with truncated power-law sizes."""
    count = max(1, min(n, round(n / size)))
    u = np.array([draw_key(draw_key(key, _SIZES), c) >> 11 for c in range(count)]) * 2.0**-53
    sizes = 1.0 / (1.0 - u * (1.0 - 1.0 / SIZE_SPREAD))
    ends = np.rint(np.cumsum(sizes) * (n / sizes.sum())).astype(np.int64)
    return np.unique(np.concatenate(([0], ends[:-1], [n])))


def make_ring(people: NDArray[np.int64], key: int, wish: Wish) -> _communities.Ring:
    """Place people on the ring in hashed order, and sort them into layers of alike popularity."""
    n = people.size
    bounds = _bounds(n, wish.community_size, key)
    community = np.repeat(np.arange(bounds.size - 1, dtype=np.int32), np.diff(bounds))
    gap = round(GAP * wish.community_size) if bounds.size > 2 else 0
    order = np.argsort(uniforms(people, key, _ORDER), kind="stable")
    draws = _drawn(wish.draws, people, key, _DRAWS, wish.mean)[order]
    wants = draws if wish.same else _drawn(wish.wants, people, key, _WANTS, wish.mean)[order]
    layer = np.log2(draws / draws.min()).astype(np.int64)
    layers = np.lexsort((np.arange(n), layer))
    layer_at = np.concatenate(([0], np.cumsum(np.bincount(layer))))
    kept = np.diff(layer_at) > 0
    layer_top = np.maximum.reduceat(draws[layers], layer_at[:-1][kept])
    far = np.concatenate(([0.0], np.cumsum(draws)))
    guide = np.searchsorted(far, far[-1] * np.arange(n) / n, side="right") - 1
    return _communities.Ring(
        person=people[order].astype(np.uint32),
        traits=np.column_stack((np.arange(n) + gap * community.astype(np.int64), wants, draws, np.log(wants / draws))),
        around=float(n + gap * (bounds.size - 1)),
        community=community,
        bounds=bounds,
        layers=layers.astype(np.uint32),
        layer_at=np.append(layer_at[:-1][kept], n),
        layer_top=layer_top,
        far=far,
        far_guide=np.maximum(guide, 0).astype(np.uint32),
    )


class _Near(NamedTuple):
    """Scale of the range at which the wanted number of pairs is within it, and the share of them that leave home."""

    scale: float
    across: float


def _reach(ring: _communities.Ring, key: np.uint64, wish: Wish, far: float) -> _Near:
    """Solve for the scale of the range: pairs are nearly proportional to it, so few counts over some choosers do.

    Whoever would pair with nobody draws one account; these pairs count too.
    """
    stride = max(1, ring.person.size // _COUNTED)
    rule = _communities.Rule(wish.pairs / (2.0 * wish.mean**2), 1.0 - far, far * wish.pairs / wish.mean, -1.0)
    across = 0.0
    for _ in range(_COUNTS):
        found, leaving, alone, wanted = _communities.count_near(ring, key, rule, stride)
        if found == 0:
            break
        across = leaving / found
        missing = max(0.0, (1.0 - far) * wish.pairs * wanted / wish.mean - alone)
        rule = rule._replace(scale=rule.scale * min(4.0, missing / found))
    return _Near(rule.scale, across)


class Mixing(NamedTuple):
    """Least and largest share of links across communities that can be had."""

    least: float
    most: float


def make_rule(ring: _communities.Ring, key: np.uint64, wish: Wish, far: float) -> tuple[_communities.Rule, Mixing]:
    """Return the rule for a share `far` of pairs without regard to distance, and what mixing can be had with it."""
    near = _reach(ring, key, wish, far)
    least = (1.0 - far) * near.across
    mixing = Mixing(least, least + far) if ring.bounds.size > 2 else Mixing(0.0, 0.0)
    leave = -1.0
    if wish.mixing >= 0 and ring.bounds.size > 2:
        leave = min(1.0, max(0.0, (wish.mixing - least) / far)) if far > 0 else 0.0
    return _communities.Rule(near.scale, 1.0 - far, far * wish.pairs / wish.mean, leave), mixing


def make_rows(
    ring: _communities.Ring, key: np.uint64, wish: Wish, rule: _communities.Rule, n_persons: int
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Make the pairs, decide which are mutual, and return (offsets, followers)."""
    room = int(1.02 * wish.pairs * ring.person.size) + 6 * int((wish.pairs * ring.person.size) ** 0.5) + 64
    while True:
        starts, targets = _communities.make_pairs(ring, key, rule, room)
        if starts[-1] <= room:
            break
        room += room // 4
    chances = _chances(_communities.count_balance(ring, starts, targets), wish.mutual)
    offsets, followers = _communities.rows_of_pairs(ring, key, starts, targets, chances, n_persons)
    return offsets, without_repeats(offsets, followers)


def _chances(counts: NDArray[np.int64], mutual: float) -> NDArray[np.float64]:
    """Return the chance of following back by balance: it falls as the root of (pull back / pull), with mean `mutual`.

    As in `generate_followers`, those with very many followers need not follow very many.
    """
    if mutual >= 1.0:
        return np.ones(_communities.N_BINS)
    relative = np.exp(-0.5 * _communities.BIN * (np.arange(_communities.N_BINS) + 0.5))
    least, most = 0.0, 1.0 / float(relative.min())
    for _ in range(80):
        middle = 0.5 * (least + most)
        if np.minimum(1.0, middle * relative) @ counts < mutual * counts.sum():
            least = middle
        else:
            most = middle
    return np.minimum(1.0, most * relative)
