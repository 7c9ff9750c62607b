"""docs/experiment-format.md: every key of an experiment file, from the schema that `diffusion schema` prints."""

from __future__ import annotations

import json
from typing import Any

from tables import markdown

from diffusion.config import schema
from diffusion.world import BANDS, DIETS, PRESETS

Table = dict[str, Any]

SECTIONS = (
    ("run", "`[run]`", ("RunSettings",)),
    ("people", "`[people]`", ("People",)),
    ("roles", "`[roles.NAME]`", ("Role",)),
    ("platforms", "`[platforms.NAME]`", ("FollowPlatform", "ContactPlatform")),
    (
        "graphs",
        "`graph` of a platform",
        (
            "GeneratedFollowers",
            "GeneratedCommunities",
            "GeneratedContacts",
            "GeneratedSpatial",
            "GeneratedNetworkx",
            "GraphFile",
        ),
    ),
    ("outlets", "`[outlets.NAME]`", ("Outlet", "Watch")),
    ("officials", "`[officials.NAME]`", ("Official",)),
    ("stories", "`[stories.NAME]`", ("Story",)),
    ("measures", "`[measures]`", ("Measures",)),
    ("claim", "`[claim]`", ("Claim",)),
    ("known", "`[[known]]`", ("Known",)),
    ("sweep", "`[sweep]`", ("Sweep", "Sample")),
    ("laws", "Laws of a sample", ("Uniform", "LogUniform", "Normal", "LogNormal", "Integers", "Choice")),
    ("until", "`[until]`", ("Until",)),
    ("sensitivity", "`[sensitivity]`", ("Sensitivity", "Factor")),
)

INTRODUCTION = """# The format of an experiment file

An experiment is a TOML file (`experiments/` holds examples). This page lists every key; it is written by
`make docs-results` from what `diffusion schema` prints as JSON Schema. An unknown key, a wrong unit or a value out of
range is refused, in one line that names the place.

* Durations are texts with a unit: `"20 min"`, `"1.5 h"`, `"2 day"`; rates are `"3/day"`, `"0.8/h"`.
* A law stands where a quantity varies: one quantity alone is a constant; else a table, one of
LAWS
* A clock is a name or 24 numbers, one per hour of the day.
* `--set KEY=VALUE` changes any key from the command line, with the dots of its place: `--set people.count=5000`,
  `--set stories.quake.appeal=0.1`; `*` stands for every name: `--set "outlets.*.active=false"`. Several values are a
  sweep: `--set people.count=1000,5000`, `--set "outlets.*.verify=linspace(0 min, 1 h, 5)"`.
"""

VARIANTS = """## `[variants.NAME]`

A variant lists dotted keys with their new values: `"platforms.twitter.active" = false`; `*` stands for every name
(`"outlets.*.active" = false`). A variant without keys is the base as it stands. Variants share seed and replicates, so
that they are compared replicate by replicate; they share every draw that both need.
"""


PRESET_NOTE = """Defaults that depend on `medium` (an empty cell: the default above). Audiences: adults who often get
news there, US 2016 (Pew Research Center)."""


DIET_NOTE = """Audiences by age, as `audience = "NAME"`. pew-2016: US adults who often get news there (Mitchell et al.,
The Modern News Consumer, Pew Research Center, 2016; radio from 30 to 64 and print from 50 to 64 by memory)."""


def page() -> list[str]:
    """Return the lines of experiment-format.md."""
    whole = schema()
    lines = INTRODUCTION.replace("LAWS", "\n".join(laws(whole))).splitlines()
    lines += ["", "## At the top", "", *top(whole), ""]
    for _, heading, names in SECTIONS:
        lines += [f"## {heading}", ""]
        for name in names:
            lines += [*described(whole["$defs"], name), ""]
        if "Outlet" in names:
            lines += [*presets(), "", *diets(), ""]
    return [*lines, *VARIANTS.splitlines()]


