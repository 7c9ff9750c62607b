"""Stored publications and beliefs: the six persons' by hand, and how the hand-off figure sums them up."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import six_persons
import small_results
from diffusion.errors import InputError
from diffusion.figures import belief_ribbon, beliefs_figure, handoff_figure, publications
from diffusion.measures import believing
from diffusion.scenario import Experiment
from diffusion.simulation import Runner
from diffusion.study import Results, belief_tables, handoff_table, handoff_tables, run_experiment
from diffusion.study.media_tables import publication_table
from legible import assert_legible
from test_figures import panel

RESULTS = small_results.results({("slow", "fire"): [3.0, 1, 2], ("quick", "fire"): [1.0, 1, 1]})


def row(replicate: int, outlet: str, hours: float, occurrence: int = 0, **more: Any) -> dict[str, Any]:
    """A publication of "fire" in the variant "slow", one hour after the outlet learned of it."""
    learned = {"learned_s": 3600 * (hours - 1), "verified_s": 3600 * hours - 60, "reason": "chirp"}
    about = {"variant": "slow", "replicate": replicate, "story": "fire", "outlet": outlet, "kind": "outlet"}
    first = learned if occurrence == 0 else dict.fromkeys(learned)
    return {**about, "occurrence": occurrence, "seconds": 3600.0 * hours, **first, **more}


ROWS = [
    row(0, "tv", 2.0, reason="own newsgathering"), row(0, "tv", 3.0, 1), row(1, "tv", 4.0), row(2, "tv", 6.0),
    row(2, "tv", 6.5, 1), row(2, "tv", 7.0, 2), row(2, "radio", 5.0),
    row(0, "mayor", 0.5, kind="official", learned_s=None, verified_s=None, reason=None),
]  # fmt: skip


def with_table(**tables: list[dict[str, Any]]) -> Results:
    return replace(RESULTS, tables={name: pa.Table.from_pylist(rows) for name, rows in tables.items()})


def test_publications_of_six_persons_are_those_drawn_by_hand() -> None:
    found = publication_table(six_persons.outcome(), "as written").to_pylist()
    first, again, speech = found
    about = ("variant", "replicate", "story", "outlet", "kind", "occurrence", "seconds")
    assert [first[name] for name in about] == ["as written", 0, "fire", "tv", "outlet", 0, 900.0]
    assert (first["learned_s"], first["verified_s"], first["reason"]) == (300.0, 600.0, "own newsgathering")
    assert [again[name] for name in about[2:]] == ["fire", "tv", "outlet", 1, 1800.0]
    assert again["learned_s"] is again["reason"] is None
    assert [speech[name] for name in about[2:]] == ["speech", "mayor", "official", 0, 600.0]
    assert speech["reason"] is None


def test_the_handoff_counts_only_replicates_in_which_there_was_a_publication() -> None:
    table = handoff_table(with_table(publications=ROWS), "slow", "fire")
    assert [outlet.outlet for outlet in table.outlets] == ["mayor", "tv", "radio"]
    mayor, tv, radio = table.outlets
    assert (tv.first.median, tv.published, tv.learned) == (4.0, 1.0, 3.0)
    assert tv.reasons == {"chirp": pytest.approx(2 / 3), "own newsgathering": pytest.approx(1 / 3)}
    assert (radio.first, radio.published) == ((5, 5, 5), pytest.approx(1 / 3))
    assert (mayor.kind, mayor.reasons) == ("official", {})
    assert table.typical == 2, "T50 is 3, 1 and 2 hours"
    assert tv.bulletins.tolist() == [6, 6.5, 7]


def test_reach_by_kind_adds_the_channels_of_a_kind_up() -> None:
    table = handoff_table(with_table(publications=ROWS), "slow", "fire")
    assert table.kinds == ("media", "social platforms", "word of mouth", "own eyes")
    curves = RESULTS.curves["slow", "fire"]
    assert table.median[1] == pytest.approx(np.median(curves.aware[:, 2], axis=0))


def test_rows_have_a_circle_at_the_median_and_a_stroke_per_bulletin() -> None:
    table = handoff_table(with_table(publications=ROWS), "slow", "fire")
    axes = panel()
    axes.set_xlim(0, 24)
    publications(table, axes)
    circles = [line for line in axes.get_lines() if line.get_marker() == "o"]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in circles] == [(0.5, 0), (4, 1), (5, 2)]
    strokes = [list(line.get_xdata()) for line in axes.get_lines() if line.get_marker() == "|"]
    assert strokes == [[], [6, 6.5, 7], [5]]
    beside = [text.get_text() for text in axes.texts]
    assert beside == ["published in 33 % of runs", "chirp (67 %)", "chirp\npublished in 33 % of runs"]


def test_variants_that_publish_nothing_are_left_out_of_the_handoff() -> None:
    results = with_table(publications=ROWS)
    tables = handoff_tables(results, ("slow", "quick"), "fire")
    assert [table.variant for table in tables] == ["slow"]
    figure = handoff_figure(tables)
    assert len(figure.axes) == 2
    assert_legible(figure)
    with pytest.raises(InputError, match='no outlet and no official published "fire" in quick'):
        handoff_tables(results, ("quick",), "fire")
    with pytest.raises(InputError, match='no table "publications" was stored; run the experiment again'):
        handoff_tables(RESULTS, ("slow",), "fire")


# --- beliefs ----------------------------------------------------------------------------------------------------------


def belief(replicate: int, seconds: float, aware: float, believing: float, disbelieving: float) -> dict[str, Any]:
    about = {"variant": "slow", "replicate": replicate, "story": "fire", "seconds": seconds}
    return about | {"aware": aware, "believing": believing, "disbelieving": disbelieving}


BELIEFS = [
    belief(k, 3600.0 * hour, hour * share, hour * share / 2, hour * share / 4)
    for k, share in enumerate((0.2, 0.3, 0.1))
    for hour in (0, 1, 2)
]


def test_believers_stand_above_the_axis_and_disbelievers_below() -> None:
    (table,) = belief_tables(with_table(beliefs=BELIEFS), ("slow", "quick"), "fire")
    assert table.is_true and table.hours.tolist() == [0, 1, 2]
    lines = {line.get_label(): list(line.get_ydata()) for line in belief_ribbon(table, panel()).get_lines()}
    assert lines["aware"] == pytest.approx([0, 20, 40])
    assert lines["believing"] == pytest.approx([0, 10, 20])
    assert lines["disbelieving"] == pytest.approx([0, -5, -10])
    assert_legible(beliefs_figure([table]))
    assert_legible(beliefs_figure([table, table]))


def test_beliefs_that_were_not_stored_are_asked_for_with_their_key() -> None:
    with pytest.raises(InputError, match=r'no table "beliefs" was stored; set run\.record = "events"'):
        belief_tables(RESULTS, ("slow",), "fire")
    with pytest.raises(InputError, match=r'in quick; set run\.record = "events"'):
        belief_tables(with_table(beliefs=BELIEFS), ("quick",), "fire")


def test_a_run_with_its_events_stores_what_a_single_run_believes_in_the_end() -> None:
    base = six_persons.scenario(replicates=2, horizon="12 h").changed({"people.count": 40})
    variants = {"kept": base.changed({"run.record": "events"}), "plain": base}
    made = Experiment.model_validate(
        {"name": "b", "scenario": base, "variants": variants, "measures": {"curve_points": 7}}
    )
    results = run_experiment(made, threads=1)
    stored = results.table("beliefs").to_pylist()
    assert {r["variant"] for r in stored} == {"kept"}
    alone = Runner(variants["kept"], record="all").run(1)
    ends = [r for r in stored if (r["replicate"], r["story"]) == (1, "fire")]
    assert ends[-1]["believing"] == believing(alone, "fire") > 0
    assert len(ends) == 6, "of 7 points the first one is before the fire"
    kept = {r["variant"] for r in results.table("publications").to_pylist()}
    assert kept == {"kept", "plain"}
