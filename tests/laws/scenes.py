"""Worlds in which a law can be stated: everything that it does not speak of is switched off."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.scenario import Scenario
from diffusion.units import NEVER
from diffusion.world.types import clock

TICKS_PER_HOUR = 3_600_000
GIVEN = {"file": "given as an object", "meaning": "source,target"}
"""Stands for a graph that is passed to `simulate` as an object."""
GIVEN_MUTUAL = {"file": "given as an object", "meaning": "mutual"}


def platform(**changes: Any) -> dict[str, Any]:
    """Return a follow platform without burial, notices and delays, on a flat clock."""
    plain = {
        "kind": "follow", "graph": GIVEN, "clock": "flat", "close": 1, "notified": 0, "session_length": "0 s",
        "latency": "0 s", "scroll": "0 s", "reaction": "0 s", "sessions": "1/h",
    }  # fmt: skip
    return plain | changes


def outlet(**changes: Any) -> dict[str, Any]:
    """Return an outlet that publishes at once what happens, to everybody, for as long as a run lasts."""
    plain = {
        "medium": "news_site", "audience": 1, "clock": "flat", "gather": "0 s", "verify": "0 s", "coverage": "1000 h",
    }  # fmt: skip
    return plain | changes


def scenario(
    *,
    story: dict[str, Any] | None = None,
    stories: dict[str, Any] | None = None,
    platforms: dict[str, Any] | None = None,
    outlets: dict[str, Any] | None = None,
    people: dict[str, Any] | None = None,
    **run: Any,
) -> Scenario:
    """Return a scenario of one story (or several) that nobody believes more or less for what was heard."""
    return Scenario.model_validate(
        {
            "run": {"record": "times", **run},
            "people": {"belief_factor": False, **(people or {})},
            "platforms": platforms or {},
            "outlets": outlets or {},
            "stories": stories or {"story": story},
        }
    )


def hours(ticks: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Ticks of 1 ms in hours; never is infinite."""
    found = ticks / TICKS_PER_HOUR
    found[ticks == NEVER] = np.inf
    return found


def operational_hours(wall: NDArray[np.float64], start: float, name: str) -> NDArray[np.float64]:
    """Operational time passed after so many wall-clock hours.

    Parameters
    ----------
    wall : array
        Hours since the start.
    start : float
        Hour of the day of the start.
    name : str
        A named clock.
    """
    days = 2 + int((start + np.max(wall, initial=0.0, where=np.isfinite(wall))) // 24)
    passed = np.concatenate([[0.0], np.cumsum(np.tile(clock(name), days))])
    at = np.arange(passed.size)
    return np.asarray(np.interp(start + wall, at, passed, right=np.inf) - np.interp(start, at, passed))
