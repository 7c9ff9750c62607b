"""The plan of a sweep: every run in a fixed order, checked and known by its key before anything runs."""

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from diffusion import Experiment, InputError, read_experiment
from diffusion.scenario import Measures, Scenario
from diffusion.study import run_experiment
from diffusion.study.sweeps import Job, Plan, run_key
from diffusion.world.parts import Parts
from small_sweeps import FILE, SWEEP, linked, plan, read
from test_every_key import BASE, Tables, scenario_of

EXPERIMENTS = Path(__file__).parents[1] / "experiments"


def key_of(scenario: Scenario, replicate: int = 0) -> str:
    return run_key(scenario, Measures(), replicate)


# --- the order of jobs -----------------------------------------------------------------------------------------------


def test_jobs_go_by_point_then_variant_then_replicate(tmp_path: Path) -> None:
    made = plan(tmp_path)
    jobs = list(made.jobs())
    expected = [(p, v, k) for p in range(4) for v in ("all", "quiet") for k in range(3)]
    assert [(job.point, job.variant, job.replicate) for job in jobs] == expected
    assert made.n_jobs == len(jobs) == 24
    assert len({job.run for job in jobs}) == 24
    assert all(len(job.run) == 32 and int(job.run, 16) >= 0 for job in jobs)
    assert made.keys == ("platforms.chirp.members", "stories.quake.appeal")


def test_any_replicates_can_be_planned(tmp_path: Path) -> None:
    made = plan(tmp_path)
    jobs = list(made.jobs(range(2, 5)))
    assert [job.replicate for job in jobs] == [2, 3, 4] * 8
    assert jobs[0] == list(made.jobs())[2] == made.job(0, "all", 2)


def test_without_a_sweep_there_is_one_point(tmp_path: Path) -> None:
    made = plan(tmp_path, FILE)
    assert made.points == ({},)
    assert made.at(0) == made.experiment
    assert made.n_jobs == 6


def test_points_can_be_given(tmp_path: Path) -> None:
    made = Plan(read(tmp_path, FILE), [{"run.seed": 4}, {"run.seed": 5}])
    assert [made.at(i).scenario.run.seed for i in (0, 1)] == [4, 5]


# --- the experiment at a point ---------------------------------------------------------------------------------------


def test_a_point_changes_the_base_and_variants_keep_their_own(tmp_path: Path) -> None:
    experiment = read(tmp_path, FILE)
    there = experiment.at({"outlets.*.active": True, "stories.quake.appeal": 0.2})
    assert there.scenario.outlets["tv"].active
    assert not there.variants["quiet"].outlets["tv"].active
    assert there.variants["quiet"].stories["quake"].appeal == there.variants["all"].stories["quake"].appeal == 0.2


def test_a_point_is_what_set_would_have_made(tmp_path: Path) -> None:
    text = FILE + SWEEP
    made = plan(tmp_path, text)
    sets = ["platforms.chirp.members=1.0", "stories.quake.appeal=0.1"]
    alone = read(tmp_path, FILE, overrides=sets)
    assert made.at(2).variants == alone.variants
    assert [key_of(s) for s in alone.variants.values()] == [made.job(2, v, 0).run for v in alone.variants]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("platforms.chirp.graph", {"generator": "communities", "mean_followers": 6.0}),
        ("platforms.*.active", False),
        ("outlets.tv.medium", "radio"),
        ("outlets.tv.verify", "20 min"),
        ("run.horizon", "6 h"),
        ("run.seed", 9),
        ("people.count", 61),
        ("stories.quake.witnesses", 3),
    ],
)
def test_values_of_any_kind(tmp_path: Path, key: str, value: Any) -> None:
    experiment = read(tmp_path, FILE)
    there = experiment.at({key: value})
    assert there.scenario == experiment.scenario.changed({key: value}) != experiment.scenario


def test_an_outlet_whose_medium_is_swept_takes_that_mediums_preset(tmp_path: Path) -> None:
    there = read(tmp_path, FILE).at({"outlets.tv.medium": "newspaper"})
    written = read(tmp_path, FILE.replace('"television"', '"newspaper"'))
    assert there.scenario == written.scenario


def test_a_stored_experiment_has_the_same_points(tmp_path: Path) -> None:
    text = (
        FILE
        + """
[sweep.grid]
"outlets.tv.medium" = ["television", "newspaper"]
"platforms.chirp.graph" = [{ generator = "popularity" }, { generator = "communities", mean_followers = 5.0 }]
"stories.quake.kind" = ["news", "citizen_post"]
"""
    )
    experiment = read(tmp_path, text.replace("count = 60", "count = 600"))
    stored = Experiment.model_validate_json(experiment.model_dump_json())
    assert stored == experiment
    assert keys(Plan(stored)) == keys(Plan(experiment))
    assert len(set(keys(Plan(stored)))) > 8


def test_a_stored_base_that_other_defaults_would_change_stays_as_it_was_run(tmp_path: Path) -> None:
    table = read(tmp_path, FILE).model_dump(mode="json")
    del table["written"]["stories"]["quake"]["witnesses"]
    assert Experiment.model_validate(table) == read(tmp_path, FILE)


