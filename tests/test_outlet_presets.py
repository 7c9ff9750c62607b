"""A medium's preset stands where nothing else was written, also after the medium has changed."""

from typing import Any

import pytest

from diffusion.scenario import Scenario
from diffusion.world import PRESETS, Outlet

WRITTEN: dict[str, Any] = {"medium": "television", "trust": 0.75, "habit": 0.5}
"""`trust` is written as the preset has it, and stays."""


def scenario() -> Scenario:
    tables = {"people": {"count": 9}, "outlets": {"x": WRITTEN}, "stories": {"s": {"kind": "news", "witnesses": 1}}}
    return Scenario.model_validate(tables)


@pytest.mark.parametrize("medium", PRESETS)
def test_another_medium_brings_its_preset_and_keeps_what_was_written(medium: str) -> None:
    found = scenario().changed({"outlets.x.medium": medium}).outlets["x"]
    assert found == Outlet.model_validate({**WRITTEN, "medium": medium})
    assert (found.trust, found.habit) == (0.75, 0.5)


def test_what_an_earlier_change_wrote_stays_too() -> None:
    found = scenario().changed({"outlets.x.audience": 0.1}).changed({"outlets.x.medium": "newspaper"}).outlets["x"]
    assert found == Outlet.model_validate({**WRITTEN, "medium": "newspaper", "audience": 0.1})
    assert (found.every, found.bulletins) == (None, (6 * 3600,))


def test_a_scenario_written_out_in_full_is_the_same() -> None:
    changed = scenario().changed({"outlets.x.medium": "news_site"})
    assert Scenario.model_validate(changed.model_dump(mode="json")) == changed
