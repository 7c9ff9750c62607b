"""The reference simulator against worlds small enough to be worked out by hand.

Ticks are seconds, the start is 12:00 on a flat clock. Sessions are so frequent (100 an hour, an hour long: a gap has
chance exp(-100)) that a post is met at once, and contacts meet 1,000 times a second; delays are constant.
"""

import math
from itertools import pairwise
from typing import Any

import pytest

from diffusion.scenario import Scenario
from diffusion.vocabulary import EventKind, Purpose
from reference import ReferenceRun, draws, simulate_reference
from reference.state import NONE

OWN_EYES, LEARNS, PUBLICATION, EXPOSURE, SHARE = (int(kind) for kind in EventKind)
CHAIN = [[1], [2], []]
"""0 is followed by 1, and 1 by 2."""

FOLLOW: dict[str, Any] = {
    "kind": "follow", "graph": {"file": "given", "meaning": "follower,followed"}, "clock": "flat",
    "sessions": "100/h", "session_length": "1 h", "close": 0.0, "notified": 0.0,
    "latency": "1 s", "scroll": "20 s", "reaction": "10 s",
}  # fmt: skip
CONTACT: dict[str, Any] = {
    "kind": "contact", "graph": {"file": "given", "meaning": "mutual"}, "clock": "flat",
    "meetings": "1000/s", "tell": 1.0,
}  # fmt: skip
TELEVISION: dict[str, Any] = {
    "medium": "television", "audience": 1.0, "tune_in": "always", "gather": "10 min", "verify": "20 min",
    "bulletins": ["13:00"], "breaking": 0.5,
}  # fmt: skip
# With one standard person (no spread) in front of the screen, everything about a person is -0.8 and 2.67.
PEOPLE = {"propensity_sd": 0.0, "credulity_sd": 0.0}


def world(rows: list[list[int]], **tables: Any) -> ReferenceRun:
    """Run seed 1 with these rows on every platform, everybody a member; `run` and `people` add to the defaults."""
    run = {"tick": "1 s", "start": "2016-11-08T12:00:00", "horizon": "6 h", **tables.pop("run", {})}
    n = len(rows)
    people = {"count": n, "share_rule": "threshold", **PEOPLE, **tables.pop("people", {})}
    graph = {"rows": rows, "weights": tables.pop("weights", None), "members": [True] * n}
    scenario = Scenario.model_validate({"run": run, "people": people, **tables})
    return simulate_reference(scenario, dict.fromkeys(scenario.platforms, graph), n, seed=1, replicate=0)


def story(**keys: Any) -> dict[str, Any]:
    return {"s": {"kind": "citizen_post", **keys}}


def ticks_of(run: ReferenceRun, kind: int) -> list[tuple[int, int]]:
    """(tick, person) of all events of a kind."""
    return [(event[0], event[2]) for event in run.events if event[1] == kind]


# --- how a post travels -----------------------------------------------------------------------------------------------


def test_a_chain_of_three_passes_a_story_on_with_constant_delays() -> None:
    run = world(CHAIN, platforms={"p": FOLLOW}, stories=story(authors=[0]))
    # Everybody follows one account, so one exposure fills the threshold: S = 1 - 1/1 = 0. Channel 1 is platform p.
    # 0 posts at 0; 1 sees it after 1 + 20 s, reacts for 10 s; 2 sees that 21 s later and posts, to nobody, at 62.
    assert run.events == [
        (0, OWN_EYES, 0, 0, NONE, 0, 1),
        (0, SHARE, 0, 1, NONE, 0, 0),
        (21, EXPOSURE, 1, 1, 0, 0, 0),
        (31, SHARE, 1, 1, NONE, 0, 0),
        (52, EXPOSURE, 2, 1, 1, 0, 0),
        (62, SHARE, 2, 1, NONE, 0, 0),
    ]
    assert (run.offers, run.views) == ([2], [2])
    last = run.state[0, 2]
    assert (last.first_tick, last.first_channel, last.first_source, last.share_tick) == (52, 1, 1, 62)
    # L = -0.8 + log(.55/.45), rounded to 32 bits twice.
    assert last.evidence == pytest.approx(-0.8 + math.log(0.55 / 0.45), abs=1e-6)
    assert (last.survival, last.counts) == (0.0, {1: 1})


