"""Two stories of one variant: their ratio in every variant, and their cascades at equal sizes."""

from pathlib import Path

import numpy as np
import pytest

from diffusion import study
from diffusion.config import read_experiment
from diffusion.errors import InputError
from diffusion.study import Results, matched_shapes, paired_ratio, report_lines
from diffusion.study.stories import story_lines

FILE = Path(__file__).resolve().parents[1] / "experiments" / "fake_news.toml"


@pytest.fixture(scope="module")
def results() -> Results:
    return study.run_experiment(read_experiment(FILE, overrides=["people.count=3000"], replicates=6), threads=2)


def rows(results: Results, variant: str, story: str) -> list[dict[str, float]]:
    table = results.table("cascades").to_pylist()
    return [row for row in table if (row["variant"], row["story"]) == (variant, story)]


def test_shapes_are_pooled_over_replicates_of_one_variant_and_weighted_to_the_first_storys_sizes(
    results: Results,
) -> None:
    found = matched_shapes(results, "bots", "hoax", "honest")
    hoax, honest = ([r for r in rows(results, "bots", name) if r["size"] >= 2] for name in ("hoax", "honest"))
    assert found.raw["depth"].first == pytest.approx(np.mean([r["depth"] for r in hoax]))
    assert found.raw["virality"].second == pytest.approx(np.mean([r["virality"] for r in honest]))
    sizes = {r["size"] for r in hoax} & {r["size"] for r in honest}
    kept = [r for r in hoax if r["size"] in sizes]
    means = [np.mean([r["depth"] for r in honest if r["size"] == one["size"]]) for one in kept]
    assert found.matched["depth"].first == pytest.approx(np.mean([r["depth"] for r in kept]))
    assert found.matched["depth"].second == pytest.approx(np.mean(means))


def test_the_report_of_a_claim_about_two_stories_has_their_ratio_in_every_variant(results: Results) -> None:
    lines = story_lines(results)
    assert len(lines) == 2 * len(results.experiment.variants)
    claim = results.experiment.claim
    assert claim is not None
    for at, variant in enumerate(results.experiment.variants):
        ratio = paired_ratio(*results.story_arms(variant, *claim.of, claim.quantile), seed=results.seed)
        assert lines[2 * at] == f"{variant}: {ratio.text('T10')}"
        assert "at equal sizes" in lines[2 * at + 1]
    assert set(lines) <= set(report_lines(results))


def test_without_stored_cascades_only_the_ratios_are_said() -> None:
    changes = ["people.count=2000", "measures.cascades=false"]
    plain = study.run_experiment(read_experiment(FILE, overrides=changes, replicates=2), threads=2)
    assert len(story_lines(plain)) == len(plain.experiment.variants)
    with pytest.raises(InputError, match=r"measures\.cascades = true"):
        matched_shapes(plain, "bots", "hoax", "honest")
