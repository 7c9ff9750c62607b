"""Links that begin and end, in runs: which posts they carry, from which keys and files they come, what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from diffusion import read_experiment, write_graph
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph
from diffusion.outcome import Outcome
from diffusion.scenario import Scenario
from diffusion.simulation import simulate
from diffusion.units import NEVER

POSTED = 3_600
"""The second of the post."""

NET: dict[str, Any] = {
    "kind": "follow", "graph": {"file": "given", "meaning": "source,target"}, "clock": "flat", "close": 1,
    "notified": 1, "scroll": "0 s", "notice": "0 s", "latency": "0 s",
}  # fmt: skip


def post(graph: FollowerGraph, *, tick: str = "1 ms", tables: dict[str, Any] | None = None, **keys: Any) -> Outcome:
    """Person 0 posts at POSTED; everybody who is offered the post sees it."""
    scenario = {
        "run": {"tick": tick, "settle": "60 s", "start": "2016-11-08T12:00:00", "horizon": "1000 h"},
        "platforms": {"net": NET | keys},
        "stories": {"story": {"kind": "citizen_post", "authors": [0], "at": f"{POSTED} s", "appeal": 0}},
    }
    return simulate(Scenario.model_validate(scenario | (tables or {})), graphs={"net": graph}, record="events")


def reached(outcome: Outcome) -> list[int]:
    return np.flatnonzero(outcome.column("first_tick")[0] != NEVER)[1:].tolist()


def star(since: list[int], until: list[int], **options: Any) -> FollowerGraph:
    n = len(since)
    return FollowerGraph.from_links([0] * n, np.arange(1, n + 1), n_persons=n + 1, since=since, until=until, **options)


SPANS = {1: (0, NEVER), 2: (POSTED, NEVER), 3: (POSTED + 1, NEVER), 4: (0, POSTED), 5: (0, POSTED + 1), 6: (9, 10)}
OPEN = [1, 2, 5]


@pytest.mark.parametrize("keys", [{}, {"feed_length": 1}, {"close": 0, "visibility": "999 h"}, {"waits": "edge"}])
def test_a_link_carries_what_is_posted_from_since_until_before_until(keys: dict[str, Any]) -> None:
    outcome = post(star(*zip(*SPANS.values(), strict=True)), **keys)
    assert reached(outcome) == OPEN
    assert outcome.tallies[0].offers == len(OPEN)


def test_wall_clock_times_count_from_the_start_of_the_run() -> None:
    noon = 1_478_606_400  # 2016-11-08T12:00
    since, until = zip(*SPANS.values(), strict=True)
    ends = [end if end == NEVER else end + noon for end in until]
    assert reached(post(star([begin + noon for begin in since], ends, clock="wall"))) == OPEN
    assert reached(post(star([0, 0, noon - 9], [noon, noon - 5, noon + 5], clock="wall"))) == []


def test_times_round_to_ticks_as_all_others() -> None:
    """A post at 3,600 s and links since 3,629 s and 3,631 s: with ticks of a minute the first opens at that tick."""
    assert reached(post(star([POSTED + 29, POSTED + 31], [NEVER, NEVER]), tick="60 s")) == [1]


def test_a_post_arrives_only_in_feeds_of_open_links() -> None:
    """Person 2's feed holds one post: that of person 1, whose link is not open, would push the first one out."""
    both = [{"kind": "citizen_post", "authors": [k], "at": f"{POSTED + k} s", "appeal": 0} for k in (0, 1)]
    stories = {"stories": {"first": both[0], "second": both[1]}}
    late = FollowerGraph.from_links([0, 1], [2, 2], n_persons=3, since=[0, 2 * POSTED])
    slow = {"feed_length": 1, "scroll": "1 h", "notice": "1 h"}
    heard = [post(graph, tables=stories, **slow).column("first_tick")[:, 2] != NEVER
             for graph in (late, FollowerGraph.from_links([0, 1], [2, 2], n_persons=3))]  # fmt: skip
    assert [row.tolist() for row in heard] == [[True, False], [False, True]]


def test_followers_of_accounts_are_always_open() -> None:
    graph = star([0, 0], [1, 1])
    tables = {
        "officials": {"mayor": {"platform": "net", "followers": 1.0, "approval": "0 s"}},
        "stories": {"story": {"kind": "statement", "official": "mayor", "appeal": 0, "at": "2 h"}},
    }
    assert (post(graph, tables=tables).column("first_tick")[0] != NEVER).all()


def test_weights_stay_with_their_links() -> None:
    """Both followers see the post and share by their link's weight; the closed link of weight 1 carries nothing."""
    graph = FollowerGraph.from_links(
        [0, 0, 0], [1, 2, 3], n_persons=4, weights=[1, 0, 1e9], since=[POSTED + 1, 0, 0], until=[NEVER, NEVER, 9_999]
    )
    story = {"kind": "citizen_post", "authors": [0], "at": f"{POSTED} s", "appeal": 1, "half_life": "9999 day"}
    outcome = post(graph, tables={"stories": {"story": story}, "people": {"propensity_sd": 0}}, reaction="0 s")
    assert reached(outcome) == [2, 3]
    assert (outcome.column("share_tick")[0] != NEVER).tolist() == [True, False, False, True]


