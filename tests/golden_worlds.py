"""Small worlds that stay as they are, so that their event logs tell whether the model has changed."""

from typing import Any

from diffusion.scenario import Scenario

Tables = dict[str, Any]

BUSY: Tables = {"sessions": "20/day", "visibility": "2 h", "notified": 0.3, "notified_below": 12.0, "reaction": "5 min"}
FOLLOW: Tables = {"kind": "follow", "graph": {"generator": "popularity", "mean_followers": 8.0}}
CROWD: Tables = {"generator": "communities", "mean_followers": 8.0, "clustering": 0.4, "community_size": 20.0}
FRIENDS: Tables = {"generator": "friends", "mean_friends": 6.0, "clustering": 0.3, "community_size": 15.0}
CLUBS: Tables = {"generator": "groups", "memberships": 2.0, "group_size": 6.0}

DEFAULTS: Tables = {
    "people": {"count": 300},
    "platforms": {
        "chirp": FOLLOW,
        "work": {"kind": "contact", "graph": {"generator": "random", "mean_contacts": 6.0}},
        "home": {"kind": "contact", "graph": {"generator": "households", "size": 3}},
    },
    "outlets": {
        "tv": {"medium": "television"}, "radio": {"medium": "radio"}, "paper": {"medium": "newspaper"},
        "site": {"medium": "news_site", "watches": {"chirp": 0.02}}, "agency": {"medium": "wire"},
    },
    "officials": {"mayor": {"platform": "chirp", "followers": 0.3}},
    "stories": {
        "quake": {"kind": "news", "witnesses": 5},
        "speech": {"kind": "statement", "official": "mayor", "at": "2 h"},
        "party": {"kind": "citizen_post", "authors": 2, "at": "30 min"},
        "hoax": {"kind": "fake", "authors": 2},
    },
}  # fmt: skip
"""Almost nothing is said: a changed default is another log."""

NEWSROOMS: Tables = {
    "run": {"start": "2016-11-08T17:00:00", "horizon": "36 h", "settle": "10 s", "redraw": "world"},
    "people": {"count": 200, "ages": {"18-29": 0.4, "30-49": 0.3, "50-64": 0.2, "65+": 0.1}, "crosspost": "same"},
    "platforms": {
        "chirp": {**FOLLOW, **BUSY, "members": {"18-29": 0.9, "30-49": 0.8, "50-64": 0.6, "65+": 0.4}},
        "blog": {**FOLLOW, **BUSY},
    },
    "outlets": {
        "tv": {"medium": "television", "watches": {"blog": {"witnesses": 2}}, "accounts": {"chirp": 0.3}},
        "paper": {"medium": "newspaper", "gather": "never", "follows": ["tv"], "watches": {"chirp": 0.1}},
        "site": {"medium": "news_site", "visits": "1/h", "accept_false": 0.5, "witness_speed": 2.0},
        "radio": {"medium": "radio", "audience": "pew-2016", "gather": "never", "follows": ["site"]},
    },
    "officials": {"mayor": {"platform": "chirp", "followers": 0.5, "boost": 4.0}},
    "stories": {
        "quake": {"kind": "news", "witnesses": 9, "appeal": 1.0, "newsworthiness": 0.9, "report": 0.9},
        "vote": {"kind": "news", "newsworthiness": 0.3, "appeal": 2.0, "half_life": "5 h"},
        "hoax": {"kind": "fake", "authors": 3, "author_weight": 1.0, "appeal": 3.0, "appeal_sd": 0.5},
        "speech": {"kind": "statement", "official": "mayor", "appeal": 1.0},
    },
}

FEEDS: Tables = {
    "run": {"tick": "1 s", "horizon": "24 h"},
    "people": {"count": 150, "crosspost": "all", "repetition": 0.6, "belief_factor": False},
    "roles": {"stars": {"most_followed": 10}, "some": {"share": 0.3}},
    "platforms": {
        "chirp": {**FOLLOW, **BUSY, "graph": CROWD, "popularity": 0.5, "feed_length": 20},
        "circle": {"kind": "friend", **BUSY, "graph": FRIENDS, "waits": "edge"},
        "club": {"kind": "group", **BUSY, "graph": CLUBS, "posts_in": "one"},
        "tags": {"kind": "group", **BUSY, "graph": CLUBS, "carrier": "chirp"},
        "town": {"kind": "contact", "graph": {"generator": "spatial", "mean_contacts": 4.0}, "meetings": "1/h"},
    },
    "stories": {
        "quake": {"kind": "news", "witnesses": 6, "witnesses_from": "some", "appeal": 3.0, "tags": {"tags": [0, 1]}},
        "rumour": {"kind": "fake", "authors": 2, "authors_from": "stars", "appeal": 4.0, "rank": {"chirp": 0.5}},
    },
}

THRESHOLDS: Tables = {
    "run": {"horizon": "12 h"},
    "people": {"count": 150, "share_rule": "threshold", "home": ["chirp", "blog"]},
    "platforms": {
        "blog": {**FOLLOW, **BUSY, "graph": CROWD, "reshare": False},
        "chirp": {
            **FOLLOW, **BUSY, "members": 0.8,
            "graph": {"generator": "networkx", "function": "watts_strogatz_graph", "arguments": {"k": 6, "p": 0.1}},
        },
    },
    "stories": {"quake": {"kind": "news", "witnesses": 40}, "hoax": {"kind": "fake", "authors": 30}},
}  # fmt: skip

WORLDS = {"defaults": DEFAULTS, "newsrooms": NEWSROOMS, "feeds": FEEDS, "thresholds": THRESHOLDS}


def golden(name: str) -> Scenario:
    return Scenario.model_validate(WORLDS[name])
