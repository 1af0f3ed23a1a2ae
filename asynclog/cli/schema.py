"""`asynclog schema`: what a configuration may say, for editors and for people."""

from __future__ import annotations

import click

from ..config.handbook import handbook_of
from ..config.registry import Registry
from ..config.schema import write_schema


@click.command()
@click.option("--markdown", is_flag=True, help="Print a page for people, in Markdown.")
def schema(markdown: bool) -> None:
    """Print the JSON Schema of configurations.

    It has the types of asynclog and of installed plug-ins.  An editor that knows it completes and
    checks a configuration while it is written.

    \b
    Examples:
      asynclog schema > asynclog.schema.json
      asynclog schema --markdown | less
    """  # noqa: D301 - click wants the backspace itself
    registry = Registry()
    click.echo(handbook_of(registry) if markdown else write_schema(registry), nl=False)
