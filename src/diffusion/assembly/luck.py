"""What a replicate draws: keys, stories' numbers, and the events from which a run starts (docs/model.md §7)."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.assembly._traits import key_of, one_value, person_hashes, person_values, sealed, world_replicate
from diffusion.assembly.numbering import account_names
from diffusion.assembly.rules import homes, is_home, lasting_ticks
from diffusion.assembly.world import World
from diffusion.engine import arrays
from diffusion.engine.workspace import Origins
from diffusion.errors import InputError, suggestion
from diffusion.laws import Law, standard_exponential
from diffusion.randomness import name_key
from diffusion.scenario import Scenario
from diffusion.units import ticks
from diffusion.vocabulary import N_PURPOSES, EventKind, Purpose
from diffusion.world import Story

_PLATFORM_DRAWS = (
    Purpose.SESSION,
    Purpose.MEETING,
    Purpose.WAIT,
    Purpose.SCROLL,
    Purpose.NOTICE,
    Purpose.REACTION,
    Purpose.GROUP,
)
_OUTLET_DRAWS = (Purpose.SITE_VISIT, Purpose.GATHER, Purpose.VERIFY, Purpose.ACCEPT, Purpose.TUNED, Purpose.READING)
_STORY_DRAWS = (Purpose.SHARE, Purpose.TELL)


@lru_cache(maxsize=64)
def _keys(purposes: tuple[Purpose, ...], names: tuple[str, ...], seed: int, replicate: int) -> Any:
    table = np.zeros((N_PURPOSES, max(len(names), 1)), dtype=np.uint64)
    for purpose in purposes:
        for at, name in enumerate(names):
            table[purpose, at] = key_of(purpose, seed, replicate, name)
    return sealed(table)


def _appeal(name: str, story: Story, seed: int, replicate: int) -> float:
    appeal = story.appeal
    if story.appeal_sd > 0:
        appeal *= one_value(Law("lognormal", (1.0, story.appeal_sd)), key_of(Purpose.APPEAL, seed, replicate, name))
    return appeal if story.appeal_cap is None else min(appeal, story.appeal_cap)


def _decay(name: str, story: Story, tick: float) -> float:
    return math.log(2.0) / lasting_ticks(f"stories.{name}.half_life", story.half_life, tick)


def draw_luck(scenario: Scenario, world: World, *, seed: int, replicate: int) -> arrays.Luck:
    """Return the keys and the stories' numbers of a replicate."""
    platforms, outlets = tuple(sorted(scenario.platforms)), tuple(sorted(scenario.outlets))
    names = tuple(sorted(scenario.stories))
    stories = [scenario.stories[name] for name in names]
    tick = scenario.run.tick
    place = world_replicate(scenario.run, replicate)
    ties = [key_of(Purpose.TIE, seed, place, p) for p in platforms] or [np.uint64(0)]
    return arrays.Luck(
        platform=_keys(_PLATFORM_DRAWS, platforms, seed, replicate),
        outlet=_keys(_OUTLET_DRAWS, outlets, seed, replicate),
        story=_keys(_STORY_DRAWS, names, seed, replicate),
        tie=sealed(np.array(ties, dtype=np.uint64)),
        story_name=sealed(np.array([name_key(name) for name in names], dtype=np.uint64)),
        tick=sealed(np.array([ticks(s.at, tick) for s in stories], dtype=np.uint32)),
        appeal=sealed(np.array([_appeal(n, s, seed, replicate) for n, s in zip(names, stories, strict=True)])),
        decay=sealed(np.array([_decay(n, s, tick) for n, s in zip(names, stories, strict=True)])),
        newsworthiness=sealed(np.array([s.newsworthiness for s in stories])),
        report=sealed(np.array([s.report for s in stories])),
        truth=sealed(np.array([s.is_true for s in stories], dtype=np.uint8)),
        **_tags(scenario, world),
        rank=sealed(np.array([[s.rank.get(p, 1.0) for p in platforms] for s in stories]).reshape(len(names), -1)),
    )


def _tags(scenario: Scenario, world: World) -> dict[str, Any]:
    """Return the open groups that each story names on each platform, and where each story may be posted."""
    parts, allowed = [], []
    for name, story in sorted(scenario.stories.items()):
        bits = 255
        for at, (platform, rules) in enumerate(sorted(scenario.platforms.items())):
            labels = story.tags.get(platform, ())
            try:
                parts.append(np.unique(world.groups[platform].indices_of(labels) if labels else np.zeros(0, np.int64)))
            except InputError as error:
                raise InputError(f"stories.{name}.tags.{platform}: {error}") from None
            if getattr(rules, "carrier", None) is not None and not labels:
                bits &= ~(1 << at)
        allowed.append(bits)
    offsets = np.concatenate(([0], np.cumsum([part.size for part in parts], dtype=np.int64)))
    tags = np.concatenate(parts) if parts else np.zeros(0)
    return {
        "allowed": sealed(np.array(allowed, dtype=np.uint8)),
        "tag_offsets": sealed(offsets.astype(np.int64)),
        "tags": sealed(tags.astype(np.uint32)),
    }


