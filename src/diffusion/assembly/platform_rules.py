"""Lowering platforms: links, groups, attention and rules (docs/model.md §4)."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.assembly._traits import sealed
from diffusion.assembly.numbering import Tables, column_of
from diffusion.assembly.world import World
from diffusion.engine import arrays
from diffusion.graphs import FollowerGraph, Memberships
from diffusion.scenario import RunSettings, Scenario
from diffusion.units import HOUR, NEVER, ticks
from diffusion.world import ContactPlatform, GroupPlatform, LinkPlatform, Platform, SocialPlatform


def lowered_layers(scenario: Scenario, world: World) -> list[arrays.Layer]:
    """Return the links and the attention of all platforms, eight in all."""
    none = arrays.Layer(
        offsets=np.zeros(1, np.int64),
        followers=np.zeros(0, np.uint32),
        weights=np.zeros(0, np.float32),
        since=np.zeros(0, np.uint32),
        until=np.zeros(0, np.uint32),
        attention=np.zeros((0, 2), np.float32),
        group_offsets=np.zeros(0, np.int64),
        groups=np.zeros(0, np.uint32),
        traffic=np.zeros(0, np.float64),
    )
    found = []
    for name in sorted(scenario.platforms):
        if name in world.groups:
            found.append(_group_layer(world.groups[name], world.attention[name], none))
            continue
        graph = world.graphs[name]
        weights = none.weights if graph.weights is None else graph.weights
        since, until = _open_ticks(graph, scenario.run)
        found.append(
            none.replaced(
                offsets=np.asarray(graph.offsets),
                followers=np.asarray(graph.followers),
                weights=weights,
                since=since,
                until=until,
                attention=world.attention.get(name, none.attention),
            )
        )
    return found + [none] * (arrays.MAX_PLATFORMS - len(found))


def _open_ticks(graph: FollowerGraph, run: RunSettings) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the ticks from which and until which links are open; (0,) where all are from the start, or for ever."""
    start = (run.start - datetime(1970, 1, 1)).total_seconds() if graph.clock == "wall" else 0.0
    found = []
    for seconds, always in ((graph.since, 0), (graph.until, NEVER)):
        at = np.zeros(0, np.uint32)
        if seconds is not None:
            after = np.rint(np.maximum(seconds.astype(np.float64) - start, 0.0) / run.tick)
            at = np.where(seconds == NEVER, NEVER, np.minimum(after, NEVER)).astype(np.uint32)
        found.append(sealed(at if np.any(at != always) else at[:0].copy()))
    return found[0], found[1]


def _group_layer(groups: Memberships, attention: Any, none: arrays.Layer) -> arrays.Layer:
    offsets, by_person = groups.by_person()
    sizes = groups.sizes.astype(np.float64)
    typical = float(np.median(sizes[sizes >= 2])) if np.any(sizes >= 2) else 1.0
    layer: arrays.Layer = none.replaced(
        offsets=groups.offsets,
        followers=groups.members,
        attention=attention,
        group_offsets=offsets,
        groups=by_person,
        traffic=sealed(typical / np.maximum(sizes, 1.0)),
    )
    return layer


def _carriers(names: list[str], platforms: list[Platform]) -> list[int]:
    """Return the number of the platform that carries each platform's open groups, or -1."""
    return [names.index(p.carrier) if isinstance(p, GroupPlatform) and p.carrier is not None else -1 for p in platforms]


def posts_on(scenario: Scenario) -> list[int]:
    """Return, as bits by platform, where a share on each platform appears: there, and in the open groups it carries."""
    names = sorted(scenario.platforms)
    platforms = [scenario.platforms[name] for name in names]
    found = [1 << at for at in range(len(names))]
    for at, carrier in enumerate(_carriers(names, platforms)):
        if carrier >= 0 and platforms[at].active:
            found[carrier] |= 1 << at
    return found


