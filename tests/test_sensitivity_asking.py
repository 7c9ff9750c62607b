"""What a sensitivity analysis asks, from files and options, and the points at which an experiment is then run."""

import re
from pathlib import Path
from typing import Any

import pytest

from diffusion import Experiment, cli
from diffusion.design import Factor, Sensitivity
from diffusion.errors import InputError
from diffusion.simulation import Runner
from diffusion.study.scaling import scaled
from diffusion.study.sensitivity import (
    asked_for,
    at_design,
    design_of,
    design_points,
    read_variation,
    sensitivity_table,
)
from diffusion.study.sensitivity.asking import range_text
from diffusion.study.sweeps import Plan
from small_sweeps import FILE, read
from sweep_tables import stored, table

ASKED = """
[sensitivity]
size = 8
measure = "reached"
variant = "all"
[sensitivity.of]
"platforms.chirp.members" = { law = "uniform", low = 0.5, high = 1.0 }
"stories.quake.appeal + people.propensity_sd" = { law = "factor", low = 0.5, high = 2, most = 1 }
"platforms.chirp.sessions" = { law = "loguniform", low = "1/day", high = "100/day" }
"""


def asked(folder: Path) -> tuple[Experiment, Sensitivity]:
    experiment = read(folder, FILE + ASKED)
    return experiment, asked_for(experiment)


@pytest.mark.parametrize(
    ("text", "name", "law"),
    [
        ("people.count=100..900", "people.count", {"law": "uniform", "low": 100.0, "high": 900.0}),
        ("a.b=1e-3..0.1,log", "a.b", {"law": "loguniform", "low": 1e-3, "high": 0.1}),
        ("a.b=10 min..4 h", "a.b", {"law": "uniform", "low": "10 min", "high": "4 h"}),
        ("a.b = 3/day .. 9/day , log", "a.b", {"law": "loguniform", "low": "3/day", "high": "9/day"}),
        ("a.*.b=x0.5..x2", "a.*.b", {"law": "factor", "low": 0.5, "high": 2.0}),
        ("a.b + c.d=×0.5..×2,most=1", "a.b + c.d", {"law": "factor", "low": 0.5, "high": 2.0, "most": 1.0}),
    ],
)
def test_ranges_are_read_as_they_are_written(text: str, name: str, law: dict[str, Any]) -> None:
    assert read_variation(text) == (name, law)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("people.count", "write KEY=LOW..HIGH"),
        ("=1..2", "write KEY=LOW..HIGH"),
        ("a.b=1", "write KEY=LOW..HIGH"),
        ("a.b=1..2,lug", '"lug" means nothing there'),
        ("a.b=1..2,most=1", '"most=1" means nothing there'),
        ("a.b=x1..x2,log", '"log" means nothing there'),
    ],
)
def test_what_is_no_range_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_variation(text)


def test_options_stand_in_for_the_table_one_by_one(tmp_path: Path) -> None:
    experiment, plain = asked(tmp_path)
    assert (plain.method, plain.number, plain.measure, plain.variant, len(plain.of)) == (
        "sobol",
        8,
        "reached",
        "all",
        3,
    )
    other = asked_for(experiment, ["people.count=50..90"], method="morris", size=None, ratio=("all", "quiet"))
    assert (other.method, other.number, other.measure, other.variant) == ("morris", 8, "reached", None)
    assert list(other.of) == ["people.count"] and other.ratio == ("all", "quiet")
    assert Sensitivity().number == 64 and Sensitivity(method="morris").number == 16


@pytest.mark.parametrize(
    ("keys", "options", "message"),
    [
        (["platforms.chrip.members=0..1"], {}, 'there is no "chrip" under .platforms.; did you mean "chirp"'),
        (["plattforms.chirp.members=0..1"], {}, 'unknown key "plattforms"; did you mean "platforms"'),
        (["people.count=90..50"], {}, "high = 50.0 is not above low = 90.0"),
        (["people.count=1 h..90"], {}, "quantities with units, all of one kind"),
        (["a=x2..x1"], {}, "high = 1 is not above low = 2"),
        (["people.count=50..90", "people.count + run.tick=1..2"], {}, '"people.count" varies twice'),
        ([], {"ratio": ("all", "quite")}, 'there is no variant "quite"; did you mean "quiet"'),
        ([], {"size": 1}, "size"),
    ],
)
def test_what_cannot_be_asked_is_one_line(
    tmp_path: Path, keys: list[str], options: dict[str, Any], message: str
) -> None:
    experiment, _ = asked(tmp_path)
    with pytest.raises(InputError, match=message) as raised:
        asked_for(experiment, keys, **options)
    assert "\n" not in str(raised.value)


