"""Ordinary posts and their scorecard: figures worked out by hand, and posts against runs that keep everything."""

import math

import numpy as np
import pytest

from diffusion.errors import InputError
from diffusion.measures import share_forest
from diffusion.simulation import Runner, simulate
from diffusion.study import ordinary, scorecard
from diffusion.study.ordinary import PostSample, ordinary_scenario, simulate_posts
from diffusion.study.samples import CascadeSample
from diffusion.units import DAY
from diffusion.vocabulary import EventKind
from diffusion.world import Story

MINUTES = 60.0


def cascades(*trees: list[tuple[float, int, float]]) -> CascadeSample:
    """Cascades from rows of (minutes, parent's place in the same cascade, followers)."""
    rows = [(t, 60 * m, -1 if p < 0 else p, f) for t, tree in enumerate(trees) for m, p, f in tree]
    starts = np.cumsum([0, *(len(tree) for tree in trees)])
    tree = np.array([row[0] for row in rows])
    parent = np.array([row[2] if row[2] < 0 else row[2] + starts[row[0]] for row in rows])
    count = len(trees)
    return CascadeSample(
        tree=tree,
        seconds=np.array([row[1] for row in rows], dtype=np.float64),
        followers=np.array([row[3] for row in rows], dtype=np.float64),
        parent=parent,
        unit=np.arange(count),
        unit_name="cascades",
        follow_up=np.full(count, 7 * DAY),
        source="by hand",
    )


# A post that nobody passes on; one passed on twice, the second time through the first; one passed on once, late.
THREE = cascades([(0, -1, 40)], [(0, -1, 100), (10, 0, 20), (70, 1, 30)], [(0, -1, 50), (200, 0, 10)])


def viewed(*views: list[float]) -> PostSample:
    """Posts with views at so many minutes."""
    posts = np.repeat(np.arange(len(views)), [len(v) for v in views])
    lone = cascades(*([(0.0, -1, 1.0)] for _ in views))
    return PostSample(lone, posts, 60 * np.array([m for v in views for m in v]))


def test_half_of_the_views_are_seen_by_the_half_life() -> None:
    sample = viewed([3.0], [], [1.0, 2.0, 4.0], [1.0, 5.0, 6.0, 90.0])
    assert scorecard.half_lives(sample).tolist() == [180.0, 120.0, 300.0]
    assert scorecard.half_lives(sample, least=3).tolist() == [120.0, 300.0]


def test_most_views_fall_in_the_busiest_half_minute() -> None:
    crowd = [m / 60 for m in (61, 65, 71, 74, 79, 83)]  # six in 60 to 90 s, of which the middle is 75 s
    assert scorecard.peak_of_views(viewed([0.1, *crowd], [50.0, 51.0])) == 75.0
    assert math.isnan(scorecard.peak_of_views(viewed([], [])))


def test_reshares_are_pooled_within_the_hour() -> None:
    assert scorecard.within_an_hour(THREE) == pytest.approx(1 / 3)


def test_the_rate_counts_the_followers_of_everybody_who_posted() -> None:
    # 3 reshares; 100 + 20 + 30 + 50 + 10 followers exposed; resharers have 20 on average.
    assert scorecard.resharing_rate(scorecard.reshared(THREE)) == pytest.approx(3 / 210 * 20)


def test_the_first_generation_hangs_on_the_source() -> None:
    assert scorecard.first_generation(THREE).tolist() == [0.5, 1.0]


def test_virality_that_grows_with_size_is_correlated_with_it() -> None:
    chains = [[(float(m), m - 1, 1.0) for m in range(size)] for size in (3, 9, 27)]
    assert scorecard.virality_and_size(cascades(*chains)) > 0.95
    assert math.isnan(scorecard.virality_and_size(cascades(*chains[:2])))


def test_a_small_source_whose_reshares_take_ten_times_as_long_is_told_by_the_factor() -> None:
    def star(followers: float, minutes: float, leaves: int) -> list[tuple[float, int, float]]:
        return [(0.0, -1, followers - 1), *((minutes, 0, 1.0) for _ in range(leaves))]

    made = [star(f, 1000 / f, n) for f in (10.0, 100.0, 1000.0) for n in (20, 40)]
    found = scorecard.source_size(cascades(*made))
    assert (found.cascades, found.sources) == (6, 3)
    assert found.t50 == pytest.approx(10.0)
    assert found.depth == pytest.approx(0.0, abs=1e-9)


def test_what_was_not_there_is_missed() -> None:
    nothing = viewed([], [])
    figures = scorecard.scorecard(scorecard.posts(nothing, nothing))
    assert list(figures) == [row.name for row in scorecard.ROWS]
    assert all(math.isnan(value) for value in figures.values())
    assert scorecard.missed(figures) == list(figures)


