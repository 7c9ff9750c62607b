"""The one exception for what a user got wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from numbers import Integral, Real
from typing import Any, TypeVar

T = TypeVar("T")
_LONGEST = 60


class InputError(ValueError):
    """Something in the user's input is wrong.

    The message is one line: what, where, the value, and what would do. The command line prints it and exits with 2.
    """


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return ``'; did you mean "x"?'`` for the nearest known word, or a list of the known ones.

    Parameters
    ----------
    word : str
        What the user wrote.
    known : iterable of str
        The words that would have done.
    """
    choices = sorted(set(known))
    near = get_close_matches(word, choices, n=1, cutoff=0.6)
    if near:
        return f'; did you mean "{near[0]}"?'
    if not choices:
        return ""
    shown = ", ".join(choices[:12]) + (", …" if len(choices) > 12 else "")
    return f" (known: {shown})"


def expected(name: str, value: Any, kind: type[T], give: str) -> T:
    """Return an argument if it is of the type that belongs there.

    Parameters
    ----------
    name : str
        Of the argument.
    value : object
        What was given.
    kind : type
        What belongs there.
    give : str
        What would do, for the message.

    Raises
    ------
    InputError
        If it is something else.
    """
    if isinstance(value, kind):
        return value
    raise InputError(f"{name} = {shown(value)}: give {give}")


def check_whole(**values: Any) -> None:
    """Raise InputError unless all arguments are whole numbers (of Python or numpy)."""
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise InputError(f"{name} = {shown(value)} is not a whole number")


def check_numbers(*, optional: Mapping[str, Any] | None = None, **needed: Any) -> None:
    """Raise InputError unless all arguments are numbers (of Python or numpy).

    Parameters
    ----------
    optional : mapping, optional
        Arguments that may be None.
    **needed : object
        Those that may not.
    """
    given = {name: value for name, value in (optional or {}).items() if value is not None}
    for name, value in {**needed, **given}.items():
        if isinstance(value, bool) or not isinstance(value, Real):
            raise InputError(f"{name} = {shown(value)} is not a number")


def shown(value: Any) -> str:
    """Return a value in short, or the name of its type where its text would say little."""
    if value is not None and not isinstance(value, bool | str | bytes | Real):
        return f"a {type(value).__name__}"
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