@pytest.mark.parametrize(("horizon", "aware"), [(52, 3), (51, 2)])
def test_what_falls_on_the_horizon_happens_and_nothing_later_does(horizon: int, aware: int) -> None:
    run = world(CHAIN, run={"horizon": f"{horizon} s"}, platforms={"p": FOLLOW}, stories=story(authors=[0]))
    assert len(run.state) == aware
    assert run.events[-1][0] == (52 if aware == 3 else 31)


def test_a_buried_post_is_seen_only_by_close_ties_and_those_notified() -> None:
    # Without any visibility R = 0, and even a running session shows nothing (wait 0 < 0 is false).
    buried = {**FOLLOW, "visibility": "0 s"}
    shared: dict[str, Any] = {"stories": story(authors=[0])}
    assert ticks_of(world(CHAIN, platforms={"p": buried}, **shared), EXPOSURE) == []
    close = world(CHAIN, platforms={"p": {**buried, "close": 1.0}}, **shared)
    assert ticks_of(close, EXPOSURE) == [(21, 1), (52, 2)]
    notified = {**buried, "notified": 1.0, "notice": "3 min"}
    # 1 + 180 s, 10 s of reaction, 181 s again.
    assert ticks_of(world(CHAIN, platforms={"p": notified}, **shared), EXPOSURE) == [(181, 1), (372, 2)]
    # The earlier of the two counts: 1 + 20 s of scrolling against 1 + 180 s or 1 + 5 s.
    for notice, seen in (("3 min", 21), ("5 s", 6)):
        both = world([[1], []], platforms={"p": {**FOLLOW, "notified": 1.0, "notice": notice}}, **shared)
        assert ticks_of(both, EXPOSURE) == [(seen, 1)]
    # Nobody here has fewer than 0 followers.
    assert ticks_of(world(CHAIN, platforms={"p": {**notified, "notified_below": 0}}, **shared), EXPOSURE) == []


def test_a_notice_waits_until_the_follower_wakes() -> None:
    # Awake (1.5 against 0.5) from 14:00 on, 2 h after the start: 7200 + 1 + 180.
    hours = [0.5] * 14 + [1.5] * 10
    platform = {**FOLLOW, "clock": hours, "awake_level": 1.0, "visibility": "0 s", "notified": 1.0, "notice": "3 min"}
    run = world([[1], []], platforms={"p": platform}, stories=story(authors=[0], at="10 min"))
    assert ticks_of(run, EXPOSURE) == [(7381, 1)]


def test_contacts_tell_at_the_next_meeting_inside_the_window() -> None:
    pairs = [[1], [0, 2], [1]]
    told: dict[str, Any] = {"stories": story(witnesses=1, newsworthiness=1.0)}
    run = world(pairs, platforms={"talk": CONTACT}, **told)
    # They meet a thousand times a second: each is told one tick later, and tells back; nobody posts.
    first = run.events[0][2]
    assert {event[1] for event in run.events} == {OWN_EYES, SHARE, EXPOSURE}
    reached = {0: [0, 1, 2], 1: [1, 0, 1], 2: [2, 1, 0]}[first]
    assert [run.state[0, i].first_tick for i in range(3)] == reached
    assert all(record.share_tick is None for record in run.state.values())
    assert sum(len(row) for row in pairs) == len(ticks_of(run, EXPOSURE))
    # Ten times an hour they meet within the day, but hardly (chance 3e-6 a pair) within a millisecond.
    seldom = {**CONTACT, "meetings": "10/h"}
    assert len(ticks_of(world(pairs, platforms={"talk": seldom}, **told), EXPOSURE)) == 4
    assert ticks_of(world(pairs, platforms={"talk": {**seldom, "window": "1 ms"}}, **told), EXPOSURE) == []


def test_alarm_makes_pairs_meet_the_more_often_the_graver_the_story() -> None:
    def events(newsworthiness: float, **keys: Any) -> list[Any]:
        told = story(witnesses=1, newsworthiness=newsworthiness)
        talk = {**CONTACT, "window": "1 h", **keys}
        return list(world([[1], [0, 2], [1]], platforms={"talk": talk}, stories=told).events)

    # 4 ** 1 and 4 ** .5; the window stays an hour.
    assert events(1.0, meetings="1/h", alarm=4) == events(1.0, meetings="4/h")
    assert events(0.5, meetings="1/h", alarm=4) == events(0.5, meetings="2/h") != events(0.5, meetings="4/h")


