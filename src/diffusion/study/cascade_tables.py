"""Every cascade of a run, and every share in it, as tables (docs/data.md describes their columns)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.measures import cascades, share_forest
from diffusion.outcome import Outcome, Posts
from diffusion.vocabulary import ChannelKind

CASCADES, SHARES = "cascades", "shares"
DIGITS = 9
"""Decimals of seconds in tables: a tick is a microsecond or more, and 6.395 s shall not read 6.3950000000000005."""

Table = Any
"""A pyarrow.Table: pyarrow is imported only where tables are made or read."""


def cascade_tables(outcome: Outcome, variant: str) -> dict[str, Table]:
    """Return the tables of all cascades and of all shares of a run.

    Parameters
    ----------
    outcome : Outcome
        With ``record = "parents"`` or more.
    variant : str
        What stands in the column of that name.

    Returns
    -------
    dict
        ``"cascades"``: one row per root, by story and number of the cascade. ``"shares"``: one row per share, by story,
        cascade and time; parents come before their children. What there is not (a lone root's virality, a root's
        parent) is missing in both.
    """
    import pyarrow as pa

    found: dict[str, list[Table]] = {CASCADES: [], SHARES: []}
    for story in outcome.stories:
        roots, shares = _of_story(outcome, story)
        for name, columns in ((CASCADES, roots), (SHARES, shares)):
            rows = len(columns["cascade"])
            about = {
                "variant": pa.array([variant] * rows, pa.string()),
                "replicate": np.full(rows, outcome.replicate, dtype=np.int64),
                "story": pa.array([story] * rows, pa.string()),
            }
            found[name].append(pa.table(about | columns))
    return {name: pa.concat_tables(tables) for name, tables in found.items()}


def _of_story(outcome: Outcome, story: str) -> tuple[dict[str, Any], dict[str, Any]]:
    s = outcome.story(story)
    grown = share_forest(outcome, story)
    post = first_posts(outcome, s, grown.nodes)
    posts: Posts = outcome.column("posts")  # type: ignore[assignment]
    seconds = np.round((posts.tick[post].astype(np.int64) - outcome.story_tick(s)) * outcome.tick, DIGITS)
    root = np.flatnonzero(grown.parent < 0)
    after_root = np.round(seconds - seconds[root[grown.tree]], DIGITS)
    after_parent = np.where(grown.parent < 0, np.nan, np.round(seconds - seconds[grown.parent], DIGITS))
    followers = np.zeros(post.size, np.uint32) if posts.followers is None else posts.followers[post]
    labels, kinds = _names(outcome, grown.nodes)
    parents = labels[grown.parent]
    parents[root] = None
    platforms = np.array([channel.name for channel in outcome.channels], dtype=object)[posts.channel[post]]
    shape = cascades(grown)
    half, most = (time_to_share(grown.tree, after_root, grown.n_trees, q) for q in (0.5, 0.9))
    roots = {
        "cascade": np.arange(grown.n_trees),
        "root": labels[root],
        "root_kind": kinds[root],
        "platform": platforms[root],
        "followers": followers[root],
        "begins_s": seconds[root],
        "size": shape.size,
        "depth": shape.depth,
        "breadth": shape.breadth,
        "virality": shape.virality,
        "t50_s": half,
        "t90_s": most,
    }
    order = np.lexsort((np.arange(post.size), grown.tree))
    shares = {
        "cascade": grown.tree,
        "root": labels[root[grown.tree]],
        "person": labels,
        "parent": parents,
        "platform": platforms,
        "seconds": after_root,
        "seconds_after_parent": after_parent,
        "depth": grown.depth,
        "followers": followers,
    }
    return _arrow(roots), _arrow({name: column[order] for name, column in shares.items()})


def first_posts(outcome: Outcome, story: int, authors: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each author the index of their first post of a story on a follow platform.

    Parameters
    ----------
    outcome : Outcome
    story : int
        Number of the story.
    authors : (m,) int64
        Author numbers; each of them posted it.
    """
    posts: Posts = outcome.column("posts")  # type: ignore[assignment]
    kinds = np.array([channel.kind for channel in outcome.channels])
    there = np.flatnonzero((posts.story == story) & (kinds[posts.channel] == ChannelKind.PLATFORM))
    there = there[np.argsort(posts.tick[there], kind="stable")]
    known, first = np.unique(posts.author[there], return_index=True)
    return there[first[np.searchsorted(known, authors)]]


def time_to_share(tree: NDArray[np.int64], seconds: NDArray[np.float64], n_trees: int, q: float) -> NDArray[np.float64]:
    """Return the time after its root at which a share `q` of a cascade's reshares has been made, (n_trees,).

    Parameters
    ----------
    tree : (m,) int64
        Number of the cascade of each share, roots included.
    seconds : (m,) float64
        After the root; the root comes first in any order by time.
    n_trees : int
    q : float
        In (0, 1].

    Returns
    -------
    (n_trees,) float64
        NaN for a lone root. No interpolation: it is the time of the k-th reshare, k = ceil(q * reshares).
    """
    order = np.lexsort((seconds, tree))
    size = np.bincount(tree, minlength=n_trees)
    start = np.cumsum(size) - size
    wanted = np.ceil(np.round(q * (size - 1), 9)).astype(np.int64)
    times = np.full(n_trees, np.nan)
    several = size > 1
    times[several] = seconds[order[(start + wanted)[several]]]
    return times


def _names(outcome: Outcome, nodes: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the labels of nodes as texts, and whether each is a person, an outlet or an official."""
    person = nodes < outcome.n_persons
    labels, kinds = np.empty(nodes.size, dtype=object), np.full(nodes.size, "person", dtype=object)
    own = nodes[person]
    labels[person] = (own if outcome.labels is None else outcome.labels[own]).astype(str)
    for at in np.flatnonzero(~person):
        name = outcome.accounts[nodes[at] - outcome.n_persons]
        labels[at], kinds[at] = name, "outlet" if name in outcome.outlets else "official"
    return labels, kinds


def _arrow(columns: dict[str, Any]) -> dict[str, Any]:
    """Return columns for a table: None and NaN are missing, and texts are texts also where there is no row."""
    import pyarrow as pa

    kinds = {name: pa.string() if column.dtype == object else None for name, column in columns.items()}
    return {name: pa.array(column, kinds[name], from_pandas=True) for name, column in columns.items()}