def test_times_that_no_run_reaches_change_nothing() -> None:
    plain = star([0] * 9, [NEVER] * 9)
    timed = star([0] * 9, [4_000_000] * 9)
    assert timed != plain
    assert post(plain).events.rows() == post(timed).events.rows()


# --- experiment files -------------------------------------------------------------------------------------------------

EXPERIMENT = """
name = "moves"
[platforms.net]
kind = "follow"
close = 1
graph = {GRAPH}
[stories.post]
kind = "citizen_post"
authors = ["bob"]
appeal = 0
"""
MOVES = "follower,followed,from,to\nann,bob,,\ncarl,bob,2016-11-08 12:00:01,\ndan,bob,,2016-11-08 12:00:00\n"
NAMED = '{ file = "moves.csv", meaning = "follower,followed", since = "from", until = "to" }'


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("moves.csv").write_text(MOVES, encoding="utf-8")
    return tmp_path / "moves.toml"


def scenario_of(place: Path, graph: str, **options: Any) -> Scenario:
    place.write_text(EXPERIMENT.replace("{GRAPH}", graph), encoding="utf-8")
    return read_experiment(place, **options).scenario.changed({"run.horizon": "1000 h"})


@pytest.mark.parametrize(
    ("graph", "options"),
    [
        (NAMED, {}),
        (NAMED.replace('"from"', "2").replace('"to"', "3"), {}),
        (NAMED.replace("moves.csv", "gone.csv"), {"graphs": ["net=moves.csv"]}),
        ('{ file = "moves.npz" }', {}),
    ],
)
def test_an_experiment_names_the_columns_of_times(place: Path, graph: str, options: dict[str, Any]) -> None:
    Path("gone.csv").write_text("follower,followed,from,to\nann,carl,,\n", encoding="utf-8")
    timed = FollowerGraph.from_links(
        ["bob"] * 3, ["ann", "carl", "dan"], since=[0, 1, 0], until=[NEVER, NEVER, 0 + NEVER]
    )
    write_graph(timed, "moves.npz")
    outcome = simulate(scenario_of(place, graph, **options))
    heard = outcome.column("first_tick")[0] != NEVER
    # ann, bob, carl, dan; in the stored graph dan's link does not end
    assert heard.tolist() == [True, True, False, graph == '{ file = "moves.npz" }']


def test_variants_may_read_one_file_with_and_without_times(place: Path) -> None:
    named = scenario_of(place, NAMED)
    without = named.changed({"platforms.net.graph": {"file": "moves.csv", "meaning": "follower,followed"}})
    counts = [np.sum(simulate(s).column("first_tick")[0] != NEVER) for s in (named, without)]
    assert counts == [2, 4]


ROW = "ann,bob,{},{}\n"
WRONG_TIMES = {
    "text": (
        ROW.format("soon", ""),
        'moves.csv": line 2: since = "soon" is no time; give seconds >= 0, or local dates',
    ),
    "negative": (ROW.format("-5", ""), 'moves.csv": line 2: since = "-5" is no time'),
    "ends first": (ROW.format(60, 60), 'moves.csv": line 2: the link ends at second 60, not after second 60'),
    "two clocks": (ROW.format(60, "2016-11-09"), "since is on the run clock and until on the wall clock"),
}


@pytest.mark.parametrize("case", WRONG_TIMES)
def test_wrong_times_in_a_file_are_one_line(place: Path, case: str) -> None:
    rows, line = WRONG_TIMES[case]
    Path("moves.csv").write_text("follower,followed,from,to\n" + rows, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        simulate(scenario_of(place, NAMED))
    assert line in str(raised.value)
    assert "\n" not in str(raised.value)


WRONG_KEYS = {
    NAMED.replace('"from"', '"form"'): 'there is no column "form"; did you mean "from"?',
    NAMED.replace(" }", ', clock = "wal" }'): 'platforms.net.graph.clock: "wal" is not one of "run", "wall"',
    NAMED.replace('"from"', "-1"): "since = -1 is neither a column's name nor its number from 0",
    '{ file = "moves.csv", meaning = "follower,followed", clock = "run" }': "name one of these columns",
    '{ file = "moves.npz", since = "from" }': 'moves.npz" is a stored graph, which knows its directions and columns; '
    "leave since out",
}


@pytest.mark.parametrize("graph", WRONG_KEYS)
def test_wrong_keys_of_times_are_one_line(place: Path, graph: str) -> None:
    write_graph(FollowerGraph.from_links([0], [1], n_persons=2), "moves.npz")
    with pytest.raises(InputError) as raised:
        simulate(scenario_of(place, graph))
    assert WRONG_KEYS[graph] in str(raised.value)
    assert "\n" not in str(raised.value)
