"""Sphinx reads the pages of docs/ and the docstrings of the package."""

from asynclog import __version__

project = "asynclog"
author = "The asynclog developers"
copyright = author
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
default_role = "code"  # what docstrings set in backticks is code

autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "none"  # the docstrings tell types and units; mypy checks the annotations
autodoc_preserve_defaults = True
nitpick_ignore_regex = [("py:.*", r"(?!asynclog\b).*")]  # our own references must resolve

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"asynclog {version}"
