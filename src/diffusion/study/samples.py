"""Cascades as columns, observed or simulated, and what is measured of them.

One row per share, cascade by cascade: the source first, then its reshares by time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError, expected, shown, suggestion
from diffusion.measures import cascades, forest
from diffusion.study.cascade_tables import SHARES, time_to_share
from diffusion.study.results import Folder, Results, opened

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]

ROOT, UNKNOWN = -1, -2
"""Positions of parents: of a source, which has none, and of a parent that is not in the cascade."""


@dataclass(frozen=True)
class CascadeSample:
    """Many cascades.

    Attributes
    ----------
    tree : (m,) int64
        Number of the cascade of each share; rows are ordered by it, the source first, then by time.
    seconds : (m,) float64
        After the source; 0 for the source.
    followers : (m,) float64
        Of whoever shared; NaN where that is not known.
    parent : (m,) int64, optional
        Row of the parent, -1 for sources; None where nobody knows whom a share came from.
    unit : (n,) int64
        What each cascade is drawn with when intervals are resampled: itself, or all cascades of its replicate.
    unit_name : str
        ``"cascades"`` or ``"replicates"``.
    follow_up : (n,) float64
        For how many seconds each cascade could have been seen to grow; infinity where that is not known.
    source : str
        Where they come from, for people to read.
    notes : tuple of str
        What was left out, and what was assumed.
    """

    tree: Positions
    seconds: Floats
    followers: Floats
    parent: Positions | None
    unit: Positions
    unit_name: str
    follow_up: Floats
    source: str
    notes: tuple[str, ...] = ()

    @property
    def n_cascades(self) -> int:
        """Number of cascades."""
        return self.unit.size

    @property
    def sizes(self) -> Positions:
        """(n,) int64 shares of every cascade, the source's included."""
        return np.bincount(self.tree, minlength=self.n_cascades)

    def chosen(self, trees: NDArray[np.bool_], rows: NDArray[np.bool_] | None = None) -> CascadeSample:
        """Return some cascades, and of them some rows (with a row its parent has to stay)."""
        kept = trees[self.tree] if rows is None else trees[self.tree] & rows
        place = np.cumsum(kept) - 1
        parent = self.parent
        if parent is not None:
            parent = np.where(parent[kept] < 0, ROOT, place[parent[kept]])
        return replace(
            self,
            tree=(np.cumsum(trees) - 1)[self.tree[kept]],
            seconds=self.seconds[kept],
            followers=self.followers[kept],
            parent=parent,
            unit=self.unit[trees],
            follow_up=self.follow_up[trees],
        )

    def within(self, seconds: float) -> CascadeSample:
        """Return what is seen of the cascades up to a time after their source; those not seen for so long are left out.

        Parameters
        ----------
        seconds : float
            After each source.
        """
        return self.chosen(self.follow_up >= seconds, self.seconds <= seconds)

    def at_least(self, size: int) -> CascadeSample:
        """Return the cascades of at least so many shares, the source's included."""
        return self.chosen(self.sizes >= size)


class Quantity(NamedTuple):
    """Something measured of a sample.

    Attributes
    ----------
    name, unit : str
        The unit is empty for numbers of things.
    values : (k,) float64
    tree : (k,) int64
        The cascade that each value comes from.
    """

    name: str
    unit: str
    values: Floats
    tree: Positions


def quantities(sample: CascadeSample) -> dict[str, Quantity]:
    """Measure a sample.

    Returns
    -------
    dict
        Name -> `Quantity`:

        ======================  ==============================================================================
        size                    shares of a cascade, its source's included
        share delay             minutes from the source to each reshare
        t50, t90                minutes from the source until half (nine in ten) of the reshares were made
        followers of sources    where they are known
        followers of resharers  where they are known
        parent delay            minutes from the parent's share to each reshare; needs parents
        depth                   generations below the source; needs parents
        virality                structural virality (Goel et al. 2016) of cascades of two or more; needs parents
        ======================  ==============================================================================
    """
    expected("sample", sample, CascadeSample, "what read_cascades or simulated_cascades returns")
    trees = np.arange(sample.n_cascades)
    is_source = np.ones(sample.tree.size, dtype=np.bool_)
    is_source[1:] = sample.tree[1:] != sample.tree[:-1]
    reshare = ~is_source
    found = [
        Quantity("size", "", sample.sizes.astype(np.float64), trees),
        Quantity("share delay", "min", sample.seconds[reshare] / 60, sample.tree[reshare]),
    ]
    for name, q in (("t50", 0.5), ("t90", 0.9)):
        times = time_to_share(sample.tree, sample.seconds, sample.n_cascades, q)
        found.append(_known(Quantity(name, "min", times / 60, trees)))
    for name, rows in (("followers of sources", is_source), ("followers of resharers", reshare)):
        found.append(_known(Quantity(name, "", sample.followers[rows], sample.tree[rows])))
    if sample.parent is not None:
        waits = sample.seconds[reshare] - sample.seconds[sample.parent[reshare]]
        found.append(Quantity("parent delay", "min", waits / 60, sample.tree[reshare]))
        depth, virality = _shapes(sample.parent, sample.tree)
        found.append(Quantity("depth", "", depth, trees))
        found.append(_known(Quantity("virality", "", virality, trees)))
    return {quantity.name: quantity for quantity in found}


