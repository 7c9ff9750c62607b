"""What a scenario becomes in the engine's arrays: numbers, bits and ticks of a world of five, worked out by hand."""

import math
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from diffusion.assembly import Assembler, World, account_names, audience_sizes, channel_list, evidence_weights, lower
from diffusion.assembly.numbering import Tables, column_of, rows_of
from diffusion.assembly.platform_rules import feed_starts, posts_on
from diffusion.engine import arrays
from diffusion.engine.clock import GUIDE, GUIDED
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph, Memberships
from diffusion.laws import Law
from diffusion.scenario import Scenario
from diffusion.units import NEVER
from diffusion.vocabulary import ChannelKind, Record
from diffusion.world.outlets import PRESETS

Dicts = dict[str, Any]
MUTUAL = {"file": "given", "meaning": "mutual"}
FOLLOWED = {"file": "given", "meaning": "follower,followed"}

TABLES: Dicts = {
    "run": {"tick": "1 s", "start": "2016-11-08T18:30:00", "horizon": "6 h", "settle": "60 s"},
    "people": {"propensity_sd": 0.0, "credulity_sd": 0.0, "credulity_mean": -0.8, "own_eyes_trust": 0.95},
    "platforms": {
        "chirp": {"kind": "follow", "graph": FOLLOWED, "visibility_sd": 0.0, "visibility": "2 h", "sessions": "24/day",
                  "typical_followers": 34.0, "trust": 0.5, "feed_length": 3},
        "blog": {"kind": "follow", "graph": FOLLOWED, "followed_elsewhere": 2.0, "reshare": False, "active": True},
        "club": {"kind": "group", "graph": {"file": "given"}, "feed_length": 7},
        "tags": {"kind": "group", "graph": {"file": "given"}, "carrier": "chirp"},
        "work": {"kind": "contact", "graph": MUTUAL, "meetings": "48/day", "window": "90 min", "tell": 0.25},
    },
    "outlets": {
        "tv": {"medium": "television", "audience": 1.0, "block": "30 min", "watches": {"chirp": 0.3},
               "accounts": {"chirp": 0.0, "blog": 1.0}},
        "daily": {"medium": "newspaper", "audience": 0.0, "bulletins": ["06:00", "18:15"], "follows": ["tv"],
                  "statements": "never", "watches": {"blog": {"witnesses": 4}}},
    },
    "officials": {"mayor": {"platform": "chirp", "followers": 1.0, "boost": 2.5, "trust": 0.8}},
    "stories": {"fire": {"kind": "news", "witnesses": 1, "tags": {"tags": ["b"]}},
                "storm": {"kind": "news", "witnesses": 1, "tags": {"tags": ["a", "b"]}}},
}  # fmt: skip

GRAPHS: Dicts = {
    # chirp: 0 is followed by 1, 2 and 3; 1 by 0. blog: 4 by 3; 3 by 4 and 0. 1 and 2 are not on blog's file.
    "chirp": FollowerGraph.from_links([0, 0, 0, 1], [1, 2, 3, 0], n_persons=5),
    "blog": FollowerGraph.from_links([4, 3, 3], [3, 4, 0], n_persons=5),
    "club": Memberships.from_rows([0, 1, 2, 0, 4], ["x", "x", "x", "y", "y"]),
    "tags": Memberships.from_rows([0, 1, 2, 3, 4], ["a", "a", "a", "b", "b"]),
    "work": FollowerGraph.from_links([0, 1], [1, 2], n_persons=5, mutual=True),
}


def made(*changes: Dicts) -> tuple[Scenario, World]:
    scenario = Scenario.model_validate(TABLES)
    for change in changes:
        scenario = scenario.changed(change)
    return scenario, Assembler(GRAPHS).world(scenario, seed=1)


def lowered(*changes: Dicts) -> arrays.World:
    return lower(*made(*changes), Record.EVENTS)


@pytest.fixture(scope="module")
def rules() -> arrays.World:
    return lowered()


# --- numbers of things ------------------------------------------------------------------------------------------------


