"""SimSoM: feed for feed as in plain Python, its records, the network of bots, its errors."""

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from diffusion.classic import simsom
from diffusion.classic.simsom import walk_graph
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph, generate_followers
from diffusion.units import NEVER
from laws.bounds import count_bounds
from reference.classic_simsom import run_simsom, walk

GRAPH = generate_followers(80, mean_followers=8, seed=1)
RULES: list[dict[str, Any]] = [
    {"mu": 0.5, "alpha": 5, "beta": 0.0, "gamma": 0.0, "phi": 0.0, "theta": 1},
    {"mu": 0.3, "alpha": 4, "beta": 0.1, "gamma": 0.1, "phi": 0.5, "theta": 3},
    {"mu": 0.7, "alpha": 12, "beta": 0.05, "gamma": 1.0, "phi": 1.0, "theta": 2},
    {"mu": 0.0, "alpha": 1, "beta": 0.2, "gamma": 0.02, "phi": 0.0, "theta": 1},
]


@pytest.mark.parametrize("rule", RULES)
def test_feeds_are_those_of_plain_python(rule: dict[str, Any]) -> None:
    rows = [GRAPH.row(u).tolist() for u in range(80)]
    for steps in (1, 12):
        found = simsom(GRAPH, **rule, most_steps=steps, replicates=3, seed=4, record="parents")
        for k in range(3):
            ran = int(found.lasted[k])
            world = run_simsom(rows, 4, k, rule | {"bots": int(80 * rule["beta"])}, ran)
            assert found.extra["quality_of_steps"][k, : ran + 1].tolist() == pytest.approx(world.means, rel=1e-12)
            assert found.extra["quality"][k] == pytest.approx(world.means[-1], rel=1e-12)
            seen = [entry for feed in world.feeds[:80] for entry in feed]
            bad = [entry for entry in seen if entry.quality == 0]
            assert found.extra["bot_share"][k] == pytest.approx(len(bad) / len(seen), rel=1e-12)
            share = np.unique([entry.post for entry in seen], return_counts=True)[1] / len(seen)
            assert found.extra["diversity"][k] == pytest.approx(-(share * np.log(share)).sum(), abs=1e-12)
            times = [world.came[u][0] if u in world.came else np.inf for u in range(80)]
            assert found.column("times")[k].tolist() == times
            via = [world.came[u][1] if u in world.came else -1 for u in range(80)]
            assert found.column("parents")[k].tolist() == [NEVER if u < 0 else u for u in via]
            assert found.reached[k] == len(world.came)
            polluted = sum(any(entry.quality == 0 for entry in feed) for feed in world.feeds[:80])
            assert found.counts[k].tolist() == [80 - polluted, polluted]


def test_one_step_can_be_counted_by_hand() -> None:
    pair = FollowerGraph.from_links([0, 1], [1, 0], n_persons=2)
    found = simsom(pair, mu=1.0, most_steps=1, record="times")
    assert found.extra["diversity"].tolist() == [pytest.approx(np.log(2))] and found.extra["bot_share"].tolist() == [0]
    assert 0.8 < found.extra["quality"][0] <= 1.0 and not found.extra["settled"][0]
    everybody = simsom(pair, mu=1.0, beta=0.5, gamma=1.0, most_steps=1, record="parents")
    assert everybody.counts.tolist() == [[0, 2]] and everybody.column("times").tolist() == [[1, 1]]
    assert (everybody.column("parents") == NEVER).all() and everybody.extra["bot_share"].tolist() == [0.5]


@pytest.mark.parametrize("record", ["sizes", "curves", "times", "parents"])
def test_results_depend_on_neither_threads_nor_record(record: str) -> None:
    asked: dict[str, Any] = {"beta": 0.1, "gamma": 0.05, "replicates": 12, "seed": 5}
    one, two = simsom(GRAPH, **asked, threads=1), simsom(GRAPH, **asked, threads=3, record=record)
    for name in ("quality", "bot_share", "diversity", "settled"):
        assert np.array_equal(one.extra[name], two.extra[name])
    assert np.array_equal(one.reached, two.reached) and np.array_equal(one.lasted, two.lasted)
    assert "seeds" not in one.parameters and np.unique(one.extra["quality"]).size == 12
    if two.curves is not None:
        assert np.array_equal(two.curves[:, 1, -1], one.counts[:, 1])


