"""Sweeps on Dask's workers: the same bytes, workers that die, graphs that lie in memory once."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from ctrl_c import hear_ctrl_c
from diffusion import InputError
from diffusion.study.sweeps import cluster as clusters
from diffusion.study.sweeps import run as sweeping
from diffusion.study.sweeps.run import run_sweep
from small_sweeps import FILE, SWEEP, linked, read

distributed = pytest.importorskip("distributed", reason="Dask is not installed (extra `dask`)")
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")

LETHAL = Path(__file__).with_name("lethal_worker.py")
RUNS = 24


@pytest.fixture(scope="module")
def lethal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file in which keys of runs stand that kill the workers of `cluster`."""
    path = tmp_path_factory.mktemp("lethal") / "keys"
    path.write_text("")
    return path


@pytest.fixture(scope="module")
def cluster(lethal: Path) -> Iterator[Any]:
    import dask

    environ = {**{name: "1" for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS")}, "LETHAL": str(lethal)}
    settings = {
        "distributed.nanny.environ": environ,
        "distributed.scheduler.allowed-failures": 1,
        "distributed.deploy.lost-worker-timeout": "1 hour",
    }
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            memory_limit=0,
            dashboard_address=None,
            silence_logs=50,
            preload=[str(LETHAL)],
        ) as cluster,
    ):
        yield cluster


def tables(folder: Path) -> tuple[bytes, ...]:
    return tuple((folder / "small" / name).read_bytes() for name in ("runs.parquet", "summary.csv"))


def test_two_processes_of_this_machine_give_the_same_bytes(tmp_path: Path) -> None:
    small = read(tmp_path, FILE + SWEEP)
    told: list[dict[str, Any]] = []
    found = run_sweep(small, out=tmp_path / "dask", workers=2, log=told.append)
    assert found is not None
    assert (found.n_runs, found.complete) == (RUNS, True)
    assert next(event for event in told if event["event"] == "crew")["text"].startswith("2 workers of tcp://127")
    run_sweep(small, out=tmp_path / "threads", threads=1)
    assert tables(tmp_path / "dask") == tables(tmp_path / "threads")


def mapped(worker_pids: list[int], folder: Path) -> dict[int, list[str]]:
    """The files of a folder that workers have mapped into their memory."""
    found = {}
    for pid in worker_pids:
        lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
        found[pid] = sorted({line.split(maxsplit=5)[5] for line in lines if str(folder) in line})
    return found


def test_a_graph_file_is_converted_once_and_mapped_by_all_workers(cluster: Any, tmp_path: Path) -> None:
    links = "".join(f"{a},{b}\n" for a in range(300) for b in (a + 1, a + 7, 3 * a + 1))
    small = read(tmp_path, linked(tmp_path, links) + '[sweep.grid]\n"stories.quake.appeal" = [0.1, 0.2, 0.3]\n')
    found = run_sweep(small, out=tmp_path / "dask", scheduler=cluster.scheduler_address)
    assert found is not None
    graphs = tmp_path / "dask" / "small" / "graphs"
    stored = list(graphs.iterdir())
    assert len(stored) == 1
    with distributed.Client(cluster) as client:
        pids = list(client.run(os.getpid).values())
    assert all(str(stored[0] / "followers.npy") in files for files in mapped(pids, graphs).values())
    run_sweep(small, out=tmp_path / "threads")
    assert tables(tmp_path / "dask") == tables(tmp_path / "threads")
    # The copy is used again, unless it is damaged.
    before = stored[0].stat().st_ino
    (tmp_path / "dask" / "small" / "runs.parquet").unlink()
    for part in (tmp_path / "dask" / "small" / "parts").glob("*.parquet"):
        part.unlink()
    run_sweep(small, out=tmp_path / "dask", scheduler=cluster.scheduler_address)
    assert stored[0].stat().st_ino == before
    assert tables(tmp_path / "dask") == tables(tmp_path / "threads")


def test_a_scheduler_file_names_the_scheduler(cluster: Any, tmp_path: Path) -> None:
    (tmp_path / "scheduler.json").write_text(json.dumps({"address": cluster.scheduler_address}))
    small = read(tmp_path, FILE + SWEEP)
    found = run_sweep(small, out=tmp_path, scheduler=tmp_path / "scheduler.json")
    assert found is not None
    assert found.n_runs == RUNS