def test_channels_and_accounts_are_numbered_by_kind_and_name() -> None:
    scenario, _ = made()
    names = ["own eyes", "daily", "tv", "blog", "chirp", "club", "tags", "work", "mayor"]
    assert [name for name, _ in channel_list(scenario)] == names
    assert channel_list(scenario)[7] == ("work", ChannelKind.CONTACT)
    assert account_names(scenario) == [("mayor", "chirp"), ("tv", "blog"), ("tv", "chirp")]


def test_rows_are_joined_and_columns_padded() -> None:
    offsets, flat = rows_of([np.array([3, 1]), np.array([], int), np.array([7])], np.uint32)
    assert (offsets.tolist(), flat.tolist(), flat.dtype) == ([0, 2, 2, 3], [3, 1, 7], np.dtype(np.uint32))
    assert [part.tolist() for part in rows_of([], np.int64)] == [[0], []]
    assert column_of(4, np.int64, [5, 6]).tolist() == [5, 6, 0, 0]
    with pytest.raises(ValueError, match="read-only"):
        flat[0] = 1


def test_equal_laws_and_clocks_share_a_table() -> None:
    tables = Tables()
    hour, other = Law("exponential", (3600.0,)), Law("constant", (5.0,))
    assert [tables.law(law) for law in (hour, other, hour)] == [1, 2, 1], "0 is the unit exponential"
    assert tables.laws().shape[0] == 3
    flat, night = (1.0,) * 24, (0.0,) * 12 + (2.0,) * 12
    assert [tables.clock(hours) for hours in (flat, night, flat)] == [0, 1, 0]
    sums = tables.clocks()
    assert sums[0, :25].tolist() == list(range(25))
    assert (sums[1, 12], sums[1, 13], sums[1, 24], sums[1, 25], sums[1, 48]) == (0.0, 2.0, 24.0, 0.0, 2.0)
    hours = [max(h for h in range(24) if sums[1, h] <= quarter / GUIDED) for quarter in range(24 * GUIDED)]
    assert sums[1, GUIDE:].tolist() == hours and hours[0] == 12


# --- time -------------------------------------------------------------------------------------------------------------


def test_the_frame_is_in_ticks(rules: arrays.World) -> None:
    frame = rules.frame
    assert (frame.n_persons, frame.n_platforms, frame.n_outlets, frame.n_stories) == (5, 5, 2, 2)
    assert (frame.hour, frame.day, frame.horizon, frame.settle) == (3600, 86400, 21600, 60)
    assert frame.origin == 86400 + 18 * 3600 + 30 * 60, "the day before, and the time of day"
    assert frame.reshare_targets == 0b01110 & ~0b00001, "blog is off, contacts are no posts"
    assert lowered({"run.tick": "500 ms"}).frame.origin == 2 * frame.origin


def test_slots_are_ticks_after_midnight(rules: arrays.World) -> None:
    offsets, slots = rules.outlets.slot_offsets, rules.outlets.slots
    assert slots[offsets[0] : offsets[1]].tolist() == [6 * 3600, 18 * 3600 + 900]
    assert slots[offsets[1] : offsets[2]].tolist() == [h * 3600 for h in range(24)]
    assert rules.outlets.block.tolist() == [86400, 1800]


def test_what_would_last_no_tick_is_refused() -> None:
    with pytest.raises(InputError, match=r'outlets\.tv\.block = "10 s": lasts no tick of 1 min; make it longer'):
        lowered({"run.tick": "1 min", "outlets.tv.block": "10 s"})


def test_links_on_the_wall_clock_open_when_the_run_has_come_there() -> None:
    # The run starts at 18:30. Links open at 18:00, at 18:40 and never close; the last one closes at 19:00.
    start = int((datetime(2016, 11, 8, 18, 30) - datetime(1970, 1, 1)).total_seconds())
    since, until = [start - 1800, start + 600, 0], [NEVER, NEVER, start + 1800]
    dated = FollowerGraph.from_links([0, 0, 1], [1, 2, 0], n_persons=5, since=since, until=until, clock="wall")
    scenario = Scenario.model_validate(TABLES)
    found = lower(scenario, Assembler(GRAPHS | {"chirp": dated}).world(scenario, seed=1), Record.EVENTS).layers[1]
    assert found.since.tolist() == [0, 600, 0]
    assert found.until.tolist() == [NEVER, NEVER, 1800]


