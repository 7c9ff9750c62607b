"""Adoption by media and by word of mouth (Bass 1969), on a network.

Everybody has a clock of the media and one for each person whom they follow, which starts when that person adopts; the
first to ring makes them adopt. The clocks are exponential and hashes of the persons, so the times are those of a first
passage: persons wait in buckets of time, in which their order does not matter, and every link is followed once but for
a few percent.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, NamedTuple, Unpack

import numpy as np
from numpy.typing import NDArray

from diffusion._jit import hot_inline, hot_kernel
from diffusion.classic.clocks import exponential
from diffusion.classic.numbers import checked_rate
from diffusion.classic.runs import Call, Model, Run, checked_call, run_model
from diffusion.classic.shared import Shared, shares
from diffusion.classic.spread import Spread
from diffusion.classic.waiting import BUCKETS, FEW, PLACES, Waiting, come, refill, wait, waiting_room
from diffusion.errors import InputError, suggestion
from diffusion.randomness import draw, draw2, draw_key, uniform
from diffusion.units import NEVER

STATES = ("not yet", "adopted")
FROM_MEDIA = "random:0"
"""Seeds of this model alone: adoption begins with the media."""
INFLUENCES = ("share", "each")

_FIRST_SHARE = 0.02
"""Share of the word-of-mouth clocks that ring within one bucket: small, so that hardly anybody adopts twice in it."""
_MOST_COLUMNS = 1_000_000
_MOST_RATE = 1e100
_SAFE = 1 - 1e-9


@shares(Shared)
def bass(
    graph: Any,
    *,
    p: float,
    q: float,
    influence: str = "share",
    media: str = "always",
    horizon: float | None = None,
    curve_step: float = 1.0,
    **shared: Unpack[Shared],
) -> Spread:
    """Run the model of Bass: who has not adopted does so at rate p + q * (share of those whom one follows who have).

    On a complete graph of many persons this is the curve F = (1 - exp(-(p + q) t)) / (1 + q / p exp(-(p + q) t)).

    Parameters
    ----------
    graph : FollowerGraph
    p : float
        Rate of adoption by the media (innovation).
    q : float
        Rate of adoption by word of mouth (imitation) of a person all of whose followed have adopted.
    influence : str
        "share": each of the d persons whom one follows adds q / d; "each": each of them adds q.
    media : str
        When the media are on: "always", "3" (from time 3), or "0 10" (from time 0 until 10).
    horizon : float, optional
        When to stop; by default when nobody can adopt any more.
    curve_step : float
        Distance between two points of the curves, in the unit of time of p and q.
    seeds : labels of persons, or str
        Who has adopted at first; "random:10" draws ten persons for each replicate, and "random:0" draws none.
    replicates, seed, threads, record, progress
        As for all models; see `diffusion.classic`.

    Returns
    -------
    Spread
        States not yet and adopted. `extra` has "by_media", (R,): how many adopted because of the media.

    Raises
    ------
    InputError
        If a rate or time is out of its range, nobody could ever adopt, or an argument that all models share is wrong.

    References
    ----------
    F. M. Bass, A new product growth for model consumer durables, Management Science 15, 1969.
    """
    seeds = shared.get("seeds")
    from_media = isinstance(seeds, str) and seeds == FROM_MEDIA
    others = {name: value for name, value in shared.items() if not (from_media and name == "seeds")}
    call = checked_call(graph, others, seeded=not from_media)
    if influence not in INFLUENCES:
        raise InputError(f"influence = {influence!r} is not known{suggestion(str(influence), INFLUENCES)}")
    campaign = Media(checked_rate("p", p), *_window(media))
    imitation, step = checked_rate("q", q), checked_rate("curve_step", curve_step, positive=True)
    _refuse_huge(p=campaign.rate, q=imitation)
    if from_media:
        if campaign.rate == 0:
            raise InputError(f'seeds = "{FROM_MEDIA}" and p = 0: nobody would ever adopt')
        call = replace(call, seeding=replace(call.seeding, text=FROM_MEDIA))
    end = math.inf if horizon is None else checked_rate("horizon", horizon, positive=True)
    asked = {"p": campaign.rate, "q": imitation, "influence": influence, "media": media}
    asked |= {"horizon": horizon, "curve_step": step}
    return _run(call, Plan(campaign, imitation, influence, end, step), asked)


class Media(NamedTuple):
    """When the media are on, and how strongly."""

    rate: float
    begin: float
    end: float


class Plan(NamedTuple):
    """What was asked for, checked."""

    media: Media
    imitation: float
    influence: str
    horizon: float
    step: float


class Links(NamedTuple):
    """Rows of followers, and the rate at which each follower adopts because of one person who has."""

    offsets: NDArray[np.int64]
    followers: NDArray[np.uint32]
    rate: NDArray[np.float64]


def _refuse_huge(**rates: float) -> None:
    for name, rate in rates.items():
        if rate > _MOST_RATE:
            raise InputError(f"{name} = {rate!r}: give a rate of at most {_MOST_RATE:g}; choose a shorter unit of time")


def _window(media: str) -> tuple[float, float]:
    if media == "always":
        return 0.0, math.inf
    try:
        start, stop = [*map(float, str(media).split()), math.inf][:2]
    except ValueError:
        start, stop = math.nan, math.nan
    if not 0 <= start < stop or len(str(media).split()) > 2:
        raise InputError(f'media = {media!r}: give "always", a time from which on, or two times, such as "0 10"')
    return start, stop


def _run(call: Call, plan: Plan, asked: dict[str, Any]) -> Spread:
    graph, n = call.graph, call.graph.n_persons
    rate = np.full(n, plan.imitation)
    if plan.influence == "share":
        rate /= np.maximum(graph.n_followed, 1)
    links = Links(graph.offsets, graph.followers, rate)
    width = _width(plan, float(rate.mean()) * graph.n_links / n)
    wants_curves, nothing = call.keeps("curves"), np.empty(0)

    def one(key: np.uint64, chosen: NDArray[np.uint32]) -> Run:
        """Run one replicate."""
        room: Waiting = call.own(lambda: waiting_room(n))
        keys = np.uint64(draw_key(int(key), 0)), np.uint64(draw_key(int(key), 1))
        parents = np.full(n if call.keeps("parents") else 0, NEVER, dtype=np.uint32)
        times = np.full(n, np.inf) if wants_curves else nothing
        reached = _adopt(links, plan.media, (keys, chosen, plan.horizon, width), room, parents)
        lasted, by_media = _finish(plan.media, (keys[0], chosen), room, reached, times)
        return Run(
            reached=reached,
            counts=(n - reached, reached),
            lasted=lasted,
            curve=_curve(times, plan, lasted) if wants_curves else None,
            times=times if call.keeps("times") else None,
            parents=parents if call.keeps("parents") else None,
            extra={"by_media": by_media},
        )

    found = run_model(call, Model("bass", STATES, asked, is_discrete=False), one)
    return found if found.curve_times is None else replace(found, curve_times=found.curve_times * plan.step)


def _width(plan: Plan, out_rate: float) -> float:
    """Return the width of buckets: short beside word of mouth, or beside the media where there is none."""
    fastest = max(out_rate, plan.media.rate)
    return _FIRST_SHARE / fastest if fastest > 0 else 1.0


def _curve(times: NDArray[np.float64], plan: Plan, lasted: float) -> NDArray[np.int64]:
    """Return persons in each state at 0, step, 2 step … until the horizon, or until nothing changes any more."""
    end = lasted if plan.horizon == math.inf else plan.horizon
    columns = math.ceil(end / plan.step) + 1 if end / plan.step < _MOST_COLUMNS else _MOST_COLUMNS + 1
    if columns > _MOST_COLUMNS:
        raise InputError(f"curve_step = {plan.step!r}: the curves would have too many points; give a larger step")
    adopted = np.searchsorted(np.sort(times), np.arange(columns) * plan.step, side="right")
    return np.stack([times.size - adopted, adopted]).astype(np.int64)


@hot_inline
def _by_media(media, key, person):
    """Return when the media make a person adopt."""
    if media.rate == 0.0:
        return np.inf
    time = media.begin + exponential(draw(key, person)) / media.rate
    return time if time < media.end else np.inf


@hot_kernel
def _adopt(links, media, run, room, parents):
    """Run one replicate; return how many adopted. `run` holds keys, seeds, horizon and the width of buckets."""
    (media_key, key), seeds, horizon, width = run
    per_time, base, size = 1.0 / width, 0.0, 0
    for person in seeds:
        size = wait(room, (person, 0.0, base, per_time), size)
    if media.rate > 0.0:
        for person in range(room.met.size):
            time = _by_media(media, media_key, person)
            if time < np.inf and time <= horizon and room.time[person] == np.inf:
                size = wait(room, (person, time, base, per_time), size)
    since, done = 0, 0
    while room.registers[PLACES]:
        for slot in range(BUCKETS):
            while room.ends[slot]:
                count = come(room, slot)
                done += count
                for k in range(count):
                    size = _tell(links, (key, horizon, base, per_time, room.batch[k]), room, size, parents)
            if room.registers[PLACES] == 0:
                break
        if room.registers[PLACES]:
            # Where few adopted in all buckets together, the next buckets are wider.
            if done - since < FEW:
                per_time *= 0.25
            since = done
            base = refill(room, per_time)
    return size


@hot_inline
def _tell(links, at_person, room, size, parents):
    """Start the clocks of all followers of a person; return how many were ever met."""
    key, horizon, base, per_time, person = at_person
    now = abs(room.time[person])
    for at in range(links.offsets[person], links.offsets[person + 1]):
        follower = links.followers[at]
        before, rate = abs(room.time[follower]), links.rate[follower]
        if before <= now or rate == 0.0:
            continue
        h = draw2(key, person, follower)
        # A wait is at least its uniform number over the rate: most links need no logarithm.
        if now + _SAFE * uniform(h) / rate >= before:
            continue
        moment = now + exponential(h) / rate
        if moment >= before or moment > horizon:
            continue
        size = wait(room, (follower, moment, base, per_time), size)
        if parents.size:
            parents[follower] = person
    return size


@hot_kernel
def _finish(media, who, room, size, times):
    """Write down and forget all times; return the last one, and how many were those of the media."""
    media_key, seeds = who
    last, by_media = 0.0, 0
    for k in range(size):
        person = room.met[k]
        time = abs(room.time[person])
        last = max(last, time)
        # Seeds were met first.
        by_media += k >= seeds.size and time == _by_media(media, media_key, person)
        if times.size:
            times[person] = time
        room.time[person] = np.inf
    return last, by_media
