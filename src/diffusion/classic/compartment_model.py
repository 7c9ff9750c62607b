"""A model of states that a user declares: what people can be, and how they pass from one state to another.

The file or table that declares one:

    name = "rumour"
    states = ["ignorant", "spreader", "stifler"]     # everybody begins in the first one
    seeds = "spreader"                               # but for the seeds

    [[transitions]]                                  # by contact with somebody followed
    from = "ignorant"
    by = "spreader"
    to = "spreader"
    rate = 0.4

    [[transitions]]                                  # by itself
    from = "spreader"
    to = { stifler = 0.9, ignorant = 0.1 }
    delay = "lognormal 2 0.5"
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.classic.compartment_tables import MOST_RULES
from diffusion.classic.delays import delay_of
from diffusion.config.source import read_toml
from diffusion.errors import InputError, shown, suggestion
from diffusion.laws import Law

MOST = MOST_RULES
"""States, and transitions, of one model."""

_KEYS = ("from", "to", "by", "rate", "delay", "chance", "weighted")
_MODEL_KEYS = ("name", "states", "seeds", "reached", "steps", "transitions")


@dataclass(frozen=True)
class Transition:
    """How people pass from one state to another.

    Attributes
    ----------
    leaves : str
        The state that is left; in files, `from`.
    to : str or mapping
        The state that follows, or several with their chances. The chances of a contact may add up to less than 1:
        otherwise it changes nothing.
    by : str, optional
        Contact with somebody followed who is in this state brings it about; without it, it happens by itself.
    rate : float, optional
        Per unit of time and, for contacts, per link.
    delay : Law or str, optional
        In place of a rate, how long it takes: from the beginning of the visit, for contacts of the source's; each link
        then has one contact in a visit. A text is a law and its numbers, such as "lognormal 2 0.5"; see PARAMETERS of
        `diffusion.classic.delays`.
    chance : float, optional
        Per step and, for contacts, per link; in models whose time runs in steps.
    weighted : bool
        The weight of the link multiplies a contact's rate and divides its delay; in steps it is the power to which the
        chance of no contact is raised.
    """

    leaves: str
    to: str | Mapping[str, float]
    by: str | None = None
    rate: float | None = None
    delay: Law | str | None = None
    chance: float | None = None
    weighted: bool = False

    @property
    def outcomes(self) -> Mapping[str, float]:
        """States that may follow, with their chances."""
        return {self.to: 1.0} if isinstance(self.to, str) else self.to

    @cached_property
    def table(self) -> NDArray[np.float64] | None:
        """The quantile table of the law of the delay."""
        if not isinstance(self.delay, str):
            return None if self.delay is None else self.delay.table()
        if self.delay.strip()[:1].isdecimal():
            raise InputError(f'delay = "{self.delay}": give a law such as "lognormal 2 0.5"')
        return delay_of("delay", self.delay, False).table

    def __str__(self) -> str:
        """Return it as a reaction: ``S + I -> E 0.7 | I 0.3: rate 0.4, weighted``."""
        many = len(self.outcomes) > 1 or min(self.outcomes.values()) < 1
        to = " | ".join(f"{state} {chance:g}" if many else state for state, chance in self.outcomes.items())
        delay = self.delay
        law = f"{delay.name} {' '.join(map(str, delay.parameters))}" if isinstance(delay, Law) else delay
        speed = f"rate {self.rate:g}" if self.rate is not None else law or f"chance {self.speed:g}"
        by = "" if self.by is None else f" + {self.by}"
        return f"{self.leaves}{by} -> {to}: {speed}{', weighted' if self.weighted else ''}"

    @property
    def speed(self) -> float:
        """The rate, or the chance per step; 0 where there is a delay."""
        return float(self.rate if self.rate is not None else self.chance or 0.0)

    @property
    def never_happens(self) -> bool:
        """Whether its rate or chance is 0."""
        return self.delay is None and self.speed == 0.0


@dataclass(frozen=True)
class CompartmentModel:
    """States and transitions.

    Attributes
    ----------
    states : tuple of str
        Everybody begins in the first one, but for the seeds.
    seeds : str
        The state in which the seeds begin.
    transitions : tuple of Transition
    name : str
    reached : tuple of str, optional
        States that count as reached; all but the first, if none is named.
    steps : bool
        Time runs in steps, and `chance` stands in place of `rate`.
    """

    states: tuple[str, ...]
    seeds: str
    transitions: tuple[Transition, ...]
    name: str = "compartments"
    reached: tuple[str, ...] | None = None
    steps: bool = False

    def __post_init__(self) -> None:
        """Check everything once."""
        put = self.__dict__.__setitem__
        put("states", _words("states", self.states))
        put("transitions", _listed("transitions", self.transitions))
        if len(self.states) < 2 or len(set(self.states)) < len(self.states) or len(self.states) > MOST:
            raise InputError(f"states: give 2 to {MOST} different names, not {', '.join(self.states) or 'none'}")
        if not 1 <= len(self.transitions) <= MOST:
            raise InputError(f"transitions: {len(self.transitions)} are given; a model has 1 to {MOST}")
        if not isinstance(self.steps, bool):
            raise InputError(f"steps = {shown(self.steps)}: give true or false")
        if not isinstance(self.name, str) or not self.name:
            raise InputError(f"name = {shown(self.name)}: give a text")
        self._known("seeds", self.seeds)
        if self.seeds == self.states[0]:
            raise InputError(f'seeds: everybody begins in "{self.seeds}" already; name another state')
        if self.reached is not None:
            put("reached", _words("reached", self.reached))
            for state in self.reached:
                self._known("reached", state)
            if not self.reached or self.states[0] in self.reached:
                raise InputError(f'reached: name states, but not "{self.states[0]}", in which everybody begins')
        for number, transition in enumerate(self.transitions, 1):
            self._check(f"transition {number}", transition)

    @classmethod
    def read(cls, source: CompartmentModel | Mapping[str, Any] | str | Path) -> CompartmentModel:
        """Read a model from a TOML file or a table.

        Raises
        ------
        InputError
            In one line: for an unknown key or state, a law or number that will not do, a file that is not TOML.
        """
        if isinstance(source, cls):
            return source
        if isinstance(source, str | Path):
            try:
                return cls.read(read_toml(Path(source)))
            except InputError as error:
                text = str(error)
                raise InputError(text if text.startswith(str(source)) else f"{source}: {text}") from None
        if not isinstance(source, Mapping):
            raise InputError(f"model = {shown(source)}: give a CompartmentModel, a table or the path of a TOML file")
        _check_keys("model", source, _MODEL_KEYS, ("states", "seeds", "transitions"))
        read = (_transition(k, table) for k, table in enumerate(_listed("transitions", source["transitions"]), 1))
        return cls(**{**source, "transitions": tuple(read)})

    def __str__(self) -> str:
        """Return its transitions in one line."""
        return "; ".join(map(str, self.transitions))

    @property
    def counted(self) -> tuple[str, ...]:
        """States that count as reached."""
        return self.states[1:] if self.reached is None else self.reached

    @property
    def working(self) -> tuple[Transition, ...]:
        """Transitions that can happen; those of rate 0 cannot."""
        return tuple(each for each in self.transitions if not each.never_happens)

    @cached_property
    def after(self) -> dict[str, frozenset[str]]:
        """States that may follow a state, sooner or later; itself only if it can come back."""
        found = {state: {to for each in self._leaving(state) for to in each.outcomes} for state in self.states}
        for middle in self.states:
            for state in self.states:
                if middle in found[state]:
                    found[state] |= found[middle]
        return {state: frozenset(states) for state, states in found.items()}

    @property
    def may_not_end(self) -> str:
        """Why a run need not come to an end, or nothing."""
        back = [state for state in self.states if state in self.after[state]]
        if back:
            return f'people can come back to "{back[0]}"'
        for each in (each for each in self.working if each.by is not None and each.delay is None):
            waiting = [state for state in self.states if each.leaves in self.after[state]]
            stuck = [state for state in waiting if not self._is_left(state, each)]
            if stuck and all(other.by is not None for other in self._leaving(str(each.by))):
                return f'"{each.by}" need not end, nor "{stuck[0]}" before it'
        return ""

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks: transitions that never happen, states that nobody comes to from the first one or as a seed."""
        remarks = [
            f"transition {k} never happens: its rate or chance is 0"
            for k, each in enumerate(self.transitions, 1)
            if each.never_happens
        ]
        begun = {self.states[0], self.seeds}
        alive = begun | self.after[self.states[0]] | self.after[self.seeds]
        return tuple(remarks) + tuple(
            f'nobody comes to "{state}" but who begins there' for state in self.states if state not in alive
        )

    def _leaving(self, state: str) -> list[Transition]:
        return [each for each in self.working if each.leaves == state]

    def _is_left(self, state: str, contact: Transition) -> bool:
        """Whether a state is left, sooner or later, by itself or through the same link."""
        return any(
            each.by is None
            or (each.by == contact.by and each.delay is None and (contact.weighted or not each.weighted))
            for each in self._leaving(state)
        )

    def _known(self, where: str, state: Any) -> None:
        if not isinstance(state, str) or state not in self.states:
            raise InputError(f"{where}: there is no state {shown(state)}{suggestion(str(state), self.states)}")

    def _check(self, where: str, each: Transition) -> None:
        if not isinstance(each, Transition):
            raise InputError(f"{where} = {shown(each)}: give a Transition")
        self._known(f"{where}, from", each.leaves)
        if each.by is not None:
            self._known(f"{where}, by", each.by)
        _check_outcomes(self, where, each)
        _check_speed(where, each, self.steps)
        if not isinstance(each.weighted, bool):
            raise InputError(f"{where}, weighted = {shown(each.weighted)}: give true or false")
        if each.weighted and each.by is None:
            raise InputError(f"{where}, weighted: only contacts go along links, which may have weights")