def test_a_chunk_whose_worker_is_killed_is_done_again(cluster: Any, tmp_path: Path) -> None:
    small = read(tmp_path, FILE + SWEEP, overrides=["people.count=3000"], replicates=10)
    killed: list[int] = []

    def kill_one(event: dict[str, Any]) -> None:
        if event["event"] == "runs" and event["done"] > 10 and not killed:
            with distributed.Client(cluster) as client:
                busy = [address for address, tasks in client.processing().items() if tasks]
                pids = client.run(os.getpid, workers=busy)
            killed.extend(list(pids.values())[:1])
            os.kill(killed[0], signal.SIGKILL)

    found = run_sweep(small, out=tmp_path / "dask", scheduler=cluster.scheduler_address, log=kill_one)
    assert len(killed) == 1
    assert found is not None
    assert found.complete
    run_sweep(small, out=tmp_path / "threads")
    assert tables(tmp_path / "dask") == tables(tmp_path / "threads")


@pytest.mark.verify  # every kill costs the start of a worker
def test_a_run_that_kills_its_workers_is_found_and_the_others_go_on(
    cluster: Any, lethal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping._Pace, "size", lambda *_: 4)
    small = read(tmp_path, FILE + SWEEP)
    key = sweeping.Plan(small).job(2, "quiet", 1).run
    lethal.write_text(key)
    told: list[dict[str, Any]] = []
    found = run_sweep(small, out=tmp_path, scheduler=cluster.scheduler_address, log=told.append)
    lethal.write_text("")
    failed = [event for event in told if event["event"] == "failure"]
    assert [(event["point"], event["variant"], event["replicate"]) for event in failed] == [(2, "quiet", 1)]
    assert failed[0]["error"].startswith("its worker was lost: KilledWorker: ")
    assert found is not None
    assert (found.n_runs, found.missing) == (RUNS - 1, 1)
    # When the reason is gone, the same call does what is missing.
    again = run_sweep(small, out=tmp_path, scheduler=cluster.scheduler_address)
    assert again is not None
    assert again.complete
    assert not (tmp_path / "small" / "failures.json").exists()


def test_an_interrupted_sweep_on_workers_goes_on(cluster: Any, tmp_path: Path) -> None:
    small = read(tmp_path, FILE + SWEEP)

    def interrupt(event: dict[str, Any]) -> None:
        if event["event"] == "runs" and event["done"] > 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_sweep(small, out=tmp_path / "dask", scheduler=cluster.scheduler_address, log=interrupt)
    begun: list[dict[str, Any]] = []
    run_sweep(small, out=tmp_path / "dask", scheduler=cluster.scheduler_address, log=begun.append)
    assert 4 < begun[0]["done"] <= RUNS
    run_sweep(small, out=tmp_path / "threads")
    assert tables(tmp_path / "dask") == tables(tmp_path / "threads")


def test_workers_of_another_version_and_schedulers_that_are_not_there_are_one_line(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = read(tmp_path, FILE + SWEEP)
    with pytest.raises(InputError, match=r'scheduler file ".*none\.json": no such file'):
        run_sweep(small, out=tmp_path, scheduler=tmp_path / "none.json")
    monkeypatch.setattr(clusters, "_CONNECT_S", 1)
    with pytest.raises(InputError, match=r'scheduler "tcp://127\.0\.0\.1:9": nobody answers there'):
        run_sweep(small, out=tmp_path, scheduler="tcp://127.0.0.1:9")
    monkeypatch.setattr(sweeping, "_version", lambda: "0.0.0")
    with pytest.raises(InputError, match=r"a worker has version .* of diffusion and the sweep 0\.0\.0"):
        run_sweep(small, out=tmp_path, scheduler=cluster.scheduler_address)


def alive(group: int) -> list[str]:
    """The processes of a group that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                found.append((stat.parent / "cmdline").read_text().replace("\0", " "))
    return found


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_ctrl_c_and_kill_of_the_program_end_its_processes(tmp_path: Path, number: int, code: int) -> None:
    """A terminal sends Ctrl-C to all processes of the program; a kill hits it alone."""
    read(tmp_path, FILE + SWEEP)
    options = ["--workers", "2", "--replicates", "200", "--set", "people.count=20000"]
    command = [sys.executable, "-c", "from diffusion.cli import main; main()", "run", "small.toml", *options]
    pipes: dict[str, Any] = {"cwd": tmp_path, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    with subprocess.Popen(command, preexec_fn=hear_ctrl_c, **pipes) as program:
        assert program.stderr is not None
        assert next(line for line in program.stderr if " of 1600 runs" in line)
        if number == signal.SIGKILL:
            program.kill()
        else:
            os.killpg(program.pid, number)
        errors = program.stderr.read()  # until nobody is left who could write
    assert program.returncode == code
    assert "Traceback" not in errors
    if number == signal.SIGINT:
        assert re.fullmatch(r"interrupted: \d+ of 1600 runs are stored .*", errors.splitlines()[-1])
    deadline = time.monotonic() + 30
    while alive(program.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert alive(program.pid) == []
