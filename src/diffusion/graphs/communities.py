"""Random follower and friend graphs with asked-for clustering, reciprocity, degrees and communities.

Persons stand on a ring, community after community. Two persons are within range where their distance is below a
multiple of (accounts that one tends to follow) × (followers that the other tends to have), so that the much-followed
are in range of many and their followers of each other: the directed S1 model at temperature 0 (Serrano, Krioukov &
Boguñá 2008; Allard, Serrano & Boguñá 2024), in which degrees follow their laws and clustering is close to its largest
value. A share of all pairs is drawn by popularity alone, without regard to distance (Watts & Strogatz 1998): it lowers
clustering to the value asked for, and is found by a computation on a fixed graph of at most some 10,000 persons.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diffusion.errors import InputError, check_numbers, check_whole
from diffusion.graphs._universe import check_people, graph_key, members_of
from diffusion.graphs.calibration import share_without_distance
from diffusion.graphs.follower_graph import FollowerGraph
from diffusion.graphs.generators import FOLLOWED_SPREAD
from diffusion.graphs.links import seal
from diffusion.graphs.ring import Mixing, Wish, make_ring, make_rows, make_rule

MEMBERS_PER_LINK = 20.0
"""Mean size of a community, where none is given, in mean numbers of followers (chosen)."""
FRIENDS_SPREAD = 1.14
"""Standard deviation of the logarithm of the number of friends: mean 190, median 99 (Ugander et al. 2011)."""
_TOLERATED = 0.01


class CommunityGraph(NamedTuple):
    """A graph, and the community of each person.

    graph : FollowerGraph
        The links.
    community : (n,) int32
        Number of the person's community, from 0; neighbouring numbers are neighbours on the ring; -1 for persons who
        are not members.
    """

    graph: FollowerGraph
    community: NDArray[np.int32]


def _check_mixing(wish: Wish, found: Mixing, count: int) -> None:
    if wish.mixing < 0 or found.least - _TOLERATED <= wish.mixing <= found.most + _TOLERATED:
        return
    would = "larger communities lower it, smaller ones and less clustering raise it"
    if count == 1:
        would = "ask for more communities"
    raise InputError(
        f"mixing = {wish.mixing:g} cannot be had with {count} communities at clustering {wish.clustering:g}: it lies "
        f"between {found.least:.2f} and {found.most:.2f}; {would}"
    )


def _generated(wish: Wish, n_persons: int, people: NDArray[np.int64], key: np.uint64, origin: str) -> CommunityGraph:
    far = share_without_distance(wish, people.size)
    ring = make_ring(people, int(key), wish)
    rule, mixing = make_rule(ring, key, wish, far)
    _check_mixing(wish, mixing, ring.bounds.size - 1)
    offsets, followers = make_rows(ring, key, wish, rule, n_persons)
    community = np.full(n_persons, -1, np.int32)
    community[ring.person] = ring.community
    if people.size < n_persons:
        origin += f", {people.size} of {n_persons} are members"
    return CommunityGraph(FollowerGraph(seal(offsets), seal(followers), origin=(origin,)), seal(community))


def _checked_people(
    universe: tuple[int, int], members: ArrayLike | None, mean: float, name: str, shape: _Shape
) -> NDArray[np.int64]:
    """Return the members; raise InputError for wrong types, too few of them, or a mean that they cannot have."""
    n_persons, seed = universe
    check_whole(n_persons=n_persons, seed=seed)
    asked = shape._asdict()
    check_numbers(**{name: mean}, clustering=asked.pop("clustering"), optional=asked)
    check_people(n_persons, seed)
    people = members_of(members, n_persons)
    if people.size < 3:
        raise InputError(f"members: {people.size} cannot form a graph with communities; 3 or more can")
    if not 0 < mean <= (people.size - 1) / 2:
        raise InputError(f"{name} = {mean} is outside 0 … {(people.size - 1) / 2} (half of the other members)")
    return people


def _checked_size(n: int, mean: float, communities: int | None, community_size: float | None) -> float:
    """Return the mean size of a community."""
    if communities is not None and community_size is not None:
        raise InputError("give either communities (their number) or community_size (their mean size), not both")
    if communities is not None:
        if not 1 <= communities <= n / 2:
            raise InputError(f"communities = {communities} is outside 1 … {n // 2} (half of the members)")
        return n / communities
    if community_size is None:
        return max(2.0, MEMBERS_PER_LINK * mean)
    if not community_size >= 2:
        raise InputError(f"community_size = {community_size} is below 2")
    return float(community_size)


class _Shape(NamedTuple):
    """What is asked of the communities, as it was written."""

    clustering: float
    communities: int | None
    community_size: float | None
    mixing: float | None

    def checked(self, n_members: int, mean: float) -> dict[str, float]:
        """Return what `Wish` wants to know of them."""
        return {
            "clustering": _checked_share(self.clustering, "clustering"),
            "community_size": _checked_size(n_members, mean, self.communities, self.community_size),
            "mixing": -1.0 if self.mixing is None else _checked_share(self.mixing, "mixing"),
        }


def _checked_law(exponent: float | None, spread: float | None, names: str, usual: float) -> tuple[float | None, float]:
    """Return a power law's exponent or a log-normal's ln-sd; `names` are those of the two arguments."""
    of_exponent, of_spread = names.split()
    if exponent is not None and spread is not None:
        raise InputError(f"{of_exponent} and {of_spread}: give one (a power law or a log-normal), not both")
    if exponent is not None and not 2 < exponent <= 10:
        raise InputError(f"{of_exponent} = {exponent} is outside 2 … 10: at 2 and below the mean number has no limit")
    if spread is not None and not 0 <= spread <= 3:
        raise InputError(f"{of_spread} = {spread} is outside 0 … 3")
    return exponent, usual if spread is None else float(spread)


def _checked_share(value: float, name: str) -> float:
    if not 0 <= value <= 1:
        raise InputError(f"{name} = {value} is not a share in 0 … 1")
    return float(value)


def generate_communities(
    n_persons: int,
    *,
    mean_followers: float,
    clustering: float = 0.4,
    exponent: float = 2.5,
    followed_exponent: float | None = None,
    followed_sd: float | None = None,
    reciprocity: float = 0.4,
    communities: int | None = None,
    community_size: float | None = None,
    mixing: float | None = None,
    seed: int,
    members: ArrayLike | None = None,
    name: str = "",
) -> CommunityGraph:
    """Draw a follower graph with communities and the asked-for degrees, reciprocity and clustering.

    Reached on 10,000 persons and more, with 17 to 83 followers on average: the mean within 2 %, reciprocity within .01,
    clustering within .03, mixing within .03, the exponent within .15 as long as the tail fits (nobody is followed by
    more than a third of the members).

    Parameters
    ----------
    n_persons : int
        Persons in the universe.
    mean_followers : float
        Links per member, at most half of the other members.
    clustering : float
        Mean local clustering of the graph without directions (0 for persons with fewer than two neighbours). Real
        follow graphs: .3–.6. What can be had lies between chance and about .7.
    exponent : float
        Of the tail of the numbers of followers, 2 < exponent <= 10. Real follow graphs: 2.3–2.7.
    followed_exponent : float, optional
        Of the tail of the numbers of accounts followed; without it they are log-normal.
    followed_sd : float, optional
        Standard deviation of the logarithm of the number of accounts that a person tends to follow, 0 … 3; by default
        1 (an assumption). Not together with `followed_exponent`.
    reciprocity : float
        Share of links whose reverse exists, 0..1. Real follow graphs: .24–.55.
    communities, community_size : int or float, optional
        Their number or their mean size; without either 20 × `mean_followers` members on average. Sizes follow a power
        law with exponent 2 within a factor of 16.
    mixing : float, optional
        Share of links that leave the community; without it, as many as the links without regard to distance bring.
    seed, members, name : int, (k,) sorted indices, str
        As in `generate_followers`.

    Returns
    -------
    CommunityGraph
        The graph, and everybody's community.

    Raises
    ------
    InputError
        If an argument is out of range, or clustering or mixing cannot be had; the message names what can.
    """
    of_followed = {"followed_exponent": followed_exponent, "followed_sd": followed_sd}
    check_numbers(exponent=exponent, reciprocity=reciprocity, optional=of_followed)
    shape = _Shape(clustering, communities, community_size, mixing)
    people = _checked_people((n_persons, seed), members, mean_followers, "mean_followers", shape)
    mutual = _checked_share(reciprocity, "reciprocity") / (2.0 - reciprocity)
    wish = Wish(
        mean=float(mean_followers),
        pairs=mean_followers / (1.0 + mutual),
        draws=_checked_law(exponent, None, "exponent -", 0.0),
        wants=_checked_law(followed_exponent, followed_sd, "followed_exponent followed_sd", FOLLOWED_SPREAD),
        mutual=mutual,
        same=False,
        **shape.checked(people.size, mean_followers),
    )
    origin = (
        f"generated with communities: mean followers {mean_followers:g}, exponent {exponent:g}, reciprocity "
        f"{reciprocity:g}, clustering {clustering:g}, seed {seed}"
    )
    return _generated(wish, n_persons, people, graph_key(seed, f"communities {name}"), origin)


def generate_friends(
    n_persons: int,
    *,
    mean_friends: float,
    clustering: float = 0.4,
    exponent: float | None = None,
    friends_sd: float | None = None,
    communities: int | None = None,
    community_size: float | None = None,
    mixing: float | None = None,
    seed: int,
    members: ArrayLike | None = None,
    name: str = "",
) -> CommunityGraph:
    """Draw a mutual graph of friends with communities, heavy-tailed numbers of friends and asked-for clustering.

    Parameters
    ----------
    n_persons : int
        Persons in the universe.
    mean_friends : float
        Friends per member, at most half of the other members.
    clustering : float
        Mean local clustering.
    exponent : float, optional
        Of the tail of the numbers of friends, 2 < exponent <= 10; without it they are log-normal.
    friends_sd : float, optional
        Standard deviation of the logarithm of the number of friends, 0 … 3; by default 1.14, from the mean 190 and
        median 99 on Facebook (Ugander et al. 2011). Not together with `exponent`.
    communities, community_size, mixing, seed, members, name
        As in `generate_communities`.

    Returns
    -------
    CommunityGraph
        The graph, and everybody's community.

    Raises
    ------
    InputError
        If an argument is out of range, or clustering or mixing cannot be had; the message names what can.
    """
    check_numbers(optional={"exponent": exponent, "friends_sd": friends_sd})
    shape = _Shape(clustering, communities, community_size, mixing)
    people = _checked_people((n_persons, seed), members, mean_friends, "mean_friends", shape)
    law = _checked_law(exponent, friends_sd, "exponent friends_sd", FRIENDS_SPREAD)
    wish = Wish(
        mean=float(mean_friends),
        pairs=mean_friends / 2.0,
        draws=law,
        wants=law,
        mutual=1.0,
        same=True,
        **shape.checked(people.size, mean_friends),
    )
    origin = f"generated friends: mean {mean_friends:g}, clustering {clustering:g}, seed {seed}"
    return _generated(wish, n_persons, people, graph_key(seed, f"friends {name}"), origin)
