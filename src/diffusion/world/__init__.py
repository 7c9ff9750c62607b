"""What a person writes: people, platforms, outlets and stories, as frozen objects that check themselves."""

from diffusion.world.outlets import PRESETS, Outlet, Watch
from diffusion.world.people import People
from diffusion.world.platforms import (
    ContactPlatform,
    FollowPlatform,
    GeneratedContacts,
    GeneratedFollowers,
    GraphFile,
    Platform,
)
from diffusion.world.sizes import check_size
from diffusion.world.sources import (
    GeneratedCommunities,
    GeneratedFriends,
    GeneratedGroups,
    GeneratedNetworkx,
    GeneratedSpatial,
)
from diffusion.world.stories import Official, Story

__all__ = [
    "PRESETS",
    "ContactPlatform",
    "FollowPlatform",
    "GeneratedCommunities",
    "GeneratedContacts",
    "GeneratedFollowers",
    "GeneratedFriends",
    "GeneratedGroups",
    "GeneratedNetworkx",
    "GeneratedSpatial",
    "GraphFile",
    "Official",
    "Outlet",
    "People",
    "Platform",
    "Story",
    "Watch",
    "check_size",
]
