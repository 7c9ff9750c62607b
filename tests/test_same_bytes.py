"""A run is a pure function of scenario, graphs, seed and replicate: whatever else changes, every byte stays."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from diffusion import simulation as module
from diffusion.engine.arrays import DONE, GROW_BATCH, GROW_HEAP, GROW_LOG, GROW_POOL, GROW_POSTS
from diffusion.engine.workspace import Origins, Workspace
from diffusion.outcome import Outcome
from diffusion.scenario import Scenario
from diffusion.simulation import Runner, cascades, ensemble, simulate
from diffusion.vocabulary import EventKind, Record
from outcome_bytes import digest
from worlds import SmallWorld, seeded_world

NUMBERS = range(40)
"""Worlds of one comparison; together they have every kind of event thousands of times."""


def run(world: SmallWorld, record: str = "events") -> Outcome:
    return simulate(world.scenario, graphs=world.graphs, seed=world.seed, replicate=world.replicate, record=record)


def runner_of(world: SmallWorld) -> Runner:
    return Runner(world.scenario, graphs=world.graphs, seed=world.seed, record="events")


@pytest.fixture(scope="module")
def digests() -> list[str]:
    """The digests of the worlds, each run once, in order."""
    return [digest(run(seeded_world(number))) for number in NUMBERS]


@pytest.fixture(scope="module")
def crowd() -> Scenario:
    """A world that outgrows the memory with which a run starts: 3,000 persons, two stories."""
    return Scenario.model_validate(
        {
            "run": {"horizon": "24 h", "seed": 7},
            "people": {"count": 3000},
            "platforms": {
                "chirp": {
                    "kind": "follow", "graph": {"generator": "popularity", "mean_followers": 20.0},
                    "sessions": "40/day", "visibility": "4 h",
                }
            },
            "outlets": {"tv": {"medium": "television", "audience": 1.0, "tune_in": "always"}},
            "stories": {
                "quake": {"kind": "news", "at": "10 min", "witnesses": 1500, "newsworthiness": 0.9},
                "match": {"kind": "news", "authors": 3, "newsworthiness": 0.6},
            },
        }
    )  # fmt: skip


def test_other_luck_gives_other_bytes(crowd: Scenario, digests: list[str]) -> None:
    """Without this the comparisons below would show nothing."""
    assert len(set(digests)) == len(digests)
    assert len(set(ensemble(crowd, replicates=3, record="events", threads=1, measure=digest))) == 3


# --- threads, batches, memory -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("redraw", ["luck", "world"])
def test_threads_and_batches_do_not_matter(crowd: Scenario, redraw: str) -> None:
    scenario = crowd.changed({"run.redraw": redraw})
    together = ensemble(scenario, replicates=6, record="events", threads=1, measure=digest)
    assert ensemble(scenario, replicates=6, record="events", threads=2, measure=digest) == together
    assert ensemble(scenario, replicates=4, record="events", threads=2, measure=digest) == together[:4]
    alone = [digest(simulate(scenario, replicate=k, record="events")) for k in (5, 2, 3)]
    assert alone == [together[k] for k in (5, 2, 3)]


def test_what_a_thread_ran_before_does_not_matter(digests: list[str]) -> None:
    """A workspace is used again: backwards, and in threads that have run nothing yet."""
    assert [digest(run(seeded_world(number))) for number in reversed(NUMBERS)] == digests[::-1]
    with ThreadPoolExecutor(max_workers=2) as pool:
        assert list(pool.map(lambda number: digest(run(seeded_world(number))), NUMBERS)) == digests


def test_memory_that_grows_in_the_middle_of_a_run_does_not_matter(
    crowd: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown: set[int] = set()
    grow = Workspace._grown

    def noted(self: Workspace, state: Any, code: int, needed: int) -> Any:
        grown.add(code)
        return grow(self, state, code, needed)

    fresh = Workspace()
    monkeypatch.setattr(Workspace, "_grown", noted)
    monkeypatch.setattr(module, "workspace", lambda: fresh)
    first = digest(simulate(crowd, record="events"))
    assert grown >= {GROW_POOL, GROW_BATCH, GROW_HEAP, GROW_POSTS, GROW_LOG}
    assert DONE not in grown
    grown.clear()
    assert digest(simulate(crowd, record="events")) == first
    assert not grown, "the second run finds the memory that the first one left"


# --- order ------------------------------------------------------------------------------------------------------------


def reordered(value: Any) -> Any:
    """The same tables with their names and keys the other way round (lists keep their order)."""
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in reversed(value)}
    return value


def test_the_order_in_which_names_are_given_does_not_matter(digests: list[str]) -> None:
    for number in NUMBERS:
        world = seeded_world(number)
        scenario = Scenario.model_validate(reordered(world.scenario.model_dump(mode="json")))
        assert [*scenario.stories] == [*world.scenario.stories][::-1]
        again = world._replace(scenario=scenario, graphs=reordered(world.graphs))
        assert digest(run(again)) == digests[number]


def test_the_order_in_which_origins_are_scheduled_does_not_matter(
    digests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_origins = module.draw_origins

    def shuffled(*given: Any, **keys: Any) -> Origins:
        ticks, persons, words = draw_origins(*given, **keys)
        order = np.random.default_rng(3).permutation(ticks.size)
        return ticks[order], persons[order], words[order]

    monkeypatch.setattr(module, "draw_origins", shuffled)
    assert [digest(run(seeded_world(number))) for number in NUMBERS] == digests


def test_the_width_of_the_calendars_buckets_does_not_matter(
    digests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lower = module.lower
    more = [0]

    def other_width(*given: Any) -> Any:
        rules = lower(*given)
        # Narrower buckets than this would be millions.
        least = max(0, rules.frame.horizon.bit_length() - 18)
        return rules.replaced(frame=rules.frame.replaced(bucket_shift=max(least, rules.frame.bucket_shift + more[0])))

    monkeypatch.setattr(module, "lower", other_width)
    for more[0] in (-3, 1, 5):
        assert [digest(run(seeded_world(number))) for number in NUMBERS] == digests


# --- kernels ----------------------------------------------------------------------------------------------------------

PLAIN = """
from outcome_bytes import digest
from worlds import seeded_world
from diffusion.simulation import simulate
import numba, sys
assert numba.config.DISABLE_JIT
for number in map(int, sys.argv[1:]):
    world = seeded_world(number)
    keys = {"graphs": world.graphs, "seed": world.seed, "replicate": world.replicate, "record": "events"}
    sys.stdout.write(digest(simulate(world.scenario, **keys)) + "\\n")
