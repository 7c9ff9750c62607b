"""A generated graph of its own: the one that a platform has in a scenario, written to a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.assembly.layers import Layer, layer_of
from diffusion.errors import InputError
from diffusion.graphs import Written, write_graph, write_links
from diffusion.graphs.files import check_folder, fresh_file
from diffusion.graphs.writers import check_place, will_be_stored
from diffusion.randomness import WORLD


def write_generated(
    source: Any,
    path: str | os.PathLike[str],
    *,
    persons: int,
    seed: int,
    name: str = "graph",
    communities: str | os.PathLike[str] | None = None,
    replace: bool = False,
) -> Written:
    """Generate a graph and write it.

    Parameters
    ----------
    source : object
        What the graph shall be, as `diffusion.config.generated.read_generator` returns it.
    path : str or path
        A name for `write_graph` (.npz, or no suffix for a folder) or for `write_links`; a row of the latter is
        follower,followed, or a mutual pair.
    persons : int
        How many; they are labelled 0 … persons - 1.
    seed : int
        0 <= seed < 2**63.
    name : str
        The graph is the one of the platform of this name, in which everybody is a member, in a scenario with this seed
        (with `run.redraw = "luck"`).
    communities : str or path, optional
        A CSV file for everybody's community: columns person, community.
    replace : bool
        Whether files that are there may be replaced.

    Returns
    -------
    Written
        The graph, where it lies, and what the file does not hold.

    Raises
    ------
    InputError
        If a place will not do, the generator refuses, or its graphs have no communities.
    """
    place = Path(path)
    stored = will_be_stored(place)
    check_place(place, replace)
    table = None if communities is None else Path(communities)
    if table is not None:
        check_folder(table, "communities")
        if table.exists() and not replace:
            raise InputError(f'communities "{table}": is there already; remove it, or say that it is replaced')
    layer = layer_of(source, (seed, WORLD, persons), name)
    if table is not None:
        _write_communities(layer, source, table)
    if stored:
        return Written(layer.graph, write_graph(layer.graph, place))
    mutual = layer.graph.is_mutual
    return write_links(layer.graph, place, meaning="mutual" if mutual else "follower,followed", replace=replace)


def _write_communities(layer: Layer, source: Any, place: Path) -> None:
    community: NDArray[np.int32] | None = layer.community
    if community is None:
        raise InputError(f'communities "{place}": graphs of the generator "{source.generator}" have none')
    rows = np.column_stack((np.arange(community.size), community))
    with fresh_file(place) as stream:
        np.savetxt(stream, rows, "%d", delimiter=",", header="person,community", comments="")
