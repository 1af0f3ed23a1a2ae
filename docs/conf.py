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

# Napoleon takes what stands before a colon in the docstring of an attribute for its type, though
# all of it is the sentence that was meant; so those docstrings are put back as they were.
_attributes = {}


def _keep(app, what, name, obj, options, lines):
    if what in {"attribute", "data", "property"}:
        _attributes[name] = lines[:]


def _put_back(app, what, name, obj, options, lines):
    lines[:] = _attributes.pop(name, lines)


def setup(app):
    """Put one listener before napoleon's, which has priority 500, and one behind it."""
    app.connect("autodoc-process-docstring", _keep, priority=400)
    app.connect("autodoc-process-docstring", _put_back, priority=600)
