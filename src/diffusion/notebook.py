"""Small tables for notebooks: plain HTML, escaped, nothing fetched from anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

_MOST_ROWS = 20
_LONGEST_CELL = 200


def html_table(caption: str, rows: Iterable[Sequence[object]], *, head: Sequence[object] = ()) -> str:
    """Return a table whose first column names the rows.

    Parameters
    ----------
    caption : str
    rows : iterable of sequences
        The cells; long ones are cut, and after 20 rows it is said how many there are.
    head : sequence, optional
        Names of the columns.
    """
    listed = list(rows)
    top = f"<tr>{''.join(f'<th>{_cell(name)}</th>' for name in head)}</tr>" if head else ""
    body = "".join(
        f"<tr><th>{_cell(first)}</th>{''.join(f'<td>{_cell(value)}</td>' for value in others)}</tr>"
        for first, *others in listed[:_MOST_ROWS]
    )
    more = f"<tr><td>… {len(listed):,} rows</td></tr>" if len(listed) > _MOST_ROWS else ""
    return f"<table><caption>{_cell(caption)}</caption>{top}{body}{more}</table>"


def _cell(value: object) -> str:
    text = str(value)
    return escape(text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…")
