"""Sphinx settings: pages in Markdown, the API from docstrings; a build fetches nothing and its pages fetch nothing."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

project = "diffusion"
author = "the diffusion authors"
copyright = "the diffusion authors"
release = version = installed("diffusion")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "mathml", "docstrings"]
exclude_patterns = ["results"]

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

default_role = "py:obj"
add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"exclude-members": "model_config"}
python_maximum_signature_line_length = 100
napoleon_google_docstring = False
napoleon_custom_sections = [("Attributes", "params_style")]
napoleon_use_rtype = False

html_theme = "furo"
html_math_renderer = "mathml"
html_title = f"diffusion {release}"
html_copy_source = False
html_show_sphinx = False


def setup(app: Any) -> None:
    """Let blocks of CSV be shown as plain text."""
    from pygments.lexers.special import TextLexer

    app.add_lexer("csv", TextLexer)