def platform_rules(platforms: list[Platform], scenario: Scenario, world: World, tables: Tables) -> arrays.PlatformRules:
    """Return the rules of all platforms."""
    names = sorted(scenario.platforms)
    tick = scenario.run.tick

    def column(
        dtype: Any, follow: Callable[[SocialPlatform], Any], contact: Callable[[ContactPlatform], Any] = lambda c: 0
    ) -> Any:
        values = [contact(p) if isinstance(p, ContactPlatform) else follow(p) for p in platforms]
        return column_of(arrays.MAX_PLATFORMS, dtype, values)

    carriers = np.full(arrays.MAX_PLATFORMS, -1, dtype=np.int64)
    carriers[: len(names)] = _carriers(names, platforms)
    weighted = [
        isinstance(p, LinkPlatform) and p.weights == "appeal" and world.graphs[name].weights is not None
        for name, p in zip(names, platforms, strict=True)
    ]
    return arrays.PlatformRules(
        contact=column(np.uint8, lambda p: 0, lambda c: 1),
        active=column(np.uint8, lambda p: p.active, lambda c: c.active),
        clock=column(np.int64, lambda p: tables.clock(p.clock), lambda c: tables.clock(c.clock)),
        edge_waits=column(np.uint8, lambda p: p.waits == "edge"),
        session_hours=column(np.float64, lambda p: p.session_length / HOUR),
        close=column(np.float64, lambda p: p.close),
        notified=column(np.float64, lambda p: p.notified),
        notified_below=column(np.float64, lambda p: p.notified_below),
        awake_level=column(np.float64, lambda p: p.awake_level),
        latency=column(np.int64, lambda p: ticks(p.latency, tick)),
        scroll=column(np.int64, lambda p: tables.law(p.scroll)),
        notice=column(np.int64, lambda p: tables.law(p.notice)),
        reaction=column(np.int64, lambda p: tables.law(p.reaction)),
        weighted=column_of(arrays.MAX_PLATFORMS, np.uint8, weighted),
        meetings=column(np.float64, lambda p: 0.0, lambda c: c.meetings * HOUR),
        alarm=column(np.float64, lambda p: 1.0, lambda c: c.alarm),
        window=column(np.float64, lambda p: 0.0, lambda c: c.window / HOUR),
        tell=column(np.float64, lambda p: 0.0, lambda c: c.tell),
        popularity=column(np.float64, lambda p: p.popularity),
        group=column(np.uint8, lambda p: isinstance(p, GroupPlatform)),
        one_group=column(np.uint8, lambda p: isinstance(p, GroupPlatform) and p.posts_in == "one"),
        carrier=sealed(carriers),
        posts_on=column_of(arrays.MAX_PLATFORMS, np.uint8, posts_on(scenario)),
        feed_length=column_of(arrays.MAX_PLATFORMS, np.int64, _feed_lengths(platforms)),
        feed_start=column_of(arrays.MAX_PLATFORMS, np.int64, feed_starts(platforms, world.n_persons)[:-1]),
        surely=column_of(arrays.MAX_PLATFORMS, np.int64, _surely(platforms, scenario, tables)),
        ahead=column_of(arrays.MAX_PLATFORMS, np.uint8, ahead_of(scenario, world)),
    )


def _surely(platforms: list[Platform], scenario: Scenario, tables: Tables) -> list[int]:
    """Return the last ticks at which somebody may turn to a post and surely view it within the horizon.

    It is -1 where exposures must happen in their order: in feeds that bury posts.
    """
    run, laws, found = scenario.run, tables.laws(), []
    for platform, length in zip(platforms, _feed_lengths(platforms), strict=True):
        last = -1
        if length == 0 and not isinstance(platform, ContactPlatform):
            slowest = float(laws[tables.law(platform.scroll)].max()) / run.tick
            last = max(-1, math.floor(ticks(run.horizon, run.tick) - ticks(platform.latency, run.tick) - slowest) - 2)
        found.append(last)
    return found


def ahead_of(scenario: Scenario, world: World) -> list[bool]:
    """Return for each platform whether what becomes of a post is known as soon as somebody has decided to make it.

    So it is where nothing that happens until then has a say: neither how many have shared, nor what lies in feeds, nor
    which links are open. No newsroom may watch the platform: its sharers would have to be counted in their order.
    """
    found = []
    for name in sorted(scenario.platforms):
        platform = scenario.platforms[name]
        if not isinstance(platform, LinkPlatform):
            found.append(False)
            continue
        graph = world.graphs[name]
        plain = platform.popularity == 0 and not platform.feed_length and graph.since is None and graph.until is None
        watched = any(name in outlet.watches for outlet in scenario.outlets.values())
        found.append(plain and not watched)
    return found


def _feed_lengths(platforms: list[Platform]) -> list[int]:
    return [(p.feed_length or 0) if isinstance(p, SocialPlatform) and p.active else 0 for p in platforms]


def feed_starts(platforms: list[Platform], n: int) -> list[int]:
    """Return where each platform's feeds begin, and how many words they take in all."""
    starts = [0]
    for length in _feed_lengths(platforms):
        starts.append(starts[-1] + (n * (length + 1) if length else 0))
    return starts
