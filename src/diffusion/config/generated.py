"""A generated graph as it is written on the command line: a generator's name and ``key=value`` settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from diffusion.config.changes import read_set
from diffusion.errors import InputError, expected, suggestion
from diffusion.scenario import apply_changes
from diffusion.world import (
    GeneratedCommunities,
    GeneratedContacts,
    GeneratedFollowers,
    GeneratedFriends,
    GeneratedNetworkx,
    GeneratedSpatial,
)

GENERATORS = {
    word: model
    for model in (
        GeneratedFollowers,
        GeneratedCommunities,
        GeneratedFriends,
        GeneratedContacts,
        GeneratedSpatial,
        GeneratedNetworkx,
    )
    for word in get_args(model.model_fields["generator"].annotation)
}
"""Generators of graphs by name."""


def read_generator(generator: str, settings: Sequence[str] = ()) -> Any:
    """Return what a generator's name and settings ask for, checked.

    Parameters
    ----------
    generator : str
        One of `GENERATORS`.
    settings : sequence of str
        ``key=value``; the value is TOML, a bare word is a text.

    Returns
    -------
    GeneratedFollowers, GeneratedCommunities, GeneratedFriends, GeneratedContacts, GeneratedSpatial or GeneratedNetworkx

    Raises
    ------
    InputError
        For a generator or a key that does not exist, or a value that does not fit.
    """
    expected("generator", generator, str, f"a name ({', '.join(GENERATORS)})")
    if isinstance(settings, str):
        raise InputError(f'settings = "{settings}": give a list of texts, such as ["{settings}"]')
    if generator not in GENERATORS:
        raise InputError(f'--generator "{generator}": there is no such generator{suggestion(generator, GENERATORS)}')
    table: dict[str, Any] = {"generator": generator}
    for text in settings:
        for change in read_set(text):
            table = apply_changes(table, {change.key: change.value})
    try:
        return GENERATORS[generator].model_validate(table)
    except InputError as error:
        raise InputError(f"--set {error}") from None
