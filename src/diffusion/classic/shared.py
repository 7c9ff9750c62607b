"""The arguments that all models share: written once, and shown in the signature of every model."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, signature
from typing import Any, NamedTuple, TypedDict, TypeVar, get_type_hints

from diffusion.arguments import SEEDS, whole_number
from diffusion.classic.seeds import SeedsLike
from diffusion.errors import InputError, suggestion
from diffusion.vocabulary import Record

LEVELS = ("sizes", "curves", "times", "parents")
"""What `record` may be; each level keeps what those before it keep."""

Progress = Callable[[int, int], None]
F = TypeVar("F", bound=Callable[..., Any])


class Replicated(TypedDict, total=False):
    """Arguments of models that begin by themselves; `diffusion.classic` says what they mean."""

    replicates: int
    seed: int
    threads: int | None
    record: str
    progress: Progress | None


class Shared(Replicated, total=False):
    """Arguments of all other models."""

    seeds: SeedsLike


DEFAULTS: Mapping[str, Any] = {
    "seeds": "random:1",
    "replicates": 1,
    "seed": 0,
    "threads": None,
    "record": "sizes",
    "progress": None,
}
"""What is taken where an argument is not given."""


def shares(kind: type[Replicated]) -> Callable[[F], F]:
    """Return a decorator that shows, in place of ``**shared``, what a model shares with others and with which defaults.

    Help, notebooks, the command line and the documentation read it there.
    """
    hints = get_type_hints(kind)
    shared = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=kind.__annotations__[name].__forward_arg__)
        for name, default in DEFAULTS.items()
        if name in hints
    ]

    def show(function: F) -> F:
        own = signature(function)
        listed = [p for p in own.parameters.values() if p.kind is not Parameter.VAR_KEYWORD]
        function.__signature__ = own.replace(parameters=[*listed, *shared])  # type: ignore[attr-defined]
        told = {name: hint for name, hint in function.__annotations__.items() if name != "shared"}
        function.__annotations__ = told | hints
        return function

    return show


class Asked(NamedTuple):
    """The arguments that all models share, checked; `seeds` are read by who knows the graph, and may be nobody."""

    seeds: SeedsLike
    replicates: int
    seed: int
    threads: int
    record: Record
    progress: Progress | None

    def tell(self, done: int) -> None:
        """Say how many replicates are finished, if anybody wants to know."""
        if self.progress is not None:
            self.progress(min(done, self.replicates), self.replicates)


def checked(given: Mapping[str, Any], *, seeded: bool = True, levels: Sequence[str] = LEVELS) -> Asked:
    """Check the shared arguments of a call; those that were not given have their defaults.

    Parameters
    ----------
    given : mapping
    seeded : bool
        Whether somebody is active at first; else there is no argument `seeds`.
    levels : sequence of str
        Levels of the record that the model knows.

    Raises
    ------
    InputError
        For each of them, in one line, and for one that there is not.
    """
    known = {name: default for name, default in DEFAULTS.items() if seeded or name != "seeds"}
    wrong = next((name for name in given if name not in known), None)
    if wrong is not None:
        raise InputError(f'there is no parameter "{wrong}"{suggestion(wrong, known)}')
    asked = known | dict(given)
    record, threads = asked["record"], asked["threads"]
    if not isinstance(record, str) or record not in levels:
        raise InputError(f"record = {record!r} is not known{suggestion(str(record), levels)}")
    return Asked(
        seeds=asked.get("seeds", ()),
        replicates=whole_number("replicates", asked["replicates"], least=1),
        seed=whole_number("seed", asked["seed"], below=SEEDS),
        threads=len(os.sched_getaffinity(0)) if threads is None else whole_number("threads", threads, least=1),
        record=Record[record.upper()],
        progress=asked["progress"],
    )
