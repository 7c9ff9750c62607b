"""Hand-off between outlets and platforms, and sources, against a world of six persons counted by hand."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import six_persons
from diffusion.errors import InputError
from diffusion.measures import attribution, coverage_order, handoff, peak, peaks
from diffusion.measures.handoff import Covered, Handoff
from diffusion.outcome import Coverage, Outcome
from diffusion.simulation import simulate
from diffusion.units import NEVER
from six_persons import CHIRP, HOME, MAYOR, TV
from worlds import crowded_world

OUTCOME = six_persons.outcome()


def learned_from(reason: int) -> tuple[Coverage, ...]:
    return (Coverage("tv", "fire", learned=400, verified=700, published=1000, reason=reason),)


def after_the_news(**changes: Any) -> Outcome:
    """The fire, in which 5 sees the post of 4, who saw that of the station, and 2 heard on television."""
    first_tick, first_post = OUTCOME.column("first_tick").copy(), OUTCOME.column("first_post").copy()
    first_channel = OUTCOME.column("first_channel").copy()
    first_tick[0, 5], first_post[0, 5], first_channel[0, 5] = 1200, 7, CHIRP
    first_tick[0, 2], first_post[0, 2], first_channel[0, 2] = 1000, 5, TV
    columns = {"first_tick": first_tick, "first_post": first_post, "first_channel": first_channel}
    return six_persons.outcome(**(columns | changes))


def test_nothing_crosses_where_the_outlet_gathers_itself_and_nobody_reads_its_readers() -> None:
    # Of the three sharers 4 heard first from the station's account.
    assert handoff(OUTCOME, "fire") == Handoff(0.0, 0.0, 0.0, 1 / 3)


def test_the_audience_of_an_outlet_that_watched_the_platform_crossed_and_so_did_its_readers() -> None:
    # Aware are six: 2 and 3 saw the broadcasts, 4 the account, 5 the post of 4.
    assert handoff(after_the_news(coverage=learned_from(CHIRP)), "fire") == Handoff(4 / 6, 1 / 6, 1 / 6, 1 / 3)
    assert handoff(after_the_news(), "fire") == Handoff(0.0, 1 / 6, 0.0, 1 / 3)


@pytest.mark.parametrize("reason", [0, MAYOR], ids=["own newsgathering", "an official"])
def test_no_other_reason_is_a_crossing_to_an_outlet(reason: int) -> None:
    assert handoff(after_the_news(coverage=learned_from(reason)), "fire").to_outlets == 0


def test_word_of_mouth_carries_a_path_on_but_is_no_crossing_itself() -> None:
    # 1 heard from the broadcast and tells 2 at home (no crossing), posts, and 0 reads it (a crossing).
    first_tick = np.array([[1300, 1000, 1200, 1900, 1010, NEVER], [NEVER] * 6], dtype=np.uint32)
    first_post = np.array([[2, 5, 1, 8, 6, NEVER], [NEVER] * 6], dtype=np.uint32)
    first_channel = np.array([[CHIRP, TV, HOME, TV, CHIRP, 255], [255] * 6], dtype=np.uint8)
    told = six_persons.outcome(first_tick=first_tick, first_post=first_post, first_channel=first_channel)
    assert handoff(told, "fire") == Handoff(0.0, 1 / 5, 0.0, 2 / 3)
    # The post is of 2, who was told by somebody who had seen the broadcast: that crosses as well.
    posts = told.posts
    assert posts is not None
    author = posts.author.copy()
    author[2] = 2
    assert handoff(replace(told, posts=replace(posts, author=author)), "fire").to_platforms == 1 / 5


def test_nobody_aware_has_no_shares() -> None:
    never = np.full((2, 6), NEVER, dtype=np.uint32)
    nobody = six_persons.outcome(first_tick=never, first_post=never, share_tick=never)
    assert all(math.isnan(share) for share in handoff(nobody, "fire"))
    assert all(math.isnan(share) for share in attribution(nobody, "fire"))
    assert all(math.isnan(time) for time in peaks(nobody, "fire"))


def test_who_covered_first_and_why() -> None:
    assert coverage_order(OUTCOME, "fire") == (Covered("tv", 300, 600, 900, "own newsgathering", False),)
    assert coverage_order(OUTCOME, "speech") == ()
    (watched,) = coverage_order(six_persons.outcome(coverage=learned_from(CHIRP)), "fire")
    assert (watched.reason, watched.from_platform) == ("chirp", True)


def many_outlets() -> Outcome:
    """The wire (watching chirp) tells tv, which tells the paper; the site gathers itself and is the first of all."""
    names = ("paper", "site", "tv", "wire")
    channels = [OUTCOME.channels[0], *(OUTCOME.channels[1]._replace(name=name) for name in names)]
    channels += OUTCOME.channels[2:]
    reasons = {"wire": 5, "tv": 4, "paper": 3, "site": 0}
    times = {"wire": 300, "tv": 500, "paper": 900, "site": 200}
    coverage = tuple(Coverage(o, "fire", times[o] - 20, times[o] - 10, times[o], reasons[o]) for o in names)
    return six_persons.outcome(outlets=names, channels=tuple(channels), coverage=coverage)


def test_what_a_wire_learned_on_a_platform_came_from_there_for_all_who_follow_it() -> None:
    found = coverage_order(many_outlets(), "fire")
    assert [(c.outlet, c.reason, c.from_platform) for c in found] == [
        ("site", "own newsgathering", False), ("wire", "chirp", True), ("tv", "wire", True), ("paper", "tv", True)
    ]  # fmt: skip
    assert [c.published for c in found] == [100, 200, 400, 800]


# --- peaks ------------------------------------------------------------------------------------------------------------


def test_the_peak_is_where_a_window_holds_most() -> None:
    assert peak(np.array([0.0, 5, 6, 7, 20, 21]), width=3) == 6
    assert peak(np.array([21.0, 20, 0, 1]), width=3) == 0.5  # the earliest of equals
    assert peak(np.array([0.0, 3.0]), width=3) == 0  # a window does not hold its end
    assert math.isnan(peak(np.array([])))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30), st.integers(1, 20), st.integers(-5, 5))
def test_the_peak_is_that_of_all_windows_tried_one_by_one_and_moves_with_the_clock(
    times: list[int], width: int, by: int
) -> None:
    counts = {t: [x for x in sorted(times) if t <= x < t + width] for t in range(-20, 52)}
    most = max(len(held) for held in counts.values())
    fullest = [float(np.median(held)) for held in counts.values() if len(held) == most]
    found = peak(np.array(times, dtype=float), width)
    assert found in fullest
    assert peak(np.array(times, dtype=float) + by, width) == found + by


def test_peaks_are_told_apart_by_who_speaks() -> None:
    # Outlets: 4 (the account, after 910 s) and 3 (1800); persons on chirp: 1 (100). A window of an hour holds all.
    found = peaks(OUTCOME, "fire")
    assert found == (1355, 100, 1355, 100)
    assert (found.lag, found.median_lag) == (-1255, -1255)
    assert peaks(OUTCOME, "fire", width=60).outlets == 910
    with pytest.raises(InputError, match="longer than 0"):
        peaks(OUTCOME, "fire", width=0)


# --- sources ----------------------------------------------------------------------------------------------------------


def test_first_exposures_are_attributed_to_who_spoke() -> None:
    # 0 saw it, 1 read 0, 2 was told by 1, 3 saw tv and 4 its account.
    found = attribution(OUTCOME, "fire")
    assert found == pytest.approx((1 / 5, 1 / 5, 2 / 5, 0, 1 / 5))
    assert (found.network, found.outside) == pytest.approx((0.4, 0.6))
    # Of the sharers 0, 1 and 4.
    assert attribution(OUTCOME, "fire", of="sharers") == pytest.approx((1 / 3, 0, 1 / 3, 0, 1 / 3))
    assert attribution(OUTCOME, "speech") == pytest.approx((1 / 2, 0, 0, 1 / 2, 0))


def test_exposures_are_attributed_to_who_spoke() -> None:
    logged = six_persons.logged()
    # Seven of the fire: 0 saw it, three posts of persons, one telling, the account and the broadcast.
    assert attribution(logged, "fire", of="exposures") == pytest.approx((3 / 7, 1 / 7, 2 / 7, 0, 1 / 7))
    assert attribution(logged, "speech", of="exposures") == pytest.approx((1 / 2, 0, 0, 1 / 2, 0))
    with pytest.raises(InputError, match='record = "events" keeps it'):
        attribution(OUTCOME, "fire", of="exposures")
    with pytest.raises(InputError, match='did you mean "sharers"'):
        attribution(OUTCOME, "fire", of="sharer")  # type: ignore[arg-type]


def slow_path(outcome: Outcome, s: int, person: int) -> tuple[bool, bool]:
    """Whether a person's path crossed to an outlet and to a platform, by walking up to its beginning and down again."""
    posts, chain = outcome.column("posts"), []
    while (post := int(outcome.column("first_post")[s][person])) != NEVER:
        channel, author = outcome.channels[posts.channel[post]], int(posts.author[post])
        if channel.kind.name == "OUTLET":
            chain.append(("outlet", outcome.outlets[author]))
            break
        if author >= outcome.n_persons:
            chain.append(("outlet", outcome.accounts[author - outcome.n_persons]))
            break
        chain.append(("post" if channel.kind.name == "PLATFORM" else "tell", ""))
        person = author
    spoken = to_outlet = to_platform = False
    for step, name in reversed(chain):
        if step == "outlet":
            spoken = True
            to_outlet = {c.outlet: c.from_platform for c in coverage_order(outcome, outcome.stories[s])}[name]
        to_platform |= step == "post" and spoken
    return to_outlet, to_platform


def test_one_pass_finds_the_crossings_that_walking_every_path_finds() -> None:
    crowd = crowded_world("1 ms")
    quieter = {"stories.quake.witnesses": 30, "outlets.*.audience": 0.2, "outlets.radio.accounts": {"blog": 0.1}}
    found = simulate(crowd.scenario.changed(quieter), seed=crowd.seed, record="parents")
    for s, story in enumerate(found.stories):
        aware = np.flatnonzero(found.column("first_tick")[s] != NEVER)
        slow = np.array([slow_path(found, s, int(person)) for person in aware])
        assert handoff(found, story)[:3] == (*slow.mean(axis=0), slow.all(axis=1).mean())
    assert min(handoff(found, "quake")) > 0, "every crossing occurs"
