"""The same scenario and seed give the same event log as long as `diffusion.MODEL_VERSION` stays the same.

If a test here fails, the events of some scenario have changed. Was that meant? Then raise `MODEL_VERSION`, let
`python tests/test_golden.py` print the numbers of the new version, add them to `GOLDEN` below the old ones, which stay
as they are, and list the change in the changelog under *Changed*.
"""

import hashlib
from dataclasses import fields

import numpy as np
import pytest

from diffusion import MODEL_VERSION
from diffusion.outcome import Events, Outcome
from diffusion.simulation import simulate
from diffusion.vocabulary import EventKind
from golden_worlds import WORLDS, golden

RUNS = [(name, seed, replicate) for name in WORLDS for seed, replicate in ((1, 0), (2, 1))]

GOLDEN: dict[int, dict[str, str]] = {
    1: {
        "defaults 1 0": "7769 0a67ab892aae37c960e1b4cceba86f8f",
        "defaults 2 1": "7627 0ca04393f6041a65069e92a4f0dac868",
        "newsrooms 1 0": "8052 9d2c991a2f971a2f6e7b9b51189e448b",
        "newsrooms 2 1": "7647 99ba6b628fcb1c8963a9c579cd2cded8",
        "feeds 1 0": "7886 b277befaa68f77ad8d34d98227bd9d2f",
        "feeds 2 1": "6914 0118d6f05642e48276c388b7de0dcd45",
        "thresholds 1 0": "1054 fedba440272ff9cb689aab98cda916e8",
        "thresholds 2 1": "890 9afadd43ba65a3eebaf736ca87bff5a7",
    },
}
"""Model version -> run -> number of events and the first half of the log's SHA-256."""


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
    events = simulate(golden("defaults").changed(change), record="events").events
    assert events is not None
    assert checksum(events) != GOLDEN[MODEL_VERSION]["defaults 1 0"]


if __name__ == "__main__":
    print(f"    {MODEL_VERSION}: {{")
    for run in RUNS:
        print(f'        "{" ".join(map(str, run))}": "{found(*run)}",')
    print("    },")