def test_without_keys_there_is_nothing_to_ask(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no key varies; write \[sensitivity.of\], or --key"):
        asked_for(read(tmp_path, FILE))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            '"platforms.chrip.members" = { law = "uniform", low = 0, high = 1 }',
            r"sensitivity.of.*did you mean \"chirp\"",
        ),
        ('"people.count" = { law = "unifrom", low = 0, high = 1 }', "sensitivity.of.people.count"),
        ('"people.count" = 3', "sensitivity.of.people.count"),
    ],
)
def test_mistakes_in_the_file_name_the_place(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        read(tmp_path, f"{FILE}[sensitivity.of]\n{line}\n")
    assert "small.toml" in str(raised.value)


def test_points_carry_each_keys_value_and_factors_multiply_what_is_there(tmp_path: Path) -> None:
    experiment, question = asked(tmp_path)
    design = design_of(question, seed=1)
    points = design_points(experiment, question, design)
    assert len(points) == 8 * 5 == len(design.unit)
    base = experiment.scenario
    for unit, point in zip(design.unit, points, strict=True):
        factor = 0.5 * 4 ** unit[1]
        assert point["platforms.chirp.members"] == pytest.approx(0.5 + 0.5 * unit[0])
        assert point["stories.quake.appeal"] == pytest.approx(min(1, factor * base.stories["quake"].appeal))
        assert point["people.propensity_sd"] == pytest.approx(min(1, factor * base.people.propensity_sd))
        assert float(point["platforms.chirp.sessions"].removesuffix("/day")) == pytest.approx(100 ** unit[2])


def test_counts_stay_whole(tmp_path: Path) -> None:
    experiment = read(tmp_path, FILE)
    question = asked_for(experiment, ["people.count=100..200,log", "stories.quake.appeal=0..1"], size=4)
    counts = [point["people.count"] for point in design_points(experiment, question, design_of(question, seed=1))]
    assert all(isinstance(count, int) and 100 <= count <= 200 for count in counts) and len(set(counts)) > 4


def test_an_analysis_is_a_sweep_under_its_own_name(tmp_path: Path) -> None:
    experiment, question = asked(tmp_path)
    named, points = at_design(experiment.model_copy(update={"name": "x"}), question)
    assert named.name == "x-sensitivity" and named.sweep is None and named.sensitivity == question
    plan = Plan(named, points)
    assert list(named.variants) == ["all"] and plan.n_jobs == 40 * 3
    assert plan.at(7).scenario.platforms["chirp"].members == pytest.approx(points[7]["platforms.chirp.members"])
    again = Plan(*at_design(experiment.model_copy(update={"name": "x"}), question))
    assert [job.run for job in again.jobs()] == [job.run for job in plan.jobs()]


def test_stored_runs_are_analysed_by_point_and_variant(tmp_path: Path) -> None:
    """The measure is 3 u1 + u2, and luck that medians undo."""
    experiment = asked(tmp_path)[0]
    asked_more = asked_for(experiment, size=512)
    named, points = at_design(experiment, asked_more)
    unit = design_of(asked_more, seed=1).unit
    numbered = [point | {"n": n} for n, point in enumerate(points)]

    def measure(point: Any, variant: str, k: int) -> float:
        u = unit[point["n"]]
        return float(3 * u[0] + u[1] + (k - 1) * 100)

    runs = table(numbered, {"quake.reached": measure}, variants=["all"], replicates=3)
    found = stored(tmp_path, named, runs.drop_columns(["n"]))
    made = sensitivity_table(found)
    assert [i.value for i in made.found.first] == pytest.approx([0.9, 0.1, 0.0], abs=0.02)
    assert made.order == [0, 1, 2] and (made.points, made.replicates) == (512 * 5, 3)
    assert made.ranges == ("0.5 to 1", "× 0.5 to 2", "1/day to 100/day (by factors)")
    assert made.label == "reached of “quake” in all"
    lines = made.csv().splitlines()
    assert lines[0] == "key,range,first,first_low,first_high,total,total_low,total_high" and len(lines) == 4
    assert made.lines()[3].startswith("platforms.chirp.members")
    assert sensitivity_table(found) == made


def test_runs_that_are_missing_or_of_something_else_are_not_analysed(tmp_path: Path) -> None:
    experiment, question = asked(tmp_path)
    named, points = at_design(experiment, question)
    runs = table(points, {"quake.reached": lambda *_: 0.5}, variants=["all"], replicates=1)
    plain = stored(tmp_path / "plain", experiment, runs)
    with pytest.raises(InputError, match="holds no sensitivity analysis"):
        sensitivity_table(plain)
    other = stored(tmp_path / "few", named, runs.slice(0, 30))
    with pytest.raises(InputError, match="30 values of 3 keys do not fit a design of 40 points"):
        sensitivity_table(other)


def test_scaling_multiplies_quantities_laws_and_lists_and_keeps_counts_whole(tmp_path: Path) -> None:
    scenario = read(tmp_path, FILE).scenario
    assert scaled(scenario, ("people.count",), 0.51) == {"people.count": 31}
    assert scaled(scenario, ("outlets.*.audience",), 2, most=1.0) == {"outlets.tv.audience": 1.0}
    verify = scaled(scenario, ("outlets.tv.verify",), 2)["outlets.tv.verify"]
    assert (verify["law"], float(verify["median"].removesuffix(" s")), verify["sd"]) == ("lognormal", 1800.0, 0.6)
    for keys, message in (
        (("outlets.tv.active",), "outlets.tv.active = true cannot be multiplied"),
        (("outlets.tv.verifi",), 'has no "verifi" there; did you mean "verify"'),
    ):
        with pytest.raises(InputError, match=message):
            scaled(scenario, keys, 2)


def test_ranges_are_told_in_a_few_words() -> None:
    assert range_text(Factor(law="factor", low=0.5, high=2)) == "× 0.5 to 2"
    laws = Sensitivity.model_validate({"of": {"a.b": {"law": "normal", "mean": 1, "sd": 0.5}}}).of
    assert range_text(laws["a.b"]) == "normal mean 1.0, sd 0.5"


def test_the_command_runs_the_design_through_the_store_and_goes_on_where_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "small.toml").write_text(FILE + ASKED, encoding="utf-8")
    command = ["sensitivity", str(tmp_path / "small.toml"), "--column", "sharers", "--out", str(tmp_path / "results")]
    assert cli._guarded(command) == 0
    printed = capsys.readouterr()
    assert "Sobol indices of sharers of “quake” in all: 40 points, median of 3 replicates at each" in printed.out
    folder = tmp_path / "results" / "small-sensitivity"
    table = (folder / "sensitivity.csv").read_bytes()
    figure = (folder / "sensitivity-quake-sharers-all.png").read_bytes()
    monkeypatch.setattr(Runner, "run", lambda *_: pytest.fail("a stored run was repeated"))
    monkeypatch.setattr("diffusion.cli.sensitivity.check_asked", lambda *_: None, raising=False)
    monkeypatch.setattr("diffusion.study.sensitivity.check_asked", lambda *_: None)
    assert cli._guarded(command) == 0
    assert (folder / "sensitivity.csv").read_bytes() == table
    assert cli._guarded(["plot", str(folder), "--format", "png", "--out", str(tmp_path / "again")]) == 0
    assert (tmp_path / "again" / "sensitivity-quake-sharers-all.png").read_bytes() == figure


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--column", "T51"], 'there is no measure "T51"'),
        (["--method", "sobel"], "method"),
        (["--size", "12"], "size = 12: .* give 8 or 16"),
        (["--key", "people.count"], "write KEY=LOW..HIGH"),
        (["--key", "people.count=40..60"], "1 key: .* two or more"),
        (["--ratio", "all"], "write two variants"),
        (["--key", "outlets.tv.active=x1..x2", "--key", "people.count=40..60"], "active = true cannot be multiplied"),
        (["--column", "coverage.first_h", "--key", "outlets.tv.gather=40 h..90 h", "--key", "people.count=40..90"],
         "no finite number at .* restricted_mean_h"),
    ],
)  # fmt: skip
def test_mistakes_of_the_command_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    (tmp_path / "small.toml").write_text(FILE + ASKED, encoding="utf-8")
    assert cli._guarded(["sensitivity", str(tmp_path / "small.toml"), "--out", str(tmp_path / "r"), *options]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: ") and re.search(message, error)
