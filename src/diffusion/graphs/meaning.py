"""What the two columns of a link list mean: the one thing that no file says and every reader needs."""

from __future__ import annotations

from typing import Any, Literal, get_args

from diffusion.errors import InputError

Meaning = Literal["follower,followed", "followed,follower", "source,target", "mutual"]
"""The two ends of a link in the order in which a file, a matrix or another library names them.

"source,target" is the direction of information and therefore the same as "followed,follower".
"""

MEANINGS: tuple[str, ...] = get_args(Meaning)


def orient(first: Any, second: Any, meaning: str) -> tuple[Any, Any, bool]:
    """Return (followed, follower, mutual) for two columns of links.

    Parameters
    ----------
    first, second : any
        The two columns, in the order of the source.
    meaning : str
        One of `MEANINGS`.

    Raises
    ------
    InputError
        If `meaning` is none of them.
    """
    if meaning == "follower,followed":
        return second, first, False
    if meaning in ("followed,follower", "source,target"):
        return first, second, False
    if meaning == "mutual":
        return first, second, True
    known = ", ".join(f'"{word}"' for word in MEANINGS)
    raise InputError(f"meaning = {meaning!r} does not say who follows whom; give one of {known}")
