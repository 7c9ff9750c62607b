"""From what a sensitivity analysis asks to the points at which an experiment is run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from diffusion.design import Factor, LogUniform, Sensitivity, Uniform
from diffusion.design.sensitivity import JOINED
from diffusion.errors import InputError
from diffusion.scenario import Experiment, Scenario
from diffusion.study.scaling import multiplied, places
from diffusion.study.sensitivity.indices import Design, morris_design, sobol_design
from diffusion.world.changes import check_key
from diffusion.world.types import is_number

_RANGE = re.compile(r"^\s*(.+?)\s*\.\.\s*([^,]+?)\s*((?:,[^,]*)*)$")
_TIMES = re.compile(r"^[x×]\s*(.+)$")
_EXAMPLES = 'such as "platforms.twitter.members=0.2..0.8", "outlets.*.audience=x0.5..x2,most=1"'


def asked_for(experiment: Experiment, keys: Sequence[str] = (), **others: Any) -> Sensitivity:
    """Return what is asked of an experiment: its table ``[sensitivity]``, and what is given beside it.

    Parameters
    ----------
    experiment : Experiment
    keys : sequence of str
        ``KEY=LOW..HIGH``, every value between alike (``,log``: every order of magnitude); ``KEY=xLOW..xHIGH``, factors
        on what the experiment says (``,most=1`` for shares). Keys that move together: ``"KEY + KEY=…"``. If any are
        given, those of the table do not count.
    **others
        `method`, `size`, `measure`, `ratio`, `variant` of `Sensitivity`; None leaves what the table says.

    Raises
    ------
    InputError
        For what cannot be read, for a key or a variant that there is not, and where no key varies.
    """
    table = {} if experiment.sensitivity is None else experiment.sensitivity.model_dump(mode="json", exclude_unset=True)
    given = {name: value for name, value in others.items() if value is not None}
    for one, other in (("ratio", "variant"), ("variant", "ratio")):
        if one in given:
            table.pop(other, None)
    if keys:
        table["of"] = dict(map(read_variation, keys))
    asked = Sensitivity.model_validate(table | given)
    if not asked.of:
        raise InputError(f"no key varies; write [sensitivity.of], or --key, {_EXAMPLES}")
    for name in asked.of:
        for key in name.split(JOINED):
            check_key(experiment.scenario.model_dump(mode="json"), key, Scenario.model_fields)
    checked = {name: getattr(experiment, name) for name in type(experiment).model_fields} | {"sensitivity": asked}
    Experiment.model_validate(checked)
    return asked


def read_variation(text: str) -> tuple[str, dict[str, Any]]:
    """Read ``KEY=LOW..HIGH`` as the key and the table of its law.

    Raises
    ------
    InputError
        For anything else.
    """
    key, equals, value = text.partition("=")
    found = _RANGE.match(value)
    if not equals or not key.strip() or found is None:
        raise InputError(f'--key "{text}": write KEY=LOW..HIGH, {_EXAMPLES}')
    ends = [found[1], found[2]]
    options = [option.strip() for option in found[3].split(",")[1:]]
    law: dict[str, Any] = {"law": "uniform"}
    times = [_TIMES.match(end) for end in ends]
    if all(times):
        law = {"law": "factor"}
        ends = [match[1] for match in times if match is not None]
    for option in options:
        name, _, number = option.partition("=")
        if option == "log" and law["law"] == "uniform":
            law["law"] = "loguniform"
        elif name == "most" and law["law"] == "factor" and is_number(_read(number)):
            law["most"] = _read(number)
        else:
            raise InputError(
                f'--key "{text}": "{option}" means nothing there; write ",log" or, with factors, ",most=1"'
            )
    return key.strip(), law | {"low": _read(ends[0]), "high": _read(ends[1])}


def _read(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text.strip()


def design_of(asked: Sensitivity, *, seed: int) -> Design:
    """Return the design of an analysis: the same for the same question and seed."""
    make = sobol_design if asked.method == "sobol" else morris_design
    return make(len(asked.of), asked.number, seed=seed)


def design_points(experiment: Experiment, asked: Sensitivity, design: Design) -> list[dict[str, Any]]:
    """Return the values of all keys at every point of a design, dotted key -> value; counts are rounded.

    Raises
    ------
    InputError
        For a factor on a key that the scenario does not have, or on a value that cannot be multiplied.
    """
    tree = experiment.scenario.model_dump(mode="json")
    points: list[dict[str, Any]] = [{} for _ in design.unit]
    for column, (name, law) in enumerate(asked.of.items()):
        keys = tuple(name.split(JOINED))
        values = law.at(design.unit[:, column])
        if isinstance(law, Uniform | LogUniform) and all(_is_whole(tree, key) for key in keys):
            values = [round(value) for value in values]
        for point, value in zip(points, values, strict=True):
            if isinstance(law, Factor):
                point |= multiplied(tree, keys, value, most=law.largest)
            else:
                point |= dict.fromkeys(keys, value)
    return points


def _is_whole(tree: dict[str, Any], key: str) -> bool:
    """Whether what the experiment says of a key is a whole number: then only whole numbers will do."""
    try:
        return all(isinstance(value, int) and not isinstance(value, bool) for _, value in places(tree, key))
    except InputError:  # it says nothing
        return False


def range_text(law: Any) -> str:
    """Return the range of a law in a few words: ``"0.2 to 0.8"``, ``"× 0.5 to 2"``."""
    if isinstance(law, Factor):
        return f"× {law.low:g} to {law.high:g}"
    if law.law in ("uniform", "loguniform", "integers"):
        low, high = (f"{end:g}" if is_number(end) else end for end in (law.low, law.high))
        return f"{low} to {high}" + (" (by factors)" if law.law == "loguniform" else "")
    told = {name: value for name, value in law.model_dump(mode="json", exclude_none=True).items() if name != "law"}
    return f"{law.law} " + ", ".join(f"{name} {value}" for name, value in told.items())
