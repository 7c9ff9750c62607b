"""Numbers of things: laws and clocks, accounts, channels; and columns of their rules."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.assembly._traits import sealed
from diffusion.engine.clock import CLOCK_LENGTH, GUIDE, GUIDED, INTENSITY
from diffusion.laws import TABLE_LENGTH, Law, standard_exponential
from diffusion.scenario import Scenario
from diffusion.vocabulary import ChannelKind
from diffusion.world import ContactPlatform


class Tables:
    """Collects laws and clocks, each once, and numbers them."""

    def __init__(self) -> None:
        self._laws: list[NDArray[np.float64]] = [standard_exponential()]
        self._law_numbers: dict[Law, int] = {}
        self._clocks: dict[tuple[float, ...], int] = {}

    def law(self, law: Law) -> int:
        """Return the number of a law's table."""
        if law not in self._law_numbers:
            self._law_numbers[law] = len(self._laws)
            self._laws.append(law.table())
        return self._law_numbers[law]

    def clock(self, hours: tuple[float, ...]) -> int:
        """Return the number of a clock."""
        return self._clocks.setdefault(hours, len(self._clocks))

    def laws(self) -> NDArray[np.float64]:
        """Return all tables, (k, TABLE_LENGTH)."""
        return np.stack(self._laws).reshape(-1, TABLE_LENGTH)

    def clocks(self) -> NDArray[np.float64]:
        """Return all clocks, (k, CLOCK_LENGTH): running sums, intensities, and the guide."""
        rows = np.zeros((max(len(self._clocks), 1), CLOCK_LENGTH))
        quarters = np.arange(24 * GUIDED) / GUIDED
        for row, hours in enumerate(self._clocks):
            total = 0.0
            for hour, intensity in enumerate(hours):
                rows[row, hour] = total
                rows[row, INTENSITY + hour] = intensity
                total = total + intensity
            rows[row, 24] = 24.0
            rows[row, GUIDE:] = np.searchsorted(rows[row, :24], quarters, side="right") - 1
        return rows


def account_names(scenario: Scenario) -> list[tuple[str, str]]:
    """Return (owner, platform) of every account in the order of their numbers."""
    officials = [(name, q.platform) for name, q in sorted(scenario.officials.items())]
    return officials + sorted((name, p) for name, o in scenario.outlets.items() for p in o.accounts)


def channel_list(scenario: Scenario) -> list[tuple[str, ChannelKind]]:
    """Return (name, kind) of every channel in the order of their codes."""
    found = [("own eyes", ChannelKind.OWN_EYES)]
    found += [(name, ChannelKind.OUTLET) for name in sorted(scenario.outlets)]
    for name, p in sorted(scenario.platforms.items()):
        found.append((name, ChannelKind.CONTACT if isinstance(p, ContactPlatform) else ChannelKind.PLATFORM))
    return found + [(name, ChannelKind.OFFICIAL) for name in sorted(scenario.officials)]


def column_of(size: int, dtype: Any, values: list[Any]) -> Any:
    """Return values as a read-only column, padded with zeros."""
    column = np.zeros(size, dtype=dtype)
    column[: len(values)] = values
    return sealed(column)


def rows_of(parts: list[NDArray[Any]], dtype: Any) -> tuple[Any, Any]:
    """Return offsets (k + 1,) and entries of rows that are joined."""
    offsets = np.concatenate([[0], np.cumsum([p.size for p in parts])]).astype(np.int64)
    flat = np.concatenate(parts).astype(dtype) if parts else np.zeros(0, dtype)
    return sealed(offsets), sealed(flat)
