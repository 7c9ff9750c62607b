"""The follower graph: who sees whose posts, as compressed rows of followers."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diffusion.errors import InputError
from diffusion.graphs import _csr
from diffusion.graphs.identity import content_hash
from diffusion.graphs.labels import MOST_PERSONS, Labels, as_labels, check_universe, compact, explicit, ranks
from diffusion.graphs.links import CLOCKS, Carried, check_carried, rank_links, rows_of_links, seal, turn
from diffusion.notebook import html_table

_BREACHES = {
    _csr.CSR_BAD_OFFSETS: "offsets must start at 0, never fall and end at the number of links",
    _csr.CSR_OUT_OF_RANGE: "a follower's index is not below the number of persons",
    _csr.CSR_SELF_LOOP: "a person follows themself",
    _csr.CSR_UNSORTED: "followers must ascend within a row, without duplicates",
}


class Dropped(NamedTuple):
    """What was left out when a graph was built: rows that link a person to themself, rows that repeat a link."""

    self_loops: int = 0
    duplicates: int = 0


def _frozen(array: NDArray[Any], dtype: type[np.generic]) -> NDArray[Any]:
    """Return a read-only array of the wanted type; one that its owner could still write to is copied."""
    plain = np.ascontiguousarray(np.asarray(array), dtype=dtype)
    if plain.flags.writeable:
        if plain is array or plain.base is not None:
            plain = plain.copy()
        plain.flags.writeable = False
    return plain


_NOTHING = Dropped()
_CARRY_NOTHING = Carried()


@dataclass(frozen=True, eq=False, repr=False)
class FollowerGraph:
    """Who follows whom: row u lists the followers of u, the direction in which posts flow.

    Immutable; the arrays are read-only. Persons are numbered by label order, and every method that takes or returns a
    person speaks of labels unless its name says index. 4 bytes per link, 4 more for each of weights, since and until; 8
    per person.

    Parameters
    ----------
    offsets : (n_persons + 1,) int64
        Row u is ``followers[offsets[u]:offsets[u + 1]]``.
    followers : (n_links,) uint32
        Indices of followers, ascending within a row.
    weights : (n_links,) float32 or None
        A number >= 0 per link (a transmission probability, a tie strength: its user says which).
    labels : (n_persons,) int64 or text, ascending, or None
        None means 0..n_persons-1.
    dropped : Dropped
        What was left out when the graph was built.
    origin : tuple of str
        Remarks of the reader or generator about where the graph comes from.
    since, until : (n_links,) uint32 or None
        The link exists from second `since` until just before second `until` of the clock; 2**32 - 1 is never. None
        means from the beginning, and for ever.
    clock : {"run", "wall"}
        What the seconds count from: the start of a run, or 1970-01-01T00:00 on the local wall clock of `run.start`.

    Raises
    ------
    InputError
        If the arrays break the layout above.
    """

    offsets: NDArray[np.int64]
    followers: NDArray[np.uint32]
    weights: NDArray[np.float32] | None = None
    labels: Labels | None = None
    dropped: Dropped = _NOTHING
    origin: tuple[str, ...] = ()
    since: NDArray[np.uint32] | None = field(default=None, kw_only=True)
    until: NDArray[np.uint32] | None = field(default=None, kw_only=True)
    clock: str = field(default="run", kw_only=True)

    def __post_init__(self) -> None:
        """Check the layout once; everything after it trusts the arrays."""
        put = self.__dict__.__setitem__
        put("offsets", _frozen(self.offsets, np.int64))
        put("followers", _frozen(self.followers, np.uint32))
        if self.offsets.ndim != 1 or self.followers.ndim != 1 or self.offsets.size < 2:
            raise InputError("a graph needs one-dimensional offsets (n + 1 of them, n >= 1) and followers")
        if self.n_persons > MOST_PERSONS:
            raise InputError(f"{self.n_persons} persons are too many: a graph holds at most {MOST_PERSONS}")
        code, row = _csr.check_rows(self.offsets, self.followers)
        if code != _csr.CSR_OK:
            raise InputError(f"graph, row {row}: {_BREACHES[code]}")
        if self.clock not in CLOCKS:
            raise InputError(f"clock = {self.clock!r} is none of {', '.join(CLOCKS)}")
        carried = check_carried(self.carried, self.n_links)
        for name, values in carried._asdict().items():
            put(name, None if values is None else _frozen(values, values.dtype.type))
        if not self.has_times:
            put("clock", "run")
        if self.labels is not None:
            labels = compact(as_labels(self.labels, "labels"))
            put("labels", None if labels is None else _frozen(labels, labels.dtype.type))
            if labels is not None and (labels.size != self.n_persons or np.any(labels[1:] <= labels[:-1])):
                raise InputError(
                    f"labels: {labels.size} for {self.n_persons} persons; give one each, ascending, unique"
                )

    @classmethod
    def from_links(
        cls,
        followed: ArrayLike,
        follower: ArrayLike,
        *,
        weights: ArrayLike | None = None,
        since: ArrayLike | None = None,
        until: ArrayLike | None = None,
        clock: str = "run",
        n_persons: int | None = None,
        labels: ArrayLike | None = None,
        mutual: bool = False,
        origin: tuple[str, ...] = (),
    ) -> FollowerGraph:
        """Build the graph from a list of links.

        Self-loops and repeated links are left out and counted in `dropped`; of a repeated link the first one stays,
        with its weight and its time.

        Parameters
        ----------
        followed, follower : (m,) integers or texts
            Link k: ``follower[k]`` sees the posts of ``followed[k]``. Labels, or indices if ``n_persons`` is given.
        weights : (m,) array_like, optional
            A finite number >= 0 per link.
        since, until : (m,) array_like of int, optional
            Seconds from which and until which (not included) a link exists; 2**32 - 1 is never.
        clock : {"run", "wall"}
            What these seconds count from; see `FollowerGraph`.
        n_persons : int, optional
            Take the links as indices in 0..n_persons-1; persons without links exist too.
        labels : (n,) array_like, optional
            Labels of all persons, those without links included. Not together with ``n_persons``.
        mutual : bool
            Every link counts in both directions.
        origin : tuple of str
            Remarks to keep with the graph.

        Raises
        ------
        InputError
            For unequal lengths, unknown labels, indices out of range, negative or non-finite weights, links that end
            before they begin.
        """
        universe, sources, targets, size = rank_links(followed, follower, n_persons, labels)
        carried = Carried(weights, since, until)
        return cls.from_ranks(
            sources, targets, size, carried=carried, clock=clock, labels=universe, mutual=mutual, origin=origin
        )

    @classmethod
    def from_ranks(
        cls,
        followed: NDArray[np.uint32],
        follower: NDArray[np.uint32],
        n_persons: int,
        *,
        carried: Carried = _CARRY_NOTHING,
        clock: str = "run",
        labels: Labels | None = None,
        mutual: bool = False,
        origin: tuple[str, ...] = (),
    ) -> FollowerGraph:
        """Build the graph from (m,) uint32 indices that are known to be ranks of `labels` (not checked).

        `from_links` says what the parameters mean. Two stable counting sorts put the rows in order; one pass drops
        repeated neighbours.
        """
        rows = rows_of_links(followed, follower, n_persons, carried, mutual)
        return cls(
            rows.offsets,
            rows.followers,
            rows.carried.weights,
            None if labels is None else seal(labels),
            Dropped(rows.self_loops, rows.duplicates),
            origin,
            since=rows.carried.since,
            until=rows.carried.until,
            clock=clock,
        )

    @classmethod
    def from_scipy(cls, matrix: Any, *, meaning: str) -> FollowerGraph:
        """Build the graph from a square sparse matrix; see `diffusion.graphs.interchange.from_scipy`."""
        from diffusion.graphs.interchange import from_scipy

        return from_scipy(matrix, meaning=meaning)

    @classmethod
    def from_networkx(cls, graph: Any, *, meaning: str, weight: str | None = None) -> FollowerGraph:
        """Build the graph from a networkx graph; see `diffusion.graphs.interchange.from_networkx`."""
        from diffusion.graphs.interchange import from_networkx

        return from_networkx(graph, meaning=meaning, weight=weight)

    @property
    def n_persons(self) -> int:
        """Number of persons."""
        return self.offsets.size - 1

    @property
    def n_links(self) -> int:
        """Number of links (a mutual link counts twice)."""
        return self.followers.size

    @property
    def carried(self) -> Carried:
        """What the links carry: weights, since and until."""
        return Carried(self.weights, self.since, self.until)

    @property
    def has_times(self) -> bool:
        """Whether any link begins after the beginning or ends."""
        return self.since is not None or self.until is not None

    @cached_property
    def n_followers(self) -> NDArray[np.uint32]:
        """(n_persons,) uint32 numbers of followers."""
        return seal(np.diff(self.offsets).astype(np.uint32))

    @property
    def n_followed(self) -> NDArray[np.uint32]:
        """(n_persons,) uint32 numbers of accounts that each person follows, counted at each use and not kept."""
        return seal(_csr.count_followed(self.n_persons, self.followers))

    @cached_property
    def is_mutual(self) -> bool:
        """Whether every link's reverse exists too."""
        return bool(_csr.count_mutual(self.offsets, self.followers) == self.n_links)

    @cached_property
    def content_hash(self) -> str:
        """32 hexadecimal digits over labels, links, weights and times: equal for equal graphs, however built."""
        arrays = {"offsets": self.offsets, "followers": self.followers, **self.carried._asdict()}
        return content_hash(arrays, self.labels, self.clock)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Remarks: where the graph comes from, what was dropped, whom no post can reach."""
        remarks = list(self.origin)
        if self.dropped.self_loops:
            remarks.append(f"dropped {self.dropped.self_loops} self-loops")
        if self.dropped.duplicates:
            remarks.append(f"dropped {self.dropped.duplicates} repeated links (the first of each stays)")
        alone = int(np.count_nonzero(self.n_followed == 0))
        if alone:
            remarks.append(f"{alone} of {self.n_persons} persons follow nobody: no post can reach them here")
        return tuple(remarks)

    def index_of(self, label: int | str) -> int:
        """Return the index of the person with this label.

        Raises
        ------
        InputError
            If nobody has it; the message names the nearest label.
        """
        return int(ranks(self.labels, self.n_persons, [label])[0])

    def indices_of(self, labels: ArrayLike) -> NDArray[np.int64]:
        """Return the (k,) int64 indices of the persons with these labels."""
        return ranks(self.labels, self.n_persons, labels)

    def labels_of(self, indices: ArrayLike) -> Labels:
        """Return the labels of the persons with these indices."""
        at = np.asarray(indices)
        return at.astype(np.int64) if self.labels is None else self.labels[at]

    def row(self, index: int) -> NDArray[np.uint32]:
        """Return the indices of the followers of the person with this index (a view)."""
        return self.followers[self.offsets[index] : self.offsets[index + 1]]

    def followers_of(self, label: int | str) -> Labels:
        """Return the labels of those who see the posts of the person with this label, ascending."""
        return self.labels_of(self.row(self.index_of(label)))

    def aligned(self, labels: ArrayLike) -> FollowerGraph:
        """Return the same links over a larger universe of persons.

        Parameters
        ----------
        labels : (n,) array_like
            Labels of all persons; must contain those of this graph.

        Raises
        ------
        InputError
            If a person of this graph is missing there.
        """
        universe = check_universe(labels)
        try:
            place = ranks(universe, universe.size, explicit(self.labels, self.n_persons))
        except InputError as error:
            raise InputError(f"cannot align the graph: {error}") from None
        counts = np.zeros(universe.size + 1, np.int64)
        counts[place + 1] = np.diff(self.offsets)
        followers = place.astype(np.uint32)[self.followers]
        offsets = seal(np.cumsum(counts))
        return self._with(offsets, seal(followers), self.carried, labels=seal(universe))

    def reversed(self) -> FollowerGraph:
        """Return the graph in which every link points the other way: row u then holds those whom u followed."""
        rows = turn(self.offsets, self.followers, self.carried)
        return self._with(rows.offsets, rows.followers, rows.carried, labels=self.labels)

    def _with(
        self, offsets: NDArray[np.int64], followers: NDArray[np.uint32], carried: Carried, *, labels: Labels | None
    ) -> FollowerGraph:
        """Return other rows of the same origin."""
        weights, since, until = carried
        return FollowerGraph(
            offsets, followers, weights, labels, self.dropped, self.origin, since=since, until=until, clock=self.clock
        )

    def rewired(self, *, seed: int, swaps_per_link: float = 10.0) -> FollowerGraph:
        """Return a random graph with the same degrees; see `diffusion.graphs.rewire.rewire`."""
        from diffusion.graphs.rewire import rewire

        return rewire(self, seed=seed, swaps_per_link=swaps_per_link)

    def __eq__(self, other: object) -> bool:
        """Compare labels, links, weights and times."""
        return isinstance(other, FollowerGraph) and self.content_hash == other.content_hash

    def __hash__(self) -> int:
        """Hash by content."""
        return hash(self.content_hash)

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuild (and check) the graph from its arrays when unpickled."""
        return _rebuilt, (tuple(getattr(self, name) for name in _FIELDS),)

    def _facts(self) -> dict[str, str]:
        kind = "0 … n-1" if self.labels is None else "integers" if self.labels.dtype.kind == "i" else "texts"
        facts = {
            "persons": f"{self.n_persons:,}",
            "links": f"{self.n_links:,}",
            "weights": "none" if self.weights is None else "one per link",
            "labels": kind,
        }
        if self.has_times:
            facts["times"] = f"{self.clock} clock"
        return facts

    def __repr__(self) -> str:
        """Return one line: persons, links, weights, labels, the clock of times if there are any."""
        return f"<FollowerGraph: {', '.join(f'{key} {value}' for key, value in self._facts().items())}>"

    def _repr_html_(self) -> str:
        """Return a small table for notebooks."""
        return html_table("FollowerGraph", [*self._facts().items(), *(("note", note) for note in self.origin)])


_FIELDS = tuple(each.name for each in fields(FollowerGraph))


def _rebuilt(values: tuple[Any, ...]) -> FollowerGraph:
    return FollowerGraph(**dict(zip(_FIELDS, values, strict=True)))
