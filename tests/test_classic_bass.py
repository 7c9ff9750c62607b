"""Bass's model: small graphs worked out by hand, errors, and a plain-Python twin that agrees clock for clock."""

import math
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from diffusion.classic import Spread, bass
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph, complete_graph, generate_followers, path_graph
from diffusion.units import NEVER
from reference.classic_bass import Rule
from reference.classic_bass import bass as plain

GRAPH = generate_followers(300, mean_followers=6, seed=3)


def test_word_of_mouth_alone_walks_along_the_links() -> None:
    found = bass(path_graph(4), p=0, q=2, seeds=[1], replicates=4_000, record="parents")
    times = found.column("times")
    assert (found.reached == 3).all() and np.isinf(times[:, 0]).all() and (times[:, 1] == 0).all()
    assert (found.column("parents") == [NEVER, NEVER, 1, 2]).all() and (found.extra["by_media"] == 0).all()
    # Both waits are exponential with mean 1/2: 5 standard errors are .04.
    assert abs(times[:, 2].mean() - 0.5) < 0.04 and abs((times[:, 3] - times[:, 2]).mean() - 0.5) < 0.04


def test_media_alone_reach_everybody_at_the_same_rate() -> None:
    found = bass(path_graph(1_000), p=0.5, q=0, seeds="random:0", record="parents")
    assert found.reached.tolist() == found.extra["by_media"].tolist() == [1_000]
    assert abs(found.column("times").mean() - 2) < 5 * 2 / math.sqrt(1_000)
    assert (found.column("parents") == NEVER).all() and found.lasted[0] == found.column("times").max()


def test_media_are_on_in_their_window() -> None:
    found = bass(path_graph(4_000), p=0.5, q=0, seeds="random:0", media="3 5", record="times")
    times = found.column("times")[0]
    inside = times[np.isfinite(times)]
    assert inside.min() >= 3 and inside.max() < 5
    share = 1 - math.exp(-1)
    assert abs(inside.size - 4_000 * share) < 5 * math.sqrt(4_000 * share * (1 - share))


def test_the_share_of_those_followed_counts_or_each_of_them() -> None:
    """0, 1 and 2 have adopted and 3 follows them and two others: it waits 1 / (q 3/5), or 1 / (3 q)."""
    graph = FollowerGraph.from_links([0, 1, 2, 4, 5], [3, 3, 3, 3, 3], n_persons=6)
    for influence, mean in (("share", 5 / 3), ("each", 1 / 3)):
        found = bass(graph, p=0, q=1, influence=influence, seeds=[0, 1, 2], replicates=4_000, record="times")
        assert abs(found.column("times")[:, 3].mean() - mean) < 5 * mean / math.sqrt(4_000)


def test_where_everybody_follows_as_many_both_influences_are_one() -> None:
    graph = complete_graph(40)
    share = bass(graph, p=0.1, q=0.39, replicates=5, record="times").column("times")
    each = bass(graph, p=0.1, q=0.01, influence="each", replicates=5, record="times").column("times")
    assert share == pytest.approx(each, rel=1e-12)


RULES = [
    Rule(0.03, 0.38),
    Rule(0.0, 0.5),
    Rule(0.02, 0.3, "each", media_from=1.0, media_until=4.0),
    Rule(0.001, 2.0, horizon=6.0),
    Rule(1e-6, 1.0),
]


@pytest.mark.parametrize("rule", RULES, ids=range(len(RULES)))
def test_the_plain_twin_agrees_clock_for_clock(rule: Rule) -> None:
    rows = [GRAPH.row(k).tolist() for k in range(300)]
    window = {"media": f"{rule.media_from} {rule.media_until}"}
    found = bass(
        GRAPH, p=rule.p, q=rule.q, influence=rule.influence, **window, seeds=[5, 17], replicates=4, seed=8,
        horizon=None if rule.horizon == math.inf else rule.horizon, record="parents", curve_step=0.5,
    )  # fmt: skip
    for replicate in range(4):
        twin = plain(rows, rule, [5, 17], (8, replicate))
        times = found.column("times")[replicate]
        # math.log1p of Python and of the compiler may differ in the last bit.
        assert times == pytest.approx([twin[k].time if k in twin else np.inf for k in range(300)], rel=1e-12)
        parents = [NEVER if k not in twin or twin[k].parent is None else twin[k].parent for k in range(300)]
        assert found.column("parents")[replicate].tolist() == parents
        assert found.reached[replicate] == len(twin) > 20
        assert found.extra["by_media"][replicate] == sum(one.by_media for one in twin.values())
        assert found.lasted[replicate] == times[np.isfinite(times)].max()
        counted = [(times <= at).sum() for at in found.column("curve_times")]
        assert found.column("curves")[replicate, 1].tolist() == counted


@pytest.mark.parametrize("record", ["sizes", "curves", "times", "parents"])
def test_results_depend_on_neither_threads_nor_record(record: str) -> None:
    def run(threads: int, record: str = "sizes") -> Spread:
        return bass(GRAPH, p=0.01, q=0.4, horizon=8, replicates=40, seed=5, threads=threads, record=record)

    one, two = run(1), run(3, record)
    assert np.array_equal(one.reached, two.reached) and np.array_equal(one.lasted, two.lasted)
    assert np.array_equal(one.extra["by_media"], two.extra["by_media"]) and np.unique(one.reached).size > 5


PLAIN = """
from diffusion.classic import bass
from diffusion.graphs import complete_graph
found = bass(complete_graph(30), p=.05, q=.5, media="0 9", replicates=3, seed=4, threads=1, record="parents")
print(found.reached.tolist(), found.parents.tolist(), found.extra["by_media"].tolist())
"""


def test_kernels_that_are_not_compiled_find_the_same() -> None:
    def printed(**more: str) -> str:
        done = subprocess.run([sys.executable, "-c", PLAIN], env=os.environ | more, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert printed(NUMBA_DISABLE_JIT="1") == printed()


BAD: list[tuple[dict[str, Any], str]] = [
    ({"p": -0.1}, r"p = -0\.1: give a finite number >= 0"),
    ({"p": "often"}, "p = 'often': give a finite number"),
    ({"q": float("nan")}, "q = nan: give a finite number >= 0"),
    ({"q": 1e200}, r"q = 1e\+200: give a rate of at most 1e\+100"),
    ({"influence": "eech"}, 'influence = \'eech\' is not known, did you mean "each"|did you mean "each"'),
    *(
        ({"media": text}, f"media = '{text}': give \"always\", a time from which on")
        for text in ("-1", "3 3", "1 2 3", "on")
    ),
    ({"seeds": "random:0", "p": 0}, "nobody would ever adopt"),
    ({"horizon": 0}, "horizon = 0: give a finite number > 0"),
    ({"curve_step": 0}, "curve_step = 0: give a finite number > 0"),
    ({"curve_step": 1e-9, "record": "curves"}, "give a larger step"),
]


@pytest.mark.parametrize(("wrong", "message"), BAD)
def test_a_wrong_argument_is_one_line(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        bass(complete_graph(20), **({"p": 0.1, "q": 0.1} | wrong))
    assert "\n" not in str(refused.value)
