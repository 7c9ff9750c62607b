"""The reference simulator against worlds small enough to be worked out by hand.

Ticks are seconds, the start is 12:00 on a flat clock. Sessions are so frequent (100 an hour, an hour long: a gap has
chance exp(-100)) that a post is met at once, and contacts meet 1,000 times a second; delays are constant.
"""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion import laws, randomness
from diffusion.scenario import Scenario
from diffusion.vocabulary import EventKind, Purpose
from reference import ReferenceRun, draws, simulate_reference
from reference.clock import Calendar, OperationalTime
from reference.state import NONE, Agenda, Event

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
    # Once a day, within a millisecond: chance 1e-8 for each of the pairs.
    seldom = {**CONTACT, "meetings": "1/day", "window": "1 ms"}
    assert ticks_of(world(pairs, platforms={"talk": seldom}, **told), EXPOSURE) == []


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
    assert run.state[0, 0].evidence == pytest.approx(-0.8 + math.log(0.75 / 0.25), abs=1e-6)


def test_breaking_news_is_repeated_at_its_pace_and_then_in_bulletins() -> None:
    outlet = {**TELEVISION, "bulletins": None, "every": "1 h", "coverage": "2.5 h"}
    outlet |= {"breaking_every": "15 min", "breaking_for": "30 min"}
    run = world([[]], outlets={"tv": outlet}, stories={"s": {"kind": "news", "newsworthiness": 0.9}})
    # First at 1800 (12:30); 15 and 30 minutes later; a fourth after 45 would be past the 30, so the first slot after
    # 13:00, then each hour up to 1800 + 9000. Exposures count 0, 1, 2, 3 and stay at 3.
    published = [(e[0], e[3], e[6]) for e in run.events if e[1] == PUBLICATION]
    assert published == [(1800, 0, 0), (2700, 1, 1), (3600, 1, 2), (7200, 1, 3), (10800, 1, 4)]
    assert [e[6] for e in run.events if e[1] == EXPOSURE] == [0, 1, 2, 3, 3]
    # ρ = .3: 1 + .3 + .09 + .027 + .027 times the weight of the channel; 32 bits keep 2e-7 at each of five steps.
    assert run.state[0, 0].evidence == pytest.approx(-0.8 + 1.444 * math.log(3), abs=2e-6)


def test_one_viewing_block_has_one_draw_however_often_bulletins_come() -> None:
    outlet = {**TELEVISION, "habit": 0.5, "block": "1 day", "bulletins": ["13:00", "13:30", "14:00"]}
    run = world(
        [[] for _ in range(100)], outlets={"tv": outlet}, stories={"s": {"kind": "news", "newsworthiness": 0.4}}
    )
    watching = [{i for tick, i in ticks_of(run, EXPOSURE) if tick == at} for at in (3600, 5400, 7200)]
    assert watching[0] == watching[1] == watching[2]
    # Binomial(100, .5) lies outside 30 … 70 with chance 4e-5; the draws are fixed.
    assert 30 <= len(watching[0]) <= 70


def test_readers_read_later_and_visitors_come_while_the_story_stands() -> None:
    news = {"s": {"kind": "news", "newsworthiness": 0.4}}
    paper = {**TELEVISION, "reading": "2 h"}
    assert ticks_of(world([[]], outlets={"paper": paper}, stories=news), EXPOSURE) == [(3600 + 7200, 0)]
    # A site publishes once verified, at 1800; visits come 1,000 times a second, or once a day to a story of one second.
    site = {**TELEVISION, "schedule": "continuous", "clock": "flat", "visits": "1000/s", "reading": "30 s"}
    assert ticks_of(world([[]], outlets={"site": site}, stories=news), EXPOSURE) == [(1830, 0)]
    seldom = {**site, "visits": "1/day", "coverage": "1 s"}
    assert ticks_of(world([[]], outlets={"site": seldom}, stories=news), EXPOSURE) == []


def test_a_newsroom_sees_sharers_when_the_settle_interval_ends() -> None:
    # The chain posts at 0, 31, 62, 93; three sharers are 30 % of ten members.
    rows = [[1], [2], [3], *[[] for _ in range(7)]]
    outlet = {**TELEVISION, "watches": {"p": 0.3}, "witness_speed": 0.25}
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
    outlet = {**TELEVISION, "watches": {"p": {"witnesses": 1}}}
    shared: dict[str, Any] = {"platforms": {"p": FOLLOW}, "stories": fake}
    run = world([[], []], outlets={"tv": {**outlet, "accept_false": 0.0}}, **shared)
    assert [(e[1], e[6]) for e in run.events if e[1] in (LEARNS, PUBLICATION)] == [(LEARNS, 0)]
    # tv learns at 1 (one tick of settling), airs at 1 + 960; the wire, which follows it 1 h behind, airs at once at
    # 4561 and is in turn followed by tv, which has it already.
    wire = {"medium": "wire", "gather": None, "verify": "0 s", "follow_delay": "1 h", "follows": ["tv"]}
    tv = {**outlet, "follows": ["wire"], "follow_delay": "5 min", "coverage": "0 s"}
    both = {"tv": {**tv, "accept_false": 1.0}, "wire": {**wire, "accept_false": 1.0, "coverage": "0 s"}}
    run = world([[], []], outlets=both, **shared)
    assert [(e[0], e[2], e[3], e[6]) for e in run.events if e[1] == LEARNS] == [
        (1, 0, 3, 1), (4561, 1, 1, 1), (4861, 0, 2, 2),
    ]  # fmt: skip
    assert [(e[0], e[2]) for e in run.events if e[1] == PUBLICATION] == [(961, 0), (4561, 1)]


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


