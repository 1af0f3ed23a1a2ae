"""`asynclog check`: whether a configuration can be used, and what becomes of a line."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.text import Text

from ..config.loading import make_logger, read_config
from ..config.registry import Registry
from ..config.route import Explainer, render
from ..errors import ConfigError
from .sample import parse_record

if TYPE_CHECKING:
    from ..records import Record

_STYLES = {"stopped": "red", "written": "green"}


@click.command()
@click.argument("config", required=False, type=click.Path(path_type=Path), envvar="ASYNCLOG_CONFIG")
@click.option("--logger", help="Only the logger NAME.  [default: all]", metavar="NAME")
@click.option(
    "--record",
    "text",
    help='What becomes of a record: {"level": "ERROR", "label": "db", "message": "lost"}; other'
    " members are attributes.",
    metavar="JSON",
)
def check(config: Path | None, logger: str | None, text: str | None) -> None:
    """Check CONFIG, and show the way of a line through it.

    Every mistake is told, one a line, with the path of its key and how to mend it.  If there is
    none, the way is printed: logger, handler, filter, formatter, sinks.

    Without CONFIG, the file is the one that ASYNCLOG_CONFIG names.

    \b
    Examples:
      asynclog check logging.toml
      asynclog check logging.toml --record '{"level": "ERROR", "label": "db", "size": 7}'
    """  # noqa: D301 - click wants the backspace itself
    if config is None:
        raise click.UsageError("name a file, or set ASYNCLOG_CONFIG")
    try:
        record = None if text is None else parse_record(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--record") from None
    try:
        _explain(config, logger, record)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(1)


def _explain(config: Path, logger: str | None, record: Record | None) -> None:
    """Print the trees of all loggers, or of one."""
    registry = Registry()
    loaded = read_config(config, registry=registry)
    names = [logger] if logger is not None else list(loaded.config.loggers) or ["root"]
    for name in names:
        make_logger(loaded, name)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    console = Console(highlight=False)
    explainer = Explainer(loaded, registry)
    for name in names:
        for line, mark in render(explainer.route(name, record)):
            console.print(Text(line, style=_STYLES.get(mark, "")), soft_wrap=True)
