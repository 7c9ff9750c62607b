"""The format of an experiment file, as an object and as JSON Schema."""

from __future__ import annotations

import inspect
import re
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from diffusion.scenario import Claim, Known, Measures, RunSettings, Sensitivity, Sweep, Until
from diffusion.units import duration_text, rate_text
from diffusion.world import Official, Outlet, People, Platform, Role, Story
from diffusion.world.types import PROFILES, TUNE_IN, Frozen, clock

_HEADING = re.compile(r"^Attributes\n-+\n", re.MULTILINE)
_ENTRY = re.compile(r"^(\S.*?) : (.*)\n((?:    .*\n?|\n)*)", re.MULTILINE)


class ExperimentFile(Frozen):
    """An experiment: one world, its media and its stories, variants that differ in a few keys, measures and a claim.

    Attributes
    ----------
    name : text
        Name of the results' folder; by default the file's.
    title : text
        One line for figures and tables.
    run : table
        How it is run.
    people : table
        Who lives in the world.
    roles : tables by name
        Sets of persons, for authors and witnesses.
    platforms, outlets, officials, stories : tables by name
        Social layers and contacts; traditional media; official accounts; what happens.
    measures : table
        What is measured.
    claim : table
        A claim, and the condition under which the numbers support it.
    known : tables in a list
        Numbers from outside against which variants are held.
    sweep : table
        The points at which all variants are run.
    until : table
        When there are replicates enough.
    sensitivity : table
        Which keys `diffusion sensitivity` varies, and the measure that it asks about; a run does not look at it.
    variants : tables by name
        Each lists dotted keys and their new values: "platforms.twitter.active" = false; "*" stands for every name.
    """

    name: str = ""
    title: str = ""
    run: RunSettings = RunSettings()
    people: People = People()
    roles: dict[str, Role] = {}
    platforms: dict[str, Platform] = {}
    outlets: dict[str, Outlet] = {}
    officials: dict[str, Official] = {}
    stories: dict[str, Story]
    measures: Measures = Measures()
    claim: Claim | None = None
    known: tuple[Known, ...] = ()
    sweep: Sweep | None = None
    until: Until | None = None
    sensitivity: Sensitivity | None = None
    variants: dict[str, dict[str, Any]] = {}


class _Described(GenerateJsonSchema):
    """JSON Schema whose properties carry what the objects' docstrings say, and defaults as people write them."""

    def model_schema(self, schema: Any) -> dict[str, Any]:
        """Describe every property of an object; TOML has no null, so neither has the schema."""
        made = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        made["description"] = (inspect.getdoc(model) or "").partition("\n")[0]
        made.pop("title", None)
        texts = attribute_texts(model)
        for name, described in made.get("properties", {}).items():
            _without_null(described)
            if "default" in described:
                described["default"] = _written_default(model, name)
            form = described.get("description")
            described["description"] = texts.get(name, "") + (f" Written as {form}." if form else "")
        return made


def _without_null(described: dict[str, Any]) -> None:
    described.pop("title", None)
    if described.get("default", 0) is None:
        del described["default"]
    choices = [choice for choice in described.get("anyOf", ()) if choice.get("type") != "null"]
    if len(choices) == 1:
        del described["anyOf"]
        described.update({**choices[0], **described})
    elif choices:
        described["anyOf"] = choices


def _written_default(model: type[BaseModel], name: str) -> Any:
    """Return a field's default as it would stand in a file."""
    field = model.model_fields[name]
    value = TypeAdapter(model).dump_python(model.model_construct(), mode="json", warnings=False)[name]
    named = {name: clock(name) for name in PROFILES} | TUNE_IN
    return next(
        (word for word, hours in named.items() if field.default == hours and word != "flat"), _with_units(value)
    )


def _with_units(value: Any) -> Any:
    """Write "7200.0 s" as "2 h"."""
    if isinstance(value, dict):
        return {key: _with_units(item) for key, item in value.items() if item is not None}
    if isinstance(value, str) and value.endswith(" s"):
        return duration_text(float(value.removesuffix(" s")))
    if isinstance(value, str) and value.endswith("/s"):
        return rate_text(float(value.removesuffix("/s")))
    return value


def attribute_texts(model: type[BaseModel]) -> dict[str, str]:
    """Return what the numpydoc section "Attributes" of a class, and of those it extends, says, by attribute."""
    texts: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        parts = _HEADING.split(inspect.cleandoc(cls.__doc__ or ""), maxsplit=1)
        for match in _ENTRY.finditer(parts[1] + "\n" if len(parts) == 2 else ""):
            text = " ".join(match[3].split())
            texts.update({name.strip("` "): text for name in re.split(r",| or ", match[1]) if text})
    return texts


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of experiment files, for editors and other programs."""
    made = ExperimentFile.model_json_schema(schema_generator=_Described)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "diffusion experiment", **made}
