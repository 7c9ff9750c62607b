"""The figures of an experiment's results."""

from __future__ import annotations

from pathlib import Path

from diffusion.figures.delays import delay_figure
from diffusion.figures.reach import reach_figure
from diffusion.figures.style import save
from diffusion.study.results import Results
from diffusion.study.tables import delay_table, reach_table


def draw_experiment(results: Results, folder: Path) -> list[Path]:
    """Draw reach by channel and the delay decomposition of every story, as PDF and PNG.

    Parameters
    ----------
    results : Results
    folder : Path
        Where the files are written: ``reach-<story>`` and ``delays-<story>``.

    Returns
    -------
    list of Path
    """
    made = []
    for story in results.stories:
        variants = results.experiment.variants
        made += save(reach_figure([reach_table(results, v, story) for v in variants]), folder / f"reach-{story}")
        made += save(delay_figure([delay_table(results, v, story) for v in variants]), folder / f"delays-{story}")
    return made
