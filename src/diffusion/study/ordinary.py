"""Ordinary posts: many stories of one author each on one world, with every view and every share of them.

The posts do not meet: each runs as if the others did not exist. `simulation.cascades` answers for everybody in the
world, story by story; here only the log of each post is read, so that a post costs what it touches.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.assembly import World, draw_luck, draw_origins
from diffusion.engine import arrays
from diffusion.engine.draws import uniforms
from diffusion.engine.workspace import workspace
from diffusion.errors import InputError
from diffusion.randomness import draw_key, name_key, start_key
from diffusion.scenario import Scenario
from diffusion.simulation import Runner
from diffusion.study.samples import ROOT, CascadeSample, Floats, Positions
from diffusion.units import DAY, HOUR, ticks
from diffusion.vocabulary import EventKind, Purpose
from diffusion.world import FollowPlatform

FEED, POST = "feed", "post"
"""Names of the platform and of the story in `ordinary_scenario`."""

APPEAL, APPEAL_SD, APPEAL_CAP, APPEAL_MEAN = 0.067, 0.3, 0.14, 17.0
"""Appeal of an ordinary post: log-normal with this median, ln-sd and cap at 17 followers per person, and in inverse
proportion to them elsewhere. The median is chosen to meet the target on structural virality (.07 in a prototype without
clustering); ln-sd: fit of that prototype; the cap is chosen (without it the most appealing posts never end)."""

PROTOTYPE: dict[str, Any] = {
    "platforms.feed.session_length": "12 min",
    "platforms.feed.notified": 0.02,
    "stories.post.half_life": "50 h",
    "stories.post.appeal": 0.07,
}
"""Changes of `ordinary_scenario` that bring back a prototype's fit, made on graphs without clustering (at 17 followers
per person)."""

WINDOW = 7 * DAY
"""For how long a post is followed. Source: Twitter15 is told up to seven days."""

_AT_ONCE = 5_000
"""Posts whose logs are held at one time (chosen: some 50 MB)."""


@dataclass(frozen=True)
class PostSample:
    """Posts with their cascades and views.

    Attributes
    ----------
    cascades : CascadeSample
        One cascade per post, the posts that nobody passed on included.
    view_post : (v,) int64
        Number of the post of each view, ascending. Views of reshares count as views of the post; a person who meets it
        twice views it twice; authors do not view their own post.
    view_seconds : (v,) float64
        After the post, ascending within each post.
    """

    cascades: CascadeSample
    view_post: Positions
    view_seconds: Floats

    @property
    def n_posts(self) -> int:
        """Number of posts."""
        return self.cascades.n_cascades


def ordinary_scenario(
    persons: int | None = 1_000_000,
    *,
    mean_followers: float = 17.0,
    graph: dict[str, Any] | None = None,
    changes: dict[str, Any] | None = None,
) -> Scenario:
    """Return a world of one platform, and an ordinary post.

    Parameters
    ----------
    persons : int, optional
        None where the graph is given to `Runner`.
    mean_followers : float
        Scales the appeal and hub aversion; the mean of the generated graph. 17: real follow graphs at hand have 5 to 33
        followers on average.
    graph : dict, optional
        The platform's graph, as in an experiment file. By default generated with communities, exponent 2.5, reciprocity
        .4 and clustering .4, all in the range of real follow graphs.
    changes : dict, optional
        Dotted keys and their values, as for `Scenario.changed`; `PROTOTYPE` undoes the tuning.
    """
    generated = {
        "generator": "communities",
        "mean_followers": mean_followers,
        "exponent": 2.5,
        "reciprocity": 0.4,
        "clustering": 0.4,
    }
    scale = APPEAL_MEAN / mean_followers
    tables: dict[str, Any] = {
        "run": {"start": "2016-11-08T00:00:00", "horizon": "192 h", "record": "events"},
        "people": {"count": persons},
        "platforms": {
            FEED: {"kind": "follow", "graph": graph or generated, "typical_followers": mean_followers},
        },
        "stories": {
            POST: {
                "kind": "citizen_post",
                "authors": 1,
                "appeal": APPEAL * scale,
                "appeal_sd": APPEAL_SD,
                "appeal_cap": APPEAL_CAP * scale,
            }
        },
    }
    scenario = Scenario.model_validate(tables)
    return scenario.changed(changes) if changes else scenario


def simulate_posts(runner: Runner, count: int, *, author_weight: float, name: str) -> PostSample:
    """Simulate posts of the scenario's one story, each by an author of its own and at an hour of its own.

    Parameters
    ----------
    runner : Runner
        Of a scenario with one follow platform and one story, whose authors and hour are replaced.
    count : int
    author_weight : float
        Authors are drawn (with replacement) in proportion to (followers + 1) to this power.
    name : str
        Names the sample: another name is another sample of posts. Posts fall within the first day as sessions do
        (uniform in operational time).

    Returns
    -------
    PostSample
        A pure function of (scenario, graph, seed, author_weight, name), and its first posts do not depend on `count`.

    Raises
    ------
    InputError
        If the scenario is not of that form, or ends before the last post has been followed for `WINDOW`.
    """
    scenario = runner.scenario
    if len(scenario.stories) != 1 or len(scenario.platforms) != 1 or count < 1:
        raise InputError(
            f"{len(scenario.platforms)} platforms, {len(scenario.stories)} stories, {count} posts: "
            "ordinary posts need one follow platform, one story and at least 1 post"
        )
    if scenario.run.horizon < DAY + WINDOW:
        raise InputError(f"run.horizon: ordinary posts need {(DAY + WINDOW) / HOUR:g} h")
    world, _ = runner.lowered(0)
    drawn = _draw(scenario, world, runner.seed, (count, author_weight, name))
    parts = [_read(scenario, world, drawn, rows) for rows in _logs(runner, drawn)]
    offset = np.cumsum([0] + [tree.size for tree, *_ in parts])
    tree, seconds, person, parent, view_post, view_seconds = (
        np.concatenate(
            [part[c] if c != 3 else np.where(part[c] < 0, ROOT, part[c] + offset[k]) for k, part in enumerate(parts)]
        )
        for c in range(6)
    )
    followers = next(iter(world.graphs.values())).n_followers
    sample = CascadeSample(
        tree=tree,
        seconds=seconds,
        followers=followers[person].astype(np.float64),
        parent=parent,
        unit=np.arange(count),
        unit_name="cascades",
        follow_up=np.full(count, WINDOW),
        source=f"{count} posts by authors drawn in proportion to (followers + 1)^{author_weight:g}",
    )
    return PostSample(sample, view_post, view_seconds)


@dataclass(frozen=True)
class _Drawn:
    """Who posts when: (n,) persons and ticks, under which names."""

    author: Positions
    tick: Positions
    seconds: Floats
    names: list[str]


def _uniforms(seed: int, name: str, count: int) -> Floats:
    out = np.empty(count)
    uniforms(np.uint64(draw_key(start_key(seed, 0, Purpose.AUTHOR), name_key(name))), out)
    return out


def _draw(scenario: Scenario, world: World, seed: int, asked: tuple[int, float, str]) -> _Drawn:
    count, weight, name = asked
    ((platform, rules),) = scenario.platforms.items()
    if not isinstance(rules, FollowPlatform):
        raise InputError(f"platforms.{platform}: ordinary posts need a follow platform")
    members = np.flatnonzero(world.members[platform])
    mass = np.cumsum((world.graphs[platform].n_followers[members] + 1.0) ** weight)
    at = np.searchsorted(mass, _uniforms(seed, f"{name} author", count) * mass[-1], side="right")
    hours = np.concatenate([[0.0], np.cumsum(rules.clock)])
    seconds = np.interp(_uniforms(seed, f"{name} hour", count) * hours[-1], hours, np.arange(25) * HOUR)
    tick = np.array([ticks(s, scenario.run.tick) for s in seconds.tolist()], dtype=np.int64)
    return _Drawn(
        members[np.minimum(at, members.size - 1)], tick, seconds, [f"{name} {number}" for number in range(count)]
    )


def _logs(runner: Runner, drawn: _Drawn) -> Iterator[NDArray[np.uint32]]:
    """Yield the logs of some posts at a time; the column of the story holds the number of the post."""
    scenario, seed = runner.scenario, runner.seed
    world, rules = runner.lowered(0)
    (story,) = scenario.stories.values()
    kept: list[NDArray[np.uint32]] = []
    for number, (person, name) in enumerate(zip(drawn.author.tolist(), drawn.names, strict=True)):
        label = person if world.labels is None else world.labels[person].item()
        post = story.model_copy(update={"authors": (label,), "at": float(drawn.seconds[number])})
        alone = scenario.model_copy(update={"stories": {name: post}})
        luck = draw_luck(alone, world, seed=seed, replicate=0)
        state = workspace().run(rules, luck, draw_origins(alone, world, seed=seed, replicate=0))
        rows = state.log[: state.registers[arrays.N_LOG]].copy()
        rows[:, 5] = number
        kept.append(rows)
        if len(kept) == _AT_ONCE:
            yield np.concatenate(kept)
            kept = []
    if kept:
        yield np.concatenate(kept)


def _read(scenario: Scenario, world: World, drawn: _Drawn, log: NDArray[np.uint32]) -> tuple[Any, ...]:
    """Return tree, seconds, person and parent of the shares, post and seconds of the views, by post and time."""
    kind, post = log[:, 1], log[:, 5].astype(np.int64)
    seconds = (log[:, 0].astype(np.int64) - drawn.tick[post]) * scenario.run.tick
    in_time = seconds <= WINDOW
    seen = np.flatnonzero((kind == EventKind.EXPOSURE) & in_time)
    shared = np.flatnonzero((kind == EventKind.SHARE) & in_time)
    shared = shared[np.lexsort((seconds[shared], post[shared]))]
    place = post * world.n_persons
    # A log is in the order of events, so that the first exposure of a person is the first one found.
    heard, first = np.unique((place + log[:, 2])[seen], return_index=True)
    own = (place + log[:, 2])[shared]
    parent = np.full(shared.size, ROOT, dtype=np.int64)
    reshare = np.flatnonzero(log[shared, 2] != drawn.author[post[shared]])
    through = seen[first[np.searchsorted(heard, own[reshare])]]
    order = np.argsort(own)
    parent[reshare] = order[np.searchsorted(own[order], place[through] + log[through, 4])]
    views = seen[log[seen, 2] != drawn.author[post[seen]]]
    views = views[np.lexsort((seconds[views], post[views]))]
    return post[shared], seconds[shared], log[shared, 2].astype(np.int64), parent, post[views], seconds[views]
