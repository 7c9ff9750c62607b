"""Formulas as MathML, which browsers draw by themselves: the pages load no script from anywhere."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.errors import ExtensionError


def _written(node: nodes.Element, inline: bool) -> str:
    try:
        return str(tex2mathml(node.astext(), as_block=not inline))
    except MathError as error:
        raise ExtensionError(f"{node.source}:{node.line}: {node.astext()!r} is not a formula: {error}") from None


def _visit_inline(translator: Any, node: nodes.Element) -> None:
    translator.body.append(_written(node, inline=True))
    raise nodes.SkipNode


def _visit_block(translator: Any, node: nodes.Element) -> None:
    translator.body.append(f'<div class="math">{_written(node, inline=False)}</div>\n')
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (_visit_inline, None), (_visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
