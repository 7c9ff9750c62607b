"""Random follower graphs and contact graphs, drawn from the seed alone, and small regular graphs for tests."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diffusion.errors import InputError, check_numbers, check_whole
from diffusion.graphs import _generate
from diffusion.graphs._universe import (
    PopularityLaw,
    check_people,
    graph_key,
    members_of,
    popularity_law,
    without_repeats,
)
from diffusion.graphs.follower_graph import FollowerGraph
from diffusion.graphs.links import seal

FOLLOWED_SPREAD = 1.0
"""Standard deviation of the logarithm of the number of accounts that a person chooses to follow (an assumption)."""

_KNOTS = 4096


def _quantiles(law: PopularityLaw) -> NDArray[np.float64]:
    """Return (_KNOTS + 1,) ranks at equal steps of probability; between them a link's rank is uniform."""
    low, high = law.shift**law.rest, (1.0 + law.shift) ** law.rest
    knots = (low + (high - low) * np.linspace(0.0, 1.0, _KNOTS + 1)) ** law.inverse - law.shift
    return np.clip(knots, 0.0, 1.0)


def _thresholds_of_return(law: PopularityLaw, n_members: int, mean: float) -> NDArray[np.uint64]:
    """Return, by rank of popularity, the chance to follow back in units of 2**-24.

    The chance falls as the square root of the popularity (relative to the middle rank), so that those with very many
    followers need not follow very many; it averages to `mean` over all links, solved on equally likely links.
    """

    def relative(rank: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(1.0 / np.sqrt(1.0 + ((rank + law.shift) / (0.5 + law.shift)) ** -law.power))

    ranks = (np.arange(n_members) + 0.5) / n_members
    if mean >= 1.0:
        return np.full(n_members, 1 << 24, np.uint64)
    knots = _quantiles(law)
    links = relative(0.5 * (knots[1:] + knots[:-1]))
    least, most = 0.0, 1.0 / float(links.min())
    for _ in range(60):
        scale = 0.5 * (least + most)
        if np.minimum(1.0, scale * links).mean() < mean:
            least = scale
        else:
            most = scale
    return np.rint(np.minimum(1.0, most * relative(ranks)) * 2.0**24).astype(np.uint64)


def generate_followers(
    n_persons: int,
    *,
    mean_followers: float,
    exponent: float = 2.5,
    reciprocity: float = 0.4,
    seed: int,
    members: ArrayLike | None = None,
    name: str = "",
) -> FollowerGraph:
    """Draw a directed follower graph with heavy-tailed popularity and a given reciprocity.

    Every member chooses some accounts to follow (at least one, log-normal numbers), each with a chance proportional to
    its popularity; popularity falls with a person's hashed rank x as ``x ** (-1 / (exponent - 1))``, so numbers of
    followers have a density tail ``k ** -exponent``. Whoever is followed may follow back, the less likely the more
    popular. There is no clustering beyond chance.

    Parameters
    ----------
    n_persons : int
        Persons in the universe.
    mean_followers : float
        Links per member, at most half of the other members.
    exponent : float
        Of the tail of the numbers of followers, 2 < exponent <= 10. Real follow graphs: 2.3–2.7.
    reciprocity : float
        Share of links whose reverse exists, 0..1. Real follow graphs: .24–.55.
    seed : int
        0 <= seed < 2**63. Equal arguments give equal graphs, whatever the number of threads.
    members : (k,) sorted indices, optional
        Only these persons are on the platform; the others have no links. By default everybody.
    name : str
        Names the graph: another name under the same seed is an independent graph.

    Raises
    ------
    InputError
        If an argument is out of range.
    """
    check_whole(n_persons=n_persons, seed=seed)
    check_numbers(mean_followers=mean_followers, exponent=exponent, reciprocity=reciprocity)
    check_people(n_persons, seed)
    people = members_of(members, n_persons)
    n_members = people.size
    if n_members < 3:
        raise InputError(f"members: {n_members} cannot form a follower graph; 3 or more can")
    if not 0 < mean_followers <= (n_members - 1) / 2:
        raise InputError(
            f"mean_followers = {mean_followers} is outside 0 … {(n_members - 1) / 2} (half of the other members)"
        )
    if not 2 < exponent <= 10:
        raise InputError(
            f"exponent = {exponent} is outside 2 … 10: at 2 and below the mean number of followers has no limit"
        )
    if not 0 <= reciprocity <= 1:
        raise InputError(f"reciprocity = {reciprocity} is not a share in 0 … 1")
    key = graph_key(seed, name)
    # of D chosen links a share p is returned: (1 + p) D links in all, 2 p D of them mutual
    returned = reciprocity / (2.0 - reciprocity)
    chosen_mean = mean_followers / (1.0 + returned)
    law = popularity_law(exponent, n_members, chosen_mean)
    by_rank = np.argsort(_generate.hash_persons(people, key), kind="stable").astype(np.uint64)
    ranked = by_rank | _thresholds_of_return(law, n_members, returned) << np.uint64(32)
    del by_rank
    chosen = _generate.count_chosen(people, key, chosen_mean, FOLLOWED_SPREAD)
    starts, targets, back = _generate.draw_rows(people, chosen, key, _quantiles(law), ranked)
    del ranked, chosen
    offsets, followers = _generate.rows_of_followers(starts, targets, back)
    del starts, targets, back
    followers = without_repeats(offsets, followers)
    origin = (
        f"generated: mean followers {mean_followers:g}, exponent {exponent:g}, reciprocity {reciprocity:g}, seed {seed}"
    )
    if members is None:
        return FollowerGraph(seal(offsets), seal(followers), origin=(origin,))
    counts = np.zeros(n_persons + 1, np.int64)
    counts[people + 1] = np.diff(offsets)
    renumbered = people.astype(np.uint32)[followers]
    return FollowerGraph(
        seal(np.cumsum(counts)), seal(renumbered), origin=(f"{origin}, {n_members} of {n_persons} are members",)
    )


def generate_contacts(
    n_persons: int,
    *,
    mean_contacts: float | None = None,
    household: int | None = None,
    seed: int,
    name: str = "",
) -> FollowerGraph:
    """Draw a mutual graph of contacts: random acquaintances, or households.

    Parameters
    ----------
    n_persons : int
        Persons.
    mean_contacts : float, optional
        Acquaintances per person: every pair is linked with the same chance (numbers of contacts are Poisson).
    household : int, optional
        Contacts inside a household: persons fall into random groups of ``household + 1``, all linked inside; the last
        group may be smaller. Exactly one of the two is given.
    seed, name : int, str
        As in `generate_followers`.

    Raises
    ------
    InputError
        If an argument is out of range, or not exactly one of the two is given.
    """
    check_whole(n_persons=n_persons, seed=seed)
    check_numbers(optional={"mean_contacts": mean_contacts, "household": household})
    check_people(n_persons, seed)
    if (mean_contacts is None) == (household is None):
        raise InputError("give exactly one of mean_contacts (random acquaintances) and household (groups)")
    key = graph_key(seed, f"contacts {name}")
    if household is not None:
        if not 0 < household < n_persons:
            raise InputError(f"household = {household} is outside 1 … {n_persons - 1} contacts")
        everybody = np.arange(n_persons, dtype=np.int64)
        order = np.argsort(_generate.hash_persons(everybody, key), kind="stable")
        offsets, contacts = _generate.group_rows(order, household + 1)
        return FollowerGraph(
            seal(offsets), seal(contacts), origin=(f"generated: households of {household + 1}, seed {seed}",)
        )
    assert mean_contacts is not None
    if not 0 < mean_contacts <= n_persons - 1:
        raise InputError(f"mean_contacts = {mean_contacts} is outside 0 … {n_persons - 1}")
    offsets, contacts = _generate.draw_contacts(n_persons, key, mean_contacts / (n_persons - 1))
    return FollowerGraph(
        seal(offsets), seal(contacts), origin=(f"generated: mean contacts {mean_contacts:g}, seed {seed}",)
    )


def _regular(followed: Any, follower: Any, n_persons: int, mutual: bool) -> FollowerGraph:
    return FollowerGraph.from_links(followed, follower, n_persons=n_persons, mutual=mutual)


def complete_graph(n_persons: int) -> FollowerGraph:
    """Return the graph in which everybody follows everybody else."""
    check_whole(n_persons=n_persons)
    check_people(n_persons, 0)
    offsets = np.arange(n_persons + 1, dtype=np.int64) * (n_persons - 1)
    # row u is 0..n-1 without u: position p of the flattened rows holds p % (n - 1), plus one from u on
    column = np.tile(np.arange(n_persons - 1, dtype=np.uint32), n_persons).reshape(n_persons, -1)
    followers = column + (column >= np.arange(n_persons, dtype=np.uint32)[:, None])
    return FollowerGraph(seal(offsets), seal(followers.astype(np.uint32).ravel()))


def star_graph(n_persons: int, *, mutual: bool = False) -> FollowerGraph:
    """Return the graph in which persons 1..n-1 follow person 0 (and, if mutual, person 0 follows them)."""
    check_whole(n_persons=n_persons)
    check_people(n_persons, 0)
    return _regular(np.zeros(n_persons - 1, np.int64), np.arange(1, n_persons), n_persons, mutual)


def path_graph(n_persons: int, *, mutual: bool = False) -> FollowerGraph:
    """Return the graph in which person i + 1 follows person i (and, if mutual, the other way too)."""
    check_whole(n_persons=n_persons)
    check_people(n_persons, 0)
    return _regular(np.arange(n_persons - 1), np.arange(1, n_persons), n_persons, mutual)
