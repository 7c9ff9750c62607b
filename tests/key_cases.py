"""What a case of test_every_key.py is, and the cases of generated graphs."""

from typing import Any, NamedTuple

from pydantic import BaseModel

from diffusion.world import GeneratedCommunities, GeneratedNetworkx, GeneratedSpatial

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
}
"""The platform on which a generator is tried."""

CROWD: Tables = {"generator": "communities", "mean_followers": 6.0, "clustering": 0.5, "community_size": 15.0}
ANY_CROWD: Tables = {"generator": "communities", "mean_followers": 6.0, "clustering": 0.5}
TOWN: Tables = {"generator": "spatial", "mean_contacts": 4.0}
RING: Tables = {"generator": "networkx", "function": "watts_strogatz_graph", "arguments": {"k": 4, "p": 0.1}}


def _cases(place: str, graph: Tables, **values: Any) -> dict[str, Case]:
    return {key: Case(value, {f"platforms.{place}.graph": graph}) for key, value in values.items()}


GRAPH_CASES: dict[type[BaseModel], dict[str, Case]] = {
    GeneratedCommunities: {
        **_cases("chirp", CROWD, mean_followers=4.0, exponent=3.0, followed_exponent=2.5, followed_sd=0.2),
        **_cases("chirp", CROWD, reciprocity=0.0, clustering=0.6, community_size=30.0, mixing=0.15),
        **_cases("chirp", ANY_CROWD, communities=4),
    },
    GeneratedSpatial: _cases("talk", TOWN, mean_contacts=2.0, clustering=0.4, long_ties=0.0, decay=0.0),
    GeneratedNetworkx: _cases("chirp", RING, arguments={"k": 4, "p": 0.9}, function="newman_watts_strogatz_graph"),
}
