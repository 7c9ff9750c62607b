"""Whether a figure can be read at the size in which it is printed."""

from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text

from diffusion.figures import styled


def assert_legible(figure: Figure, *, least: int = 11) -> None:
    """No text is clipped by the figure's edge or covers another one, and there are `least` texts at all."""
    with styled():
        figure.draw_without_rendering()
        boxes = [(text.get_text(), text.get_window_extent()) for text in shown(figure)]
    frame = figure.bbox
    assert len(boxes) >= least
    for label, box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= frame.x1 and box.y1 <= frame.y1, f"{label!r} is clipped"
    for k, (label, box) in enumerate(boxes):
        for other, beside in boxes[:k]:
            assert not overlap(box, beside), f"{label!r} covers {other!r}"


def shown(figure: Figure) -> list[Text]:
    """All texts but the labels of ticks beyond the ends of their axes, which are not drawn."""
    beyond = set()
    for axis in figure.findobj(Axis):
        low, high = sorted(axis.get_view_interval())
        for tick in axis.get_major_ticks():
            if not low <= tick.get_loc() <= high or not axis.axes.get_visible() or not axis.axes.axison:
                beyond |= {tick.label1, tick.label2}
    found = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    return [t for t in found if t not in beyond and (t.axes is None or t.axes.get_visible())]


def overlap(a: object, b: object) -> bool:
    """Whether two boxes share more than a hair (half a pixel) in both directions."""
    return min(a.x1, b.x1) - max(a.x0, b.x0) > 0.5 and min(a.y1, b.y1) - max(a.y0, b.y0) > 0.5  # type: ignore[attr-defined]
