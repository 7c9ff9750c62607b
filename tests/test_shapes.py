"""Sizes, depths and trees of cascades, and the film: drawn from tables written by hand."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from matplotlib.animation import FFMpegWriter

import small_results
from diffusion.errors import InputError
from diffusion.figures import (
    FIGURES,
    cascade_tree,
    cascades_figure,
    draw_figures,
    figure,
    save_film,
    spread_film,
    tree_figure,
    virality_figure,
)
from diffusion.figures.animation import frame_hours
from diffusion.figures.tree import layout
from diffusion.study import Interval, Results, TreeTable, largest_tree, reach_table, shape_tables
from diffusion.study.shape_tables import ccdf
from legible import assert_legible
from test_figures import panel

RESULTS = small_results.results({("slow", "fire"): np.arange(1.0, 9), ("quick", "fire"): np.arange(1.0, 9)})


def cascade(variant: str, replicate: int, number: int, size: int, depth: int, virality: float | None) -> dict[str, Any]:
    about = {"variant": variant, "replicate": replicate, "story": "fire", "cascade": number, "root": "7"}
    return about | {"platform": "chirp", "size": size, "depth": depth, "virality": virality}


CASCADES = [
    cascade("slow", 0, 0, 1, 0, None), cascade("slow", 0, 1, 5, 2, 2.0), cascade("slow", 1, 0, 1, 0, None),
    cascade("slow", 1, 1, 1, 0, None), cascade("slow", 1, 2, 2, 1, 1.0), cascade("slow", 1, 3, 2, 1, 1.0),
    cascade("quick", 0, 0, 1, 0, None),
]  # fmt: skip


def share(person: str, parent: str | None, depth: int, hours: float, cascade: int = 1) -> dict[str, Any]:
    about = {"variant": "slow", "replicate": 0, "story": "fire", "cascade": cascade, "root": "7"}
    return about | {"person": person, "parent": parent, "depth": depth, "seconds": 3600 * hours, "followers": 10}


SHARES = [
    share("9", None, 0, 0.0, cascade=0), share("7", None, 0, 0.0), share("1", "7", 1, 0.5), share("2", "7", 1, 1.0),
    share("3", "1", 2, 2.0), share("4", "1", 2, 4.0),
]  # fmt: skip


def stored() -> Results:
    tables = {"cascades": pa.Table.from_pylist(CASCADES), "shares": pa.Table.from_pylist(SHARES)}
    return replace(RESULTS, tables=tables)


def test_the_share_of_cascades_at_least_as_large_is_counted_per_replicate() -> None:
    found = ccdf(np.array([1, 1, 3, 1, 3, 5, 5]), np.array([0, 0, 0, 1, 1, 1, 1]))
    assert found.x.tolist() == [1, 3, 5]
    # 1/3 and 3/4 of the two replicates' cascades have 3 or more; none and half of them 5.
    assert found.median == pytest.approx([1, (1 / 3 + 3 / 4) / 2, 0.25])
    assert found.low == pytest.approx([1, 1 / 3 + 0.1 * (3 / 4 - 1 / 3), 0.05])


def test_variants_without_shares_are_left_out_and_lone_roots_have_no_virality() -> None:
    slow, quick = shape_tables(stored(), ("slow", "quick"), "fire")
    assert (slow.cascades, quick.cascades) == (6, 1)
    assert (slow.sizes.tolist(), slow.virality.tolist()) == ([5, 2, 2], [2, 1, 1])
    assert [t.variant for t in shape_tables(stored(), ("slow", "quick"), "fire", least=2)] == ["slow"]
    with pytest.raises(InputError, match='"fire" has not a cascade of 2 shares or more on a follow platform in quick'):
        shape_tables(stored(), ("quick",), "fire", least=2)
    with pytest.raises(InputError, match=r"set measures\.cascades = true"):
        shape_tables(RESULTS, ("slow",), "fire")


def test_the_largest_tree_is_found_with_its_parents_before_their_children() -> None:
    tree = largest_tree(stored(), ("slow", "quick"), "fire", longest=99)
    assert (tree.variant, tree.replicate, tree.cascade, tree.size, tree.root) == ("slow", 0, 1, 5, "7")
    assert tree.parent.tolist() == [-1, 0, 0, 1, 1]
    assert tree.hours.tolist() == [0, 0.5, 1, 2, 4]
    cut = largest_tree(stored(), ("slow",), "fire", longest=3)
    assert (cut.size, cut.parent.tolist()) == (5, [-1, 0, 0])
    with pytest.raises(InputError, match="there is no tree"):
        largest_tree(stored(), ("quick",), "fire", longest=9)


def tree(parent: list[int], depth: list[int]) -> TreeTable:
    hours = np.arange(len(parent), dtype=float)
    whole = (np.array(parent), np.array(depth))
    return TreeTable("slow", "fire", 0, 1, "7", "chirp", len(parent), *whole, hours, np.full(len(parent), 5))


def test_leaves_have_equal_room_on_their_rings_and_parents_lie_amid_them() -> None:
    # A root with two leaves and a child that has two: three leaves' worth of room, two on the first ring.
    angle, radius = layout(tree([-1, 0, 0, 0, 3, 3], [0, 1, 1, 1, 2, 2]))
    assert radius.tolist() == [0, 1, 1, 1, 2, 2]
    turns = angle / (2 * np.pi)
    assert turns[1:3] == pytest.approx([1 / 6, 3 / 6])
    assert turns[3:] == pytest.approx([5 / 6, 2 / 3 + 1 / 12, 2 / 3 + 3 / 12])


def test_no_two_shares_of_a_large_tree_lie_in_the_same_place() -> None:
    rng = np.random.default_rng(1)
    parent = [-1, *(int(rng.integers(node)) for node in range(1, 400))]
    depth = [0] * 400
    for node in range(1, 400):
        depth[node] = depth[parent[node]] + 1
    angle, radius = layout(tree(parent, depth))
    places = np.round(np.column_stack([radius * np.sin(angle), radius * np.cos(angle)]), 4)
    assert np.unique(places, axis=0).shape[0] == 400


def test_a_tree_has_a_line_per_reshare_and_a_mark_per_share() -> None:
    axes = panel()
    cascade_tree(tree([-1, 0, 0, 1], [0, 1, 1, 2]), axes)
    edges, below, root = axes.collections
    assert len(edges.get_paths()) == 3
    assert (len(below.get_offsets()), len(root.get_offsets())) == (3, 1)


def test_figures_of_shapes_can_be_read() -> None:
    tables = shape_tables(stored(), ("slow", "quick"), "fire")
    assert_legible(cascades_figure(tables))
    assert_legible(virality_figure(tables[:1]), least=8)
    assert_legible(tree_figure(largest_tree(stored(), ("slow",), "fire", longest=3)), least=5)
    drawn = tree_figure(largest_tree(stored(), ("slow",), "fire", longest=3))
    assert drawn.get_suptitle() == "“fire”, slow"
    assert drawn.axes[0].texts[0].get_text().startswith("first 3 of 5 shares, 1 generation\n")


# --- the film ---------------------------------------------------------------------------------------------------------


def film_tables() -> list[Any]:
    return [reach_table(RESULTS, variant, "fire") for variant in ("slow", "quick")]


def test_bars_grow_to_the_reach_of_their_time_and_tell_the_time_once_it_is_reached() -> None:
    slow, quick = film_tables()
    quick = replace(quick, time=Interval(2.5, 2.0, 3.0, 9))
    film = spread_film([slow, quick], frames=25)
    axes = film.figure.axes[0]
    notes = [text for text in axes.texts if text.get_position()[0] == 101]
    for frame, hour in ((2, 2.0), (24, 24.0)):
        film.show(frame)
        at = int(np.flatnonzero(slow.hours <= hour)[-1])
        ends = [max(p.get_x() + p.get_width() for p in axes.patches if abs(p.get_y() + 0.3 - y) < 0.1) for y in (0, 1)]
        assert ends == pytest.approx([100 * table.mean[:, at].sum() for table in (slow, quick)])
        assert bool(notes[1].get_text()) is (hour > 2.5)
    assert "after 24.0 h, at +1 d 12:02" in axes.get_title(loc="left")


def test_frames_are_spaced_as_on_the_axis() -> None:
    late = [replace(table, time=Interval(9.0, 8.0, 9.5, 9)) for table in film_tables()]
    assert frame_hours(late, 25) == pytest.approx(np.arange(25))
    early = [replace(table, time=Interval(0.5, 0.4, 0.6, 9)) for table in film_tables()]
    hours = frame_hours(early, 30)
    assert (hours[0], hours[-1]) == (0, 24) and np.diff(np.log(hours[1:])) == pytest.approx(math.log(96) / 28)


def test_a_film_without_ffmpeg_is_a_gif(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FFMpegWriter, "isAvailable", classmethod(lambda cls: False))
    (made,) = save_film(spread_film(film_tables(), frames=3), tmp_path / "film")
    assert made.name == "film.gif"
    assert made.read_bytes()[:6] == b"GIF89a"


@pytest.mark.skipif(not FFMpegWriter.isAvailable(), reason="ffmpeg is not installed")
def test_a_film_with_ffmpeg_is_an_mp4(tmp_path: Path) -> None:
    (made,) = save_film(spread_film(film_tables(), frames=3), tmp_path / "film")
    assert made.name == "film.mp4"
    assert b"ftyp" in made.read_bytes()[:12]


def test_a_film_is_made_only_where_it_is_named(tmp_path: Path) -> None:
    assert FIGURES["animation"].when == "named"
    drawn = draw_figures(stored(), tmp_path, story="fire", formats=["png"])
    assert {path.name for path in drawn.files} >= {"cascades-fire.png", "virality-fire.png", "tree-fire.png"}
    assert not any("animation" in path.name for path in drawn.files)
    assert [line.split(":")[0] for line in drawn.left_out] == ["handoff-fire", "beliefs-fire"]


def test_figures_of_cascades_come_by_their_names_too() -> None:
    assert len(figure(stored(), "cascades", story="fire").axes) == 2  # type: ignore[union-attr]
