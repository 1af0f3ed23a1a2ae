"""The logger that a configuration describes, for a command."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from ..config.loading import load_config
from ..errors import ConfigError

if TYPE_CHECKING:
    from ..logger import BufferedLogger

WRONG_USE = 2


def configured(path: str, name: str) -> BufferedLogger:
    """Return the logger *name* of the configuration at *path*; tell its mistakes, and exit."""
    try:
        return load_config(path, logger=name)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(WRONG_USE)


def refuse_beside(context: click.Context, option: str, *others: str) -> None:
    """Refuse each of *others*, parameters of the command, that was given beside *option*.

    Raises:
        click.UsageError: one was.
    """
    for name in others:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            (given,) = (one.opts[0] for one in context.command.params if one.name == name)
            raise click.UsageError(f"expected {option} or {given}, got both")
