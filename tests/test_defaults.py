"""Every default of an experiment file names where it comes from, or says that it was chosen or assumed."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from diffusion.config import schema

EXPERIMENTS = Path(__file__).resolve().parents[1] / "experiments"
NAMED = re.compile(r"\b(Source|Assumed|assumed|Chosen|chosen)\b|\bet al\. \d{4}")
NOTHING: tuple[Any, ...] = (None, "", [], {})
"""Defaults that say nothing is there."""


def keys() -> list[tuple[str, str, Any, str]]:
    """(object, key, default, text) of every key that has a default other than nothing, or one value only."""
    return [
        (name, key, entry["default"], entry["description"])
        for name, described in schema()["$defs"].items()
        for key, entry in described.get("properties", {}).items()
        if "const" not in entry and entry.get("default") not in NOTHING
    ]


def test_every_default_says_where_it_comes_from() -> None:
    found = keys()
    assert len(found) > 100, "the walk through the schema found too little"
    assert [f"{name}.{key} = {default}" for name, key, default, text in found if not NAMED.search(text)] == []


def test_a_number_without_a_source_would_be_found() -> None:
    assert not NAMED.search("How often a person opens the platform. Written as a rate such as 3/day.")
    assert NAMED.search("Mean local clustering. Chosen.")


@pytest.mark.parametrize("path", sorted(EXPERIMENTS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_bounds_of_a_claim_are_marked_as_chosen(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    bounds = {"above", "below"} & tomllib.loads(text).get("claim", {}).keys()
    claim = text.rpartition("[claim]")[2]
    for key in bounds:
        (line,) = re.findall(rf"^{key} = .*$", claim, re.MULTILINE)
        assert "# chosen" in line, f"{path.name}: say beside {key} that it was chosen"
