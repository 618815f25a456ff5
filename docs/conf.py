"""Sphinx configuration: MyST pages, autodoc of the installed package."""

from vercmp import __name__ as project

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.doctest"]
html_theme = "furo"
html_title = project
copyright = "the vercmp developers"
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
nitpicky = False
