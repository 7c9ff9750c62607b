"""The figures by name: what each is drawn from, and drawing several of them into a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from matplotlib.figure import Figure

from diffusion.errors import InputError, suggestion
from diffusion.figures.animation import Film, save_film, spread_film
from diffusion.figures.beliefs import beliefs_figure
from diffusion.figures.channels import channels_figure, sources_figure
from diffusion.figures.delays import delay_figure
from diffusion.figures.files import check_place, put
from diffusion.figures.handoff import handoff_figure
from diffusion.figures.race import race_figure
from diffusion.figures.reach import reach_figure
from diffusion.figures.shapes import cascades_figure, virality_figure
from diffusion.figures.style import save
from diffusion.figures.tree import MOST_NODES, tree_figure
from diffusion.graphs.files import path_of
from diffusion.study.belief_tables import belief_tables
from diffusion.study.media_tables import handoff_tables
from diffusion.study.results import Folder, Results, opened
from diffusion.study.shape_tables import largest_tree, shape_tables
from diffusion.study.store import list_files
from diffusion.study.tables import delay_table, reach_table, source_table


class Choice(NamedTuple):
    """Of what a figure is drawn: a story, and the variants that appear in it."""

    story: str
    variants: tuple[str, ...]


class Kind(NamedTuple):
    """A figure that can be drawn from results.

    Attributes
    ----------
    draw : callable
        (results, choice) -> figure or film.
    when : {"run", "plot", "named"}
        Whether a run draws it without being asked, `draw_figures` does, or only who names it gets it.
    """

    draw: Callable[[Results, Choice], Figure | Film]
    when: Literal["run", "plot", "named"] = "plot"


def _race(results: Results, of: Choice) -> Figure:
    return race_figure([reach_table(results, variant, of.story) for variant in of.variants])


def _reach(results: Results, of: Choice) -> Figure:
    return reach_figure([reach_table(results, variant, of.story) for variant in of.variants])


def _channels(results: Results, of: Choice) -> Figure:
    return channels_figure([reach_table(results, variant, of.story) for variant in of.variants])


def _sources(results: Results, of: Choice) -> Figure:
    return sources_figure([source_table(results, variant, of.story) for variant in of.variants])


def _delays(results: Results, of: Choice) -> Figure:
    return delay_figure([delay_table(results, variant, of.story) for variant in of.variants])


def _handoff(results: Results, of: Choice) -> Figure:
    return handoff_figure(handoff_tables(results, of.variants, of.story))


def _beliefs(results: Results, of: Choice) -> Figure:
    return beliefs_figure(belief_tables(results, of.variants, of.story))


def _cascades(results: Results, of: Choice) -> Figure:
    return cascades_figure(shape_tables(results, of.variants, of.story))


def _virality(results: Results, of: Choice) -> Figure:
    return virality_figure(shape_tables(results, of.variants, of.story, least=2))


def _tree(results: Results, of: Choice) -> Figure:
    return tree_figure(largest_tree(results, of.variants, of.story, longest=MOST_NODES))


def _animation(results: Results, of: Choice) -> Film:
    return spread_film([reach_table(results, variant, of.story) for variant in of.variants])


FIGURES: dict[str, Kind] = {
    "race": Kind(_race, when="run"),
    "channels": Kind(_channels, when="run"),
    "reach": Kind(_reach),
    "sources": Kind(_sources, when="run"),
    "delays": Kind(_delays, when="run"),
    "handoff": Kind(_handoff),
    "beliefs": Kind(_beliefs),
    "cascades": Kind(_cascades),
    "virality": Kind(_virality),
    "tree": Kind(_tree),
    "animation": Kind(_animation, when="named"),
}
"""Name -> figure, in the order in which they are drawn; docs/figures.md says what each shows."""


def figure(
    results: Results | Folder, name: str, *, story: str | None = None, variants: Sequence[str] | None = None
) -> Figure | Film:
    """Draw one figure of an experiment's results, or make its film.

    Parameters
    ----------
    results : Results, or the folder in which they lie
    name : str
        One of `FIGURES`.
    story : str, optional
        By default the only one on which variants are compared.
    variants : sequence of str, optional
        By default all.

    Raises
    ------
    InputError
        For a figure, story or variant that there is not, and for results in which there is nothing to draw.
    """
    results = opened(results)
    if name not in FIGURES:
        raise InputError(f'there is no figure "{name}"{suggestion(name, FIGURES)}')
    stories = _stories(results, story)
    if len(stories) > 1:
        raise InputError(f"which story? These results have {', '.join(stories)}")
    return FIGURES[name].draw(results, Choice(stories[0], _variants(results, variants)))


def _stories(results: Results, story: str | None) -> tuple[str, ...]:
    if story is None:
        return results.stories
    known = sorted(results.experiment.scenario.stories)
    if story not in known:
        raise InputError(f'there is no story "{story}"{suggestion(story, known)}')
    return (story,)


def _variants(results: Results, variants: Sequence[str] | None) -> tuple[str, ...]:
    known = results.experiment.variants
    variants = (variants,) if isinstance(variants, str) else variants
    for variant in variants or ():
        if variant not in known:
            raise InputError(f'there is no variant "{variant}"{suggestion(variant, known)}')
    return tuple(variant for variant in known if not variants or variant in variants)


def draw_experiment(results: Results, folder: Path) -> list[Path]:
    """Draw what a run draws by itself, of every story, as PDF and PNG.

    Parameters
    ----------
    results : Results
    folder : Path
        Where the files are written: ``race-<story>``, ``channels-<story>``, ``sources-<story>``, ``delays-<story>``.
        A single variant has no race.

    Returns
    -------
    list of Path
    """
    made = []
    variants = tuple(results.experiment.variants)
    names = [name for name, kind in FIGURES.items() if kind.when == "run" and (name != "race" or len(variants) > 1)]
    for story in results.stories:
        for name in names:
            made += _save(FIGURES[name].draw(results, Choice(story, variants)), folder / f"{name}-{story}")
    return made


class Drawn(NamedTuple):
    """What `draw_figures` made, and why it left out what it left out."""

    files: list[Path]
    left_out: list[str]


def draw_figures(
    results: Results | Folder,
    folder: str | os.PathLike[str],
    *,
    names: Sequence[str] = (),
    story: str | None = None,
    variants: Sequence[str] | None = None,
    formats: Sequence[str] = ("pdf", "png"),
) -> Drawn:
    """Draw figures into a folder, which changes only when all of them are drawn.

    Parameters
    ----------
    results : Results, or the folder in which they lie
    folder : path
        Made if it is not there. A file ``<figure>-<story>.<format>`` that lies there is replaced.
    names : sequence of str
        Of `FIGURES`; by default all for which the results hold the tables, without the film, which takes a while.
    story : str, optional
        By default every story on which variants are compared.
    variants : sequence of str, optional
        By default all.
    formats : sequence of {"pdf", "png", "svg"}
        Of figures; a film is an MP4 where ffmpeg is installed, and else a GIF.

    Raises
    ------
    InputError
        As `figure`, for a format that there is not, and where nothing may be written.
    """
    results = opened(results)
    folder = path_of("folder", folder)
    check_place(folder, formats)
    of = [Choice(one, _variants(results, variants)) for one in _stories(results, story)]
    for name in names:
        if name not in FIGURES:
            raise InputError(f'there is no figure "{name}"{suggestion(name, FIGURES)}')
    made, left_out = _drawn(results, of, names)

    def write(under_way: Path) -> list[Path]:
        return [path for stem, drawn in made.items() for path in _save(drawn, under_way / stem, formats)]

    return Drawn(put(folder, write, lambda files: _list_files(results, folder, files)), left_out)


def _drawn(results: Results, of: Sequence[Choice], names: Sequence[str]) -> tuple[dict[str, Figure | Film], list[str]]:
    """Return figures by the name of their file, and why others were left out where none was asked for by name."""
    made: dict[str, Figure | Film] = {}
    left_out = []
    for choice in of:
        for name in names or [name for name, kind in FIGURES.items() if kind.when != "named"]:
            try:
                made[f"{name}-{choice.story}"] = FIGURES[name].draw(results, choice)
            except InputError as error:
                if names:
                    raise
                left_out.append(f"{name}-{choice.story}: {error}")
    return made, left_out


def _save(drawn: Figure | Film, path: Path, formats: Sequence[str] = ("pdf", "png")) -> list[Path]:
    return save_film(drawn, path) if isinstance(drawn, Film) else save(drawn, path, formats)


def _list_files(results: Results, folder: Path, names: Sequence[str]) -> None:
    """List figures that go into the folder of results in its manifest, so that the next run may replace them."""
    if results.folder is not None and folder.resolve() == results.folder.resolve():
        list_files(folder, names)
