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

from diffusion.outcome import NO_CHANNEL, Channel, Coverage, Outcome, Posts, Tally
from diffusion.scenario import Scenario
from diffusion.units import NEVER
from diffusion.vocabulary import ChannelKind, Record

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


def outcome(**changes: Any) -> Outcome:
    """The hand-made outcome, with some of its fields changed."""
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
        "evidence": np.array(
            [[2.0, 1.0, 0.5, 1.5, 0.9, np.nan], [np.nan, -1.0, np.nan, np.nan, np.nan, 4.0]], dtype=np.float32
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
    return Outcome(**(made | changes))
