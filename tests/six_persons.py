"""Two stories in a world of six persons, every column written by hand; the tests of the measures count on it.

Ticks are seconds and the horizon is an hour. "fire" happens at tick 100:

    0 sees it (100), posts on chirp (160)            -> 1 sees the post (200), posts (230), tells 2 at home (500)
    tv learns (400), verifies (700), shows (1000) it -> 3 tunes in at the repeat (1900)
    tv's account posts it on chirp (1000)            -> 4 sees the post (1010), posts (1050)
    5 never hears.

"speech" begins at tick 0: mayor posts (600) -> 5 sees it (601), posts (700) -> 1 sees it at the horizon (3600).
"""

from typing import Any

import numpy as np

from diffusion.outcome import NO_CHANNEL, Channel, Coverage, Credence, Events, Outcome, Posts, Tally, Timeline
from diffusion.scenario import Scenario
from diffusion.units import NEVER
from diffusion.vocabulary import ChannelKind, EventKind, Record
from diffusion.world import Persons

OWN_EYES, TV, CHIRP, HOME, MAYOR = range(5)
MAYORS_ACCOUNT, TVS_ACCOUNT = 6, 7
"""Author numbers: accounts come after the six persons."""


def scenario(**run: Any) -> Scenario:
    followers = {"generator": "popularity", "mean_followers": 2}
    return Scenario.model_validate(
        {
            "run": {"tick": "1 s", "horizon": "1 h", "seed": 1, "replicates": 8, **run},
            "people": {"count": 6},
            "platforms": {
                "chirp": {"kind": "follow", "graph": followers, "latency": "2 s"},
                "home": {"kind": "contact", "graph": {"generator": "households", "size": 2}},
            },
            "outlets": {"tv": {"medium": "television", "accounts": {"chirp": 0.5}}},
            "officials": {"mayor": {"platform": "chirp", "followers": 0.5}},
            "stories": {
                "fire": {"kind": "news", "at": "100 s", "witnesses": 1},
                "speech": {"kind": "statement", "official": "mayor"},
            },
        }
    )


POSTS = (
    # author, story, channel, tick, occurrence
    (0, 0, CHIRP, 160, 0),
    (1, 0, HOME, 200, 0),
    (1, 0, CHIRP, 230, 0),
    (MAYORS_ACCOUNT, 1, CHIRP, 600, 0),
    (5, 1, CHIRP, 700, 0),
    (0, 0, TV, 1000, 0),
    (TVS_ACCOUNT, 0, CHIRP, 1000, 0),
    (4, 0, CHIRP, 1050, 0),
    (0, 0, TV, 1900, 1),
)

NONE = NEVER
OWN, LEARNS, PUBLISHES, SEES, POSTS_IT = (int(kind) for kind in EventKind)
EVENTS = (
    # tick, kind, person, channel, source, story, value
    (100, OWN, 0, OWN_EYES, NONE, 0, 0),
    (160, POSTS_IT, 0, CHIRP, NONE, 0, 0),
    (200, SEES, 1, CHIRP, 0, 0, 0),
    (200, POSTS_IT, 1, HOME, NONE, 0, 0),
    (230, POSTS_IT, 1, CHIRP, NONE, 0, 0),
    (260, SEES, 0, CHIRP, 1, 0, 0),  # what 0 knows already
    (400, LEARNS, 0, OWN_EYES, NONE, 0, 1),
    (500, SEES, 2, HOME, 1, 0, 0),
    (600, POSTS_IT, MAYORS_ACCOUNT, CHIRP, NONE, 1, 0),
    (601, SEES, 5, MAYOR, MAYORS_ACCOUNT, 1, 0),
    (700, POSTS_IT, 5, CHIRP, NONE, 1, 0),
    (1000, PUBLISHES, 0, OWN_EYES, NONE, 0, 0),
    (1000, POSTS_IT, TVS_ACCOUNT, CHIRP, NONE, 0, 0),
    (1010, SEES, 4, CHIRP, TVS_ACCOUNT, 0, 0),
    (1050, POSTS_IT, 4, CHIRP, NONE, 0, 0),
    (1100, SEES, 1, CHIRP, 4, 0, 1),  # for the second time there
    (1900, PUBLISHES, 0, TV, NONE, 0, 1),
    (1900, SEES, 3, TV, 0, 0, 0),
    (3600, SEES, 1, CHIRP, 5, 1, 0),
)
PRIOR = (-1.0, 2.0, 0.5, -0.5, -0.25, 0.0)
WEIGHTS = (3.0, 2.0, -0.75, 0.5, 4.0)
"""By channel; nobody trusts chirp. A second exposure counts half."""


