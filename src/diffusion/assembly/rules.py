"""Lowering a scenario and its world to the engine's arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.assembly._traits import sealed
from diffusion.assembly.numbering import Tables, account_names, channel_list, rows_of
from diffusion.assembly.outlets import outlet_rules
from diffusion.assembly.people import logits
from diffusion.assembly.platform_rules import ahead_of, feed_starts, lowered_layers, platform_rules, posts_on
from diffusion.assembly.world import World
from diffusion.engine import arrays
from diffusion.errors import InputError
from diffusion.randomness import name_key
from diffusion.scenario import Scenario
from diffusion.units import HOUR, duration_text, ticks
from diffusion.vocabulary import ChannelKind, Record
from diffusion.world import LinkPlatform, Platform, SocialPlatform

_HUB_OFFSET, _HUB_SCALE, _HUB_MEAN = 10.0, 26.7, 17.0
"""Hub aversion: a_i contains 26.7 / (10 + followers_i) at 17 followers on average. Source: fit to #auspol."""


def logit(share: float) -> float:
    """Return ln(p / (1 - p))."""
    return math.log(share / (1.0 - share))


def lower(scenario: Scenario, world: World, record: Record) -> arrays.World:
    """Lower a scenario to what the kernels read.

    Parameters
    ----------
    scenario : Scenario
    world : World
        Its people, graphs and audiences.
    record : Record
        `EVENTS` keeps the event log.
    """
    _check_lengths(scenario)
    tables = Tables()
    platforms = [p for _, p in sorted(scenario.platforms.items())]
    rules = platform_rules(platforms, scenario, world, tables)
    outlets = outlet_rules(scenario, world, tables)
    weights, repeats, names = _channels(scenario)
    rho = scenario.people.repetition
    trust_column, personal_weight = _personal_weights(scenario, world)
    return arrays.World(
        frame=_frame(scenario, world, platforms, record),
        layers=lowered_layers(scenario, world),
        platforms=rules,
        outlets=outlets,
        accounts=_accounts(scenario, world),
        traits=sealed(_traits(scenario, world)),
        laws=sealed(tables.laws()),
        clocks=sealed(tables.clocks()),
        channel_weight=sealed(weights),
        channel_repeats=sealed(repeats),
        trust_column=sealed(trust_column),
        personal_weight=sealed(personal_weight),
        repetition=sealed(np.array([1.0, rho, rho * rho, rho * rho * rho])),
        names=sealed(names),
    )


def _check_lengths(scenario: Scenario) -> None:
    """Refuse a pace of repeats or a viewing block that would last no tick."""
    for name, outlet in scenario.outlets.items():
        for key in ("breaking_every", "block"):
            lasting_ticks(f"outlets.{name}.{key}", getattr(outlet, key), scenario.run.tick)


def lasting_ticks(where: str, length: float, tick: float) -> int:
    """Return a length in ticks, at least one; raise InputError for one that lasts none."""
    found = ticks(length, tick)
    if found < 1:
        shown = f'{where} = "{duration_text(length)}"'
        raise InputError(f"{shown}: lasts no tick of {duration_text(tick)}; make it longer, or run.tick shorter")
    return found


def _frame(scenario: Scenario, world: World, platforms: list[Platform], record: Record) -> arrays.Frame:
    run = scenario.run
    hour = round(HOUR / run.tick)
    start = run.start
    seconds = start.hour * 3600 + start.minute * 60 + start.second + start.microsecond / 1e6
    any_order = _any_order(scenario, record)
    rows_ahead = [a for a, p in zip(ahead_of(scenario, world), platforms, strict=True) if isinstance(p, LinkPlatform)]
    reshare = sum(1 << at for at, p in enumerate(platforms) if isinstance(p, SocialPlatform) and p.reshare)
    return arrays.Frame(
        n_persons=world.n_persons,
        n_platforms=len(platforms),
        n_outlets=len(scenario.outlets),
        n_stories=len(scenario.stories),
        day=24 * hour,
        hour=hour,
        origin=24 * hour + ticks(seconds, run.tick),
        horizon=ticks(run.horizon, run.tick),
        settle=ticks(run.settle, run.tick),
        bucket_shift=_bucket_shift(ticks(run.horizon, run.tick)),
        tick=run.tick,
        belief_factor=scenario.people.belief_factor,
        threshold_rule=scenario.people.share_rule == "threshold",
        reshare_targets=reshare,
        post_where_met=scenario.people.crosspost == "same",
        feed_words=feed_starts(platforms, world.n_persons)[-1],
        keep_log=record >= Record.EVENTS,
        keep_evidence=record >= Record.ALL,
        any_order=any_order,
        all_ahead=any_order and all(rows_ahead),
        single=len(platforms) == 1 and len(scenario.stories) == 1 and len(channel_list(scenario)) == 2,
    )


def _any_order(scenario: Scenario, record: Record) -> bool:
    """Whether nobody can see in which order those are exposed who have nothing left to decide.

    A log shows it. Evidence, which is read with `record = "all"`, is a clipped sum, and depends on the order of its
    terms unless they all come through one channel; own eyes come before any post.
    """
    return record < Record.ALL or (record == Record.ALL and len(channel_list(scenario)) <= 2)


