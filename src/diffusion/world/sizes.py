"""Whether a generated graph fits into a population."""

from __future__ import annotations

from diffusion.errors import InputError
from diffusion.world.platforms import GeneratedContacts, GeneratedFollowers
from diffusion.world.sources import GeneratedCommunities, GeneratedFriends, GeneratedGroups, GeneratedSpatial


def check_size(platform: str, source: object, n_persons: int) -> None:
    """Raise InputError, with the platform and the key, for a generated graph that so few persons cannot form.

    Parameters
    ----------
    platform : str
        Its name.
    source : object
        The platform's graph; only those that are generated are looked at.
    n_persons : int
        All persons: if they are too few, so are the members among them.
    """
    if isinstance(source, GeneratedFollowers | GeneratedCommunities):
        key, wanted = "mean_followers", source.mean_followers
        needed = max(3, 1 + 2 * source.mean_followers)
    elif isinstance(source, GeneratedFriends):
        key, wanted, needed = "mean_friends", source.mean_friends, max(3, 1 + 2 * source.mean_friends)
    elif isinstance(source, GeneratedGroups):
        key, wanted, needed = "group_size", source.group_size, source.group_size
    elif isinstance(source, GeneratedContacts) and source.size is not None:
        key, wanted, needed = "size", source.size, source.size
    elif isinstance(source, GeneratedContacts | GeneratedSpatial) and source.mean_contacts is not None:
        key, wanted, needed = "mean_contacts", source.mean_contacts, 1 + source.mean_contacts
    else:
        return
    if n_persons < needed:
        persons = "1 person is" if n_persons == 1 else f"{n_persons} persons are"
        raise InputError(
            f"platforms.{platform}.graph.{key} = {wanted:g}: {persons} too few (people.count); it takes {needed:g} or "
            f"more, or a smaller {key}"
        )
