"""Other values of the keys of platforms, and what the world needs for them to matter, for test_every_key.py."""

from key_cases import ALONG, CIRCLE, CLUB, CLUBS, FRIENDS, TAGS, Case, Tables

MUTUAL = {"file": "given", "meaning": "mutual"}
CLOCK = [0.2] * 12 + [1.8] * 12

ON_FOLLOW = {
    "kind": Case("contact", {"platforms.extra": {"kind": "follow", "graph": MUTUAL}}, "platforms.extra.kind"),
    "active": Case(False, place="platforms.blog.active"),
    "members": Case(0.5),
    "graph": Case({"generator": "popularity", "mean_followers": 3.0}),
    "weights": Case("ignore", place="platforms.blog.weights"),
    "sessions": Case("10/day"),
    "session_length": Case("3 h"),
    "scroll": Case("1 min"),
    "visibility": Case("20 min"),
    "visibility_sd": Case(0.0),
    "followed_elsewhere": Case(20.0),
    "popularity": Case(1.0, {"platforms.chirp.visibility": "20 min"}),
    "feed_length": Case(1),
    "close": Case(0.9),
    "notified": Case(0.0),
    "notified_below": Case(3.0),
    "notice": Case("30 min"),
    "awake_level": Case(1.2),
    "latency": Case("10 min"),
    "reaction": Case("1 min"),
    "clock": Case(CLOCK),
    "waits": Case("edge"),
    "reshare": Case(False),
    "typical_followers": Case(80.0, place="platforms.blog.typical_followers"),
    "trust": Case(0.01),
}
ON_CONTACT = {
    "kind": Case("follow", {"platforms.extra": {"kind": "contact", "graph": MUTUAL}}, "platforms.extra.kind"),
    "active": Case(False),
    "graph": Case({"generator": "random", "mean_contacts": 2.0}),
    "meetings": Case("1/h"),
    "alarm": Case(10.0),
    "tell": Case(0.1),
    "window": Case("10 min"),
    "clock": Case(CLOCK),
    "trust": Case(0.01),
}


def on(platform: str, whole: Tables, cases: dict[str, Case], left_out: set[str]) -> dict[str, Case]:
    """The cases of one kind of platform for another, which is added to the world."""
    also = {f"platforms.{platform}": whole}
    found = {}
    for key, case in cases.items():
        if key not in left_out:
            beside = {place.replace("chirp", platform): value for place, value in case.also.items()}
            found[key] = Case(case.value, {**also, **beside})
    return found


ON_FRIENDS = {
    **on("circle", {**CIRCLE, "graph": MUTUAL}, ON_FOLLOW, {"kind", "graph", "members"}),
    "kind": Case("friend", {"platforms.extra": {"kind": "contact", "graph": MUTUAL}}, "platforms.extra.kind"),
    "graph": Case(FRIENDS, {"platforms.circle": {**CIRCLE, "graph": MUTUAL}}),
    "members": Case(0.5, {"platforms.circle": CIRCLE}),
    "typical_followers": Case(80.0, {"platforms.a home": CIRCLE}, "platforms.a home.typical_followers"),
}
ON_GROUPS = {
    **on("club", CLUB, ON_FOLLOW, {"kind", "graph", "weights", "followed_elsewhere"}),
    "graph": Case({**CLUBS, "memberships": 1.0}, {"platforms.club": CLUB}),
    "posts_in": Case("one", {"platforms.club": CLUB}),
    "typical_followers": Case(80.0, {"platforms.a home": CLUB}, "platforms.a home.typical_followers"),
    "carrier": Case("chirp", {**TAGS, "platforms.club": CLUB, "stories.quake.tags": {}}),
    "along": Case("blog", ALONG),
}
