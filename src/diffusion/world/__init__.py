"""What a person writes: people, platforms, outlets and stories, as frozen objects that check themselves."""

from diffusion.world.ages import BANDS, DIETS
from diffusion.world.outlets import PRESETS, Outlet, Watch
from diffusion.world.people import People
from diffusion.world.persons import Persons
from diffusion.world.platforms import (
    ContactPlatform,
    FollowPlatform,
    FriendPlatform,
    GeneratedContacts,
    GeneratedFollowers,
    GraphFile,
    GroupFile,
    GroupPlatform,
    LinkPlatform,
    Platform,
    SocialPlatform,
    is_file,
)
from diffusion.world.roles import Role
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
    "BANDS",
    "DIETS",
    "PRESETS",
    "ContactPlatform",
    "FollowPlatform",
    "FriendPlatform",
    "GeneratedCommunities",
    "GeneratedContacts",
    "GeneratedFollowers",
    "GeneratedFriends",
    "GeneratedGroups",
    "GeneratedNetworkx",
    "GeneratedSpatial",
    "GraphFile",
    "GroupFile",
    "GroupPlatform",
    "LinkPlatform",
    "Official",
    "Outlet",
    "People",
    "Persons",
    "Platform",
    "Role",
    "SocialPlatform",
    "Story",
    "Watch",
    "check_size",
    "is_file",
]
