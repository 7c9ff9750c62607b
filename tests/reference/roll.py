"""What is known of each person beforehand (docs/model.md §3): rows of `people.file` by label, and bands of age."""

from collections.abc import Sequence
from typing import Any

from diffusion.vocabulary import Purpose
from reference.draws import Draws

USUAL_AGES = (0.22, 0.33, 0.25, 0.20)


class Roll:
    """The persons' labels in order, and what the file says: label -> column -> value, None where a cell is empty."""

    def __init__(self, labels: Sequence[int | str], rows: dict[int | str, dict[str, Any]] | None = None) -> None:
        self.labels = list(labels)
        self.rows = rows or {}
        self.columns = {column for row in self.rows.values() for column in row}

    def said(self, i: int, column: str) -> Any:
        """What a column says of i, or None."""
        return self.rows.get(self.labels[i], {}).get(column)

    def band(self, i: int, ages: Sequence[float] | None, draws: Draws) -> int:
        """The band of age of i: 18-29, 30-49, 50-64 or 65+."""
        age = self.said(i, "age")
        if age is not None:
            return sum(age >= begin for begin in (30, 50, 65))
        first, second, third, _ = ages or USUAL_AGES
        h = draws.chance(Purpose.AGE, i)
        return sum(h >= bound for bound in (first, first + second, first + second + third))
