"""What the epidemics were asked for, checked, and what a replicate of them found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diffusion.classic.delays import ABSENT, ENDLESS, Delay, delay_of
from diffusion.classic.passage import Course, Links, links_of
from diffusion.classic.runs import Call, Model, Run
from diffusion.classic.stages import Ledger
from diffusion.errors import InputError, suggestion
from diffusion.vocabulary import Record

POINTS = 201
"""Moments from 0 to the horizon at which curves in continuous time count persons."""
TIMES = ("continuous", "steps")
NO_TIMES = np.zeros(0)
NO_PARENTS = np.zeros(0, np.uint32)
_MOST_COUNTS = 2**32
"""What the curves of a call may hold in all; more is a mistake."""


class Kind(NamedTuple):
    """States of a model, the code of each stage (susceptible, latent, infectious, immune), and immunity by default."""

    states: tuple[str, ...]
    codes: tuple[int, int, int, int]
    immunity: Delay = ENDLESS


KINDS = {
    "SI": Kind(("susceptible", "infectious"), (0, 1, 1, 1)),
    "SIR": Kind(("susceptible", "infectious", "recovered"), (0, 1, 1, 2)),
    "SIS": Kind(("susceptible", "infectious"), (0, 1, 1, 0), ABSENT),
    "SIRS": Kind(("susceptible", "infectious", "recovered"), (0, 1, 1, 2)),
    "SEIR": Kind(("susceptible", "exposed", "infectious", "recovered"), (0, 1, 2, 3)),
}


class Setting(NamedTuple):
    """What a model was asked for, beside what all models share; `laws` by the name of the parameter."""

    time: str
    horizon: float | None
    weighted: bool
    laws: Mapping[str, float | str]


class Plan(NamedTuple):
    """What was asked for, checked, as kernels take it."""

    kind: Kind
    codes: NDArray[np.int64]
    links: Links
    course: Course
    is_discrete: bool
    horizon: float
    grid: NDArray[np.float64]
    time_type: Any


def plan_of(call: Call, name: str, setting: Setting) -> Plan:
    """Check what a model was asked for."""
    if setting.time not in TIMES:
        raise InputError(f'time = "{setting.time}" is not known{suggestion(str(setting.time), TIMES)}')
    kind, is_discrete = KINDS[name], setting.time == "steps"
    horizon = _horizon(setting.horizon, is_discrete)
    if horizon == math.inf and not is_discrete and call.record == Record.CURVES:
        raise InputError('horizon is missing: record = "curves" in continuous time needs to know until when')
    if setting.weighted and call.graph.weights is None:
        raise InputError("weighted = True: the graph has no weights; read it with them, or give weighted = False")
    given = {key: delay_of(key, value, is_discrete) for key, value in setting.laws.items()}
    absent: Mapping[str, Delay] = {"latency": ABSENT, "recovery": ENDLESS, "immunity": kind.immunity}
    laws = {**absent, **given}
    course = Course(laws["transmission"], laws["latency"], laws["recovery"], laws["immunity"])
    grid = np.zeros(0)
    if call.keeps("curves") and horizon < math.inf:
        grid = np.arange(horizon + 1) if is_discrete else np.linspace(0, horizon, POINTS)
    if grid.size * len(kind.states) * call.replicates > _MOST_COUNTS:
        raise InputError(f"horizon = {horizon:,.0f} steps: curves would not fit in memory; ask for fewer replicates")
    codes, time_type = np.array(kind.codes, np.int64), np.float32 if is_discrete else np.float64
    links = links_of(call.graph, setting.weighted)
    return Plan(kind, codes, links, course, is_discrete, horizon, grid, time_type)


def _horizon(value: float | None, is_discrete: bool) -> float:
    if value is None:
        return math.inf
    if isinstance(value, bool | str) or not 0 < value < math.inf or (is_discrete and value != int(value)):
        raise InputError(f"horizon = {value!r}: give a {'whole number of steps' if is_discrete else 'time'} > 0")
    return float(value)


def model_of(name: str, setting: Setting, plan: Plan) -> Model:
    """Return what a `Spread` says about the model."""
    asked = {**setting.laws, "time": setting.time, "horizon": setting.horizon, "weighted": setting.weighted}
    return Model(name, plan.kind.states, asked, plan.is_discrete, None if plan.is_discrete else plan.grid)


def run_of(call: Call, book: Ledger, met: int, times: NDArray[Any], parents: NDArray[np.uint32]) -> Run:
    """Return what a replicate found."""
    book.ends[0] += call.graph.n_persons
    curve = None
    if book.grid.size:
        book.curve[0, 0] += call.graph.n_persons
        curve = np.cumsum(book.curve, axis=1)
    return Run(
        reached=met,
        counts=book.ends,
        lasted=float(book.last[0]),
        curve=curve,
        times=times if call.keeps("times") else None,
        parents=parents if call.keeps("parents") else None,
    )
