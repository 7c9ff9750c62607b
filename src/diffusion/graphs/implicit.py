"""Follower graphs that are computed, not stored: numbers of followers and followers are hashes of a seed.

A graph of 600 million persons takes no memory, and a cascade computes only the links that it uses.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diffusion.errors import InputError, check_numbers, check_whole
from diffusion.graphs import _implicit
from diffusion.graphs._universe import check_people, graph_key
from diffusion.graphs.follower_graph import FollowerGraph
from diffusion.graphs.labels import ranks
from diffusion.graphs.links import seal
from diffusion.notebook import html_table
from diffusion.randomness import draw_key

_CHUNK = 1 << 18
"""Persons that a thread takes at a time."""
_WIDTHS = 256
"""Rows of fewer followers find the width of their sections in a table."""


@dataclass(frozen=True, repr=False)
class ImplicitGraph:
    """A directed follower graph with heavy-tailed popularity of which nothing is stored.

    Person u has ``D(u) = floor(s * max(r, 1/n) ** (-1 / (exponent - 1)) + w)`` followers, with a hashed rank r and a
    hashed w, uniform in (0, 1): a density tail ``k ** -exponent`` up to the size that the most popular of n persons
    have, in all at most everybody else. The scale s is such that the mean is `mean_followers`. The k-th follower is
    one person, evenly drawn by a hash, of the k-th of D(u) equal sections of all others by number. Rows thus ascend,
    without repetitions and without u; every person follows a given u with the same chance D(u) / (n - 1), whoever else
    does, and numbers of accounts followed are close to Poisson. Reciprocity and clustering are those of chance.

    Parameters
    ----------
    n_persons : int
        2 to 2**32 - 1; labels are 0..n_persons-1.
    mean_followers : float
        Above 0, at most half of the other persons.
    exponent : float
        Of the tail of the numbers of followers, 2 < exponent <= 10. Real follow graphs: 2.3–2.7.
    seed : int
        0 <= seed < 2**63.

    Raises
    ------
    InputError
        If an argument is out of range.
    """

    n_persons: int
    mean_followers: float
    exponent: float = 2.3
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the parameters; everything after it trusts them."""
        check_whole(n_persons=self.n_persons, seed=self.seed)
        check_numbers(mean_followers=self.mean_followers, exponent=self.exponent)
        check_people(self.n_persons, self.seed)
        if self.n_persons < 2:
            raise InputError("n_persons = 1: nobody could follow anybody; give 2 or more")
        most = (self.n_persons - 1) / 2
        if not 0 < self.mean_followers <= most:
            raise InputError(
                f"mean_followers = {self.mean_followers} is outside 0 … {most:g} (half of the other persons)"
            )
        if not 2 < self.exponent <= 10:
            raise InputError(f"exponent = {self.exponent} is outside 2 … 10: at 2 and below the mean has no limit")

    @cached_property
    def rows(self) -> _implicit.HashedRows:
        """What kernels need to compute the rows."""
        key = int(graph_key(int(self.seed), "implicit"))
        quantiles = _quantiles(int(self.n_persons), float(self.mean_followers), float(self.exponent))
        widths = np.empty(_WIDTHS, np.uint64)
        _implicit.fill_widths(np.int64(self.n_persons), widths)
        keys = np.uint64(draw_key(key, 0)), np.uint64(draw_key(key, 1))
        return _implicit.HashedRows(np.int64(self.n_persons), *keys, seal(quantiles), seal(widths))

    @property
    def labels(self) -> None:
        """None: labels are 0..n-1."""
        return None

    @cached_property
    def n_links(self) -> int:
        """Number of links: one pass over all persons when first asked for."""
        return sum(_over(self.n_persons, lambda begin, end: int(_implicit.sum_degrees(self.rows, begin, end))))

    @property
    def n_followers(self) -> NDArray[np.uint32]:
        """(n_persons,) uint32 numbers of followers, computed at each use and not kept: 4 bytes per person."""
        return self.n_followers_of(0, self.n_persons)

    def n_followers_of(self, begin: int, end: int) -> NDArray[np.uint32]:
        """Return the numbers of followers of the persons with indices from `begin` to just before `end`.

        Returns
        -------
        (end - begin,) uint32
        """
        if not 0 <= begin <= end <= self.n_persons:
            raise InputError(f"persons {begin} to {end}: indices run from 0 to {self.n_persons - 1}")
        found = np.empty(end - begin, np.uint32)

        def fill(first: int, last: int) -> None:
            _implicit.fill_degrees(self.rows, begin + first, begin + last, found[first:last])

        _over(end - begin, fill)
        return seal(found)

    @property
    def n_followed(self) -> NDArray[np.uint32]:
        """(n_persons,) uint32 numbers of accounts that each person follows: one pass over all links at each use."""
        found = np.zeros(self.n_persons, np.uint32)
        _implicit.count_followed(self.rows, 0, self.n_persons, found)
        return seal(found)

    @cached_property
    def content_hash(self) -> str:
        """32 hexadecimal digits over what the graph is computed from: equal for equal parameters.

        Its stored twin has another one, which is over its links.
        """
        digest = hashlib.blake2b(b"implicit graph 1", digest_size=16)
        digest.update(np.array([self.n_persons, self.seed], "<i8").tobytes())
        digest.update(np.array([self.mean_followers, self.exponent], "<f8").tobytes())
        return digest.hexdigest()

    def index_of(self, label: int) -> int:
        """Return the index of the person with this label, which is the same number, or raise InputError."""
        return int(self.indices_of([label])[0])

    def indices_of(self, labels: ArrayLike) -> NDArray[np.int64]:
        """Return the (k,) int64 indices of the persons with these labels."""
        return ranks(None, self.n_persons, labels)

    def labels_of(self, indices: ArrayLike) -> NDArray[np.int64]:
        """Return the labels of the persons with these indices."""
        return np.asarray(indices).astype(np.int64)

    def row(self, index: int) -> NDArray[np.uint32]:
        """Return the indices of the followers of the person with this index, ascending."""
        person = self.index_of(index)
        found = np.empty(self.n_followers_of(person, person + 1)[0], np.uint32)
        _implicit.fill_row(self.rows, person, found)
        return seal(found)

    def followers_of(self, label: int) -> NDArray[np.int64]:
        """Return the labels of those who see the posts of the person with this label, ascending."""
        return self.labels_of(self.row(label))

    def stored(self, *, threads: int | None = None) -> FollowerGraph:
        """Return the same links in memory: 8 bytes per person, 4 per link, and nothing beside them on the way.

        Parameters
        ----------
        threads : int, optional
            By default one per core. The graph does not depend on it.

        Raises
        ------
        InputError
            If that is no whole number above 0.
        """
        check_whole(threads=1 if threads is None else threads)
        if threads is not None and threads < 1:
            raise InputError(f"threads = {threads}: give 1 or more, or nothing for one per core")
        n = int(self.n_persons)
        offsets = np.empty(n + 1, np.int64)
        offsets[0] = 0

        def fill(begin: int, end: int) -> None:
            _implicit.fill_degrees(self.rows, begin, end, offsets[begin + 1 : end + 1])

        _over(n, fill, threads)
        np.cumsum(offsets, out=offsets)
        followers = np.empty(int(offsets[n]), np.uint32)
        _over(n, lambda begin, end: _implicit.fill_rows(self.rows, begin, end, offsets, followers), threads)
        return FollowerGraph(seal(offsets), seal(followers), origin=(f"generated: {self._text()}",))

    def _text(self) -> str:
        return f"hashed rows, mean followers {self.mean_followers:g}, exponent {self.exponent:g}, seed {self.seed}"

    def __repr__(self) -> str:
        """Return one line: persons and parameters."""
        return f"<ImplicitGraph: persons {self.n_persons:,}, {self._text()}>"

    def _repr_html_(self) -> str:
        """Return a small table for notebooks."""
        facts = {"persons": f"{self.n_persons:,}", "mean followers": f"{self.mean_followers:g}"}
        facts |= {"exponent": f"{self.exponent:g}", "seed": str(self.seed)}
        return html_table("ImplicitGraph", list(facts.items()))


