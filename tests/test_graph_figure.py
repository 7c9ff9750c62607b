"""The figure of a graph shows the distributions, the fitted tails and the clustering that `describe` found."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from diffusion.errors import InputError
from diffusion.figures import clustering_by_degree, degree_distributions, draw_graph, graph_figure
from diffusion.graphs import FollowerGraph, describe, generate_followers, path_graph

FOUND = describe(generate_followers(5_000, mean_followers=12, seed=4))


def test_steps_are_the_shares_of_persons_and_lines_start_where_the_tails_do() -> None:
    axes = degree_distributions(FOUND, Figure().subplots())
    followers, followed = (line for line in axes.lines if line.get_drawstyle() == "steps")
    for line, table in ((followers, FOUND.degrees.followers), (followed, FOUND.degrees.followed)):
        assert np.array_equal(np.column_stack(line.get_data())[1:], table[table[:, 0] > 0])
    laws = [line for line in axes.lines if len(line.get_xdata()) > 1 and line.get_drawstyle() == "default"]
    for law, tail in zip(laws, (FOUND.followers_tail, FOUND.followed_tail), strict=True):
        assert law.get_xdata()[0] == tail.start
        assert law.get_ydata()[0] == pytest.approx(tail.persons / FOUND.persons)
        assert np.all(np.diff(law.get_ydata()) < 0)
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    tail = FOUND.followers_tail
    assert labels[0] == f"followers (exponent {tail.exponent:.2f} ± {tail.error:.2f})"


def test_points_are_the_means_by_degree() -> None:
    axes = clustering_by_degree(FOUND, Figure().subplots())
    means = next(line for line in axes.lines if line.get_label() == "mean")
    assert np.array_equal(means.get_ydata(), FOUND.clustering.by_degree)
    assert len(axes.collections) == 1, "the band of the quartiles"
    sampled = FOUND.clustering._replace(exact=False)
    bars = clustering_by_degree(FOUND.__class__(**{**vars(FOUND), "clustering": sampled}), Figure().subplots())
    assert len(bars.containers) == 1, "error bars instead"


def test_files_are_written_whole_or_not_at_all(tmp_path) -> None:
    for name in ("g.png", "g.pdf", "g.svg"):
        assert draw_graph(FOUND, tmp_path / name).stat().st_size > 1000
        again = (tmp_path / name).read_bytes()
        assert draw_graph(FOUND, tmp_path / name).read_bytes() == again or name == "g.svg"
    empty = describe(FollowerGraph.from_links([0], [0], n_persons=2))
    for found, name, message in (
        (FOUND, "g.jpg", "give a name that ends with .pdf, .png, .svg"),
        (FOUND, "none/g.png", "there is no folder"),
        (empty, "e.png", "a graph without links"),
    ):
        with pytest.raises(InputError, match=message):
            draw_graph(found, tmp_path / name)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["g.pdf", "g.png", "g.svg"]


def test_a_graph_of_two_can_be_drawn_too() -> None:
    left, right = graph_figure(describe(path_graph(2))).axes
    assert left.lines[0].get_xdata().tolist() == [0.9, 1.0]
    assert right.texts[0].get_text() == "nobody has two neighbours"
