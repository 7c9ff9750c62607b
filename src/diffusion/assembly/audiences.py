"""How many people a post is offered to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diffusion.assembly.numbering import account_names, channel_list
from diffusion.assembly.world import World
from diffusion.scenario import Scenario
from diffusion.vocabulary import ChannelKind


def audience_sizes(
    scenario: Scenario, world: World, author: NDArray[np.uint32], channel: NDArray[np.uint8], story: NDArray[np.uint32]
) -> NDArray[np.uint32]:
    """Return how many followers (or contacts) the author of each post has where it was posted.

    Parameters
    ----------
    scenario : Scenario
    world : World
    author : (p,) uint32
        A person's index, n_persons + c for account c, or an outlet's number where `channel` is an outlet.
    channel : (p,) uint8
        Code of the platform or outlet.
    story : (p,) uint32
        Number of the story.

    Returns
    -------
    (p,) uint32
        For an outlet's own publication: its regular audience. On a platform of groups: the others in all the author's
        groups; of open ones the members of all groups that the story names.
    """
    sizes = np.zeros(author.size, dtype=np.uint32)
    of_account = np.array([world.accounts[place].size for place in account_names(scenario)], dtype=np.uint32)
    for code, (name, kind) in enumerate(channel_list(scenario)):
        here = np.flatnonzero(channel == code)
        if not here.size:
            continue
        if kind == ChannelKind.OUTLET:
            sizes[here] = world.audiences[name].persons.size
            continue
        if name in world.groups:
            sizes[here] = _in_groups(scenario, world, name, author[here].astype(np.int64), story[here])
            continue
        # Looked up author by author: a run costs what it touches, however many persons there are.
        offsets, who = world.graphs[name].offsets, author[here].astype(np.int64)
        person = who < world.n_persons
        sizes[here[person]] = offsets[who[person] + 1] - offsets[who[person]]
        sizes[here[~person]] = of_account[who[~person] - world.n_persons]
    return sizes


def _in_groups(
    scenario: Scenario, world: World, name: str, author: NDArray[np.int64], story: NDArray[np.uint32]
) -> NDArray[np.int64]:
    groups = world.groups[name]
    if getattr(scenario.platforms[name], "carrier", None) is None:
        return groups.others()[author]
    tags = [s.tags.get(name, ()) for _, s in sorted(scenario.stories.items())]
    return np.array([groups.sizes[groups.indices_of(t)].sum() for t in tags], dtype=np.int64)[story]