def generate_hashed(
    n_persons: int, *, mean_followers: float, exponent: float = 2.3, seed: int, threads: int | None = None
) -> FollowerGraph:
    """Draw a directed follower graph row by row from hashes: the stored twin of an `ImplicitGraph`.

    It is the fastest generator and needs no memory beside the graph: for graphs of hundreds of millions of links.
    `generate_followers` also has reciprocity and numbers of accounts followed that vary more.

    Parameters
    ----------
    n_persons, mean_followers, exponent, seed
        As in `ImplicitGraph`.
    threads : int, optional
        By default one per core. The graph does not depend on it.

    Raises
    ------
    InputError
        If an argument is out of range.
    """
    return ImplicitGraph(n_persons, mean_followers, exponent, seed).stored(threads=threads)


def _quantiles(n_persons: int, mean: float, exponent: float) -> NDArray[np.float64]:
    """Return the quantile table of `HashedRows`, scaled to the mean."""
    from scipy.optimize import brentq

    octave, knot = np.divmod(np.arange(_implicit.OCTAVES * _implicit.KNOTS + 1), _implicit.KNOTS)
    rank = np.maximum(2.0**-octave * (1 - knot / (2 * _implicit.KNOTS)), 1 / n_persons)
    shape = rank ** (-1 / (exponent - 1))
    # The last octave also stands for all ranks beyond it; pieces of an octave are equally likely.
    chance = 2.0 ** -np.minimum(octave[:-1] + 1, _implicit.OCTAVES - 1) / _implicit.KNOTS

    def table(scale: float) -> NDArray[np.float64]:
        return np.minimum(scale * shape, n_persons - 1)

    def excess(scale: float) -> float:
        values = table(scale)
        return float(chance @ (values[1:] + values[:-1]) / 2 - mean)

    # At a scale of the mean nobody is below it; at 0 nobody has followers.
    return table(brentq(excess, 0.0, mean, xtol=1e-15 * mean, rtol=1e-15))


def _over(n_persons: int, work: Callable[[int, int], Any], threads: int | None = None) -> list[Any]:
    """Do some work for all persons, chunk by chunk on several threads, and return what it returned, in order."""
    count = os.cpu_count() or 1 if threads is None else threads
    chunks = list(_chunks(n_persons))
    if len(chunks) < 2 or count < 2:
        return [work(begin, end) for begin, end in chunks]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda chunk: work(*chunk), chunks))


def _chunks(n_persons: int) -> Iterator[tuple[int, int]]:
    for begin in range(0, n_persons, _CHUNK):
        yield begin, min(begin + _CHUNK, n_persons)
