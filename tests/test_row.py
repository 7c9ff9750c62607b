"""The row of a run: every measure of every story, and nothing that its record level did not keep."""

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

import six_persons
from diffusion.errors import InputError
from diffusion.measures import time_to_reach, wide_row
from diffusion.scenario import Measures
from diffusion.vocabulary import Record

OUTCOME = six_persons.logged()
LEVELS = {
    Record.TIMES: ("first_tick", "share_tick"),
    Record.PARENTS: ("first_channel", "first_post", "posts", "coverage"),
    Record.ALL: ("exposures", "evidence", "credence"),
    Record.EVENTS: ("events",),
}


def kept_at(record: Record) -> set[str]:
    """The columns of the fire in a run that kept no more."""
    lost = {name: None for level, names in LEVELS.items() if level > record for name in names}
    row = wide_row(replace(OUTCOME, record=record, **lost))  # type: ignore[arg-type]
    return {key.removeprefix("fire.") for key in row if key.startswith("fire.")}


def test_the_row_of_a_run_has_every_measure_of_every_story() -> None:
    row = wide_row(OUTCOME, Measures(quantiles=(0.025, 0.5, 0.9)))
    expected = {
        "fire.T2.5_h": 0.0, "fire.T50_h": 400 / 3600, "fire.T90_h": math.inf, "fire.reached": 5 / 6,
        "fire.restricted_mean_h": 6710 / 6 / 3600, "fire.heard": 4, "fire.sharers": 3,
        "fire.offers": 9, "fire.views": 4,
        "fire.first.chirp": 0.4, "fire.first.own eyes": 0.2, "fire.delay.meeting_h": 300 / 5 / 3600,
        "fire.cascades": 2,
        "fire.cascade.size": 2, "fire.cascade.depth": 1, "fire.cascade.breadth": 1, "fire.cascade.virality": 1,
        "fire.network.aware": 2 / 5, "fire.network.sharers": 1 / 3, "fire.network.exposures": 4 / 7,
        "fire.handoff.to_outlets": 0, "fire.handoff.to_platforms": 0, "fire.handoff.both": 0,
        "fire.handoff.sharers": 1 / 3, "fire.lag.peak_h": -1255 / 3600, "fire.lag.median_h": -1255 / 3600,
        "fire.coverage.outlets": 1, "fire.coverage.from_platforms": 0, "fire.coverage.first_h": 900 / 3600,
        "fire.caused.gini": 2 / 3, "fire.caused.top1": 1, "fire.caused.gini_all": 0, "fire.caused.top1_all": 1 / 3,
        "fire.believing": 0.5, "fire.believing_person_h": 9200 / 3600,
        "fire.believing_person_h.least": 4800 / 3600, "fire.believing_person_h.most": 11700 / 3600,
        "speech.T50_h": math.inf, "speech.delay.approval_h": 600 / 3600, "speech.coverage.first_h": math.inf,
    }  # fmt: skip
    assert {key: row[key] for key in expected} == pytest.approx(expected, rel=1e-14)
    assert math.isnan(row["speech.lag.peak_h"])
    assert {key.partition(".")[0] for key in row} == {"fire", "speech"}


def test_the_row_leaves_out_what_was_not_kept() -> None:
    assert kept_at(Record.SIZES) == {"reached", "offers", "views"}
    assert kept_at(Record.TIMES) - kept_at(Record.SIZES) == {"T10_h", "T50_h", "T90_h", "restricted_mean_h", "sharers"}
    paths = kept_at(Record.PARENTS) - kept_at(Record.TIMES)
    assert {name.partition(".")[0] for name in paths} == {
        "heard", "first", "network", "handoff", "lag", "coverage", "delay", "cascades", "cascade", "caused"
    }  # fmt: skip
    beliefs = {"believing", "believing_person_h.least", "believing_person_h.most"}
    assert kept_at(Record.ALL) - kept_at(Record.PARENTS) == beliefs
    logged = {"believing_person_h", "network.exposures", "caused.gini_all", "caused.top1_all"}
    assert kept_at(Record.EVENTS) - kept_at(Record.ALL) == logged


def test_the_page_of_measures_names_every_column() -> None:
    page = (Path(__file__).parents[1] / "docs" / "measures.md").read_text(encoding="utf-8")
    written = set(re.findall(r"`([\w.<> ]+)`", page))
    for column in wide_row(OUTCOME):
        name = re.sub(r"^\w+\.", "", column)
        name = re.sub(r"^first\..*", "first.<channel>", re.sub(r"^delay\..*", "delay.<component>_h", name))
        assert name in written, f"docs/measures.md does not speak of {name}"


def test_a_measure_says_which_record_it_needs() -> None:
    sizes = replace(OUTCOME, record=Record.SIZES, first_tick=None)
    with pytest.raises(InputError, match="record"):
        time_to_reach(sizes, 0.5, "fire")
