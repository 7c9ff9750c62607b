"""The wall clock, its slots, and operational time (docs/model.md §1 and §3)."""

import math
from collections.abc import Sequence
from typing import Any

from diffusion import units
from reference.draws import quantile


class Calendar:
    """Turns seconds into ticks and ticks into times of day; `run` is the scenario's run settings."""

    def __init__(self, run: Any) -> None:
        self.tick: float = run.tick
        self.hour = self.ticks(3600.0)
        self.day = self.ticks(86400.0)
        start = run.start
        midnight = start.hour * 3600 + start.minute * 60 + start.second + start.microsecond / 1e6
        self.start = self.day + self.ticks(midnight)
        self.horizon = self.ticks(run.horizon)
        self.settle = self.ticks(run.settle)

    def ticks(self, seconds: float) -> int:
        return units.ticks(seconds, self.tick)

    def delay(self, law: Any, h: int) -> int:
        """A delay with hash h, in whole ticks."""
        return int(quantile(law.table(), h) / self.tick)

    def absolute(self, t: int) -> int:
        """a(t): ticks since the midnight before the day of the start."""
        return self.start + t

    def day_of(self, t: int) -> int:
        return self.absolute(t) // self.day

    def hour_of(self, t: int) -> int:
        return self.absolute(t) % self.day // self.hour

    def slot_from(self, slots: Sequence[int], t: int) -> int:
        """The first slot (daily, in seconds after midnight) at or after tick t."""
        today = self.day_of(t)
        # A slot just before midnight may round to midnight, hence yesterday's.
        times = [d * self.day + self.ticks(s) - self.start for d in (today - 1, today, today + 1) for s in slots]
        return min(at for at in times if at >= t)

    def awake_from(self, t: int, kappa: Sequence[float], level: float) -> int:
        """t if its hour's intensity is at least `level`, else the start of the next hour whose is."""
        while kappa[self.hour_of(t)] < level:
            t += self.hour - self.absolute(t) % self.hour
        return t


class OperationalTime:
    """τ(t) = ∫κ in hours, and its inverse."""

    def __init__(self, kappa: Sequence[float], calendar: Calendar) -> None:
        self.kappa = kappa
        self.calendar = calendar
        self.cum = [0.0]
        for level in kappa:
            self.cum.append(self.cum[-1] + level)
        self.cum[24] = 24.0

    def of(self, t: int) -> float:
        day_ticks, hour_ticks = self.calendar.day, self.calendar.hour
        a = self.calendar.absolute(t)
        day = a // day_ticks
        rest = a - day * day_ticks
        h = rest // hour_ticks
        return day * 24 + (self.cum[h] + self.kappa[h] * ((rest - h * hour_ticks) / hour_ticks))

    def tick_at(self, y: float) -> float:
        """τ⁻¹(y), a float."""
        day = math.floor(y / 24)
        rest = y - 24 * day
        h = max((h for h in range(24) if self.cum[h] <= rest), default=0)
        into_hour = (rest - self.cum[h]) / self.kappa[h] * self.calendar.hour
        return day * self.calendar.day + h * self.calendar.hour + into_hour - self.calendar.start