@pytest.mark.parametrize("file", sorted(EXPERIMENTS.glob("*.toml")), ids=lambda f: f.stem)
def test_a_point_that_changes_nothing_is_the_experiment(file: Path) -> None:
    experiment = read_experiment(file)
    if experiment.sweep is None:
        assert experiment.at({}) == experiment


def test_shared_parts_change_nothing_and_are_shared() -> None:
    base = scenario_of({"platforms.blog.graph": BASE["platforms"]["chirp"]["graph"]})
    experiment = Experiment(name="x", scenario=base, variants={"a": base, "b": base}, changes={"a": {}, "b": {}})
    parts = Parts()
    for appeal in (0.1, 0.2):
        point = {"stories.hoax.appeal": appeal}
        assert experiment.at(point, parts=parts) == experiment.at(point)
    first, second = (experiment.at({"run.seed": seed}, parts=parts).scenario for seed in (1, 2))
    assert first.platforms["talk"] is second.platforms["talk"]


def test_variants_known_by_their_scenario_are_changed_themselves() -> None:
    base = scenario_of({"platforms.blog.graph": BASE["platforms"]["chirp"]["graph"]})
    quiet = base.changed({"outlets.tv.active": False})
    there = Experiment(name="x", scenario=base, variants={"quiet": quiet}).at({"run.seed": 5})
    assert there.variants["quiet"] == quiet.changed({"run.seed": 5})


# --- keys ------------------------------------------------------------------------------------------------------------


def test_the_number_of_replicates_changes_no_key(tmp_path: Path) -> None:
    few, many = (list(plan(tmp_path, replicates=n).jobs(range(3))) for n in (3, 50))
    assert few == many


def test_every_other_change_changes_every_key(tmp_path: Path) -> None:
    base = read(tmp_path, FILE).scenario
    changes: list[Tables] = [
        {},
        {"run.seed": 2},
        {"run.horizon": "47 h"},
        {"run.record": "events"},
        {"people.count": 61},
        {"stories.quake.appeal": 0.011},
        {"outlets.tv.active": False},
        {"platforms.chirp.graph.exponent": 2.6},
    ]
    keys = [key_of(base.changed(change)) for change in changes]
    keys += [key_of(base, 1), run_key(base, Measures(quantiles=(0.5,)), 0)]
    assert len(set(keys)) == len(keys)


def test_what_does_not_change_a_row_changes_no_key(tmp_path: Path) -> None:
    base = read(tmp_path, FILE).scenario
    assert run_key(base, Measures(curve_points=9, cascades=True), 0) == key_of(base)
    assert key_of(base.changed({"run.record": "sizes"})) == key_of(base)
    written = base.changed({"run.seed": base.run.seed, "stories.quake.appeal": base.stories["quake"].appeal})
    assert key_of(written) == key_of(base)


def test_equal_scenarios_at_two_points_are_one_run(tmp_path: Path) -> None:
    made = plan(tmp_path, FILE + '[sweep.grid]\n"outlets.tv.active" = [true, false]\n')
    by_point = {(job.point, job.variant): job.run for job in made.jobs(range(1))}
    assert by_point[0, "quiet"] == by_point[1, "quiet"] == by_point[1, "all"]
    assert by_point[0, "all"] != by_point[1, "all"]


PRINT = """
import sys
from diffusion import read_experiment
from diffusion.study.sweeps import Plan
sys.stdout.write(",".join(job.run for job in Plan(read_experiment(sys.argv[1])).jobs()))
"""


def test_keys_are_the_same_in_every_process(tmp_path: Path) -> None:
    made = plan(tmp_path)
    expected = ",".join(job.run for job in made.jobs())
    for seed in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", PRINT, str(tmp_path / "small.toml")],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == expected


def test_the_golden_key(tmp_path: Path) -> None:
    """It changes with the keys of a scenario and their defaults: then stored runs are run again, and that is meant."""
    tiny = Scenario(people={"count": 2}, platforms={}, stories={"s": {"kind": "news", "witnesses": 1}})
    assert key_of(tiny) == GOLDEN


GOLDEN = "5865422c9b0174c6c30100041bc3aec9"


# --- files -----------------------------------------------------------------------------------------------------------


def keys(made: Plan) -> list[str]:
    return [job.run for job in made.jobs()]


