"""Thresholds of shares and counts, and exposure curves: graphs worked out by hand, a plain twin, errors."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from diffusion.classic import (
    Spread,
    absolute_threshold,
    complex_contagion,
    fractional_threshold,
    independent_cascade,
    linear_threshold,
)
from diffusion.classic.threshold import SHARES
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph, ImplicitGraph, generate_followers
from diffusion.randomness import start_key
from diffusion.vocabulary import Purpose
from reference.classic_threshold import GivesWay, exposures, share, spread

SMALL = FollowerGraph.from_links([0, 1, 0, 1, 2, 3], [2, 2, 3, 3, 3, 4], n_persons=6)
"""2 follows 0 and 1; 3 follows 0, 1 and 2; 4 follows 3; nobody follows or is followed by 5."""
LARGER = generate_followers(3_000, mean_followers=8, seed=1)
NEVER = np.inf


def story(found: Spread) -> tuple[list[float], list[int]]:
    return found.column("times")[0].tolist(), found.column("parents")[0].astype(np.int32).tolist()


@pytest.mark.parametrize(
    ("phi", "seeds", "times", "parents"),
    [
        (0.5, [0], [0, NEVER, 1, 2, 3, NEVER], [-1, -1, 0, 2, 3, -1]),
        (1 / 3, [0], [0, NEVER, 1, 1, 2, NEVER], [-1, -1, 0, 0, 3, -1]),
        (0.0, [0], [0, NEVER, 1, 1, 2, NEVER], [-1, -1, 0, 0, 3, -1]),
        (0.51, [0], [0, NEVER, NEVER, NEVER, NEVER, NEVER], [-1] * 6),
        (1.0, [1, 0], [0, 0, 1, 2, 3, NEVER], [-1, -1, 0, 2, 3, -1]),
        ("0.5", [0], [0, NEVER, 1, 2, 3, NEVER], [-1, -1, 0, 2, 3, -1]),
        ("uniform 0.5 0.5", [0], [0, NEVER, 1, 2, 3, NEVER], [-1, -1, 0, 2, 3, -1]),
    ],
)
def test_a_share_of_the_followed_accounts(
    phi: float | str, seeds: list[int], times: list[float], parents: list[int]
) -> None:
    assert story(fractional_threshold(SMALL, phi=phi, seeds=seeds, record="parents")) == (times, parents)


@pytest.mark.parametrize(
    ("k", "seeds", "times", "parents"),
    [
        (1, [0], [0, NEVER, 1, 1, 2, NEVER], [-1, -1, 0, 0, 3, -1]),
        (2, [0], [0, NEVER, NEVER, NEVER, NEVER, NEVER], [-1] * 6),
        (2, [0, 1], [0, 0, 1, 1, NEVER, NEVER], [-1, -1, 1, 1, -1, -1]),
        (3, [0, 1, 2], [0, 0, 0, 1, NEVER, NEVER], [-1, -1, -1, 2, -1, -1]),
        (2**40, [0, 1], [0, 0, NEVER, NEVER, NEVER, NEVER], [-1] * 6),
    ],
)
def test_a_number_of_active_accounts(k: int, seeds: list[int], times: list[float], parents: list[int]) -> None:
    assert story(absolute_threshold(SMALL, k=k, seeds=seeds, record="parents")) == (times, parents)


def test_a_share_is_compared_as_a_quotient() -> None:
    """7 of 100 are a share of .07, although .07 * 100 is more than 7 in floating point."""
    star = FollowerGraph.from_links(np.arange(100), np.full(100, 100))
    assert fractional_threshold(star, phi=0.07, seeds=range(7)).reached.tolist() == [8]
    assert fractional_threshold(star, phi=0.07, seeds=range(6)).reached.tolist() == [6]


@pytest.mark.parametrize("followed", [16_381, 16_382, 40_000])
def test_counts_hold_whatever_their_width(followed: int) -> None:
    """Counts have 16 bits up to 16,381 followed accounts and 32 beyond; all of them are needed, or one is missing."""
    star = FollowerGraph.from_links(np.arange(followed), np.full(followed, followed))
    for missing in (0, 1):
        found = absolute_threshold(star, k=followed, seeds=range(missing, followed))
        assert found.reached.tolist() == [followed + 1 - 2 * missing]
    assert absolute_threshold(star, k=followed + 1, seeds=range(followed)).reached.tolist() == [followed]
    assert absolute_threshold(star, k=1, seeds=range(followed)).reached.tolist() == [followed + 1]


def test_every_exposure_has_its_chance() -> None:
    """2 hears 0 and then 1: adopts with .2 from 0, with .8 * .5 from 1; then 3 hears a third one or does not."""
    found = complex_contagion(SMALL, chances="0.2 0.5 0", seeds=[0, 1], replicates=20_000, seed=2, record="parents")
    parents = found.column("parents")[:, 2]
    # 20,000 throws: standard deviation below .0036; five of them.
    assert (parents == 0).mean() == pytest.approx(0.2, abs=0.018)
    assert (parents == 1).mean() == pytest.approx(0.4, abs=0.018)
    assert np.isfinite(found.column("times")[:, 3]).mean() == pytest.approx(0.6, abs=0.018)


def test_a_certain_third_exposure_is_a_threshold_of_three() -> None:
    ask: dict[str, Any] = {"seeds": "random:300", "replicates": 5, "record": "parents"}
    a, b = complex_contagion(LARGER, chances="0 0 1", **ask), absolute_threshold(LARGER, k=3, **ask)
    assert np.array_equal(a.column("times"), b.column("times")) and a.reached.min() > 300
    assert np.array_equal(a.column("parents"), b.column("parents"))


def test_equal_chances_are_an_independent_cascade() -> None:
    """400 sizes each, of deviation about 250: means lie within 5 standard errors (90)."""
    ask: dict[str, Any] = {"seeds": "random:20", "replicates": 400}
    a, b = complex_contagion(LARGER, chances=0.15, **ask), independent_cascade(LARGER, p=0.15, **ask)
    allowed = 5 * np.sqrt((a.reached.var() + b.reached.var()) / 400)
    assert abs(a.reached.mean() - b.reached.mean()) < allowed < 0.1 * a.reached.mean()


@pytest.mark.parametrize(
    ("model", "ask"),
    [
        (linear_threshold, {}),
        (linear_threshold, {"weights": "weights"}),
        (fractional_threshold, {"phi": 0.1}),
        (absolute_threshold, {"k": 2}),
        (complex_contagion, {"chances": 0.1}),
    ],
)
def test_a_computed_graph_is_refused(model: Callable[..., Spread], ask: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="needs links that are stored"):
        model(ImplicitGraph(100, mean_followers=5, seed=1), **ask)


Twin = Callable[[int, FollowerGraph], GivesWay]
CASES: list[tuple[Callable[..., Spread], dict[str, Any], Twin]] = [
    (
        fractional_threshold,
        {"phi": f"{name} {low} {high}"},
        lambda key, graph, name=name, low=low, high=high: share(
            key, graph.n_followed.tolist(), SHARES[name][1](low, high).tolist()
        ),
    )
    for name, low, high in (("uniform", 0.1, 0.5), ("normal", 0.2, 0.2), ("beta", 2.0, 5.0))
] + [
    (complex_contagion, {"chances": text}, lambda key, graph, text=text: exposures(key, [*map(float, text.split())]))
    for text in ("0.05 0.3", "0.2", "0 0.9 0.1 0")
]


@pytest.mark.parametrize(("model", "ask", "twin"), CASES, ids=lambda case: str(case) if isinstance(case, dict) else "")
@pytest.mark.parametrize("seed", range(6))
def test_it_agrees_with_a_plain_twin_event_for_event(
    model: Callable[..., Spread], ask: dict[str, Any], twin: Twin, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    graph = FollowerGraph.from_links(rng.integers(40, size=200), rng.integers(40, size=200), n_persons=40)
    rows, seeds = [graph.row(u).tolist() for u in range(40)], rng.choice(40, 8, replace=False).tolist()
    found = model(graph, **ask, seeds=seeds, seed=seed, replicates=5, record="parents")
    assert found.reached.max() > 8
    for k in range(5):
        times, parents = spread(rows, seeds, twin(start_key(seed, k, Purpose.CONTAGION), graph))
        assert found.column("times")[k].tolist() == times
        assert found.column("parents")[k].astype(np.int32).tolist() == parents


@pytest.mark.parametrize(
    ("model", "ask"),
    [
        (fractional_threshold, {"phi": "uniform 0.1 0.5"}),
        (absolute_threshold, {"k": 2}),
        (complex_contagion, {"chances": "0.05 0.2"}),
    ],
)
def test_results_depend_on_neither_threads_nor_record(model: Callable[..., Spread], ask: dict[str, Any]) -> None:
    ask = {**ask, "seeds": "random:25", "replicates": 24, "seed": 5}
    one, two = model(LARGER, **ask, threads=1), model(LARGER, **ask, threads=3, record="parents")
    assert np.array_equal(one.reached, two.reached) and np.array_equal(one.lasted, two.lasted)
    assert np.unique(one.reached).size > 3


def test_compiled_or_not_the_results_are_the_same() -> None:
    probe = (
        "import numpy as np; np.seterr(all='ignore')\n"
        "from diffusion.classic import *\nfrom diffusion.graphs import FollowerGraph\n"
        "rng = np.random.default_rng(1)\n"
        "g = FollowerGraph.from_links(rng.integers(60, size=240), rng.integers(60, size=240), n_persons=60)\n"
        "ask = dict(seeds='random:8', replicates=3, record='parents')\n"
        "for f in (fractional_threshold(g, phi='beta 2 5', **ask), fractional_threshold(g, phi=.3, **ask),\n"
        "          absolute_threshold(g, k=2, **ask), complex_contagion(g, chances='0.1 0.3', **ask)):\n"
        "    print(f.column('times').tolist(), f.column('parents').tolist())\n"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", probe],
            env={**os.environ, "NUMBA_DISABLE_JIT": switch},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        ).stdout
        for switch in ("0", "1")
    ]
    assert outputs[0] == outputs[1] and "1.0" in outputs[0]


BAD: list[tuple[Callable[..., Spread], dict[str, Any], str]] = [
    (fractional_threshold, {"phi": 1.5}, "phi = 1.5: give a share, 0 <= phi <= 1, or a law"),
    (fractional_threshold, {"phi": True}, "phi = True: give a share"),
    (fractional_threshold, {"phi": "half"}, 'phi = "half": give a share'),
    (fractional_threshold, {"phi": ""}, 'phi = "": give a share'),
    (fractional_threshold, {"phi": "unifrm 0 1"}, 'there is no law "unifrm" of shares; did you mean "uniform"'),
    (fractional_threshold, {"phi": "uniform 0.5"}, "give uniform low high, 0 <= low <= high <= 1"),
    (fractional_threshold, {"phi": "uniform 0.5 0.1"}, "give uniform low high, 0 <= low <= high <= 1"),
    (fractional_threshold, {"phi": "beta 0 1"}, "give beta a b, both > 0"),
    (fractional_threshold, {"phi": "normal nan 1"}, "give normal mean sd"),
    (absolute_threshold, {"k": 0}, "k = 0 is not a whole number >= 1"),
    (absolute_threshold, {"k": 1.5}, "k = 1.5 is not a whole number >= 1"),
    (complex_contagion, {"chances": ""}, 'chances = "": give a probability for the first exposure'),
    (complex_contagion, {"chances": "0.1 2"}, 'chances = "0.1 2": give a probability'),
    (complex_contagion, {"chances": "nan"}, 'chances = "nan": give a probability'),
    (complex_contagion, {"chances": [0.1]}, "chances = a list: give a probability"),
]


@pytest.mark.parametrize(("model", "wrong", "message"), BAD)
def test_a_wrong_argument_is_one_line(model: Callable[..., Spread], wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        model(SMALL, **wrong)
    assert "\n" not in str(refused.value)