# --- persons ----------------------------------------------------------------------------------------------------------


def test_hub_aversion_falls_with_the_followers_at_home(rules: arrays.World) -> None:
    # Home: blog for 0, 3 and 4 … and for everybody, for all five stand in blog's universe; 17 followers are typical.
    propensity = rules.traits[:, arrays.PROPENSITY]
    assert propensity.tolist() == pytest.approx([26.7 / (10 + n) for n in (0, 0, 0, 2, 1)], rel=1e-6)
    # At home on chirp, where 34 are typical: both constants double.
    at_chirp = lowered({"people.home": ["chirp"]}).traits
    assert at_chirp[:, arrays.PROPENSITY].tolist() == pytest.approx(
        [53.4 / (20 + n) for n in (3, 1, 0, 0, 0)], rel=1e-6
    )
    # Accounts followed: on blog 2 elsewhere and those of the file; on chirp at least one counts.
    assert rules.traits[:, arrays.FOLLOWED].tolist() == [3, 2, 2, 3, 3]
    assert at_chirp[:, arrays.FOLLOWED].tolist() == [1, 1, 1, 1, 1]
    assert rules.traits[:, arrays.PRIOR].tolist() == pytest.approx([-0.8] * 5)


def test_targets_are_bits_of_where_one_posts_and_where_one_is_a_member(rules: arrays.World) -> None:
    # Platforms 0 blog, 1 chirp, 2 club, 3 tags (carried by chirp), 4 work; members stand in the upper byte.
    targets = rules.traits[:, arrays.TARGETS].astype(int).tolist()
    assert [t & 255 for t in targets] == [0b00001] * 5
    assert [t >> 8 for t in targets] == [0b00111, 0b00111, 0b00111, 0b00011, 0b00111]
    at_chirp = lowered({"people.home": ["chirp"]}).traits[:, arrays.TARGETS].astype(int)
    assert set((at_chirp & 255).tolist()) == {0b01010}, "chirp, and the tags that it carries"
    everywhere = lowered({"people.crosspost": "all"}).traits[:, arrays.TARGETS].astype(int)
    assert (everywhere & 255).tolist() == [0b01111, 0b01111, 0b01111, 0b01011, 0b01111]
    assert posts_on(made()[0]) == [0b00001, 0b01010, 0b00100, 0b01000, 0b10000]
    assert posts_on(made({"platforms.tags.active": False})[0])[1] == 0b00010


def test_attention_is_sessions_and_feed_reach(rules: arrays.World) -> None:
    # chirp: one session an hour for everybody. k = 1 for all who follow somebody, so B = 2 h; 4 follows nobody (k = 1).
    assert rules.layers[1].attention[:, 0].std() == 0, "a number is the same for everybody"
    assert rules.layers[1].attention[:, 0].tolist() == pytest.approx([1.0] * 5)
    assert rules.layers[1].attention[:, 1].tolist() == pytest.approx([2.0] * 5)
    # With 3 accounts elsewhere and one person following twice: k = 4, 4, 4, 5, median 4 over those who follow.
    more = {"chirp": FollowerGraph.from_links([0, 0, 0, 1, 1], [1, 2, 3, 0, 3], n_persons=5)}
    scenario = Scenario.model_validate(TABLES).changed({"platforms.chirp.followed_elsewhere": 3.0})
    found = Assembler(GRAPHS | more).world(scenario, seed=1).attention["chirp"]
    assert found[:, 1].tolist() == pytest.approx([2.0, 2.0, 2.0, 2.0 * 4 / 5, 2.0 * 4 / 3])


def test_evidence_is_the_logit_of_trust(rules: arrays.World) -> None:
    found = evidence_weights(rules, 9)
    assert found.shape == (9, 1)
    assert found[0, 0] == pytest.approx(math.log(0.95 / 0.05))
    assert found[4, 0] == 0.0, "chirp is trusted as much as not"
    assert found[8, 0] == pytest.approx(math.log(4))
    assert rules.repetition.tolist() == pytest.approx([1, 0.3, 0.09, 0.027])
    assert rules.channel_repeats[:9].tolist() == [0, 1, 1, 0, 0, 0, 0, 1, 0], "outlets and contacts"