# --- what an exposure does --------------------------------------------------------------------------------------------


def test_the_threshold_rule_shares_once_enough_of_those_followed_have() -> None:
    # 0 to 3 post at once; 4 follows all of them and hears of each at 21, in their order.
    rows = [[4], [4], [4], [4], []]
    run = world(rows, platforms={"p": FOLLOW}, stories=story(authors=[0, 1, 2, 3]))
    threshold = draws.Draws(1, 0, "luck").chance(Purpose.SHARE, "s", 4)
    # S = 1 - n/4 until 1 - S = n/4 reaches the threshold; after that it stands still.
    assert run.state[0, 4].survival == 1 - math.ceil(threshold * 4) / 4
    assert (run.state[0, 4].share_tick, run.state[0, 4].counts) == (31, {1: 3})


def test_the_cascade_rule_multiplies_chances_in_the_order_of_the_page() -> None:
    keys = {"authors": [0], "appeal": 0.01, "half_life": "42 s"}
    run = world([[1], []], platforms={"p": FOLLOW}, stories=story(**keys), people={"share_rule": "cascade"})
    # a = 26.7/10 without followers; after 21 s of a half-life of 42 s novelty is 2**-.5; belief rises with evidence.
    evidence = -0.8 + math.log(0.55 / 0.45)
    belief = (1 + math.exp(0.8)) / (1 + math.exp(-evidence))
    p = 0.01 * 2.67 * 2**-0.5 * belief
    # 1e-6: survival is kept in 32 bits (6e-8), sigma interpolates between 1/64ths (3e-6 of p).
    assert run.state[0, 1].survival == pytest.approx(1 - p, abs=1e-6)


def test_the_weight_of_a_link_multiplies_the_chance_where_it_means_appeal() -> None:
    survival = []
    for meaning in ("ignore", "appeal"):
        run = world(
            [[1], []], weights=[[0.5], []], platforms={"p": {**FOLLOW, "weights": meaning}},
            people={"share_rule": "cascade", "belief_factor": False},
            stories=story(authors=[0], appeal=0.01, half_life="100000000 h"),
        )  # fmt: skip
        survival.append(run.state[0, 1].survival)
    # p = .01 · 2.67, and half of that; 32 bits keep 6e-8.
    assert survival == pytest.approx([1 - 0.0267, 1 - 0.01335], abs=1e-7)


def test_several_sharers_on_a_platform_count_in_full_and_repeats_of_an_outlet_fade() -> None:
    people = {"share_rule": "cascade", "belief_factor": False}
    rare = {"appeal": 0.01, "half_life": "100000000 h"}
    run = world([[2], [2], []], platforms={"p": FOLLOW}, people=people, stories=story(authors=[0, 1], **rare))
    # p = .01 · 2.67 (nobody follows person 2), twice.
    assert run.state[0, 2].survival == pytest.approx((1 - 0.0267) ** 2, abs=1e-7)
    outlet = {**TELEVISION, "bulletins": ["13:00", "14:00"], "coverage": "1 h"}
    stories = {"s": {"kind": "news", "newsworthiness": 0.4, **rare}}
    run = world([[]], platforms={"p": FOLLOW}, outlets={"tv": outlet}, people=people, stories=stories)
    assert run.state[0, 0].survival == pytest.approx((1 - 0.0267) * (1 - 0.3 * 0.0267), abs=1e-7)


def test_evidence_and_what_belief_adds_to_sharing_are_bounded() -> None:
    # From -3, two posts of weight log(99) = 4.6 would lead to 6.2; belief rises 18-fold at the first and counts twice.
    people = {"share_rule": "cascade", "credulity_mean": -3.0}
    rare = {"appeal": 0.01, "half_life": "100000000 h"}
    trusted = {"p": {**FOLLOW, "trust": 0.99}}
    run = world([[1], []], platforms=trusted, people=people, stories=story(authors=[0], **rare))
    assert run.state[0, 1].survival == pytest.approx(1 - 2 * 0.0267, abs=1e-7)
    run = world([[2], [2], []], platforms=trusted, people={**people, "repetition": 1.0}, stories=story(authors=[0, 1]))
    assert run.state[0, 2].evidence == 4.0


