"""Limited attention: post for post as in plain Python, its records, its errors."""

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from diffusion.classic import limited_attention
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph, complete_graph, generate_followers
from diffusion.units import NEVER
from reference.classic_attention import run_attention

GRAPH = generate_followers(60, mean_followers=8, seed=1)
RULES: list[dict[str, Any]] = [
    {"p_new": 0.45, "p_read": 0.1, "p_memory": 0.4, "window": 1.0},
    {"p_new": 0.2, "p_read": 0.15, "p_memory": 0.0, "window": 0.5},
    {"p_new": 0.1, "p_read": 0.05, "p_memory": 1.0, "window": 3.0},
    {"p_new": 1.0, "p_read": 0.5, "p_memory": 0.5, "window": 1.0},
]


@pytest.mark.parametrize("rule", RULES)
def test_posts_are_those_of_plain_python(rule: dict[str, Any]) -> None:
    found = limited_attention(GRAPH, horizon=6, **rule, replicates=4, seed=4, record="parents")
    follows = [[u for u in range(60) if v in GRAPH.row(u)] for v in range(60)]
    chances = (rule["p_new"], rule["p_read"], rule["p_memory"])
    for k in range(4):
        posts = run_attention(follows, 4, k, chances, (360, round(60 * rule["window"])))
        popularity = np.bincount([post.meme for post in posts], minlength=360)
        assert found.extra["popularity"][k].tolist() == popularity.tolist()
        assert found.extra["posts"][k] == len(posts) and found.extra["memes"][k] == (popularity > 0).sum()
        last = {post.meme: post.step for post in posts}
        lifetimes = [(last[meme] - meme) / 60 if meme in last else np.nan for meme in range(360)]
        assert found.extra["lifetime"][k].tolist() == pytest.approx(lifetimes, nan_ok=True)
        assert found.extra["mean_lifetime"][k] == pytest.approx(np.nanmean(lifetimes))
        top = int(np.argmax(popularity))
        first: dict[int, Any] = {}
        for post in posts:
            if post.meme == top:
                first.setdefault(post.author, post)
        assert found.extra["largest"][k] == popularity[top] and found.reached[k] == len(first)
        times = [first[u].step / 60 if u in first else np.inf for u in range(60)]
        assert found.column("times")[k].tolist() == pytest.approx(times)
        assert found.column("parents")[k].tolist() == [first[u].source if u in first else NEVER for u in range(60)]
        assert found.lasted[k] == pytest.approx(max(post.step for post in first.values()) / 60)


def test_a_pair_can_be_counted_by_hand() -> None:
    pair = complete_graph(2)
    found = limited_attention(pair, horizon=4, p_new=1.0, record="times")
    assert found.extra["memes"].tolist() == [8] and found.extra["popularity"].tolist() == [[1] * 8]
    assert found.extra["lifetime"].tolist() == [[0.0] * 8] and found.reached.tolist() == [1]
    nobody = limited_attention(pair, horizon=4, p_new=0.0)
    assert nobody.extra["posts"].tolist() == [0] and nobody.counts.tolist() == [[2, 0]]
    assert np.isnan(nobody.extra["mean_lifetime"]).all()


def test_what_is_not_followed_is_not_read() -> None:
    apart = FollowerGraph.from_links([0], [1], n_persons=3)
    found = limited_attention(
        apart, horizon=200, p_new=0.3, p_read=0.5, p_memory=0, replicates=20, seed=1, record="parents"
    )
    parents = found.column("parents")
    assert (parents[:, [0, 2]] == NEVER).all() and (parents[:, 1] == 0).any() and found.reached.max() == 2


@pytest.mark.parametrize("record", ["sizes", "curves", "times", "parents"])
def test_results_depend_on_neither_threads_nor_record(record: str) -> None:
    asked: dict[str, Any] = {"horizon": 30, "p_read": 0.08, "replicates": 12, "seed": 5}
    one = limited_attention(GRAPH, **asked, threads=1)
    two = limited_attention(GRAPH, **asked, threads=3, record=record)
    for name in ("memes", "posts", "largest", "mean_lifetime"):
        assert np.array_equal(one.extra[name], two.extra[name])
    assert np.array_equal(one.reached, two.reached) and np.array_equal(one.lasted, two.lasted)
    assert "seeds" not in one.parameters and np.unique(one.extra["posts"]).size > 6
    if two.curves is not None:
        assert np.array_equal(two.curves[:, 1, -1], one.reached)


def test_the_store_of_posts_grows() -> None:
    graph = generate_followers(500, mean_followers=10, seed=1)
    found = limited_attention(graph, horizon=60, p_read=0.1, replicates=2, threads=1, seed=2)
    assert found.extra["posts"].min() > 2**14
    assert np.array_equal(
        found.extra["posts"][1:],
        limited_attention(graph, horizon=60, p_read=0.1, replicates=2, threads=2, seed=2).extra["posts"][1:],
    )


def test_compiled_and_plain_kernels_agree() -> None:
    code = (
        "import numpy as np; np.seterr(over='ignore')\n"
        "from diffusion.classic import limited_attention as la\n"
        "from diffusion.graphs import complete_graph\n"
        "f = la(complete_graph(8), horizon=9, p_read=.08, replicates=3, record='times', threads=1)\n"
        "print(f.extra['popularity'].tolist(), f.times.tolist())"
    )
    said = [
        subprocess.run([sys.executable, "-c", code], env=os.environ | more, capture_output=True, text=True, check=True)
        for more in ({}, {"NUMBA_DISABLE_JIT": "1"})
    ]
    assert said[0].stdout == said[1].stdout != ""


BAD: list[tuple[dict[str, Any], str]] = [
    ({"p_new": 1.5}, r"p_new = 1\.5: give a probability"),
    ({"p_read": -1}, "p_read = -1: give a probability"),
    ({"p_memory": "x"}, "p_memory = 'x': give a probability"),
    ({"window": 0}, "window = 0: give a time > 0"),
    ({"window": 1e-6}, "window = 1e-06: less than one step of 60"),
    ({"horizon": float("nan")}, "horizon = nan: give a time > 0"),
    ({"horizon": 1e-9}, "0 steps for 60 persons"),
    ({"horizon": 1e12}, "steps for 60 persons; there must be 1 to"),
    ({"most": 0}, "most = 0 is not a whole number >= 1"),
    ({"p_read": 1.0, "most": 5_000}, "more than 5,000 posts"),
]


@pytest.mark.parametrize(("wrong", "message"), BAD)
def test_a_wrong_argument_is_one_line(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        limited_attention(GRAPH, **({"horizon": 50} | wrong))
    assert "\n" not in str(refused.value)
