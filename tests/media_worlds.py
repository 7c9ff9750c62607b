"""Outlets and official accounts of the small random worlds."""

from choices import Choices, Tables, clock


def _slots(choose: Choices, medium: str) -> Tables:
    if medium == "news_site" or (medium != "newspaper" and choose.often(15)):
        return {"schedule": "continuous", "visits": choose.one_of("4/day", "1/h", "100/h"), "clock": clock(choose)}
    if choose.often(40):
        return {"schedule": "slots", "every": choose.one_of("1 h", "15 min", "8 h", "1 day")}
    times = ["06:30", "12:00", "18:05:10", "20:00", "23:59:45"]
    return {"schedule": "slots", "bulletins": sorted(choose.some(times, 1))}


def outlet(choose: Choices, follow: list[str], others: list[str]) -> Tables:
    medium = choose.one_of("wire", "television", "television", "radio", "newspaper", "newspaper", "news_site")
    watches = {}
    for platform in choose.some(follow, 0, 2):
        share = choose.one_of(0.001, 0.05, 0.25, 0.07)
        watches[platform] = choose.one_of(
            share, {"witnesses": choose.between(1, 3)}, {"share": 0.4, "witnesses": choose.between(1, 4)}
        )
    table = {
        "medium": medium,
        "active": choose.often(92),
        "audience": choose.one_of(0.0, 0.3, 0.6, 1.0) if medium == "wire" else choose.one_of(0.3, 0.6, 1.0),
        "habit": choose.one_of(1.0, 0.7),
        "tune_in": choose.one_of("television", "radio", "always", [i / 23 for i in range(24)]),
        "block": choose.one_of("1 h", "25 min", "5 h", "1 day", "2 days"),
        **_slots(choose, medium),
        "coverage": choose.one_of("12 h", "0 s", "50 h", "90 min"),
        "breaking": choose.one_of(0.5, 0.0, 2.0, 0.75),
        "breaking_every": choose.one_of("15 min", "1 h", "7 min"),
        "breaking_for": choose.one_of("2 h", "0 s", "31 min"),
        "gather": choose.one_of("never", choose.law(0, 600, 3600)),
        "verify": choose.law(0, 300, 3000),
        "accept_true": choose.one_of(1.0, 0.7),
        "accept_false": choose.one_of(0.1, 0.6, 1.0),
        "witness_speed": choose.one_of(0.25, 0.0, 2.0),
        "watches": watches,
        "follows": choose.some(others, 0, 2),
        "follow_delay": choose.law(0, 300),
        "statements": choose.one_of("never", choose.law(0, 300)),
        "accounts": {platform: choose.one_of(0.3, 0.8, 1.0) for platform in choose.some(follow, 0, 2)},
        "trust": choose.one_of(0.7, 0.3, 0.9),
    }
    if medium == "newspaper" or choose.often(20):
        table["reading"] = choose.law(0, 7200, 50000)
    return table


def official(choose: Choices, follow: list[str]) -> Tables:
    return {
        "platform": choose.one_of(*follow),
        "followers": choose.one_of(0.2, 0.7, 1.0),
        "approval": choose.law(0, 600, 5000),
        "boost": choose.one_of(1.0, 1.0, 0.2, 5.0),
        "trust": choose.one_of(0.7, 0.05),
    }
