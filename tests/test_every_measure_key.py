"""Every key of what is measured, known and claimed changes what is reported."""

from typing import Any

import pytest
from pydantic import BaseModel

from diffusion.question import Claim, Known, Measures
from diffusion.scenario import Experiment, apply_changes
from diffusion.study import report_lines, run_experiment
from test_every_key import BASE, Tables, scenario_of

CLAIM: Tables = {"text": "news is quick", "of": ["all", "quiet"], "above": 0.001}
STORIES: Tables = {"measure": "story_speed_ratio", "of": ["quake", "match"], "variant": "all"}
COLUMN: Tables = {"measure": "column_difference", "column": "first.tv"}
KNOWN: Tables = {"known": [{"variant": "all", "at": "1 h", "share": 0.5, "source": "a survey"}]}


def known(**keys: Any) -> Tables:
    return {"known": [KNOWN["known"][0] | keys]}


MEASURED: dict[tuple[type[BaseModel], str], tuple[Tables, Tables]] = {
    (Measures, "quantiles"): ({}, {"measures.quantiles": [0.2]}),
    (Measures, "curve_points"): ({}, {"measures.curve_points": 9}),
    (Measures, "pairs"): ({}, {"measures.pairs": [["quiet", "all"]]}),
    (Measures, "story"): ({}, {"measures.story": "hoax"}),
    (Measures, "cascades"): ({}, {"measures.cascades": True}),
    (Claim, "text"): ({"claim": CLAIM}, {"claim.text": "news is slow"}),
    (Claim, "phrase"): ({"claim": CLAIM}, {"claim.phrase": "as they say"}),
    (Claim, "measure"): ({"claim": CLAIM}, {"claim.measure": "reach_difference"}),
    (Claim, "of"): ({"claim": CLAIM}, {"claim.of": ["quiet", "all"]}),
    (Claim, "quantile"): ({"claim": CLAIM}, {"claim.quantile": 0.2}),
    (Claim, "above"): ({"claim": CLAIM}, {"claim.above": 1000.0}),
    (Claim, "below"): ({"claim": CLAIM}, {"claim": {"text": "news is quick", "of": ["all", "quiet"], "below": 0.001}}),
    (Claim, "column"): ({"claim": CLAIM | COLUMN}, {"claim.column": "first.chirp"}),
    (Known, "variant"): (KNOWN, known(variant="quiet")),
    (Known, "at"): (KNOWN, known(at="2 h")),
    (Known, "column"): (KNOWN, {"known": [{"variant": "all", "column": "first.tv", "share": 0.5, "source": "s"}]}),
    (Known, "share"): (KNOWN, known(share=0.6)),
    (Known, "source"): (KNOWN, known(source="another survey")),
    (Claim, "story"): ({"claim": CLAIM}, {"claim.story": "hoax"}),
    (Claim, "variant"): ({"claim": CLAIM | STORIES}, {"claim.variant": "quiet"}),
}


def reported(*changes: Tables) -> Any:
    """The report of an experiment of two variants, the points of its curves, and the rows of its further tables."""
    base = scenario_of({"platforms.blog.graph": BASE["platforms"]["chirp"]["graph"], "run.replicates": 8})
    variants = {"all": base, "quiet": base.changed({"outlets.tv.active": False})}
    tables: Tables = {"name": "keys", "scenario": base, "variants": variants, "measures": {"story": "quake"}}
    for change in changes:
        tables = apply_changes(tables, change)
    results = run_experiment(Experiment.model_validate(tables), threads=1)
    tables = {name: table.num_rows for name, table in results.tables.items()}
    return report_lines(results), [curve.seconds.size for curve in results.curves.values()], tables


def test_every_key_of_measures_and_claims_has_a_case() -> None:
    assert MEASURED.keys() == {(model, key) for model in (Measures, Claim, Known) for key in model.model_fields}


@pytest.mark.parametrize(("base", "change"), MEASURED.values(), ids=[f"{m.__name__}.{key}" for m, key in MEASURED])
def test_a_key_of_measures_and_claims_changes_what_is_reported(base: Tables, change: Tables) -> None:
    assert reported(base) == reported(base)
    assert reported(base) != reported(base, change)