def laws(whole: Table) -> list[str]:
    """Return one item per law, with its keys, from any key that takes a law."""
    choices = whole["$defs"]["FollowPlatform"]["properties"]["scroll"]["anyOf"]
    written = []
    for choice in choices:
        if choice.get("type") == "object":
            keys = ", ".join(f"{key} = …" for key in choice["required"] if key != "law")
            written.append(f'`{{ law = "{choice["properties"]["law"]["const"]}", {keys} }}`')
    return [f"  {text}{',' if text != written[-1] else '.'}" for text in written]


def top(whole: Table) -> list[str]:
    rows = [
        [f"`{name}`", form(entry), text(entry)]
        for name, entry in whole["properties"].items()
        if entry.get("type") == "string"
    ]
    return markdown(["key", "written as", "meaning"], rows)


def described(definitions: Table, name: str) -> list[str]:
    entry = definitions[name]
    required = entry.get("required", [])
    rows = []
    for key, value in entry["properties"].items():
        rows.append([f"`{key}`", form(value), default(key, value, required), text(value)])
    return [entry["description"], "", *markdown(["key", "written as", "default", "meaning"], rows)]


def default(key: str, entry: Table, required: list[str]) -> str:
    if "const" in entry:
        return f"`{toml(entry['const'])}`"
    if "default" in entry:
        return f"`{toml(entry['default'])}`"
    if key in required:
        return "**needed**"
    return '`"never"`' if "never" in form(entry) else "–"


def text(entry: Table) -> str:
    return str(entry.get("description", "")).partition(" Written as ")[0].replace("``", "`")


def form(entry: Table) -> str:
    """Say how a value is written."""
    written = str(entry.get("description", "")).partition(" Written as ")[2].rstrip(".")
    if written:
        return written
    if "const" in entry:
        return f"`{toml(entry['const'])}`"
    if "enum" in entry:
        return ", ".join(f"`{toml(choice)}`" for choice in entry["enum"])
    choices = entry.get("anyOf", entry.get("oneOf", ()))
    if choices:
        return " or ".join(dict.fromkeys(form(choice) for choice in choices))
    if "$ref" in entry:
        return "a table"
    if entry.get("type") == "array":
        inner = entry.get("items", {})
        return f"a list, each {form(inner)}" if inner else f"a list of {entry.get('minItems', 'any number of')} values"
    words = {
        "integer": "whole number",
        "number": "number",
        "boolean": "`true` or `false`",
        "string": "text",
        "object": "a table",
    }
    return words.get(entry.get("type", ""), "any value") + bounds(entry)


def bounds(entry: Table) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    found = [f"{sign} {power(entry[key])}" for key, sign in signs.items() if key in entry]
    return " " + ", ".join(found) if found else ""


def power(value: float) -> str:
    exponent = int(value).bit_length() - 1
    return f"2^{exponent}" if exponent > 30 and value == 2**exponent else f"{value:g}"


def toml(value: Any) -> str:
    """Write a value as in an experiment file."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }" if value else "{}"
    if isinstance(value, list) and len(value) == 24:
        return "[24 numbers]"
    return json.dumps(value, ensure_ascii=False)


def presets() -> list[str]:
    """Return a table of what each medium starts from."""
    keys = list(dict.fromkeys(key for preset in PRESETS.values() for key in preset))
    rows = [[f"`{key}`", *(f"`{toml(p[key])}`" if key in p else "" for p in PRESETS.values())] for key in keys]
    return [PRESET_NOTE, "", *markdown(["key", *(f"`{medium}`" for medium in PRESETS)], rows)]


def diets() -> list[str]:
    """Return a table of the audiences that have a name."""
    rows = [
        [f"`{name}`", f"`{medium}`", *(f"{share:g}" for share in shares)]
        for name, diet in DIETS.items()
        for medium, shares in diet.items()
    ]
    return [DIET_NOTE, "", *markdown(["diet", "medium", *BANDS], rows)]