class _Events:
    """Collects the events from which a run starts."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, int, int]] = []

    def add(self, tick: int, person: int, kind: EventKind, story: int, detail: int) -> None:
        """Add one event."""
        self.rows.append((tick, person, (int(kind) << 29) | (story << 8) | detail))

    def origins(self) -> Origins:
        """Return the events as columns."""
        rows = np.array(self.rows, dtype=np.int64).reshape(-1, 3)
        return rows[:, 0].copy(), rows[:, 1].astype(np.uint32), rows[:, 2].astype(np.uint32)


def draw_origins(scenario: Scenario, world: World, *, seed: int, replicate: int) -> Origins:
    """Return the events from which a run starts: who sees, posts or gathers what, and when."""
    events = _Events()
    outlets, platforms = sorted(scenario.outlets), sorted(scenario.platforms)
    accounts = {pair: at for at, pair in enumerate(account_names(scenario))}
    tick = scenario.run.tick
    for number, name in enumerate(sorted(scenario.stories)):
        story = scenario.stories[name]
        at = ticks(story.at, tick)
        authors = _authors(name, story, scenario, world, seed, replicate)
        for person in authors:
            events.add(at, person, EventKind.OWN_EYES, number, 1)
        for person in _witnesses(name, story, world, seed, replicate):
            if person not in authors:
                events.add(at, person, EventKind.OWN_EYES, number, 0)
        if story.official is not None:
            official = scenario.officials[story.official]
            if scenario.platforms[official.platform].active:
                law_key = key_of(Purpose.APPROVAL, seed, replicate, story.official, name)
                delay = int(one_value(official.approval, law_key) / tick)
                account = world.n_persons + accounts[story.official, official.platform]
                events.add(at + delay, account, EventKind.SHARE, number, platforms.index(official.platform))
        if story.kind == "news":
            for o, outlet_name in enumerate(outlets):
                outlet = scenario.outlets[outlet_name]
                if outlet.active and outlet.gather is not None:
                    law_key = key_of(Purpose.GATHER, seed, replicate, outlet_name, name, "gather")
                    events.add(
                        at + int(one_value(outlet.gather, law_key) / tick), o, EventKind.OUTLET_LEARNS, number, 0
                    )
    return events.origins()


def smallest(scores: NDArray[Any], count: int) -> list[int]:
    """Return the indices of the `count` smallest scores; ties go to the lower index."""
    if count >= scores.size:
        return list(range(scores.size))
    bound = np.partition(scores, count - 1)[count - 1]
    below = np.flatnonzero(scores < bound)
    level = np.flatnonzero(scores == bound)[: count - below.size]
    return sorted([*below.tolist(), *level.tolist()])


def _witnesses(name: str, story: Story, world: World, seed: int, replicate: int) -> list[int]:
    if not story.has_witnesses:
        return []
    scores = person_hashes(key_of(Purpose.WITNESS, seed, replicate, name), world.n_persons)
    if story.witnesses_from is None:
        return smallest(scores, story.witnesses)
    among = np.flatnonzero(_in_role(f"stories.{name}.witnesses_from", story.witnesses_from, world))
    _check_enough(f"stories.{name}.witnesses", story.witnesses, among.size, f'have the role "{story.witnesses_from}"')
    return [int(among[i]) for i in smallest(scores[among], story.witnesses or among.size)]


def _in_role(where: str, role: str, world: World) -> NDArray[np.bool_]:
    if role not in world.people.roles:
        raise InputError(f'{where}: there is no role "{role}"{suggestion(role, world.people.roles)}')
    return world.people.roles[role]


def _check_enough(where: str, wanted: int, found: int, are: str) -> None:
    if not found:
        raise InputError(f"{where}: no persons {are}")
    if found < wanted:
        raise InputError(f"{where} = {wanted}: only {found} persons {are}")


def _authors(name: str, story: Story, scenario: Scenario, world: World, seed: int, replicate: int) -> list[int]:
    if isinstance(story.authors, tuple):
        return sorted({_author(name, label, scenario, world) for label in story.authors})
    if not story.has_authors:
        return []
    home = homes(scenario, world)
    able, are = home >= 0, "are members of a platform"
    if story.authors_from is not None:
        able &= _in_role(f"stories.{name}.authors_from", story.authors_from, world)
        are = f'have the role "{story.authors_from}" and are members of a platform'
    members = np.flatnonzero(able)
    _check_enough(f"stories.{name}.authors", story.authors, members.size, are)
    if not story.authors:
        return [int(i) for i in members]
    key = key_of(Purpose.AUTHOR, seed, replicate, name)
    scores = person_values(standard_exponential(), key, world.n_persons)
    if story.author_weight > 0:
        followers = np.zeros(world.n_persons)
        for at, platform in enumerate(sorted(scenario.platforms)):
            here = home == at
            followers[here] = world.audience_sizes(platform)[here]
        scores = scores / (followers + 1.0) ** story.author_weight
    return [int(members[i]) for i in smallest(scores[members], story.authors)]


def _author(name: str, label: int | str, scenario: Scenario, world: World) -> int:
    where = f"stories.{name}.authors: {label!r}"
    if world.labels is None:
        index = label if isinstance(label, int) and 0 <= label < world.n_persons else -1
    else:
        value: Any = str(label) if world.labels.dtype.kind == "U" else label
        found = (
            int(np.searchsorted(world.labels, value))
            if not isinstance(value, str) or world.labels.dtype.kind == "U"
            else -1
        )
        index = found if 0 <= found < world.n_persons and world.labels[found] == value else -1
    if index < 0:
        raise InputError(f"{where} is not a person of this world (labels {_range(world)})")
    for at in sorted(scenario.platforms):
        platform = scenario.platforms[at]
        if is_home(platform) and world.members[at][index]:
            return int(index)
    raise InputError(f"{where} is not a member of any active platform of posts")


def _range(world: World) -> str:
    if world.labels is None:
        return f"0 to {world.n_persons - 1}"
    return f"such as {world.labels[0]!s}, {world.labels[-1]!s}"
