"""`asynclog schema`: what a configuration may say, for editors."""

from __future__ import annotations

import click

from ..config.registry import Registry
from ..config.schema import write_schema


@click.command()
def schema() -> None:
    """Print the JSON Schema of configurations, with the types of installed plug-ins.

    An editor that knows it completes and checks a configuration while it is written.

    \b
    Examples:
      asynclog schema > asynclog.schema.json
    """  # noqa: D301 - click wants the backspace itself
    click.echo(write_schema(Registry()), nl=False)
