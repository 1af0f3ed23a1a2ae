"""Configuration: a file, JSON or TOML, or a mapping, becomes a logger.

`documents` makes plain data of text, `plain` and `environment` fill in what comes from outside,
`reader` makes models of it, whose types `registry` knows, and `build` makes the parts that run.
"""

from .loading import load_config
from .registry import Registry
from .reload import reloading

__all__ = ["Registry", "load_config", "reloading"]
