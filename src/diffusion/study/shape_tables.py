"""The shapes of cascades, from their stored tables: how many are how large and deep, how viral, and a single tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError
from diffusion.study.cascade_tables import CASCADES, SHARES
from diffusion.study.results import Folder, Results, opened
from diffusion.study.tables import BAND, Floats
from diffusion.units import HOUR

Whole = NDArray[np.int64]
Table = Any
"""A pyarrow.Table: pyarrow is imported only where tables are made or read."""


@dataclass(frozen=True)
class Ccdf:
    """The share of cascades that have a value of at least x, over replicates.

    Attributes
    ----------
    x : (m,) int64
        Values that occur, ascending.
    low, median, high : (m,) float64
        Quantiles over the replicates that have cascades.
    """

    x: Whole
    low: Floats
    median: Floats
    high: Floats


@dataclass(frozen=True)
class ShapeTable:
    """The cascades of one story in one variant.

    Attributes
    ----------
    variant, story : str
    cascades : int
        How many, in all replicates together.
    size, depth : Ccdf
        Shares with the root's; generations below the root.
    sizes : (t,) int64
        Of every cascade of two shares or more, in all replicates.
    virality : (t,) float64
        Their structural virality, the mean distance between pairs of shares (Goel et al. 2016).
    """

    variant: str
    story: str
    cascades: int
    size: Ccdf
    depth: Ccdf
    sizes: Whole
    virality: Floats


@dataclass(frozen=True)
class TreeTable:
    """One cascade.

    Attributes
    ----------
    variant, story : str
    replicate, cascade : int
    root, platform : str
    size : int
        Shares with the root's.
    parent : (m,) int64
        Position of each share's parent, -1 for the root; parents come before their children. `m` is less than `size`
        where the tree was cut to its first shares.
    depth : (m,) int64
    hours : (m,) float64
        After the root's share.
    followers : (m,) int64
    """

    variant: str
    story: str
    replicate: int
    cascade: int
    root: str
    platform: str
    size: int
    parent: Whole
    depth: Whole
    hours: Floats
    followers: Whole


def _own(table: Table, **values: Any) -> Table:
    """Return the rows of a table with these values."""
    import pyarrow.compute as pc

    for name, value in values.items():
        table = table.filter(pc.field(name) == value)
    return table


def shape_tables(
    results: Results | Folder, variants: tuple[str, ...], story: str, *, least: int = 1
) -> list[ShapeTable]:
    """Return the cascades of all variants that have one of `least` shares or more.

    Raises
    ------
    InputError
        If none has, or cascades were not stored.
    """
    results = opened(results)
    stored = _own(results.table(CASCADES), story=story)
    tables = []
    for variant in variants:
        own = _own(stored, variant=variant)
        size, replicate = own["size"].to_numpy(), own["replicate"].to_numpy()
        if size.size and size.max() >= least:
            several = size > 1
            ccdfs = ccdf(size, replicate), ccdf(own["depth"].to_numpy(), replicate)
            virality = own["virality"].to_numpy().astype(np.float64)
            tables.append(ShapeTable(variant, story, size.size, *ccdfs, size[several], virality[several]))
    if not tables:
        shares = "a share" if least == 1 else f"a cascade of {least} shares or more"
        raise InputError(f'"{story}" has not {shares} on a follow platform in {", ".join(variants)}')
    return tables


def ccdf(values: Whole, replicate: Whole) -> Ccdf:
    """Return the share of values that are at least x, for every x that occurs, over replicates."""
    x = np.unique(values)
    rows = []
    for k in np.unique(replicate):
        own = np.sort(values[replicate == k])
        rows.append(1 - np.searchsorted(own, x, side="left") / own.size)
    low, median, high = np.quantile(rows, (BAND[0], 0.5, BAND[1]), axis=0)
    return Ccdf(x, low, median, high)


def largest_tree(results: Results | Folder, variants: tuple[str, ...], story: str, *, longest: int) -> TreeTable:
    """Return the largest cascade of a story (the first of equals), cut to its first `longest` shares.

    Raises
    ------
    InputError
        If no cascade has two shares, or cascades were not stored.
    """
    results = opened(results)
    import pyarrow as pa
    import pyarrow.compute as pc

    stored = _own(results.table(CASCADES), story=story)
    stored = stored.filter(pc.field("variant").isin(pa.array(variants)))
    size = stored["size"].to_numpy()
    if not size.size or size.max() < 2:
        raise InputError(f'"{story}" was not shared on by anybody in {", ".join(variants)}: there is no tree')
    about = stored.slice(int(np.argmax(size)), 1).to_pylist()[0]
    key = {name: about[name] for name in ("variant", "replicate", "cascade")}
    shares = _own(results.table(SHARES), story=story, **key).slice(0, longest)
    person, parent = shares["person"].to_pylist(), shares["parent"].to_pylist()
    place = {label: row for row, label in enumerate(person)}
    return TreeTable(
        story=story,
        root=about["root"],
        platform=about["platform"],
        size=about["size"],
        parent=np.array([-1 if label is None else place[label] for label in parent]),
        depth=shares["depth"].to_numpy(),
        hours=shares["seconds"].to_numpy() / HOUR,
        followers=shares["followers"].to_numpy().astype(np.int64),
        **key,
    )
