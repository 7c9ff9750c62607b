"""Roles: named sets of persons, from which a story takes its authors and witnesses."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from diffusion.errors import InputError
from diffusion.world.types import Frozen, Share


class Role(Frozen):
    """A set of persons, by rule; several keys narrow it down in the order given here.

    Attributes
    ----------
    labels : list of labels, optional
        Only these persons.
    place : str, optional
        Only persons with this `place` in `people.file`.
    share : float, optional
        Each of them with this chance (drawn with the world).
    most_followed : int, optional
        So many of them: those with the most followers on all follow platforms together.
    """

    labels: tuple[int | str, ...] | None = None
    place: str | None = None
    share: Share | None = None
    most_followed: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _something(self) -> Role:
        if all(value is None for value in (self.labels, self.place, self.share, self.most_followed)):
            raise InputError("give labels = […], place = …, share = … or most_followed = …")
        return self