def _known(quantity: Quantity) -> Quantity:
    known = ~np.isnan(quantity.values)
    return quantity._replace(values=quantity.values[known], tree=quantity.tree[known])


def _shapes(parent: Positions, tree: Positions) -> tuple[Floats, Floats]:
    """Return depth and structural virality of every cascade."""
    generation = generations(parent)
    order = np.lexsort((generation, tree))
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    above = parent[order]
    grown = cascades(forest(np.where(above < 0, ROOT, place[above])))
    return grown.depth.astype(np.float64), grown.virality


def generations(parent: Positions) -> Positions:
    """Return how many generations below its source each row is, (m,); -1 for rows whose parents go round in a circle.

    Parameters
    ----------
    parent : (m,) int64
        Rows of the parents, in any order; negative for sources.
    """
    found = np.where(parent < 0, 0, -1)
    left = np.flatnonzero(found < 0)
    while left.size:
        above = found[parent[left]]
        ready = above >= 0
        if not ready.any():
            break
        found[left[ready]] = above[ready] + 1
        left = left[~ready]
    return found


def parent_rows(tree: Positions, user: Positions, parent: Positions) -> Positions:
    """Return the row of each row's parent: the same cascade's row of that user.

    Parameters
    ----------
    tree, user : (m,) int64
        Codes from 0; no pair of them stands in two rows.
    parent : (m,) int64
        Code of the parent's user; negative for sources.

    Returns
    -------
    (m,) int64
        -1 for sources, -2 where the cascade has no such user.
    """
    if not tree.size:
        return np.zeros(0, dtype=np.int64)
    width = int(max(user.max(), parent.max())) + 1
    key = tree * width + user
    order = np.argsort(key, kind="stable")
    wanted = tree * width + parent
    at = order[np.minimum(np.searchsorted(key[order], wanted), key.size - 1)]
    return np.where(parent < 0, ROOT, np.where(key[at] == wanted, at, UNKNOWN))


def simulated_cascades(
    results: Results | Folder, variant: str | None = None, story: str | None = None
) -> CascadeSample:
    """Return the simulated cascades of one variant and story, over all replicates.

    Parameters
    ----------
    results : Results, or the folder in which they lie
        With ``measures.cascades = true``.
    variant, story : str, optional
        By default the only one.

    Raises
    ------
    InputError
        If there are several variants or stories and none is named, or the tables were not stored.
    """
    results = opened(results)
    import pyarrow.compute as pc

    variant = chosen_name("variant", variant, results.experiment.variants)
    scenario = results.experiment.variants[variant]
    story = chosen_name("story", story, sorted(scenario.stories))
    tables = {}
    for name in ("cascades", SHARES):
        table = results.table(name)
        tables[name] = table.filter((pc.field("variant") == variant) & (pc.field("story") == story))
    shares, roots = tables[SHARES], tables["cascades"]
    replicate, cascade = (shares[name].to_numpy() for name in ("replicate", "cascade"))
    tree = np.cumsum(np.diff(replicate, prepend=-1).astype(bool) | np.diff(cascade, prepend=-1).astype(bool)) - 1
    user, parent = codes(shares["person"], shares["parent"])
    begins = roots["begins_s"].to_numpy()
    unit = roots["replicate"].to_numpy()
    replicates = scenario.run.replicates
    where = f'"{results.folder}"' if results.folder is not None else results.experiment.name
    return CascadeSample(
        tree=tree,
        seconds=shares["seconds"].to_numpy(),
        followers=shares["followers"].to_numpy().astype(np.float64),
        parent=parent_rows(tree, user, parent),
        unit=unit,
        unit_name="replicates",
        follow_up=scenario.run.horizon - scenario.stories[story].at - begins,
        source=f'{where}: variant "{variant}", story "{story}", {replicates} replicates',
    )


def chosen_name(what: str, name: str | None, known: Any) -> str:
    """Return a name that was given, or the only one that there is.

    Raises
    ------
    InputError
        For a name that is not known, and where there are several and none is given.
    """
    names = list(known)
    if name is not None and not isinstance(name, str):
        raise InputError(f"{what} = {shown(name)}: give a name ({', '.join(names)})")
    if name is None:
        if len(names) > 1:
            raise InputError(f"which {what}? There are {', '.join(names)}; choose one (--{what})")
        return names[0]
    if name not in names:
        raise InputError(f'there is no {what} "{name}"{suggestion(name, names)}')
    return name


def codes(*columns: Any) -> list[Positions]:
    """Return columns of texts as numbers from 0, equal for equal texts; -1 for missing ones.

    Parameters
    ----------
    *columns : pyarrow.ChunkedArray of texts
    """
    import pyarrow as pa

    joined = pa.chunked_array([chunk for column in columns for chunk in column.chunks], pa.string())
    numbers = joined.combine_chunks().dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False)
    ends = np.cumsum([0, *(len(column) for column in columns)])
    return [numbers[a:b].astype(np.int64) for a, b in pairwise(ends)]
