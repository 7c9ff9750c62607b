"""Every key of a sweep, of its sample and of the laws of that changes the points."""

from typing import Any

import pytest
from pydantic import BaseModel

from diffusion.design import Choice, Integers, LogNormal, LogUniform, Normal, Sample, Sweep, Uniform
from diffusion.scenario import apply_changes
from diffusion.study.sweeps import points

Tables = dict[str, Any]
LAWS: dict[str, Tables] = {
    "u": {"law": "uniform", "low": 0, "high": 1},
    "l": {"law": "loguniform", "low": 1, "high": 10},
    "n": {"law": "normal", "mean": 0, "sd": 1, "low": -1, "high": 1},
    "m": {"law": "lognormal", "median": 1, "sd": 1},
    "i": {"law": "integers", "low": 1, "high": 9},
    "c": {"law": "choice", "values": [1, 2, 5], "weights": [3, 1, 1]},
}
BASE: Tables = {"grid": {"a": [1, 2]}, "zip": {"b": [1, 2]}, "sample": {"size": 16, "of": LAWS}}
OTHER: dict[tuple[type[BaseModel], str], Tables] = {
    (Sweep, "grid"): {"grid.a": [1, 3]},
    (Sweep, "zip"): {"zip.b": [1, 3]},
    (Sweep, "sample"): {"sample": None},
    (Sample, "method"): {"sample.method": "sobol"},
    (Sample, "size"): {"sample.size": 17},
    (Sample, "of"): {"sample.of": {"u": LAWS["u"]}},
    (Uniform, "law"): {"sample.of.u.law": "integers"},
    (Uniform, "low"): {"sample.of.u.low": 0.1},
    (Uniform, "high"): {"sample.of.u.high": 0.9},
    (LogUniform, "law"): {"sample.of.l.law": "uniform"},
    (LogUniform, "low"): {"sample.of.l.low": 2},
    (LogUniform, "high"): {"sample.of.l.high": 9},
    (Normal, "law"): {"sample.of.n": {"law": "uniform", "low": -1, "high": 1}},
    (Normal, "mean"): {"sample.of.n.mean": 0.1},
    (Normal, "sd"): {"sample.of.n.sd": 2},
    (Normal, "low"): {"sample.of.n.low": None},
    (Normal, "high"): {"sample.of.n.high": None},
    (LogNormal, "law"): {"sample.of.m": {"law": "normal", "mean": 1, "sd": 1}},
    (LogNormal, "median"): {"sample.of.m.median": 2},
    (LogNormal, "sd"): {"sample.of.m.sd": 2},
    (Integers, "law"): {"sample.of.i.law": "uniform"},
    (Integers, "low"): {"sample.of.i.low": 2},
    (Integers, "high"): {"sample.of.i.high": 8},
    (Choice, "law"): {"sample.of.c": {"law": "integers", "low": 1, "high": 3}},
    (Choice, "values"): {"sample.of.c.values": [1, 2, 4]},
    (Choice, "weights"): {"sample.of.c.weights": None},
}
MODELS = (Sweep, Sample, Uniform, LogUniform, Normal, LogNormal, Integers, Choice)


def test_every_key_of_a_sweep_has_a_case() -> None:
    assert OTHER.keys() == {(model, key) for model in MODELS for key in model.model_fields}


@pytest.mark.parametrize("change", OTHER.values(), ids=[f"{model.__name__}.{key}" for model, key in OTHER])
def test_a_key_of_a_sweep_changes_its_points(change: Tables) -> None:
    assert points(Sweep(**BASE), 1) == points(Sweep(**BASE), 1)
    assert points(Sweep(**apply_changes(BASE, change)), 1) != points(Sweep(**BASE), 1)
