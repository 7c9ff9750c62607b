"""Follower graphs: the type, its readers, its generators, and the ways to and from other libraries."""

from __future__ import annotations

from diffusion.graphs.follower_graph import Dropped, FollowerGraph
from diffusion.graphs.generators import (
    complete_graph,
    generate_contacts,
    generate_followers,
    path_graph,
    star_graph,
)

__all__ = [
    "Dropped",
    "FollowerGraph",
    "complete_graph",
    "generate_contacts",
    "generate_followers",
    "path_graph",
    "star_graph",
]