def exposures() -> Any:
    """How often each person met each story through each channel, 2 bits a channel."""
    met = np.zeros((2, 6), dtype=np.uint64)
    for _, kind, person, channel, _, story, _ in EVENTS:
        if kind in (OWN, SEES):
            met[story, person] += np.uint64(1 << 2 * channel)
    return met


def outcome(**changes: Any) -> Outcome:
    """The hand-made outcome, with some of its fields changed.

    The fire:  0 believes from 100 on (2, then 1.25), 1 from 200 to 1100 (1.25, then .875), 2 from 500 on (1), 3 from
    1900 on (1.5), 4 disbelieves from 1010 on (-1). The speech: 5 believes from 601 on (4), 1 at the horizon (1.25).
    """
    n, never = NO_CHANNEL, NEVER
    author, story, channel, tick, occurrence = zip(*POSTS, strict=True)
    columns: dict[str, Any] = {
        "first_tick": np.array(
            [[100, 200, 500, 1900, 1010, never], [never, 3600, never, never, never, 601]], dtype=np.uint32
        ),
        "share_tick": np.array(
            [[160, 230, never, never, 1050, never], [never, never, never, never, never, 700]], dtype=np.uint32
        ),
        "first_channel": np.array([[OWN_EYES, CHIRP, HOME, TV, CHIRP, n], [n, CHIRP, n, n, n, MAYOR]], dtype=np.uint8),
        "first_post": np.array([[never, 0, 1, 8, 6, never], [never, 4, never, never, never, 3]], dtype=np.uint32),
        "posts": Posts(
            np.array(author, dtype=np.uint32),
            np.array(story, dtype=np.int32),
            np.array(channel, dtype=np.uint8),
            np.array(tick, dtype=np.uint32),
            np.array(occurrence, dtype=np.uint32),
        ),
        "coverage": (Coverage("tv", "fire", learned=400, verified=700, published=1000, reason=0),),
        "exposures": exposures(),
        "evidence": np.array(
            [[1.25, 0.875, 1.0, 1.5, -1.0, np.nan], [np.nan, 1.25, np.nan, np.nan, np.nan, 4.0]], dtype=np.float32
        ),
        "credence": Credence(
            np.array(PRIOR, dtype=np.float32), np.array(WEIGHTS)[:, np.newaxis], np.array([1.0, 0.5, 0.25, 0.125])
        ),
        "curve_ticks": np.array([0, 900, 1800, 2700, 3600]),
        "curves": np.array(
            [
                [[0, 1, 1, 1, 1], [0, 0, 0, 1, 1], [0, 1, 2, 2, 2], [0, 1, 1, 1, 1], [0, 0, 0, 0, 0]],
                [[0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0], [0, 1, 1, 1, 1]],
            ]
        ),
    }
    made: dict[str, Any] = {
        "scenario": scenario(),
        "seed": 1,
        "replicate": 0,
        "record": Record.ALL,
        "n_persons": 6,
        "labels": None,
        "people": Persons(6),
        "channels": (
            Channel("own eyes", ChannelKind.OWN_EYES),
            Channel("tv", ChannelKind.OUTLET),
            Channel("chirp", ChannelKind.PLATFORM),
            Channel("home", ChannelKind.CONTACT),
            Channel("mayor", ChannelKind.OFFICIAL),
        ),
        "stories": ("fire", "speech"),
        "outlets": ("tv",),
        "accounts": ("mayor", "tv"),
        "tallies": (
            Tally(offers=9, views=4, exposures=7, shares=3, reached=5),
            Tally(offers=5, views=2, exposures=2, shares=1, reached=2),
        ),
        **columns,
    }
    made |= changes
    return Outcome(timeline=Timeline.of(made["scenario"]), **made)


def logged(**changes: Any) -> Outcome:
    """The same outcome with its event log."""
    columns = [np.array(column) for column in zip(*EVENTS, strict=True)]
    types = (np.uint32, np.uint8, np.uint32, np.uint8, np.uint32, np.uint32, np.uint32)
    events = Events(*(column.astype(kind) for column, kind in zip(columns, types, strict=True)))
    return outcome(**({"record": Record.EVENTS, "events": events} | changes))
