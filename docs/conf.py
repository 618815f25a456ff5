"""Sphinx configuration: Markdown pages that any forge shows too."""

from vercmp import __name__ as project

extensions = ["myst_parser"]
html_theme = "furo"
html_title = project
copyright = "the vercmp developers"
root_doc = "contents"
exclude_patterns = ["_build"]
myst_heading_anchors = 3
nitpicky = True
# Made up for examples.
linkcheck_ignore = [r"https?://([\w-]+\.)*example(\.(com|org|net))?([:/].*)?$", r"https?://localhost.*"]
linkcheck_timeout = 20
