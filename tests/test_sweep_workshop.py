"""What a sweep keeps in memory: parts of worlds are built once, forgotten in time, and never mixed up."""

import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from diffusion import InputError
from diffusion.assembly import Assembler, World
from diffusion.measures import wide_row
from diffusion.scenario import Scenario
from diffusion.simulation import simulate
from diffusion.study.sweeps.mapped import MappedGraphs
from diffusion.study.sweeps.run import run_sweep
from diffusion.study.sweeps.workshop import SweepAssembler, Workshop, digest
from small_sweeps import FILE, SWEEP, read


def scenarios(folder: Path, count: int, **changes: Any) -> list[Scenario]:
    base = read(folder, FILE).scenario.changed(changes)
    return [
        base.changed({"platforms.chirp.members": 0.5 + 0.1 * (k % 5), "run.seed": k % 3, "people.count": 60 + k % 2})
        for k in range(count)
    ]


def same(a: World, b: World) -> bool:
    graphs = all(a.graphs[name] == b.graphs[name] for name in b.graphs)
    members = all(np.array_equal(a.members[name], b.members[name]) for name in b.members)
    reach = all(np.array_equal(a.attention[name], b.attention[name], equal_nan=True) for name in b.attention)
    heard = all(np.array_equal(a.audiences[name].persons, b.audiences[name].persons) for name in b.audiences)
    return graphs and members and reach and heard and np.array_equal(a.propensity, b.propensity)


@pytest.mark.parametrize("keep", [1, 3])
def test_worlds_are_those_of_a_fresh_assembler_and_old_parts_go(tmp_path: Path, keep: int) -> None:
    assembler = SweepAssembler(keep=keep)
    most = 0
    for scenario in scenarios(tmp_path, 30):
        seed = scenario.run.seed
        assert same(assembler.world(scenario, seed=seed), Assembler().world(scenario, seed=seed))
        most = max(most, len(assembler._parts))
    alone = Assembler()
    alone.world(scenario, seed=seed)
    assert len(assembler._locks) == len(assembler._used) == len(assembler._parts)
    assert most <= (keep + 1) * len(alone._parts)


def test_what_follows_each_other_shares_its_parts(tmp_path: Path) -> None:
    one = read(tmp_path, FILE).variants
    assembler = SweepAssembler()
    first, second = (assembler.world(scenario, seed=1) for scenario in one.values())
    assert first.graphs["chirp"] is second.graphs["chirp"]
    assert first.propensity is second.propensity


@pytest.mark.parametrize("redraw", ["luck", "world"])
def test_threads_build_worlds_at_once_without_mixing_them_up(tmp_path: Path, redraw: str) -> None:
    wanted = scenarios(tmp_path, 24, **{"run.redraw": redraw})
    assembler = SweepAssembler(keep=2)
    wrong: list[int] = []

    def build(begin: int) -> None:
        for k in range(begin, len(wanted), 4):
            made = assembler.world(wanted[k], seed=wanted[k].run.seed, replicate=k)
            if not same(made, Assembler().world(wanted[k], seed=wanted[k].run.seed, replicate=k)):
                wrong.append(k)

    threads = [threading.Thread(target=build, args=(k,)) for k in range(4)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []


def test_graphs_are_fitted_to_the_persons_of_their_own_world(tmp_path: Path) -> None:
    """Two worlds of as many persons, of whom some are others: what one file's graph looks like among them differs."""
    for name, links in (("own", "1,2\n2,3\n"), ("low", "0,1\n"), ("high", "3,9\n")):
        (tmp_path / f"{name}.csv").write_text("a,b\n" + links)

    def world(assembler: Assembler, other: str) -> World:
        text = FILE.replace("count = 60\n", "")
        graph = '{ file = "%s.csv", meaning = "follower,followed" }'
        text = text.replace('{ generator = "popularity", mean_followers = 6.0 }', graph % "own")
        text += f'[platforms.second]\nkind = "follow"\ngraph = {graph % other}\n'
        return assembler.world(read(tmp_path, text).scenario, seed=1)

    for assembler in (Assembler(), SweepAssembler(keep=5)):
        for other, persons in (("low", [0, 1, 2, 3]), ("high", [1, 2, 3, 9])):
            made = world(assembler, other)
            assert made.labels is None or made.labels.tolist() == persons
            assert made.graphs["chirp"].followers_of(3).tolist() == [2]
            assert same(made, world(Assembler(), other))


def test_a_graph_file_is_stored_with_all_that_is_said_of_it(tmp_path: Path) -> None:
    rows = "".join(f"{a},{b},{a % 5},{60 * (b % 7)}\n" for a in range(60) for b in (a + 1, a + 7, 3 * a + 1))
    (tmp_path / "links.csv").write_text("a,b,w,begun\n" + rows)
    said = 'file = "links.csv", meaning = "follower,followed", weight = "w", since = "begun", clock = "run"'
    text = FILE.replace("count = 60\n", "").replace('generator = "popularity", mean_followers = 6.0', said)
    scenario = read(tmp_path, text).scenario
    mapped = MappedGraphs(tmp_path).scenario(scenario)
    assert mapped.platforms["chirp"].graph.file.startswith(str(tmp_path / "graphs"))
    own, stored = (Assembler().world(one, seed=1).graphs["chirp"] for one in (scenario, mapped))
    assert stored == own
    assert (stored.weights is not None, stored.since is not None) == (True, True)
    assert [path.name for path in (tmp_path / "graphs").iterdir()] == [
        Path(MappedGraphs(tmp_path).scenario(scenario).platforms["chirp"].graph.file).name
    ]
    assert wide_row(simulate(mapped)) == pytest.approx(wide_row(simulate(scenario)), nan_ok=True)


def test_a_workshop_keeps_few_runners_of_large_worlds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diffusion.study.sweeps.workshop.MOST_PERSONS", 200)
    shop = Workshop()
    for scenario in scenarios(tmp_path, 10):
        shop.runner(scenario, digest(scenario), 0, 25)
    assert len(shop._runners) == 3  # 60 or 61 persons each
    monkeypatch.setattr("diffusion.study.sweeps.workshop.MOST_PERSONS", 10)
    shop.runner(scenario, digest(scenario), 0, 25)
    again = shop.runner(scenario, digest(scenario), 3, 25)
    assert len(shop._runners) <= 3
    assert again is shop.runner(scenario, digest(scenario), 1, 25)


def test_without_dask_the_options_that_need_it_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r'Dask is not installed.*: pip install "diffusion\[dask\]"'):
        run_sweep(read(tmp_path, FILE + SWEEP), out=tmp_path, workers=2)
