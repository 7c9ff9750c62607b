"""What a case of test_every_key.py is, and the cases of generated graphs."""

from typing import Any, NamedTuple

from pydantic import BaseModel

from diffusion.world import (
    GeneratedCommunities,
    GeneratedFriends,
    GeneratedGroups,
    GeneratedNetworkx,
    GeneratedSpatial,
)

Tables = dict[str, Any]


class Case(NamedTuple):
    """A key's other value, what else the world needs for the key to matter, and the key's place if it is elsewhere."""

    value: Any
    also: Tables = {}
    place: str = ""


GRAPH_HOMES: dict[type[BaseModel], str] = {
    GeneratedCommunities: "chirp",
    GeneratedSpatial: "talk",
    GeneratedNetworkx: "chirp",
    GeneratedFriends: "circle",
    GeneratedGroups: "club",
}
"""The platform on which a generator is tried."""

CROWD: Tables = {"generator": "communities", "mean_followers": 6.0, "clustering": 0.5, "community_size": 15.0}
ANY_CROWD: Tables = {"generator": "communities", "mean_followers": 6.0, "clustering": 0.5}
TOWN: Tables = {"generator": "spatial", "mean_contacts": 4.0}
RING: Tables = {"generator": "networkx", "function": "watts_strogatz_graph", "arguments": {"k": 4, "p": 0.1}}

FEED: Tables = {"sessions": "20/day", "visibility": "2 h", "notified": 0.3, "notified_below": 12.0, "reaction": "5 min"}
FRIENDS: Tables = {"generator": "friends", "mean_friends": 6.0, "clustering": 0.3, "community_size": 15.0}
ANY_FRIENDS: Tables = {"generator": "friends", "mean_friends": 6.0, "clustering": 0.3}
CLUBS: Tables = {"generator": "groups", "memberships": 2.0, "group_size": 6.0}
CIRCLE: Tables = {**FEED, "kind": "friend", "graph": FRIENDS}
CLUB: Tables = {**FEED, "kind": "group", "graph": CLUBS}
TAGS: Tables = {"platforms.club": {**CLUB, "carrier": "chirp"}, "stories.quake.tags": {"club": [0]}}
ALONG: Tables = {
    "platforms.chirp.graph": CROWD,
    "platforms.chirp.members": 1.0,
    "platforms.blog.graph": {**CROWD, "clustering": 0.6},
    "platforms.club": {**CLUB, "along": "chirp", "graph": {**CLUBS, "alignment": 0.9}},
}
WHOLE: dict[str, Tables] = {"circle": CIRCLE, "club": CLUB}


def _cases(place: str, graph: Tables, **values: Any) -> dict[str, Case]:
    if place in WHOLE:
        whole = {f"platforms.{place}": {**WHOLE[place], "graph": graph}}
        return {key: Case(value, whole) for key, value in values.items()}
    return {key: Case(value, {f"platforms.{place}.graph": graph}) for key, value in values.items()}


GRAPH_CASES: dict[type[BaseModel], dict[str, Case]] = {
    GeneratedCommunities: {
        **_cases("chirp", CROWD, mean_followers=4.0, exponent=3.0, followed_exponent=2.5, followed_sd=0.2),
        **_cases("chirp", CROWD, reciprocity=0.0, clustering=0.6, community_size=30.0, mixing=0.15),
        **_cases("chirp", ANY_CROWD, communities=4),
    },
    GeneratedSpatial: _cases("talk", TOWN, mean_contacts=2.0, clustering=0.4, long_ties=0.0, decay=0.0),
    GeneratedFriends: {
        **_cases("circle", FRIENDS, mean_friends=4.0, exponent=2.5, friends_sd=0.2, clustering=0.35),
        **_cases("circle", FRIENDS, community_size=20.0, mixing=0.3),
        **_cases("circle", ANY_FRIENDS, communities=4),
    },
    GeneratedGroups: {
        **_cases("club", CLUBS, memberships=1.0, memberships_sd=0.0, group_size=4.0, exponent=5.0),
        "alignment": Case(0.2, ALONG),
    },
    GeneratedNetworkx: _cases("chirp", RING, arguments={"k": 4, "p": 0.9}, function="newman_watts_strogatz_graph"),
}
