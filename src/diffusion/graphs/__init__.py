"""Follower graphs: the type, its readers, its generators, and the ways to and from other libraries."""

from __future__ import annotations

from diffusion.graphs.communities import CommunityGraph, generate_communities, generate_friends
from diffusion.graphs.describe import GraphDescription, describe
from diffusion.graphs.follower_graph import Dropped, FollowerGraph
from diffusion.graphs.generators import (
    complete_graph,
    generate_contacts,
    generate_followers,
    path_graph,
    star_graph,
)
from diffusion.graphs.groups import GroupMemberships, generate_groups
from diffusion.graphs.implicit import ImplicitGraph, generate_hashed
from diffusion.graphs.interchange import from_graph, to_networkx, to_scipy
from diffusion.graphs.interchange.generators import generate_networkx
from diffusion.graphs.meaning import MEANINGS, Meaning
from diffusion.graphs.memberships import Memberships, read_memberships
from diffusion.graphs.readers import read_graph
from diffusion.graphs.rewire import rewire
from diffusion.graphs.spatial import generate_spatial
from diffusion.graphs.storage import write_graph
from diffusion.graphs.tables import from_table
from diffusion.graphs.writers import Written, convert, write_links

__all__ = [
    "MEANINGS",
    "CommunityGraph",
    "Dropped",
    "FollowerGraph",
    "GraphDescription",
    "GroupMemberships",
    "ImplicitGraph",
    "Meaning",
    "Memberships",
    "Written",
    "complete_graph",
    "convert",
    "describe",
    "from_graph",
    "from_table",
    "generate_communities",
    "generate_contacts",
    "generate_followers",
    "generate_friends",
    "generate_groups",
    "generate_hashed",
    "generate_networkx",
    "generate_spatial",
    "path_graph",
    "read_graph",
    "read_memberships",
    "rewire",
    "star_graph",
    "to_networkx",
    "to_scipy",
    "write_graph",
    "write_links",
]
