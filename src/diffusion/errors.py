"""The one exception for what a user got wrong."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


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
