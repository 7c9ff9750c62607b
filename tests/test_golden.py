"""The same scenario and seed give the same event log as long as `diffusion.MODEL_VERSION` stays the same.

The scenarios, `tests/golden/*.json`, have every key of their time written, as stored results have: a changed default is
a change of scenarios, not of the model, and a new key's default must leave them as they are.

If a test here fails, the events of some scenario have changed. Was that meant? Then raise `MODEL_VERSION`, let
`python tests/test_golden.py` print the numbers of the new version, add them to `GOLDEN` below the old ones, which stay
as they are, and list the change in the changelog under *Changed*.
"""

import hashlib
import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from diffusion import MODEL_VERSION
from diffusion.outcome import Events, Outcome
from diffusion.scenario import Scenario
from diffusion.simulation import simulate
from diffusion.vocabulary import EventKind

FOLDER = Path(__file__).with_name("golden")
WORLDS = ("city", "newsrooms", "feeds", "thresholds")
RUNS = [(name, seed, replicate) for name in WORLDS for seed, replicate in ((1, 0), (2, 1))]

GOLDEN: dict[int, dict[str, str]] = {
    1: {
        "city 1 0": "7588 169c7e2898db1843311781f46acdf42e",
        "city 2 1": "7417 f8bca6ddd5e5fe0f6cd2c019909cb6bd",
        "newsrooms 1 0": "8020 10ff1be5aac1e62a8d8d463eb4d534de",
        "newsrooms 2 1": "7658 0f5365aa934b0bb625a1ee835bf8eed9",
        "feeds 1 0": "7823 784a6486fb27a6a3ef1ad3c985d7c272",
        "feeds 2 1": "6855 c6eb9277c937de203f468c312f18aed6",
        "thresholds 1 0": "1047 add5fa4abd49af13ba15c2980bdeae37",
        "thresholds 2 1": "884 abdfc4d39af5fb1eead9fa4f09704780",
    },
}
"""Model version -> run -> number of events and the first half of the log's SHA-256."""


def golden(name: str) -> Scenario:
    return Scenario.model_validate(json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))


def checksum(events: Events) -> str:
    columns = np.stack([getattr(events, column.name).astype("<i8") for column in fields(events)])
    return f"{len(events)} {hashlib.sha256(columns.tobytes()).hexdigest()[:32]}"


def outcome(name: str, seed: int, replicate: int) -> Outcome:
    return simulate(golden(name), seed=seed, replicate=replicate, record="events")


def found(name: str, seed: int, replicate: int) -> str:
    events = outcome(name, seed, replicate).events
    assert events is not None
    return checksum(events)


@pytest.mark.parametrize(("name", "seed", "replicate"), RUNS)
def test_the_model_is_the_one_of_its_version(name: str, seed: int, replicate: int) -> None:
    numbers = GOLDEN.get(MODEL_VERSION)
    assert numbers is not None, f"version {MODEL_VERSION} has no numbers yet; `python tests/test_golden.py` prints them"
    assert found(name, seed, replicate) == numbers[f"{name} {seed} {replicate}"], "raise diffusion.MODEL_VERSION?"


def test_every_version_has_numbers_of_its_own() -> None:
    assert list(GOLDEN) == list(range(1, MODEL_VERSION + 1))
    assert len({tuple(sorted(numbers.items())) for numbers in GOLDEN.values()}) == len(GOLDEN)


def test_much_happens_in_the_worlds() -> None:
    counts = dict.fromkeys(EventKind, 0)
    for name in WORLDS:
        events = outcome(name, 1, 0).events
        assert events is not None
        for kind in EventKind:
            counts[kind] += events.counts()[kind.name]
    assert min(counts.values()) > 20, counts


@pytest.mark.parametrize("change", [{"people.repetition": 0.31}, {"run.seed": 3}, {"stories.hoax.half_life": "2 h"}])
def test_another_model_is_told_apart(change: dict[str, object]) -> None:
    events = simulate(golden("city").changed(change), record="events").events
    assert events is not None
    assert checksum(events) != GOLDEN[MODEL_VERSION]["city 1 0"]


if __name__ == "__main__":
    print(f"    {MODEL_VERSION}: {{")
    for run in RUNS:
        print(f'        "{" ".join(map(str, run))}": "{found(*run)}",')
    print("    },")