# --- platforms, groups and outlets ------------------------------------------------------------------------------------


def test_contacts_meet_by_the_hour(rules: arrays.World) -> None:
    p = rules.platforms
    assert (p.contact[:5].tolist(), p.meetings[4], p.window[4], p.tell[4]) == ([0, 0, 0, 0, 1], 2.0, 1.5, 0.25)
    assert p.contact.size == arrays.MAX_PLATFORMS
    assert p.carrier[:5].tolist() == [-1, -1, -1, 1, -1]


def test_feeds_take_a_word_more_than_their_length(rules: arrays.World) -> None:
    scenario, world = made()
    platforms = [p for _, p in sorted(scenario.platforms.items())]
    assert feed_starts(platforms, world.n_persons) == [0, 0, 20, 60, 60, 60]
    assert rules.frame.feed_words == 60
    assert rules.platforms.feed_length[:5].tolist() == [0, 3, 7, 0, 0]
    assert lowered({"platforms.club.active": False}).frame.feed_words == 20


def test_traffic_is_the_median_size_over_the_groups_own(rules: arrays.World) -> None:
    assert rules.layers[2].traffic.tolist() == pytest.approx([2.5 / 3, 2.5 / 2])
    assert rules.layers[3].traffic.tolist() == pytest.approx([2.5 / 3, 2.5 / 2])
    assert len(rules.layers) == arrays.MAX_PLATFORMS
    assert rules.layers[5].followers.size == 0


def test_newsrooms_watch_follow_and_post(rules: arrays.World) -> None:
    o = rules.outlets  # 0 daily, 1 tv
    assert o.watch_sharers.tolist() == [[0, 0, 0, 0, 0], [0, 2, 0, 0, 0]], "30 % of 5, rounded up"
    assert o.watch_witnesses.tolist() == [[4, 0, 0, 0, 0], [0, 0, 0, 0, 0]]
    assert o.follows.tolist() == [[0, 1], [0, 0]]
    assert o.account.tolist() == [[-1] * 5, [1, 2, -1, -1, -1]]
    assert o.statements[0] == -1 < o.statements[1]
    assert np.diff(o.audience_offsets).tolist() == [0, 5]
    assert o.breaking.tolist() == [PRESETS["newspaper"]["breaking"], 0.5]


def test_accounts_have_their_own_channel_if_they_are_officials(rules: arrays.World) -> None:
    a = rules.accounts  # mayor on chirp, tv on blog, tv on chirp
    assert a.channel.tolist() == [8, 3, 4]
    assert (a.official.tolist(), a.boost.tolist()) == ([1, 0, 0], [2.5, 1.0, 1.0])
    assert np.diff(a.offsets).tolist() == [5, 5, 0]


def test_a_post_is_offered_to_followers_contacts_groups_or_the_audience() -> None:
    scenario, world = made()
    cases = [  # author, channel, story -> how many
        (0, 4, 0, 3), (1, 4, 0, 1), (2, 4, 0, 0),  # chirp
        (3, 3, 0, 2),  # blog
        (0, 5, 0, 3), (4, 5, 0, 1), (3, 5, 0, 0),  # club: two others in x and one in y; y; in no group
        (0, 6, 0, 2), (0, 6, 1, 5),  # tags: of fire b, of storm a and b
        (1, 7, 0, 2), (4, 7, 0, 0),  # work
        (0, 1, 0, 0), (1, 2, 0, 5),  # daily, tv
        (5, 4, 0, 5), (6, 3, 0, 5), (7, 4, 0, 0),  # the mayor's and tv's accounts
    ]  # fmt: skip
    author, channel, story, sizes = np.array(cases).T
    found = audience_sizes(scenario, world, author.astype(np.uint32), channel.astype(np.uint8), story.astype(np.uint32))
    assert found.tolist() == sizes.tolist()