@pytest.mark.parametrize(("crosspost", "posts"), [("home", [(31, 1)]), ("all", [(31, 1), (61, 1)])])
def test_a_sharer_posts_at_home_or_everywhere(crosspost: str, posts: list[tuple[int, int]]) -> None:
    # Home is p, the first in the order of names; on q the same reaction takes 40 s instead of 10.
    platforms = {"q": {**FOLLOW, "reaction": "40 s"}, "p": FOLLOW}
    run = world([[1], []], people={"crosspost": crosspost}, platforms=platforms, stories=story(authors=[0]))
    assert [post for post in ticks_of(run, SHARE) if post[1] == 1] == posts
    assert run.state[0, 1].share_tick == 31


@pytest.mark.parametrize(
    ("home", "active", "post"), [([], True, 31), (["q"], True, 61), (["q", "p"], True, 61), (["q"], False, 31)]
)
def test_the_preferred_home_comes_before_the_order_of_names(home: list[str], active: bool, post: int) -> None:
    # The reaction takes 10 s on p and 40 s on q; 1 sees the author's post after 21 s wherever the author is at home.
    platforms = {"q": {**FOLLOW, "reaction": "40 s", "active": active}, "p": FOLLOW}
    run = world([[1], []], people={"home": home}, platforms=platforms, stories=story(authors=[0]))
    assert [post for post in ticks_of(run, SHARE) if post[1] == 1] == [(post, 1)]


def test_without_resharing_only_what_was_seen_is_posted() -> None:
    # report = 1 fills the threshold rule's share at once, so each witness posts; a follower may not pass it on.
    rows = [[1], [0]]
    for reshare, sharers in ((True, 2), (False, 1)):
        platforms = {"p": {**FOLLOW, "reshare": reshare}}
        run = world(rows, platforms=platforms, stories=story(witnesses=1, report=1.0))
        assert (len(run.state), len(ticks_of(run, SHARE))) == (2, sharers)


def test_an_author_of_a_fake_gains_no_evidence_from_having_made_it() -> None:
    made = {kind: world([[1], []], platforms={"p": FOLLOW}, stories={"s": {"kind": kind, "authors": [0]}})
            for kind in ("fake", "citizen_post")}  # fmt: skip
    assert made["fake"].state[0, 0].evidence == draws.f32(-0.8)
    assert made["citizen_post"].state[0, 0].evidence == pytest.approx(-0.8 + math.log(0.95 / 0.05), abs=1e-6)


# --- newsrooms --------------------------------------------------------------------------------------------------------


def test_a_quiet_story_waits_for_the_bulletin() -> None:
    run = world([[], []], outlets={"tv": TELEVISION}, stories={"s": {"kind": "news", "newsworthiness": 0.4}})
    # Gathered after 600 s, verified after 1200 s more, broadcast at 13:00; the audience watches it then.
    assert run.events == [
        (600, LEARNS, 0, 0, NONE, 0, 1),
        (3600, PUBLICATION, 0, 0, NONE, 0, 0),
        (3600, EXPOSURE, 0, 1, 0, 0, 0),
        (3600, EXPOSURE, 1, 1, 0, 0, 0),
    ]
    assert run.coverage == {(0, 0): (600, 1800, 3600, 0)}
    # Verified at 13:00 sharp is in time.
    outlet = {**TELEVISION, "verify": "50 min"}
    sharp = world([[]], outlets={"tv": outlet}, stories={"s": {"kind": "news", "newsworthiness": 0.4}})
    assert sharp.coverage == {(0, 0): (600, 3600, 3600, 0)}
    assert run.state[0, 0].evidence == pytest.approx(-0.8 + math.log(0.75 / 0.25), abs=1e-6)


def test_breaking_news_is_repeated_at_its_pace_and_then_in_bulletins() -> None:
    outlet = {**TELEVISION, "bulletins": None, "every": "1 h", "coverage": "2.5 h"}
    outlet |= {"breaking_every": "10 min", "breaking_for": "20 min"}
    run = world([[]], outlets={"tv": outlet}, stories={"s": {"kind": "news", "newsworthiness": 0.9}})
    # First at 1800 (12:30); 10 and 20 minutes later; a fourth after 30 would be past the 20, so the first slot after
    # that, 13:00, and then each hour up to 1800 + 9000. Exposures count 0, 1, 2, 3 and stay at 3.
    published = [(e[0], e[3], e[6]) for e in run.events if e[1] == PUBLICATION]
    assert published == [(1800, 0, 0), (2400, 1, 1), (3000, 1, 2), (3600, 1, 3), (7200, 1, 4), (10800, 1, 5)]
    assert [e[6] for e in run.events if e[1] == EXPOSURE] == [0, 1, 2, 3, 3, 3]
    # ρ = .3: 1 + .3 + .09 + 3 · .027 times the weight of the channel; 32 bits keep 2e-7 at each of six steps.
    assert run.state[0, 0].evidence == pytest.approx(-0.8 + 1.471 * math.log(3), abs=2e-6)