def _bucket_shift(horizon: int) -> int:
    """Return the calendar's bucket width (as a power of two of ticks): few enough buckets to stay in a core's cache."""
    shift = 0
    while horizon >> shift >= arrays.MOST_BUCKETS:
        shift += 1
    return shift


def _accounts(scenario: Scenario, world: World) -> arrays.Accounts:
    pairs = account_names(scenario)
    codes = {name: code for code, (name, _) in enumerate(channel_list(scenario))}
    offsets, followers = rows_of([world.accounts[pair] for pair in pairs], np.uint32)
    official = [owner in scenario.officials for owner, _ in pairs]
    channels = [codes[owner] if at_home else codes[p] for (owner, p), at_home in zip(pairs, official, strict=True)]
    return arrays.Accounts(
        offsets=offsets,
        followers=followers,
        key=sealed(np.array([name_key(owner) for owner, _ in pairs], dtype=np.uint64)),
        channel=sealed(np.array(channels, dtype=np.int64)),
        official=sealed(np.array(official, dtype=np.uint8)),
        boost=sealed(np.array([scenario.officials[o].boost if o in scenario.officials else 1.0 for o, _ in pairs])),
    )


def _channels(scenario: Scenario) -> tuple[NDArray[np.float64], NDArray[np.uint8], NDArray[np.uint64]]:
    channels = channel_list(scenario)
    trusted: dict[str, Any] = {**scenario.outlets, **scenario.platforms, **scenario.officials}
    weights = np.zeros(arrays.MAX_CHANNELS)
    repeats = np.zeros(arrays.MAX_CHANNELS, dtype=np.uint8)
    names = np.zeros(arrays.MAX_CHANNELS, dtype=np.uint64)
    for code, (name, kind) in enumerate(channels):
        trust = scenario.people.own_eyes_trust if kind == ChannelKind.OWN_EYES else trusted[name].trust
        weights[code] = logit(trust)
        repeats[code] = kind in (ChannelKind.OUTLET, ChannelKind.CONTACT)
        names[code] = name_key("gather" if kind == ChannelKind.OWN_EYES else name)
    return weights, repeats, names


def _personal_weights(scenario: Scenario, world: World) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the column of each channel, and everybody's evidence weights of the channels that have one."""
    channels = [name for name, _ in channel_list(scenario)]
    trusted: dict[str, Any] = {**scenario.outlets, **scenario.platforms, **scenario.officials}
    columns = np.full(arrays.MAX_CHANNELS, -1, dtype=np.int64)
    weights = np.zeros((world.n_persons if world.trust else 0, len(world.trust)), dtype=np.float32)
    for at, (name, own) in enumerate(sorted(world.trust.items())):
        columns[channels.index(name)] = at
        weights[:, at] = logits(np.where(np.isnan(own), trusted[name].trust, own))
    return columns, weights


def homes(scenario: Scenario, world: World) -> NDArray[np.int64]:
    """Return everybody's home, a platform's number: the first active one of posts of which they are a member, or -1.

    First come those of `people.home`, in its order, then the others in the order of names. Open groups are nobody's
    home.
    """
    found = np.full(world.n_persons, -1, dtype=np.int64)
    names = sorted(scenario.platforms)
    for name in dict.fromkeys((*scenario.people.home, *names)):
        if is_home(scenario.platforms[name]):
            found[(found < 0) & world.members[name]] = names.index(name)
    return found


def is_home(p: Platform) -> bool:
    """Whether a platform may be somebody's home: an active one of posts, but not open groups."""
    return isinstance(p, SocialPlatform) and p.active and getattr(p, "carrier", None) is None


def _traits(scenario: Scenario, world: World) -> NDArray[np.float32]:
    traits = np.zeros((world.n_persons, 4), dtype=np.float32)
    targets = np.zeros(world.n_persons, dtype=np.uint16)
    places = posts_on(scenario)
    home = homes(scenario, world)
    traits[:, arrays.PRIOR] = world.prior
    traits[:, arrays.FOLLOWED] = 1.0
    for at, (name, p) in enumerate(sorted(scenario.platforms.items())):
        if not isinstance(p, SocialPlatform) or not is_home(p):
            continue
        here = home == at
        scale = _HUB_SCALE * p.typical_followers / _HUB_MEAN
        offset = _HUB_OFFSET * p.typical_followers / _HUB_MEAN
        followers = world.audience_sizes(name)[here].astype(np.float64)
        traits[here, arrays.PROPENSITY] = world.propensity[here] * scale / (offset + followers)
        if isinstance(p, LinkPlatform):
            followed = world.graphs[name].n_followed[here] + p.followed_elsewhere
        else:
            followed = followers
        traits[here, arrays.FOLLOWED] = np.maximum(followed, 1.0)
        posting = world.members[name] if scenario.people.crosspost == "all" else here
        targets[posting] |= np.uint16(places[at])
        targets[world.members[name]] |= np.uint16(1 << (8 + at))
    traits[:, arrays.TARGETS] = targets
    return traits
