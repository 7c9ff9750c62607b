"""Two stories of one variant side by side: their speed, and the shapes of their cascades at equal sizes."""

from __future__ import annotations

import numpy as np

from diffusion.measures.cascades import Cascades
from diffusion.measures.matching import SizeMatched, size_matched
from diffusion.measures.row import quantile_name
from diffusion.study.results import Folder, Results, opened
from diffusion.study.summary import paired_ratio, short


def matched_shapes(results: Results | Folder, variant: str, first: str, second: str) -> SizeMatched:
    """Compare the cascades of two stories of a variant, pooled over replicates, as they are and at equal sizes.

    Parameters
    ----------
    results : Results, or the folder in which they lie
        With the table ``cascades`` (`measures.cascades`).
    variant, first, second : str
        The second story's cascades are weighted to the sizes of the first one's.

    Returns
    -------
    SizeMatched
        Source of the matching: Juul & Ugander (2021).

    Raises
    ------
    InputError
        If the cascades were not stored.
    """
    results = opened(results)
    table = results.table("cascades").select(["variant", "story", "size", "depth", "breadth", "virality"])
    names = {key: table[key].to_numpy(zero_copy_only=False) for key in ("variant", "story")}
    columns = {key: table[key].to_numpy(zero_copy_only=False) for key in ("size", "depth", "breadth", "virality")}
    kinds = []
    for story in (first, second):
        rows = (names["variant"] == variant) & (names["story"] == story)
        size, depth, breadth = (columns[key][rows].astype(np.int64) for key in ("size", "depth", "breadth"))
        kinds.append(Cascades(size, depth, breadth, columns["virality"][rows].astype(np.float64)))
    return size_matched(*kinds, seed=results.seed)


def story_lines(results: Results) -> list[str]:
    """Return, for a claim about two stories, one line per variant: the ratio of their times.

    Where the cascades were stored a second line has the differences in depth and structural virality at equal sizes.
    """
    claim = results.experiment.claim
    if claim is None or claim.measure != "story_speed_ratio":
        return []
    lines = []
    for variant in results.experiment.variants:
        ratio = paired_ratio(*results.story_arms(variant, *claim.of, claim.quantile), seed=results.seed)
        lines.append(f"{variant}: {ratio.text(quantile_name(claim.quantile))}")
        if results.experiment.measures.cascades:
            lines.append(
                f"  cascades of {' − '.join(claim.of)}: {shape_text(matched_shapes(results, variant, *claim.of))}"
            )
    return lines


def shape_text(found: SizeMatched) -> str:
    """Write the differences in depth and virality, raw and at equal sizes."""
    texts = []
    for name in ("depth", "virality"):
        raw, matched = (
            f"{short(d.value)} [{short(d.low)}, {short(d.high)}]" for d in (found.raw[name], found.matched[name])
        )
        texts.append(f"{name} {raw}, at equal sizes {matched}")
    return "; ".join(texts)