def test_every_bot_is_followed_by_a_share_of_the_persons() -> None:
    from diffusion.classic._feeds import infiltrate

    offsets, followers = infiltrate(2_000, 50, 0.03, np.uint64(7))
    low, high = count_bounds(100_000, 0.03, 1e-6)
    assert low <= followers.size <= high
    rows = np.split(followers, offsets[1:-1])
    assert all((np.diff(row.astype(np.int64)) > 0).all() for row in rows)
    # Each row is binomial with mean 60 and deviation 7.6: none of 50 lies six of these away but once in 10 million.
    assert all(14 <= row.size <= 106 for row in rows)
    assert np.bincount(followers // 1_000).tolist() == pytest.approx([1_500, 1_500], abs=200)


def test_the_random_walk_is_that_of_plain_python() -> None:
    from diffusion.randomness import start_key
    from diffusion.vocabulary import Purpose

    for n, links, chance in ((2, 3, 0.5), (3, 3, 0.5), (60, 3, 0.5), (60, 5, 1.0), (40, 1, 0.5)):
        graph = walk_graph(n, links=links, chance=chance, seed=3)
        follows = walk(n, links, chance, start_key(3, 0, Purpose.GRAPH))
        rows = [sorted(a for a in range(n) if b in follows[a]) for b in range(n)]
        assert [graph.row(u).tolist() for u in range(n)] == rows


def test_compiled_and_plain_kernels_agree() -> None:
    code = (
        "import numpy as np; np.seterr(over='ignore')\n"
        "from diffusion.classic import simsom\n"
        "from diffusion.graphs import complete_graph\n"
        "f = simsom(complete_graph(6), beta=.5, gamma=.4, replicates=3, most_steps=6, alpha=3, record='times')\n"
        "print(np.round(f.extra['quality'], 9).tolist(), f.times.tolist())"
    )
    said = [
        subprocess.run([sys.executable, "-c", code], env=os.environ | more, capture_output=True, text=True, check=True)
        for more in ({}, {"NUMBA_DISABLE_JIT": "1"})
    ]
    assert said[0].stdout == said[1].stdout != ""


BAD: list[tuple[dict[str, Any], str]] = [
    ({"mu": 1.5}, r"mu = 1\.5: give a number from 0 to 1"),
    ({"gamma": float("nan")}, "gamma = nan: give a number from 0 to 1"),
    ({"phi": "much"}, "phi = 'much'"),
    ({"beta": -1}, "beta = -1"),
    ({"alpha": 0}, "alpha = 0 is not a whole number >= 1"),
    ({"alpha": 5_000}, "a feed holds at most 1,000 posts"),
    ({"theta": 0}, "theta = 0 is not a whole number >= 1"),
    ({"most_steps": 0}, "most_steps = 0"),
    ({"beta": 0.001}, r"beta = 0\.001: that is less than one bot for 80 persons"),
    ({"gamma": 0.1}, r"gamma = 0\.1 is about bots, of which there are none"),
    ({"phi": 0.1}, "is about bots"),
    ({"theta": 2}, "theta = 2 is about bots"),
    ({"replicates": 0}, "replicates = 0"),
    ({"record": "all"}, "record = 'all' is not known"),
]


@pytest.mark.parametrize(("wrong", "message"), BAD)
def test_a_wrong_argument_is_one_line(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        simsom(GRAPH, **wrong)
    assert "\n" not in str(refused.value)


def test_a_network_of_nobody_is_refused() -> None:
    for wrong in ({"n_persons": 1}, {"n_persons": 9, "links": 0}, {"n_persons": 9, "chance": 2}):
        with pytest.raises(InputError):
            walk_graph(**wrong)