def test_one_viewing_block_has_one_draw_however_often_bulletins_come() -> None:
    outlet = {**TELEVISION, "habit": 0.5, "block": "1 day", "bulletins": ["13:00", "13:30", "14:00"]}
    run = world(
        [[] for _ in range(100)], outlets={"tv": outlet}, stories={"s": {"kind": "news", "newsworthiness": 0.4}}
    )
    watching = [{i for tick, i in ticks_of(run, EXPOSURE) if tick == at} for at in (3600, 5400, 7200)]
    assert watching[0] == watching[1] == watching[2]
    # Binomial(100, .5) lies outside 30 … 70 with chance 4e-5; the draws are fixed.
    assert 30 <= len(watching[0]) <= 70


def test_who_watches_depends_on_the_hour_of_the_bulletin() -> None:
    # Everybody from 14:00 on, nobody before: of 13:00 and 14:00 only the second is seen.
    outlet = {**TELEVISION, "tune_in": [0.0] * 14 + [1.0] * 10, "bulletins": ["13:00", "14:00"]}
    run = world([[]], outlets={"tv": outlet}, stories={"s": {"kind": "news", "newsworthiness": 0.4}})
    assert ticks_of(run, PUBLICATION) == [(3600, 0), (7200, 0)]
    assert ticks_of(run, EXPOSURE) == [(7200, 0)]


def test_readers_read_later_and_visitors_come_while_the_story_stands() -> None:
    news = {"s": {"kind": "news", "newsworthiness": 0.4}}
    paper = {**TELEVISION, "reading": "2 h"}
    assert ticks_of(world([[]], outlets={"paper": paper}, stories=news), EXPOSURE) == [(3600 + 7200, 0)]
    # A site publishes once verified, at 1800; visits come 1,000 times a second, or (this person's first) some minutes
    # later: within a day, not within a second.
    site = {**TELEVISION, "schedule": "continuous", "clock": "flat", "visits": "1000/s", "reading": "30 s"}
    assert ticks_of(world([[]], outlets={"site": site}, stories=news), EXPOSURE) == [(1830, 0)]
    seldom = {**site, "visits": "1/h", "coverage": "24 h"}
    assert len(ticks_of(world([[]], outlets={"site": seldom}, stories=news), EXPOSURE)) == 1
    brief = {**seldom, "coverage": "1 s"}
    assert ticks_of(world([[]], outlets={"site": brief}, stories=news), EXPOSURE) == []


def test_a_newsroom_sees_sharers_when_the_settle_interval_ends() -> None:
    # The chain posts at 0, 31, 62, 93; a quarter of ten members is 2.5, so it takes the third.
    rows = [[1], [2], [3], *[[] for _ in range(7)]]
    outlet = {**TELEVISION, "watches": {"p": 0.25}, "witness_speed": 0.25}
    run = world(
        rows,
        run={"settle": "1 min"},
        platforms={"p": FOLLOW},
        outlets={"tv": outlet},
        stories=story(authors=[0], newsworthiness=0.5),
    )
    # Seen at 120, the end of [60, 120). One witness has posted: 1200/(1 + .25) = 960, on air at once at 1080.
    # Channels: 1 is the outlet, 2 the platform.
    assert [e for e in run.events if e[1] == LEARNS] == [(120, LEARNS, 0, 2, NONE, 0, 1)]
    assert run.coverage == {(0, 0): (120, 1080, 1080, 2)}


