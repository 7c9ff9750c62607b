"""Where the links of a platform come from, other than a file: generators of graphs and of groups."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from diffusion.errors import InputError
from diffusion.world.types import Frozen, NonNegative, Positive, Share

Exponent = Annotated[float, Field(gt=2.0, le=6.0)]
Spread = Annotated[float, Field(ge=0.0, le=3.0)]
CommunityCount = Annotated[int, Field(ge=1)]
CommunitySize = Annotated[float, Field(ge=2.0)]


def _check_communities(number: int | None, size: float | None) -> None:
    if number is not None and size is not None:
        raise InputError("communities and community_size: give the number of communities or their mean size, not both")


class GeneratedCommunities(Frozen):
    """A generated follower graph with communities and asked-for clustering, reciprocity and degrees.

    Attributes
    ----------
    generator : "communities"
        Persons near each other, and in range of the same much-followed ones, follow each other.
    mean_followers : float
        Followers per member. Chosen: worlds for news have 80 or more, so that stories get around.
    exponent : float
        Of the tail of the numbers of followers. Chosen in the middle of real follow graphs (2.3 to 2.7).
    followed_exponent : float, optional
        Of the tail of the numbers of accounts followed; without it they are log-normal.
    followed_sd : float, optional
        Standard deviation of the logarithm of the number of accounts followed; 1 without `followed_exponent`. Assumed.
    reciprocity : float
        Share of links that are returned. Chosen in the middle of real follow graphs (.24 to .55).
    clustering : float
        Mean local clustering, directions left out. Chosen; real follow graphs have .3 to .6.
    communities, community_size : int or float, optional
        Their number, or their mean size; without either 20 times `mean_followers`. Chosen.
    mixing : float, optional
        Share of links that leave the community; without it, what the links without regard to distance bring.
    """

    generator: Literal["communities"]
    mean_followers: Positive = 83.0
    exponent: Exponent = 2.5
    followed_exponent: Exponent | None = None
    followed_sd: Spread | None = None
    reciprocity: Share = 0.4
    clustering: Share = 0.4
    communities: CommunityCount | None = None
    community_size: CommunitySize | None = None
    mixing: Share | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> GeneratedCommunities:
        _check_communities(self.communities, self.community_size)
        if self.followed_exponent is not None and self.followed_sd is not None:
            raise InputError("followed_exponent and followed_sd: give one (a power law or a log-normal), not both")
        return self


class GeneratedFriends(Frozen):
    """A generated graph of friends: mutual links, heavy-tailed numbers of friends, communities, clustering.

    Attributes
    ----------
    generator : "friends"
        Persons near each other, and near the same much-befriended ones, are friends.
    mean_friends : float
        Friends per member. Chosen, for those whose posts one sees; Facebook in 2011: 190 (Ugander et al. 2011).
    exponent : float, optional
        Of the tail of the numbers of friends; without it they are log-normal.
    friends_sd : float, optional
        Standard deviation of the logarithm of the number of friends; 1.14 without `exponent` (mean 190 and median 99 on
        Facebook, Ugander et al. 2011).
    clustering : float
        Mean local clustering. Chosen.
    communities, community_size : int or float, optional
        Their number, or their mean size; without either 20 times `mean_friends`. Chosen.
    mixing : float, optional
        Share of links that leave the community; without it, what the links without regard to distance bring.
    """

    generator: Literal["friends"]
    mean_friends: Positive = 50.0
    exponent: Exponent | None = None
    friends_sd: Spread | None = None
    clustering: Share = 0.4
    communities: CommunityCount | None = None
    community_size: CommunitySize | None = None
    mixing: Share | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> GeneratedFriends:
        _check_communities(self.communities, self.community_size)
        if self.exponent is not None and self.friends_sd is not None:
            raise InputError("exponent and friends_sd: give one (a power law or a log-normal), not both")
        return self


class GeneratedSpatial(Frozen):
    """Generated contacts of persons who live at random places of a square: short ties, and some long ones.

    Attributes
    ----------
    generator : "spatial"
        Everybody within reach is a contact with one chance.
    mean_contacts : float
        Contacts per person.
    clustering : float
        Mean local clustering, at most .5865 (1 - long_ties)². Chosen.
    long_ties : float
        Share of ties beyond the reach. Chosen (a small world: Watts & Strogatz 1998).
    decay : float
        Long ties of length x are as dense as x ** -decay. Source: telephone calls (Lambiotte et al. 2008).
    """

    generator: Literal["spatial"]
    mean_contacts: Positive
    clustering: Annotated[float, Field(gt=0.0, le=1.0)] = 0.3
    long_ties: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.1
    decay: Annotated[float, Field(ge=0.0, le=10.0)] = 2.0


class GeneratedNetworkx(Frozen):
    """A graph from one of networkx's generators.

    Attributes
    ----------
    generator : "networkx"
        The library.
    function : str
        The generator's name there, such as "watts_strogatz_graph".
    arguments : table
        Its arguments by name, other than the number of nodes and the seed.
    """

    generator: Literal["networkx"]
    function: str
    arguments: dict[str, Any] = {}


class GeneratedGroups(Frozen):
    """Generated memberships of groups: heavy-tailed sizes, several groups a person.

    Attributes
    ----------
    generator : "groups"
        Persons join groups in proportion to the groups' popularity.
    memberships : float
        Groups per member of the platform. Assumed.
    memberships_sd : float
        Standard deviation of the logarithm of the number of groups of a person. Assumed.
    group_size : float
        Members per group. Assumed.
    exponent : float
        Of the tail of group sizes. Assumed.
    alignment : float
        Share of memberships in groups of the person's own community (of the platform's friends or followers). Chosen.
    """

    generator: Literal["groups"]
    memberships: Positive = 3.0
    memberships_sd: Annotated[NonNegative, Field(le=3.0)] = 1.0
    group_size: CommunitySize = 30.0
    exponent: Exponent = 2.5
    alignment: Share = 0.0
