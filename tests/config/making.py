"""Configurations for the tests of asynclog.config."""

import pytest

from asynclog.config import load_config
from asynclog.errors import ConfigError

CONSOLE = {"type": "console"}
HANDLER = {"formatter": {"type": "string", "pattern": "{message}"}, "sinks": [CONSOLE]}


def handled(**changes):
    """Return a configuration of one handler, a working one but for *changes*."""
    return {"root": [HANDLER | changes]}


def sunk(**sink):
    """Return a configuration of one handler with one *sink*."""
    return handled(sinks=[sink])


def mistakes(source, **options):
    """Return the mistakes of *source*, one line each, without its name."""
    with pytest.raises(ConfigError) as error:
        load_config(source, **options)
    return [str(problem) for problem in error.value.problems]


def mistake(source, **options):
    """Return the one mistake of *source*."""
    (one,) = mistakes(source, **options)
    return one