# --- order, clock and draws -------------------------------------------------------------------------------------------


def test_events_stand_in_the_total_order() -> None:
    rows = [[1, 2, 3], [0, 2], [0, 3], [0, 1]]
    platforms = {"p": FOLLOW, "talk": CONTACT}
    tv = {**TELEVISION, "watches": {"p": 0.5}, "bulletins": None, "every": "1 min"}
    stories = {s: {"kind": "news", "newsworthiness": 0.9, "witnesses": 2} for s in ("a", "b")}
    run = world(rows, platforms=platforms, outlets={"tv": tv}, stories=stories)
    assert {event[1] for event in run.events} == {OWN_EYES, LEARNS, PUBLICATION, EXPOSURE, SHARE}
    assert all(a[:6] < b[:6] for a, b in pairwise(run.events))


@pytest.mark.parametrize("kind", [EXPOSURE, PUBLICATION])
def test_nothing_happens_at_its_own_tick_unless_its_kind_comes_later(kind: int) -> None:
    agenda = Agenda(horizon=10)
    agenda.schedule(Event(5, EXPOSURE, 0, 0, NONE, 0))
    agenda.next()
    with pytest.raises(ValueError, match="would be caused"):
        agenda.schedule(Event(5, kind, 0, 0, NONE, 0))
    agenda.schedule(Event(5, SHARE, 0, 0, NONE, 0))


def test_operational_time_runs_with_the_hours_intensity() -> None:
    run = Scenario.model_validate({"run": {"tick": "1 s"}, "platforms": {"p": FOLLOW}, "people": {"count": 1},
                                   "stories": story(authors=1)}).run  # fmt: skip
    time = OperationalTime([0.5] * 12 + [1.5] * 12, Calendar(run))
    # 12:00 of day 1 is 24 + 6; half an hour later 0.75 more; midnight is 48; 06:00 is 48 + 3.
    known = {0: 30.0, 1800: 30.75, 12 * 3600: 48.0, 18 * 3600: 51.0}
    assert {t: time.of(t) for t in known} == known
    assert {time.tick_at(y): y for y in known.values()} == known


words = st.integers(0, 2**64 - 1)
TABLES = [
    laws.standard_normal(),
    laws.standard_exponential(),
    laws.Law("lognormal", (102.0, 0.6)).table(),
    laws.Law("empirical", (0.0, 1.0, 5.0)).table(),
]


@given(words, words, words)
def test_hashes_equal_those_of_the_package(key: int, a: int, b: int) -> None:
    with np.errstate(over="ignore"):
        k, x, y = np.uint64(key), np.uint64(a), np.uint64(b)
        assert draws.draw(key, a) == int(randomness.draw(k, x))
        assert draws.draw2(key, a, b) == int(randomness.draw2(k, x, y))
        assert draws.uniform(key) == float(randomness.uniform(k))
        for table in TABLES:
            # `key >> (a % 64)` reaches the tails, which a uniform hash would meet once in millions of times.
            for h in (key, key >> (a % 64), 2**64 - 1 - (key >> (a % 64))):
                assert draws.quantile(table, h) == float(laws.quantile(table, np.uint64(h)))
        assert draws.points_in_cell(key) == int(laws.points_in_cell(k))
        assert draws.first_point(key) == float(laws.first_point(k))


@given(st.floats(-4, 4))
def test_sigma_equals_that_of_the_package(x: float) -> None:
    assert draws.sigma(x) == float(laws.sigma(x))


@given(st.integers(0, 2**63 - 1), st.sampled_from([0, 7, randomness.WORLD]), st.sampled_from(list(Purpose)))
def test_addresses_start_where_those_of_the_package_do(seed: int, replicate: int, purpose: Purpose) -> None:
    luck = purpose >= 20
    expected = randomness.start_key(seed, replicate if luck else randomness.WORLD, purpose)
    assert draws.Draws(seed, replicate, "luck").key(purpose) == expected
    redrawn = randomness.start_key(seed, replicate, purpose)
    assert draws.Draws(seed, replicate, "world").key(purpose) == redrawn
    assert draws.Draws(seed, replicate, "world").key(purpose, "x") == draws.draw(redrawn, randomness.name_key("x"))
