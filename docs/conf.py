"""Sphinx: `make docs` builds the pages of this folder into build/docs; a warning is an error."""

project = "structkit"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "structkit"
exclude_patterns = ["studies/*_text.md"]  # their texts are in the pages that are made of them
myst_heading_anchors = 3