@pytest.fixture(scope="module")
def runner() -> Runner:
    return Runner(
        ordinary_scenario(3_000, changes={"stories.post.appeal_cap": 1.0, "stories.post.appeal": 0.2}), seed=5
    )


@pytest.fixture(scope="module")
def posts(runner: Runner) -> PostSample:
    return simulate_posts(runner, 40, author_weight=0.75, name="try")


def test_every_post_is_what_a_run_of_its_own_gives(runner: Runner, posts: PostSample) -> None:
    """The same story in `simulate`, with its columns and its log: shares, parents and views."""
    sample, feed = posts.cascades, next(iter(runner.scenario.platforms))
    drawn = ordinary._draw(runner.scenario, runner.lowered(0)[0], runner.seed, (40, 0.75, "try"))
    assert (sample.sizes > 3).sum() > 3
    for number in range(posts.n_posts):
        story = runner.scenario.stories["post"].model_dump() | {
            "authors": (int(drawn.author[number]),),
            "at": f"{drawn.seconds[number]} s",
        }
        alone = runner.scenario.model_copy(update={"stories": {f"try {number}": Story.model_validate(story)}})
        outcome = simulate(alone, seed=runner.seed)
        assert outcome.events is not None
        assert outcome.share_tick is not None
        grown = share_forest(outcome)
        rows = np.flatnonzero(sample.tree == number)
        ticks = np.sort(outcome.share_tick[0][grown.nodes].astype(np.int64)) - drawn.tick[number]
        in_time = ticks <= 7 * DAY * 1000
        assert sample.seconds[rows] == pytest.approx(ticks[in_time] / 1000)
        if in_time.all():
            assert np.array_equal(np.where(sample.parent[rows] < 0, -1, sample.parent[rows] - rows[0]), grown.parent)
            assert np.array_equal(sample.followers[rows], outcome_followers(runner, feed, grown.nodes))
        seen = outcome.events.tick[
            (outcome.events.kind == EventKind.EXPOSURE) & (outcome.events.person != drawn.author[number])
        ]
        after = np.sort(seen.astype(np.int64) - drawn.tick[number]) / 1000
        assert posts.view_seconds[posts.view_post == number] == pytest.approx(after[after <= 7 * DAY])


def outcome_followers(runner: Runner, feed: str, persons: np.ndarray) -> np.ndarray:
    return runner.lowered(0)[0].graphs[feed].n_followers[persons]


def test_the_first_posts_do_not_depend_on_how_many_there_are(runner: Runner, posts: PostSample) -> None:
    fewer = simulate_posts(runner, 10, author_weight=0.75, name="try")
    rows, views = posts.cascades.tree < 10, posts.view_post < 10
    assert np.array_equal(fewer.cascades.seconds, posts.cascades.seconds[rows])
    assert np.array_equal(fewer.cascades.parent, posts.cascades.parent[rows])
    assert np.array_equal(fewer.view_seconds, posts.view_seconds[views])


def test_posts_are_read_in_parts_as_at_once(runner: Runner, posts: PostSample, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordinary, "_AT_ONCE", 7)
    again = simulate_posts(runner, 40, author_weight=0.75, name="try")
    for name in ("tree", "seconds", "followers", "parent"):
        assert np.array_equal(getattr(again.cascades, name), getattr(posts.cascades, name))
    assert np.array_equal(again.view_post, posts.view_post)
    assert np.array_equal(again.view_seconds, posts.view_seconds)


def test_much_followed_authors_are_drawn_more_often(runner: Runner) -> None:
    few, many = (simulate_posts(runner, 300, author_weight=w, name="try").cascades for w in (0.0, 1.0))
    assert many.followers[many.parent < 0].mean() > 2 * few.followers[few.parent < 0].mean()


def test_the_scorecard_is_made_in_the_default_world() -> None:
    plain, before = ordinary_scenario(100), ordinary_scenario(100, changes=ordinary.PROTOTYPE)
    feed, post = plain.platforms["feed"], plain.stories["post"]
    own = {"kind", "graph", "typical_followers", "authors", "appeal", "appeal_sd", "appeal_cap"}
    for thing in (feed, post):
        for name, field in type(thing).model_fields.items():
            if name not in own:
                assert getattr(thing, name) == field.get_default(call_default_factory=True), name
    assert feed.session_length != before.platforms["feed"].session_length
    assert post.half_life != before.stories["post"].half_life


@pytest.mark.parametrize(
    ("changes", "count", "message"),
    [
        ({"run.horizon": "5 days"}, 10, r"run\.horizon: ordinary posts need 192 h"),
        ({"stories.other": {"kind": "citizen_post", "authors": 1}}, 10, "1 platforms, 2 stories, 10 posts"),
        ({}, 0, "1 platforms, 1 stories, 0 posts"),
    ],
)
def test_what_does_not_fit_is_refused(changes: dict, count: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        simulate_posts(Runner(ordinary_scenario(500, changes=changes)), count, author_weight=0.3, name="x")