def test_files_count_with_their_content_and_not_with_their_path(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    before = keys(plan(one, linked(one, "1,2\n2,3\n")))
    assert keys(plan(two, linked(two, "1,2\n2,3\n"))) == before
    after = keys(plan(one, linked(one, "1,2\n2,4\n")))
    assert not set(after) & set(before)
    os.utime(one / "links.csv", (1, 1))
    assert keys(plan(one, (one / "small.toml").read_text(encoding="utf-8"))) == after


def test_swept_files_are_found_beside_the_experiment(tmp_path: Path) -> None:
    text = linked(tmp_path, "1,2\n2,3\n")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n3,1\n", encoding="utf-8")
    made = plan(tmp_path, text + '[sweep.grid]\n"platforms.chirp.graph.file" = ["links.csv", "other.csv"]\n')
    assert [Path(p).name for p in made.contents] == ["links.csv", "other.csv"]
    assert len(set(keys(made))) == made.n_jobs
    with pytest.raises(InputError, match=r'sweep.grid: platforms.chirp.graph.file: "othr.csv": no such file'):
        plan(tmp_path, text + '[sweep.grid]\n"platforms.chirp.graph.file" = ["othr.csv"]\n')


def test_a_variants_own_file_is_found_at_every_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = linked(tmp_path, "1,2\n2,3\n")
    (tmp_path / "own.csv").write_text("a,b\n1,2\n3,1\n", encoding="utf-8")
    experiment = read(tmp_path, text + '[variants.own]\n"platforms.chirp.graph.file" = "own.csv"\n')
    monkeypatch.chdir(tmp_path.parent)
    there = experiment.at({"run.seed": 3})
    assert there.variants["own"].platforms["chirp"].graph.file == str(tmp_path / "own.csv")  # type: ignore[union-attr]


def test_a_swept_list_of_links_says_who_follows_whom(tmp_path: Path) -> None:
    text = linked(tmp_path, "1,2\n2,3\n") + '[sweep.grid]\n"platforms.chirp.graph" = [{ file = "links.csv" }]\n'
    with pytest.raises(InputError, match=r"sweep point 0 .*: platforms.chirp.graph.meaning: is missing; give one of"):
        plan(tmp_path, text)


# --- what is refused, and what is noted ------------------------------------------------------------------------------


REFUSED = [
    (
        '"platforms.chirp.members" = [0.5, 1.4]',
        "sweep point 1 (platforms.chirp.members = 1.4): platforms.chirp.members: ",
    ),
    ('"stories.quake.at" = ["1 h", "50 h"]', 'sweep point 1 (stories.quake.at = "50 h"): stories.quake.at = "50 h"'),
    ('"people.count" = [60, 9]', "sweep point 1 (people.count = 9): platforms.chirp.graph.mean_followers = 6"),
    ('"platforms.chirp.membrs" = [0.5]', 'sweep.grid: platforms.chirp.membrs: unknown key "membrs"; did you mean "mem'),
    ('"platforms.chrip.members" = [0.5]', 'sweep.grid: platforms.chrip.members: there is no "chrip" under [platforms]'),
    ('"platfroms.chirp.members" = [0.5]', 'sweep.grid: platfroms.chirp.members: unknown key "platfroms"'),
    ('"measures.quantiles" = [[0.5]]', 'unknown key "measures"'),
    ('"platforms.chirp.members" = []', "sweep.grid.platforms.chirp.members: the list is empty"),
    ('"platforms.chirp.graph.mean_contacts" = [3]', "sweep point 0 (platforms.chirp.graph.mean_contacts = 3): "),
]


@pytest.mark.parametrize(("line", "message"), REFUSED)
def test_a_wrong_sweep_is_one_line_before_anything_runs(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(InputError) as raised:
        plan(tmp_path, FILE + "[sweep.grid]\n" + line)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_sweep_is_not_run_as_a_plain_experiment(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has a table \[sweep\]; give it to run_sweep"):
        run_experiment(read(tmp_path, FILE + SWEEP))


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("sample = { method = 'sobol', size = 12, of = { 'run.seed' = { law = 'integers', low = 1, high = 9 } } }",
         "sweep.sample.size = 12: Sobol points are balanced at powers of two (8, 16)"),
        ("grid = { 'stories.quake.appeal' = [0, 0.0] }", "sweep: stories.quake.appeal has no effect on any variant"),
    ],
)  # fmt: skip
def test_what_may_not_be_meant_is_noted(tmp_path: Path, line: str, note: str) -> None:
    assert plan(tmp_path, FILE + "[sweep]\n" + line).notes == (note,)
    assert plan(tmp_path).notes == ()


def test_a_key_that_variants_keep_is_noted(tmp_path: Path) -> None:
    grid = '[sweep.grid]\n"outlets.*.active" = [true, false]\n'
    one = read(tmp_path, FILE + grid)
    assert "variant quiet keeps its own outlets.*.active; the sweep does not reach it" in one.notes
    every = Plan(read(tmp_path, FILE.replace("[variants.all]\n", "") + grid))
    assert every.notes == ("sweep: outlets.*.active has no effect: every variant keeps its own",)


@pytest.mark.verify
def test_a_million_jobs_are_planned_in_twenty_seconds() -> None:
    sets = ["platforms.twitter.members=linspace(0.1, 0.9, 100)", "outlets.*.verify=linspace(0 min, 1 h, 50)"]
    begun = process_time()
    made = Plan(read_experiment(EXPERIMENTS / "media_race.toml", overrides=sets, replicates=50))
    assert len({job.run for job in made.jobs()}) == made.n_jobs == 1_000_000
    assert process_time() - begun < 20


def test_jobs_are_named() -> None:
    job = Job("0" * 32, 1, "all", 2)
    assert (job.run, job.point, job.variant, job.replicate) == tuple(job)
    assert all(a < b for a, b in pairwise([job, Job("0" * 32, 1, "all", 3)]))