def _check_outcomes(model: CompartmentModel, where: str, each: Transition) -> None:
    if not isinstance(each.to, str | Mapping) or not each.outcomes:
        raise InputError(f"{where}, to = {shown(each.to)}: give a state, or states with their chances")
    for state, chance in each.outcomes.items():
        model._known(f"{where}, to", state)
        if state == each.leaves:
            raise InputError(f'{where}: from "{state}" to itself; leave it out')
        if isinstance(chance, bool) or not isinstance(chance, int | float) or not 0 < chance <= 1:
            raise InputError(f'{where}, to: "{state}" = {shown(chance)}: give a chance, 0 < chance <= 1')
    total = math.fsum(each.outcomes.values())
    if total > 1 + 1e-9 or (each.by is None and total < 1 - 1e-9):
        raise InputError(f"{where}, to: the chances add up to {total:g}, not to 1")


def _check_speed(where: str, each: Transition, steps: bool) -> None:
    speed, other = ("chance", "rate") if steps else ("rate", "chance")
    if getattr(each, other) is not None:
        raise InputError(f'{where}, {other}: with steps = {str(steps).lower()} it is "{speed}"')
    value = getattr(each, speed)
    if (value is None) == (each.delay is None):
        raise InputError(f"{where}: give either {speed} or delay")
    if each.delay is not None:
        if not isinstance(each.delay, str | Law):
            raise InputError(f'{where}, delay = {shown(each.delay)}: give a law such as "lognormal 2 0.5"')
        try:
            table = each.table
        except InputError as error:
            raise InputError(f"{where}, {error}") from None
        if table is None or not table[-1] > 0:
            raise InputError(f"{where}, delay: a delay that is always 0 is none")
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise InputError(f"{where}, {speed} = {shown(value)}: give a number >= 0")
    if steps and value > 1:
        raise InputError(f"{where}, chance = {value!r}: give a probability, 0 <= chance <= 1")


def _transition(number: int, table: Any) -> Transition:
    if isinstance(table, Transition):
        return table
    where = f"transition {number}"
    if not isinstance(table, Mapping):
        raise InputError(f"{where} = {shown(table)}: give a table with from, to and rate or delay")
    _check_keys(where, table, _KEYS, ("from", "to"))
    rest = {key: value for key, value in table.items() if key != "from"}
    return Transition(leaves=table["from"], **rest)


def _check_keys(where: str, table: Mapping[str, Any], known: tuple[str, ...], needed: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            raise InputError(f"{where}: there is no key {shown(key)}{suggestion(str(key), known)}")
    for key in needed:
        if key not in table:
            raise InputError(f'{where}: "{key}" is missing')


def _listed(name: str, value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise InputError(f"{name} = {shown(value)}: give a list")
    return tuple(value)


def _words(name: str, value: Any) -> tuple[str, ...]:
    words = _listed(name, value)
    if not all(isinstance(word, str) and word for word in words):
        raise InputError(f"{name}: give names, as texts")
    return words
