"""The command `asynclog` with all its subcommands."""

from __future__ import annotations

import click

from .._version import __version__
from .check import check
from .demo import demo
from .events import events
from .gather import gather
from .pipe import pipe
from .schema import schema


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 done, 1 something was lost or not found, 2 wrong use.",
)
@click.version_option(__version__, prog_name="asynclog")
def app() -> None:
    """Asyncio-native logging: grouped by task, structured, accounted for line by line."""


app.add_command(check)
app.add_command(demo)
app.add_command(events)
app.add_command(gather)
app.add_command(pipe)
app.add_command(schema)
