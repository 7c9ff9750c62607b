"""What is known of the persons of a world beside their links."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError, suggestion
from diffusion.world.ages import BANDS

AGE_BAND = "age_band"


@dataclass(frozen=True, slots=True)
class Persons:
    """Columns of all persons, in the order of their labels.

    Attributes
    ----------
    n_persons : int
    labels : (n,) array, optional
        None where they are 0 … n-1.
    columns : dict of (n,) arrays
        What `people.file` says: numbers (NaN where a cell is empty or the person is not in the file) or texts ("").
    bands : (n,) int8, optional
        Number of everybody's band of age (`BANDS`): from the column `age`, else drawn; None where ages play no part.
    roles : dict of (n,) bool
        Who has each role, from the file and from [roles].
    """

    n_persons: int
    labels: NDArray[Any] | None = None
    columns: dict[str, NDArray[Any]] = field(default_factory=dict)
    bands: NDArray[np.int8] | None = None
    roles: dict[str, NDArray[np.bool_]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that `column` knows."""
        return (*self.columns, *((AGE_BAND,) if self.bands is not None else ()))

    def column(self, name: str) -> NDArray[Any]:
        """Return a column, (n,): one of the file's, or ``"age_band"`` (texts such as "18-29").

        Raises
        ------
        InputError
            For a column that is not there.
        """
        if name == AGE_BAND and self.bands is not None:
            return np.array(BANDS)[self.bands]
        if name not in self.columns:
            raise InputError(f'people: there is no column "{name}"{suggestion(name, self.names)}')
        return self.columns[name]

    def role(self, name: str) -> NDArray[np.bool_]:
        """Return who has a role, (n,) bool.

        Raises
        ------
        InputError
            For a role that is not there.
        """
        if name not in self.roles:
            raise InputError(f'people: there is no role "{name}"{suggestion(name, self.roles)}')
        return self.roles[name]

    def label(self, person: int) -> Any:
        """Return the label of the person of an index."""
        return int(person) if self.labels is None else self.labels[person].item()