"""


def test_kernels_give_the_same_bytes_without_being_compiled(digests: list[str]) -> None:
    # 64-bit hashes overflow by design; without compilation numpy says so at every draw.
    command = [sys.executable, "-W", "ignore:overflow encountered:RuntimeWarning", "-c", PLAIN]
    paths = os.pathsep.join(path for path in sys.path if path)
    found = subprocess.run(
        [*command, *map(str, NUMBERS)],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout.split() == digests


# --- what is kept -----------------------------------------------------------------------------------------------------


def bytes_of(value: Any) -> Iterator[bytes]:
    yield repr(value).encode() if not isinstance(value, np.ndarray) else value.tobytes()


def test_how_much_is_kept_does_not_change_what_is_kept() -> None:
    """One checksum of the curves under every level that has them, one of the tallies under all; so for every column."""
    levels = [record.name.lower() for record in Record]
    columns = (
        "tallies",
        "curve_ticks",
        "curves",
        "first_tick",
        "share_tick",
        "first_channel",
        "first_post",
        "exposures",
        "evidence",
    )
    for number in NUMBERS:
        found: dict[str, set[str]] = {name: set() for name in columns}
        kept: dict[str, int] = dict.fromkeys(columns, 0)
        for level in levels:
            outcome = run(seeded_world(number), level)
            for name in columns:
                value = getattr(outcome, name)
                if value is not None:
                    kept[name] += 1
                    found[name].add(hashlib.sha256(b"".join(bytes_of(value))).hexdigest())
        assert all(len(checksums) == 1 for checksums in found.values())
        assert (kept["tallies"], kept["curves"], kept["first_tick"], kept["evidence"]) == (6, 5, 4, 2)


def test_a_story_among_many_is_the_story_alone() -> None:
    """`cascades` runs each story as if the others did not exist."""
    compared = 0
    for number in NUMBERS:
        world = seeded_world(number)
        stories = world.scenario.stories
        keys: dict[str, Any] = {"graphs": world.graphs, "seed": world.seed, "replicate": world.replicate}
        for name, outcome in zip(stories, cascades(world.scenario, stories, record="events", **keys), strict=True):
            alone = world.scenario.model_copy(update={"stories": {name: stories[name]}})
            assert digest(outcome) == digest(simulate(alone, record="events", **keys))
            compared += outcome.events is not None and int(np.count_nonzero(outcome.events.kind == EventKind.EXPOSURE))
    assert compared > 1000
