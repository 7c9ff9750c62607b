"""Who shared after whom: the forest of a story's shares, and the size and shape of its trees.

Structural virality is the mean distance between pairs of nodes of a tree: near 2 for one big broadcast, growing with
chains of person-to-person sharing (Goel, Anderson, Hofman & Watts 2016).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.arguments import number_list
from diffusion.errors import InputError, expected
from diffusion.measures._kernels import Shapes, Trees, grow_trees, measure_trees
from diffusion.outcome import Outcome, Posts, check_outcome
from diffusion.units import NEVER
from diffusion.vocabulary import ChannelKind


@dataclass(frozen=True, slots=True)
class Forest:
    """Nodes in an order in which parents come before their children.

    Attributes
    ----------
    nodes : (m,) int64
        What each node is; in a share forest a person's index, or n_persons + c for account c.
    parent : (m,) int64
        Position of the parent, -1 for roots.
    tree, depth : (m,) int64
        Number of the tree (in the order of the roots) and generations below its root.
    n_trees : int
    """

    nodes: NDArray[np.int64]
    parent: NDArray[np.int64]
    tree: NDArray[np.int64]
    depth: NDArray[np.int64]
    n_trees: int


@dataclass(frozen=True, slots=True)
class Cascades:
    """The shape of every tree of a forest.

    Attributes
    ----------
    size : (t,) int64
        Nodes, the root included.
    depth : (t,) int64
        Generations below the root; 0 for a lone root.
    breadth : (t,) int64
        Nodes of the largest generation.
    virality : (t,) float64
        Mean distance between pairs of nodes; NaN for a lone root, which has no pairs.
    """

    size: NDArray[np.int64]
    depth: NDArray[np.int64]
    breadth: NDArray[np.int64]
    virality: NDArray[np.float64]

    def largest(self) -> dict[str, float]:
        """Return size, depth, breadth and virality of the largest tree (the first of equals); NaN without any."""
        if not self.size.size:
            return {"size": 0.0, "depth": float("nan"), "breadth": float("nan"), "virality": float("nan")}
        at = int(np.argmax(self.size))
        return {name: float(getattr(self, name)[at]) for name in ("size", "depth", "breadth", "virality")}


def forest(parent: NDArray[np.int64], nodes: NDArray[np.int64] | None = None) -> Forest:
    """Make a forest of parents' positions.

    Parameters
    ----------
    parent : (m,) int64
        Position of each node's parent, before the node's own; -1 for roots.
    nodes : (m,) int64, optional
        What each node is; by default its position.

    Raises
    ------
    InputError
        If a parent does not come before its child.
    """
    parent = _positions(parent)
    tree, depth = np.empty_like(parent), np.empty_like(parent)
    trees = int(grow_trees(Trees(parent, tree, depth)))
    if trees < 0:
        at = -1 - trees
        raise InputError(f"parent[{at}] = {parent[at]}: give the position of an earlier node, or -1 for a root")
    return Forest(np.arange(parent.size) if nodes is None else nodes, parent, tree, depth, trees)


def _positions(parent: Any) -> NDArray[np.int64]:
    """Return a copy of positions that were given as whole numbers of any type."""
    given = np.asarray(parent)
    if given.ndim == 1 and given.dtype.kind == "i":
        return given.astype(np.int64)
    numbers = number_list("parent", parent)
    found = numbers.astype(np.int64)
    if not np.array_equal(found, numbers):
        raise InputError("parent: positions are whole numbers; -1 is that of a root's parent")
    return found


def share_forest(outcome: Outcome, story: str | int | None = None) -> Forest:
    """Return the forest of a story's shares on follow platforms.

    Its nodes are the persons who posted it there and the accounts that did. A person's parent is the author of the post
    through which they heard first, if that was a post on a follow platform; who heard otherwise (own eyes, an outlet,
    a contact) is a root, and so is every account.

    Parameters
    ----------
    outcome : Outcome
        With ``record = "parents"`` or more.
    story : str or int, optional
        Its name or number; by default the only one.
    """
    check_outcome(outcome)
    s = outcome.story(story)
    posts: Posts = outcome.column("posts")  # type: ignore[assignment]
    share_tick = outcome.column("share_tick")[s]
    kinds = np.array([channel.kind for channel in outcome.channels])
    on_platform = kinds[posts.channel] == ChannelKind.PLATFORM
    by_account = np.flatnonzero(on_platform & (posts.story == s) & (posts.author >= outcome.n_persons))
    persons = np.flatnonzero(share_tick != NEVER)
    nodes = np.concatenate([persons, posts.author[by_account].astype(np.int64)])
    ticks = np.concatenate([share_tick[persons], posts.tick[by_account]])
    nodes = nodes[np.argsort(ticks, kind="stable")]
    place = np.full(outcome.n_persons + len(outcome.accounts), -1, dtype=np.int64)
    place[nodes] = np.arange(nodes.size)
    parent = np.full(nodes.size, -1, dtype=np.int64)
    heard = np.full(nodes.size, NEVER, dtype=np.uint32)
    is_person = nodes < outcome.n_persons
    heard[is_person] = outcome.column("first_post")[s][nodes[is_person]]
    followed = np.flatnonzero(heard != NEVER)
    followed = followed[on_platform[heard[followed]]]
    parent[followed] = place[posts.author[heard[followed]]]
    return forest(parent, nodes)


def flattened(grown: Forest) -> Forest:
    """Return the forest as a platform's data show it: every share hangs on the root of its tree.

    Platforms name the first post of a reshare, not the one through which it was found; trees that are drawn from such
    data are stars, of which size is true and depth, breadth and virality are not (DeVerna et al. 2024).
    """
    _check_forest(grown)
    roots = np.flatnonzero(grown.parent < 0)
    parent = np.where(grown.parent < 0, -1, roots[grown.tree] if roots.size else grown.tree)
    return Forest(grown.nodes, parent, grown.tree, (parent >= 0).astype(np.int64), grown.n_trees)


def _check_forest(grown: Forest) -> None:
    expected("grown", grown, Forest, "a Forest, which share_forest(outcome) and forest(parent) return")


def cascades(grown: Forest) -> Cascades:
    """Return size, depth, maximum breadth and structural virality of every tree, in linear time."""
    _check_forest(grown)
    trees, nodes = grown.n_trees, grown.parent.size
    size, depth, breadth = (np.zeros(trees, dtype=np.int64) for _ in range(3))
    shapes = Shapes(size, depth, breadth, np.zeros(trees))
    below, counts = np.zeros(nodes, dtype=np.int64), np.zeros(nodes, dtype=np.int64)
    measure_trees(Trees(grown.parent, grown.tree, grown.depth), below, counts, shapes)
    pairs = size * (size - 1) / 2.0
    virality = np.full(trees, np.nan)
    np.divide(shapes.distances, pairs, out=virality, where=pairs > 0)
    return Cascades(size, depth, breadth, virality)