def test_witnesses_posts_alone_are_enough_for_who_watches_for_them() -> None:
    outlet = {**TELEVISION, "audience": 0.0, "watches": {"p": {"witnesses": 2}}}
    run = world(
        [[] for _ in range(50)], run={"settle": "1 min"}, platforms={"p": FOLLOW}, outlets={"tv": outlet},
        stories=story(witnesses=2, report=1.0), people={"share_rule": "cascade"},
    )  # fmt: skip
    # p = min(.95, 1); both thresholds of these witnesses lie below. They react for 10 s.
    assert [tick for tick, _ in ticks_of(run, SHARE)] == [10, 10]
    assert ticks_of(run, LEARNS) == [(60, 0)]


def test_a_rejected_story_is_not_published_and_a_late_one_is_already_covered() -> None:
    fake = {"s": {"kind": "fake", "authors": [0], "newsworthiness": 0.9}}
    # Nobody is a witness of a fake: it is the sharer that tv sees, and nothing shortens its 20 minutes of verification.
    outlet = {**TELEVISION, "watches": {"p": {"share": 0.01}}}
    shared: dict[str, Any] = {"platforms": {"p": FOLLOW}, "stories": fake}
    run = world([[], []], outlets={"tv": {**outlet, "accept_false": 0.0}}, **shared)
    assert [(e[1], e[6]) for e in run.events if e[1] in (LEARNS, PUBLICATION)] == [(LEARNS, 0)]
    # tv learns at 1 (one tick of settling), airs at 1 + 1200; the wire, which follows it 1 h behind, airs at once at
    # 4801 and is in turn followed by tv, which has it already.
    wire = {"medium": "wire", "gather": None, "verify": "0 s", "follow_delay": "1 h", "follows": ["tv"]}
    tv = {**outlet, "follows": ["wire"], "follow_delay": "5 min", "coverage": "0 s"}
    both = {"tv": {**tv, "accept_false": 1.0}, "wire": {**wire, "accept_false": 1.0, "coverage": "0 s"}}
    run = world([[], []], outlets=both, **shared)
    assert [(e[0], e[2], e[3], e[6]) for e in run.events if e[1] == LEARNS] == [
        (1, 0, 3, 1), (4801, 1, 1, 1), (5101, 0, 2, 2),
    ]  # fmt: skip
    assert [(e[0], e[2]) for e in run.events if e[1] == PUBLICATION] == [(1201, 0), (4801, 1)]


def test_an_official_and_an_outlets_account_post_to_those_who_follow_them() -> None:
    run = world(
        [[], []],
        platforms={"p": {**FOLLOW, "reshare": False}},
        outlets={"tv": {**TELEVISION, "audience": 0.0, "statements": "5 min", "accounts": {"p": 1.0}}},
        officials={"mayor": {"platform": "p", "followers": 1.0, "approval": "1 min"}},
        stories={"s": {"kind": "statement", "official": "mayor", "newsworthiness": 0.9}},
    )
    # Channels: 1 tv, 2 p, 3 mayor; authors: 2 mayor, 3 tv's account. Approved at 60, noticed 300 s later, verified for
    # 1200 s. The official's post has the official's channel, the outlet's account the platform's.
    mayor, tv = 60, 60 + 300 + 1200
    assert run.events[:4] == [
        (mayor, SHARE, 2, 2, NONE, 0, 0),
        (mayor + 21, EXPOSURE, 0, 3, 2, 0, 0),
        (mayor + 21, EXPOSURE, 1, 3, 2, 0, 0),
        (mayor + 300, LEARNS, 0, 3, NONE, 0, 1),
    ]
    assert (tv, SHARE, 3, 2, NONE, 0, 0) in run.events
    assert (tv + 21, EXPOSURE, 1, 2, 3, 0, 0) in run.events
    assert (run.offers, run.views) == ([4], [4])


def test_events_stand_in_the_total_order() -> None:
    rows = [[1, 2, 3], [0, 2], [0, 3], [0, 1]]
    platforms = {"p": FOLLOW, "talk": CONTACT}
    tv = {**TELEVISION, "watches": {"p": 0.5}, "bulletins": None, "every": "1 min"}
    stories = {s: {"kind": "news", "newsworthiness": 0.9, "witnesses": 2} for s in ("a", "b")}
    run = world(rows, platforms=platforms, outlets={"tv": tv}, stories=stories)
    assert {event[1] for event in run.events} == {OWN_EYES, LEARNS, PUBLICATION, EXPOSURE, SHARE}
    assert all(a[:6] < b[:6] for a, b in pairwise(run.events))
